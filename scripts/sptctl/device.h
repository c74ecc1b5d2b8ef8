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
 * The same, of which nothing can be read: what it costs does not grow with the number
 * of sessions.
 */
int spt_open_to_ask(void);

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
 * By @list's cookie and count, which are set; as many records are after it.  -EBUSY:
 * more and more log in.
 */
int spt_list(int fd, struct iscsitgt_spt_session_list *list);

/*
 * 0: the session has ended.  -EINPROGRESS: its end has begun, only with
 * ISCSITGT_SPT_TIMEOUT_START_ONLY.  -ENOENT: no such session (any more).
 * -ETIMEDOUT, -EINTR: the wait is over, but what was begun goes on.
 */
int spt_stop(int fd, __u64 cookie, __u32 timeout);

/*
 * 0: no session of the initiator is there, and none comes while it is kept out.
 * -EINPROGRESS: that has begun, only with ISCSITGT_SPT_TIMEOUT_START_ONLY.  Else as
 * spt_stop(), and -EOPNOTSUPP: nobody can be kept out; -ENOSPC: of as many as may be
 * already.  @flags: ISCSITGT_SPT_EVICT_*, with the answer's if there is one.
 */
int spt_evict(int fd, __u64 cookie, __u32 seconds, __u32 *flags, __u32 timeout);

/* -ENOENT: there are not so many. */
int spt_hold_get(int fd, __u32 index, struct iscsitgt_spt_hold *hold);

/*
 * By @hold's names and seconds.  -ENOENT: there is no such hold.  -EOPNOTSUPP,
 * -ENOSPC: as spt_evict().
 */
int spt_hold_change(int fd, __u32 operation, struct iscsitgt_spt_hold *hold);

#endif
