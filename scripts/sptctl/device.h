/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only way to the kernel.  Everything returns 0 or a negative errno;
 * -EPROTO is an answer that the device's own contract rules out.
 */
#ifndef SPTCTL_DEVICE_H
#define SPTCTL_DEVICE_H

#include <stddef.h>

#include <linux/iscsitgt_spt.h>

/* A file descriptor. */
int spt_open(void);

/* The cookies of all sessions alive at spt_open(), once; free() them. */
int spt_list(int fd, __u64 **cookies, size_t *count);

/* -ENOENT: no such session (any more). */
int spt_info(int fd, __u64 cookie, struct iscsitgt_spt_session_info *info);

/*
 * 0: the session has ended.  -EINPROGRESS: its end has begun, only with
 * ISCSITGT_SPT_TIMEOUT_START_ONLY.  -ENOENT: no such session (any more).
 * -ETIMEDOUT, -EINTR: the wait is over, but what was begun goes on.
 */
int spt_stop(int fd, __u64 cookie, __u32 timeout);

#endif
