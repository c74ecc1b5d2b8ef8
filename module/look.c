// SPDX-License-Identifier: GPL-2.0
/*
 * Looking at LIO: the sessions that the module knows are held against those that LIO
 * has, new ones announced and those that are gone retired.
 *
 * A look is at all sessions, or a glance at those alone that are new or busy, so that
 * a stop takes as long among ten thousand others as alone.  A glance relies on probes
 * for who begins to leave, and on LIO listing new ones last; what it misses for want
 * of that, the next look at all sees.
 *
 * Who is evicted is stopped by the look that finds its session, whoever looks, for
 * as long as the hold lasts.
 *
 * Exactly one start and one end.  A session is announced once it is in the map
 * and ends when it is taken out, and it is put there once: a scan finds it by its
 * identity, and so does the departure that a probe captured.  No departure comes
 * late, to look like a new session: it is captured before LIO takes the session
 * off its list, and departures are drained between the scan that did not find the
 * session and its end here.  Where that does not hold, spt_late has the session.
 *
 * All of it is done under spt_registry_lock, of which registry.c tells.
 *
 * Waits: for memory without I/O, which fails rather than wait long.
 */
#include <linux/ktime.h>

#include "departures.h"
#include "events.h"
#include "hold.h"
#include "late.h"
#include "look.h"
#include "lookup.h"
#include "refuse.h"
#include "scan.h"
#include "since.h"
#include "status.h"

/* LIO is done with most sessions within a moment from here. */
#define SPT_LEAVING_TIME	msecs_to_jiffies(10)

/* The next scan that finds a few new ones does not need another one after it. */
#define SPT_BLANKS		16

/*
 * One that found more needs another one.  If as many log in meanwhile, that is
 * enough; only if ever more do, it goes on.
 */
#define SPT_BLANKS_AGAIN(missed)	(2 * (missed) + 4 * SPT_BLANKS)
#define SPT_SCANS_MAX		8

/* For more than these that are new, a look at all costs less than what a glance does. */
#define SPT_GLANCE_FRESH	8

DEFINE_MUTEX(spt_registry_lock); /* outermost */

struct spt_map spt_map;

/* [spt_registry_lock] */
static struct spt_busy spt_busy;

/* [spt_registry_lock] &spt_refusals.evictions when all were last looked at. */
static u64 spt_evictions;

/* [spt_registry_lock] */
static struct spt_late spt_late;

/*
 * A session is gone.  Let go of its TPG and tell its end before those wake who
 * wait, so that they can remove the one and read the other at once.
 */
static void spt_look_retire(struct spt_session *session)
{
	lockdep_assert_held(&spt_registry_lock);
	if (!session->leaving)
		spt_late_note(&spt_late, &session->id);
	spt_busy_set(&spt_busy, session, false);
	spt_map_remove(&spt_map, session);
	spt_hold_release(session);
	spt_events_end(session);
	complete_all(&session->gone);
	spt_session_put(session);
}

/**
 * spt_look_begin - begin to stop a session
 * @session: of the map; its stop has not begun
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_look_begin(struct spt_session *session)
{
	lockdep_assert_held(&spt_registry_lock);
	spt_session_ends(session);
	/* Whoever sees that sees since when. */
	smp_store_release(&session->ending, true);
	spt_busy_set(&spt_busy, session, true);
	spt_hold_want(session);
}

/* From when on @session is to be stopped, in jiffies; 0: it is not. */
static u64 spt_look_evict_at(struct spt_session *session)
{
	struct spt_refusals *holds = spt_refuse_holds();
	u64 evictions = READ_ONCE(holds->evictions);
	u64 evict_at;

	/* What no hold has met, only one that is set later can meet. */
	if (session->ending || session->spared == evictions)
		return 0;
	evict_at = spt_refusals_evict(holds, session->facts.initiator,
				      session->facts.target,
				      ktime_get_boottime_ns());
	if (!evict_at)
		session->spared = evictions;
	return evict_at;
}

static enum spt_pending spt_look_pending(struct spt_session *session)
{
	enum spt_pending pending = SPT_PENDING_NONE;
	u64 evict_at = spt_look_evict_at(session);

	if (evict_at && time_after_eq64(get_jiffies_64(), evict_at))
		spt_look_begin(session);
	else if (evict_at)
		pending = SPT_PENDING;
	spt_busy_set(&spt_busy, session,
		     evict_at || session->ending || session->leaving);
	if (session->ending)
		pending = spt_hold_follow(session) ? SPT_PENDING :
						     SPT_PENDING_STRANDED;
	if (!session->leaving)
		return pending;
	return spt_since_for(session->leaving, SPT_LEAVING_TIME) ?
	       SPT_PENDING : SPT_PENDING_LEAVING;
}

/* Who is replaced is noted after its own start, for which that may not count. */
static void spt_look_announce(struct spt_session *session)
{
	if (!session->announced)
		spt_events_start(session);
	spt_events_note(session);
}

/* What follows from a scan for one that it has looked for. */
static enum spt_pending spt_look_settle(struct spt_session *session, u64 number)
{
	bool gone = session->seen != number;

	if (gone || session->leaving)
		spt_look_announce(session);
	if (!gone)
		return spt_look_pending(session);
	spt_look_retire(session);
	return SPT_PENDING_NONE;
}

/* One scan with the blanks at hand, and what follows from it. */
static enum spt_pending spt_look_all(struct spt_scan *scan, const char *target)
{
	enum spt_pending pending = SPT_PENDING_NONE;
	struct spt_session *session, *next;

	lockdep_assert_held(&spt_registry_lock);
	spt_evictions = READ_ONCE(spt_refuse_holds()->evictions);
	/* Once before, so that this scan may find the new ones among them gone. */
	spt_departures_drain(&spt_map, &spt_busy, &spt_late, 0);
	spt_count(SPT_COUNT_RESCANS);
	spt_scan_run(scan, &spt_map, target);
	spt_departures_drain(&spt_map, &spt_busy, &spt_late, scan->number);
	/* First those that end: among them may be some that new ones replace. */
	list_for_each_entry_safe(session, next, &spt_map.all, all)
		pending = max(pending, spt_look_settle(session, scan->number));
	list_for_each_entry(session, &spt_map.all, all)
		spt_look_announce(session);
	return pending;
}

static bool spt_look_is_nexus(const struct spt_session *a,
			      const struct spt_session *b)
{
	return a->id.tpg == b->id.tpg &&
	       !memcmp(a->id.isid, b->id.isid, sizeof(a->id.isid)) &&
	       !strcmp(a->facts.initiator, b->facts.initiator);
}

/* LIO knows why it is ending it, or a probe has seen that it left LIO's list. */
static void spt_look_ask_for_replaced(struct spt_session *old)
{
	enum iscsitgt_spt_end_cause cause = spt_lookup_cause(&old->id);

	if (cause == ISCSITGT_SPT_END_UNKNOWN)
		spt_departures_drain(&spt_map, &spt_busy, &spt_late, 0);
	else
		spt_session_blame(old, cause);
	spt_look_announce(old);
}

/*
 * Those that are new after @known may replace older ones, which LIO is ending but need
 * not have begun to deregister: so they have to be asked for.
 */
static void spt_look_for_replaced(struct spt_session *known)
{
	struct spt_session *old = known, *new;

	list_for_each_entry_from_reverse(old, &spt_map.all, all) {
		new = known;
		list_for_each_entry_continue(new, &spt_map.all, all) {
			if (!spt_look_is_nexus(old, new))
				continue;
			spt_look_ask_for_replaced(old);
			break;
		}
	}
}

/*
 * The newest one that was known before this scan, or the head of the list; among
 * those behind it may be some that came and went, and were told before.
 */
static struct spt_session *spt_look_last_known(void)
{
	struct list_head *known;

	list_for_each_prev(known, &spt_map.all) {
		const struct spt_session *session =
			list_entry(known, struct spt_session, all);

		if (session->announced && !session->leaving)
			break;
	}
	return list_entry(known, struct spt_session, all);
}

/* Those that were not known before this scan: they have the newest cookies. */
static enum spt_pending spt_look_welcome(size_t fresh)
{
	struct spt_session *session = spt_look_last_known();
	enum spt_pending pending = SPT_PENDING_NONE;

	if (fresh)
		spt_look_for_replaced(session);
	list_for_each_entry_continue(session, &spt_map.all, all) {
		spt_look_announce(session);
		pending = max(pending, spt_look_pending(session));
	}
	return pending;
}

/* The same for those alone that are busy or new. */
static enum spt_pending spt_look_glance(struct spt_scan *scan)
{
	enum spt_pending pending = SPT_PENDING_NONE;
	struct spt_session *session, *next;

	lockdep_assert_held(&spt_registry_lock);
	spt_departures_drain(&spt_map, &spt_busy, &spt_late, 0);
	spt_count(SPT_COUNT_RESCANS);
	spt_scan_glance(scan, &spt_map, &spt_busy);
	if (scan->fresh > SPT_GLANCE_FRESH)
		return spt_look_all(scan, NULL);
	session = list_last_entry(&spt_busy.all, struct spt_session, busy);
	spt_departures_drain(&spt_map, &spt_busy, &spt_late, scan->number);
	/* Those that are busy only now were not looked for. */
	list_for_each_entry_continue(session, &spt_busy.all, busy)
		session->seen = scan->number;
	list_for_each_entry_safe(session, next, &spt_busy.all, busy)
		pending = max(pending, spt_look_settle(session, scan->number));
	list_for_each_entry(session, &spt_busy.all, busy)
		spt_look_announce(session);
	return max(pending, spt_look_welcome(scan->fresh));
}

/**
 * spt_look_now - until every session of LIO is in the map, or every one that is new
 * @look: what at; set, also when that fails
 *
 * Whoever can log in must not be able to keep us here, with the lock held.
 *
 * Context: process context, may sleep, under spt_registry_lock.
 * Return: 0, -ENOMEM, -EOVERFLOW when there are no more cookies, or -EBUSY when
 *	sessions log in faster than they can be looked at.
 */
int spt_look_now(struct spt_look *look)
{
	unsigned int scans = SPT_SCANS_MAX;
	struct spt_scan scan;
	int ret;

	/* A new hold may be for any of those who are there. */
	if (spt_evictions != READ_ONCE(spt_refuse_holds()->evictions))
		look->glance = false;
	do {
		look->pending = look->glance ?
				spt_look_glance(&scan) :
				spt_look_all(&scan, look->target);
		look->hidden = scan.hidden;
		ret = scan.error;
		if (!ret && scan.missed)
			ret = --scans ? spt_scan_prepare(SPT_BLANKS_AGAIN(scan.missed)) :
					-EBUSY;
	} while (!ret && scan.missed);
	if (!ret)
		spt_scan_prepare(SPT_BLANKS);
	spt_events_flush();
	return ret;
}

/**
 * spt_look_gone - has a session left LIO?
 * @session: of which the caller has a reference
 *
 * Whoever hears that a session is gone must not find it listed.  So it is retired
 * now: soon LIO's count may not prove it any more, when another one is ending.
 *
 * Context: process context, may sleep, under spt_registry_lock.
 * Return: whether it has.
 */
bool spt_look_gone(struct spt_session *session)
{
	lockdep_assert_held(&spt_registry_lock);
	if (completion_done(&session->gone))
		return true;
	if (spt_lookup(&session->id) != SPT_GONE)
		return false;
	/* After the look that did not find it. */
	spt_departures_drain(&spt_map, &spt_busy, &spt_late, 0);
	spt_look_announce(session);
	spt_look_retire(session);
	spt_events_flush();
	return true;
}

/**
 * spt_look_init - before any other function of this file
 *
 * Context: any.
 */
void spt_look_init(void)
{
	spt_map_init(&spt_map);
	spt_busy_init(&spt_busy);
}

/**
 * spt_look_exit - forget every session
 *
 * The caller sees to it that no stop is pending and that nobody else calls.
 *
 * Context: process context, may sleep.
 */
void spt_look_exit(void)
{
	struct spt_session *session, *next;

	mutex_lock(&spt_registry_lock);
	list_for_each_entry_safe(session, next, &spt_map.all, all) {
		spt_busy_set(&spt_busy, session, false);
		spt_map_remove(&spt_map, session);
		/* There is none, unless somebody insists on unloading. */
		spt_hold_release(session);
		spt_session_put(session);
	}
	spt_scan_exit();
	mutex_unlock(&spt_registry_lock);
}
