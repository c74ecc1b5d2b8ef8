// SPDX-License-Identifier: GPL-2.0
/*
 * What a probe captured, at each moment of a scan; and what is left of starts and
 * ends when memory or cookies have run out.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "counters.h"
#include "registry_fixture.h"
#include "sessions.h"

/* Seen by no scan: it came and went between two. */
static void departures_came_and_went(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
}

static void departures_many_came_and_went(struct kunit *test)
{
	struct iscsit_session *sess[40];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sess); i++) {
		sess[i] = fake_login(test, 0, i);
		fake_end(sess[i]);
	}
	registry_sweep(test, SPT_PENDING_NONE);
	for (i = 0; i < ARRAY_SIZE(sess); i++) {
		registry_told_start(test, sess[i], false);
		registry_told_end(test, sess[i], ISCSITGT_SPT_END_UNKNOWN);
	}
}

/* One that came and went after the end of one that was known. */
static void departures_of_a_nexus_in_order(struct kunit *test)
{
	struct iscsit_session *old = fake_login(test, 0, 1);
	struct iscsit_session *next;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, old, false);
	fake_end(old);
	next = fake_login(test, 0, 1);
	fake_end(next);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_start(test, next, false);
	registry_told_end(test, next, ISCSITGT_SPT_END_UNKNOWN);
}

static void departures_set_the_cause(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
}

/* It begins to look like another one as it ends, or like none. */
static void departures_keep_the_cause(struct kunit *test)
{
	const enum iscsitgt_spt_end_cause *later = test->param_value;
	struct iscsit_session *sess = fake_login(test, 0, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	registry_sweep(test, SPT_PENDING_NONE);
	sess->cause = *later;
	registry_sweep(test, SPT_PENDING_NONE);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
}

static const enum iscsitgt_spt_end_cause departures_later[] = {
	ISCSITGT_SPT_END_UNKNOWN,
	ISCSITGT_SPT_END_CONNECTION_LOST,
	ISCSITGT_SPT_END_REINSTATED,
	ISCSITGT_SPT_END_REMOVED,
};

KUNIT_ARRAY_PARAM(departures_later, departures_later, NULL);

/* Seen by a scan as it was new. */
static void departures_first_cause(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	sess->cause = ISCSITGT_SPT_END_CONNECTION_LOST;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_CONNECTION_LOST);
}

/* LIO takes long: it is not looked at all the time for that. */
static void departures_take_long(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct spt_session *session;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	session = registry_find(test, sess);
	fake_depart(sess);
	registry_sweep_leaving(test);
	KUNIT_EXPECT_NE(test, session->leaving, 0);
	session->leaving = get_jiffies_64() + HZ;
	registry_sweep(test, SPT_PENDING_LEAVING);
	session->leaving = get_jiffies_64() - HZ;
	registry_sweep(test, SPT_PENDING);
	registry_sweep(test, SPT_PENDING);
	fake_vanish(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* One that was taken for gone before is not told again. */
static void departures_late(struct kunit *test)
{
	struct iscsit_session *sess[40];
	struct iscsit_session *other = fake_login(test, 1, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sess); i++)
		sess[i] = fake_login(test, 0, i);
	registry_sweep(test, SPT_PENDING_NONE);
	for (i = 0; i < ARRAY_SIZE(sess); i++)
		registry_told_start(test, sess[i], false);
	registry_told_start(test, other, false);
	fake_set_removed(0, true);
	registry_sweep(test, SPT_PENDING_NONE);
	for (i = 0; i < ARRAY_SIZE(sess); i++)
		registry_told_end(test, sess[i], ISCSITGT_SPT_END_UNKNOWN);

	for (i = 0; i < ARRAY_SIZE(sess); i++)
		fake_depart(sess[i]);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_HINTS_MISSED), 0);
	/* Others are. */
	fake_end(other);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, other, ISCSITGT_SPT_END_UNKNOWN);
}

/* Captured, but still listed. */
static void departures_of_listed(struct kunit *test)
{
	struct iscsit_session *known = fake_login(test, 0, 1);
	struct iscsit_session *new;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, known, false);
	new = fake_login(test, 0, 2);
	fake_depart(known);
	fake_depart(new);
	registry_sweep_leaving(test);
	registry_told_start(test, new, false);
	registry_sweep_leaving(test);
	registry_told_nothing(test);
	fake_vanish(known);
	fake_vanish(new);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, known, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_end(test, new, ISCSITGT_SPT_END_UNKNOWN);
}

/* A scan finds it gone; the departure is captured after the first drain. */
static void departures_before_visits(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_hook(FAKE_BEFORE_VISITS, fake_end, sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	registry_sweep(test, SPT_PENDING_NONE);
}

/* The same, but nobody knows it yet. */
static void departures_before_visits_unknown(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_hook(FAKE_BEFORE_VISITS, fake_end, sess);
	registry_sweep_leaving(test);
	registry_told_start(test, sess, false);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	registry_sweep(test, SPT_PENDING_NONE);
}

/* A scan has just found it, and then it departs. */
static void departures_after_visits(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_hook(FAKE_AFTER_VISITS, fake_end, sess);
	registry_sweep_leaving(test);
	registry_told_nothing(test);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	registry_sweep(test, SPT_PENDING_NONE);
}

static void departures_after_visits_new(struct kunit *test)
{
	struct iscsit_session *sess;

	/* So that there is a blank. */
	registry_sweep(test, SPT_PENDING_NONE);
	sess = fake_login(test, 0, 1);
	fake_hook(FAKE_AFTER_VISITS, fake_end, sess);
	registry_sweep_leaving(test);
	registry_told_start(test, sess, false);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* It was there in the scan that had no blank for it, and not in the next one. */
static void departures_between_two_scans(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	fake_hook(FAKE_AFTER_VISITS, fake_end, sess);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_RESCANS), 2);
	registry_told_start(test, sess, false);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* The same, but no probe sees it: then nobody knows that it was there. */
static void departures_between_two_scans_unnoticed(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	fake_hook(FAKE_AFTER_VISITS, fake_vanish, sess);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_RESCANS), 2);
	registry_told_nothing(test);
}

/* It logs in and departs within a scan. */
static void departures_list_and_end(struct iscsit_session *sess)
{
	fake_list(sess);
	fake_end(sess);
}

static void departures_within_a_scan(struct kunit *test)
{
	struct iscsit_session *before = fake_new(test, 0, 1);
	struct iscsit_session *after = fake_new(test, 0, 2);

	fake_hook(FAKE_BEFORE_VISITS, departures_list_and_end, before);
	fake_hook(FAKE_AFTER_VISITS, departures_list_and_end, after);
	registry_sweep_leaving(test);
	registry_told_start(test, before, false);
	registry_told_start(test, after, false);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, before, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_end(test, after, ISCSITGT_SPT_END_UNKNOWN);
}

/* Not less than all at once, and no start twice for having been seen in part. */
static void departures_no_memory(struct kunit *test)
{
	const int *allowed = test->param_value;
	struct spt_snapshot snapshot;
	struct iscsit_session *sess[5];
	int i;

	for (i = 0; i < ARRAY_SIZE(sess); i++)
		sess[i] = fake_login(test, 0, i);
	sessions_allow(*allowed);
	KUNIT_EXPECT_EQ(test, spt_registry_snapshot(&snapshot), -ENOMEM);
	/* What a sweep has no memory for is tried again. */
	registry_sweep(test, SPT_PENDING);
	for (i = 0; i < *allowed; i++)
		registry_told_start(test, sess[i], false);
	registry_told_nothing(test);

	sessions_allow(SESSIONS_ALL);
	KUNIT_ASSERT_EQ(test, spt_registry_snapshot(&snapshot), 0);
	KUNIT_EXPECT_EQ(test, snapshot.count, 5);
	for (i = *allowed; i < ARRAY_SIZE(sess); i++)
		registry_told_start(test, sess[i], false);
	registry_put_snapshot(&snapshot);
	registry_sweep(test, SPT_PENDING_NONE);
}

static const int departures_allowed[] = { 0, 1, 4 };

KUNIT_ARRAY_PARAM(departures_allowed, departures_allowed, NULL);

/* Ends need no memory. */
static void departures_end_without_memory(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	sessions_allow(0);
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_HINTS_MISSED), 0);
}

static void departures_unknown_without_memory(struct kunit *test)
{
	struct iscsit_session *gone = fake_login(test, 0, 1);
	struct iscsit_session *there = fake_login(test, 0, 2);

	fake_end(gone);
	fake_depart(there);
	sessions_allow(0);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_HINTS_MISSED), 2);
	registry_told_nothing(test);
	/* One that has gone is missed, one that has not is told all the same. */
	sessions_allow(SESSIONS_ALL);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, there, false);
	fake_vanish(there);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, there, ISCSITGT_SPT_END_UNKNOWN);
}

static void departures_no_cookies(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct iscsit_session *gone, *new;
	struct spt_snapshot snapshot;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	registry_set_last_cookie(U64_MAX);
	new = fake_login(test, 0, 2);
	gone = fake_login(test, 0, 3);
	fake_end(gone);
	KUNIT_EXPECT_EQ(test, spt_registry_snapshot(&snapshot), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_HINTS_MISSED), 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);

	/* Those that have one are told to their end. */
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
	/* Not in reality; but so it shows that the new one is in no map. */
	registry_set_last_cookie(sess->cookie);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, new, false);
}

static struct kunit_case departures_cases[] = {
	KUNIT_CASE(departures_came_and_went),
	KUNIT_CASE(departures_many_came_and_went),
	KUNIT_CASE(departures_of_a_nexus_in_order),
	KUNIT_CASE(departures_set_the_cause),
	KUNIT_CASE_PARAM(departures_keep_the_cause, departures_later_gen_params),
	KUNIT_CASE(departures_first_cause),
	KUNIT_CASE(departures_take_long),
	KUNIT_CASE(departures_late),
	KUNIT_CASE(departures_of_listed),
	KUNIT_CASE(departures_before_visits),
	KUNIT_CASE(departures_before_visits_unknown),
	KUNIT_CASE(departures_after_visits),
	KUNIT_CASE(departures_after_visits_new),
	KUNIT_CASE(departures_between_two_scans),
	KUNIT_CASE(departures_between_two_scans_unnoticed),
	KUNIT_CASE(departures_within_a_scan),
	KUNIT_CASE_PARAM(departures_no_memory, departures_allowed_gen_params),
	KUNIT_CASE(departures_end_without_memory),
	KUNIT_CASE(departures_unknown_without_memory),
	KUNIT_CASE(departures_no_cookies),
	{}
};

static struct kunit_suite departures_suite = {
	.name		= "iscsitgt_spt_departures",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= departures_cases,
};

kunit_test_suite(departures_suite);
