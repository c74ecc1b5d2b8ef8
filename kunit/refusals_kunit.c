// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/errno.h>

#include "../module/refusals.c"
#include "thread.h"

#define REFUSALS_MAX	4

static int refusals_init(struct kunit *test)
{
	struct spt_refusals *refusals = kunit_kzalloc(test, sizeof(*refusals),
						      GFP_KERNEL);
	int ret;

	if (!refusals)
		return -ENOMEM;
	ret = spt_refusals_init(refusals, REFUSALS_MAX);
	if (!ret)
		test->priv = refusals;
	return ret;
}

static void refusals_exit(struct kunit *test)
{
	if (test->priv)
		spt_refusals_exit(test->priv);
}

static int refusals_set(struct kunit *test, const char *initiator,
			const char *target, u64 now, u64 deadline)
{
	struct spt_names names = {};
	const struct spt_refusal_set set = {
		.names		= &names,
		.now		= now,
		.deadline	= deadline,
	};

	strscpy(names.initiator, initiator, sizeof(names.initiator));
	strscpy(names.target, target, sizeof(names.target));
	return spt_refusals_set(test->priv, &set);
}

static int refusals_evict(struct kunit *test, const char *initiator, u64 now,
			  u64 deadline, u64 cookie, u64 evict_at)
{
	struct spt_names names = { .target = "disk" };
	const struct spt_refusal_set set = {
		.names		= &names,
		.now		= now,
		.deadline	= deadline,
		.cookie		= cookie,
		.evict_at	= evict_at,
	};

	strscpy(names.initiator, initiator, sizeof(names.initiator));
	return spt_refusals_set(test->priv, &set);
}

static void refusals_none(struct kunit *test)
{
	struct spt_names names;
	u64 left;

	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "a", "disk", 0));
	KUNIT_EXPECT_FALSE(test, spt_refusals_evicting(test->priv, 0));
	KUNIT_EXPECT_EQ(test, spt_refusals_evict(test->priv, "a", "disk", 0), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 0), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_get(test->priv, 0, 0, &names, &left),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 1, true, 0, &names), -ENOENT);
}

static void refusals_names(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, refusals_set(test, "A", "disk", 0, 10), 0);
	KUNIT_EXPECT_TRUE(test, spt_refusals_refuse(test->priv, "a", "DISK", 0));
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "a", "other", 0));
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "b", "disk", 0));
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "", "disk", 0));
	KUNIT_ASSERT_EQ(test, refusals_set(test, "b", "", 0, 10), 0);
	KUNIT_EXPECT_TRUE(test, spt_refusals_refuse(test->priv, "B", "other", 0));
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "a", "other", 0));
}

/* To the nanosecond. */
static void refusals_end(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 10), 0);
	KUNIT_EXPECT_TRUE(test, spt_refusals_refuse(test->priv, "a", "disk", 9));
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "a", "disk", 10));
	/* Whoever asks by an earlier clock is answered by that. */
	KUNIT_EXPECT_TRUE(test, spt_refusals_refuse(test->priv, "a", "disk", 9));
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 9), 1);
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 10), 0);
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "a", "disk", 9));
}

static void refusals_change(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 10), 0);
	KUNIT_ASSERT_EQ(test, refusals_set(test, "A", "Disk", 0, 20), 0);
	KUNIT_EXPECT_TRUE(test, spt_refusals_refuse(test->priv, "a", "disk", 19));
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 5), 0);
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "a", "disk", 5));
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 0), 1);
}

static void refusals_lift(struct kunit *test)
{
	static const struct spt_names names = { "A", "DISK" }, every = { "a", "" };

	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 10), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_lift(test->priv, &every, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, spt_refusals_lift(test->priv, &names, 0), 0);
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "a", "disk", 0));
	KUNIT_EXPECT_EQ(test, spt_refusals_lift(test->priv, &names, 0), -ENOENT);
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 10), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_lift(test->priv, &names, 10), -ENOENT);
}

static void refusals_full(struct kunit *test)
{
	char name[] = "0";
	int i;

	for (i = 0; i < REFUSALS_MAX; i++, name[0]++)
		KUNIT_ASSERT_EQ(test, refusals_set(test, name, "", 0, 10 + i), 0);
	KUNIT_EXPECT_EQ(test, refusals_set(test, "x", "", 9, 100), -ENOSPC);
	KUNIT_EXPECT_EQ(test, refusals_evict(test, "x", 9, 100, 1, 1), -ENOSPC);
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "x", "", 9));
	/* One that is there can be changed, and one that has ended is none. */
	KUNIT_EXPECT_EQ(test, refusals_set(test, "1", "", 9, 100), 0);
	KUNIT_EXPECT_EQ(test, refusals_set(test, "x", "", 10, 100), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 10), REFUSALS_MAX);
}

static void refusals_one(struct kunit *test)
{
	struct spt_refusals *refusals = test->priv;

	spt_refusals_exit(refusals);
	test->priv = NULL;
	KUNIT_ASSERT_EQ(test, spt_refusals_init(refusals, 1), 0);
	test->priv = refusals;
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 10), 0);
	KUNIT_EXPECT_EQ(test, refusals_set(test, "b", "disk", 0, 10), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, spt_refusals_refuse(test->priv, "a", "disk", 0));
	KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "b", "disk", 0));
}

/* Oldest first, as they were set first. */
static void refusals_list(struct kunit *test)
{
	struct spt_names names;
	u64 left;

	KUNIT_ASSERT_EQ(test, refusals_set(test, "B", "disk", 0, 30), 0);
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "", 0, 10), 0);
	KUNIT_ASSERT_EQ(test, refusals_set(test, "c", "", 0, 20), 0);
	KUNIT_ASSERT_EQ(test, refusals_set(test, "b", "Disk", 0, 40), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_get(test->priv, 0, 3, &names, &left), 0);
	KUNIT_EXPECT_STREQ(test, names.initiator, "B");
	KUNIT_EXPECT_STREQ(test, names.target, "disk");
	KUNIT_EXPECT_EQ(test, left, 37);
	KUNIT_EXPECT_EQ(test, spt_refusals_get(test->priv, 1, 3, &names, &left), 0);
	KUNIT_EXPECT_STREQ(test, names.initiator, "a");
	KUNIT_EXPECT_EQ(test, left, 7);
	KUNIT_EXPECT_EQ(test, spt_refusals_get(test->priv, 1, 10, &names, &left), 0);
	KUNIT_EXPECT_STREQ(test, names.initiator, "c");
	KUNIT_EXPECT_EQ(test, spt_refusals_get(test->priv, 2, 10, &names, &left),
			-ENOENT);
}

static void refusals_evictions(struct kunit *test)
{
	struct spt_refusals *refusals = test->priv;
	struct spt_names names;

	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 50), 0);
	KUNIT_EXPECT_FALSE(test, spt_refusals_evicting(test->priv, 0));
	KUNIT_EXPECT_EQ(test, refusals->evictions, 0);
	/* It is not cut short, and evicts from now on. */
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 0, 40, 7, 100), 0);
	KUNIT_EXPECT_EQ(test, refusals->evictions, 1);
	KUNIT_EXPECT_TRUE(test, spt_refusals_evicting(test->priv, 49));
	KUNIT_EXPECT_EQ(test, spt_refusals_evict(test->priv, "A", "disk", 49), 100);
	KUNIT_EXPECT_EQ(test, spt_refusals_evict(test->priv, "a", "other", 49), 0);
	/* The earliest of those who want that. */
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 0, 60, 8, 200), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_evict(test->priv, "a", "disk", 59), 100);
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 0, 60, 9, 90), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_evict(test->priv, "a", "disk", 59), 90);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 9, false, 59, &names), 0);
	KUNIT_EXPECT_STREQ(test, names.initiator, "a");
	KUNIT_EXPECT_STREQ(test, names.target, "disk");
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 10, false, 59, &names), -ENOENT);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 0, false, 59, &names), -ENOENT);
	/* All that it was set for, each once. */
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 0, 60, 7, 95), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 7, false, 59, &names), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 8, false, 59, &names), 0);
	/* An admin's own change goes on to evict. */
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 30), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_evict(test->priv, "a", "disk", 29), 90);
	KUNIT_EXPECT_EQ(test, spt_refusals_evict(test->priv, "a", "disk", 30), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 9, false, 30, &names), -ENOENT);
}

/* A hold of every target is not widened, or lengthened, by who wants one of one. */
static void refusals_scope(struct kunit *test)
{
	static const struct spt_names every = { "a", "" };
	const struct spt_refusal_set set = {
		.names = &every, .deadline = 50, .cookie = 5, .evict_at = 1,
	};
	struct spt_names names;

	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 0, 50, 4, 1), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 4, true, 0, &names), 0);
	KUNIT_EXPECT_STREQ(test, names.target, "disk");
	KUNIT_ASSERT_EQ(test, spt_refusals_set(test->priv, &set), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 5, false, 0, &names),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 5, true, 0, &names), 0);
	KUNIT_EXPECT_STREQ(test, names.target, "");
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 0, 50, 5, 1), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 5, true, 0, &names), 0);
	KUNIT_EXPECT_STREQ(test, names.target, "");
	KUNIT_EXPECT_EQ(test, spt_refusals_find(test->priv, 5, false, 0, &names), 0);
	KUNIT_EXPECT_STREQ(test, names.target, "disk");
}

/* One is the same until it has ended; one that comes after it is another. */
static void refusals_serial(struct kunit *test)
{
	static const struct spt_names names = { "a", "disk" };
	static const struct spt_names other = { "b", "disk" };
	u64 first;

	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 10), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_serial(test->priv, &names, 0), 0);
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 1, 20, 7, 1), 0);
	first = spt_refusals_serial(test->priv, &names, 1);
	KUNIT_EXPECT_NE(test, first, 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_serial(test->priv, &other, 1), 0);
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "A", 19, 30, 8, 1), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_serial(test->priv, &names, 29), first);
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "a", 30, 40, 8, 1), 0);
	KUNIT_EXPECT_GT(test, spt_refusals_serial(test->priv, &names, 30), first);
	KUNIT_ASSERT_EQ(test, spt_refusals_lift(test->priv, &names, 31), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_serial(test->priv, &names, 31), 0);
}

/* Whichever of them ends first, and however it was changed. */
static void refusals_each_end(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 0, 30), 0);
	KUNIT_ASSERT_EQ(test, refusals_evict(test, "b", 0, 10, 7, 1), 0);
	KUNIT_ASSERT_EQ(test, refusals_set(test, "c", "disk", 0, 20), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 9), 3);
	KUNIT_EXPECT_TRUE(test, spt_refusals_evicting(test->priv, 9));
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 10), 2);
	KUNIT_EXPECT_FALSE(test, spt_refusals_evicting(test->priv, 10));
	KUNIT_ASSERT_EQ(test, refusals_set(test, "a", "disk", 10, 15), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 15), 1);
	KUNIT_ASSERT_EQ(test, refusals_set(test, "c", "disk", 15, 40), 0);
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 39), 1);
	KUNIT_EXPECT_EQ(test, spt_refusals_count(test->priv, 40), 0);
}

#define REFUSALS_STORM_ROUNDS	2000

struct refusals_storm {
	struct spt_refusals *refusals;
	atomic_t running;
	bool wrong;
};

/* One is always there, one never, one comes and goes. */
static void refusals_storm_ask(void *data)
{
	struct refusals_storm *storm = data;

	while (atomic_read(&storm->running)) {
		if (!spt_refusals_refuse(storm->refusals, "there", "disk", 1) ||
		    spt_refusals_refuse(storm->refusals, "never", "disk", 1))
			WRITE_ONCE(storm->wrong, true);
		spt_refusals_refuse(storm->refusals, "comes", "disk", 1);
		cond_resched();
	}
}

static void refusals_storm(struct kunit *test)
{
	const struct spt_names comes = { "comes", "disk" };
	struct refusals_storm *storm;
	struct thread askers[2];
	int i;

	storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->refusals = test->priv;
	KUNIT_ASSERT_EQ(test, refusals_set(test, "there", "", 0, 10), 0);
	atomic_set(&storm->running, 1);
	for (i = 0; i < ARRAY_SIZE(askers); i++)
		thread_start(test, &askers[i], refusals_storm_ask, storm);
	for (i = 0; i < REFUSALS_STORM_ROUNDS; i++) {
		KUNIT_EXPECT_EQ(test, refusals_set(test, "comes", "disk", 0, 10), 0);
		KUNIT_EXPECT_TRUE(test, spt_refusals_refuse(test->priv, "comes",
							    "disk", 0));
		KUNIT_EXPECT_EQ(test, spt_refusals_lift(test->priv, &comes, 0), 0);
		KUNIT_EXPECT_FALSE(test, spt_refusals_refuse(test->priv, "comes",
							     "disk", 0));
		cond_resched();
	}
	atomic_set(&storm->running, 0);
	for (i = 0; i < ARRAY_SIZE(askers); i++)
		thread_join(&askers[i]);
	KUNIT_EXPECT_FALSE(test, storm->wrong);
}

static struct kunit_case refusals_cases[] = {
	KUNIT_CASE(refusals_none),
	KUNIT_CASE(refusals_names),
	KUNIT_CASE(refusals_end),
	KUNIT_CASE(refusals_change),
	KUNIT_CASE(refusals_lift),
	KUNIT_CASE(refusals_full),
	KUNIT_CASE(refusals_one),
	KUNIT_CASE(refusals_list),
	KUNIT_CASE(refusals_evictions),
	KUNIT_CASE(refusals_scope),
	KUNIT_CASE(refusals_serial),
	KUNIT_CASE(refusals_each_end),
	KUNIT_CASE_SLOW(refusals_storm),
	{}
};

static struct kunit_suite refusals_suite = {
	.name		= "iscsitgt_spt_refusals",
	.init		= refusals_init,
	.exit		= refusals_exit,
	.test_cases	= refusals_cases,
};

kunit_test_suite(refusals_suite);
