// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "print.h"
#include "sptctl.h"
#include "text.h"

static const char *last_word(const struct event *event)
{
	if (event->kind == EVENT_STOP)
		return cause_word(event->cause);
	return event->session->reinstated ? "yes" : "no";
}

/* Always as many words, for those who take a line apart. */
void print_event(const struct event *event)
{
	const struct known *session = event->session;
	char *initiator, *target, *peer, *chap_user;

	if (!session) {
		printf("%s - - - - - - - -\n", event_word(event->kind));
		return;
	}
	initiator = text_to_word(session->nexus.initiator);
	target = text_to_word(session->nexus.target);
	peer = text_to_word(session->peer);
	chap_user = text_to_word(session->chap_user);
	printf("%s 0x%016llx %s %s %s %u %s %s %s\n", event_word(event->kind),
	       session->cookie, initiator, session->nexus.isid, target,
	       session->nexus.tpgt, peer, chap_user, last_word(event));
	free(chap_user);
	free(peer);
	free(target);
	free(initiator);
}

static void add_text(struct json_object *object, const char *name,
		     const char *text)
{
	json_add(object, name, json_text(text));
}

/* As in fields[], but for what the device tells only here. */
static void add_session(struct json_object *object, const struct known *session)
{
	char cookie[sizeof("0x0123456789abcdef")];

	snprintf(cookie, sizeof(cookie), "0x%016llx", session->cookie);
	add_text(object, "cookie", cookie);
	add_text(object, "initiator_name", session->nexus.initiator);
	add_text(object, "isid", session->nexus.isid);
	add_text(object, "target_name", session->nexus.target);
	json_add(object, "tpgt", json_object_new_uint64(session->nexus.tpgt));
	add_text(object, "peer_address", session->peer);
	add_text(object, "chap_user", session->chap_user);
}

static void add_time(struct json_object *object, const struct timespec *time)
{
	char seconds[sizeof("+2147483647-12-31T23:59:60")];
	struct tm tm;
	char *text;

	gmtime_r(&time->tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	text = xasprintf("%s.%03ldZ", seconds, time->tv_nsec / 1000000);
	add_text(object, "time", text);
	free(text);
}

void print_json_event(const struct event *event)
{
	struct json_object *object = json_new_object();

	add_text(object, "event", event_word(event->kind));
	if (event->session)
		add_session(object, event->session);
	if (event->kind == EVENT_STOP)
		add_text(object, "cause", cause_word(event->cause));
	else if (event->session)
		json_add(object, "reinstated",
			 json_object_new_boolean(event->session->reinstated));
	add_time(object, &event->time);
	json_print_line(object);
}
