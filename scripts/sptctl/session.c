// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "session.h"
#include "sptctl.h"

#define NSEC_PER_SEC	1000000000ULL

static __u64 now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* LIO's login time is as coarse as a jiffy: it may lie ahead by one. */
static __u64 ns_since(__u64 time)
{
	__u64 ns = now(CLOCK_BOOTTIME);

	return ns > time ? ns - time : 0;
}

/* Of all text; the device may have left it out. */
static void terminate(struct iscsitgt_spt_session_info *info)
{
	info->initiator_name[sizeof(info->initiator_name) - 1] = '\0';
	info->target_name[sizeof(info->target_name) - 1] = '\0';
	info->peer_address[sizeof(info->peer_address) - 1] = '\0';
	info->portal_address[sizeof(info->portal_address) - 1] = '\0';
	info->acl_tag[sizeof(info->acl_tag) - 1] = '\0';
	info->chap_user[sizeof(info->chap_user) - 1] = '\0';
}

/* Of a session whose @info is set. */
static void complete(struct session *session)
{
	struct iscsitgt_spt_session_info *info = &session->info;
	__u64 age;

	terminate(info);
	age = ns_since(info->login_time);
	session->age = age / NSEC_PER_SEC;
	session->login = (now(CLOCK_REALTIME) - age) / NSEC_PER_SEC;
	session->ending = info->ending_since ?
			  ns_since(info->ending_since) / NSEC_PER_SEC : 0;
}

int session_fetch(int fd, __u64 cookie, struct session *session)
{
	int err = spt_info(fd, cookie, &session->info);

	if (!err)
		complete(session);
	return err;
}

static void add(struct session **sessions, size_t *count,
		const struct iscsitgt_spt_session_list *list)
{
	__u32 i;

	if (!list->count)
		return;
	*sessions = xreallocarray(*sessions, *count + list->count,
				  sizeof(**sessions));
	for (i = 0; i < list->count; i++) {
		(*sessions)[*count].info = list->records[i];
		complete(&(*sessions)[(*count)++]);
	}
}

/* EINTR comes without Ctrl-C too, from a stop and continue. */
int session_fetch_all(int fd, struct session **sessions, size_t *count)
{
	const size_t room = ISCSITGT_SPT_LIST_MAX_COUNT;
	struct iscsitgt_spt_session_list *list;
	int err;

	list = xcalloc(1, sizeof(*list) + room * sizeof(list->records[0]));
	*sessions = NULL;
	*count = 0;
	do {
		list->count = room;
		err = spt_list(fd, list);
		if (!err)
			add(sessions, count, list);
	} while (err == -EINTR || (!err && list->it_nexus_handle));
	if (err)
		free(*sessions);
	free(list);
	return err;
}
