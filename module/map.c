// SPDX-License-Identifier: GPL-2.0
/*
 * The cookie map: SESSION_COOKIE to session, and LIO's identity to session.
 *
 * It owns one reference of every session in it.  Its lock is innermost: nothing
 * else is taken and nothing foreign is called under it.
 *
 * A cookie is the boot-time clock in nanoseconds at insertion, or the last
 * cookie plus one if that is more.  Giving one out takes longer than a
 * nanosecond, so cookies never run ahead of the clock, and a module that is
 * loaded again starts above all that were given out before, without having to
 * remember them.
 */
#include "map.h"

static unsigned long spt_identity_key(const struct spt_identity *id)
{
	return (unsigned long)id->session;
}

/**
 * spt_map_init - an empty map
 * @map: memory of the caller
 *
 * Context: any.
 */
void spt_map_init(struct spt_map *map)
{
	spin_lock_init(&map->lock);
	map->last_cookie = 0;
	map->count = 0;
	INIT_LIST_HEAD(&map->all);
	hash_init(map->by_cookie);
	hash_init(map->by_identity);
	hash_init(map->by_tpg);
}

/**
 * spt_map_insert - give a session its cookie and put it into the map
 * @map: the map
 * @session: with its identity set, in no map; the caller's reference becomes
 *	the map's
 * @now: ns of CLOCK_BOOTTIME
 *
 * The caller makes sure that no session of the same identity is in the map.
 *
 * Context: any but hard interrupt; LIO's session_lock may be held.
 * Return: 0, or -EOVERFLOW when there are no more cookies; then the reference
 *	stays the caller's.
 */
int spt_map_insert(struct spt_map *map, struct spt_session *session, u64 now)
{
	int ret = -EOVERFLOW;

	spin_lock_bh(&map->lock);
	if (map->last_cookie == U64_MAX)
		goto unlock;
	map->last_cookie = max(map->last_cookie + 1, now);
	session->cookie = map->last_cookie;
	hash_add(map->by_cookie, &session->by_cookie, session->cookie);
	hash_add(map->by_identity, &session->by_identity,
		 spt_identity_key(&session->id));
	hash_add(map->by_tpg, &session->by_tpg, (unsigned long)session->id.tpg);
	list_add_tail(&session->all, &map->all);
	map->count++;
	ret = 0;
unlock:
	spin_unlock_bh(&map->lock);
	return ret;
}

/**
 * spt_map_remove - take a session out of the map
 * @map: the map
 * @session: a session in it; the map's reference becomes the caller's
 *
 * Context: any but hard interrupt.
 */
void spt_map_remove(struct spt_map *map, struct spt_session *session)
{
	spin_lock_bh(&map->lock);
	hash_del(&session->by_cookie);
	hash_del(&session->by_identity);
	hash_del(&session->by_tpg);
	list_del_init(&session->all);
	map->count--;
	spin_unlock_bh(&map->lock);
}

static struct spt_session *spt_map_by_cookie(struct spt_map *map, u64 cookie)
{
	struct spt_session *session;

	lockdep_assert_held(&map->lock);
	hash_for_each_possible(map->by_cookie, session, by_cookie, cookie) {
		if (session->cookie == cookie)
			return session;
	}
	return NULL;
}

/**
 * spt_map_get - the session that has a cookie
 * @map: the map
 * @cookie: any number
 *
 * Context: any but hard interrupt.
 * Return: the session with a reference for the caller, or NULL.
 */
struct spt_session *spt_map_get(struct spt_map *map, u64 cookie)
{
	struct spt_session *session;

	spin_lock_bh(&map->lock);
	session = spt_map_by_cookie(map, cookie);
	if (session)
		spt_session_get(session);
	spin_unlock_bh(&map->lock);
	return session;
}

/**
 * spt_map_find - the session that has an identity
 * @map: the map
 * @id: the identity
 *
 * Context: any but hard interrupt; LIO's session_lock may be held.
 * Return: the session or NULL.  No reference is taken: the caller sees to it
 *	that nobody removes sessions meanwhile.
 */
struct spt_session *spt_map_find(struct spt_map *map,
				 const struct spt_identity *id)
{
	struct spt_session *session, *found = NULL;

	spin_lock_bh(&map->lock);
	hash_for_each_possible(map->by_identity, session, by_identity,
			       spt_identity_key(id)) {
		if (spt_identity_equal(&session->id, id)) {
			found = session;
			break;
		}
	}
	spin_unlock_bh(&map->lock);
	return found;
}

/**
 * spt_map_count - how many sessions are in the map
 * @map: the map
 *
 * Context: any but hard interrupt.
 * Return: their number at this moment.
 */
size_t spt_map_count(struct spt_map *map)
{
	size_t count;

	spin_lock_bh(&map->lock);
	count = map->count;
	spin_unlock_bh(&map->lock);
	return count;
}

/* The first one after @cookie, or the head of the list. */
static struct spt_session *spt_map_after(struct spt_map *map, u64 cookie)
{
	struct spt_session *session = spt_map_by_cookie(map, cookie);

	if (session)
		return list_next_entry(session, all);
	list_for_each_entry(session, &map->all, all) {
		if (session->cookie > cookie)
			return session;
	}
	return list_entry(&map->all, struct spt_session, all);
}

/**
 * spt_map_get_after - the sessions in the map, oldest cookie first
 * @map: the map
 * @cookie: those with a greater one; 0: all
 * @sessions: filled with sessions, each with a reference for the caller
 * @room: how many @sessions has room for
 *
 * Context: any but hard interrupt.
 * Return: how many were filled in, at most @room.
 */
size_t spt_map_get_after(struct spt_map *map, u64 cookie,
			 struct spt_session **sessions, size_t room)
{
	struct spt_session *session;
	size_t count = 0;

	spin_lock_bh(&map->lock);
	session = spt_map_after(map, cookie);
	list_for_each_entry_from(session, &map->all, all) {
		if (count == room)
			break;
		sessions[count++] = spt_session_get(session);
	}
	spin_unlock_bh(&map->lock);
	return count;
}
