// SPDX-License-Identifier: GPL-2.0
/*
 * Refusing logins.
 *
 * ftrace calls us where the function begins by which LIO decides who may log in, and
 * the login is looked up among the holds.  If there is one, the instruction pointer is
 * set to a function of ours that says no in its place, as a live patch does, and LIO
 * does what it does with somebody who has no ACL.  No kprobe: the kernel loses count
 * where one that redirects joins another one that does not.
 *
 * The function in its place can be preempted, so on unloading it does not do to wait
 * for the callback: each task must have scheduled of its own will, which it does not
 * do in there.
 *
 * Where nothing can be redirected, nobody is refused, and holds are not taken.  ftrace
 * can be silenced, which nothing tells, so it is tried, by a call that is always
 * redirected.
 *
 * No locks but that of the holds, which is innermost; in the callback RCU only.
 *
 * Waits: loading and unloading wait for the locks of ftrace and for RCU grace periods,
 * ended by the kernel.
 */
#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>

#include "lio/lio.h"
#include "probes.h"
#include "refuse.h"
#include "status.h"
#include "trace.h"

#define SPT_HOLDS_MAX	65536

static unsigned int spt_holds_max = 1024;
module_param_named(holds, spt_holds_max, uint, 0444);
MODULE_PARM_DESC(holds, "Holds that may be set at a time (1 to 65536; 1024)");

static struct spt_refusals spt_refusals;
static bool spt_refuse_registered;
/* A thread of LIO's has been sent to spt_refuse_login(). */
static bool spt_refuse_used;
/* How often a trial was. */
static atomic_t spt_refuse_tried;

/*
 * In the place of LIO_LOGIN_SYMBOL.  Must not sleep, see above.  The initiator has
 * chosen its name.
 */
static struct se_node_acl *spt_refuse_login(struct se_portal_group *se_tpg,
					    unsigned char *initiator)
{
	const char *name = (const char *)initiator;
	const char *target = lio_login_target(se_tpg);

	if (lio_login_is_try(se_tpg)) {
		atomic_inc(&spt_refuse_tried);
		return NULL;
	}
	spt_count(SPT_COUNT_LOGINS_REFUSED);
	trace_login_refused(name, target);
	pr_info_ratelimited("%s: refused a login of %*pE at %s\n", KBUILD_MODNAME,
			    (int)strnlen(name, ISCSITGT_SPT_NAME_LENGTH), name,
			    target);
	return NULL;
}

static bool spt_refuse_is_held(const struct se_portal_group *se_tpg,
			       const char *initiator)
{
	const char *target = lio_login_target(se_tpg);

	return target && spt_refusals_refuse(&spt_refusals, initiator, target,
					     ktime_get_boot_fast_ns());
}

static void notrace spt_refuse_traced(unsigned long ip, unsigned long parent_ip,
				      struct ftrace_ops *ops,
				      struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);
	const struct se_portal_group *se_tpg;
	const char *initiator;

	if (!regs)
		return;
	se_tpg = (void *)regs_get_kernel_argument(regs, 0);
	initiator = (void *)regs_get_kernel_argument(regs, 1);
	if (!lio_login_is_try(se_tpg)) {
		if (!spt_refuse_is_held(se_tpg, initiator))
			return;
		WRITE_ONCE(spt_refuse_used, true);
	}
	instruction_pointer_set(regs, (unsigned long)spt_refuse_login);
}

static struct ftrace_ops spt_refuse_ops = {
	.func	= spt_refuse_traced,
	.flags	= FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int spt_refuse_register(void)
{
	unsigned char symbol[] = LIO_LOGIN_SYMBOL;
	int ret;

	if (!IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS))
		return -EOPNOTSUPP;
	ret = ftrace_set_filter(&spt_refuse_ops, symbol, sizeof(symbol) - 1, 0);
	if (ret)
		return ret;
	ret = register_ftrace_function(&spt_refuse_ops);
	if (ret)
		ftrace_free_filter(&spt_refuse_ops);
	return ret;
}

/**
 * spt_refuse_works - can logins be refused now?
 *
 * Context: process context, may sleep.
 * Return: whether they can.
 */
bool spt_refuse_works(void)
{
	int tried = atomic_read(&spt_refuse_tried);

	if (!spt_refuse_registered)
		return false;
	lio_login_try();
	return atomic_read(&spt_refuse_tried) != tried;
}

/**
 * spt_refuse_holds - the holds by which logins are refused
 *
 * Context: any.
 * Return: them.
 */
struct spt_refusals *spt_refuse_holds(void)
{
	return &spt_refusals;
}

/**
 * spt_refuse_is_evicting - is there a hold that evicts?  Not after spt_refuse_stop().
 *
 * Context: process context.
 * Return: whether there is.
 */
bool spt_refuse_is_evicting(void)
{
	return READ_ONCE(spt_refuse_registered) && READ_ONCE(spt_refusals.count) &&
	       spt_refusals_evicting(&spt_refusals, ktime_get_boottime_ns());
}

/**
 * spt_refuse_init - before any other function of this file
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EINVAL for a module parameter.
 */
int spt_refuse_init(void)
{
	if (!spt_holds_max || spt_holds_max > SPT_HOLDS_MAX) {
		pr_err("%s: holds=%u is not between 1 and %u\n", KBUILD_MODNAME,
		       spt_holds_max, SPT_HOLDS_MAX);
		return -EINVAL;
	}
	return spt_refusals_init(&spt_refusals, spt_holds_max);
}

/**
 * spt_refuse_exit - after spt_refuse_stop()
 *
 * Context: process context, may sleep.
 */
void spt_refuse_exit(void)
{
	spt_refusals_exit(&spt_refusals);
}

/**
 * spt_refuse_start - have logins refused for which there is a hold
 *
 * After spt_probes_start().  Not to be able to is no error: then no hold is taken.
 *
 * Context: process context, may sleep.
 */
void spt_refuse_start(void)
{
	int ret = -EOPNOTSUPP;

	if (spt_probes_check() != SPT_NOTICING_OFF)
		ret = spt_refuse_register();
	spt_refuse_registered = !ret;
	if (!ret && !spt_refuse_works())
		ret = -EBUSY;
	if (ret)
		pr_notice("%s: logins cannot be refused, so there are no evictions and holds: %d\n",
			  KBUILD_MODNAME, ret);
}

/**
 * spt_refuse_stop - refuse nobody any more
 *
 * Context: process context, may sleep.
 */
void spt_refuse_stop(void)
{
	/* It fails once ftrace has given up, which is a bug of the kernel's. */
	if (spt_refuse_registered &&
	    !WARN_ON(unregister_ftrace_function(&spt_refuse_ops)))
		ftrace_free_filter(&spt_refuse_ops);
	WRITE_ONCE(spt_refuse_registered, false);
	if (spt_refuse_used)
		synchronize_rcu_tasks();
}
