// SPDX-License-Identifier: GPL-2.0
/*
 * Here an event's number is the cookie of its session, and each other event is an
 * end, so that an event tells where it belongs.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/sched.h>

#include "sessions.h"
#include "thread.h"

#include "../module/ring.c"

static struct spt_ring *ring_make(struct kunit *test, unsigned int size)
{
	struct spt_ring *ring = kunit_kmalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ring);
	memset(ring, 0xa5, sizeof(*ring));
	KUNIT_ASSERT_EQ(test, spt_ring_init(ring, size), 0);
	test->priv = ring;
	return ring;
}

static void ring_append(struct kunit *test, u64 from, u64 to)
{
	u64 number;

	for (number = from; number < to; number++) {
		struct spt_session *session = sessions_new(test, number);

		spt_ring_append(test->priv, session, number & 1);
		spt_session_put(session);
	}
}

static void ring_expect(struct kunit *test, u64 number)
{
	struct spt_event event;

	KUNIT_ASSERT_EQ_MSG(test, spt_ring_get(test->priv, number, &event), 0,
			    "event %llu", number);
	KUNIT_EXPECT_EQ(test, event.session->cookie, number);
	KUNIT_EXPECT_EQ(test, event.end, number & 1);
	spt_session_put(event.session);
}

static void ring_expect_error(struct kunit *test, u64 cursor, int error)
{
	struct spt_event event = {};

	KUNIT_EXPECT_EQ(test, spt_ring_get(test->priv, cursor, &event), error);
	KUNIT_EXPECT_NULL(test, event.session);
}

static void ring_empty(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 4);

	KUNIT_EXPECT_EQ(test, spt_ring_head(ring), 0);
	ring_expect_error(test, 0, -EAGAIN);
	ring_expect_error(test, 0, -EAGAIN);
}

static void ring_one(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 4);

	ring_append(test, 0, 1);
	KUNIT_EXPECT_EQ(test, spt_ring_head(ring), 1);
	ring_expect(test, 0);
	/* Reading takes nothing away. */
	ring_expect(test, 0);
	ring_expect_error(test, 1, -EAGAIN);
}

static void ring_order(struct kunit *test)
{
	u64 number;

	ring_make(test, 8);
	ring_append(test, 0, 8);
	for (number = 0; number < 8; number++)
		ring_expect(test, number);
	ring_expect_error(test, 8, -EAGAIN);
}

static void ring_start_and_end_of_one(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 4);
	struct spt_session *session = sessions_new(test, 1);
	struct spt_event start, end;

	spt_ring_append(ring, session, false);
	spt_ring_append(ring, session, true);
	KUNIT_ASSERT_EQ(test, spt_ring_get(ring, 0, &start), 0);
	KUNIT_ASSERT_EQ(test, spt_ring_get(ring, 1, &end), 0);
	KUNIT_EXPECT_PTR_EQ(test, start.session, session);
	KUNIT_EXPECT_PTR_EQ(test, end.session, session);
	KUNIT_EXPECT_FALSE(test, start.end);
	KUNIT_EXPECT_TRUE(test, end.end);
	sessions_expect_refs(test, session, 5);
	spt_session_put(start.session);
	spt_session_put(end.session);
	spt_session_put(session);
}

/* A reader that keeps up sees all of them, however often the ring goes round. */
static void ring_wrap(struct kunit *test)
{
	u64 number;

	ring_make(test, 4);
	for (number = 0; number < 23; number++) {
		ring_append(test, number, number + 1);
		ring_expect(test, number);
		ring_expect_error(test, number + 1, -EAGAIN);
	}
}

static void ring_wrap_with_delay(struct kunit *test)
{
	u64 number;

	ring_make(test, 4);
	ring_append(test, 0, 4);
	for (number = 0; number < 20; number++) {
		ring_expect(test, number);
		ring_append(test, number + 4, number + 5);
	}
}

struct ring_size {
	const char *desc;
	unsigned int size;
	u64 want;
};

static const struct ring_size ring_sizes[] = {
	{ "1", 1, 1 },
	{ "2", 2, 2 },
	{ "3", 3, 4 },
	{ "4", 4, 4 },
	{ "5", 5, 8 },
	{ "1000", 1000, 1024 },
};

KUNIT_ARRAY_PARAM_DESC(ring_size, ring_sizes, desc);

static void ring_overrun(struct kunit *test)
{
	const struct ring_size *param = test->param_value;
	struct spt_ring *ring = ring_make(test, param->size);
	u64 number;

	KUNIT_EXPECT_EQ(test, ring->size, param->want);
	ring_append(test, 0, param->want);
	for (number = 0; number < param->want; number++)
		ring_expect(test, number);

	ring_append(test, param->want, param->want + 1);
	ring_expect_error(test, 0, -EPIPE);
	for (number = 1; number <= param->want; number++)
		ring_expect(test, number);
	ring_expect_error(test, param->want + 1, -EAGAIN);

	ring_append(test, param->want + 1, 3 * param->want + 1);
	ring_expect_error(test, 0, -EPIPE);
	ring_expect_error(test, 2 * param->want, -EPIPE);
	ring_expect(test, 2 * param->want + 1);
}

/* One who comes back after any time does not take new events for old ones. */
static void ring_overrun_far(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 4);

	ring->head = 1ULL << 32;
	ring_append(test, ring->head, ring->head + 4);
	ring_expect_error(test, 0, -EPIPE);
	ring_expect_error(test, 4, -EPIPE);
	ring_expect_error(test, (1ULL << 32) - 1, -EPIPE);
	ring_expect(test, 1ULL << 32);
	ring_expect(test, (1ULL << 32) + 3);
	ring_expect_error(test, (1ULL << 32) + 4, -EAGAIN);
}

static void ring_two_cursors(struct kunit *test)
{
	u64 fast, slow = 0;

	ring_make(test, 4);
	for (fast = 0; fast < 6; fast++) {
		ring_append(test, fast, fast + 1);
		ring_expect(test, fast);
		if (fast & 1)
			ring_expect(test, slow++);
	}
	KUNIT_EXPECT_EQ(test, slow, 3);
	ring_append(test, 6, 7);
	ring_expect(test, slow);
	ring_append(test, 7, 8);
	ring_expect_error(test, slow, -EPIPE);
	ring_expect(test, fast);
	ring_expect(test, fast + 1);
}

static void ring_append_takes_a_reference(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 2);
	struct spt_session *session = sessions_new(test, 0);

	spt_ring_append(ring, session, false);
	sessions_expect_refs(test, session, 2);
	spt_session_put(session);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 1);
	ring_expect(test, 0);
}

static void ring_overwrite_puts(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 2);
	struct spt_session *session = sessions_new(test, 0);

	spt_ring_append(ring, session, false);
	ring_append(test, 1, 2);
	sessions_expect_refs(test, session, 2);
	ring_append(test, 2, 3);
	sessions_expect_refs(test, session, 1);
	spt_session_put(session);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 2);
	ring_append(test, 3, 100);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 2);
}

/* In a ring for one, an append overwrites what was read before it. */
static void ring_get_takes_a_reference(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 1);
	struct spt_event first, again;

	ring_append(test, 0, 1);
	KUNIT_ASSERT_EQ(test, spt_ring_get(ring, 0, &first), 0);
	KUNIT_ASSERT_EQ(test, spt_ring_get(ring, 0, &again), 0);
	KUNIT_EXPECT_PTR_EQ(test, first.session, again.session);
	sessions_expect_refs(test, first.session, 3);
	ring_append(test, 1, 2);
	sessions_expect_refs(test, first.session, 2);
	KUNIT_EXPECT_EQ(test, first.session->cookie, 0);
	spt_session_put(first.session);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 2);
	spt_session_put(again.session);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 1);
}

static const struct ring_size ring_fills[] = {
	{ "none", 0 },
	{ "some", 3 },
	{ "all but one", 7 },
	{ "all", 8 },
	{ "more", 13 },
};

KUNIT_ARRAY_PARAM_DESC(ring_fill, ring_fills, desc);

static void ring_exit_puts(struct kunit *test)
{
	const struct ring_size *param = test->param_value;
	struct spt_ring *ring = ring_make(test, 8);

	ring_append(test, 0, param->size);
	KUNIT_EXPECT_EQ(test, sessions_alive(), min(param->size, 8U));
	spt_ring_exit(ring);
	test->priv = NULL;
	KUNIT_EXPECT_EQ(test, sessions_alive(), 0);
}

static int ring_wakes;

static int ring_woken(struct wait_queue_entry *entry, unsigned int mode,
		      int flags, void *key)
{
	if (key_to_poll(key) == (EPOLLIN | EPOLLRDNORM))
		ring_wakes++;
	return 0;
}

static void ring_wake(struct kunit *test)
{
	struct spt_ring *ring = ring_make(test, 4);
	DEFINE_WAIT_FUNC(entry, ring_woken);

	ring_wakes = 0;
	add_wait_queue(&ring->wait, &entry);
	ring_append(test, 0, 3);
	KUNIT_EXPECT_EQ(test, ring_wakes, 0);
	spt_ring_wake(ring);
	KUNIT_EXPECT_EQ(test, ring_wakes, 1);
	remove_wait_queue(&ring->wait, &entry);
}

#define RING_STORM_EVENTS	5000

struct ring_storm {
	struct spt_ring ring;
	/* The slow reader has read an event, and the appender may go on. */
	struct completion slow_begun;
	/* How far the fast reader is, by which the appender goes. */
	u64 fast;
	bool failed;
};

struct ring_storm_reader {
	struct ring_storm *storm;
	bool slow;
	u64 read;
	u64 overruns;
	bool wrong;
};

static void ring_storm_append(void *data)
{
	struct ring_storm *storm = data;
	u64 number;

	for (number = 0; number < RING_STORM_EVENTS; number++) {
		struct spt_session *session;

		while (number - READ_ONCE(storm->fast) >= storm->ring.size &&
		       !READ_ONCE(storm->failed))
			cond_resched();
		session = spt_session_alloc(GFP_KERNEL);
		if (!session) {
			WRITE_ONCE(storm->failed, true);
			return;
		}
		session->cookie = number;
		spt_ring_append(&storm->ring, session, number & 1);
		spt_session_put(session);
		spt_ring_wake(&storm->ring);
		if (!number)
			wait_for_completion(&storm->slow_begun);
		cond_resched();
	}
}

/* Falls behind for certain: by more than the ring has, with one event read. */
static void ring_storm_sleep(struct ring_storm_reader *reader)
{
	struct ring_storm *storm = reader->storm;

	if (reader->read == 1)
		complete(&storm->slow_begun);
	while (spt_ring_head(&storm->ring) <= storm->ring.size + 1 &&
	       !READ_ONCE(storm->failed))
		usleep_range(100, 200);
	if (!(reader->read % 16))
		usleep_range(500, 1000);
}

static void ring_storm_read(void *data)
{
	struct ring_storm_reader *reader = data;
	struct spt_ring *ring = &reader->storm->ring;
	u64 cursor = 0;

	while (cursor < RING_STORM_EVENTS && !READ_ONCE(reader->storm->failed)) {
		struct spt_event event;

		switch (spt_ring_get(ring, cursor, &event)) {
		case 0:
			if (event.session->cookie != cursor ||
			    event.end != (cursor & 1))
				reader->wrong = true;
			spt_session_put(event.session);
			cursor++;
			reader->read++;
			if (reader->slow)
				ring_storm_sleep(reader);
			else
				WRITE_ONCE(reader->storm->fast, cursor);
			break;
		case -EPIPE:
			cursor = spt_ring_head(ring);
			reader->overruns++;
			break;
		default:
			/* An append wakes only who waits as programs do. */
			if (wait_event_interruptible_timeout(ring->wait,
							     spt_ring_head(ring) != cursor,
							     30 * HZ) <= 0)
				WRITE_ONCE(reader->storm->failed, true);
			break;
		}
	}
}

static void ring_storm(struct kunit *test)
{
	struct ring_storm_reader slow = { .slow = true }, fast = {};
	struct thread appender, slow_thread, fast_thread;
	struct ring_storm *storm;

	storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, storm);
	KUNIT_ASSERT_EQ(test, spt_ring_init(&storm->ring, 64), 0);
	test->priv = &storm->ring;
	init_completion(&storm->slow_begun);
	slow.storm = storm;
	fast.storm = storm;

	if (!thread_start(test, &slow_thread, ring_storm_read, &slow))
		complete(&storm->slow_begun);
	if (!thread_start(test, &fast_thread, ring_storm_read, &fast))
		WRITE_ONCE(storm->failed, true);
	if (!thread_start(test, &appender, ring_storm_append, storm))
		WRITE_ONCE(storm->failed, true);
	thread_join(&appender);
	thread_join(&fast_thread);
	thread_join(&slow_thread);

	KUNIT_EXPECT_FALSE(test, storm->failed);
	KUNIT_EXPECT_FALSE(test, fast.wrong);
	KUNIT_EXPECT_FALSE(test, slow.wrong);
	KUNIT_EXPECT_EQ(test, fast.read, RING_STORM_EVENTS);
	KUNIT_EXPECT_EQ(test, fast.overruns, 0);
	KUNIT_EXPECT_GT(test, slow.overruns, 0);
	KUNIT_EXPECT_EQ(test, sessions_alive(), 64);
}

static void ring_exit(struct kunit *test)
{
	if (test->priv)
		spt_ring_exit(test->priv);
	sessions_exit(test);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_empty),
	KUNIT_CASE(ring_one),
	KUNIT_CASE(ring_order),
	KUNIT_CASE(ring_start_and_end_of_one),
	KUNIT_CASE(ring_wrap),
	KUNIT_CASE(ring_wrap_with_delay),
	KUNIT_CASE_PARAM(ring_overrun, ring_size_gen_params),
	KUNIT_CASE(ring_overrun_far),
	KUNIT_CASE(ring_two_cursors),
	KUNIT_CASE(ring_append_takes_a_reference),
	KUNIT_CASE(ring_overwrite_puts),
	KUNIT_CASE(ring_get_takes_a_reference),
	KUNIT_CASE_PARAM(ring_exit_puts, ring_fill_gen_params),
	KUNIT_CASE(ring_wake),
	KUNIT_CASE_SLOW(ring_storm),
	{}
};

static struct kunit_suite ring_suite = {
	.name		= "iscsitgt_spt_ring",
	.suite_init	= sessions_suite_init,
	.suite_exit	= sessions_suite_exit,
	.init		= sessions_init,
	.exit		= ring_exit,
	.test_cases	= ring_cases,
};

kunit_test_suite(ring_suite);
