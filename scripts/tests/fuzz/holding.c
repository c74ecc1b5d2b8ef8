// SPDX-License-Identifier: GPL-2.0
/*
 * Evictions and holds: of initiators that nobody else here is, but for the one that
 * is stuck and does not come back.
 */
#include <stdio.h>

#include "fuzz.h"

/* With and without a target, fewer than the module takes: there always is room. */
#define NAMES	16

static __u64 cookie(struct random *random)
{
	switch (below(random, 6)) {
	case 0:
		return 0;
	case 1:
		return random_next(random);
	case 2:
		return pick_dead(random);
	default:
		return pick_stuck(random);
	}
}

void evict_request(struct worker *worker, int fd)
{
	struct random *random = &worker->random;
	struct iscsitgt_spt_session_evict record = {
		.it_nexus_handle = cookie(random),
		.hold_seconds = 1 + below(random, 3),
		.flags = below(random, 4),
	};
	enum fate fate = session_fate(record.it_nexus_handle);
	struct call call = { .kind = KIND_EVICT, .fd = fd };
	__u32 allowed = BIT(OUT_EINTR);

	header_init(&record.header, CTLCODE_ISCSITGT_SPT_SESSION_EVICT, EVICT_LENGTH);
	record.header.timeout = below(random, 2);
	if (one_in(random, 4)) {
		record.flags |= 4U << below(random, 30);
		allowed = BIT(OUT_EINVAL);
	} else if (one_in(random, 4)) {
		record.hold_seconds = one_in(random, 2) ? 0 :
			ISCSITGT_SPT_HOLD_MAX_SECONDS + 1 + below(random, 1000000);
		allowed = BIT(OUT_EINVAL);
	} else if (fate == FATE_UNKNOWN) {
		allowed = BIT(OUT_ENOENT);
	} else {
		allowed |= record.header.timeout ? BIT(OUT_ETIMEDOUT) :
						   BIT(OUT_PENDING);
	}
	/* Not a number that is somebody's by chance. */
	if (fate == FATE_UNKNOWN || fate == FATE_STUCK)
		send_whole(worker, &call, &record, sizeof(record), EVICT_LENGTH, allowed);
}

static void name(struct random *random, char *text)
{
	snprintf(text, ISCSITGT_SPT_NAME_LENGTH, "iqn.2024-01.com.example:%s%u",
		 one_in(random, 2) ? "fuzz" : "FUZZ", below(random, NAMES));
}

/* Wrong in one thing. */
static void spoil(struct random *random, struct iscsitgt_spt_hold *record)
{
	switch (below(random, 6)) {
	case 0:
		record->operation = 4 + below(random, 1000);
		break;
	case 1:
		record->count = 1 + random_next(random) % 1000;
		break;
	case 2:
		record->reserved = 1U << below(random, 32);
		break;
	case 3:
		record->initiator_name[ISCSITGT_SPT_NAME_LENGTH - 1] = 'x';
		break;
	case 4:
		record->target_name[ISCSITGT_SPT_NAME_LENGTH - 1] = 'x';
		break;
	default:
		record->seconds = ISCSITGT_SPT_HOLD_MAX_SECONDS + 1 +
				  below(random, 1000000);
	}
}

void hold_request(struct worker *worker, int fd)
{
	struct random *random = &worker->random;
	struct iscsitgt_spt_hold record = { .operation = 1 + below(random, 3) };
	struct call call = { .kind = KIND_HOLD, .fd = fd };
	__u32 allowed = BIT(OUT_DONE);

	header_init(&record.header, CTLCODE_ISCSITGT_SPT_HOLD, HOLD_LENGTH);
	if (record.operation == ISCSITGT_SPT_HOLD_GET)
		record.index = one_in(random, 8) ? random_next(random) :
						   below(random, NAMES);
	else
		name(random, record.initiator_name);
	if (record.operation != ISCSITGT_SPT_HOLD_GET && one_in(random, 8))
		name(random, record.target_name);
	if (record.operation == ISCSITGT_SPT_HOLD_SET)
		record.seconds = 1 + below(random, 3);
	else
		allowed |= BIT(OUT_ENOENT);
	if (one_in(random, 3)) {
		spoil(random, &record);
		allowed = BIT(OUT_EINVAL);
	}
	send_whole(worker, &call, &record, sizeof(record), HOLD_LENGTH, allowed);
}
