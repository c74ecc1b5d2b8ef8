// SPDX-License-Identifier: GPL-2.0
/*
 * What the probes captured of sessions that leave, put into the cookie map.
 *
 * No locks of its own: the callers hold spt_registry_lock, under which alone the
 * map changes.
 *
 * Waits: for memory without I/O, which fails rather than wait long; for the
 * processor, between departures.
 */
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "departures.h"
#include "probes.h"
#include "scan.h"
#include "since.h"
#include "status.h"

/* A session that came and went between two scans. */
static struct spt_session *
spt_departures_add(struct spt_map *map, const struct spt_departure *departure,
		   u64 seen)
{
	struct spt_session *session;
	u64 now = ktime_get_boottime_ns();

	session = spt_scan_blank() ?: spt_session_alloc(SPT_SESSION_GFP);
	if (!session)
		return NULL;
	session->id = departure->id;
	session->facts = departure->facts;
	session->facts.login_time = spt_session_login_time(&session->id, now);
	session->seen = seen;
	if (spt_map_insert(map, session, now)) {
		spt_session_put(session);
		return NULL;
	}
	return session;
}

static void spt_departures_one(struct spt_map *map, struct spt_busy *busy,
			       const struct spt_late *late,
			       const struct spt_departure *departure, u64 seen)
{
	struct spt_session *session = spt_map_find(map, &departure->id);

	if (!session && (departure->left || spt_late_is(late, &departure->id)))
		return;
	if (!session)
		session = spt_departures_add(map, departure, seen);
	if (!session) {
		spt_count(SPT_COUNT_HINTS_MISSED);
		return;
	}
	spt_since(&session->leaving, true);
	spt_busy_set(busy, session, true);
	spt_session_ends(session);
	if (departure->left)
		spt_since(&session->left, true);
	else
		spt_session_blame(session, departure->cause);
}

/**
 * spt_departures_drain - take note of all sessions that were seen to leave
 * @map: those that are not in it are put into it
 * @busy: all of them are put into it
 * @late: those in there have been in @map
 * @seen: of a session that is new: the scan that shall not find it gone
 *
 * Context: process context, may sleep, under spt_registry_lock.
 */
void spt_departures_drain(struct spt_map *map, struct spt_busy *busy,
			  const struct spt_late *late, u64 seen)
{
	struct spt_departure *departure, *next;
	struct llist_node *departures;

	departures = spt_probes_departures();
	llist_for_each_entry_safe(departure, next, departures, node) {
		spt_departures_one(map, busy, late, departure, seen);
		spt_probes_release(departure);
		cond_resched();
	}
}
