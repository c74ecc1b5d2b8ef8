/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_REQUEST_H
#define ISCSITGT_SPT_REQUEST_H

#include <linux/compiler.h>

long spt_request(void __user *argument);

#endif /* ISCSITGT_SPT_REQUEST_H */
