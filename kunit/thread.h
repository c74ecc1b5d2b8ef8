/* SPDX-License-Identifier: GPL-2.0 */
/* Threads of suites: expectations are for the case's own thread only. */
#ifndef ISCSITGT_SPT_KUNIT_THREAD_H
#define ISCSITGT_SPT_KUNIT_THREAD_H

#include <kunit/test.h>
#include <linux/completion.h>

struct thread {
	struct completion done;
	void (*run)(void *data);
	void *data;
};

bool thread_start(struct kunit *test, struct thread *thread,
		  void (*run)(void *data), void *data);
void thread_join(struct thread *thread);

#endif /* ISCSITGT_SPT_KUNIT_THREAD_H */
