// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/iscsitgt_spt: the file operations and who may open it.  An open file
 * pins the module and owns its stream, unless it cannot be read.  No locks.
 *
 * Waits: open() waits under the lock of all misc devices for what stream.c tells of
 * spt_stream_open(); loading and unloading wait for that lock, ended by another
 * open(), and unloading for readers of the files in sysfs to be done.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <uapi/linux/iscsitgt_spt.h>

#include "device.h"
#include "request.h"
#include "status.h"
#include "stream.h"

static int spt_open(struct inode *inode, struct file *file)
{
	struct spt_stream *stream = NULL;

	/* A container's root must not reach the sessions of the host. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* Who only asks must not pay for all sessions that there are. */
	if (file->f_mode & FMODE_READ)
		stream = spt_stream_open();
	if (IS_ERR(stream))
		return PTR_ERR(stream);
	/* Or it would be what misc devices leave there. */
	file->private_data = stream;
	return stream_open(inode, file);
}

static int spt_close(struct inode *inode, struct file *file)
{
	if (file->private_data)
		spt_stream_close(file->private_data);
	return 0;
}

static ssize_t spt_read(struct file *file, char __user *buffer, size_t size,
			loff_t *offset)
{
	return spt_stream_read(file->private_data, buffer, size,
			       file->f_flags & O_NONBLOCK);
}

static __poll_t spt_poll(struct file *file, poll_table *wait)
{
	if (!file->private_data)
		return EPOLLERR;
	return spt_stream_poll(file->private_data, file, wait);
}

static long spt_ioctl(struct file *file, unsigned int number,
		      unsigned long argument)
{
	if (number != IOCTL_SCSI_MINIPORT)
		return -ENOTTY;
	return spt_request((void __user *)argument);
}

static const struct file_operations spt_fops = {
	.owner		= THIS_MODULE,
	.open		= spt_open,
	.release	= spt_close,
	.read		= spt_read,
	.poll		= spt_poll,
	.unlocked_ioctl	= spt_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice spt_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= KBUILD_MODNAME,
	.fops	= &spt_fops,
	.mode	= 0600,
	.groups	= spt_status_groups,
};

/**
 * spt_device_init - publish the device
 *
 * Last of all: it can be opened before this returns.
 *
 * Context: process context, may sleep.
 * Return: 0 or a negative errno.
 */
int spt_device_init(void)
{
	return misc_register(&spt_misc);
}

/**
 * spt_device_exit - take the device away; no file is open any more
 *
 * Context: process context, may sleep.
 */
void spt_device_exit(void)
{
	misc_deregister(&spt_misc);
}
