/* SPDX-License-Identifier: GPL-2.0 */
/* The calls themselves, as the linker's --wrap names them. */
#ifndef REAL_H
#define REAL_H

#include <poll.h>
#include <sys/types.h>
#include <time.h>

int __real_open(const char *path, int flags);
int __real_close(int fd);
ssize_t __real_read(int fd, void *buffer, size_t size);
int __real_poll(struct pollfd *files, nfds_t count, int timeout);
int __real_ioctl(int fd, unsigned long request, void *arg);
int __real_clock_gettime(clockid_t clock, struct timespec *time);

#endif
