// SPDX-License-Identifier: GPL-2.0
/* Sessions that log in while LIO is looked at, and more of them at each look. */
#include <kunit/test.h>
#include <linux/errno.h>

#include "counters.h"
#include "registry_fixture.h"
#include "sessions.h"

static struct kunit *crowd_test;
static unsigned int crowd_first;
static unsigned int crowd_more;
static unsigned int crowd_logins;

/* Before each scan, until it is over. */
static void crowd_arrive(struct iscsit_session *sess)
{
	unsigned int count = crowd_logins ? crowd_more : crowd_first;

	while (count--)
		fake_login(crowd_test, 0, crowd_logins++);
	fake_hook(FAKE_BEFORE_VISITS, crowd_arrive, NULL);
}

static void crowd_begin(struct kunit *test, unsigned int first,
			unsigned int more)
{
	crowd_test = test;
	crowd_first = first;
	crowd_more = more;
	crowd_logins = 0;
	fake_hook(FAKE_BEFORE_VISITS, crowd_arrive, NULL);
}

/* Everybody who has logged in was told once, in the order of the cookies. */
static void crowd_told(struct kunit *test)
{
	unsigned int starts = 0;
	struct spt_event event;
	u64 last = 0;

	while (registry_told_any(&event)) {
		KUNIT_EXPECT_FALSE(test, event.end);
		KUNIT_EXPECT_GT(test, event.session->cookie, last);
		last = event.session->cookie;
		spt_session_put(event.session);
		starts++;
	}
	KUNIT_EXPECT_EQ(test, starts, crowd_logins);
}

static void crowd_over(struct kunit *test)
{
	fake_hook(FAKE_BEFORE_VISITS, NULL, NULL);
	registry_sweep(test, SPT_PENDING_NONE);
	crowd_told(test);
}

static const unsigned int crowd_rates[] = { 1, 16, 17, 18, 100, 200 };

static void crowd_rate_text(const unsigned int *rate, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "%u a scan", *rate);
}

KUNIT_ARRAY_PARAM(crowd_rate, crowd_rates, crowd_rate_text);

/* However many they are, two scans are enough if they do not become more. */
static void crowd_steady(struct kunit *test)
{
	const unsigned int *rate = test->param_value;

	crowd_begin(test, *rate, *rate);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_RESCANS), 2);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_LE(test, counters_read(SPT_COUNT_RESCANS), 4);
	crowd_over(test);
}

/* If they do, each time one more than there is room for, it is given up. */
static void crowd_too_fast(struct kunit *test)
{
	struct spt_snapshot snapshot;

	crowd_begin(test, 1, 66);
	KUNIT_EXPECT_EQ(test, spt_registry_snapshot(&snapshot), -EBUSY);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_RESCANS), 8);
	crowd_over(test);
}

/* More than the snapshot's array was made for: it is made again. */
static void crowd_snapshot(struct kunit *test)
{
	struct spt_snapshot snapshot;

	crowd_begin(test, 100, 1);
	KUNIT_ASSERT_EQ(test, spt_registry_snapshot(&snapshot), 0);
	KUNIT_EXPECT_EQ(test, snapshot.count, crowd_logins);
	registry_put_snapshot(&snapshot);
	crowd_over(test);
}

static struct kunit_case crowd_cases[] = {
	KUNIT_CASE_PARAM(crowd_steady, crowd_rate_gen_params),
	KUNIT_CASE(crowd_too_fast),
	KUNIT_CASE(crowd_snapshot),
	{}
};

static struct kunit_suite crowd_suite = {
	.name		= "iscsitgt_spt_crowd",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= crowd_cases,
};

kunit_test_suite(crowd_suite);
