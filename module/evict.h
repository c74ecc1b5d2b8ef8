/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_EVICT_H
#define ISCSITGT_SPT_EVICT_H

#include <linux/types.h>
#include <uapi/linux/iscsitgt_spt.h>

int spt_evict(struct iscsitgt_spt_session_evict *record);

#endif /* ISCSITGT_SPT_EVICT_H */
