/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_STOP_H
#define ISCSITGT_SPT_STOP_H

#include <linux/types.h>

int spt_stop(u64 cookie, u32 timeout);

#endif /* ISCSITGT_SPT_STOP_H */
