/* SPDX-License-Identifier: GPL-2.0 */
/* Events on stdout, as they happen. */
#ifndef SPTCTL_WATCH_H
#define SPTCTL_WATCH_H

#include <stdbool.h>

/**
 * struct watch_options - what to print, and how
 * @json: one object a line
 * @once: leave out what is there, and end after one event
 * @initiator: only this one's sessions; NULL for all
 * @target: only this one's sessions; NULL for all
 * @tpgt: only this TPG's sessions; negative for all
 */
struct watch_options {
	bool json;
	bool once;
	const char *initiator;
	const char *target;
	int tpgt;
};

/* The exit code; without @once only of a failure. */
int watch(const struct watch_options *options);

#endif
