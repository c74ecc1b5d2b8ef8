/* SPDX-License-Identifier: GPL-2.0 */
/* What the module tells of itself: one value a file. */
#ifndef SPTCTL_SYSFS_H
#define SPTCTL_SYSFS_H

#include <stddef.h>

#define SYSFS_DIRECTORY	"/sys/class/misc/iscsitgt_spt"

/* A file descriptor of the directory; -ENOENT: the module is not loaded. */
int sysfs_open(void);

/* The value without its newline.  -EPROTO: it is not one line of this size. */
int sysfs_read(int directory, const char *name, char *value, size_t size);

#endif
