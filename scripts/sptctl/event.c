// SPDX-License-Identifier: GPL-2.0
#include "event.h"
#include "sptctl.h"

const char *event_word(enum event_kind kind)
{
	static const char *const words[] = {
		[EVENT_LIVE] = "live",
		[EVENT_START] = "start",
		[EVENT_STOP] = "stop",
		[EVENT_LOST] = "lost",
	};

	return words[kind];
}

/* There may be more of them one day. */
const char *cause_word(__u32 cause)
{
	static const char *const words[] = {
		[ISCSITGT_SPT_END_UNKNOWN] = "unknown",
		[ISCSITGT_SPT_END_STOPPED] = "stopped",
		[ISCSITGT_SPT_END_LOGOUT] = "logout",
		[ISCSITGT_SPT_END_CONNECTION_LOST] = "connection-lost",
		[ISCSITGT_SPT_END_REINSTATED] = "reinstated",
		[ISCSITGT_SPT_END_REMOVED] = "removed",
	};

	return words[cause < ARRAY_SIZE(words) ? cause : ISCSITGT_SPT_END_UNKNOWN];
}
