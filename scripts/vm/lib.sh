# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the scripts of this folder, and by scripts/deb.

vm=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck disable=SC2034 # for those who source this
top=$(realpath "$vm/../..")
cache=$(realpath -m "${VM_CACHE:-$top/build/vm/cache}")

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# cached KIND INPUTS FUNCTION: print the folder that FUNCTION fills, run in it
# only when INPUTS or FUNCTION itself changed. A finished folder gets its name
# by a rename, so one that was interrupted is never taken for it.
cached()
{
	local kind=$1 inputs=$2 build=$3
	local dir tmp=$cache/$kind.tmp log=$cache/$kind.log

	dir=$cache/$kind-$({ echo "$inputs"; declare -f "$build"; } |
			   sha256sum | cut -c1-16)
	mkdir -p "$cache"
	exec {lock}>"$cache/$kind.lock"
	flock "$lock"
	if [ ! -d "$dir" ]; then
		echo "building $kind, log in $log" >&2
		rm -rf "$tmp"
		mkdir "$tmp"
		# A trap, because "|| die" would switch off set -e inside.
		trap 'tail -n 20 "$log" >&2; die "cannot build $kind"' EXIT
		(cd "$tmp" && "$build") >"$log" 2>&1
		trap - EXIT
		rm -rf "${cache:?}/$kind"-*
		mv "$tmp" "$dir"
	fi
	exec {lock}>&-
	echo "$dir"
}
