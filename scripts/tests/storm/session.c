// SPDX-License-Identifier: GPL-2.0
/*
 * One session: what it says and what it expects.
 *
 * Every request is small and is sent only when the one before it has been
 * answered, so there is always room for it in the socket's buffer.
 */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "storm.h"

/*
 * All the keys that LIO would ask for otherwise, so that one request is enough.
 * Time2Retain is never waited for, as LIO ends a session whose connection fails
 * without it; but 0 would let its timer expire in a reinstatement, and LIO takes
 * locks in there that it must not.
 */
#define KEYS \
	"SessionType=Normal\0" \
	"HeaderDigest=None\0DataDigest=None\0MaxConnections=1\0" \
	"InitialR2T=Yes\0ImmediateData=Yes\0" \
	"MaxRecvDataSegmentLength=65536\0MaxBurstLength=262144\0" \
	"FirstBurstLength=65536\0DefaultTime2Wait=2\0" \
	"DefaultTime2Retain=20\0MaxOutstandingR2T=1\0" \
	"DataPDUInOrder=Yes\0DataSequenceInOrder=Yes\0" \
	"ErrorRecoveryLevel=0\0IFMarker=No\0OFMarker=No"

/* Names have at most 223 bytes. */
#define TEXT_SIZE	1024

int epoll_fd;
__s64 last_progress;
/* Slots in use, and those of them that stay and have nothing more to do. */
unsigned int alive, settled;

static const char * const state_names[] = {
	[STATE_FREE] = "not started",
	[STATE_CONNECT] = "connecting",
	[STATE_LOGIN] = "logging in",
	[STATE_PING] = "waiting for its ping",
	[STATE_LIVE] = "logged in",
	[STATE_LOGOUT] = "logging out",
	[STATE_CLOSE] = "logged out, waiting for the close",
	[STATE_VICTIM] = "being ended by the target",
};

void session_fail(const struct session *session, const char *format, ...)
{
	const __u8 *isid = session->isid;
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	die(NAME_FORMAT " %02x%02x%02x%02x%02x%02x at %s, %s: %s",
	    session->initiator, isid[0], isid[1], isid[2], isid[3], isid[4],
	    isid[5], session->portal->name,
	    state_names[session->state], text);
}

static void set_state(struct session *session, enum state state)
{
	session->state = state;
	last_progress = now_ms();
}

static void release(struct session *session)
{
	close(session->fd);
	set_state(session, STATE_FREE);
	alive--;
}

static void watch(struct session *session, int operation, __u32 events)
{
	struct epoll_event event = { .events = events, .data.ptr = session };

	if (epoll_ctl(epoll_fd, operation, session->fd, &event))
		session_fail(session, "epoll_ctl: %s", strerror(errno));
}

/* May the target end a session, though nobody asked it to? */
static bool may_be_stopped(const struct session *session)
{
	return options.stopped && session->record && !session->stays;
}

/* Send @size bytes that begin with @pdu, and complete that before. */
static void transmit(struct session *session, struct pdu *pdu, size_t size)
{
	size_t length = size - sizeof(*pdu);
	ssize_t sent;

	pdu->opcode |= IMMEDIATE;
	pdu->flags |= FINAL;
	pdu->length[1] = length >> 8;
	pdu->length[2] = length;
	pdu->cmd_sn = htobe32(1);
	pdu->exp_stat_sn = htobe32(session->exp_stat_sn);
	sent = send(session->fd, pdu, (size + 3) & ~3UL, MSG_NOSIGNAL);
	/* That it was stopped is seen when it is read. */
	if (sent < 0 && may_be_stopped(session))
		return;
	if (sent < 0)
		session_fail(session, "send: %s", strerror(errno));
	if ((size_t)sent < size)
		session_fail(session, "the socket takes no more");
}

static void send_login(struct session *session, bool first)
{
	struct {
		struct pdu pdu;
		char text[TEXT_SIZE];
	} request = {
		.pdu.opcode = LOGIN,
		.pdu.flags = OPERATIONAL | FULL_FEATURE,
	};
	int length = 0;

	memcpy(request.pdu.isid, session->isid, sizeof(request.pdu.isid));
	if (first) {
		length = snprintf(request.text, TEXT_SIZE - sizeof(KEYS),
				  "InitiatorName=" NAME_FORMAT "%cTargetName=%s",
				  session->initiator, 0, options.target) + 1;
		memcpy(request.text + length, KEYS, sizeof(KEYS));
		length += sizeof(KEYS);
	}
	transmit(session, &request.pdu, sizeof(request.pdu) + length);
}

static void send_request(struct session *session, __u8 opcode, __u8 flags,
			 __u32 task_tag, __u32 transfer_tag)
{
	struct pdu request = {
		.opcode = opcode,
		.flags = flags,
		.task_tag = task_tag,
		.transfer_tag = transfer_tag,
	};

	transmit(session, &request, sizeof(request));
}

/*
 * The serial number makes the ISID unique within this run, and the seed among
 * runs side by side.  Type "random", so it is ours to choose.
 */
static void set_isid(struct session *session, unsigned int number)
{
	__u32 serial = htobe32(number);
	__u16 qualifier = htobe16(options.seed);

	session->isid[0] = 0x80;
	memcpy(session->isid + 1, (__u8 *)&serial + 1, 3);
	memcpy(session->isid + 4, &qualifier, sizeof(qualifier));
}

/* Take the place of a live session, which the target ends for that. */
static void reinstate(struct session *session, struct session *victim)
{
	session->portal = victim->portal;
	session->initiator = victim->initiator;
	memcpy(session->isid, victim->isid, sizeof(session->isid));
	victim->record->end = END_REINSTATED;
	set_state(victim, STATE_VICTIM);
}

void session_start(struct session *session, unsigned int number, bool stays,
		   struct session *victim)
{
	memset(session, 0, sizeof(*session));
	session->stays = stays;
	session->portal = &options.portals[number % options.portal_count];
	session->initiator = random_below(options.initiators);
	if (victim)
		reinstate(session, victim);
	else
		set_isid(session, number);

	alive++;
	set_state(session, STATE_CONNECT);
	session->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (session->fd < 0)
		session_fail(session, "socket: %s", strerror(errno));
	if (connect(session->fd, (struct sockaddr *)&session->portal->address,
		    sizeof(session->portal->address)) && errno != EINPROGRESS)
		session_fail(session, "connect: %s", strerror(errno));
	watch(session, EPOLL_CTL_ADD, EPOLLOUT);
}

/* Or it could not be connected: that is the error of the first request. */
static void connected(struct session *session)
{
	watch(session, EPOLL_CTL_MOD, EPOLLIN);
	send_login(session, true);
	set_state(session, STATE_LOGIN);
}

static void live(struct session *session)
{
	set_state(session, STATE_LIVE);
	session->deadline = last_progress + options.linger_min +
		random_below(options.linger_max - options.linger_min + 1);
	settled += session->stays;
}

static void logged_in(struct session *session)
{
	struct record *record = new_record();

	record->initiator = session->initiator;
	memcpy(record->isid, session->isid, sizeof(record->isid));
	record->tsih = be16toh(session->pdu.tsih);
	session->record = record;
	if (options.no_ping) {
		live(session);
		return;
	}
	/*
	 * LIO answers a login before it registers the session, and begins to
	 * read only after that.
	 */
	send_request(session, NOP_OUT, 0, 0, htobe32(NO_TAG));
	set_state(session, STATE_PING);
}

void session_end(struct session *session, enum end end)
{
	session->record->end = end;
	if (end == END_STOPPED) {
		set_state(session, STATE_VICTIM);
		return;
	}
	if (end == END_DROP) {
		release(session);
		return;
	}
	send_request(session, LOGOUT, CLOSE_SESSION, 0, 0);
	set_state(session, STATE_LOGOUT);
}

static void stray(const struct session *session)
{
	session_fail(session, "unexpected PDU, opcode %#x",
		     session->pdu.opcode & OPCODE);
}

static void expect(const struct session *session, enum state state)
{
	if (session->state != state)
		stray(session);
}

static void login_response(struct session *session)
{
	const struct pdu *pdu = &session->pdu;

	expect(session, STATE_LOGIN);
	if (pdu->status[0] || pdu->status[1])
		session_fail(session, "refused, status %02x%02x",
			     pdu->status[0], pdu->status[1]);
	if (pdu->flags & FINAL)
		logged_in(session);
	else
		send_login(session, false);
}

/*
 * The answer to our ping, or a ping of the target: it asks whether we are there
 * when a session is idle for long.
 */
static void nop_in(struct session *session)
{
	__u32 no_tag = htobe32(NO_TAG);

	if (session->pdu.task_tag != no_tag) {
		expect(session, STATE_PING);
		live(session);
	} else if (session->pdu.transfer_tag != no_tag &&
		   session->state <= STATE_LIVE) {
		send_request(session, NOP_OUT, 0, no_tag,
			     session->pdu.transfer_tag);
	}
}

static void logout_response(struct session *session)
{
	expect(session, STATE_LOGOUT);
	if (session->pdu.response)
		session_fail(session, "refused, response %02x",
			     session->pdu.response);
	set_state(session, STATE_CLOSE);
}

static void handle(struct session *session)
{
	const struct pdu *pdu = &session->pdu;

	session->skip = pdu->ahs_length * 4 +
		(((pdu->length[0] << 16 | pdu->length[1] << 8 |
		   pdu->length[2]) + 3) & ~3);
	/* One that the target sends by itself has no number of its own. */
	if (pdu->task_tag != htobe32(NO_TAG))
		session->exp_stat_sn = be32toh(pdu->stat_sn) + 1;

	switch (pdu->opcode & OPCODE) {
	case LOGIN_RESPONSE:
		login_response(session);
		break;
	case NOP_IN:
		nop_in(session);
		break;
	case LOGOUT_RESPONSE:
		logout_response(session);
		break;
	default:
		stray(session);
	}
}

/* Collect headers, and pass over data: nothing that is in it matters here. */
static void feed(struct session *session, __u8 byte)
{
	if (session->skip) {
		session->skip--;
		return;
	}
	((__u8 *)&session->pdu)[session->have++] = byte;
	if (session->have == sizeof(struct pdu)) {
		session->have = 0;
		handle(session);
	}
}

static void closed(struct session *session, const char *why)
{
	if (session->state != STATE_CLOSE && session->state != STATE_VICTIM) {
		if (!may_be_stopped(session))
			session_fail(session, "%s", why);
		session->record->end = END_STOPPED;
	}
	release(session);
}

/* The socket has become writable or readable. */
void session_event(struct session *session)
{
	__u8 buffer[8192];
	ssize_t size, i;

	if (session->state == STATE_CONNECT) {
		connected(session);
		return;
	}
	size = recv(session->fd, buffer, sizeof(buffer), 0);
	for (i = 0; i < size; i++)
		feed(session, buffer[i]);
	if (!size)
		closed(session, "the target closed the connection");
	else if (size < 0 && errno != EAGAIN)
		closed(session, strerror(errno));
}
