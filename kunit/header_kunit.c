// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/record.h"

/* Spelled out, so that a change of the interface's macros cannot follow here. */
static const struct srb_io_control header_valid = {
	.header_length	= 28,
	.signature	= { 'I', 'S', 'C', 'S', 'I', 'T', 'G', 'T' },
	.control_code	= 0x101,
	.length		= 12,
};

static void header_accepts_valid(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, spt_header_check(&header_valid), 0);
}

static void header_ignores_other_fields(struct kunit *test)
{
	struct srb_io_control header = header_valid;

	header.timeout = 0xffffffff;
	header.control_code = 0xffffffff;
	header.return_code = 0xffffffff;
	header.length = 0xffffffff;
	KUNIT_EXPECT_EQ(test, spt_header_check(&header), 0);
}

struct header_length {
	const char *desc;
	u32 length;
};

static const struct header_length header_lengths[] = {
	{ "0", 0 },
	{ "27", 27 },
	{ "29", 29 },
	{ "whole record", 40 },
	{ "big-endian 28", 0x1c000000 },
	{ "28 in the low half only", 0x0001001c },
	{ "0xffffffff", 0xffffffff },
};

KUNIT_ARRAY_PARAM_DESC(header_length, header_lengths, desc);

static void header_rejects_length(struct kunit *test)
{
	const struct header_length *param = test->param_value;
	struct srb_io_control header = header_valid;

	header.header_length = param->length;
	KUNIT_EXPECT_EQ(test, spt_header_check(&header), -EINVAL);
}

static void header_rejects_each_signature_bit(struct kunit *test)
{
	struct srb_io_control header = header_valid;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		header.signature[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_EQ_MSG(test, spt_header_check(&header), -EINVAL,
				    "byte %u, bit %u", bit / 8, bit % 8);
		header.signature[bit / 8] ^= 1 << bit % 8;
	}
	KUNIT_EXPECT_EQ(test, spt_header_check(&header), 0);
}

struct header_signature {
	const char *desc;
	u8 signature[8];
};

static const struct header_signature header_signatures[] = {
	{ "lower case", { 'i', 's', 'c', 's', 'i', 't', 'g', 't' } },
	{ "last letter missing", { 'I', 'S', 'C', 'S', 'I', 'T', 'G', 0 } },
	{ "shifted", { 0, 'I', 'S', 'C', 'S', 'I', 'T', 'G' } },
	{ "reversed", { 'T', 'G', 'T', 'I', 'S', 'C', 'S', 'I' } },
	{ "zero", { 0 } },
};

KUNIT_ARRAY_PARAM_DESC(header_signature, header_signatures, desc);

static void header_rejects_signature(struct kunit *test)
{
	const struct header_signature *param = test->param_value;
	struct srb_io_control header = header_valid;

	memcpy(header.signature, param->signature, sizeof(header.signature));
	KUNIT_EXPECT_EQ(test, spt_header_check(&header), -EINVAL);
}

static struct kunit_case header_cases[] = {
	KUNIT_CASE(header_accepts_valid),
	KUNIT_CASE(header_ignores_other_fields),
	KUNIT_CASE_PARAM(header_rejects_length, header_length_gen_params),
	KUNIT_CASE(header_rejects_each_signature_bit),
	KUNIT_CASE_PARAM(header_rejects_signature, header_signature_gen_params),
	{}
};

static struct kunit_suite header_suite = {
	.name		= "iscsitgt_spt_header",
	.test_cases	= header_cases,
};

kunit_test_suite(header_suite);

MODULE_DESCRIPTION("KUnit suites of iscsitgt_spt");
MODULE_LICENSE("GPL");
