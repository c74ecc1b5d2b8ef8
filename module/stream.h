/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_STREAM_H
#define ISCSITGT_SPT_STREAM_H

#include <linux/fs.h>
#include <linux/poll.h>

struct spt_reader;

struct spt_reader *spt_reader_open(void);
void spt_reader_close(struct spt_reader *reader);
ssize_t spt_reader_read(struct spt_reader *reader, char __user *buffer,
			size_t size, bool nonblock);
__poll_t spt_reader_poll(struct spt_reader *reader, struct file *file,
			 poll_table *wait);

#endif /* ISCSITGT_SPT_STREAM_H */
