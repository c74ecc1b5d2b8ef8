// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "field.h"
#include "path.h"
#include "select.h"
#include "text.h"

/* Nobody waits for longer, nor can every clock. */
#define IDLE_MAX	INT_MAX

const struct option select_options[SELECT_OPTIONS] = {
	{ "initiator", required_argument, NULL, OPTION_INITIATOR },
	{ "target", required_argument, NULL, OPTION_TARGET },
	{ "tpg", required_argument, NULL, OPTION_TPG },
	{ "acl", required_argument, NULL, OPTION_ACL },
	{ "sid", required_argument, NULL, OPTION_SID },
	{ "peer", required_argument, NULL, OPTION_PEER },
	{ "portal", required_argument, NULL, OPTION_PORTAL },
	{ "chap-user", required_argument, NULL, OPTION_CHAP_USER },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "all", no_argument, NULL, OPTION_ALL },
	{ "older-than", required_argument, NULL, OPTION_OLDER_THAN },
	{ "idle", required_argument, NULL, OPTION_IDLE },
};

/* Case does not matter in iSCSI names: RFC 3722. */
static bool is_name(const struct condition *condition, const char *name)
{
	return strlen(name) == condition->length &&
	       !strncasecmp(name, condition->text, condition->length);
}

static bool is_initiator(const struct condition *condition,
			 const struct session *session)
{
	return is_name(condition, session->info.initiator_name);
}

static bool lacks_flag(const struct condition *condition,
		       const struct session *session)
{
	return !(session->info.flags & condition->number);
}

static bool is_like_initiator(const struct condition *condition,
			      const struct session *session)
{
	return !fnmatch(condition->text, session->info.initiator_name,
			FNM_CASEFOLD);
}

static bool is_target(const struct condition *condition,
		      const struct session *session)
{
	return is_name(condition, session->info.target_name);
}

static bool is_like_target(const struct condition *condition,
			   const struct session *session)
{
	return !fnmatch(condition->text, session->info.target_name,
			FNM_CASEFOLD);
}

static bool is_tpg(const struct condition *condition,
		   const struct session *session)
{
	return session->info.tpgt == condition->number;
}

static bool is_sid(const struct condition *condition,
		   const struct session *session)
{
	return session->info.sid == condition->number;
}

static bool is_peer(const struct condition *condition,
		    const struct session *session)
{
	struct address peer;

	return address_parse(session->info.peer_address, &peer) &&
	       address_matches(&condition->address, &peer);
}

static bool is_portal(const struct condition *condition,
		      const struct session *session)
{
	struct address portal;

	return address_parse(session->info.portal_address, &portal) &&
	       address_matches(&condition->address, &portal);
}

static bool is_chap_user(const struct condition *condition,
			 const struct session *session)
{
	return !strcmp(session->info.chap_user, condition->text);
}

static bool is_state(const struct condition *condition,
		     const struct session *session)
{
	return session_is_in(session, condition->text);
}

static bool is_older(const struct condition *condition,
		     const struct session *session)
{
	return session->age >= condition->number;
}

static struct condition *add(struct selector *selector, condition_test *holds)
{
	struct condition *condition = &selector->conditions[selector->count++];

	condition->holds = holds;
	return condition;
}

static void add_text(struct selector *selector, condition_test *holds,
		     const char *text, size_t length)
{
	struct condition *condition = add(selector, holds);

	condition->text = text;
	condition->length = length;
}

static bool add_pattern(struct selector *selector, condition_test *holds,
			const char *pattern)
{
	add_text(selector, holds, pattern, strlen(pattern));
	return *pattern;
}

static bool add_path(struct selector *selector, const char *s, bool acl)
{
	struct path path;

	if (!path_parse(s, &path) || acl != !!path.initiator)
		return false;
	add_text(selector, is_target, path.target, path.target_length);
	if (path.has_tpgt)
		add(selector, is_tpg)->number = path.tpgt;
	if (!acl)
		return true;
	add_text(selector, is_initiator, path.initiator, path.initiator_length);
	/* No path leads to an ACL that LIO made up. */
	add(selector, lacks_flag)->number = ISCSITGT_SPT_FLAG_DEMO_ACL;
	return true;
}

/* No iSCSI name has a slash. */
static bool add_target(struct selector *selector, const char *s)
{
	return *s == '/' ? add_path(selector, s, false) :
			   add_pattern(selector, is_like_target, s);
}

static bool add_tpg(struct selector *selector, const char *s)
{
	__u16 tpgt;

	if (!path_parse_tpgt(s, strlen(s), &tpgt))
		return false;
	add(selector, is_tpg)->number = tpgt;
	return true;
}

static bool add_sid(struct selector *selector, const char *s)
{
	return text_to_number(s, &add(selector, is_sid)->number);
}

static bool add_state(struct selector *selector, const char *s)
{
	add_text(selector, is_state, s, strlen(s));
	return state_is_known(s);
}

static bool add_option(struct selector *selector, int opt, const char *s)
{
	switch (opt) {
	case OPTION_INITIATOR:
		return add_pattern(selector, is_like_initiator, s);
	case OPTION_TARGET:
		return add_target(selector, s);
	case OPTION_TPG:
		return add_tpg(selector, s);
	case OPTION_ACL:
		return add_path(selector, s, true);
	case OPTION_SID:
		return add_sid(selector, s);
	case OPTION_PEER:
		return address_parse_network(s, &add(selector, is_peer)->address);
	case OPTION_PORTAL:
		return address_parse(s, &add(selector, is_portal)->address);
	case OPTION_CHAP_USER:
		return add_pattern(selector, is_chap_user, s);
	case OPTION_STATE:
		return add_state(selector, s);
	case OPTION_OLDER_THAN:
		return text_to_seconds(s, &add(selector, is_older)->number);
	case OPTION_IDLE:
		return text_to_seconds(s, &selector->idle) &&
		       selector->idle && selector->idle <= IDLE_MAX;
	default:
		return true;
	}
}

static unsigned int bit_of(int opt)
{
	return 1U << (opt - OPTION_SELECT_FIRST);
}

static const char *name_of(int opt)
{
	const struct option *option = select_options;

	while (option->val != opt)
		option++;
	return option->name;
}

int select_option(const struct command *command, struct selector *selector,
		  int opt)
{
	/* Reported already. */
	if (opt < OPTION_SELECT_FIRST || opt > OPTION_SELECT_LAST)
		return EXIT_USAGE;
	if (selector->given & bit_of(opt))
		return report_misuse(command, "option '--%s' is given twice",
				     name_of(opt));
	selector->given |= bit_of(opt);
	if (!add_option(selector, opt, optarg))
		return report_misuse(command, "'%s' is nothing for '--%s'",
				     optarg, name_of(opt));
	return EXIT_DONE;
}

int select_check_operands(const struct command *command,
			  const struct selector *selector, int operands)
{
	if (!operands && !selector->given)
		return report_misuse(command, "missing cookie or selector");
	if (operands && selector->given)
		return report_misuse(command,
				     "cookies or selectors, not both");
	return EXIT_DONE;
}

bool select_is_all(const struct selector *selector)
{
	return selector->given == bit_of(OPTION_ALL);
}

bool select_matches(const struct selector *selector,
		    const struct session *session)
{
	size_t i;

	for (i = 0; i < selector->count; i++)
		if (!selector->conditions[i].holds(&selector->conditions[i],
						   session))
			return false;
	return true;
}

/* Keeps the order. */
static size_t keep_matching(const struct selector *selector,
			    struct session *sessions, size_t count)
{
	size_t kept = 0, i;

	for (i = 0; i < count; i++)
		if (select_matches(selector, &sessions[i]))
			sessions[kept++] = sessions[i];
	return kept;
}

static bool still_matches(const struct selector *selector,
			  const struct session *then, const struct session *now)
{
	if (!select_matches(selector, now))
		return false;
	return !selector->idle ||
	       (!now->info.commands &&
		now->info.command_pdus == then->info.command_pdus);
}

int select_again(int fd, const struct selector *selector,
		 struct session *sessions, size_t *count)
{
	struct session now;
	size_t kept = 0, i;
	int err;

	for (i = 0; i < *count; i++) {
		err = session_fetch(fd, sessions[i].info.it_nexus_handle, &now);
		if (err && err != -ENOENT)
			return err;
		if (!err && still_matches(selector, &sessions[i], &now))
			sessions[kept++] = now;
	}
	*count = kept;
	return 0;
}

int select_fetch(int fd, const struct selector *selector,
		 struct session **sessions, size_t *count)
{
	struct timespec idle = { .tv_sec = selector->idle };
	int err;

	err = session_fetch_all(fd, sessions, count);
	if (err)
		return err;
	*count = keep_matching(selector, *sessions, *count);
	if (!selector->idle || !*count)
		return 0;
	while (nanosleep(&idle, &idle) && errno == EINTR)
		;
	err = select_again(fd, selector, *sessions, count);
	if (err)
		free(*sessions);
	return err;
}
