// SPDX-License-Identifier: GPL-2.0
/*
 * Ending a session, and keeping its TPG meanwhile.  Lifetimes and lock order are
 * told in scan.c.
 *
 * Waits: lio_hold() waits for the inode lock of configfs's root, uninterruptible,
 * without limit, ended by whoever has it.  So only the work in hold.c calls it.
 */
#include <linux/sched/signal.h>

#include "lio.h"
#include "target.h"

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

/*
 * ErrorRecoveryLevel 2 would keep the session for a new connection, unless LIO is
 * ending it.  To be done only as a connection is failed: from then on it shows as
 * lost by itself if nobody is known to have failed it.
 */
static void lio_keep_no_longer(struct iscsit_session *sess)
{
	if (sess->sess_ops->ErrorRecoveryLevel == 2 &&
	    !atomic_read(&sess->session_close))
		atomic_set(&sess->session_fall_back_to_erl0, 1);
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
 * Return: whether there was a connection that nothing else had failed before.
 */
bool lio_fail_listed(struct iscsit_session *sess)
{
	struct iscsit_conn *conn;
	bool failed = false;

	lockdep_assert_held(&sess->tpg->tpg_se_tpg.session_lock);
	spin_lock(&sess->conn_lock);
	/*
	 * Whoever closes a connection that is not the last would fail the others,
	 * under no lock that keeps the session: it may be gone by then, as all of
	 * its connections fail at once here.
	 */
	if (atomic_read(&sess->nconn) > 1)
		atomic_set(&sess->session_stop_active, 1);
	list_for_each_entry(conn, &sess->sess_conn_list, conn_list) {
		if (lio_conn_in_login(conn))
			continue;
		lio_keep_no_longer(sess);
		if (atomic_read(&conn->connection_reinstatement)) {
			lio_fail_conn_again(conn);
			continue;
		}
		failed |= !atomic_read(&conn->connection_exit) &&
			  !atomic_read(&conn->transport_failed);
		iscsit_cause_connection_reinstatement(conn, 0);
	}
	spin_unlock(&sess->conn_lock);
	return failed;
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
 * Context: process context, not from a configfs callback.  Waits, without being
 *	interruptible, for the inode lock of configfs's root.  It is held for
 *	moments, unless somebody removes the whole target tree, directory by
 *	directory, around an rmdir that hangs, or lists that directory into
 *	memory that is not there and takes long to come.
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
