/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_STREAM_H
#define ISCSITGT_SPT_STREAM_H

#include <linux/fs.h>
#include <linux/poll.h>

struct spt_stream;

struct spt_stream *spt_stream_open(void);
void spt_stream_close(struct spt_stream *stream);
ssize_t spt_stream_read(struct spt_stream *stream, char __user *buffer,
			size_t size, bool nonblock);
__poll_t spt_stream_poll(struct spt_stream *stream, struct file *file,
			 poll_table *wait);

#endif /* ISCSITGT_SPT_STREAM_H */
