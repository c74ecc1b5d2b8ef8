/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iSCSI target session pass-through for other modules of the kernel: what
 * /dev/iscsitgt_spt is for programs.
 */
#ifndef _LINUX_ISCSITGT_SPT_H
#define _LINUX_ISCSITGT_SPT_H

#include <linux/notifier.h>
#include <linux/types.h>
#include <uapi/linux/iscsitgt_spt.h>

/**
 * enum iscsitgt_spt_event - what a notifier is told
 * @ISCSITGT_SPT_SESSION_STARTED: there is a session; also told, at registration,
 *	of each one that is there already
 * @ISCSITGT_SPT_SESSION_ENDED: a session that was told of has left LIO
 * @ISCSITGT_SPT_EVENTS_LOST: events came faster than the notifiers took them;
 *	forget every session: those that are there are told of again.  Its data
 *	is NULL
 */
enum iscsitgt_spt_event {
	ISCSITGT_SPT_SESSION_STARTED,
	ISCSITGT_SPT_SESSION_ENDED,
	ISCSITGT_SPT_EVENTS_LOST,
};

/**
 * struct iscsitgt_spt_notice - of which session a notifier is told
 * @cookie: SESSION_COOKIE, as in &iscsitgt_spt_session_start.it_nexus_handle
 * @initiator: iSCSI name
 * @target: iSCSI name
 * @peer: address of the first connection, without port; may be empty
 * @chap_user: empty without CHAP
 * @isid: initiator session ID, 6 bytes (RFC 7143 section 11.12.5)
 * @tpgt: target portal group tag
 * @reinstated: as &iscsitgt_spt_session_start.is_reinstated
 * @cause: why it ended; UNKNOWN for one that has not
 *
 * Valid during the call only, strings included.
 */
struct iscsitgt_spt_notice {
	u64 cookie;
	const char *initiator;
	const char *target;
	const char *peer;
	const char *chap_user;
	const u8 *isid;
	u16 tpgt;
	bool reinstated;
	enum iscsitgt_spt_end_cause cause;
};

int iscsitgt_spt_session_stop(u64 cookie, u32 timeout);
int iscsitgt_spt_register_notifier(struct notifier_block *nb);
int iscsitgt_spt_unregister_notifier(struct notifier_block *nb);

#endif /* _LINUX_ISCSITGT_SPT_H */
