// SPDX-License-Identifier: GPL-2.0
#include "select.h"
#include "watch.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static int set_option(struct watch_options *wanted, int opt)
{
	switch (opt) {
	case OPTION_JSON:
		wanted->json = true;
		return EXIT_DONE;
	case OPTION_ONCE:
		wanted->once = true;
		return EXIT_DONE;
	default:
		return select_option(&command_watch, &wanted->selector, opt);
	}
}

static int run(int argc, char **argv)
{
	struct watch_options wanted = {};
	int opt, code;

	while ((opt = command_option(&command_watch, argc, argv)) != -1) {
		if (opt == OPTION_HELP)
			return command_help(&command_watch);
		code = set_option(&wanted, opt);
		if (code)
			return code;
	}
	if (optind < argc)
		return report_misuse(&command_watch, "extra operand '%s'",
				       argv[optind]);
	return watch(&wanted);
}

const struct command command_watch = {
	.name = "watch",
	.synopsis = "[--json] [--once] [SELECTOR...]",
	.summary = "Tell of every session that starts or ends, as it happens.",
	.help =
"  --json                print an object on each line\n"
"  --once                leave out the live sessions; print one event and exit\n"
"  -h, --help            print this\n"
"\n"
SELECT_HELP
SELECT_HELP_ALL
"A session is told if it is one of these when it is first told of, and then\n"
"its 'stop' is too.\n"
"\n"
"Each line has nine words, with one blank between them:\n"
"  live COOKIE INITIATOR ISID TARGET TPG PEER CHAP-USER REINSTATED\n"
"  start COOKIE INITIATOR ISID TARGET TPG PEER CHAP-USER REINSTATED\n"
"  stop COOKIE INITIATOR ISID TARGET TPG PEER CHAP-USER CAUSE\n"
"  lost - - - - - - - -\n"
"Blanks and what cannot be printed are shown as \\xNN, a backslash as \\\\,\n"
"nothing as -. PEER is an address without port. REINSTATED is yes if the session\n"
"replaced an older one of the same initiator, ISID, target and TPG, or no.\n"
"\n"
"First comes one 'live' for every session there is: until the first line that\n"
"is not 'live', the lines are what there was. A session that starts just then is\n"
"told as 'live' or as 'start', but only once. From then on comes a 'start' for\n"
"each that starts and a 'stop' for each that has left LIO. 'lost' says that the\n"
"lines were not read for so long that events are lost: forget every session, the\n"
"'live' lines begin again.\n"
"\n"
"CAUSE is one of\n"
"  stopped          by 'sptctl stop' or another user of the device\n"
"  logout           the initiator logged out\n"
"  connection-lost  a connection failed, and the session with it\n"
"  reinstated       the initiator logged in again in its place, or the ACL's\n"
"                   queue depth was changed\n"
"  removed          its TPG was disabled or removed, or its ACL removed\n"
"  unknown          the end was not seen, or is none that this sptctl knows\n"
"\n"
"--once prints the first 'start' or 'stop', of the sessions asked for, since it\n"
"began, or a 'lost', which could be any of them. One that starts as it begins may\n"
"be among those that were there. What happens between two calls is told by\n"
"neither.\n"
"\n"
"In JSON \"event\" is the first word; the members that 'sptctl info --json' has\n"
"too are as there, but \"peer_address\" has no port; \"reinstated\" is a boolean,\n"
"\"cause\" a string; \"time\" is when sptctl read it, UTC. 'lost' has but \"event\"\n"
"and \"time\".\n",
	.options = options,
	.selects = SELECTS_LASTING,
	.run = run,
};
