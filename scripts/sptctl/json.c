// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "sptctl.h"
#include "text.h"

static struct json_object *checked(struct json_object *json)
{
	if (!json)
		out_of_memory();
	return json;
}

struct json_object *json_new_object(void)
{
	return checked(json_object_new_object());
}

struct json_object *json_new_array(void)
{
	return checked(json_object_new_array());
}

void json_add(struct json_object *object, const char *name,
	      struct json_object *value)
{
	if (json_object_object_add(object, name, checked(value)))
		out_of_memory();
}

void json_append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, checked(value)))
		out_of_memory();
}

struct json_object *json_text(const char *s)
{
	char *utf8 = text_to_utf8(s);
	struct json_object *json = json_object_new_string(utf8);

	free(utf8);
	return json;
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
		len = text_plain(json);
		if (len) {
			fwrite(json, 1, len, stdout);
			continue;
		}
		/* Of valid text, so this always gets on. */
		len = text_decode(json, &code);
		if (code != '\n' && text_is_control(code))
			printf("\\u%04x", code);
		else
			fwrite(json, 1, len, stdout);
	}
	putchar('\n');
}

static void print_as(struct json_object *json, int form)
{
	const char *text = json_object_to_json_string_ext(json,
		form | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		out_of_memory();
	put_json(text);
	json_object_put(json);
}

void json_print(struct json_object *json)
{
	print_as(json, JSON_C_TO_STRING_PRETTY);
}

void json_print_line(struct json_object *json)
{
	print_as(json, JSON_C_TO_STRING_PLAIN);
}
