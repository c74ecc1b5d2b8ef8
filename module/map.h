/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_MAP_H
#define ISCSITGT_SPT_MAP_H

#include <linux/hashtable.h>
#include <linux/spinlock.h>

#include "session.h"

#define SPT_MAP_BITS		12
#define SPT_MAP_TPG_BITS	10

/**
 * struct spt_map - SESSION_COOKIE to session and identity to session
 * @lock: innermost: LIO's session_lock may be held when it is taken, never
 *	the other way round; bottom halves off, because session_lock is taken
 *	in softirq
 * @last_cookie: [lock] the newest cookie given out
 * @count: [lock] sessions in the map
 * @all: [lock] the sessions, oldest cookie first
 * @by_cookie: [lock]
 * @by_identity: [lock]
 * @by_tpg: [lock]
 */
struct spt_map {
	spinlock_t lock; /* innermost */
	u64 last_cookie;
	size_t count;
	struct list_head all;
	DECLARE_HASHTABLE(by_cookie, SPT_MAP_BITS);
	DECLARE_HASHTABLE(by_identity, SPT_MAP_BITS);
	DECLARE_HASHTABLE(by_tpg, SPT_MAP_TPG_BITS);
};

/**
 * spt_map_for_each_of - the sessions of a TPG, and of others by chance
 * @map: the map
 * @session: a &struct spt_session pointer, each of them in turn
 * @tpg: as in &struct spt_identity
 *
 * Context: the caller sees to it that the map does not change meanwhile.
 */
#define spt_map_for_each_of(map, session, tpg) \
	hash_for_each_possible((map)->by_tpg, session, by_tpg, \
			       (unsigned long)(tpg))

void spt_map_init(struct spt_map *map);
int spt_map_insert(struct spt_map *map, struct spt_session *session, u64 now);
void spt_map_remove(struct spt_map *map, struct spt_session *session);
struct spt_session *spt_map_get(struct spt_map *map, u64 cookie);
struct spt_session *spt_map_find(struct spt_map *map,
				 const struct spt_identity *id);
size_t spt_map_count(struct spt_map *map);
size_t spt_map_get_after(struct spt_map *map, u64 cookie,
			 struct spt_session **sessions, size_t room);

#endif /* ISCSITGT_SPT_MAP_H */
