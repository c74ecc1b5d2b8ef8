// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/err.h>

#include "../module/drain.c"
#include "fake_lio.h"

/* What a work item needs at most, where nothing keeps it. */
#define DRAIN_TIME	(30 * HZ)

/* What shows that it waits. */
#define DRAIN_MOMENT	msecs_to_jiffies(50)

static int drain_init(struct kunit *test)
{
	int ret = fake_init();

	if (ret)
		return ret;
	ret = spt_drain_init();
	if (ret)
		fake_exit();
	else
		test->priv = test;
	return ret;
}

static void drain_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	spt_drain_exit();
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);
	fake_exit();
}

static struct spt_drain *drain_begin(struct kunit *test, const char *target)
{
	struct spt_names names = {};
	struct spt_drain *drain;

	strscpy(names.target, target, sizeof(names.target));
	drain = spt_drain_begin(&names);
	KUNIT_ASSERT_FALSE(test, IS_ERR(drain));
	return drain;
}

static void drain_expect(struct kunit *test, struct spt_drain *drain, bool over)
{
	struct completion *next = spt_drain_next(drain);

	while (next && wait_for_completion_timeout(next, over ? DRAIN_TIME :
							   DRAIN_MOMENT))
		next = spt_drain_next(drain);
	KUNIT_EXPECT_EQ(test, !next, over);
}

/* Nobody is held where nobody logs in. */
static void drain_nothing(struct kunit *test)
{
	struct spt_drain *drain = drain_begin(test, "");

	KUNIT_EXPECT_NULL(test, spt_drain_next(drain));
	KUNIT_EXPECT_EQ(test, fake_hold_calls(), 0);
	spt_drain_put(drain);
}

static void drain_one(struct kunit *test)
{
	struct spt_drain *drain;

	fake_begin_login(0);
	drain = drain_begin(test, "");
	drain_expect(test, drain, false);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	fake_end_login(0);
	drain_expect(test, drain, true);
	spt_drain_put(drain);
}

static void drain_all(struct kunit *test)
{
	struct spt_drain *drain;

	fake_begin_login(0);
	fake_begin_login(1);
	drain = drain_begin(test, "");
	fake_end_login(0);
	drain_expect(test, drain, false);
	fake_end_login(1);
	drain_expect(test, drain, true);
	spt_drain_put(drain);
}

static void drain_other_target(struct kunit *test)
{
	struct spt_drain *drain;

	fake_begin_login(1);
	drain = drain_begin(test, "0");
	drain_expect(test, drain, true);
	spt_drain_put(drain);
	drain = drain_begin(test, "1");
	drain_expect(test, drain, false);
	fake_end_login(1);
	drain_expect(test, drain, true);
	spt_drain_put(drain);
}

/* One waits for all who want that, until it has waited. */
static void drain_joined(struct kunit *test)
{
	struct spt_drain *first, *second, *third;

	fake_begin_login(0);
	first = drain_begin(test, "");
	second = drain_begin(test, "0");
	KUNIT_EXPECT_PTR_EQ(test, first->waiters[0], second->waiters[0]);
	spt_drain_put(first);
	drain_expect(test, second, false);
	KUNIT_EXPECT_EQ(test, fake_hold_calls(), 1);
	fake_end_login(0);
	drain_expect(test, second, true);
	fake_begin_login(0);
	third = drain_begin(test, "");
	KUNIT_EXPECT_PTR_NE(test, third->waiters[0], second->waiters[0]);
	drain_expect(test, third, false);
	fake_end_login(0);
	drain_expect(test, third, true);
	spt_drain_put(second);
	spt_drain_put(third);
}

/* It ends by itself. */
static void drain_given_up(struct kunit *test)
{
	fake_begin_login(0);
	spt_drain_put(drain_begin(test, ""));
	KUNIT_EXPECT_GT(test, module_refcount(THIS_MODULE), 0);
	fake_end_login(0);
	flush_workqueue(spt_drain_wq);
}

/* A TPG that is being removed is waited for, until it is gone. */
static void drain_removed(struct kunit *test)
{
	struct spt_drain *drain;

	fake_begin_login(0);
	fake_set_hold_error(-ENOENT);
	drain = drain_begin(test, "");
	drain_expect(test, drain, false);
	fake_set_removed(0, true);
	drain_expect(test, drain, true);
	spt_drain_put(drain);
	fake_end_login(0);
}

/* Or until its removal has failed. */
static void drain_not_removed(struct kunit *test)
{
	struct spt_drain *drain;

	fake_begin_login(0);
	fake_set_hold_error(-ENOENT);
	drain = drain_begin(test, "");
	drain_expect(test, drain, false);
	fake_set_hold_error(0);
	drain_expect(test, drain, false);
	fake_end_login(0);
	drain_expect(test, drain, true);
	spt_drain_put(drain);
}

static struct kunit *drain_test;
static struct spt_drain *drain_joiner;
static DECLARE_COMPLETION(drain_has_joined);

/* Just after the look, a new one is at the address, with a login, and is drained. */
static void drain_again(struct iscsit_session *none)
{
	fake_set_removed(0, false);
	drain_joiner = drain_begin(drain_test, "");
	complete(&drain_has_joined);
}

static void drain_address_again(struct kunit *test)
{
	struct spt_drain *drain;

	drain_test = test;
	reinit_completion(&drain_has_joined);
	fake_begin_login(0);
	fake_set_hold_error(-ENOENT);
	drain = drain_begin(test, "");
	fake_hook(FAKE_NOT_THERE, drain_again, NULL);
	fake_set_removed(0, true);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&drain_has_joined, DRAIN_TIME),
			0);
	drain_expect(test, drain, false);
	KUNIT_EXPECT_PTR_EQ(test, drain_joiner->waiters[0], drain->waiters[0]);
	fake_set_hold_error(0);
	drain_expect(test, drain_joiner, false);
	fake_end_login(0);
	drain_expect(test, drain_joiner, true);
	spt_drain_put(drain_joiner);
	spt_drain_put(drain);
}

static struct kunit_case drain_cases[] = {
	KUNIT_CASE(drain_nothing),
	KUNIT_CASE(drain_one),
	KUNIT_CASE(drain_all),
	KUNIT_CASE(drain_other_target),
	KUNIT_CASE(drain_joined),
	KUNIT_CASE(drain_given_up),
	KUNIT_CASE(drain_removed),
	KUNIT_CASE(drain_not_removed),
	KUNIT_CASE(drain_address_again),
	{}
};

static struct kunit_suite drain_suite = {
	.name		= "iscsitgt_spt_drain",
	.init		= drain_init,
	.exit		= drain_exit,
	.test_cases	= drain_cases,
};

kunit_test_suite(drain_suite);
