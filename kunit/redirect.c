// SPDX-License-Identifier: GPL-2.0
/*
 * A module that may redirect the function by which LIO decides who may log in, as a
 * live patch would, for tests of what becomes of ours then.  It does not redirect.
 *
 * No locks.
 */
#include <linux/ftrace.h>
#include <linux/module.h>

static unsigned char redirect_symbol[] = "core_tpg_check_initiator_node_acl";

static void redirect_not(unsigned long ip, unsigned long parent_ip,
			 struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops redirect_ops = {
	.func	= redirect_not,
	.flags	= FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int __init redirect_init(void)
{
	int ret;

	ret = ftrace_set_filter(&redirect_ops, redirect_symbol,
				sizeof(redirect_symbol) - 1, 0);
	if (ret)
		return ret;
	ret = register_ftrace_function(&redirect_ops);
	if (ret)
		ftrace_free_filter(&redirect_ops);
	return ret;
}

static void __exit redirect_exit(void)
{
	unregister_ftrace_function(&redirect_ops);
	ftrace_free_filter(&redirect_ops);
}

module_init(redirect_init);
module_exit(redirect_exit);

MODULE_DESCRIPTION("Be where another redirection would be");
MODULE_LICENSE("GPL");
