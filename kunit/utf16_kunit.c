// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/record.h"

#define UTF16_ROOM	12
#define UTF16_POISON	0xa5a5

/* @want: what is not given is 0, which is what it has to be. */
struct utf16_text {
	const char *desc;
	const char *text;
	size_t room;
	u16 want[UTF16_ROOM];
};

static const struct utf16_text utf16_texts[] = {
	{ "empty", "", 8 },
	{ "ASCII", "iqn", 8, { 'i', 'q', 'n' } },
	{ "ASCII, bounds", "\x01\x7f", 8, { 0x01, 0x7f } },
	{ "2 bytes", "\xc3\xa9", 8, { 0x00e9 } },
	{ "2 bytes, bounds", "\xc2\x80\xdf\xbf", 8, { 0x0080, 0x07ff } },
	{ "3 bytes", "\xe2\x82\xac", 8, { 0x20ac } },
	{ "3 bytes, bounds", "\xe0\xa0\x80\xef\xbf\xbf", 8,
	  { 0x0800, 0xffff } },
	{ "3 bytes, next to the surrogates", "\xed\x9f\xbf\xee\x80\x80", 8,
	  { 0xd7ff, 0xe000 } },
	{ "3 bytes, U+FFFD itself", "\xef\xbf\xbd", 8, { 0xfffd } },
	{ "4 bytes", "\xf0\x9f\x98\x80", 8, { 0xd83d, 0xde00 } },
	{ "4 bytes, bounds", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8,
	  { 0xd800, 0xdc00, 0xdbff, 0xdfff } },
	{ "all lengths", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", 8,
	  { 'a', 0x00e9, 0x20ac, 0xd83d, 0xde00, 'z' } },

	{ "lone continuation", "\x80", 8, { 0xfffd } },
	{ "lone continuation inside", "a\x80z", 8, { 'a', 0xfffd, 'z' } },
	{ "continuation too many", "\xc3\xa9\xa9z", 8,
	  { 0x00e9, 0xfffd, 'z' } },
	{ "0xfe", "a\xfez", 8, { 'a', 0xfffd, 'z' } },
	{ "0xff", "a\xffz", 8, { 'a', 0xfffd, 'z' } },
	{ "0xff before continuations", "\xff\x80\x80", 8,
	  { 0xfffd, 0xfffd, 0xfffd } },
	{ "2 bytes, 1 at the end", "a\xc3", 8, { 'a', 0xfffd } },
	{ "3 bytes, 1 at the end", "a\xe2", 8, { 'a', 0xfffd } },
	{ "3 bytes, 2 at the end", "a\xe2\x82", 8, { 'a', 0xfffd, 0xfffd } },
	{ "4 bytes, 3 at the end", "a\xf0\x9f\x98", 8,
	  { 'a', 0xfffd, 0xfffd, 0xfffd } },
	{ "3 bytes, 2 inside", "\xe2\x82z", 8, { 0xfffd, 0xfffd, 'z' } },
	{ "3 bytes, 2 before a good one", "\xe2\x82\xc3\xa9", 8,
	  { 0xfffd, 0xfffd, 0x00e9 } },
	{ "overlong, 2 bytes", "\xc0\xaf", 8, { 0xfffd, 0xfffd } },
	{ "overlong, 2 bytes, bound", "\xc1\xbf", 8, { 0xfffd, 0xfffd } },
	{ "overlong, 3 bytes, bound", "\xe0\x9f\xbf", 8,
	  { 0xfffd, 0xfffd, 0xfffd } },
	{ "overlong, 4 bytes, bound", "\xf0\x8f\xbf\xbf", 8,
	  { 0xfffd, 0xfffd, 0xfffd, 0xfffd } },
	{ "overlong NUL", "\xc0\x80z", 8, { 0xfffd, 0xfffd, 'z' } },
	{ "high surrogate", "\xed\xa0\x80", 8, { 0xfffd, 0xfffd, 0xfffd } },
	{ "low surrogate", "\xed\xbf\xbf", 8, { 0xfffd, 0xfffd, 0xfffd } },
	{ "above U+10FFFF", "\xf4\x90\x80\x80", 8,
	  { 0xfffd, 0xfffd, 0xfffd, 0xfffd } },
	{ "5 bytes", "\xf8\x88\x80\x80\x80", 8,
	  { 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd } },

	{ "exact fit", "abc", 4, { 'a', 'b', 'c' } },
	{ "one too long", "abcd", 4, { 'a', 'b', 'c' } },
	{ "much too long", "abcdefghijklmnopqrstuvwxyz", 4,
	  { 'a', 'b', 'c' } },
	{ "pair, exact fit", "ab\xf0\x9f\x98\x80", 5,
	  { 'a', 'b', 0xd83d, 0xde00 } },
	{ "pair, room for half", "ab\xf0\x9f\x98\x80", 4, { 'a', 'b' } },
	{ "pair, no room", "abc\xf0\x9f\x98\x80", 4, { 'a', 'b', 'c' } },
	{ "pair only, room for half", "\xf0\x9f\x98\x80", 2 },
	{ "nothing after a dropped pair", "ab\xf0\x9f\x98\x80z", 4,
	  { 'a', 'b' } },
	{ "bad byte, exact fit", "ab\xff", 4, { 'a', 'b', 0xfffd } },
	{ "bad byte too much", "ab\xff", 3, { 'a', 'b' } },
	{ "room 1, empty", "", 1 },
	{ "room 1", "a", 1 },
	{ "room 1, pair", "\xf0\x9f\x98\x80", 1 },
};

KUNIT_ARRAY_PARAM_DESC(utf16_text, utf16_texts, desc);

static void utf16_text(struct kunit *test)
{
	const struct utf16_text *param = test->param_value;
	u16 units[UTF16_ROOM + 1];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++)
		units[i] = UTF16_POISON;
	spt_utf16(units, param->room, param->text);
	for (i = 0; i < param->room; i++)
		KUNIT_EXPECT_EQ_MSG(test, units[i], param->want[i],
				    "unit %zu", i);
	for (; i < ARRAY_SIZE(units); i++)
		KUNIT_EXPECT_EQ_MSG(test, units[i], UTF16_POISON,
				    "unit %zu", i);
}

/* Of each length on its own, so that KASAN sees a byte read behind the text. */
static void utf16_reads_no_further(struct kunit *test)
{
	static const char text[] = "\xf0\x9f\x98\x80";
	static const u16 want[][4] = {
		{ },
		{ 0xfffd },
		{ 0xfffd, 0xfffd },
		{ 0xfffd, 0xfffd, 0xfffd },
		{ 0xd83d, 0xde00 },
	};
	size_t length;

	for (length = 0; length < ARRAY_SIZE(want); length++) {
		char *part = kunit_kmalloc(test, length + 1, GFP_KERNEL);
		u16 units[4];

		KUNIT_ASSERT_NOT_NULL(test, part);
		memcpy(part, text, length);
		part[length] = '\0';
		spt_utf16(units, ARRAY_SIZE(units), part);
		KUNIT_EXPECT_MEMEQ(test, units, want[length], sizeof(units));
	}
}

static struct kunit_case utf16_cases[] = {
	KUNIT_CASE_PARAM(utf16_text, utf16_text_gen_params),
	KUNIT_CASE(utf16_reads_no_further),
	{}
};

static struct kunit_suite utf16_suite = {
	.name		= "iscsitgt_spt_utf16",
	.test_cases	= utf16_cases,
};

kunit_test_suite(utf16_suite);
