// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "device.h"
#include "select.h"
#include "stop.h"
#include "table.h"
#include "text.h"

#define DEFAULT_TIMEOUT	30

/**
 * struct stop_options - what to stop, and how
 * @timeout: as &srb_io_control.timeout
 * @dry_run: show them only
 * @yes: do not ask
 * @selector: which sessions, if any was given
 */
struct stop_options {
	__u32 timeout;
	bool dry_run;
	bool yes;
	struct selector selector;
};

static const struct option options[] = {
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "yes", no_argument, NULL, OPTION_YES },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

/* 0: all of them are cookies */
static int parse_operands(char **operands, struct stop *stops)
{
	for (; *operands; operands++, stops++)
		if (!text_to_cookie(*operands, &stops->cookie))
			return report_misuse(&command_stop, "'%s' is no cookie",
					     *operands);
	return EXIT_DONE;
}

/* Those that are gone are left out, and told. */
static int fetch_stops(int fd, const struct stop *stops, size_t count,
		       struct session *sessions, size_t *found)
{
	int code = EXIT_DONE, err;
	size_t i;

	*found = 0;
	for (i = 0; i < count; i++) {
		err = session_fetch(fd, stops[i].cookie, &sessions[*found]);
		if (!err)
			(*found)++;
		else
			code = worse(code, report_session(stops[i].cookie, err));
	}
	return code;
}

static int show_operands(int fd, const struct stop *stops, size_t count)
{
	struct session *sessions = xcalloc(count, sizeof(*sessions));
	size_t found;
	int code;

	code = fetch_stops(fd, stops, count, sessions, &found);
	if (found)
		table_print(stdout, false, sessions, found);
	free(sessions);
	return code;
}

static int open_and_stop(const struct stop_options *wanted, struct stop *stops,
			 size_t count)
{
	int fd, code;

	fd = spt_open();
	if (fd < 0)
		return report_open(fd);
	code = wanted->dry_run ?
	       show_operands(fd, stops, count) :
	       stop_all(fd, stops, count, wanted->timeout, false);
	close(fd);
	return code;
}

static int stop_operands(const struct stop_options *wanted, char **operands,
			 size_t count)
{
	struct stop *stops = xcalloc(count, sizeof(*stops));
	int code;

	code = parse_operands(operands, stops);
	if (!code)
		code = open_and_stop(wanted, stops, stop_sort(stops, count));
	free(stops);
	return code;
}

static bool says_yes(void)
{
	char answer[8];

	return fgets(answer, sizeof(answer), stdin) &&
	       (!strcasecmp(answer, "y\n") || !strcasecmp(answer, "yes\n"));
}

static bool is_agreed(const struct session *sessions, size_t count)
{
	/* What was typed before is no answer. */
	tcflush(STDIN_FILENO, TCIFLUSH);
	table_print(stderr, false, sessions, count);
	fprintf(stderr, "End %s%zu session%s? [y/N] ", count == 1 ? "this " : "these ",
		count, count == 1 ? "" : "s");
	return says_yes();
}

static int stop_now(const struct stop_options *wanted, int fd,
		    const struct session *sessions, size_t count)
{
	struct stop *stops;
	size_t i;
	int code;

	if (!count)
		return report_no_match();
	stops = xcalloc(count, sizeof(*stops));
	for (i = 0; i < count; i++)
		stops[i].cookie = sessions[i].info.it_nexus_handle;
	code = stop_all(fd, stops, stop_sort(stops, count), wanted->timeout, true);
	free(stops);
	return code;
}

static int stop_sessions(const struct stop_options *wanted, int fd,
			 struct session *sessions, size_t count)
{
	int err;

	if (!count)
		return report_no_match();
	if (wanted->dry_run) {
		table_print(stdout, false, sessions, count);
		return EXIT_DONE;
	}
	/* Without a terminal there is nobody to ask. */
	if (wanted->yes || !isatty(STDIN_FILENO))
		return stop_now(wanted, fd, sessions, count);
	if (!is_agreed(sessions, count))
		return report_failure("nothing was stopped");
	/* The answer may have taken long. */
	err = select_again(fd, &wanted->selector, sessions, &count);
	if (err)
		return report_device("cannot list the sessions", err);
	return stop_now(wanted, fd, sessions, count);
}

static int stop_selected(const struct stop_options *wanted)
{
	struct session *sessions;
	size_t count;
	int fd, err, code;

	fd = spt_open();
	if (fd < 0)
		return report_open(fd);
	err = select_fetch(fd, &wanted->selector, &sessions, &count);
	if (err) {
		close(fd);
		return report_device("cannot list the sessions", err);
	}
	code = stop_sessions(wanted, fd, sessions, count);
	close(fd);
	free(sessions);
	return code;
}

static int set_option(struct stop_options *wanted, int opt)
{
	switch (opt) {
	case OPTION_TIMEOUT:
		if (text_to_timeout(optarg, &wanted->timeout))
			return EXIT_DONE;
		return report_misuse(&command_stop, "'%s' is no timeout", optarg);
	case OPTION_DRY_RUN:
		wanted->dry_run = true;
		return EXIT_DONE;
	case OPTION_YES:
		wanted->yes = true;
		return EXIT_DONE;
	default:
		return select_option(&command_stop, &wanted->selector, opt);
	}
}

static int run(int argc, char **argv)
{
	struct stop_options wanted = { .timeout = DEFAULT_TIMEOUT };
	int opt, code;

	while ((opt = command_option(&command_stop, argc, argv)) != -1) {
		if (opt == OPTION_HELP)
			return command_help(&command_stop);
		code = set_option(&wanted, opt);
		if (code)
			return code;
	}
	code = select_check_operands(&command_stop, &wanted.selector,
				     argc - optind);
	if (code)
		return code;
	if (optind < argc)
		return stop_operands(&wanted, argv + optind, argc - optind);
	if (select_is_all(&wanted.selector) && !wanted.yes && !wanted.dry_run)
		return report_misuse(&command_stop, "--all alone needs --yes");
	return stop_selected(&wanted);
}

const struct command command_stop = {
	.name = "stop",
	.synopsis = "[--timeout SECONDS] [--dry-run] [--yes] COOKIE... | SELECTOR...",
	.summary = "End sessions, and wait until they have left LIO.",
	.help =
"COOKIE is decimal, or 0x and hexadecimal, as 'sptctl list' prints it.\n"
"\n"
"  --timeout SECONDS     wait that long for all of them together; 30 if not\n"
"                        given, 0 to begin and not wait, 'none' to wait without\n"
"                        limit\n"
"  --dry-run             list those that would be ended, and end nothing\n"
"  --yes                 do not ask; with selectors and a terminal for its input\n"
"                        it asks\n"
"  -h, --help            print this\n"
"\n"
SELECT_HELP
SELECT_HELP_OF_A_MOMENT
SELECT_HELP_ALL
"                        if nothing else is given, only with --yes\n"
"\n"
"All ends are begun at once. Prints 'COOKIE ended' as each session ends, or\n"
"'COOKIE begun' with a timeout of 0; with selectors also how many there were, as\n"
"an error message. What was begun goes on after the deadline and after Ctrl-C.\n"
"The initiator may log in again at once, as a new session, which is not among\n"
"those selected.\n"
"\n"
"Exit codes, the first that is true of any of the sessions:\n"
"  1  failed, or the answer was not yes\n"
"  4  still ending at the deadline\n"
"  3  there was no such session\n"
"  0  all have ended, or begun to end with a timeout of 0\n",
	.options = options,
	.selects = SELECTS_ANY,
	.run = run,
};
