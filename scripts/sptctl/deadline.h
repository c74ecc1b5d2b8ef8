/* SPDX-License-Identifier: GPL-2.0 */
/* Points in time until which something may take. */
#ifndef SPTCTL_DEADLINE_H
#define SPTCTL_DEADLINE_H

#include <linux/types.h>

#define NO_DEADLINE	(~0ULL)

/* @timeout: seconds, or ISCSITGT_SPT_TIMEOUT_NONE for NO_DEADLINE */
__u64 deadline_after(__u32 timeout);

/*
 * For poll(), rounded up: 0 past the deadline, -1 without one.  One that is too
 * far away for poll() comes in parts.
 */
int deadline_milliseconds(__u64 deadline);

/* For a request, rounded up: 0 past the deadline. */
__u32 deadline_seconds(__u64 deadline);

#endif
