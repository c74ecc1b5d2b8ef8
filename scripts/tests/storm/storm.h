/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of storm share. */
#ifndef STORM_H
#define STORM_H

#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "pdu.h"

/* The initiators; the format takes the number of one. */
#define NAME_FORMAT	"iqn.2026-11.com.example:storm-%u"

/*
 * How a session ended, the first two by us on purpose, the third by the target
 * whenever it likes.  A logout of its only
 * connection is not among them: it lets LIO's timer for Time2Retain expire, and
 * LIO sleeps in there; a hundred or so, and the kernel crashes.
 */
enum end { END_LOGOUT, END_DROP, END_STOPPED, END_REINSTATED, END_LIVE };

struct portal {
	const char *name;
	struct sockaddr_in address;
};

struct options {
	struct portal portals[64];
	unsigned int portal_count;
	const char *target;
	unsigned int initiators;
	unsigned int sessions;
	unsigned int concurrent;
	unsigned int leave;
	unsigned int linger_min, linger_max;	/* ms */
	unsigned int pause;			/* ms */
	unsigned int reinstate;			/* per cent */
	enum end ends[16];
	unsigned int end_count;
	bool stopped;				/* END_STOPPED is among them */
	bool no_ping;
	unsigned int seed;
	const char *log;
};

/* What is left of a session when it is gone: a line of the log. */
struct record {
	unsigned int initiator;
	__u8 isid[6];
	__u16 tsih;
	enum end end;
};

enum state {
	STATE_FREE,
	STATE_CONNECT,	/* until the socket is connected */
	STATE_LOGIN,	/* until the login response */
	STATE_PING,	/* until the answer to our ping */
	STATE_LIVE,	/* until its deadline */
	STATE_LOGOUT,	/* until the logout response */
	STATE_CLOSE,	/* until the target closes the connection */
	STATE_VICTIM,	/* the same, as another login or the target ends it */
};

struct session {
	enum state state;
	int fd;
	const struct portal *portal;
	unsigned int initiator;
	__u8 isid[6];
	bool stays;		/* is not ended before the storm is over */
	__s64 deadline;		/* ms; while it is live */
	struct record *record;	/* once it is logged in */
	__u32 exp_stat_sn;
	struct pdu pdu;		/* what is being received */
	size_t have;		/* bytes of it */
	size_t skip;		/* bytes of its data that are still to come */
};

/* options.c */
extern struct options options;
extern const char * const end_names[];
void parse_options(int argc, char **argv);

/* storm.c */
__s64 now_ms(void);
__u32 random_below(__u32 limit);
struct record *new_record(void);
void die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* session.c */
extern int epoll_fd;
extern __s64 last_progress;
extern unsigned int alive, settled;
void session_start(struct session *session, unsigned int number, bool stays,
		   struct session *victim);
void session_event(struct session *session);
void session_end(struct session *session, enum end end);
void session_fail(const struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

#endif
