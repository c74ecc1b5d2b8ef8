/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions on stdout; main() looks whether that could be written. */
#ifndef SPTCTL_PRINT_H
#define SPTCTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "field.h"

/**
 * struct print_format - which fields, in which order; zero at first
 * @fields: of them; free() it
 * @count: of @fields
 */
struct print_format {
	const struct field **fields;
	size_t count;
};

/* Names with commas between them.  false: one is no field's. */
bool print_format_parse(const char *names, struct print_format *format);

/* A line for each, with a tab between two fields. */
void print_formatted(const struct print_format *format,
		     const struct session *sessions, size_t count);

void print_info(const struct session *session);
/* With an empty line between two. */
void print_infos(const struct session *sessions, size_t count);
void print_json_list(const struct session *sessions, size_t count);
void print_json_info(const struct session *session);

/* One line each. */
void print_event(const struct event *event);
void print_json_event(const struct event *event);

#endif
