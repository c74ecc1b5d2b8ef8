/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions as they were when they were asked for. */
#ifndef SPTCTL_SESSION_H
#define SPTCTL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <linux/iscsitgt_spt.h>

/* An end that takes as many seconds does not come by itself, as a rule. */
#define SESSION_STUCK	10

/**
 * struct session - one of them
 * @info: its text is terminated
 * @age: seconds since its login began
 * @ending: seconds since it was first seen to be ending
 * @login: when its login began, CLOCK_REALTIME in seconds
 */
struct session {
	struct iscsitgt_spt_session_info info;
	__u64 age;
	__u64 ending;
	time_t login;
};

/* RFC 7143's state. */
const char *session_state(const struct session *session);

/* Of more use to an admin: whether it is going. */
const char *session_shown_state(const struct session *session);

/* Either of these is @state; one that is stuck is ending too. */
bool session_is_in(const struct session *session, const char *state);
bool state_is_known(const char *state);

/* In plain words, what it is doing.  free() it. */
char *session_note(const struct session *session);

/* "none" for what there is not. */
const char *connection_state(__u8 state);

/* Both return 0 or a negative errno of device.h. */
int session_fetch(int fd, __u64 cookie, struct session *session);

/* Every session, the oldest first; free() them. */
int session_fetch_all(int fd, struct session **sessions, size_t *count);

#endif
