/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions on stdout; main() looks whether that could be written. */
#ifndef SPTCTL_PRINT_H
#define SPTCTL_PRINT_H

#include <stddef.h>

#include "event.h"
#include "session.h"

void print_table(const struct session *sessions, size_t count);
void print_info(const struct session *session);
void print_json_list(const struct session *sessions, size_t count);
void print_json_info(const struct session *session);

/* One line each. */
void print_event(const struct event *event);
void print_json_event(const struct event *event);

#endif
