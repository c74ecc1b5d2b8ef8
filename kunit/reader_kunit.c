// SPDX-License-Identifier: GPL-2.0
/*
 * The registry is a stub: sessions that are alive, and what goes on in the ring
 * as it looks at them.  Sessions are told apart by their cookies.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "counters.h"
#include "sessions.h"

/* Snapshots' arrays that are not freed. */
static int reader_arrays;

static void reader_free(const void *array)
{
	if (array)
		reader_arrays--;
	kvfree(array);
}

/* The one in registry.c has a suite of its own. */
#define spt_registry_snapshot reader_snapshot
#define kvfree reader_free
#include "../module/reader.c"
#undef kvfree

#define READER_RING	4
#define READER_ALIVE	8

/*
 * struct reader_world - what a reader follows
 * @alive: those that have started and not ended, with a reference each
 * @during: a session that starts with each snapshot taken, or 0
 */
static struct reader_world {
	struct spt_ring ring;
	struct spt_reader reader;
	bool reads;
	struct spt_session *alive[READER_ALIVE];
	size_t count;
	int error;
	u64 during;
} reader_world;

static void reader_add(struct spt_session *session)
{
	struct reader_world *world = &reader_world;

	world->alive[world->count++] = session;
	spt_ring_append(&world->ring, session, false);
}

int reader_snapshot(struct spt_snapshot *snapshot)
{
	struct reader_world *world = &reader_world;
	size_t i;

	if (world->error)
		return world->error;
	if (world->during) {
		struct spt_session *session = spt_session_alloc(GFP_KERNEL);

		if (!session)
			return -ENOMEM;
		session->cookie = world->during;
		reader_add(session);
	}
	/* There is an array even if there is no session. */
	snapshot->sessions = kvcalloc(READER_ALIVE,
				      sizeof(*snapshot->sessions), GFP_KERNEL);
	if (!snapshot->sessions)
		return -ENOMEM;
	reader_arrays++;
	for (i = 0; i < world->count; i++)
		snapshot->sessions[i] = spt_session_get(world->alive[i]);
	snapshot->count = world->count;
	snapshot->cursor = spt_ring_head(&world->ring);
	return 0;
}

static void reader_start(struct kunit *test, u64 cookie)
{
	KUNIT_ASSERT_LT(test, reader_world.count, READER_ALIVE);
	reader_add(sessions_new(test, cookie));
}

/* The oldest one. */
static void reader_end(struct kunit *test)
{
	struct reader_world *world = &reader_world;
	struct spt_session *session = world->alive[0];

	KUNIT_ASSERT_NE(test, world->count, 0);
	world->count--;
	memmove(world->alive, world->alive + 1,
		world->count * sizeof(*world->alive));
	spt_ring_append(&world->ring, session, true);
	spt_session_put(session);
}

/* So many events that whoever has read nothing of them has lost some. */
static void reader_overrun(struct kunit *test, u64 cookie)
{
	u64 i;

	for (i = 0; i <= READER_RING / 2; i++) {
		reader_start(test, cookie + i);
		reader_end(test);
	}
}

static void reader_begin(struct kunit *test)
{
	struct reader_world *world = &reader_world;

	world->reader.ring = &world->ring;
	KUNIT_ASSERT_EQ(test, spt_reader_init(&world->reader), 0);
	world->reads = true;
}

static void reader_expect_peek(struct kunit *test, u64 cookie, bool end)
{
	struct spt_event event;

	KUNIT_EXPECT_TRUE(test, spt_reader_ready(&reader_world.reader));
	KUNIT_ASSERT_EQ_MSG(test,
			    spt_reader_peek(&reader_world.reader, &event), 0,
			    "session %llu", cookie);
	KUNIT_EXPECT_EQ(test, event.session->cookie, cookie);
	KUNIT_EXPECT_EQ(test, event.end, end);
	spt_session_put(event.session);
}

static void reader_expect(struct kunit *test, u64 cookie, bool end)
{
	reader_expect_peek(test, cookie, end);
	spt_reader_advance(&reader_world.reader);
}

static void reader_expect_error(struct kunit *test, int error)
{
	struct spt_event event = {};

	KUNIT_EXPECT_EQ(test, spt_reader_ready(&reader_world.reader),
			error != -EAGAIN);
	KUNIT_EXPECT_EQ(test, spt_reader_peek(&reader_world.reader, &event),
			error);
	KUNIT_EXPECT_NULL(test, event.session);
}

/* It is told until the reader goes on with a new snapshot. */
static void reader_expect_loss(struct kunit *test)
{
	reader_expect_error(test, -EPIPE);
	reader_expect_error(test, -EPIPE);
	KUNIT_ASSERT_EQ(test, spt_reader_rewind(&reader_world.reader), 0);
}

static void reader_expect_dropped(struct kunit *test, u64 want)
{
	KUNIT_EXPECT_EQ(test, counters_read(SPT_COUNT_EVENTS_DROPPED), want);
}

static void reader_nothing(struct kunit *test)
{
	reader_begin(test);
	reader_expect_error(test, -EAGAIN);
	reader_expect_error(test, -EAGAIN);
}

static void reader_replay_then_events(struct kunit *test)
{
	reader_start(test, 1);
	reader_start(test, 2);
	reader_begin(test);
	reader_expect(test, 1, false);
	reader_expect(test, 2, false);
	reader_expect_error(test, -EAGAIN);

	reader_start(test, 3);
	reader_expect(test, 3, false);
	reader_end(test);
	reader_expect(test, 1, true);
	reader_expect_error(test, -EAGAIN);
	reader_expect_dropped(test, 0);
}

/* What happened before the snapshot is in it, or was over. */
static void reader_past_is_not_told(struct kunit *test)
{
	reader_start(test, 1);
	reader_start(test, 2);
	reader_end(test);
	reader_begin(test);
	reader_expect(test, 2, false);
	reader_expect_error(test, -EAGAIN);
}

static void reader_peek_takes_nothing_away(struct kunit *test)
{
	reader_start(test, 1);
	reader_begin(test);
	reader_end(test);
	reader_expect_peek(test, 1, false);
	reader_expect_peek(test, 1, false);
	reader_expect(test, 1, false);
	reader_expect_peek(test, 1, true);
	reader_expect_peek(test, 1, true);
	reader_expect(test, 1, true);
	reader_expect_error(test, -EAGAIN);
}

/* Between the snapshot and the first peek, and between peeks. */
static void reader_events_during_replay(struct kunit *test)
{
	reader_start(test, 1);
	reader_start(test, 2);
	reader_begin(test);
	reader_start(test, 3);
	reader_expect(test, 1, false);
	reader_start(test, 4);
	reader_expect(test, 2, false);
	reader_expect(test, 3, false);
	reader_expect(test, 4, false);
	reader_expect_error(test, -EAGAIN);
}

static void reader_event_with_the_snapshot(struct kunit *test)
{
	reader_start(test, 1);
	reader_world.during = 2;
	reader_begin(test);
	reader_expect(test, 1, false);
	reader_expect(test, 2, false);
	reader_expect_error(test, -EAGAIN);
}

static void reader_end_during_replay(struct kunit *test)
{
	reader_start(test, 1);
	reader_start(test, 2);
	reader_begin(test);
	reader_end(test);
	reader_end(test);
	reader_expect(test, 1, false);
	reader_expect(test, 2, false);
	reader_expect(test, 1, true);
	reader_expect(test, 2, true);
	reader_expect_error(test, -EAGAIN);
}

static void reader_keeps_up(struct kunit *test)
{
	u64 cookie;

	reader_start(test, 1);
	reader_begin(test);
	reader_expect(test, 1, false);
	for (cookie = 2; cookie < 6 * READER_RING; cookie++) {
		reader_start(test, cookie);
		reader_end(test);
		reader_expect(test, cookie, false);
		reader_expect(test, cookie - 1, true);
	}
	reader_expect_error(test, -EAGAIN);
	reader_expect_dropped(test, 0);
}

/* As far behind as the ring goes, and one event further. */
static void reader_behind_to_the_end(struct kunit *test)
{
	reader_begin(test);
	reader_start(test, 1);
	reader_start(test, 2);
	reader_end(test);
	reader_end(test);
	reader_expect_peek(test, 1, false);
	reader_start(test, 3);
	reader_expect_loss(test);
	reader_expect_dropped(test, 5);
	reader_expect(test, 3, false);
	reader_expect_error(test, -EAGAIN);
}

static void reader_behind(struct kunit *test)
{
	reader_start(test, 1);
	reader_start(test, 2);
	reader_begin(test);
	reader_expect(test, 1, false);
	reader_expect(test, 2, false);
	/* Six events, after which the last two are alive. */
	reader_overrun(test, 10);
	reader_expect_loss(test);
	reader_expect_dropped(test, 6);
	reader_expect(test, 11, false);
	/* After the second snapshot as after the first one. */
	reader_end(test);
	reader_expect(test, 12, false);
	reader_start(test, 13);
	reader_expect(test, 11, true);
	reader_expect(test, 13, false);
	reader_expect_error(test, -EAGAIN);
	reader_expect_dropped(test, 6);
}

/* Nobody was there when it began, and nobody is when it begins anew. */
static void reader_behind_from_nobody(struct kunit *test)
{
	reader_begin(test);
	reader_overrun(test, 10);
	reader_expect_loss(test);
	reader_expect_error(test, -EAGAIN);
	reader_start(test, 20);
	reader_expect(test, 20, false);
}

/* The replay does not depend on the ring; what comes after it does. */
static void reader_behind_during_replay(struct kunit *test)
{
	reader_start(test, 1);
	reader_start(test, 2);
	reader_begin(test);
	reader_expect(test, 1, false);
	reader_overrun(test, 10);
	reader_expect(test, 2, false);
	reader_expect_loss(test);
	reader_expect(test, 11, false);
	reader_expect(test, 12, false);
	reader_expect_error(test, -EAGAIN);
	reader_expect_dropped(test, 6);
}

static void reader_behind_twice(struct kunit *test)
{
	reader_begin(test);
	reader_overrun(test, 10);
	reader_expect_loss(test);
	reader_overrun(test, 20);
	reader_expect_loss(test);
	reader_expect_error(test, -EAGAIN);
	reader_expect_dropped(test, 12);
}

/* An event of the snapshot's own scan is in the replay, and lost to the reader. */
static void reader_behind_with_an_event(struct kunit *test)
{
	reader_begin(test);
	reader_overrun(test, 10);
	reader_world.during = 20;
	reader_expect_loss(test);
	reader_expect(test, 20, false);
	reader_expect_error(test, -EAGAIN);
	reader_expect_dropped(test, 7);
}

static const int reader_errors[] = { -ENOMEM, -ERESTARTSYS, -EOVERFLOW };

static void reader_error_desc(const int *error, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d", *error);
}

KUNIT_ARRAY_PARAM(reader_error, reader_errors, reader_error_desc);

static void reader_init_fails(struct kunit *test)
{
	const int *error = test->param_value;
	struct spt_reader *reader = &reader_world.reader;

	reader_start(test, 1);
	reader_world.error = *error;
	reader->ring = &reader_world.ring;
	KUNIT_EXPECT_EQ(test, spt_reader_init(reader), *error);
	KUNIT_EXPECT_NULL(test, reader->snapshot.sessions);
	sessions_expect_refs(test, reader_world.alive[0], 2);
}

/* That events are lost is told again, and counted once. */
static void reader_rewind_fails(struct kunit *test)
{
	const int *error = test->param_value;
	struct spt_reader *reader = &reader_world.reader;

	reader_begin(test);
	reader_overrun(test, 10);
	reader_start(test, 13);
	reader_expect_error(test, -EPIPE);
	reader_world.error = *error;
	KUNIT_EXPECT_EQ(test, spt_reader_rewind(reader), *error);
	KUNIT_EXPECT_EQ(test, spt_reader_rewind(reader), *error);
	reader_expect_error(test, -EPIPE);
	reader_expect_dropped(test, 0);
	reader_start(test, 14);

	reader_world.error = 0;
	reader_expect_loss(test);
	reader_expect_dropped(test, 8);
	reader_expect(test, 13, false);
	/* The other one is still to be told as the reader goes. */
}

/* The alive ones, the ring and a reader each have one. */
static void reader_advance_puts(struct kunit *test)
{
	struct spt_session *session;

	reader_start(test, 1);
	reader_start(test, 2);
	session = reader_world.alive[0];
	reader_begin(test);
	sessions_expect_refs(test, session, 3);
	reader_expect_peek(test, 1, false);
	sessions_expect_refs(test, session, 3);
	reader_expect(test, 1, false);
	sessions_expect_refs(test, session, 2);
	sessions_expect_refs(test, reader_world.alive[1], 3);
	reader_expect(test, 2, false);
	sessions_expect_refs(test, reader_world.alive[1], 2);
	KUNIT_EXPECT_NULL(test, reader_world.reader.snapshot.sessions);

	reader_end(test);
	reader_expect(test, 1, true);
	/* The ring's, for start and end. */
	sessions_expect_refs(test, session, 2);
}

/* All that the reader keeps is gone with it, at each step of a replay. */
static void reader_exit_puts(struct kunit *test)
{
	u64 told, cookie;

	for (cookie = 1; cookie <= 3; cookie++)
		reader_start(test, cookie);
	for (told = 0; told <= 3; told++) {
		reader_begin(test);
		for (cookie = 1; cookie <= told; cookie++)
			reader_expect(test, cookie, false);
		spt_reader_exit(&reader_world.reader);
		memset(&reader_world.reader, 0, sizeof(reader_world.reader));
		reader_world.reads = false;
		for (cookie = 0; cookie < 3; cookie++)
			sessions_expect_refs(test, reader_world.alive[cookie],
					     2);
	}
}

static int reader_wakes;

static int reader_woken(struct wait_queue_entry *entry, unsigned int mode,
			int flags, void *key)
{
	reader_wakes++;
	return 0;
}

/* Whoever was misled by ready() while it rewound sleeps until the next wake. */
static void reader_rewind_wakes(struct kunit *test)
{
	DEFINE_WAIT_FUNC(entry, reader_woken);

	reader_begin(test);
	reader_overrun(test, 10);
	reader_wakes = 0;
	add_wait_queue(&reader_world.ring.wait, &entry);
	reader_expect_loss(test);
	remove_wait_queue(&reader_world.ring.wait, &entry);
	KUNIT_EXPECT_EQ(test, reader_wakes, 1);
}

static int reader_init(struct kunit *test)
{
	memset(&reader_world, 0, sizeof(reader_world));
	counters_reset();
	sessions_init(test);
	return spt_ring_init(&reader_world.ring, READER_RING);
}

static void reader_exit(struct kunit *test)
{
	struct reader_world *world = &reader_world;

	if (world->reads)
		spt_reader_exit(&world->reader);
	KUNIT_EXPECT_EQ(test, reader_arrays, 0);
	reader_arrays = 0;
	while (world->count)
		spt_session_put(world->alive[--world->count]);
	if (world->ring.events)
		spt_ring_exit(&world->ring);
	sessions_exit(test);
}

static struct kunit_case reader_cases[] = {
	KUNIT_CASE(reader_nothing),
	KUNIT_CASE(reader_replay_then_events),
	KUNIT_CASE(reader_past_is_not_told),
	KUNIT_CASE(reader_peek_takes_nothing_away),
	KUNIT_CASE(reader_events_during_replay),
	KUNIT_CASE(reader_event_with_the_snapshot),
	KUNIT_CASE(reader_end_during_replay),
	KUNIT_CASE(reader_keeps_up),
	KUNIT_CASE(reader_behind_to_the_end),
	KUNIT_CASE(reader_behind),
	KUNIT_CASE(reader_behind_from_nobody),
	KUNIT_CASE(reader_behind_during_replay),
	KUNIT_CASE(reader_behind_twice),
	KUNIT_CASE(reader_behind_with_an_event),
	KUNIT_CASE_PARAM(reader_init_fails, reader_error_gen_params),
	KUNIT_CASE_PARAM(reader_rewind_fails, reader_error_gen_params),
	KUNIT_CASE(reader_advance_puts),
	KUNIT_CASE(reader_exit_puts),
	KUNIT_CASE(reader_rewind_wakes),
	{}
};

static struct kunit_suite reader_suite = {
	.name		= "iscsitgt_spt_reader",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= reader_init,
	.exit		= reader_exit,
	.test_cases	= reader_cases,
};

kunit_test_suite(reader_suite);
