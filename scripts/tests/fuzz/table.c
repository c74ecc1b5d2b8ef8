// SPDX-License-Identifier: GPL-2.0
/* What was answered, and what should have been. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

/* Fewer calls need not have met everything. */
#define ENOUGH_CALLS	150000

const char * const kind_names[KINDS] = {
	[KIND_END] = "SESSION_END",
	[KIND_INFO] = "SESSION_INFO",
	[KIND_CODE] = "other ControlCode",
	[KIND_NUMBER] = "other ioctl",
	[KIND_WILD] = "ioctl, no user memory",
	[KIND_BAD_FD] = "ioctl, no descriptor",
	[KIND_OPEN] = "open",
	[KIND_FRESH_READ] = "read, own stream",
	[KIND_WILD_READ] = "read, no user memory",
	[KIND_SHARED_READ] = "read, shared stream",
	[KIND_POLL] = "poll",
	[KIND_DUP] = "dup and close",
	[KIND_CLOSING] = "closed meanwhile",
	[KIND_PASSED] = "descriptor passed on",
	[KIND_FORKED] = "child killed",
	[KIND_RACED] = "ioctl, memory changes",
	[KIND_RACED_READ] = "read, memory changes",
	[KIND_ABSENT] = "ioctl, memory absent",
	[KIND_ABSENT_READ] = "read, memory absent",
	[KIND_PATIENT] = "END, no signals",
	[KIND_EVICT] = "SESSION_EVICT",
	[KIND_HOLD] = "HOLD",
	[KIND_LIST] = "SESSION_LIST",
};

static const char * const outcome_names[OUTCOMES] = {
	[OUT_DONE] = "done",
	[OUT_PENDING] = "pending",
	[OUT_NOTHING] = "nothing",
	[OUT_EFAULT] = "EFAULT",
	[OUT_EINVAL] = "EINVAL",
	[OUT_EOPNOTSUPP] = "EOPNOTSUPP",
	[OUT_ENOTTY] = "ENOTTY",
	[OUT_ENOENT] = "ENOENT",
	[OUT_ETIMEDOUT] = "ETIMEDOUT",
	[OUT_EINTR] = "EINTR",
	[OUT_EBADF] = "EBADF",
	[OUT_EAGAIN] = "EAGAIN",
	[OUT_EPIPE] = "EPIPE",
	[OUT_OTHER] = "another errno",
};

/* What has to have been met. */
static const __u32 needed[KINDS] = {
	[KIND_END] = BIT(OUT_DONE) | BIT(OUT_PENDING) | BIT(OUT_EFAULT) |
		BIT(OUT_EINVAL) | BIT(OUT_ENOENT) | BIT(OUT_EINTR),
	[KIND_INFO] = BIT(OUT_DONE) | BIT(OUT_EFAULT) | BIT(OUT_EINVAL) |
		BIT(OUT_ENOENT),
	[KIND_CODE] = BIT(OUT_EFAULT) | BIT(OUT_EINVAL) | BIT(OUT_EOPNOTSUPP),
	[KIND_NUMBER] = BIT(OUT_ENOTTY),
	[KIND_WILD] = BIT(OUT_EFAULT),
	[KIND_BAD_FD] = BIT(OUT_EBADF),
	[KIND_OPEN] = BIT(OUT_DONE),
	[KIND_FRESH_READ] = BIT(OUT_DONE) | BIT(OUT_EAGAIN) | BIT(OUT_EFAULT) |
		BIT(OUT_EINVAL),
	[KIND_WILD_READ] = BIT(OUT_EFAULT),
	[KIND_SHARED_READ] = BIT(OUT_DONE) | BIT(OUT_EAGAIN) | BIT(OUT_EFAULT) |
		BIT(OUT_EINVAL) | BIT(OUT_EINTR) | BIT(OUT_EPIPE),
	[KIND_POLL] = BIT(OUT_DONE) | BIT(OUT_NOTHING),
	[KIND_DUP] = BIT(OUT_DONE),
	[KIND_CLOSING] = BIT(OUT_EBADF) | BIT(OUT_EINVAL) | BIT(OUT_ENOENT),
	[KIND_PASSED] = BIT(OUT_EINVAL) | BIT(OUT_ENOENT),
	[KIND_FORKED] = BIT(OUT_DONE),
	[KIND_RACED] = BIT(OUT_DONE) | BIT(OUT_EFAULT) | BIT(OUT_EINVAL) |
		BIT(OUT_ENOENT),
	[KIND_RACED_READ] = BIT(OUT_EAGAIN) | BIT(OUT_EFAULT),
	[KIND_ABSENT] = BIT(OUT_DONE) | BIT(OUT_EINVAL) | BIT(OUT_ENOENT),
	[KIND_ABSENT_READ] = BIT(OUT_DONE),
	[KIND_PATIENT] = BIT(OUT_DONE) | BIT(OUT_ETIMEDOUT),
	[KIND_EVICT] = BIT(OUT_PENDING) | BIT(OUT_ENOENT) | BIT(OUT_EINVAL) |
		BIT(OUT_EFAULT),
	[KIND_LIST] = BIT(OUT_DONE) | BIT(OUT_EFAULT) | BIT(OUT_EINVAL),
	[KIND_HOLD] = BIT(OUT_DONE) | BIT(OUT_ENOENT) | BIT(OUT_EINVAL) |
		BIT(OUT_EFAULT),
};

enum outcome outcome_of(int error)
{
	switch (error) {
	case 0:
		return OUT_DONE;
	case EFAULT:
		return OUT_EFAULT;
	case EINVAL:
		return OUT_EINVAL;
	case EOPNOTSUPP:
		return OUT_EOPNOTSUPP;
	case ENOTTY:
		return OUT_ENOTTY;
	case ENOENT:
		return OUT_ENOENT;
	case ETIMEDOUT:
		return OUT_ETIMEDOUT;
	case EINTR:
		return OUT_EINTR;
	case EBADF:
		return OUT_EBADF;
	case EAGAIN:
		return OUT_EAGAIN;
	case EPIPE:
		return OUT_EPIPE;
	default:
		return OUT_OTHER;
	}
}

static void name_outcomes(char *text, size_t size, __u32 outcomes)
{
	size_t length = 0;
	int i;

	*text = 0;
	for (i = 0; i < OUTCOMES && length < size; i++) {
		if (outcomes & BIT(i))
			length += snprintf(text + length, size - length, " %s",
					   outcome_names[i]);
	}
}

/* Count it, and fail when it is not one of those. */
void expect(struct worker *worker, const struct call *call, enum kind kind,
	    enum outcome outcome, __u32 allowed)
{
	char text[256];

	worker->counts[kind][outcome]++;
	worker->calls++;
	if (allowed & BIT(outcome))
		return;
	name_outcomes(text, sizeof(text), allowed);
	mismatch(worker, call, "%s: %s instead of%s", kind_names[kind],
		 outcome_names[outcome], text);
}

/* Returns whether all is there that should be. */
static bool print_row(enum kind kind, const __u64 *counts, bool all)
{
	__u32 missing = needed[kind];
	char text[256];
	int i;

	printf("fuzz: %-22s", kind_names[kind]);
	for (i = 0; i < OUTCOMES; i++) {
		if (!counts[i])
			continue;
		printf(" %s %llu", outcome_names[i], counts[i]);
		missing &= ~BIT(i);
	}
	if (missing && all) {
		name_outcomes(text, sizeof(text), missing);
		printf(" - NEVER%s", text);
	}
	putchar('\n');
	return !missing || !all;
}

bool print_table(const struct worker *workers, unsigned int count)
{
	__u64 counts[KINDS][OUTCOMES] = { }, all = 0;
	bool complete = true;
	unsigned int w, kind, i;

	for (w = 0; w < count; w++) {
		all += workers[w].calls;
		for (kind = 0; kind < KINDS; kind++) {
			for (i = 0; i < OUTCOMES; i++)
				counts[kind][i] += workers[w].counts[kind][i];
		}
	}
	for (kind = 0; kind < KINDS; kind++)
		complete &= print_row(kind, counts[kind], all >= ENOUGH_CALLS);
	printf("fuzz: %llu calls\n", all);
	return complete;
}
