// SPDX-License-Identifier: GPL-2.0
/* LIO goes on while several look at it. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/sched.h>

#include "registry_fixture.h"
#include "sessions.h"
#include "thread.h"

#define STORM_SESSIONS	400
/* How many are logged in at a time. */
#define STORM_DEPTH	8

struct storm {
	struct iscsit_session *sess[STORM_SESSIONS];
	bool ended[STORM_SESSIONS];
	atomic_t running;
	atomic_t wrong;
};

static void storm_lio(void *data)
{
	struct storm *storm = data;
	size_t i;

	for (i = 0; i < STORM_SESSIONS + STORM_DEPTH; i++) {
		struct iscsit_session *old;

		if (i < STORM_SESSIONS) {
			fake_list(storm->sess[i]);
			/* Each third one comes and goes. */
			if (!(i % 3))
				fake_end(storm->sess[i]);
		}
		cond_resched();
		if (i < STORM_DEPTH ||
		    !((i - STORM_DEPTH) % 3))
			continue;
		old = storm->sess[i - STORM_DEPTH];
		fake_depart(old);
		cond_resched();
		fake_unlist(old);
		cond_resched();
		fake_forget(old);
	}
	atomic_dec(&storm->running);
}

static void storm_look(void *data)
{
	struct storm *storm = data;
	struct spt_snapshot snapshot;
	unsigned int rounds = 0;
	size_t i;

	while (atomic_read(&storm->running)) {
		/* Mostly a glance, and now and then all of them. */
		spt_registry_sweep(true);
		cond_resched();
		if (rounds++ % 8)
			continue;
		if (spt_registry_snapshot(&snapshot)) {
			atomic_inc(&storm->wrong);
			return;
		}
		for (i = 0; i < snapshot.count; i++) {
			if (!snapshot.sessions[i]->cookie)
				atomic_inc(&storm->wrong);
		}
		registry_put_snapshot(&snapshot);
	}
}

static void storm_check(struct kunit *test, struct storm *storm)
{
	struct spt_event event;
	size_t starts = 0, ends = 0;

	while (registry_told_any(&event)) {
		struct iscsit_session *sess = (void *)event.session->id.session;
		/* Counted from 1 on, in this order. */
		size_t i = sess->id.sid - 1;

		if (event.end) {
			KUNIT_EXPECT_EQ(test, sess->cookie,
					event.session->cookie);
			KUNIT_EXPECT_FALSE(test, storm->ended[i]);
			storm->ended[i] = true;
			ends++;
		} else {
			KUNIT_EXPECT_EQ(test, sess->cookie, 0);
			sess->cookie = event.session->cookie;
			starts++;
		}
		spt_session_put(event.session);
	}
	KUNIT_EXPECT_EQ(test, starts, STORM_SESSIONS);
	KUNIT_EXPECT_EQ(test, ends, STORM_SESSIONS);
}

/* All of them start once and end once. */
static void storm_once_each(struct kunit *test)
{
	struct thread lio, lookers[2];
	struct storm *storm;
	size_t i;

	storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, storm);
	for (i = 0; i < STORM_SESSIONS; i++)
		storm->sess[i] = fake_new(test, i % FAKE_TPGS, i);

	atomic_set(&storm->running, 1);
	for (i = 0; i < ARRAY_SIZE(lookers); i++)
		thread_start(test, &lookers[i], storm_look, storm);
	if (!thread_start(test, &lio, storm_lio, storm))
		atomic_set(&storm->running, 0);
	thread_join(&lio);
	for (i = 0; i < ARRAY_SIZE(lookers); i++)
		thread_join(&lookers[i]);
	spt_registry_sweep(false);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, atomic_read(&storm->wrong), 0);
	storm_check(test, storm);
}

static struct kunit_case storm_cases[] = {
	KUNIT_CASE_SLOW(storm_once_each),
	{}
};

static struct kunit_suite storm_suite = {
	.name		= "iscsitgt_spt_storm",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= storm_cases,
};

kunit_test_suite(storm_suite);
