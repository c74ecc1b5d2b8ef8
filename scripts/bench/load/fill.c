// SPDX-License-Identifier: GPL-2.0
/*
 * The logins of fill: so many at a time, each tried again until it succeeds or
 * has been tried for long enough.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

/* Between two tries to log in: from the first to the last. */
#define PAUSE_MIN_MS	50
#define PAUSE_MAX_MS	1600

/* How often fill goes for sessions that the target ended meanwhile. */
#define ROUNDS		3

/* A session that fill is logging in. */
struct login {
	struct session *session;
	__s64 began;	/* ms */
	__s64 next_try;	/* ms; if the session is out, 0 if not yet known */
	int pause;	/* ms; before that */
};

static struct login *logins;
static unsigned int login_count;

/* A session that has to be tried again keeps its place among the logins. */
static void try_again(struct login *login, __s64 now)
{
	if (!login->next_try) {
		login->next_try = now + login->pause;
		login->pause *= 2;
		if (login->pause > PAUSE_MAX_MS)
			login->pause = PAUSE_MAX_MS;
	} else if (now >= login->next_try) {
		login->next_try = 0;
		session_login(login->session);
	}
}

/* Returns a session that could not log in, if there is one. */
static struct session *continue_logins(void)
{
	struct login *login = logins;
	__s64 now = now_ms();

	while (login < logins + login_count) {
		if (login->session->state == STATE_LIVE) {
			*login = logins[--login_count];
			continue;
		}
		if (now - login->began >= PATIENCE_MS)
			return login->session;
		if (login->session->state == STATE_OUT)
			try_again(login, now);
		login++;
	}
	return NULL;
}

static void begin_login(struct session *session)
{
	logins[login_count++] = (struct login) {
		.session = session,
		.began = now_ms(),
		.pause = PAUSE_MIN_MS,
	};
	session_login(session);
}

/* Each session that is out gets its chance. */
static struct session *fill_once(void)
{
	struct session *next = find_session(sessions, STATE_OUT), *failed;

	for (;;) {
		failed = continue_logins();
		if (failed)
			return failed;
		while (next < sessions + options.sessions &&
		       login_count < options.logins) {
			begin_login(next);
			next = find_session(next + 1, STATE_OUT);
		}
		if (!login_count)
			return NULL;
		sessions_serve(TICK_MS);
	}
}

static struct session *fill_rounds(void)
{
	int round;

	for (round = 0; round < ROUNDS; round++) {
		struct session *failed = fill_once();

		if (failed)
			return failed;
		if (in_state[STATE_LIVE] == options.sessions)
			return NULL;
	}
	return find_session(sessions, STATE_OUT);
}

/* The next fill begins with those that did not make it. */
static void abandon_logins(void)
{
	while (login_count) {
		struct session *session = logins[--login_count].session;

		if (session->state != STATE_LIVE &&
		    session->state != STATE_OUT)
			session_drop(session, UNHEARD);
	}
}

/* Returns a session that could not log in, or NULL: all are logged in. */
const struct session *fill_sessions(void)
{
	const struct session *failed;

	logins = calloc(options.logins, sizeof(*logins));
	if (!logins)
		die("%s", strerror(errno));
	failed = fill_rounds();
	abandon_logins();
	free(logins);
	return failed;
}
