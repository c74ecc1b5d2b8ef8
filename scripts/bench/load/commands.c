// SPDX-License-Identifier: GPL-2.0
/*
 * The commands: each drives the sessions until there is an answer to print.
 *
 * All sessions are served meanwhile.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tests/usage.h"
#include "load.h"

/* For the target to close a connection that is logged out. */
#define CLOSE_MS	5000

static void end_answer(void)
{
	putchar('\n');
	if (fflush(stdout))
		die("stdout: %s", strerror(errno));
}

static void __attribute__((format(printf, 1, 2)))
answer(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	end_answer();
}

static void answer_failed(const struct session *session)
{
	answer("failed %u %s", (unsigned int)(session - sessions),
	       session->text);
}

static double seconds_since(__s64 began)
{
	return (now_ns() - began) / 1e9;
}

static void fill(void)
{
	__s64 began = now_ns();
	const struct session *failed = fill_sessions();

	if (failed)
		answer_failed(failed);
	else
		answer("full %u %.3f", options.sessions, seconds_since(began));
}

/* Including the one for the cycles. */
static void drop_all(enum state state)
{
	unsigned int i;

	for (i = 0; i <= options.sessions; i++) {
		if (sessions[i].state == state)
			session_drop(&sessions[i], UNHEARD);
	}
}

/*
 * The target closes, as otherwise our end of each connection would be in
 * TIME_WAIT: there are not enough ports for that with thousands of sessions.
 * False if there are logouts that it does not answer.
 */
static bool await_closes(void)
{
	__s64 idle;

	while (in_state[STATE_LOGOUT] || in_state[STATE_CLOSE]) {
		sessions_serve(TICK_MS);
		idle = now_ms() - last_progress;
		if (idle >= PATIENCE_MS)
			return false;
		if (!in_state[STATE_LOGOUT] && idle >= CLOSE_MS)
			drop_all(STATE_CLOSE);
	}
	return true;
}

static void logout(void)
{
	struct session *session = sessions, *silent;
	__s64 began = now_ns();

	while ((session = find_session(session, STATE_LIVE)) <
	       sessions + options.sessions)
		session_logout(session);
	if (await_closes()) {
		answer("empty %.3f", seconds_since(began));
		return;
	}
	silent = find_session(sessions, STATE_LOGOUT);
	drop_all(STATE_LOGOUT);
	drop_all(STATE_CLOSE);
	answer_failed(silent);
}

/* Serve until the session is in the second state or leaves both. */
static bool await_state(const struct session *session, enum state state)
{
	__s64 began = now_ms();

	while (session->state < state && session->state != STATE_OUT &&
	       now_ms() - began < PATIENCE_MS)
		sessions_serve(TICK_MS);
	return session->state == state;
}

/* Nothing is tried again here, as that would be part of what is measured. */
static bool cycle_once(struct session *session, __s64 *took)
{
	__s64 began = now_ns();

	session_login(session);
	if (!await_state(session, STATE_LIVE))
		return false;
	session_logout(session);
	if (!await_state(session, STATE_CLOSE))
		return false;
	*took = session->answered - began;
	return await_closes();
}

static void answer_cycles(const __s64 *took, unsigned int count)
{
	__s64 total = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		total += took[i];
	printf("cycles %u %lld", count, (long long)total);
	for (i = 0; i < count; i++)
		printf(" %lld", (long long)took[i]);
	end_answer();
}

static void cycle(const char *number)
{
	unsigned int count = to_number(number, 1000000), i = 0;
	struct session *session = &sessions[options.sessions];
	__s64 *took;

	if (!count)
		bad_usage("there is nothing to do");
	took = calloc(count, sizeof(*took));
	if (!took)
		die("%s", strerror(errno));
	while (i < count && cycle_once(session, &took[i]))
		i++;
	if (i == count) {
		answer_cycles(took, count);
	} else {
		if (session->state != STATE_OUT)
			session_drop(session, UNHEARD);
		answer_failed(session);
	}
	free(took);
}

/* What has already arrived has to be known for that. */
static void count(void)
{
	while (sessions_serve(0))
		;
	answer("sessions %u", in_state[STATE_LIVE]);
}

void run_command(char *line)
{
	if (!strcmp(line, "fill"))
		fill();
	else if (!strcmp(line, "logout"))
		logout();
	else if (!strcmp(line, "count"))
		count();
	else if (!strncmp(line, "cycle ", 6))
		cycle(line + 6);
	else
		bad_usage("unknown command \"%s\"", line);
}
