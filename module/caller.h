/* SPDX-License-Identifier: GPL-2.0 */
/* Who asked, for a line of the log. */
#ifndef ISCSITGT_SPT_CALLER_H
#define ISCSITGT_SPT_CALLER_H

#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/string.h>

/* Each byte of a program's name may be told as four; two numbers. */
#define SPT_CALLER_LENGTH	(4 * TASK_COMM_LEN + 40)

/**
 * spt_caller - who the current task is
 * @text: set to text on one line; a program chooses its name
 *
 * Context: process context.
 * Return: @text.
 */
static inline const char *spt_caller(char text[SPT_CALLER_LENGTH])
{
	char comm[sizeof(current->comm)];

	get_task_comm(comm, current);
	snprintf(text, SPT_CALLER_LENGTH, "pid %d uid %u %*pE",
		 task_tgid_nr(current), from_kuid(&init_user_ns, current_uid()),
		 (int)strlen(comm), comm);
	return text;
}

#endif /* ISCSITGT_SPT_CALLER_H */
