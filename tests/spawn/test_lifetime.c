/* SPDX-License-Identifier: MIT */
/*
 * How long a container lives: longer than the thread that made it, no longer
 * than the process, unless it was detached.
 *
 * The hosts that die here are children of the test, which is the subreaper of
 * what they leave behind: a process that outlives its host becomes a child of
 * the test and is seen.
 */
#include "support/box.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static ct_spec *pausing(void)
{
	ct_spec *spec = SPEC("/bin/probe", "pause");

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	return spec;
}

static ct_container *spawned(ct_spec *spec)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("spawn: %s", err.sentence);
	return container;
}

/* ----------------------------------------------------------------- subreaping */

static void become_subreaper(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	box_accept_changes();
}

/* Reaps until there is no child, waiting for SIGCHLD; the number that still live after the time. */
static int wait_for_no_children(int timeout_ms)
{
	struct timespec start, now;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		struct timespec left;
		int64_t passed;
		pid_t pid;

		do
			pid = waitpid(-1, NULL, WNOHANG);
		while (pid > 0);
		if (pid < 0 && errno == ECHILD)
			return 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
		passed = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
		if (passed >= timeout_ms)
			return count_children();
		left.tv_sec = (timeout_ms - passed) / 1000;
		left.tv_nsec = (timeout_ms - passed) % 1000 * 1000000;
		sigtimedwait(&mask, NULL, &left);
	}
}

static void kill_children(void)
{
	/* What should not be there; only after the verdict was reached. */
	for (pid_t child = find_child(NULL); child; child = find_child(NULL)) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void send_fd(int socket, int fd)
{
	char byte = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	if (!head)
		_exit(3);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	if (sendmsg(socket, &message, 0) != 1)
		_exit(3);
}

/* The descriptor that comes; -1 if the other side closed its end instead. */
static int receive_fd_or_end(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *head;
	int fd = -1;

	ck_assert(readable(socket, PATIENCE_MS));
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (head)
		memcpy(&fd, CMSG_DATA(head), sizeof(int));
	return fd;
}

static int receive_fd(int socket)
{
	int fd = receive_fd_or_end(socket);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/*
 * A host that makes a container by make() and sends its pidfd; then waits to be
 * killed. The test gets the host's pid and the container's pidfd.
 */
static pid_t host_of(ct_container *(*make)(void), int *ret_pidfd)
{
	int sockets[2];
	pid_t host;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	host = fork();
	ck_assert_int_ge(host, 0);
	if (host == 0) {
		ct_container *container = make();

		send_fd(sockets[1], ct_container_pidfd(container));
		for (;;)
			pause();
	}
	close(sockets[1]);
	*ret_pidfd = receive_fd(sockets[0]);
	close(sockets[0]);
	return host;
}

/* ------------------------------------------------------------------------ tests */

static void *spawn_in_thread(void *data)
{
	return spawned(data);
}

START_TEST(container_outlives_the_thread_that_made_it)
{
	ct_spec *spec = SPEC("/bin/probe", "hold-term");
	ct_container *container;
	pthread_t thread;
	void *result = NULL;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	ck_assert_int_eq(pthread_create(&thread, NULL, spawn_in_thread, spec), 0);
	ck_assert_int_eq(pthread_join(thread, &result), 0);
	container = result;
	ck_assert_int_eq(ct_wait(container, 200, NULL, NULL), -ETIMEDOUT);
	ck_assert_int_eq(ct_kill(container, SIGTERM, NULL), 0);
	ck_assert_int_eq(wait_for(container).code, 42);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

static ct_container *make_running(void)
{
	return spawned(pausing());
}

static ct_container *make_created(void)
{
	ct_container *container = NULL;

	if (ct_create(pausing(), &container, NULL) < 0)
		_exit(4);
	return container;
}

static ct_container *make_as_user(void)
{
	ct_spec *spec = pausing();

	/* A change of ids is what clears a parent death signal. */
	set(ct_spec_set_user(spec, 1000, 1000));
	return spawned(spec);
}

static ct_container *make_in_host_pid_ns(void)
{
	ct_spec *spec = pausing();

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	return spawned(spec);
}

static ct_container *make_with_user_ns(void)
{
	ct_spec *spec = pausing();

	set(ct_spec_set_ns_new(spec, CT_NS_ALL));
	return spawned(spec);
}

static ct_container *make_by_thread(void)
{
	pthread_t thread;
	void *result = NULL;

	if (pthread_create(&thread, NULL, spawn_in_thread, pausing()) != 0)
		_exit(4);
	pthread_join(thread, &result);
	return result;
}

static ct_container *make_and_free_spec(void)
{
	ct_spec *spec = pausing();
	ct_container *container = spawned(spec);

	ct_spec_free(spec);
	return container;
}

/* A second spec's keeper, and a first container that is gone again. */
static ct_container *make_after_others(void)
{
	ct_spec *spec = pausing(), *other = pausing();
	ct_container *first = spawned(spec), *second;

	spawned(other);
	second = spawned(spec);
	ct_container_free(first);
	return second;
}

/* The keeper was made when few descriptors were allowed; then the host asked for more. */
static ct_container *make_beyond_an_old_limit(void)
{
	ct_spec *spec = pausing();
	struct rlimit limit;
	rlim_t soft;

	getrlimit(RLIMIT_NOFILE, &limit);
	soft = limit.rlim_cur;
	limit.rlim_cur = 32;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		_exit(4);
	spawned(spec);
	limit.rlim_cur = soft;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		_exit(4);
	for (int i = 0; i < 32; i++)
		spawned(spec);
	return spawned(spec);
}

static ct_container *(*const makers[])(void) = {make_running, make_created, make_as_user,
	make_in_host_pid_ns, make_with_user_ns, make_by_thread, make_and_free_spec, make_after_others,
	make_beyond_an_old_limit};

START_TEST(container_ends_within_a_second_of_its_hosts_sigkill)
{
	int watch;
	pid_t host;

	become_subreaper();
	host = host_of(makers[_i], &watch);
	ck_assert(!readable(watch, 100));
	ck_assert_int_eq(kill(host, SIGKILL), 0);
	ck_assert_msg(readable(watch, 1000), "the container outlives its host");
	close(watch);
	ck_assert_int_eq(wait_for_no_children(2000), 0);
}
END_TEST

/* The host leaves by itself, without freeing anything. */
START_TEST(container_ends_when_the_host_exits)
{
	int sockets[2], watch;

	become_subreaper();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	if (fork() == 0) {
		ct_container *container = make_running();
		char byte;

		send_fd(sockets[1], ct_container_pidfd(container));
		_exit(read(sockets[1], &byte, 1) != 1);
	}
	watch = receive_fd(sockets[0]);
	ck_assert(!readable(watch, 50));
	ck_assert_int_eq(write(sockets[0], "x", 1), 1);
	ck_assert(readable(watch, 1000));
	close(watch);
	close(sockets[0]);
	close(sockets[1]);
	ck_assert_int_eq(wait_for_no_children(2000), 0);
}
END_TEST

/* Another process of the host holds copies of all its descriptors and lives on. */
START_TEST(container_ends_although_a_fork_of_the_host_lives_on)
{
	int sockets[2], watch;
	pid_t host;

	become_subreaper();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	host = fork();
	if (host == 0) {
		ct_container *container = make_running();
		pid_t copy = fork();

		if (copy == 0)
			for (;;)
				pause();
		send_fd(sockets[1], ct_container_pidfd(container));
		for (;;)
			pause();
	}
	watch = receive_fd(sockets[0]);
	ck_assert_int_eq(kill(host, SIGKILL), 0);
	ck_assert_msg(readable(watch, 1000), "the container lives as long as a fork of its host");
	close(watch);
	close(sockets[0]);
	close(sockets[1]);
	/* The fork itself is left, and ours to end. */
	ck_assert_int_eq(waitpid(host, NULL, 0), host);
	ck_assert_int_ge(wait_for_no_children(200), 1);
	kill_children();
	ck_assert_int_eq(count_children(), 0);
}
END_TEST

/* The control of all of these: what was let go on purpose stays. */
START_TEST(detached_container_outlives_its_hosts_sigkill)
{
	int sockets[2], watch;
	pid_t host;

	become_subreaper();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	host = fork();
	if (host == 0) {
		ct_spec *spec = pausing();
		ct_container *kept = spawned(spec), *let_go = spawned(spec);

		if (ct_detach(let_go, NULL) < 0)
			_exit(4);
		send_fd(sockets[1], ct_container_pidfd(kept));
		send_fd(sockets[1], ct_container_pidfd(let_go));
		for (;;)
			pause();
	}
	{
		int kept = receive_fd(sockets[0]);

		watch = receive_fd(sockets[0]);
		ck_assert_int_eq(kill(host, SIGKILL), 0);
		ck_assert(readable(kept, 1000));
		close(kept);
	}
	ck_assert_msg(!readable(watch, 500), "the detached container has ended with its host");
	ck_assert_int_eq(syscall(SYS_pidfd_send_signal, watch, SIGKILL, NULL, 0), 0);
	ck_assert(readable(watch, 1000));
	close(watch);
	close(sockets[0]);
	close(sockets[1]);
	ck_assert_int_eq(wait_for_no_children(2000), 0);
}
END_TEST

START_TEST(detached_container_outlives_handle_and_spec_after_its_siblings_ended)
{
	ct_spec *spec = pausing();
	ct_container *kept = spawned(spec), *let_go = spawned(spec);
	int watch = fcntl(ct_container_pidfd(let_go), F_DUPFD_CLOEXEC, 3);

	ck_assert_int_eq(ct_detach(let_go, NULL), 0);
	/* Twice is once. */
	ck_assert_int_eq(ct_detach(let_go, NULL), 0);
	ct_container_free(let_go);
	ct_container_free(kept);
	ct_spec_free(spec);
	ck_assert(!readable(watch, 300));
	ck_assert_int_eq(syscall(SYS_pidfd_send_signal, watch, SIGKILL, NULL, 0), 0);
	ck_assert(readable(watch, PATIENCE_MS));
	ck_assert_int_eq(waitid(P_PIDFD, (id_t)watch, NULL, WEXITED), 0);
	close(watch);
}
END_TEST

/* Whoever takes over the host's children, a subreaper, still hears of its end. */
START_TEST(detach_leaves_the_end_of_a_container_to_be_waited_for)
{
	ct_spec *spec = pausing();
	ct_container *container = spawned(spec);
	pid_t pid = ct_container_pid(container);
	siginfo_t info = {0};

	ck_assert_int_eq(ct_kill(container, SIGKILL, NULL), 0);
	ck_assert(readable(ct_container_pidfd(container), PATIENCE_MS));
	ck_assert_int_eq(ct_detach(container, NULL), -ESRCH);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(info.si_status, SIGKILL);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* The keeper is a child only as long as a spec or a container needs it. */
START_TEST(keeper_goes_with_the_spec_and_its_last_container)
{
	ct_spec *spec = pausing();
	ct_container *container;

	ck_assert_int_eq(count_children(), 0);
	container = spawned(spec);
	ck_assert_int_eq(count_children(), 2);
	ct_spec_free(spec);
	ck_assert_int_eq(count_children(), 2);
	ct_container_free(container);
	ck_assert_int_eq(count_children(), 0);

	spec = pausing();
	container = spawned(spec);
	ct_container_free(container);
	ck_assert_int_eq(count_children(), 1);
	ct_spec_free(spec);
	ck_assert_int_eq(count_children(), 0);
}
END_TEST

/* The forked process may tell of its failure before its parent tells of it. */
START_TEST(failed_start_leaves_no_child_where_the_stage_forks)
{
	ct_spec *spec = pausing();
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_time_offsets(spec, 1000000000, 0));
	set(ct_spec_set_sysctl(spec, "net.ipv4.no_such_parameter", "1"));
	for (int i = scaled(300); i; i--)
		expect_error(ct_spawn(spec, &container, &err), &err, -ENOENT, CT_STEP_SYSCTL, NULL, NULL);
	ct_spec_free(spec);
	ck_assert_int_eq(count_children(), 0);
}
END_TEST

/* Whoever kills the keeper kills containers with it, or at least cannot make them immortal. */
START_TEST(killed_keeper_does_not_leave_the_next_spawn_unguarded)
{
	int watch, sockets[2];
	pid_t host;

	become_subreaper();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	host = fork();
	if (host == 0) {
		ct_spec *spec = pausing();
		ct_container *first = spawned(spec), *second = NULL;
		pid_t keeper;

		/* By the name it gives itself, soon; the alarm of the test bounds this. */
		do
			keeper = find_child("ct-keeper");
		while (!keeper && sched_yield() == 0);
		if (!keeper)
			_exit(5);
		kill(keeper, SIGKILL);
		waitpid(keeper, NULL, 0);
		ct_container_free(first);
		/* Either refused, or guarded by a new keeper. */
		if (ct_spawn(spec, &second, NULL) < 0)
			_exit(0);
		send_fd(sockets[1], ct_container_pidfd(second));
		for (;;)
			pause();
	}
	close(sockets[1]);
	watch = receive_fd_or_end(sockets[0]);
	if (watch >= 0) {
		kill(host, SIGKILL);
		ck_assert_msg(readable(watch, 1000), "an unguarded container outlives its host");
		close(watch);
	} else {
		expect_child(host);
	}
	close(sockets[0]);
	ck_assert_int_eq(wait_for_no_children(2000), 0);
}
END_TEST

/*
 * (R03) Killed at random instants of spawning, from the first call on: every
 * process that the library made must be gone two seconds later.
 */
START_TEST(host_killed_at_a_random_instant_leaves_no_process)
{
	unsigned int seed = 20240601u + (unsigned int)_i;
	int rounds = scaled(50);

	become_subreaper();
	for (int round = 0; round < rounds; round++) {
		long micros = rand_r(&seed) % 12000;
		struct timespec pause_for = {0, micros * 1000};
		int go[2];
		char byte;
		pid_t host;

		ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
		host = fork();
		if (host == 0) {
			ct_spec *spec = pausing();

			if (_i == 1)
				ct_spec_set_ns_new(spec, CT_NS_ALL);
			if (_i == 2)
				ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL);
			if (write(go[1], "x", 1) != 1)
				_exit(1);
			for (;;) {
				ct_container *container = NULL;
				int code = _i == 3 ? ct_create(spec, &container, NULL)
						   : ct_spawn(spec, &container, NULL);

				if (code < 0)
					_exit(2);
				/* Some are left running, so that there is more than one to end. */
				if (round % 2)
					ct_container_free(container);
			}
		}
		ck_assert_int_eq(read(go[0], &byte, 1), 1);
		/* Not a wait for anything: the instant is what is random. */
		nanosleep(&pause_for, NULL);
		ck_assert_int_eq(kill(host, SIGKILL), 0);
		close(go[0]);
		close(go[1]);
		if (wait_for_no_children(2000) != 0) {
			int left = count_children();
			pid_t one = find_child(NULL);
			char path[64], name[64] = "";

			snprintf(path, sizeof(path), "/proc/%d/comm", one);
			if (one)
				snprintf(name, sizeof(name), "%s", read_file(path));
			kill_children();
			ck_abort_msg("round %d, killed after %ld us: %d processes are left, one is %d %s",
				round, micros, left, one, name);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("lifetime", &tc);

	need_root();
	tcase_add_test(tc, container_outlives_the_thread_that_made_it);
	tcase_add_loop_test(tc, container_ends_within_a_second_of_its_hosts_sigkill, 0,
		(int)(sizeof(makers) / sizeof(makers[0])));
	tcase_add_test(tc, container_ends_when_the_host_exits);
	tcase_add_test(tc, container_ends_although_a_fork_of_the_host_lives_on);
	tcase_add_test(tc, detached_container_outlives_its_hosts_sigkill);
	tcase_add_test(tc, detached_container_outlives_handle_and_spec_after_its_siblings_ended);
	tcase_add_test(tc, detach_leaves_the_end_of_a_container_to_be_waited_for);
	tcase_add_test(tc, keeper_goes_with_the_spec_and_its_last_container);
	tcase_add_test(tc, failed_start_leaves_no_child_where_the_stage_forks);
	tcase_add_test(tc, killed_keeper_does_not_leave_the_next_spawn_unguarded);
	tcase_add_loop_test(tc, host_killed_at_a_random_instant_leaves_no_process, 0, 4);
	return suite_run(suite);
}
