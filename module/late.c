// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions that were taken for gone though their departure was not seen: it was
 * missed, or is still to come from an rmdir of a TPG that does not wait for its
 * sessions.  When there are too many, the oldest is forgotten.  No locks: the
 * caller serialises.  Knows nothing of LIO.
 */
#include "late.h"

/**
 * spt_late_note - a session is taken for gone
 * @late: all zero at first
 * @id: of that session
 *
 * Context: any; the caller serialises.
 */
void spt_late_note(struct spt_late *late, const struct spt_identity *id)
{
	late->ids[late->next] = *id;
	late->next = (late->next + 1) % SPT_LATE_MAX;
}

/**
 * spt_late_is - was this session taken for gone?
 * @late: all zero at first
 * @id: of a session that departs
 *
 * Context: any; the caller serialises.
 * Return: whether it was, if it is not forgotten.
 */
bool spt_late_is(const struct spt_late *late, const struct spt_identity *id)
{
	size_t i;

	for (i = 0; i < SPT_LATE_MAX; i++) {
		if (spt_identity_equal(&late->ids[i], id))
			return true;
	}
	return false;
}
