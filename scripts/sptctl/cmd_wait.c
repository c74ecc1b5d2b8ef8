// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "deadline.h"
#include "device.h"
#include "event.h"
#include "reader.h"
#include "sptctl.h"
#include "text.h"

static const struct option options[] = {
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{}
};

/*
 * -ENOENT: there is no such session, and was none.  A session that is not there
 * any more after a loss has ended, and the STOP that told why is what was lost.
 */
static int wait_for_stop(int fd, __u64 cookie, __u64 deadline, __u32 *cause)
{
	bool was_there = false, there = false;
	struct reader reader;
	union record record;
	int err = 0;

	*cause = ISCSITGT_SPT_END_UNKNOWN;
	reader_init(&reader, fd);
	while (!err) {
		err = reader_next(&reader, &record);
		if (err == -EPIPE) {
			was_there |= there;
			there = false;
			err = 0;
		} else if (err == -EAGAIN && there) {
			err = spt_wait(fd, -1, deadline);
		} else if (err == -EAGAIN) {
			return was_there ? 0 : -ENOENT;
		} else if (!err && record_is_start(&record)) {
			there |= record.start.it_nexus_handle == cookie;
		} else if (!err && record.stop.it_nexus_handle == cookie) {
			*cause = record.header.return_code;
			return there ? 0 : -EPROTO;
		}
	}
	return err;
}

static int wait_for(__u64 cookie, __u32 timeout)
{
	__u64 deadline = deadline_after(timeout);
	__u32 cause;
	int fd, err;

	fd = spt_open();
	if (fd < 0)
		return report_open(fd);
	err = wait_for_stop(fd, cookie, deadline, &cause);
	close(fd);
	if (err == -ETIMEDOUT) {
		report_failure("0x%016llx: not ended at the deadline", cookie);
		return EXIT_STILL_THERE;
	}
	if (err)
		return report_session(cookie, err);

	printf("0x%016llx ended %s\n", cookie, cause_word(cause));
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	__u32 timeout = ISCSITGT_SPT_TIMEOUT_NONE;
	__u64 cookie;
	int opt;

	while ((opt = command_option(&command_wait, argc, argv)) != -1) {
		switch (opt) {
		case OPTION_TIMEOUT:
			if (text_to_timeout(optarg, &timeout))
				break;
			return report_misuse(&command_wait,
					       "'%s' is no timeout", optarg);
		case OPTION_HELP:
			return command_help(&command_wait);
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return report_misuse(&command_wait, "missing cookie");
	if (optind + 1 < argc)
		return report_misuse(&command_wait, "extra operand '%s'",
				       argv[optind + 1]);
	if (!text_to_cookie(argv[optind], &cookie))
		return report_misuse(&command_wait, "'%s' is no cookie",
				     argv[optind]);
	return wait_for(cookie, timeout);
}

const struct command command_wait = {
	.name = "wait",
	.synopsis = "[--timeout SECONDS] COOKIE",
	.summary = "Wait until a session has left LIO, and do nothing to it.",
	.help =
"COOKIE is decimal, or 0x and hexadecimal, as 'sptctl list' prints it.\n"
"\n"
"  --timeout SECONDS  wait that long; without limit if not given or 'none',\n"
"                     0 to look only\n"
"  -h, --help         print this\n"
"\n"
"Prints 'COOKIE ended CAUSE'; 'sptctl watch --help' tells what CAUSE can be.\n"
"\n"
"Exit codes:\n"
"  0  it has ended\n"
"  1  failed\n"
"  3  there was no such session\n"
"  4  still there at the deadline\n",
	.options = options,
	.run = run,
};
