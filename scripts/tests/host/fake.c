// SPDX-License-Identifier: GPL-2.0
/*
 * A device that answers what a test tells it to.  It is linked into sptctl, by
 * the linker's --wrap in place of the calls by which that gets to the kernel.
 * The folder that SPT_FAKE in the environment names has
 *
 * script
 *	&struct entry, one after the other, each followed by its bytes
 * log
 *	written here: what was asked for, one request a line
 * sysfs
 *	in place of /sys/class/misc/iscsitgt_spt
 *
 * Without it, there is no device.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/iscsitgt_spt.h>

#include "real.h"

#define FILES	64
#define SESSIONS	1024
#define NEVER	(~0ULL)
#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
/* So that a session can be older than the machine is up. */
#define EARLIER	(100 * 24 * 60 * 60)

enum kind {
	OPEN,	/* what open() answers */
	READ,	/* what one read() gives, from @ms after the first open() on */
	INFO,	/* what one SESSION_INFO answers; the last one again and again */
	STOP,	/*
		 * what SESSION_END answers: once, an error before the end, which
		 * comes @ms after it was asked for
		 */
	EVICT,	/* what SESSION_EVICT answers: the same; @code: flags that it adds */
	HOLD,	/* one that there is: its names, and @code: its seconds */
	CHANGE,	/* what changing holds answers */
	LIST,	/* what one SESSION_LIST answers, if not those that were told by then */
};

/**
 * struct entry - as the script has it
 * @cookie: whose, of an INFO or a STOP
 * @kind: &enum kind
 * @err: errno, or 0
 * @code: of a STOP that was read: ReturnCode
 * @ms: milliseconds; ~0: never
 * @silent: no STOP can be read
 * @length: of the bytes.  Of a READ, of an INFO all but the header; where @raw
 *	is set the answer as it is, header and all
 * @raw: see @length
 * @reserved: 0
 */
struct entry {
	__u64 cookie;
	__u32 kind;
	__u32 err;
	__u32 code;
	__u32 ms;
	__u32 silent;
	__u32 length;
	__u32 raw;
	__u32 reserved;
};

/* @end: of a STOP that was begun: when, or NEVER.  @told: to which file */
struct step {
	struct entry entry;
	char *bytes;
	bool used;
	bool begun;
	__u64 end;
	bool told[FILES];
};

static struct step *steps;
static size_t step_count;
static __u64 first_open;
static int log_fd;

/* Of each file that is open here: the READ that comes next. */
static bool is_open[FILES];
static size_t next_read[FILES];

/* It was opened for requests alone. */
static bool asks[FILES];

/* Of a test that is wrong, which must not pass for an answer of sptctl. */
static void demand(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "fake: %s\n", what);
	abort();
}

static __u64 now_ns(void)
{
	struct timespec now;

	__real_clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static __u64 after(__u64 from, __u32 ms)
{
	return ms == ~0U ? NEVER : from + ms * NSEC_PER_MSEC;
}

static void load(const char *folder)
{
	struct step step;
	char path[4096];
	FILE *script;

	snprintf(path, sizeof(path), "%s/log", folder);
	log_fd = __real_open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/script", folder);
	script = fopen(path, "re");
	demand(log_fd >= 0 && script, "no log or no script");
	while (memset(&step, 0, sizeof(step)) &&
	       fread(&step.entry, sizeof(step.entry), 1, script) == 1) {
		step.bytes = malloc(step.entry.length + 1);
		steps = realloc(steps, (step_count + 1) * sizeof(*steps));
		demand(step.bytes && steps, "no memory");
		demand(fread(step.bytes, 1, step.entry.length, script) ==
		       step.entry.length, "the script is cut short");
		steps[step_count++] = step;
	}
	fclose(script);
	first_open = now_ns();
}

static struct step *find(__u32 kind, __u64 cookie)
{
	struct step *found = NULL;
	size_t i;

	for (i = 0; i < step_count && !(found && !found->used); i++)
		if (steps[i].entry.kind == kind && steps[i].entry.cookie == cookie)
			found = &steps[i];
	return found;
}

static int answer(int err)
{
	errno = err;
	return err ? -1 : 0;
}

static bool is_fake(int fd)
{
	return fd >= 0 && fd < FILES && is_open[fd];
}

int __wrap_open(const char *path, int flags)
{
	const char *folder = getenv("SPT_FAKE");
	char sysfs[4096];
	struct step *step;
	int fd;

	if (!strcmp(path, "/sys/class/misc/iscsitgt_spt")) {
		snprintf(sysfs, sizeof(sysfs), "%s/sysfs", folder ? folder : "");
		return __real_open(sysfs, flags);
	}
	if (strcmp(path, ISCSITGT_SPT_DEVICE))
		return __real_open(path, flags);
	if (!folder)
		return answer(ENOENT);
	if (!first_open)
		load(folder);
	dprintf(log_fd, "open\n");
	demand(flags == (O_RDONLY | O_NONBLOCK | O_CLOEXEC) ||
	       flags == (O_WRONLY | O_CLOEXEC), "another open()");
	step = find(OPEN, 0);
	if (step)
		return answer(step->entry.err);
	fd = __real_open("/dev/null", O_RDONLY | O_CLOEXEC);
	demand(fd >= 0 && fd < FILES, "too many files");
	is_open[fd] = true;
	asks[fd] = flags & O_WRONLY;
	next_read[fd] = 0;
	return fd;
}

int __wrap_close(int fd)
{
	if (is_fake(fd))
		is_open[fd] = false;
	return __real_close(fd);
}

static struct step *peek(int fd)
{
	size_t *i = &next_read[fd];

	while (*i < step_count && steps[*i].entry.kind != READ)
		++*i;
	return *i < step_count ? &steps[*i] : NULL;
}

/* The first one that ended, of those that were not told yet. */
static struct step *next_stop(int fd)
{
	struct step *first = NULL, *step;

	for (step = steps; step < steps + step_count; step++)
		if (step->begun && !step->entry.silent && !step->told[fd] &&
		    (!first || step->end < first->end))
			first = step;
	return first;
}

/* When there is something to read. */
static __u64 due(int fd)
{
	const struct step *step = peek(fd), *stop = next_stop(fd);
	__u64 when = step ? after(first_open, step->entry.ms) : NEVER;

	return stop && stop->end < when ? stop->end : when;
}

static ssize_t read_stop(struct step *step, int fd, void *buffer)
{
	struct iscsitgt_spt_session_stop stop = {
		.header = {
			.header_length = sizeof(stop.header),
			.control_code = CTLCODE_ISCSITGT_SPT_SESSION_END,
			.return_code = step->entry.code,
			.length = sizeof(stop) - sizeof(stop.header),
		},
		.it_nexus_handle = step->entry.cookie,
	};

	memcpy(stop.header.signature, ISCSITGT_SPT_SIGNATURE, 8);
	memcpy(buffer, &stop, sizeof(stop));
	step->told[fd] = true;
	return sizeof(stop);
}

ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
	__u64 now = now_ns();
	struct step *step;

	if (!is_fake(fd))
		return __real_read(fd, buffer, size);
	demand(!asks[fd], "read() of a file that cannot be read");
	if (due(fd) > now)
		return answer(EAGAIN);
	step = peek(fd);
	if (!step || after(first_open, step->entry.ms) > now)
		return read_stop(next_stop(fd), fd, buffer);
	next_read[fd]++;
	if (step->entry.err)
		return answer(step->entry.err);
	demand(step->entry.length <= size, "more than one read() takes");
	memcpy(buffer, step->bytes, step->entry.length);
	return step->entry.length;
}

static int milliseconds(__u64 from, __u64 to)
{
	if (to == NEVER)
		return -1;
	return to > from ? (to - from + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC : 0;
}

int __wrap_poll(struct pollfd *files, nfds_t count, int timeout)
{
	__u64 now = now_ns(), wake;
	__u64 deadline = timeout < 0 ? NEVER : after(now, timeout);
	struct pollfd others[8] = {};
	int ready;
	nfds_t i;

	demand(count <= 8, "poll() of many files");
	do {
		wake = deadline;
		for (i = 0; i < count; i++) {
			others[i] = files[i];
			if (!is_fake(files[i].fd))
				continue;
			demand(!asks[files[i].fd], "poll() of such a file");
			others[i].fd = -1;
			if (due(files[i].fd) < wake)
				wake = due(files[i].fd);
		}
		ready = __real_poll(others, count, milliseconds(now, wake));
		if (ready < 0)
			return ready;
		now = now_ns();
		for (i = 0; i < count; i++) {
			files[i].revents = others[i].revents;
			if (is_fake(files[i].fd) && due(files[i].fd) <= now)
				files[i].revents = files[i].events & POLLIN;
			ready += is_fake(files[i].fd) && files[i].revents;
		}
	} while (!ready && now < deadline);
	return ready;
}

static int get_info(struct iscsitgt_spt_session_info *info)
{
	const size_t head = offsetof(struct iscsitgt_spt_session_info, state);
	struct step *step = find(INFO, info->it_nexus_handle);
	struct step *stop = find(STOP, info->it_nexus_handle);
	size_t size = sizeof(info->header) + info->header.length;

	if (!step || (stop && stop->begun && stop->end <= now_ns()))
		return answer(ENOENT);
	step->used = true;
	if (step->entry.err)
		return answer(step->entry.err);
	if (step->entry.length < size)
		size = step->entry.length;
	if (step->entry.raw) {
		memcpy(info, step->bytes, size);
		return 0;
	}
	demand(size > head, "an INFO without a state");
	/* A newer module knows more than was asked for, an older one less. */
	memset((char *)info + head, 0, sizeof(info->header) + info->header.length - head);
	memcpy((char *)info + head, step->bytes + head, size - head);
	info->header.return_code = SRB_STATUS_SUCCESS;
	if (stop && stop->begun)
		info->flags |= ISCSITGT_SPT_FLAG_ENDING;
	return 0;
}

/* Those whose START could be read by now. */
static size_t told(__u64 *cookies, size_t room)
{
	struct iscsitgt_spt_session_start start;
	__u64 now = now_ns();
	size_t count = 0, i, at;

	for (i = 0; i < step_count; i++) {
		const struct step *step = &steps[i];

		if (step->entry.kind != READ || after(first_open, step->entry.ms) > now)
			continue;
		for (at = 0; at + sizeof(start) <= step->entry.length; at += sizeof(start)) {
			memcpy(&start, step->bytes + at, sizeof(start));
			if (start.header.control_code != CTLCODE_ISCSITGT_SPT_SESSION_START)
				break;
			demand(count < room, "too many sessions");
			cookies[count++] = start.it_nexus_handle;
		}
	}
	return count;
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

static int list_record(struct iscsitgt_spt_session_list *list, __u64 cookie)
{
	struct iscsitgt_spt_session_info *info = &list->records[list->count];

	info->header = list->header;
	info->header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_INFO;
	info->header.length = list->record_size - sizeof(info->header);
	info->it_nexus_handle = cookie;
	if (!get_info(info))
		list->count++;
	else if (errno != ENOENT)
		return -1;
	return 0;
}

static int list_sessions(struct iscsitgt_spt_session_list *list)
{
	static __u64 cookies[SESSIONS];
	struct step *step = find(LIST, 0);
	size_t room = list->count, count, i;
	__u64 next = list->it_nexus_handle;

	dprintf(log_fd, "list %#llx\n", next);
	if (step && !step->used) {
		step->used = true;
		if (step->entry.err)
			return answer(step->entry.err);
		demand(step->entry.length <= sizeof(list->header) + list->header.length,
		       "more than a LIST takes");
		memcpy(list, step->bytes, step->entry.length);
		return 0;
	}
	count = told(cookies, SESSIONS);
	qsort(cookies, count, sizeof(cookies[0]), compare);
	list->count = 0;
	for (i = 0; i < count && room; i++) {
		if (cookies[i] <= next)
			continue;
		if (list_record(list, cookies[i]))
			return -1;
		next = cookies[i];
		room--;
	}
	list->it_nexus_handle = room ? 0 : next;
	list->header.return_code = SRB_STATUS_SUCCESS;
	return 0;
}

/* Until @step's end, or the request's deadline: its answer. */
static int wait_for_end(struct step *step, struct srb_io_control *header)
{
	__u64 now = now_ns();
	__u64 deadline = now + header->timeout * NSEC_PER_SEC;
	struct timespec until;

	if (!step->begun)
		step->end = after(now, step->entry.ms);
	step->begun = true;
	if (step->end < deadline)
		deadline = step->end;
	until.tv_sec = deadline / NSEC_PER_SEC;
	until.tv_nsec = deadline % NSEC_PER_SEC;
	if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
		return answer(EINTR);
	header->return_code = SRB_STATUS_SUCCESS;
	if (deadline == step->end)
		return 0;
	header->return_code = SRB_STATUS_PENDING;
	return header->timeout ? answer(ETIMEDOUT) : 0;
}

static int end_session(struct iscsitgt_spt_session_stop *record)
{
	struct step *step = find(STOP, record->it_nexus_handle);

	dprintf(log_fd, "stop %#llx %u\n", record->it_nexus_handle,
		record->header.timeout);
	if (!step || (step->begun && step->end <= now_ns()))
		return answer(ENOENT);
	step->used = step->entry.err;
	if (step->entry.err)
		return answer(step->entry.err);
	if (step->entry.raw) {
		demand(step->entry.length == sizeof(*record), "not a whole STOP");
		memcpy(record, step->bytes, sizeof(*record));
		return 0;
	}
	return wait_for_end(step, &record->header);
}

static int evict_initiator(struct iscsitgt_spt_session_evict *record)
{
	struct step *step = find(EVICT, record->it_nexus_handle);

	dprintf(log_fd, "evict %#llx %u %u %u\n", record->it_nexus_handle,
		record->hold_seconds, record->flags, record->header.timeout);
	if (!step)
		return answer(ENOENT);
	step->used = step->entry.err;
	if (step->entry.err)
		return answer(step->entry.err);
	if (step->entry.raw) {
		demand(step->entry.length == sizeof(*record), "not a whole EVICT");
		memcpy(record, step->bytes, sizeof(*record));
		return 0;
	}
	record->flags |= step->entry.code;
	return wait_for_end(step, &record->header);
}

static int get_hold(struct iscsitgt_spt_hold *record)
{
	__u32 number = 0;
	size_t i;

	for (i = 0; i < step_count; i++) {
		if (steps[i].entry.kind != HOLD || number++ != record->index)
			continue;
		demand(steps[i].entry.length == 2 * ISCSITGT_SPT_NAME_LENGTH,
		       "not the names of a HOLD");
		memcpy(record->initiator_name, steps[i].bytes,
		       2 * ISCSITGT_SPT_NAME_LENGTH);
		record->seconds = steps[i].entry.code;
		record->header.return_code = SRB_STATUS_SUCCESS;
		return 0;
	}
	return answer(ENOENT);
}

static int do_hold(struct iscsitgt_spt_hold *record)
{
	struct step *step = find(CHANGE, 0);

	dprintf(log_fd, "hold %u %s %s %u\n", record->operation,
		record->initiator_name, record->target_name, record->seconds);
	demand(!record->count && !record->reserved, "a malformed HOLD");
	if (step && step->entry.err)
		return answer(step->entry.err);
	if (record->operation == ISCSITGT_SPT_HOLD_GET)
		return get_hold(record);
	record->header.return_code = step ? step->entry.code : SRB_STATUS_SUCCESS;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct srb_io_control *header = arg;
	struct iscsitgt_spt_session_stop *record = arg;

	if (!is_fake(fd))
		return __real_ioctl(fd, request, arg);
	demand(request == IOCTL_SCSI_MINIPORT, "another ioctl");
	demand(header->header_length == sizeof(*header) &&
	       !memcmp(header->signature, ISCSITGT_SPT_SIGNATURE, 8) &&
	       header->length >= sizeof(*record) - sizeof(*header) &&
	       (!record->reserved ||
		header->control_code == CTLCODE_ISCSITGT_SPT_HOLD),
	       "a malformed request");
	switch (header->control_code) {
	case CTLCODE_ISCSITGT_SPT_SESSION_INFO:
		dprintf(log_fd, "info %#llx\n", record->it_nexus_handle);
		return get_info(arg);
	case CTLCODE_ISCSITGT_SPT_SESSION_LIST:
		return list_sessions(arg);
	case CTLCODE_ISCSITGT_SPT_SESSION_END:
		return end_session(arg);
	case CTLCODE_ISCSITGT_SPT_SESSION_EVICT:
		return evict_initiator(arg);
	case CTLCODE_ISCSITGT_SPT_HOLD:
		return do_hold(arg);
	}
	return answer(EOPNOTSUPP);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	int ret = __real_clock_gettime(clock, time);

	if (!ret && clock == CLOCK_BOOTTIME)
		time->tv_sec += EARLIER;
	return ret;
}
