// SPDX-License-Identifier: GPL-2.0
/* Why sessions end, which one replaces which, and what a stop has to do with it. */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "registry_fixture.h"
#include "sessions.h"

/* One that is known, and whose start was told. */
static struct iscsit_session *events_known(struct kunit *test, unsigned int tpg,
					   u8 isid)
{
	struct iscsit_session *sess = fake_login(test, tpg, isid);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	return sess;
}

static void events_stop(struct kunit *test, struct iscsit_session *sess)
{
	struct spt_session *session = registry_find(test, sess);

	registry_stop(test, session, 0);
	KUNIT_EXPECT_TRUE(test, session->ending);
}

struct events_cause {
	const char *desc;
	enum iscsitgt_spt_end_cause cause;
	bool stop;
	enum iscsitgt_spt_end_cause want;
};

static const struct events_cause events_causes[] = {
	{ "unknown", ISCSITGT_SPT_END_UNKNOWN, false,
	  ISCSITGT_SPT_END_UNKNOWN },
	{ "logout", ISCSITGT_SPT_END_LOGOUT, false,
	  ISCSITGT_SPT_END_LOGOUT },
	{ "connection lost", ISCSITGT_SPT_END_CONNECTION_LOST, false,
	  ISCSITGT_SPT_END_CONNECTION_LOST },
	{ "reinstated", ISCSITGT_SPT_END_REINSTATED, false,
	  ISCSITGT_SPT_END_REINSTATED },
	{ "removed", ISCSITGT_SPT_END_REMOVED, false,
	  ISCSITGT_SPT_END_REMOVED },
	{ "stop, unknown", ISCSITGT_SPT_END_UNKNOWN, true,
	  ISCSITGT_SPT_END_STOPPED },
	{ "stop, logout", ISCSITGT_SPT_END_LOGOUT, true,
	  ISCSITGT_SPT_END_LOGOUT },
	{ "stop, connection lost", ISCSITGT_SPT_END_CONNECTION_LOST, true,
	  ISCSITGT_SPT_END_STOPPED },
	{ "stop, reinstated", ISCSITGT_SPT_END_REINSTATED, true,
	  ISCSITGT_SPT_END_STOPPED },
	{ "stop, removed", ISCSITGT_SPT_END_REMOVED, true,
	  ISCSITGT_SPT_END_REMOVED },
};

KUNIT_ARRAY_PARAM_DESC(events_cause, events_causes, desc);

static void events_cause_by_departure(struct kunit *test)
{
	const struct events_cause *param = test->param_value;
	struct iscsit_session *sess = events_known(test, 0, 1);

	if (param->stop)
		events_stop(test, sess);
	sess->cause = param->cause;
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, param->want);
}

static void events_cause_by_scan(struct kunit *test)
{
	const struct events_cause *param = test->param_value;
	struct iscsit_session *sess = events_known(test, 0, 1);

	if (param->stop)
		events_stop(test, sess);
	sess->cause = param->cause;
	registry_sweep(test, param->stop ? SPT_PENDING : SPT_PENDING_NONE);
	fake_vanish(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, param->want);
}

/* It was ending before somebody stopped it. */
static void events_cause_before_stop(struct kunit *test)
{
	const struct events_cause *param = test->param_value;
	struct iscsit_session *sess = events_known(test, 0, 1);

	if (!param->stop)
		return;
	sess->cause = param->cause;
	events_stop(test, sess);
	/* What the stop does makes it look like this. */
	if (param->cause == ISCSITGT_SPT_END_UNKNOWN)
		sess->cause = ISCSITGT_SPT_END_CONNECTION_LOST;
	registry_sweep(test, SPT_PENDING);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, param->cause ?: ISCSITGT_SPT_END_STOPPED);
}

/* A stop that had nothing to fail is not why it ended. */
static void events_stop_without_connection(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);

	sess->life = LIO_RETAINED;
	events_stop(test, sess);
	registry_sweep(test, SPT_PENDING);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* Its connection had failed, but LIO was not done with it when the stop came. */
static void events_stop_of_lost(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);

	sess->lost = true;
	events_stop(test, sess);
	registry_sweep(test, SPT_PENDING);
	sess->cause = ISCSITGT_SPT_END_CONNECTION_LOST;
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_CONNECTION_LOST);
}

/* As LIO does it: the old one has left when the new one is listed. */
static void events_reinstated(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new, *next;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_end(old);
	new = fake_login(test, 0, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	registry_told_start(test, new, true);

	/* The new one goes, and the next one replaces nothing. */
	new->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(new);
	next = fake_login(test, 0, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, new, ISCSITGT_SPT_END_LOGOUT);
	registry_told_start(test, next, false);
}

static void events_reinstated_later(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new = fake_new(test, 0, 1);

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_end(old);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	registry_sweep(test, SPT_PENDING_NONE);
	fake_list(new);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, new, true);
}

/* A login that began only then: LIO ended the old session for another reason. */
static void events_reinstated_but_not_by_this(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_end(old);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	new = fake_new(test, 0, 1);
	new->id.created = get_jiffies_64() + 1;
	fake_list(new);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, new, false);
}

/* Its own end is no reason to think that it replaced anybody. */
static void events_reinstated_itself(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);
	struct iscsit_session *new;

	sess->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_end(sess);
	new = fake_login(test, 0, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	registry_told_end(test, sess, ISCSITGT_SPT_END_REINSTATED);
	registry_told_start(test, new, true);
}

static void events_reinstated_again_and_again(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	int i;

	for (i = 0; i < 100; i++) {
		struct iscsit_session *new;

		old->cause = ISCSITGT_SPT_END_REINSTATED;
		fake_end(old);
		new = fake_login(test, 0, 1);
		registry_sweep(test, SPT_PENDING_NONE);
		registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
		registry_told_start(test, new, true);
		old = new;
	}
}

/* Each of them came and went between two scans, but for the last. */
static void events_reinstated_between_scans(struct kunit *test)
{
	struct iscsit_session *sess[5];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sess); i++) {
		sess[i] = fake_login(test, 0, 1);
		if (i + 1 == ARRAY_SIZE(sess))
			break;
		sess[i]->cause = ISCSITGT_SPT_END_REINSTATED;
		fake_end(sess[i]);
	}
	registry_sweep(test, SPT_PENDING_NONE);
	for (i = 0; i < 4; i++) {
		registry_told_start(test, sess[i], i > 0);
		registry_told_end(test, sess[i], ISCSITGT_SPT_END_REINSTATED);
	}
	registry_told_start(test, sess[4], true);
}

/* The old one has departed, but is not done with its TPG. */
static void events_reinstated_while_unlisted(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new, *next;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_depart(old);
	fake_unlist(old);
	new = fake_login(test, 0, 1);
	registry_sweep_leaving(test);
	registry_told_start(test, new, true);
	fake_forget(old);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	/* It was noted once, and not again at its end. */
	fake_end(new);
	next = fake_login(test, 0, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, new, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_start(test, next, false);
}

/* A session that was known is replaced by one that came and went. */
static void events_reinstated_by_unknown(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_end(old);
	new = fake_login(test, 0, 1);
	fake_end(new);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	registry_told_start(test, new, true);
	registry_told_end(test, new, ISCSITGT_SPT_END_UNKNOWN);
}

static void events_reinstated_both_listed(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	new = fake_login(test, 0, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, new, true);
	fake_end(old);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
}

static void events_reinstated_both_new(struct kunit *test)
{
	struct iscsit_session *old = fake_login(test, 0, 1);
	struct iscsit_session *new = fake_login(test, 0, 1);

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, old, false);
	registry_told_start(test, new, true);
	fake_end(old);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
}

/* The old one departs while a scan runs, and the new one is in that scan. */
static void events_reinstated_within_a_scan(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	new = fake_login(test, 0, 1);
	fake_hook(FAKE_BEFORE_VISITS, fake_end, old);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	registry_told_start(test, new, true);
}

/* The same, but the old one came since the scan before. */
static void events_reinstated_within_a_scan_new(struct kunit *test)
{
	struct iscsit_session *old, *new;

	/* So that there is a blank. */
	registry_sweep(test, SPT_PENDING_NONE);
	old = fake_login(test, 0, 1);
	old->cause = ISCSITGT_SPT_END_REINSTATED;
	new = fake_login(test, 0, 1);
	fake_hook(FAKE_BEFORE_VISITS, fake_end, old);
	registry_sweep_leaving(test);
	registry_told_start(test, old, false);
	registry_told_start(test, new, true);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
}

static void events_not_reinstated(struct kunit *test)
{
	const struct events_cause *param = test->param_value;
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *new;

	if (param->cause == ISCSITGT_SPT_END_REINSTATED)
		return;
	if (param->stop)
		events_stop(test, old);
	old->cause = param->cause;
	fake_end(old);
	new = fake_login(test, 0, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, param->want);
	registry_told_start(test, new, false);
}

/* Another ISID, TPG or initiator is another nexus. */
static void events_other_nexus(struct kunit *test)
{
	struct iscsit_session *old = events_known(test, 0, 1);
	struct iscsit_session *isid, *tpg, *initiator, *same;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_end(old);
	isid = fake_login(test, 0, 2);
	initiator = fake_new(test, 0, 1);
	strscpy(initiator->facts.initiator, "iqn.2024-01.com.example:other",
		sizeof(initiator->facts.initiator));
	fake_list(initiator);
	same = fake_login(test, 0, 1);
	tpg = fake_login(test, 1, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	registry_told_start(test, isid, false);
	registry_told_start(test, initiator, false);
	registry_told_start(test, same, true);
	registry_told_start(test, tpg, false);
}

static void events_stop_to_the_end(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);
	struct spt_session *session = registry_find(test, sess);

	spt_session_get(session);
	KUNIT_EXPECT_EQ(test, session->ending_since, 0);
	registry_stop(test, session, 0);
	KUNIT_EXPECT_NE(test, session->ending_since, 0);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	KUNIT_EXPECT_EQ(test, sess->failed, 1);
	registry_stop(test, session, -EALREADY);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	KUNIT_EXPECT_EQ(test, sess->failed, 1);

	/* Connections that have come meanwhile are failed too. */
	registry_sweep(test, SPT_PENDING);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, sess->failed, 3);
	registry_told_nothing(test);
	KUNIT_EXPECT_FALSE(test, completion_done(&session->gone));

	fake_depart(sess);
	registry_sweep_leaving(test);
	fake_vanish(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_STOPPED);
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);
	KUNIT_EXPECT_TRUE(test, completion_done(&session->gone));
	registry_stop(test, session, -EALREADY);
	spt_session_put(session);
}

static void events_stop_others_alone(struct kunit *test)
{
	struct iscsit_session *other = events_known(test, 0, 1);
	struct iscsit_session *sess = events_known(test, 0, 2);

	events_stop(test, sess);
	registry_sweep(test, SPT_PENDING);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_STOPPED);
	KUNIT_EXPECT_EQ(test, other->failed, 0);
}

/* By whoever it is ended, and from when that was first seen. */
static void events_ending_since(struct kunit *test)
{
	struct iscsit_session *logout = events_known(test, 0, 1);
	struct iscsit_session *unknown = events_known(test, 0, 2);
	struct iscsit_session *failed = events_known(test, 0, 3);
	u64 since;

	logout->cause = ISCSITGT_SPT_END_LOGOUT;
	registry_sweep(test, SPT_PENDING_NONE);
	since = registry_find(test, logout)->ending_since;
	KUNIT_EXPECT_NE(test, since, 0);
	KUNIT_EXPECT_EQ(test, registry_find(test, unknown)->ending_since, 0);

	fake_depart(unknown);
	registry_sweep_leaving(test);
	KUNIT_EXPECT_NE(test, registry_find(test, unknown)->ending_since, 0);
	KUNIT_EXPECT_EQ(test, registry_find(test, logout)->ending_since, since);
	KUNIT_EXPECT_EQ(test, registry_find(test, failed)->ending_since, 0);
	failed->ending = true;
	registry_sweep_leaving(test);
	KUNIT_EXPECT_NE(test, registry_find(test, failed)->ending_since, 0);
	fake_vanish(logout);
	fake_vanish(unknown);
	fake_vanish(failed);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, logout, ISCSITGT_SPT_END_LOGOUT);
	registry_told_end(test, unknown, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_end(test, failed, ISCSITGT_SPT_END_UNKNOWN);
}

static void events_stop_of_gone(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);
	struct spt_session *session = registry_find(test, sess);

	spt_session_get(session);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
	registry_stop(test, session, -ENOENT);
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);
	spt_session_put(session);
}

/* LIO has let go of it, and the registry does not know yet. */
static void events_stop_of_just_gone(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);

	sess->cause = ISCSITGT_SPT_END_CONNECTION_LOST;
	fake_end(sess);
	registry_stop(test, registry_find(test, sess), -ENOENT);
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);
	/* A stop that did nothing is not why it ended. */
	registry_told_end(test, sess, ISCSITGT_SPT_END_CONNECTION_LOST);
}

/* LIO's count does not prove that, as another one is ending. */
static void events_stop_of_hardly_gone(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);
	struct iscsit_session *other = events_known(test, 0, 2);
	struct spt_session *session = registry_find(test, sess);

	fake_vanish(sess);
	fake_unlist(other);
	registry_stop(test, session, 0);
	registry_told_nothing(test);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	fake_forget(other);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
	registry_told_end(test, other, ISCSITGT_SPT_END_UNKNOWN);
}

/* Without the hold nothing is failed; and it is tried again. */
static void events_stop_without_hold(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);

	fake_set_hold_error(-ENOENT);
	events_stop(test, sess);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, sess->failed, 0);
	/* Not at once, or the two would keep each other busy. */
	KUNIT_EXPECT_EQ(test, registry_followed(), 0);
	fake_set_hold_error(0);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	KUNIT_EXPECT_EQ(test, sess->failed, 1);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, sess->failed, 2);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_STOPPED);
}

/* To hold takes as long as somebody wants: the others go on. */
static void events_stop_while_hold_waits(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);
	struct iscsit_session *second = events_known(test, 0, 2);
	struct iscsit_session *other;
	struct spt_snapshot snapshot;

	fake_block_holds(true);
	KUNIT_EXPECT_EQ(test, spt_registry_stop(registry_find(test, sess)), 0);
	KUNIT_EXPECT_EQ(test, spt_registry_stop(registry_find(test, second)), 0);
	other = fake_login(test, 0, 3);
	KUNIT_EXPECT_EQ(test, spt_registry_sweep(false), SPT_PENDING);
	registry_told_start(test, other, false);
	KUNIT_ASSERT_EQ(test, spt_registry_snapshot(&snapshot), 0);
	KUNIT_EXPECT_EQ(test, snapshot.count, 3);
	registry_put_snapshot(&snapshot);
	KUNIT_EXPECT_EQ(test, sess->failed + second->failed, 0);

	/* Its end comes first, and is not that of a stop that did nothing. */
	fake_end(sess);
	KUNIT_EXPECT_EQ(test, spt_registry_sweep(false), SPT_PENDING);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
	fake_block_holds(false);
	registry_hold();
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	KUNIT_EXPECT_EQ(test, second->failed, 1);
	fake_end(second);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, second, ISCSITGT_SPT_END_STOPPED);
}

/* It is gone before its turn to be held: its TPG is its owner's again. */
static void events_stop_gone_before_hold(struct kunit *test)
{
	struct iscsit_session *first = events_known(test, 0, 1);
	struct iscsit_session *second = events_known(test, 0, 2);

	fake_block_holds(true);
	KUNIT_EXPECT_EQ(test, spt_registry_stop(registry_find(test, first)), 0);
	KUNIT_EXPECT_EQ(test, spt_registry_stop(registry_find(test, second)), 0);
	fake_end(second);
	KUNIT_EXPECT_EQ(test, spt_registry_sweep(false), SPT_PENDING);
	registry_told_end(test, second, ISCSITGT_SPT_END_UNKNOWN);
	fake_block_holds(false);
	registry_hold();
	KUNIT_EXPECT_EQ(test, fake_hold_calls(), 1);
	fake_end(first);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, first, ISCSITGT_SPT_END_STOPPED);
}

/* Who looks at its TPG's attributes does not keep a lost session's TPG held. */
static void events_stop_of_lost_by_lio(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);
	struct spt_session *session = registry_find(test, sess);
	u64 stranded;

	sess->life = LIO_RETAINED;
	registry_sweep(test, SPT_PENDING_NONE);
	events_stop(test, sess);
	fake_unlist(sess);
	fake_set_unlisted(0, LIO_UNLISTED_CLOSING);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, session->stranded, 0);
	fake_set_unlisted(0, LIO_UNLISTED_INACTIVE);
	registry_sweep(test, SPT_PENDING);
	stranded = session->stranded;
	KUNIT_EXPECT_NE(test, stranded, 0);
	fake_set_unlisted(0, LIO_UNLISTED_CLOSING);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, session->stranded, stranded);
	session->stranded = get_jiffies_64() - 20 * HZ - 1;
	registry_sweep(test, SPT_PENDING_STRANDED);
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);
	fake_forget(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* Nothing would end it, so its TPG is let go after a while. */
static void events_stop_of_stranded(struct kunit *test)
{
	struct iscsit_session *sess = events_known(test, 0, 1);
	struct spt_session *session = registry_find(test, sess);

	sess->life = LIO_STRANDED;
	events_stop(test, sess);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_NE(test, session->stranded, 0);
	session->stranded = get_jiffies_64() - 19 * HZ;
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	session->stranded = get_jiffies_64() - 20 * HZ - 1;
	registry_sweep(test, SPT_PENDING_STRANDED);
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);

	/* A login has continued it: it can be failed again. */
	sess->life = LIO_CONNECTED;
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_STOPPED);
}

static struct kunit_case events_cases[] = {
	KUNIT_CASE_PARAM(events_cause_by_departure, events_cause_gen_params),
	KUNIT_CASE_PARAM(events_cause_by_scan, events_cause_gen_params),
	KUNIT_CASE_PARAM(events_cause_before_stop, events_cause_gen_params),
	KUNIT_CASE(events_stop_without_connection),
	KUNIT_CASE(events_stop_of_lost),
	KUNIT_CASE(events_reinstated),
	KUNIT_CASE(events_reinstated_later),
	KUNIT_CASE(events_reinstated_but_not_by_this),
	KUNIT_CASE(events_reinstated_itself),
	KUNIT_CASE(events_reinstated_again_and_again),
	KUNIT_CASE(events_reinstated_between_scans),
	KUNIT_CASE(events_reinstated_while_unlisted),
	KUNIT_CASE(events_reinstated_by_unknown),
	KUNIT_CASE(events_reinstated_both_listed),
	KUNIT_CASE(events_reinstated_both_new),
	KUNIT_CASE(events_reinstated_within_a_scan),
	KUNIT_CASE(events_reinstated_within_a_scan_new),
	KUNIT_CASE_PARAM(events_not_reinstated, events_cause_gen_params),
	KUNIT_CASE(events_other_nexus),
	KUNIT_CASE(events_stop_to_the_end),
	KUNIT_CASE(events_stop_others_alone),
	KUNIT_CASE(events_ending_since),
	KUNIT_CASE(events_stop_of_gone),
	KUNIT_CASE(events_stop_of_just_gone),
	KUNIT_CASE(events_stop_of_hardly_gone),
	KUNIT_CASE(events_stop_without_hold),
	KUNIT_CASE(events_stop_while_hold_waits),
	KUNIT_CASE(events_stop_gone_before_hold),
	KUNIT_CASE(events_stop_of_lost_by_lio),
	KUNIT_CASE(events_stop_of_stranded),
	{}
};

static struct kunit_suite events_suite = {
	.name		= "iscsitgt_spt_events",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= events_cases,
};

kunit_test_suite(events_suite);
