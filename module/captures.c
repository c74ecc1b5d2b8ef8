// SPDX-License-Identifier: GPL-2.0
/*
 * Departures on their way from a probe's handler, which may run in any context,
 * NMI included, to a work item.  Knows nothing of probes and LIO.
 *
 * No locks.  A slot belongs to whoever set its bit, from claim to publish; then
 * to the list, and to the one who took the list until release clears the bit.
 * So nobody writes what somebody else may read.
 *
 * Waits: for memory, on loading only.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "captures.h"

/**
 * spt_captures_init - nothing captured
 * @captures: memory of the caller
 * @count: how many departures there is room for; at least 1
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_captures_init(struct spt_captures *captures, unsigned int count)
{
	captures->count = count;
	init_llist_head(&captures->full);
	atomic_long_set(&captures->dropped, 0);
	captures->used = bitmap_zalloc(count, GFP_KERNEL);
	if (!captures->used)
		return -ENOMEM;
	captures->slots = kvcalloc(count, sizeof(*captures->slots), GFP_KERNEL);
	if (!captures->slots) {
		bitmap_free(captures->used);
		return -ENOMEM;
	}
	return 0;
}

/**
 * spt_captures_exit - nobody captures or takes any more
 * @captures: initialised
 *
 * Context: process context, may sleep.
 */
void spt_captures_exit(struct spt_captures *captures)
{
	kvfree(captures->slots);
	bitmap_free(captures->used);
}

/**
 * spt_captures_claim - a slot to fill in
 * @captures: initialised
 *
 * Context: any, NMI included.
 * Return: the slot, the caller's until spt_captures_publish(), or NULL; then
 *	it is counted as dropped.
 */
struct spt_departure *spt_captures_claim(struct spt_captures *captures)
{
	unsigned int slot;

	for_each_clear_bit(slot, captures->used, captures->count) {
		if (!test_and_set_bit_lock(slot, captures->used))
			return &captures->slots[slot];
	}
	atomic_long_inc(&captures->dropped);
	return NULL;
}

/**
 * spt_captures_publish - a claimed slot is filled in
 * @captures: initialised
 * @departure: not the caller's any more
 *
 * Context: any, NMI included.
 */
void spt_captures_publish(struct spt_captures *captures,
			  struct spt_departure *departure)
{
	llist_add(&departure->node, &captures->full);
}

/**
 * spt_captures_take - all that is published
 * @captures: initialised
 *
 * Context: any but NMI.
 * Return: the first of them, oldest first, for llist_for_each_entry_safe(); each
 *	is the caller's until spt_captures_release().  NULL if there is none.
 */
struct llist_node *spt_captures_take(struct spt_captures *captures)
{
	return llist_reverse_order(llist_del_all(&captures->full));
}

/**
 * spt_captures_release - give a slot back
 * @captures: initialised
 * @departure: one that was taken
 *
 * Context: any.
 */
void spt_captures_release(struct spt_captures *captures,
			  struct spt_departure *departure)
{
	clear_bit_unlock(departure - captures->slots, captures->used);
}
