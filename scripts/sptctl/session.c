// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "reader.h"
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

int session_fetch(int fd, __u64 cookie, struct session *session)
{
	struct iscsitgt_spt_session_info *info = &session->info;
	__u64 age;
	int err;

	err = spt_info(fd, cookie, info);
	if (err)
		return err;
	terminate(info);
	age = ns_since(info->login_time);
	session->age = age / NSEC_PER_SEC;
	session->login = (now(CLOCK_REALTIME) - age) / NSEC_PER_SEC;
	session->ending = info->ending_since ?
			  ns_since(info->ending_since) / NSEC_PER_SEC : 0;
	return 0;
}

static void add_cookie(__u64 **cookies, size_t *count, __u64 cookie)
{
	const size_t step = 64;

	if (!(*count % step))
		*cookies = xreallocarray(*cookies, *count + step, sizeof(cookie));
	(*cookies)[(*count)++] = cookie;
}

/* Of a session that ends meanwhile too: it is left out when it is looked up. */
static int read_cookies(int fd, __u64 **cookies, size_t *count)
{
	struct reader reader;
	union record record;
	int err;

	*cookies = NULL;
	*count = 0;
	reader_init(&reader, fd);
	do {
		err = reader_next(&reader, &record);
		if (err == -EPIPE)
			*count = 0;
		else if (!err && record_is_start(&record))
			add_cookie(cookies, count, record.start.it_nexus_handle);
	} while (!err || err == -EPIPE);
	return err == -EAGAIN ? 0 : err;
}

static int compare_cookies(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

/* Cookies are given out in order, so theirs is the order of age. */
static int sort_cookies(__u64 *cookies, size_t count)
{
	size_t i;

	if (count)
		qsort(cookies, count, sizeof(*cookies), compare_cookies);
	for (i = 1; i < count; i++)
		if (cookies[i] == cookies[i - 1])
			return -EPROTO;
	return 0;
}

/* A session that ended since it was listed is left out: it is gone. */
static int fetch_each(int fd, const __u64 *cookies, size_t count,
		      struct session *sessions, size_t *found)
{
	size_t i;
	int err;

	*found = 0;
	for (i = 0; i < count; i++) {
		err = session_fetch(fd, cookies[i], &sessions[*found]);
		if (!err)
			(*found)++;
		else if (err != -ENOENT)
			return err;
	}
	return 0;
}

int session_fetch_all(int fd, struct session **sessions, size_t *count)
{
	__u64 *cookies;
	size_t listed;
	int err;

	err = read_cookies(fd, &cookies, &listed);
	*sessions = xcalloc(listed, sizeof(**sessions));
	if (!err)
		err = sort_cookies(cookies, listed);
	if (!err)
		err = fetch_each(fd, cookies, listed, *sessions, count);
	if (err)
		free(*sessions);
	free(cookies);
	return err;
}
