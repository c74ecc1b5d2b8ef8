/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_REPLACED_H
#define ISCSITGT_SPT_REPLACED_H

#include "session.h"

#define SPT_REPLACED_MAX	256

/**
 * struct spt_replaced_one - an I_T nexus whose session LIO ended for a login
 * @noted: when, in jiffies; 0: free
 * @tpg: address of the TPG
 * @isid: initiator session ID
 * @initiator: iSCSI name
 */
struct spt_replaced_one {
	u64 noted;
	const void *tpg;
	u8 isid[SPT_ISID_LENGTH];
	char initiator[ISCSITGT_SPT_NAME_LENGTH];
};

/**
 * struct spt_replaced - those whose login is to come
 * @slots: the latest ones
 * @next: the slot to use next
 */
struct spt_replaced {
	struct spt_replaced_one slots[SPT_REPLACED_MAX];
	unsigned int next;
};

void spt_replaced_note(struct spt_replaced *replaced,
		       const struct spt_identity *id,
		       const struct spt_facts *facts);
bool spt_replaced_claim(struct spt_replaced *replaced,
			const struct spt_identity *id,
			const struct spt_facts *facts);

#endif /* ISCSITGT_SPT_REPLACED_H */
