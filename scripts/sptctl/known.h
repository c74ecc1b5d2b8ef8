/* SPDX-License-Identifier: GPL-2.0 */
/* What the STARTs told, kept for the STOPs, which tell only the cookie. */
#ifndef SPTCTL_KNOWN_H
#define SPTCTL_KNOWN_H

#include <stdbool.h>

#include <linux/iscsitgt_spt.h>

#include "nexus.h"

/**
 * struct known - a session as its START told it, in UTF-8
 * @cookie: its cookie
 * @wanted: for whoever keeps it: it is to be told
 * @reinstated: it replaced an older one
 * @name: what @nexus points into
 * @nexus: its initiator, target and TPG
 * @peer: without port
 * @chap_user: empty without CHAP
 */
struct known {
	__u64 cookie;
	bool wanted;
	bool reinstated;
	char *name;
	struct nexus nexus;
	char *peer;
	char *chap_user;
};

/* @root: of tsearch(); NULL if it is empty */
struct known_table {
	void *root;
};

/* The table's.  NULL: it is there already, or its I_T nexus is malformed. */
struct known *known_add(struct known_table *table,
			const struct iscsitgt_spt_session_start *start);

/* The caller's, by known_free().  NULL: there is none. */
struct known *known_remove(struct known_table *table, __u64 cookie);

void known_free(struct known *known);
void known_forget_all(struct known_table *table);

#endif
