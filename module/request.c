// SPDX-License-Identifier: GPL-2.0
/*
 * IOCTL_SCSI_MINIPORT: one table of requests, one function that copies and
 * checks, handlers that see kernel memory only.  The header is read once and
 * what follows it once, so a caller that changes its record meanwhile cannot
 * have one thing checked and another one done.  No locks.
 *
 * Waits: for memory; for the caller's own pages, under no lock, ended by whoever
 * provides them, or a signal that kills, as in any system call; and what stop.c,
 * evict.c and holds.c tell.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "evict.h"
#include "holds.h"
#include "info.h"
#include "record.h"
#include "request.h"
#include "stop.h"

/* @infos: &iscsitgt_spt_session_list.count of them, once that is handled */
struct spt_list {
	struct iscsitgt_spt_session_list head;
	struct iscsitgt_spt_session_info *infos;
};

/* But for that of HOLD, each begins like the stop record: header, padding, cookie. */
union spt_record {
	struct srb_io_control header;
	struct iscsitgt_spt_session_stop stop;
	struct iscsitgt_spt_session_info info;
	struct iscsitgt_spt_session_evict evict;
	struct iscsitgt_spt_hold hold;
	struct spt_list list;
};

/*
 * @min_length, @max_length: what &srb_io_control.length may be; the former is read
 * @reply_length: how much of the record after the header is written back
 * @certain: nothing is done unless that can be written; it is all that is read
 * @handle: returns 0, -EINPROGRESS for "begun", or a negative errno
 * @write: writes what follows that; gives back what @handle took, which was successful
 */
struct spt_request_type {
	u32 control_code;
	u32 min_length;
	u32 max_length;
	u32 reply_length;
	bool certain;
	int (*handle)(union spt_record *record);
	int (*write)(union spt_record *record, void __user *rest);
};

static int spt_request_stop(union spt_record *record)
{
	if (record->stop.reserved)
		return -EINVAL;
	return spt_stop(record->stop.it_nexus_handle, record->header.timeout);
}

static int spt_request_info(union spt_record *record)
{
	return spt_info(&record->info);
}

static int spt_request_evict(union spt_record *record)
{
	if (record->evict.reserved)
		return -EINVAL;
	return spt_evict(&record->evict);
}

static int spt_request_hold(union spt_record *record)
{
	return spt_holds(&record->hold);
}

static int spt_request_list(union spt_record *record)
{
	return spt_info_list(&record->list.head, &record->list.infos);
}

/* As much of it as there is room for; what is behind it is zeroed. */
static int spt_request_copy(void __user *to, const void *from, size_t known,
			    size_t length)
{
	known = min(known, length);
	if (copy_to_user(to, from, known) || clear_user(to + known, length - known))
		return -EFAULT;
	return 0;
}

static int spt_request_write_list(union spt_record *record, void __user *rest)
{
	const struct iscsitgt_spt_session_list *head = &record->list.head;
	int ret = 0;
	u32 i;

	for (i = 0; i < head->count && !ret; i++)
		ret = spt_request_copy(rest + i * head->record_size,
				       &record->list.infos[i],
				       sizeof(record->list.infos[i]),
				       head->record_size);
	kvfree(record->list.infos);
	return ret;
}

static const struct spt_request_type spt_request_types[] = {
	{
		.control_code	= CTLCODE_ISCSITGT_SPT_SESSION_END,
		.min_length	= SPT_STOP_LENGTH,
		.max_length	= SPT_STOP_LENGTH,
		.handle		= spt_request_stop,
	},
	{
		.control_code	= CTLCODE_ISCSITGT_SPT_SESSION_INFO,
		.min_length	= SPT_STOP_LENGTH,
		.max_length	= ISCSITGT_SPT_INFO_MAX_LENGTH,
		.reply_length	= SPT_INFO_LENGTH,
		.handle		= spt_request_info,
	},
	{
		.control_code	= CTLCODE_ISCSITGT_SPT_SESSION_EVICT,
		.min_length	= SPT_EVICT_LENGTH,
		.max_length	= SPT_EVICT_LENGTH,
		.reply_length	= SPT_EVICT_LENGTH,
		.certain	= true,
		.handle		= spt_request_evict,
	},
	{
		.control_code	= CTLCODE_ISCSITGT_SPT_HOLD,
		.min_length	= SPT_HOLD_LENGTH,
		.max_length	= SPT_HOLD_LENGTH,
		.reply_length	= SPT_HOLD_LENGTH,
		.certain	= true,
		.handle		= spt_request_hold,
	},
	{
		.control_code	= CTLCODE_ISCSITGT_SPT_SESSION_LIST,
		.min_length	= SPT_LIST_LENGTH,
		.max_length	= SPT_LIST_MAX_LENGTH,
		.reply_length	= SPT_LIST_LENGTH,
		.handle		= spt_request_list,
		.write		= spt_request_write_list,
	},
};

static const struct spt_request_type *spt_request_type(u32 control_code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spt_request_types); i++) {
		if (spt_request_types[i].control_code == control_code)
			return &spt_request_types[i];
	}
	return NULL;
}

static u32 spt_request_status(int ret)
{
	switch (ret) {
	case 0:
		return SRB_STATUS_SUCCESS;
	case -EINPROGRESS:
		return SRB_STATUS_PENDING;
	case -EINVAL:
	case -EOPNOTSUPP:
		return SRB_STATUS_INVALID_REQUEST;
	case -ENOENT:
		return SRB_STATUS_NO_DEVICE;
	case -ENOSPC:
	case -EBUSY:
		return SRB_STATUS_BUSY;
	case -ETIMEDOUT:
		return SRB_STATUS_TIMEOUT;
	case -EINTR:
		return SRB_STATUS_ABORTED;
	default:
		return SRB_STATUS_INTERNAL_ERROR;
	}
}

static int spt_request_reply(const struct spt_request_type *type,
			     union spt_record *record, void __user *body)
{
	const void *reply = &record->header + 1;
	u32 length = type->write ? type->reply_length : record->header.length;
	int ret = 0;

	if (type->reply_length)
		ret = spt_request_copy(body, reply, type->reply_length, length);
	return type->write ? type->write(record, body + length) ?: ret : ret;
}

static int spt_request_handle(const struct srb_io_control *header,
			      void __user *body)
{
	const struct spt_request_type *type;
	union spt_record *record;
	int ret;

	ret = spt_header_check(header);
	if (ret)
		return ret;
	type = spt_request_type(header->control_code);
	if (!type)
		return -EOPNOTSUPP;
	if (header->length < type->min_length ||
	    header->length > type->max_length)
		return -EINVAL;

	record = kzalloc(sizeof(*record), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	record->header = *header;
	ret = -EFAULT;
	if (copy_from_user(&record->header + 1, body, type->min_length))
		goto free;
	if (type->certain && copy_to_user(body, &record->header + 1, type->min_length))
		goto free;
	ret = type->handle(record);
	if ((!ret || ret == -EINPROGRESS) &&
	    spt_request_reply(type, record, body))
		ret = -EFAULT;
free:
	kfree(record);
	return ret;
}

/**
 * spt_request - one IOCTL_SCSI_MINIPORT
 * @argument: a &struct srb_io_control and what follows it
 *
 * Context: process context, may sleep.
 * Return: the ioctl's, see the uapi header.
 */
long spt_request(void __user *argument)
{
	struct srb_io_control __user *uheader = argument;
	struct srb_io_control header;
	int ret;

	if (copy_from_user(&header, uheader, sizeof(header)))
		return -EFAULT;
	/* A caller who could not be told the outcome gets nothing done. */
	if (put_user(SRB_STATUS_PENDING, &uheader->return_code))
		return -EFAULT;
	ret = spt_request_handle(&header, uheader + 1);
	if (ret == -EFAULT)
		return ret;
	if (put_user(spt_request_status(ret), &uheader->return_code))
		return -EFAULT;
	return ret == -EINPROGRESS ? 0 : ret;
}
