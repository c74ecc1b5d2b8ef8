// SPDX-License-Identifier: GPL-2.0
/*
 * Who is there, by the device itself: victims may end, all others must not.
 *
 * One thread reads and writes all this, the others look at it meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define KNOWN_MAX	BIT(17)
#define VICTIMS_MAX	64
#define DEAD_MAX	256
#define LASTING_MAX	64

/* How long a call may take to begin. */
#define SOON_NS		60000000000ULL

struct known {
	_Atomic __u64 cookie;
	atomic_int fate;	/* an enum fate; UNKNOWN once it has ended */
	unsigned int told;	/* in which reading from the beginning */
};

/* By cookie, with open addressing; nobody is taken out. */
static struct known known[KNOWN_MAX];
static unsigned int known_count;

/* Who has a greater cookie has not been heard of. */
static _Atomic __u64 newest;

static _Atomic __u64 victims[VICTIMS_MAX];
static _Atomic __u64 dead[DEAD_MAX];
static unsigned int dead_count;

/* Who must not end; not changed once the threads run. */
static struct iscsitgt_spt_session_info references[LASTING_MAX];
static unsigned int references_count;

static int stream;
static unsigned int reading = 1;

static struct known *find(__u64 cookie)
{
	unsigned int i = (cookie * 0x9e3779b97f4a7c15) >> 47;
	__u64 there;

	for (;; i++) {
		i %= KNOWN_MAX;
		there = atomic_load(&known[i].cookie);
		if (!there || there == cookie)
			return &known[i];
	}
}

static __u64 boottime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/*
 * Cookies are of the clock, and of those who come together one next to the other: so
 * what was made of one can be another's, who has only just come.
 */
enum fate session_fate(__u64 cookie)
{
	/* First: it may be heard of meanwhile. */
	__u64 heard = atomic_load(&newest);
	struct known *one = find(cookie);

	if (atomic_load(&one->cookie))
		return atomic_load(&one->fate);
	if (cookie > heard && cookie < boottime() + SOON_NS)
		return FATE_VICTIM;
	return FATE_UNKNOWN;
}

/* By the initiator's name, with which the nexus begins; it is of ASCII. */
enum fate session_fate_of(const struct iscsitgt_spt_session_start *start)
{
	char name[ISCSITGT_SPT_NAME_LENGTH] = "";
	size_t i;

	for (i = 0; i < sizeof(name) - 1 && start->it_nexus[i] != ','; i++)
		name[i] = start->it_nexus[i];
	if (!strncmp(name, options.victim, strlen(options.victim)))
		return FATE_VICTIM;
	if (options.stuck && !strncmp(name, options.stuck, strlen(options.stuck)))
		return FATE_STUCK;
	return FATE_BYSTANDER;
}

static void replace_victim(__u64 from, __u64 to)
{
	unsigned int i;

	for (i = 0; i < VICTIMS_MAX; i++) {
		if (atomic_load(&victims[i]) == from) {
			atomic_store(&victims[i], to);
			return;
		}
	}
}

static void take_start(const struct iscsitgt_spt_session_start *start)
{
	struct known *one = find(start->it_nexus_handle);
	enum fate fate = session_fate_of(start);

	if (atomic_load(&one->cookie) && one->told == reading)
		die("%#llx started twice", start->it_nexus_handle);
	one->told = reading;
	if (!atomic_load(&one->cookie)) {
		if (++known_count > KNOWN_MAX / 4 * 3)
			die("too many sessions");
		atomic_store(&one->fate, fate);
		atomic_store(&one->cookie, start->it_nexus_handle);
		if (start->it_nexus_handle > atomic_load(&newest))
			atomic_store(&newest, start->it_nexus_handle);
	}
	if (fate == FATE_VICTIM)
		replace_victim(0, start->it_nexus_handle);
}

static void take_stop(const struct iscsitgt_spt_session_stop *stop)
{
	struct known *one = find(stop->it_nexus_handle);

	if (!atomic_load(&one->cookie) || one->told != reading)
		die("%#llx ended unheard of", stop->it_nexus_handle);
	if (atomic_load(&one->fate) == FATE_UNKNOWN)
		die("%#llx ended twice", stop->it_nexus_handle);
	if (atomic_load(&one->fate) != FATE_VICTIM)
		die("%#llx ended, which must not: cause %u",
		    stop->it_nexus_handle, stop->header.return_code);
	atomic_store(&one->fate, FATE_UNKNOWN);
	replace_victim(stop->it_nexus_handle, 0);
	atomic_store(&dead[dead_count++ % DEAD_MAX], stop->it_nexus_handle);
}

static void take(const char *bytes, size_t size)
{
	struct iscsitgt_spt_session_start start;
	struct iscsitgt_spt_session_stop stop;
	size_t at = 0;

	while (at < size) {
		memcpy(&stop, bytes + at, sizeof(stop));
		if (stop.header.control_code ==
		    CTLCODE_ISCSITGT_SPT_SESSION_START) {
			memcpy(&start, bytes + at, sizeof(start));
			take_start(&start);
		} else {
			take_stop(&stop);
		}
		at += HEAD + stop.header.length;
	}
}

/* After a loss it begins again, with those who are there. */
static void begin_again(void)
{
	unsigned int i;

	reading++;
	for (i = 0; i < VICTIMS_MAX; i++)
		atomic_store(&victims[i], 0);
}

/* Until there is nothing more to be read. */
static void follow(void)
{
	static char buffer[64 * START_SIZE];
	ssize_t got;

	for (;;) {
		got = read(stream, buffer, sizeof(buffer));
		if (got > 0) {
			check_records(NULL, buffer, got);
			take(buffer, got);
		} else if (got < 0 && errno == EPIPE) {
			begin_again();
		} else {
			break;
		}
	}
	if (!got || errno != EAGAIN)
		die("read: %zd, %s", got, strerror(errno));
}

/* All that last are still read, and are what they were. */
void sessions_check(void)
{
	unsigned int i;
	__u64 cookie;

	follow();
	for (i = 0; i < references_count; i++) {
		cookie = references[i].it_nexus_handle;
		if (find(cookie)->told != reading)
			die("%#llx is not there any more", cookie);
	}
}

void *sessions_watch(void *unused)
{
	struct pollfd pfd = { .fd = stream, .events = POLLIN };

	block_signals();
	while (!atomic_load(&over)) {
		if (poll(&pfd, 1, 100) < 0)
			die("poll: %s", strerror(errno));
		sessions_check();
	}
	return unused;
}

static void refer(__u64 cookie)
{
	struct iscsitgt_spt_session_info *info;

	if (references_count == LASTING_MAX)
		die("too many sessions that last");
	info = &references[references_count++];
	info->header.header_length = HEAD;
	memcpy(info->header.signature, ISCSITGT_SPT_SIGNATURE, 8);
	info->header.control_code = CTLCODE_ISCSITGT_SPT_SESSION_INFO;
	info->header.length = INFO_LENGTH;
	info->it_nexus_handle = cookie;
	if (ioctl(stream, IOCTL_SCSI_MINIPORT, info))
		die("INFO of %#llx: %s", cookie, strerror(errno));
}

/* Before the threads. */
void sessions_init(void)
{
	unsigned int i, counts[FATE_BYSTANDER + 1] = { };
	__u64 cookie;
	int fate;

	stream = open_surely(O_NONBLOCK);
	follow();
	for (i = 0; i < KNOWN_MAX; i++) {
		cookie = atomic_load(&known[i].cookie);
		fate = atomic_load(&known[i].fate);
		if (cookie)
			counts[fate]++;
		if (cookie && (fate == FATE_STUCK || fate == FATE_BYSTANDER))
			refer(cookie);
	}
	if (!counts[FATE_VICTIM] || !counts[FATE_STUCK] ||
	    !counts[FATE_BYSTANDER])
		die("there has to be a session of each kind");
}

const struct iscsitgt_spt_session_info *session_reference(__u64 cookie)
{
	unsigned int i;

	for (i = 0; i < references_count; i++) {
		if (references[i].it_nexus_handle == cookie)
			return &references[i];
	}
	return NULL;
}

unsigned int lasting_count(void)
{
	return references_count;
}

__u64 lasting(unsigned int index)
{
	return references[index].it_nexus_handle;
}

static __u64 pick_lasting(struct random *random, enum fate fate)
{
	__u64 cookie;

	do
		cookie = lasting(below(random, references_count));
	while (session_fate(cookie) != fate);
	return cookie;
}

__u64 pick_stuck(struct random *random)
{
	return pick_lasting(random, FATE_STUCK);
}

__u64 pick_bystander(struct random *random)
{
	return pick_lasting(random, FATE_BYSTANDER);
}

/* 0 when there is none at the moment. */
__u64 pick_victim(struct random *random)
{
	unsigned int first = below(random, VICTIMS_MAX), i;
	__u64 cookie = 0;

	for (i = 0; i < VICTIMS_MAX && !cookie; i++)
		cookie = atomic_load(&victims[(first + i) % VICTIMS_MAX]);
	return cookie;
}

/* 0 when none has ended. */
__u64 pick_dead(struct random *random)
{
	return atomic_load(&dead[below(random, DEAD_MAX)]);
}
