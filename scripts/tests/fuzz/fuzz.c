// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong callers of /dev/iscsitgt_spt, and an oracle that knows what each of
 * them has to be told.
 *
 * Threads that call, threads that are in their way, and one that watches over
 * those sessions that must not end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

/* Beside the workers; the first ones call as well, and signals come to them. */
static void *(* const helpers[])(void *argument) = {
	absentee, passer, closer, forker, racer,
};

#define SIGNALLED_HELPERS	2
#define SHARED			4

atomic_bool over;
static _Atomic __u64 calls;
static atomic_uint finished;
static atomic_bool signals_over;
static atomic_flag failed = ATOMIC_FLAG_INIT;
static __thread bool has_failed;
static struct worker *workers;
static unsigned int worker_count;

/* Open streams that all share; every second one blocks. */
static int shared[SHARED];
/* One that is read so seldom that it falls behind. */
static int slow;

/* What goes wrong first is told, and not what follows from it. */
static void only_one(void)
{
	while (!has_failed && atomic_flag_test_and_set(&failed))
		pause();
	has_failed = true;
}

void die(const char *format, ...)
{
	va_list args;

	only_one();
	fflush(stdout);
	fprintf(stderr, "fuzz: seed %llu, after %llu calls: ", options.seed,
		atomic_load(&calls));
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_exit(1);
}

static void print_record(const struct call *call)
{
	const __u8 *bytes = (const __u8 *)&call->record;
	size_t i;

	fprintf(stderr, "fuzz: fd %d, number %#lx, at %#lx, record", call->fd,
		call->number, call->at);
	for (i = 0; i < STOP_SIZE; i++)
		fprintf(stderr, "%s%02x", i % 4 ? "" : " ", bytes[i]);
	fputc('\n', stderr);
}

void mismatch(const struct worker *worker, const struct call *call,
	      const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	only_one();
	if (call)
		print_record(call);
	if (!worker)
		die("%s", text);
	die("thread %u, its call %llu: %s", worker->number, worker->calls, text);
}

bool enough(void)
{
	return atomic_load_explicit(&calls, memory_order_relaxed) >=
		options.calls;
}

/* All know of what it has done. */
void spend(struct worker *worker)
{
	atomic_fetch_add(&calls, worker->calls - worker->spent);
	worker->spent = worker->calls;
}

void start_thread(pthread_t *thread, void *(*run)(void *), void *argument)
{
	int error = pthread_create(thread, NULL, run, argument);

	if (error)
		die("pthread_create: %s", strerror(error));
}

static void on_signal(int number)
{
	(void)number;
}

static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	/* With these read() goes on, but no request does. */
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR2, &action, NULL);
}

void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Numbers that are no descriptor, or one that is for nothing. */
static void bad_fd(struct worker *worker, int path)
{
	const int fds[] = { -1, 1 << 20, path, ~0U >> 1 };
	int fd = fds[below(&worker->random, ARRAY_SIZE(fds))];
	struct srb_io_control header = { };
	int error = ioctl(fd, IOCTL_SCSI_MINIPORT, &header) ? errno : 0;

	expect(worker, NULL, KIND_BAD_FD, outcome_of(error), BIT(OUT_EBADF));
}

/* Or until something else comes between. */
static void read_until_interrupted(struct worker *worker)
{
	while (read_at(worker, shared[1], KIND_SHARED_READ, 0) > 0)
		;
}

static void call_one(struct worker *worker, int path)
{
	struct random *random = &worker->random;
	int fd = shared[below(random, SHARED)];
	__u32 chance = below(random, 10000);

	if (chance < 400)
		poll_now(worker, fd);
	else if (chance < 700)
		read_at(worker, shared[0], KIND_SHARED_READ, 0);
	else if (chance < 703)
		read_until_interrupted(worker);
	else if (chance < 705)
		read_at(worker, slow, KIND_SHARED_READ, 0);
	else if (chance < 725)
		fresh_stream(worker);
	else if (chance < 825)
		bad_fd(worker, path);
	else if (chance < 925)
		wild_request(worker, fd);
	else if (chance < 945)
		wild_read(worker, shared[0]);
	else if (chance < 1045)
		request_at(worker, closing_fd(random), KIND_CLOSING,
			   BIT(OUT_EBADF));
	else if (chance < 1055)
		read_at(worker, closing_fd(random), KIND_CLOSING,
			BIT(OUT_EBADF));
	else if (chance < 1085)
		raced_requests(worker, fd);
	else if (chance < 1095)
		raced_reads(worker, shared[0]);
	else if (chance < 1105)
		evict_request(worker, fd);
	else if (chance < 1305)
		hold_request(worker, fd);
	else if (chance < 1405)
		list_request(worker, fd);
	else
		request(worker, fd);
}

/* No thread is gone while a signal may be sent to it. */
static void rest(void)
{
	atomic_fetch_add(&finished, 1);
	while (!atomic_load(&signals_over))
		usleep(1000);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	int path = open(ISCSITGT_SPT_DEVICE, O_PATH | O_CLOEXEC), i;

	if (path < 0)
		die("open: %s", strerror(errno));
	while (!enough()) {
		for (i = 0; i < 64; i++)
			call_one(worker, path);
		spend(worker);
	}
	rest();
	return NULL;
}

static void *help(void *argument)
{
	struct worker *worker = argument;

	helpers[worker->number - options.threads](worker);
	if (worker->number < options.threads + SIGNALLED_HELPERS)
		rest();
	return NULL;
}

/* At least once, also when there is time for few calls only. */
static void *be_patient(void *argument)
{
	struct worker *worker = argument;
	int fd = open_surely(0);
	__u64 victim;

	block_signals();
	do {
		patient_request(worker, fd, pick_stuck(&worker->random), 1);
		do
			victim = pick_victim(&worker->random);
		while (!victim && !usleep(10000));
		patient_request(worker, fd, victim, 30);
		spend(worker);
	} while (!enough());
	close(fd);
	return NULL;
}

static void *signaller(void *unused)
{
	const unsigned int targets = options.threads + SIGNALLED_HELPERS;
	struct random random = { .state = options.seed };
	unsigned int i;

	block_signals();
	while (atomic_load(&finished) < targets) {
		i = below(&random, targets);
		pthread_kill(workers[i].thread,
			     below(&random, 2) ? SIGUSR1 : SIGUSR2);
		usleep(below(&random, 5000));
	}
	atomic_store(&signals_over, true);
	return unused;
}

/* Shared with those that are forked. */
static void make_workers(void)
{
	unsigned int i;

	worker_count = options.threads + ARRAY_SIZE(helpers) + 1;
	workers = mmap(NULL, worker_count * sizeof(*workers),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (workers == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	for (i = 0; i < worker_count; i++) {
		workers[i].number = i;
		workers[i].random.state = options.seed * 1000 + i;
		view_init(&workers[i].view);
	}
}

static void open_shared(void)
{
	int i;

	for (i = 0; i < SHARED; i++)
		shared[i] = open_surely(i % 2 ? 0 : O_NONBLOCK);
	slow = open_surely(O_NONBLOCK);
}

static void start_all(void)
{
	unsigned int last = worker_count - 1, i;

	for (i = 0; i < last; i++)
		start_thread(&workers[i].thread,
			     i < options.threads ? work : help, &workers[i]);
	start_thread(&workers[last].thread, be_patient, &workers[last]);
}

static double run(void)
{
	const struct itimerval often = {
		.it_interval.tv_usec = 7000, .it_value.tv_usec = 7000,
	};
	pthread_t watching, signalling;
	struct timespec begin, end;
	/* The racer is there until the last of the others has ended. */
	unsigned int racing = options.threads + ARRAY_SIZE(helpers) - 1, i;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	start_thread(&watching, sessions_watch, NULL);
	start_all();
	start_thread(&signalling, signaller, NULL);
	block_signals();
	setitimer(ITIMER_REAL, &often, NULL);
	for (i = 0; i < worker_count; i++) {
		if (i != racing)
			pthread_join(workers[i].thread, NULL);
	}
	atomic_store(&over, true);
	pthread_join(workers[racing].thread, NULL);
	pthread_join(signalling, NULL);
	pthread_join(watching, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
}

int main(int argc, char **argv)
{
	bool complete;
	double took;

	parse_options(argc, argv);
	handle_signals();
	sessions_init();
	make_workers();
	racing_init();
	open_shared();
	took = run();
	sessions_check();
	complete = print_table(workers, worker_count);
	printf("fuzz: seed %llu, %.1f s, %.0f calls/s\n", options.seed, took,
	       atomic_load(&calls) / took);
	return complete ? 0 : 1;
}
