/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_DEVICE_H
#define ISCSITGT_SPT_DEVICE_H

int spt_device_init(void);
void spt_device_exit(void);

#endif /* ISCSITGT_SPT_DEVICE_H */
