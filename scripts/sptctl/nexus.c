// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "nexus.h"

#define ISID_MARK	",i,0x"
#define ISID_DIGITS	12
#define ISID_LENGTH	(strlen(ISID_MARK) + ISID_DIGITS + strlen(","))
#define TPGT_MARK	",t,0x"
#define TPGT_DIGITS	4
#define TPGT_LENGTH	(strlen(TPGT_MARK) + TPGT_DIGITS)

static bool is_number(const char *s, const char *mark, size_t digits)
{
	return !strncmp(s, mark, strlen(mark)) &&
	       strspn(s + strlen(mark), "0123456789abcdef") >= digits;
}

/*
 * The last of them: the initiator calls itself what it likes, but the target's
 * name is the admin's.
 */
static char *find_isid(char *name, size_t len)
{
	const size_t after = ISID_LENGTH - strlen(",");
	size_t i;

	for (i = len; i-- > 0;)
		if (len - i >= ISID_LENGTH && name[i + after] == ',' &&
		    is_number(name + i, ISID_MARK, ISID_DIGITS))
			return name + i;
	return NULL;
}

bool nexus_split(char *name, struct nexus *nexus)
{
	size_t len = strlen(name);
	char *isid, *tpgt;

	if (len < TPGT_LENGTH)
		return false;
	tpgt = name + len - TPGT_LENGTH;
	if (!is_number(tpgt, TPGT_MARK, TPGT_DIGITS))
		return false;
	isid = find_isid(name, tpgt - name);
	if (!isid)
		return false;

	nexus->initiator = name;
	nexus->isid = isid + strlen(ISID_MARK);
	nexus->target = isid + ISID_LENGTH;
	nexus->tpgt = strtoul(tpgt + strlen(TPGT_MARK), NULL, 16);
	isid[0] = '\0';
	isid[ISID_LENGTH - strlen(",")] = '\0';
	tpgt[0] = '\0';
	return true;
}
