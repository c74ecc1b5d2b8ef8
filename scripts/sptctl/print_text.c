// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "print.h"
#include "sptctl.h"

void print_info(const struct session *session)
{
	int width = 0, len;
	char *text;
	size_t i;

	for (i = 0; i < field_count; i++) {
		len = fields[i].label ? strlen(fields[i].label) : 0;
		width = len > width ? len : width;
	}
	for (i = 0; i < field_count; i++) {
		if (!fields[i].label)
			continue;
		text = field_display(&fields[i], session);
		len = strlen(fields[i].label);
		printf("%s:%*s%s\n", fields[i].label, width - len + 1, "", text);
		free(text);
	}
}

void print_infos(const struct session *sessions, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (i)
			putchar('\n');
		print_info(&sessions[i]);
	}
}

bool print_format_parse(const char *names, struct print_format *format)
{
	const char *name = names;
	size_t length;

	for (;;) {
		length = strcspn(name, ",");
		format->fields = xreallocarray(format->fields, format->count + 1,
					       sizeof(*format->fields));
		format->fields[format->count] = field_find(name, length);
		if (!format->fields[format->count])
			return false;
		format->count++;
		if (!name[length])
			return true;
		name += length + 1;
	}
}

static void print_plain(const struct print_format *format,
			const struct session *session)
{
	char *text;
	size_t i;

	for (i = 0; i < format->count; i++) {
		text = field_plain(format->fields[i], session);
		printf("%s%s", i ? "\t" : "", text);
		free(text);
	}
	putchar('\n');
}

void print_formatted(const struct print_format *format,
		     const struct session *sessions, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		print_plain(format, &sessions[i]);
}
