// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "device.h"
#include "print.h"
#include "select.h"
#include "table.h"

/**
 * struct list_options - what to list, and how
 * @json: an array of objects
 * @wide: a table with all columns and whole names
 * @format: fields, if there are any
 * @selector: which sessions
 */
struct list_options {
	bool json;
	bool wide;
	struct print_format format;
	struct selector selector;
};

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "wide", no_argument, NULL, OPTION_WIDE },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static void print(const struct list_options *wanted,
		  const struct session *sessions, size_t count)
{
	if (wanted->json)
		print_json_list(sessions, count);
	else if (wanted->format.count)
		print_formatted(&wanted->format, sessions, count);
	else
		table_print(stdout, wanted->wide, sessions, count);
}

static int fetch_and_print(const struct list_options *wanted)
{
	struct session *sessions;
	size_t count;
	int fd, err;

	fd = spt_open_to_ask();
	if (fd < 0)
		return report_open(fd);
	err = select_fetch(fd, &wanted->selector, &sessions, &count);
	close(fd);
	if (err)
		return report_device("cannot list the sessions", err);
	print(wanted, sessions, count);
	free(sessions);
	return EXIT_DONE;
}

static int set_option(struct list_options *wanted, int opt)
{
	switch (opt) {
	case OPTION_JSON:
		wanted->json = true;
		return EXIT_DONE;
	case OPTION_WIDE:
		wanted->wide = true;
		return EXIT_DONE;
	case OPTION_FORMAT:
		if (!wanted->format.count &&
		    print_format_parse(optarg, &wanted->format))
			return EXIT_DONE;
		return report_misuse(&command_list, "'%s' is no list of fields",
				     optarg);
	default:
		return select_option(&command_list, &wanted->selector, opt);
	}
}

static int parse_and_list(struct list_options *wanted, int argc, char **argv)
{
	int opt, code;

	while ((opt = command_option(&command_list, argc, argv)) != -1) {
		if (opt == OPTION_HELP)
			return command_help(&command_list);
		code = set_option(wanted, opt);
		if (code)
			return code;
	}
	if (optind < argc)
		return report_misuse(&command_list, "extra operand '%s'",
				     argv[optind]);
	if (wanted->json + wanted->wide + !!wanted->format.count > 1)
		return report_misuse(&command_list,
				     "only one of --json, --format and --wide");
	return fetch_and_print(wanted);
}

static int run(int argc, char **argv)
{
	struct list_options wanted = {};
	int code = parse_and_list(&wanted, argc, argv);

	free(wanted.format.fields);
	return code;
}

const struct command command_list = {
	.name = "list",
	.synopsis = "[--wide | --json | --format FIELD,...] [SELECTOR...]",
	.summary = "List the iSCSI sessions of all targets, the oldest first.",
	.help =
"  --wide                more columns, and nothing is shortened\n"
"  --json                print an array of objects, one for each session\n"
"  --format FIELD,...    print these fields, with a tab between two\n"
"  -h, --help            print this\n"
"\n"
SELECT_HELP
SELECT_HELP_OF_A_MOMENT
SELECT_HELP_ALL
"\n"
"The table is as wide as the terminal, or 80 columns; names are shortened at\n"
"their beginning to fit. STATE is one of\n"
"  active       its first connection is logging in\n"
"  logged-in    full feature phase\n"
"  failed       it has no connection left and waits for Time2Retain\n"
"  in-continue  a new connection is continuing it\n"
"  free         closed, LIO is releasing it\n"
"  ending       somebody is ending it, whichever of these it is in\n"
"  stuck        the same for ten seconds or more; 'sptctl info' says why\n"
"  unknown      a state that this sptctl does not know\n"
"On a terminal, and without NO_COLOR, a stuck one is red, an ending or failed one\n"
"yellow. What cannot be printed is shown as \\xNN, a backslash as \\\\, nothing\n"
"as -.\n"
"\n"
"FIELD is a member of the JSON objects: cookie, state, note, initiator_name,\n"
"target_name, tpgt, peer_address, chap_user, connections, commands, age_seconds,\n"
"login_at, it_nexus, portal_address, tpg_path, acl_path, acl_tag, demo_acl,\n"
"discovery, iser, ending, ending_seconds, isid, tsih, sid,\n"
"error_recovery_level, time2retain, time2retain_left, connection_states,\n"
"login_time, command_pdus, response_pdus, rx_bytes, tx_bytes. With --format a\n"
"flag is yes or no.\n"
"\n"
"In JSON the cookie is a string, because many readers keep only 53 bits of a\n"
"number. \"state\" is never \"ending\": that is a member of its own. \"login_time\"\n"
"is in ns of CLOCK_BOOTTIME, \"login_at\" ISO 8601. A byte that is not UTF-8\n"
"becomes U+FFFD.\n",
	.options = options,
	.selects = SELECTS_ANY,
	.run = run,
};
