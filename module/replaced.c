// SPDX-License-Identifier: GPL-2.0
/*
 * Which session replaced an older one of its I_T nexus.
 *
 * A login that replaces a session has begun when LIO begins to end that, and is
 * registered after it, so the older one's end is noted before the new one is
 * announced and after its login began.  Who logs in because its session has ended
 * begins later and replaces nobody.  A login may still fail; when there are too
 * many, the oldest is forgotten.  No locks: the caller serialises.  Knows nothing
 * of LIO.
 */
#include <linux/jiffies.h>
#include <linux/string.h>

#include "replaced.h"

/**
 * spt_replaced_note - a session is ended for a new login of its I_T nexus
 * @replaced: all zero at first
 * @id: of that session
 * @facts: of that session
 *
 * Context: any; the caller serialises.
 */
void spt_replaced_note(struct spt_replaced *replaced,
		       const struct spt_identity *id,
		       const struct spt_facts *facts)
{
	struct spt_replaced_one *slot = &replaced->slots[replaced->next];

	replaced->next = (replaced->next + 1) % SPT_REPLACED_MAX;
	slot->noted = get_jiffies_64();
	slot->tpg = id->tpg;
	memcpy(slot->isid, id->isid, sizeof(slot->isid));
	strscpy(slot->initiator, facts->initiator, sizeof(slot->initiator));
}

/**
 * spt_replaced_claim - did this session replace one that was noted?
 * @replaced: all zero at first
 * @id: of the new session
 * @facts: of the new session
 *
 * Context: any; the caller serialises.
 * Return: whether it did; the older one is not told of again.
 */
bool spt_replaced_claim(struct spt_replaced *replaced,
			const struct spt_identity *id,
			const struct spt_facts *facts)
{
	size_t i;

	for (i = 0; i < SPT_REPLACED_MAX; i++) {
		struct spt_replaced_one *slot = &replaced->slots[i];

		if (!slot->noted || slot->noted < id->created ||
		    slot->tpg != id->tpg ||
		    memcmp(slot->isid, id->isid, sizeof(slot->isid)) ||
		    strcmp(slot->initiator, facts->initiator))
			continue;
		slot->noted = 0;
		return true;
	}
	return false;
}
