// SPDX-License-Identifier: GPL-2.0
/*
 * What the device reads: a reader for each open file, and its events as records.
 *
 * A file's reader belongs to it.  Lock order: &spt_stream.lock, then what
 * reader.c takes; copies to user space happen under it, and nothing else waits
 * for it than those who share the file.
 *
 * Waits: for &spt_stream.lock, interruptible, ended by another read of the same
 * file, which may wait for the pages of its buffer; for &spt_ring.wait,
 * interruptible, ended by an event; for memory, under no lock; for a snapshot, when
 * the file is opened or has fallen behind, see reader.c.
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "events.h"
#include "follow.h"
#include "reader.h"
#include "record.h"
#include "stream.h"

/*
 * struct spt_stream - an open file
 * @lock: those who share it
 * @reader: [lock] but for spt_reader_ready()
 */
struct spt_stream {
	struct mutex lock; /* see above */
	struct spt_reader reader;
};

/* What a read writes at a time. */
union spt_stream_record {
	struct srb_io_control header;
	struct iscsitgt_spt_session_start start;
	struct iscsitgt_spt_session_stop stop;
};

/**
 * spt_stream_open - a stream that begins with the sessions alive
 *
 * Context: process context, may sleep.
 * Return: the stream, the caller's until spt_stream_close(), or an error
 *	pointer: -ENOMEM, -ERESTARTSYS, -EOVERFLOW, -EBUSY.
 */
struct spt_stream *spt_stream_open(void)
{
	struct spt_stream *stream;
	int ret;

	stream = kzalloc(sizeof(*stream), GFP_KERNEL);
	if (!stream)
		return ERR_PTR(-ENOMEM);
	mutex_init(&stream->lock);
	stream->reader.ring = spt_events_ring();
	ret = spt_reader_init(&stream->reader);
	if (ret) {
		mutex_destroy(&stream->lock);
		kfree(stream);
		return ERR_PTR(ret);
	}
	spt_follow_listen();
	return stream;
}

/**
 * spt_stream_close - the file is closed
 * @stream: not used any more
 *
 * Context: process context, may sleep.
 */
void spt_stream_close(struct spt_stream *stream)
{
	spt_follow_unlisten();
	spt_reader_exit(&stream->reader);
	mutex_destroy(&stream->lock);
	kfree(stream);
}

/*
 * Returns the bytes of the record that was written, 0 if there is no room for it,
 * or a negative errno.
 */
static ssize_t spt_stream_copy_one(struct spt_stream *stream,
				   union spt_stream_record *record,
				   char __user *buffer, size_t room)
{
	struct spt_event event;
	size_t length;
	int ret;

	lockdep_assert_held(&stream->lock);
	ret = spt_reader_peek(&stream->reader, &event);
	if (ret)
		return ret;
	if (event.end)
		spt_record_stop(&record->stop, event.session);
	else
		spt_record_start(&record->start, event.session);
	spt_session_put(event.session);
	length = record->header.header_length + record->header.length;
	if (length > room)
		return 0;
	if (copy_to_user(buffer, record, length))
		return -EFAULT;
	spt_reader_advance(&stream->reader);
	return length;
}

/*
 * Returns the bytes of whole records that were written, or a negative errno if
 * none was; so a loss of events is told by a read of its own.  @size is enough for
 * any one record.
 */
static ssize_t spt_stream_copy(struct spt_stream *stream,
			       union spt_stream_record *record,
			       char __user *buffer, size_t size)
{
	ssize_t copied = 0, ret = 0;

	do {
		ret = spt_stream_copy_one(stream, record, buffer + copied,
					  size - copied);
		if (ret > 0)
			copied += ret;
	} while (ret > 0);
	if (copied || ret != -EPIPE)
		return copied ?: ret;
	return spt_reader_rewind(&stream->reader) ?: -EPIPE;
}

static ssize_t spt_stream_try(struct spt_stream *stream,
			      union spt_stream_record *record,
			      char __user *buffer, size_t size)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&stream->lock))
		return -ERESTARTSYS;
	ret = spt_stream_copy(stream, record, buffer, size);
	mutex_unlock(&stream->lock);
	return ret;
}

/**
 * spt_stream_read - read()
 * @stream: the file's
 * @buffer: of user space
 * @size: of @buffer, in bytes
 * @nonblock: do not wait for the first record
 *
 * Context: process context, may sleep.
 * Return: bytes of whole records, or -EINVAL, -EAGAIN, -EPIPE, -ERESTARTSYS,
 *	-EFAULT, -ENOMEM, -EOVERFLOW, -EBUSY.
 */
ssize_t spt_stream_read(struct spt_stream *stream, char __user *buffer,
			size_t size, bool nonblock)
{
	union spt_stream_record *record;
	ssize_t ret;

	if (size < sizeof(*record))
		return -EINVAL;
	record = kmalloc(sizeof(*record), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	for (;;) {
		ret = spt_stream_try(stream, record, buffer, size);
		if (ret != -EAGAIN || nonblock)
			break;
		ret = wait_event_interruptible(stream->reader.ring->wait,
					       spt_reader_ready(&stream->reader));
		if (ret)
			break;
	}
	kfree(record);
	return ret;
}

/**
 * spt_stream_poll - poll()
 * @stream: the file's
 * @file: the file
 * @wait: the caller's table
 *
 * Context: process context, may sleep.
 * Return: readable if a read would not wait.
 */
__poll_t spt_stream_poll(struct spt_stream *stream, struct file *file,
			 poll_table *wait)
{
	poll_wait(file, &stream->reader.ring->wait, wait);
	return spt_reader_ready(&stream->reader) ? EPOLLIN | EPOLLRDNORM : 0;
}
