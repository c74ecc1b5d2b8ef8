// SPDX-License-Identifier: GPL-2.0
/*
 * Every answer of the device, from user space: answers LIVE STUCK
 *
 * LIVE is the cookie of a session that ends at once when it is stopped, STUCK
 * of one that does not.  LIVE is ended, STUCK is left ending.  Built for 64 and
 * for 32 bits; the layouts and answers are the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/iscsitgt_spt.h>

/* What no answer has: shows that return_code was not written. */
#define UNTOUCHED	0xdeadbeef

#define BODY(type)	(sizeof(struct type) - sizeof(struct srb_io_control))
#define STOP_LENGTH	((__u32)BODY(iscsitgt_spt_session_stop))
#define INFO_LENGTH	((__u32)BODY(iscsitgt_spt_session_info))

static int fd;
static unsigned int passed, failed;

static void __attribute__((format(printf, 2, 3)))
check(int ok, const char *format, ...)
{
	va_list args;

	if (ok) {
		passed++;
		return;
	}
	failed++;
	va_start(args, format);
	printf("not ok: ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

static struct iscsitgt_spt_session_stop stop_record(__u64 cookie, __u32 timeout)
{
	struct iscsitgt_spt_session_stop record = {
		.header.header_length = sizeof(record.header),
		.header.timeout = timeout,
		.header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_END,
		.header.return_code = UNTOUCHED,
		.header.length = STOP_LENGTH,
		.it_nexus_handle = cookie,
	};

	memcpy(record.header.signature, ISCSITGT_SPT_SIGNATURE,
	       sizeof(record.header.signature));
	return record;
}

/* Send what is at @argument and compare the errno, 0 for success. */
static void expect_errno(const char *what, unsigned long number, void *argument,
			 int error)
{
	int got = ioctl(fd, number, argument) ? errno : 0;

	check(got == error, "%s: %s instead of %s", what, strerror(got),
	      strerror(error));
}

static void expect(const char *what, struct iscsitgt_spt_session_stop record,
		   int error, __u32 status)
{
	expect_errno(what, IOCTL_SCSI_MINIPORT, &record, error);
	check(record.header.return_code == status,
	      "%s: ReturnCode %#x instead of %#x", what,
	      record.header.return_code, status);
}

static int info(__u64 cookie, struct iscsitgt_spt_session_info *record)
{
	struct iscsitgt_spt_session_stop stop = stop_record(cookie, 0);

	memset(record, 0, sizeof(*record));
	record->header = stop.header;
	record->header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_INFO;
	record->header.length = INFO_LENGTH;
	record->it_nexus_handle = cookie;
	return ioctl(fd, IOCTL_SCSI_MINIPORT, record);
}

static void expect_ending(const char *what, __u64 cookie, int ending)
{
	struct iscsitgt_spt_session_info record;

	check(!info(cookie, &record), "%s: INFO: %s", what, strerror(errno));
	check(!!(record.flags & ISCSITGT_SPT_FLAG_ENDING) == ending,
	      "%s: flags %#x", what, record.flags);
}

static void test_layout(void)
{
	check(IOCTL_SCSI_MINIPORT == 0xc01cbd02, "ioctl number %#lx",
	      (unsigned long)IOCTL_SCSI_MINIPORT);
	check(sizeof(struct srb_io_control) == 28, "header");
	check(sizeof(struct iscsitgt_spt_session_stop) == 40, "STOP");
	check(offsetof(struct iscsitgt_spt_session_stop, it_nexus_handle) == 32,
	      "STOP cookie");
	check(sizeof(struct iscsitgt_spt_session_start) == 1704, "START");
	check(offsetof(struct iscsitgt_spt_session_start,
		       chap_user_name) == 1192, "START CHAP user");
	check(sizeof(struct iscsitgt_spt_session_info) == 1032, "INFO");
	check(offsetof(struct iscsitgt_spt_session_info, login_time) == 72,
	      "INFO login time");
	check(sizeof(struct iscsitgt_spt_session_list) == 48, "LIST");
	check(offsetof(struct iscsitgt_spt_session_list, records) == 48,
	      "LIST records");
}

static void test_header(__u64 live)
{
	static const __u32 header_lengths[] = { 0, 27, 29, 40, 0xffffffff };
	static const __u32 lengths[] = { 0, 11, 13, 16, 4096, 0xffffffff };
	static const __u32 codes[] = { 0, 0x100, 0x102, 0x1ff, 0x2ff, ~0U };
	struct iscsitgt_spt_session_stop record;
	size_t i;

	for (i = 0; i < sizeof(header_lengths) / sizeof(*header_lengths); i++) {
		record = stop_record(live, 0);
		record.header.header_length = header_lengths[i];
		expect("HeaderLength", record, EINVAL,
		       SRB_STATUS_INVALID_REQUEST);
	}
	for (i = 0; i < sizeof(record.header.signature); i++) {
		record = stop_record(live, 0);
		record.header.signature[i] ^= 0x20;
		expect("Signature", record, EINVAL, SRB_STATUS_INVALID_REQUEST);
	}
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		record = stop_record(live, 0);
		record.header.length = lengths[i];
		expect("Length", record, EINVAL, SRB_STATUS_INVALID_REQUEST);
	}
	record = stop_record(live, 0);
	record.reserved = 1;
	expect("padding", record, EINVAL, SRB_STATUS_INVALID_REQUEST);
	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		record = stop_record(live, 0);
		record.header.control_code = codes[i];
		expect("ControlCode", record, EOPNOTSUPP,
		       SRB_STATUS_INVALID_REQUEST);
	}
	expect_ending("bad requests begin no stop", live, 0);
}

static void test_info_header(__u64 live)
{
	static const __u32 lengths[] = { 0, 11, 4097, 0xffffffff };
	struct iscsitgt_spt_session_stop record;
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		record = stop_record(live, 0);
		record.header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_INFO;
		record.header.length = lengths[i];
		expect("INFO Length", record, EINVAL,
		       SRB_STATUS_INVALID_REQUEST);
	}
	record = stop_record(live, 0);
	record.header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_INFO;
	record.reserved = 1;
	expect("INFO padding", record, EINVAL, SRB_STATUS_INVALID_REQUEST);
}

static void test_number(__u64 live)
{
	const unsigned long numbers[] = {
		0, _IO(ISCSITGT_SPT_IOC_MAGIC, 2),
		_IOWR(ISCSITGT_SPT_IOC_MAGIC, 1, struct srb_io_control),
		_IOWR(ISCSITGT_SPT_IOC_MAGIC, 2,
		      struct iscsitgt_spt_session_stop),
		_IOW(ISCSITGT_SPT_IOC_MAGIC, 2, struct srb_io_control),
		_IOWR('S', 2, struct srb_io_control),
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct iscsitgt_spt_session_stop record = stop_record(live, 0);

		expect_errno("ioctl number", numbers[i], &record, ENOTTY);
		check(record.header.return_code == UNTOUCHED,
		      "ENOTTY wrote ReturnCode");
	}
}

static void protect(char *at, size_t size, int protection)
{
	if (mprotect(at, size, protection)) {
		perror("mprotect");
		exit(1);
	}
}

/* Two pages, of which the second one cannot be touched. */
static char *guarded_page(size_t page)
{
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	protect(map + page, page, PROT_NONE);
	return map;
}

/* Of a record, what follows the header can be read and not written. */
static void expect_unwritable(const char *what, const void *record, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *map = guarded_page(page);
	char *at = map + page - sizeof(struct srb_io_control);

	protect(map + page, page, PROT_READ | PROT_WRITE);
	memcpy(at, record, size);
	protect(map + page, page, PROT_READ);
	expect_errno(what, IOCTL_SCSI_MINIPORT, at, EFAULT);
	munmap(map, 2 * page);
}

static void test_memory(__u64 live)
{
	struct iscsitgt_spt_session_stop stop = stop_record(live, 0);
	size_t page = sysconf(_SC_PAGESIZE);
	char *map = guarded_page(page);
	struct srb_io_control *header;
	size_t cut;

	expect_errno("NULL", IOCTL_SCSI_MINIPORT, NULL, EFAULT);
	for (cut = 1; cut <= sizeof(stop); cut++) {
		char *record = map + page - sizeof(stop) + cut;

		memcpy(record, &stop, sizeof(stop) - cut);
		expect_errno("cut short", IOCTL_SCSI_MINIPORT, record, EFAULT);
	}

	/* INFO whose reply does not fit into what can be written. */
	header = (struct srb_io_control *)(map + page - 512);
	memcpy(header, &stop, sizeof(stop));
	header->control_code = CTLCODE_ISCSITGT_SPT_SESSION_INFO;
	header->length = INFO_LENGTH;
	expect_errno("INFO cut short", IOCTL_SCSI_MINIPORT, header, EFAULT);

	memcpy(map, &stop, sizeof(stop));
	protect(map, page, PROT_READ);
	expect_errno("read-only", IOCTL_SCSI_MINIPORT, map, EFAULT);
	expect_ending("no answer, no stop", live, 0);
	munmap(map, 2 * page);
}

static void test_info(__u64 live)
{
	static const __u32 lengths[] = {
		STOP_LENGTH, 16, 100, INFO_LENGTH - 1, INFO_LENGTH,
		INFO_LENGTH + 1, ISCSITGT_SPT_INFO_MAX_LENGTH,
	};
	const size_t head = sizeof(struct srb_io_control);
	static unsigned char buffer[2 * ISCSITGT_SPT_INFO_MAX_LENGTH];
	struct iscsitgt_spt_session_stop stop = stop_record(live, 0);
	struct iscsitgt_spt_session_info full;
	size_t i, j;

	check(!info(live, &full), "INFO: %s", strerror(errno));
	check(full.header.return_code == SRB_STATUS_SUCCESS, "INFO ReturnCode");
	check(full.it_nexus_handle == live, "INFO cookie");
	check(full.state == ISCSITGT_SPT_STATE_LOGGED_IN, "INFO state");
	check(full.connections == 1, "INFO connections %u", full.connections);
	check(full.sid && full.tsih && full.login_time, "INFO numbers");
	check(!strncmp(full.initiator_name, "iqn.", 4), "INFO initiator");
	check(!strncmp(full.target_name, "iqn.", 4), "INFO target");
	check(!!strchr(full.peer_address, ':'), "INFO peer");
	check(!!strchr(full.portal_address, ':'), "INFO portal");
	check(!full.reserved && !full.reserved2, "INFO reserved");

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		size_t end = head + lengths[i];

		memset(buffer, 0x5a, sizeof(buffer));
		stop.header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_INFO;
		stop.header.length = lengths[i];
		memcpy(buffer, &stop, sizeof(stop));
		expect_errno("INFO", IOCTL_SCSI_MINIPORT, buffer, 0);
		/* Names stand after all that changes from call to call. */
		j = offsetof(struct iscsitgt_spt_session_info, initiator_name);
		for (; j < sizeof(buffer); j++) {
			unsigned char want = 0x5a;

			if (j < end)
				want = j < sizeof(full) ?
				       ((unsigned char *)&full)[j] : 0;
			if (buffer[j] != want)
				break;
		}
		check(j == sizeof(buffer), "INFO Length %u: byte %zu",
		      lengths[i], j);
	}
}

/* Of those that there are, @live is one. */
static void test_list(__u64 live)
{
	const size_t size = sizeof(struct iscsitgt_spt_session_info);
	const size_t head = sizeof(struct srb_io_control);
	static union {
		struct iscsitgt_spt_session_list list;
		char room[16 * 2048];
	} buffer;
	struct iscsitgt_spt_session_list *list = &buffer.list;
	struct iscsitgt_spt_session_info full;
	__u32 i;

	list->header = stop_record(0, 0).header;
	list->header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_LIST;
	list->count = 16;
	list->record_size = size;
	list->header.length = sizeof(*list) - head + 16 * size;
	expect_errno("LIST", IOCTL_SCSI_MINIPORT, list, 0);
	check(list->header.return_code == SRB_STATUS_SUCCESS, "LIST ReturnCode");
	check(list->count && list->count < 16 && !list->it_nexus_handle,
	      "LIST: %u, and from %llx on", list->count, list->it_nexus_handle);
	for (i = 0; i < list->count && list->records[i].it_nexus_handle != live;)
		i++;
	check(i < list->count, "LIST without it");
	check(!info(live, &full) &&
	      !memcmp((char *)&full + head, (char *)&list->records[i] + head, size - head),
	      "LIST and INFO differ");

	list->header.length--;
	expect_errno("LIST Length", IOCTL_SCSI_MINIPORT, list, EINVAL);
	check(list->header.return_code == SRB_STATUS_INVALID_REQUEST,
	      "LIST Length ReturnCode");
}

static void test_unknown(void)
{
	static const __u64 cookies[] = { 0, 1, 0xffffffff, ~0ULL };
	struct iscsitgt_spt_session_info record;
	size_t i;

	for (i = 0; i < sizeof(cookies) / sizeof(*cookies); i++) {
		expect("unknown cookie", stop_record(cookies[i], 30), ENOENT,
		       SRB_STATUS_NO_DEVICE);
		check(info(cookies[i], &record) && errno == ENOENT &&
		      record.header.return_code == SRB_STATUS_NO_DEVICE,
		      "INFO of an unknown cookie");
	}
}

static void on_alarm(int number)
{
	(void)number;
}

static void test_stuck(__u64 stuck)
{
	/* So that a call which restarted by itself would not end. */
	struct sigaction action = {
		.sa_handler = on_alarm, .sa_flags = SA_RESTART,
	};
	struct timespec begin, end;
	double took;

	expect("begin only", stop_record(stuck, ISCSITGT_SPT_TIMEOUT_START_ONLY),
	       0, SRB_STATUS_PENDING);
	expect_ending("a stop has begun", stuck, 1);

	clock_gettime(CLOCK_MONOTONIC, &begin);
	expect("deadline", stop_record(stuck, 2), ETIMEDOUT,
	       SRB_STATUS_TIMEOUT);
	clock_gettime(CLOCK_MONOTONIC, &end);
	took = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
	/* An emulated processor may be late to count the ticks. */
	check(took >= 1.8 && took < 3, "deadline of 2 s took %.3f s", took);

	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	expect("signal", stop_record(stuck, ISCSITGT_SPT_TIMEOUT_NONE), EINTR,
	       SRB_STATUS_ABORTED);
	alarm(1);
	expect("signal before the deadline", stop_record(stuck, 0xfffffffe),
	       EINTR, SRB_STATUS_ABORTED);
	expect_ending("the end goes on after a signal", stuck, 1);
}

static void test_live(__u64 live)
{
	expect("stop", stop_record(live, 30), 0, SRB_STATUS_SUCCESS);
	expect("stop again", stop_record(live, 30), ENOENT,
	       SRB_STATUS_NO_DEVICE);
}

/* Run @test in a child, which may give up what the other tests need. */
static void in_child(const char *what, int (*test)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(1);
	}
	if (!pid)
		_exit(test());
	check(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	      !WEXITSTATUS(status), "%s", what);
}

static int open_without_capability(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { };

	if (syscall(SYS_capset, &header, data))
		return 1;
	return open(ISCSITGT_SPT_DEVICE, O_RDWR) >= 0 || errno != EPERM;
}

static int open_as_user(void)
{
	if (setgid(65534) || setuid(65534))
		return 1;
	return open(ISCSITGT_SPT_DEVICE, O_RDWR) >= 0 || errno != EACCES;
}

static struct iscsitgt_spt_session_evict evict_record(__u64 cookie, __u32 seconds,
						      __u32 flags, __u32 length)
{
	struct iscsitgt_spt_session_evict record = {
		.header = stop_record(0, 1).header,
		.it_nexus_handle = cookie,
		.hold_seconds = seconds,
		.flags = flags,
	};

	record.header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_EVICT;
	record.header.length = length;
	return record;
}

static int evict(__u64 cookie, __u32 seconds, __u32 flags, __u32 length,
		 __u32 *code)
{
	struct iscsitgt_spt_session_evict record = evict_record(cookie, seconds, flags,
								length);
	int error;

	error = ioctl(fd, IOCTL_SCSI_MINIPORT, &record) ? errno : 0;
	*code = record.header.return_code;
	return error;
}

static void expect_evict(const char *what, __u64 cookie, __u32 seconds,
			 __u32 flags, __u32 length, int error, __u32 status)
{
	__u32 code;
	int got = evict(cookie, seconds, flags, length, &code);

	check(got == error, "EVICT, %s: %s instead of %s", what, strerror(got),
	      strerror(error));
	check(code == status, "EVICT, %s: ReturnCode %#x instead of %#x", what,
	      code, status);
}

static void hold_record(struct iscsitgt_spt_hold *record, __u32 operation,
			const char *initiator, __u32 seconds)
{
	memset(record, 0, sizeof(*record));
	record->header = stop_record(0, 0).header;
	record->header.control_code = CTLCODE_ISCSITGT_SPT_HOLD;
	record->header.length = BODY(iscsitgt_spt_hold);
	record->operation = operation;
	record->seconds = seconds;
	snprintf(record->initiator_name, sizeof(record->initiator_name), "%s",
		 initiator);
}

static void expect_hold(const char *what, struct iscsitgt_spt_hold *record,
			int error, __u32 status)
{
	expect_errno(what, IOCTL_SCSI_MINIPORT, record, error);
	check(record->header.return_code == status,
	      "%s: ReturnCode %#x instead of %#x", what,
	      record->header.return_code, status);
}

static void expect_no_hold(void)
{
	struct iscsitgt_spt_hold record;

	hold_record(&record, ISCSITGT_SPT_HOLD_GET, "", 0);
	expect_hold("no hold", &record, ENOENT, SRB_STATUS_NO_DEVICE);
}

static void test_hold(void)
{
	static const char name[] = "iqn.2024-01.com.example:Nobody";
	struct iscsitgt_spt_hold record;

	check(sizeof(record) == 496, "HOLD");
	check(offsetof(struct iscsitgt_spt_hold, operation) == 28, "operation");
	check(offsetof(struct iscsitgt_spt_hold, initiator_name) == 48 &&
	      offsetof(struct iscsitgt_spt_hold, target_name) == 272, "names");

	expect_no_hold();
	hold_record(&record, ISCSITGT_SPT_HOLD_LIFT, name, 0);
	expect_hold("no such hold", &record, ENOENT, SRB_STATUS_NO_DEVICE);
	hold_record(&record, ISCSITGT_SPT_HOLD_SET, name, 0);
	expect_hold("no seconds", &record, EINVAL, SRB_STATUS_INVALID_REQUEST);
	hold_record(&record, 0, name, 1);
	expect_hold("no operation", &record, EINVAL, SRB_STATUS_INVALID_REQUEST);
	hold_record(&record, ISCSITGT_SPT_HOLD_SET, name, 100);
	record.header.length--;
	expect_hold("HOLD too short", &record, EINVAL,
		    SRB_STATUS_INVALID_REQUEST);

	hold_record(&record, ISCSITGT_SPT_HOLD_SET, name, 100);
	expect_unwritable("HOLD that cannot be answered", &record, sizeof(record));
	expect_no_hold();
	expect_hold("set", &record, 0, SRB_STATUS_SUCCESS);
	hold_record(&record, ISCSITGT_SPT_HOLD_GET, "", 0);
	expect_hold("get", &record, 0, SRB_STATUS_SUCCESS);
	check(!strcmp(record.initiator_name, name) && !record.target_name[0] &&
	      record.count == 1 && record.seconds > 90 && record.seconds <= 100,
	      "a hold of %.224s, %u of %u, for %u s", record.initiator_name,
	      record.index, record.count, record.seconds);
	hold_record(&record, ISCSITGT_SPT_HOLD_LIFT, name, 0);
	expect_hold("lift", &record, 0, SRB_STATUS_SUCCESS);
}

static void test_evict(__u64 stuck)
{
	const __u32 length = BODY(iscsitgt_spt_session_evict);
	const struct iscsitgt_spt_session_evict record = evict_record(stuck, 100, 0,
								      length);

	check(length == 20, "EVICT of %u bytes", length);
	check(offsetof(struct iscsitgt_spt_session_evict, hold_seconds) == 40 &&
	      offsetof(struct iscsitgt_spt_session_evict, flags) == 44, "EVICT");
	expect_evict("no such session", 1, 1, 0, length, ENOENT,
		     SRB_STATUS_NO_DEVICE);
	expect_evict("no seconds", stuck, 0, 0, length, EINVAL,
		     SRB_STATUS_INVALID_REQUEST);
	expect_evict("more than a day", stuck, 86401, 0, length, EINVAL,
		     SRB_STATUS_INVALID_REQUEST);
	expect_evict("an unknown flag", stuck, 1, 8, length, EINVAL,
		     SRB_STATUS_INVALID_REQUEST);
	expect_evict("a flag of an answer", stuck, 1,
		     ISCSITGT_SPT_EVICT_NOTIFIED, length, EINVAL,
		     SRB_STATUS_INVALID_REQUEST);
	expect_evict("too short", stuck, 1, 0, length - 1, EINVAL,
		     SRB_STATUS_INVALID_REQUEST);
	expect_evict("too long", stuck, 1, 0, length + 1, EINVAL,
		     SRB_STATUS_INVALID_REQUEST);
	expect_unwritable("EVICT that cannot be answered", &record, sizeof(record));
	expect_no_hold();
	expect_evict("stuck", stuck, 2, 0, length, ETIMEDOUT,
		     SRB_STATUS_TIMEOUT);
}

static void test_read(__u64 live)
{
	static struct iscsitgt_spt_session_start records[3];
	struct pollfd pfd = { .events = POLLIN };
	size_t page = sysconf(_SC_PAGESIZE);
	char *map = guarded_page(page);
	int found = 0, reader;
	ssize_t got;

	reader = open(ISCSITGT_SPT_DEVICE, O_RDONLY | O_NONBLOCK);
	check(reader >= 0, "open: %s", strerror(errno));
	pfd.fd = reader;
	check(read(reader, records, sizeof(*records) - 1) == -1 &&
	      errno == EINVAL, "read of less than a record");
	check(read(reader, map + page, sizeof(*records)) == -1 &&
	      errno == EFAULT, "read to where nothing is");
	check(poll(&pfd, 1, 0) == 1 && pfd.revents & POLLIN,
	      "poll with records to read");
	while ((got = read(reader, records, sizeof(records) - 1)) > 0) {
		size_t i;

		check(got % sizeof(*records) == 0, "part of a record");
		for (i = 0; i < got / sizeof(*records); i++)
			found += records[i].it_nexus_handle == live;
	}
	check(got == -1 && errno == EAGAIN, "read at the end");
	check(found == 1, "the session was read %d times", found);
	check(poll(&pfd, 1, 0) == 0, "poll at the end");
	check(lseek(reader, 0, SEEK_SET) == -1 && errno == ESPIPE, "lseek");
	check(write(fd, records, 1) == -1 && errno == EINVAL, "write");
	close(reader);
	munmap(map, 2 * page);
}

int main(int argc, char **argv)
{
	__u64 live, stuck;

	if (argc != 3) {
		fprintf(stderr, "usage: answers LIVE STUCK\n");
		return 2;
	}
	live = strtoull(argv[1], NULL, 0);
	stuck = strtoull(argv[2], NULL, 0);
	fd = open(ISCSITGT_SPT_DEVICE, O_RDWR);
	if (fd < 0) {
		perror(ISCSITGT_SPT_DEVICE);
		return 1;
	}

	test_layout();
	in_child("open without CAP_SYS_ADMIN", open_without_capability);
	in_child("open by a user", open_as_user);
	test_read(live);
	test_header(live);
	test_info_header(live);
	test_number(live);
	test_memory(live);
	test_info(live);
	test_list(live);
	test_unknown();
	test_stuck(stuck);
	test_hold();
	test_evict(stuck);
	test_live(live);

	printf("%u passed, %u failed, %zu-bit\n", passed, failed,
	       8 * sizeof(void *));
	return failed != 0;
}
