// SPDX-License-Identifier: GPL-2.0
/*
 * Telling an initiator that its connection will be dropped.  Lifetimes and lock
 * order are told in scan.c.
 *
 * LIO knows how to send such an Async Message, and does so where a session at
 * ErrorRecoveryLevel 2 loses one of several connections.  What it says of the time
 * to wait is the session's DefaultTime2Wait when it is sent.
 *
 * Waits: none.  The message takes one of the tags that LIO has for each session.
 */
#include <linux/sched.h>
#include <scsi/iscsi_proto.h>

#include "lio.h"
#include "target.h"

/*
 * On iSER, LIO does not know how to send it, and fails the connection.  A session's
 * other connections are dropped together with its first one.
 */
static bool lio_may_tell(struct iscsit_conn *conn)
{
	lockdep_assert_held(&conn->state_lock);
	return conn->conn_state == TARG_CONN_STATE_LOGGED_IN &&
	       conn->conn_transport->transport_type != ISCSI_INFINIBAND &&
	       !atomic_read(&conn->connection_exit) &&
	       !atomic_read(&conn->transport_failed);
}

static bool lio_tell_conn(struct iscsit_conn *conn, u16 seconds)
{
	struct iscsit_cmd *cmd;

	/* With another state than this one, it would wait. */
	cmd = iscsit_allocate_cmd(conn, TASK_RUNNING);
	if (!cmd)
		return false;
	conn->sess->sess_ops->DefaultTime2Wait = seconds;
	cmd->logout_cid = conn->cid;
	cmd->iscsi_opcode = ISCSI_OP_ASYNC_EVENT;
	cmd->i_state = ISTATE_SEND_ASYNCMSG;
	/* Or it would be found as the initiator's own command with tag 0. */
	cmd->init_task_tag = RESERVED_ITT;
	spin_lock(&conn->cmd_lock);
	list_add_tail(&cmd->i_conn_node, &conn->conn_cmd_list);
	spin_unlock(&conn->cmd_lock);
	/* Where that fails, LIO lets go of it with the connection. */
	return !iscsit_queue_rsp(conn, cmd);
}

/**
 * lio_tell_listed - tell a session's initiator that its connection will be dropped
 * @sess: the session being visited
 * @seconds: how long it should wait before it logs in again
 *
 * An Async Message of event 2 (RFC 7143 section 11.9.1), once for each call.
 *
 * Context: inside &lio_visitor.session.  Takes conn_lock and what is below.
 * Return: whether it will be sent if the connection lives so long.
 */
bool lio_tell_listed(struct iscsit_session *sess, u16 seconds)
{
	struct iscsit_conn *conn;
	bool told = false;

	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
	if (lio_ending_listed(sess))
		return false;
	spin_lock(&sess->conn_lock);
	conn = lio_first_conn(sess);
	if (conn) {
		/* Under it LIO notes that it closes the connection, before it does. */
		spin_lock(&conn->state_lock);
		told = lio_may_tell(conn) && lio_tell_conn(conn, seconds);
		spin_unlock(&conn->state_lock);
	}
	spin_unlock(&sess->conn_lock);
	return told;
}
