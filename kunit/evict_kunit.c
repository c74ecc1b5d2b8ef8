// SPDX-License-Identifier: GPL-2.0
/* Sessions that a hold evicts are stopped by whoever looks. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "registry_fixture.h"
#include "sessions.h"

static const struct spt_names evict_names = {
	"IQN.2024-01.com.example:host", "iqn.2024-01.com.example:disk"
};

static const struct spt_names evict_elsewhere = {
	"iqn.2024-01.com.example:host", "iqn.2024-01.com.example:tape"
};

static void evict_set(struct kunit *test, u64 evict_at)
{
	const struct spt_refusal_set set = {
		.names		= &evict_names,
		.deadline	= U64_MAX,
		.cookie		= 1,
		.evict_at	= evict_at,
	};

	KUNIT_ASSERT_EQ(test, spt_refusals_set(spt_refuse_holds(), &set), 0);
}

static void evict_lift(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, spt_refusals_lift(spt_refuse_holds(), &evict_names, 0),
			0);
}

static void evict_over(struct kunit *test, struct iscsit_session *sess)
{
	struct spt_event event;

	fake_end(sess);
	registry_sweep(test, SPT_PENDING_NONE);
	while (registry_told_any(&event))
		spt_session_put(event.session);
}

/* Who is there, and who comes. */
static void evict_stops(struct kunit *test)
{
	struct iscsit_session *first = fake_login(test, 0, 1), *second;

	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, first->failed, 0);
	evict_set(test, 1);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_GT(test, first->failed, 0);
	evict_over(test, first);
	second = fake_login(test, 1, 2);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_GT(test, second->failed, 0);
	evict_over(test, second);
}

static void evict_not_others(struct kunit *test)
{
	struct iscsit_session *other = fake_new(test, 0, 1);
	struct iscsit_session *elsewhere = fake_new(test, 0, 2);

	strscpy(other->facts.initiator, "iqn.2024-01.com.example:other",
		sizeof(other->facts.initiator));
	strscpy(elsewhere->facts.target, "iqn.2024-01.com.example:tape",
		sizeof(elsewhere->facts.target));
	fake_list(other);
	fake_list(elsewhere);
	evict_set(test, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	/* And not when they are looked at again, after another one was set. */
	evict_set(test, 1);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, other->failed, 0);
	KUNIT_EXPECT_EQ(test, elsewhere->failed, 0);
	fake_end(other);
	evict_over(test, elsewhere);
}

/* Not before it is time. */
static void evict_later(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	evict_set(test, get_jiffies_64() + 1000 * HZ);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, sess->failed, 0);
	KUNIT_EXPECT_EQ(test, fake_hold_calls(), 0);
	evict_set(test, get_jiffies_64());
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_GT(test, sess->failed, 0);
	evict_over(test, sess);
}

static void evict_lifted(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	evict_set(test, get_jiffies_64() + 1000 * HZ);
	registry_sweep(test, SPT_PENDING);
	evict_lift(test);
	registry_sweep(test, SPT_PENDING_NONE);
	KUNIT_EXPECT_EQ(test, sess->failed, 0);
	/* One that is set again is for it, too. */
	evict_set(test, 1);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_GT(test, sess->failed, 0);
	evict_over(test, sess);
}

/* Its end goes on whatever becomes of the hold. */
static void evict_ends(struct kunit *test)
{
	struct iscsit_session *sess = fake_login(test, 0, 1);

	evict_set(test, 1);
	registry_sweep(test, SPT_PENDING);
	evict_lift(test);
	registry_sweep(test, SPT_PENDING);
	KUNIT_EXPECT_EQ(test, fake_holds(), 1);
	evict_over(test, sess);
}

static void evict_first(struct kunit *test)
{
	struct iscsit_session *other = fake_new(test, 0, 1);
	struct iscsit_session *one = fake_new(test, 0, 2), *two;
	struct spt_session *session;

	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_names, &session), 0);
	KUNIT_EXPECT_NULL(test, session);
	strscpy(other->facts.initiator, "iqn.2024-01.com.example:other",
		sizeof(other->facts.initiator));
	fake_list(other);
	fake_list(one);
	two = fake_login(test, 1, 3);
	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_names, &session), 0);
	KUNIT_ASSERT_NOT_NULL(test, session);
	KUNIT_EXPECT_EQ(test, session->id.sid, one->id.sid);
	spt_session_put(session);
	fake_end(one);
	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_names, &session), 0);
	KUNIT_ASSERT_NOT_NULL(test, session);
	KUNIT_EXPECT_EQ(test, session->id.sid, two->id.sid);
	spt_session_put(session);
	fake_end(two);
	evict_over(test, other);
}

/* One that was never seen, and that LIO works on: none is not there yet. */
static void evict_hidden(struct kunit *test)
{
	struct iscsit_session *known = fake_login(test, 0, 1);
	struct iscsit_session *hidden = fake_new(test, 0, 2);
	struct spt_session *session;

	registry_sweep(test, SPT_PENDING_NONE);
	fake_set_unlisted(0, LIO_UNLISTED_CLOSING);
	fake_unlist(known);
	fake_list(hidden);
	fake_unlist(hidden);
	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_names, &session), 0);
	KUNIT_ASSERT_NOT_NULL(test, session);
	KUNIT_EXPECT_EQ(test, session->id.sid, known->id.sid);
	spt_session_put(session);
	fake_depart(known);
	fake_left(known);
	fake_forget(known);
	registry_sweep_leaving(test);
	msleep(20); /* it has left for good */
	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_names, &session), -EAGAIN);
	KUNIT_EXPECT_NULL(test, session);
	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_elsewhere, &session), 0);
	/* One that LIO has lost has nothing to do. */
	fake_set_unlisted(0, LIO_UNLISTED_INACTIVE);
	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_names, &session), 0);
	fake_set_unlisted(0, LIO_UNLISTED_CLOSING);
	fake_forget(hidden);
	KUNIT_EXPECT_EQ(test, spt_registry_first(&evict_names, &session), 0);
	KUNIT_EXPECT_NULL(test, session);
	registry_told_start(test, known, false);
	registry_told_end(test, known, ISCSITGT_SPT_END_UNKNOWN);
}

static void evict_tell(struct kunit *test)
{
	struct iscsit_session *one = fake_login(test, 0, 1);
	struct iscsit_session *two = fake_login(test, 1, 2);

	KUNIT_EXPECT_TRUE(test, spt_registry_tell(&evict_names, 5));
	KUNIT_EXPECT_EQ(test, one->told, 5);
	KUNIT_EXPECT_EQ(test, two->told, 5);
	one->mute = true;
	KUNIT_EXPECT_FALSE(test, spt_registry_tell(&evict_names, 7));
	KUNIT_EXPECT_EQ(test, one->told, 5);
	KUNIT_EXPECT_EQ(test, two->told, 12);
	/* Who cannot be told is stopped at once. */
	registry_hold();
	KUNIT_EXPECT_GT(test, one->failed, 0);
	KUNIT_EXPECT_EQ(test, two->failed, 0);
	fake_end(two);
	evict_over(test, one);
}

static struct kunit_case evict_cases[] = {
	KUNIT_CASE(evict_stops),
	KUNIT_CASE(evict_not_others),
	KUNIT_CASE(evict_later),
	KUNIT_CASE(evict_lifted),
	KUNIT_CASE(evict_ends),
	KUNIT_CASE(evict_first),
	KUNIT_CASE(evict_hidden),
	KUNIT_CASE(evict_tell),
	{}
};

static struct kunit_suite evict_suite = {
	.name		= "iscsitgt_spt_evict",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= evict_cases,
};

kunit_test_suite(evict_suite);
