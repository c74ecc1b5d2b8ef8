/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints of the group iscsitgt_spt. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM iscsitgt_spt

#if !defined(ISCSITGT_SPT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ISCSITGT_SPT_TRACE_H

#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "session.h"

#ifndef ISCSITGT_SPT_TRACE_CLEAN
#define ISCSITGT_SPT_TRACE_CLEAN
/* Initiators and programs choose their names, line ends included. */
static inline void spt_trace_clean(char *text)
{
	for (; *text; text++) {
		if (iscntrl(*text))
			*text = '?';
	}
}
#endif

TRACE_DEFINE_ENUM(ISCSITGT_SPT_END_UNKNOWN);
TRACE_DEFINE_ENUM(ISCSITGT_SPT_END_STOPPED);
TRACE_DEFINE_ENUM(ISCSITGT_SPT_END_LOGOUT);
TRACE_DEFINE_ENUM(ISCSITGT_SPT_END_CONNECTION_LOST);
TRACE_DEFINE_ENUM(ISCSITGT_SPT_END_REINSTATED);
TRACE_DEFINE_ENUM(ISCSITGT_SPT_END_REMOVED);

DECLARE_EVENT_CLASS(spt_session_class,
	TP_PROTO(const struct spt_session *session),
	TP_ARGS(session),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__array(u8, isid, SPT_ISID_LENGTH)
		__field(u16, tpgt)
		__field(u32, cause)
		__field(bool, reinstated)
		__string(initiator, session->facts.initiator)
		__string(target, session->facts.target)
		__string(peer, session->facts.peer)
	),
	TP_fast_assign(
		__entry->cookie = session->cookie;
		memcpy(__entry->isid, session->id.isid, SPT_ISID_LENGTH);
		__entry->tpgt = session->facts.tpgt;
		__entry->cause = session->cause;
		__entry->reinstated = session->reinstated;
		spt_assign_str(initiator, session->facts.initiator);
		spt_trace_clean(__get_str(initiator));
		spt_assign_str(target, session->facts.target);
		spt_assign_str(peer, session->facts.peer);
	),
	TP_printk("cookie=%#llx initiator=%s isid=%*phN target=%s tpgt=%u peer=%s reinstated=%d cause=%s",
		  __entry->cookie, __get_str(initiator), SPT_ISID_LENGTH,
		  __entry->isid, __get_str(target), __entry->tpgt,
		  __get_str(peer), __entry->reinstated,
		  __print_symbolic(__entry->cause,
			{ ISCSITGT_SPT_END_UNKNOWN, "unknown" },
			{ ISCSITGT_SPT_END_STOPPED, "stopped" },
			{ ISCSITGT_SPT_END_LOGOUT, "logout" },
			{ ISCSITGT_SPT_END_CONNECTION_LOST, "connection-lost" },
			{ ISCSITGT_SPT_END_REINSTATED, "reinstated" },
			{ ISCSITGT_SPT_END_REMOVED, "removed" }))
);

/* The cause is not known yet, and means nothing. */
DEFINE_EVENT(spt_session_class, session_start,
	TP_PROTO(const struct spt_session *session),
	TP_ARGS(session));

DEFINE_EVENT(spt_session_class, session_end,
	TP_PROTO(const struct spt_session *session),
	TP_ARGS(session));

TRACE_EVENT(stop_request,
	TP_PROTO(u64 cookie, u32 timeout),
	TP_ARGS(cookie, timeout),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u32, timeout)
		__field(pid_t, pid)
		__field(uid_t, uid)
		__array(char, comm, TASK_COMM_LEN)
	),
	TP_fast_assign(
		__entry->cookie = cookie;
		__entry->timeout = timeout;
		__entry->pid = task_tgid_nr(current);
		__entry->uid = from_kuid(&init_user_ns, current_uid());
		get_task_comm(__entry->comm, current);
		spt_trace_clean(__entry->comm);
	),
	TP_printk("cookie=%#llx timeout=%u pid=%d uid=%u comm=%s",
		  __entry->cookie, __entry->timeout, __entry->pid,
		  __entry->uid, __entry->comm)
);

TRACE_EVENT(login_refused,
	TP_PROTO(const char *initiator_name, const char *target_name),
	TP_ARGS(initiator_name, target_name),
	TP_STRUCT__entry(
		__string(initiator, initiator_name)
		__string(target, target_name)
	),
	TP_fast_assign(
		spt_assign_str(initiator, initiator_name);
		spt_trace_clean(__get_str(initiator));
		spt_assign_str(target, target_name);
	),
	TP_printk("initiator=%s target=%s", __get_str(initiator),
		  __get_str(target))
);

#endif /* ISCSITGT_SPT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
