// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is not there until somebody says so: userfaultfd(2).  The call
 * waits for it, in the middle of its work, until it comes with what was meant to
 * be in it, or until its userfaultfd is closed, when it comes with zeros.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

#define SIZE	(3 * PAGE)

/* One thread calls, the other one brings the page. */
struct absence {
	char *map;		/* of which the second page is absent */
	char page[PAGE];	/* what comes there */
	int fd;
	int returned;		/* readable when the call has returned */
	bool resolve;		/* or only close */
	bool brought;
	unsigned int delay;	/* microseconds */
	sem_t begin, done;
};

static char *wanted;

static void new_absence(struct absence *absence)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range.len = PAGE, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	absence->map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (absence->map == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	absence->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	range.range.start = (unsigned long)absence->map + PAGE;
	if (absence->fd < 0 || ioctl(absence->fd, UFFDIO_API, &api) ||
	    ioctl(absence->fd, UFFDIO_REGISTER, &range))
		die("userfaultfd: %s", strerror(errno));
}

static void bring(struct absence *absence)
{
	struct uffdio_copy copy = {
		.dst = (unsigned long)absence->map + PAGE,
		.src = (unsigned long)absence->page,
		.len = PAGE,
	};

	usleep(absence->delay);
	if (!absence->resolve)
		return;
	if (ioctl(absence->fd, UFFDIO_COPY, &copy))
		die("UFFDIO_COPY: %s", strerror(errno));
	absence->brought = true;
}

static void *bringer(void *argument)
{
	struct absence *absence = argument;
	struct pollfd fds[2] = { };
	__u64 count;

	block_signals();
	for (;;) {
		while (sem_wait(&absence->begin))
			;
		if (!absence->map)
			return NULL;
		fds[0] = (struct pollfd){ .fd = absence->fd, .events = POLLIN };
		fds[1] = (struct pollfd){
			.fd = absence->returned, .events = POLLIN,
		};
		if (poll(fds, 2, -1) < 0)
			die("poll: %s", strerror(errno));
		if (fds[0].revents)
			bring(absence);
		close(absence->fd);
		if (read(absence->returned, &count, sizeof(count)) < 0)
			die("eventfd: %s", strerror(errno));
		sem_post(&absence->done);
	}
}

static void await(struct absence *absence)
{
	__u64 one = 1;

	if (write(absence->returned, &one, sizeof(one)) < 0)
		die("eventfd: %s", strerror(errno));
	while (sem_wait(&absence->done))
		;
}

static void check(struct worker *worker, const struct call *call,
		  enum outcome outcome, const char *map)
{
	size_t code = call->at + offsetof(struct srb_io_control, return_code);
	size_t body = call->at + HEAD;

	memcpy(wanted + code, map + code, sizeof(__u32));
	if (outcome == OUT_DONE && reply_room(call)) {
		check_info(worker, call, map + call->at);
		memcpy(wanted + body, map + body, reply_room(call));
	}
	if (memcmp(wanted, map, SIZE))
		mismatch(worker, call, "absent memory: wrote what is not its");
}

/* The record is across the border of the absent page, or all in it. */
static void absent_request(struct worker *worker, struct absence *absence, int fd)
{
	struct random *random = &worker->random;
	struct call call = { .fd = fd };
	enum outcome outcome;
	char *map = absence->map;
	__u32 allowed;
	int error;

	do
		make_record(worker, &call);
	while (call.number != IOCTL_SCSI_MINIPORT);
	call.kind = KIND_ABSENT;
	call.at = PAGE - STOP_SIZE + below(random, 64);
	memset(wanted, 0, SIZE);
	memcpy(wanted + call.at, &call.record, STOP_SIZE);
	memcpy(absence->page, wanted + PAGE, PAGE);
	memcpy(map, wanted, PAGE);
	if (!absence->resolve) {
		memset(wanted + PAGE, 0, PAGE);
		memcpy(&call.record, wanted + call.at, STOP_SIZE);
	}
	allowed = predict(&call, session_fate(call.record.it_nexus_handle));
	error = ioctl(fd, call.number, map + call.at) ? errno : 0;
	await(absence);
	/* A call that does not come to it needs nobody to bring it. */
	if (!absence->brought)
		memset(wanted + PAGE, 0, PAGE);
	outcome = outcome_of_ioctl(worker, &call, error, map + call.at);
	expect(worker, &call, KIND_ABSENT, outcome, allowed);
	check(worker, &call, outcome, map);
}

static void absent_read(struct worker *worker, struct absence *absence, int fd)
{
	long at = PAGE - below(&worker->random, START_SIZE);
	const __u32 allowed = BIT(OUT_DONE) | BIT(OUT_EAGAIN) | BIT(OUT_EINTR) |
		BIT(OUT_EPIPE);
	ssize_t got = read(fd, absence->map + at, PAGE);

	expect(worker, NULL, KIND_ABSENT_READ, outcome_of(got < 0 ? errno : 0),
	       allowed);
	await(absence);
	if (got > 0)
		check_records(worker, absence->map + at, got);
}

/* Own streams, which have something to be read, and shared ones in turn. */
static void try_one(struct worker *worker, struct absence *absence, int shared)
{
	struct random *random = &worker->random;
	bool reads = one_in(random, 4);
	int fd = shared;

	if (reads && one_in(random, 2))
		fd = open_surely(O_NONBLOCK);
	absence->resolve = !reads && one_in(random, 2);
	absence->brought = false;
	absence->delay = below(random, 500);
	new_absence(absence);
	sem_post(&absence->begin);
	if (reads)
		absent_read(worker, absence, fd);
	else
		absent_request(worker, absence, fd);
	munmap(absence->map, SIZE);
	if (fd != shared)
		close(fd);
}

void *absentee(void *argument)
{
	struct worker *worker = argument;
	struct absence *absence = calloc(1, sizeof(*absence));
	int shared = open_surely(O_NONBLOCK);
	pthread_t thread;

	wanted = malloc(SIZE);
	if (!absence || !wanted)
		die("no memory");
	absence->returned = eventfd(0, EFD_CLOEXEC);
	sem_init(&absence->begin, 0, 0);
	sem_init(&absence->done, 0, 0);
	start_thread(&thread, bringer, absence);
	while (!enough()) {
		try_one(worker, absence, shared);
		spend(worker);
	}
	absence->map = NULL;
	sem_post(&absence->begin);
	pthread_join(thread, NULL);
	close(shared);
	free(absence);
	return NULL;
}
