// SPDX-License-Identifier: GPL-2.0
/* Valid records, what is made of them, and whether the answer is the right one. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "fuzz.h"

static const __u32 edges[] = {
	0, 1, 11, 12, 13, 27, 28, 29, 40, 1003, 1004, 1005, 4095, 4096, 4097,
	0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
};

static __u32 edge(struct random *random)
{
	if (one_in(random, 8))
		return random_next(random);
	return edges[below(random, ARRAY_SIZE(edges))];
}

static __u32 info_length(struct random *random)
{
	static const __u32 lengths[] = {
		STOP_LENGTH, 16, 100, 980, INFO_LENGTH, INFO_LENGTH, INFO_LENGTH,
		INFO_LENGTH + 1, ISCSITGT_SPT_INFO_MAX_LENGTH,
	};

	if (one_in(random, 8))
		return STOP_LENGTH + below(random, ISCSITGT_SPT_INFO_MAX_LENGTH -
					   STOP_LENGTH + 1);
	return lengths[below(random, ARRAY_SIZE(lengths))];
}

static __u32 timeout(struct random *random)
{
	switch (below(random, 8)) {
	case 0:
		return random_next(random);
	case 1:
		return ISCSITGT_SPT_TIMEOUT_NONE;
	case 2:
		return 2;
	case 3:
		return 1;
	default:
		return ISCSITGT_SPT_TIMEOUT_START_ONLY;
	}
}

/* Few of those that take long. */
static __u64 cookie(struct random *random, bool end)
{
	__u32 chance = below(random, 1000);

	if (chance < (end ? 2 : 100))
		return pick_stuck(random);
	if (chance < (end ? 10 : 200))
		return pick_victim(random);
	switch (below(random, 8)) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	case 2:
		return random_next(random);
	case 3:
		return pick_dead(random);
	case 4:
		return pick_victim(random) ^ 1ULL << below(random, 64);
	default:
		return pick_bystander(random);
	}
}

static void mutate(struct random *random, struct call *call)
{
	static const __u32 codes[] = {
		0, 0x100, 0x102, 0x1ff, 0x201, 0x202, 0x203, 0x204, 0x300, 0x10101, 0x80000101, ~0U,
	};
	struct iscsitgt_spt_session_stop *record = &call->record;
	struct srb_io_control *header = &record->header;

	switch (below(random, 9)) {
	case 0:
		header->header_length = edge(random);
		break;
	case 1:
		header->signature[below(random, 8)] ^= 1 << below(random, 8);
		break;
	case 2:
		header->length = edge(random);
		break;
	case 3:
		header->control_code = one_in(random, 4) ? random_next(random) :
			codes[below(random, ARRAY_SIZE(codes))];
		break;
	case 4:
		record->reserved = 1U << below(random, 32);
		break;
	case 5:
		header->timeout = random_next(random);
		break;
	case 6:
		call->number ^= 1UL << below(random, 32);
		break;
	default:	/* any bit of all of it */
		((__u8 *)record)[below(random, STOP_SIZE)] ^=
			1 << below(random, 8);
	}
}

/* The answer's kind is by what the record has become. */
static enum kind kind_of(const struct call *call)
{
	if (call->number != IOCTL_SCSI_MINIPORT)
		return KIND_NUMBER;
	if (call->record.header.control_code == CTLCODE_ISCSITGT_SPT_SESSION_END)
		return KIND_END;
	if (call->record.header.control_code == CTLCODE_ISCSITGT_SPT_SESSION_INFO)
		return KIND_INFO;
	return KIND_CODE;
}

/* A record, valid or not, that ends no bystander. */
void make_record(struct worker *worker, struct call *call)
{
	struct random *random = &worker->random;
	struct srb_io_control *header = &call->record.header;
	bool end = one_in(random, 2);
	int mutations;

	memset(&call->record, 0, sizeof(call->record));
	call->number = IOCTL_SCSI_MINIPORT;
	header->timeout = timeout(random);
	if (end)
		header_init(header, CTLCODE_ISCSITGT_SPT_SESSION_END, STOP_LENGTH);
	else
		header_init(header, CTLCODE_ISCSITGT_SPT_SESSION_INFO,
			    info_length(random));
	call->record.it_nexus_handle = cookie(random, end);
	for (mutations = below(random, 3); mutations; mutations--)
		mutate(random, call);
	header->return_code = UNTOUCHED;

	/* Half of those that would are wrong in one more thing only. */
	if (session_fate(call->record.it_nexus_handle) == FATE_BYSTANDER &&
	    predict(call, FATE_BYSTANDER) & BIT(OUT_EINTR)) {
		if (one_in(random, 2))
			call->record.reserved = 1U << below(random, 32);
		else
			header->signature[below(random, 8)] ^= 0x20;
	}
	call->kind = kind_of(call);
}

/* What may have changed is right now; nothing else may have. */
static void check_memory(struct worker *worker, const struct call *call,
			 enum outcome outcome, size_t size)
{
	struct view *view = &worker->view;
	long at = call->at;

	if (outcome == OUT_DONE && reply_room(call))
		check_info(worker, call, view->alias + at);
	if (outcome == OUT_DONE || outcome == OUT_EFAULT)
		view_accept(view, at + HEAD, reply_room(call));
	if (outcome != OUT_ENOTTY && outcome != OUT_EBADF)
		view_accept(view, at + CODE_AT, sizeof(__u32));
	if (!view_is_intact(view, at - CANARY, size + 2 * CANARY))
		mismatch(worker, call, "memory that is not its was written to");
	if (!(worker->calls % 1024) && !view_is_intact_all(view))
		mismatch(worker, call, "memory far from it was written to");
}

/* @also: outcomes that are right too, as others have a hand in it */
static enum outcome send(struct worker *worker, struct call *call, __u32 also)
{
	size_t size = STOP_SIZE, room = HEAD + reply_room(call);
	struct view *view = &worker->view;
	enum outcome outcome;
	enum fate fate;
	__u32 allowed;
	int error;

	if (room > size)
		size = room;
	call->at = view_place(worker, size);
	call->view = view;
	view_fill(view, call->at - CANARY, size + 2 * CANARY,
		  below(&worker->random, 256));
	view_put(view, call->at, &call->record, STOP_SIZE);

	fate = session_fate(call->record.it_nexus_handle);
	allowed = predict(call, fate) | also;
	error = ioctl(call->fd, call->number, view->map + call->at) ? errno : 0;
	outcome = outcome_of_ioctl(worker, call, error, view->alias + call->at);
	expect(worker, call, call->kind, outcome, allowed);
	check_memory(worker, call, outcome, size);
	return outcome;
}

void request_at(struct worker *worker, int fd, enum kind kind, __u32 also)
{
	struct call call = { .fd = fd };

	make_record(worker, &call);
	call.kind = kind;
	send(worker, &call, also);
}

void request(struct worker *worker, int fd)
{
	struct call call = { .fd = fd };

	make_record(worker, &call);
	send(worker, &call, 0);
}

/* Addresses that nobody in user space has. */
void wild_request(struct worker *worker, int fd)
{
	static const __u64 addresses[] = {
		0, 1, 0x1000, 0x7ffffffff000, 0x7fffffffefff, 0x7fffffffffff,
		0x800000000000, 0x8000000000000000, 0xffff800000000000,
		0xffff888000000000, 0xffffffff81000000, 0xffffffffff600000,
		~0ULL, ~27ULL, ~39ULL,
	};
	struct random *random = &worker->random;
	__u64 address = addresses[below(random, ARRAY_SIZE(addresses))];
	struct call call = {
		.kind = KIND_WILD, .number = IOCTL_SCSI_MINIPORT, .fd = fd,
	};
	int error;

	if (one_in(random, 4))
		address = random_next(random) | 1ULL << 63;
	call.at = address;
	error = ioctl(fd, IOCTL_SCSI_MINIPORT, address) ? errno : 0;
	expect(worker, &call, KIND_WILD, outcome_of(error), BIT(OUT_EFAULT));
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* By a thread that no signal is sent to: a deadline is kept, and not early. */
void patient_request(struct worker *worker, int fd, __u64 cookie, __u32 timeout)
{
	struct call call = {
		.kind = KIND_PATIENT, .number = IOCTL_SCSI_MINIPORT, .fd = fd,
		.record = {
			.header.timeout = timeout,
			.it_nexus_handle = cookie,
		},
	};
	double began = seconds(), took;
	enum outcome outcome;

	header_init(&call.record.header, CTLCODE_ISCSITGT_SPT_SESSION_END, STOP_LENGTH);
	do
		outcome = send(worker, &call, 0);
	while (outcome == OUT_EFAULT);
	took = seconds() - began;
	if (outcome == OUT_EINTR)
		mismatch(worker, &call, "EINTR without a signal");
	/* An emulated processor may be late to count the ticks. */
	if (outcome == OUT_ETIMEDOUT && took < 0.8 * timeout)
		mismatch(worker, &call, "deadline after %.3f s", took);
}
