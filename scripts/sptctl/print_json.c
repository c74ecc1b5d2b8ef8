// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "field.h"
#include "print.h"
#include "sptctl.h"
#include "text.h"

static struct json_object *checked(struct json_object *json)
{
	if (!json)
		out_of_memory();
	return json;
}

static struct json_object *text_to_json(const struct field *field,
					const struct session *session)
{
	char *text = field_text(field, session);
	char *utf8 = text_to_utf8(text);
	struct json_object *json = json_object_new_string(utf8);

	free(utf8);
	free(text);
	return json;
}

static struct json_object *field_to_json(const struct field *field,
					 const struct session *session)
{
	if (field->kind <= FIELD_TEXT)
		return text_to_json(field, session);
	if (field->kind == FIELD_FLAG)
		return json_object_new_boolean(field_number(field, session));
	return json_object_new_uint64(field_number(field, session));
}

static struct json_object *session_to_json(const struct session *session)
{
	struct json_object *object = checked(json_object_new_object());
	struct json_object *value;
	size_t i;

	for (i = 0; i < field_count; i++) {
		value = checked(field_to_json(&fields[i], session));
		if (json_object_object_add(object, fields[i].name, value))
			out_of_memory();
	}
	return object;
}

/*
 * json-c escapes C0 only.  The others are no part of the syntax, so each one
 * that is still raw stands in a string, where it can be written as \u.
 */
static void put_json(const char *json)
{
	size_t len;
	__u32 code;

	for (; *json; json += len) {
		/* Of valid text, so this always gets on. */
		len = text_decode(json, &code);
		if (code != '\n' && text_is_control(code))
			printf("\\u%04x", code);
		else
			fwrite(json, 1, len, stdout);
	}
	putchar('\n');
}

static void print_json(struct json_object *json)
{
	const char *text = json_object_to_json_string_ext(json,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		out_of_memory();
	put_json(text);
	json_object_put(json);
}

void print_json_list(const struct session *sessions, size_t count)
{
	struct json_object *array = checked(json_object_new_array());
	size_t i;

	for (i = 0; i < count; i++)
		if (json_object_array_add(array, session_to_json(&sessions[i])))
			out_of_memory();
	print_json(array);
}

void print_json_info(const struct session *session)
{
	print_json(session_to_json(session));
}
