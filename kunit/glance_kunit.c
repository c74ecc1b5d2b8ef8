// SPDX-License-Identifier: GPL-2.0
/* A look at those alone that are new or busy comes to the same as one at all. */
#include <kunit/test.h>
#include <linux/errno.h>

#include "registry_fixture.h"
#include "sessions.h"

/* A session that is known, and told. */
static struct iscsit_session *glance_known(struct kunit *test, unsigned int tpg, u8 isid)
{
	struct iscsit_session *sess = fake_login(test, tpg, isid);

	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess, false);
	return sess;
}

static void glance_new(struct kunit *test)
{
	struct iscsit_session *known = glance_known(test, 0, 1), *sess[20];
	size_t i;

	/* More than there are blanks, at two TPGs. */
	for (i = 0; i < ARRAY_SIZE(sess); i++)
		sess[i] = fake_login(test, i >= ARRAY_SIZE(sess) / 2, i);
	registry_glance(test, SPT_PENDING_NONE);
	for (i = 0; i < ARRAY_SIZE(sess); i++) {
		registry_told_start(test, sess[i], false);
		KUNIT_EXPECT_GT(test, sess[i]->cookie,
				i ? sess[i - 1]->cookie : known->cookie);
	}
	/* Nobody else was looked at. */
	KUNIT_EXPECT_EQ(test, known->asked, 0);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
}

static void glance_end(struct kunit *test)
{
	struct iscsit_session *other = glance_known(test, 1, 1);
	struct iscsit_session *sess = glance_known(test, 0, 2);

	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(sess);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	KUNIT_EXPECT_EQ(test, other->asked, 0);
}

/* That is what the others are for. */
static void glance_misses_what_no_probe_saw(struct kunit *test)
{
	struct iscsit_session *sess = glance_known(test, 0, 1);

	fake_vanish(sess);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

/* It is ended in steps, and each is waited for. */
static void glance_leaving(struct kunit *test)
{
	struct iscsit_session *sess = glance_known(test, 0, 1);
	enum spt_pending pending;

	fake_depart(sess);
	pending = spt_registry_sweep(true);
	KUNIT_EXPECT_GE(test, pending, SPT_PENDING);
	fake_unlist(sess);
	pending = spt_registry_sweep(true);
	KUNIT_EXPECT_GE(test, pending, SPT_PENDING);
	registry_told_nothing(test);
	fake_forget(sess);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

static void glance_stop(struct kunit *test)
{
	struct iscsit_session *other = glance_known(test, 0, 1);
	struct iscsit_session *sess = glance_known(test, 0, 2);

	registry_stop(test, registry_find(test, sess), 0);
	KUNIT_EXPECT_EQ(test, sess->failed, 1);
	registry_glance(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, sess->failed, 2);
	KUNIT_EXPECT_EQ(test, other->failed, 0);
	fake_vanish(sess);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_STOPPED);
}

/* The TPG is gone, and all of its sessions. */
static void glance_tpg_removed(struct kunit *test)
{
	struct iscsit_session *sess = glance_known(test, 0, 1);

	registry_stop(test, registry_find(test, sess), 0);
	registry_glance(test, SPT_PENDING);
	fake_set_removed(0, true);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_STOPPED);
}

/* @first is new, and @second, which LIO lists behind it, is captured. */
static void glance_finds_both(struct kunit *test, struct iscsit_session *first,
			      struct iscsit_session *second)
{
	KUNIT_EXPECT_GE(test, spt_registry_sweep(true), SPT_PENDING);
	registry_told_start(test, second, false);
	registry_told_start(test, first, false);
	fake_vanish(second);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, second, ISCSITGT_SPT_END_UNKNOWN);
}

/* One behind it is known, but not because a look has come by. */
static void glance_new_before_captured(struct kunit *test)
{
	struct iscsit_session *first = fake_login(test, 0, 1);
	struct iscsit_session *second = fake_login(test, 0, 2);

	fake_depart(second);
	glance_finds_both(test, first, second);
}

/* After the look it logs in, and is about to go. */
static void glance_come_and_depart(struct iscsit_session *sess)
{
	fake_list(sess);
	fake_depart(sess);
}

/* New in a look in which one behind it is captured. */
static void glance_new_before_captured_later(struct kunit *test)
{
	struct iscsit_session *first, *second;

	/* So that there is memory for one that is new. */
	registry_glance(test, SPT_PENDING_NONE);
	first = fake_login(test, 0, 1);
	second = fake_new(test, 0, 2);
	fake_hook(FAKE_AFTER_VISITS, glance_come_and_depart, second);
	glance_finds_both(test, first, second);
}

/* It was not looked for, so that it was not seen does not mean that it is gone. */
static void glance_departs_after_the_look(struct kunit *test)
{
	struct iscsit_session *sess = glance_known(test, 0, 1);

	fake_hook(FAKE_AFTER_VISITS, fake_depart, sess);
	KUNIT_EXPECT_GE(test, spt_registry_sweep(true), SPT_PENDING);
	registry_told_nothing(test);
	fake_vanish(sess);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, sess, ISCSITGT_SPT_END_UNKNOWN);
}

static void glance_reinstated(struct kunit *test)
{
	struct iscsit_session *old = glance_known(test, 0, 1), *new;

	old->cause = ISCSITGT_SPT_END_REINSTATED;
	fake_end(old);
	new = fake_login(test, 0, 1);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, old, ISCSITGT_SPT_END_REINSTATED);
	registry_told_start(test, new, true);
}

/* LIO can register the new one before it begins to deregister the old one. */
static void glance_reinstated_first(struct kunit *test)
{
	struct iscsit_session *new, *newer;

	/* Nobody replaces one that LIO is not ending, or one at another TPG. */
	glance_known(test, 0, 1);
	glance_known(test, 1, 1)->cause = ISCSITGT_SPT_END_REINSTATED;
	new = fake_login(test, 0, 1);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_start(test, new, false);
	new->cause = ISCSITGT_SPT_END_REINSTATED;
	newer = fake_login(test, 0, 1);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_start(test, newer, true);
	fake_end(new);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_end(test, new, ISCSITGT_SPT_END_REINSTATED);
}

static void glance_hold(struct kunit *test)
{
	static const struct spt_names names = { "iqn.2024-01.com.example:host", "" };
	const struct spt_refusal_set set = {
		.names = &names, .deadline = U64_MAX, .cookie = 1, .evict_at = 1,
	};
	struct iscsit_session *known = glance_known(test, 0, 1), *new;
	struct spt_event event;

	/* Whoever is there, the first time; whoever comes, each time. */
	KUNIT_ASSERT_EQ(test, spt_refusals_set(spt_refuse_holds(), &set), 0);
	registry_glance(test, SPT_PENDING);
	KUNIT_EXPECT_GT(test, known->failed, 0);
	fake_end(known);
	registry_glance(test, SPT_PENDING_NONE);
	new = fake_login(test, 1, 2);
	registry_glance(test, SPT_PENDING);
	KUNIT_EXPECT_GT(test, new->failed, 0);
	fake_end(new);
	registry_glance(test, SPT_PENDING_NONE);
	while (registry_told_any(&event))
		spt_session_put(event.session);
}

/* One that is gone when it is to be stopped is told at once. */
static void glance_stop_of_one_gone(struct kunit *test)
{
	struct iscsit_session *sess = glance_known(test, 0, 1);
	struct spt_session *session;

	session = spt_session_get(registry_find(test, sess));
	sess->cause = ISCSITGT_SPT_END_LOGOUT;
	fake_end(sess);
	registry_stop(test, session, -ENOENT);
	registry_told_end(test, sess, ISCSITGT_SPT_END_LOGOUT);
	registry_stop(test, session, -ENOENT);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_nothing(test);
	spt_session_put(session);
}

static struct kunit_case glance_cases[] = {
	KUNIT_CASE(glance_new),
	KUNIT_CASE(glance_end),
	KUNIT_CASE(glance_misses_what_no_probe_saw),
	KUNIT_CASE(glance_leaving),
	KUNIT_CASE(glance_stop),
	KUNIT_CASE(glance_tpg_removed),
	KUNIT_CASE(glance_new_before_captured),
	KUNIT_CASE(glance_new_before_captured_later),
	KUNIT_CASE(glance_departs_after_the_look),
	KUNIT_CASE(glance_reinstated),
	KUNIT_CASE(glance_reinstated_first),
	KUNIT_CASE(glance_hold),
	KUNIT_CASE(glance_stop_of_one_gone),
	{}
};

static struct kunit_suite glance_suite = {
	.name		= "iscsitgt_spt_glance",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= glance_cases,
};

kunit_test_suite(glance_suite);
