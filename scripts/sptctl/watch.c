// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "deadline.h"
#include "device.h"
#include "known.h"
#include "print.h"
#include "reader.h"
#include "sptctl.h"
#include "watch.h"

/**
 * struct watch - what is under way
 * @options: what was asked for
 * @reader: the device
 * @known: sessions that are there, also those that nobody asked for
 * @replay: what was there when it began, or after a loss, is still coming
 * @told: whether anything was printed
 */
struct watch {
	struct watch_options options;
	struct reader reader;
	struct known_table known;
	bool replay;
	bool told;
};

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

/* What a START tells, for one that is gone already; the rest is not known. */
static void session_of(const struct known *known, struct session *session)
{
	struct iscsitgt_spt_session_info *info = &session->info;

	memset(session, 0, sizeof(*session));
	info->it_nexus_handle = known->cookie;
	info->tpgt = known->nexus.tpgt;
	copy(info->initiator_name, sizeof(info->initiator_name),
	     known->nexus.initiator);
	copy(info->target_name, sizeof(info->target_name), known->nexus.target);
	copy(info->peer_address, sizeof(info->peer_address), known->peer);
	copy(info->chap_user, sizeof(info->chap_user), known->chap_user);
}

/* By what the session is now, which is when it is first told. */
static int choose(const struct watch *watch, struct known *known)
{
	const struct selector *selector = &watch->options.selector;
	struct session session;
	int err;

	known->wanted = !selector->count;
	if (known->wanted)
		return 0;
	err = session_fetch(watch->reader.fd, known->cookie, &session);
	if (err && err != -ENOENT)
		return err;
	if (err)
		session_of(known, &session);
	known->wanted = select_matches(selector, &session);
	return 0;
}

/* A loss concerns everybody: any event may have been among what is lost. */
static void tell(struct watch *watch, enum event_kind kind,
		 const struct known *session, __u32 cause)
{
	const struct event event = {
		.kind = kind,
		.session = session,
		.cause = cause,
		.time = watch->reader.time,
	};

	if (kind == EVENT_LIVE && watch->options.once)
		return;
	if (session && !session->wanted)
		return;
	if (watch->options.json)
		print_json_event(&event);
	else
		print_event(&event);
	watch->told = true;
}

static int take_start(struct watch *watch,
		      const struct iscsitgt_spt_session_start *start)
{
	struct known *session = known_add(&watch->known, start);
	int err;

	if (!session)
		return -EPROTO;
	err = choose(watch, session);
	if (err)
		return err;
	tell(watch, watch->replay ? EVENT_LIVE : EVENT_START, session, 0);
	return 0;
}

static int take_stop(struct watch *watch,
		     const struct iscsitgt_spt_session_stop *stop)
{
	struct known *session = known_remove(&watch->known,
					     stop->it_nexus_handle);

	if (!session)
		return -EPROTO;
	/* All that was there comes before all that happens. */
	watch->replay = false;
	tell(watch, EVENT_STOP, session, stop->header.return_code);
	known_free(session);
	return 0;
}

static int step(struct watch *watch)
{
	union record record;
	int err;

	err = reader_next(&watch->reader, &record);
	switch (err) {
	case 0:
		return record_is_start(&record) ?
		       take_start(watch, &record.start) :
		       take_stop(watch, &record.stop);
	case -EAGAIN:
		watch->replay = false;
		return spt_wait(watch->reader.fd, STDOUT_FILENO, NO_DEADLINE);
	case -EPIPE:
		known_forget_all(&watch->known);
		watch->replay = true;
		tell(watch, EVENT_LOST, NULL, 0);
		return 0;
	default:
		return err;
	}
}

int watch(const struct watch_options *options)
{
	struct watch state = { .options = *options, .replay = true };
	int fd, err;

	/* Whoever reads this may go away, and whoever began it may ignore that. */
	signal(SIGPIPE, SIG_DFL);
	/* Each line at once, also into a pipe. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = spt_open();
	if (fd < 0)
		return report_open(fd);
	reader_init(&state.reader, fd);
	do {
		err = step(&state);
	} while (!err && !(options->once && state.told) && !ferror(stdout));
	known_forget_all(&state.known);
	close(fd);
	if (err == -ECANCELED) {
		/* As the next line would, but that may never come. */
		raise(SIGPIPE);
		return EXIT_DONE;
	}
	return err ? report_device("cannot read the events", err) : EXIT_DONE;
}
