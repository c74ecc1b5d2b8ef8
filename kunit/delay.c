// SPDX-License-Identifier: GPL-2.0
/*
 * A module that makes LIO slow at one place, for tests that show what is wrong with
 * LIO itself: it knows nothing of iscsitgt_spt.
 *
 * The handler spins where it is entered.  No locks.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static char *delay_symbol;
module_param_named(symbol, delay_symbol, charp, 0444);
MODULE_PARM_DESC(symbol, "The function that is entered late");

static uint delay_us;
module_param_named(us, delay_us, uint, 0444);
MODULE_PARM_DESC(us, "How late, in microseconds");

static int delay_entry(struct kprobe *probe, struct pt_regs *regs)
{
	mdelay(delay_us / 1000);
	udelay(delay_us % 1000);
	return 0;
}

static struct kprobe delay_probe = {
	.pre_handler	= delay_entry,
};

static int __init delay_init(void)
{
	delay_probe.symbol_name = delay_symbol;
	return register_kprobe(&delay_probe);
}

static void __exit delay_exit(void)
{
	unregister_kprobe(&delay_probe);
}

module_init(delay_init);
module_exit(delay_exit);

MODULE_DESCRIPTION("Enter a function of LIO late");
MODULE_LICENSE("GPL");
