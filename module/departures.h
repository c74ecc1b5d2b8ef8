/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_DEPARTURES_H
#define ISCSITGT_SPT_DEPARTURES_H

#include "busy.h"
#include "late.h"
#include "map.h"

void spt_departures_drain(struct spt_map *map, struct spt_busy *busy,
			  const struct spt_late *late, u64 seen);

#endif /* ISCSITGT_SPT_DEPARTURES_H */
