// SPDX-License-Identifier: GPL-2.0
/* The command line, and what --help says. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tests/usage.h"
#include "load.h"

static const char usage[] =
"Usage: load --portal ADDR:PORT --target IQN --initiator IQN --sessions N\n"
"            [--targets M] [--logins L]\n"
"\n"
"Hold N iSCSI sessions, and log them in and out as told on stdin.  Session I,\n"
"from 0 on, is of the initiator IQN:I.\n"
"\n"
"  --portal ADDR:PORT  IPv4\n"
"  --target IQN        all sessions are with it\n"
"  --targets M         session I is with the target IQN:J, J = I modulo M\n"
"  --initiator IQN     I is appended, with a colon\n"
"  --sessions N        logins in all\n"
"  --logins L          under way at a time, at most (64)\n"
"\n"
"Each line of stdin is a command, carried out when the one before it has been\n"
"answered.  The answer is a line on stdout:\n"
"\n"
"  fill     log in what is not logged in, until all are: full N SECONDS\n"
"  logout   log out all, and wait for the target to close the connections:\n"
"           empty SECONDS\n"
"  cycle K  log in and out session N, one more, K times, one after the other:\n"
"           cycles K NANOSECONDS NANOSECONDS..., those in all and of each, from\n"
"           the begin of the login to the answer to the logout\n"
"  count    sessions K, so many are logged in as far as known\n"
"\n"
"Instead, the answer is \"failed I TEXT\" if 30 s of trying did not log session\n"
"I in, or a logout is not answered in 30 s, or a session of cycle fails, which\n"
"is not tried again.  At the end of stdin the connections are closed without a\n"
"logout.\n"
"\n"
"The exit status is 2 for a bad option or an unknown command.\n";

struct options options = {
	.logins = 64,
};

static void set_portal(const char *text)
{
	const char *port = strchr(text, ':');
	struct in_addr address;
	char host[16];

	if (!port || port - text >= (int)sizeof(host))
		bad_usage("--portal is ADDR:PORT");
	*stpncpy(host, text, port - text) = 0;
	if (!to_number(port + 1, 65535) ||
	    inet_pton(AF_INET, host, &address) != 1)
		bad_usage("--portal is ADDR:PORT");
	options.portal = text;
}

/* Those that are a number, in the order of the table below. */
static const struct {
	unsigned int *value, max;
} numbers[] = {
	{ &options.sessions, 60000 },
	{ &options.targets, 1000000 },
	{ &options.logins, 60000 },
};

static const struct option table[] = {
	{ "sessions", required_argument, NULL, 0 },
	{ "targets", required_argument, NULL, 0 },
	{ "logins", required_argument, NULL, 0 },
	{ "portal", required_argument, NULL, 'p' },
	{ "target", required_argument, NULL, 't' },
	{ "initiator", required_argument, NULL, 'i' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void set_number(int index, const char *text)
{
	*numbers[index].value = to_number(text, numbers[index].max);
	if (!*numbers[index].value)
		bad_usage("--%s is 1 at least", table[index].name);
}

static void set_option(int option, int index, char *text)
{
	switch (option) {
	case 0:
		set_number(index, text);
		break;
	case 'p':
		set_portal(text);
		break;
	case 't':
		options.target = text;
		break;
	case 'i':
		options.initiator = text;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default:
		exit(2);
	}
}

/* libiscsi would cut it off. */
static void check_name(const char *name, unsigned int number)
{
	int size = snprintf(NULL, 0, "%s:%u", name, number);

	if (!*name || size > NAME_MAX_BYTES)
		bad_usage("a name has up to %d bytes, with its number",
			  NAME_MAX_BYTES);
}

void parse_options(int argc, char **argv)
{
	int option, index;

	while ((option = getopt_long(argc, argv, "h", table, &index)) != -1)
		set_option(option, index, optarg);
	if (optind < argc)
		bad_usage("what is \"%s\"", argv[optind]);
	if (!options.portal || !options.target || !options.initiator ||
	    !options.sessions)
		bad_usage("--portal, --target, --initiator, --sessions are needed");
	check_name(options.initiator, options.sessions);
	if (options.targets)
		check_name(options.target, options.targets - 1);
	else if (!*options.target || strlen(options.target) > NAME_MAX_BYTES)
		bad_usage("no target has such a name");
}
