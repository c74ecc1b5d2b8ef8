/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_INFO_H
#define ISCSITGT_SPT_INFO_H

#include <uapi/linux/iscsitgt_spt.h>

int spt_info(struct iscsitgt_spt_session_info *info);
int spt_info_list(struct iscsitgt_spt_session_list *list,
		  struct iscsitgt_spt_session_info **infos);

#endif /* ISCSITGT_SPT_INFO_H */
