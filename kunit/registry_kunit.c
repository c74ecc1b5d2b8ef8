// SPDX-License-Identifier: GPL-2.0
/* Which sessions there are: each starts once and ends once, whatever is seen. */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "counters.h"
#include "registry_fixture.h"
#include "sessions.h"

static void registry_nothing(struct kunit *test)
{
	registry_sweep(test, SPT_PENDING_NONE);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	KUNIT_EXPECT_EQ(test, fake_notified(), 0);
}

static void registry_start_once(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	int i;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	for (i = 0; i < 5; i++)
		registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
}

static void registry_facts(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 1, 7);
	struct spt_session *session;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	session = registry_find(test, sess);
	KUNIT_EXPECT_STREQ(test, session->facts.peer, "192.0.2.1");
	KUNIT_EXPECT_STREQ(test, session->facts.target, sess->facts.target);
	KUNIT_EXPECT_EQ(test, session->facts.tpgt, 2);
	KUNIT_EXPECT_GT(test, session->facts.login_time, 0);
	KUNIT_EXPECT_LE(test, session->facts.login_time, session->cookie);
}

static void registry_end_once(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	KUNIT_EXPECT_NULL(test, spt_registry_get(sess->cookie));
}

/* Without probes: the last that a scan saw is the cause. */
static void registry_end_unnoticed(struct kunit *test)
{
	struct iscsit_session *seen = fake_login(test, 0, 1);
	struct iscsit_session *unseen = fake_login(test, 0, 2);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, seen, false);
	registry_told_start(test, unseen, false);
	seen->cause = ISCSITGT_SPT_END_CONNECTION_LOST;
	registry_sweep(test, SPT_PENDING_NONE);
	unseen->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_vanish(seen);
	fake_vanish(unseen);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, seen, ISCSITGT_SPT_END_CONNECTION_LOST);
	registry_told_end(test, unseen, ISCSITGT_SPT_END_UNKNOWN);
}

/* More than there can be blanks for, so that one look takes two scans. */
static void registry_many_at_once(struct kunit *test)
{
	struct iscsit_session *sess[40];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sess); i++)
		sess[i] = fake_login(test, 0, i);
	registry_sweep(test, SPT_PENDING_NONE);
	for (i = 0; i < ARRAY_SIZE(sess); i++) {
		registry_told_start(test, sess[i], false);
		if (i)
			KUNIT_EXPECT_GT(test, sess[i]->cookie,
					sess[i - 1]->cookie);
	}
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_RESCANS), 2);

	for (i = 0; i < ARRAY_SIZE(sess); i++)
		fake_end(sess[i]);
	registry_sweep(test, SPT_PENDING_NONE);
	for (i = 0; i < ARRAY_SIZE(sess); i++)
		registry_told_end(test, sess[i], ISCSITGT_SPT_END_UNKNOWN);
}

/* One more that is new later needs no second scan. */
static void registry_one_more(struct kunit *test)
{
	struct iscsit_session *sess;

	registry_sweep(test, SPT_PENDING_NONE);
	sess = fake_login(test, 0, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_RESCANS), 2);
}

/* LIO uses memory again at once: the address is the same, the session is not. */
static void registry_address_again(struct kunit *test)
{
	struct iscsit_session *old = fake_login(test, 0, 1);
	struct iscsit_session *new = fake_new(test, 0, 1);

	new->id.session = old->id.session;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, old, false);
	fake_vanish(old);
	fake_list(new);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_start(test, new, false);
	KUNIT_EXPECT_NE(test, old->cookie, new->cookie);
}

/* Counted and not listed: its closer is not done with the TPG. */
static void registry_unlisted_is_kept(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct iscsit_session *other = fake_login(test, 0, 2);
	int i;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	registry_told_start(test, other, false);
	fake_unlist(sess);
	for (i = 0; i < 3; i++)
		registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	fake_forget(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* In each way that a TPG can be while it is counted. */
static void registry_departed_is_kept(struct kunit *test)
{
	const enum lio_unlisted *unlisted = test->param_value;
	struct iscsit_session *sess = fake_login(test, 0, 1);
	int i;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	fake_set_unlisted(0, *unlisted);
	sess->cause = ISCSITGT_SPT_END_REMOVED;
	fake_depart(sess);
	registry_sweep_leaving(test);
	fake_unlist(sess);
	for (i = 0; i < 3; i++)
		registry_sweep_leaving(test);
	registry_told_nothing(test);
	fake_forget(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_REMOVED);
}

static const enum lio_unlisted registry_unlisted[] = {
	LIO_UNLISTED_QUIET,
	LIO_UNLISTED_INACTIVE,
	LIO_UNLISTED_CLOSING,
};

KUNIT_ARRAY_PARAM(registry_unlisted, registry_unlisted, NULL);

/* Without a count that proves it, but with its deregistration seen to be over. */
static void registry_left(struct kunit *test)
{
	const enum lio_unlisted *unlisted = test->param_value;
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct spt_session *session;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	session = registry_find(test, sess);
	fake_set_unlisted(0, *unlisted);
	sess->cause = ISCSITGT_SPT_END_REMOVED;
	fake_depart(sess);
	fake_unlist(sess);
	registry_sweep_leaving(test);
	KUNIT_EXPECT_EQ(test, session->left, 0);
	fake_left(sess);
	registry_sweep_leaving(test);
	KUNIT_EXPECT_NE(test, session->left, 0);
	/* Its closer is given a moment to be done with the TPG. */
	session->left = get_jiffies_64() + HZ;
	registry_sweep_leaving(test);
	registry_told_nothing(test);
	session->left = get_jiffies_64() - msecs_to_jiffies(10) - 1;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_REMOVED);
}

/* The same, but its TPG is held, so that it may be removed after that. */
static void registry_left_and_held(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct spt_session *session;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	session = registry_find(test, sess);
	registry_stop(test, session, 0);
	fake_depart(sess);
	fake_unlist(sess);
	fake_left(sess);
	registry_sweep_leaving(test);
	session->left = get_jiffies_64() - 4 * HZ;
	registry_sweep_leaving(test);
	registry_told_nothing(test);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	session->left = get_jiffies_64() - 5 * HZ - 1;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_STOPPED);
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);
}

/* The count proves it at once. */
static void registry_left_and_counted(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	fake_end(sess);
	fake_left(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
	/* Of one that is forgotten it tells nothing. */
	fake_left(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_HINTS_MISSED), 0);
}

/* There was no room to note that its deregistration began. */
static void registry_left_but_not_departed(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct spt_session *session;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	session = registry_find(test, sess);
	fake_unlist(sess);
	fake_left(sess);
	registry_sweep_leaving(test);
	KUNIT_EXPECT_NE(test, session->leaving, 0);
	session->left = get_jiffies_64() - msecs_to_jiffies(10) - 1;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* Where LIO has lost count, time tells. */
static void registry_unlisted_for_long(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct spt_session *session;

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	fake_unlist(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	session = registry_find(test, sess);
	KUNIT_EXPECT_NE(test, session->quiet, 0);
	session->quiet = get_jiffies_64() - 15 * HZ;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	session->quiet = get_jiffies_64() - 16 * HZ - 1;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* Without a connection it may be lost in LIO, which no time proves. */
static void registry_retained_and_unlisted(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	sess->life = LIO_RETAINED;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	fake_unlist(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, registry_find(test, sess)->quiet, 0);

	/* But once its deregistration has begun, time does. */
	fake_depart(sess);
	registry_sweep_leaving(test);
	KUNIT_EXPECT_NE(test, registry_find(test, sess)->quiet, 0);
	registry_find(test, sess)->quiet = get_jiffies_64() - 16 * HZ - 1;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* That of another TPG proves nothing. */
static void registry_two_tpgs(struct kunit *test)
{
	struct iscsit_session *first = fake_login(test, 0, 1);
	struct iscsit_session *second = fake_login(test, 1, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, first, false);
	registry_told_start(test, second, false);
	fake_unlist(first);
	fake_vanish(second);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, second, ISCSITGT_SPT_END_UNKNOWN);
	fake_forget(first);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, first, ISCSITGT_SPT_END_UNKNOWN);
}

static void registry_tpg_removed(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct iscsit_session *other = fake_login(test, 1, 1);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	registry_told_start(test, other, false);
	sess->cause = ISCSITGT_SPT_END_REMOVED;
	fake_depart(sess);
	fake_set_removed(0, true);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_REMOVED);
}

/* All of a snapshot is announced before its cursor and ends after it. */
static void registry_snapshot(struct kunit *test)
{
	struct iscsit_session *known = fake_login(test, 0, 1);
	struct iscsit_session *new, *gone, *later;
	struct spt_snapshot snapshot;

	gone = fake_login(test, 0, 2);
	registry_sweep(test, SPT_PENDING_NONE);
	new = fake_login(test, 0, 3);
	fake_end(gone);
	KUNIT_ASSERT_EQ(test, spt_registry_snapshot(&snapshot), 0);
	registry_told_start(test, known, false);
	registry_told_start(test, gone, false);
	registry_told_end(test, gone, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_start(test, new, false);
	KUNIT_EXPECT_EQ(test, snapshot.cursor, 4);
	KUNIT_ASSERT_EQ(test, snapshot.count, 2);
	KUNIT_EXPECT_EQ(test, snapshot.sessions[0]->cookie, known->cookie);
	KUNIT_EXPECT_EQ(test, snapshot.sessions[1]->cookie, new->cookie);
	/* The map's, the ring's and the snapshot's. */
	sessions_expect_refs(test, snapshot.sessions[0], 3);

	later = fake_login(test, 0, 4);
	fake_end(known);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, known, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_start(test, later, false);
	registry_put_snapshot(&snapshot);
}

/* One that departs within the snapshot's own scan is in it, and ends later. */
static void registry_snapshot_with_one_that_leaves(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct spt_snapshot snapshot;

	/* So that there is a blank. */
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	fake_hook(FAKE_AFTER_VISITS, fake_end, sess);
	KUNIT_ASSERT_EQ(test, spt_registry_snapshot(&snapshot), 0);
	KUNIT_ASSERT_EQ(test, snapshot.count, 1);
	KUNIT_EXPECT_EQ(test, snapshot.sessions[0]->cookie, sess->cookie);
	registry_told_nothing(test);
	KUNIT_EXPECT_FALSE(test, completion_done(&snapshot.sessions[0]->gone));
	registry_put_snapshot(&snapshot);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

static void registry_snapshot_of_nothing(struct kunit *test)
{
	struct spt_snapshot snapshot;

	KUNIT_ASSERT_EQ(test, spt_registry_snapshot(&snapshot), 0);
	KUNIT_EXPECT_EQ(test, snapshot.count, 0);
	KUNIT_EXPECT_EQ(test, snapshot.cursor, 0);
	registry_put_snapshot(&snapshot);
}

static void registry_get_and_count(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct iscsit_session *other = fake_login(test, 1, 1);
	struct spt_session *session;
	size_t count;

	KUNIT_EXPECT_EQ(test, spt_registry_count(&count), 0);
	KUNIT_EXPECT_EQ(test, count, 2);
	registry_told_start(test, sess, false);
	registry_told_start(test, other, false);
	session = spt_registry_get(sess->cookie);
	KUNIT_ASSERT_PTR_EQ(test, session, registry_find(test, sess));
	sessions_expect_refs(test, session, 3);
	KUNIT_EXPECT_NULL(test, spt_registry_get(0));
	KUNIT_EXPECT_NULL(test, spt_registry_get(sess->cookie - 1));

	fake_end(sess);
	/* Who asks for a cookie does not look at LIO. */
	KUNIT_EXPECT_FALSE(test, completion_done(&session->gone));
	KUNIT_EXPECT_EQ(test, spt_registry_count(&count), 0);
	KUNIT_EXPECT_EQ(test, count, 1);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
	KUNIT_EXPECT_TRUE(test, completion_done(&session->gone));
	KUNIT_EXPECT_NULL(test, spt_registry_get(sess->cookie));
	spt_session_put(session);
}

/* Those who wait are woken once for all events of a look, and not without. */
static void registry_flush(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct iscsit_session *other = fake_login(test, 0, 2);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	registry_told_start(test, other, false);
	KUNIT_EXPECT_EQ(test, fake_notified(), 1);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, fake_notified(), 1);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
	KUNIT_EXPECT_EQ(test, fake_notified(), 2);
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(registry_nothing),
	KUNIT_CASE(registry_start_once),
	KUNIT_CASE(registry_facts),
	KUNIT_CASE(registry_end_once),
	KUNIT_CASE(registry_end_unnoticed),
	KUNIT_CASE(registry_many_at_once),
	KUNIT_CASE(registry_one_more),
	KUNIT_CASE(registry_address_again),
	KUNIT_CASE(registry_unlisted_is_kept),
	KUNIT_CASE_PARAM(registry_departed_is_kept,
			 registry_unlisted_gen_params),
	KUNIT_CASE_PARAM(registry_left, registry_unlisted_gen_params),
	KUNIT_CASE(registry_left_and_held),
	KUNIT_CASE(registry_left_and_counted),
	KUNIT_CASE(registry_left_but_not_departed),
	KUNIT_CASE(registry_unlisted_for_long),
	KUNIT_CASE(registry_retained_and_unlisted),
	KUNIT_CASE(registry_two_tpgs),
	KUNIT_CASE(registry_tpg_removed),
	KUNIT_CASE(registry_snapshot),
	KUNIT_CASE(registry_snapshot_with_one_that_leaves),
	KUNIT_CASE(registry_snapshot_of_nothing),
	KUNIT_CASE(registry_get_and_count),
	KUNIT_CASE(registry_flush),
	{}
};

static struct kunit_suite registry_suite = {
	.name		= "iscsitgt_spt_registry",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= registry_cases,
};

kunit_test_suite(registry_suite);
