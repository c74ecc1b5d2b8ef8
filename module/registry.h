/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_REGISTRY_H
#define ISCSITGT_SPT_REGISTRY_H

#include "look.h"
#include "names.h"
#include "session.h"

/**
 * struct spt_snapshot - what is there, and where what happens after it begins
 * @sessions: oldest cookie first, with a reference each
 * @count: of @sessions
 * @cursor: in the event ring
 */
struct spt_snapshot {
	struct spt_session **sessions;
	size_t count;
	u64 cursor;
};

int spt_registry_stop(struct spt_session *session);
bool spt_registry_held(struct spt_session *session, bool held);
enum spt_pending spt_registry_sweep(bool glance);
struct spt_session *spt_registry_get(u64 cookie);
size_t spt_registry_get_after(u64 cookie, struct spt_session **sessions, size_t room);
int spt_registry_snapshot(struct spt_snapshot *snapshot);
int spt_registry_count(size_t *count);
int spt_registry_first(const struct spt_names *names,
		       struct spt_session **session);
bool spt_registry_tell(const struct spt_names *names, u16 seconds);

#endif /* ISCSITGT_SPT_REGISTRY_H */
