/* SPDX-License-Identifier: GPL-2.0 */
/* Ending many sessions at once. */
#ifndef SPTCTL_STOP_H
#define SPTCTL_STOP_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/**
 * struct stop - the end of a session
 * @cookie: whose
 * @err: of spt_stop(): 0 once it has ended, -EINPROGRESS while it is ending
 */
struct stop {
	__u64 cookie;
	int err;
};

/* One for each cookie, in order: what they are looked up by. */
size_t stop_sort(struct stop *stops, size_t count);

/*
 * Begins all of them before it waits for any, and tells of each as it ends.  What
 * @fd has still to tell is read.  @summary: also of all of them.  The exit code.
 */
int stop_all(int fd, struct stop *stops, size_t count, __u32 timeout,
	     bool summary);

#endif
