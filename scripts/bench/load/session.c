// SPDX-License-Identifier: GPL-2.0
/*
 * The sessions: their libiscsi contexts, and what epoll looks for in each.
 *
 * A context must not be destroyed in one of its callbacks, as libiscsi goes on
 * with it afterwards.  So the callbacks only change the state or mark the
 * session as failed; session_event() ends it when libiscsi has returned.
 *
 * libiscsi's own timeouts are not used: they want every context to be serviced
 * every second.  Who waits for a session looks at the clock instead.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include "load.h"

#define LOST	"connection lost"

struct session *sessions;
unsigned int in_state[STATES];
__s64 last_progress;
int epoll_fd;

static const char * const state_names[] = {
	[STATE_OUT] = "not logged in",
	[STATE_CONNECT] = "connecting",
	[STATE_LOGIN] = "logging in",
	[STATE_LIVE] = "logged in",
	[STATE_LOGOUT] = "logging out",
	[STATE_CLOSE] = "logged out, waiting for the close",
};

static void set_state(struct session *session, enum state state)
{
	in_state[session->state]--;
	in_state[state]++;
	session->state = state;
	last_progress = now_ms();
}

/* It becomes part of an answer, but some of libiscsi's messages end a line. */
static void __attribute__((format(printf, 2, 3)))
set_text(struct session *session, const char *format, ...)
{
	va_list args;
	char *c;

	va_start(args, format);
	vsnprintf(session->text, sizeof(session->text), format, args);
	va_end(args);
	for (c = session->text; *c; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
}

/*
 * Destroying the context calls the callback of a logout under way; so that it
 * is not taken for news, the session has no context any more by then.  Closing
 * the socket takes it out of epoll.
 *
 * What libiscsi calls the error when iscsi_service() fails is only that it does
 * not reconnect.  Where it knows more, a callback has set the text.
 */
void session_drop(struct session *session, const char *why)
{
	struct iscsi_context *iscsi = session->iscsi;

	if (!session->text[0])
		set_text(session, "%s while %s", why,
			 state_names[session->state]);
	session->iscsi = NULL;
	set_state(session, STATE_OUT);
	iscsi_destroy_context(iscsi);
}

static void fail(struct session *session, struct iscsi_context *iscsi)
{
	session->failed = true;
	set_text(session, "%s: %s", state_names[session->state],
		 iscsi_get_error(iscsi));
}

static void logged_in(struct iscsi_context *iscsi, int status, void *data,
		      void *private)
{
	struct session *session = private;

	(void)data;
	if (session->iscsi != iscsi)
		return;
	if (status == SCSI_STATUS_GOOD) {
		set_state(session, STATE_LIVE);
	} else if (status == SCSI_STATUS_REDIRECT) {
		session->failed = true;
		set_text(session, "redirected to %s",
			 iscsi_get_target_address(iscsi));
	} else {
		fail(session, iscsi);
	}
}

static void connected(struct iscsi_context *iscsi, int status, void *data,
		      void *private)
{
	struct session *session = private;

	(void)data;
	if (session->iscsi != iscsi || session->state != STATE_CONNECT)
		return;
	if (status != SCSI_STATUS_GOOD) {
		fail(session, iscsi);
		return;
	}
	set_state(session, STATE_LOGIN);
	if (iscsi_login_async(iscsi, logged_in, session))
		fail(session, iscsi);
}

static void logged_out(struct iscsi_context *iscsi, int status, void *data,
		       void *private)
{
	struct session *session = private;

	(void)data;
	if (session->iscsi != iscsi)
		return;
	if (status == SCSI_STATUS_GOOD) {
		session->answered = now_ns();
		set_state(session, STATE_CLOSE);
	} else {
		/* Nothing is known but that the connection has failed. */
		session->failed = true;
	}
}

static void watch(struct session *session, int operation, __u32 events)
{
	struct epoll_event event = { .events = events, .data.ptr = session };

	if (epoll_ctl(epoll_fd, operation, iscsi_get_fd(session->iscsi),
		      &event))
		die("epoll_ctl: %s", strerror(errno));
	session->events = events;
}

/* epoll's bits of the events are poll's, which libiscsi takes. */
static void service(struct session *session, __u32 events)
{
	if (iscsi_service(session->iscsi, events) < 0)
		session->failed = true;
}

/*
 * Send what libiscsi has queued.  There is nearly always room for it in the
 * socket's buffer, so epoll need not be asked first whether there is.  But a
 * socket that is not yet connected libiscsi would take for connected.
 */
static void flush(struct session *session)
{
	if (session->state != STATE_CONNECT &&
	    iscsi_which_events(session->iscsi) & POLLOUT)
		service(session, POLLOUT);
}

/* After everything that may have queued something or changed the state. */
static void update(struct session *session)
{
	__u32 events;

	if (!session->failed)
		flush(session);
	/* libiscsi logs out by itself when the target asks for that. */
	if (session->state == STATE_LIVE && !iscsi_is_logged_in(session->iscsi))
		session->failed = true;
	if (session->failed) {
		session_drop(session, LOST);
		return;
	}
	events = iscsi_which_events(session->iscsi);
	if (events != session->events)
		watch(session, EPOLL_CTL_MOD, events);
}

/*
 * Without reconnects, libiscsi hides the first failure of a session that is
 * logged in: iscsi_service() returns 0 then, and -1 only when called again.  It
 * is, as the socket stays readable.
 */
static void session_event(struct session *session, __u32 events)
{
	service(session, events);
	update(session);
}

static struct iscsi_context *new_context(unsigned int number)
{
	char name[NAME_MAX_BYTES + 1];
	struct iscsi_context *iscsi;

	snprintf(name, sizeof(name), "%s:%u", options.initiator, number);
	iscsi = iscsi_create_context(name);
	if (!iscsi)
		die("no memory for session %u", number);
	snprintf(name, sizeof(name), "%s", options.target);
	if (options.targets)
		snprintf(name, sizeof(name), "%s:%u", options.target,
			 number % options.targets);
	if (iscsi_set_targetname(iscsi, name) ||
	    iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL) ||
	    iscsi_set_header_digest(iscsi, ISCSI_HEADER_DIGEST_NONE))
		die("session %u: %s", number, iscsi_get_error(iscsi));
	iscsi_set_noautoreconnect(iscsi, 1);
	return iscsi;
}

/* Of one that is out. */
void session_login(struct session *session)
{
	struct iscsi_context *iscsi = new_context(session - sessions);

	session->iscsi = iscsi;
	session->failed = false;
	session->text[0] = 0;
	set_state(session, STATE_CONNECT);
	if (iscsi_connect_async(iscsi, options.portal, connected, session)) {
		fail(session, iscsi);
		session_drop(session, LOST);
		return;
	}
	watch(session, EPOLL_CTL_ADD, iscsi_which_events(iscsi));
}

/* Of one that is live. */
void session_logout(struct session *session)
{
	set_state(session, STATE_LOGOUT);
	if (iscsi_logout_async(session->iscsi, logged_out, session))
		fail(session, session->iscsi);
	update(session);
}

/*
 * Wait for events and handle them; false if there were none.  Handling that of
 * a session ends no other, so all that were reported are still of interest.
 */
bool sessions_serve(int timeout_ms)
{
	struct epoll_event events[64];
	int count, i;

	count = epoll_wait(epoll_fd, events, 64, timeout_ms);
	if (count < 0 && errno != EINTR)
		die("epoll_wait: %s", strerror(errno));
	for (i = 0; i < count; i++)
		session_event(events[i].data.ptr, events[i].events);
	return count > 0;
}

/* The first session in that state from @session on, or the end of the array. */
struct session *find_session(struct session *session, enum state state)
{
	while (session < sessions + options.sessions && session->state != state)
		session++;
	return session;
}

void sessions_open(void)
{
	sessions = calloc(options.sessions + 1, sizeof(*sessions));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!sessions || epoll_fd < 0)
		die("%s", strerror(errno));
	in_state[STATE_OUT] = options.sessions + 1;
}

void sessions_close(void)
{
	unsigned int i;

	for (i = 0; i <= options.sessions; i++) {
		if (sessions[i].state != STATE_OUT)
			session_drop(&sessions[i], "closed");
	}
	close(epoll_fd);
	free(sessions);
}
