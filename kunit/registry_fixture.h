/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry and what it is made of, on a LIO that is not one; and what it
 * tells, which has to be asked for event by event.
 */
#ifndef ISCSITGT_SPT_KUNIT_REGISTRY_FIXTURE_H
#define ISCSITGT_SPT_KUNIT_REGISTRY_FIXTURE_H

#include <kunit/test.h>

#include "../module/refuse.h"
#include "../module/registry.h"
#include "../module/ring.h"
#include "fake_lio.h"

int registry_init(struct kunit *test);
void registry_exit(struct kunit *test);
void registry_sweep(struct kunit *test, enum spt_pending want);
void registry_glance(struct kunit *test, enum spt_pending want);
unsigned int registry_followed(void);
void registry_hold(void);
void registry_stop(struct kunit *test, struct spt_session *session, int want);
void registry_sweep_leaving(struct kunit *test);
void registry_told_start(struct kunit *test, struct iscsit_session *sess,
			 bool reinstated);
void registry_told_end(struct kunit *test, struct iscsit_session *sess,
		       enum iscsitgt_spt_end_cause cause);
bool registry_told_any(struct spt_event *event);
void registry_told_nothing(struct kunit *test);
struct spt_session *registry_find(struct kunit *test,
				  const struct iscsit_session *sess);
void registry_set_last_cookie(u64 cookie);
void registry_put_snapshot(struct spt_snapshot *snapshot);

#endif /* ISCSITGT_SPT_KUNIT_REGISTRY_FIXTURE_H */
