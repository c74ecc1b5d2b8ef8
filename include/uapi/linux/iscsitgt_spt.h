/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * iSCSI target session pass-through: list, watch and end single sessions of
 * LIO.
 *
 * The records are those of Microsoft's iSCSI target pass-through interface
 * (Windows Server 2012 R2: SRB_IO_CONTROL and IOCTL_SCSI_MINIPORT in
 * ntddscsi.h, the ISCSITGT_SPT_* structures), in the natural x64 layout,
 * little-endian, the same for 32- and 64-bit callers.  The comments give each
 * structure's and member's name there in brackets.
 *
 * /dev/iscsitgt_spt is a misc device, 0600 root.  open() needs CAP_SYS_ADMIN
 * in the initial user namespace (EPERM) and reads LIO's sessions (ENOMEM,
 * EINTR; EBUSY when more and more log in, faster than they can be read).
 *
 * ioctl(fd, IOCTL_SCSI_MINIPORT, record) answers by errno and, whenever the
 * header could be read, by &srb_io_control.return_code:
 *
 * 0, SRB_STATUS_SUCCESS
 *	Done.  For SESSION_END: the session has left LIO.  For SESSION_EVICT: no
 *	session of the initiator is there, and none comes until its hold ends.
 * 0, SRB_STATUS_PENDING
 *	SESSION_END or SESSION_EVICT with Timeout 0: the end has begun, or will as
 *	soon as nobody keeps configfs locked.
 * EFAULT
 *	The record could not be read or written; return_code means nothing.
 * EINVAL, SRB_STATUS_INVALID_REQUEST
 *	HeaderLength, Signature, Length or padding is wrong, or flags, operation,
 *	seconds or names of SESSION_EVICT and HOLD.  Nothing was done.
 * EOPNOTSUPP, SRB_STATUS_INVALID_REQUEST
 *	No such ControlCode; or SESSION_EVICT or HOLD where logins cannot be
 *	refused: that takes an ftrace that is enabled and that nobody else redirects
 *	LIO's function by, and not the module parameter kprobes=N; see the kernel's
 *	log.  Nothing was done.
 * ENOENT, SRB_STATUS_NO_DEVICE
 *	No session has this cookie (any more); no such hold.
 * ENOSPC, SRB_STATUS_BUSY
 *	As many holds are set as the module parameter holds allows.  Nothing was
 *	done.
 * EBUSY, SRB_STATUS_BUSY
 *	SESSION_LIST: more and more log in, faster than they can be read.
 * ETIMEDOUT, SRB_STATUS_TIMEOUT
 *	The deadline passed; the session is still ending and goes on to.  The hold
 *	of a SESSION_EVICT stays; or it was over or lifted before, and was the end
 *	of the wait.
 * EINTR, SRB_STATUS_ABORTED
 *	A signal came while waiting.  What was begun goes on.
 * ENOMEM, SRB_STATUS_INTERNAL_ERROR
 *	Out of memory.  Nothing was done, but a SESSION_EVICT may have begun: then
 *	its hold is set, and goes on to evict.
 * ENOTTY
 *	Another ioctl number; return_code is not written.
 *
 * Before anything is done, return_code is set to SRB_STATUS_PENDING; memory
 * that cannot be written gets EFAULT and nothing done.  O_NONBLOCK is for
 * read() only.
 *
 * read() gives whole records, as many as fit: first one &struct
 * iscsitgt_spt_session_start for every session alive at open(), then, as they
 * happen, one &struct iscsitgt_spt_session_start for each session that starts
 * and one &struct iscsitgt_spt_session_stop for each that has left LIO, of
 * those that were told.  Each session gets exactly one of each, START first.
 * A STOP can be read before a SESSION_END for the same cookie answers.  At the
 * end of the records read() blocks, or fails with EAGAIN under O_NONBLOCK.  Step
 * from record to record by header_length + length, and skip a control_code
 * that you do not know.
 *
 * EPIPE: this file did not read for so long that records are lost.  It is said
 * once; forget every session then: what follows begins again with one START
 * for every session alive.  Nobody else is concerned.  EINVAL: the buffer is
 * smaller than 1704 bytes.  EINTR: a signal came while waiting.  EFAULT: the
 * first record could not be written.  ENOMEM, and EBUSY after a loss, are as of
 * open().  poll() agrees with read().
 *
 * A file that is opened with O_WRONLY is for requests alone: it is told nothing, so
 * what it costs does not grow with the number of sessions.  read() of it fails with
 * EBADF, and poll() tells of an error.
 *
 * Starts and ends are noticed as they happen, by kprobes.  Where these are not
 * available or silenced (kernel.ftrace_enabled=0), LIO is looked at every 100 ms
 * while somebody has the device open for reading: then a session that lives shorter
 * than that may not be told at all, and causes are unknown more often.  That they are
 * silenced is noticed while somebody has it open, within a second, which
 * is how long it is until then.  So it is also with a session that ends before it
 * was looked at, in a burst of more ends than the module parameter captures.
 */
#ifndef _UAPI_LINUX_ISCSITGT_SPT_H
#define _UAPI_LINUX_ISCSITGT_SPT_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ISCSITGT_SPT_DEVICE		"/dev/iscsitgt_spt"

/* &srb_io_control.signature, without a terminator. */
#define ISCSITGT_SPT_SIGNATURE		"ISCSITGT"

/* &srb_io_control.control_code */
#define CTLCODE_ISCSITGT_SPT_SESSION_START	0x100
#define CTLCODE_ISCSITGT_SPT_SESSION_END	0x101
#define CTLCODE_ISCSITGT_SPT_SESSION_INFO	0x200
#define CTLCODE_ISCSITGT_SPT_SESSION_EVICT	0x201
#define CTLCODE_ISCSITGT_SPT_HOLD		0x202
#define CTLCODE_ISCSITGT_SPT_SESSION_LIST	0x203

/* &srb_io_control.return_code, from ntddscsi.h / srb.h */
#define SRB_STATUS_PENDING		0x00
#define SRB_STATUS_SUCCESS		0x01
#define SRB_STATUS_ABORTED		0x02
#define SRB_STATUS_BUSY			0x05
#define SRB_STATUS_INVALID_REQUEST	0x06
#define SRB_STATUS_NO_DEVICE		0x08
#define SRB_STATUS_TIMEOUT		0x09
#define SRB_STATUS_INTERNAL_ERROR	0x30

/**
 * enum iscsitgt_spt_end_cause - why a session ended
 * @ISCSITGT_SPT_END_UNKNOWN: the end was not seen, or looked like none of
 *	these, such as Time2Retain that is over at ErrorRecoveryLevel 2
 * @ISCSITGT_SPT_END_STOPPED: a SESSION_END failed its connections.  Sure that
 *	it did, that nothing else was seen to end the session before, and that it
 *	then ended neither by a logout nor by removal; a connection that was lost
 *	by itself, or a new login of the I_T nexus, at that moment looks the same
 * @ISCSITGT_SPT_END_LOGOUT: the initiator logged out, closing the session (RFC
 *	7143 section 11.14.1, reason code 0), or its last connection (reason code
 *	1) at ErrorRecoveryLevel 0 or 1, when Time2Retain is over.  Sure
 * @ISCSITGT_SPT_END_CONNECTION_LOST: a connection failed, and with it the session
 *	at ErrorRecoveryLevel 0 or 1.  Sure that LIO took it so; who closed the
 *	connection, initiator, network or ``ss -K``, LIO does not know
 * @ISCSITGT_SPT_END_REINSTATED: a new login of the same I_T nexus replaced it
 *	(RFC 7143 section 6.3.5), or the ACL's queue depth was changed, for which
 *	LIO does the same
 * @ISCSITGT_SPT_END_REMOVED: its TPG was disabled or removed, or its ACL
 *	removed.  Sure that this was done while LIO closed the session; one that
 *	a new login was about to replace at that moment looks the same
 *
 * &srb_io_control.return_code of a &struct iscsitgt_spt_session_stop that was
 * read; not an SRB_STATUS_*.  More may be added: take one that you do not know
 * for UNKNOWN.
 */
enum iscsitgt_spt_end_cause {
	ISCSITGT_SPT_END_UNKNOWN		= 0,
	ISCSITGT_SPT_END_STOPPED		= 1,
	ISCSITGT_SPT_END_LOGOUT			= 2,
	ISCSITGT_SPT_END_CONNECTION_LOST	= 3,
	ISCSITGT_SPT_END_REINSTATED		= 4,
	ISCSITGT_SPT_END_REMOVED		= 5,
};

/* &srb_io_control.timeout */
#define ISCSITGT_SPT_TIMEOUT_START_ONLY	0
#define ISCSITGT_SPT_TIMEOUT_NONE	0xffffffffU

/* In UTF-16 code units, the terminator included. */
#define SCSI_PASS_THROUGH_MAX_IPADDR_STRING_LENGTH	64
#define SCSI_PASS_THROUGH_MAX_ITNEXUS_STRING_LENGTH	512
#define SCSI_PASS_THROUGH_MAX_CHAP_USERNAME_LENGTH	256

/* In bytes, the terminator included: RFC 7143 section 4.2.7.1 has 223. */
#define ISCSITGT_SPT_NAME_LENGTH	224
#define ISCSITGT_SPT_ADDRESS_LENGTH	64
#define ISCSITGT_SPT_ACL_TAG_LENGTH	64
#define ISCSITGT_SPT_CHAP_USER_LENGTH	256

/* How many connections of a session are told. */
#define ISCSITGT_SPT_CONNECTION_STATES	8

/**
 * struct srb_io_control - the header of every record [SRB_IO_CONTROL]
 * @header_length: in bytes: 28 [HeaderLength]
 * @signature: ISCSITGT_SPT_SIGNATURE [Signature]
 * @timeout: seconds that SESSION_END or SESSION_EVICT may take;
 *	ISCSITGT_SPT_TIMEOUT_START_ONLY starts it and does not wait, so it answers
 *	PENDING, or SUCCESS if it is done already; ISCSITGT_SPT_TIMEOUT_NONE sets
 *	no limit; without meaning for other requests; 0 in a record that was read
 *	[Timeout]
 * @control_code: a CTLCODE_ISCSITGT_SPT_* [ControlCode]
 * @return_code: written: an SRB_STATUS_*, but in a &struct
 *	iscsitgt_spt_session_stop that was read an &enum iscsitgt_spt_end_cause
 *	[ReturnCode]
 * @length: in bytes: what follows this header [Length]
 *
 * 28 bytes.
 */
struct srb_io_control {
	__u32 header_length;
	__u8 signature[8];
	__u32 timeout;
	__u32 control_code;
	__u32 return_code;
	__u32 length;
};

/**
 * struct iscsitgt_spt_session_stop - end one session, or, as read, one has
 *	ended [ISCSITGT_SPT_SESSION_STOP]
 * @header: ControlCode 0x101, Length 12 [Header]
 * @reserved: 0
 * @it_nexus_handle: the session's SESSION_COOKIE; never 0 [ITNexusHandle]
 *
 * 40 bytes.  Ends the session as a failed connection would (RFC 7143 section
 * 7.13 and its ErrorRecoveryLevel 0), and waits until LIO has deregistered
 * it.  Idempotent: every caller for the same cookie waits for the same end.
 * Who began it and calls again after the end gets ENOENT.  A session that has
 * no connection left ends when its Time2Retain is over.
 *
 * As read: LIO has deregistered the session that the START of this cookie told.
 */
struct iscsitgt_spt_session_stop {
	struct srb_io_control header;
	__u32 reserved;
	__aligned_u64 it_nexus_handle;
};

/**
 * struct iscsitgt_spt_session_start - a session there is, as read
 *	[ISCSITGT_SPT_SESSION_START]
 * @header: ControlCode 0x100, Length 1676, ReturnCode SUCCESS [Header]
 * @is_reinstated: 1 if it replaced an older session of the same I_T nexus (RFC
 *	7143 section 6.3.5): LIO was seen to end one as it does for a new login,
 *	whatever cause its end gives, and when that was seen, the login of this
 *	one had begun.  0 if not, if that was not seen, or if it was before this
 *	module was loaded [IsReinstated]
 * @it_nexus_handle: its SESSION_COOKIE: never 0, the same for as long as the
 *	session lives and the module is loaded, not given to another session
 *	while the machine is up [ITNexusHandle]
 * @peer_address: address of the first connection, as text without port; empty
 *	if it had none when it was first seen, such as a session that ended within
 *	a moment of its login [PeerAddress]
 * @it_nexus: the SCSI I_T nexus name (RFC 7143 section 4.4):
 *	``initiator,i,0x<ISID, 12 hex digits>,target,t,0x<TPGT, 4 hex digits>``,
 *	digits in lower case [ITNexus]
 * @chap_user_name: the name it authenticated by; empty without CHAP; see
 *	&iscsitgt_spt_session_info.chap_user [ChapUserName]
 *
 * 1704 bytes.  Text is UTF-16LE, NUL-terminated and zero-filled; a byte that
 * is not UTF-8 in LIO reads as U+FFFD.
 */
struct iscsitgt_spt_session_start {
	struct srb_io_control header;
	__u32 is_reinstated;
	__aligned_u64 it_nexus_handle;
	__u16 peer_address[SCSI_PASS_THROUGH_MAX_IPADDR_STRING_LENGTH];
	__u16 it_nexus[SCSI_PASS_THROUGH_MAX_ITNEXUS_STRING_LENGTH];
	__u16 chap_user_name[SCSI_PASS_THROUGH_MAX_CHAP_USERNAME_LENGTH];
};

/**
 * enum iscsitgt_spt_session_state - target session state, RFC 7143 section 8.3
 * @ISCSITGT_SPT_STATE_FREE: Q1: closed, LIO is releasing it
 * @ISCSITGT_SPT_STATE_ACTIVE: Q2: the first connection is logging in
 * @ISCSITGT_SPT_STATE_LOGGED_IN: Q3: full feature phase
 * @ISCSITGT_SPT_STATE_FAILED: Q4: no connection left, waiting for Time2Retain
 * @ISCSITGT_SPT_STATE_IN_CONTINUE: Q5: a new connection is continuing it
 */
enum iscsitgt_spt_session_state {
	ISCSITGT_SPT_STATE_FREE		= 1,
	ISCSITGT_SPT_STATE_ACTIVE	= 2,
	ISCSITGT_SPT_STATE_LOGGED_IN	= 3,
	ISCSITGT_SPT_STATE_FAILED	= 4,
	ISCSITGT_SPT_STATE_IN_CONTINUE	= 5,
};

/**
 * enum iscsitgt_spt_connection_state - target connection state, RFC 7143 section
 *	8.1.3
 * @ISCSITGT_SPT_CONNECTION_NONE: there is no such connection
 * @ISCSITGT_SPT_CONNECTION_FREE: S1: closed
 * @ISCSITGT_SPT_CONNECTION_XPT_UP: S3: waiting for the login to begin
 * @ISCSITGT_SPT_CONNECTION_IN_LOGIN: S4
 * @ISCSITGT_SPT_CONNECTION_LOGGED_IN: S5: full feature phase
 * @ISCSITGT_SPT_CONNECTION_IN_LOGOUT: S6
 * @ISCSITGT_SPT_CONNECTION_LOGOUT_REQUESTED: S7
 * @ISCSITGT_SPT_CONNECTION_CLEANUP_WAIT: S8: failed; LIO is closing it, or waits
 *	for its initiator to continue it
 */
enum iscsitgt_spt_connection_state {
	ISCSITGT_SPT_CONNECTION_NONE			= 0,
	ISCSITGT_SPT_CONNECTION_FREE			= 1,
	ISCSITGT_SPT_CONNECTION_XPT_UP			= 3,
	ISCSITGT_SPT_CONNECTION_IN_LOGIN		= 4,
	ISCSITGT_SPT_CONNECTION_LOGGED_IN		= 5,
	ISCSITGT_SPT_CONNECTION_IN_LOGOUT		= 6,
	ISCSITGT_SPT_CONNECTION_LOGOUT_REQUESTED	= 7,
	ISCSITGT_SPT_CONNECTION_CLEANUP_WAIT		= 8,
};

/* &iscsitgt_spt_session_info.flags */
/* The ACL is one that LIO made up (demo mode, generate_node_acls). */
#define ISCSITGT_SPT_FLAG_DEMO_ACL	(1U << 0)
/* A discovery session.  LIO does not show these, so it is not set yet. */
#define ISCSITGT_SPT_FLAG_DISCOVERY	(1U << 1)
/* Its first connection is iSER (RFC 7145). */
#define ISCSITGT_SPT_FLAG_ISER		(1U << 2)
/* Somebody is ending it: a SESSION_END, a logout, LIO's configuration. */
#define ISCSITGT_SPT_FLAG_ENDING	(1U << 3)

/**
 * struct iscsitgt_spt_session_info - everything known of one session
 * @header: ControlCode 0x200; Length at least 12 and at most 4096, and not
 *	changed: a shorter record gets the part it has room for, a longer one
 *	the rest zeroed
 * @reserved: 0
 * @it_nexus_handle: the session's SESSION_COOKIE
 * @state: an &enum iscsitgt_spt_session_state
 * @flags: ISCSITGT_SPT_FLAG_*
 * @sid: LIO's session ID, counted per TPG
 * @tsih: target session identifying handle (RFC 7143 section 11.12.6)
 * @tpgt: target portal group tag
 * @isid: initiator session ID (RFC 7143 section 11.12.5)
 * @error_recovery_level: 0 to 2 (RFC 7143 section 7.1.5)
 * @reserved2: 0
 * @connections: how many connections it has
 * @time2retain: DefaultTime2Retain in seconds: how long it outlives its last
 *	connection when that is lost (RFC 7143 section 13.16)
 * @login_time: when its login began, ns of CLOCK_BOOTTIME, to a jiffy; LIO
 *	notes it in jiffies, so a suspend between the login and the first time
 *	that this module saw the session makes it that much later
 * @command_pdus: SCSI commands received, as LIO counts them
 * @response_pdus: responses sent, as LIO counts them
 * @rx_bytes: data bytes received from the initiator, as LIO counts them
 * @tx_bytes: data bytes sent to the initiator, as LIO counts them
 * @initiator_name: iSCSI name of the initiator
 * @target_name: iSCSI name of the target
 * @peer_address: the first connection's remote ``address:port``, an IPv6
 *	address in brackets; empty without a connection
 * @portal_address: the same of the portal it came in by
 * @acl_tag: the ACL's tag, an admin's own text (``tag`` in targetcli)
 * @chap_user: the user name that the ACL or, in demo mode, the TPG asked for
 *	when this session was first seen; empty if it logged in without CHAP,
 *	or if the TPG was disabled then
 * @commands: commands and other requests that LIO has in hand: taken and not
 *	yet answered, or, of a session that is ending, not yet let go of, which
 *	is what its end waits for
 * @time2retain_left: seconds, rounded up, until Time2Retain is over and LIO
 *	closes the session; 0 when that does not run
 * @ending_since: when this module first saw that somebody is ending it, ns of
 *	CLOCK_BOOTTIME; 0 when it did not
 * @connection_states: an &enum iscsitgt_spt_connection_state for each of the
 *	first eight connections
 *
 * 1032 bytes; a caller of the first 1008 of them is served too.  What is written
 * to is valid only with return code SUCCESS.  Text is as LIO has it, meant to be
 * UTF-8, NUL-terminated and zero-filled.  While LIO disables or removes the TPG,
 * a session can be out of sight before it has ended: it has state FREE, flag
 * ENDING, and zero for what changes.  In a TPG that is not enabled, nothing is
 * said of the ACL.
 */
struct iscsitgt_spt_session_info {
	struct srb_io_control header;
	__u32 reserved;
	__aligned_u64 it_nexus_handle;
	__u32 state;
	__u32 flags;
	__u32 sid;
	__u16 tsih;
	__u16 tpgt;
	__u8 isid[6];
	__u8 error_recovery_level;
	__u8 reserved2;
	__u32 connections;
	__u32 time2retain;
	__aligned_u64 login_time;
	__aligned_u64 command_pdus;
	__aligned_u64 response_pdus;
	__aligned_u64 rx_bytes;
	__aligned_u64 tx_bytes;
	char initiator_name[ISCSITGT_SPT_NAME_LENGTH];
	char target_name[ISCSITGT_SPT_NAME_LENGTH];
	char peer_address[ISCSITGT_SPT_ADDRESS_LENGTH];
	char portal_address[ISCSITGT_SPT_ADDRESS_LENGTH];
	char acl_tag[ISCSITGT_SPT_ACL_TAG_LENGTH];
	char chap_user[ISCSITGT_SPT_CHAP_USER_LENGTH];
	__u32 commands;
	__u32 time2retain_left;
	__aligned_u64 ending_since;
	__u8 connection_states[ISCSITGT_SPT_CONNECTION_STATES];
};

/* &iscsitgt_spt_session_info.header.length at most */
#define ISCSITGT_SPT_INFO_MAX_LENGTH	4096

/* &iscsitgt_spt_session_list.count at most */
#define ISCSITGT_SPT_LIST_MAX_COUNT	256

/**
 * struct iscsitgt_spt_session_list - everything known of many sessions
 * @header: ControlCode 0x203; Length 20 + @count * @record_size
 * @reserved: 0
 * @it_nexus_handle: 0 for the oldest sessions, for which LIO is looked at; else what
 *	a request before has written, to go on with those that have a greater
 *	SESSION_COOKIE and were known by then.  Written: what to ask with for the next
 *	ones; 0 if there are no more
 * @count: for how many records there is room, 1 to ISCSITGT_SPT_LIST_MAX_COUNT.
 *	Written: how many are there, which can be none though more follow
 * @record_size: of each record in bytes, header included: 40 to 28 +
 *	ISCSITGT_SPT_INFO_MAX_LENGTH, and a multiple of 8
 * @records: written: each as SESSION_INFO answers it, in as much room; what lies
 *	behind the last one is not written to
 *
 * 48 bytes, and what follows.  Sessions are told in the order of their cookies, the
 * oldest first, each as it is at one moment, those of one request at about the same.
 * Asking on until @it_nexus_handle is 0 tells of every session that is there from the
 * first request to the last one, once; and not always of those that begin or end
 * meanwhile.
 */
struct iscsitgt_spt_session_list {
	struct srb_io_control header;
	__u32 reserved;
	__aligned_u64 it_nexus_handle;
	__u32 count;
	__u32 record_size;
	struct iscsitgt_spt_session_info records[];
};

/* &iscsitgt_spt_session_evict.flags */
/* Refuse the initiator at every target, and stop its sessions there. */
#define ISCSITGT_SPT_EVICT_EVERY_TARGET	(1U << 0)
/* Tell the initiator first, and give it a moment to log out. */
#define ISCSITGT_SPT_EVICT_NOTIFY	(1U << 1)
/* Written: every session that was there was told. */
#define ISCSITGT_SPT_EVICT_NOTIFIED	(1U << 2)

/* Seconds that a hold may last at most: a day. */
#define ISCSITGT_SPT_HOLD_MAX_SECONDS	86400

/**
 * struct iscsitgt_spt_session_evict - stop a session and keep its initiator out
 * @header: ControlCode 0x201, Length 20
 * @reserved: 0
 * @it_nexus_handle: SESSION_COOKIE of a session of the initiator; or of one that
 *	has ended since a SESSION_EVICT for it that set a hold which is still
 *	there: then this one joins that
 * @hold_seconds: how long the initiator is refused, counted from the call on in
 *	boot time, 1 to ISCSITGT_SPT_HOLD_MAX_SECONDS.  A hold that lasts longer
 *	already is not cut short
 * @flags: ISCSITGT_SPT_EVICT_EVERY_TARGET, ISCSITGT_SPT_EVICT_NOTIFY; written
 *	with SUCCESS and PENDING: ISCSITGT_SPT_EVICT_NOTIFIED as well if that was
 *	done, which is none to begin with
 *
 * 48 bytes.  From now on every login of the initiator, at the session's target or
 * at every target, is refused as one that is not authorized (RFC 7143 section
 * 11.13.5, status 0202).  Logins that were let in before are waited for, and every
 * session of the initiator is stopped as by SESSION_END, those in Time2Retain
 * included.  SUCCESS: none is there, and none comes until the hold ends or is
 * lifted, as long as ftrace stays enabled from the call on.  Where the deadline or a
 * signal ends the wait, all that goes on.
 *
 * With NOTIFY, each session is sent an Async Message first (RFC 7143 section
 * 11.9.1, event 2: target drops the connection) with the hold's seconds, at most
 * 65535, as Time2Wait, and has 3 seconds, or half of Timeout if that is less and
 * not 0, and at most half of the hold, to log out before it is stopped.  It is not
 * sent over iSER, where LIO cannot, nor on a session that has no connection or is
 * ending: those are stopped at once, and NOTIFIED is not set.
 *
 * What is refused are logins that begin a session.  One that continues a session, or
 * adds a connection to it, is not, and puts off the end of a session that waits for
 * Time2Retain; once none is left, there is nothing that could be continued.
 *
 * A login that is under way is waited for as long as it takes, also that of another
 * initiator at the same TPG: LIO gives a silent one 15 seconds by default, but lets
 * one that replaces a session wait for that without limit.
 */
struct iscsitgt_spt_session_evict {
	struct srb_io_control header;
	__u32 reserved;
	__aligned_u64 it_nexus_handle;
	__u32 hold_seconds;
	__u32 flags;
};

/**
 * enum iscsitgt_spt_hold_operation - what to do with a hold
 * @ISCSITGT_SPT_HOLD_SET: set one, or change how long it lasts from now on,
 *	shorter too
 * @ISCSITGT_SPT_HOLD_LIFT: end it now.  ENOENT: there is none for these names
 * @ISCSITGT_SPT_HOLD_GET: read the one that has @index.  ENOENT: there are not so
 *	many
 */
enum iscsitgt_spt_hold_operation {
	ISCSITGT_SPT_HOLD_SET	= 1,
	ISCSITGT_SPT_HOLD_LIFT	= 2,
	ISCSITGT_SPT_HOLD_GET	= 3,
};

/**
 * struct iscsitgt_spt_hold - refuse the logins of an initiator for a while
 * @header: ControlCode 0x202, Length 468
 * @operation: an &enum iscsitgt_spt_hold_operation
 * @seconds: SET: how long, in boot time, 1 to ISCSITGT_SPT_HOLD_MAX_SECONDS.
 *	LIFT: 0.  GET: 0; written: what is left, rounded up
 * @index: GET: 0 for the oldest hold, counted up; else 0.  Each lift and each
 *	end moves those behind it
 * @count: 0; written by GET: how many holds there are
 * @reserved: 0
 * @initiator_name: iSCSI name of the initiator, zero-filled; LIFT: empty for one that
 *	was evicted and sent none.  GET: zero; written
 * @target_name: iSCSI name of the target, zero-filled; empty for every target.
 *	GET: zero; written
 *
 * 496 bytes.  Sessions that are there stay, can be continued and get further
 * connections, and logins that were let in before go on; SESSION_EVICT ends both.
 * Names are compared as LIO does, which folds them by the kernel's tolower(): of
 * ASCII, that is what RFC 7143 section 4.2.7.1 and RFC 3722 ask for; of other bytes,
 * those of 0xc0 to 0xde but 0xd7 equal those 0x20 higher.  Holds are kept in memory only:
 * they end when the module is unloaded.
 */
struct iscsitgt_spt_hold {
	struct srb_io_control header;
	__u32 operation;
	__u32 seconds;
	__u32 index;
	__u32 count;
	__u32 reserved;
	char initiator_name[ISCSITGT_SPT_NAME_LENGTH];
	char target_name[ISCSITGT_SPT_NAME_LENGTH];
};

/* Function 0x402, as in Windows; the magic is free in ioctl-number.rst. */
#define ISCSITGT_SPT_IOC_MAGIC		0xBD

/**
 * IOCTL_SCSI_MINIPORT - send a record to the device [IOCTL_SCSI_MINIPORT]
 *
 * Its argument points to a &struct srb_io_control and the bytes after it.
 */
#define IOCTL_SCSI_MINIPORT \
	_IOWR(ISCSITGT_SPT_IOC_MAGIC, 0x02, struct srb_io_control)

#endif /* _UAPI_LINUX_ISCSITGT_SPT_H */
