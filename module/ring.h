/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_RING_H
#define ISCSITGT_SPT_RING_H

#include <linux/spinlock.h>
#include <linux/wait.h>

#include "session.h"

/**
 * struct spt_event - a session has started or ended
 * @session: with a reference for whoever has the event
 * @end: it has ended
 */
struct spt_event {
	struct spt_session *session;
	bool end;
};

/**
 * struct spt_ring - the latest events
 * @lock: innermost; process context only
 * @wait: for those who wait for events; woken by spt_ring_wake()
 * @size: [fixed] of @events, a power of two
 * @events: [lock] event n is at n modulo @size
 * @head: [lock] number of the next event
 */
struct spt_ring {
	spinlock_t lock; /* innermost */
	wait_queue_head_t wait;
	u64 size;
	struct spt_event *events;
	u64 head;
};

int spt_ring_init(struct spt_ring *ring, unsigned int size);
void spt_ring_exit(struct spt_ring *ring);
void spt_ring_append(struct spt_ring *ring, struct spt_session *session,
		     bool end);
void spt_ring_wake(struct spt_ring *ring);
u64 spt_ring_head(struct spt_ring *ring);
int spt_ring_get(struct spt_ring *ring, u64 cursor, struct spt_event *event);

#endif /* ISCSITGT_SPT_RING_H */
