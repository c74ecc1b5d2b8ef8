// SPDX-License-Identifier: GPL-2.0
/*
 * When the follower looks at LIO again.  Time is the suite's own, and so is the queue:
 * a look is when a case says so.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

#include "../module/probes.h"
#include "../module/refuse.h"
#include "../module/registry.h"

/* Nothing is queued. */
#define FOLLOW_NEVER	ULONG_MAX

static struct {
	u64 jiffies;
	u64 ns;
	unsigned long due;
	unsigned long kick;
	enum spt_noticing noticing;
	bool evicting;
	u64 missed;
	/* What a look finds, and for how many of them LIO is just about done. */
	enum spt_pending pending;
	unsigned int leaving;
	/* How long it takes. */
	unsigned long takes;
	unsigned int looks;
	unsigned int glances;
} follow;

static bool follow_queue(struct workqueue_struct *wq, struct delayed_work *work,
			 unsigned long delay);
static bool follow_requeue(struct workqueue_struct *wq, struct delayed_work *work,
			   unsigned long delay);

static enum spt_pending follow_sweep(bool glance)
{
	if (glance)
		follow.glances++;
	else
		follow.looks++;
	follow.jiffies += follow.takes;
	if (!follow.leaving)
		return follow.pending;
	follow.leaving--;
	return SPT_PENDING_LEAVING;
}

static enum spt_noticing follow_noticing(void)
{
	return follow.noticing;
}

static u64 follow_missed(void)
{
	return follow.missed;
}

static bool follow_is_evicting(void)
{
	return follow.evicting;
}

static u64 follow_jiffies(void)
{
	return follow.jiffies;
}

static u64 follow_ns(void)
{
	return follow.ns;
}

static void follow_sleep(unsigned long least, unsigned long most)
{
	follow.ns += most * NSEC_PER_USEC;
}

/* The fixture of the registry has a follower of its own, and some of these. */
#define spt_follow_stop		follow_stop
#define spt_follow_soon		follow_soon
#define spt_registry_sweep	follow_sweep
#define spt_probes_check	follow_noticing
#define spt_probes_missed	follow_missed
#define spt_refuse_is_evicting	follow_is_evicting
#define get_jiffies_64		follow_jiffies
#define ktime_get_ns		follow_ns
#define usleep_range		follow_sleep
#define queue_delayed_work	follow_queue
#define mod_delayed_work	follow_requeue

#include "../module/follow.c"

static bool follow_queue(struct workqueue_struct *wq, struct delayed_work *work,
			 unsigned long delay)
{
	unsigned long *due = work == &spt_follower ? &follow.due : &follow.kick;

	if (*due != FOLLOW_NEVER)
		return false;
	*due = delay;
	return true;
}

static bool follow_requeue(struct workqueue_struct *wq, struct delayed_work *work,
			   unsigned long delay)
{
	follow.due = FOLLOW_NEVER;
	return follow_queue(wq, work, delay);
}

/* The follower runs, @passed after it did last; it has to look in @want. */
static void follow_run(struct kunit *test, unsigned long passed, unsigned long want)
{
	follow.jiffies += passed;
	follow.due = FOLLOW_NEVER;
	follow.looks = 0;
	follow.glances = 0;
	spt_follow(&spt_follower.work);
	KUNIT_EXPECT_EQ(test, follow.due, want);
}

static void follow_expect(struct kunit *test, unsigned int looks, unsigned int glances)
{
	KUNIT_EXPECT_EQ(test, follow.looks, looks);
	KUNIT_EXPECT_EQ(test, follow.glances, glances);
}

/* Whatever the case before left behind: time goes on, and nothing is left to follow. */
static int follow_init(struct kunit *test)
{
	follow.noticing = SPT_NOTICING_PROBES;
	follow.evicting = false;
	follow.pending = SPT_PENDING_NONE;
	follow.leaving = 0;
	follow.takes = 0;
	follow.kick = FOLLOW_NEVER;
	follow_run(test, SPT_FOLLOW_UNHEARD, FOLLOW_NEVER);
	follow_expect(test, 1, 0);
	return 0;
}

static void follow_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, atomic_read(&spt_listeners), 0);
}

/* Nobody wants to know: a look for what was missed, where there is one to do anyway. */
static void follow_unheard(struct kunit *test)
{
	follow_run(test, SPT_FOLLOW_UNHEARD - 1, FOLLOW_NEVER);
	follow_expect(test, 0, 1);
	follow_run(test, 1, FOLLOW_NEVER);
	follow_expect(test, 1, 0);
	follow_run(test, 1, FOLLOW_NEVER);
	follow_expect(test, 0, 1);
}

static void follow_listening(struct kunit *test)
{
	follow.due = FOLLOW_NEVER;
	spt_follow_listen();
	KUNIT_EXPECT_EQ(test, follow.due, 0);
	follow_run(test, 0, SPT_FOLLOW_PROBED);
	follow_expect(test, 1, 0);
	/* A probe hinted. */
	follow_run(test, SPT_FOLLOW_PROBED / 2,
		   SPT_FOLLOW_PROBED - SPT_FOLLOW_PROBED / 2);
	follow_expect(test, 0, 1);
	follow_run(test, SPT_FOLLOW_PROBED - SPT_FOLLOW_PROBED / 2,
		   SPT_FOLLOW_PROBED);
	follow_expect(test, 1, 0);
	spt_follow_unlisten();
	follow_run(test, 1, FOLLOW_NEVER);
}

static void follow_unprobed(struct kunit *test)
{
	spt_follow_listen();
	follow_run(test, 0, SPT_FOLLOW_PROBED);
	/* That was too long. */
	follow.noticing = SPT_NOTICING_SILENCED;
	follow_run(test, 1, SPT_FOLLOW_UNPROBED);
	follow_expect(test, 1, 0);
	follow_run(test, SPT_FOLLOW_UNPROBED, SPT_FOLLOW_UNPROBED);
	follow_expect(test, 1, 0);
	spt_follow_unlisten();
	follow_run(test, 1, FOLLOW_NEVER);
}

/* Without a listener. */
static void follow_evicting(struct kunit *test)
{
	follow.evicting = true;
	follow_run(test, 0, SPT_FOLLOW_PROBED);
	follow.noticing = SPT_NOTICING_NONE;
	follow_run(test, 0, SPT_FOLLOW_UNPROBED);
	follow.evicting = false;
	follow_run(test, 0, FOLLOW_NEVER);
}

/* What a probe missed may be of any session. */
static void follow_hint_missed(struct kunit *test)
{
	follow_run(test, 1, FOLLOW_NEVER);
	follow_expect(test, 0, 1);
	follow.missed++;
	follow_run(test, 1, FOLLOW_NEVER);
	follow_expect(test, 1, 0);
	follow_run(test, 1, FOLLOW_NEVER);
	follow_expect(test, 0, 1);
}

/* A look that takes longer than its period is not followed by one at once. */
static void follow_slow(struct kunit *test)
{
	spt_follow_listen();
	follow.takes = 2 * SPT_FOLLOW_PROBED;
	follow_run(test, 0, 1);
	spt_follow_unlisten();
}

static void follow_backoff(struct kunit *test)
{
	follow.pending = SPT_PENDING;
	follow_run(test, 0, SPT_FOLLOW_FIRST);
	follow_run(test, SPT_FOLLOW_FIRST, 2 * SPT_FOLLOW_FIRST);
	follow_run(test, 2 * SPT_FOLLOW_FIRST, 4 * SPT_FOLLOW_FIRST);
	follow_run(test, 4 * SPT_FOLLOW_FIRST, SPT_FOLLOW_MAX);
	follow_run(test, SPT_FOLLOW_MAX, SPT_FOLLOW_MAX);
	follow_expect(test, 0, 1);
	/* Another one does not wait for those that take long. */
	spt_follow_stop();
	KUNIT_EXPECT_EQ(test, follow.due, 0);
	follow_run(test, 0, SPT_FOLLOW_FIRST);
	follow_run(test, 0, 2 * SPT_FOLLOW_FIRST);
	/* Nor does the first one after them. */
	follow.pending = SPT_PENDING_NONE;
	follow_run(test, 0, FOLLOW_NEVER);
	follow.pending = SPT_PENDING;
	follow_run(test, 0, SPT_FOLLOW_FIRST);
}

/* Of one that LIO has lost there is nothing to be seen soon, but of others. */
static void follow_stranded(struct kunit *test)
{
	follow.pending = SPT_PENDING_STRANDED;
	follow_run(test, 0, SPT_FOLLOW_STRANDED);
	spt_follow_listen();
	follow.noticing = SPT_NOTICING_OFF;
	follow_run(test, 0, SPT_FOLLOW_UNPROBED);
	spt_follow_unlisten();
}

static void follow_leaving(struct kunit *test)
{
	follow.leaving = 3;
	follow_run(test, SPT_FOLLOW_UNHEARD, FOLLOW_NEVER);
	follow_expect(test, 1, 3);
}

/* LIO can be kept from it for as long as it takes. */
static void follow_leaving_long(struct kunit *test)
{
	u64 began = follow.ns;

	follow.leaving = UINT_MAX;
	follow_run(test, 0, SPT_FOLLOW_LEAVING);
	KUNIT_EXPECT_GT(test, follow.glances, 1);
	KUNIT_EXPECT_LE(test, follow.ns - began, 2 * SPT_FOLLOW_LEAVING_NS);
	follow_run(test, 0, SPT_FOLLOW_LEAVING);
}

/* One look for however many, and not put off by the next. */
static void follow_kicks(struct kunit *test)
{
	follow.due = FOLLOW_NEVER;
	spt_follow_soon();
	KUNIT_EXPECT_EQ(test, follow.kick, SPT_FOLLOW_FIRST);
	KUNIT_EXPECT_EQ(test, follow.due, FOLLOW_NEVER);
	follow.kick = 1;
	spt_follow_soon();
	KUNIT_EXPECT_EQ(test, follow.kick, 1);
	spt_follow_kick(&spt_follow_kicker.work);
	KUNIT_EXPECT_EQ(test, follow.due, 0);
}

/* Something happened while the follower looked: it does not wait. */
static void follow_meanwhile(struct kunit *test)
{
	follow.due = 0;
	follow.pending = SPT_PENDING;
	spt_follow(&spt_follower.work);
	KUNIT_EXPECT_EQ(test, follow.due, 0);
}

static struct kunit_case follow_cases[] = {
	KUNIT_CASE(follow_unheard),
	KUNIT_CASE(follow_listening),
	KUNIT_CASE(follow_unprobed),
	KUNIT_CASE(follow_evicting),
	KUNIT_CASE(follow_hint_missed),
	KUNIT_CASE(follow_slow),
	KUNIT_CASE(follow_backoff),
	KUNIT_CASE(follow_stranded),
	KUNIT_CASE(follow_leaving),
	KUNIT_CASE(follow_leaving_long),
	KUNIT_CASE(follow_kicks),
	KUNIT_CASE(follow_meanwhile),
	{}
};

static struct kunit_suite follow_suite = {
	.name		= "iscsitgt_spt_follow",
	.init		= follow_init,
	.exit		= follow_exit,
	.test_cases	= follow_cases,
};

kunit_test_suite(follow_suite);
