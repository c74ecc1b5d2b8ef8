// SPDX-License-Identifier: GPL-2.0
#include "counters.h"
#include "registry_fixture.h"
#include "sessions.h"

/* Tracepoints are made where trace.h says, which is in no suite. */
#define ISCSITGT_SPT_TRACE_H

static unsigned int registry_traced_starts;
static unsigned int registry_traced_ends;

static void trace_session_start(const struct spt_session *session)
{
	registry_traced_starts++;
}

static void trace_session_end(const struct spt_session *session)
{
	registry_traced_ends++;
}

#include "../module/busy.c"
#include "../module/departures.c"
#include "../module/events.c"
#include "../module/hold.c"
#include "../module/lookup.c"
#include "../module/scan.c"
#include "../module/look.c"
#include "../module/registry.c"

static struct spt_refusals registry_refusals;
static unsigned int registry_follow_ups;

struct spt_refusals *spt_refuse_holds(void)
{
	return &registry_refusals;
}

/* Suites sweep by themselves. */
void spt_follow_stop(void)
{
	registry_follow_ups++;
}

void spt_follow_soon(void)
{
	registry_follow_ups++;
}

/* How often the follower was asked to look. */
unsigned int registry_followed(void)
{
	return registry_follow_ups;
}

/* What was asked for. */
static u64 registry_cursor;

int registry_init(struct kunit *test)
{
	int ret;

	sessions_init(test);
	counters_reset();
	registry_traced_starts = 0;
	registry_traced_ends = 0;
	registry_cursor = 0;
	registry_follow_ups = 0;
	memset(&spt_late, 0, sizeof(spt_late));
	memset(&spt_replaced, 0, sizeof(spt_replaced));
	spt_events_due = false;
	spt_look_init();
	ret = fake_init();
	if (ret)
		return ret;
	ret = spt_events_init();
	if (ret)
		goto fake;
	ret = spt_hold_init();
	if (ret)
		goto events;
	ret = spt_refusals_init(&registry_refusals, 8);
	if (ret)
		goto hold;
	test->priv = &spt_map;
	return 0;

hold:
	spt_hold_exit();
events:
	spt_events_exit();
fake:
	fake_exit();
	return ret;
}

void registry_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	spt_hold_exit();
	registry_told_nothing(test);
	KUNIT_EXPECT_EQ(test, registry_traced_starts + registry_traced_ends,
			registry_cursor);
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_EVENTS),
			registry_cursor);
	KUNIT_EXPECT_EQ(test, fake_holds(), 0);
	spt_look_exit();
	spt_events_exit();
	spt_refusals_exit(&registry_refusals);
	fake_exit();
	sessions_exit(test);
}

void registry_sweep(struct kunit *test, enum spt_pending want)
{
	KUNIT_EXPECT_EQ(test, spt_registry_sweep(false), want);
	registry_hold();
}

void registry_glance(struct kunit *test, enum spt_pending want)
{
	KUNIT_EXPECT_EQ(test, spt_registry_sweep(true), want);
	registry_hold();
}

/* Until each session that is to be held is, or cannot be. */
void registry_hold(void)
{
	flush_work(&spt_holder);
}

void registry_stop(struct kunit *test, struct spt_session *session, int want)
{
	KUNIT_EXPECT_EQ(test, spt_registry_stop(session), want);
	registry_hold();
}

/* Which of the two depends on how long ago it began to leave. */
void registry_sweep_leaving(struct kunit *test)
{
	enum spt_pending pending = spt_registry_sweep(false);

	KUNIT_EXPECT_TRUE(test, pending == SPT_PENDING_LEAVING ||
			  pending == SPT_PENDING);
}

static void registry_told(struct kunit *test, const struct iscsit_session *sess,
			  struct spt_event *event)
{
	KUNIT_ASSERT_EQ_MSG(test,
			    spt_ring_get(spt_events_ring(), registry_cursor,
					 event), 0,
			    "event %llu of sid %u", registry_cursor,
			    sess->id.sid);
	registry_cursor++;
	KUNIT_EXPECT_EQ(test, event->session->id.sid, sess->id.sid);
	KUNIT_EXPECT_TRUE(test, spt_identity_equal(&event->session->id,
						   &sess->id));
	KUNIT_EXPECT_STREQ(test, event->session->facts.initiator,
			   sess->facts.initiator);
}

/* The next event is the only start of @sess. */
void registry_told_start(struct kunit *test, struct iscsit_session *sess,
			 bool reinstated)
{
	struct spt_event event;

	registry_told(test, sess, &event);
	KUNIT_EXPECT_FALSE(test, event.end);
	KUNIT_EXPECT_EQ(test, (bool)event.session->reinstated, reinstated);
	KUNIT_EXPECT_EQ(test, sess->cookie, 0);
	KUNIT_EXPECT_NE(test, event.session->cookie, 0);
	sess->cookie = event.session->cookie;
	spt_session_put(event.session);
}

/* The next event is the end of @sess, whose start was told. */
void registry_told_end(struct kunit *test, struct iscsit_session *sess,
		       enum iscsitgt_spt_end_cause cause)
{
	struct spt_event event;

	registry_told(test, sess, &event);
	KUNIT_EXPECT_TRUE(test, event.end);
	KUNIT_EXPECT_EQ(test, event.session->cause, cause);
	KUNIT_EXPECT_EQ(test, event.session->cookie, sess->cookie);
	KUNIT_EXPECT_TRUE(test, completion_done(&event.session->gone));
	spt_session_put(event.session);
}

/* The next event, if there is one, with a reference of its session. */
bool registry_told_any(struct spt_event *event)
{
	if (spt_ring_get(spt_events_ring(), registry_cursor, event))
		return false;
	registry_cursor++;
	return true;
}

void registry_told_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, spt_ring_head(spt_events_ring()),
			registry_cursor);
}

/* Without a reference: valid until it is retired. */
struct spt_session *registry_find(struct kunit *test,
				  const struct iscsit_session *sess)
{
	struct spt_session *session = spt_map_find(&spt_map, &sess->id);

	KUNIT_ASSERT_NOT_NULL(test, session);
	return session;
}

void registry_set_last_cookie(u64 cookie)
{
	spt_map.last_cookie = cookie;
}

void registry_put_snapshot(struct spt_snapshot *snapshot)
{
	while (snapshot->count)
		spt_session_put(snapshot->sessions[--snapshot->count]);
	kvfree(snapshot->sessions);
}
