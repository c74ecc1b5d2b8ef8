/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iSCSI names as they are compared: RFC 7143 section 4.2.7.1 has them without
 * regard to case.  LIO folds the name that an initiator sends by tolower(), which
 * is all of RFC 3722 that ASCII needs; of UTF-8 it takes some bytes for letters of
 * Latin-1.  Here it has to be the same, or who is kept out would come in.
 */
#ifndef ISCSITGT_SPT_NAMES_H
#define ISCSITGT_SPT_NAMES_H

#include <linux/ctype.h>
#include <linux/stringhash.h>
#include <linux/types.h>
#include <uapi/linux/iscsitgt_spt.h>

/**
 * struct spt_names - who is kept out of where
 * @initiator: iSCSI name, NUL-terminated
 * @target: the same; empty: every target
 */
struct spt_names {
	char initiator[ISCSITGT_SPT_NAME_LENGTH];
	char target[ISCSITGT_SPT_NAME_LENGTH];
};

/**
 * spt_name_hash - of a name, however its letters are written
 * @name: NUL-terminated; what is longer than a name may be is not looked at, as
 *	LIO cuts it off for the session
 * @hash: where to begin: init_name_hash(), or the hash of another name
 *
 * Context: any, NMI included.
 * Return: to be closed by end_name_hash().
 */
static inline unsigned long spt_name_hash(const char *name, unsigned long hash)
{
	const char *end = name + ISCSITGT_SPT_NAME_LENGTH - 1;

	while (name < end && *name)
		hash = partial_name_hash((unsigned char)tolower(*name++), hash);
	/* Two names after one another must not be those of another pair. */
	return partial_name_hash(0, hash);
}

/**
 * spt_name_equal - is it the same name?
 * @a: NUL-terminated; cut off as for spt_name_hash()
 * @b: the same
 *
 * Context: any, NMI included.
 * Return: whether it is.
 */
static inline bool spt_name_equal(const char *a, const char *b)
{
	const char *end = a + ISCSITGT_SPT_NAME_LENGTH - 1;

	while (a < end && *a && tolower(*a) == tolower(*b)) {
		a++;
		b++;
	}
	return a == end || tolower(*a) == tolower(*b);
}

/**
 * spt_names_meet - is a session one of theirs?
 * @names: who is kept out of where
 * @initiator: of the session
 * @target: of the session
 *
 * Context: any.
 * Return: whether it is.
 */
static inline bool spt_names_meet(const struct spt_names *names,
				  const char *initiator, const char *target)
{
	return spt_name_equal(names->initiator, initiator) &&
	       (!names->target[0] || spt_name_equal(names->target, target));
}

/**
 * spt_names_where - for people
 * @names: who is kept out of where
 *
 * Context: any.
 * Return: the target's name, or that it is every one.
 */
static inline const char *spt_names_where(const struct spt_names *names)
{
	return names->target[0] ? names->target : "every target";
}

#endif /* ISCSITGT_SPT_NAMES_H */
