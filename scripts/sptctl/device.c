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

int spt_open_to_ask(void)
{
	int fd = open(ISCSITGT_SPT_DEVICE, O_WRONLY | O_CLOEXEC);

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

/* The oldest first, and none that was told before. */
static bool is_list_of(const struct iscsitgt_spt_session_list *list, __u64 after)
{
	const struct iscsitgt_spt_session_info *info = list->records;
	__u32 i;

	for (i = 0; i < list->count; i++, info++) {
		if (!spt_header_is(&info->header, CTLCODE_ISCSITGT_SPT_SESSION_INFO,
				   sizeof(*info)) ||
		    info->header.return_code != SRB_STATUS_SUCCESS ||
		    info->it_nexus_handle <= after)
			return false;
		after = info->it_nexus_handle;
	}
	return !list->it_nexus_handle || list->it_nexus_handle >= after;
}

int spt_list(int fd, struct iscsitgt_spt_session_list *list)
{
	const size_t size = sizeof(list->records[0]);
	__u64 after = list->it_nexus_handle;
	__u32 room = list->count;
	int err;

	header_init(&list->header, CTLCODE_ISCSITGT_SPT_SESSION_LIST,
		    sizeof(*list) + room * size, 0);
	list->reserved = 0;
	list->record_size = size;

	err = send_record(fd, list);
	/* Of a module that does not know this request; it has no other meaning here. */
	if (err == -EOPNOTSUPP)
		return -EPROTO;
	if (err)
		return err;
	if (!spt_header_is(&list->header, CTLCODE_ISCSITGT_SPT_SESSION_LIST,
			   sizeof(*list) + room * size) ||
	    list->header.return_code != SRB_STATUS_SUCCESS ||
	    list->count > room || list->record_size != size ||
	    (list->it_nexus_handle && list->it_nexus_handle <= after) ||
	    !is_list_of(list, after))
		return -EPROTO;
	return 0;
}

/* Of an answer without an errno. */
static int outcome(const struct srb_io_control *header, __u32 timeout)
{
	if (header->return_code == SRB_STATUS_SUCCESS)
		return 0;
	if (header->return_code == SRB_STATUS_PENDING &&
	    timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY)
		return -EINPROGRESS;
	return -EPROTO;
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
	return outcome(&stop.header, timeout);
}

int spt_evict(int fd, __u64 cookie, __u32 seconds, __u32 *flags, __u32 timeout)
{
	struct iscsitgt_spt_session_evict evict = {};
	int err;

	header_init(&evict.header, CTLCODE_ISCSITGT_SPT_SESSION_EVICT,
		    sizeof(evict), timeout);
	evict.it_nexus_handle = cookie;
	evict.hold_seconds = seconds;
	evict.flags = *flags;
	evict.header.return_code = ~0U;

	err = send_record(fd, &evict);
	if (err)
		return err;
	if (!spt_header_is(&evict.header, CTLCODE_ISCSITGT_SPT_SESSION_EVICT,
			   sizeof(evict)) || evict.it_nexus_handle != cookie ||
	    (evict.flags & ~ISCSITGT_SPT_EVICT_NOTIFIED) != *flags)
		return -EPROTO;
	*flags = evict.flags;
	return outcome(&evict.header, timeout);
}

static int send_hold(int fd, __u32 operation, struct iscsitgt_spt_hold *hold)
{
	int err;

	header_init(&hold->header, CTLCODE_ISCSITGT_SPT_HOLD, sizeof(*hold), 0);
	hold->operation = operation;
	err = send_record(fd, hold);
	if (err)
		return err;
	if (!spt_header_is(&hold->header, CTLCODE_ISCSITGT_SPT_HOLD, sizeof(*hold)) ||
	    hold->header.return_code != SRB_STATUS_SUCCESS)
		return -EPROTO;
	return 0;
}

static bool is_terminated(const char *name)
{
	return memchr(name, '\0', ISCSITGT_SPT_NAME_LENGTH);
}

int spt_hold_get(int fd, __u32 index, struct iscsitgt_spt_hold *hold)
{
	int err;

	memset(hold, 0, sizeof(*hold));
	hold->index = index;
	err = send_hold(fd, ISCSITGT_SPT_HOLD_GET, hold);
	if (err)
		return err;
	return is_terminated(hold->initiator_name) &&
	       is_terminated(hold->target_name) ? 0 : -EPROTO;
}

int spt_hold_change(int fd, __u32 operation, struct iscsitgt_spt_hold *hold)
{
	return send_hold(fd, operation, hold);
}
