/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_LOOK_H
#define ISCSITGT_SPT_LOOK_H

#include <linux/mutex.h>

#include "map.h"

/**
 * enum spt_pending - what there is to be followed
 * @SPT_PENDING_NONE: nothing
 * @SPT_PENDING_STRANDED: sessions that are being stopped, but only such that
 *	nothing in LIO would end
 * @SPT_PENDING: sessions that are being stopped, or that LIO takes long to
 *	deregister
 * @SPT_PENDING_LEAVING: sessions that LIO has just begun to deregister
 */
enum spt_pending {
	SPT_PENDING_NONE,
	SPT_PENDING_STRANDED,
	SPT_PENDING,
	SPT_PENDING_LEAVING,
};

/**
 * struct spt_look - a look, and what it has come to
 * @glance: those alone that are busy or new
 * @target: as of spt_scan_run(), without @glance
 * @pending: what there is to be followed
 * @hidden: as &spt_scan.hidden
 */
struct spt_look {
	bool glance;
	const char *target;
	enum spt_pending pending;
	bool hidden;
};

/* Outermost; see registry.c. */
extern struct mutex spt_registry_lock;

/* Changed: [spt_registry_lock] */
extern struct spt_map spt_map;

void spt_look_init(void);
void spt_look_exit(void);
int spt_look_now(struct spt_look *look);
bool spt_look_gone(struct spt_session *session);
void spt_look_begin(struct spt_session *session);

#endif /* ISCSITGT_SPT_LOOK_H */
