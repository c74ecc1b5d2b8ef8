// SPDX-License-Identifier: GPL-2.0
/*
 * HOLD: to set, change, lift and list the holds by which initiators are kept out.
 *
 * Waits: for memory.  No locks of its own.
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "caller.h"
#include "follow.h"
#include "holds.h"
#include "refuse.h"

/* Names are whatever a program has sent. */
static void spt_hold_log(const char *what, const struct spt_names *names)
{
	const char *where = spt_names_where(names);
	char caller[SPT_CALLER_LENGTH];

	pr_info_ratelimited("%s: hold of %*pE at %*pE %s by %s\n", KBUILD_MODNAME,
			    (int)strlen(names->initiator), names->initiator,
			    (int)strlen(where), where, what, spt_caller(caller));
}

/* A name and nothing but zeros after it. */
static bool spt_hold_has_name(const char *name)
{
	size_t length = strnlen(name, ISCSITGT_SPT_NAME_LENGTH);

	return length < ISCSITGT_SPT_NAME_LENGTH &&
	       !memchr_inv(name + length, 0, ISCSITGT_SPT_NAME_LENGTH - length);
}

static int spt_hold_names(const struct iscsitgt_spt_hold *record,
			  struct spt_names *names)
{
	if (!spt_hold_has_name(record->initiator_name) ||
	    !spt_hold_has_name(record->target_name))
		return -EINVAL;
	memcpy(names->initiator, record->initiator_name,
	       sizeof(names->initiator));
	memcpy(names->target, record->target_name, sizeof(names->target));
	return 0;
}

static int spt_hold_set(struct iscsitgt_spt_hold *record)
{
	struct spt_names names;
	struct spt_refusal_set set = {
		.names	= &names,
		.now	= ktime_get_boottime_ns(),
	};
	int ret;

	if (!record->seconds || record->seconds > ISCSITGT_SPT_HOLD_MAX_SECONDS ||
	    record->index)
		return -EINVAL;
	ret = spt_hold_names(record, &names);
	if (ret)
		return ret;
	/* LIO lets in one without a name, and such a one can be evicted. */
	if (!names.initiator[0])
		return -EINVAL;
	set.deadline = set.now + (u64)record->seconds * NSEC_PER_SEC;
	ret = spt_refusals_set(spt_refuse_holds(), &set);
	if (ret)
		return ret;
	/* It may be one that evicts, and that had just ended. */
	spt_follow_now();
	spt_hold_log("set", &names);
	return 0;
}

static int spt_hold_lift(struct iscsitgt_spt_hold *record)
{
	struct spt_names names;
	int ret;

	if (record->seconds || record->index)
		return -EINVAL;
	ret = spt_hold_names(record, &names);
	if (ret)
		return ret;
	ret = spt_refusals_lift(spt_refuse_holds(), &names,
				ktime_get_boottime_ns());
	if (!ret)
		spt_hold_log("lifted", &names);
	return ret;
}

static int spt_hold_get(struct iscsitgt_spt_hold *record)
{
	const u64 now = ktime_get_boottime_ns();
	struct spt_names names;
	u64 left;
	int ret;

	if (record->seconds || memchr_inv(record->initiator_name, 0,
					  sizeof(record->initiator_name)) ||
	    memchr_inv(record->target_name, 0, sizeof(record->target_name)))
		return -EINVAL;
	ret = spt_refusals_get(spt_refuse_holds(), record->index, now, &names,
			       &left);
	if (ret)
		return ret;
	record->seconds = DIV_ROUND_UP_ULL(left, NSEC_PER_SEC);
	record->count = spt_refusals_count(spt_refuse_holds(), now);
	memcpy(record->initiator_name, names.initiator, sizeof(names.initiator));
	memcpy(record->target_name, names.target, sizeof(names.target));
	return 0;
}

/**
 * spt_holds - one HOLD
 * @record: the request; what GET reads is written
 *
 * Context: process context, may sleep.
 * Return: 0, -EOPNOTSUPP, -EINVAL, -ENOENT, -ENOSPC or -ENOMEM as in the uapi
 *	header.
 */
int spt_holds(struct iscsitgt_spt_hold *record)
{
	if (record->count || record->reserved)
		return -EINVAL;
	switch (record->operation) {
	case ISCSITGT_SPT_HOLD_SET:
		return spt_refuse_works() ? spt_hold_set(record) : -EOPNOTSUPP;
	case ISCSITGT_SPT_HOLD_LIFT:
		return spt_hold_lift(record);
	case ISCSITGT_SPT_HOLD_GET:
		return spt_hold_get(record);
	default:
		return -EINVAL;
	}
}
