// SPDX-License-Identifier: GPL-2.0
/*
 * The sessions that each look has to see, however many others there are: those that
 * are ending, or are about to be ended.  Knows nothing of LIO.
 *
 * No references and no locks of its own: the callers hold spt_registry_lock, under
 * which a session leaves before it leaves the map.
 */
#include <linux/hash.h>

#include "busy.h"

/**
 * spt_busy_init - none
 * @busy: memory of the caller
 *
 * Context: any.
 */
void spt_busy_init(struct spt_busy *busy)
{
	INIT_LIST_HEAD(&busy->all);
	hash_init(busy->by_tpg);
	bitmap_zero(busy->marks, 1 << SPT_BUSY_MARKS);
}

/**
 * spt_busy_set - is a session one of them?
 * @busy: from spt_busy_init()
 * @session: of the map
 * @is: whether it is from now on
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_busy_set(struct spt_busy *busy, struct spt_session *session, bool is)
{
	if (is == hash_hashed(&session->busy_by_tpg))
		return;
	if (is) {
		list_add_tail(&session->busy, &busy->all);
		hash_add(busy->by_tpg, &session->busy_by_tpg,
			 (unsigned long)session->id.tpg);
	} else {
		list_del_init(&session->busy);
		hash_del(&session->busy_by_tpg);
	}
}

static unsigned int spt_busy_bit(const void *session)
{
	return hash_ptr(session, SPT_BUSY_MARKS);
}

/**
 * spt_busy_mark - before spt_busy_may_be(), after the last spt_busy_set()
 * @busy: from spt_busy_init()
 *
 * Context: process context, under spt_registry_lock.
 */
void spt_busy_mark(struct spt_busy *busy)
{
	const struct spt_session *session;

	bitmap_zero(busy->marks, 1 << SPT_BUSY_MARKS);
	list_for_each_entry(session, &busy->all, busy)
		__set_bit(spt_busy_bit(session->id.session), busy->marks);
}

/**
 * spt_busy_may_be - may one of them be the session at this address in LIO?
 * @busy: from spt_busy_init()
 * @session: address of an iscsit_session
 *
 * A few instructions, as it is asked of every session of a TPG.
 *
 * Context: under spt_registry_lock, in whatever context.
 * Return: false if none is.
 */
bool spt_busy_may_be(const struct spt_busy *busy, const void *session)
{
	return test_bit(spt_busy_bit(session), busy->marks);
}

/**
 * spt_busy_has_tpg - is one of them of this TPG?
 * @busy: from spt_busy_init()
 * @tpg: address of its se_portal_group
 *
 * Context: under spt_registry_lock, in whatever context.
 * Return: whether one is.
 */
bool spt_busy_has_tpg(struct spt_busy *busy, const void *tpg)
{
	const struct spt_session *session;

	spt_busy_for_each_of(busy, session, tpg) {
		if (session->id.tpg == tpg)
			return true;
	}
	return false;
}
