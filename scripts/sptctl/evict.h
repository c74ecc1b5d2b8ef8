/* SPDX-License-Identifier: GPL-2.0 */
/* Evicting initiators. */
#ifndef SPTCTL_EVICT_H
#define SPTCTL_EVICT_H

#include <stdbool.h>
#include <stddef.h>

#include "session.h"

/**
 * struct evict_options - how
 * @seconds: to keep them out
 * @flags: ISCSITGT_SPT_EVICT_*
 * @timeout: as &srb_io_control.timeout, for all of them together
 * @json: print an array at the end instead of lines
 */
struct evict_options {
	__u32 seconds;
	__u32 flags;
	__u32 timeout;
	bool json;
};

/*
 * All at once.  Of several sessions of one
 * initiator at one target, or at any if that is asked for, only one is asked for.
 * The exit code.
 */
int evict_all(int fd, const struct session *sessions, size_t count,
	      const struct evict_options *wanted);

#endif
