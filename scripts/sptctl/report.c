// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/iscsitgt_spt.h>

#include "sptctl.h"
#include "text.h"

/* Escaped as a whole: a message quotes arguments, and it must stay one line. */
static void put_line(char *message, const char *hint, const char *command)
{
	char *line = text_escape(message);

	fprintf(stderr, "sptctl: %s%s%s%s\n", line, hint, command,
		*hint ? " --help'" : "");
	free(line);
	free(message);
}

int report_failure(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(xvasprintf(format, args), "", "");
	va_end(args);
	return EXIT_FAILED;
}

int report_misuse(const struct command *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(xvasprintf(format, args),
		 command->name ? "; try 'sptctl " : "; try 'sptctl",
		 command->name ? command->name : "");
	va_end(args);
	return EXIT_USAGE;
}

int report_no_match(void)
{
	report_failure("no session matches");
	return EXIT_NO_SESSION;
}

int report_open(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return report_failure("%s does not exist: load the module first: %s",
				      ISCSITGT_SPT_DEVICE, "modprobe iscsitgt_spt");
	case -EACCES:
	case -EPERM:
		return report_failure("%s: permission denied: root with CAP_SYS_ADMIN is needed",
				      ISCSITGT_SPT_DEVICE);
	default:
		return report_failure("%s: %s", ISCSITGT_SPT_DEVICE, strerror(-err));
	}
}

int report_device(const char *about, int err)
{
	switch (err) {
	case -ENOENT:
		report_failure("%s: no such session", about);
		return EXIT_NO_SESSION;
	case -ETIMEDOUT:
		report_failure("%s: still ending at the deadline, and goes on ending", about);
		return EXIT_STILL_THERE;
	case -EOPNOTSUPP:
		return report_failure("%s: logins cannot be refused here; the kernel's log has why",
				      about);
	case -ENOSPC:
		return report_failure("%s: as many holds are set as the module's parameter allows",
				      about);
	case -EPROTO:
		return report_failure("%s: malformed answer: is %s of another version?",
				      about, ISCSITGT_SPT_DEVICE);
	default:
		return report_failure("%s: %s", about, strerror(-err));
	}
}

int report_session(__u64 cookie, int err)
{
	char about[sizeof("0x0123456789abcdef")];

	snprintf(about, sizeof(about), "0x%016llx", cookie);
	return report_device(about, err);
}

int worse(int a, int b)
{
	static const int rank[] = {
		[EXIT_DONE] = 0,
		[EXIT_NO_SESSION] = 1,
		[EXIT_STILL_THERE] = 2,
		[EXIT_FAILED] = 3,
	};

	return rank[a] > rank[b] ? a : b;
}

/* Without report_failure(), which takes memory itself. */
noreturn void out_of_memory(void)
{
	fputs("sptctl: out of memory\n", stderr);
	exit(EXIT_FAILED);
}

void *xcalloc(size_t count, size_t size)
{
	/* calloc(0) may be NULL without being out of memory. */
	void *p = calloc(count ? count : 1, size);

	if (!p)
		out_of_memory();
	return p;
}

char *xstrdup(const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		out_of_memory();
	return copy;
}

void *xreallocarray(void *p, size_t count, size_t size)
{
	p = reallocarray(p, count, size);
	if (!p)
		out_of_memory();
	return p;
}

char *xvasprintf(const char *format, va_list args)
{
	char *s = NULL;

	if (vasprintf(&s, format, args) < 0 || !s)
		out_of_memory();
	return s;
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = xvasprintf(format, args);
	va_end(args);
	return s;
}
