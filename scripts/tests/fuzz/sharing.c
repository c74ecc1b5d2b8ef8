// SPDX-License-Identifier: GPL-2.0
/* Descriptors that are closed meanwhile, passed on, or of who is killed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

/* So high that nobody is given one of these but by dup2(). */
#define CLOSING_FIRST	900

int closing_fd(struct random *random)
{
	return CLOSING_FIRST + below(random, CLOSING_FDS);
}

/* Each is there about half of the time. */
void *closer(void *argument)
{
	struct worker *worker = argument;
	struct random *random = &worker->random;
	int shared = open_surely(O_NONBLOCK), own, fd;

	block_signals();
	while (!enough()) {
		fd = closing_fd(random);
		own = one_in(random, 8) ? open_surely(O_NONBLOCK) : shared;
		if (dup2(own, fd) != fd)
			die("dup2: %s", strerror(errno));
		if (own != shared)
			close(own);
		usleep(below(random, 300));
		close(fd);
		expect(worker, NULL, KIND_DUP, OUT_DONE, BIT(OUT_DONE));
		spend(worker);
		usleep(below(random, 300));
	}
	close(shared);
	return NULL;
}

union control {
	char space[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void send_fd(int socket, int fd)
{
	struct iovec byte = { .iov_base = "!", .iov_len = 1 };
	union control control = { };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		die("sendmsg: %s", strerror(errno));
}

static int receive_fd(int socket)
{
	char byte;
	struct iovec bytes = { .iov_base = &byte, .iov_len = 1 };
	union control control;
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		die("recvmsg: %s", strerror(errno));
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		die("no descriptor came");
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

/* One is closed by who sent it, one is never received. */
static void pass(struct worker *worker)
{
	int sockets[2], fd, i;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		die("socketpair: %s", strerror(errno));
	for (i = 0; i < 2; i++) {
		fd = open_surely(O_NONBLOCK);
		send_fd(sockets[0], fd);
		close(fd);
	}
	fd = receive_fd(sockets[1]);
	close(sockets[0]);
	close(sockets[1]);
	for (i = 0; i < 16; i++)
		request_at(worker, fd, KIND_PASSED, 0);
	read_at(worker, fd, KIND_SHARED_READ, 0);
	close(fd);
}

void *passer(void *argument)
{
	struct worker *worker = argument;

	while (!enough()) {
		pass(worker);
		spend(worker);
		usleep(500);
	}
	return NULL;
}

/* Until it is killed, wherever it is. */
static void __attribute__((noreturn))
be_killed(struct worker *worker, int nonblocking, int blocking)
{
	int i;

	if (one_in(&worker->random, 4))
		patient_request(worker, blocking, pick_stuck(&worker->random),
				ISCSITGT_SPT_TIMEOUT_NONE);
	for (;;) {
		for (i = 0; i < 64; i++)
			request(worker, nonblocking);
		read_at(worker, blocking, KIND_SHARED_READ, 0);
	}
}

/* Of a process with the same descriptors; what it did is counted here as well. */
static void fork_one(struct worker *worker, int nonblocking, int blocking)
{
	int number = one_in(&worker->random, 2) ? SIGKILL : SIGTERM, status;
	pid_t pid = fork();

	if (!pid)
		be_killed(worker, nonblocking, blocking);
	if (pid < 0)
		die("fork: %s", strerror(errno));
	usleep(below(&worker->random, 20000));
	kill(pid, number);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid: %s", strerror(errno));
	if (!WIFSIGNALED(status) || WTERMSIG(status) != number)
		die("a child ended with status %#x", status);
	/* It was killed between the two copies of its memory. */
	view_accept(&worker->view, 0, 6 * PAGE);
	expect(worker, NULL, KIND_FORKED, OUT_DONE, BIT(OUT_DONE));
}

void *forker(void *argument)
{
	struct worker *worker = argument;
	int nonblocking = open_surely(O_NONBLOCK), blocking = open_surely(0);

	block_signals();
	while (!enough()) {
		fork_one(worker, nonblocking, blocking);
		spend(worker);
		usleep(20000);
	}
	close(nonblocking);
	close(blocking);
	return NULL;
}
