// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"

#define READ_RECORDS	32

static void header_init(struct srb_io_control *header, __u32 code,
			size_t record_size, __u32 timeout)
{
	header->header_length = sizeof(*header);
	memcpy(header->signature, ISCSITGT_SPT_SIGNATURE,
	       sizeof(header->signature));
	header->timeout = timeout;
	header->control_code = code;
	header->length = record_size - sizeof(*header);
}

static bool header_is(const struct srb_io_control *header, __u32 code,
		      size_t record_size)
{
	return header->header_length == sizeof(*header) &&
	       !memcmp(header->signature, ISCSITGT_SPT_SIGNATURE,
		       sizeof(header->signature)) &&
	       header->control_code == code &&
	       header->length == record_size - sizeof(*header);
}

static int send_record(int fd, void *record)
{
	int ret = ioctl(fd, IOCTL_SCSI_MINIPORT, record);

	if (ret < 0)
		return -errno;
	return ret ? -EPROTO : 0;
}

/* O_NONBLOCK: EAGAIN tells that all sessions have been read. */
int spt_open(void)
{
	int fd = open(ISCSITGT_SPT_DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int take_cookies(const struct iscsitgt_spt_session_start *batch,
			size_t batch_count, __u64 **cookies, size_t *count)
{
	__u64 *list;
	size_t i;

	list = reallocarray(*cookies, *count + batch_count, sizeof(*list));
	if (!list)
		return -ENOMEM;
	*cookies = list;
	for (i = 0; i < batch_count; i++) {
		if (!header_is(&batch[i].header,
			       CTLCODE_ISCSITGT_SPT_SESSION_START,
			       sizeof(*batch)) || !batch[i].it_nexus_handle)
			return -EPROTO;
		list[(*count)++] = batch[i].it_nexus_handle;
	}
	return 0;
}

static int read_all(int fd, struct iscsitgt_spt_session_start *batch,
		    __u64 **cookies, size_t *count)
{
	ssize_t len;
	int err = 0;

	while (!err) {
		len = read(fd, batch, READ_RECORDS * sizeof(*batch));
		if (len < 0 && errno == EAGAIN)
			return 0;
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if (!len || len % sizeof(*batch))
			return -EPROTO;
		err = take_cookies(batch, len / sizeof(*batch), cookies, count);
	}
	return err;
}

int spt_list(int fd, __u64 **cookies, size_t *count)
{
	struct iscsitgt_spt_session_start *batch;
	int err;

	*cookies = NULL;
	*count = 0;
	batch = calloc(READ_RECORDS, sizeof(*batch));
	if (!batch)
		return -ENOMEM;
	err = read_all(fd, batch, cookies, count);
	free(batch);
	if (err) {
		free(*cookies);
		*cookies = NULL;
	}
	return err;
}

int spt_info(int fd, __u64 cookie, struct iscsitgt_spt_session_info *info)
{
	int err;

	memset(info, 0, sizeof(*info));
	header_init(&info->header, CTLCODE_ISCSITGT_SPT_SESSION_INFO,
		    sizeof(*info), 0);
	info->it_nexus_handle = cookie;

	err = send_record(fd, info);
	if (err)
		return err;
	if (!header_is(&info->header, CTLCODE_ISCSITGT_SPT_SESSION_INFO,
		       sizeof(*info)) ||
	    info->header.return_code != SRB_STATUS_SUCCESS ||
	    info->it_nexus_handle != cookie)
		return -EPROTO;
	return 0;
}

int spt_stop(int fd, __u64 cookie, __u32 timeout)
{
	struct iscsitgt_spt_session_stop stop = {};
	int err;

	header_init(&stop.header, CTLCODE_ISCSITGT_SPT_SESSION_END,
		    sizeof(stop), timeout);
	stop.it_nexus_handle = cookie;
	/* PENDING is 0: an answer that was never written must not pass for it. */
	stop.header.return_code = ~0U;

	err = send_record(fd, &stop);
	if (err)
		return err;
	if (!header_is(&stop.header, CTLCODE_ISCSITGT_SPT_SESSION_END,
		       sizeof(stop)) || stop.it_nexus_handle != cookie)
		return -EPROTO;
	if (stop.header.return_code == SRB_STATUS_SUCCESS)
		return 0;
	if (stop.header.return_code == SRB_STATUS_PENDING &&
	    timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY)
		return -EINPROGRESS;
	return -EPROTO;
}
