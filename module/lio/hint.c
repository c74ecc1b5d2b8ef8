// SPDX-License-Identifier: GPL-2.0
/*
 * What is to be seen of a session at the entry of the two functions by which LIO
 * registers and deregisters it.
 *
 * These run in a probe's handler: any context, no lock may be taken, nothing
 * allocated.  Lifetimes: LIO's caller passes a session that it owns, and goes on
 * to use the session, its TPG and its node ACL, of which the session has a
 * reference, after the probed function returns.  An rmdir of a TPG that overtakes
 * the closing of a session frees TPG and ACL too early: that is LIO's fault, and
 * what follows the probe takes a lock in the same freed memory.
 */
#include <linux/string.h>

#include "lio.h"
#include "target.h"

/* Discovery sessions are not among those that a scan finds. */
static bool lio_is_normal(const struct se_portal_group *se_tpg,
			  const struct iscsit_session *sess)
{
	return !strcmp(se_tpg->se_tpg_tfo->fabric_name, "iSCSI") &&
	       !sess->sess_ops->SessionType;
}

/**
 * lio_arrives - is it a session that a scan will find?
 * @arrival: the function's arguments
 *
 * Context: at the entry of LIO_ARRIVAL_SYMBOL, under session_lock, which is not
 *	released before the session is on the list and complete.
 * Return: whether it is.
 */
bool lio_arrives(const struct lio_arrival *arrival)
{
	return lio_is_normal(arrival->se_tpg, arrival->sess);
}

/**
 * lio_departs - is it a session that a scan may have found?
 * @se_sess: the function's argument
 *
 * Context: at the entry of LIO_DEPARTURE_SYMBOL.
 * Return: whether it is; a session that never was registered has no TPG.
 */
bool lio_departs(const struct se_session *se_sess)
{
	return se_sess->se_tpg && se_sess->fabric_sess_ptr &&
	       lio_is_normal(se_sess->se_tpg, se_sess->fabric_sess_ptr);
}

/**
 * lio_departing - which session leaves
 * @se_sess: one that lio_departs()
 * @id: set
 *
 * Context: at the entry of LIO_DEPARTURE_SYMBOL.
 */
void lio_departing(const struct se_session *se_sess, struct spt_identity *id)
{
	lio_identify(se_sess->fabric_sess_ptr, id);
}

/**
 * lio_departure - what is to be remembered of a session that leaves
 * @se_sess: one that lio_departs()
 * @departure: filled in but for the login time; without the peer, as the
 *	connections are gone
 *
 * Context: at the entry of LIO_DEPARTURE_SYMBOL.
 */
void lio_departure(const struct se_session *se_sess,
		   struct spt_departure *departure)
{
	struct iscsit_session *sess = se_sess->fabric_sess_ptr;

	lio_identify(sess, &departure->id);
	lio_facts(sess, &departure->facts);
	departure->cause = lio_cause(sess);
}
