// SPDX-License-Identifier: GPL-2.0
/*
 * Offsets, sizes and values are numbers and bytes here, from the documents and
 * not from the headers: what another program has to find is tested, not that
 * the headers agree with themselves.
 */
#include <kunit/test.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "../module/record.c"

struct record_field {
	const char *name;
	size_t offset;
	size_t size;
	size_t want;
};

#define RECORD_FIELD(want, ...) \
	{ #__VA_ARGS__, offsetof(__VA_ARGS__), sizeof_field(__VA_ARGS__), want }

struct record_layout {
	const char *name;
	size_t size;
	size_t want;
	const struct record_field *fields;
};

#define RECORD_LAYOUT(type, want, fields) \
	{ #type, sizeof(struct type), want, fields }

static const struct record_field record_header_fields[] = {
	RECORD_FIELD(0, struct srb_io_control, header_length),
	RECORD_FIELD(4, struct srb_io_control, signature),
	RECORD_FIELD(12, struct srb_io_control, timeout),
	RECORD_FIELD(16, struct srb_io_control, control_code),
	RECORD_FIELD(20, struct srb_io_control, return_code),
	RECORD_FIELD(24, struct srb_io_control, length),
	{}
};

static const struct record_field record_stop_fields[] = {
	RECORD_FIELD(0, struct iscsitgt_spt_session_stop, header),
	RECORD_FIELD(28, struct iscsitgt_spt_session_stop, reserved),
	RECORD_FIELD(32, struct iscsitgt_spt_session_stop, it_nexus_handle),
	{}
};

static const struct record_field record_start_fields[] = {
	RECORD_FIELD(0, struct iscsitgt_spt_session_start, header),
	RECORD_FIELD(28, struct iscsitgt_spt_session_start, is_reinstated),
	RECORD_FIELD(32, struct iscsitgt_spt_session_start, it_nexus_handle),
	RECORD_FIELD(40, struct iscsitgt_spt_session_start, peer_address),
	RECORD_FIELD(168, struct iscsitgt_spt_session_start, it_nexus),
	RECORD_FIELD(1192, struct iscsitgt_spt_session_start, chap_user_name),
	{}
};

static const struct record_field record_info_fields[] = {
	RECORD_FIELD(0, struct iscsitgt_spt_session_info, header),
	RECORD_FIELD(28, struct iscsitgt_spt_session_info, reserved),
	RECORD_FIELD(32, struct iscsitgt_spt_session_info, it_nexus_handle),
	RECORD_FIELD(40, struct iscsitgt_spt_session_info, state),
	RECORD_FIELD(44, struct iscsitgt_spt_session_info, flags),
	RECORD_FIELD(48, struct iscsitgt_spt_session_info, sid),
	RECORD_FIELD(52, struct iscsitgt_spt_session_info, tsih),
	RECORD_FIELD(54, struct iscsitgt_spt_session_info, tpgt),
	RECORD_FIELD(56, struct iscsitgt_spt_session_info, isid),
	RECORD_FIELD(62, struct iscsitgt_spt_session_info, error_recovery_level),
	RECORD_FIELD(63, struct iscsitgt_spt_session_info, reserved2),
	RECORD_FIELD(64, struct iscsitgt_spt_session_info, connections),
	RECORD_FIELD(68, struct iscsitgt_spt_session_info, time2retain),
	RECORD_FIELD(72, struct iscsitgt_spt_session_info, login_time),
	RECORD_FIELD(80, struct iscsitgt_spt_session_info, command_pdus),
	RECORD_FIELD(88, struct iscsitgt_spt_session_info, response_pdus),
	RECORD_FIELD(96, struct iscsitgt_spt_session_info, rx_bytes),
	RECORD_FIELD(104, struct iscsitgt_spt_session_info, tx_bytes),
	RECORD_FIELD(112, struct iscsitgt_spt_session_info, initiator_name),
	RECORD_FIELD(336, struct iscsitgt_spt_session_info, target_name),
	RECORD_FIELD(560, struct iscsitgt_spt_session_info, peer_address),
	RECORD_FIELD(624, struct iscsitgt_spt_session_info, portal_address),
	RECORD_FIELD(688, struct iscsitgt_spt_session_info, acl_tag),
	RECORD_FIELD(752, struct iscsitgt_spt_session_info, chap_user),
	RECORD_FIELD(1008, struct iscsitgt_spt_session_info, commands),
	RECORD_FIELD(1012, struct iscsitgt_spt_session_info, time2retain_left),
	RECORD_FIELD(1016, struct iscsitgt_spt_session_info, ending_since),
	RECORD_FIELD(1024, struct iscsitgt_spt_session_info, connection_states),
	{}
};

static const struct record_field record_list_fields[] = {
	RECORD_FIELD(0, struct iscsitgt_spt_session_list, header),
	RECORD_FIELD(28, struct iscsitgt_spt_session_list, reserved),
	RECORD_FIELD(32, struct iscsitgt_spt_session_list, it_nexus_handle),
	RECORD_FIELD(40, struct iscsitgt_spt_session_list, count),
	RECORD_FIELD(44, struct iscsitgt_spt_session_list, record_size),
	{}
};

static const struct record_layout record_layouts[] = {
	RECORD_LAYOUT(srb_io_control, 28, record_header_fields),
	RECORD_LAYOUT(iscsitgt_spt_session_stop, 40, record_stop_fields),
	RECORD_LAYOUT(iscsitgt_spt_session_start, 1704, record_start_fields),
	RECORD_LAYOUT(iscsitgt_spt_session_info, 1032, record_info_fields),
	RECORD_LAYOUT(iscsitgt_spt_session_list, 48, record_list_fields),
};

KUNIT_ARRAY_PARAM_DESC(record_layout, record_layouts, name);

static void record_layout(struct kunit *test)
{
	const struct record_layout *layout = test->param_value;
	const struct record_field *field;
	size_t end = 0;

	for (field = layout->fields; field->name; field++) {
		KUNIT_EXPECT_EQ_MSG(test, field->offset, field->want, "%s",
				    field->name);
		/* Padding that has no name would reach user space unset. */
		KUNIT_EXPECT_EQ_MSG(test, field->offset, end, "before %s",
				    field->name);
		end = field->offset + field->size;
	}
	KUNIT_EXPECT_EQ(test, end, layout->want);
	KUNIT_EXPECT_EQ(test, layout->size, layout->want);
}

struct record_number {
	const char *name;
	u64 value;
	u64 want;
};

#define RECORD_NUMBER(name, want) { #name, name, want }

static const struct record_number record_numbers[] = {
	RECORD_NUMBER(CTLCODE_ISCSITGT_SPT_SESSION_START, 0x100),
	RECORD_NUMBER(CTLCODE_ISCSITGT_SPT_SESSION_END, 0x101),
	RECORD_NUMBER(CTLCODE_ISCSITGT_SPT_SESSION_INFO, 0x200),
	RECORD_NUMBER(CTLCODE_ISCSITGT_SPT_SESSION_LIST, 0x203),
	RECORD_NUMBER(SRB_STATUS_PENDING, 0x00),
	RECORD_NUMBER(SRB_STATUS_SUCCESS, 0x01),
	RECORD_NUMBER(SRB_STATUS_ABORTED, 0x02),
	RECORD_NUMBER(SRB_STATUS_INVALID_REQUEST, 0x06),
	RECORD_NUMBER(SRB_STATUS_NO_DEVICE, 0x08),
	RECORD_NUMBER(SRB_STATUS_TIMEOUT, 0x09),
	RECORD_NUMBER(ISCSITGT_SPT_TIMEOUT_START_ONLY, 0),
	RECORD_NUMBER(ISCSITGT_SPT_TIMEOUT_NONE, 0xffffffff),
	RECORD_NUMBER(SPT_STOP_LENGTH, 12),
	RECORD_NUMBER(SPT_START_LENGTH, 1676),
	RECORD_NUMBER(SPT_INFO_LENGTH, 1004),
	RECORD_NUMBER(SPT_LIST_LENGTH, 20),
	RECORD_NUMBER(SPT_LIST_MAX_LENGTH, 20 + 256 * 4124),
	/* Read and write, 28 bytes, magic 0xbd, number 2. */
	RECORD_NUMBER(IOCTL_SCSI_MINIPORT, 0xc01cbd02),
};

static void record_constants(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(record_numbers); i++)
		KUNIT_EXPECT_EQ_MSG(test, record_numbers[i].value,
				    record_numbers[i].want, "%s",
				    record_numbers[i].name);
}

static void record_header_fill(struct kunit *test)
{
	static const u8 want[] = {
		28, 0, 0, 0,
		'I', 'S', 'C', 'S', 'I', 'T', 'G', 'T',
		0, 0, 0, 0,
		0x04, 0x03, 0x02, 0x01,
		1, 0, 0, 0,
		0x08, 0x07, 0x06, 0x05,
		0xa5, 0xa5, 0xa5, 0xa5,
	};
	struct iscsitgt_spt_session_stop record;

	memset(&record, 0xa5, sizeof(record));
	spt_header_fill(&record.header, 0x01020304, 0x05060708);
	KUNIT_EXPECT_MEMEQ(test, &record, want, sizeof(want));
	KUNIT_EXPECT_EQ(test, spt_header_check(&record.header), 0);
}

static void record_stop_bytes(struct kunit *test)
{
	static const u8 want[40] = {
		28, 0, 0, 0,
		'I', 'S', 'C', 'S', 'I', 'T', 'G', 'T',
		0x0d, 0x0c, 0x0b, 0x0a,
		0x01, 0x01, 0, 0,
		0x09, 0, 0, 0,
		12, 0, 0, 0,
		0, 0, 0, 0,
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
	};
	struct iscsitgt_spt_session_stop record = {
		.header = {
			.header_length	= sizeof(record.header),
			.signature	= ISCSITGT_SPT_SIGNATURE,
			.timeout	= 0x0a0b0c0d,
			.control_code	= CTLCODE_ISCSITGT_SPT_SESSION_END,
			.return_code	= SRB_STATUS_TIMEOUT,
			.length		= SPT_STOP_LENGTH,
		},
		.it_nexus_handle = 0x0102030405060708,
	};

	KUNIT_EXPECT_MEMEQ(test, &record, want, sizeof(want));
}

/* Made here and not by session.c: a record depends on these fields only. */
static struct spt_session *record_session(struct kunit *test)
{
	struct spt_session *session;

	session = kunit_kzalloc(test, sizeof(*session), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, session);
	session->cookie = 0x0102030405060708;
	session->id.created = 0x1112131415161718;
	session->id.sid = 0x21222324;
	session->id.tsih = 0x3132;
	memcpy(session->id.isid, "\x40\x01\x37\x00\x00\x0a", SPT_ISID_LENGTH);
	session->facts.login_time = 0x5152535455565758;
	session->facts.tpgt = 0x0a0b;
	strscpy(session->facts.initiator, "iqn.2024-01.com.example:host",
		sizeof(session->facts.initiator));
	strscpy(session->facts.target, "iqn.2024-01.com.example:disk",
		sizeof(session->facts.target));
	strscpy(session->facts.peer, "2001:db8::1",
		sizeof(session->facts.peer));
	strscpy(session->facts.chap_user, "j\xc3\xb6rg",
		sizeof(session->facts.chap_user));
	return session;
}

struct record_cause {
	const char *desc;
	enum iscsitgt_spt_end_cause cause;
	u8 want;
};

static const struct record_cause record_causes[] = {
	{ "unknown", ISCSITGT_SPT_END_UNKNOWN, 0 },
	{ "stopped", ISCSITGT_SPT_END_STOPPED, 1 },
	{ "logout", ISCSITGT_SPT_END_LOGOUT, 2 },
	{ "connection lost", ISCSITGT_SPT_END_CONNECTION_LOST, 3 },
	{ "reinstated", ISCSITGT_SPT_END_REINSTATED, 4 },
	{ "removed", ISCSITGT_SPT_END_REMOVED, 5 },
};

KUNIT_ARRAY_PARAM_DESC(record_cause, record_causes, desc);

static void record_stop(struct kunit *test)
{
	const struct record_cause *param = test->param_value;
	const u8 want[40] = {
		28, 0, 0, 0,
		'I', 'S', 'C', 'S', 'I', 'T', 'G', 'T',
		0, 0, 0, 0,
		0x01, 0x01, 0, 0,
		param->want, 0, 0, 0,
		12, 0, 0, 0,
		0, 0, 0, 0,
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
	};
	struct spt_session *session = record_session(test);
	u8 record[40] __aligned(8);

	session->cause = param->cause;
	/* Of which a STOP tells nothing. */
	session->reinstated = true;
	memset(record, 0xa5, sizeof(record));
	spt_record_stop((void *)record, session);
	KUNIT_EXPECT_MEMEQ(test, record, want, sizeof(want));
	memset(record, 0x5a, sizeof(record));
	spt_record_stop((void *)record, session);
	KUNIT_EXPECT_MEMEQ(test, record, want, sizeof(want));
}

static void record_put_ascii(u8 *units, const char *text)
{
	while (*text) {
		*units = *text++;
		units += 2;
	}
}

static u8 *record_start_image(struct kunit *test)
{
	static const u8 start[40] = {
		28, 0, 0, 0,
		'I', 'S', 'C', 'S', 'I', 'T', 'G', 'T',
		0, 0, 0, 0,
		0x00, 0x01, 0, 0,
		1, 0, 0, 0,
		0x8c, 0x06, 0, 0,
		0, 0, 0, 0,
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
	};
	u8 *image = kunit_kzalloc(test, 1704, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, image);
	memcpy(image, start, sizeof(start));
	return image;
}

/* Two poisons: a byte that is left as it was differs under one of them. */
static void record_expect_start(struct kunit *test,
				const struct spt_session *session,
				const u8 *image)
{
	static const u8 poisons[] = { 0xa5, 0x5a };
	size_t i;
	u8 *record = kunit_kmalloc(test, 1704, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, record);
	for (i = 0; i < ARRAY_SIZE(poisons); i++) {
		memset(record, poisons[i], 1704);
		spt_record_start((void *)record, session);
		KUNIT_EXPECT_MEMEQ(test, record, image, 1704);
	}
}

static void record_start(struct kunit *test)
{
	struct spt_session *session = record_session(test);
	u8 *image = record_start_image(test);

	record_put_ascii(image + 40, "2001:db8::1");
	record_put_ascii(image + 168,
			 "iqn.2024-01.com.example:host,i,0x40013700000a,iqn.2024-01.com.example:disk,t,0x0a0b");
	memcpy(image + 1192, "j\0\xf6\0r\0g", 7);
	record_expect_start(test, session, image);
}

static void record_start_reinstated(struct kunit *test)
{
	struct spt_session *session = record_session(test);
	u8 *image = record_start_image(test);

	session->reinstated = true;
	/* Of which a START tells nothing: it may have ended already. */
	session->cause = ISCSITGT_SPT_END_REMOVED;
	image[28] = 1;
	record_put_ascii(image + 40, "2001:db8::1");
	record_put_ascii(image + 168,
			 "iqn.2024-01.com.example:host,i,0x40013700000a,iqn.2024-01.com.example:disk,t,0x0a0b");
	memcpy(image + 1192, "j\0\xf6\0r\0g", 7);
	record_expect_start(test, session, image);
}

static void record_start_empty_text(struct kunit *test)
{
	struct spt_session *session = record_session(test);
	u8 *image = record_start_image(test);

	memset(session->facts.peer, 0, sizeof(session->facts.peer));
	memset(session->facts.chap_user, 0, sizeof(session->facts.chap_user));
	record_put_ascii(image + 168,
			 "iqn.2024-01.com.example:host,i,0x40013700000a,iqn.2024-01.com.example:disk,t,0x0a0b");
	record_expect_start(test, session, image);
}

static void record_start_longest_text(struct kunit *test)
{
	struct spt_session *session = record_session(test);
	u8 *image = record_start_image(test);
	size_t i;

	memset(session->facts.peer, 'p', SPT_PEER_LENGTH - 1);
	memset(session->facts.initiator, 'i', 223);
	memset(session->facts.target, 't', 223);
	memset(session->facts.chap_user, 'c', 255);

	for (i = 0; i < SPT_PEER_LENGTH - 1; i++)
		image[40 + 2 * i] = 'p';
	for (i = 0; i < 223; i++) {
		image[168 + 2 * i] = 'i';
		image[168 + 2 * (241 + i)] = 't';
	}
	record_put_ascii(image + 168 + 2 * 223, ",i,0x40013700000a,");
	record_put_ascii(image + 168 + 2 * 464, ",t,0x0a0b");
	for (i = 0; i < 255; i++)
		image[1192 + 2 * i] = 'c';
	record_expect_start(test, session, image);
}

static void record_start_bad_bytes(struct kunit *test)
{
	struct spt_session *session = record_session(test);
	u8 *image = record_start_image(test);

	strscpy(session->facts.chap_user, "a\xff",
		sizeof(session->facts.chap_user));
	record_put_ascii(image + 40, "2001:db8::1");
	record_put_ascii(image + 168,
			 "iqn.2024-01.com.example:host,i,0x40013700000a,iqn.2024-01.com.example:disk,t,0x0a0b");
	memcpy(image + 1192, "a\0\xfd\xff", 4);
	record_expect_start(test, session, image);
}

/* Its caller gives zeroed memory, and the rest. */
static void record_info(struct kunit *test)
{
	struct spt_session *session = record_session(test);
	u8 *record = kunit_kzalloc(test, 1032, GFP_KERNEL);
	u8 *image = kunit_kzalloc(test, 1032, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, record);
	KUNIT_ASSERT_NOT_NULL(test, image);
	memcpy(image + 32, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
	memcpy(image + 48, "\x24\x23\x22\x21", 4);
	memcpy(image + 52, "\x32\x31", 2);
	memcpy(image + 54, "\x0b\x0a", 2);
	memcpy(image + 56, "\x40\x01\x37\x00\x00\x0a", 6);
	memcpy(image + 72, "\x58\x57\x56\x55\x54\x53\x52\x51", 8);
	memcpy(image + 112, "iqn.2024-01.com.example:host", 28);
	memcpy(image + 336, "iqn.2024-01.com.example:disk", 28);
	memcpy(image + 752, "j\xc3\xb6rg", 5);

	session->ending_since = 0x6162636465666768;
	spt_record_info((void *)record, session);
	KUNIT_EXPECT_MEMEQ(test, record, image, 1032);
}

static void record_info_longest_text(struct kunit *test)
{
	struct spt_session *session = record_session(test);
	struct iscsitgt_spt_session_info *record;

	record = kunit_kmalloc(test, sizeof(*record), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, record);
	memset(record, 0xa5, sizeof(*record));
	memset(session->facts.initiator, 'i', 223);
	memset(session->facts.target, 't', 223);
	memset(session->facts.chap_user, 'c', 255);

	spt_record_info(record, session);
	KUNIT_EXPECT_MEMEQ(test, record->initiator_name,
			   session->facts.initiator, 224);
	KUNIT_EXPECT_MEMEQ(test, record->target_name, session->facts.target,
			   224);
	KUNIT_EXPECT_MEMEQ(test, record->chap_user, session->facts.chap_user,
			   256);
}

/* What the request brought and what lio_info() fills in must survive. */
static void record_info_leaves_the_rest(struct kunit *test)
{
	static const struct {
		size_t start;
		size_t end;
	} others[] = {
		{ 0, 32 },	/* header, reserved */
		{ 40, 48 },	/* state, flags */
		{ 62, 72 },	/* error_recovery_level to time2retain */
		{ 80, 112 },	/* counters */
		{ 560, 752 },	/* addresses, ACL tag */
		{ 1008, 1024 },	/* commands, time2retain_left, ending_since */
		{ 1024, 1032 },	/* connection_states */
	};
	struct spt_session *session = record_session(test);
	u8 *record = kunit_kmalloc(test, 1032, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, record);
	memset(record, 0xa5, 1032);
	spt_record_info((void *)record, session);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		KUNIT_EXPECT_NULL_MSG(test,
				      memchr_inv(record + others[i].start, 0xa5,
						 others[i].end -
						 others[i].start),
				      "%zu to %zu", others[i].start,
				      others[i].end);
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE_PARAM(record_layout, record_layout_gen_params),
	KUNIT_CASE(record_constants),
	KUNIT_CASE(record_header_fill),
	KUNIT_CASE(record_stop_bytes),
	KUNIT_CASE_PARAM(record_stop, record_cause_gen_params),
	KUNIT_CASE(record_start),
	KUNIT_CASE(record_start_reinstated),
	KUNIT_CASE(record_start_empty_text),
	KUNIT_CASE(record_start_longest_text),
	KUNIT_CASE(record_start_bad_bytes),
	KUNIT_CASE(record_info),
	KUNIT_CASE(record_info_longest_text),
	KUNIT_CASE(record_info_leaves_the_rest),
	{}
};

static struct kunit_suite record_suite = {
	.name		= "iscsitgt_spt_record",
	.test_cases	= record_cases,
};

kunit_test_suite(record_suite);
