// SPDX-License-Identifier: GPL-2.0
/*
 * The only file that talks to LIO.
 *
 * Lock order, all of it LIO's own: se_port_lock of the LUN 0 device ->
 * session_lock of a TPG -> conn_lock of a session -> conn_usage_lock or
 * state_lock of a connection.  The caller's map lock may be taken under
 * session_lock.
 *
 * Lifetimes.  A TPG is linked to the LUN 0 device by its virtual LUN 0 from
 * core_tpg_register() to core_tpg_deregister(), and LIO unlinks it under
 * se_port_lock before it frees it: under that lock every TPG found is alive.
 * A session is on tpg_sess_list from registration until LIO unlinks it under
 * session_lock, before it frees anything of it: under that lock every session
 * found is alive; so is every connection on sess_conn_list, under conn_lock.
 * Its node ACL is alive too, unless the TPG is being removed; LIO makes the
 * TPG inactive before it takes session_lock for that.  No pointer is kept or
 * followed after its lock.
 *
 * The end of a session.  LIO counts a TPG's sessions in nsessions, up in the
 * same hold of session_lock that lists the session, down as the last thing that
 * it does to the TPG for it.  So when nsessions equals the length of the list,
 * each session that is not listed has been deregistered and its closer is done
 * with the TPG.  When it is more, some are on their way there, or on the private
 * list of iscsit_release_sessions_for_tpg(), or LIO has lost one: a session that
 * waits for Time2Retain when its TPG is disabled is never closed.  The private
 * list has sessions only while the TPG is being disabled, which holds
 * tpg_access_lock, or removed; both make the TPG inactive before they take
 * session_lock.
 */
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <scsi/iscsi_proto.h>
#include <target/target_core_base.h>
#include <target/target_core_fabric.h>
#include <target/iscsi/iscsi_target_core.h>
#include <target/iscsi/iscsi_transport.h>

#include "lio.h"

static_assert(ISCSITGT_SPT_NAME_LENGTH >= ISCSI_IQN_LEN);
static_assert(ISCSITGT_SPT_ACL_TAG_LENGTH >= MAX_ACL_TAG_SIZE);
static_assert(ISCSITGT_SPT_CHAP_USER_LENGTH >= MAX_USER_LEN);
static_assert((int)ISCSITGT_SPT_STATE_FREE == TARG_SESS_STATE_FREE);
static_assert((int)ISCSITGT_SPT_STATE_ACTIVE == TARG_SESS_STATE_ACTIVE);
static_assert((int)ISCSITGT_SPT_STATE_LOGGED_IN == TARG_SESS_STATE_LOGGED_IN);
static_assert((int)ISCSITGT_SPT_STATE_FAILED == TARG_SESS_STATE_FAILED);
static_assert((int)ISCSITGT_SPT_STATE_IN_CONTINUE ==
	      TARG_SESS_STATE_IN_CONTINUE);

/* target_core_mod's own; lives as long as that module, which we pin. */
static struct se_device *lio_lun0_dev;

static char *lio_probe_get_wwn(struct se_portal_group *se_tpg)
{
	return KBUILD_MODNAME;
}

static u16 lio_probe_get_tag(struct se_portal_group *se_tpg)
{
	return 0;
}

static const struct target_core_fabric_ops lio_probe_ops = {
	.fabric_name	= KBUILD_MODNAME,
	.tpg_get_wwn	= lio_probe_get_wwn,
	.tpg_get_tag	= lio_probe_get_tag,
};

/**
 * lio_init - find the device that links every TPG
 *
 * No exported symbol leads to it, but LIO gives it to each TPG as virtual LUN
 * 0.  A short-lived TPG of our own, in nobody's configuration, is shown it too.
 *
 * Context: process context, may sleep.
 * Return: 0 or a negative errno.
 */
int lio_init(void)
{
	const int proto_id = 0x7f; /* no protocol's; negative gets no LUN 0 */
	struct se_portal_group *se_tpg;
	int ret;

	se_tpg = kzalloc(sizeof(*se_tpg), GFP_KERNEL);
	if (!se_tpg)
		return -ENOMEM;
	se_tpg->se_tpg_tfo = &lio_probe_ops;
	ret = core_tpg_register(NULL, se_tpg, proto_id);
	if (ret)
		goto free;
	lio_lun0_dev = rcu_access_pointer(se_tpg->tpg_virt_lun0->lun_se_dev);
	core_tpg_deregister(se_tpg);
	if (!lio_lun0_dev)
		ret = -ENODEV;
free:
	kfree(se_tpg);
	return ret;
}

static void lio_identify(struct iscsit_session *sess, struct spt_identity *id)
{
	id->tpg = &sess->tpg->tpg_se_tpg;
	id->session = sess;
	id->created = sess->creation_time;
	id->sid = sess->sid;
	id->tsih = sess->tsih;
	memcpy(id->isid, sess->isid, sizeof(id->isid));
}

static enum lio_unlisted lio_unlisted(struct iscsi_portal_group *tpg,
				      u32 listed)
{
	lockdep_assert_held(&tpg->tpg_se_tpg.session_lock);
	if (listed == tpg->nsessions)
		return LIO_UNLISTED_GONE;
	if (tpg->tpg_state == TPG_STATE_ACTIVE)
		return LIO_UNLISTED_QUIET;
	return mutex_is_locked(&tpg->tpg_access_lock) ? LIO_UNLISTED_CLOSING :
							LIO_UNLISTED_INACTIVE;
}

static void lio_scan_tpg(struct se_portal_group *se_tpg,
			 struct lio_visitor *visitor)
{
	const void *only = visitor->only ? visitor->only->session : NULL;
	struct iscsi_portal_group *tpg = to_iscsi_tpg(se_tpg);
	struct se_session *se_sess;
	struct spt_identity id;
	u32 listed = 0;

	spin_lock_bh(&se_tpg->session_lock);
	list_for_each_entry(se_sess, &se_tpg->tpg_sess_list, sess_list) {
		struct iscsit_session *sess = se_sess->fabric_sess_ptr;

		listed++;
		if (only && sess != only)
			continue;
		lio_identify(sess, &id);
		if (!only || spt_identity_equal(&id, visitor->only))
			visitor->session(visitor, &id, sess);
	}
	visitor->tpg(visitor, se_tpg, lio_unlisted(tpg, listed));
	spin_unlock_bh(&se_tpg->session_lock);
}

/**
 * lio_scan - visit the sessions of iSCSI TPGs
 * @visitor: told of each
 *
 * Discovery sessions are not among them: their TPG is LIO's own and linked
 * nowhere.  A TPG that is not visited is not there any more.
 *
 * Context: process context.  Takes se_port_lock and each session_lock.
 */
void lio_scan(struct lio_visitor *visitor)
{
	struct se_lun *lun;

	spin_lock(&lio_lun0_dev->se_port_lock);
	list_for_each_entry(lun, &lio_lun0_dev->dev_sep_list, lun_dev_link) {
		if (visitor->only && lun->lun_tpg != visitor->only->tpg)
			continue;
		if (!strcmp(lun->lun_tpg->se_tpg_tfo->fabric_name, "iSCSI"))
			lio_scan_tpg(lun->lun_tpg, visitor);
	}
	spin_unlock(&lio_lun0_dev->se_port_lock);
}

static struct iscsit_conn *lio_first_conn(struct iscsit_session *sess)
{
	lockdep_assert_held(&sess->conn_lock);
	return list_first_entry_or_null(&sess->sess_conn_list,
					struct iscsit_conn, conn_list);
}

/* NULL when there is none or it may not be alive. */
static struct se_node_acl *lio_node_acl(struct iscsit_session *sess)
{
	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
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

	facts->tpgt = sess->tpg->tpgt;
	strscpy_pad(facts->initiator, sess->sess_ops->InitiatorName,
		    sizeof(facts->initiator));
	strscpy_pad(facts->target, sess->tpg->tpg_tiqn->tiqn,
		    sizeof(facts->target));
	strscpy_pad(facts->chap_user, lio_chap_user(sess),
		    sizeof(facts->chap_user));

	memset(facts->peer, 0, sizeof(facts->peer));
	spin_lock(&sess->conn_lock);
	conn = lio_first_conn(sess);
	if (conn)
		snprintf(facts->peer, sizeof(facts->peer), "%pISc",
			 &conn->login_sockaddr);
	spin_unlock(&sess->conn_lock);
}

static bool lio_is_ending(struct iscsit_session *sess)
{
	return atomic_read(&sess->session_fall_back_to_erl0) ||
	       atomic_read(&sess->session_logout) ||
	       atomic_read(&sess->session_close) ||
	       (sess->time2retain_timer_flags & ISCSI_TF_EXPIRED);
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

/**
 * lio_info_listed - what changes of a session
 * @sess: the session being visited
 * @info: filled in, but for what spt_record_info() knows
 *
 * Context: inside &lio_visitor.session.  Takes conn_lock.
 */
void lio_info_listed(struct iscsit_session *sess,
		     struct iscsitgt_spt_session_info *info)
{
	struct se_node_acl *se_nacl = lio_node_acl(sess);
	struct iscsit_conn *conn;

	info->state = sess->session_state;
	info->error_recovery_level = sess->sess_ops->ErrorRecoveryLevel;
	info->time2retain = sess->sess_ops->DefaultTime2Retain;
	info->command_pdus = atomic_long_read(&sess->cmd_pdus);
	info->response_pdus = atomic_long_read(&sess->rsp_pdus);
	info->rx_bytes = atomic_long_read(&sess->rx_data_octets);
	info->tx_bytes = atomic_long_read(&sess->tx_data_octets);

	if (sess->sess_ops->SessionType)
		info->flags |= ISCSITGT_SPT_FLAG_DISCOVERY;
	if (lio_is_ending(sess))
		info->flags |= ISCSITGT_SPT_FLAG_ENDING;
	if (se_nacl) {
		if (se_nacl->dynamic_node_acl)
			info->flags |= ISCSITGT_SPT_FLAG_DEMO_ACL;
		strscpy(info->acl_tag, se_nacl->acl_tag,
			sizeof(info->acl_tag));
	}

	spin_lock(&sess->conn_lock);
	info->connections = atomic_read(&sess->nconn);
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

/* Is the login thread still setting up the connection's timers? */
static bool lio_conn_in_login(struct iscsit_conn *conn)
{
	bool used;

	if (conn->conn_state != TARG_CONN_STATE_LOGGED_IN)
		return false;
	spin_lock(&conn->conn_usage_lock);
	used = conn->conn_usage_count;
	spin_unlock(&conn->conn_usage_lock);
	return used;
}

/*
 * A thread that has not run yet drops the signal that LIO sends it, and LIO
 * sends no second one.
 */
static void lio_fail_conn_again(struct iscsit_conn *conn)
{
	spin_lock(&conn->state_lock);
	if (!atomic_read(&conn->connection_exit) &&
	    !atomic_read(&conn->transport_failed)) {
		if (conn->tx_thread && conn->tx_thread_active)
			send_sig(SIGINT, conn->tx_thread, 1);
		if (conn->rx_thread && conn->rx_thread_active)
			send_sig(SIGINT, conn->rx_thread, 1);
	}
	spin_unlock(&conn->state_lock);
}

/**
 * lio_fail_listed - fail every connection of a session
 * @sess: the session being visited
 *
 * Does what isert and a failed socket do: tells the connections' threads,
 * which then close the session.  Does not wait; to be repeated until the
 * session is gone, as a connection that is still logging in is left out.
 * Without a connection it does nothing: such a session ends by Time2Retain, and
 * whoever took that from LIO would leak it.
 *
 * Context: inside &lio_visitor.session.  Takes conn_lock and what is below.
 */
void lio_fail_listed(struct iscsit_session *sess)
{
	struct iscsit_conn *conn;

	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
	spin_lock(&sess->conn_lock);
	/* ErrorRecoveryLevel 2 would keep the session for a new connection. */
	if (sess->sess_ops->ErrorRecoveryLevel == 2 && lio_first_conn(sess))
		atomic_set(&sess->session_fall_back_to_erl0, 1);
	list_for_each_entry(conn, &sess->sess_conn_list, conn_list) {
		if (lio_conn_in_login(conn))
			continue;
		if (atomic_read(&conn->connection_reinstatement))
			lio_fail_conn_again(conn);
		else
			iscsit_cause_connection_reinstatement(conn, 0);
	}
	spin_unlock(&sess->conn_lock);
}

static struct config_item *lio_tpg_item(const struct spt_identity *id)
{
	const struct se_portal_group *se_tpg = id->tpg;

	return (struct config_item *)&se_tpg->tpg_group.cg_item;
}

/**
 * lio_hold - keep the session's TPG from being removed
 * @id: any identity, stale ones included
 *
 * rmdir of the TPG fails with EBUSY until lio_release().  configfs compares
 * the address with what it has and follows it only when it is there, so a
 * stale one is safe.
 *
 * Context: process context, not from a configfs callback.  Waits for the inode
 *	lock of configfs's root, which is held for moments, unless somebody
 *	removes the whole target tree, directory by directory, around an rmdir
 *	that hangs.
 * Return: 0, or -ENOENT when the TPG is gone or being removed, or another
 *	negative errno.
 */
int lio_hold(const struct spt_identity *id)
{
	return target_depend_item(lio_tpg_item(id));
}

/**
 * lio_release - undo one lio_hold()
 * @id: the identity that was held
 *
 * Context: any but interrupt.  Takes a spinlock of configfs.
 */
void lio_release(const struct spt_identity *id)
{
	target_undepend_item(lio_tpg_item(id));
}
