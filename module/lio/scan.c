// SPDX-License-Identifier: GPL-2.0
/*
 * LIO's sessions: how to reach them and how to tell that one has left.
 *
 * Lock order, all of it LIO's own: se_port_lock of the LUN 0 device ->
 * session_lock of a TPG -> conn_lock of a session -> conn_usage_lock,
 * state_lock or cmd_lock of a connection.  The caller's map lock may be taken under
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
 *
 * Waits: lio_init() for memory, and for an RCU grace period as its TPG goes, both
 * ended by the kernel.  A scan spins only, for LIO's short sections.
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lio.h"
#include "target.h"

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

/* The caller has found @sess alive. */
void lio_identify(struct iscsit_session *sess, struct spt_identity *id)
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

static void lio_visit(struct lio_visitor *visitor, struct se_session *se_sess)
{
	struct iscsit_session *sess = se_sess->fabric_sess_ptr;
	struct spt_identity id;

	lio_identify(sess, &id);
	visitor->session(visitor, &id, sess);
}

static void lio_view(struct lio_visitor *visitor, struct iscsi_portal_group *tpg,
		     u32 listed)
{
	const struct lio_tpg_view view = {
		.tpg		= &tpg->tpg_se_tpg,
		.target		= tpg->tpg_tiqn->tiqn,
		.unlisted	= lio_unlisted(tpg, listed),
		.count		= tpg->nsessions - listed,
	};

	visitor->tpg(visitor, &view);
}

static void lio_visit_wanted(struct lio_visitor *visitor,
			     struct iscsi_portal_group *tpg)
{
	struct se_portal_group *se_tpg = &tpg->tpg_se_tpg;
	struct se_session *se_sess;
	u32 listed = 0;

	lockdep_assert_held(&se_tpg->session_lock);
	list_for_each_entry(se_sess, &se_tpg->tpg_sess_list, sess_list) {
		listed++;
		if (!visitor->wants ||
		    visitor->wants(visitor, se_sess->fabric_sess_ptr))
			lio_visit(visitor, se_sess);
	}
	lio_view(visitor, tpg, listed);
}

static void lio_scan_tpg(struct iscsi_portal_group *tpg, void *data)
{
	struct se_portal_group *se_tpg = &tpg->tpg_se_tpg;

	spin_lock_bh(&se_tpg->session_lock);
	lio_visit_wanted(data, tpg);
	spin_unlock_bh(&se_tpg->session_lock);
}

static bool lio_is_only(const struct lio_visitor *visitor,
			struct iscsit_session *sess)
{
	struct spt_identity id;

	if (sess != visitor->only->session)
		return false;
	lio_identify(sess, &id);
	return spt_identity_equal(&id, visitor->only);
}

/* Where it is found, nobody asks what is not listed. */
static void lio_scan_only(struct iscsi_portal_group *tpg, void *data)
{
	struct se_portal_group *se_tpg = &tpg->tpg_se_tpg;
	struct lio_visitor *visitor = data;
	struct se_session *se_sess;
	u32 listed = 0;

	spin_lock_bh(&se_tpg->session_lock);
	list_for_each_entry(se_sess, &se_tpg->tpg_sess_list, sess_list) {
		listed++;
		if (lio_is_only(visitor, se_sess->fabric_sess_ptr)) {
			lio_visit(visitor, se_sess);
			goto unlock;
		}
	}
	lio_view(visitor, tpg, listed);
unlock:
	spin_unlock_bh(&se_tpg->session_lock);
}

/*
 * LIO lists a new one last.  So whatever is listed before one that a scan has found
 * was there then, and the scan has found it too.
 */
static void lio_visit_new(struct lio_glance *glance, struct se_portal_group *se_tpg)
{
	struct se_session *se_sess;
	struct spt_identity id;

	lockdep_assert_held(&se_tpg->session_lock);
	list_for_each_entry_reverse(se_sess, &se_tpg->tpg_sess_list, sess_list) {
		lio_identify(se_sess->fabric_sess_ptr, &id);
		if (glance->knows(glance, &id))
			break;
	}
	list_for_each_entry_continue(se_sess, &se_tpg->tpg_sess_list, sess_list)
		lio_visit(&glance->visitor, se_sess);
}

static void lio_glance_tpg(struct iscsi_portal_group *tpg, void *data)
{
	struct se_portal_group *se_tpg = &tpg->tpg_se_tpg;
	struct lio_glance *glance = data;

	spin_lock_bh(&se_tpg->session_lock);
	lio_visit_new(glance, se_tpg);
	if (glance->cares(glance, se_tpg))
		lio_visit_wanted(&glance->visitor, tpg);
	spin_unlock_bh(&se_tpg->session_lock);
}

/**
 * lio_tpgs - visit iSCSI TPGs
 * @only: address of the one to visit, if it is there; NULL: all
 * @visit: called for each, under se_port_lock; @tpg is valid during the call only
 * @data: its argument
 *
 * The TPG of discovery sessions is not among them: it is LIO's own and linked
 * nowhere.
 *
 * Context: process context.  Takes se_port_lock.
 */
void lio_tpgs(const void *only,
	      void (*visit)(struct iscsi_portal_group *tpg, void *data),
	      void *data)
{
	struct se_lun *lun;

	spin_lock(&lio_lun0_dev->se_port_lock);
	list_for_each_entry(lun, &lio_lun0_dev->dev_sep_list, lun_dev_link) {
		if (only && lun->lun_tpg != only)
			continue;
		if (!strcmp(lun->lun_tpg->se_tpg_tfo->fabric_name, "iSCSI"))
			visit(to_iscsi_tpg(lun->lun_tpg), data);
		if (only)
			break;
	}
	spin_unlock(&lio_lun0_dev->se_port_lock);
}

/**
 * lio_scan - visit the sessions of iSCSI TPGs
 * @visitor: told of each
 *
 * Discovery sessions are not among them, as of lio_tpgs().  A TPG that is not
 * visited is not there any more.
 *
 * Context: process context.  Takes se_port_lock and each session_lock.
 */
void lio_scan(struct lio_visitor *visitor)
{
	if (visitor->only)
		lio_tpgs(visitor->only->tpg, lio_scan_only, visitor);
	else
		lio_tpgs(NULL, lio_scan_tpg, visitor);
}

/**
 * lio_glance - visit sessions that are new, and such as are wanted
 * @glance: asked and told
 *
 * Of each TPG that nobody cares for, this looks at the last session only.
 *
 * Context: process context.  Takes se_port_lock and each session_lock.
 */
void lio_glance(struct lio_glance *glance)
{
	lio_tpgs(NULL, lio_glance_tpg, glance);
}
