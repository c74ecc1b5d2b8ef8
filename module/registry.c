// SPDX-License-Identifier: GPL-2.0
/*
 * The sessions that the module knows: it holds what LIO has against the cookie
 * map, announces those that are new and retires those that are gone.
 *
 * Lock order: the lock of all misc devices, that of an open file (stream.c) ->
 * spt_registry_lock -> LIO's locks (lio/scan.c) -> map lock; and
 * spt_registry_lock -> ring lock, spt_notify_lock, that of the holds.
 *
 * spt_registry_lock serialises scans, changes of the map, events and the
 * beginnings of stops.  Under it are only spinlocks, allocations that fail rather
 * than wait for I/O, and a bounded number of scans, nothing that waits for LIO or
 * for a program, so it can be waited for, also by open(), which holds the lock of
 * all misc devices.  Sessions are removed from the map only under it; that is what
 * keeps those alive that a scan finds there.
 *
 * Who is evicted is stopped by the look that finds its session, whoever looks, for
 * as long as the hold lasts.
 *
 * Waits: for spt_registry_lock, ended by whoever has it, as above; interruptible
 * where a program waits.
 *
 * Exactly one start and one end.  A session is announced once it is in the map
 * and ends when it is taken out, and it is put there once: a scan finds it by its
 * identity, and so does the departure that a probe captured.  No departure comes
 * late, to look like a new session: it is captured before LIO takes the session
 * off its list, and departures are drained between the scan that did not find the
 * session and its end here.  Where that does not hold, spt_late has the session.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#include "departures.h"
#include "events.h"
#include "hold.h"
#include "late.h"
#include "lookup.h"
#include "map.h"
#include "refuse.h"
#include "registry.h"
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

/* Outermost; what it serialises is told above. */
static DEFINE_MUTEX(spt_registry_lock);

/*
 * A look, and what it has come to.
 * @target: as of spt_scan_run()
 * @pending: what there is to be followed
 * @hidden: as &spt_scan.hidden
 */
struct spt_look {
	const char *target;
	enum spt_pending pending;
	bool hidden;
};

/* Changed: [spt_registry_lock] */
static struct spt_map spt_map;

/* [spt_registry_lock] */
static struct spt_late spt_late;

/*
 * A session is gone.  Let go of its TPG and tell its end before those wake who
 * wait, so that they can remove the one and read the other at once.
 */
static void spt_registry_retire(struct spt_session *session)
{
	lockdep_assert_held(&spt_registry_lock);
	if (!session->leaving)
		spt_late_note(&spt_late, &session->id);
	spt_map_remove(&spt_map, session);
	spt_hold_release(session);
	spt_events_end(session);
	complete_all(&session->gone);
	spt_session_put(session);
}

static void spt_registry_begin(struct spt_session *session)
{
	lockdep_assert_held(&spt_registry_lock);
	WRITE_ONCE(session->ending, true);
	spt_session_ends(session);
	spt_hold_want(session);
}

/* From when on @session is to be stopped, in jiffies; 0: it is not. */
static u64 spt_registry_evict_at(struct spt_session *session)
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

static enum spt_pending spt_registry_pending(struct spt_session *session)
{
	enum spt_pending pending = SPT_PENDING_NONE;
	u64 evict_at = spt_registry_evict_at(session);

	if (evict_at && time_after_eq64(get_jiffies_64(), evict_at))
		spt_registry_begin(session);
	else if (evict_at)
		pending = SPT_PENDING;
	if (session->ending)
		pending = spt_hold_follow(session) ? SPT_PENDING :
						     SPT_PENDING_STRANDED;
	if (!session->leaving)
		return pending;
	return spt_since_for(session->leaving, SPT_LEAVING_TIME) ?
	       SPT_PENDING : SPT_PENDING_LEAVING;
}

/* Who is replaced is noted after its own start, for which that may not count. */
static void spt_registry_announce(struct spt_session *session)
{
	if (!session->announced)
		spt_events_start(session);
	spt_events_note(session);
}

/* One scan with the blanks at hand, and what follows from it. */
static enum spt_pending spt_registry_run(struct spt_scan *scan, const char *target)
{
	enum spt_pending pending = SPT_PENDING_NONE;
	struct spt_session *session, *next;

	lockdep_assert_held(&spt_registry_lock);
	/* Once before, so that this scan may find the new ones among them gone. */
	spt_departures_drain(&spt_map, &spt_late, 0);
	spt_count(SPT_COUNT_RESCANS);
	spt_scan_run(scan, &spt_map, target);
	spt_departures_drain(&spt_map, &spt_late, scan->number);
	/* First those that end: among them may be some that new ones replace. */
	list_for_each_entry_safe(session, next, &spt_map.all, all) {
		bool gone = session->seen != scan->number;

		if (gone || session->leaving)
			spt_registry_announce(session);
		if (gone)
			spt_registry_retire(session);
		else
			pending = max(pending, spt_registry_pending(session));
	}
	list_for_each_entry(session, &spt_map.all, all)
		spt_registry_announce(session);
	return pending;
}

/*
 * Until every session of LIO is in the map; also when that fails, @look is set.
 * Whoever can log in must not be able to keep us here, with the lock held.
 */
static int spt_registry_refresh(struct spt_look *look)
{
	unsigned int scans = SPT_SCANS_MAX;
	struct spt_scan scan;
	int ret;

	do {
		look->pending = spt_registry_run(&scan, look->target);
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

/*
 * Whoever hears that a session is gone must not find it listed.  So it is retired
 * now: soon LIO's count may not prove it any more, when another one is ending.
 */
static bool spt_registry_gone(struct spt_session *session)
{
	struct spt_look look = {};

	if (!completion_done(&session->gone) &&
	    spt_lookup(&session->id) == SPT_GONE)
		spt_registry_refresh(&look);
	return completion_done(&session->gone);
}

/**
 * spt_registry_init - before any other function of this file
 *
 * Context: any.
 */
void spt_registry_init(void)
{
	spt_map_init(&spt_map);
}

/**
 * spt_registry_exit - forget every session
 *
 * The caller sees to it that no stop is pending and that nobody else calls.
 *
 * Context: process context, may sleep.
 */
void spt_registry_exit(void)
{
	struct spt_session *session, *next;

	mutex_lock(&spt_registry_lock);
	list_for_each_entry_safe(session, next, &spt_map.all, all) {
		spt_map_remove(&spt_map, session);
		/* There is none, unless somebody insists on unloading. */
		spt_hold_release(session);
		spt_session_put(session);
	}
	spt_scan_exit();
	mutex_unlock(&spt_registry_lock);
}

/**
 * spt_registry_stop - begin to stop a session
 * @session: of which the caller has a reference
 *
 * Does nothing if its stop has begun already.  Its connections are failed as soon
 * as it is held.
 *
 * Context: process context, may sleep.
 * Return: 0, -EALREADY when it had begun already, -ENOENT when the session is
 *	gone, or -EINTR.
 */
int spt_registry_stop(struct spt_session *session)
{
	int ret = -EALREADY;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return -EINTR;
	if (session->ending)
		goto unlock;
	ret = -ENOENT;
	if (spt_registry_gone(session))
		goto unlock;
	spt_registry_begin(session);
	ret = 0;
unlock:
	mutex_unlock(&spt_registry_lock);
	return ret;
}

/**
 * spt_registry_held - it was tried to hold a session
 * @session: one that was wanted to be held, of which the caller has a reference
 * @held: it is held
 *
 * Fails the connections of a session that is held.  Without the hold, LIO is
 * removing the TPG and ends its sessions itself; it does not wait for those that
 * end in another way, so they are left to it.
 *
 * Context: process context, may sleep.
 * Return: whether the session has taken over the hold; else it is the caller's.
 */
bool spt_registry_held(struct spt_session *session, bool held)
{
	struct spt_failing failing;
	enum spt_presence presence;

	mutex_lock(&spt_registry_lock);
	WRITE_ONCE(session->holding, false);
	held = held && !completion_done(&session->gone);
	if (!held)
		goto unlock;
	session->held = true;
	presence = spt_lookup_fail(&session->id, &failing);
	spt_session_blame(session, failing.cause);
	if (presence == SPT_LISTED || presence == SPT_CONNECTED)
		session->connected = presence == SPT_CONNECTED;
	if (failing.failed)
		spt_session_stopped(session);
unlock:
	mutex_unlock(&spt_registry_lock);
	return held;
}

/**
 * spt_registry_sweep - see what has become of all sessions
 *
 * Announces what is new, retires what is gone, and fails the connections once
 * more of those that are being stopped.
 *
 * Context: process context, may sleep.
 * Return: what is left to be followed.
 */
enum spt_pending spt_registry_sweep(void)
{
	struct spt_look look = {};

	mutex_lock(&spt_registry_lock);
	/* What memory is missing for is tried again soon. */
	if (spt_registry_refresh(&look) == -ENOMEM)
		look.pending = max(look.pending, SPT_PENDING);
	mutex_unlock(&spt_registry_lock);
	return look.pending;
}

/**
 * spt_registry_get - the session that has a cookie, as far as is known
 * @cookie: any number
 *
 * Context: process context.
 * Return: the session with a reference for the caller, or NULL.  LIO is not
 *	asked: it may be gone.
 */
struct spt_session *spt_registry_get(u64 cookie)
{
	return spt_map_get(&spt_map, cookie);
}

/* Returns -EAGAIN, with @snapshot's count set, if @room is not enough. */
static int spt_snapshot_take(struct spt_snapshot *snapshot, size_t room)
{
	struct spt_look look = {};
	int ret;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return -ERESTARTSYS;
	ret = spt_registry_refresh(&look);
	snapshot->count = spt_map_count(&spt_map);
	if (!ret && snapshot->count > room)
		ret = -EAGAIN;
	if (!ret) {
		spt_map_get_all(&spt_map, snapshot->sessions, room);
		snapshot->cursor = spt_ring_head(spt_events_ring());
	}
	mutex_unlock(&spt_registry_lock);
	return ret;
}

/**
 * spt_registry_snapshot - every session that LIO has now
 * @snapshot: filled in; the caller puts its sessions and kvfree()s the array
 *
 * Each of these sessions is announced before @snapshot's cursor and ends after
 * it.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, -ERESTARTSYS, -EOVERFLOW when there are no more cookies,
 *	or -EBUSY when sessions log in faster than they can be looked at.
 */
int spt_registry_snapshot(struct spt_snapshot *snapshot)
{
	size_t room = spt_map_count(&spt_map);
	int ret;

	/*
	 * The array is not allocated under the lock: memory may be waiting for a
	 * disk of this very target, and that for a session whose end only that
	 * lock lets us see.
	 */
	do {
		room += room / 4 + SPT_BLANKS;
		snapshot->sessions = kvcalloc(room, sizeof(*snapshot->sessions),
					      GFP_KERNEL);
		if (!snapshot->sessions)
			return -ENOMEM;
		ret = spt_snapshot_take(snapshot, room);
		if (ret)
			kvfree(snapshot->sessions);
		room = snapshot->count;
	} while (ret == -EAGAIN);
	return ret;
}

/**
 * spt_registry_count - how many sessions LIO has now
 * @count: set
 *
 * Context: process context, may sleep.
 * Return: as spt_registry_snapshot().
 */
int spt_registry_count(size_t *count)
{
	struct spt_look look = {};
	int ret;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return -ERESTARTSYS;
	ret = spt_registry_refresh(&look);
	*count = spt_map_count(&spt_map);
	mutex_unlock(&spt_registry_lock);
	return ret;
}

/* The next one of theirs after @after, NULL for the first one. */
static struct spt_session *spt_registry_next(const struct spt_names *names,
					     struct spt_session *after)
{
	struct spt_session *session = after;

	lockdep_assert_held(&spt_registry_lock);
	session = list_prepare_entry(session, &spt_map.all, all);
	list_for_each_entry_continue(session, &spt_map.all, all) {
		if (spt_names_meet(names, session->facts.initiator,
				   session->facts.target))
			return session;
	}
	return NULL;
}

/**
 * spt_registry_first - is a session of an initiator there?
 * @names: whose, and at which target
 * @session: set to the oldest one, with a reference for the caller, or NULL
 *
 * Context: process context, may sleep.
 * Return: as spt_registry_snapshot(), but -EINTR; -EAGAIN if one of the target's
 *	TPGs is being disabled that has a session which was never seen.
 */
int spt_registry_first(const struct spt_names *names, struct spt_session **session)
{
	struct spt_look look = { .target = names->target };
	int ret;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return -EINTR;
	ret = spt_registry_refresh(&look);
	*session = ret ? NULL : spt_registry_next(names, NULL);
	if (*session)
		spt_session_get(*session);
	else if (!ret && look.hidden)
		ret = -EAGAIN;
	mutex_unlock(&spt_registry_lock);
	return ret;
}

/**
 * spt_registry_tell - tell an initiator that its connections will be dropped
 * @names: whose, and at which target
 * @seconds: how long it should wait before it logs in again
 *
 * Begins to stop those of its sessions that cannot be told.
 *
 * Context: process context, may sleep.
 * Return: whether every session of its was told.
 */
bool spt_registry_tell(const struct spt_names *names, u16 seconds)
{
	struct spt_session *session = NULL;
	struct spt_look look = {};
	bool told;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return false;
	told = !spt_registry_refresh(&look);
	while ((session = spt_registry_next(names, session))) {
		if (spt_lookup_tell(&session->id, seconds))
			continue;
		told = false;
		if (!session->ending)
			spt_registry_begin(session);
	}
	mutex_unlock(&spt_registry_lock);
	return told;
}
