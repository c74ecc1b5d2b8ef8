/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions as they were when they were asked for. */
#ifndef SPTCTL_SESSION_H
#define SPTCTL_SESSION_H

#include <stddef.h>

#include <linux/iscsitgt_spt.h>

/* @age: seconds since its login began */
struct session {
	struct iscsitgt_spt_session_info info;
	__u64 age;
};

/* Both return 0 or a negative errno of device.h. */
int session_fetch(int fd, __u64 cookie, struct session *session);

/* Every session, the oldest first; free() them. */
int session_fetch_all(int fd, struct session **sessions, size_t *count);

#endif
