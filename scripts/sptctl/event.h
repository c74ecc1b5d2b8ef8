/* SPDX-License-Identifier: GPL-2.0 */
/* What has become of sessions. */
#ifndef SPTCTL_EVENT_H
#define SPTCTL_EVENT_H

#include <time.h>

#include "known.h"

enum event_kind {
	EVENT_LIVE,
	EVENT_START,
	EVENT_STOP,
	EVENT_LOST,
};

/**
 * struct event - one thing that happened
 * @kind: what it is
 * @session: whose; NULL for EVENT_LOST
 * @cause: an &enum iscsitgt_spt_end_cause, of an EVENT_STOP
 * @time: when it was read, CLOCK_REALTIME
 */
struct event {
	enum event_kind kind;
	const struct known *session;
	__u32 cause;
	struct timespec time;
};

const char *event_word(enum event_kind kind);
const char *cause_word(__u32 cause);

#endif
