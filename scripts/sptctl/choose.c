// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "choose.h"
#include "device.h"
#include "table.h"
#include "text.h"

int choose_option(const struct command *command, struct choice *choice, int opt)
{
	switch (opt) {
	case OPTION_DRY_RUN:
		choice->dry_run = true;
		return EXIT_DONE;
	case OPTION_YES:
		choice->yes = true;
		return EXIT_DONE;
	default:
		return select_option(command, &choice->selector, opt);
	}
}

int choose_check(const struct command *command, const struct choice *choice,
		 char **operands, size_t count, __u64 *cookies)
{
	int code = select_check_operands(command, &choice->selector, count);
	size_t i;

	if (code)
		return code;
	for (i = 0; i < count; i++)
		if (!text_to_cookie(operands[i], &cookies[i]))
			return report_misuse(command, "'%s' is no cookie",
					     operands[i]);
	if (select_is_all(&choice->selector) && !choice->yes && !choice->dry_run)
		return report_misuse(command, "--all alone needs --yes");
	return EXIT_DONE;
}

int choose_cookies(int fd, const __u64 *cookies, size_t count,
		   struct session *sessions, size_t *found)
{
	int code = EXIT_DONE, err;
	size_t i;

	*found = 0;
	for (i = 0; i < count; i++) {
		err = session_fetch(fd, cookies[i], &sessions[*found]);
		if (!err)
			(*found)++;
		else
			code = worse(code, report_session(cookies[i], err));
	}
	return code;
}

static bool says_yes(void)
{
	char answer[8];

	return fgets(answer, sizeof(answer), stdin) &&
	       (!strcasecmp(answer, "y\n") || !strcasecmp(answer, "yes\n"));
}

static bool is_agreed(const char *verb, const struct session *sessions,
		      size_t count)
{
	/* What was typed before is no answer. */
	tcflush(STDIN_FILENO, TCIFLUSH);
	table_print(stderr, false, sessions, count);
	fprintf(stderr, "%s %s%zu session%s? [y/N] ", verb,
		count == 1 ? "this " : "these ", count, count == 1 ? "" : "s");
	return says_yes();
}

static int agree(int fd, const struct choice *choice, const char *verb,
		 struct session *sessions, size_t *count)
{
	int err;

	if (!*count)
		return report_no_match();
	if (choice->dry_run) {
		table_print(stdout, false, sessions, *count);
		*count = 0;
		return EXIT_DONE;
	}
	/* Without a terminal there is nobody to ask. */
	if (choice->yes || !isatty(STDIN_FILENO))
		return EXIT_DONE;
	if (!is_agreed(verb, sessions, *count))
		return report_failure("nothing was stopped");
	/* The answer may have taken long. */
	err = select_again(fd, &choice->selector, sessions, count);
	if (err)
		return report_device("cannot list the sessions", err);
	return *count ? EXIT_DONE : report_no_match();
}

int choose_selected(int fd, const struct choice *choice, const char *verb,
		    struct session **sessions, size_t *count)
{
	int err = select_fetch(fd, &choice->selector, sessions, count);
	int code;

	if (err)
		return report_device("cannot list the sessions", err);
	code = agree(fd, choice, verb, *sessions, count);
	if (code)
		free(*sessions);
	return code;
}
