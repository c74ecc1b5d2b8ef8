// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "device.h"
#include "reader.h"

void reader_init(struct reader *reader, int fd)
{
	reader->fd = fd;
	reader->next = 0;
	reader->end = 0;
}

bool record_is_start(const union record *record)
{
	return record->header.control_code == CTLCODE_ISCSITGT_SPT_SESSION_START;
}

static int refill(struct reader *reader)
{
	ssize_t len = spt_read(reader->fd, reader->buffer, sizeof(reader->buffer));

	clock_gettime(CLOCK_REALTIME, &reader->time);
	reader->next = 0;
	reader->end = len < 0 ? 0 : len;
	return len < 0 ? len : 0;
}

/* What is too long for @record is of an unknown kind, or wrong. */
static int take(struct reader *reader, union record *record)
{
	const char *from = reader->buffer + reader->next;
	size_t left = reader->end - reader->next;
	__u64 size;

	if (left < sizeof(record->header))
		return -EPROTO;
	memcpy(&record->header, from, sizeof(record->header));
	size = (__u64)record->header.header_length + record->header.length;
	if (record->header.header_length < sizeof(record->header) || size > left ||
	    memcmp(record->header.signature, ISCSITGT_SPT_SIGNATURE,
		   sizeof(record->header.signature)))
		return -EPROTO;
	memcpy(record, from, size < sizeof(*record) ? size : sizeof(*record));
	reader->next += size;
	return 0;
}

/* -ENOMSG: of an unknown kind, to be skipped */
static int check(const union record *record)
{
	switch (record->header.control_code) {
	case CTLCODE_ISCSITGT_SPT_SESSION_START:
		return spt_header_is(&record->header, record->header.control_code,
				     sizeof(record->start)) &&
		       record->start.it_nexus_handle ? 0 : -EPROTO;
	case CTLCODE_ISCSITGT_SPT_SESSION_END:
		return spt_header_is(&record->header, record->header.control_code,
				     sizeof(record->stop)) &&
		       record->stop.it_nexus_handle ? 0 : -EPROTO;
	default:
		return -ENOMSG;
	}
}

int reader_next(struct reader *reader, union record *record)
{
	int err;

	do {
		err = reader->next == reader->end ? refill(reader) : 0;
		if (!err)
			err = take(reader, record);
		if (!err)
			err = check(record);
	} while (err == -ENOMSG);
	return err;
}
