/* SPDX-License-Identifier: GPL-2.0 */
/* Events on stdout, as they happen. */
#ifndef SPTCTL_WATCH_H
#define SPTCTL_WATCH_H

#include <stdbool.h>

#include "select.h"

/**
 * struct watch_options - what to print, and how
 * @json: one object a line
 * @once: leave out what is there, and end after one event
 * @selector: which sessions, by what they were when they were first told
 */
struct watch_options {
	bool json;
	bool once;
	struct selector selector;
};

/* The exit code; without @once only of a failure. */
int watch(const struct watch_options *options);

#endif
