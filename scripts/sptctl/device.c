// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "deadline.h"
#include "device.h"

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

bool spt_header_is(const struct srb_io_control *header, __u32 code,
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

/* O_NONBLOCK: EAGAIN tells that all there is has been read. */
int spt_open(void)
{
	int fd = open(ISCSITGT_SPT_DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

ssize_t spt_read(int fd, void *records, size_t size)
{
	ssize_t len;

	do {
		len = read(fd, records, size);
	} while (len < 0 && errno == EINTR);

	if (len < 0)
		return -errno;
	return len ? len : -EPROTO;
}

int spt_wait(int fd, int output, __u64 deadline)
{
	struct pollfd files[] = {
		{ .fd = fd, .events = POLLIN },
		/* Errors only, which nobody has to ask for. */
		{ .fd = output },
	};
	int ret;

	do {
		ret = poll(files, 2, deadline_milliseconds(deadline));
	} while ((ret < 0 && errno == EINTR) ||
		 (!ret && deadline_milliseconds(deadline)));

	if (ret < 0)
		return -errno;
	if (files[1].revents)
		return -ECANCELED;
	return ret ? 0 : -ETIMEDOUT;
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
	if (!spt_header_is(&info->header, CTLCODE_ISCSITGT_SPT_SESSION_INFO,
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
	if (!spt_header_is(&stop.header, CTLCODE_ISCSITGT_SPT_SESSION_END,
			   sizeof(stop)) || stop.it_nexus_handle != cookie)
		return -EPROTO;
	if (stop.header.return_code == SRB_STATUS_SUCCESS)
		return 0;
	if (stop.header.return_code == SRB_STATUS_PENDING &&
	    timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY)
		return -EINPROGRESS;
	return -EPROTO;
}
