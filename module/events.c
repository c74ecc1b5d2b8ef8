// SPDX-License-Identifier: GPL-2.0
/*
 * Telling a session's start and end, once each, to the event ring, the
 * tracepoints and the counters; and what is only known then: whether it replaced
 * another session, and why it ended.  Knows nothing of LIO.
 *
 * No locks of its own but the ring's: the callers hold spt_registry_lock.
 */
#include <linux/bits.h>
#include <linux/moduleparam.h>

#include "events.h"
#include "notify.h"
#include "replaced.h"
#include "status.h"
#include "trace.h"

#define SPT_EVENTS_MAX		BIT(20)

static unsigned int spt_events_max = 4096;
module_param_named(events, spt_events_max, uint, 0444);
MODULE_PARM_DESC(events,
		 "Events that a reader may fall behind (1 to 1048576; 4096)");

static struct spt_ring spt_events_all;
/* Both: [spt_registry_lock] */
static struct spt_replaced spt_replaced;
static bool spt_events_due;

/**
 * spt_events_init - before the first event
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EINVAL for the module parameter.
 */
int spt_events_init(void)
{
	if (!spt_events_max || spt_events_max > SPT_EVENTS_MAX) {
		pr_err("%s: events=%u is not between 1 and %lu\n", KBUILD_MODNAME,
		       spt_events_max, SPT_EVENTS_MAX);
		return -EINVAL;
	}
	return spt_ring_init(&spt_events_all, spt_events_max);
}

/**
 * spt_events_exit - after the last event
 *
 * Context: process context, may sleep.
 */
void spt_events_exit(void)
{
	spt_ring_exit(&spt_events_all);
}

/**
 * spt_events_ring - the events of all sessions
 *
 * Context: any.
 * Return: the ring, to be read from.
 */
struct spt_ring *spt_events_ring(void)
{
	return &spt_events_all;
}

/**
 * spt_events_note - see whether a session is ending for a new login
 * @session: one whose start is told
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_events_note(struct spt_session *session)
{
	if (session->cause != ISCSITGT_SPT_END_REINSTATED || session->noted)
		return;
	session->noted = true;
	spt_replaced_note(&spt_replaced, &session->id, &session->facts);
}

/**
 * spt_events_start - tell that a session has started
 * @session: one that is not announced yet
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_events_start(struct spt_session *session)
{
	session->announced = true;
	session->reinstated = spt_replaced_claim(&spt_replaced, &session->id,
						 &session->facts);
	spt_ring_append(&spt_events_all, session, false);
	spt_count(SPT_COUNT_EVENTS);
	trace_session_start(session);
	spt_events_due = true;
}

/* Whom we stop loses its connections, and may be reinstated on top of that. */
static enum iscsitgt_spt_end_cause spt_events_cause(struct spt_session *session)
{
	switch (session->cause) {
	case ISCSITGT_SPT_END_LOGOUT:
	case ISCSITGT_SPT_END_REMOVED:
		return session->cause;
	default:
		return session->stopped ? ISCSITGT_SPT_END_STOPPED :
					  session->cause;
	}
}

/**
 * spt_events_end - tell that a session has ended
 * @session: one whose start is told
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_events_end(struct spt_session *session)
{
	session->cause = spt_events_cause(session);
	spt_ring_append(&spt_events_all, session, true);
	spt_count(SPT_COUNT_EVENTS);
	trace_session_end(session);
	spt_events_due = true;
}

/**
 * spt_events_flush - wake those who wait for events, if there are new ones
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_events_flush(void)
{
	if (!spt_events_due)
		return;
	spt_events_due = false;
	spt_ring_wake(&spt_events_all);
	spt_notify_soon();
}
