// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <linux/iscsitgt_spt.h>

#include "sptctl.h"
#include "text.h"

#define REPLACEMENT	"\xef\xbf\xbd"

size_t text_plain(const char *s)
{
	size_t length = 0;

	while (s[length] > ' ' && s[length] < 0x7f && s[length] != '\\')
		length++;
	return length;
}

struct utf8_form {
	unsigned char mask;
	unsigned char lead;
	__u32 least;
};

/* By the number of bytes that follow; a smaller code there is overlong. */
static const struct utf8_form utf8_forms[] = {
	{ 0x80, 0x00, 0x0 },
	{ 0xe0, 0xc0, 0x80 },
	{ 0xf0, 0xe0, 0x800 },
	{ 0xf8, 0xf0, 0x10000 },
};

/* The terminator continues no character, so this cannot run past it. */
size_t text_decode(const char *s, __u32 *code)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t more = 0, i;

	while ((p[0] & utf8_forms[more].mask) != utf8_forms[more].lead)
		if (++more == ARRAY_SIZE(utf8_forms))
			return 0;

	*code = p[0] & ~utf8_forms[more].mask;
	for (i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	if (*code < utf8_forms[more].least || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return more + 1;
}

/*
 * C0, DEL and C1 drive a terminal; line separators and the marks for writing
 * direction let one name look like another.
 */
bool text_is_control(__u32 code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
	       code == 0x061c || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/* All white space of Unicode that is no control above. */
static bool is_blank(__u32 code)
{
	return code == ' ' || code == 0xa0 || code == 0x1680 ||
	       (code >= 0x2000 && code <= 0x200a) || code == 0x202f ||
	       code == 0x205f || code == 0x3000;
}

static char *put_hex(char *out, const char *s, size_t len)
{
	while (len--)
		out += sprintf(out, "\\x%02x", (unsigned char)*s++);
	return out;
}

static char *escape(const char *s, bool blanks_too)
{
	char *text = xcalloc(strlen(s) + 1, strlen("\\xNN"));
	char *out = text;
	size_t len;
	__u32 code;

	for (; *s; s += len) {
		len = text_plain(s);
		if (len) {
			out = mempcpy(out, s, len);
			continue;
		}
		len = text_decode(s, &code);
		if (!len || text_is_control(code) || (blanks_too && is_blank(code))) {
			len = len ? len : 1;
			out = put_hex(out, s, len);
		} else {
			/* Or a name could pretend to be an escaped one. */
			if (code == '\\')
				*out++ = '\\';
			out = mempcpy(out, s, len);
		}
	}
	return text;
}

char *text_escape(const char *s)
{
	return escape(s, false);
}

char *text_to_word(const char *s)
{
	return escape(*s ? s : "-", true);
}

char *text_to_utf8(const char *s)
{
	char *text = xcalloc(strlen(s) + 1, strlen(REPLACEMENT));
	char *out = text;
	size_t len;
	__u32 code;

	for (; *s; s += len) {
		len = text_plain(s);
		if (!len)
			len = text_decode(s, &code);
		if (len) {
			out = mempcpy(out, s, len);
		} else {
			len = 1;
			out = mempcpy(out, REPLACEMENT, strlen(REPLACEMENT));
		}
	}
	return text;
}

static char *put_utf8(char *out, __u32 code)
{
	size_t more = 0;

	while (more + 1 < ARRAY_SIZE(utf8_forms) &&
	       code >= utf8_forms[more + 1].least)
		more++;
	*out++ = utf8_forms[more].lead | code >> 6 * more;
	while (more--)
		*out++ = 0x80 | (code >> 6 * more & 0x3f);
	return out;
}

char *text_from_utf16(const __u16 *units, size_t room)
{
	char *text = xcalloc(room + 1, strlen(REPLACEMENT));
	char *out = text;
	__u32 code;
	size_t i;

	for (i = 0; i < room && units[i]; i++) {
		code = units[i];
		if ((code & 0xfc00) == 0xd800 && i + 1 < room &&
		    (units[i + 1] & 0xfc00) == 0xdc00)
			code = 0x10000 + ((code & 0x3ff) << 10 | (units[++i] & 0x3ff));
		/* Half a pair. */
		if ((code & ~0x7ffU) == 0xd800)
			code = 0xfffd;
		out = put_utf8(out, code);
	}
	return text;
}

/* One where the C library does not know the character. */
static size_t columns(__u32 code)
{
	int width = wcwidth(code);

	return width < 0 ? 1 : width;
}

/* Its first character, or byte of none.  The bytes of it; @width grows. */
static size_t measure(const char *s, size_t *width)
{
	__u32 code;
	size_t len = text_decode(s, &code);

	*width += len ? columns(code) : 1;
	return len ? len : 1;
}

size_t text_width(const char *s)
{
	size_t width = text_plain(s);

	s += width;
	while (*s)
		s += measure(s, &width);
	return width;
}

char *text_shorten(const char *s, size_t width)
{
	size_t whole = text_width(s), skipped = 0;

	if (whole <= width)
		return xstrdup(s);
	/* Names differ more at their ends. */
	while (*s && whole - skipped + strlen("..") > width)
		s += measure(s, &skipped);
	return xasprintf("..%s", s);
}

char *text_age(__u64 seconds)
{
	__u64 minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (days)
		return xasprintf("%llud%02lluh", days, hours % 24);
	if (hours)
		return xasprintf("%lluh%02llum", hours, minutes % 60);
	if (minutes)
		return xasprintf("%llum%02llus", minutes, seconds % 60);
	return xasprintf("%llus", seconds);
}

/* Not strtoull(), which lets signs, white space and a second 0x pass. */
static bool to_number(const char *s, int base, __u64 *value)
{
	const char *digits = "0123456789abcdefABCDEF";
	const char *found;
	int digit;

	if (!*s)
		return false;
	for (*value = 0; *s; s++) {
		found = strchr(digits, *s);
		if (!found)
			return false;
		digit = found - digits < 16 ? found - digits : found - digits - 6;
		if (digit >= base ||
		    __builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit, value))
			return false;
	}
	return true;
}

bool text_to_number(const char *s, __u64 *number)
{
	return to_number(s, 10, number);
}

bool text_to_cookie(const char *s, __u64 *cookie)
{
	bool hex = !strncmp(s, "0x", 2);

	return to_number(hex ? s + 2 : s, hex ? 16 : 10, cookie) && *cookie;
}

bool text_to_seconds(const char *s, __u64 *seconds)
{
	static const struct {
		char letter;
		unsigned int seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char digits[sizeof("18446744073709551615")] = "";
	size_t length = strlen(s), i;
	unsigned int unit = 1;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (length && s[length - 1] == units[i].letter) {
			unit = units[i].seconds;
			length--;
			break;
		}
	}
	if (length >= sizeof(digits))
		return false;
	memcpy(digits, s, length);
	return to_number(digits, 10, seconds) &&
	       !__builtin_mul_overflow(*seconds, unit, seconds);
}

bool text_to_timeout(const char *s, __u32 *timeout)
{
	__u64 seconds = ISCSITGT_SPT_TIMEOUT_NONE;

	if (strcmp(s, "none") && (!to_number(s, 10, &seconds) ||
				  seconds >= ISCSITGT_SPT_TIMEOUT_NONE))
		return false;
	*timeout = seconds;
	return true;
}
