// SPDX-License-Identifier: GPL-2.0
/*
 * Many iSCSI logins and logouts in random order, from several initiators.
 *
 * One process, so that it takes little from a machine that is target, too.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

/* The storm fails when the target does nothing that it waits for so long. */
#define PATIENCE_MS	60000

static struct session *sessions;
static struct record *records;
static unsigned int started, recorded, left;
static __s64 next_start;

void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "storm: after %u of %u logins, seed %u: ", recorded,
		options.sessions, options.seed);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

__s64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

__u32 random_below(__u32 limit)
{
	return random() % limit;
}

struct record *new_record(void)
{
	records[recorded].end = END_LIVE;
	return &records[recorded++];
}

/* Any session of that kind that may end; or none. */
static struct session *find(enum state state)
{
	unsigned int first = random_below(options.concurrent), i;
	struct session *session;

	for (i = 0; i < options.concurrent; i++) {
		session = &sessions[(first + i) % options.concurrent];
		if (session->state == state && !session->stays)
			return session;
	}
	return NULL;
}

static void start_one(void)
{
	bool stays = random_below(options.sessions - started) <
		     options.leave - left;
	struct session *victim = NULL;

	if (random_below(100) < options.reinstate)
		victim = find(STATE_LIVE);
	left += stays;
	session_start(find(STATE_FREE), started++, stays, victim);
}

static bool may_start(void)
{
	return started < options.sessions && alive < options.concurrent;
}

static void start_due(__s64 now)
{
	while (may_start() && now >= next_start) {
		next_start = now + options.pause;
		start_one();
	}
}

static bool has_deadline(const struct session *session)
{
	return session->state == STATE_LIVE && !session->stays;
}

static void end_due(__s64 now)
{
	struct session *session = sessions;
	enum end end;

	for (; session < sessions + options.concurrent; session++) {
		if (has_deadline(session) && now >= session->deadline) {
			end = options.ends[random_below(options.end_count)];
			session_end(session, end);
		}
	}
}

/* Sessions that linger may do so longer than that. */
static void lose_patience(__s64 now)
{
	struct session *session = sessions;

	if (now - last_progress < PATIENCE_MS)
		return;
	for (; session < sessions + options.concurrent; session++) {
		if (session->state != STATE_FREE &&
		    session->state != STATE_LIVE)
			session_fail(session, "nothing has happened for %d s",
				     PATIENCE_MS / 1000);
	}
}

/* When, in ms from now, there may be something to do even without an event. */
static int timeout_ms(__s64 now)
{
	struct session *session = sessions;
	__s64 next = now + PATIENCE_MS;

	if (may_start() && next > next_start)
		next = next_start;
	for (; session < sessions + options.concurrent; session++) {
		if (has_deadline(session) && next > session->deadline)
			next = session->deadline;
	}
	return next > now ? next - now : 0;
}

static void wait_for_events(int timeout)
{
	struct epoll_event events[64];
	int count, i;

	count = epoll_wait(epoll_fd, events, 64, timeout);
	if (count < 0 && errno != EINTR)
		die("epoll_wait: %s", strerror(errno));
	for (i = 0; i < count; i++)
		session_event(events[i].data.ptr);
}

/* Until there are only sessions that stay. */
static void run(void)
{
	__s64 now;

	for (;;) {
		now = now_ms();
		lose_patience(now);
		end_due(now);
		start_due(now);
		if (started == options.sessions && alive == settled)
			return;
		wait_for_events(timeout_ms(now));
	}
}

/* Those that stay have to answer the target's pings meanwhile. */
static void wait_for_stdin(void)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = epoll_fd, .events = POLLIN },
	};

	while (!fds[0].revents) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (fds[1].revents)
			wait_for_events(0);
	}
}

static void leave(void)
{
	struct session *session = sessions;

	puts("ready");
	fflush(stdout);
	wait_for_stdin();
	settled = 0;
	for (; session < sessions + options.concurrent; session++) {
		if (session->state == STATE_LIVE)
			session_end(session, END_LOGOUT);
	}
	run();
}

static void write_log(__s64 took)
{
	const struct record *record = records;
	FILE *file = stdout;
	unsigned int i;

	if (options.log)
		file = fopen(options.log, "w");
	if (!file)
		die("%s: %s", options.log, strerror(errno));
	for (; record < records + recorded; record++) {
		fprintf(file, NAME_FORMAT " ", record->initiator);
		for (i = 0; i < sizeof(record->isid); i++)
			fprintf(file, "%02x", record->isid[i]);
		fprintf(file, " %u %s\n", record->tsih, end_names[record->end]);
	}
	fprintf(file, "storm: %u sessions in %lld.%03lld s\n", recorded,
		(long long)took / 1000, (long long)took % 1000);
	if (fflush(file))
		die("the log: %s", strerror(errno));
	if (options.log)
		fclose(file);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	__s64 began;

	if (getrandom(&options.seed, sizeof(options.seed), 0) < 0)
		die("getrandom: %s", strerror(errno));
	parse_options(argc, argv);
	srandom(options.seed);

	files.rlim_cur = options.concurrent + 16;
	files.rlim_max = options.concurrent + 16;
	if (options.concurrent > 1000 && setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit: %s", strerror(errno));
	sessions = calloc(options.concurrent, sizeof(*sessions));
	records = calloc(options.sessions, sizeof(*records));
	epoll_fd = epoll_create1(0);
	if (!sessions || !records || epoll_fd < 0)
		die("%s", strerror(errno));

	began = now_ms();
	run();
	write_log(now_ms() - began);
	if (options.leave)
		leave();
	return 0;
}
