// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "sptctl.h"
#include "sysfs.h"
#include "text.h"

#define VALUE_SIZE	64

/* @name: of the file */
struct status {
	const char *name;
	bool is_text;
};

static const struct status statuses[] = {
	{ "sessions", false },
	{ "stops_done", false },
	{ "stops_begun", false },
	{ "stops_timed_out", false },
	{ "stops_interrupted", false },
	{ "stops_not_found", false },
	{ "holds", false },
	{ "evictions", false },
	{ "logins_refused", false },
	{ "events", false },
	{ "events_dropped", false },
	{ "rescans", false },
	{ "hints", false },
	{ "hints_missed", false },
	{ "noticing", true },
};

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

static int read_value(int directory, const struct status *status, char *value)
{
	int err = sysfs_read(directory, status->name, value, VALUE_SIZE);
	__u64 number;

	if (!err && !status->is_text && !text_to_number(value, &number))
		err = -EPROTO;
	if (err == -EPROTO)
		return report_failure("%s/%s: malformed value",
				      SYSFS_DIRECTORY, status->name);
	if (err)
		return report_failure("%s/%s: %s", SYSFS_DIRECTORY,
				      status->name, strerror(-err));
	return EXIT_DONE;
}

static void print_values(char (*values)[VALUE_SIZE])
{
	int width = 0, len;
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		len = strlen(statuses[i].name);
		width = len > width ? len : width;
	}
	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		text = text_escape(values[i]);
		printf("%-*s  %s\n", width, statuses[i].name, text);
		free(text);
	}
}

static void print_json_values(char (*values)[VALUE_SIZE])
{
	struct json_object *object = json_new_object();
	__u64 number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++)
		if (!statuses[i].is_text && text_to_number(values[i], &number))
			json_add(object, statuses[i].name,
				 json_object_new_uint64(number));
		else
			json_add(object, statuses[i].name, json_text(values[i]));
	json_print(object);
}

static int status(bool json)
{
	char values[ARRAY_SIZE(statuses)][VALUE_SIZE];
	int code = EXIT_DONE;
	int directory;
	size_t i;

	directory = sysfs_open();
	if (directory < 0)
		return report_open(directory);
	for (i = 0; i < ARRAY_SIZE(statuses) && !code; i++)
		code = read_value(directory, &statuses[i], values[i]);
	close(directory);
	if (code)
		return code;

	if (json)
		print_json_values(values);
	else
		print_values(values);
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	bool json = false;
	int opt;

	while ((opt = command_option(&command_status, argc, argv)) != -1) {
		switch (opt) {
		case OPTION_JSON:
			json = true;
			break;
		case OPTION_HELP:
			return command_help(&command_status);
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return report_misuse(&command_status, "extra operand '%s'",
				       argv[optind]);
	return status(json);
}

const struct command command_status = {
	.name = "status",
	.synopsis = "[--json]",
	.summary = "Show what the module tells of itself.",
	.help =
"  --json      print an object\n"
"  -h, --help  print this\n"
"\n"
"The names are those of the files in " SYSFS_DIRECTORY ".\n"
"All are numbers but 'noticing': how starts and ends of sessions are noticed,\n"
"which is one of\n"
"  probes                   by kprobes, as they happen\n"
"  scans: no kprobes        by a look every 100 ms while somebody has the\n"
"                           device open: this kernel offers no kprobes\n"
"  scans: kprobes silenced  the same, because of kernel.ftrace_enabled=0\n"
"  scans: turned off        the same, as the module was loaded with kprobes=N\n",
	.options = options,
	.run = run,
};
