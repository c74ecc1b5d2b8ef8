// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading, in this order and back.
 *
 * rmmod is refused while a file is open or a session that is being stopped
 * is held, so on exit nobody waits for a session and no TPG is held.  LIO never
 * calls into this module: there is nothing that it could still call.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "device.h"
#include "lio.h"
#include "registry.h"
#include "session.h"
#include "stop.h"

static int __init spt_init(void)
{
	int ret;

	ret = spt_session_cache_init();
	if (ret)
		return ret;
	ret = lio_init();
	if (ret)
		goto cache_exit;
	spt_registry_init();
	ret = spt_stop_init();
	if (ret)
		goto cache_exit;
	ret = spt_device_init();
	if (ret)
		goto stop_exit;
	return 0;

stop_exit:
	spt_stop_exit();
cache_exit:
	spt_session_cache_exit();
	return ret;
}

static void __exit spt_exit(void)
{
	spt_device_exit();
	spt_stop_exit();
	spt_registry_exit();
	spt_session_cache_exit();
}

module_init(spt_init);
module_exit(spt_exit);

MODULE_DESCRIPTION("End single iSCSI sessions of the LIO target");
MODULE_LICENSE("GPL");
