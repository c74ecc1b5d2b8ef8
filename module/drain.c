// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for the logins that LIO has let in before a hold was there.
 *
 * Each TPG has a semaphore that a login has from before it is let in until it is
 * done.  Whoever gets it once after the hold was set knows that every earlier login
 * has failed or is registered.  Where nobody has it there is nothing to wait for;
 * else a work item waits in the queue for it, so that logins that come without end
 * do not overtake us, and none waits for that of another TPG.
 *
 * There is one for each TPG: whoever comes before it has got the semaphore, joins it,
 * as it is got after that.  So it leaves the list of those that can be joined while
 * it has the semaphore.
 *
 * Lifetime: a waiter is counted by @refs: its work item's, and one of each drain.  The
 * work item also has a reference of the module, given back last; spt_drain_exit()
 * waits for it to return.
 *
 * Waits: a work item waits for the inode lock of configfs's root, uninterruptible,
 * ended by whoever has it, as in hold.c; for a login, as lio_login_await(), without
 * being counted as stuck; and while its TPG is being removed and cannot be held, for
 * that to be over, with short sleeps.
 *
 * Lock order: spt_drain_lock is innermost; it is taken with LIO's np_login_sem held.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "drain.h"
#include "lio/lio.h"

/* One portal has one login at a time; most machines have few portals. */
#define SPT_DRAIN_ROOM	16

/* A TPG that cannot be held is being removed, or its removal fails. */
#define SPT_DRAIN_AGAIN_MS	20

static struct workqueue_struct *spt_drain_wq;
static DEFINE_SPINLOCK(spt_drain_lock);
/* [spt_drain_lock] without a reference: each leaves before its work gives up its own. */
static LIST_HEAD(spt_waiters);

static void spt_waiter_put(struct spt_waiter *waiter)
{
	if (refcount_dec_and_test(&waiter->refs))
		kfree(waiter);
}

/* Nobody joins any more. */
static void spt_waiter_close(void *data)
{
	struct spt_waiter *waiter = data;

	spin_lock(&spt_drain_lock);
	list_del_init(&waiter->waiting);
	spin_unlock(&spt_drain_lock);
}

static void spt_waiter_wait(struct spt_waiter *waiter)
{
	const struct spt_identity id = { .tpg = waiter->tpg };

	while (lio_hold(&id)) {
		/* Whoever joins for a new one at its address, has joined before the look. */
		if (!lio_tpg_is_there(waiter->tpg)) {
			spt_waiter_close(waiter);
			if (!lio_tpg_is_there(waiter->tpg))
				return;
		}
		msleep(SPT_DRAIN_AGAIN_MS);
	}
	/* Nobody signals a work item, so it is over when this returns. */
	lio_login_await(waiter->tpg, spt_waiter_close, waiter);
	lio_release(&id);
}

static void spt_waiter_work(struct work_struct *work)
{
	struct spt_waiter *waiter = container_of(work, struct spt_waiter, work);

	spt_waiter_wait(waiter);
	spt_waiter_close(waiter);
	complete_all(&waiter->over);
	spt_waiter_put(waiter);
	/* Last, as it may let rmmod begin. */
	module_put(THIS_MODULE);
}

static struct spt_waiter *spt_waiter_find(const void *tpg)
{
	struct spt_waiter *waiter;

	lockdep_assert_held(&spt_drain_lock);
	list_for_each_entry(waiter, &spt_waiters, waiting) {
		if (waiter->tpg == tpg)
			return waiter;
	}
	return NULL;
}

/* With a reference for the caller, or NULL. */
static struct spt_waiter *spt_waiter_get(const void *tpg)
{
	struct spt_waiter *spare, *waiter;

	spare = kzalloc(sizeof(*spare), GFP_KERNEL);
	if (!spare)
		return NULL;
	spin_lock(&spt_drain_lock);
	waiter = spt_waiter_find(tpg);
	if (waiter) {
		refcount_inc(&waiter->refs);
	} else {
		waiter = spare;
		spare = NULL;
		refcount_set(&waiter->refs, 2);
		waiter->tpg = tpg;
		init_completion(&waiter->over);
		INIT_WORK(&waiter->work, spt_waiter_work);
		list_add_tail(&waiter->waiting, &spt_waiters);
		/* The caller's file keeps the module until here. */
		__module_get(THIS_MODULE);
		queue_work(spt_drain_wq, &waiter->work);
	}
	spin_unlock(&spt_drain_lock);
	kfree(spare);
	return waiter;
}

/**
 * spt_drain_put - give back a drain
 * @drain: from spt_drain_begin(); what it waits for goes on
 *
 * Context: any.
 */
void spt_drain_put(struct spt_drain *drain)
{
	while (drain->count)
		spt_waiter_put(drain->waiters[--drain->count]);
	kfree(drain);
}

static struct spt_drain *spt_drain_make(const void **tpgs, size_t count)
{
	struct spt_drain *drain;
	struct spt_waiter *waiter;

	drain = kzalloc(struct_size(drain, waiters, count), GFP_KERNEL);
	if (!drain)
		return NULL;
	while (drain->count < count) {
		waiter = spt_waiter_get(tpgs[drain->count]);
		if (!waiter) {
			spt_drain_put(drain);
			return NULL;
		}
		drain->waiters[drain->count++] = waiter;
	}
	return drain;
}

/**
 * spt_drain_begin - wait for the logins that are under way
 * @names: at which target; every one if that is empty
 *
 * Context: process context, may sleep; called for somebody who keeps this module.
 * Return: the drain, to be given back by spt_drain_put(), or -ENOMEM.
 */
struct spt_drain *spt_drain_begin(const struct spt_names *names)
{
	size_t count = SPT_DRAIN_ROOM, room;
	const void **tpgs = NULL;
	struct spt_drain *drain;

	/* TPGs that come meanwhile have no login of before. */
	do {
		room = count;
		kvfree(tpgs);
		tpgs = kvcalloc(room, sizeof(*tpgs), GFP_KERNEL);
		if (!tpgs)
			return ERR_PTR(-ENOMEM);
		count = lio_logins(names, tpgs, room);
	} while (count > room);
	drain = spt_drain_make(tpgs, count);
	kvfree(tpgs);
	return drain ?: ERR_PTR(-ENOMEM);
}

/**
 * spt_drain_next - what is to be waited for
 * @drain: from spt_drain_begin()
 *
 * Context: any.
 * Return: what will be completed, with @drain, or NULL when all is over.
 */
struct completion *spt_drain_next(struct spt_drain *drain)
{
	size_t i;

	for (i = 0; i < drain->count; i++) {
		if (!completion_done(&drain->waiters[i]->over))
			return &drain->waiters[i]->over;
	}
	return NULL;
}

/**
 * spt_drain_init - before any other function of this file
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_drain_init(void)
{
	/* Memory may wait for a disk that only the end of a session frees. */
	spt_drain_wq = alloc_workqueue(KBUILD_MODNAME "_drain",
				       WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return spt_drain_wq ? 0 : -ENOMEM;
}

/**
 * spt_drain_exit - nobody begins a drain any more, and none is under way
 *
 * Context: process context, may sleep.
 */
void spt_drain_exit(void)
{
	destroy_workqueue(spt_drain_wq);
}
