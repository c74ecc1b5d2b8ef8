// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>

#include "../module/replaced.c"

/* An I_T nexus, with room for the texts. */
struct replaced_nexus {
	const char *desc;
	struct spt_identity id;
	struct spt_facts facts;
};

/* Addresses are compared, never followed: these are nobody's memory. */
static const struct replaced_nexus replaced_nexus = {
	.id = {
		.tpg	 = (void *)0xffff888000010000,
		.session = (void *)0xffff888000020000,
		.created = 0x00000000fffb6c20,
		.sid	 = 7,
		.tsih	 = 3,
		.isid	 = { 0x00, 0x02, 0x3d, 0x00, 0x00, 0x01 },
	},
	.facts.initiator = "iqn.2024-01.com.example:host",
};

static void replaced_note(struct kunit *test,
			  const struct replaced_nexus *nexus)
{
	spt_replaced_note(test->priv, &nexus->id, &nexus->facts);
}

static bool replaced_claim(struct kunit *test,
			   const struct replaced_nexus *nexus)
{
	return spt_replaced_claim(test->priv, &nexus->id, &nexus->facts);
}

static void replaced_nothing(struct kunit *test)
{
	static const struct replaced_nexus zero;

	KUNIT_EXPECT_FALSE(test, replaced_claim(test, &replaced_nexus));
	/* A free slot looks like this one. */
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, &zero));
}

static void replaced_once(struct kunit *test)
{
	replaced_note(test, &replaced_nexus);
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, &replaced_nexus));
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, &replaced_nexus));
	replaced_note(test, &replaced_nexus);
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, &replaced_nexus));
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, &replaced_nexus));
}

/* The new session is another one but for its nexus. */
static void replaced_by_another_session(struct kunit *test)
{
	struct replaced_nexus *nexus = kunit_kmalloc(test, sizeof(*nexus),
						     GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nexus);
	*nexus = replaced_nexus;
	nexus->id.session = (void *)0xffff888000030000;
	nexus->id.created++;
	nexus->id.sid++;
	nexus->id.tsih++;
	nexus->facts.login_time = 1;
	strscpy(nexus->facts.peer, "192.0.2.1", sizeof(nexus->facts.peer));
	strscpy(nexus->facts.chap_user, "bob", sizeof(nexus->facts.chap_user));
	replaced_note(test, &replaced_nexus);
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, nexus));
}

static const struct replaced_nexus replaced_others[] = {
	{
		"TPG",
		{
			.tpg	= (void *)0xffff888000010400,
			.isid	= { 0x00, 0x02, 0x3d, 0x00, 0x00, 0x01 },
		},
		{ .initiator = "iqn.2024-01.com.example:host" },
	}, {
		"ISID, first byte",
		{
			.tpg	= (void *)0xffff888000010000,
			.isid	= { 0x80, 0x02, 0x3d, 0x00, 0x00, 0x01 },
		},
		{ .initiator = "iqn.2024-01.com.example:host" },
	}, {
		"ISID, last byte",
		{
			.tpg	= (void *)0xffff888000010000,
			.isid	= { 0x00, 0x02, 0x3d, 0x00, 0x00, 0x02 },
		},
		{ .initiator = "iqn.2024-01.com.example:host" },
	}, {
		"initiator",
		{
			.tpg	= (void *)0xffff888000010000,
			.isid	= { 0x00, 0x02, 0x3d, 0x00, 0x00, 0x01 },
		},
		{ .initiator = "iqn.2024-01.com.example:hose" },
	}, {
		"longer initiator",
		{
			.tpg	= (void *)0xffff888000010000,
			.isid	= { 0x00, 0x02, 0x3d, 0x00, 0x00, 0x01 },
		},
		{ .initiator = "iqn.2024-01.com.example:host1" },
	},
};

KUNIT_ARRAY_PARAM_DESC(replaced_other, replaced_others, desc);

static void replaced_by_another_nexus(struct kunit *test)
{
	const struct replaced_nexus *other = test->param_value;

	replaced_note(test, &replaced_nexus);
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, other));
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, &replaced_nexus));

	replaced_note(test, other);
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, &replaced_nexus));
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, other));
}

static void replaced_longest_initiator(struct kunit *test)
{
	struct replaced_nexus *nexus = kunit_kmalloc(test, sizeof(*nexus),
						     GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nexus);
	*nexus = replaced_nexus;
	memset(nexus->facts.initiator, 'i', 223);
	replaced_note(test, nexus);
	nexus->facts.initiator[222] = 'j';
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, nexus));
	nexus->facts.initiator[222] = 'i';
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, nexus));
}

/* A login that replaces a session has begun before the end of that is seen. */
static void replaced_by_a_later_login(struct kunit *test)
{
	struct replaced_nexus *nexus = kunit_kmalloc(test, sizeof(*nexus),
						     GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nexus);
	*nexus = replaced_nexus;
	replaced_note(test, &replaced_nexus);
	/* A tick may pass meanwhile, but not so many. */
	nexus->id.created = get_jiffies_64() + 1000 * HZ;
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, nexus));
	nexus->id.created = U64_MAX;
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, nexus));
	/* It is still there for the one that it is for. */
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, &replaced_nexus));
}

/* To the tick: the same one may be either, the next one is not. */
static void replaced_to_the_tick(struct kunit *test)
{
	struct replaced_nexus *nexus = kunit_kmalloc(test, sizeof(*nexus),
						     GFP_KERNEL);
	struct spt_replaced *replaced = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, nexus);
	*nexus = replaced_nexus;
	replaced_note(test, &replaced_nexus);
	nexus->id.created = replaced->slots[0].noted + 1;
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, nexus));
	nexus->id.created--;
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, nexus));
}

static void replaced_twice(struct kunit *test)
{
	replaced_note(test, &replaced_nexus);
	replaced_note(test, &replaced_nexus);
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, &replaced_nexus));
	KUNIT_EXPECT_TRUE(test, replaced_claim(test, &replaced_nexus));
	KUNIT_EXPECT_FALSE(test, replaced_claim(test, &replaced_nexus));
}

static void replaced_too_many(struct kunit *test)
{
	struct replaced_nexus *nexus = kunit_kmalloc(test, sizeof(*nexus),
						     GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, nexus);
	*nexus = replaced_nexus;
	for (i = 0; i < SPT_REPLACED_MAX + 3; i++) {
		nexus->id.isid[4] = i >> 8;
		nexus->id.isid[5] = i;
		replaced_note(test, nexus);
	}
	for (i = 0; i < SPT_REPLACED_MAX + 3; i++) {
		nexus->id.isid[4] = i >> 8;
		nexus->id.isid[5] = i;
		KUNIT_EXPECT_EQ_MSG(test, replaced_claim(test, nexus), i >= 3,
				    "note %u", i);
		KUNIT_EXPECT_FALSE(test, replaced_claim(test, nexus));
	}
}

static int replaced_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct spt_replaced),
				   GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static struct kunit_case replaced_cases[] = {
	KUNIT_CASE(replaced_nothing),
	KUNIT_CASE(replaced_once),
	KUNIT_CASE(replaced_by_another_session),
	KUNIT_CASE_PARAM(replaced_by_another_nexus, replaced_other_gen_params),
	KUNIT_CASE(replaced_longest_initiator),
	KUNIT_CASE(replaced_by_a_later_login),
	KUNIT_CASE(replaced_to_the_tick),
	KUNIT_CASE(replaced_twice),
	KUNIT_CASE(replaced_too_many),
	{}
};

static struct kunit_suite replaced_suite = {
	.name		= "iscsitgt_spt_replaced",
	.init		= replaced_init,
	.test_cases	= replaced_cases,
};

kunit_test_suite(replaced_suite);
