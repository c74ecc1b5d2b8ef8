// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "choose.h"
#include "device.h"
#include "stop.h"
#include "table.h"
#include "text.h"

#define DEFAULT_TIMEOUT	30

/**
 * struct stop_options - what to stop, and how
 * @timeout: as &srb_io_control.timeout
 * @choice: which
 */
struct stop_options {
	__u32 timeout;
	struct choice choice;
};

static const struct option options[] = {
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "yes", no_argument, NULL, OPTION_YES },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static int show_cookies(int fd, const __u64 *cookies, size_t count)
{
	struct session *sessions = xcalloc(count, sizeof(*sessions));
	size_t found;
	int code;

	code = choose_cookies(fd, cookies, count, sessions, &found);
	if (found)
		table_print(stdout, false, sessions, found);
	free(sessions);
	return code;
}

static int stop_cookies(const struct stop_options *wanted, int fd,
			const __u64 *cookies, size_t count, bool summary)
{
	struct stop *stops = xcalloc(count, sizeof(*stops));
	size_t i;
	int code;

	for (i = 0; i < count; i++)
		stops[i].cookie = cookies[i];
	code = stop_all(fd, stops, stop_sort(stops, count), wanted->timeout,
			summary);
	free(stops);
	return code;
}

static int stop_selected(const struct stop_options *wanted, int fd)
{
	struct session *sessions;
	__u64 *cookies;
	size_t count, i;
	int code;

	code = choose_selected(fd, &wanted->choice, "End", &sessions, &count);
	if (code)
		return code;
	cookies = xcalloc(count, sizeof(*cookies));
	for (i = 0; i < count; i++)
		cookies[i] = sessions[i].info.it_nexus_handle;
	if (count)
		code = stop_cookies(wanted, fd, cookies, count, true);
	free(cookies);
	free(sessions);
	return code;
}

static int stop(const struct stop_options *wanted, const __u64 *cookies,
		size_t count)
{
	int fd, code;

	fd = spt_open_to_ask();
	if (fd < 0)
		return report_open(fd);
	if (!count)
		code = stop_selected(wanted, fd);
	else if (wanted->choice.dry_run)
		code = show_cookies(fd, cookies, count);
	else
		code = stop_cookies(wanted, fd, cookies, count, false);
	close(fd);
	return code;
}

static int set_option(struct stop_options *wanted, int opt)
{
	if (opt != OPTION_TIMEOUT)
		return choose_option(&command_stop, &wanted->choice, opt);
	if (text_to_timeout(optarg, &wanted->timeout))
		return EXIT_DONE;
	return report_misuse(&command_stop, "'%s' is no timeout", optarg);
}

static int run(int argc, char **argv)
{
	struct stop_options wanted = { .timeout = DEFAULT_TIMEOUT };
	__u64 *cookies;
	size_t count;
	int opt, code;

	while ((opt = command_option(&command_stop, argc, argv)) != -1) {
		if (opt == OPTION_HELP)
			return command_help(&command_stop);
		code = set_option(&wanted, opt);
		if (code)
			return code;
	}
	count = argc - optind;
	cookies = xcalloc(count, sizeof(*cookies));
	code = choose_check(&command_stop, &wanted.choice, argv + optind, count,
			    cookies);
	if (!code)
		code = stop(&wanted, cookies, count);
	free(cookies);
	return code;
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
