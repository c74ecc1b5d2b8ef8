// SPDX-License-Identifier: GPL-2.0
/* SESSION_LIST, from anywhere on and in records of any size. */
#include <string.h>

#include "fuzz.h"

/* So many have room in the memory that there is. */
#define RECORDS	8

static __u64 cookie(struct random *random)
{
	switch (below(random, 5)) {
	case 0:
		return random_next(random);
	case 1:
		return pick_dead(random);
	case 2:
		return pick_bystander(random);
	default:
		return 0;
	}
}

static __u32 record_size(struct random *random)
{
	static const __u32 sizes[] = {
		STOP_SIZE, STOP_SIZE + 8, INFO_SIZE - 8, INFO_SIZE, INFO_SIZE, INFO_SIZE + 8,
	};

	return sizes[below(random, ARRAY_SIZE(sizes))];
}

/* Wrong in one thing; Length agrees, if it is not that. */
static void spoil(struct random *random, struct iscsitgt_spt_session_list *list)
{
	switch (below(random, 5)) {
	case 0:
		list->reserved = 1U << below(random, 32);
		break;
	case 1:
		list->count = one_in(random, 2) ? 0 :
			ISCSITGT_SPT_LIST_MAX_COUNT + 1 + below(random, 1000000);
		break;
	case 2:
		list->record_size += 1 + below(random, 7);
		break;
	case 3:
		list->record_size = one_in(random, 2) ? STOP_SIZE - 8 : 1U << 31;
		break;
	default:
		list->header.length += 1 + below(random, 1000);
		return;
	}
	list->header.length = LIST_LENGTH + list->count * list->record_size;
}

/* What is told is by @record, which is what was sent and has been answered. */
static void check_list(const struct worker *worker, const struct call *call,
		       const struct iscsitgt_spt_session_list *sent, const char *record)
{
	struct iscsitgt_spt_session_list list;
	struct call told = { .kind = KIND_LIST };
	__u64 last = sent->it_nexus_handle;
	__u32 i;

	memcpy(&list, record, sizeof(list));
	if (list.count > sent->count || list.record_size != sent->record_size)
		mismatch(worker, call, "LIST: %u records of %u", list.count,
			 list.record_size);
	record += sizeof(list);
	for (i = 0; i < list.count; i++, record += list.record_size) {
		memcpy(&told.record, record, sizeof(told.record));
		if (told.record.header.return_code != SRB_STATUS_SUCCESS ||
		    told.record.header.length != list.record_size - HEAD ||
		    told.record.it_nexus_handle <= last)
			mismatch(worker, call, "LIST: record %u", i);
		last = told.record.it_nexus_handle;
		check_info(worker, &told, record);
	}
	if (list.it_nexus_handle && list.it_nexus_handle < last)
		mismatch(worker, call, "LIST goes back");
	if (!list.it_nexus_handle && !sent->it_nexus_handle && !list.count)
		mismatch(worker, call, "LIST of nobody");
}

void list_request(struct worker *worker, int fd)
{
	struct random *random = &worker->random;
	struct iscsitgt_spt_session_list list = {
		.it_nexus_handle = cookie(random),
		.count = 1 + below(random, RECORDS),
		.record_size = record_size(random),
	};
	struct call call = { .kind = KIND_LIST, .fd = fd };
	/* Whoever asks from the beginning waits for those who look at LIO. */
	__u32 allowed = BIT(OUT_DONE) | BIT(OUT_EINTR);
	size_t room = LIST_LENGTH + list.count * list.record_size;

	header_init(&list.header, CTLCODE_ISCSITGT_SPT_SESSION_LIST, room);
	if (one_in(random, 3)) {
		spoil(random, &list);
		allowed = BIT(OUT_EINVAL);
	}
	if (send_whole(worker, &call, &list, sizeof(list), room, allowed) == OUT_DONE)
		check_list(worker, &call, &list, worker->view.alias + call.at);
}
