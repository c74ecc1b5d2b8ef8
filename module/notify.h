/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_NOTIFY_H
#define ISCSITGT_SPT_NOTIFY_H

void spt_notify_soon(void);

#endif /* ISCSITGT_SPT_NOTIFY_H */
