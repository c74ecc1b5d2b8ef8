// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "device.h"
#include "print.h"
#include "sptctl.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static int list_all(bool json)
{
	struct session *sessions;
	size_t count;
	int fd, err;

	fd = spt_open();
	if (fd < 0)
		return report_open(fd);
	err = session_fetch_all(fd, &sessions, &count);
	close(fd);
	if (err)
		return report_device("cannot list the sessions", err);

	if (json)
		print_json_list(sessions, count);
	else
		print_table(sessions, count);
	free(sessions);
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	bool json = false;
	int opt;

	while ((opt = command_option(&command_list, argc, argv)) != -1) {
		switch (opt) {
		case OPTION_JSON:
			json = true;
			break;
		case OPTION_HELP:
			return command_help(&command_list);
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return report_misuse(&command_list, "extra operand '%s'",
				       argv[optind]);
	return list_all(json);
}

const struct command command_list = {
	.name = "list",
	.synopsis = "[--json]",
	.summary = "List the iSCSI sessions of all targets, the oldest first.",
	.help =
"  --json      print an array of objects, one for each session\n"
"  -h, --help  print this\n"
"\n"
"STATE is one of\n"
"  active       its first connection is logging in\n"
"  logged-in    full feature phase\n"
"  failed       it has no connection left and waits for Time2Retain\n"
"  in-continue  a new connection is continuing it\n"
"  free         closed, LIO is releasing it\n"
"  ending       somebody is ending it, whichever of these it is in\n"
"  unknown      a state that this sptctl does not know\n"
"What cannot be printed is shown as \\xNN, a backslash as \\\\, nothing as -.\n"
"\n"
"In JSON the cookie is a string, because many readers keep only 53 bits of a\n"
"number. \"state\" is never \"ending\": that is a member of its own. \"login_time\"\n"
"is in ns of CLOCK_BOOTTIME. A byte that is not UTF-8 becomes U+FFFD.\n",
	.options = options,
	.run = run,
};
