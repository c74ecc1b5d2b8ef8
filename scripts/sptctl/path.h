/* SPDX-License-Identifier: GPL-2.0 */
/* Where targetcli and configfs have a target, a TPG and an ACL. */
#ifndef SPTCTL_PATH_H
#define SPTCTL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/**
 * struct path - what a path names, pointing into it
 * @target: iSCSI name
 * @target_length: of @target
 * @has_tpgt: it names a TPG, or an ACL in one
 * @tpgt: its tag
 * @initiator: iSCSI name of an ACL; NULL if it names none
 * @initiator_length: of @initiator
 */
struct path {
	const char *target;
	size_t target_length;
	bool has_tpgt;
	__u16 tpgt;
	const char *initiator;
	size_t initiator_length;
};

/* /iscsi/IQN[/tpgN[/acls/IQN]], or from configfs's root with tpgt_N. */
bool path_parse(const char *s, struct path *path);

/* A tag, as a number, as tpgN or as tpgt_N. */
bool path_parse_tpgt(const char *s, size_t length, __u16 *tpgt);

/* As targetcli has them.  free() them. */
char *path_of_tpg(const char *target, __u16 tpgt);
char *path_of_acl(const char *target, __u16 tpgt, const char *initiator);

#endif
