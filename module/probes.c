// SPDX-License-Identifier: GPL-2.0
/*
 * The kprobes at the two functions by which LIO registers and deregisters a
 * session.  What they tell is a hint: when to look, of a session that leaves what
 * it was, and that LIO has deregistered it.  The scan is the truth, and without
 * any of this it is only later.
 *
 * A handler runs in any context, NMI included, under session_lock when a session
 * arrives: it takes no lock and allocates nothing, fills in a capture and raises
 * an irq_work, which has the follower look.  The pointers that it reads are told
 * in lio/hint.c.
 *
 * kprobes can be silenced while they are registered (kernel.ftrace_enabled,
 * debugfs), which nothing tells: so one of them is at a function of our own that
 * is called to see whether it fires.
 *
 * No locks.  Unregistering a probe waits for its handlers, so none runs when the
 * irq_work is synchronised and the captures are freed.
 *
 * Waits: loading and unloading wait for the locks of kprobes, and for RCU grace
 * periods, ended by the kernel; unloading for the irq_work.
 */
#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/ptrace.h>

#include "follow.h"
#include "lio/lio.h"
#include "probes.h"

#define SPT_CAPTURES_MAX	16384

/* How many can be in LIO_DEPARTURE_SYMBOL, which sleeps, and be seen to return. */
#define SPT_RETURNS_MAX		256

static bool spt_probes_wanted = true;
module_param_named(kprobes, spt_probes_wanted, bool, 0444);
MODULE_PARM_DESC(kprobes, "Notice starts and ends by kprobes (Y)");

static unsigned int spt_captures_max = 256;
module_param_named(captures, spt_captures_max, uint, 0444);
MODULE_PARM_DESC(captures,
		 "Ends that kprobes can note before they are looked at (1 to 16384; 256)");

static struct spt_captures spt_captures;
static atomic64_t spt_hints;
static atomic_t spt_canary_seen;
static bool spt_probes_registered;
/* What was said last. */
static atomic_t spt_noticing_said = ATOMIC_INIT(SPT_NOTICING_PROBES);

static void spt_probes_raised(struct irq_work *work)
{
	spt_follow_now();
}

static DEFINE_IRQ_WORK(spt_probes_raise, spt_probes_raised);

static void spt_probes_hint(void)
{
	atomic64_inc(&spt_hints);
	irq_work_queue(&spt_probes_raise);
}

static int spt_probe_arrival(struct kprobe *probe, struct pt_regs *regs)
{
	const struct lio_arrival arrival = {
		.se_tpg	= (void *)regs_get_kernel_argument(regs, 0),
		.sess	= (void *)regs_get_kernel_argument(regs, 3),
	};

	if (lio_arrives(&arrival))
		spt_probes_hint();
	return 0;
}

static int spt_probe_departure(struct kprobe *probe, struct pt_regs *regs)
{
	const void *se_sess = (void *)regs_get_kernel_argument(regs, 0);
	struct spt_departure *departure;

	if (!lio_departs(se_sess))
		return 0;
	departure = spt_captures_claim(&spt_captures);
	if (departure) {
		departure->left = false;
		lio_departure(se_sess, departure);
		spt_captures_publish(&spt_captures, departure);
	}
	spt_probes_hint();
	return 0;
}

static int spt_probe_leaving(struct kretprobe_instance *instance,
			     struct pt_regs *regs)
{
	const void *se_sess = (void *)regs_get_kernel_argument(regs, 0);

	if (!lio_departs(se_sess))
		return 1; /* no need to see it return */
	lio_departing(se_sess, (struct spt_identity *)instance->data);
	return 0;
}

/* Not worth a look of its own: who waits for the end looks until it is there. */
static int spt_probe_left(struct kretprobe_instance *instance,
			  struct pt_regs *regs)
{
	struct spt_departure *departure = spt_captures_claim(&spt_captures);

	if (!departure)
		return 0;
	departure->left = true;
	memcpy(&departure->id, instance->data, sizeof(departure->id));
	spt_captures_publish(&spt_captures, departure);
	return 0;
}

static int spt_probe_canary(struct kprobe *probe, struct pt_regs *regs)
{
	atomic_inc(&spt_canary_seen);
	return 0;
}

/* There to be probed. */
static noinline void spt_canary(void)
{
	/* Or the compiler finds that calls do nothing. */
	asm volatile("");
}

static struct kprobe spt_probe_list[] = {
	{
		.symbol_name	= LIO_ARRIVAL_SYMBOL,
		.pre_handler	= spt_probe_arrival,
	},
	{
		.symbol_name	= LIO_DEPARTURE_SYMBOL,
		.pre_handler	= spt_probe_departure,
	},
	{
		.addr		= (void *)spt_canary,
		.pre_handler	= spt_probe_canary,
	},
};

static struct kretprobe spt_return_probe = {
	.kp.symbol_name	= LIO_DEPARTURE_SYMBOL,
	.entry_handler	= spt_probe_leaving,
	.handler	= spt_probe_left,
	.data_size	= sizeof(struct spt_identity),
	.maxactive	= SPT_RETURNS_MAX,
};

static int spt_probes_register(void)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(spt_probe_list); i++) {
		ret = register_kprobe(&spt_probe_list[i]);
		if (ret)
			goto unregister;
	}
	ret = register_kretprobe(&spt_return_probe);
	if (ret)
		goto unregister;
	return 0;

unregister:
	while (i--)
		unregister_kprobe(&spt_probe_list[i]);
	pr_notice("%s: no kprobes: %d\n", KBUILD_MODNAME, ret);
	return ret;
}

static enum spt_noticing spt_probes_noticing(void)
{
	int seen = atomic_read(&spt_canary_seen);

	if (!spt_probes_wanted)
		return SPT_NOTICING_OFF;
	if (!spt_probes_registered)
		return SPT_NOTICING_NONE;
	spt_canary();
	return atomic_read(&spt_canary_seen) != seen ? SPT_NOTICING_PROBES :
						       SPT_NOTICING_SILENCED;
}

/**
 * spt_noticing_text - for people
 * @noticing: how starts and ends are noticed
 *
 * Context: any.
 * Return: a text.
 */
const char *spt_noticing_text(enum spt_noticing noticing)
{
	switch (noticing) {
	case SPT_NOTICING_PROBES:
		return "probes";
	case SPT_NOTICING_NONE:
		return "scans: no kprobes";
	case SPT_NOTICING_SILENCED:
		return "scans: kprobes silenced";
	case SPT_NOTICING_OFF:
		return "scans: turned off";
	}
	return "?";
}

/**
 * spt_probes_check - how are starts and ends noticed now?
 *
 * Logs a change.
 *
 * Context: process context.
 * Return: how.
 */
enum spt_noticing spt_probes_check(void)
{
	enum spt_noticing noticing = spt_probes_noticing();

	if (atomic_xchg(&spt_noticing_said, noticing) != noticing)
		pr_notice("%s: noticing starts and ends by %s\n",
			  KBUILD_MODNAME, spt_noticing_text(noticing));
	return noticing;
}

/**
 * spt_probes_hints - how often LIO was seen to register or deregister a session
 *
 * Context: any.
 * Return: the number.
 */
u64 spt_probes_hints(void)
{
	return atomic64_read(&spt_hints);
}

/**
 * spt_probes_missed - how often a probe did not fire, or had no room to note
 *
 * Context: any.
 * Return: the number, as far as it is known.
 */
u64 spt_probes_missed(void)
{
	u64 missed = atomic_long_read(&spt_captures.dropped);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spt_probe_list); i++)
		missed += spt_probe_list[i].nmissed;
	return missed + spt_return_probe.nmissed;
}

/**
 * spt_probes_departures - what was captured of sessions that leave
 *
 * Context: process context.
 * Return: as spt_captures_take(); to be given back by spt_probes_release().
 */
struct llist_node *spt_probes_departures(void)
{
	return spt_captures_take(&spt_captures);
}

/**
 * spt_probes_release - give back a departure
 * @departure: from spt_probes_departures()
 *
 * Context: process context.
 */
void spt_probes_release(struct spt_departure *departure)
{
	spt_captures_release(&spt_captures, departure);
}

/**
 * spt_probes_init - before any other function of this file
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EINVAL for a module parameter.
 */
int spt_probes_init(void)
{
	if (!spt_captures_max || spt_captures_max > SPT_CAPTURES_MAX) {
		pr_err("%s: captures=%u is not between 1 and %u\n",
		       KBUILD_MODNAME, spt_captures_max, SPT_CAPTURES_MAX);
		return -EINVAL;
	}
	/* Of each end it is noted that it begins, and that it is over. */
	return spt_captures_init(&spt_captures, 2 * spt_captures_max);
}

/**
 * spt_probes_exit - nobody asks for departures any more
 *
 * Context: process context, may sleep, after spt_probes_stop().
 */
void spt_probes_exit(void)
{
	spt_captures_exit(&spt_captures);
}

/**
 * spt_probes_start - begin to notice; the follower is called from now on
 *
 * Not to get the probes is no error: then there are scans.
 *
 * Context: process context, may sleep.
 */
void spt_probes_start(void)
{
	if (spt_probes_wanted)
		spt_probes_registered = !spt_probes_register();
	spt_probes_check();
}

/**
 * spt_probes_stop - notice nothing any more, and let the follower be
 *
 * Context: process context, may sleep.
 */
void spt_probes_stop(void)
{
	size_t i;

	if (spt_probes_registered) {
		unregister_kretprobe(&spt_return_probe);
		for (i = 0; i < ARRAY_SIZE(spt_probe_list); i++)
			unregister_kprobe(&spt_probe_list[i]);
	}
	spt_probes_registered = false;
	irq_work_sync(&spt_probes_raise);
}
