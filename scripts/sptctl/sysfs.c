// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

int sysfs_open(void)
{
	int fd = open(SYSFS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* One read() gets all of a file in sysfs, or as much as there is room for. */
int sysfs_read(int directory, const char *name, char *value, size_t size)
{
	ssize_t len;
	int fd, err;

	fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		len = read(fd, value, size);
	} while (len < 0 && errno == EINTR);
	err = len < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	if (!len || memchr(value, '\n', len) != value + len - 1)
		return -EPROTO;
	value[len - 1] = '\0';
	return 0;
}
