// SPDX-License-Identifier: GPL-2.0
/*
 * The counters, and the files in /sys/class/misc/iscsitgt_spt that show them.
 * They are root's, like the device: to read some looks at all of LIO.  No locks.
 *
 * Waits: to read "sessions" waits for spt_registry_lock, interruptible; see
 * registry.c.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/ktime.h>

#include "probes.h"
#include "refuse.h"
#include "registry.h"
#include "status.h"

static atomic64_t spt_counters[SPT_COUNTERS];

/**
 * spt_count_many - count
 * @counter: what
 * @by: how many
 *
 * Context: any.
 */
void spt_count_many(enum spt_counter counter, u64 by)
{
	atomic64_add(by, &spt_counters[counter]);
}

static u64 spt_counted(enum spt_counter counter)
{
	return atomic64_read(&spt_counters[counter]);
}

#define SPT_STATUS_COUNTER(name, counter) \
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, \
			   char *buffer) \
{ \
	return sysfs_emit(buffer, "%llu\n", spt_counted(counter)); \
} \
static DEVICE_ATTR_ADMIN_RO(name)

SPT_STATUS_COUNTER(stops_done, SPT_COUNT_STOPS_DONE);
SPT_STATUS_COUNTER(stops_begun, SPT_COUNT_STOPS_BEGUN);
SPT_STATUS_COUNTER(stops_timed_out, SPT_COUNT_STOPS_TIMED_OUT);
SPT_STATUS_COUNTER(stops_interrupted, SPT_COUNT_STOPS_INTERRUPTED);
SPT_STATUS_COUNTER(stops_not_found, SPT_COUNT_STOPS_NOT_FOUND);
SPT_STATUS_COUNTER(evictions, SPT_COUNT_EVICTIONS);
SPT_STATUS_COUNTER(logins_refused, SPT_COUNT_LOGINS_REFUSED);
SPT_STATUS_COUNTER(events, SPT_COUNT_EVENTS);
SPT_STATUS_COUNTER(events_dropped, SPT_COUNT_EVENTS_DROPPED);
SPT_STATUS_COUNTER(rescans, SPT_COUNT_RESCANS);

static ssize_t sessions_show(struct device *dev, struct device_attribute *attr,
			     char *buffer)
{
	size_t count;
	int ret = spt_registry_count(&count);

	return ret ?: sysfs_emit(buffer, "%zu\n", count);
}
static DEVICE_ATTR_ADMIN_RO(sessions);

static ssize_t holds_show(struct device *dev, struct device_attribute *attr,
			  char *buffer)
{
	return sysfs_emit(buffer, "%u\n",
			  spt_refusals_count(spt_refuse_holds(),
					     ktime_get_boottime_ns()));
}
static DEVICE_ATTR_ADMIN_RO(holds);

static ssize_t hints_show(struct device *dev, struct device_attribute *attr,
			  char *buffer)
{
	return sysfs_emit(buffer, "%llu\n", spt_probes_hints());
}
static DEVICE_ATTR_ADMIN_RO(hints);

static ssize_t hints_missed_show(struct device *dev,
				 struct device_attribute *attr, char *buffer)
{
	return sysfs_emit(buffer, "%llu\n", spt_probes_missed() +
			  spt_counted(SPT_COUNT_HINTS_MISSED));
}
static DEVICE_ATTR_ADMIN_RO(hints_missed);

static ssize_t noticing_show(struct device *dev, struct device_attribute *attr,
			     char *buffer)
{
	return sysfs_emit(buffer, "%s\n",
			  spt_noticing_text(spt_probes_check()));
}
static DEVICE_ATTR_ADMIN_RO(noticing);

static struct attribute *spt_status_attrs[] = {
	&dev_attr_sessions.attr,
	&dev_attr_stops_done.attr,
	&dev_attr_stops_begun.attr,
	&dev_attr_stops_timed_out.attr,
	&dev_attr_stops_interrupted.attr,
	&dev_attr_stops_not_found.attr,
	&dev_attr_holds.attr,
	&dev_attr_evictions.attr,
	&dev_attr_logins_refused.attr,
	&dev_attr_events.attr,
	&dev_attr_events_dropped.attr,
	&dev_attr_rescans.attr,
	&dev_attr_hints.attr,
	&dev_attr_hints_missed.attr,
	&dev_attr_noticing.attr,
	NULL
};

static const struct attribute_group spt_status_group = {
	.attrs = spt_status_attrs,
};

const struct attribute_group *spt_status_groups[] = {
	&spt_status_group,
	NULL
};
