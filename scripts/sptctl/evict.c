// SPDX-License-Identifier: GPL-2.0
/*
 * Each eviction is asked for by a thread of its own, which waits for it: all are
 * begun at once, and one that is stuck holds up nobody's line.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadline.h"
#include "device.h"
#include "evict.h"
#include "json.h"
#include "sptctl.h"

/* What a thread needs for a line, or an object, and a call. */
#define STACK_SIZE	(256 << 10)

/**
 * struct eviction - of one initiator
 * @all: what it is one of
 * @info: of one of its sessions
 * @notified: its sessions were told
 * @thread: asks for it
 */
struct eviction {
	struct evicting *all;
	const struct iscsitgt_spt_session_info *info;
	bool notified;
	pthread_t thread;
};

/**
 * struct evicting - what is under way
 * @fd: the device
 * @wanted: how
 * @evictions: one of each initiator
 * @count: of @evictions
 * @deadline: for all of them
 * @hold: until when they are kept out
 * @lock: of what is told
 * @json: [lock] what was done, or NULL
 * @code: [lock] the worst so far
 */
struct evicting {
	int fd;
	const struct evict_options *wanted;
	struct eviction *evictions;
	size_t count;
	__u64 deadline;
	__u64 hold;
	pthread_mutex_t lock;
	struct json_object *json;
	int code;
};

static bool is_same(const struct evict_options *wanted,
		    const struct iscsitgt_spt_session_info *a,
		    const struct iscsitgt_spt_session_info *b)
{
	return !strcasecmp(a->initiator_name, b->initiator_name) &&
	       (wanted->flags & ISCSITGT_SPT_EVICT_EVERY_TARGET ||
		!strcasecmp(a->target_name, b->target_name));
}

static void add(struct evicting *all, const struct session *session)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (is_same(all->wanted, all->evictions[i].info, &session->info))
			return;
	all->evictions[all->count++] = (struct eviction) {
		.all = all,
		.info = &session->info,
	};
}

static const char *result_word(int err)
{
	switch (err) {
	case 0:
		return "evicted";
	case -EINPROGRESS:
		return "begun";
	case -ETIMEDOUT:
		return "still-there";
	case -ENOENT:
		return "no-session";
	default:
		return "failed";
	}
}

static void tell_json(struct evicting *all, const struct eviction *eviction,
		      int err)
{
	const struct iscsitgt_spt_session_info *info = eviction->info;
	bool every = all->wanted->flags & ISCSITGT_SPT_EVICT_EVERY_TARGET;
	struct json_object *object = json_new_object();
	char cookie[sizeof("0x0123456789abcdef")];

	snprintf(cookie, sizeof(cookie), "0x%016llx", info->it_nexus_handle);
	json_add(object, "cookie", json_text(cookie));
	json_add(object, "initiator_name", json_text(info->initiator_name));
	json_add(object, "target_name", json_text(every ? "" : info->target_name));
	json_add(object, "seconds", json_object_new_uint64(all->wanted->seconds));
	json_add(object, "notified", json_object_new_boolean(eviction->notified));
	json_add(object, "result", json_text(result_word(err)));
	json_append(all->json, object);
}

static void tell_line(const struct evicting *all, const struct eviction *eviction,
		      int err)
{
	const char *notified = "";

	if (err && err != -EINPROGRESS)
		return;
	if (all->wanted->flags & ISCSITGT_SPT_EVICT_NOTIFY)
		notified = eviction->notified ? " notified" : " not-notified";
	printf("0x%016llx %s%s\n", eviction->info->it_nexus_handle,
	       result_word(err), notified);
}

static void tell(struct evicting *all, const struct eviction *eviction, int err)
{
	pthread_mutex_lock(&all->lock);
	if (all->json)
		tell_json(all, eviction, err);
	else
		tell_line(all, eviction, err);
	if (err && err != -EINPROGRESS)
		all->code = worse(all->code,
				  report_session(eviction->info->it_nexus_handle,
						 err));
	pthread_mutex_unlock(&all->lock);
}

/* In seconds, at least one. */
static __u32 left(__u64 deadline)
{
	int milliseconds = deadline_milliseconds(deadline);

	return milliseconds > 1000 ? milliseconds / 1000 : 1;
}

/* EINTR comes without Ctrl-C too, from a stop and continue: it is joined then. */
static int ask(const struct evicting *all, const struct eviction *eviction,
	       __u32 *flags)
{
	__u32 seconds = all->wanted->seconds, timeout = all->wanted->timeout;
	__u32 again = *flags & ~ISCSITGT_SPT_EVICT_NOTIFY;
	int err;

	err = spt_evict(all->fd, eviction->info->it_nexus_handle, seconds, flags,
			timeout);
	while (err == -EINTR) {
		if (!deadline_milliseconds(all->deadline) ||
		    !deadline_milliseconds(all->hold))
			return -ETIMEDOUT;
		if (timeout != ISCSITGT_SPT_TIMEOUT_NONE)
			timeout = left(all->deadline);
		err = spt_evict(all->fd, eviction->info->it_nexus_handle,
				left(all->hold), &again, timeout);
	}
	return err;
}

static void *evict(void *data)
{
	struct eviction *eviction = data;
	__u32 flags = eviction->all->wanted->flags;
	int err;

	err = ask(eviction->all, eviction, &flags);
	eviction->notified = flags & ISCSITGT_SPT_EVICT_NOTIFIED;
	tell(eviction->all, eviction, err);
	return NULL;
}

static void run(struct evicting *all)
{
	pthread_attr_t attributes;
	size_t i;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	for (i = 0; i < all->count; i++)
		if (pthread_create(&all->evictions[i].thread, &attributes, evict,
				   &all->evictions[i]))
			out_of_memory();
	for (i = 0; i < all->count; i++)
		pthread_join(all->evictions[i].thread, NULL);
	pthread_attr_destroy(&attributes);
}

int evict_all(int fd, const struct session *sessions, size_t count,
	      const struct evict_options *wanted)
{
	struct evicting all = {
		.fd = fd,
		.wanted = wanted,
		.evictions = xcalloc(count, sizeof(*all.evictions)),
		.deadline = deadline_after(wanted->timeout),
		.hold = deadline_after(wanted->seconds),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.json = wanted->json ? json_new_array() : NULL,
		.code = EXIT_DONE,
	};
	size_t i;

	/* Each line when it is true, also into a pipe. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < count; i++)
		add(&all, &sessions[i]);
	run(&all);
	if (all.json)
		json_print(all.json);
	free(all.evictions);
	return all.code;
}
