// SPDX-License-Identifier: GPL-2.0
/*
 * The hold of a session whose stop has begun: its TPG against rmdir, this module
 * against rmmod.
 *
 * It ends when the session is gone.  It also ends when nothing is left in LIO
 * that would end the session, or the admin could remove neither TPG nor module
 * any more; the stop goes on without it.  No locks of its own: the callers hold
 * spt_registry_lock.
 */
#include <linux/module.h>

#include "hold.h"
#include "lio/lio.h"
#include "since.h"

/*
 * How long nothing is there that would end a session before its stop lets go of
 * TPG and module.  LIO has such sessions while it closes them and while a login
 * continues one, and for good once it has lost them.
 */
#define SPT_STRANDED_TIME	(20 * HZ)

/**
 * spt_hold - hold a session's TPG and this module
 * @session: not held; &spt_session.held tells whether it came to that
 *
 * Context: process context, may sleep, under spt_registry_lock; not from a
 *	configfs callback.
 */
void spt_hold(struct spt_session *session)
{
	if (!try_module_get(THIS_MODULE))
		return;
	session->held = !lio_hold(&session->id);
	if (!session->held)
		module_put(THIS_MODULE);
}

/**
 * spt_hold_release - undo spt_hold(), if it came to that
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
 * Context: process context, may sleep, under spt_registry_lock.
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
		spt_hold(session);
	return true;
}
