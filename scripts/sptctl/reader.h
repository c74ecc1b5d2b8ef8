/* SPDX-License-Identifier: GPL-2.0 */
/* The device's records, one after the other. */
#ifndef SPTCTL_READER_H
#define SPTCTL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <linux/iscsitgt_spt.h>

union record {
	struct srb_io_control header;
	struct iscsitgt_spt_session_start start;
	struct iscsitgt_spt_session_stop stop;
};

/**
 * struct reader - what was read and not yet taken
 * @fd: of spt_open()
 * @next: the next record in @buffer
 * @end: of what is in @buffer
 * @time: of the last read, CLOCK_REALTIME
 * @buffer: whole records; nothing says that they are aligned
 */
struct reader {
	int fd;
	size_t next;
	size_t end;
	struct timespec time;
	char buffer[32 * sizeof(struct iscsitgt_spt_session_start)];
};

void reader_init(struct reader *reader, int fd);

/*
 * The next START or STOP.  -EAGAIN: that was all for now; the first time it
 * ends the sessions that were there, and spt_wait() waits for more.  -EPIPE:
 * records are lost, and the next ones begin again with those sessions.
 */
int reader_next(struct reader *reader, union record *record);

bool record_is_start(const union record *record);

#endif
