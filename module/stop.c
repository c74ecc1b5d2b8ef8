// SPDX-License-Identifier: GPL-2.0
/*
 * Ending a session.
 *
 * spt_registry_stop() begins it: hold the TPG, fail the connections, mark the
 * session.  From then on the reaper, a work item, sweeps until LIO has
 * deregistered the session, which completes &spt_session.gone.  Callers only
 * wait for that, so one that gives up leaves nothing behind.
 *
 * rmmod is refused while a session is held; see registry.c.
 *
 * Waits: for spt_registry_lock, ended by another's short section under it; for
 * &spt_session.gone, interruptible, ended by the reaper, the deadline or a
 * signal.  The reaper waits for spt_registry_lock only.
 *
 * Lock order: nothing of its own; see registry.c.
 */
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "registry.h"
#include "stop.h"

/*
 * An idle session takes 15 to 26 ms to end; one that takes long does so for its
 * backend or its initiator, and is not worth a busy processor.
 */
#define SPT_REAP_FIRST		msecs_to_jiffies(5)
#define SPT_REAP_MAX		msecs_to_jiffies(50)
#define SPT_REAP_STRANDED	HZ

static struct workqueue_struct *spt_reaper_wq;
static unsigned long spt_reap_delay;

static void spt_reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(spt_reaper, spt_reap);

static void spt_reap(struct work_struct *work)
{
	unsigned long delay = READ_ONCE(spt_reap_delay);

	switch (spt_registry_sweep()) {
	case SPT_PENDING_NONE:
		return;
	case SPT_PENDING_STRANDED:
		delay = SPT_REAP_STRANDED;
		break;
	case SPT_PENDING:
		delay = min(2 * delay, SPT_REAP_MAX);
		break;
	}
	/* In this order: a stop that begins in between sees that it must modify. */
	WRITE_ONCE(spt_reap_delay, delay);
	queue_delayed_work(spt_reaper_wq, &spt_reaper, delay);
}

static void spt_reap_soon(void)
{
	/* A stream of stops must not put the reaper off with each of them. */
	if (xchg(&spt_reap_delay, SPT_REAP_FIRST) == SPT_REAP_FIRST)
		queue_delayed_work(spt_reaper_wq, &spt_reaper, SPT_REAP_FIRST);
	else
		mod_delayed_work(spt_reaper_wq, &spt_reaper, SPT_REAP_FIRST);
}

static int spt_stop_wait(struct spt_session *session, u32 timeout)
{
	long left;

	if (completion_done(&session->gone))
		return 0;
	switch (timeout) {
	case ISCSITGT_SPT_TIMEOUT_START_ONLY:
		return -EINPROGRESS;
	case ISCSITGT_SPT_TIMEOUT_NONE:
		left = MAX_SCHEDULE_TIMEOUT;
		break;
	default:
		left = min_t(u64, (u64)timeout * HZ, MAX_SCHEDULE_TIMEOUT - 1);
		break;
	}
	left = wait_for_completion_interruptible_timeout(&session->gone, left);
	if (left < 0)
		return -EINTR;
	return left ? 0 : -ETIMEDOUT;
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
 *	on, but -EINTR also before it began; -ENOMEM.
 */
int spt_stop(u64 cookie, u32 timeout)
{
	struct spt_session *session;
	int ret;

	session = spt_registry_get(cookie);
	if (!session)
		return -ENOENT;
	ret = spt_registry_stop(session);
	if (!ret) {
		spt_reap_soon();
		ret = spt_stop_wait(session, timeout);
	}
	spt_session_put(session);
	return ret;
}

/**
 * spt_stop_init - before the first spt_stop()
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_stop_init(void)
{
	/* Memory may wait for a disk that only the end of a session frees. */
	spt_reaper_wq = alloc_workqueue(KBUILD_MODNAME,
					WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return spt_reaper_wq ? 0 : -ENOMEM;
}

/**
 * spt_stop_exit - after the last stop is over
 *
 * Waits for the reaper to return, which may have given back the module
 * reference that let us come here.
 *
 * Context: process context, may sleep.
 */
void spt_stop_exit(void)
{
	cancel_delayed_work_sync(&spt_reaper);
	destroy_workqueue(spt_reaper_wq);
}
