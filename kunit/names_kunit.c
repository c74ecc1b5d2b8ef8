// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/names.h"

struct names_pair {
	const char *desc;
	const char *a;
	const char *b;
	bool equal;
};

static const struct names_pair names_pairs[] = {
	{ "same", "iqn.a:b", "iqn.a:b", true },
	{ "case", "iqn.a:b", "IQN.A:B", true },
	{ "other", "iqn.a:b", "iqn.a:c", false },
	{ "longer", "iqn.a:b", "iqn.a:bb", false },
	{ "empty", "", "iqn.a:b", false },
	{ "both empty", "", "", true },
	{ "case is no bit", "iqn.a:[", "iqn.a:{", false },
	{ "digits and dots", "iqn.2024-01.a:0", "IQN.2024-01.A:0", true },
	/* LIO takes these bytes of UTF-8 for a letter of Latin-1. */
	{ "as LIO folds", "iqn.a:\xc3\x84", "iqn.a:\xe3\x84", true },
	{ "other UTF-8", "iqn.a:\xc3\x84", "iqn.a:\xc3\xa4", false },
	{ "multiplication sign", "iqn.a:\xd7", "iqn.a:\xf7", false },
};

KUNIT_ARRAY_PARAM_DESC(names_pair, names_pairs, desc);

static unsigned long names_hash(const char *name)
{
	return end_name_hash(spt_name_hash(name, init_name_hash(NULL)));
}

static void names_equal(struct kunit *test)
{
	const struct names_pair *pair = test->param_value;

	KUNIT_EXPECT_EQ(test, spt_name_equal(pair->a, pair->b), pair->equal);
	KUNIT_EXPECT_EQ(test, spt_name_equal(pair->b, pair->a), pair->equal);
	KUNIT_EXPECT_EQ(test, names_hash(pair->a) == names_hash(pair->b),
			pair->equal);
}

/* What is cut off by LIO makes no other name. */
static void names_longest(struct kunit *test)
{
	char a[ISCSITGT_SPT_NAME_LENGTH + 1], b[ISCSITGT_SPT_NAME_LENGTH + 1];

	memset(a, 'a', sizeof(a));
	memset(b, 'A', sizeof(b));
	a[ISCSITGT_SPT_NAME_LENGTH - 1] = '\0';
	b[ISCSITGT_SPT_NAME_LENGTH] = '\0';
	KUNIT_EXPECT_TRUE(test, spt_name_equal(a, b));
	KUNIT_EXPECT_TRUE(test, spt_name_equal(b, a));
	KUNIT_EXPECT_EQ(test, names_hash(a), names_hash(b));
	b[ISCSITGT_SPT_NAME_LENGTH - 2] = 'b';
	KUNIT_EXPECT_FALSE(test, spt_name_equal(a, b));
	KUNIT_EXPECT_NE(test, names_hash(a), names_hash(b));
}

static void names_pair_hash(struct kunit *test)
{
	unsigned long one = init_name_hash(NULL), two = one;

	one = spt_name_hash("bc", spt_name_hash("a", one));
	two = spt_name_hash("c", spt_name_hash("ab", two));
	KUNIT_EXPECT_NE(test, end_name_hash(one), end_name_hash(two));
}

static void names_meet(struct kunit *test)
{
	static const struct spt_names here = { "iqn.a:host", "iqn.a:disk" };
	static const struct spt_names everywhere = { "iqn.a:host", "" };

	KUNIT_EXPECT_TRUE(test, spt_names_meet(&here, "IQN.A:host", "iqn.A:disk"));
	KUNIT_EXPECT_FALSE(test, spt_names_meet(&here, "iqn.a:host", "iqn.a:disk2"));
	KUNIT_EXPECT_FALSE(test, spt_names_meet(&here, "iqn.a:hos", "iqn.a:disk"));
	KUNIT_EXPECT_TRUE(test, spt_names_meet(&everywhere, "iqn.a:host", "x"));
	KUNIT_EXPECT_FALSE(test, spt_names_meet(&everywhere, "x", "iqn.a:disk"));
	KUNIT_EXPECT_STREQ(test, spt_names_where(&here), "iqn.a:disk");
	KUNIT_EXPECT_STREQ(test, spt_names_where(&everywhere), "every target");
}

static struct kunit_case names_cases[] = {
	KUNIT_CASE_PARAM(names_equal, names_pair_gen_params),
	KUNIT_CASE(names_longest),
	KUNIT_CASE(names_pair_hash),
	KUNIT_CASE(names_meet),
	{}
};

static struct kunit_suite names_suite = {
	.name		= "iscsitgt_spt_names",
	.test_cases	= names_cases,
};

kunit_test_suite(names_suite);
