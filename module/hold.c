// SPDX-License-Identifier: GPL-2.0
/*
 * The hold of a session whose stop has begun: its TPG against rmdir, this module
 * against rmmod.
 *
 * To take it can mean to wait, uninterruptibly, for a lock of configfs that any
 * program may have that lists its root.  So a work item takes it, under no lock of
 * ours: nobody else waits for it, only a stop does not get on meanwhile.
 *
 * It ends when the session is gone.  It also ends when nothing is left in LIO
 * that would end the session, or the admin could remove neither TPG nor module
 * any more; the stop goes on without it.
 *
 * A session that is wanted to be held has its own reference of the module, which
 * becomes that of the hold, and one of itself, until the work has tried.
 *
 * Waits: the work waits for the inode lock of configfs's root, uninterruptible,
 * without limit, ended by whoever has it, and for spt_registry_lock; who wants to
 * see it done waits for spt_hold_tried, interruptible, ended by the work or by
 * SPT_HOLD_TIME; spt_hold_exit() for the work to return, which has nothing to wait
 * for then.
 *
 * No locks of its own.
 */
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "follow.h"
#include "hold.h"
#include "lio/lio.h"
#include "registry.h"
#include "since.h"

/*
 * How long nothing is there that would end a session before its stop lets go of
 * TPG and module.  LIO has such sessions while it closes them and while a login
 * continues one, and for good once it has lost them.
 */
#define SPT_STRANDED_TIME	(20 * HZ)

/* It takes microseconds, but where somebody has configfs locked. */
#define SPT_HOLD_TIME		(HZ / 10)

static struct workqueue_struct *spt_hold_wq;
static DECLARE_WAIT_QUEUE_HEAD(spt_hold_tried);

/* Sessions that are to be held, latest first, each with a reference. */
static LLIST_HEAD(spt_hold_wanted);

static void spt_hold_work(struct work_struct *work);
static DECLARE_WORK(spt_holder, spt_hold_work);

static void spt_hold_one(struct spt_session *session)
{
	bool held = !completion_done(&session->gone) && !lio_hold(&session->id);
	bool kept = spt_registry_held(session, held);

	if (held && !kept)
		lio_release(&session->id);
	/* What could not be held is tried again, but not at once. */
	if (kept)
		spt_follow_stop();
	wake_up_all(&spt_hold_tried);
	spt_session_put(session);
	/* Last, as it may let rmmod begin. */
	if (!kept)
		module_put(THIS_MODULE);
}

static void spt_hold_work(struct work_struct *work)
{
	struct llist_node *wanted = llist_del_all(&spt_hold_wanted);
	struct spt_session *session, *next;

	wanted = llist_reverse_order(wanted);
	llist_for_each_entry_safe(session, next, wanted, wanted)
		spt_hold_one(session);
}

/**
 * spt_hold_want - have a session's TPG and this module held
 * @session: not held; spt_registry_held() is called once it is, or cannot be
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_hold_want(struct spt_session *session)
{
	if (session->holding || !try_module_get(THIS_MODULE))
		return;
	WRITE_ONCE(session->holding, true);
	spt_session_get(session);
	llist_add(&session->wanted, &spt_hold_wanted);
	queue_work(spt_hold_wq, &spt_holder);
}

/**
 * spt_hold_await - wait until it was tried to hold a session
 * @session: of which the caller has a reference
 *
 * Gives up after a moment.
 *
 * Context: process context, may sleep.
 */
void spt_hold_await(struct spt_session *session)
{
	wait_event_interruptible_timeout(spt_hold_tried,
					 !READ_ONCE(session->holding),
					 SPT_HOLD_TIME);
}

/**
 * spt_hold_release - let go of a session's TPG and this module
 * @session: held or not
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_hold_release(struct spt_session *session)
{
	if (!session->held)
		return;
	session->held = false;
	lio_release(&session->id);
	module_put(THIS_MODULE);
}

/**
 * spt_hold_follow - take and drop the hold of a stop as its session's fate changes
 * @session: one that is being stopped
 *
 * Context: process context, under spt_registry_lock.
 * Return: whether there is something in LIO that will end the session.
 */
bool spt_hold_follow(struct spt_session *session)
{
	if (spt_since_for(session->stranded, SPT_STRANDED_TIME)) {
		spt_hold_release(session);
		return false;
	}
	/* An rmdir of the TPG that was under way has failed. */
	if (!session->held)
		spt_hold_want(session);
	return true;
}

/**
 * spt_hold_init - before any other function of this file
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_hold_init(void)
{
	/* Memory may wait for a disk that only the end of a session frees. */
	spt_hold_wq = alloc_workqueue(KBUILD_MODNAME "_hold",
				      WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return spt_hold_wq ? 0 : -ENOMEM;
}

/**
 * spt_hold_exit - no session is being stopped any more
 *
 * Waits for the work to return, which may have given back the module reference
 * that let us come here.
 *
 * Context: process context, may sleep.
 */
void spt_hold_exit(void)
{
	destroy_workqueue(spt_hold_wq);
}
