/* SPDX-License-Identifier: MIT */
/*
 * A stage that forks is two processes for a moment, and the child may be the faster one. Here it
 * always is: the parent is held when it tells of its child, until that has told what it has to tell.
 */
#include "probe/blocked.h"
#include "support/needs.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ------------------------------------------------------------ the slow parent */

/* Calls of this thread and its children that wait for slow_down(): to tell, and to be told. */
static int filter_talk(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_recvmsg, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	return (int)syscall(
		SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void let_go(int listener, uint64_t id)
{
	struct seccomp_notif_resp answer = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer); /* unless it has been killed */
}

static int go[2]; /* the listener comes to the thread, which has no filter */
static pid_t host;
static bool forks_last; /* with nothing left to do, rather than first of all */

/* The first process that is not the host tells twice: that it is there, and that it has a child. */
static void *slow_down(void *nothing)
{
	struct pollfd watched[2] = {{.fd = -1, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
	pid_t parent = 0, child = 0;
	uint64_t held = 0;
	bool is_told = false;
	int told = 0;

	if (read(go[0], &watched[0].fd, sizeof(int)) != sizeof(int))
		return NULL;
	while (poll(watched, 2, -1) > 0) {
		struct seccomp_notif call = {0};
		pid_t pid;

		/* What the child has told is on its way when it has ended, or makes another call. */
		is_told |= watched[1].revents != 0;
		if ((watched[0].revents & POLLIN) &&
			ioctl(watched[0].fd, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0) {
			pid = (pid_t)call.pid;
			parent = pid != host && !parent ? pid : parent;
			is_told |= pid == child;
			if (pid != host && pid != parent && !child) {
				child = pid;
				watched[1].fd = (int)syscall(SYS_pidfd_open, pid, 0);
			}
			if (pid == parent && call.data.nr == SYS_sendmsg && ++told == 2)
				held = call.id;
			else
				let_go(watched[0].fd, call.id);
		}
		if (!held || !is_told)
			continue;
		let_go(watched[0].fd, held);
		held = 0;
		watched[1].fd = -1;
	}
	return nothing;
}

static void hold_parents(void)
{
	pthread_t thread;
	int listener;

	host = (pid_t)syscall(SYS_gettid);
	ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, slow_down, NULL), 0);
	pthread_detach(thread);
	listener = filter_talk();
	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(write(go[1], &listener, sizeof(listener)), sizeof(listener));
}

/* New clocks are for children only: see time_namespaces(7). */
static ct_spec *forking(void)
{
	ct_spec *spec = SPEC("/bin/probe", "exit", "7");

	set(ct_spec_set_ns_new(spec, CT_NS_TIME));
	return spec;
}

/* -------------------------------------------------------------------- sentences */

static void fail_first(void)
{
	struct outcome *outcome;
	ct_spec *spec = forking();

	set(ct_spec_set_cwd(spec, "/missing"));
	hold_parents();
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_CWD, "/missing", NULL);
	ct_spec_free(spec);
	ck_assert_int_eq(waitpid(-1, NULL, __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(failure_that_is_told_before_the_fork_leaves_no_process)
{
	in_child(fail_first);
}
END_TEST

static void be_ready_first(void)
{
	ct_spec *spec = forking();
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	if (forks_last)
		set(ct_spec_set_ns_host(spec, CT_NS_PID));
	hold_parents();
	ck_assert_msg(ct_create(spec, &container, &err) == 0, "%s", err.sentence);
	ck_assert_msg(ct_start(container, &err) == 0, "%s", err.sentence);
	ck_assert_int_eq(wait_for(container).code, 7);
	ct_container_free(container);
	ct_spec_free(spec);
}

START_TEST(created_container_that_is_ready_before_the_fork_is_told_can_be_started)
{
	forks_last = _i;
	in_child(be_ready_first);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("order", &tc);

	need_root();
	tcase_add_test(tc, failure_that_is_told_before_the_fork_leaves_no_process);
	tcase_add_loop_test(
		tc, created_container_that_is_ready_before_the_fork_is_told_can_be_started, 0, 2);
	return suite_run(suite);
}
