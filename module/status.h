/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSITGT_SPT_STATUS_H
#define ISCSITGT_SPT_STATUS_H

#include <linux/sysfs.h>

/**
 * enum spt_counter - what is counted since the module was loaded
 * @SPT_COUNT_STOPS_DONE: stops that were answered: the session has left LIO
 * @SPT_COUNT_STOPS_BEGUN: stops that were answered: begun
 * @SPT_COUNT_STOPS_TIMED_OUT: stops whose deadline passed
 * @SPT_COUNT_STOPS_INTERRUPTED: stops whose caller got a signal
 * @SPT_COUNT_STOPS_NOT_FOUND: stops of no session
 * @SPT_COUNT_EVICTIONS: evictions that were answered: no session is there
 * @SPT_COUNT_LOGINS_REFUSED: logins that a hold kept out
 * @SPT_COUNT_EVENTS: starts and ends
 * @SPT_COUNT_EVENTS_DROPPED: events that a reader fell behind, for each such
 *	reader
 * @SPT_COUNT_RESCANS: looks at all of LIO
 * @SPT_COUNT_HINTS_MISSED: departures that there was no memory for
 * @SPT_COUNTERS: how many there are
 */
enum spt_counter {
	SPT_COUNT_STOPS_DONE,
	SPT_COUNT_STOPS_BEGUN,
	SPT_COUNT_STOPS_TIMED_OUT,
	SPT_COUNT_STOPS_INTERRUPTED,
	SPT_COUNT_STOPS_NOT_FOUND,
	SPT_COUNT_EVICTIONS,
	SPT_COUNT_LOGINS_REFUSED,
	SPT_COUNT_EVENTS,
	SPT_COUNT_EVENTS_DROPPED,
	SPT_COUNT_RESCANS,
	SPT_COUNT_HINTS_MISSED,
	SPT_COUNTERS,
};

extern const struct attribute_group *spt_status_groups[];

void spt_count_many(enum spt_counter counter, u64 by);

static inline void spt_count(enum spt_counter counter)
{
	spt_count_many(counter, 1);
}

#endif /* ISCSITGT_SPT_STATUS_H */
