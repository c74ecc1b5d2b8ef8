// SPDX-License-Identifier: GPL-2.0
/*
 * SESSION_INFO and SESSION_LIST: everything known of a session, or of many.  What the
 * module remembers is taken of those in the map, what changes is asked of LIO, which
 * is looked through once for all of a list.  No locks of its own.
 *
 * Waits: for memory, under no lock; for spt_registry_lock, interruptible.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "info.h"
#include "lookup.h"
#include "record.h"
#include "registry.h"

/* Returns whether @session is there, of which @info has all but its header then. */
static bool spt_info_settle(struct iscsitgt_spt_session_info *info,
			    const struct spt_session *session,
			    enum spt_presence presence)
{
	/* Goes with spt_look_begin(). */
	if (smp_load_acquire(&session->ending))
		info->flags |= ISCSITGT_SPT_FLAG_ENDING;
	info->ending_since = READ_ONCE(session->ending_since);
	if (presence == SPT_HIDDEN) {
		info->state = ISCSITGT_SPT_STATE_FREE;
		info->flags |= ISCSITGT_SPT_FLAG_ENDING;
	}
	return presence != SPT_GONE;
}

/**
 * spt_info - everything known of one session
 * @info: the request, zeroed but for its header and cookie; filled in
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL or -ENOENT.
 */
int spt_info(struct iscsitgt_spt_session_info *info)
{
	struct spt_session *session;
	bool is_there;

	if (info->reserved)
		return -EINVAL;
	session = spt_registry_get(info->it_nexus_handle);
	if (!session)
		return -ENOENT;
	spt_record_info(info, session);
	is_there = spt_info_settle(info, session, spt_lookup_info(&session->id, info));
	spt_session_put(session);
	return is_there ? 0 : -ENOENT;
}

/*
 * The list is taken apart as it is made.
 * @sessions: with a reference each, the oldest first
 * @wanted: one for each
 * @infos: one for each
 * @count: of them
 * @record_size: that each has as it is written
 */
struct spt_listing {
	struct spt_session **sessions;
	struct spt_wanted *wanted;
	struct iscsitgt_spt_session_info *infos;
	size_t count;
	u32 record_size;
};

static void spt_listing_ask(struct spt_listing *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		spt_header_fill(&list->infos[i].header, CTLCODE_ISCSITGT_SPT_SESSION_INFO,
				list->record_size - sizeof(struct srb_io_control));
		spt_record_info(&list->infos[i], list->sessions[i]);
		list->wanted[i].id = &list->sessions[i]->id;
		list->wanted[i].info = &list->infos[i];
	}
	spt_lookup_all(list->wanted, list->count);
}

/* Those that are there move up, in their order.  Returns how many. */
static size_t spt_listing_settle(struct spt_listing *list)
{
	size_t there = 0, i;

	for (i = 0; i < list->count; i++) {
		struct spt_wanted *wanted = &list->wanted[i];
		size_t at = wanted->info - list->infos;

		if (!spt_info_settle(wanted->info, list->sessions[at], wanted->presence))
			wanted->info->it_nexus_handle = 0;
	}
	for (i = 0; i < list->count; i++) {
		if (!list->infos[i].it_nexus_handle)
			continue;
		if (there < i)
			list->infos[there] = list->infos[i];
		there++;
	}
	return there;
}

static void spt_listing_free(struct spt_listing *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		spt_session_put(list->sessions[i]);
	kvfree(list->wanted);
	kvfree(list->sessions);
}

static int spt_listing_alloc(struct spt_listing *list, size_t room)
{
	list->sessions = kvcalloc(room, sizeof(*list->sessions), GFP_KERNEL);
	list->wanted = kvcalloc(room, sizeof(*list->wanted), GFP_KERNEL);
	list->infos = kvcalloc(room, sizeof(*list->infos), GFP_KERNEL);
	return list->sessions && list->wanted && list->infos ? 0 : -ENOMEM;
}

static bool spt_listing_is_valid(const struct iscsitgt_spt_session_list *list)
{
	return !list->reserved && list->count &&
	       list->count <= ISCSITGT_SPT_LIST_MAX_COUNT &&
	       list->record_size >= sizeof(struct iscsitgt_spt_session_stop) &&
	       list->record_size <= SPT_INFO_MAX_SIZE &&
	       !(list->record_size % __alignof__(struct iscsitgt_spt_session_info)) &&
	       list->header.length == SPT_LIST_LENGTH + list->count * list->record_size;
}

/* The first request sees all that there are; @room is made no larger than that needs. */
static int spt_listing_look(u64 cookie, size_t *room)
{
	size_t count;
	int ret;

	if (cookie)
		return 0;
	ret = spt_registry_count(&count);
	if (ret)
		return ret == -ERESTARTSYS ? -EINTR : ret;
	/* One that stays empty tells that there are no more. */
	*room = min(*room, count + 1);
	return 0;
}

/**
 * spt_info_list - everything known of many sessions
 * @list: the request; its count and cookie are written
 * @infos: set to as many records, which the caller kvfree()s
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -ENOMEM, -EINTR, -EOVERFLOW when there are no more cookies, or
 *	-EBUSY when sessions log in faster than they can be looked at.
 */
int spt_info_list(struct iscsitgt_spt_session_list *list,
		  struct iscsitgt_spt_session_info **infos)
{
	struct spt_listing all = { .record_size = list->record_size };
	size_t room = list->count;
	int ret;

	if (!spt_listing_is_valid(list))
		return -EINVAL;
	ret = spt_listing_look(list->it_nexus_handle, &room);
	if (ret)
		return ret;
	ret = spt_listing_alloc(&all, room);
	if (ret)
		goto free;
	all.count = spt_registry_get_after(list->it_nexus_handle, all.sessions, room);
	list->it_nexus_handle = all.count < room ? 0 :
				all.sessions[all.count - 1]->cookie;
	spt_listing_ask(&all);
	list->count = spt_listing_settle(&all);
	*infos = all.infos;
	all.infos = NULL;
free:
	spt_listing_free(&all);
	kvfree(all.infos);
	return ret;
}
