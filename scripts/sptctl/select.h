/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which sessions are meant: conditions that a session must all meet.  list,
 * info, stop and watch take the same ones.
 */
#ifndef SPTCTL_SELECT_H
#define SPTCTL_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"
#include "session.h"
#include "sptctl.h"

/* For a command's help. */
#define SELECT_HELP \
"SELECTOR, all of which a session has to meet; each may be given once:\n" \
"  --initiator NAME      its initiator: a shell pattern, upper case is lower case\n" \
"  --target NAME         its target: the same, or a path /iscsi/IQN[/tpgN], as\n" \
"                        targetcli and, with another beginning, configfs have it\n" \
"  --tpg N               its target portal group tag\n" \
"  --acl PATH            its ACL: a path /iscsi/IQN/tpgN/acls/IQN\n" \
"  --sid N               its LIO session ID, as targetcli's 'sessions' prints it;\n" \
"                        each target portal group counts its own\n" \
"  --peer ADDR[/PREFIX]  its initiator's IPv4 or IPv6 address or network\n" \
"  --portal ADDR[:PORT]  where it came in; brackets around IPv6 with a port\n" \
"  --chap-user NAME      the user name it authenticated by, exactly\n" \
"  --state STATE         a state as in the list\n"
#define SELECT_HELP_OF_A_MOMENT \
"  --older-than TIME     it logged in that long ago or earlier: 90s, 10m, 2h, 3d\n" \
"  --idle TIME           no SCSI command comes for that long, from now on, and\n" \
"                        none is in hand: this takes that long\n"
#define SELECT_HELP_ALL \
"  --all                 every session\n"

struct condition;

typedef bool condition_test(const struct condition *condition,
			    const struct session *session);

/**
 * struct condition - one of them
 * @holds: whether a session meets it
 * @text: what it is compared to, of the command line
 * @length: of @text
 * @number: or this
 * @address: or this
 */
struct condition {
	condition_test *holds;
	const char *text;
	size_t length;
	__u64 number;
	struct address address;
};

/**
 * struct selector - what was asked for; all zero for every session
 * @given: a bit for each option that was given
 * @idle: seconds, if --idle was given
 * @count: of @conditions
 * @conditions: --acl has four
 */
struct selector {
	unsigned int given;
	__u64 idle;
	size_t count;
	struct condition conditions[16];
};

/* Those of a moment come last. */
#define SELECT_OPTIONS		12
#define SELECT_OPTIONS_LASTING	10
extern const struct option select_options[SELECT_OPTIONS];

/* EXIT_DONE, or EXIT_USAGE after a report; also for an option of others. */
int select_option(const struct command *command, struct selector *selector,
		  int opt);

/* Either a selector or cookies: EXIT_DONE, or EXIT_USAGE after a report. */
int select_check_operands(const struct command *command,
			  const struct selector *selector, int operands);

/* --all, and nothing that would leave any out. */
bool select_is_all(const struct selector *selector);

/* By all but --idle. */
bool select_matches(const struct selector *selector,
		    const struct session *session);

/*
 * Those of all sessions that match, the oldest first; free() them.  Waits as long
 * as --idle asks for.  A negative errno of device.h.
 */
int select_fetch(int fd, const struct selector *selector,
		 struct session **sessions, size_t *count);

/* Leaves out those that are gone, or do not match any more. */
int select_again(int fd, const struct selector *selector,
		 struct session *sessions, size_t *count);

#endif
