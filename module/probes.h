/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_PROBES_H
#define ISCSITGT_SPT_PROBES_H

#include "captures.h"

/**
 * enum spt_noticing - how starts and ends are noticed
 * @SPT_NOTICING_PROBES: by kprobes, as they happen
 * @SPT_NOTICING_NONE: by scans, as there are no kprobes
 * @SPT_NOTICING_SILENCED: by scans, as kprobes do not fire
 * @SPT_NOTICING_OFF: by scans, as the admin wants no kprobes
 */
enum spt_noticing {
	SPT_NOTICING_PROBES,
	SPT_NOTICING_NONE,
	SPT_NOTICING_SILENCED,
	SPT_NOTICING_OFF,
};

int spt_probes_init(void);
void spt_probes_exit(void);
void spt_probes_start(void);
void spt_probes_stop(void);
enum spt_noticing spt_probes_check(void);
const char *spt_noticing_text(enum spt_noticing noticing);
u64 spt_probes_hints(void);
u64 spt_probes_missed(void);
struct llist_node *spt_probes_departures(void);
void spt_probes_release(struct spt_departure *departure);

#endif /* ISCSITGT_SPT_PROBES_H */
