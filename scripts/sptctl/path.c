// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "path.h"
#include "sptctl.h"
#include "text.h"

#define CONFIGFS	"/sys/kernel/config/target"
#define TAG_SIZE	sizeof("tpgt_65535")

/* The next part of the path, without slashes; empty at its end. */
static const char *next_part(const char **s, size_t *length)
{
	const char *part = *s + strspn(*s, "/");

	*length = strcspn(part, "/");
	*s = part + *length;
	return part;
}

static bool is_part(const char *part, size_t length, const char *word)
{
	return length == strlen(word) && !memcmp(part, word, length);
}

static const char *skip_prefix(const char *s, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(s, prefix, length) ? s : s + length;
}

bool path_parse_tpgt(const char *s, size_t length, __u16 *tpgt)
{
	char tag[TAG_SIZE] = "";
	const char *digits;
	__u64 number;

	if (length >= sizeof(tag))
		return false;
	memcpy(tag, s, length);
	digits = skip_prefix(tag, "tpg");
	if (digits != tag)
		digits = skip_prefix(digits, "t_");
	if (!text_to_number(digits, &number) || number > 0xffff)
		return false;
	*tpgt = number;
	return true;
}

static bool parse_acl(const char *s, struct path *path)
{
	const char *part;
	size_t length;

	part = next_part(&s, &length);
	if (!length)
		return true;
	if (!is_part(part, length, "acls"))
		return false;
	path->initiator = next_part(&s, &path->initiator_length);
	next_part(&s, &length);
	return path->initiator_length && !length;
}

bool path_parse(const char *s, struct path *path)
{
	const char *part;
	size_t length;

	memset(path, 0, sizeof(*path));
	s = skip_prefix(s, CONFIGFS);
	if (*s != '/')
		return false;
	part = next_part(&s, &length);
	if (!is_part(part, length, "iscsi"))
		return false;
	path->target = next_part(&s, &path->target_length);
	if (!path->target_length)
		return false;
	part = next_part(&s, &length);
	if (!length)
		return true;
	path->has_tpgt = path_parse_tpgt(part, length, &path->tpgt);
	return path->has_tpgt && parse_acl(s, path);
}

char *path_of_tpg(const char *target, __u16 tpgt)
{
	return xasprintf("/iscsi/%s/tpg%u", target, tpgt);
}

char *path_of_acl(const char *target, __u16 tpgt, const char *initiator)
{
	return xasprintf("/iscsi/%s/tpg%u/acls/%s", target, tpgt, initiator);
}
