// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/kthread.h>

#include "thread.h"

static int thread_main(void *data)
{
	struct thread *thread = data;

	thread->run(thread->data);
	/* Nothing of this module is run after that, so it may be unloaded. */
	kthread_complete_and_exit(&thread->done, 0);
}

/* Fails the case, but does not end it: other threads may be running. */
bool thread_start(struct kunit *test, struct thread *thread,
		  void (*run)(void *data), void *data)
{
	struct task_struct *task;

	init_completion(&thread->done);
	thread->run = run;
	thread->data = data;
	task = kthread_run(thread_main, thread, "iscsitgt_spt_kunit");
	KUNIT_EXPECT_FALSE(test, IS_ERR(task));
	if (IS_ERR(task))
		complete(&thread->done);
	return !IS_ERR(task);
}

/* Waits for it to end by itself. */
void thread_join(struct thread *thread)
{
	wait_for_completion(&thread->done);
}
