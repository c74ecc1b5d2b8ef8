/* SPDX-License-Identifier: GPL-2.0 */
/* What there is to tell of a session: one table for every form of output. */
#ifndef SPTCTL_FIELD_H
#define SPTCTL_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "session.h"

/* Up to FIELD_TEXT they are text, from there on numbers. */
enum field_kind {
	FIELD_COOKIE,
	FIELD_STATE,
	FIELD_IT_NEXUS,
	FIELD_TPG_PATH,
	FIELD_ACL_PATH,
	FIELD_ISID,
	FIELD_CONNECTION_STATES,
	FIELD_TIME,
	FIELD_NOTE,
	FIELD_TEXT,
	FIELD_FLAG,
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_SECONDS,
};

/* Where a field has a column. */
enum field_column {
	COLUMN_NONE,
	COLUMN_WIDE,
	COLUMN_ALWAYS,
};

/**
 * struct field - one thing to tell of a session
 * @kind: how to read it
 * @name: for programs: the uapi header's name of it, where that has one
 * @label: for people; NULL if it would tell them nothing
 * @heading: of its column in the table
 * @column: whether it has one
 * @offset: in &struct session
 * @bit: of a FIELD_FLAG
 */
struct field {
	enum field_kind kind;
	const char *name;
	const char *label;
	const char *heading;
	enum field_column column;
	size_t offset;
	__u32 bit;
};

extern const struct field fields[];
extern const size_t field_count;

/* NULL: there is none of this name. */
const struct field *field_find(const char *name, size_t length);

/* As it is, not fit for a terminal; free() it. */
char *field_text(const struct field *field, const struct session *session);

__u64 field_number(const struct field *field, const struct session *session);

/* For people, escaped; free() it. */
char *field_display(const struct field *field, const struct session *session);

/* For programs that take a line apart: escaped, - for nothing.  free() it. */
char *field_plain(const struct field *field, const struct session *session);

#endif
