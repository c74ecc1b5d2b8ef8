// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "hold.h"
#include "json.h"
#include "text.h"

/**
 * struct hold_options - what was asked for
 * @hold: its names and seconds
 * @json: print JSON
 */
struct hold_options {
	struct iscsitgt_spt_hold hold;
	bool json;
};

static const struct option options[] = {
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "target", required_argument, NULL, OPTION_TARGET },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

int hold_seconds(const struct command *command, const char *text, __u32 *seconds)
{
	__u64 value;

	if (!text_to_seconds(text, &value) || !value)
		return report_misuse(command, "'%s' is nothing for '--for'", text);
	if (value > ISCSITGT_SPT_HOLD_MAX_SECONDS)
		return report_misuse(command, "'%s' is more than a day", text);
	*seconds = value;
	return EXIT_DONE;
}

/* A mistyped one would keep out nobody, and say nothing of it. */
static bool is_iscsi_name(const char *name)
{
	return !strncasecmp(name, "iqn.", 4) || !strncasecmp(name, "eui.", 4) ||
	       !strncasecmp(name, "naa.", 4);
}

static bool set_name(char *name, const char *text)
{
	size_t length = strlen(text);

	if (length >= ISCSITGT_SPT_NAME_LENGTH)
		return false;
	memcpy(name, text, length + 1);
	return true;
}

static struct json_object *hold_to_json(const struct iscsitgt_spt_hold *hold)
{
	struct json_object *object = json_new_object();

	json_add(object, "initiator_name", json_text(hold->initiator_name));
	json_add(object, "target_name", json_text(hold->target_name));
	json_add(object, "seconds", json_object_new_uint64(hold->seconds));
	return object;
}

static void print_hold(const struct iscsitgt_spt_hold *hold)
{
	char *initiator = text_to_word(hold->initiator_name);
	char *target = text_to_word(hold->target_name);
	char *left = text_age(hold->seconds);

	printf("%-8s  %s  %s\n", left, initiator, *hold->target_name ? target : "*");
	free(initiator);
	free(target);
	free(left);
}

static int report_hold(const char *initiator, int err)
{
	switch (err) {
	case -ENOENT:
		report_failure("%s: there is no such hold", initiator);
		return EXIT_NO_SESSION;
	default:
		return report_device(initiator, err);
	}
}

/* Each lift moves those behind it, so one may be missed, but none told twice. */
static int list_all(int fd, bool json)
{
	struct json_object *array = json ? json_new_array() : NULL;
	struct iscsitgt_spt_hold hold;
	__u32 index;
	int err;

	for (index = 0; ; index++) {
		err = spt_hold_get(fd, index, &hold);
		if (err)
			break;
		if (json)
			json_append(array, hold_to_json(&hold));
		else if (!index)
			printf("%-8s  %s  %s\n", "LEFT", "INITIATOR", "TARGET");
		if (!json)
			print_hold(&hold);
	}
	if (json)
		json_print(array);
	return err == -ENOENT ? EXIT_DONE : report_device("cannot list the holds", err);
}

static int change(int fd, __u32 operation, struct hold_options *wanted)
{
	struct iscsitgt_spt_hold *hold = &wanted->hold;
	int err = spt_hold_change(fd, operation, hold);

	if (err)
		return report_hold(hold->initiator_name, err);
	if (wanted->json)
		json_print(hold_to_json(hold));
	return EXIT_DONE;
}

static int list(int fd, struct hold_options *wanted)
{
	return list_all(fd, wanted->json);
}

static int add(int fd, struct hold_options *wanted)
{
	return change(fd, ISCSITGT_SPT_HOLD_SET, wanted);
}

static int lift(int fd, struct hold_options *wanted)
{
	return change(fd, ISCSITGT_SPT_HOLD_LIFT, wanted);
}

/* @operands: how many it takes.  @takes_for: it takes and needs --for */
static const struct action {
	const char *name;
	int operands;
	bool takes_for;
	int (*run)(int fd, struct hold_options *wanted);
} actions[] = {
	{ "list", 0, false, list },
	{ "add", 1, true, add },
	{ "lift", 1, false, lift },
};

static const struct action *find_action(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	return NULL;
}

static int check(const struct action *action, char **operands, int count,
		 struct hold_options *wanted)
{
	if (count < action->operands)
		return report_misuse(&command_hold, "missing initiator");
	if (count > action->operands)
		return report_misuse(&command_hold, "extra operand '%s'",
				     operands[action->operands]);
	if (action->takes_for && !wanted->hold.seconds)
		return report_misuse(&command_hold, "missing --for");
	if (!action->takes_for && wanted->hold.seconds)
		return report_misuse(&command_hold, "'%s' takes no '--for'",
				     action->name);
	if (!action->operands && *wanted->hold.target_name)
		return report_misuse(&command_hold, "'%s' takes no '--target'",
				     action->name);
	if (!action->operands)
		return EXIT_DONE;
	if (!set_name(wanted->hold.initiator_name, operands[0]) ||
	    (action->takes_for && !is_iscsi_name(operands[0])))
		return report_misuse(&command_hold, "'%s' is no iSCSI name",
				     operands[0]);
	return EXIT_DONE;
}

static int set_option(struct hold_options *wanted, int opt)
{
	switch (opt) {
	case OPTION_FOR:
		return hold_seconds(&command_hold, optarg, &wanted->hold.seconds);
	case OPTION_TARGET:
		if (set_name(wanted->hold.target_name, optarg) &&
		    is_iscsi_name(optarg))
			return EXIT_DONE;
		return report_misuse(&command_hold, "'%s' is no iSCSI name", optarg);
	case OPTION_JSON:
		wanted->json = true;
		return EXIT_DONE;
	default:
		return EXIT_USAGE;
	}
}

static int open_and_run(const struct action *action, struct hold_options *wanted)
{
	int fd, code;

	fd = spt_open_to_ask();
	if (fd < 0)
		return report_open(fd);
	code = action->run(fd, wanted);
	close(fd);
	return code;
}

static int run(int argc, char **argv)
{
	struct hold_options wanted = {};
	const struct action *action;
	int opt, code;

	while ((opt = command_option(&command_hold, argc, argv)) != -1) {
		if (opt == OPTION_HELP)
			return command_help(&command_hold);
		code = set_option(&wanted, opt);
		if (code)
			return code;
	}
	if (optind == argc)
		return report_misuse(&command_hold, "missing list, add or lift");
	action = find_action(argv[optind]);
	if (!action)
		return report_misuse(&command_hold, "'%s' is none of list, add and lift",
				     argv[optind]);
	code = check(action, argv + optind + 1, argc - optind - 1, &wanted);
	return code ? code : open_and_run(action, &wanted);
}

const struct command command_hold = {
	.name = "hold",
	.synopsis = "list | add INITIATOR --for TIME | lift INITIATOR [OPTION...]",
	.summary = "Show, set and lift the holds by which initiators are kept out.",
	.help =
"list shows who is kept out, of which target, and for how long from now on. add\n"
"keeps an initiator out, or changes for how long; sessions that it has stay, see\n"
"'sptctl evict'. lift lets it in again. INITIATOR is an iSCSI name; upper case is\n"
"lower case.\n"
"\n"
"  --for TIME      with add: that long from now on: 90s, 10m, 2h, at most 1d\n"
"  --target IQN    with add and lift: the hold is of this target; if not given,\n"
"                  of every target\n"
"  --json          print an array, or with add and lift an object\n"
"  -h, --help      print this\n"
"\n"
"Holds are in the kernel's memory only, and gone when the module is unloaded.\n"
"\n"
"Exit codes:\n"
"  0  done\n"
"  1  failed\n"
"  3  there is no such hold\n",
	.options = options,
	.run = run,
};
