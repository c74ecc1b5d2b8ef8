// SPDX-License-Identifier: GPL-2.0
/*
 * Evicting an initiator: to stop its sessions and keep it out.
 *
 * What does it is the hold.  From when it is set, a login that begins is refused,
 * and each look of the registry begins to stop the sessions of its initiator that
 * it finds, for as long as the hold lasts.  A login that LIO had let in before that
 * fails or is registered, which the drain waits for; the look after that has every
 * session in the map.  So when the logins are drained, and the next look finds none
 * of theirs, none is there, and none comes.
 *
 * A caller only waits for that.  One that gives up leaves the hold, which goes on
 * to evict, and the drain, which ends by itself.
 *
 * Waits: for spt_registry_lock, interruptible; for the end of a session, as in
 * stop.c, and for the drain, both interruptible and to the deadline, a second at
 * most before it looks whether there still is a hold; for memory.
 *
 * Lock order: nothing of its own; see registry.c.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "caller.h"
#include "deadline.h"
#include "drain.h"
#include "evict.h"
#include "follow.h"
#include "hold.h"
#include "lookup.h"
#include "refuse.h"
#include "registry.h"
#include "status.h"

#define SPT_EVICT_FLAGS \
	(ISCSITGT_SPT_EVICT_EVERY_TARGET | ISCSITGT_SPT_EVICT_NOTIFY)

/* What an initiator has to log out that was told to. */
#define SPT_EVICT_GRACE		(3 * HZ)

#define SPT_EVICT_AGAIN_MS	20

/*
 * What a call waits for.
 * @names: who is kept out of where
 * @serial: of the hold.  Another one may be too late for a login that came between
 * @drain: of the logins that were let in before it
 * @timeout: of the call
 * @began: when the call came, in jiffies
 */
struct spt_eviction {
	const struct spt_names *names;
	u64 serial;
	struct spt_drain *drain;
	u32 timeout;
	u64 began;
};

static bool spt_evict_is_there(struct spt_session *session)
{
	return session && !completion_done(&session->gone) &&
	       spt_lookup(&session->id) != SPT_GONE;
}

/* Whom the session is of, or was, if that is what a hold was set for. */
static int spt_evict_names(u64 cookie, u32 flags, struct spt_names *names)
{
	const bool every = flags & ISCSITGT_SPT_EVICT_EVERY_TARGET;
	struct spt_session *session = spt_registry_get(cookie);
	int ret = 0;

	if (spt_evict_is_there(session)) {
		strscpy_pad(names->initiator, session->facts.initiator,
			    sizeof(names->initiator));
		strscpy_pad(names->target, session->facts.target,
			    sizeof(names->target));
	} else {
		ret = spt_refusals_find(spt_refuse_holds(), cookie, every,
					ktime_get_boottime_ns(), names);
	}
	if (session)
		spt_session_put(session);
	if (every)
		memset(names->target, 0, sizeof(names->target));
	return ret;
}

/* The initiator chose its name. */
static void spt_evict_log(const struct spt_names *names, u32 seconds)
{
	char caller[SPT_CALLER_LENGTH];

	pr_info_ratelimited("%s: evicting %*pE from %s for %u s for %s\n",
			    KBUILD_MODNAME, (int)strlen(names->initiator),
			    names->initiator, spt_names_where(names), seconds,
			    spt_caller(caller));
}

/* A caller who does not wait, or without limit, leaves the whole of it. */
static unsigned long spt_evict_grace(const struct iscsitgt_spt_session_evict *record)
{
	u32 timeout = record->header.timeout;
	unsigned long grace;

	if (!(record->flags & ISCSITGT_SPT_EVICT_NOTIFY))
		return 0;
	/* Or nobody would be stopped before the hold is over. */
	grace = min_t(u64, SPT_EVICT_GRACE, (u64)record->hold_seconds * HZ / 2);
	if (timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY)
		return grace;
	return min_t(u64, grace, (u64)timeout * HZ / 2);
}

static int spt_evict_hold(const struct iscsitgt_spt_session_evict *record,
			  const struct spt_names *names)
{
	struct spt_refusal_set set = {
		.names		= names,
		.now		= ktime_get_boottime_ns(),
		.cookie		= record->it_nexus_handle,
		.evict_at	= (get_jiffies_64() + spt_evict_grace(record)) ?: 1,
	};

	set.deadline = set.now + (u64)record->hold_seconds * NSEC_PER_SEC;
	return spt_refusals_set(spt_refuse_holds(), &set);
}

static u64 spt_evict_serial(const struct spt_names *names)
{
	return spt_refusals_serial(spt_refuse_holds(), names, ktime_get_boottime_ns());
}

static bool spt_evict_is_held(const struct spt_eviction *eviction)
{
	return eviction->serial &&
	       spt_evict_serial(eviction->names) == eviction->serial;
}

static long spt_evict_left(const struct spt_eviction *eviction)
{
	return spt_deadline_left(eviction->timeout, eviction->began);
}

/* To look meanwhile tells nothing, and many may wait. */
static int spt_evict_await(const struct spt_eviction *eviction,
			   struct completion *awaited)
{
	long left, ret = 0;

	while (!ret && spt_evict_is_held(eviction)) {
		left = min_t(long, spt_evict_left(eviction), HZ);
		if (!left)
			return 0;
		ret = wait_for_completion_interruptible_timeout(awaited, left);
	}
	return ret < 0 ? -EINTR : 0;
}

/* A look, and the wait that it leads to.  Returns -EAGAIN to look once more. */
static int spt_evict_step(const struct spt_eviction *eviction)
{
	/* Before the look, which has then seen what came of the logins. */
	struct completion *login = spt_drain_next(eviction->drain);
	struct spt_session *session;
	bool done = false;
	int ret;

	ret = spt_registry_first(eviction->names, &session);
	if (ret == -EINTR)
		return ret;
	/* It may have begun to stop some. */
	spt_follow_stop();
	if (session) {
		/* Begun means, if at all possible, that connections are failed. */
		if (!spt_evict_left(eviction))
			spt_hold_await(session);
		ret = spt_evict_await(eviction, &session->gone);
		spt_session_put(session);
	} else if (login) {
		ret = spt_evict_await(eviction, login);
	} else if (ret || !spt_refuse_works()) {
		/* Nothing tells of memory, of a crowd, of one unseen, or of ftrace. */
		ret = msleep_interruptible(SPT_EVICT_AGAIN_MS) ? -EINTR : 0;
	} else if (!spt_evict_is_held(eviction)) {
		ret = -ETIMEDOUT;
	} else {
		done = true;
	}
	return done || ret ? ret : -EAGAIN;
}

static int spt_evict_wait(const struct spt_eviction *eviction)
{
	long left;
	int ret;

	do {
		left = spt_evict_left(eviction);
		ret = spt_evict_step(eviction);
	} while (ret == -EAGAIN && left && spt_evict_is_held(eviction));
	if (ret != -EAGAIN)
		return ret;
	return eviction->timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY ? -EINPROGRESS :
								      -ETIMEDOUT;
}

/**
 * spt_evict - stop an initiator's sessions and keep it out
 * @record: the request; its flags are written
 *
 * Context: process context, may sleep; called for somebody who keeps this module.
 * Return: 0 once none of its sessions is there and none will come until the hold
 *	ends; -EINPROGRESS when that has begun and Timeout asks not to wait;
 *	-EOPNOTSUPP, -EINVAL, -ENOENT, -ENOSPC or -ENOMEM as in the uapi header;
 *	-ETIMEDOUT or -EINTR when the wait was over before that, also because the
 *	hold was.
 */
int spt_evict(struct iscsitgt_spt_session_evict *record)
{
	struct spt_names names;
	struct spt_eviction eviction = {
		.names		= &names,
		.timeout	= record->header.timeout,
		.began		= get_jiffies_64(),
	};
	int ret;

	if (!record->hold_seconds ||
	    record->hold_seconds > ISCSITGT_SPT_HOLD_MAX_SECONDS ||
	    record->flags & ~SPT_EVICT_FLAGS)
		return -EINVAL;
	if (!spt_refuse_works())
		return -EOPNOTSUPP;
	ret = spt_evict_names(record->it_nexus_handle, record->flags, &names);
	if (ret)
		return ret;
	ret = spt_evict_hold(record, &names);
	if (ret)
		return ret;
	/* Whatever becomes of this call, there is an eviction from now on. */
	spt_follow_stop();
	spt_evict_log(&names, record->hold_seconds);
	if (record->flags & ISCSITGT_SPT_EVICT_NOTIFY &&
	    spt_registry_tell(&names, min(record->hold_seconds, U16_MAX)))
		record->flags |= ISCSITGT_SPT_EVICT_NOTIFIED;
	/* Before the logins: those who came since another one ended are among them. */
	eviction.serial = spt_evict_serial(&names);
	eviction.drain = spt_drain_begin(&names);
	if (IS_ERR(eviction.drain))
		return PTR_ERR(eviction.drain);
	ret = spt_evict_wait(&eviction);
	spt_drain_put(eviction.drain);
	if (!ret)
		spt_count(SPT_COUNT_EVICTIONS);
	return ret;
}
