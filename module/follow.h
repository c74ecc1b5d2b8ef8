/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_FOLLOW_H
#define ISCSITGT_SPT_FOLLOW_H

int spt_follow_init(void);
void spt_follow_settle(void);
void spt_follow_exit(void);
void spt_follow_now(void);
void spt_follow_soon(void);
void spt_follow_stop(void);
void spt_follow_listen(void);
void spt_follow_unlisten(void);

#endif /* ISCSITGT_SPT_FOLLOW_H */
