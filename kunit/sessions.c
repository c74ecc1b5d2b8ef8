// SPDX-License-Identifier: GPL-2.0
/*
 * session.c for all suites.  Its memory is counted where it comes and goes, as
 * nothing else tells that a session is freed, and freed no earlier; and it can be
 * made to run out.
 */
#include <linux/atomic.h>
#include <linux/slab.h>

#include "sessions.h"

static atomic_t sessions_count;
static int sessions_left;

static void *sessions_take(struct kmem_cache *cache, gfp_t gfp)
{
	void *session;

	if (!sessions_left)
		return NULL;
	if (sessions_left > 0)
		sessions_left--;
	session = kmem_cache_zalloc(cache, gfp);
	if (session)
		atomic_inc(&sessions_count);
	return session;
}

static void sessions_give(struct kmem_cache *cache, void *session)
{
	atomic_dec(&sessions_count);
	kmem_cache_free(cache, session);
}

/* A macro of its own on newer kernels. */
#undef kmem_cache_zalloc
#define kmem_cache_zalloc sessions_take
#define kmem_cache_free sessions_give
#include "../module/session.c"

int sessions_suite_init(struct kunit_suite *suite)
{
	return spt_session_cache_init();
}

void sessions_suite_exit(struct kunit_suite *suite)
{
	spt_session_cache_exit();
}

int sessions_init(struct kunit *test)
{
	atomic_set(&sessions_count, 0);
	sessions_allow(SESSIONS_ALL);
	return 0;
}

/* To be called last. */
void sessions_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ_MSG(test, sessions_alive(), 0, "sessions left behind");
}

int sessions_alive(void)
{
	return atomic_read(&sessions_count);
}

/* How many more there is memory for; while others allocate, all. */
void sessions_allow(int count)
{
	sessions_left = count;
}

struct spt_session *sessions_new(struct kunit *test, u64 cookie)
{
	struct spt_session *session = spt_session_alloc(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, session);
	session->cookie = cookie;
	return session;
}

void sessions_expect_refs(struct kunit *test, struct spt_session *session,
			  unsigned int want)
{
	KUNIT_EXPECT_EQ_MSG(test, refcount_read(&session->refs), want,
			    "of session %llu", session->cookie);
}
