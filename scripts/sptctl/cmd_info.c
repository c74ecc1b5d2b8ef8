// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "device.h"
#include "print.h"
#include "select.h"
#include "text.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static int info(int fd, const char *operand, __u64 cookie, bool json)
{
	struct session session;
	int err;

	err = session_fetch(fd, cookie, &session);
	if (err)
		return report_device(operand, err);
	if (json)
		print_json_info(&session);
	else
		print_info(&session);
	return EXIT_DONE;
}

static int info_selected(int fd, const struct selector *selector, bool json)
{
	struct session *sessions;
	size_t count;
	int err;

	err = select_fetch(fd, selector, &sessions, &count);
	if (err)
		return report_device("cannot list the sessions", err);
	if (!count) {
		free(sessions);
		return report_no_match();
	}
	if (json)
		print_json_list(sessions, count);
	else
		print_infos(sessions, count);
	free(sessions);
	return EXIT_DONE;
}

/* @operand: NULL if a selector was given */
static int open_and_info(const char *operand, const struct selector *selector,
			 bool json)
{
	__u64 cookie;
	int fd, code;

	if (operand && !text_to_cookie(operand, &cookie))
		return report_misuse(&command_info, "'%s' is no cookie", operand);
	fd = spt_open_to_ask();
	if (fd < 0)
		return report_open(fd);
	code = operand ? info(fd, operand, cookie, json) :
			 info_selected(fd, selector, json);
	close(fd);
	return code;
}

static int run(int argc, char **argv)
{
	struct selector selector = {};
	bool json = false;
	int opt, code;

	while ((opt = command_option(&command_info, argc, argv)) != -1) {
		if (opt == OPTION_HELP)
			return command_help(&command_info);
		code = EXIT_DONE;
		if (opt == OPTION_JSON)
			json = true;
		else
			code = select_option(&command_info, &selector, opt);
		if (code)
			return code;
	}
	code = select_check_operands(&command_info, &selector, argc - optind);
	if (code)
		return code;
	if (optind + 1 < argc)
		return report_misuse(&command_info, "extra operand '%s'",
				     argv[optind + 1]);
	return open_and_info(argv[optind], &selector, json);
}

const struct command command_info = {
	.name = "info",
	.synopsis = "[--json] COOKIE | SELECTOR...",
	.summary = "Show everything known of one session, or of those selected.",
	.help =
"COOKIE is decimal, or 0x and hexadecimal, as 'sptctl list' prints it.\n"
"\n"
"  --json                print an object, or an array of those selected; 'sptctl\n"
"                        list --help' describes the members\n"
"  -h, --help            print this\n"
"\n"
SELECT_HELP
SELECT_HELP_OF_A_MOMENT
SELECT_HELP_ALL
"\n"
"\"Doing\" tells in plain words what the session is doing, or what an end waits\n"
"for. \"Commands in hand\" are those that LIO has taken and not yet let go of.\n",
	.options = options,
	.selects = SELECTS_ANY,
	.run = run,
};
