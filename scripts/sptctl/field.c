// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "field.h"
#include "sptctl.h"
#include "text.h"

#define IN_INFO(member)	offsetof(struct session, info.member)
#define FLAGS		IN_INFO(flags)

/* In the order of the output. */
const struct field fields[] = {
	{ FIELD_COOKIE, "cookie", "Cookie", "COOKIE", 0, 0 },
	{ FIELD_STATE, "state", "State", "STATE", 0, 0 },
	{ FIELD_TEXT, "initiator_name", "Initiator", "INITIATOR",
	  IN_INFO(initiator_name), ISCSITGT_SPT_NAME_LENGTH },
	{ FIELD_TEXT, "target_name", "Target", "TARGET",
	  IN_INFO(target_name), ISCSITGT_SPT_NAME_LENGTH },
	{ FIELD_U16, "tpgt", "TPG", "TPG", IN_INFO(tpgt), 0 },
	{ FIELD_TEXT, "peer_address", "Peer", "PEER",
	  IN_INFO(peer_address), ISCSITGT_SPT_ADDRESS_LENGTH },
	{ FIELD_TEXT, "chap_user", "CHAP user", "CHAP-USER",
	  IN_INFO(chap_user), ISCSITGT_SPT_CHAP_USER_LENGTH },
	{ FIELD_U32, "connections", "Connections", "CONNS", IN_INFO(connections), 0 },
	{ FIELD_SECONDS, "age_seconds", "Age", "AGE", offsetof(struct session, age), 0 },
	{ FIELD_IT_NEXUS, "it_nexus", "I_T nexus", NULL, 0, 0 },
	{ FIELD_TEXT, "portal_address", "Portal", NULL,
	  IN_INFO(portal_address), ISCSITGT_SPT_ADDRESS_LENGTH },
	{ FIELD_TEXT, "acl_tag", "ACL tag", NULL,
	  IN_INFO(acl_tag), ISCSITGT_SPT_ACL_TAG_LENGTH },
	{ FIELD_FLAG, "demo_acl", "Demo-mode ACL", NULL, FLAGS, ISCSITGT_SPT_FLAG_DEMO_ACL },
	{ FIELD_FLAG, "discovery", "Discovery", NULL, FLAGS, ISCSITGT_SPT_FLAG_DISCOVERY },
	{ FIELD_FLAG, "iser", "iSER", NULL, FLAGS, ISCSITGT_SPT_FLAG_ISER },
	{ FIELD_FLAG, "ending", "Ending", NULL, FLAGS, ISCSITGT_SPT_FLAG_ENDING },
	{ FIELD_ISID, "isid", "ISID", NULL, 0, 0 },
	{ FIELD_U16, "tsih", "TSIH", NULL, IN_INFO(tsih), 0 },
	{ FIELD_U32, "sid", "LIO session ID", NULL, IN_INFO(sid), 0 },
	{ FIELD_U8, "error_recovery_level", "Error recovery level", NULL,
	  IN_INFO(error_recovery_level), 0 },
	{ FIELD_U32, "time2retain", "Time2Retain, seconds", NULL, IN_INFO(time2retain), 0 },
	{ FIELD_U64, "login_time", NULL, NULL, IN_INFO(login_time), 0 },
	{ FIELD_U64, "command_pdus", "Commands received", NULL, IN_INFO(command_pdus), 0 },
	{ FIELD_U64, "response_pdus", "Responses sent", NULL, IN_INFO(response_pdus), 0 },
	{ FIELD_U64, "rx_bytes", "Bytes received", NULL, IN_INFO(rx_bytes), 0 },
	{ FIELD_U64, "tx_bytes", "Bytes sent", NULL, IN_INFO(tx_bytes), 0 },
};

const size_t field_count = ARRAY_SIZE(fields);

static const char *state_word(__u32 state)
{
	static const char *const words[] = {
		[ISCSITGT_SPT_STATE_FREE] = "free",
		[ISCSITGT_SPT_STATE_ACTIVE] = "active",
		[ISCSITGT_SPT_STATE_LOGGED_IN] = "logged-in",
		[ISCSITGT_SPT_STATE_FAILED] = "failed",
		[ISCSITGT_SPT_STATE_IN_CONTINUE] = "in-continue",
	};

	return state < ARRAY_SIZE(words) && words[state] ? words[state] : "unknown";
}

static char *isid_text(const __u8 *isid)
{
	return xasprintf("%02x%02x%02x%02x%02x%02x", isid[0], isid[1], isid[2],
			 isid[3], isid[4], isid[5]);
}

static char *it_nexus_text(const struct iscsitgt_spt_session_info *info)
{
	char *isid = isid_text(info->isid);
	char *nexus = xasprintf("%.*s,i,0x%s,%.*s,t,0x%04x",
				ISCSITGT_SPT_NAME_LENGTH, info->initiator_name, isid,
				ISCSITGT_SPT_NAME_LENGTH, info->target_name, info->tpgt);

	free(isid);
	return nexus;
}

char *field_text(const struct field *field, const struct session *session)
{
	const struct iscsitgt_spt_session_info *info = &session->info;

	switch (field->kind) {
	case FIELD_COOKIE:
		return xasprintf("0x%016llx", info->it_nexus_handle);
	case FIELD_STATE:
		return xasprintf("%s", state_word(info->state));
	case FIELD_IT_NEXUS:
		return it_nexus_text(info);
	case FIELD_ISID:
		return isid_text(info->isid);
	default:
		/* The device may have left out the terminator. */
		return xasprintf("%.*s", (int)field->detail,
				 (const char *)session + field->offset);
	}
}

__u64 field_number(const struct field *field, const struct session *session)
{
	const void *p = (const char *)session + field->offset;

	switch (field->kind) {
	case FIELD_FLAG:
		return !!(*(const __u32 *)p & field->detail);
	case FIELD_U8:
		return *(const __u8 *)p;
	case FIELD_U16:
		return *(const __u16 *)p;
	case FIELD_U32:
		return *(const __u32 *)p;
	default:
		return *(const __u64 *)p;
	}
}

static char *display_text(const struct field *field,
			  const struct session *session)
{
	char *text = field_text(field, session);
	char *shown = text_escape(*text ? text : "-");

	free(text);
	return shown;
}

char *field_display(const struct field *field, const struct session *session)
{
	__u64 number;

	/* To an admin, that it is going matters more than from which state. */
	if (field->kind == FIELD_STATE &&
	    session->info.flags & ISCSITGT_SPT_FLAG_ENDING)
		return xasprintf("ending");
	if (field->kind <= FIELD_TEXT)
		return display_text(field, session);

	number = field_number(field, session);
	if (field->kind == FIELD_FLAG)
		return xasprintf("%s", number ? "yes" : "no");
	if (field->kind == FIELD_SECONDS)
		return text_age(number);
	return xasprintf("%llu", number);
}
