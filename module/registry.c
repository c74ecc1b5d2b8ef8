// SPDX-License-Identifier: GPL-2.0
/*
 * The sessions that the module knows, for those who stop, list, follow and evict them.
 *
 * Lock order: the lock of all misc devices, that of an open file (stream.c) ->
 * spt_registry_lock -> LIO's locks (lio/scan.c) -> map lock; and
 * spt_registry_lock -> ring lock, spt_notify_lock, that of the holds.
 *
 * spt_registry_lock serialises looks, changes of the map, events and the
 * beginnings of stops.  Under it are only spinlocks, allocations that fail rather
 * than wait for I/O, and a bounded number of scans, nothing that waits for LIO or
 * for a program, so it can be waited for, also by open(), which holds the lock of
 * all misc devices.  Sessions are removed from the map only under it; that is what
 * keeps those alive that a scan finds there.
 *
 * Waits: for spt_registry_lock, ended by whoever has it, as above; interruptible
 * where a program waits.
 */
#include <linux/mm.h>

#include "events.h"
#include "look.h"
#include "lookup.h"
#include "registry.h"

/* For those that come between the count and the look. */
#define SPT_SNAPSHOT_SPARE	16

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
	if (spt_look_gone(session))
		goto unlock;
	spt_look_begin(session);
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
 * spt_registry_sweep - see what has become of the sessions
 * @glance: of those alone that are new, leaving, or being stopped; what else has
 *	ended unnoticed is seen by the next sweep without
 *
 * Announces what is new, retires what is gone, and fails the connections once
 * more of those that are being stopped.
 *
 * Context: process context, may sleep.
 * Return: what is left to be followed.
 */
enum spt_pending spt_registry_sweep(bool glance)
{
	struct spt_look look = { .glance = glance };

	mutex_lock(&spt_registry_lock);
	/* What memory is missing for is tried again soon. */
	if (spt_look_now(&look) == -ENOMEM)
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

/**
 * spt_registry_get_after - sessions, as far as is known
 * @cookie: those with a greater one; 0: the oldest ones
 * @sessions: filled with sessions, each with a reference for the caller
 * @room: how many @sessions has room for
 *
 * Context: process context.
 * Return: how many were filled in, the oldest first.  LIO is not asked: they may be
 *	gone.
 */
size_t spt_registry_get_after(u64 cookie, struct spt_session **sessions, size_t room)
{
	return spt_map_get_after(&spt_map, cookie, sessions, room);
}

/* Returns -EAGAIN, with @snapshot's count set, if @room is not enough. */
static int spt_snapshot_take(struct spt_snapshot *snapshot, size_t room)
{
	struct spt_look look = {};
	int ret;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return -ERESTARTSYS;
	ret = spt_look_now(&look);
	snapshot->count = spt_map_count(&spt_map);
	if (!ret && snapshot->count > room)
		ret = -EAGAIN;
	if (!ret) {
		spt_map_get_after(&spt_map, 0, snapshot->sessions, room);
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
		room += room / 4 + SPT_SNAPSHOT_SPARE;
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
	ret = spt_look_now(&look);
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
	ret = spt_look_now(&look);
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
	told = !spt_look_now(&look);
	while ((session = spt_registry_next(names, session))) {
		if (spt_lookup_tell(&session->id, seconds))
			continue;
		told = false;
		if (!session->ending)
			spt_look_begin(session);
	}
	mutex_unlock(&spt_registry_lock);
	return told;
}
