/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions as aligned columns. */
#ifndef SPTCTL_TABLE_H
#define SPTCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "session.h"

/*
 * As wide as @out, or 80 columns if it is no terminal; @wide: as wide as it takes,
 * with more columns.  States that need somebody are coloured on a terminal,
 * unless NO_COLOR is in the environment.
 */
void table_print(FILE *out, bool wide, const struct session *sessions,
		 size_t count);

#endif
