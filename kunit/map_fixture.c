// SPDX-License-Identifier: GPL-2.0
#include "map_fixture.h"
#include "sessions.h"

#include "../module/map.c"

/* Addresses are compared, never followed: these are nobody's memory. */
const struct spt_identity map_id = {
	.tpg		= (void *)0xffff888000010000,
	.session	= (void *)0xffff888000020000,
	.created	= 0x00000001fffb6c20,
	.sid		= 7,
	.tsih		= 3,
	.isid		= { 0x00, 0x02, 0x3d, 0x00, 0x00, 0x01 },
};

struct spt_identity map_id_with_sid(u32 sid)
{
	struct spt_identity id = map_id;

	id.sid = sid;
	return id;
}

struct spt_session *map_alloc(struct kunit *test,
			      const struct spt_identity *id)
{
	struct spt_session *session = sessions_new(test, 0);

	session->id = *id;
	return session;
}

struct spt_session *map_add(struct kunit *test, const struct spt_identity *id,
			    u64 now)
{
	struct spt_session *session = map_alloc(test, id);
	int ret = spt_map_insert(test->priv, session, now);

	if (ret)
		spt_session_put(session);
	KUNIT_ASSERT_EQ(test, ret, 0);
	return session;
}

struct spt_session *map_add_sid(struct kunit *test, u32 sid, u64 now)
{
	struct spt_identity id = map_id_with_sid(sid);

	return map_add(test, &id, now);
}

void map_drop(struct kunit *test, struct spt_session *session)
{
	spt_map_remove(test->priv, session);
	spt_session_put(session);
}

void map_drain(struct kunit *test)
{
	struct spt_map *map = test->priv;

	while (!list_empty(&map->all))
		map_drop(test, list_first_entry(&map->all, struct spt_session,
						all));
}

void map_expect_cookie(struct kunit *test, u64 cookie,
		       const struct spt_session *want)
{
	struct spt_session *got = spt_map_get(test->priv, cookie);

	KUNIT_EXPECT_PTR_EQ(test, got, want);
	if (got)
		spt_session_put(got);
}

void map_expect_found(struct kunit *test, const struct spt_identity *id,
		      const struct spt_session *want)
{
	KUNIT_EXPECT_PTR_EQ(test, spt_map_find(test->priv, id), want);
}

int map_fixture_init(struct kunit *test)
{
	struct spt_map *map = kunit_kmalloc(test, sizeof(*map), GFP_KERNEL);

	if (!map)
		return -ENOMEM;
	memset(map, 0xa5, sizeof(*map));
	spt_map_init(map);
	test->priv = map;
	return sessions_init(test);
}

void map_fixture_exit(struct kunit *test)
{
	struct spt_map *map = test->priv;

	if (!map)
		return;
	map_drain(test);
	KUNIT_EXPECT_EQ(test, spt_map_count(map), 0);
	KUNIT_EXPECT_TRUE(test, hash_empty(map->by_cookie));
	KUNIT_EXPECT_TRUE(test, hash_empty(map->by_identity));
	sessions_exit(test);
}
