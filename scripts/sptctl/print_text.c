// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "print.h"
#include "sptctl.h"
#include "text.h"

static size_t column_width(const struct field *field,
			   const struct session *sessions, size_t count)
{
	size_t widest = strlen(field->heading), width, i;
	char *text;

	for (i = 0; i < count; i++) {
		text = field_display(field, &sessions[i]);
		width = text_width(text);
		if (width > widest)
			widest = width;
		free(text);
	}
	return widest;
}

/* @session: NULL for the headings */
static void print_row(const struct session *session, const size_t *widths)
{
	size_t blanks = 0, i;
	char *text;

	for (i = 0; i < field_count; i++) {
		if (!fields[i].heading)
			continue;
		text = session ? field_display(&fields[i], session) :
				 xasprintf("%s", fields[i].heading);
		/* Before the next cell: a line does not end in blanks. */
		printf("%*s%s", (int)blanks, "", text);
		/* Not by printf(), which would count bytes. */
		blanks = widths[i] - text_width(text) + 2;
		free(text);
	}
	putchar('\n');
}

void print_table(const struct session *sessions, size_t count)
{
	size_t *widths = xcalloc(field_count, sizeof(*widths));
	size_t i;

	for (i = 0; i < field_count; i++)
		if (fields[i].heading)
			widths[i] = column_width(&fields[i], sessions, count);
	print_row(NULL, widths);
	for (i = 0; i < count; i++)
		print_row(&sessions[i], widths);
	free(widths);
}

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
