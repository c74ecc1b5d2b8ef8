// SPDX-License-Identifier: GPL-2.0
/* What stands for an older version of the module, to upgrade from: its device only. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static const struct file_operations older_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice older_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "iscsitgt_spt",
	.fops = &older_fops,
};

module_misc_device(older_device);
MODULE_DESCRIPTION("stand-in for an older iscsitgt_spt");
MODULE_LICENSE("GPL");
