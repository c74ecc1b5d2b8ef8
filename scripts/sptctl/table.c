// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "field.h"
#include "sptctl.h"
#include "table.h"
#include "text.h"

#define WIDTH		80
/* Between two columns. */
#define GAP		2
/* What is left of a name at least. */
#define NAME_WIDTH	9

#define RED		"\033[31m"
#define YELLOW		"\033[33m"
#define PLAIN		"\033[0m"

/**
 * struct table - how it is laid out
 * @out: where to
 * @colour: states have colours
 * @column: what a field's must be at least, to be in it
 * @widths: of each field's column
 * @cells: whole texts, of each session one for each field
 */
struct table {
	FILE *out;
	bool colour;
	enum field_column column;
	size_t *widths;
	char **cells;
};

static bool has_column(const struct table *table, size_t i)
{
	return fields[i].column >= table->column;
}

static void measure(struct table *table, size_t i, const char *text)
{
	size_t width = text_width(text);

	if (width > table->widths[i])
		table->widths[i] = width;
}

static void fill(struct table *table, const struct session *sessions, size_t count)
{
	char **cell = table->cells;
	size_t row, i;

	for (i = 0; i < field_count; i++)
		if (has_column(table, i))
			measure(table, i, fields[i].heading);
	for (row = 0; row < count; row++, cell += field_count) {
		for (i = 0; i < field_count; i++) {
			if (!has_column(table, i))
				continue;
			cell[i] = field_display(&fields[i], &sessions[row]);
			measure(table, i, cell[i]);
		}
	}
}

static size_t total(const struct table *table)
{
	size_t width = 0, i;

	for (i = 0; i < field_count; i++)
		if (has_column(table, i))
			width += table->widths[i] + (width ? GAP : 0);
	return width;
}

/* The widest one that can be narrower; NULL: none can. */
static size_t *widest_name(const struct table *table)
{
	size_t *found = NULL, i;

	for (i = 0; i < field_count; i++)
		if (has_column(table, i) && fields[i].kind == FIELD_TEXT &&
		    table->widths[i] > (found ? *found : NAME_WIDTH))
			found = &table->widths[i];
	return found;
}

static void fit(struct table *table, size_t width)
{
	size_t *name;

	while (total(table) > width && (name = widest_name(table)))
		(*name)--;
}

static size_t width_of(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) ||
	    !size.ws_col)
		return WIDTH;
	return size.ws_col;
}

static bool is_coloured(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(out)) && !(no_color && *no_color);
}

static const char *colour_of(const struct session *session)
{
	if (session_is_in(session, "stuck"))
		return RED;
	if (session_is_in(session, "ending") || session_is_in(session, "failed"))
		return YELLOW;
	return "";
}

static void put_cell(const struct table *table, const struct field *field,
		     const struct session *session, const char *text)
{
	const char *colour = "";

	if (table->colour && session && field->kind == FIELD_STATE)
		colour = colour_of(session);
	fputs(colour, table->out);
	fputs(text, table->out);
	fputs(*colour ? PLAIN : "", table->out);
}

/* @session: NULL for the headings, which have no @cells either and are not shortened */
static void put_row(const struct table *table, const struct session *session,
		    char **cells)
{
	size_t blanks = 0, i;
	char *text;

	for (i = 0; i < field_count; i++) {
		if (!has_column(table, i))
			continue;
		text = session ? text_shorten(cells[i], table->widths[i]) :
				 xstrdup(fields[i].heading);
		/* Before the next cell: a line does not end in blanks. */
		fprintf(table->out, "%*s", (int)blanks, "");
		put_cell(table, &fields[i], session, text);
		/* Not by fprintf(), which would count bytes. */
		blanks = table->widths[i] - text_width(text) + GAP;
		free(text);
	}
	putc('\n', table->out);
}

void table_print(FILE *out, bool wide, const struct session *sessions,
		 size_t count)
{
	struct table table = {
		.out = out,
		.colour = is_coloured(out),
		.column = wide ? COLUMN_WIDE : COLUMN_ALWAYS,
		.widths = xcalloc(field_count, sizeof(*table.widths)),
		.cells = xcalloc(count * field_count, sizeof(*table.cells)),
	};
	size_t i;

	fill(&table, sessions, count);
	if (!wide)
		fit(&table, width_of(out));
	put_row(&table, NULL, NULL);
	for (i = 0; i < count; i++)
		put_row(&table, &sessions[i], &table.cells[i * field_count]);
	for (i = 0; i < count * field_count; i++)
		free(table.cells[i]);
	free(table.cells);
	free(table.widths);
}
