// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "choose.h"
#include "device.h"
#include "evict.h"
#include "hold.h"
#include "table.h"
#include "text.h"

#define DEFAULT_TIMEOUT	30

static const struct option options[] = {
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "all-targets", no_argument, NULL, OPTION_ALL_TARGETS },
	{ "notify", no_argument, NULL, OPTION_NOTIFY },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "yes", no_argument, NULL, OPTION_YES },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static int evict_cookies(int fd, const struct choice *choice, const __u64 *cookies,
			 size_t count, const struct evict_options *wanted)
{
	struct session *sessions = xcalloc(count, sizeof(*sessions));
	size_t found;
	int code;

	code = choose_cookies(fd, cookies, count, sessions, &found);
	if (found && choice->dry_run)
		table_print(stdout, false, sessions, found);
	else if (!choice->dry_run)
		code = worse(code, evict_all(fd, sessions, found, wanted));
	free(sessions);
	return code;
}

static int evict_selected(int fd, const struct choice *choice,
			  const struct evict_options *wanted)
{
	struct session *sessions;
	size_t count;
	int code;

	code = choose_selected(fd, choice, "Evict the initiators of", &sessions,
			       &count);
	if (code)
		return code;
	if (count)
		code = evict_all(fd, sessions, count, wanted);
	free(sessions);
	return code;
}

static int evict(const struct choice *choice, const __u64 *cookies, size_t count,
		 const struct evict_options *wanted)
{
	int fd, code;

	fd = spt_open_to_ask();
	if (fd < 0)
		return report_open(fd);
	code = count ? evict_cookies(fd, choice, cookies, count, wanted) :
		       evict_selected(fd, choice, wanted);
	close(fd);
	return code;
}

static int set_option(struct choice *choice, struct evict_options *wanted, int opt)
{
	switch (opt) {
	case OPTION_FOR:
		return hold_seconds(&command_evict, optarg, &wanted->seconds);
	case OPTION_ALL_TARGETS:
		wanted->flags |= ISCSITGT_SPT_EVICT_EVERY_TARGET;
		return EXIT_DONE;
	case OPTION_NOTIFY:
		wanted->flags |= ISCSITGT_SPT_EVICT_NOTIFY;
		return EXIT_DONE;
	case OPTION_JSON:
		wanted->json = true;
		return EXIT_DONE;
	case OPTION_TIMEOUT:
		if (text_to_timeout(optarg, &wanted->timeout))
			return EXIT_DONE;
		return report_misuse(&command_evict, "'%s' is no timeout", optarg);
	default:
		return choose_option(&command_evict, choice, opt);
	}
}

static int run(int argc, char **argv)
{
	struct evict_options wanted = { .timeout = DEFAULT_TIMEOUT };
	struct choice choice = {};
	__u64 *cookies;
	size_t count;
	int opt, code;

	while ((opt = command_option(&command_evict, argc, argv)) != -1) {
		if (opt == OPTION_HELP)
			return command_help(&command_evict);
		code = set_option(&choice, &wanted, opt);
		if (code)
			return code;
	}
	if (!wanted.seconds)
		return report_misuse(&command_evict, "missing --for");
	count = argc - optind;
	cookies = xcalloc(count, sizeof(*cookies));
	code = choose_check(&command_evict, &choice, argv + optind, count, cookies);
	if (!code)
		code = evict(&choice, cookies, count, &wanted);
	free(cookies);
	return code;
}

const struct command command_evict = {
	.name = "evict",
	.synopsis = "--for TIME [OPTION...] COOKIE... | SELECTOR...",
	.summary = "End all sessions of an initiator, and keep it out for a while.",
	.help =
"COOKIE is decimal, or 0x and hexadecimal, as 'sptctl list' prints it.\n"
"\n"
"  --for TIME            refuse its logins for that long from now on: 90s, 10m,\n"
"                        2h, at most 1d\n"
"  --all-targets         at every target, not only at the session's\n"
"  --notify              tell it first: it is asked to wait for that long, and\n"
"                        has 3 seconds to log out\n"
"  --timeout SECONDS     wait that long for all of them together; 30 if not\n"
"                        given, 0 to begin and not wait, 'none' to wait without\n"
"                        limit\n"
"  --json                print an array at the end\n"
"  --dry-run             list the sessions that are meant, and do nothing\n"
"  --yes                 do not ask; with selectors and a terminal for its input\n"
"                        it asks\n"
"  -h, --help            print this\n"
"\n"
SELECT_HELP
SELECT_HELP_OF_A_MOMENT
SELECT_HELP_ALL
"                        if nothing else is given, only with --yes\n"
"\n"
"Each initiator of these sessions is evicted once: all sessions that it has at\n"
"that target end, whether they were selected or not. Prints 'COOKIE evicted' when\n"
"none is left and none can come before the time is over, or 'COOKIE begun' with a\n"
"timeout of 0; with --notify also 'notified' or 'not-notified'. What was begun\n"
"goes on after the deadline and after Ctrl-C. 'sptctl hold' shows who is kept\n"
"out, and lets in again.\n"
"\n"
"Exit codes, the first that is true of any of them:\n"
"  1  failed, or the answer was not yes\n"
"  4  not done at the deadline\n"
"  3  there was no such session\n"
"  0  all are evicted, or being evicted with a timeout of 0\n",
	.options = options,
	.selects = SELECTS_ANY,
	.run = run,
};
