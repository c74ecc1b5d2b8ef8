// SPDX-License-Identifier: GPL-2.0
/*
 * The records of the interface: their layout, what makes a header valid, and
 * how a session is told in them.  Pure functions of their arguments; no locks,
 * no LIO.
 */
#include <linux/kernel.h>
#include <linux/nls.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "record.h"

#define SPT_ASSERT_OFFSET(type, member, offset) \
	static_assert(offsetof(struct type, member) == (offset))

static_assert(sizeof(struct srb_io_control) == 28);
SPT_ASSERT_OFFSET(srb_io_control, signature, 4);
SPT_ASSERT_OFFSET(srb_io_control, timeout, 12);
SPT_ASSERT_OFFSET(srb_io_control, control_code, 16);
SPT_ASSERT_OFFSET(srb_io_control, return_code, 20);
SPT_ASSERT_OFFSET(srb_io_control, length, 24);

static_assert(sizeof(struct iscsitgt_spt_session_stop) == 40);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_stop, it_nexus_handle, 32);

static_assert(sizeof(struct iscsitgt_spt_session_start) == 1704);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_start, is_reinstated, 28);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_start, it_nexus_handle, 32);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_start, peer_address, 40);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_start, it_nexus, 168);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_start, chap_user_name, 1192);

static_assert(sizeof(struct iscsitgt_spt_session_info) == 1032);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, it_nexus_handle, 32);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, state, 40);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, login_time, 72);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, initiator_name, 112);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, chap_user, 752);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, commands, 1008);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, ending_since, 1016);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_info, connection_states, 1024);

static_assert(sizeof(struct iscsitgt_spt_session_list) == 48);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_list, it_nexus_handle, 32);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_list, count, 40);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_list, record_size, 44);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_list, records, 48);

static_assert(sizeof(struct iscsitgt_spt_session_evict) == 48);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_evict, it_nexus_handle, 32);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_evict, hold_seconds, 40);
SPT_ASSERT_OFFSET(iscsitgt_spt_session_evict, flags, 44);

static_assert(sizeof(struct iscsitgt_spt_hold) == 496);
SPT_ASSERT_OFFSET(iscsitgt_spt_hold, operation, 28);
SPT_ASSERT_OFFSET(iscsitgt_spt_hold, seconds, 32);
SPT_ASSERT_OFFSET(iscsitgt_spt_hold, index, 36);
SPT_ASSERT_OFFSET(iscsitgt_spt_hold, count, 40);
SPT_ASSERT_OFFSET(iscsitgt_spt_hold, initiator_name, 48);
SPT_ASSERT_OFFSET(iscsitgt_spt_hold, target_name, 272);

/**
 * spt_header_check - is this a header of ours?
 * @header: as it came from user space
 *
 * Knows nothing of control codes and of the lengths that they ask for.
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int spt_header_check(const struct srb_io_control *header)
{
	if (header->header_length != sizeof(*header) ||
	    memcmp(header->signature, ISCSITGT_SPT_SIGNATURE,
		   sizeof(header->signature)))
		return -EINVAL;
	return 0;
}

/**
 * spt_header_fill - the header of a record that is read
 * @header: filled in
 * @control_code: a CTLCODE_ISCSITGT_SPT_*
 * @length: bytes that follow the header
 *
 * Context: any.
 */
void spt_header_fill(struct srb_io_control *header, u32 control_code,
		     u32 length)
{
	header->header_length = sizeof(*header);
	memcpy(header->signature, ISCSITGT_SPT_SIGNATURE,
	       sizeof(header->signature));
	header->timeout = 0;
	header->control_code = control_code;
	header->return_code = SRB_STATUS_SUCCESS;
	header->length = length;
}

/**
 * spt_nexus_name - the SCSI I_T nexus name, RFC 7143 section 4.4
 * @text: filled in and NUL-terminated
 * @size: of @text; SCSI_PASS_THROUGH_MAX_ITNEXUS_STRING_LENGTH is enough
 * @id: of the session
 * @facts: of the session
 *
 * Context: any.
 * Return: its length without the terminator.
 */
size_t spt_nexus_name(char *text, size_t size, const struct spt_identity *id,
		      const struct spt_facts *facts)
{
	return scnprintf(text, size, "%s,i,0x%*phN,%s,t,0x%04x",
			 facts->initiator, SPT_ISID_LENGTH, id->isid,
			 facts->target, facts->tpgt);
}

/**
 * spt_utf16 - text as UTF-16LE, NUL-terminated and zero-filled
 * @units: filled in whole
 * @room: of @units, terminator included; at least 1
 * @text: meant to be UTF-8; each byte that is not becomes U+FFFD
 *
 * What does not fit is cut between characters.
 *
 * Context: any.
 */
void spt_utf16(__u16 *units, size_t room, const char *text)
{
	const size_t last = room - 1;
	size_t left = strlen(text);
	size_t n = 0;

	while (left) {
		unicode_t c;
		int used = utf8_to_utf32((const u8 *)text, left, &c);

		if (used < 1) {
			used = 1;
			c = 0xfffd;
		}
		if (n + (c > 0xffff ? 2 : 1) > last)
			break;
		if (c > 0xffff) {
			c -= 0x10000;
			units[n++] = 0xd800 | (c >> 10);
			units[n++] = 0xdc00 | (c & 0x3ff);
		} else {
			units[n++] = c;
		}
		text += used;
		left -= used;
	}
	memset(units + n, 0, (room - n) * sizeof(*units));
}

/**
 * spt_record_start - the START record of a session
 * @record: filled in whole
 * @session: of which the caller has a reference
 *
 * Context: any.
 */
void spt_record_start(struct iscsitgt_spt_session_start *record,
		      const struct spt_session *session)
{
	char nexus[SCSI_PASS_THROUGH_MAX_ITNEXUS_STRING_LENGTH];

	spt_header_fill(&record->header, CTLCODE_ISCSITGT_SPT_SESSION_START,
			SPT_START_LENGTH);
	record->is_reinstated = session->reinstated;
	record->it_nexus_handle = session->cookie;
	spt_utf16(record->peer_address, ARRAY_SIZE(record->peer_address),
		  session->facts.peer);
	spt_nexus_name(nexus, sizeof(nexus), &session->id, &session->facts);
	spt_utf16(record->it_nexus, ARRAY_SIZE(record->it_nexus), nexus);
	spt_utf16(record->chap_user_name, ARRAY_SIZE(record->chap_user_name),
		  session->facts.chap_user);
}

/**
 * spt_record_stop - the STOP record of a session
 * @record: filled in whole
 * @session: one that has ended, of which the caller has a reference
 *
 * Context: any.
 */
void spt_record_stop(struct iscsitgt_spt_session_stop *record,
		     const struct spt_session *session)
{
	spt_header_fill(&record->header, CTLCODE_ISCSITGT_SPT_SESSION_END,
			SPT_STOP_LENGTH);
	record->header.return_code = session->cause;
	record->reserved = 0;
	record->it_nexus_handle = session->cookie;
}

/**
 * spt_record_info - what the module itself knows for SESSION_INFO
 * @record: filled in but for its header, what lio_info_listed() knows, and whether it
 *	is ending
 * @session: of which the caller has a reference
 *
 * Context: any.
 */
void spt_record_info(struct iscsitgt_spt_session_info *record,
		     const struct spt_session *session)
{
	const struct spt_facts *facts = &session->facts;

	record->it_nexus_handle = session->cookie;
	record->sid = session->id.sid;
	record->tsih = session->id.tsih;
	record->tpgt = facts->tpgt;
	memcpy(record->isid, session->id.isid, sizeof(record->isid));
	record->login_time = facts->login_time;
	strscpy(record->initiator_name, facts->initiator,
		sizeof(record->initiator_name));
	strscpy(record->target_name, facts->target,
		sizeof(record->target_name));
	strscpy(record->chap_user, facts->chap_user,
		sizeof(record->chap_user));
}
