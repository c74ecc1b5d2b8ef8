// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "../module/record.h"

#define NEXUS_POISON	0xa5

struct nexus_fixture {
	struct spt_identity id;
	struct spt_facts facts;
	char text[SCSI_PASS_THROUGH_MAX_ITNEXUS_STRING_LENGTH];
};

static int nexus_init(struct kunit *test)
{
	struct nexus_fixture *fixture;

	fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	if (!fixture)
		return -ENOMEM;
	memcpy(fixture->id.isid, "\x00\x02\x3d\x00\x00\x0f", SPT_ISID_LENGTH);
	fixture->facts.tpgt = 1;
	strscpy(fixture->facts.initiator, "iqn.1993-08.org.debian:01:ab",
		sizeof(fixture->facts.initiator));
	strscpy(fixture->facts.target, "iqn.2003-01.org.linux-iscsi.t:sn.1",
		sizeof(fixture->facts.target));
	memset(fixture->text, NEXUS_POISON, sizeof(fixture->text));
	test->priv = fixture;
	return 0;
}

static size_t nexus_name(struct nexus_fixture *fixture, size_t size)
{
	return spt_nexus_name(fixture->text, size, &fixture->id,
			      &fixture->facts);
}

static const char nexus_text[] =
	"iqn.1993-08.org.debian:01:ab,i,0x00023d00000f,iqn.2003-01.org.linux-iscsi.t:sn.1,t,0x0001";

static void nexus_exact(struct kunit *test)
{
	struct nexus_fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, nexus_name(fixture, sizeof(fixture->text)),
			sizeof(nexus_text) - 1);
	KUNIT_EXPECT_STREQ(test, fixture->text, nexus_text);
}

struct nexus_isid {
	const char *text;
	u8 isid[SPT_ISID_LENGTH];
};

static const struct nexus_isid nexus_isids[] = {
	{ ",i,0x000000000000,", { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 } },
	{ ",i,0x000000000001,", { 0x00, 0x00, 0x00, 0x00, 0x00, 0x01 } },
	{ ",i,0x010000000000,", { 0x01, 0x00, 0x00, 0x00, 0x00, 0x00 } },
	{ ",i,0x0123456789ab,", { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab } },
	{ ",i,0xfffefdfcfbfa,", { 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa } },
};

KUNIT_ARRAY_PARAM_DESC(nexus_isid, nexus_isids, text);

static void nexus_isid(struct kunit *test)
{
	const struct nexus_isid *param = test->param_value;
	struct nexus_fixture *fixture = test->priv;

	memcpy(fixture->id.isid, param->isid, SPT_ISID_LENGTH);
	nexus_name(fixture, sizeof(fixture->text));
	KUNIT_EXPECT_PTR_EQ(test, strstr(fixture->text, ",i,0x"),
			    strstr(fixture->text, param->text));
}

struct nexus_tpgt {
	const char *text;
	u16 tpgt;
};

static const struct nexus_tpgt nexus_tpgts[] = {
	{ ",t,0x0000", 0 },
	{ ",t,0x0001", 1 },
	{ ",t,0x00ff", 0xff },
	{ ",t,0x0102", 0x0102 },
	{ ",t,0xffff", 0xffff },
};

KUNIT_ARRAY_PARAM_DESC(nexus_tpgt, nexus_tpgts, text);

static void nexus_tpgt(struct kunit *test)
{
	const struct nexus_tpgt *param = test->param_value;
	struct nexus_fixture *fixture = test->priv;

	fixture->facts.tpgt = param->tpgt;
	nexus_name(fixture, sizeof(fixture->text));
	KUNIT_EXPECT_STREQ(test, strstr(fixture->text, ",t,"), param->text);
}

static void nexus_empty_names(struct kunit *test)
{
	struct nexus_fixture *fixture = test->priv;

	fixture->facts.initiator[0] = '\0';
	fixture->facts.target[0] = '\0';
	KUNIT_EXPECT_EQ(test, nexus_name(fixture, sizeof(fixture->text)), 27);
	KUNIT_EXPECT_STREQ(test, fixture->text,
			   ",i,0x00023d00000f,,t,0x0001");
}

/* A name from the network is text, not a format. */
static void nexus_percent_in_names(struct kunit *test)
{
	struct nexus_fixture *fixture = test->priv;

	strscpy(fixture->facts.initiator, "%s%n",
		sizeof(fixture->facts.initiator));
	strscpy(fixture->facts.target, "%d%%", sizeof(fixture->facts.target));
	nexus_name(fixture, sizeof(fixture->text));
	KUNIT_EXPECT_STREQ(test, fixture->text,
			   "%s%n,i,0x00023d00000f,%d%%,t,0x0001");
}

static void nexus_longest_names_fit(struct kunit *test)
{
	struct nexus_fixture *fixture = test->priv;
	char want[474] = "";

	memset(fixture->facts.initiator, 'i', 223);
	memset(fixture->facts.target, 't', 223);

	memset(want, 'i', 223);
	memcpy(want + 223, ",i,0x00023d00000f,", 18);
	memset(want + 241, 't', 223);
	memcpy(want + 464, ",t,0x0001", 9);

	KUNIT_EXPECT_EQ(test, nexus_name(fixture, sizeof(fixture->text)), 473);
	KUNIT_EXPECT_STREQ(test, fixture->text, want);
}

static void nexus_small_buffer_cuts(struct kunit *test)
{
	struct nexus_fixture *fixture = test->priv;
	size_t size;

	for (size = 1; size <= sizeof(nexus_text) + 1; size++) {
		size_t fit = min(size, sizeof(nexus_text)) - 1;

		memset(fixture->text, NEXUS_POISON, sizeof(fixture->text));
		KUNIT_EXPECT_EQ_MSG(test, nexus_name(fixture, size), fit,
				    "size %zu", size);
		KUNIT_EXPECT_EQ_MSG(test, strnlen(fixture->text, size), fit,
				    "size %zu", size);
		KUNIT_EXPECT_EQ_MSG(test,
				    memcmp(fixture->text, nexus_text, fit), 0,
				    "size %zu", size);
		KUNIT_EXPECT_EQ_MSG(test, (u8)fixture->text[size], NEXUS_POISON,
				    "size %zu", size);
	}
}

static struct kunit_case nexus_cases[] = {
	KUNIT_CASE(nexus_exact),
	KUNIT_CASE_PARAM(nexus_isid, nexus_isid_gen_params),
	KUNIT_CASE_PARAM(nexus_tpgt, nexus_tpgt_gen_params),
	KUNIT_CASE(nexus_empty_names),
	KUNIT_CASE(nexus_percent_in_names),
	KUNIT_CASE(nexus_longest_names_fit),
	KUNIT_CASE(nexus_small_buffer_cuts),
	{}
};

static struct kunit_suite nexus_suite = {
	.name		= "iscsitgt_spt_nexus",
	.init		= nexus_init,
	.test_cases	= nexus_cases,
};

kunit_test_suite(nexus_suite);
