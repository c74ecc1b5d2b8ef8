// SPDX-License-Identifier: GPL-2.0
/* SESSION_LIST: each session once, the oldest first, as SESSION_INFO has it. */
#include <kunit/test.h>
#include <linux/errno.h>

#include "registry_fixture.h"
#include "sessions.h"

#include "../module/info.c"

#define INFO_SIZE	((u32)sizeof(struct iscsitgt_spt_session_info))

/* A valid request. */
static struct iscsitgt_spt_session_list info_request(u64 cookie, u32 count, u32 size)
{
	struct iscsitgt_spt_session_list list = {
		.it_nexus_handle	= cookie,
		.count			= count,
		.record_size		= size,
	};

	spt_header_fill(&list.header, CTLCODE_ISCSITGT_SPT_SESSION_LIST,
			sizeof(list) - sizeof(list.header) + count * size);
	return list;
}

static void info_logins(struct kunit *test, struct iscsit_session **sess, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		sess[i] = fake_login(test, i % FAKE_TPGS, i);
		registry_sweep(test, SPT_PENDING_NONE);
		registry_told_start(test, sess[i], false);
	}
}

static void info_expect(struct kunit *test, const struct iscsitgt_spt_session_info *info,
			const struct iscsit_session *sess)
{
	KUNIT_EXPECT_EQ(test, info->header.header_length, sizeof(info->header));
	KUNIT_EXPECT_EQ(test, info->header.control_code, CTLCODE_ISCSITGT_SPT_SESSION_INFO);
	KUNIT_EXPECT_EQ(test, info->header.return_code, SRB_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, info->it_nexus_handle, sess->cookie);
	KUNIT_EXPECT_EQ(test, info->sid, sess->id.sid);
	KUNIT_EXPECT_STREQ(test, (const char *)info->initiator_name, sess->facts.initiator);
}

/* It was LIO that told of it, and of this one. */
static void info_expect_listed(struct kunit *test,
			       const struct iscsitgt_spt_session_info *info,
			       const struct iscsit_session *sess)
{
	info_expect(test, info, sess);
	KUNIT_EXPECT_EQ(test, info->state, ISCSITGT_SPT_STATE_LOGGED_IN);
	KUNIT_EXPECT_EQ(test, info->rx_bytes, sess->id.sid);
	KUNIT_EXPECT_EQ(test, info->flags, 0);
}

/* Returns the cookie to go on with; @there: who is told, in this order. */
static u64 info_list(struct kunit *test, u64 cookie, u32 room,
		     struct iscsit_session **there, size_t count)
{
	struct iscsitgt_spt_session_list list = info_request(cookie, room, INFO_SIZE);
	struct iscsitgt_spt_session_info *infos;
	size_t i;

	KUNIT_ASSERT_EQ(test, spt_info_list(&list, &infos), 0);
	KUNIT_EXPECT_EQ(test, list.count, count);
	for (i = 0; i < min_t(size_t, count, list.count); i++)
		info_expect_listed(test, &infos[i], there[i]);
	kvfree(infos);
	return list.it_nexus_handle;
}

static void info_list_all(struct kunit *test)
{
	struct iscsit_session *sess[5];

	KUNIT_EXPECT_EQ(test, info_list(test, 0, 1, NULL, 0), 0);
	info_logins(test, sess, ARRAY_SIZE(sess));
	KUNIT_EXPECT_EQ(test, info_list(test, 0, 256, sess, ARRAY_SIZE(sess)), 0);
	KUNIT_EXPECT_EQ(test, info_list(test, 0, 6, sess, ARRAY_SIZE(sess)), 0);
	KUNIT_EXPECT_EQ(test, info_list(test, U64_MAX, 6, NULL, 0), 0);
}

static void info_list_in_parts(struct kunit *test)
{
	struct iscsit_session *sess[5];
	u64 next;

	info_logins(test, sess, ARRAY_SIZE(sess));
	next = info_list(test, 0, 2, sess, 2);
	KUNIT_EXPECT_EQ(test, next, sess[1]->cookie);
	next = info_list(test, next, 2, &sess[2], 2);
	KUNIT_EXPECT_EQ(test, next, sess[3]->cookie);
	KUNIT_EXPECT_EQ(test, info_list(test, next, 2, &sess[4], 1), 0);

	/* That these are all is not known before the next one. */
	next = info_list(test, 0, 5, sess, 5);
	KUNIT_EXPECT_EQ(test, next, sess[4]->cookie);
	KUNIT_EXPECT_EQ(test, info_list(test, next, 5, NULL, 0), 0);
}

/* LIO is looked at by the first request, and not by those that go on. */
static void info_list_of_a_moment(struct kunit *test)
{
	struct iscsit_session *sess[3];
	u64 next;

	info_logins(test, sess, 2);
	sess[2] = fake_login(test, 0, 2);
	next = info_list(test, sess[0]->cookie, 5, &sess[1], 1);
	KUNIT_EXPECT_EQ(test, next, 0);
	registry_told_nothing(test);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_start(test, sess[2], false);
	fake_vanish(sess[0]);
	KUNIT_EXPECT_EQ(test, info_list(test, 0, 5, &sess[1], 2), 0);
	registry_told_end(test, sess[0], ISCSITGT_SPT_END_UNKNOWN);
}

/* Even if all of a part is gone, what comes after it is told. */
static void info_list_gone(struct kunit *test)
{
	struct iscsit_session *sess[4], *left[1];
	u64 next;

	info_logins(test, sess, ARRAY_SIZE(sess));
	left[0] = sess[3];
	fake_vanish(sess[1]);
	fake_vanish(sess[2]);
	next = info_list(test, sess[0]->cookie, 2, NULL, 0);
	KUNIT_EXPECT_EQ(test, next, sess[2]->cookie);
	KUNIT_EXPECT_EQ(test, info_list(test, sess[0]->cookie, 3, left, 1),
			sess[3]->cookie);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess[1], ISCSITGT_SPT_END_UNKNOWN);
	registry_told_end(test, sess[2], ISCSITGT_SPT_END_UNKNOWN);
}

/* Another one has its address by now. */
static void info_list_address_again(struct kunit *test)
{
	struct iscsit_session *sess[2];
	struct iscsit_session *again;

	info_logins(test, sess, ARRAY_SIZE(sess));
	again = fake_new(test, 1, 2);
	again->id.session = sess[1]->id.session;
	fake_vanish(sess[1]);
	fake_list(again);
	registry_glance(test, SPT_PENDING_NONE);
	registry_told_start(test, again, false);
	KUNIT_EXPECT_EQ(test, info_list(test, sess[0]->cookie, 5, &again, 1), 0);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess[1], ISCSITGT_SPT_END_UNKNOWN);
}

static void info_list_ending(struct kunit *test)
{
	struct iscsitgt_spt_session_list list = info_request(0, 5, INFO_SIZE);
	struct iscsitgt_spt_session_info *infos;
	struct iscsit_session *sess[2];

	info_logins(test, sess, ARRAY_SIZE(sess));
	registry_stop(test, registry_find(test, sess[0]), 0);
	fake_set_unlisted(1, LIO_UNLISTED_CLOSING);
	fake_unlist(sess[1]);
	KUNIT_ASSERT_EQ(test, spt_info_list(&list, &infos), 0);
	KUNIT_ASSERT_EQ(test, list.count, 2);
	info_expect(test, &infos[0], sess[0]);
	KUNIT_EXPECT_EQ(test, infos[0].state, ISCSITGT_SPT_STATE_LOGGED_IN);
	KUNIT_EXPECT_EQ(test, infos[0].flags, ISCSITGT_SPT_FLAG_ENDING);
	KUNIT_EXPECT_NE(test, infos[0].ending_since, 0);
	info_expect(test, &infos[1], sess[1]);
	KUNIT_EXPECT_EQ(test, infos[1].state, ISCSITGT_SPT_STATE_FREE);
	KUNIT_EXPECT_EQ(test, infos[1].flags, ISCSITGT_SPT_FLAG_ENDING);
	kvfree(infos);

	fake_vanish(sess[0]);
	fake_forget(sess[1]);
	registry_sweep(test, SPT_PENDING_NONE);
	registry_told_end(test, sess[0], ISCSITGT_SPT_END_STOPPED);
	registry_told_end(test, sess[1], ISCSITGT_SPT_END_UNKNOWN);
}

struct info_wrong {
	const char *desc;
	u32 length;
	u32 reserved;
	u32 count;
	u32 record_size;
};

/* What is here is added to a request for one record. */
static const struct info_wrong info_wrongs[] = {
	{ "padding", .reserved = 1 },
	{ "Length, less", .length = -1 },
	{ "Length, more", .length = 1 },
	{ "no record", .count = -1, .length = -INFO_SIZE },
	{ "too many", .count = 256, .length = 256 * INFO_SIZE },
	{ "so many that their size is none", .count = 1U << 29 },
	{ "records too small", .record_size = 32 - INFO_SIZE, .length = 32 - INFO_SIZE },
	{ "records too large", .record_size = 4128 - INFO_SIZE,
	  .length = 4128 - INFO_SIZE },
	{ "records out of line", .record_size = 4, .length = 4 },
};

KUNIT_ARRAY_PARAM_DESC(info_wrong, info_wrongs, desc);

static void info_list_wrong(struct kunit *test)
{
	const struct info_wrong *param = test->param_value;
	struct iscsitgt_spt_session_list list = info_request(0, 1, INFO_SIZE);
	struct iscsitgt_spt_session_info *infos = NULL;

	list.header.length += param->length;
	list.reserved += param->reserved;
	list.count += param->count;
	list.record_size += param->record_size;
	KUNIT_EXPECT_EQ(test, spt_info_list(&list, &infos), -EINVAL);
	KUNIT_EXPECT_NULL(test, infos);
}

static const u32 info_sizes[] = { 40, 48, INFO_SIZE, INFO_SIZE + 8, 4120 };

static void info_list_sizes(struct kunit *test)
{
	struct iscsitgt_spt_session_info *infos;
	struct iscsitgt_spt_session_list list;
	struct iscsit_session *sess[1];
	size_t i;

	info_logins(test, sess, ARRAY_SIZE(sess));
	for (i = 0; i < ARRAY_SIZE(info_sizes); i++) {
		list = info_request(0, 3, info_sizes[i]);
		KUNIT_ASSERT_EQ(test, spt_info_list(&list, &infos), 0);
		KUNIT_EXPECT_EQ(test, list.count, 1);
		KUNIT_EXPECT_EQ(test, infos[0].header.length,
				info_sizes[i] - sizeof(infos[0].header));
		kvfree(infos);
	}
}

static struct kunit_case info_cases[] = {
	KUNIT_CASE(info_list_all),
	KUNIT_CASE(info_list_in_parts),
	KUNIT_CASE(info_list_of_a_moment),
	KUNIT_CASE(info_list_gone),
	KUNIT_CASE(info_list_address_again),
	KUNIT_CASE(info_list_ending),
	KUNIT_CASE(info_list_sizes),
	KUNIT_CASE_PARAM(info_list_wrong, info_wrong_gen_params),
	{}
};

static struct kunit_suite info_suite = {
	.name		= "iscsitgt_spt_info",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= registry_init,
	.exit		= registry_exit,
	.test_cases	= info_cases,
};

kunit_test_suite(info_suite);
