// SPDX-License-Identifier: GPL-2.0
/*
 * The holds: which initiator is kept out of which target, and until when.  Knows
 * nothing of LIO, nor of how a login is refused.
 *
 * They are changed under a lock that is innermost, and looked up under RCU, in any
 * context, in constant time: a login is looked up by both of its names, and by its
 * initiator's name alone.  A hold is linked whole, and its memory is given back
 * after a grace period, so whoever finds one in a read-side section can read it
 * there; what changes of it is one number, its deadline.
 *
 * One that has ended refuses nobody from that nanosecond on.  Its memory stays
 * until the holds are next looked at or changed, which is bounded, as they are.
 *
 * Waits: for memory, which a program asks for; spt_refusals_exit() for RCU.
 */
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "refusals.h"

/**
 * spt_refusals_init - none
 * @refusals: memory of the caller
 * @max: how many there may be; at least 1
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_refusals_init(struct spt_refusals *refusals, unsigned int max)
{
	spin_lock_init(&refusals->lock);
	INIT_LIST_HEAD(&refusals->all);
	refusals->count = 0;
	refusals->evicting = 0;
	refusals->serials = 0;
	refusals->evictions = 0;
	refusals->earliest = U64_MAX;
	refusals->max = max;
	/* hash_32() cannot make none. */
	refusals->bits = order_base_2(max) ?: 1;
	refusals->buckets = kvcalloc(1UL << refusals->bits,
				     sizeof(*refusals->buckets), GFP_KERNEL);
	return refusals->buckets ? 0 : -ENOMEM;
}

static void spt_refusal_remove(struct spt_refusals *refusals,
			       struct spt_refusal *refusal)
{
	struct spt_refusal_cookie *known, *next;

	lockdep_assert_held(&refusals->lock);
	list_for_each_entry_safe(known, next, &refusal->cookies, cookies)
		kfree(known);
	hlist_del_rcu(&refusal->by_names);
	list_del(&refusal->all);
	refusals->evicting -= !!refusal->evict_at;
	WRITE_ONCE(refusals->count, refusals->count - 1);
	kfree_rcu(refusal, rcu);
}

/**
 * spt_refusals_exit - forget all; nobody looks them up any more
 * @refusals: initialised
 *
 * Context: process context, may sleep.
 */
void spt_refusals_exit(struct spt_refusals *refusals)
{
	struct spt_refusal *refusal, *next;

	spin_lock(&refusals->lock);
	list_for_each_entry_safe(refusal, next, &refusals->all, all)
		spt_refusal_remove(refusals, refusal);
	spin_unlock(&refusals->lock);
	kvfree(refusals->buckets);
}

/* The buckets' address is a salt that nobody outside knows. */
static struct hlist_head *spt_refusals_bucket(struct spt_refusals *refusals,
					      const char *initiator,
					      const char *target)
{
	unsigned long hash = init_name_hash(refusals->buckets);

	hash = spt_name_hash(initiator, hash);
	hash = spt_name_hash(target, hash);
	return &refusals->buckets[hash_32(end_name_hash(hash), refusals->bits)];
}

static struct spt_refusal *spt_refusal_find(struct spt_refusals *refusals,
					    const char *initiator,
					    const char *target)
{
	struct spt_refusal *refusal;

	hlist_for_each_entry_rcu(refusal,
				 spt_refusals_bucket(refusals, initiator, target),
				 by_names, lockdep_is_held(&refusals->lock)) {
		if (spt_name_equal(refusal->names.initiator, initiator) &&
		    spt_name_equal(refusal->names.target, target))
			return refusal;
	}
	return NULL;
}

static bool spt_refusal_is_over(const struct spt_refusal *refusal, u64 now)
{
	return (u64)atomic64_read(&refusal->deadline) <= now;
}

/* When it ends. */
static void spt_refusals_remember(struct spt_refusals *refusals,
				  const struct spt_refusal *refusal)
{
	refusals->earliest = min_t(u64, refusals->earliest,
				   atomic64_read(&refusal->deadline));
}

/* Those that have ended are none. */
static void spt_refusals_purge(struct spt_refusals *refusals, u64 now)
{
	struct spt_refusal *refusal, *next;

	lockdep_assert_held(&refusals->lock);
	if (now < refusals->earliest)
		return;
	refusals->earliest = U64_MAX;
	list_for_each_entry_safe(refusal, next, &refusals->all, all) {
		if (spt_refusal_is_over(refusal, now))
			spt_refusal_remove(refusals, refusal);
		else
			spt_refusals_remember(refusals, refusal);
	}
}

/* Of two times in jiffies, of which 0 is none. */
static u64 spt_earlier(u64 a, u64 b)
{
	return a && b ? min(a, b) : a + b;
}

static bool spt_refusal_knows(const struct spt_refusal *refusal, u64 cookie)
{
	const struct spt_refusal_cookie *known;

	list_for_each_entry(known, &refusal->cookies, cookies) {
		if (known->cookie == cookie)
			return true;
	}
	return false;
}

/* Takes @known, if it is not known yet: then it is set to NULL. */
static void spt_refusal_change(struct spt_refusals *refusals,
			       struct spt_refusal *refusal,
			       const struct spt_refusal_set *set,
			       struct spt_refusal_cookie **known)
{
	u64 deadline = set->deadline;

	lockdep_assert_held(&refusals->lock);
	if (set->cookie) {
		if (!spt_refusal_knows(refusal, set->cookie)) {
			list_add(&(*known)->cookies, &refusal->cookies);
			*known = NULL;
		}
		refusals->evicting += !refusal->evict_at;
		refusal->evict_at = spt_earlier(refusal->evict_at, set->evict_at);
		deadline = max_t(u64, deadline, atomic64_read(&refusal->deadline));
	}
	atomic64_set(&refusal->deadline, deadline);
	spt_refusals_remember(refusals, refusal);
	/* One that had ended a moment ago may have let in a session that is known. */
	if (refusal->evict_at)
		WRITE_ONCE(refusals->evictions, refusals->evictions + 1);
}

/**
 * spt_refusals_set - set a hold, or change when it ends
 * @refusals: initialised
 * @set: what is wanted
 *
 * Once this returns, spt_refusals_refuse() knows of it wherever it is called.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -ENOSPC when there are as many as may be.
 */
int spt_refusals_set(struct spt_refusals *refusals,
		     const struct spt_refusal_set *set)
{
	const struct spt_names *names = set->names;
	struct spt_refusal_cookie *known = NULL;
	struct spt_refusal *spare, *refusal;
	int ret = 0;

	spare = kzalloc(sizeof(*spare), GFP_KERNEL);
	if (set->cookie)
		known = kzalloc(sizeof(*known), GFP_KERNEL);
	if (!spare || (set->cookie && !known)) {
		ret = -ENOMEM;
		goto free;
	}
	INIT_LIST_HEAD(&spare->cookies);
	spare->names = *names;
	if (known)
		known->cookie = set->cookie;
	spin_lock(&refusals->lock);
	spt_refusals_purge(refusals, set->now);
	refusal = spt_refusal_find(refusals, names->initiator, names->target);
	if (refusal) {
		spt_refusal_change(refusals, refusal, set, &known);
	} else if (refusals->count >= refusals->max) {
		ret = -ENOSPC;
	} else {
		refusal = spare;
		spare = NULL;
		refusal->serial = ++refusals->serials;
		spt_refusal_change(refusals, refusal, set, &known);
		hlist_add_head_rcu(&refusal->by_names,
				   spt_refusals_bucket(refusals, names->initiator,
						       names->target));
		list_add_tail(&refusal->all, &refusals->all);
		WRITE_ONCE(refusals->count, refusals->count + 1);
	}
	spin_unlock(&refusals->lock);
free:
	kfree(known);
	kfree(spare);
	return ret;
}

/**
 * spt_refusals_lift - end a hold
 * @refusals: initialised
 * @names: of the hold, letters of any kind
 * @now: ns of CLOCK_BOOTTIME
 *
 * Context: process context.
 * Return: 0, or -ENOENT when there is none for these names.
 */
int spt_refusals_lift(struct spt_refusals *refusals,
		      const struct spt_names *names, u64 now)
{
	struct spt_refusal *refusal;

	spin_lock(&refusals->lock);
	spt_refusals_purge(refusals, now);
	refusal = spt_refusal_find(refusals, names->initiator, names->target);
	if (refusal)
		spt_refusal_remove(refusals, refusal);
	spin_unlock(&refusals->lock);
	return refusal ? 0 : -ENOENT;
}

/**
 * spt_refusals_get - one hold after another
 * @refusals: initialised
 * @index: 0 for the oldest
 * @now: ns of CLOCK_BOOTTIME
 * @names: set
 * @left: set to how long it lasts from now on, ns
 *
 * Context: process context.
 * Return: 0, or -ENOENT when there are not so many.
 */
int spt_refusals_get(struct spt_refusals *refusals, unsigned int index, u64 now,
		     struct spt_names *names, u64 *left)
{
	struct spt_refusal *refusal;
	int ret = -ENOENT;

	spin_lock(&refusals->lock);
	spt_refusals_purge(refusals, now);
	list_for_each_entry(refusal, &refusals->all, all) {
		if (index--)
			continue;
		*names = refusal->names;
		*left = atomic64_read(&refusal->deadline) - now;
		ret = 0;
		break;
	}
	spin_unlock(&refusals->lock);
	return ret;
}

/**
 * spt_refusals_find - the hold that was set for a session
 * @refusals: initialised
 * @cookie: of the session
 * @every: one of every target is wanted; one of a target does where there is none.
 *	Else one of every target does not
 * @now: ns of CLOCK_BOOTTIME
 * @names: set
 *
 * Context: process context.
 * Return: 0, or -ENOENT when there is none.
 */
int spt_refusals_find(struct spt_refusals *refusals, u64 cookie, bool every,
		      u64 now, struct spt_names *names)
{
	struct spt_refusal *refusal;
	int ret = -ENOENT;

	spin_lock(&refusals->lock);
	spt_refusals_purge(refusals, now);
	list_for_each_entry(refusal, &refusals->all, all) {
		bool is_every = !refusal->names.target[0];

		if ((is_every && !every) || !spt_refusal_knows(refusal, cookie))
			continue;
		*names = refusal->names;
		ret = 0;
		if (is_every == every)
			break;
	}
	spin_unlock(&refusals->lock);
	return ret;
}

/**
 * spt_refusals_count - how many holds there are
 * @refusals: initialised
 * @now: ns of CLOCK_BOOTTIME
 *
 * Context: process context.
 * Return: the number.
 */
unsigned int spt_refusals_count(struct spt_refusals *refusals, u64 now)
{
	unsigned int count;

	spin_lock(&refusals->lock);
	spt_refusals_purge(refusals, now);
	count = refusals->count;
	spin_unlock(&refusals->lock);
	return count;
}

static bool spt_refusals_have(struct spt_refusals *refusals,
			      const char *initiator, const char *target, u64 now)
{
	const struct spt_refusal *refusal;

	refusal = spt_refusal_find(refusals, initiator, target);
	return refusal && !spt_refusal_is_over(refusal, now);
}

/**
 * spt_refusals_refuse - may an initiator not log in?
 * @refusals: initialised
 * @initiator: as it came
 * @target: where to
 * @now: ns of CLOCK_BOOTTIME
 *
 * Context: any, NMI included.
 * Return: whether it may not.
 */
bool spt_refusals_refuse(struct spt_refusals *refusals, const char *initiator,
			 const char *target, u64 now)
{
	bool refuse;

	/* Most machines have none at most times. */
	if (!READ_ONCE(refusals->count))
		return false;
	rcu_read_lock();
	refuse = spt_refusals_have(refusals, initiator, target, now) ||
		 spt_refusals_have(refusals, initiator, "", now);
	rcu_read_unlock();
	return refuse;
}

/**
 * spt_refusals_evicting - is there a hold that evicts?
 * @refusals: initialised
 * @now: ns of CLOCK_BOOTTIME
 *
 * Context: process context.
 * Return: whether there is.
 */
bool spt_refusals_evicting(struct spt_refusals *refusals, u64 now)
{
	bool evicting;

	spin_lock(&refusals->lock);
	spt_refusals_purge(refusals, now);
	evicting = refusals->evicting;
	spin_unlock(&refusals->lock);
	return evicting;
}

/**
 * spt_refusals_serial - which hold of these names is it that evicts?
 * @refusals: initialised
 * @names: of the hold, letters of any kind
 * @now: ns of CLOCK_BOOTTIME
 *
 * Context: process context.
 * Return: the same number for as long as it has not ended, however it is changed; 0
 *	if there is none.
 */
u64 spt_refusals_serial(struct spt_refusals *refusals,
			const struct spt_names *names, u64 now)
{
	struct spt_refusal *refusal;
	u64 serial = 0;

	spin_lock(&refusals->lock);
	spt_refusals_purge(refusals, now);
	refusal = spt_refusal_find(refusals, names->initiator, names->target);
	if (refusal && refusal->evict_at)
		serial = refusal->serial;
	spin_unlock(&refusals->lock);
	return serial;
}

/**
 * spt_refusals_evict - is a session to be stopped?
 * @refusals: initialised
 * @initiator: of the session
 * @target: of the session
 * @now: ns of CLOCK_BOOTTIME
 *
 * Context: process context.
 * Return: from when on, in jiffies; 0: it is not.
 */
u64 spt_refusals_evict(struct spt_refusals *refusals, const char *initiator,
		       const char *target, u64 now)
{
	const char *const targets[] = { target, "" };
	u64 evict_at = 0;
	size_t i;

	spin_lock(&refusals->lock);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		struct spt_refusal *refusal =
			spt_refusal_find(refusals, initiator, targets[i]);

		if (refusal && !spt_refusal_is_over(refusal, now))
			evict_at = spt_earlier(evict_at, refusal->evict_at);
	}
	spin_unlock(&refusals->lock);
	return evict_at;
}
