// SPDX-License-Identifier: GPL-2.0
/*
 * Logins that are under way.
 *
 * LIO decides in LIO_LOGIN_SYMBOL whether an initiator may come in, in the thread
 * of the login or of its portal, and holds np_login_sem of the TPG from before that
 * until the session is registered or the login has failed.
 *
 * Lifetimes: as in scan.c, under se_port_lock.  Whoever waits for a semaphore does
 * so with the TPG held by lio_hold(), which keeps it from being removed.  In the
 * probe, the caller's login keeps TPG and target.
 *
 * Waits: lio_login_await() waits for a login, interruptible, ended by the login, and
 * by those that are before us in the queue, of which there is one for each portal of
 * the TPG.  LIO gives an initiator that says nothing 15 seconds by default, 6.1 only
 * until its first request has come; and a login that replaces a session waits in LIO
 * for that session to end, without limit where a backend hangs.
 */
#include <linux/errno.h>
#include <linux/semaphore.h>
#include <linux/string.h>

#include "../names.h"
#include "lio.h"
#include "target.h"

/*
 * A TPG that nobody can log in to, of no fabric that does, and linked nowhere: to
 * see what becomes of a login.
 */
static int lio_canary_closed(struct se_portal_group *se_tpg)
{
	return 0;
}

static const struct target_core_fabric_ops lio_canary_ops = {
	.fabric_name		= KBUILD_MODNAME,
	.tpg_check_demo_mode	= lio_canary_closed,
};

static struct se_portal_group lio_canary = {
	.se_tpg_tfo	= &lio_canary_ops,
	.acl_node_mutex	= __MUTEX_INITIALIZER(lio_canary.acl_node_mutex),
	.acl_node_list	= LIST_HEAD_INIT(lio_canary.acl_node_list),
};

/**
 * lio_login_try - have LIO_LOGIN_SYMBOL called for nobody
 *
 * Without a redirection LIO finds that there is no ACL.
 *
 * Context: process context, may sleep.
 */
void lio_login_try(void)
{
	static unsigned char nobody[] = "";

	core_tpg_check_initiator_node_acl(&lio_canary, nobody);
}

/**
 * lio_login_is_try - is it a call by lio_login_try()?
 * @se_tpg: first argument of LIO_LOGIN_SYMBOL
 *
 * Context: any.
 * Return: whether it is.
 */
bool lio_login_is_try(const struct se_portal_group *se_tpg)
{
	return se_tpg == &lio_canary;
}

/**
 * lio_login_target - where somebody wants to log in
 * @se_tpg: first argument of LIO_LOGIN_SYMBOL
 *
 * Context: at its entry, or in its place.
 * Return: the target's iSCSI name, NULL if it is none of iSCSI.
 */
const char *lio_login_target(const struct se_portal_group *se_tpg)
{
	if (strcmp(se_tpg->se_tpg_tfo->fabric_name, "iSCSI"))
		return NULL;
	return container_of(se_tpg, struct iscsi_portal_group,
			    tpg_se_tpg)->tpg_tiqn->tiqn;
}

/* Is somebody logging in?  Who begins after that has not got past us before. */
static bool lio_login_is_busy(struct iscsi_portal_group *tpg)
{
	if (down_trylock(&tpg->np_login_sem))
		return true;
	up(&tpg->np_login_sem);
	return false;
}

struct lio_logins {
	const struct spt_names *names;
	const void **tpgs;
	size_t room;
	size_t count;
};

static void lio_logins_tpg(struct iscsi_portal_group *tpg, void *data)
{
	struct lio_logins *logins = data;
	const char *target = logins->names->target;

	if (*target && !spt_name_equal(target, tpg->tpg_tiqn->tiqn))
		return;
	if (!lio_login_is_busy(tpg))
		return;
	if (logins->count < logins->room)
		logins->tpgs[logins->count] = &tpg->tpg_se_tpg;
	logins->count++;
}

/**
 * lio_logins - which TPGs have a login under way?
 * @names: of which target; every one if that is empty
 * @tpgs: set to their addresses, to be compared, as &spt_identity.tpg
 * @room: in @tpgs
 *
 * Context: process context.  Takes se_port_lock.
 * Return: how many there are, also if that is more than @room.
 */
size_t lio_logins(const struct spt_names *names, const void **tpgs, size_t room)
{
	struct lio_logins logins = {
		.names	= names,
		.tpgs	= tpgs,
		.room	= room,
	};

	lio_tpgs(NULL, lio_logins_tpg, &logins);
	return logins.count;
}

static void lio_login_found(struct iscsi_portal_group *tpg, void *data)
{
	*(struct iscsi_portal_group **)data = tpg;
}

/**
 * lio_tpg_is_there - is there an iSCSI TPG at an address?
 * @tpg: any
 *
 * Context: process context.  Takes se_port_lock.
 * Return: whether there is.
 */
bool lio_tpg_is_there(const void *tpg)
{
	struct iscsi_portal_group *found = NULL;

	lio_tpgs(tpg, lio_login_found, &found);
	return found;
}

/**
 * lio_login_await - wait until logins are over that are under way in a TPG
 * @tpg: its address, held by lio_hold() if it is there
 * @between: called when those are over and none has begun since, with
 *	np_login_sem held; not if there is no such TPG
 * @data: its argument
 *
 * Context: process context, may sleep.
 * Return: 0, also if there is no such TPG, or -EINTR.
 */
int lio_login_await(const void *tpg, void (*between)(void *data), void *data)
{
	struct iscsi_portal_group *found = NULL;

	/* What is held might be a TPG of another fabric, at the same address. */
	lio_tpgs(tpg, lio_login_found, &found);
	if (!found)
		return 0;
	if (down_interruptible(&found->np_login_sem))
		return -EINTR;
	between(data);
	up(&found->np_login_sem);
	return 0;
}
