// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading, in this order and back.
 *
 * rmmod is refused while a file is open, a module that uses ours is loaded, a
 * session that is being stopped is held, or logins are drained, so on exit nobody
 * waits for a session or a login and no TPG is held.  LIO calls into this module by
 * the probes and by what refuses logins only.  Device and probes are gone first;
 * nobody else makes work for the follower but the work that holds sessions, which has
 * none to hold in a module that goes, and only the follower makes work for notifiers.
 *
 * Waits: what each file tells of its own init and exit.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "device.h"
#include "drain.h"
#include "events.h"
#include "follow.h"
#include "hold.h"
#include "lio/lio.h"
#include "look.h"
#include "probes.h"
#include "refuse.h"
#include "session.h"

static int __init spt_init(void)
{
	int ret;

	ret = spt_session_cache_init();
	if (ret)
		return ret;
	ret = lio_init();
	if (ret)
		goto cache_exit;
	spt_look_init();
	ret = spt_refuse_init();
	if (ret)
		goto cache_exit;
	ret = spt_events_init();
	if (ret)
		goto refuse_exit;
	ret = spt_probes_init();
	if (ret)
		goto events_exit;
	ret = spt_follow_init();
	if (ret)
		goto probes_exit;
	ret = spt_hold_init();
	if (ret)
		goto follow_exit;
	ret = spt_drain_init();
	if (ret)
		goto hold_exit;
	/* Before the first look, so that what begins meanwhile is not missed. */
	spt_probes_start();
	spt_refuse_start();
	spt_follow_now();
	ret = spt_device_init();
	if (ret)
		goto probes_stop;
	return 0;

probes_stop:
	spt_refuse_stop();
	/* From here on it does not try probes that are about to go. */
	spt_follow_settle();
	spt_probes_stop();
	spt_drain_exit();
hold_exit:
	spt_hold_exit();
follow_exit:
	spt_follow_exit();
	spt_look_exit();
probes_exit:
	spt_probes_exit();
events_exit:
	spt_events_exit();
refuse_exit:
	spt_refuse_exit();
cache_exit:
	spt_session_cache_exit();
	return ret;
}

static void __exit spt_exit(void)
{
	spt_device_exit();
	spt_refuse_stop();
	/* From here on it does not try probes that are about to go. */
	spt_follow_settle();
	spt_probes_stop();
	spt_drain_exit();
	spt_hold_exit();
	spt_follow_exit();
	spt_look_exit();
	spt_probes_exit();
	spt_events_exit();
	spt_refuse_exit();
	spt_session_cache_exit();
}

module_init(spt_init);
module_exit(spt_exit);

MODULE_DESCRIPTION("End single iSCSI sessions of the LIO target");
MODULE_LICENSE("GPL");
