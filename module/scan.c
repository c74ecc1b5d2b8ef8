// SPDX-License-Identifier: GPL-2.0
/*
 * One look at LIO: which sessions of the map are still there, and which are new; of
 * all sessions, or of the new ones and those that are busy.
 *
 * New sessions are met under LIO's session_lock, where nothing can be allocated:
 * they are filled into blanks that were allocated before.  No locks of its own:
 * the callers hold spt_registry_lock, under which alone the map changes.
 *
 * Waits: for memory without I/O, which fails rather than wait long.
 */
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "lio/lio.h"
#include "names.h"
#include "scan.h"
#include "since.h"

/*
 * How long a session that had a connection stays unlisted, in a TPG whose count
 * proves nothing, before it is taken for gone.  Its closer may be waiting for a
 * login that was adding a connection; LIO gives a login 15 seconds by default.
 */
#define SPT_QUIET_TIME		(16 * HZ)

/*
 * How long a session that LIO has deregistered is kept for want of a count that
 * proves that its closer is done with the TPG.  That has a few lines to go and
 * locks to take that are held for moments; but it may not get a processor for
 * them, and a TPG that is held can be removed when we let go.
 */
#define SPT_LEFT_TIME		msecs_to_jiffies(10)
#define SPT_LEFT_HELD_TIME	(5 * HZ)

/* All of these: [spt_registry_lock] */
static LIST_HEAD(spt_blanks);
static size_t spt_blanks_count;
static u64 spt_scan_count;

struct spt_scan_visit {
	struct lio_glance glance;
	struct spt_scan *scan;
	struct spt_map *map;
	struct spt_busy *busy;
	const char *target;
	u64 now;
};

/**
 * spt_scan_blank - one of the blanks
 *
 * Context: process context, under spt_registry_lock.
 * Return: a session like from spt_session_alloc(), or NULL if there is none left.
 */
struct spt_session *spt_scan_blank(void)
{
	struct spt_session *blank;

	blank = list_first_entry_or_null(&spt_blanks, struct spt_session, all);
	if (blank) {
		list_del_init(&blank->all);
		spt_blanks_count--;
	}
	return blank;
}

static void spt_blank_give(struct spt_session *blank)
{
	list_add(&blank->all, &spt_blanks);
	spt_blanks_count++;
}

/* Of one that is known, or is about to be. */
static enum lio_life spt_scan_look(struct spt_session *session,
				   struct iscsit_session *sess)
{
	enum lio_life life = lio_life_listed(sess);

	session->connected = life == LIO_CONNECTED;
	spt_session_blame(session, lio_cause_listed(sess));
	if (lio_ending_listed(sess))
		spt_session_ends(session);
	return life;
}

static void spt_scan_known(struct spt_session *session,
			   struct iscsit_session *sess)
{
	enum lio_life life = spt_scan_look(session, sess);

	spt_since(&session->stranded, life == LIO_STRANDED);
	if (!session->held)
		return;
	/* Connections may have come, or have become ready to fail. */
	if (lio_fail_listed(sess))
		spt_session_stopped(session);
}

static int spt_scan_new(struct spt_scan_visit *visit,
			const struct spt_identity *id,
			struct iscsit_session *sess)
{
	struct spt_session *session = spt_scan_blank();
	int ret;

	if (!session) {
		visit->scan->missed++;
		return 0;
	}
	session->id = *id;
	session->seen = visit->scan->number;
	spt_scan_look(session, sess);
	session->facts.login_time = spt_session_login_time(id, visit->now);
	lio_facts_listed(sess, &session->facts);
	ret = spt_map_insert(visit->map, session, visit->now);
	if (ret)
		spt_session_put(session);
	else
		visit->scan->fresh++;
	return ret;
}

static struct spt_scan_visit *spt_scan_visit_of(struct lio_visitor *visitor)
{
	return container_of(visitor, struct spt_scan_visit, glance.visitor);
}

static void spt_scan_session(struct lio_visitor *visitor,
			     const struct spt_identity *id,
			     struct iscsit_session *sess)
{
	struct spt_scan_visit *visit = spt_scan_visit_of(visitor);
	struct spt_session *session = spt_map_find(visit->map, id);

	if (session) {
		session->seen = visit->scan->number;
		spt_scan_known(session, sess);
	} else if (!visit->scan->error) {
		visit->scan->error = spt_scan_new(visit, id, sess);
	}
}

/*
 * May an unlisted session still be with LIO?  One that nothing was seen to end
 * may be lost, which no time proves.  One that is off LIO's private list once
 * stays so.
 */
static bool spt_scan_keeps(struct spt_session *session,
			   enum lio_unlisted unlisted)
{
	bool closing = unlisted == LIO_UNLISTED_CLOSING;
	bool closer = session->connected || session->leaving;
	bool quiet = unlisted == LIO_UNLISTED_QUIET || session->leaving ||
		     (unlisted == LIO_UNLISTED_INACTIVE && session->held);

	if (spt_since_for(session->left, session->held ? SPT_LEFT_HELD_TIME :
							 SPT_LEFT_TIME))
		return false;
	/* To read a TPG's attributes looks like closing, and must not begin anew. */
	if (closer || !closing)
		spt_since(&session->stranded, !closer);
	if (closer && quiet)
		spt_since(&session->quiet, true);
	return !spt_since_for(session->quiet, SPT_QUIET_TIME);
}

static bool spt_scan_asks(const struct spt_scan_visit *visit, const char *target)
{
	return visit->target &&
	       (!*visit->target || spt_name_equal(visit->target, target));
}

static void spt_scan_tpg(struct lio_visitor *visitor,
			 const struct lio_tpg_view *view)
{
	struct spt_scan_visit *visit = spt_scan_visit_of(visitor);
	const u64 number = visit->scan->number;
	struct spt_session *session;
	u32 kept = 0;

	if (view->unlisted == LIO_UNLISTED_GONE)
		return;
	/* The map changes under spt_registry_lock only. */
	spt_map_for_each_of(visit->map, session, view->tpg) {
		if (session->id.tpg == view->tpg && session->seen != number &&
		    spt_scan_keeps(session, view->unlisted)) {
			session->seen = number;
			kept++;
		}
	}
	if (view->unlisted == LIO_UNLISTED_CLOSING && kept < view->count &&
	    spt_scan_asks(visit, view->target))
		visit->scan->hidden = true;
}

/**
 * spt_scan_run - hold what LIO has against the map
 * @scan: filled in
 * @map: new sessions are put into it; none is removed
 * @target: of which @scan->hidden shall tell; empty: of every one; NULL: of none
 *
 * Context: process context, under spt_registry_lock.  Takes LIO's locks.
 */
void spt_scan_run(struct spt_scan *scan, struct spt_map *map, const char *target)
{
	struct spt_scan_visit visit = {
		.glance.visitor = {
			.session = spt_scan_session,
			.tpg	 = spt_scan_tpg,
		},
		.scan	= scan,
		.map	= map,
		.target	= target,
		.now	= ktime_get_boottime_ns(),
	};

	*scan = (struct spt_scan) { .number = ++spt_scan_count };
	lio_scan(&visit.glance.visitor);
}

/*
 * One that is leaving may have been captured before a scan found it, and says
 * nothing of others.
 */
static bool spt_glance_knows(struct lio_glance *glance, const struct spt_identity *id)
{
	struct spt_scan_visit *visit = spt_scan_visit_of(&glance->visitor);
	const struct spt_session *session = spt_map_find(visit->map, id);

	return session && !session->leaving;
}

static bool spt_glance_cares(struct lio_glance *glance, const void *tpg)
{
	return spt_busy_has_tpg(spt_scan_visit_of(&glance->visitor)->busy, tpg);
}

static bool spt_glance_wants(struct lio_visitor *visitor, const void *session)
{
	return spt_busy_may_be(spt_scan_visit_of(visitor)->busy, session);
}

static void spt_glance_tpg(struct lio_visitor *visitor,
			   const struct lio_tpg_view *view)
{
	struct spt_scan_visit *visit = spt_scan_visit_of(visitor);
	const u64 number = visit->scan->number;
	struct spt_session *session;

	if (view->unlisted == LIO_UNLISTED_GONE)
		return;
	spt_busy_for_each_of(visit->busy, session, view->tpg) {
		if (session->id.tpg == view->tpg && session->seen != number &&
		    spt_scan_keeps(session, view->unlisted))
			session->seen = number;
	}
}

/**
 * spt_scan_glance - look for new sessions, and at those that are busy
 * @scan: filled in, but for @scan->hidden
 * @map: new sessions are put into it; none is removed
 * @busy: those of @map of which &spt_session.seen will tell
 *
 * Context: process context, under spt_registry_lock.  Takes LIO's locks.
 */
void spt_scan_glance(struct spt_scan *scan, struct spt_map *map,
		     struct spt_busy *busy)
{
	struct spt_scan_visit visit = {
		.glance = {
			.visitor = {
				.wants	 = spt_glance_wants,
				.session = spt_scan_session,
				.tpg	 = spt_glance_tpg,
			},
			.knows	= spt_glance_knows,
			.cares	= spt_glance_cares,
		},
		.scan	= scan,
		.map	= map,
		.busy	= busy,
		.now	= ktime_get_boottime_ns(),
	};

	*scan = (struct spt_scan) { .number = ++spt_scan_count };
	spt_busy_mark(busy);
	lio_glance(&visit.glance);
}

/**
 * spt_scan_prepare - have blanks for new sessions, and not more
 * @count: how many sessions can be new in the next scan
 *
 * Context: process context, may sleep, under spt_registry_lock.
 * Return: 0 or -ENOMEM.
 */
int spt_scan_prepare(size_t count)
{
	while (spt_blanks_count < count) {
		struct spt_session *blank = spt_session_alloc(SPT_SESSION_GFP);

		if (!blank)
			return -ENOMEM;
		spt_blank_give(blank);
	}
	while (spt_blanks_count > count)
		spt_session_put(spt_scan_blank());
	return 0;
}

/**
 * spt_scan_exit - after the last scan
 *
 * Context: process context, may sleep, under spt_registry_lock.
 */
void spt_scan_exit(void)
{
	struct spt_session *blank;

	while ((blank = spt_scan_blank()))
		spt_session_put(blank);
}
