// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "field.h"
#include "path.h"
#include "sptctl.h"
#include "text.h"

#define IN_INFO(member)	offsetof(struct session, info.member)
#define FLAGS		IN_INFO(flags)

/* In the order of the output. */
const struct field fields[] = {
	{ FIELD_COOKIE, "cookie", "Cookie", "COOKIE", COLUMN_ALWAYS, 0, 0 },
	{ FIELD_STATE, "state", "State", "STATE", COLUMN_ALWAYS, 0, 0 },
	{ FIELD_NOTE, "note", "Doing", NULL, COLUMN_NONE, 0, 0 },
	{ FIELD_TEXT, "initiator_name", "Initiator", "INITIATOR", COLUMN_ALWAYS,
	  IN_INFO(initiator_name), 0 },
	{ FIELD_TEXT, "target_name", "Target", "TARGET", COLUMN_ALWAYS,
	  IN_INFO(target_name), 0 },
	{ FIELD_U16, "tpgt", "TPG", "TPG", COLUMN_ALWAYS, IN_INFO(tpgt), 0 },
	{ FIELD_TEXT, "peer_address", "Peer", "PEER", COLUMN_WIDE,
	  IN_INFO(peer_address), 0 },
	{ FIELD_TEXT, "chap_user", "CHAP user", "CHAP-USER", COLUMN_WIDE,
	  IN_INFO(chap_user), 0 },
	{ FIELD_U32, "connections", "Connections", "CONNS", COLUMN_WIDE,
	  IN_INFO(connections), 0 },
	{ FIELD_U32, "commands", "Commands in hand", "COMMANDS", COLUMN_WIDE,
	  IN_INFO(commands), 0 },
	{ FIELD_SECONDS, "age_seconds", "Age", "AGE", COLUMN_ALWAYS,
	  offsetof(struct session, age), 0 },
	{ FIELD_TIME, "login_at", "Logged in", NULL, COLUMN_NONE, 0, 0 },
	{ FIELD_IT_NEXUS, "it_nexus", "I_T nexus", NULL, COLUMN_NONE, 0, 0 },
	{ FIELD_TEXT, "portal_address", "Portal", NULL, COLUMN_NONE,
	  IN_INFO(portal_address), 0 },
	{ FIELD_TPG_PATH, "tpg_path", "TPG in targetcli", NULL, COLUMN_NONE, 0, 0 },
	{ FIELD_ACL_PATH, "acl_path", "ACL in targetcli", NULL, COLUMN_NONE, 0, 0 },
	{ FIELD_TEXT, "acl_tag", "ACL tag", NULL, COLUMN_NONE, IN_INFO(acl_tag), 0 },
	{ FIELD_FLAG, "demo_acl", "Demo-mode ACL", NULL, COLUMN_NONE, FLAGS,
	  ISCSITGT_SPT_FLAG_DEMO_ACL },
	{ FIELD_FLAG, "discovery", "Discovery", NULL, COLUMN_NONE, FLAGS,
	  ISCSITGT_SPT_FLAG_DISCOVERY },
	{ FIELD_FLAG, "iser", "iSER", NULL, COLUMN_NONE, FLAGS,
	  ISCSITGT_SPT_FLAG_ISER },
	{ FIELD_FLAG, "ending", "Ending", NULL, COLUMN_NONE, FLAGS,
	  ISCSITGT_SPT_FLAG_ENDING },
	{ FIELD_SECONDS, "ending_seconds", NULL, NULL, COLUMN_NONE,
	  offsetof(struct session, ending), 0 },
	{ FIELD_ISID, "isid", "ISID", NULL, COLUMN_NONE, 0, 0 },
	{ FIELD_U16, "tsih", "TSIH", NULL, COLUMN_NONE, IN_INFO(tsih), 0 },
	{ FIELD_U32, "sid", "LIO session ID", NULL, COLUMN_NONE, IN_INFO(sid), 0 },
	{ FIELD_U8, "error_recovery_level", "Error recovery level", NULL,
	  COLUMN_NONE, IN_INFO(error_recovery_level), 0 },
	{ FIELD_U32, "time2retain", "Time2Retain, seconds", NULL, COLUMN_NONE,
	  IN_INFO(time2retain), 0 },
	{ FIELD_U32, "time2retain_left", NULL, NULL, COLUMN_NONE,
	  IN_INFO(time2retain_left), 0 },
	{ FIELD_CONNECTION_STATES, "connection_states", "Connection states", NULL,
	  COLUMN_NONE, 0, 0 },
	{ FIELD_U64, "login_time", NULL, NULL, COLUMN_NONE, IN_INFO(login_time), 0 },
	{ FIELD_U64, "command_pdus", "Commands received", NULL, COLUMN_NONE,
	  IN_INFO(command_pdus), 0 },
	{ FIELD_U64, "response_pdus", "Responses sent", NULL, COLUMN_NONE,
	  IN_INFO(response_pdus), 0 },
	{ FIELD_U64, "rx_bytes", "Bytes received", NULL, COLUMN_NONE,
	  IN_INFO(rx_bytes), 0 },
	{ FIELD_U64, "tx_bytes", "Bytes sent", NULL, COLUMN_NONE,
	  IN_INFO(tx_bytes), 0 },
};

const size_t field_count = ARRAY_SIZE(fields);

const struct field *field_find(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < field_count; i++)
		if (strlen(fields[i].name) == length &&
		    !memcmp(fields[i].name, name, length))
			return &fields[i];
	return NULL;
}

static char *isid_text(const __u8 *isid)
{
	return xasprintf("%02x%02x%02x%02x%02x%02x", isid[0], isid[1], isid[2],
			 isid[3], isid[4], isid[5]);
}

static char *it_nexus_text(const struct iscsitgt_spt_session_info *info)
{
	char *isid = isid_text(info->isid);
	char *nexus = xasprintf("%s,i,0x%s,%s,t,0x%04x", info->initiator_name,
				isid, info->target_name, info->tpgt);

	free(isid);
	return nexus;
}

/* LIO makes up demo-mode ACLs: no path leads to them. */
static char *acl_path_text(const struct iscsitgt_spt_session_info *info)
{
	if (info->flags & ISCSITGT_SPT_FLAG_DEMO_ACL)
		return xstrdup("");
	return path_of_acl(info->target_name, info->tpgt, info->initiator_name);
}

static char *connection_states_text(const struct iscsitgt_spt_session_info *info)
{
	char *all = xstrdup(""), *more;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(info->connection_states); i++) {
		if (!info->connection_states[i])
			break;
		more = xasprintf("%s%s%s", all, i ? "," : "",
				 connection_state(info->connection_states[i]));
		free(all);
		all = more;
	}
	return all;
}

/* ISO 8601 wants a colon in the offset, strftime() has none. */
static char *time_text(time_t time)
{
	char date[sizeof("-2147483648-01-01T00:00:00")], offset[sizeof("+0000")];
	struct tm tm;

	if (!localtime_r(&time, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) ||
	    !strftime(offset, sizeof(offset), "%z", &tm))
		return xstrdup("");
	return xasprintf("%s%.3s:%s", date, offset, offset + 3);
}

char *field_text(const struct field *field, const struct session *session)
{
	const struct iscsitgt_spt_session_info *info = &session->info;

	switch (field->kind) {
	case FIELD_COOKIE:
		return xasprintf("0x%016llx", info->it_nexus_handle);
	case FIELD_STATE:
		return xstrdup(session_state(session));
	case FIELD_IT_NEXUS:
		return it_nexus_text(info);
	case FIELD_TPG_PATH:
		return path_of_tpg(info->target_name, info->tpgt);
	case FIELD_ACL_PATH:
		return acl_path_text(info);
	case FIELD_CONNECTION_STATES:
		return connection_states_text(info);
	case FIELD_TIME:
		return time_text(session->login);
	case FIELD_NOTE:
		return session_note(session);
	case FIELD_ISID:
		return isid_text(info->isid);
	default:
		return xstrdup((const char *)session + field->offset);
	}
}

__u64 field_number(const struct field *field, const struct session *session)
{
	const void *p = (const char *)session + field->offset;

	switch (field->kind) {
	case FIELD_FLAG:
		return !!(*(const __u32 *)p & field->bit);
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

char *field_plain(const struct field *field, const struct session *session)
{
	__u64 number;

	if (field->kind <= FIELD_TEXT)
		return display_text(field, session);
	number = field_number(field, session);
	if (field->kind == FIELD_FLAG)
		return xstrdup(number ? "yes" : "no");
	return xasprintf("%llu", number);
}

static char *local_time(time_t time)
{
	char text[64];
	struct tm tm;

	if (!localtime_r(&time, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &tm))
		return xasprintf("-");
	return text_escape(text);
}

char *field_display(const struct field *field, const struct session *session)
{
	/* To an admin, that it is going matters more than from which state. */
	if (field->kind == FIELD_STATE)
		return xstrdup(session_shown_state(session));
	if (field->kind == FIELD_TIME)
		return local_time(session->login);
	if (field->kind == FIELD_SECONDS)
		return text_age(field_number(field, session));
	return field_plain(field, session);
}
