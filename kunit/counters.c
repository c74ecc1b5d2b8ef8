// SPDX-License-Identifier: GPL-2.0
/* status.c without its files. */
#include <linux/atomic.h>

#include "counters.h"

static atomic64_t counters[SPT_COUNTERS];

void spt_count_many(enum spt_counter counter, u64 by)
{
	atomic64_add(by, &counters[counter]);
}

void counters_reset(void)
{
	size_t i;

	for (i = 0; i < SPT_COUNTERS; i++)
		atomic64_set(&counters[i], 0);
}

u64 counters_read(enum spt_counter counter)
{
	return atomic64_read(&counters[counter]);
}
