// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <unistd.h>

#include "device.h"
#include "print.h"
#include "sptctl.h"
#include "text.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static int info(const char *operand, __u64 cookie, bool json)
{
	struct session session;
	int fd, err;

	fd = spt_open();
	if (fd < 0)
		return report_open(fd);
	err = session_fetch(fd, cookie, &session);
	close(fd);
	if (err)
		return report_device(operand, err);

	if (json)
		print_json_info(&session);
	else
		print_info(&session);
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	bool json = false;
	__u64 cookie;
	int opt;

	while ((opt = command_option(&command_info, argc, argv)) != -1) {
		switch (opt) {
		case OPTION_JSON:
			json = true;
			break;
		case OPTION_HELP:
			return command_help(&command_info);
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return report_misuse(&command_info, "missing cookie");
	if (optind + 1 < argc)
		return report_misuse(&command_info, "extra operand '%s'",
				       argv[optind + 1]);
	if (!text_to_cookie(argv[optind], &cookie))
		return report_misuse(&command_info, "'%s' is no cookie",
				     argv[optind]);
	return info(argv[optind], cookie, json);
}

const struct command command_info = {
	.name = "info",
	.synopsis = "[--json] COOKIE",
	.summary = "Show everything known of one session.",
	.help =
"COOKIE is decimal, or 0x and hexadecimal, as 'sptctl list' prints it.\n"
"\n"
"  --json      print an object; 'sptctl list --help' describes its members\n"
"  -h, --help  print this\n",
	.options = options,
	.run = run,
};
