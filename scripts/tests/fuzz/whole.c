// SPDX-License-Identifier: GPL-2.0
/* Records that are longer than those of request.c, sent as they are. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "fuzz.h"

void header_init(struct srb_io_control *header, __u32 code, __u32 length)
{
	header->header_length = HEAD;
	memcpy(header->signature, ISCSITGT_SPT_SIGNATURE, 8);
	header->control_code = code;
	header->return_code = UNTOUCHED;
	header->length = length;
}

/* What is right for memory that is there only in part. */
static __u32 allowed_at(const struct call *call, size_t size, size_t room,
			__u32 allowed)
{
	const __u32 replied = BIT(OUT_DONE) | BIT(OUT_PENDING);
	size_t writable = view_writable(call->view, call->at + HEAD, room);

	if (view_readable(call->view, call->at, size) < size ||
	    view_writable(call->view, call->at + CODE_AT, 4) < 4 ||
	    (is_certain(call->record.header.control_code) && writable < room))
		return BIT(OUT_EFAULT);
	if (!(allowed & replied) || writable == room)
		return allowed;
	/* Of what is longer than that, how much is written depends on the answer. */
	if (writable >= size - HEAD)
		return allowed | BIT(OUT_EFAULT);
	return (allowed & ~replied) | BIT(OUT_EFAULT);
}

enum outcome send_whole(struct worker *worker, struct call *call, const void *record,
			size_t size, size_t room, __u32 allowed)
{
	struct view *view = &worker->view;
	enum outcome outcome;
	int error;

	call->number = IOCTL_SCSI_MINIPORT;
	call->view = view;
	call->at = view_place(worker, HEAD + room);
	memcpy(&call->record, record, sizeof(call->record));
	view_fill(view, call->at - CANARY, HEAD + room + 2 * CANARY,
		  below(&worker->random, 256));
	view_put(view, call->at, record, size);
	allowed = allowed_at(call, size, room, allowed);
	error = ioctl(call->fd, IOCTL_SCSI_MINIPORT, view->map + call->at) ? errno : 0;
	outcome = outcome_of_ioctl(worker, call, error, view->alias + call->at);
	expect(worker, call, call->kind, outcome, allowed);
	if (outcome == OUT_DONE || outcome == OUT_PENDING || outcome == OUT_EFAULT)
		view_accept(view, call->at + HEAD, room);
	view_accept(view, call->at + CODE_AT, sizeof(__u32));
	if (!view_is_intact(view, call->at - CANARY, HEAD + room + 2 * CANARY))
		mismatch(worker, call, "memory that is not its was written to");
	return outcome;
}
