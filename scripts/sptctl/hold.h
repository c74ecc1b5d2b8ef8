/* SPDX-License-Identifier: GPL-2.0 */
/* What evict and hold have in common. */
#ifndef SPTCTL_HOLD_H
#define SPTCTL_HOLD_H

#include "sptctl.h"

/* How long a hold lasts.  EXIT_DONE, or EXIT_USAGE after a report. */
int hold_seconds(const struct command *command, const char *text,
		 __u32 *seconds);

#endif
