// SPDX-License-Identifier: GPL-2.0
/*
 * The sessions that the module knows: it holds what LIO has against the cookie
 * map, gives new sessions a cookie and retires those that are gone.
 *
 * Lock order: spt_registry_lock -> LIO's locks (lio.c) -> map lock.
 *
 * spt_registry_lock serialises scans, changes of the map and the beginnings of
 * stops.  Under it are only spinlocks, allocations without I/O and the inode
 * lock of lio_hold(), nothing that waits for a session to end (but see there), so
 * it can be waited for, also by open(), which holds the lock of all misc
 * devices.  Sessions are removed from the map only under it; that is what keeps
 * those alive that a scan finds there.
 *
 * A session whose stop has begun is held: its TPG against rmdir, this module
 * against rmmod.  The hold ends when the session is gone.  It also ends when
 * nothing is left in LIO that would end the session, or the admin could remove
 * neither TPG nor module any more; the stop goes on without it.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/timekeeping.h>

#include "lio.h"
#include "lookup.h"
#include "map.h"
#include "registry.h"

/*
 * How long a session that had a connection stays unlisted, in a TPG whose count
 * proves nothing, before it is taken for gone.  Its closer may be waiting for a
 * login that was adding a connection; LIO gives a login 15 seconds by default.
 */
#define SPT_QUIET_TIME		(16 * HZ)

/*
 * How long nothing is there that would end a session before its stop lets go of
 * TPG and module.  LIO has such sessions while it closes them and while a login
 * continues one, and for good once it has lost them.
 */
#define SPT_STRANDED_TIME	(20 * HZ)

/* For sessions that log in between a scan that counts and one that fills. */
#define SPT_BLANK_SLACK		16

/* Outermost; what it serialises is told above. */
static DEFINE_MUTEX(spt_registry_lock);

/* All of these: [spt_registry_lock] */
static struct spt_map spt_map;
static LIST_HEAD(spt_blanks);
static u64 spt_scan_count;

/* One scan. */
struct spt_scan {
	struct lio_visitor visitor;
	u64 number;
	u64 now;
	/* New sessions that there was no blank for. */
	size_t missed;
	/* What kept one from getting a cookie. */
	int error;
};

static struct spt_session *spt_blank_take(void)
{
	struct spt_session *blank;

	blank = list_first_entry_or_null(&spt_blanks, struct spt_session, all);
	if (blank)
		list_del_init(&blank->all);
	return blank;
}

static int spt_blanks_add(size_t count)
{
	while (count--) {
		struct spt_session *blank = spt_session_alloc();

		if (!blank)
			return -ENOMEM;
		list_add(&blank->all, &spt_blanks);
	}
	return 0;
}

static void spt_blanks_free(void)
{
	struct spt_session *blank;

	while ((blank = spt_blank_take()))
		spt_session_put(blank);
}

/* Since when, in jiffies, with 0 for not. */
static void spt_since(unsigned long *since, bool is)
{
	if (!is)
		*since = 0;
	else if (!*since)
		*since = jiffies ?: 1;
}

static bool spt_since_for(unsigned long since, unsigned long time)
{
	return since && time_after(jiffies, since + time);
}

static void spt_scan_session(struct lio_visitor *visitor,
			     const struct spt_identity *id,
			     struct iscsit_session *sess)
{
	struct spt_scan *scan = container_of(visitor, struct spt_scan, visitor);
	struct spt_session *session = spt_map_find(&spt_map, id);

	if (session) {
		enum lio_life life = lio_life_listed(sess);

		session->seen = scan->number;
		session->connected = life == LIO_CONNECTED;
		spt_since(&session->stranded, life == LIO_STRANDED);
		/* Connections may have come, or have become ready to fail. */
		if (session->held)
			lio_fail_listed(sess);
		return;
	}

	session = spt_blank_take();
	if (!session) {
		scan->missed++;
		return;
	}
	session->id = *id;
	session->seen = scan->number;
	session->connected = lio_life_listed(sess) == LIO_CONNECTED;
	session->facts.login_time = spt_session_login_time(id, scan->now);
	lio_facts_listed(sess, &session->facts);
	scan->error = spt_map_insert(&spt_map, session, scan->now);
	if (scan->error)
		list_add(&session->all, &spt_blanks);
}

/*
 * May an unlisted session still be with LIO?  One without a connection may be
 * lost, which no time proves.  One that is off LIO's private list once stays so.
 */
static bool spt_scan_keeps(struct spt_session *session,
			   enum lio_unlisted unlisted)
{
	bool closing = unlisted == LIO_UNLISTED_CLOSING;
	bool quiet = unlisted == LIO_UNLISTED_QUIET ||
		     (unlisted == LIO_UNLISTED_INACTIVE && session->held);

	spt_since(&session->stranded, !session->connected && !closing);
	if (session->connected && quiet)
		spt_since(&session->quiet, true);
	return !spt_since_for(session->quiet, SPT_QUIET_TIME);
}

static void spt_scan_tpg(struct lio_visitor *visitor, const void *tpg,
			 enum lio_unlisted unlisted)
{
	struct spt_scan *scan = container_of(visitor, struct spt_scan, visitor);
	struct spt_session *session;

	if (unlisted == LIO_UNLISTED_GONE)
		return;
	/* The list changes under spt_registry_lock only. */
	list_for_each_entry(session, &spt_map.all, all) {
		if (session->id.tpg == tpg && session->seen != scan->number &&
		    spt_scan_keeps(session, unlisted))
			session->seen = scan->number;
	}
}

static void spt_session_hold(struct spt_session *session)
{
	if (!try_module_get(THIS_MODULE))
		return;
	session->held = !lio_hold(&session->id);
	if (!session->held)
		module_put(THIS_MODULE);
}

static void spt_session_release(struct spt_session *session)
{
	if (!session->held)
		return;
	session->held = false;
	lio_release(&session->id);
	module_put(THIS_MODULE);
}

/* Take and drop the hold of a stop as its session's fate changes. */
static enum spt_pending spt_session_follow(struct spt_session *session)
{
	if (spt_since_for(session->stranded, SPT_STRANDED_TIME)) {
		spt_session_release(session);
		return SPT_PENDING_STRANDED;
	}
	/* An rmdir of the TPG that was under way has failed. */
	if (!session->held)
		spt_session_hold(session);
	return SPT_PENDING;
}

/*
 * A session is gone.  Let go of its TPG before those wake who wait, so that they
 * can remove it at once.
 */
static void spt_registry_retire(struct spt_session *session)
{
	lockdep_assert_held(&spt_registry_lock);
	spt_map_remove(&spt_map, session);
	spt_session_release(session);
	complete_all(&session->gone);
	spt_session_put(session);
}

/* One scan with the blanks at hand. */
static enum spt_pending spt_scan_run(struct spt_scan *scan)
{
	enum spt_pending pending = SPT_PENDING_NONE;
	struct spt_session *session, *next;

	lockdep_assert_held(&spt_registry_lock);
	*scan = (struct spt_scan) {
		.visitor.session = spt_scan_session,
		.visitor.tpg	 = spt_scan_tpg,
		.number		 = ++spt_scan_count,
		.now		 = ktime_get_boottime_ns(),
	};
	lio_scan(&scan->visitor);
	list_for_each_entry_safe(session, next, &spt_map.all, all) {
		if (session->seen != scan->number)
			spt_registry_retire(session);
		else if (session->ending)
			pending = max(pending, spt_session_follow(session));
	}
	return pending;
}

static int spt_registry_refresh(void)
{
	struct spt_scan scan;
	int ret;

	do {
		spt_scan_run(&scan);
		ret = scan.error;
		if (!ret && scan.missed)
			ret = spt_blanks_add(scan.missed + SPT_BLANK_SLACK);
	} while (!ret && scan.missed);
	spt_blanks_free();
	return ret;
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
	list_for_each_entry_safe(session, next, &spt_map.all, all)
		spt_registry_retire(session);
	mutex_unlock(&spt_registry_lock);
}

/**
 * spt_registry_stop - begin to stop a session
 * @session: of which the caller has a reference
 *
 * Does nothing if its stop has begun already.
 *
 * Context: process context, may sleep; not from a configfs callback.
 * Return: 0, -ENOENT when the session is gone, or -EINTR.
 */
int spt_registry_stop(struct spt_session *session)
{
	enum spt_presence presence;
	int ret = 0;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return -EINTR;
	if (session->ending)
		goto unlock;
	ret = -ENOENT;
	if (completion_done(&session->gone))
		goto unlock;

	spt_session_hold(session);
	/*
	 * Without the hold, LIO is removing the TPG and ends its sessions
	 * itself.  It does not wait for those that end in another way, so leave
	 * this one to it.
	 */
	presence = session->held ? spt_lookup_fail(&session->id) :
				   spt_lookup(&session->id);
	if (presence == SPT_GONE) {
		spt_registry_retire(session);
		goto unlock;
	}
	session->connected = presence == SPT_CONNECTED;
	WRITE_ONCE(session->ending, true);
	ret = 0;
unlock:
	mutex_unlock(&spt_registry_lock);
	return ret;
}

/**
 * spt_registry_sweep - follow the sessions that are being stopped
 *
 * Retires what is gone and fails the connections of the others once more.
 * Adds no session and allocates nothing.
 *
 * Context: process context, may sleep.
 * Return: what is left of those.
 */
enum spt_pending spt_registry_sweep(void)
{
	enum spt_pending pending;
	struct spt_scan scan;

	mutex_lock(&spt_registry_lock);
	pending = spt_scan_run(&scan);
	mutex_unlock(&spt_registry_lock);
	return pending;
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
 * spt_registry_get_all - every session that LIO has now
 * @sessions: set to an array, oldest cookie first, of sessions with a reference
 *	each for the caller; the caller puts them and kvfree()s the array
 * @count: set to their number
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, -ERESTARTSYS, or -EOVERFLOW when there are no more
 *	cookies.
 */
int spt_registry_get_all(struct spt_session ***sessions, size_t *count)
{
	unsigned int noio;
	size_t room;
	int ret;

	if (mutex_lock_interruptible(&spt_registry_lock))
		return -ERESTARTSYS;
	/*
	 * Memory may be waiting for a disk of this very target, and that for a
	 * session whose end only this lock lets us see.
	 */
	noio = memalloc_noio_save();
	ret = spt_registry_refresh();
	if (ret)
		goto unlock;
	room = spt_map_count(&spt_map);
	*sessions = kvcalloc(room, sizeof(**sessions), GFP_KERNEL);
	if (!*sessions && room) {
		ret = -ENOMEM;
		goto unlock;
	}
	*count = spt_map_get_all(&spt_map, *sessions, room);
unlock:
	memalloc_noio_restore(noio);
	mutex_unlock(&spt_registry_lock);
	return ret;
}
