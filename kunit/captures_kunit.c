// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "thread.h"

#include "../module/captures.c"

static struct spt_captures *captures_make(struct kunit *test,
					  unsigned int count)
{
	struct spt_captures *captures;

	captures = kunit_kmalloc(test, sizeof(*captures), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, captures);
	memset(captures, 0xa5, sizeof(*captures));
	KUNIT_ASSERT_EQ(test, spt_captures_init(captures, count), 0);
	test->priv = captures;
	return captures;
}

static void captures_publish(struct kunit *test, u32 sid)
{
	struct spt_departure *departure = spt_captures_claim(test->priv);

	KUNIT_ASSERT_NOT_NULL(test, departure);
	departure->id.sid = sid;
	spt_captures_publish(test->priv, departure);
}

/* What is taken is from @from on, in this order, and given back. */
static void captures_expect(struct kunit *test, u32 from, u32 to)
{
	struct llist_node *taken = spt_captures_take(test->priv);
	struct spt_departure *departure, *next;

	llist_for_each_entry_safe(departure, next, taken, node) {
		KUNIT_EXPECT_EQ(test, departure->id.sid, from);
		from++;
		spt_captures_release(test->priv, departure);
	}
	KUNIT_EXPECT_EQ(test, from, to);
}

static void captures_expect_dropped(struct kunit *test, long want)
{
	struct spt_captures *captures = test->priv;

	KUNIT_EXPECT_EQ(test, atomic_long_read(&captures->dropped), want);
}

static void captures_none(struct kunit *test)
{
	captures_make(test, 4);
	KUNIT_EXPECT_NULL(test, spt_captures_take(test->priv));
	captures_expect_dropped(test, 0);
}

struct captures_count {
	const char *desc;
	unsigned int count;
};

/* A word of the bitmap, and one slot less and more. */
static const struct captures_count captures_counts[] = {
	{ "1", 1 },
	{ "2", 2 },
	{ "63", 63 },
	{ "64", 64 },
	{ "65", 65 },
	{ "256", 256 },
};

KUNIT_ARRAY_PARAM_DESC(captures_count, captures_counts, desc);

static void captures_claim_until_full(struct kunit *test)
{
	const struct captures_count *param = test->param_value;
	struct spt_captures *captures = captures_make(test, param->count);
	struct spt_departure *departure;
	unsigned int i;

	for (i = 0; i < param->count; i++) {
		departure = spt_captures_claim(captures);
		KUNIT_ASSERT_NOT_NULL(test, departure);
		KUNIT_EXPECT_EQ(test, departure->id.sid, 0);
		departure->id.sid = i + 1;
	}
	/* Each slot was given once, and there are no others. */
	for (i = 0; i < param->count; i++)
		KUNIT_EXPECT_NE(test, captures->slots[i].id.sid, 0);
	captures_expect_dropped(test, 0);
	for (i = 1; i <= 3; i++) {
		KUNIT_EXPECT_NULL(test, spt_captures_claim(captures));
		captures_expect_dropped(test, i);
	}
	KUNIT_EXPECT_NULL(test, spt_captures_take(captures));
}

static void captures_full_and_again(struct kunit *test)
{
	const struct captures_count *param = test->param_value;
	u32 sid;
	int round;

	captures_make(test, param->count);
	for (round = 0; round < 3; round++) {
		for (sid = 0; sid < param->count; sid++)
			captures_publish(test, sid);
		KUNIT_EXPECT_NULL(test, spt_captures_claim(test->priv));
		captures_expect(test, 0, param->count);
		KUNIT_EXPECT_NULL(test, spt_captures_take(test->priv));
	}
	captures_expect_dropped(test, 3);
}

static void captures_oldest_first(struct kunit *test)
{
	captures_make(test, 8);
	captures_publish(test, 1);
	captures_publish(test, 2);
	captures_publish(test, 3);
	captures_expect(test, 1, 4);
	captures_publish(test, 4);
	captures_expect(test, 4, 5);
	captures_expect(test, 5, 5);
}

/* By when they are published, not by when or where they are claimed. */
static void captures_order_of_publishing(struct kunit *test)
{
	struct spt_captures *captures = captures_make(test, 3);
	struct spt_departure *first = spt_captures_claim(captures);
	struct spt_departure *second = spt_captures_claim(captures);
	struct spt_departure *third = spt_captures_claim(captures);

	KUNIT_ASSERT_NOT_NULL(test, third);
	second->id.sid = 1;
	spt_captures_publish(captures, second);
	third->id.sid = 2;
	spt_captures_publish(captures, third);
	captures_expect(test, 1, 3);
	/* One that was claimed stays out of sight until it is published. */
	first->id.sid = 3;
	spt_captures_publish(captures, first);
	captures_expect(test, 3, 4);
}

static void captures_release_one(struct kunit *test)
{
	struct spt_captures *captures = captures_make(test, 3);
	struct spt_departure *departure;
	struct llist_node *taken;

	captures_publish(test, 1);
	captures_publish(test, 2);
	captures_publish(test, 3);
	taken = spt_captures_take(captures);
	KUNIT_ASSERT_NOT_NULL(test, taken);
	/* Taken is not yet given back. */
	KUNIT_EXPECT_NULL(test, spt_captures_claim(captures));

	departure = llist_entry(taken->next, struct spt_departure, node);
	KUNIT_EXPECT_EQ(test, departure->id.sid, 2);
	spt_captures_release(captures, departure);
	KUNIT_EXPECT_PTR_EQ(test, spt_captures_claim(captures), departure);
	KUNIT_EXPECT_NULL(test, spt_captures_claim(captures));
	captures_expect_dropped(test, 2);
}

#define CAPTURES_STORM_SLOTS	16
#define CAPTURES_STORM_ROUNDS	5000
#define CAPTURES_STORM_THREADS	3
/* Those, and each processor in hard interrupts. */
#define CAPTURES_STORM_SOURCES	(CAPTURES_STORM_THREADS + NR_CPUS)

struct captures_storm;

struct captures_source {
	struct captures_storm *storm;
	u32 number;
	u64 tried;
	u64 dropped;
	/* The consumer's */
	u64 taken;
	u64 last;
};

struct captures_storm {
	struct spt_captures captures;
	atomic_t running;
	bool wrong;
	struct captures_source sources[CAPTURES_STORM_SOURCES];
};

static u64 captures_mark(const struct spt_departure *departure)
{
	return departure->id.created << 8 ^ departure->id.sid;
}

static void captures_storm_try(struct captures_source *source)
{
	struct spt_captures *captures = &source->storm->captures;
	struct spt_departure *departure = spt_captures_claim(captures);

	source->tried++;
	if (!departure) {
		source->dropped++;
		return;
	}
	departure->id.sid = source->number;
	departure->id.created = source->tried;
	departure->facts.login_time = captures_mark(departure);
	spt_captures_publish(captures, departure);
}

static void captures_storm_produce(void *data)
{
	struct captures_source *source = data;
	int round;

	for (round = 0; round < CAPTURES_STORM_ROUNDS; round++) {
		captures_storm_try(source);
		cond_resched();
	}
	atomic_dec(&source->storm->running);
}

static void captures_storm_irq(void *data)
{
	struct captures_storm *storm = data;

	captures_storm_try(&storm->sources[CAPTURES_STORM_THREADS +
					   smp_processor_id()]);
}

static void captures_storm_interrupt(void *data)
{
	struct captures_storm *storm = data;
	int round;

	for (round = 0; round < CAPTURES_STORM_ROUNDS; round++) {
		on_each_cpu(captures_storm_irq, storm, 1);
		cond_resched();
	}
	atomic_dec(&storm->running);
}

static void captures_storm_take(struct captures_storm *storm)
{
	struct llist_node *taken = spt_captures_take(&storm->captures);
	struct spt_departure *departure, *next;

	llist_for_each_entry_safe(departure, next, taken, node) {
		struct captures_source *source =
			&storm->sources[departure->id.sid];

		if (departure->facts.login_time != captures_mark(departure) ||
		    departure->id.created <= source->last)
			storm->wrong = true;
		source->last = departure->id.created;
		source->taken++;
		memset(&departure->id, 0, sizeof(departure->id));
		spt_captures_release(&storm->captures, departure);
	}
}

static void captures_storm_run(struct kunit *test, struct captures_storm *storm)
{
	struct thread threads[CAPTURES_STORM_THREADS + 1];
	u32 i;

	atomic_set(&storm->running, ARRAY_SIZE(threads));
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		bool started = i < CAPTURES_STORM_THREADS ?
			thread_start(test, &threads[i], captures_storm_produce,
				     &storm->sources[i]) :
			thread_start(test, &threads[i],
				     captures_storm_interrupt, storm);

		if (!started)
			atomic_dec(&storm->running);
	}
	while (atomic_read(&storm->running)) {
		captures_storm_take(storm);
		cond_resched();
	}
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		thread_join(&threads[i]);
	captures_storm_take(storm);
}

/* Nothing is lost but what is counted, nothing comes twice or mixed up. */
static void captures_storm(struct kunit *test)
{
	struct captures_storm *storm;
	u64 taken = 0, dropped = 0;
	u32 i;

	storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, storm);
	KUNIT_ASSERT_EQ(test, spt_captures_init(&storm->captures,
						CAPTURES_STORM_SLOTS), 0);
	test->priv = &storm->captures;
	for (i = 0; i < CAPTURES_STORM_SOURCES; i++) {
		storm->sources[i].storm = storm;
		storm->sources[i].number = i;
	}

	captures_storm_run(test, storm);
	KUNIT_EXPECT_FALSE(test, storm->wrong);
	for (i = 0; i < CAPTURES_STORM_SOURCES; i++) {
		struct captures_source *source = &storm->sources[i];

		KUNIT_EXPECT_EQ_MSG(test, source->taken + source->dropped,
				    source->tried, "source %u", i);
		taken += source->taken;
		dropped += source->dropped;
	}
	KUNIT_EXPECT_GE(test, taken + dropped,
			(CAPTURES_STORM_THREADS + 1) * CAPTURES_STORM_ROUNDS);
	KUNIT_EXPECT_GE(test, taken, CAPTURES_STORM_SLOTS);
	captures_expect_dropped(test, dropped);
	for (i = 0; i < CAPTURES_STORM_SLOTS; i++)
		KUNIT_EXPECT_NOT_NULL(test, spt_captures_claim(test->priv));
}

static void captures_exit(struct kunit *test)
{
	if (test->priv)
		spt_captures_exit(test->priv);
}

static struct kunit_case captures_cases[] = {
	KUNIT_CASE(captures_none),
	KUNIT_CASE_PARAM(captures_claim_until_full, captures_count_gen_params),
	KUNIT_CASE_PARAM(captures_full_and_again, captures_count_gen_params),
	KUNIT_CASE(captures_oldest_first),
	KUNIT_CASE(captures_order_of_publishing),
	KUNIT_CASE(captures_release_one),
	KUNIT_CASE_SLOW(captures_storm),
	{}
};

static struct kunit_suite captures_suite = {
	.name		= "iscsitgt_spt_captures",
	.exit		= captures_exit,
	.test_cases	= captures_cases,
};

kunit_test_suite(captures_suite);
