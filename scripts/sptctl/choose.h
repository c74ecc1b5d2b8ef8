/* SPDX-License-Identifier: GPL-2.0 */
/* Whose sessions something is to be done to: by cookies, or by selectors. */
#ifndef SPTCTL_CHOOSE_H
#define SPTCTL_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "select.h"
#include "session.h"

/**
 * struct choice - how they are chosen
 * @dry_run: show them only
 * @yes: do not ask
 * @selector: which sessions, if any was given
 */
struct choice {
	bool dry_run;
	bool yes;
	struct selector selector;
};

/* EXIT_DONE, or EXIT_USAGE after a report; also for an option of others. */
int choose_option(const struct command *command, struct choice *choice, int opt);

/*
 * Cookies or selectors: EXIT_DONE, or EXIT_USAGE after a report.  @operands:
 * what is there of the former; @cookies has room for them.
 */
int choose_check(const struct command *command, const struct choice *choice,
		 char **operands, size_t count, __u64 *cookies);

/* Those of the cookies that are there; the exit code of the others. */
int choose_cookies(int fd, const __u64 *cookies, size_t count,
		   struct session *sessions, size_t *found);

/*
 * Those that are selected and, where somebody can be, agreed to.  @verb: what is
 * done to them.  free() them; EXIT_DONE with none if it is a dry run, which has
 * shown them then.
 */
int choose_selected(int fd, const struct choice *choice, const char *verb,
		    struct session **sessions, size_t *count);

#endif
