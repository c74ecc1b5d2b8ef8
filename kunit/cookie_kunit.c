// SPDX-License-Identifier: GPL-2.0
/* Which cookies the map gives. */
#include <kunit/test.h>
#include <linux/timekeeping.h>

#include "map_fixture.h"
#include "sessions.h"

static void cookie_gives_the_time(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 1, 1000)->cookie, 1000);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 2, 1001)->cookie, 1001);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 3, 5000)->cookie, 5000);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 4, 1ULL << 40)->cookie,
			1ULL << 40);
}

static void cookie_never_gives_zero(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 1, 0)->cookie, 1);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 2, 0)->cookie, 2);
}

static void cookie_while_time_stands(struct kunit *test)
{
	u32 sid;

	for (sid = 0; sid < 10; sid++)
		KUNIT_EXPECT_EQ(test, map_add_sid(test, sid, 1000)->cookie,
				1000 + sid);
	/* Overtaken by the cookies, then ahead of them again. */
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 10, 1005)->cookie, 1010);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 11, 1010)->cookie, 1011);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 12, 1012)->cookie, 1012);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 13, 1014)->cookie, 1014);
}

static void cookie_while_time_goes_back(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 1, 1000)->cookie, 1000);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 2, 999)->cookie, 1001);
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 3, 0)->cookie, 1002);
}

static void cookie_is_not_given_again(struct kunit *test)
{
	map_drop(test, map_add_sid(test, 1, 1000));
	KUNIT_EXPECT_EQ(test, map_add_sid(test, 2, 1000)->cookie, 1001);
}

static void cookie_end(struct kunit *test)
{
	struct spt_session *almost = map_add_sid(test, 1, U64_MAX - 1);
	struct spt_session *last = map_add_sid(test, 2, 1000);
	struct spt_identity id = map_id_with_sid(3);
	struct spt_session *none = map_alloc(test, &id);
	u64 now;

	KUNIT_EXPECT_EQ(test, almost->cookie, U64_MAX - 1);
	KUNIT_EXPECT_EQ(test, last->cookie, U64_MAX);

	for (now = 0; now < 3; now++)
		KUNIT_EXPECT_EQ(test, spt_map_insert(test->priv, none, now),
				-EOVERFLOW);
	KUNIT_EXPECT_EQ(test, spt_map_insert(test->priv, none, U64_MAX),
			-EOVERFLOW);

	/* The refused one is still its caller's, and in no part of the map. */
	KUNIT_EXPECT_EQ(test, refcount_read(&none->refs), 1);
	KUNIT_EXPECT_EQ(test, none->cookie, 0);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 2);
	KUNIT_EXPECT_TRUE(test, list_empty(&none->all));
	map_expect_cookie(test, 0, NULL);
	map_expect_found(test, &id, NULL);
	map_expect_cookie(test, U64_MAX, last);

	map_drop(test, almost);
	map_drop(test, last);
	KUNIT_EXPECT_EQ(test, spt_map_insert(test->priv, none, 1000),
			-EOVERFLOW);
	spt_session_put(none);
}

static void cookie_after_reload(struct kunit *test)
{
	u64 last = 0;
	u32 sid;

	for (sid = 0; sid < 100; sid++)
		last = map_add_sid(test, sid, 1000)->cookie;
	KUNIT_EXPECT_EQ(test, last, 1099);
	map_drain(test);

	spt_map_init(test->priv);
	KUNIT_EXPECT_GT(test, map_add_sid(test, 0, 1100)->cookie, last);
	map_expect_cookie(test, last, NULL);
}

/*
 * Cookies must not run ahead of the clock: this one asks the real clock, with
 * everything allocated before, so that nothing but insertion takes time.
 */
static void cookie_against_the_clock(struct kunit *test)
{
	struct spt_session **sessions;
	u64 now, last;
	u32 i;

	sessions = kunit_kcalloc(test, 1000, sizeof(*sessions), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sessions);
	for (i = 0; i < 1000; i++) {
		struct spt_identity id = map_id_with_sid(i);

		sessions[i] = map_alloc(test, &id);
	}

	/* As one scan does it, which reads the clock once for all. */
	now = ktime_get_boottime_ns();
	for (i = 0; i < 1000; i++)
		spt_map_insert(test->priv, sessions[i], now);
	last = sessions[999]->cookie;
	KUNIT_EXPECT_GT(test, ktime_get_boottime_ns(), last);
	KUNIT_EXPECT_EQ(test, last, now + 999);
}

static struct kunit_case cookie_cases[] = {
	KUNIT_CASE(cookie_gives_the_time),
	KUNIT_CASE(cookie_never_gives_zero),
	KUNIT_CASE(cookie_while_time_stands),
	KUNIT_CASE(cookie_while_time_goes_back),
	KUNIT_CASE(cookie_is_not_given_again),
	KUNIT_CASE(cookie_end),
	KUNIT_CASE(cookie_after_reload),
	KUNIT_CASE(cookie_against_the_clock),
	{}
};

static struct kunit_suite cookie_suite = {
	.name		= "iscsitgt_spt_cookie",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= map_fixture_init,
	.exit		= map_fixture_exit,
	.test_cases	= cookie_cases,
};

kunit_test_suite(cookie_suite);
