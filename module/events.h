/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_EVENTS_H
#define ISCSITGT_SPT_EVENTS_H

#include "ring.h"
#include "session.h"

int spt_events_init(void);
void spt_events_exit(void);
struct spt_ring *spt_events_ring(void);
void spt_events_note(struct spt_session *session);
void spt_events_start(struct spt_session *session);
void spt_events_end(struct spt_session *session);
void spt_events_flush(void);

#endif /* ISCSITGT_SPT_EVENTS_H */
