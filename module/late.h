/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_LATE_H
#define ISCSITGT_SPT_LATE_H

#include "session.h"

#define SPT_LATE_MAX	1024

/**
 * struct spt_late - sessions whose departure was not seen before their end
 * @ids: the latest ones
 * @next: the one to overwrite next
 */
struct spt_late {
	struct spt_identity ids[SPT_LATE_MAX];
	unsigned int next;
};

void spt_late_note(struct spt_late *late, const struct spt_identity *id);
bool spt_late_is(const struct spt_late *late, const struct spt_identity *id);

#endif /* ISCSITGT_SPT_LATE_H */
