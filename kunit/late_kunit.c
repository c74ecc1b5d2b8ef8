// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>

#include "../module/late.c"

/* Addresses are compared, never followed: these are nobody's memory. */
static const struct spt_identity late_id = {
	.tpg	 = (void *)0xffff888000010000,
	.session = (void *)0xffff888000020000,
	.created = 0x00000000fffb6c20,
	.sid	 = 7,
	.tsih	 = 3,
	.isid	 = { 0x00, 0x02, 0x3d, 0x00, 0x00, 0x01 },
};

static void late_nothing(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, spt_late_is(test->priv, &late_id));
}

static void late_noted(struct kunit *test)
{
	struct spt_identity other = late_id;

	other.created++;
	spt_late_note(test->priv, &late_id);
	KUNIT_EXPECT_TRUE(test, spt_late_is(test->priv, &late_id));
	KUNIT_EXPECT_FALSE(test, spt_late_is(test->priv, &other));
	KUNIT_EXPECT_TRUE(test, spt_late_is(test->priv, &late_id));
}

static void late_too_many(struct kunit *test)
{
	struct spt_identity id = late_id;
	unsigned int i;

	for (i = 0; i < SPT_LATE_MAX + 3; i++) {
		id.sid = i;
		spt_late_note(test->priv, &id);
	}
	for (i = 0; i < SPT_LATE_MAX + 3; i++) {
		id.sid = i;
		KUNIT_EXPECT_EQ_MSG(test, spt_late_is(test->priv, &id), i >= 3,
				    "note %u", i);
	}
}

static int late_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct spt_late), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static struct kunit_case late_cases[] = {
	KUNIT_CASE(late_nothing),
	KUNIT_CASE(late_noted),
	KUNIT_CASE(late_too_many),
	{}
};

static struct kunit_suite late_suite = {
	.name		= "iscsitgt_spt_late",
	.init		= late_init,
	.test_cases	= late_cases,
};

kunit_test_suite(late_suite);
