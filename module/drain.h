/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_DRAIN_H
#define ISCSITGT_SPT_DRAIN_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "names.h"

/**
 * struct spt_waiter - waits for the login that is under way in a TPG
 * @refs: its work's, and one of each drain that it is part of
 * @tpg: its address, to be compared
 * @waiting: [spt_drain_lock] among those that others may join
 * @over: completed for good once that login is done
 * @work: waits
 */
struct spt_waiter {
	refcount_t refs;
	const void *tpg;
	struct list_head waiting;
	struct completion over;
	struct work_struct work;
};

/**
 * struct spt_drain - logins that are waited for
 * @count: of @waiters
 * @waiters: one for each TPG, with a reference each; fixed
 */
struct spt_drain {
	size_t count;
	struct spt_waiter *waiters[];
};

int spt_drain_init(void);
void spt_drain_exit(void);
struct spt_drain *spt_drain_begin(const struct spt_names *names);
struct completion *spt_drain_next(struct spt_drain *drain);
void spt_drain_put(struct spt_drain *drain);

#endif /* ISCSITGT_SPT_DRAIN_H */
