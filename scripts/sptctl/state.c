// SPDX-License-Identifier: GPL-2.0
/* What a session is doing, in words. */
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "sptctl.h"
#include "text.h"

static const char *const states[] = {
	[ISCSITGT_SPT_STATE_FREE] = "free",
	[ISCSITGT_SPT_STATE_ACTIVE] = "active",
	[ISCSITGT_SPT_STATE_LOGGED_IN] = "logged-in",
	[ISCSITGT_SPT_STATE_FAILED] = "failed",
	[ISCSITGT_SPT_STATE_IN_CONTINUE] = "in-continue",
};

static const char *const connection_states[] = {
	[ISCSITGT_SPT_CONNECTION_NONE] = "none",
	[ISCSITGT_SPT_CONNECTION_FREE] = "free",
	[ISCSITGT_SPT_CONNECTION_XPT_UP] = "xpt-up",
	[ISCSITGT_SPT_CONNECTION_IN_LOGIN] = "in-login",
	[ISCSITGT_SPT_CONNECTION_LOGGED_IN] = "logged-in",
	[ISCSITGT_SPT_CONNECTION_IN_LOGOUT] = "in-logout",
	[ISCSITGT_SPT_CONNECTION_LOGOUT_REQUESTED] = "logout-requested",
	[ISCSITGT_SPT_CONNECTION_CLEANUP_WAIT] = "cleanup-wait",
};

const char *connection_state(__u8 state)
{
	return state < ARRAY_SIZE(connection_states) && connection_states[state] ?
	       connection_states[state] : "unknown";
}

const char *session_state(const struct session *session)
{
	__u32 state = session->info.state;

	return state < ARRAY_SIZE(states) && states[state] ? states[state] :
							     "unknown";
}

static bool is_ending(const struct session *session)
{
	return session->info.flags & ISCSITGT_SPT_FLAG_ENDING;
}

const char *session_shown_state(const struct session *session)
{
	if (!is_ending(session))
		return session_state(session);
	return session->ending < SESSION_STUCK ? "ending" : "stuck";
}

bool session_is_in(const struct session *session, const char *state)
{
	return !strcmp(state, session_state(session)) ||
	       !strcmp(state, session_shown_state(session)) ||
	       (!strcmp(state, "ending") && is_ending(session));
}

bool state_is_known(const char *state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i] && !strcmp(state, states[i]))
			return true;
	return !strcmp(state, "ending") || !strcmp(state, "stuck") ||
	       !strcmp(state, "unknown");
}

/* What an end waits for, as far as it can be seen. */
static char *waits_for(const struct session *session)
{
	const struct iscsitgt_spt_session_info *info = &session->info;

	/* Commands may be kept for a connection that continues it. */
	if (!info->connections && info->time2retain_left)
		return xasprintf("it has no connection, and Time2Retain is over in %us",
				 info->time2retain_left);
	/* How many of them are done is not known. */
	if (info->commands)
		return xasprintf("LIO waits for its commands to be done");
	if (info->connections)
		return xasprintf("LIO is closing its connections");
	return xasprintf("LIO is releasing it");
}

static char *ending_note(const struct session *session)
{
	char *age = text_age(session->ending);
	char *what = waits_for(session);
	char *text;

	if (session->info.ending_since)
		text = xasprintf("ending for %s: %s", age, what);
	else
		text = xasprintf("ending: %s", what);
	free(what);
	free(age);
	return text;
}

static char *failed_note(const struct session *session)
{
	if (session->info.time2retain_left)
		return xasprintf("no connection: LIO keeps it %us more for its initiator",
				 session->info.time2retain_left);
	return xasprintf("no connection, and nothing that would end it");
}

char *session_note(const struct session *session)
{
	const struct iscsitgt_spt_session_info *info = &session->info;

	if (is_ending(session))
		return ending_note(session);
	switch (info->state) {
	case ISCSITGT_SPT_STATE_ACTIVE:
		return xasprintf("logging in");
	case ISCSITGT_SPT_STATE_IN_CONTINUE:
		return xasprintf("a new connection is continuing it");
	case ISCSITGT_SPT_STATE_FAILED:
		return failed_note(session);
	}
	if (!info->commands)
		return xasprintf("idle");
	return xasprintf("%u command%s in hand", info->commands,
			 info->commands == 1 ? "" : "s");
}
