/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_BUSY_H
#define ISCSITGT_SPT_BUSY_H

#include <linux/bitmap.h>
#include <linux/hashtable.h>

#include "session.h"

#define SPT_BUSY_BITS	8
#define SPT_BUSY_MARKS	13

/**
 * struct spt_busy - the sessions that are not left alone
 * @all: in the order in which they came
 * @by_tpg: the same
 * @marks: a bit for each one's address in LIO, set by spt_busy_mark(); others may
 *	have the same
 */
struct spt_busy {
	struct list_head all;
	DECLARE_HASHTABLE(by_tpg, SPT_BUSY_BITS);
	DECLARE_BITMAP(marks, 1 << SPT_BUSY_MARKS);
};

void spt_busy_init(struct spt_busy *busy);
void spt_busy_set(struct spt_busy *busy, struct spt_session *session, bool is);
void spt_busy_mark(struct spt_busy *busy);
bool spt_busy_may_be(const struct spt_busy *busy, const void *session);
bool spt_busy_has_tpg(struct spt_busy *busy, const void *tpg);

/**
 * spt_busy_for_each_of - each that may be of a TPG
 * @busy: from spt_busy_init()
 * @session: the cursor
 * @tpg: the address of its se_portal_group; those of others come, too
 */
#define spt_busy_for_each_of(busy, session, tpg) \
	hash_for_each_possible((busy)->by_tpg, session, busy_by_tpg, \
			       (unsigned long)(tpg))

#endif /* ISCSITGT_SPT_BUSY_H */
