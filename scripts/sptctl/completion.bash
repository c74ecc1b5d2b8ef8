# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of sptctl(8) for bash, with bash-completion.

_sptctl_fields="cookie state note initiator_name target_name tpgt peer_address
	chap_user connections commands age_seconds login_at it_nexus
	portal_address tpg_path acl_path acl_tag demo_acl discovery iser ending
	ending_seconds isid tsih sid error_recovery_level time2retain
	time2retain_left connection_states login_time command_pdus
	response_pdus rx_bytes tx_bytes"
_sptctl_states="active logged-in failed in-continue free ending stuck unknown"

# A field of the sessions there are. Initiators choose their names: one that the
# shell would do something with must not get into a line.
_sptctl_values()
{
	sptctl list --format "$1" 2>/dev/null |
		LC_ALL=C grep -x '[][A-Za-z0-9.,:/_-]*' | grep -vxe - |
		LC_ALL=C sort -u
}

# Those that begin as the word does. Not by compgen -W, which would expand them.
_sptctl_offer()
{
	local value

	for value; do
		[[ $value != "$cur"* ]] || COMPREPLY+=("$value")
	done
	__ltrim_colon_completions "$cur"
}

_sptctl_offer_values()
{
	local values

	mapfile -t values < <(_sptctl_values "$1")
	_sptctl_offer "${values[@]}"
}

# Paths only where one has begun, as they would hide the names.
_sptctl_offer_targets()
{
	if [[ $cur == /* ]]; then
		_sptctl_offer_values tpg_path
	else
		_sptctl_offer_values target_name
	fi
}

# Networks have no ports.
_sptctl_offer_peers()
{
	local values

	mapfile -t values < <(_sptctl_values peer_address |
			      sed 's/:[0-9]*$//; s/[][]//g' | LC_ALL=C sort -u)
	_sptctl_offer "${values[@]}"
}

# Each once, after those that are there.
_sptctl_offer_fields()
{
	local before field fields=()

	before=${cur%"${cur##*,}"}
	for field in $_sptctl_fields; do
		[[ ,$before == *,$field,* ]] || fields+=("$before$field")
	done
	_sptctl_offer "${fields[@]}"
	compopt -o nospace
}

# Is there a word before the cursor like this?
_sptctl_has()
{
	local i

	for ((i = 2; i < cword; i++)); do
		# shellcheck disable=SC2053 # a pattern
		[[ ${words[i]} != $1 ]] || return 0
	done
	return 1
}

# Not those that are there already.
_sptctl_offer_cookies()
{
	local cookie cookies=()

	while read -r cookie; do
		_sptctl_has "$cookie" || cookies+=("$cookie")
	done < <(_sptctl_values cookie)
	_sptctl_offer "${cookies[@]}"
}

# Whether a cookie may be the next operand. Whoever selects gives none.
_sptctl_wants_cookie()
{
	local option

	case ${words[1]} in
	stop | evict)
		;;
	info | wait)
		! _sptctl_has '0x*' || return 1 ;;
	*)	return 1 ;;
	esac
	for option in $1; do
		! _sptctl_has "$option" && ! _sptctl_has "$option=*" || return 1
	done
}

# What hold does, and then whom it may do that to.
_sptctl_offer_hold()
{
	local values

	case ${words[2]} in
	"$cur")	_sptctl_offer list add lift ;;
	add)	_sptctl_has 'iqn.*' || _sptctl_offer_values initiator_name ;;
	lift)	_sptctl_has 'iqn.*' && return
		mapfile -t values < <(sptctl hold list 2>/dev/null |
				      awk 'NR > 1 { print $2 }' |
				      LC_ALL=C grep -x '[][A-Za-z0-9.,:/_-]*' |
				      LC_ALL=C sort -u)
		_sptctl_offer "${values[@]}" ;;
	esac
}

# Each once.
_sptctl_offer_options()
{
	local option options=()

	for option in $1; do
		_sptctl_has "$option" || _sptctl_has "$option=*" ||
			options+=("$option")
	done
	_sptctl_offer "${options[@]}"
}

_sptctl()
{
	# shellcheck disable=SC2034 # split is for _init_completion
	local cur prev words cword split
	local selectors="--initiator --target --tpg --acl --sid --peer --portal
		--chap-user --state --all"
	local options

	_init_completion -s -n : || return

	if ((cword == 1)); then
		_sptctl_offer list info stop evict hold watch wait status \
			--help --version
		return
	fi

	# shellcheck disable=SC2086 # words
	case $prev in
	--format)	_sptctl_offer_fields; return ;;
	--initiator)	_sptctl_offer_values initiator_name; return ;;
	--target)	_sptctl_offer_targets; return ;;
	--tpg)		_sptctl_offer_values tpgt; return ;;
	--acl)		_sptctl_offer_values acl_path; return ;;
	--sid)		_sptctl_offer_values sid; return ;;
	--peer)		_sptctl_offer_peers; return ;;
	--portal)	_sptctl_offer_values portal_address; return ;;
	--chap-user)	_sptctl_offer_values chap_user; return ;;
	--state)	_sptctl_offer $_sptctl_states; return ;;
	--timeout | --older-than | --idle | --for)
			return ;;
	esac

	case ${words[1]} in
	list | info | stop | evict)
		selectors+=" --older-than --idle" ;;
	esac
	case ${words[1]} in
	list)	options="--wide --json --format $selectors" ;;
	info)	options="--json $selectors" ;;
	stop)	options="--timeout --dry-run --yes $selectors" ;;
	evict)	options="--for --all-targets --notify --timeout --json --dry-run
			--yes $selectors" ;;
	hold)	options="--for --target --json" ;;
	watch)	options="--json --once $selectors" ;;
	wait)	options="--timeout" ;;
	status)	options="--json" ;;
	*)	return ;;
	esac
	if [[ ${words[1]} = hold && $cur != -* ]]; then
		_sptctl_offer_hold
	elif [[ $cur != -* ]] && _sptctl_wants_cookie "$selectors"; then
		_sptctl_offer_cookies
	elif [[ ! $cur || $cur == -* ]]; then
		_sptctl_offer_options "$options --help"
	fi
}

complete -F _sptctl sptctl
