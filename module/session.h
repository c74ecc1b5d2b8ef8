/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module remembers of one session.  Nothing here points into LIO: the
 * addresses in &struct spt_identity are compared, never followed.
 *
 * Lifetime: a session is counted by @refs, and the map holds one reference from
 * insertion to removal.  Whoever gets one by spt_map_get() or spt_session_get()
 * owns it until spt_session_put(), in any context.
 */
#ifndef ISCSITGT_SPT_SESSION_H
#define ISCSITGT_SPT_SESSION_H

#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/refcount.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include <uapi/linux/iscsitgt_spt.h>

#include "compat.h"

/* RFC 7143 section 11.12.5 */
#define SPT_ISID_LENGTH		6

/* For sessions and what goes with them, where LIO's closing may wait for us. */
#define SPT_SESSION_GFP		(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN)

/* An IPv6 address as text, without scope identifier, and the terminator. */
#define SPT_PEER_LENGTH \
	sizeof("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")

/**
 * struct spt_identity - which session of LIO this is
 * @tpg: address of its se_portal_group
 * @session: address of its iscsit_session
 * @created: jiffies when its login began
 * @sid: LIO session ID, counted per TPG
 * @tsih: target session identifying handle
 * @isid: initiator session ID
 *
 * LIO uses addresses and indices again, but not together with @sid and
 * @created: a TPG counts its sids, and between the login of a session and that
 * of one in a TPG at the same address lie the whole of the first session and
 * the removal of its TPG.
 */
struct spt_identity {
	const void *tpg;
	const void *session;
	u64 created;
	u32 sid;
	u16 tsih;
	u8 isid[SPT_ISID_LENGTH];
};

/**
 * spt_identity_equal - is it the same session?
 * @a: one identity
 * @b: another one
 *
 * Context: any.
 * Return: whether all of it is equal.
 */
static inline bool spt_identity_equal(const struct spt_identity *a,
				      const struct spt_identity *b)
{
	return a->session == b->session && a->tpg == b->tpg &&
	       a->created == b->created && a->sid == b->sid &&
	       a->tsih == b->tsih &&
	       !memcmp(a->isid, b->isid, sizeof(a->isid));
}

/**
 * struct spt_facts - what does not change while a session lives
 * @login_time: when its login began, ns of CLOCK_BOOTTIME
 * @tpgt: target portal group tag
 * @initiator: iSCSI name
 * @target: iSCSI name
 * @peer: address of the first connection, without port; may be empty
 * @chap_user: user name that CHAP asked for; empty without CHAP
 *
 * Text is NUL-terminated bytes as LIO has them.
 */
struct spt_facts {
	u64 login_time;
	u16 tpgt;
	char initiator[ISCSITGT_SPT_NAME_LENGTH];
	char target[ISCSITGT_SPT_NAME_LENGTH];
	char peer[SPT_PEER_LENGTH];
	char chap_user[ISCSITGT_SPT_CHAP_USER_LENGTH];
};

/**
 * struct spt_session - one session and its cookie
 * @cookie: SESSION_COOKIE; set by spt_map_insert(), then fixed
 * @id: fixed before insertion
 * @facts: fixed before insertion
 * @gone: completed for good once the session has left LIO
 * @wanted: for those that are to be held, while @holding
 * @by_cookie: [map lock]
 * @by_identity: [map lock]
 * @by_tpg: [map lock]
 * @all: [map lock] in order of cookies
 * @busy: [registry lock] in &spt_busy.all, if it is in there
 * @busy_by_tpg: [registry lock] the same
 * @seen: [registry lock] number of the last scan that did not find it gone
 * @ending_since: [registry lock to write] when it was first seen to be ending,
 *	ns of CLOCK_BOOTTIME; 0: not yet
 * @quiet: [registry lock] since when LIO does not list it though nobody was
 *	disabling its TPG, in jiffies; 0: not yet
 * @stranded: [registry lock] since when nothing is there that would end it,
 *	in jiffies; 0: something is
 * @leaving: [registry lock] since when LIO is deregistering it, in jiffies; 0:
 *	it is not, as far as is known
 * @left: [registry lock] since when LIO is known to have deregistered it, in
 *	jiffies; 0: it is not known to
 * @spared: [registry lock] how many evictions there were when none was found to
 *	be for it
 * @refs: see the top of this file
 * @ending: [registry lock to write] a stop has begun
 * @holding: [registry lock to write] the hold is being taken
 * @cause: [registry lock] an &enum iscsitgt_spt_end_cause: why it is ending, as far
 *	as LIO was seen to know; fixed before its end is told
 * @reinstated: it replaced an older session of its I_T nexus; fixed before it
 *	is announced
 * @connected: [registry lock] it had a connection when LIO last listed it
 * @announced: [registry lock] its start is told
 * @noted: [registry lock] that a new login replaces it
 * @stopped: [registry lock] a stop failed its connections, and nothing else was
 *	ending it before
 * @held: [registry lock] the stop holds the TPG against rmdir and the module
 *	against rmmod
 */
struct spt_session {
	u64 cookie;
	struct spt_identity id;
	struct spt_facts facts;
	struct completion gone;

	struct llist_node wanted;
	struct hlist_node by_cookie;
	struct hlist_node by_identity;
	struct hlist_node by_tpg;
	struct list_head all;
	struct list_head busy;
	struct hlist_node busy_by_tpg;

	u64 seen;
	u64 ending_since;
	u64 quiet;
	u64 stranded;
	u64 leaving;
	u64 left;
	u64 spared;
	refcount_t refs;
	/* Read without the lock while they change: bytes of their own. */
	bool ending;
	bool holding;
	u8 cause;
	u8 reinstated : 1;
	u8 connected : 1;
	u8 announced : 1;
	u8 noted : 1;
	u8 stopped : 1;
	u8 held : 1;
};

/* @session is being ended by somebody. */
static inline void spt_session_ends(struct spt_session *session)
{
	if (!session->ending_since)
		WRITE_ONCE(session->ending_since, ktime_get_boottime_ns());
}

/*
 * LIO is ending @session for @cause, as it looks now.  What it looked like first
 * is right: LIO does not begin to end a session that it is ending, but ways to
 * end it that cross look like others.
 */
static inline void spt_session_blame(struct spt_session *session,
				     enum iscsitgt_spt_end_cause cause)
{
	if (session->cause == ISCSITGT_SPT_END_UNKNOWN)
		session->cause = cause;
}

/* A stop has failed connections of @session. */
static inline void spt_session_stopped(struct spt_session *session)
{
	if (session->cause == ISCSITGT_SPT_END_UNKNOWN)
		session->stopped = true;
}

int spt_session_cache_init(void);
void spt_session_cache_exit(void);
u64 spt_session_login_time(const struct spt_identity *id, u64 now);
struct spt_session *spt_session_alloc(gfp_t gfp);
struct spt_session *spt_session_get(struct spt_session *session);
void spt_session_put(struct spt_session *session);

#endif /* ISCSITGT_SPT_SESSION_H */
