// SPDX-License-Identifier: GPL-2.0
#include <search.h>
#include <stdlib.h>

#include "known.h"
#include "sptctl.h"
#include "text.h"

static int compare(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

static void free_node(void *known)
{
	known_free(known);
}

void known_free(struct known *known)
{
	free(known->name);
	free(known->peer);
	free(known->chap_user);
	free(known);
}

void known_forget_all(struct known_table *table)
{
	tdestroy(table->root, free_node);
	table->root = NULL;
}

static struct known *known_new(const struct iscsitgt_spt_session_start *start)
{
	struct known *known = xcalloc(1, sizeof(*known));

	known->cookie = start->it_nexus_handle;
	known->reinstated = start->is_reinstated;
	known->name = text_from_utf16(start->it_nexus,
				      ARRAY_SIZE(start->it_nexus));
	known->peer = text_from_utf16(start->peer_address,
				      ARRAY_SIZE(start->peer_address));
	known->chap_user = text_from_utf16(start->chap_user_name,
					   ARRAY_SIZE(start->chap_user_name));
	return known;
}

struct known *known_add(struct known_table *table,
			const struct iscsitgt_spt_session_start *start)
{
	struct known *known = known_new(start);
	struct known **node;

	if (!nexus_split(known->name, &known->nexus)) {
		known_free(known);
		return NULL;
	}
	node = tsearch(known, &table->root, compare);
	if (!node)
		out_of_memory();
	if (*node != known) {
		known_free(known);
		return NULL;
	}
	return known;
}

struct known *known_remove(struct known_table *table, __u64 cookie)
{
	const struct known key = { .cookie = cookie };
	struct known **node = tfind(&key, &table->root, compare);
	struct known *known = node ? *node : NULL;

	if (known)
		tdelete(known, &table->root, compare);
	return known;
}
