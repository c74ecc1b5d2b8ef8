/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions for suites; each one that a case leaves behind fails it. */
#ifndef ISCSITGT_SPT_KUNIT_SESSIONS_H
#define ISCSITGT_SPT_KUNIT_SESSIONS_H

#include <kunit/test.h>

#include "../module/session.h"

/* To sessions_allow() */
#define SESSIONS_ALL	(-1)

int sessions_suite_init(struct kunit_suite *suite);
void sessions_suite_exit(struct kunit_suite *suite);
int sessions_init(struct kunit *test);
void sessions_exit(struct kunit *test);
int sessions_alive(void);
void sessions_allow(int count);
struct spt_session *sessions_new(struct kunit *test, u64 cookie);
void sessions_expect_refs(struct kunit *test, struct spt_session *session,
			  unsigned int want);

#endif /* ISCSITGT_SPT_KUNIT_SESSIONS_H */
