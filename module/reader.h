/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_READER_H
#define ISCSITGT_SPT_READER_H

#include "registry.h"
#include "ring.h"

/**
 * struct spt_reader - one who follows all events
 * @ring: [fixed] the events
 * @snapshot: from @next on, sessions that are still to be told, each with a
 *	reference; its cursor moves on as events are told
 * @next: first one of @snapshot that was not told
 */
struct spt_reader {
	struct spt_ring *ring;
	struct spt_snapshot snapshot;
	size_t next;
};

int spt_reader_init(struct spt_reader *reader);
int spt_reader_rewind(struct spt_reader *reader);
void spt_reader_exit(struct spt_reader *reader);
int spt_reader_peek(struct spt_reader *reader, struct spt_event *event);
void spt_reader_advance(struct spt_reader *reader);
size_t spt_reader_replay(const struct spt_reader *reader);
bool spt_reader_ready(struct spt_reader *reader);

#endif /* ISCSITGT_SPT_READER_H */
