/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of load share. */
#ifndef LOAD_H
#define LOAD_H

#include <linux/types.h>
#include <stdbool.h>

/* How long something may take of which nothing is heard, and what it is then. */
#define PATIENCE_MS	30000
#define UNHEARD		"no answer"

/* How often to look at the clock while there are no events. */
#define TICK_MS		20

#define NAME_MAX_BYTES	223

struct options {
	const char *portal;
	const char *target;
	const char *initiator;
	unsigned int sessions;
	unsigned int targets;	/* 0: the name of the only one has no number */
	unsigned int logins;	/* under way at a time */
};

enum state {
	STATE_OUT,	/* there is no libiscsi context */
	STATE_CONNECT,	/* until the socket is connected */
	STATE_LOGIN,	/* until the last login response */
	STATE_LIVE,
	STATE_LOGOUT,	/* until the logout response */
	STATE_CLOSE,	/* until the target closes the connection */
	STATES
};

struct iscsi_context;

struct session {
	enum state state;
	struct iscsi_context *iscsi;
	__u32 events;		/* what epoll looks for */
	bool failed;		/* has to be ended: said by a callback */
	__s64 answered;		/* ns; when the logout was */
	char text[200];		/* why it is out, if it has ever been in */
};

/* options.c */
extern struct options options;
void parse_options(int argc, char **argv);

/* load.c */
__s64 now_ns(void);
__s64 now_ms(void);
void die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* session.c */
extern struct session *sessions;	/* and one more, for the cycles */
extern unsigned int in_state[STATES];
extern __s64 last_progress;		/* ms; of any session */
extern int epoll_fd;
void sessions_open(void);
void sessions_close(void);
bool sessions_serve(int timeout_ms);
void session_login(struct session *session);
void session_logout(struct session *session);
void session_drop(struct session *session, const char *why);
struct session *find_session(struct session *session, enum state state);

/* fill.c */
const struct session *fill_sessions(void);

/* commands.c */
void run_command(char *line);

#endif
