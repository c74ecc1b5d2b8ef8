/* SPDX-License-Identifier: GPL-2.0 */
/* How long a request may still take. */
#ifndef ISCSITGT_SPT_DEADLINE_H
#define ISCSITGT_SPT_DEADLINE_H

#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <uapi/linux/iscsitgt_spt.h>

/**
 * spt_deadline_left - how long it may still be waited
 * @timeout: as in &srb_io_control.timeout
 * @began: when the call came, in jiffies
 *
 * Context: any.
 * Return: jiffies, 0 when the deadline has passed, MAX_SCHEDULE_TIMEOUT for no
 *	limit.
 */
static inline long spt_deadline_left(u32 timeout, u64 began)
{
	u64 passed = get_jiffies_64() - began;
	long left;

	if (timeout == ISCSITGT_SPT_TIMEOUT_NONE)
		return MAX_SCHEDULE_TIMEOUT;
	left = min_t(u64, (u64)timeout * HZ, MAX_SCHEDULE_TIMEOUT - 1);
	return left - min_t(u64, passed, left);
}

#endif /* ISCSITGT_SPT_DEADLINE_H */
