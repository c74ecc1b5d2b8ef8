// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <time.h>

#include <linux/iscsitgt_spt.h>

#include "deadline.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

/* The kernel's own timeouts stand still in suspend, as this clock does. */
static __u64 monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static __u64 ns_until(__u64 deadline)
{
	__u64 now = monotonic_ns();

	return deadline > now ? deadline - now : 0;
}

__u64 deadline_after(__u32 timeout)
{
	if (timeout == ISCSITGT_SPT_TIMEOUT_NONE)
		return NO_DEADLINE;
	return monotonic_ns() + timeout * NSEC_PER_SEC;
}

int deadline_milliseconds(__u64 deadline)
{
	__u64 left;

	if (deadline == NO_DEADLINE)
		return -1;
	left = (ns_until(deadline) + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return left < INT_MAX ? left : INT_MAX;
}

__u32 deadline_seconds(__u64 deadline)
{
	if (deadline == NO_DEADLINE)
		return ISCSITGT_SPT_TIMEOUT_NONE;
	return (ns_until(deadline) + NSEC_PER_SEC - 1) / NSEC_PER_SEC;
}
