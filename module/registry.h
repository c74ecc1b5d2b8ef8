/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_REGISTRY_H
#define ISCSITGT_SPT_REGISTRY_H

#include "session.h"

/**
 * enum spt_pending - what there is of sessions that are being stopped
 * @SPT_PENDING_NONE: none
 * @SPT_PENDING_STRANDED: only such that nothing in LIO would end
 * @SPT_PENDING: some
 */
enum spt_pending {
	SPT_PENDING_NONE,
	SPT_PENDING_STRANDED,
	SPT_PENDING,
};

void spt_registry_init(void);
void spt_registry_exit(void);
int spt_registry_stop(struct spt_session *session);
enum spt_pending spt_registry_sweep(void);
struct spt_session *spt_registry_get(u64 cookie);
int spt_registry_get_all(struct spt_session ***sessions, size_t *count);

#endif /* ISCSITGT_SPT_REGISTRY_H */
