// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../usage.h"
#include "storm.h"

static const char usage[] =
"Usage: storm --portal ADDR:PORT... --target IQN [OPTION]...\n"
"\n"
"Log in and out at random, then tell of every session, in the order of the\n"
"logins: INITIATOR ISID TSIH logout|drop|reinstated|live\n"
"\n"
"  --portal ADDR:PORT  IPv4; those of several TPGs are taken in turn\n"
"  --initiators K      iqn.2026-11.com.example:storm-0 and so on (8)\n"
"  --sessions N        logins in all (100)\n"
"  --concurrent C      sessions at once, at most (32)\n"
"  --linger-ms A-B     how long each stays logged in (0-200)\n"
"  --pause MS          from one login to the next, at least (0)\n"
"  --end WAY,...       how they end; what is there twice is twice as likely:\n"
"                      logout, or drop, the connection is closed, which LIO\n"
"                      takes 2 s to see, or stopped, they wait for the target\n"
"                      to end them, which it may do before as well (logout)\n"
"  --reinstate PERCENT of the logins take over the ISID of a live session (0)\n"
"  --no-ping           do not wait until LIO has registered the session\n"
"  --leave L           sessions, any of them, that stay: \"ready\" is said when\n"
"                      only they are left, and they log out as soon as stdin\n"
"                      has something or ends (0)\n"
"  --log FILE          for the sessions and the summary instead of stdout\n"
"  --seed S            of all that is random\n"
"\n"
"The exit status is 1 when the target refuses something, closes a connection\n"
"that it should not, or does nothing for 60 s; 2 for a bad option.\n";

struct options options = {
	.initiators = 8, .sessions = 100, .concurrent = 32, .linger_max = 200,
	.end_count = 1,
};

const char * const end_names[] = {
	[END_LOGOUT] = "logout",
	[END_DROP] = "drop",
	[END_STOPPED] = "stopped",
	[END_REINSTATED] = "reinstated",
	[END_LIVE] = "live",
};

static void add_portal(const char *text)
{
	struct portal *portal = &options.portals[options.portal_count++];
	const char *port = strchr(text, ':');
	char host[16];

	if (options.portal_count > 64)
		bad_usage("too many portals");
	if (!port || port - text >= (int)sizeof(host))
		bad_usage("--portal is ADDR:PORT");
	*stpncpy(host, text, port - text) = 0;
	portal->name = text;
	portal->address.sin_family = AF_INET;
	portal->address.sin_port = htons(to_number(port + 1, 65535));
	if (inet_pton(AF_INET, host, &portal->address.sin_addr) != 1)
		bad_usage("--portal is ADDR:PORT");
}

static void set_ends(char *text)
{
	char *name;
	int end;

	options.end_count = 0;
	while ((name = strsep(&text, ","))) {
		for (end = 0; strcmp(name, end_names[end]); end++) {
			if (end == END_STOPPED)
				bad_usage("there is no --end %s", name);
		}
		if (options.end_count == 16)
			bad_usage("too many ends");
		options.ends[options.end_count++] = end;
		options.stopped |= end == END_STOPPED;
	}
}

static void set_linger(char *text)
{
	char *max = strchr(text, '-');

	if (max)
		*max++ = 0;
	options.linger_min = to_number(text, 3600000);
	options.linger_max = max ? to_number(max, 3600000) : 0;
	if (options.linger_min > options.linger_max)
		bad_usage("--linger-ms is A-B");
}

/* Those that are a number, in the order of the table below. */
static const struct {
	unsigned int *value, max;
} numbers[] = {
	{ &options.initiators, 1000000 },
	{ &options.sessions, 0xffffff },
	{ &options.concurrent, 30000 },
	{ &options.pause, 3600000 },
	{ &options.reinstate, 100 },
	{ &options.leave, 30000 },
	{ &options.seed, ~0U },
};

static const struct option table[] = {
	{ "initiators", required_argument, NULL, 0 },
	{ "sessions", required_argument, NULL, 0 },
	{ "concurrent", required_argument, NULL, 0 },
	{ "pause", required_argument, NULL, 0 },
	{ "reinstate", required_argument, NULL, 0 },
	{ "leave", required_argument, NULL, 0 },
	{ "seed", required_argument, NULL, 0 },
	{ "portal", required_argument, NULL, 'p' },
	{ "target", required_argument, NULL, 't' },
	{ "linger-ms", required_argument, NULL, 'l' },
	{ "end", required_argument, NULL, 'e' },
	{ "no-ping", no_argument, NULL, 'n' },
	{ "log", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void set_option(int option, int index, char *text)
{
	switch (option) {
	case 0:
		*numbers[index].value = to_number(text, numbers[index].max);
		break;
	case 'p':
		add_portal(text);
		break;
	case 't':
		options.target = text;
		break;
	case 'l':
		set_linger(text);
		break;
	case 'e':
		set_ends(text);
		break;
	case 'n':
		options.no_ping = true;
		break;
	case 'o':
		options.log = text;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default:
		exit(2);
	}
}

void parse_options(int argc, char **argv)
{
	int option, index;

	while ((option = getopt_long(argc, argv, "h", table, &index)) != -1)
		set_option(option, index, optarg);
	if (optind < argc)
		bad_usage("what is \"%s\"", argv[optind]);
	if (!options.portal_count || !options.target)
		bad_usage("--portal and --target are needed");
	if (strlen(options.target) > 223)
		bad_usage("no target has such a name");
	if (!options.initiators || !options.sessions || !options.concurrent)
		bad_usage("there is nothing to do");
	/* Those that stay may be the first, and must leave room for others. */
	if (options.leave > options.sessions ||
	    options.leave > options.concurrent ||
	    (options.leave == options.concurrent &&
	     options.leave < options.sessions))
		bad_usage("--leave is too much");
}
