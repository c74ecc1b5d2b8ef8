/* SPDX-License-Identifier: GPL-2.0 */
/* The SCSI I_T nexus name: initiator,i,0xISID,target,t,0xTPGT. */
#ifndef SPTCTL_NEXUS_H
#define SPTCTL_NEXUS_H

#include <stdbool.h>

#include <linux/types.h>

/* The text points into the name. */
struct nexus {
	const char *initiator;
	const char *isid;
	const char *target;
	__u16 tpgt;
};

/* Cuts @name to pieces.  false: it has another form. */
bool nexus_split(char *name, struct nexus *nexus);

#endif
