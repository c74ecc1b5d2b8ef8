// SPDX-License-Identifier: GPL-2.0
/*
 * Ending a session.
 *
 * spt_registry_stop() begins it: the session is marked and, by a work item, its
 * TPG held and its connections failed.  From then on the follower sweeps until LIO
 * has deregistered the session, which completes &spt_session.gone.  Callers only
 * wait for that, so one that gives up leaves nothing behind.
 *
 * rmmod is refused while a session is held; see hold.c.
 *
 * Waits: for spt_registry_lock, interruptible, ended by another's short section
 * under it; for the hold to be tried, see hold.c; for &spt_session.gone,
 * interruptible, ended by the follower, the deadline, which counts from the call
 * on, or a signal; for memory for a line of the log, without I/O, which fails
 * rather than wait long.
 *
 * Lock order: nothing of its own; see registry.c.
 */
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "caller.h"
#include "deadline.h"
#include "follow.h"
#include "hold.h"
#include "record.h"
#include "registry.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

/* Names are an initiator's own choice. */
static void spt_stop_log(const struct spt_session *session)
{
	const size_t size = SCSI_PASS_THROUGH_MAX_ITNEXUS_STRING_LENGTH;
	char caller[SPT_CALLER_LENGTH];
	char *nexus;
	size_t length;

	nexus = kmalloc(size, SPT_SESSION_GFP);
	if (!nexus)
		return;
	length = spt_nexus_name(nexus, size, &session->id, &session->facts);
	pr_info_ratelimited("%s: stopping session %#llx %*pE for %s\n",
			    KBUILD_MODNAME, session->cookie, (int)length, nexus,
			    spt_caller(caller));
	kfree(nexus);
}

/* Returns 0 if it has begun, now or before. */
static int spt_stop_begin(struct spt_session *session)
{
	int ret = spt_registry_stop(session);

	switch (ret) {
	case 0:
		spt_follow_soon();
		spt_stop_log(session);
		return 0;
	case -EALREADY:
		spt_follow_stop();
		return 0;
	default:
		return ret;
	}
}

/* @began: when the call came, in jiffies */
static int spt_stop_wait(struct spt_session *session, u32 timeout, u64 began)
{
	long left;

	if (completion_done(&session->gone))
		return 0;
	if (timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY) {
		/* Begun means, if at all possible, that its connections are failed. */
		spt_hold_await(session);
		return completion_done(&session->gone) ? 0 : -EINPROGRESS;
	}
	left = wait_for_completion_interruptible_timeout(&session->gone,
							 spt_deadline_left(timeout,
									   began));
	if (left < 0)
		return -EINTR;
	return left ? 0 : -ETIMEDOUT;
}

static void spt_stop_count(int ret)
{
	switch (ret) {
	case 0:
		return spt_count(SPT_COUNT_STOPS_DONE);
	case -EINPROGRESS:
		return spt_count(SPT_COUNT_STOPS_BEGUN);
	case -ETIMEDOUT:
		return spt_count(SPT_COUNT_STOPS_TIMED_OUT);
	case -EINTR:
		return spt_count(SPT_COUNT_STOPS_INTERRUPTED);
	case -ENOENT:
		return spt_count(SPT_COUNT_STOPS_NOT_FOUND);
	}
}

/**
 * spt_stop - end a session
 * @cookie: any number
 * @timeout: as in &srb_io_control.timeout
 *
 * Context: process context, may sleep; not from a configfs callback.
 * Return: 0 once the session has left LIO; -EINPROGRESS when it is ending and
 *	@timeout asks not to wait; -ENOENT when no session has the cookie;
 *	-ETIMEDOUT or -EINTR when the wait was over before the end, which goes
 *	on, but -EINTR also before it began.
 */
int spt_stop(u64 cookie, u32 timeout)
{
	const u64 began = get_jiffies_64();
	struct spt_session *session;
	int ret = -ENOENT;

	trace_stop_request(cookie, timeout);
	session = spt_registry_get(cookie);
	if (session) {
		ret = spt_stop_begin(session);
		if (!ret)
			ret = spt_stop_wait(session, timeout, began);
		spt_session_put(session);
	}
	spt_stop_count(ret);
	return ret;
}
