/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_REFUSALS_H
#define ISCSITGT_SPT_REFUSALS_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "names.h"

/**
 * struct spt_refusal_cookie - a session that a hold was set for
 * @cookie: its
 * @cookies: [lock]
 *
 * There are no more of them than the initiator had sessions: none comes in while the
 * hold lasts.
 */
struct spt_refusal_cookie {
	u64 cookie;
	struct list_head cookies;
};

/**
 * struct spt_refusal - one hold
 * @names: as they were set first; fixed
 * @deadline: when it ends, ns of CLOCK_BOOTTIME; [lock] to write
 * @serial: from 1, in the order in which they were set first; fixed
 * @evict_at: [lock] from when on sessions of theirs are stopped, in jiffies; 0:
 *	never
 * @cookies: [lock] of the sessions that it was set for
 * @by_names: [lock] RCU to read
 * @all: [lock] oldest first
 * @rcu: its memory is given back by
 */
struct spt_refusal {
	struct spt_names names;
	atomic64_t deadline;
	u64 serial;
	u64 evict_at;
	struct list_head cookies;
	struct hlist_node by_names;
	struct list_head all;
	struct rcu_head rcu;
};

/**
 * struct spt_refusals - the holds
 * @lock: of what says so
 * @buckets: [lock] RCU to read
 * @bits: log2 of how many @buckets; fixed
 * @all: [lock] all of them, also such as have ended and were not looked at since
 * @count: [lock to write] of @all
 * @evicting: [lock] how many of them evict
 * @serials: [lock] how many were ever set first
 * @evictions: [lock to write] how often one that evicts was set
 * @earliest: [lock] none of them ends before that, ns of CLOCK_BOOTTIME
 * @max: how many may be set; fixed
 */
struct spt_refusals {
	spinlock_t lock; /* innermost */
	struct hlist_head *buckets;
	unsigned int bits;
	struct list_head all;
	unsigned int count;
	unsigned int evicting;
	u64 serials;
	u64 evictions;
	u64 earliest;
	unsigned int max;
};

/**
 * struct spt_refusal_set - a hold that is to be set
 * @names: of the caller; letters of any kind
 * @now: ns of CLOCK_BOOTTIME
 * @deadline: when it is to end, ns of CLOCK_BOOTTIME
 * @cookie: 0, or for which session: then a hold that lasts longer is left so, and
 *	sessions of theirs are stopped
 * @evict_at: from when on, in jiffies; without a @cookie it means nothing
 */
struct spt_refusal_set {
	const struct spt_names *names;
	u64 now;
	u64 deadline;
	u64 cookie;
	u64 evict_at;
};

int spt_refusals_init(struct spt_refusals *refusals, unsigned int max);
void spt_refusals_exit(struct spt_refusals *refusals);
int spt_refusals_set(struct spt_refusals *refusals,
		     const struct spt_refusal_set *set);
int spt_refusals_lift(struct spt_refusals *refusals,
		      const struct spt_names *names, u64 now);
int spt_refusals_get(struct spt_refusals *refusals, unsigned int index, u64 now,
		     struct spt_names *names, u64 *left);
int spt_refusals_find(struct spt_refusals *refusals, u64 cookie, bool every,
		      u64 now, struct spt_names *names);
unsigned int spt_refusals_count(struct spt_refusals *refusals, u64 now);
bool spt_refusals_refuse(struct spt_refusals *refusals, const char *initiator,
			 const char *target, u64 now);
bool spt_refusals_evicting(struct spt_refusals *refusals, u64 now);
u64 spt_refusals_serial(struct spt_refusals *refusals,
			const struct spt_names *names, u64 now);
u64 spt_refusals_evict(struct spt_refusals *refusals, const char *initiator,
		       const char *target, u64 now);

#endif /* ISCSITGT_SPT_REFUSALS_H */
