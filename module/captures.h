/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_CAPTURES_H
#define ISCSITGT_SPT_CAPTURES_H

#include <linux/atomic.h>
#include <linux/llist.h>

#include "session.h"

/**
 * struct spt_departure - a session that LIO deregisters
 * @node: for &spt_captures.full
 * @left: LIO has done so; nothing but @id is filled in
 * @id: its identity
 * @facts: what is known of it
 * @cause: why LIO ends it
 */
struct spt_departure {
	struct llist_node node;
	bool left;
	struct spt_identity id;
	struct spt_facts facts;
	enum iscsitgt_spt_end_cause cause;
};

/**
 * struct spt_captures - departures on their way from a probe's handler
 * @count: [fixed] of @slots
 * @slots: each one's is whose bit in @used it set, until it is on @full
 * @used: a bit for each of @slots
 * @full: those to be taken, newest first
 * @dropped: how many found no slot
 */
struct spt_captures {
	unsigned int count;
	struct spt_departure *slots;
	unsigned long *used;
	struct llist_head full;
	atomic_long_t dropped;
};

int spt_captures_init(struct spt_captures *captures, unsigned int count);
void spt_captures_exit(struct spt_captures *captures);
struct spt_departure *spt_captures_claim(struct spt_captures *captures);
void spt_captures_publish(struct spt_captures *captures,
			  struct spt_departure *departure);
struct llist_node *spt_captures_take(struct spt_captures *captures);
void spt_captures_release(struct spt_captures *captures,
			  struct spt_departure *departure);

#endif /* ISCSITGT_SPT_CAPTURES_H */
