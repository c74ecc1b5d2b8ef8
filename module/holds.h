/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_HOLDS_H
#define ISCSITGT_SPT_HOLDS_H

#include <uapi/linux/iscsitgt_spt.h>

int spt_holds(struct iscsitgt_spt_hold *record);

#endif /* ISCSITGT_SPT_HOLDS_H */
