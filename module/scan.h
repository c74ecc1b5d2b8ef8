/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_SCAN_H
#define ISCSITGT_SPT_SCAN_H

#include "busy.h"
#include "map.h"

/**
 * struct spt_scan - what one scan has come to
 * @number: its own; &spt_session.seen of those that are not gone
 * @fresh: how many new sessions there were
 * @missed: how many more there was no blank for
 * @error: what kept one from getting a cookie, or 0
 * @hidden: a TPG of the target that was asked about is being disabled, of which LIO
 *	still has a session that is in neither its list nor the map, and may be at work
 */
struct spt_scan {
	u64 number;
	size_t fresh;
	size_t missed;
	int error;
	bool hidden;
};

struct spt_session *spt_scan_blank(void);
void spt_scan_run(struct spt_scan *scan, struct spt_map *map, const char *target);
void spt_scan_glance(struct spt_scan *scan, struct spt_map *map,
		     struct spt_busy *busy);
int spt_scan_prepare(size_t count);
void spt_scan_exit(void);

#endif /* ISCSITGT_SPT_SCAN_H */
