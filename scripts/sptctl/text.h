/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text of unknown origin.  An initiator chooses its own name, and that name
 * ends on an admin's terminal: nothing here trusts it.
 */
#ifndef SPTCTL_TEXT_H
#define SPTCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/*
 * Bytes at its beginning that are printable ASCII, but neither blank nor backslash: in
 * every form of text the same, and most of it.
 */
size_t text_plain(const char *s);

/* Bytes of the UTF-8 character that @s begins with; 0 if it is none. */
size_t text_decode(const char *s, __u32 *code);

/* Whether a terminal would act on the character instead of showing it. */
bool text_is_control(__u32 code);

/* For people: everything that is not plain text as \xNN.  free() it. */
char *text_escape(const char *s);

/* The same as one word: blanks too as \xNN, nothing as -.  free() it. */
char *text_to_word(const char *s);

/* For programs: a byte that is not UTF-8 as U+FFFD.  free() it. */
char *text_to_utf8(const char *s);

/* Up to the terminator or @room; half a surrogate pair as U+FFFD.  free() it. */
char *text_from_utf16(const __u16 *units, size_t room);

/* In columns of a terminal; @s is UTF-8. */
size_t text_width(const char *s);

/* Decimal or 0x and hexadecimal, never 0; the whole string, strictly. */
bool text_to_cookie(const char *s, __u64 *cookie);

/* Decimal, strictly. */
bool text_to_number(const char *s, __u64 *number);

/* Seconds, or "none" for ISCSITGT_SPT_TIMEOUT_NONE. */
bool text_to_timeout(const char *s, __u32 *timeout);

/* Seconds, with or without s, or with m, h or d other units. */
bool text_to_seconds(const char *s, __u64 *seconds);

/* Its end in as many columns, after dots if that is not all.  free() it. */
char *text_shorten(const char *s, size_t width);

/* 42s, 5m03s, 2h10m, 3d04h.  free() it. */
char *text_age(__u64 seconds);

#endif
