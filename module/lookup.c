// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions of LIO, one or many, by their identities.  No locks of its own.
 */
#include <linux/bitmap.h>
#include <linux/bsearch.h>
#include <linux/hash.h>
#include <linux/sort.h>

#include "lio/lio.h"
#include "lookup.h"

struct spt_search {
	struct lio_visitor visitor;
	struct spt_failing *failing;
	struct iscsitgt_spt_session_info *info;
	struct spt_telling *telling;
	enum iscsitgt_spt_end_cause cause;
	enum spt_presence presence;
};

/*
 * @seconds: how long the initiator should wait
 * @told: it was told
 */
struct spt_telling {
	u16 seconds;
	bool told;
};

static void spt_search_session(struct lio_visitor *visitor,
			       const struct spt_identity *id,
			       struct iscsit_session *sess)
{
	struct spt_search *search =
		container_of(visitor, struct spt_search, visitor);

	search->presence = lio_life_listed(sess) == LIO_CONNECTED ?
			   SPT_CONNECTED : SPT_LISTED;
	search->cause = lio_cause_listed(sess);
	if (search->failing) {
		search->failing->cause = search->cause;
		search->failing->failed = lio_fail_listed(sess);
	}
	if (search->info)
		lio_info_listed(sess, search->info);
	if (search->telling)
		search->telling->told =
			lio_tell_listed(sess, search->telling->seconds);
}

/* It is not listed there. */
static void spt_search_tpg(struct lio_visitor *visitor,
			   const struct lio_tpg_view *view)
{
	struct spt_search *search =
		container_of(visitor, struct spt_search, visitor);

	if (view->unlisted != LIO_UNLISTED_GONE)
		search->presence = SPT_HIDDEN;
}

static struct spt_search spt_search(const struct spt_identity *id,
				    struct spt_search search)
{
	search.visitor = (struct lio_visitor) {
		.only	 = id,
		.session = spt_search_session,
		.tpg	 = spt_search_tpg,
	};
	search.presence = SPT_GONE;
	search.cause = ISCSITGT_SPT_END_UNKNOWN;
	lio_scan(&search.visitor);
	return search;
}

/**
 * spt_lookup - where is a session?
 * @id: any identity, stale ones included
 *
 * Context: process context.  Takes LIO's locks down to session_lock.
 * Return: where it is.
 */
enum spt_presence spt_lookup(const struct spt_identity *id)
{
	return spt_search(id, (struct spt_search) {}).presence;
}

/**
 * spt_lookup_cause - why is LIO ending a session?
 * @id: any identity, stale ones included
 *
 * Context: process context.  Takes LIO's locks down to session_lock.
 * Return: as lio_cause_listed(); UNKNOWN also if LIO does not list it.
 */
enum iscsitgt_spt_end_cause spt_lookup_cause(const struct spt_identity *id)
{
	return spt_search(id, (struct spt_search) {}).cause;
}

/**
 * spt_lookup_fail - fail every connection of a session
 * @id: any identity, stale ones included
 * @failing: set
 *
 * Context: process context.  Takes all of LIO's locks named in lio/scan.c.
 * Return: where the session is; lio_fail_listed() was done if it is
 *	listed.
 */
enum spt_presence spt_lookup_fail(const struct spt_identity *id,
				  struct spt_failing *failing)
{
	*failing = (struct spt_failing) { .cause = ISCSITGT_SPT_END_UNKNOWN };
	return spt_search(id, (struct spt_search) { .failing = failing }).presence;
}

/**
 * spt_lookup_info - what changes of a session
 * @id: any identity, stale ones included
 * @info: filled in as by lio_info_listed() if it is listed
 *
 * Context: process context.  Takes LIO's locks down to cmd_lock.
 * Return: where the session is.
 */
enum spt_presence spt_lookup_info(const struct spt_identity *id,
				  struct iscsitgt_spt_session_info *info)
{
	return spt_search(id, (struct spt_search) { .info = info }).presence;
}

/* Much more than are asked for at a time, so that most others are passed by at once. */
#define SPT_ADDRESS_BITS	12

/*
 * @wanted: sorted, as one scan visits all that LIO has
 * @count: of @wanted
 * @addresses: hashes of theirs
 */
struct spt_search_all {
	struct lio_visitor visitor;
	struct spt_wanted *wanted;
	size_t count;
	DECLARE_BITMAP(addresses, 1 << SPT_ADDRESS_BITS);
};

static int spt_compare(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

/* One that is gone may have had the address of another one. */
static int spt_wanted_compare(const void *a, const void *b)
{
	const struct spt_identity *x = ((const struct spt_wanted *)a)->id;
	const struct spt_identity *y = ((const struct spt_wanted *)b)->id;

	return spt_compare((uintptr_t)x->session, (uintptr_t)y->session) ?:
	       spt_compare(x->created, y->created) ?: spt_compare(x->sid, y->sid);
}

static bool spt_search_all_wants(struct lio_visitor *visitor, const void *session)
{
	struct spt_search_all *search =
		container_of(visitor, struct spt_search_all, visitor);

	return test_bit(hash_ptr(session, SPT_ADDRESS_BITS), search->addresses);
}

static void spt_search_all_session(struct lio_visitor *visitor,
				   const struct spt_identity *id,
				   struct iscsit_session *sess)
{
	struct spt_search_all *search =
		container_of(visitor, struct spt_search_all, visitor);
	const struct spt_wanted key = { .id = id };
	struct spt_wanted *found;

	found = bsearch(&key, search->wanted, search->count, sizeof(key),
			spt_wanted_compare);
	if (!found || !spt_identity_equal(found->id, id))
		return;
	found->presence = SPT_LISTED;
	lio_info_listed(sess, found->info);
}

static void spt_search_all_tpg(struct lio_visitor *visitor,
			       const struct lio_tpg_view *view)
{
	struct spt_search_all *search =
		container_of(visitor, struct spt_search_all, visitor);
	size_t i;

	if (view->unlisted == LIO_UNLISTED_GONE)
		return;
	for (i = 0; i < search->count; i++) {
		struct spt_wanted *wanted = &search->wanted[i];

		if (wanted->presence == SPT_GONE && wanted->id->tpg == view->tpg)
			wanted->presence = SPT_HIDDEN;
	}
}

/**
 * spt_lookup_all - what changes of many sessions
 * @wanted: sessions, of which no two are the same; put into another order
 * @count: of them
 *
 * Context: process context.  Takes LIO's locks down to cmd_lock.
 */
void spt_lookup_all(struct spt_wanted *wanted, size_t count)
{
	struct spt_search_all search = {
		.visitor = {
			.wants	 = spt_search_all_wants,
			.session = spt_search_all_session,
			.tpg	 = spt_search_all_tpg,
		},
		.wanted	= wanted,
		.count	= count,
	};
	size_t i;

	if (!count)
		return;
	for (i = 0; i < count; i++) {
		wanted[i].presence = SPT_GONE;
		__set_bit(hash_ptr(wanted[i].id->session, SPT_ADDRESS_BITS),
			  search.addresses);
	}
	sort(wanted, count, sizeof(*wanted), spt_wanted_compare, NULL);
	lio_scan(&search.visitor);
}

/**
 * spt_lookup_tell - tell a session's initiator that its connection will be dropped
 * @id: any identity, stale ones included
 * @seconds: how long it should wait before it logs in again
 *
 * Context: process context.  Takes all of LIO's locks named in lio/scan.c.
 * Return: as lio_tell_listed(); also false if LIO does not list it.
 */
bool spt_lookup_tell(const struct spt_identity *id, u16 seconds)
{
	struct spt_telling telling = { .seconds = seconds };

	spt_search(id, (struct spt_search) { .telling = &telling });
	return telling.told;
}
