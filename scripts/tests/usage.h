/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs here say to options that they do not take. */
#ifndef USAGE_H
#define USAGE_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void __attribute__((format(printf, 1, 2), noreturn))
bad_usage(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(", see --help\n", stderr);
	exit(2);
}

static unsigned long long to_number(const char *text, unsigned long long max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value > max)
		bad_usage("\"%s\" is no number up to %llu", text, max);
	return value;
}

#endif
