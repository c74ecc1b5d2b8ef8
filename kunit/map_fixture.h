/* SPDX-License-Identifier: GPL-2.0 */
/* A map in test->priv, which is drained after each case. */
#ifndef ISCSITGT_SPT_KUNIT_MAP_FIXTURE_H
#define ISCSITGT_SPT_KUNIT_MAP_FIXTURE_H

#include <kunit/test.h>

#include "../module/map.h"

extern const struct spt_identity map_id;

int map_fixture_init(struct kunit *test);
void map_fixture_exit(struct kunit *test);
struct spt_identity map_id_with_sid(u32 sid);
struct spt_session *map_alloc(struct kunit *test,
			      const struct spt_identity *id);
struct spt_session *map_add(struct kunit *test, const struct spt_identity *id,
			    u64 now);
struct spt_session *map_add_sid(struct kunit *test, u32 sid, u64 now);
void map_drop(struct kunit *test, struct spt_session *session);
void map_drain(struct kunit *test);
void map_expect_cookie(struct kunit *test, u64 cookie,
		       const struct spt_session *want);
void map_expect_found(struct kunit *test, const struct spt_identity *id,
		      const struct spt_session *want);

#endif /* ISCSITGT_SPT_KUNIT_MAP_FIXTURE_H */
