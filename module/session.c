// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of &struct spt_session; its lifetime is told in session.h.  No locks.
 *
 * Waits: for memory, as the caller allows; on loading and unloading for the locks
 * of the slab allocator.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "session.h"

/*
 * With what a slab wastes, a session costs a server no more than 1 KiB; to debug locks
 * has its price.
 */
static_assert(IS_ENABLED(CONFIG_DEBUG_SPINLOCK) ||
	      sizeof(struct spt_session) <= 1024);

static struct kmem_cache *spt_session_cache;

/**
 * spt_session_cache_init - before the first spt_session_alloc()
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int spt_session_cache_init(void)
{
	spt_session_cache = kmem_cache_create("iscsitgt_spt_session",
					      sizeof(struct spt_session), 0, 0,
					      NULL);
	return spt_session_cache ? 0 : -ENOMEM;
}

/**
 * spt_session_cache_exit - after the last spt_session_put()
 *
 * Context: process context, may sleep.
 */
void spt_session_cache_exit(void)
{
	kmem_cache_destroy(spt_session_cache);
}

/**
 * spt_session_login_time - when did a session's login begin?
 * @id: of the session
 * @now: ns of CLOCK_BOOTTIME
 *
 * Context: any.
 * Return: ns of CLOCK_BOOTTIME, to a jiffy.
 */
u64 spt_session_login_time(const struct spt_identity *id, u64 now)
{
	u64 age = jiffies64_to_nsecs(get_jiffies_64() - id->created);

	return age < now ? now - age : 0;
}

/**
 * spt_session_alloc - a blank session that is in no map
 * @gfp: may it sleep?
 *
 * Context: as @gfp says.
 * Return: the session with one reference, which is the caller's, or NULL.
 */
struct spt_session *spt_session_alloc(gfp_t gfp)
{
	struct spt_session *session;

	session = kmem_cache_zalloc(spt_session_cache, gfp);
	if (!session)
		return NULL;
	refcount_set(&session->refs, 1);
	init_completion(&session->gone);
	INIT_HLIST_NODE(&session->by_cookie);
	INIT_HLIST_NODE(&session->by_identity);
	INIT_LIST_HEAD(&session->all);
	INIT_LIST_HEAD(&session->busy);
	INIT_HLIST_NODE(&session->busy_by_tpg);
	return session;
}

/**
 * spt_session_get - another reference
 * @session: of which the caller has a reference, or which its map keeps
 *
 * Context: any.
 * Return: @session.
 */
struct spt_session *spt_session_get(struct spt_session *session)
{
	refcount_inc(&session->refs);
	return session;
}

/**
 * spt_session_put - give a reference back
 * @session: of which the caller has a reference
 *
 * Context: any.
 */
void spt_session_put(struct spt_session *session)
{
	if (refcount_dec_and_test(&session->refs))
		kmem_cache_free(spt_session_cache, session);
}
