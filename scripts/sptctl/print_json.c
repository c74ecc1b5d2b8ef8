// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "field.h"
#include "json.h"
#include "print.h"

static struct json_object *text_to_json(const struct field *field,
					const struct session *session)
{
	char *text = field_text(field, session);
	struct json_object *json = json_text(text);

	free(text);
	return json;
}

static struct json_object *
connection_states_to_json(const struct session *session)
{
	const __u8 *states = session->info.connection_states;
	struct json_object *array = json_new_array();
	size_t i;

	for (i = 0; i < ISCSITGT_SPT_CONNECTION_STATES && states[i]; i++)
		json_append(array, json_text(connection_state(states[i])));
	return array;
}

static struct json_object *field_to_json(const struct field *field,
					 const struct session *session)
{
	if (field->kind == FIELD_CONNECTION_STATES)
		return connection_states_to_json(session);
	if (field->kind <= FIELD_TEXT)
		return text_to_json(field, session);
	if (field->kind == FIELD_FLAG)
		return json_object_new_boolean(field_number(field, session));
	return json_object_new_uint64(field_number(field, session));
}

static struct json_object *session_to_json(const struct session *session)
{
	struct json_object *object = json_new_object();
	size_t i;

	for (i = 0; i < field_count; i++)
		json_add(object, fields[i].name,
			 field_to_json(&fields[i], session));
	return object;
}

void print_json_list(const struct session *sessions, size_t count)
{
	struct json_object *array = json_new_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_append(array, session_to_json(&sessions[i]));
	json_print(array);
}

void print_json_info(const struct session *session)
{
	json_print(session_to_json(session));
}
