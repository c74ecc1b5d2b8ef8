// SPDX-License-Identifier: GPL-2.0
/* Which sessions are looked at each time; busy.c is in registry_fixture.c. */
#include <kunit/test.h>

#include "../module/busy.h"

#define BUSY_SESSIONS	300

static int busy_init(struct kunit *test)
{
	struct spt_busy *busy = kunit_kzalloc(test, sizeof(*busy), GFP_KERNEL);

	if (!busy)
		return -ENOMEM;
	spt_busy_init(busy);
	test->priv = busy;
	return 0;
}

/* Of one TPG and another, in turn. */
static struct spt_session *busy_sessions(struct kunit *test)
{
	struct spt_session *sessions;
	size_t i;

	sessions = kunit_kcalloc(test, BUSY_SESSIONS, sizeof(*sessions), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sessions);
	for (i = 0; i < BUSY_SESSIONS; i++) {
		INIT_LIST_HEAD(&sessions[i].busy);
		INIT_HLIST_NODE(&sessions[i].busy_by_tpg);
		sessions[i].id.tpg = (void *)(0x1000 + i % 2);
		sessions[i].id.session = (void *)(0x8000 + i * 2048);
	}
	return sessions;
}

static void busy_none(struct kunit *test)
{
	struct spt_busy *busy = test->priv;

	spt_busy_mark(busy);
	KUNIT_EXPECT_TRUE(test, list_empty(&busy->all));
	KUNIT_EXPECT_FALSE(test, spt_busy_has_tpg(busy, (void *)0x1000));
	KUNIT_EXPECT_FALSE(test, spt_busy_may_be(busy, (void *)0x8000));
}

static void busy_set(struct kunit *test)
{
	struct spt_session *sessions = busy_sessions(test);
	struct spt_busy *busy = test->priv;

	spt_busy_set(busy, &sessions[0], false);
	spt_busy_set(busy, &sessions[0], true);
	spt_busy_set(busy, &sessions[0], true);
	spt_busy_mark(busy);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&busy->all));
	KUNIT_EXPECT_TRUE(test, spt_busy_has_tpg(busy, sessions[0].id.tpg));
	KUNIT_EXPECT_FALSE(test, spt_busy_has_tpg(busy, sessions[1].id.tpg));
	KUNIT_EXPECT_TRUE(test, spt_busy_may_be(busy, sessions[0].id.session));
	spt_busy_set(busy, &sessions[0], false);
	spt_busy_mark(busy);
	KUNIT_EXPECT_TRUE(test, list_empty(&busy->all));
	KUNIT_EXPECT_FALSE(test, spt_busy_has_tpg(busy, sessions[0].id.tpg));
	KUNIT_EXPECT_FALSE(test, spt_busy_may_be(busy, sessions[0].id.session));
}

/* Each is among them, in order; few of those that are not look so. */
static void busy_many(struct kunit *test)
{
	struct spt_session *sessions = busy_sessions(test), *session, *one;
	struct spt_busy *busy = test->priv;
	size_t i, at = 0, of_tpg = 0, mistaken = 0;

	for (i = 0; i < BUSY_SESSIONS; i++)
		spt_busy_set(busy, &sessions[i], i % 3 == 0);
	spt_busy_mark(busy);
	list_for_each_entry(session, &busy->all, busy) {
		KUNIT_EXPECT_PTR_EQ(test, session, &sessions[at]);
		at += 3;
	}
	spt_busy_for_each_of(busy, one, sessions[1].id.tpg)
		of_tpg += one->id.tpg == sessions[1].id.tpg;
	KUNIT_EXPECT_EQ(test, of_tpg, BUSY_SESSIONS / 6);
	for (i = 0; i < BUSY_SESSIONS; i++) {
		bool may_be = spt_busy_may_be(busy, sessions[i].id.session);

		if (i % 3 == 0)
			KUNIT_EXPECT_TRUE(test, may_be);
		else
			mistaken += may_be;
	}
	KUNIT_EXPECT_LT(test, mistaken, BUSY_SESSIONS / 10);
}

static struct kunit_case busy_cases[] = {
	KUNIT_CASE(busy_none),
	KUNIT_CASE(busy_set),
	KUNIT_CASE(busy_many),
	{}
};

static struct kunit_suite busy_suite = {
	.name		= "iscsitgt_spt_busy",
	.init		= busy_init,
	.test_cases	= busy_cases,
};

kunit_test_suite(busy_suite);
