// SPDX-License-Identifier: GPL-2.0
/*
 * The follower: a work item that has the registry look at LIO, and decides when
 * to look again: at once when a probe hints, repeatedly while a session is ending,
 * and now and then at all of it while somebody listens or an initiator is evicted.
 *
 * Waits: the follower waits for spt_registry_lock, and sleeps for moments;
 * spt_follow_settle() and spt_follow_exit() for the follower to return.
 *
 * Lock order: nothing of its own; see registry.c.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/workqueue.h>

#include "follow.h"
#include "probes.h"
#include "refuse.h"
#include "registry.h"

/*
 * An idle session takes 15 to 26 ms to end, and a probe tells of it; one that takes
 * long does so for its backend or its initiator, and is not worth a busy processor.
 */
#define SPT_FOLLOW_FIRST	msecs_to_jiffies(10)
#define SPT_FOLLOW_MAX		msecs_to_jiffies(50)
#define SPT_FOLLOW_STRANDED	HZ

/* LIO is done with it soon, and nothing tells when. */
#define SPT_FOLLOW_LEAVING	msecs_to_jiffies(5)

/* While somebody listens: for hints that were missed, or for want of hints. */
#define SPT_FOLLOW_PROBED	HZ
#define SPT_FOLLOW_UNPROBED	(HZ / 10)

/* While nobody does: what was missed must not pile up. */
#define SPT_FOLLOW_UNHEARD	(60UL * HZ)

/* LIO is done with a session that it deregisters within microseconds. */
#define SPT_FOLLOW_LEAVING_NS	NSEC_PER_MSEC

static struct workqueue_struct *spt_follow_wq;
static atomic_t spt_listeners;
/* A stop has begun that the follower has not seen. */
static bool spt_follow_fresh;

static void spt_follow(struct work_struct *work);
static DECLARE_DELAYED_WORK(spt_follower, spt_follow);

static void spt_follow_kick(struct work_struct *work);
static DECLARE_DELAYED_WORK(spt_follow_kicker, spt_follow_kick);

static enum spt_pending spt_follow_sweep(bool glance)
{
	u64 until = ktime_get_ns() + SPT_FOLLOW_LEAVING_NS;
	enum spt_pending pending;

	for (;;) {
		pending = spt_registry_sweep(glance);
		glance = true;
		if (pending != SPT_PENDING_LEAVING || ktime_get_ns() > until)
			return pending;
		usleep_range(50, 100);
	}
}

/* MAX_JIFFY_OFFSET: not at all */
static unsigned long spt_follow_period(void)
{
	/* Whoever is kept out may come in once kprobes are silenced. */
	if (!atomic_read(&spt_listeners) && !spt_refuse_is_evicting())
		return MAX_JIFFY_OFFSET;
	return spt_probes_check() == SPT_NOTICING_PROBES ?
	       SPT_FOLLOW_PROBED : SPT_FOLLOW_UNPROBED;
}

/* The follower's own, as it never runs twice at a time: when to look at all. */
static u64 spt_follow_next;

/* Does it do to look at those that are new or busy?  Not once a @period. */
static bool spt_follow_glances(unsigned long period)
{
	static u64 known_missed;
	u64 missed = spt_probes_missed();
	u64 now = get_jiffies_64();

	period = min(period, SPT_FOLLOW_UNHEARD);
	if (missed == known_missed && time_before64(now, spt_follow_next) &&
	    spt_follow_next - now <= period)
		return true;
	known_missed = missed;
	spt_follow_next = now + period;
	return false;
}

/* Until then; @period may be never. */
static unsigned long spt_follow_until_next(unsigned long period)
{
	u64 now = get_jiffies_64();

	if (period == MAX_JIFFY_OFFSET)
		return period;
	return time_before64(now, spt_follow_next) ? spt_follow_next - now : 1;
}

/* Waits longer from time to time, but not for a stop that has just begun. */
static unsigned long spt_follow_backoff(void)
{
	/* The follower's own: it never runs twice at a time. */
	static unsigned long delay;

	if (xchg(&spt_follow_fresh, false))
		delay = 0;
	delay = clamp(2 * delay, SPT_FOLLOW_FIRST, SPT_FOLLOW_MAX);
	return delay;
}

static void spt_follow(struct work_struct *work)
{
	unsigned long period = spt_follow_period();
	enum spt_pending pending = spt_follow_sweep(spt_follow_glances(period));
	unsigned long delay = spt_follow_until_next(period);

	switch (pending) {
	case SPT_PENDING_NONE:
		WRITE_ONCE(spt_follow_fresh, true);
		if (delay == MAX_JIFFY_OFFSET)
			return;
		break;
	case SPT_PENDING_STRANDED:
		delay = min(SPT_FOLLOW_STRANDED, delay);
		break;
	case SPT_PENDING:
		delay = spt_follow_backoff();
		break;
	case SPT_PENDING_LEAVING:
		delay = SPT_FOLLOW_LEAVING;
		break;
	}
	/* Does nothing if spt_follow_now() was called meanwhile. */
	queue_delayed_work(spt_follow_wq, &spt_follower, delay);
}

/**
 * spt_follow_now - something has happened
 *
 * Context: any but NMI, between spt_follow_init() and spt_follow_exit().
 */
void spt_follow_now(void)
{
	mod_delayed_work(spt_follow_wq, &spt_follower, 0);
}

/**
 * spt_follow_stop - somebody waits for an end from now on
 *
 * Context: any but NMI, between spt_follow_init() and spt_follow_exit().
 */
void spt_follow_stop(void)
{
	WRITE_ONCE(spt_follow_fresh, true);
	spt_follow_now();
}

/* Not the follower itself, of which each stop would put off what it has to do. */
static void spt_follow_kick(struct work_struct *work)
{
	spt_follow_stop();
}

/**
 * spt_follow_soon - a session is to be held, and then stopped
 *
 * Whoever holds it has it looked at; this is for one that nobody comes to hold.
 *
 * Context: any but NMI, between spt_follow_init() and spt_follow_exit().
 */
void spt_follow_soon(void)
{
	queue_delayed_work(spt_follow_wq, &spt_follow_kicker, SPT_FOLLOW_FIRST);
}

/**
 * spt_follow_listen - somebody wants to know of events
 *
 * Context: process context.
 */
void spt_follow_listen(void)
{
	atomic_inc(&spt_listeners);
	spt_follow_now();
}

/**
 * spt_follow_unlisten - undo one spt_follow_listen()
 *
 * Context: process context.
 */
void spt_follow_unlisten(void)
{
	atomic_dec(&spt_listeners);
}

/**
 * spt_follow_init - before any other function of this file
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_follow_init(void)
{
	/* Memory may wait for a disk that only the end of a session frees. */
	spt_follow_wq = alloc_workqueue(KBUILD_MODNAME,
					WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return spt_follow_wq ? 0 : -ENOMEM;
}

/**
 * spt_follow_settle - let a look that has begun come to its end
 *
 * Context: process context, may sleep.
 */
void spt_follow_settle(void)
{
	flush_delayed_work(&spt_follower);
}

/**
 * spt_follow_exit - after the last stop is over, the last probe and listener gone
 *
 * Waits for the follower to return, which may have given back the module
 * reference that let us come here.
 *
 * Context: process context, may sleep.
 */
void spt_follow_exit(void)
{
	cancel_delayed_work_sync(&spt_follow_kicker);
	cancel_delayed_work_sync(&spt_follower);
	destroy_workqueue(spt_follow_wq);
}
