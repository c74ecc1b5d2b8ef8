/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_DEPARTURES_H
#define ISCSITGT_SPT_DEPARTURES_H

#include "late.h"
#include "map.h"

void spt_departures_drain(struct spt_map *map, const struct spt_late *late,
			  u64 seen);

#endif /* ISCSITGT_SPT_DEPARTURES_H */
