// SPDX-License-Identifier: GPL-2.0
/*
 * A module that uses what iscsitgt_spt offers to modules, for tests from user
 * space: /sys/module/iscsitgt_spt_client/parameters tells what it was told, and
 * has it do things.
 *
 * No locks: all but the parameters that are written is the notifier's, whose calls
 * are serialised.
 */
#include <linux/delay.h>
#include <linux/iscsitgt_spt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#define CLIENT_TIMEOUT	10 /* seconds */

static ulong client_started;
module_param_named(started, client_started, ulong, 0444);
MODULE_PARM_DESC(started, "Starts told, replays included");

static ulong client_ended;
module_param_named(ended, client_ended, ulong, 0444);
MODULE_PARM_DESC(ended, "Ends told");

static ulong client_lost;
module_param_named(lost, client_lost, ulong, 0444);
MODULE_PARM_DESC(lost, "How often events were lost");

static ulong client_live;
module_param_named(live, client_live, ulong, 0444);
MODULE_PARM_DESC(live, "Sessions there are, as far as was told");

static uint client_last_cause;
module_param_named(last_cause, client_last_cause, uint, 0444);
MODULE_PARM_DESC(last_cause, "Of the end told last");

static int client_last_stop;
module_param_named(last_stop, client_last_stop, int, 0444);
MODULE_PARM_DESC(last_stop, "What the last stop on start has returned");

static bool client_stop_on_start;
module_param_named(stop_on_start, client_stop_on_start, bool, 0644);
MODULE_PARM_DESC(stop_on_start, "Stop each session that starts, in the notifier");

static uint client_slow_ms;
module_param_named(slow_ms, client_slow_ms, uint, 0644);
MODULE_PARM_DESC(slow_ms, "Sleep in each call of the notifier");

static int client_stop(const char *text, const struct kernel_param *param)
{
	u64 cookie;
	int ret;

	ret = kstrtou64(text, 0, &cookie);
	if (ret)
		return ret;
	return iscsitgt_spt_session_stop(cookie, CLIENT_TIMEOUT);
}

static const struct kernel_param_ops client_stop_ops = {
	.set = client_stop,
};

module_param_cb(stop, &client_stop_ops, NULL, 0200);
MODULE_PARM_DESC(stop, "Cookie of a session to stop; the write waits for its end");

static int client_told(struct notifier_block *block, unsigned long event,
		       void *data)
{
	const struct iscsitgt_spt_notice *notice = data;

	switch (event) {
	case ISCSITGT_SPT_SESSION_STARTED:
		client_started++;
		client_live++;
		if (READ_ONCE(client_stop_on_start))
			client_last_stop =
				iscsitgt_spt_session_stop(notice->cookie,
							  CLIENT_TIMEOUT);
		break;
	case ISCSITGT_SPT_SESSION_ENDED:
		client_ended++;
		client_live--;
		client_last_cause = notice->cause;
		break;
	case ISCSITGT_SPT_EVENTS_LOST:
		client_lost++;
		client_live = 0;
		break;
	}
	msleep(READ_ONCE(client_slow_ms));
	return NOTIFY_OK;
}

static struct notifier_block client_notifier = {
	.notifier_call = client_told,
};

static struct notifier_block client_unknown = {
	.notifier_call = client_told,
};

static int __init client_init(void)
{
	int ret;

	if (iscsitgt_spt_unregister_notifier(&client_unknown) != -ENOENT)
		return -EINVAL;
	ret = iscsitgt_spt_register_notifier(&client_notifier);
	if (ret)
		return ret;
	if (iscsitgt_spt_register_notifier(&client_notifier) == -EEXIST &&
	    iscsitgt_spt_unregister_notifier(&client_unknown) == -ENOENT)
		return 0;
	iscsitgt_spt_unregister_notifier(&client_notifier);
	return -EINVAL;
}

static void __exit client_exit(void)
{
	iscsitgt_spt_unregister_notifier(&client_notifier);
}

module_init(client_init);
module_exit(client_exit);

MODULE_DESCRIPTION("A user of iscsitgt_spt, for its tests");
MODULE_LICENSE("GPL");
