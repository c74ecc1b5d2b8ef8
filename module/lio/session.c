// SPDX-License-Identifier: GPL-2.0
/*
 * What LIO knows of one session.  Lifetimes and lock order are told in scan.c.
 */
#include <linux/jiffies.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/sbitmap.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <scsi/iscsi_proto.h>

#include "../names.h"
#include "lio.h"
#include "target.h"

static_assert(ISCSITGT_SPT_NAME_LENGTH >= ISCSI_IQN_LEN);
static_assert(ISCSITGT_SPT_ACL_TAG_LENGTH >= MAX_ACL_TAG_SIZE);
static_assert(ISCSITGT_SPT_CHAP_USER_LENGTH >= MAX_USER_LEN);
static_assert((int)ISCSITGT_SPT_STATE_FREE == TARG_SESS_STATE_FREE);
static_assert((int)ISCSITGT_SPT_STATE_ACTIVE == TARG_SESS_STATE_ACTIVE);
static_assert((int)ISCSITGT_SPT_STATE_LOGGED_IN == TARG_SESS_STATE_LOGGED_IN);
static_assert((int)ISCSITGT_SPT_STATE_FAILED == TARG_SESS_STATE_FAILED);
static_assert((int)ISCSITGT_SPT_STATE_IN_CONTINUE ==
	      TARG_SESS_STATE_IN_CONTINUE);
static_assert((int)ISCSITGT_SPT_CONNECTION_FREE == TARG_CONN_STATE_FREE);
static_assert((int)ISCSITGT_SPT_CONNECTION_XPT_UP == TARG_CONN_STATE_XPT_UP);
static_assert((int)ISCSITGT_SPT_CONNECTION_IN_LOGIN ==
	      TARG_CONN_STATE_IN_LOGIN);
static_assert((int)ISCSITGT_SPT_CONNECTION_LOGGED_IN ==
	      TARG_CONN_STATE_LOGGED_IN);
static_assert((int)ISCSITGT_SPT_CONNECTION_IN_LOGOUT ==
	      TARG_CONN_STATE_IN_LOGOUT);
static_assert((int)ISCSITGT_SPT_CONNECTION_LOGOUT_REQUESTED ==
	      TARG_CONN_STATE_LOGOUT_REQUESTED);
static_assert((int)ISCSITGT_SPT_CONNECTION_CLEANUP_WAIT ==
	      TARG_CONN_STATE_CLEANUP_WAIT);

/* NULL when there is none or it may not be alive. */
static struct se_node_acl *lio_node_acl(struct iscsit_session *sess)
{
	if (sess->tpg->tpg_state != TPG_STATE_ACTIVE)
		return NULL;
	return sess->se_sess->se_node_acl;
}

/* LIO compares the name that an initiator sends with this one, and only so. */
static const char *lio_chap_user(struct iscsit_session *sess)
{
	struct se_node_acl *se_nacl = lio_node_acl(sess);

	if (strcmp(sess->auth_type, "CHAP") || !se_nacl)
		return "";
	if (se_nacl->dynamic_node_acl)
		return sess->tpg->tpg_demo_auth.userid;
	return to_iscsi_nacl(se_nacl)->node_auth.userid;
}

/*
 * Whoever sends InitiatorName twice has LIO keep the first one, but look for an ACL
 * by the last one: that is who was let in.  But for that, the first one tells more,
 * as LIO folds the other.
 */
static const char *lio_initiator(struct iscsit_session *sess)
{
	struct se_node_acl *se_nacl = lio_node_acl(sess);

	if (!se_nacl || spt_name_equal(se_nacl->initiatorname,
				       sess->sess_ops->InitiatorName))
		return sess->sess_ops->InitiatorName;
	return se_nacl->initiatorname;
}

/* What needs no connection.  The caller has found @sess alive. */
void lio_facts(struct iscsit_session *sess, struct spt_facts *facts)
{
	facts->tpgt = sess->tpg->tpgt;
	strscpy_pad(facts->initiator, lio_initiator(sess),
		    sizeof(facts->initiator));
	strscpy_pad(facts->target, sess->tpg->tpg_tiqn->tiqn,
		    sizeof(facts->target));
	strscpy_pad(facts->chap_user, lio_chap_user(sess),
		    sizeof(facts->chap_user));
	memset(facts->peer, 0, sizeof(facts->peer));
}

/**
 * lio_facts_listed - what does not change of a session
 * @sess: the session being visited
 * @facts: filled in but for the login time
 *
 * Context: inside &lio_visitor.session.  Takes conn_lock.
 */
void lio_facts_listed(struct iscsit_session *sess, struct spt_facts *facts)
{
	struct iscsit_conn *conn;

	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
	lio_facts(sess, facts);
	spin_lock(&sess->conn_lock);
	conn = lio_first_conn(sess);
	if (conn)
		snprintf(facts->peer, sizeof(facts->peer), "%pISc",
			 &conn->login_sockaddr);
	spin_unlock(&sess->conn_lock);
}

/*
 * LIO notes what it closes a session for in flags, before it does:
 * session_close for a logout of the session; session_close and
 * session_fall_back_to_erl0 for a reinstatement and for whatever an admin does;
 * session_fall_back_to_erl0 for a failed connection.  iscsit_close_session()
 * sets session_logout and session_reinstatement always, so these tell nothing.
 */
static enum iscsitgt_spt_end_cause lio_cause_closed(struct iscsit_session *sess)
{
	struct se_node_acl *se_nacl = lio_node_acl(sess);

	if (!atomic_read(&sess->session_fall_back_to_erl0))
		return ISCSITGT_SPT_END_LOGOUT;
	/* LIO takes a session off its list only to disable or remove the TPG. */
	if (list_empty(&sess->se_sess->sess_list))
		return ISCSITGT_SPT_END_REMOVED;
	/* An ACL leaves the TPG's list before its sessions are closed. */
	if (!se_nacl || list_empty(&se_nacl->acl_list))
		return ISCSITGT_SPT_END_REMOVED;
	return ISCSITGT_SPT_END_REINSTATED;
}

/* Why LIO is ending the session, which the caller has found alive. */
enum iscsitgt_spt_end_cause lio_cause(struct iscsit_session *sess)
{
	if (atomic_read(&sess->session_close))
		return lio_cause_closed(sess);
	if (atomic_read(&sess->session_fall_back_to_erl0))
		return ISCSITGT_SPT_END_CONNECTION_LOST;
	/*
	 * Time2Retain runs for a session whose last connection was logged out,
	 * and at level 2 also for one that lost it.
	 */
	if (sess->time2retain_timer_flags & ISCSI_TF_EXPIRED &&
	    sess->sess_ops->ErrorRecoveryLevel < 2)
		return ISCSITGT_SPT_END_LOGOUT;
	return ISCSITGT_SPT_END_UNKNOWN;
}

/**
 * lio_cause_listed - why LIO is ending a session
 * @sess: the session being visited
 *
 * Context: inside &lio_visitor.session.
 * Return: the cause, UNKNOWN for a session that LIO is not ending.
 */
enum iscsitgt_spt_end_cause lio_cause_listed(struct iscsit_session *sess)
{
	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
	return lio_cause(sess);
}

static bool lio_is_ending(struct iscsit_session *sess)
{
	struct iscsit_conn *conn;

	lockdep_assert_held(&sess->conn_lock);
	if (atomic_read(&sess->session_fall_back_to_erl0) ||
	    atomic_read(&sess->session_logout) ||
	    atomic_read(&sess->session_close) ||
	    (sess->time2retain_timer_flags & ISCSI_TF_EXPIRED))
		return true;
	/* Level 2 keeps the session for a new connection. */
	if (sess->sess_ops->ErrorRecoveryLevel == 2)
		return false;
	/*
	 * A connection that has failed waits for its commands before LIO notes
	 * that the session goes with it.
	 */
	list_for_each_entry(conn, &sess->sess_conn_list, conn_list) {
		if (conn->conn_state == TARG_CONN_STATE_CLEANUP_WAIT)
			return true;
	}
	return false;
}

/**
 * lio_ending_listed - is somebody ending the session?
 * @sess: the session being visited
 *
 * Context: inside &lio_visitor.session.  Takes conn_lock.
 * Return: whether LIO is ending it, for whatever reason.
 */
bool lio_ending_listed(struct iscsit_session *sess)
{
	bool ending;

	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
	spin_lock(&sess->conn_lock);
	ending = lio_is_ending(sess);
	spin_unlock(&sess->conn_lock);
	return ending;
}

/**
 * lio_life_listed - what is there that would end a session?
 * @sess: the session being visited
 *
 * Context: inside &lio_visitor.session.
 * Return: see &enum lio_life.
 */
enum lio_life lio_life_listed(struct iscsit_session *sess)
{
	if (atomic_read(&sess->nconn))
		return LIO_CONNECTED;
	return timer_pending(&sess->time2retain_timer) ? LIO_RETAINED :
							 LIO_STRANDED;
}

/* Seconds, rounded up; a timer that fires just now has one left. */
static u32 lio_time2retain_left(struct iscsit_session *sess)
{
	unsigned long now = jiffies, end;

	lockdep_assert_held(&sess->conn_lock);
	if (!timer_pending(&sess->time2retain_timer))
		return 0;
	end = sess->time2retain_timer.expires;
	return time_after(end, now) ? DIV_ROUND_UP(end - now, HZ) : 1;
}

/*
 * LIO keeps what is answered until its initiator acknowledges that, and its own
 * pings until they are answered.
 */
static bool lio_is_answered(struct iscsit_cmd *cmd)
{
	u8 state = READ_ONCE(cmd->i_state);

	return state == ISTATE_SENT_STATUS ||
	       state == ISTATE_SENT_NOPIN_WANT_RESPONSE;
}

static u32 lio_answered(struct iscsit_conn *conn)
{
	struct iscsit_cmd *cmd;
	u32 answered = 0;

	spin_lock(&conn->cmd_lock);
	list_for_each_entry(cmd, &conn->conn_cmd_list, i_conn_node)
		answered += lio_is_answered(cmd);
	spin_unlock(&conn->cmd_lock);
	return answered;
}

static void lio_connections(struct iscsit_session *sess,
			    struct iscsitgt_spt_session_info *info)
{
	struct iscsit_conn *conn;
	u32 answered = 0;
	size_t i = 0;

	lockdep_assert_held(&sess->conn_lock);
	info->connections = atomic_read(&sess->nconn);
	list_for_each_entry(conn, &sess->sess_conn_list, conn_list) {
		answered += lio_answered(conn);
		if (i < ARRAY_SIZE(info->connection_states))
			info->connection_states[i++] = conn->conn_state;
	}
	/* Each has a tag until LIO lets go of it; they come and go meanwhile. */
	info->commands = sbitmap_weight(&sess->se_sess->sess_tag_pool.sb);
	info->commands -= min(info->commands, answered);
}

/**
 * lio_info_listed - what changes of a session
 * @sess: the session being visited
 * @info: filled in, but for what spt_record_info() knows
 *
 * Context: inside &lio_visitor.session.  Takes conn_lock and each cmd_lock.
 */
void lio_info_listed(struct iscsit_session *sess,
		     struct iscsitgt_spt_session_info *info)
{
	struct se_node_acl *se_nacl = lio_node_acl(sess);
	struct iscsit_conn *conn;

	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
	info->state = sess->session_state;
	info->error_recovery_level = sess->sess_ops->ErrorRecoveryLevel;
	info->time2retain = sess->sess_ops->DefaultTime2Retain;
	info->command_pdus = atomic_long_read(&sess->cmd_pdus);
	info->response_pdus = atomic_long_read(&sess->rsp_pdus);
	info->rx_bytes = atomic_long_read(&sess->rx_data_octets);
	info->tx_bytes = atomic_long_read(&sess->tx_data_octets);

	if (sess->sess_ops->SessionType)
		info->flags |= ISCSITGT_SPT_FLAG_DISCOVERY;
	if (se_nacl) {
		if (se_nacl->dynamic_node_acl)
			info->flags |= ISCSITGT_SPT_FLAG_DEMO_ACL;
		strscpy(info->acl_tag, se_nacl->acl_tag,
			sizeof(info->acl_tag));
	}

	spin_lock(&sess->conn_lock);
	if (lio_is_ending(sess))
		info->flags |= ISCSITGT_SPT_FLAG_ENDING;
	info->time2retain_left = lio_time2retain_left(sess);
	lio_connections(sess, info);
	conn = lio_first_conn(sess);
	if (conn) {
		if (conn->conn_transport->transport_type == ISCSI_INFINIBAND)
			info->flags |= ISCSITGT_SPT_FLAG_ISER;
		snprintf(info->peer_address, sizeof(info->peer_address),
			 "%pISpc", &conn->login_sockaddr);
		snprintf(info->portal_address, sizeof(info->portal_address),
			 "%pISpc", &conn->local_sockaddr);
	}
	spin_unlock(&sess->conn_lock);
}
