// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "../usage.h"
#include "fuzz.h"

static const char usage[] =
"Usage: fuzz --victim PREFIX --stuck PREFIX [OPTION]...\n"
"\n"
"Call /dev/iscsitgt_spt in every wrong way, and see that each answer is the one\n"
"that the uapi header promises.  Closes with a table of them.\n"
"\n"
"  --victim PREFIX  initiators whose sessions may be ended; some have to be there,\n"
"                   and to come back\n"
"  --stuck PREFIX   initiators whose sessions may be ended, but do not end\n"
"  --calls N        in all (1000000)\n"
"  --seed S         of all that is random (0)\n"
"  --threads T      that call, next to those that are in their way (4)\n"
"\n"
"No other session may end, and at least one has to be there.  The exit status is\n"
"1 for a wrong answer, or when some right ones were never had in as many as\n"
"150,000 calls; 2 for a bad option.\n";

struct options options = {
	.calls = 1000000, .threads = 4,
};

static const struct option table[] = {
	{ "victim", required_argument, NULL, 'v' },
	{ "stuck", required_argument, NULL, 'k' },
	{ "calls", required_argument, NULL, 'c' },
	{ "seed", required_argument, NULL, 's' },
	{ "threads", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void set_option(int option, const char *text)
{
	switch (option) {
	case 'v':
		options.victim = text;
		break;
	case 'k':
		options.stuck = text;
		break;
	case 'c':
		options.calls = to_number(text, 1ULL << 40);
		break;
	case 's':
		options.seed = to_number(text, ~0ULL >> 1);
		break;
	case 't':
		options.threads = to_number(text, 32);
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
	int option;

	while ((option = getopt_long(argc, argv, "h", table, NULL)) != -1)
		set_option(option, optarg);
	if (optind < argc)
		bad_usage("there are no arguments");
	if (!options.victim || !options.stuck)
		bad_usage("--victim and --stuck are needed");
	if (!options.threads || !options.calls)
		bad_usage("there is nothing to do");
}
