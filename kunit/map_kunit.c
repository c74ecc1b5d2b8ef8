// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "map_fixture.h"
#include "sessions.h"

static void map_insert_takes_the_reference(struct kunit *test)
{
	struct spt_session *session = map_add(test, &map_id, 1000);

	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 1);
}

static void map_find_by_identity(struct kunit *test)
{
	struct spt_session *session = map_add(test, &map_id, 1000);
	struct spt_session *other = map_add_sid(test, 8, 1000);
	struct spt_identity id = map_id_with_sid(8);
	struct spt_identity unknown = map_id_with_sid(9);

	map_expect_found(test, &map_id, session);
	map_expect_found(test, &id, other);
	map_expect_found(test, &unknown, NULL);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&other->refs), 1);
}

/* An identity is built on the stack, where padding is what was there before. */
static void map_find_ignores_padding(struct kunit *test)
{
	struct spt_session *session = map_add(test, &map_id, 1000);
	struct spt_identity id;

	memset(&id, 0xff, sizeof(id));
	id.tpg = map_id.tpg;
	id.session = map_id.session;
	id.created = map_id.created;
	id.sid = map_id.sid;
	id.tsih = map_id.tsih;
	memcpy(id.isid, map_id.isid, sizeof(id.isid));
	KUNIT_ASSERT_NE(test, memcmp(&id, &map_id, sizeof(id)), 0);
	map_expect_found(test, &id, session);
}

static void map_get_takes_a_reference(struct kunit *test)
{
	struct spt_session *session = map_add(test, &map_id, 1000);

	KUNIT_EXPECT_PTR_EQ(test, spt_map_get(test->priv, 1000), session);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 2);
	KUNIT_EXPECT_PTR_EQ(test, spt_map_get(test->priv, 1000), session);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 3);
	spt_session_put(session);
	spt_session_put(session);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 1);
}

static void map_get_unknown(struct kunit *test)
{
	struct spt_session *session;

	map_expect_cookie(test, 0, NULL);
	map_expect_cookie(test, 1000, NULL);

	session = map_add(test, &map_id, 1000);
	map_expect_cookie(test, 0, NULL);
	map_expect_cookie(test, 999, NULL);
	map_expect_cookie(test, 1001, NULL);
	map_expect_cookie(test, 1000 | 1ULL << 32, NULL);
	map_expect_cookie(test, 1000 | 1ULL << 63, NULL);
	map_expect_cookie(test, U64_MAX, NULL);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
}

static void map_remove(struct kunit *test)
{
	struct spt_session *before = map_add_sid(test, 1, 1000);
	struct spt_session *session = map_add_sid(test, 2, 2000);
	struct spt_session *after = map_add_sid(test, 3, 3000);
	struct spt_identity id = map_id_with_sid(2);

	spt_map_remove(test->priv, session);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&session->by_cookie));
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&session->by_identity));
	KUNIT_EXPECT_TRUE(test, list_empty(&session->all));
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 2);
	map_expect_cookie(test, 2000, NULL);
	map_expect_found(test, &id, NULL);
	map_expect_cookie(test, 1000, before);
	map_expect_cookie(test, 3000, after);

	KUNIT_EXPECT_EQ(test, sessions_alive(), 3);
	spt_session_put(session);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 2);
}

struct map_reuse {
	const char *desc;
	struct spt_identity differs;
};

static const struct map_reuse map_reuses[] = {
	{ "address", { .session = (void *)0x400 } },
	{ "TPG", { .tpg = (void *)0x1000 } },
	{ "login time", { .created = 1 } },
	{ "login time, upper half", { .created = 1ULL << 32 } },
	{ "sid", { .sid = 1 } },
	{ "sid, highest bit", { .sid = 1U << 31 } },
	{ "TSIH", { .tsih = 1 } },
	{ "TSIH, highest bit", { .tsih = 1 << 15 } },
	{ "ISID, first byte", { .isid = { 0x80 } } },
	{ "ISID, last byte", { .isid = { [5] = 0x01 } } },
};

KUNIT_ARRAY_PARAM_DESC(map_reuse, map_reuses, desc);

/* What the parameter has is flipped; all else is as in the other session. */
static struct spt_identity map_reusing_id(struct kunit *test)
{
	const struct map_reuse *param = test->param_value;
	const u8 *differs = (const u8 *)&param->differs;
	struct spt_identity id = map_id;
	size_t i;

	for (i = 0; i < sizeof(id); i++)
		((u8 *)&id)[i] ^= differs[i];
	return id;
}

static void map_reuse_beside(struct kunit *test)
{
	struct spt_identity id = map_reusing_id(test);
	struct spt_session *old = map_add(test, &map_id, 1000);
	struct spt_session *new;

	KUNIT_EXPECT_FALSE(test, spt_identity_equal(&map_id, &id));
	KUNIT_EXPECT_FALSE(test, spt_identity_equal(&id, &map_id));
	map_expect_found(test, &id, NULL);

	new = map_add(test, &id, 1000);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 2);
	map_expect_found(test, &map_id, old);
	map_expect_found(test, &id, new);
	map_expect_cookie(test, 1000, old);
	map_expect_cookie(test, 1001, new);

	map_drop(test, old);
	map_expect_found(test, &map_id, NULL);
	map_expect_found(test, &id, new);
	map_expect_cookie(test, 1000, NULL);
	map_expect_cookie(test, 1001, new);
}

static void map_reuse_after(struct kunit *test)
{
	struct spt_identity id = map_reusing_id(test);
	struct spt_session *new;

	map_drop(test, map_add(test, &map_id, 1000));
	new = map_add(test, &id, 1000);
	map_expect_cookie(test, 1000, NULL);
	map_expect_cookie(test, 1001, new);
	map_expect_found(test, &map_id, NULL);
	map_expect_found(test, &id, new);
}

static void map_count(struct kunit *test)
{
	struct spt_session *first, *second;

	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 0);
	first = map_add_sid(test, 1, 1000);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 1);
	second = map_add_sid(test, 2, 1000);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 2);
	map_drop(test, first);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 1);
	map_drop(test, second);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 0);
}

struct map_room {
	const char *desc;
	size_t room;
	size_t want;
};

static const struct map_room map_rooms[] = {
	{ "none", 0, 0 },
	{ "one", 1, 1 },
	{ "one too few", 3, 3 },
	{ "exact", 4, 4 },
	{ "one too many", 5, 4 },
};

KUNIT_ARRAY_PARAM_DESC(map_room, map_rooms, desc);

static void map_get_all(struct kunit *test)
{
	const struct map_room *param = test->param_value;
	struct spt_session *sentinel = (struct spt_session *)&map_id;
	struct spt_session *sessions[6], *want[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sessions); i++)
		sessions[i] = sentinel;
	/* Against the order of sids, and with a gap where one was removed. */
	want[0] = map_add_sid(test, 9, 1000);
	want[1] = map_add_sid(test, 3, 1000);
	want[2] = map_add_sid(test, 5, 1000);
	want[3] = want[2];
	want[2] = map_add_sid(test, 1, 1000);
	map_drop(test, want[3]);
	want[3] = map_add_sid(test, 4, 9000);

	KUNIT_EXPECT_EQ(test,
			spt_map_get_after(test->priv, 0, sessions, param->room),
			param->want);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ_MSG(test, refcount_read(&want[i]->refs),
				    i < param->want ? 2 : 1, "session %zu", i);
	for (i = 0; i < ARRAY_SIZE(sessions); i++) {
		if (i >= param->want) {
			KUNIT_EXPECT_PTR_EQ(test, sessions[i], sentinel);
			continue;
		}
		KUNIT_EXPECT_PTR_EQ(test, sessions[i], want[i]);
		spt_session_put(want[i]);
	}
}

static void map_get_after(struct kunit *test)
{
	struct spt_session *want[3], *sessions[3];
	u64 cookie;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++)
		want[i] = map_add_sid(test, i, 1000);
	cookie = want[0]->cookie;
	KUNIT_ASSERT_EQ(test, spt_map_get_after(test->priv, cookie, sessions, 3), 2);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_PTR_EQ(test, sessions[i], want[i + 1]);
		spt_session_put(sessions[i]);
	}
	/* After one that has gone. */
	map_drop(test, want[1]);
	KUNIT_ASSERT_EQ(test, spt_map_get_after(test->priv, cookie + 1, sessions, 3), 1);
	KUNIT_EXPECT_PTR_EQ(test, sessions[0], want[2]);
	spt_session_put(sessions[0]);
	cookie = want[2]->cookie;
	KUNIT_EXPECT_EQ(test, spt_map_get_after(test->priv, cookie, sessions, 3), 0);
}

static void map_get_all_of_none(struct kunit *test)
{
	struct spt_session *session = NULL;

	KUNIT_EXPECT_EQ(test, spt_map_get_after(test->priv, 0, &session, 1), 0);
	KUNIT_EXPECT_NULL(test, session);
}

/* KASAN reports each access here that comes after the memory was given back. */
static void map_dying(struct kunit *test)
{
	struct spt_session *session = map_add(test, &map_id, 1000);
	struct spt_session *first = spt_map_get(test->priv, 1000);
	struct spt_session *second = spt_map_get(test->priv, 1000);

	KUNIT_ASSERT_PTR_EQ(test, first, session);
	KUNIT_ASSERT_PTR_EQ(test, second, session);
	map_drop(test, session);
	map_expect_cookie(test, 1000, NULL);
	map_expect_found(test, &map_id, NULL);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 2);
	KUNIT_EXPECT_EQ(test, session->cookie, 1000);
	KUNIT_EXPECT_TRUE(test, spt_identity_equal(&session->id, &map_id));

	spt_session_put(first);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
	memset(&session->facts, 0x5a, sizeof(session->facts));
	KUNIT_EXPECT_EQ(test, sessions_alive(), 1);

	/* Its identity may come back while it dies. */
	session = map_add(test, &map_id, 1000);
	KUNIT_EXPECT_PTR_NE(test, session, second);
	KUNIT_EXPECT_EQ(test, session->cookie, 1001);
	map_expect_cookie(test, 1000, NULL);
	map_expect_found(test, &map_id, session);

	KUNIT_EXPECT_EQ(test, sessions_alive(), 2);
	spt_session_put(second);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 1);
}

static void map_same_bucket(struct kunit *test)
{
	const u32 cookie_bucket = hash_min((u64)1000, SPT_MAP_BITS);
	const u32 id_bucket = hash_min((unsigned long)map_id.session,
				       SPT_MAP_BITS);
	struct spt_identity id = map_id;
	struct spt_session *sessions[16];
	u64 cookie = 1000;
	int i, first;

	for (i = 0; i < ARRAY_SIZE(sessions); i++) {
		while (hash_min(cookie, SPT_MAP_BITS) != cookie_bucket)
			cookie++;
		while (hash_min((unsigned long)id.session, SPT_MAP_BITS) !=
		       id_bucket)
			id.session += 64;
		sessions[i] = map_add(test, &id, cookie);
		KUNIT_ASSERT_EQ(test, sessions[i]->cookie, cookie);
		cookie++;
		id.session += 64;
	}
	for (first = 0; first < ARRAY_SIZE(sessions); first++) {
		for (i = first; i < ARRAY_SIZE(sessions); i++) {
			map_expect_found(test, &sessions[i]->id, sessions[i]);
			map_expect_cookie(test, sessions[i]->cookie,
					  sessions[i]);
		}
		id = sessions[first]->id;
		cookie = sessions[first]->cookie;
		map_drop(test, sessions[first]);
		map_expect_found(test, &id, NULL);
		map_expect_cookie(test, cookie, NULL);
	}
}

/* In the same bucket, where only the comparison keeps them apart. */
static void map_get_compares_whole_cookies(struct kunit *test)
{
	const u32 bucket = hash_min((u64)1000, SPT_MAP_BITS);
	u64 cookie = 1000;

	map_add(test, &map_id, 1000);
	do {
		cookie += 1ULL << 32;
	} while (hash_min(cookie, SPT_MAP_BITS) != bucket);
	map_expect_cookie(test, cookie, NULL);
}

static struct spt_identity map_many_id(u32 i)
{
	struct spt_identity id = map_id_with_sid(i);

	id.session += i % 10 * 1024;
	return id;
}

static void map_many(struct kunit *test)
{
	struct spt_session **sessions, **all;
	struct spt_identity id;
	u32 i;

	sessions = kunit_kcalloc(test, 1000, sizeof(*sessions), GFP_KERNEL);
	all = kunit_kcalloc(test, 1000, sizeof(*all), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sessions);
	KUNIT_ASSERT_NOT_NULL(test, all);

	for (i = 0; i < 1000; i++) {
		id = map_many_id(i);
		sessions[i] = map_add(test, &id, 1000);
	}
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 1000);
	for (i = 0; i < 1000; i++) {
		id = map_many_id(i);
		map_expect_found(test, &id, sessions[i]);
		map_expect_cookie(test, 1000 + i, sessions[i]);
	}

	for (i = 0; i < 1000; i += 2)
		map_drop(test, sessions[i]);
	KUNIT_EXPECT_EQ(test, spt_map_count(test->priv), 500);
	for (i = 0; i < 1000; i++) {
		id = map_many_id(i);
		map_expect_found(test, &id, i % 2 ? sessions[i] : NULL);
		map_expect_cookie(test, 1000 + i, i % 2 ? sessions[i] : NULL);
	}

	KUNIT_ASSERT_EQ(test, spt_map_get_after(test->priv, 0, all, 1000), 500);
	for (i = 0; i < 500; i++) {
		KUNIT_EXPECT_PTR_EQ(test, all[i], sessions[2 * i + 1]);
		spt_session_put(all[i]);
	}
}

struct map_reader {
	struct spt_map *map;
	u64 cookie;
	struct completion found;
	bool wrong;
};

static int map_reader_run(void *data)
{
	struct map_reader *reader = data;

	while (!kthread_should_stop()) {
		struct spt_session *session;

		session = spt_map_get(reader->map, reader->cookie);
		if (session) {
			if (session->cookie != reader->cookie)
				reader->wrong = true;
			complete_all(&reader->found);
			spt_session_put(session);
		}
		cond_resched();
	}
	return 0;
}

/* A reference that is taken too late is KASAN's or refcount_t's to report. */
static void map_get_against_remove(struct kunit *test)
{
	struct map_reader reader = { .map = test->priv };
	u64 now;

	init_completion(&reader.found);
	for (now = 1000; now < 1050; now++) {
		struct spt_session *session = map_add(test, &map_id, now);
		struct task_struct *task;
		unsigned long left;

		reader.cookie = session->cookie;
		reinit_completion(&reader.found);
		task = kthread_run(map_reader_run, &reader, "map_reader");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		left = wait_for_completion_timeout(&reader.found, 30 * HZ);
		map_drop(test, session);
		kthread_stop(task);
		KUNIT_ASSERT_NE(test, left, 0);
		KUNIT_EXPECT_FALSE(test, reader.wrong);
		KUNIT_EXPECT_EQ(test, sessions_alive(), 0);
	}
}

static void map_session_blank(struct kunit *test)
{
	static const struct spt_identity no_id;
	struct spt_session *session = map_alloc(test, &no_id);

	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&session->gone));
	KUNIT_EXPECT_EQ(test, session->cookie, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(&session->facts, 0,
					   sizeof(session->facts)));
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&session->by_cookie));
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&session->by_identity));
	KUNIT_EXPECT_TRUE(test, list_empty(&session->all));
	KUNIT_EXPECT_EQ(test, session->seen, 0);
	KUNIT_EXPECT_FALSE(test, session->ending);
	KUNIT_EXPECT_FALSE(test, session->held);
	spt_session_put(session);
}

static void map_session_refs(struct kunit *test)
{
	struct spt_session *session = map_alloc(test, &map_id);

	KUNIT_EXPECT_PTR_EQ(test, spt_session_get(session), session);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 2);
	spt_session_put(session);
	KUNIT_EXPECT_EQ(test, refcount_read(&session->refs), 1);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 1);
	spt_session_put(session);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 0);
}

static struct kunit_case map_cases[] = {
	KUNIT_CASE(map_insert_takes_the_reference),
	KUNIT_CASE(map_find_by_identity),
	KUNIT_CASE(map_find_ignores_padding),
	KUNIT_CASE(map_get_takes_a_reference),
	KUNIT_CASE(map_get_unknown),
	KUNIT_CASE(map_remove),
	KUNIT_CASE_PARAM(map_reuse_beside, map_reuse_gen_params),
	KUNIT_CASE_PARAM(map_reuse_after, map_reuse_gen_params),
	KUNIT_CASE(map_count),
	KUNIT_CASE_PARAM(map_get_all, map_room_gen_params),
	KUNIT_CASE(map_get_after),
	KUNIT_CASE(map_get_all_of_none),
	KUNIT_CASE(map_dying),
	KUNIT_CASE(map_same_bucket),
	KUNIT_CASE(map_get_compares_whole_cookies),
	KUNIT_CASE_SLOW(map_many),
	KUNIT_CASE_SLOW(map_get_against_remove),
	KUNIT_CASE(map_session_blank),
	KUNIT_CASE(map_session_refs),
	{}
};

static struct kunit_suite map_suite = {
	.name		= "iscsitgt_spt_map",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= map_fixture_init,
	.exit		= map_fixture_exit,
	.test_cases	= map_cases,
};

kunit_test_suite(map_suite);
