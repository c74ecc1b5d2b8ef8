// SPDX-License-Identifier: GPL-2.0
/*
 * Thousands of iSCSI sessions from one process, as load for a target.
 *
 * This waits for commands, and serves the sessions while there is none.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

/* Of files that are no session. */
#define OTHER_FILES	16

void die(const char *format, ...)
{
	va_list args;

	fputs("load: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

__s64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

__s64 now_ms(void)
{
	return now_ns() / 1000000;
}

/* Root may raise the hard limit, too. */
static void raise_file_limit(void)
{
	rlim_t needed = options.sessions + 1 + OTHER_FILES;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		die("getrlimit: %s", strerror(errno));
	if (files.rlim_cur >= needed)
		return;
	files.rlim_cur = needed;
	if (files.rlim_max < needed)
		files.rlim_max = needed;
	if (setrlimit(RLIMIT_NOFILE, &files))
		die("cannot raise the limit of open files to %lu: %s",
		    (unsigned long)needed, strerror(errno));
}

/* epoll does not take a stdin that is a file; poll() takes it and epoll's. */
static void await_stdin(void)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = epoll_fd, .events = POLLIN },
	};

	while (!fds[0].revents) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (fds[1].revents)
			sessions_serve(0);
	}
}

/*
 * Who writes a command writes a whole line at once, so getline() does not keep
 * the sessions waiting.
 */
static void run_commands(void)
{
	size_t size = 0;
	char *line = NULL;

	for (;;) {
		await_stdin();
		if (getline(&line, &size, stdin) < 0)
			break;
		line[strcspn(line, "\n")] = 0;
		run_command(line);
	}
	if (ferror(stdin))
		die("stdin: %s", strerror(errno));
	free(line);
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	raise_file_limit();
	sessions_open();
	/* A line in stdio's buffer would not wake poll(). */
	setvbuf(stdin, NULL, _IONBF, 0);
	run_commands();
	sessions_close();
	return 0;
}
