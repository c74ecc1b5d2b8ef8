/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_REFUSE_H
#define ISCSITGT_SPT_REFUSE_H

#include "refusals.h"

int spt_refuse_init(void);
void spt_refuse_exit(void);
void spt_refuse_start(void);
void spt_refuse_stop(void);
bool spt_refuse_works(void);
struct spt_refusals *spt_refuse_holds(void);
bool spt_refuse_is_evicting(void);

#endif /* ISCSITGT_SPT_REFUSE_H */
