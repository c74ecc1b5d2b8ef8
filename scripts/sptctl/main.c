// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "select.h"

static const struct command *const commands[] = {
	&command_list,
	&command_info,
	&command_stop,
	&command_evict,
	&command_hold,
	&command_watch,
	&command_wait,
	&command_status,
};

static const struct option options[] = {
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{}
};

static const struct command tool = { .options = options };

static void print_usage(FILE *out)
{
	size_t i;

	fputs("usage: sptctl COMMAND [OPTION...]\n"
	      "List, watch and end single sessions of the kernel's iSCSI target, LIO.\n\n",
	      out);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %s %s\n      %s\n", commands[i]->name,
			commands[i]->synopsis, commands[i]->summary);
	fputs("\n"
	      "  -h, --help  print this; 'sptctl COMMAND --help' tells more\n"
	      "  --version   print the version\n"
	      "\n"
	      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such session,\n"
	      "4 still there at the deadline.\n", out);
}

int command_help(const struct command *command)
{
	printf("usage: sptctl %s %s\n%s\n\n%s", command->name,
	       command->synopsis, command->summary, command->help);
	return EXIT_DONE;
}

/* getopt's own messages would call the tool by the subcommand's name. */
static int wrong_option(const struct command *command, int opt, char **argv)
{
	const char *arg = argv[optind - 1];

	if (opt == ':')
		report_misuse(command, "option '%s' needs a value", arg);
	else if (optopt >= OPTION_WRONG)
		report_misuse(command, "option '%s' takes no value", arg);
	else if (optopt)
		report_misuse(command, "unknown option '-%c'", optopt);
	else
		report_misuse(command, "unknown option '%s'", arg);
	return OPTION_WRONG;
}

static struct option *append(struct option *to, const struct option *from,
			     size_t count)
{
	return mempcpy(to, from, count * sizeof(*from));
}

/* With the selectors that it takes; until the next call. */
static const struct option *all_options(const struct command *command)
{
	static struct option all[SELECT_OPTIONS + 9];
	static const size_t selectors[] = {
		[SELECTS_NOTHING] = 0,
		[SELECTS_LASTING] = SELECT_OPTIONS_LASTING,
		[SELECTS_ANY] = SELECT_OPTIONS,
	};
	size_t own = 0;

	while (command->options[own].name)
		own++;
	memset(all, 0, sizeof(all));
	append(append(all, command->options, own), select_options,
	       selectors[command->selects]);
	return all;
}

int command_option(const struct command *command, int argc, char **argv)
{
	/* The tool's own options end where the subcommand begins. */
	const char *letters = command->name ? ":h" : "+:h";
	int opt;

	opterr = 0;
	opt = getopt_long(argc, argv, letters, all_options(command), NULL);
	if (opt == 'h')
		return OPTION_HELP;
	if (opt == '?' || opt == ':')
		return wrong_option(command, opt, argv);
	return opt;
}

static int run_command(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i]->name, argv[0]))
			continue;
		/* Not 1: getopt has to forget the tool's own options. */
		optind = 0;
		return commands[i]->run(argc, argv);
	}
	return report_misuse(&tool, "unknown command '%s'", argv[0]);
}

static int run(int argc, char **argv)
{
	switch (command_option(&tool, argc, argv)) {
	case -1:
		break;
	case OPTION_HELP:
		print_usage(stdout);
		return EXIT_DONE;
	case OPTION_VERSION:
		puts("sptctl " SPTCTL_VERSION);
		return EXIT_DONE;
	default:
		return EXIT_USAGE;
	}
	if (optind >= argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	return run_command(argc - optind, argv + optind);
}

/* A list that did not arrive must not look like a short one. */
int main(int argc, char **argv)
{
	int code;

	/* Which of UTF-8's characters are wide, wherever this is. */
	setlocale(LC_CTYPE, "C.UTF-8");
	code = run(argc, argv);
	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		return report_failure("cannot write the output: %s",
				      errno ? strerror(errno) : "write error");
	return code;
}
