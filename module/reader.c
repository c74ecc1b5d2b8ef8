// SPDX-License-Identifier: GPL-2.0
/*
 * One who follows all events: first the sessions of a snapshot as started, then
 * the event ring from there on.  One who falls behind is told once and gets a
 * snapshot again.  Knows nothing of the device and of LIO.
 *
 * A reader owns a reference of each session of its snapshot, so what becomes of
 * the session meanwhile is no matter.  No locks: a reader's user serialises, but
 * for spt_reader_ready().
 *
 * Waits: a snapshot waits for memory and for spt_registry_lock, interruptible; see
 * registry.c.
 */
#include <linux/mm.h>

#include "reader.h"
#include "status.h"

/**
 * spt_reader_replay - how much of the snapshot is still to be told
 * @reader: initialised
 *
 * Context: process context.
 * Return: how many sessions.
 */
size_t spt_reader_replay(const struct spt_reader *reader)
{
	return reader->snapshot.count - reader->next;
}

/**
 * spt_reader_rewind - go on with a snapshot, after events were lost
 * @reader: initialised, and one that peeked and got -EPIPE
 *
 * Context: process context, may sleep.
 * Return: 0 or as spt_registry_snapshot(); then the loss is still to be told.
 */
int spt_reader_rewind(struct spt_reader *reader)
{
	struct spt_snapshot snapshot;
	int ret;

	ret = spt_registry_snapshot(&snapshot);
	if (ret)
		return ret;
	spt_count_many(SPT_COUNT_EVENTS_DROPPED,
		       snapshot.cursor - reader->snapshot.cursor);
	/* That of a snapshot without sessions is still there. */
	kvfree(reader->snapshot.sessions);
	/* spt_reader_ready() looks on; whoever it misleads is woken after this. */
	reader->snapshot.sessions = snapshot.sessions;
	WRITE_ONCE(reader->next, 0);
	WRITE_ONCE(reader->snapshot.count, snapshot.count);
	WRITE_ONCE(reader->snapshot.cursor, snapshot.cursor);
	spt_ring_wake(reader->ring);
	return 0;
}

/**
 * spt_reader_init - a reader at the first session
 * @reader: all zero but for @reader->ring
 *
 * Context: process context, may sleep.
 * Return: 0 or as spt_registry_snapshot(); then there is nothing to undo.
 */
int spt_reader_init(struct spt_reader *reader)
{
	return spt_registry_snapshot(&reader->snapshot);
}

/**
 * spt_reader_exit - nobody uses the reader any more
 * @reader: initialised
 *
 * Context: process context, may sleep.
 */
void spt_reader_exit(struct spt_reader *reader)
{
	while (spt_reader_replay(reader))
		spt_reader_advance(reader);
	kvfree(reader->snapshot.sessions);
}

/**
 * spt_reader_peek - the next event
 * @reader: initialised
 * @event: set, with a reference of the session for the caller
 *
 * Context: process context, may sleep.
 * Return: 0; -EAGAIN if there is none; -EPIPE if events were lost, until
 *	spt_reader_rewind().
 */
int spt_reader_peek(struct spt_reader *reader, struct spt_event *event)
{
	if (spt_reader_replay(reader)) {
		event->session =
			spt_session_get(reader->snapshot.sessions[reader->next]);
		event->end = false;
		return 0;
	}
	return spt_ring_get(reader->ring, reader->snapshot.cursor, event);
}

/**
 * spt_reader_advance - the event that was peeked at is told
 * @reader: initialised
 *
 * Context: process context.
 */
void spt_reader_advance(struct spt_reader *reader)
{
	struct spt_snapshot *snapshot = &reader->snapshot;

	if (!spt_reader_replay(reader)) {
		WRITE_ONCE(snapshot->cursor, snapshot->cursor + 1);
		return;
	}
	spt_session_put(snapshot->sessions[reader->next]);
	WRITE_ONCE(reader->next, reader->next + 1);
	if (spt_reader_replay(reader))
		return;
	kvfree(snapshot->sessions);
	snapshot->sessions = NULL;
}

/**
 * spt_reader_ready - will peeking tell something?
 * @reader: initialised
 *
 * Context: process context; needs no serialising.
 * Return: whether it will, the loss of events included; true or false while
 *	another one peeks or advances.
 */
bool spt_reader_ready(struct spt_reader *reader)
{
	return READ_ONCE(reader->next) < READ_ONCE(reader->snapshot.count) ||
	       spt_ring_head(reader->ring) != READ_ONCE(reader->snapshot.cursor);
}
