/* SPDX-License-Identifier: GPL-2.0 */
/* Since when something is so, in jiffies, with 0 for not. */
#ifndef ISCSITGT_SPT_SINCE_H
#define ISCSITGT_SPT_SINCE_H

#include <linux/jiffies.h>

static inline void spt_since(u64 *since, bool is)
{
	if (!is)
		*since = 0;
	else if (!*since)
		*since = get_jiffies_64() ?: 1;
}

static inline bool spt_since_for(u64 since, unsigned long time)
{
	return since && time_after64(get_jiffies_64(), since + time);
}

#endif /* ISCSITGT_SPT_SINCE_H */
