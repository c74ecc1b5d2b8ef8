// SPDX-License-Identifier: GPL-2.0
/*
 * Memory with borders.  From its beginning: a page that can only be read, three
 * that can be written too, two that can only be read.  Before and after them is
 * nothing, for as long as any record is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#define WRITABLE	PAGE
#define READ_ONLY	(4 * PAGE)
#define END		(6 * PAGE)
#define NOTHING		(4 * PAGE)

static char *map_at(char *where, size_t size, int prot, int flags, int fd)
{
	char *map = mmap(where, size, prot, flags, fd, 0);

	if (map == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return map;
}

void view_init(struct view *view)
{
	int fd = memfd_create("view", MFD_CLOEXEC);
	char *map;

	if (fd < 0 || ftruncate(fd, END))
		die("memfd: %s", strerror(errno));
	view->alias = map_at(NULL, END, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	map = map_at(NULL, END + 2 * NOTHING, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1);
	view->map = map_at(map + NOTHING, END, PROT_READ,
			   MAP_SHARED | MAP_FIXED, fd);
	if (mprotect(view->map + WRITABLE, READ_ONLY - WRITABLE,
		     PROT_READ | PROT_WRITE))
		die("mprotect: %s", strerror(errno));
	close(fd);
	view->shadow = calloc(1, END);
	if (!view->shadow)
		die("no memory");
}

/* Of @size bytes at @at, how many there are before the first that is not. */
static size_t until_border(long at, size_t size, long begin, long end)
{
	if (at < begin || at >= end)
		return 0;
	return size < (size_t)(end - at) ? size : (size_t)(end - at);
}

size_t view_readable(const struct view *view, long at, size_t size)
{
	return view ? until_border(at, size, 0, END) : size;
}

size_t view_writable(const struct view *view, long at, size_t size)
{
	return view ? until_border(at, size, WRITABLE, READ_ONLY) : size;
}

/* Leave of a range what is in the view. */
static bool clip(long *at, size_t *size, long *skipped)
{
	long begin = *at < 0 ? 0 : *at;
	long end = *at + (long)*size;

	if (end > END)
		end = END;
	if (begin >= end)
		return false;
	*skipped = begin - *at;
	*at = begin;
	*size = end - begin;
	return true;
}

void view_fill(struct view *view, long at, size_t size, int byte)
{
	long skipped;

	if (!clip(&at, &size, &skipped))
		return;
	memset(view->alias + at, byte, size);
	memset(view->shadow + at, byte, size);
}

/* Also of what can only be read: this is by the other mapping. */
void view_put(struct view *view, long at, const void *bytes, size_t size)
{
	long skipped;

	if (!clip(&at, &size, &skipped))
		return;
	memcpy(view->alias + at, (const char *)bytes + skipped, size);
	memcpy(view->shadow + at, (const char *)bytes + skipped, size);
}

/* What is there now is right. */
void view_accept(struct view *view, long at, size_t size)
{
	long skipped;

	if (clip(&at, &size, &skipped))
		memcpy(view->shadow + at, view->alias + at, size);
}

bool view_is_intact(const struct view *view, long at, size_t size)
{
	long skipped;

	return !clip(&at, &size, &skipped) ||
		!memcmp(view->shadow + at, view->alias + at, size);
}

bool view_is_intact_all(const struct view *view)
{
	return view_is_intact(view, 0, END);
}

/* Somewhere, and often right at or across a border. */
long view_place(struct worker *worker, size_t size)
{
	static const long borders[] = { 0, WRITABLE, READ_ONLY, END };
	struct random *random = &worker->random;
	long border = borders[below(random, ARRAY_SIZE(borders))];

	switch (below(random, 16)) {
	case 0:		/* across it */
		return border - (long)below(random, size + 1);
	case 1:		/* right before it */
		return border - (long)size;
	case 2:		/* right after it */
		return border;
	case 3:		/* across it, but in one of its first fields */
		return border - (long)below(random, STOP_SIZE + 1);
	default:
		if (size >= READ_ONLY - WRITABLE)
			return WRITABLE;
		return WRITABLE + below(random, READ_ONLY - WRITABLE - size);
	}
}
