// SPDX-License-Identifier: GPL-2.0
/*
 * What other modules of the kernel are offered: notifiers, and the stop.
 *
 * Each notifier follows the event ring by a reader of its own, from a work item
 * of its own.  So one that takes long, or waits for a session to end, holds up
 * nobody else.
 *
 * A notifier is on the list, and its module loaded, until its owner unregisters
 * it: that takes it off the list, so that its work is not queued any more, and
 * waits for the work that is.
 *
 * Waits: to register waits for memory, for spt_registry_lock, interruptible, and
 * for the notifier's first calls, which the notifier's owner ends; to unregister,
 * for the call under way.  The work waits for spt_registry_lock when it has fallen
 * behind.
 *
 * Lock order: spt_notify_lock is innermost.  Notifiers are called under no lock.
 */
#include <linux/export.h>
#include <linux/iscsitgt_spt.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "events.h"
#include "follow.h"
#include "notify.h"
#include "reader.h"
#include "stop.h"

/* How many events one turn of the work tells. */
#define SPT_NOTIFY_BATCH	64

/* When to try again what there was no memory for. */
#define SPT_NOTIFY_RETRY	HZ

/*
 * struct spt_notifier - one who is called
 * @all: [spt_notify_lock]
 * @block: [fixed] the owner's
 * @reader: its work's alone
 * @leaves: it is being unregistered
 * @work: tells what there is to tell
 */
struct spt_notifier {
	struct list_head all;
	struct notifier_block *block;
	struct spt_reader reader;
	bool leaves;
	struct delayed_work work;
};

static DEFINE_SPINLOCK(spt_notify_lock); /* innermost; process context only */

/* [spt_notify_lock] */
static LIST_HEAD(spt_notifiers);

static void spt_notify_call(struct spt_notifier *notifier,
			    enum iscsitgt_spt_event event,
			    struct iscsitgt_spt_notice *notice)
{
	notifier->block->notifier_call(notifier->block, event, notice);
}

static void spt_notify_event(struct spt_notifier *notifier,
			     const struct spt_event *event)
{
	const struct spt_session *session = event->session;
	struct iscsitgt_spt_notice notice = {
		.cookie		= session->cookie,
		.initiator	= session->facts.initiator,
		.target		= session->facts.target,
		.peer		= session->facts.peer,
		.chap_user	= session->facts.chap_user,
		.isid		= session->id.isid,
		.tpgt		= session->facts.tpgt,
		.reinstated	= session->reinstated,
		.cause		= event->end ? session->cause :
					       ISCSITGT_SPT_END_UNKNOWN,
	};

	spt_notify_call(notifier, event->end ? ISCSITGT_SPT_SESSION_ENDED :
					       ISCSITGT_SPT_SESSION_STARTED,
			&notice);
}

/*
 * Tell what is still to be replayed and a batch of events: where events never end,
 * the work does.  Returns 0 if there may be more, -EAGAIN if not, or why it could
 * not be told.
 */
static int spt_notify_some(struct spt_notifier *notifier)
{
	size_t left = spt_reader_replay(&notifier->reader) + SPT_NOTIFY_BATCH;
	struct spt_event event;
	int ret = 0;

	for (; left && !READ_ONCE(notifier->leaves); left--) {
		ret = spt_reader_peek(&notifier->reader, &event);
		if (ret)
			break;
		spt_notify_event(notifier, &event);
		spt_session_put(event.session);
		spt_reader_advance(&notifier->reader);
	}
	if (ret != -EPIPE)
		return ret;
	ret = spt_reader_rewind(&notifier->reader);
	if (!ret)
		spt_notify_call(notifier, ISCSITGT_SPT_EVENTS_LOST, NULL);
	return ret;
}

static void spt_notify(struct work_struct *work)
{
	struct spt_notifier *notifier =
		container_of(to_delayed_work(work), struct spt_notifier, work);

	switch (spt_notify_some(notifier)) {
	case 0:
		queue_delayed_work(system_unbound_wq, &notifier->work, 0);
		break;
	case -EAGAIN:
		break;
	default:
		queue_delayed_work(system_unbound_wq, &notifier->work,
				   SPT_NOTIFY_RETRY);
		break;
	}
}

/**
 * spt_notify_soon - there are new events
 *
 * Context: process context.
 */
void spt_notify_soon(void)
{
	struct spt_notifier *notifier;

	spin_lock(&spt_notify_lock);
	list_for_each_entry(notifier, &spt_notifiers, all)
		mod_delayed_work(system_unbound_wq, &notifier->work, 0);
	spin_unlock(&spt_notify_lock);
}

static struct spt_notifier *spt_notifier_find(const struct notifier_block *nb)
{
	struct spt_notifier *notifier;

	lockdep_assert_held(&spt_notify_lock);
	list_for_each_entry(notifier, &spt_notifiers, all) {
		if (notifier->block == nb)
			return notifier;
	}
	return NULL;
}

static int spt_notifier_add(struct spt_notifier *notifier)
{
	int ret = -EEXIST;

	spin_lock(&spt_notify_lock);
	if (!spt_notifier_find(notifier->block)) {
		list_add_tail(&notifier->all, &spt_notifiers);
		ret = 0;
	}
	spin_unlock(&spt_notify_lock);
	return ret;
}

static void spt_notifier_free(struct spt_notifier *notifier)
{
	spt_reader_exit(&notifier->reader);
	kfree(notifier);
}

/**
 * iscsitgt_spt_register_notifier - be told of each session's start and end
 * @nb: its @nb->notifier_call gets an &enum iscsitgt_spt_event and a &struct
 *	iscsitgt_spt_notice; what it returns and its priority do not matter.
 *	The caller's, but stays registered until
 *	iscsitgt_spt_unregister_notifier()
 *
 * Before this returns, @nb is told of every session that is there.  Each session
 * starts once and ends once, in this order.  Calls come one at a time, in process
 * context, and may sleep, also in iscsitgt_spt_session_stop(), but must not
 * register or unregister any notifier.  One that does not return keeps its own
 * module loaded and holds up nobody else.
 *
 * Context: process context, may sleep; not from a configfs callback, nor while
 *	another call for the same @nb is under way.
 * Return: 0, -EEXIST if @nb is registered, -ENOMEM, -EINTR, -EOVERFLOW when
 *	there are no more cookies, or -EBUSY when sessions log in faster than
 *	they can be looked at.
 */
int iscsitgt_spt_register_notifier(struct notifier_block *nb)
{
	struct spt_notifier *notifier;
	int ret;

	notifier = kzalloc(sizeof(*notifier), GFP_KERNEL);
	if (!notifier)
		return -ENOMEM;
	notifier->block = nb;
	notifier->reader.ring = spt_events_ring();
	INIT_DELAYED_WORK(&notifier->work, spt_notify);
	ret = spt_reader_init(&notifier->reader);
	if (ret) {
		kfree(notifier);
		return ret == -ERESTARTSYS ? -EINTR : ret;
	}
	ret = spt_notifier_add(notifier);
	if (ret) {
		spt_notifier_free(notifier);
		return ret;
	}
	spt_follow_listen();
	mod_delayed_work(system_unbound_wq, &notifier->work, 0);
	flush_delayed_work(&notifier->work);
	return 0;
}
EXPORT_SYMBOL_GPL(iscsitgt_spt_register_notifier);

/**
 * iscsitgt_spt_unregister_notifier - be told no more
 * @nb: once this returns, it is not called and not needed any more
 *
 * Context: process context, may sleep; waits for @nb to return if it is being
 *	called, so not from a notifier.
 * Return: 0, or -ENOENT if @nb is not registered.
 */
int iscsitgt_spt_unregister_notifier(struct notifier_block *nb)
{
	struct spt_notifier *notifier;

	spin_lock(&spt_notify_lock);
	notifier = spt_notifier_find(nb);
	if (notifier)
		list_del(&notifier->all);
	spin_unlock(&spt_notify_lock);
	if (!notifier)
		return -ENOENT;
	WRITE_ONCE(notifier->leaves, true);
	cancel_delayed_work_sync(&notifier->work);
	spt_follow_unlisten();
	spt_notifier_free(notifier);
	return 0;
}
EXPORT_SYMBOL_GPL(iscsitgt_spt_unregister_notifier);

/**
 * iscsitgt_spt_session_stop - end one session
 * @cookie: any number
 * @timeout: seconds to wait; ISCSITGT_SPT_TIMEOUT_START_ONLY,
 *	ISCSITGT_SPT_TIMEOUT_NONE: see &srb_io_control.timeout
 *
 * What IOCTL_SCSI_MINIPORT with CTLCODE_ISCSITGT_SPT_SESSION_END does, for a
 * caller in the kernel, on whose permission nobody looks.
 *
 * Context: process context, may sleep; not from a configfs callback.
 * Return: 0 once the session has left LIO; -EINPROGRESS when it is ending and
 *	@timeout asks not to wait; -ENOENT when no session has @cookie (any
 *	more); -ETIMEDOUT or -EINTR when the wait was over before the end, which
 *	goes on, but -EINTR also before it began.
 */
int iscsitgt_spt_session_stop(u64 cookie, u32 timeout)
{
	return spt_stop(cookie, timeout);
}
EXPORT_SYMBOL_GPL(iscsitgt_spt_session_stop);
