/* SPDX-License-Identifier: GPL-2.0 */
/* Since when something is so, in jiffies, with 0 for not. */
#ifndef ISCSITGT_SPT_SINCE_H
#define ISCSITGT_SPT_SINCE_H

#include <linux/jiffies.h>

static inline void spt_since(unsigned long *since, bool is)
{
	if (!is)
		*since = 0;
	else if (!*since)
		*since = jiffies ?: 1;
}

static inline bool spt_since_for(unsigned long since, unsigned long time)
{
	return since && time_after(jiffies, since + time);
}

#endif /* ISCSITGT_SPT_SINCE_H */
