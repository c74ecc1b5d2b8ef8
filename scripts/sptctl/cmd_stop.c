// SPDX-License-Identifier: GPL-2.0
/*
 * All ends are begun before any is waited for, and all waits share one
 * deadline: a session that is stuck takes nothing from the others but time
 * in which they end by themselves.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "deadline.h"
#include "device.h"
#include "sptctl.h"
#include "text.h"

#define DEFAULT_TIMEOUT	30

/* @err: of the last spt_stop(); -EINPROGRESS: begun, not yet ended */
struct stop {
	__u64 cookie;
	int err;
};

static const struct option options[] = {
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

/*
 * Only for an end that was begun here: so a session that is not there any
 * more has ended.  EINTR comes without Ctrl-C too, from a stop and continue.
 */
static int wait_for_end(int fd, __u64 cookie, __u64 deadline)
{
	int err;

	do {
		err = spt_stop(fd, cookie, deadline_seconds(deadline));
	} while (err == -EINTR);

	if (err == -ENOENT)
		return 0;
	return err == -EINPROGRESS ? -ETIMEDOUT : err;
}

static int tell(const struct stop *stop)
{
	char about[sizeof("0x0123456789abcdef")];

	snprintf(about, sizeof(about), "0x%016llx", stop->cookie);
	if (stop->err && stop->err != -EINPROGRESS)
		return report_device(about, stop->err);
	printf("%s %s\n", about, stop->err ? "begun" : "ended");
	return EXIT_DONE;
}

/* What needs somebody to act comes first. */
static int worse(int a, int b)
{
	static const int rank[] = {
		[EXIT_DONE] = 0,
		[EXIT_NO_SESSION] = 1,
		[EXIT_STILL_THERE] = 2,
		[EXIT_FAILED] = 3,
	};

	return rank[a] > rank[b] ? a : b;
}

static void begin_all(int fd, struct stop *stops, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		stops[i].err = spt_stop(fd, stops[i].cookie,
					ISCSITGT_SPT_TIMEOUT_START_ONLY);
}

static int finish(int fd, struct stop *stop, __u64 deadline, bool wait)
{
	if (stop->err == -EINPROGRESS && wait)
		stop->err = wait_for_end(fd, stop->cookie, deadline);
	return tell(stop);
}

static int stop_all(struct stop *stops, size_t count, __u32 timeout)
{
	bool wait = timeout != ISCSITGT_SPT_TIMEOUT_START_ONLY;
	__u64 deadline = deadline_after(timeout);
	int code = EXIT_DONE;
	size_t i;
	int fd;

	fd = spt_open();
	if (fd < 0)
		return report_open(fd);
	/* Each line when it is true, also into a pipe. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	begin_all(fd, stops, count);
	for (i = 0; i < count; i++)
		code = worse(code, finish(fd, &stops[i], deadline, wait));
	close(fd);
	return code;
}

static bool is_known(const struct stop *stops, size_t count, __u64 cookie)
{
	while (count--)
		if (stops[count].cookie == cookie)
			return true;
	return false;
}

/* A repeated cookie counts once: by its second turn it may be gone. */
static size_t parse_operands(char **operands, struct stop *stops)
{
	size_t count = 0;
	__u64 cookie;

	for (; *operands; operands++) {
		if (!text_to_cookie(*operands, &cookie)) {
			report_misuse(&command_stop, "'%s' is no cookie", *operands);
			return 0;
		}
		if (!is_known(stops, count, cookie))
			stops[count++].cookie = cookie;
	}
	return count;
}

static int stop_operands(int argc, char **argv, __u32 timeout)
{
	struct stop *stops;
	int code = EXIT_USAGE;
	size_t count;

	if (optind == argc)
		return report_misuse(&command_stop, "missing cookie");
	stops = xcalloc(argc - optind, sizeof(*stops));
	count = parse_operands(argv + optind, stops);
	if (count)
		code = stop_all(stops, count, timeout);
	free(stops);
	return code;
}

static int run(int argc, char **argv)
{
	__u32 timeout = DEFAULT_TIMEOUT;
	int opt;

	while ((opt = command_option(&command_stop, argc, argv)) != -1) {
		switch (opt) {
		case OPTION_TIMEOUT:
			if (text_to_timeout(optarg, &timeout))
				break;
			return report_misuse(&command_stop,
					       "'%s' is no timeout", optarg);
		case OPTION_HELP:
			return command_help(&command_stop);
		default:
			return EXIT_USAGE;
		}
	}
	return stop_operands(argc, argv, timeout);
}

const struct command command_stop = {
	.name = "stop",
	.synopsis = "[--timeout SECONDS] COOKIE...",
	.summary = "End sessions, and wait until they have left LIO.",
	.help =
"COOKIE is decimal, or 0x and hexadecimal, as 'sptctl list' prints it.\n"
"\n"
"  --timeout SECONDS  wait that long for all of them together; 30 if not given,\n"
"                     0 to begin and not wait, 'none' to wait without limit\n"
"  -h, --help         print this\n"
"\n"
"All ends are begun first. Prints 'COOKIE ended', or 'COOKIE begun' with a\n"
"timeout of 0. What was begun goes on after the deadline and after Ctrl-C.\n"
"The initiator may log in again at once, as a new session.\n"
"\n"
"Exit codes, the first that is true of any of the sessions:\n"
"  1  failed\n"
"  4  still ending at the deadline\n"
"  3  there was no such session\n"
"  0  all have ended, or begun to end with a timeout of 0\n",
	.options = options,
	.run = run,
};
