// SPDX-License-Identifier: GPL-2.0
/*
 * What the device reads: for each opener the sessions that were alive at open,
 * as START records.  An opener that has read them all waits on spt_stream_wait.
 *
 * A reader belongs to its open file.  It owns a reference of each session that
 * it has not read yet, so what becomes of the session meanwhile is no matter.
 *
 * Lock order: &spt_reader.lock is taken with nothing else held, and under it
 * only copies to user space happen.
 *
 * Waits: for &spt_reader.lock, interruptible, ended by another read of the same
 * file; for spt_stream_wait, interruptible.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "record.h"
#include "registry.h"
#include "stream.h"

/*
 * struct spt_reader - one opener
 * @lock: readers that share the file
 * @replay: [fixed] sessions alive at open
 * @count: [fixed] of @replay
 * @next: [lock] first one that was not read
 */
struct spt_reader {
	struct mutex lock; /* see above */
	struct spt_session **replay;
	size_t count;
	size_t next;
};

static DECLARE_WAIT_QUEUE_HEAD(spt_stream_wait);

static bool spt_reader_ready(const struct spt_reader *reader)
{
	return READ_ONCE(reader->next) < reader->count;
}

/**
 * spt_reader_open - a reader at the first session
 *
 * Context: process context, may sleep.
 * Return: the reader, the caller's until spt_reader_close(), or an error
 *	pointer as from spt_registry_get_all().
 */
struct spt_reader *spt_reader_open(void)
{
	struct spt_reader *reader;
	int ret;

	reader = kzalloc(sizeof(*reader), GFP_KERNEL);
	if (!reader)
		return ERR_PTR(-ENOMEM);
	mutex_init(&reader->lock);
	ret = spt_registry_get_all(&reader->replay, &reader->count);
	if (ret) {
		mutex_destroy(&reader->lock);
		kfree(reader);
		return ERR_PTR(ret);
	}
	return reader;
}

/**
 * spt_reader_close - the file is closed
 * @reader: not used any more
 *
 * Context: process context, may sleep.
 */
void spt_reader_close(struct spt_reader *reader)
{
	while (reader->next < reader->count)
		spt_session_put(reader->replay[reader->next++]);
	kvfree(reader->replay);
	mutex_destroy(&reader->lock);
	kfree(reader);
}

/* Returns the bytes of whole records that were written, or -EFAULT. */
static ssize_t spt_reader_copy(struct spt_reader *reader,
			       struct iscsitgt_spt_session_start *record,
			       char __user *buffer, size_t size)
{
	ssize_t copied = 0;

	lockdep_assert_held(&reader->lock);
	while (spt_reader_ready(reader) && size - copied >= sizeof(*record)) {
		struct spt_session *session = reader->replay[reader->next];

		spt_record_start(record, session);
		if (copy_to_user(buffer + copied, record, sizeof(*record)))
			return copied ?: -EFAULT;
		copied += sizeof(*record);
		WRITE_ONCE(reader->next, reader->next + 1);
		spt_session_put(session);
	}
	return copied;
}

/**
 * spt_reader_read - read()
 * @reader: the file's
 * @buffer: of user space
 * @size: of @buffer, in bytes
 * @nonblock: do not wait for the first record
 *
 * Context: process context, may sleep.
 * Return: bytes of whole records, or -EINVAL, -EAGAIN, -ERESTARTSYS,
 *	-EFAULT, -ENOMEM.
 */
ssize_t spt_reader_read(struct spt_reader *reader, char __user *buffer,
			size_t size, bool nonblock)
{
	struct iscsitgt_spt_session_start *record;
	ssize_t ret;

	if (size < sizeof(*record))
		return -EINVAL;
	record = kmalloc(sizeof(*record), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	do {
		ret = -ERESTARTSYS;
		if (mutex_lock_interruptible(&reader->lock))
			break;
		ret = spt_reader_copy(reader, record, buffer, size);
		mutex_unlock(&reader->lock);
		if (ret)
			break;
		if (nonblock)
			ret = -EAGAIN;
		else if (wait_event_interruptible(spt_stream_wait,
						  spt_reader_ready(reader)))
			ret = -ERESTARTSYS;
	} while (!ret);
	kfree(record);
	return ret;
}

/**
 * spt_reader_poll - poll()
 * @reader: the file's
 * @file: the file
 * @wait: the caller's table
 *
 * Context: process context, may sleep.
 * Return: readable if a read would not wait.
 */
__poll_t spt_reader_poll(struct spt_reader *reader, struct file *file,
			 poll_table *wait)
{
	poll_wait(file, &spt_stream_wait, wait);
	return spt_reader_ready(reader) ? EPOLLIN | EPOLLRDNORM : 0;
}
