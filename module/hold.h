/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_HOLD_H
#define ISCSITGT_SPT_HOLD_H

#include "session.h"

int spt_hold_init(void);
void spt_hold_exit(void);
void spt_hold_want(struct spt_session *session);
void spt_hold_await(struct spt_session *session);
void spt_hold_release(struct spt_session *session);
bool spt_hold_follow(struct spt_session *session);

#endif /* ISCSITGT_SPT_HOLD_H */
