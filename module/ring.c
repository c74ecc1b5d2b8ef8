// SPDX-License-Identifier: GPL-2.0
/*
 * The event ring: the latest events, and for each reader a cursor of its own,
 * which is a number that the reader keeps.  Readers cost the ring nothing and
 * cannot hold it up: one that falls behind by more than the ring's size is told
 * so.  Knows nothing of LIO and of the device.
 *
 * Each event in the ring owns a reference of its session.  The lock is
 * innermost: nothing else is taken and nothing foreign is called under it.
 *
 * Waits: for memory, on loading only.  Who waits for events is told in stream.c.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "ring.h"

/**
 * spt_ring_init - a ring without events
 * @ring: memory of the caller
 * @size: how many events it holds; at least 1, rounded up to a power of two
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_ring_init(struct spt_ring *ring, unsigned int size)
{
	spin_lock_init(&ring->lock);
	init_waitqueue_head(&ring->wait);
	ring->head = 0;
	ring->size = roundup_pow_of_two(size);
	ring->events = kvcalloc(ring->size, sizeof(*ring->events), GFP_KERNEL);
	return ring->events ? 0 : -ENOMEM;
}

/**
 * spt_ring_exit - forget all events; nobody reads or appends any more
 * @ring: initialised
 *
 * Context: process context, may sleep.
 */
void spt_ring_exit(struct spt_ring *ring)
{
	u64 i;

	for (i = 0; i < min(ring->head, ring->size); i++)
		spt_session_put(ring->events[i].session);
	kvfree(ring->events);
}

static struct spt_event *spt_ring_slot(struct spt_ring *ring, u64 number)
{
	return &ring->events[number & (ring->size - 1)];
}

/**
 * spt_ring_append - one more event; the oldest one goes
 * @ring: initialised
 * @session: of which the caller has a reference and keeps it
 * @end: it has ended
 *
 * Wakes nobody: spt_ring_wake() does, once for all that were appended.
 *
 * Context: process context.
 */
void spt_ring_append(struct spt_ring *ring, struct spt_session *session,
		     bool end)
{
	struct spt_session *old;
	struct spt_event *slot;

	spt_session_get(session);
	spin_lock(&ring->lock);
	slot = spt_ring_slot(ring, ring->head);
	old = slot->session;
	*slot = (struct spt_event) { .session = session, .end = end };
	ring->head++;
	spin_unlock(&ring->lock);
	if (old)
		spt_session_put(old);
}

/**
 * spt_ring_wake - wake those who wait for events
 * @ring: initialised
 *
 * Context: process context.
 */
void spt_ring_wake(struct spt_ring *ring)
{
	wake_up_interruptible_poll(&ring->wait, EPOLLIN | EPOLLRDNORM);
}

/**
 * spt_ring_head - the cursor of a reader that has read everything
 * @ring: initialised
 *
 * Context: process context.
 * Return: number of the next event.
 */
u64 spt_ring_head(struct spt_ring *ring)
{
	u64 head;

	spin_lock(&ring->lock);
	head = ring->head;
	spin_unlock(&ring->lock);
	return head;
}

/**
 * spt_ring_get - the event at a cursor
 * @ring: initialised
 * @cursor: from spt_ring_head(), plus one for each event that was read
 * @event: set, with a reference of the session for the caller
 *
 * Context: process context.
 * Return: 0; -EAGAIN if there is none yet, -EPIPE if it is lost.
 */
int spt_ring_get(struct spt_ring *ring, u64 cursor, struct spt_event *event)
{
	int ret = 0;

	spin_lock(&ring->lock);
	if (cursor == ring->head) {
		ret = -EAGAIN;
	} else if (ring->head - cursor > ring->size) {
		ret = -EPIPE;
	} else {
		*event = *spt_ring_slot(ring, cursor);
		spt_session_get(event->session);
	}
	spin_unlock(&ring->lock);
	return ret;
}
