// SPDX-License-Identifier: GPL-2.0
/*
 * All ends are begun before any is waited for, and what is waited for is the
 * device's next event, whichever session it is of: one that is stuck holds up
 * nobody's line.  One alone is waited for by a request, which needs no events.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "deadline.h"
#include "device.h"
#include "reader.h"
#include "sptctl.h"
#include "stop.h"

/**
 * struct stopping - what is under way
 * @fd: the device, to ask
 * @reader: of its events, if there are several
 * @stops: sorted
 * @count: of @stops
 * @pending: how many of them are still ending
 * @deadline: for all of them
 * @progress: when to show it next
 * @terminal: progress is shown
 * @summary: one that has left by itself is as good as ended
 * @shown: a line of progress is there, to be wiped
 * @code: the worst so far
 */
struct stopping {
	int fd;
	struct reader reader;
	struct stop *stops;
	size_t count;
	size_t pending;
	__u64 deadline;
	__u64 progress;
	bool terminal;
	bool summary;
	bool shown;
	int code;
};

static int compare(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;

	return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

/* A repeated cookie counts once: by its second turn it may be gone. */
size_t stop_sort(struct stop *stops, size_t count)
{
	size_t kept = 0, i;

	qsort(stops, count, sizeof(*stops), compare);
	for (i = 0; i < count; i++)
		if (!i || stops[i].cookie != stops[i - 1].cookie)
			stops[kept++] = stops[i];
	return kept;
}

static void wipe_progress(struct stopping *all)
{
	if (all->shown)
		fputs("\r\033[K", stderr);
	all->shown = false;
}

static void show_progress(struct stopping *all)
{
	if (!all->terminal)
		return;
	wipe_progress(all);
	fprintf(stderr, "%zu of %zu have ended", all->count - all->pending,
		all->count);
	all->shown = true;
}

static void tell(struct stopping *all, const struct stop *stop, int err)
{
	wipe_progress(all);
	if (!err || err == -EINPROGRESS)
		printf("0x%016llx %s\n", stop->cookie, err ? "begun" : "ended");
	else if (err != -ENOENT || !all->summary)
		all->code = worse(all->code, report_session(stop->cookie, err));
}

static void set(struct stopping *all, struct stop *stop, int err)
{
	stop->err = err;
	if (err == -EINPROGRESS)
		return;
	all->pending--;
	tell(all, stop, err);
}

/* EINTR comes without Ctrl-C too, from a stop and continue. */
static int begin(const struct stopping *all, const struct stop *stop)
{
	int err;

	do {
		err = spt_stop(all->fd, stop->cookie,
			       ISCSITGT_SPT_TIMEOUT_START_ONLY);
	} while (err == -EINTR);
	return err;
}

static void begin_all(struct stopping *all)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		all->stops[i].err = begin(all, &all->stops[i]);
	/* Only now, as whoever reads that may be slow, or gone. */
	all->pending = all->count;
	for (i = 0; i < all->count; i++)
		set(all, &all->stops[i], all->stops[i].err);
}

/* Only of ends that were begun here: what is not there any more has ended. */
static void ask_again(struct stopping *all)
{
	size_t i;
	int err;

	for (i = 0; i < all->count; i++) {
		if (all->stops[i].err != -EINPROGRESS)
			continue;
		err = begin(all, &all->stops[i]);
		set(all, &all->stops[i], err == -ENOENT ? 0 : err);
	}
}

static void take_end(struct stopping *all, __u64 cookie)
{
	const struct stop key = { .cookie = cookie };
	struct stop *stop = bsearch(&key, all->stops, all->count, sizeof(key),
				    compare);

	if (stop && stop->err == -EINPROGRESS)
		set(all, stop, 0);
}

/* 0: something may have happened.  -ETIMEDOUT: not by the deadline. */
static int wait_for_more(struct stopping *all)
{
	bool last = all->deadline <= all->progress;
	int err;

	err = spt_wait(all->reader.fd, -1, last ? all->deadline : all->progress);
	if (err != -ETIMEDOUT || last)
		return err;
	show_progress(all);
	all->progress = deadline_after(1);
	return 0;
}

static int step(struct stopping *all)
{
	union record record;
	int err;

	err = reader_next(&all->reader, &record);
	switch (err) {
	case 0:
		if (!record_is_start(&record))
			take_end(all, record.stop.it_nexus_handle);
		return 0;
	case -EAGAIN:
		return wait_for_more(all);
	case -EPIPE:
		ask_again(all);
		return 0;
	default:
		return err;
	}
}

/* @err: why there is no more waiting */
static void give_up(struct stopping *all, int err)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (all->stops[i].err == -EINPROGRESS)
			tell(all, &all->stops[i], err);
}

static void finish(struct stopping *all)
{
	int err = 0;

	while (all->pending && !err)
		err = step(all);
	if (err)
		give_up(all, err);
	wipe_progress(all);
}

/*
 * One alone.  After an EINTR it may have begun, and have ended before it is asked for
 * again; it is asked for once more when that was too late.
 */
static void end_one(struct stopping *all)
{
	bool interrupted = false;
	__u32 left;
	int err;

	do {
		left = deadline_seconds(all->deadline);
		err = spt_stop(all->fd, all->stops->cookie, left);
		if (err == -ENOENT && interrupted)
			err = 0;
		interrupted |= err == -EINTR;
	} while (err == -EINTR);
	all->pending = 1;
	all->stops->err = err == -EINPROGRESS ? -ETIMEDOUT : err;
	if (all->stops->err != -ETIMEDOUT)
		all->pending = 0;
	tell(all, all->stops, all->stops->err);
}

static size_t count_of(const struct stopping *all, int err)
{
	size_t found = 0, i;

	for (i = 0; i < all->count; i++)
		found += all->stops[i].err == err;
	return found;
}

static void put_count(size_t count, const char *what)
{
	if (count)
		fprintf(stderr, ", %zu %s", count, what);
}

static void summarise(const struct stopping *all)
{
	size_t ended = count_of(all, 0), gone = count_of(all, -ENOENT);

	fprintf(stderr, "sptctl: %zu session%s: %zu ended", all->count,
		all->count == 1 ? "" : "s", ended);
	put_count(all->pending, "still ending");
	put_count(gone, "gone before");
	put_count(all->count - ended - gone - all->pending, "failed");
	putc('\n', stderr);
}

/* What is told of their ends has to be there before they begin. */
static int stop_several(struct stopping *all)
{
	int events = spt_open();

	if (events < 0)
		return report_open(events);
	reader_init(&all->reader, events);
	begin_all(all);
	finish(all);
	close(events);
	return EXIT_DONE;
}

int stop_all(int fd, struct stop *stops, size_t count, __u32 timeout,
	     bool summary)
{
	struct stopping all = {
		.fd = fd,
		.stops = stops,
		.count = count,
		.deadline = deadline_after(timeout),
		.progress = deadline_after(1),
		.terminal = isatty(STDERR_FILENO),
		.summary = summary,
		.code = EXIT_DONE,
	};
	int code;

	/* Each line when it is true, also into a pipe. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (timeout == ISCSITGT_SPT_TIMEOUT_START_ONLY) {
		begin_all(&all);
		give_up(&all, -EINPROGRESS);
	} else if (count == 1) {
		end_one(&all);
	} else {
		code = stop_several(&all);
		if (code)
			return code;
	}
	if (summary)
		summarise(&all);
	return all.code;
}
