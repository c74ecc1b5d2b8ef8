// SPDX-License-Identifier: GPL-2.0
/*
 * Records that change, and memory that comes and goes, while a call is at them.
 *
 * Nobody can tell which of the records a call sees, nor if it is a mixture of
 * several.  So in one region, whose records may end sessions, no mixture of the
 * bytes that were ever written there is a bystander's cookie; in another one no
 * mixture is a SESSION_END.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#define PAGES		3
#define SIZE		(PAGES * PAGE)
/* The header is on one page but for its last bytes, the rest on the next ones. */
#define AT		(PAGE - 24)
#define BEHIND		(AT + (long)HEAD + ISCSITGT_SPT_INFO_MAX_LENGTH)
#define BURST		16

/* Where the kernel puts nothing by itself, as pages are missing at times. */
#define FAR		0x100000000000UL
#define APART		0x1000000UL

enum { ENDS, INFOS, READS, REGIONS };

struct region {
	char *map;
	char *alias;
	int fd;
};

static struct region regions[REGIONS];
static atomic_int racing;

/* Bytes that a cookie has had at each place, in ENDS. */
static bool written[sizeof(__u64)][256];

static void write_down(__u64 cookie)
{
	size_t i;

	for (i = 0; i < sizeof(cookie); i++)
		written[i][(cookie >> 8 * i) & 0xff] = true;
}

void racing_init(void)
{
	unsigned int i;

	/* What is there before anything is. */
	write_down(0);
	for (i = 0; i < REGIONS; i++) {
		struct region *region = &regions[i];

		region->fd = memfd_create("race", MFD_CLOEXEC);
		if (region->fd < 0 || ftruncate(region->fd, SIZE))
			die("memfd: %s", strerror(errno));
		region->alias = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				     MAP_SHARED, region->fd, 0);
		region->map = mmap((void *)(FAR + i * APART), SIZE,
				   PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_FIXED, region->fd, 0);
		if (region->alias == MAP_FAILED || region->map == MAP_FAILED)
			die("mmap: %s", strerror(errno));
	}
}

static bool can_be_mixed(__u64 cookie)
{
	size_t i;

	for (i = 0; i < sizeof(cookie); i++) {
		if (!written[i][(cookie >> 8 * i) & 0xff])
			return false;
	}
	return true;
}

/* May that be written too? */
static bool is_harmless(__u64 cookie)
{
	bool before[sizeof(cookie)][256];
	unsigned int i;

	memcpy(before, written, sizeof(before));
	write_down(cookie);
	for (i = 0; i < lasting_count(); i++) {
		if (session_fate(lasting(i)) == FATE_BYSTANDER &&
		    can_be_mixed(lasting(i))) {
			memcpy(written, before, sizeof(written));
			return false;
		}
	}
	return true;
}

static __u64 end_cookie(struct random *random)
{
	__u64 cookie = below(random, 2) ? pick_victim(random) : 0;

	return is_harmless(cookie) ? cookie : 0;
}

/* Byte by byte or all at once, as the compiler likes; that is the point. */
static void rewrite(struct random *random, int which)
{
	static const __u32 codes[] = { 0x200, 0x200, 0x2ff, 0 };
	char *alias = regions[which].alias + AT;
	struct iscsitgt_spt_session_stop record = {
		.header.header_length = one_in(random, 4) ? 0 : HEAD,
		.header.timeout = below(random, 3),
		.header.control_code = codes[below(random, 4)],
		.header.length = one_in(random, 2) ? STOP_LENGTH :
				 below(random, ISCSITGT_SPT_INFO_MAX_LENGTH + 9),
		.reserved = one_in(random, 4),
		.it_nexus_handle = pick_bystander(random),
	};

	memcpy(record.header.signature, ISCSITGT_SPT_SIGNATURE, 8);
	if (which == ENDS) {
		record.header.control_code = 0x100 + below(random, 3);
		record.it_nexus_handle = end_cookie(random);
		record.header.length = one_in(random, 4) ? 4 : STOP_LENGTH;
	}
	memcpy(alias, &record, sizeof(record));
}

/* The page of the end of the header, and what comes after it. */
static void remap(struct random *random, struct region *region)
{
	char *page = region->map + (below(random, 2) ? PAGE : 0);
	int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_FIXED;
	long offset = page - region->map;

	switch (below(random, 10)) {
	case 0:
		munmap(page, PAGE);
		break;
	case 1:
		mprotect(page, PAGE, PROT_READ);
		break;
	case 2:
		mprotect(page, PAGE, PROT_NONE);
		break;
	case 3:
		madvise(page, PAGE, MADV_DONTNEED);
		break;
	case 4:
		if (mmap(page, PAGE, prot, flags | MAP_ANONYMOUS, -1, 0) ==
		    MAP_FAILED)
			die("mmap: %s", strerror(errno));
		break;
	default:
		if (mmap(page, PAGE, prot, flags, region->fd, offset) ==
		    MAP_FAILED)
			die("mmap: %s", strerror(errno));
	}
}

/* All the time while a call is at them, and a little before the next one. */
void *racer(void *argument)
{
	struct worker *worker = argument;
	struct random *random = &worker->random;

	block_signals();
	while (!atomic_load(&over)) {
		if (!atomic_load(&racing))
			usleep(1000);
		rewrite(random, below(random, 2));
		if (one_in(random, 2))
			remap(random, &regions[below(random, REGIONS)]);
	}
	return NULL;
}

static void check_behind(const struct worker *worker, int which)
{
	const char *alias = regions[which].alias;
	long i;

	for (i = BEHIND; i < SIZE; i++) {
		if (alias[i])
			mismatch(worker, NULL, "a record that changes: wrote %ld bytes too far",
				 i - BEHIND + 1);
	}
}

void raced_requests(struct worker *worker, int fd)
{
	const __u32 allowed = BIT(OUT_DONE) | BIT(OUT_EFAULT) | BIT(OUT_EINVAL) |
		BIT(OUT_EOPNOTSUPP) | BIT(OUT_ENOENT) | BIT(OUT_EINTR) |
		BIT(OUT_ETIMEDOUT);
	int which = below(&worker->random, 2), i, error;
	char *map = regions[which].map + AT;

	atomic_fetch_add(&racing, 1);
	for (i = 0; i < BURST; i++) {
		error = ioctl(fd, IOCTL_SCSI_MINIPORT, map) ? errno : 0;
		expect(worker, NULL, KIND_RACED, outcome_of(error), allowed);
	}
	atomic_fetch_sub(&racing, 1);
	check_behind(worker, which);
}

void raced_reads(struct worker *worker, int fd)
{
	const __u32 allowed = BIT(OUT_DONE) | BIT(OUT_EFAULT) | BIT(OUT_EAGAIN) |
		BIT(OUT_EINTR) | BIT(OUT_EPIPE);
	char *map = regions[READS].map + AT;
	ssize_t got;
	int i;

	atomic_fetch_add(&racing, 1);
	for (i = 0; i < BURST; i++) {
		got = read(fd, map, BEHIND - AT);
		expect(worker, NULL, KIND_RACED_READ,
		       outcome_of(got < 0 ? errno : 0), allowed);
	}
	atomic_fetch_sub(&racing, 1);
	check_behind(worker, READS);
}
