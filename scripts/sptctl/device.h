/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only way to the kernel.  Failures are a negative errno;
 * -EPROTO is an answer that the device's own contract rules out.
 */
#ifndef SPTCTL_DEVICE_H
#define SPTCTL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <linux/iscsitgt_spt.h>

/* A file descriptor. */
int spt_open(void);

/*
 * Bytes of whole records.  -EAGAIN: there are none yet.  -EPIPE: some are lost,
 * and those for the sessions that are there come again.
 */
ssize_t spt_read(int fd, void *records, size_t size);

/*
 * Until there is something to read.  -ETIMEDOUT: not by the deadline.
 * -ECANCELED: nobody reads @output any more; -1 if that does not matter.
 */
int spt_wait(int fd, int output, __u64 deadline);

/* Whether it is the header of such a record. */
bool spt_header_is(const struct srb_io_control *header, __u32 code,
		   size_t record_size);

/* -ENOENT: no such session (any more). */
int spt_info(int fd, __u64 cookie, struct iscsitgt_spt_session_info *info);

/*
 * 0: the session has ended.  -EINPROGRESS: its end has begun, only with
 * ISCSITGT_SPT_TIMEOUT_START_ONLY.  -ENOENT: no such session (any more).
 * -ETIMEDOUT, -EINTR: the wait is over, but what was begun goes on.
 */
int spt_stop(int fd, __u64 cookie, __u32 timeout);

#endif
