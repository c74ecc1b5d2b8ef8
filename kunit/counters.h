/* SPDX-License-Identifier: GPL-2.0 */
/* What the code under test counts, for suites. */
#ifndef ISCSITGT_SPT_KUNIT_COUNTERS_H
#define ISCSITGT_SPT_KUNIT_COUNTERS_H

#include "../module/status.h"

void counters_reset(void);
u64 counters_read(enum spt_counter counter);

#endif /* ISCSITGT_SPT_KUNIT_COUNTERS_H */
