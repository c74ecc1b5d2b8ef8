// SPDX-License-Identifier: GPL-2.0
/*
 * What a call has to answer, by the uapi header alone: nothing here is by the
 * module's code, so that both can be wrong only in different ways.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"

static __u32 predict_end(__u32 timeout, enum fate fate)
{
	__u32 allowed = BIT(OUT_EINTR);

	if (timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY)
		allowed |= BIT(OUT_PENDING);
	else if (timeout != ISCSITGT_SPT_TIMEOUT_NONE)
		allowed |= BIT(OUT_ETIMEDOUT);
	if (fate == FATE_VICTIM)
		allowed |= BIT(OUT_DONE) | BIT(OUT_ENOENT);
	return allowed;
}

static __u32 predict_info(const struct call *call, enum fate fate)
{
	__u32 length = call->record.header.length;
	__u32 allowed = BIT(OUT_DONE);

	if (view_writable(call->view, call->at + HEAD, length) < length)
		allowed = BIT(OUT_EFAULT);
	if (fate == FATE_VICTIM)
		allowed |= BIT(OUT_ENOENT);
	return allowed;
}

/* How much of the record is read. */
static __u32 read_length(__u32 code)
{
	switch (code) {
	case CTLCODE_ISCSITGT_SPT_SESSION_EVICT:
		return EVICT_LENGTH;
	case CTLCODE_ISCSITGT_SPT_HOLD:
		return HOLD_LENGTH;
	case CTLCODE_ISCSITGT_SPT_SESSION_LIST:
		return LIST_LENGTH;
	default:
		return STOP_LENGTH;
	}
}

static bool is_length(__u32 code, __u32 length)
{
	switch (code) {
	case CTLCODE_ISCSITGT_SPT_SESSION_INFO:
		return length >= STOP_LENGTH && length <= ISCSITGT_SPT_INFO_MAX_LENGTH;
	case CTLCODE_ISCSITGT_SPT_SESSION_LIST:
		return length >= LIST_LENGTH &&
		       length <= LIST_LENGTH + ISCSITGT_SPT_LIST_MAX_COUNT *
		       (HEAD + ISCSITGT_SPT_INFO_MAX_LENGTH);
	default:
		return length == read_length(code);
	}
}

static bool is_code(__u32 code)
{
	return code == CTLCODE_ISCSITGT_SPT_SESSION_END ||
	       (code >= CTLCODE_ISCSITGT_SPT_SESSION_INFO &&
		code <= CTLCODE_ISCSITGT_SPT_SESSION_LIST);
}

/* Is nothing done unless the answer can be written? */
bool is_certain(__u32 code)
{
	return code == CTLCODE_ISCSITGT_SPT_SESSION_EVICT ||
	       code == CTLCODE_ISCSITGT_SPT_HOLD;
}

/* The outcomes that are right, for a session of that fate; a set of bits. */
__u32 predict(const struct call *call, enum fate fate)
{
	const struct srb_io_control *header = &call->record.header;
	__u32 length;

	if (call->number != IOCTL_SCSI_MINIPORT)
		return BIT(OUT_ENOTTY);
	if (view_readable(call->view, call->at, HEAD) < HEAD ||
	    view_writable(call->view, call->at + CODE_AT, 4) < 4)
		return BIT(OUT_EFAULT);
	if (header->header_length != HEAD ||
	    memcmp(header->signature, ISCSITGT_SPT_SIGNATURE, 8))
		return BIT(OUT_EINVAL);
	if (!is_code(header->control_code))
		return BIT(OUT_EOPNOTSUPP);
	if (!is_length(header->control_code, header->length))
		return BIT(OUT_EINVAL);
	length = read_length(header->control_code);
	if (view_readable(call->view, call->at + HEAD, length) < length ||
	    (is_certain(header->control_code) &&
	     view_writable(call->view, call->at + HEAD, length) < length))
		return BIT(OUT_EFAULT);
	/* What follows the cookie is good for none; others make those where it is. */
	if (length != STOP_LENGTH || call->record.reserved)
		return BIT(OUT_EINVAL);
	if (fate == FATE_UNKNOWN)
		return BIT(OUT_ENOENT);
	if (header->control_code == CTLCODE_ISCSITGT_SPT_SESSION_INFO)
		return predict_info(call, fate);
	return predict_end(header->timeout, fate);
}

/* errno and ReturnCode, which have to agree. */
enum outcome outcome_of_ioctl(const struct worker *worker,
			      const struct call *call, int error,
			      const void *record)
{
	static const __u32 codes[OUTCOMES] = {
		[OUT_DONE] = SRB_STATUS_SUCCESS,
		[OUT_EINVAL] = SRB_STATUS_INVALID_REQUEST,
		[OUT_EOPNOTSUPP] = SRB_STATUS_INVALID_REQUEST,
		[OUT_ENOENT] = SRB_STATUS_NO_DEVICE,
		[OUT_ETIMEDOUT] = SRB_STATUS_TIMEOUT,
		[OUT_EINTR] = SRB_STATUS_ABORTED,
		[OUT_ENOTTY] = UNTOUCHED,
	};
	enum outcome outcome = outcome_of(error);
	__u32 code;

	/* With these nothing is said, as it could not be or nobody listens. */
	if (outcome == OUT_EFAULT || outcome == OUT_EBADF ||
	    outcome == OUT_ENOTTY)
		return outcome;
	memcpy(&code, (const char *)record + CODE_AT, sizeof(code));
	if (outcome == OUT_DONE && code == SRB_STATUS_PENDING)
		return OUT_PENDING;
	if (code != codes[outcome])
		mismatch(worker, call, "errno %s with ReturnCode %#x",
			 strerror(error), code);
	return outcome;
}

/* How many bytes after the header a good answer may change, or a bad one. */
size_t reply_room(const struct call *call)
{
	const struct srb_io_control *header = &call->record.header;

	if (call->number != IOCTL_SCSI_MINIPORT ||
	    header->control_code != CTLCODE_ISCSITGT_SPT_SESSION_INFO ||
	    !is_length(header->control_code, header->length))
		return 0;
	return header->length;
}

static bool is_text(const char *text, size_t size)
{
	size_t length = strnlen(text, size);
	size_t i;

	for (i = length; i < size; i++) {
		if (text[i])
			return false;
	}
	return length < size;
}

#define SAME(info, reference, first, last) \
	same(info, reference, \
	     offsetof(struct iscsitgt_spt_session_info, first), \
	     offsetof(struct iscsitgt_spt_session_info, last))

static bool same(const void *info, const void *reference, size_t first,
		 size_t last)
{
	return !memcmp((const char *)info + first,
		       (const char *)reference + first, last - first);
}

/* A whole record. */
static const char *wrong_with(const struct iscsitgt_spt_session_info *info,
			      __u64 cookie)
{
	const struct iscsitgt_spt_session_info *reference;

	if (info->it_nexus_handle != cookie || info->reserved ||
	    info->reserved2 || info->state > ISCSITGT_SPT_STATE_IN_CONTINUE ||
	    !info->state)
		return "fields";
	if (!is_text(info->initiator_name, sizeof(info->initiator_name)) ||
	    !is_text(info->target_name, sizeof(info->target_name)) ||
	    !is_text(info->peer_address, sizeof(info->peer_address)) ||
	    !is_text(info->portal_address, sizeof(info->portal_address)) ||
	    !is_text(info->acl_tag, sizeof(info->acl_tag)) ||
	    !is_text(info->chap_user, sizeof(info->chap_user)))
		return "text";
	reference = session_reference(cookie);
	if (!reference)
		return NULL;
	if (session_fate(cookie) == FATE_BYSTANDER &&
	    info->flags & ISCSITGT_SPT_FLAG_ENDING)
		return "a bystander is ending";
	if (info->state != reference->state ||
	    !SAME(info, reference, sid, command_pdus) ||
	    !SAME(info, reference, initiator_name, commands))
		return "not what it was at the beginning";
	return NULL;
}

/* @record: that of a SESSION_INFO that was answered */
void check_info(const struct worker *worker, const struct call *call,
		const void *record)
{
	__u32 length = call->record.header.length, i;
	const char *bytes = record;
	struct iscsitgt_spt_session_info info;
	const char *wrong;

	if (length >= INFO_LENGTH) {
		memcpy(&info, record, sizeof(info));
		wrong = wrong_with(&info, call->record.it_nexus_handle);
		if (wrong)
			mismatch(worker, call, "INFO: %s", wrong);
	} else if (memcmp(bytes + HEAD, &call->record.reserved, STOP_LENGTH)) {
		mismatch(worker, call, "INFO of another cookie");
	}
	for (i = INFO_LENGTH; i < length; i++) {
		if (bytes[HEAD + i])
			mismatch(worker, call, "INFO: byte %u is not zero", i);
	}
}
