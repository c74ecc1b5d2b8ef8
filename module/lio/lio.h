/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only door to LIO.  Nothing here hands out a pointer into LIO that could
 * be followed later.
 */
#ifndef ISCSITGT_SPT_LIO_H
#define ISCSITGT_SPT_LIO_H

#include "../captures.h"
#include "../session.h"

/* LIO's own; opaque outside this folder. */
struct iscsit_session;
struct se_node_acl;
struct se_portal_group;
struct se_session;

struct spt_names;

/* Functions of LIO that are entered as a session comes and goes. */
#define LIO_ARRIVAL_SYMBOL	"__transport_register_session"
#define LIO_DEPARTURE_SYMBOL	"transport_deregister_session"

/*
 * The function of LIO that decides who may log in: of a TPG and the initiator's
 * name it makes a node ACL, or NULL, for which LIO answers "not authorized".
 */
#define LIO_LOGIN_SYMBOL	"core_tpg_check_initiator_node_acl"

/**
 * struct lio_arrival - arguments of LIO_ARRIVAL_SYMBOL
 * @se_tpg: its first
 * @sess: its fourth: an iscsit_session if the TPG is one of iSCSI
 */
struct lio_arrival {
	const struct se_portal_group *se_tpg;
	const void *sess;
};

/**
 * enum lio_unlisted - what has become of a TPG's sessions that are not listed
 * @LIO_UNLISTED_GONE: deregistered, and the TPG is not touched for them any
 *	more
 * @LIO_UNLISTED_QUIET: some are still being closed, or LIO has lost count; but
 *	nobody is disabling or removing the TPG
 * @LIO_UNLISTED_INACTIVE: the same, but the TPG is disabled, or being removed
 *	unless somebody holds it
 * @LIO_UNLISTED_CLOSING: the TPG is being disabled, and some may be waiting for
 *	their turn to be closed
 */
enum lio_unlisted {
	LIO_UNLISTED_GONE,
	LIO_UNLISTED_QUIET,
	LIO_UNLISTED_INACTIVE,
	LIO_UNLISTED_CLOSING,
};

/**
 * enum lio_life - what would end a session that is listed
 * @LIO_STRANDED: nothing, unless a login is continuing it
 * @LIO_RETAINED: Time2Retain
 * @LIO_CONNECTED: its connections
 */
enum lio_life {
	LIO_STRANDED,
	LIO_RETAINED,
	LIO_CONNECTED,
};

/**
 * struct lio_tpg_view - a TPG of which the sessions were visited
 * @tpg: its address
 * @target: iSCSI name
 * @unlisted: what has become of those that are not listed
 * @count: how many LIO counts of those
 */
struct lio_tpg_view {
	const void *tpg;
	const char *target;
	enum lio_unlisted unlisted;
	u32 count;
};

/**
 * struct lio_visitor - what lio_scan() tells
 * @only: visit this session, or if it is not there its TPG; NULL: all
 * @wants: whether to visit the session at an address, if there is no @only; it may
 *	say so of others than those meant.  NULL: all
 * @session: called for each session on a TPG's list; @sess is valid during the
 *	call only
 * @tpg: called after the sessions of each TPG; @view is valid during the call only
 *
 * Called under LIO's session_lock, bottom halves off: must not sleep, allocate
 * or call this file but for the lio_*_listed() functions.
 */
struct lio_visitor {
	const struct spt_identity *only;
	bool (*wants)(struct lio_visitor *visitor, const void *session);
	void (*session)(struct lio_visitor *visitor,
			const struct spt_identity *id,
			struct iscsit_session *sess);
	void (*tpg)(struct lio_visitor *visitor, const struct lio_tpg_view *view);
};

/**
 * struct lio_glance - what lio_glance() tells, and whom it asks
 * @visitor: told; @visitor.only is NULL
 * @knows: whether a session is one that a scan has found
 * @cares: whether sessions of a TPG are to be visited that are not new, those that
 *	@visitor.wants; then @visitor.tpg is called for it
 *
 * All called as @visitor is.
 */
struct lio_glance {
	struct lio_visitor visitor;
	bool (*knows)(struct lio_glance *glance, const struct spt_identity *id);
	bool (*cares)(struct lio_glance *glance, const void *tpg);
};

int lio_init(void);
void lio_scan(struct lio_visitor *visitor);
void lio_glance(struct lio_glance *glance);
void lio_facts_listed(struct iscsit_session *sess, struct spt_facts *facts);
enum iscsitgt_spt_end_cause lio_cause_listed(struct iscsit_session *sess);
void lio_info_listed(struct iscsit_session *sess,
		     struct iscsitgt_spt_session_info *info);
bool lio_ending_listed(struct iscsit_session *sess);
bool lio_fail_listed(struct iscsit_session *sess);
enum lio_life lio_life_listed(struct iscsit_session *sess);
bool lio_arrives(const struct lio_arrival *arrival);
bool lio_departs(const struct se_session *se_sess);
void lio_departing(const struct se_session *se_sess, struct spt_identity *id);
void lio_departure(const struct se_session *se_sess,
		   struct spt_departure *departure);
int lio_hold(const struct spt_identity *id);
void lio_release(const struct spt_identity *id);
void lio_login_try(void);
bool lio_login_is_try(const struct se_portal_group *se_tpg);
const char *lio_login_target(const struct se_portal_group *se_tpg);
size_t lio_logins(const struct spt_names *names, const void **tpgs, size_t room);
int lio_login_await(const void *tpg, void (*between)(void *data), void *data);
bool lio_tpg_is_there(const void *tpg);
bool lio_tell_listed(struct iscsit_session *sess, u16 seconds);

#endif /* ISCSITGT_SPT_LIO_H */
