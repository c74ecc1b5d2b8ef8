// SPDX-License-Identifier: GPL-2.0
/* open(), read() and poll(), and what is read. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

/* Sessions that one fresh stream can tell of; what comes later is not checked. */
#define TOLD_MAX	512

struct told {
	__u64 started[TOLD_MAX];
	bool ended[TOLD_MAX];
	unsigned int count;
};

int open_device(int flags)
{
	return open(ISCSITGT_SPT_DEVICE, O_RDWR | O_CLOEXEC | flags);
}

/* Whatever signals come. */
int open_surely(int flags)
{
	int fd;

	do
		fd = open_device(flags);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		die("open: %s", strerror(errno));
	return fd;
}

/* UTF-16, terminated and zero-filled. */
static bool is_text(const char *text, size_t units)
{
	size_t length = 0, i;
	__u16 unit;

	for (i = 0; i < units; i++) {
		memcpy(&unit, text + 2 * i, sizeof(unit));
		if (unit && length < i)
			return false;
		length += !!unit;
	}
	return length < units;
}

static bool is_start(const char *bytes)
{
	struct iscsitgt_spt_session_start start;

	memcpy(&start, bytes, sizeof(start));
	return start.header.return_code == SRB_STATUS_SUCCESS &&
		start.it_nexus_handle && start.is_reinstated <= 1 &&
		is_text(bytes + offsetof(typeof(start), peer_address),
			SCSI_PASS_THROUGH_MAX_IPADDR_STRING_LENGTH) &&
		is_text(bytes + offsetof(typeof(start), it_nexus),
			SCSI_PASS_THROUGH_MAX_ITNEXUS_STRING_LENGTH) &&
		is_text(bytes + offsetof(typeof(start), chap_user_name),
			SCSI_PASS_THROUGH_MAX_CHAP_USERNAME_LENGTH);
}

static bool is_stop(const char *bytes)
{
	struct iscsitgt_spt_session_stop stop;

	memcpy(&stop, bytes, sizeof(stop));
	return stop.header.return_code <= ISCSITGT_SPT_END_REMOVED &&
		stop.it_nexus_handle && !stop.reserved;
}

/* The size of the whole, valid record that begins there; 0 for none. */
static size_t record_size(const char *bytes, size_t size)
{
	struct srb_io_control header;

	if (size < HEAD)
		return 0;
	memcpy(&header, bytes, HEAD);
	if (header.header_length != HEAD || header.timeout ||
	    memcmp(header.signature, ISCSITGT_SPT_SIGNATURE, 8))
		return 0;
	if (header.control_code == CTLCODE_ISCSITGT_SPT_SESSION_START &&
	    header.length == START_SIZE - HEAD && size >= START_SIZE &&
	    is_start(bytes))
		return START_SIZE;
	if (header.control_code == CTLCODE_ISCSITGT_SPT_SESSION_END &&
	    header.length == STOP_LENGTH && size >= STOP_SIZE && is_stop(bytes))
		return STOP_SIZE;
	return 0;
}

void check_records(const struct worker *worker, const char *bytes, size_t size)
{
	size_t at = 0, step;

	while (at < size) {
		step = record_size(bytes + at, size - at);
		if (!step)
			mismatch(worker, NULL, "read %zu bytes, no record at %zu",
				 size, at);
		at += step;
	}
}

static bool told_start(struct told *told, __u64 cookie)
{
	unsigned int i;

	for (i = 0; i < told->count; i++) {
		if (told->started[i] == cookie)
			return false;
	}
	if (told->count < TOLD_MAX) {
		told->ended[told->count] = false;
		told->started[told->count++] = cookie;
	}
	return true;
}

static bool told_stop(struct told *told, __u64 cookie)
{
	unsigned int i;

	for (i = 0; i < told->count; i++) {
		if (told->started[i] == cookie) {
			if (told->ended[i])
				return false;
			told->ended[i] = true;
			return true;
		}
	}
	return told->count == TOLD_MAX;
}

/* Each starts once, and ends once and after that. */
static void check_order(const struct worker *worker, struct told *told,
			const char *bytes, size_t size)
{
	struct iscsitgt_spt_session_stop record;
	size_t at = 0;
	bool right;

	while (at < size) {
		/* Both kinds begin alike. */
		memcpy(&record, bytes + at, sizeof(record));
		right = record.header.control_code ==
			CTLCODE_ISCSITGT_SPT_SESSION_START ?
			told_start(told, record.it_nexus_handle) :
			told_stop(told, record.it_nexus_handle);
		if (!right)
			mismatch(worker, NULL, "read %#llx out of turn",
				 record.it_nexus_handle);
		at += HEAD + record.header.length;
	}
}

static void check_lasting(const struct worker *worker, struct told *told)
{
	unsigned int i, j;

	for (i = 0; i < lasting_count(); i++) {
		for (j = 0; j < told->count; j++) {
			if (told->started[j] == lasting(i))
				break;
		}
		if (j == told->count || told->ended[j])
			mismatch(worker, NULL, "%#llx is not read any more",
				 lasting(i));
	}
}

static __u32 predict_read(const struct view *view, long at, size_t size)
{
	size_t room = view_writable(view, at, size);

	if (size < START_SIZE)
		return BIT(OUT_EINVAL);
	if (room < STOP_SIZE)
		return BIT(OUT_EFAULT);
	if (room < START_SIZE)
		return BIT(OUT_EFAULT) | BIT(OUT_DONE);
	return BIT(OUT_DONE);
}

/* Returns what read() does; the bytes are in the view. */
static ssize_t read_view(struct worker *worker, int fd, enum kind kind, long at,
			 size_t size, __u32 allowed)
{
	struct view *view = &worker->view;
	ssize_t got;

	view_fill(view, at - CANARY, CANARY, 0xa5);
	view_fill(view, at + size, CANARY, 0xa5);
	got = read(fd, view->map + at, size);
	expect(worker, NULL, kind, outcome_of(got < 0 ? errno : 0), allowed);
	if (got > 0 && (size_t)got > view_writable(view, at, size))
		mismatch(worker, NULL, "read more than there is room for");
	if (got > 0)
		check_records(worker, view->alias + at, got);
	if (size >= START_SIZE)
		view_accept(view, at, view_writable(view, at, size));
	if (!view_is_intact(view, at - CANARY, size + 2 * CANARY))
		mismatch(worker, NULL, "read() wrote where it must not");
	return got;
}

/* Of a stream that others read as well; returns what read() does. */
ssize_t read_at(struct worker *worker, int fd, enum kind kind, __u32 also)
{
	struct random *random = &worker->random;
	size_t size = below(random, 4) ? START_SIZE + below(random, 8192) :
					 below(random, START_SIZE + 1);
	long at = view_place(worker, size);
	__u32 allowed = predict_read(&worker->view, at, size);

	if (allowed != BIT(OUT_EINVAL))
		allowed |= BIT(OUT_EAGAIN) | BIT(OUT_EINTR) | BIT(OUT_EPIPE);
	return read_view(worker, fd, kind, at, size, allowed | also);
}

void wild_read(struct worker *worker, int fd)
{
	struct random *random = &worker->random;
	__u64 address = random_next(random) | 1ULL << 63;
	ssize_t got = read(fd, (void *)address, START_SIZE + below(random, 99));

	expect(worker, NULL, KIND_WILD_READ, outcome_of(got < 0 ? errno : 0),
	       BIT(OUT_EFAULT));
}

void poll_now(struct worker *worker, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };
	int timeout = one_in(&worker->random, 64), ready;
	enum outcome outcome;

	ready = poll(&pfd, 1, timeout);
	outcome = outcome_of(ready < 0 ? errno : 0);
	if (!ready)
		outcome = OUT_NOTHING;
	else if (ready > 0 && pfd.revents != POLLIN)
		mismatch(worker, NULL, "poll: revents %#x", pfd.revents);
	expect(worker, NULL, KIND_POLL, outcome,
	       BIT(OUT_DONE) | BIT(OUT_NOTHING) | BIT(OUT_EINTR));
}

/* Some that must not take anything away, before the first that may. */
static void refused_reads(struct worker *worker, int fd)
{
	size_t size = below(&worker->random, START_SIZE);
	long border = 4 * PAGE;

	read_view(worker, fd, KIND_FRESH_READ, view_place(worker, size), size,
		  BIT(OUT_EINVAL));
	size = START_SIZE + below(&worker->random, 5000);
	read_view(worker, fd, KIND_FRESH_READ,
		  border - below(&worker->random, START_SIZE), size,
		  BIT(OUT_EFAULT));
}

/* Its own stream: each that lasts is told, once, whatever was tried before. */
void fresh_stream(struct worker *worker)
{
	__u32 allowed = BIT(OUT_DONE) | BIT(OUT_EAGAIN) | BIT(OUT_EINTR) |
		BIT(OUT_EPIPE);
	int fd = open_device(O_NONBLOCK), error = errno;
	struct told told;
	bool lost = false;
	ssize_t got;
	size_t size;
	long at;

	expect(worker, NULL, KIND_OPEN, fd < 0 ? outcome_of(error) : OUT_DONE,
	       BIT(OUT_DONE) | BIT(OUT_EINTR));
	if (fd < 0)
		return;
	told.count = 0;
	refused_reads(worker, fd);
	do {
		size = START_SIZE + below(&worker->random, 3 * PAGE - START_SIZE);
		at = 4 * PAGE - size;
		/* Some beyond the border, which cuts what is read short. */
		if (size < 2 * PAGE && one_in(&worker->random, 2))
			size += below(&worker->random, PAGE);
		got = read_view(worker, fd, KIND_FRESH_READ, at, size, allowed);
		error = errno;
		if (got > 0)
			check_order(worker, &told, worker->view.alias + at, got);
		lost |= got < 0 && error == EPIPE;
	} while (!lost && (got > 0 || error == EINTR));
	if (!lost)
		check_lasting(worker, &told);
	close(fd);
}
