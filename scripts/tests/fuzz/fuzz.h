/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of fuzz share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <linux/types.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <linux/iscsitgt_spt.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))
#define BIT(n)			(1U << (n))

#define PAGE			4096L
#define HEAD			sizeof(struct srb_io_control)
#define START_SIZE		sizeof(struct iscsitgt_spt_session_start)
#define STOP_SIZE		sizeof(struct iscsitgt_spt_session_stop)
#define INFO_SIZE		sizeof(struct iscsitgt_spt_session_info)
#define STOP_LENGTH		((__u32)(STOP_SIZE - HEAD))
#define INFO_LENGTH		((__u32)(INFO_SIZE - HEAD))
#define EVICT_LENGTH \
	((__u32)(sizeof(struct iscsitgt_spt_session_evict) - HEAD))
#define HOLD_LENGTH		((__u32)(sizeof(struct iscsitgt_spt_hold) - HEAD))
#define LIST_LENGTH \
	((__u32)(sizeof(struct iscsitgt_spt_session_list) - HEAD))

#define CODE_AT			((long)offsetof(struct srb_io_control, return_code))

/* What a ReturnCode is before the call, which no answer has. */
#define UNTOUCHED		0xdeadbeef

/* Bytes before and after a record in which nobody may write. */
#define CANARY			64L

/* Rows of the table: what kind of call. */
enum kind {
	KIND_END, KIND_INFO, KIND_CODE, KIND_NUMBER, KIND_WILD, KIND_BAD_FD,
	KIND_OPEN, KIND_FRESH_READ, KIND_WILD_READ, KIND_SHARED_READ, KIND_POLL,
	KIND_DUP, KIND_CLOSING, KIND_PASSED, KIND_FORKED, KIND_RACED,
	KIND_RACED_READ, KIND_ABSENT, KIND_ABSENT_READ, KIND_PATIENT,
	KIND_EVICT, KIND_HOLD, KIND_LIST,
	KINDS
};

/* Columns: errno, or for 0 what it came with. */
enum outcome {
	OUT_DONE, OUT_PENDING, OUT_NOTHING, OUT_EFAULT, OUT_EINVAL,
	OUT_EOPNOTSUPP, OUT_ENOTTY, OUT_ENOENT, OUT_ETIMEDOUT, OUT_EINTR,
	OUT_EBADF, OUT_EAGAIN, OUT_EPIPE, OUT_OTHER,
	OUTCOMES
};

struct random {
	__u64 state;
};

/*
 * Memory of which a part can be read and written, a part only read, and what is
 * around it is not there.  All of it is in @alias as well, as a copy of what it
 * should be is in @shadow.
 */
struct view {
	char *map;
	char *alias;
	char *shadow;
};

struct worker {
	unsigned int number;
	pthread_t thread;
	struct random random;
	__u64 calls;
	__u64 spent;		/* of them, those that all know of */
	struct view view;
	__u64 counts[KINDS][OUTCOMES];
};

/* One ioctl, and all that its answer depends on. */
struct call {
	enum kind kind;
	unsigned long number;
	int fd;
	const struct view *view;	/* NULL: all memory is there */
	long at;			/* of the view's beginning */
	struct iscsitgt_spt_session_stop record;
};

enum fate {
	FATE_UNKNOWN,	/* no such session, or not any more */
	FATE_VICTIM,	/* may be ended by us, or end by itself */
	FATE_STUCK,	/* may be ended, but does not end */
	FATE_BYSTANDER,	/* must not end */
};

struct options {
	__u64 calls;
	__u64 seed;
	unsigned int threads;
	const char *victim;
	const char *stuck;
};

/* options.c */
extern struct options options;
void parse_options(int argc, char **argv);

/* fuzz.c */
extern atomic_bool over;
void start_thread(pthread_t *thread, void *(*run)(void *), void *argument);
bool enough(void);
void spend(struct worker *worker);
void block_signals(void);
void die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));
void mismatch(const struct worker *worker, const struct call *call,
	      const char *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));

/* table.c */
extern const char * const kind_names[KINDS];
enum outcome outcome_of(int error);
void expect(struct worker *worker, const struct call *call, enum kind kind,
	    enum outcome outcome, __u32 allowed);
bool print_table(const struct worker *workers, unsigned int count);

/* view.c */
void view_init(struct view *view);
size_t view_readable(const struct view *view, long at, size_t size);
size_t view_writable(const struct view *view, long at, size_t size);
void view_fill(struct view *view, long at, size_t size, int byte);
void view_put(struct view *view, long at, const void *bytes, size_t size);
void view_accept(struct view *view, long at, size_t size);
bool view_is_intact(const struct view *view, long at, size_t size);
bool view_is_intact_all(const struct view *view);
long view_place(struct worker *worker, size_t size);

/* oracle.c */
bool is_certain(__u32 code);
__u32 predict(const struct call *call, enum fate fate);
enum outcome outcome_of_ioctl(const struct worker *worker,
			      const struct call *call, int error,
			      const void *record);
size_t reply_room(const struct call *call);
void check_info(const struct worker *worker, const struct call *call,
		const void *record);

/* request.c */
void make_record(struct worker *worker, struct call *call);
void request_at(struct worker *worker, int fd, enum kind kind, __u32 also);
void request(struct worker *worker, int fd);
void wild_request(struct worker *worker, int fd);
void patient_request(struct worker *worker, int fd, __u64 cookie,
		     __u32 timeout);

/* whole.c */
void header_init(struct srb_io_control *header, __u32 code, __u32 length);
/* @room: how many bytes after the header a good answer may change */
enum outcome send_whole(struct worker *worker, struct call *call, const void *record,
			size_t size, size_t room, __u32 allowed);

/* listing.c */
void list_request(struct worker *worker, int fd);

/* holding.c */
void evict_request(struct worker *worker, int fd);
void hold_request(struct worker *worker, int fd);

/* reading.c */
int open_device(int flags);
int open_surely(int flags);
void check_records(const struct worker *worker, const char *bytes, size_t size);
ssize_t read_at(struct worker *worker, int fd, enum kind kind, __u32 also);
void wild_read(struct worker *worker, int fd);
void poll_now(struct worker *worker, int fd);
void fresh_stream(struct worker *worker);

/* sessions.c */
void sessions_init(void);
void *sessions_watch(void *unused);
void sessions_check(void);
enum fate session_fate(__u64 cookie);
enum fate session_fate_of(const struct iscsitgt_spt_session_start *start);
const struct iscsitgt_spt_session_info *session_reference(__u64 cookie);
__u64 pick_victim(struct random *random);
__u64 pick_stuck(struct random *random);
__u64 pick_bystander(struct random *random);
__u64 pick_dead(struct random *random);
unsigned int lasting_count(void);
__u64 lasting(unsigned int index);

/* racing.c */
void racing_init(void);
void *racer(void *argument);
void raced_requests(struct worker *worker, int fd);
void raced_reads(struct worker *worker, int fd);

/* absent.c */
void *absentee(void *argument);

/* sharing.c */
#define CLOSING_FDS	4
int closing_fd(struct random *random);
void *closer(void *argument);
void *passer(void *argument);
void *forker(void *argument);

/* splitmix64 */
static inline __u64 random_next(struct random *random)
{
	__u64 z = random->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static inline __u32 below(struct random *random, __u32 limit)
{
	return ((random_next(random) >> 32) * limit) >> 32;
}

static inline bool one_in(struct random *random, __u32 count)
{
	return !below(random, count);
}

#endif
