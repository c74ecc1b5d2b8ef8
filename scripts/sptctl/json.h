/* SPDX-License-Identifier: GPL-2.0 */
/* json-c, where running out of memory ends the tool. */
#ifndef SPTCTL_JSON_H
#define SPTCTL_JSON_H

#include <json-c/json.h>

struct json_object *json_new_object(void);
struct json_object *json_new_array(void);

/* Takes @value, of which NULL is one that there was no memory for. */
void json_add(struct json_object *object, const char *name,
	      struct json_object *value);
void json_append(struct json_object *array, struct json_object *value);

/* Of a string of unknown origin. */
struct json_object *json_text(const char *s);

/* On stdout, over many lines or on one.  Take @json. */
void json_print(struct json_object *json);
void json_print_line(struct json_object *json);

#endif
