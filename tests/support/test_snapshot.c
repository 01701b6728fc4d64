/* SPDX-License-Identifier: MIT */
/*
 * The snapshot itself: it must see every kind of change, or the tests that
 * rely on it would pass whatever the library did.
 */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/snapshot.h"

static void change_signal_mask(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
}

static void change_handler(void)
{
	signal(SIGUSR2, SIG_IGN);
}

static void change_umask(void)
{
	umask(0123);
}

static void change_cwd(void)
{
	ck_assert_int_eq(chdir("/proc"), 0);
}

static void change_rlimit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur--;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void change_oom_score(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "17");
	ck_assert_int_eq(fclose(file), 0);
}

static void change_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}

static void change_subreaper(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void change_no_new_privs(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void change_environment(void)
{
	setenv("SNAPSHOT_MARKER", "1", 1);
}

static void change_descriptors(void)
{
	ck_assert_int_ge(open("/dev/null", O_RDONLY), 0);
}

static void change_descriptor_flag(void)
{
	ck_assert_int_eq(fcntl(0, F_SETFD, FD_CLOEXEC ^ fcntl(0, F_GETFD)), 0);
}

static void change_children(void)
{
	if (fork() == 0)
		for (;;)
			pause();
}

static void change_ended_children(void)
{
	siginfo_t info;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
}

static void *stay(void *data)
{
	for (;;)
		pause();
	return data;
}

static void change_threads(void)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, stay, NULL), 0);
}

static void change_process_group(void)
{
	/* Check gives each test a process group of its own. */
	ck_assert_int_eq(setpgid(0, getpgid(getppid())), 0);
}

static void change_name(void)
{
	prctl(PR_SET_NAME, "somebody");
}

static void change_priority(void)
{
	int now = getpriority(PRIO_PROCESS, 0);

	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, now < 19 ? now + 1 : 18), 0);
}

static void change_alternate_stack(void)
{
	static char room[65536];
	stack_t stack = {.ss_sp = room, .ss_size = sizeof(room)};

	ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
}

static const struct {
	const char *line;
	void (*change)(void);
} changes[] = {
	{"signal mask", change_signal_mask},
	{"signal action 12", change_handler},
	{"Umask:", change_umask},
	{"cwd /proc", change_cwd},
	{"rlimit 7", change_rlimit},
	{"oom_score_adj 17", change_oom_score},
	{"dumpable 0", change_dumpable},
	{"subreaper 1", change_subreaper},
	{"NoNewPrivs:\t1", change_no_new_privs},
	{"SNAPSHOT_MARKER", change_environment},
	{"descriptor ", change_descriptors},
	{"descriptor 0", change_descriptor_flag},
	{"child ", change_children},
	{" ended", change_ended_children},
	{"Threads:", change_threads},
	{"thread ", change_threads},
	{" group ", change_process_group},
	{"name somebody", change_name},
	{"nice ", change_priority},
	{"signal stack", change_alternate_stack},
};

START_TEST(snapshot_sees_a_change)
{
	struct snapshot *before = snapshot_take(), *after;
	const char *difference;

	changes[_i].change();
	after = snapshot_take();
	difference = snapshot_difference(before, after, 0);
	ck_assert_msg(difference != NULL, "no difference for \"%s\"", changes[_i].line);
	ck_assert_msg(strstr(difference, changes[_i].line) != NULL, "\"%s\" is not in:\n%s",
		changes[_i].line, difference);
	snapshot_free(before);
	snapshot_free(after);
}
END_TEST

START_TEST(thread_that_has_been_joined_is_not_seen)
{
	struct snapshot *before, *after;

	touch_threads();
	before = snapshot_take();
	for (int i = 0; i < 200; i++) {
		touch_threads();
		after = snapshot_take();
		ck_assert_ptr_null(snapshot_difference(before, after, 0));
		snapshot_free(after);
	}
	snapshot_free(before);
}
END_TEST

START_TEST(snapshots_of_an_unchanged_process_are_equal)
{
	struct snapshot *before = snapshot_take(), *after = snapshot_take();
	const char *difference = snapshot_difference(before, after, 0);

	ck_assert_msg(difference == NULL, "%s", difference);
	snapshot_free(before);
	snapshot_free(after);
}
END_TEST

START_TEST(a_part_that_may_change_is_left_out_of_the_difference)
{
	struct snapshot *before = snapshot_take(), *after;

	change_descriptors();
	after = snapshot_take();
	ck_assert_ptr_nonnull(snapshot_difference(before, after, SNAPSHOT_CHILDREN));
	ck_assert_ptr_null(snapshot_difference(before, after, SNAPSHOT_DESCRIPTORS));
	snapshot_free(before);
	snapshot_free(after);
}
END_TEST

START_TEST(counts_see_one_more_descriptor_and_one_more_child)
{
	int descriptors = count_descriptors(), children = count_children();

	change_descriptors();
	change_ended_children();
	ck_assert_int_eq(count_descriptors(), descriptors + 1);
	ck_assert_int_eq(count_children(), children + 1);
	ck_assert_int_gt(count_mounts(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tcase = tcase_create("snapshot");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, snapshot_sees_a_change, 0,
		(int)(sizeof(changes) / sizeof(changes[0])));
	tcase_add_test(tcase, thread_that_has_been_joined_is_not_seen);
	tcase_add_test(tcase, snapshots_of_an_unchanged_process_are_equal);
	tcase_add_test(tcase, a_part_that_may_change_is_left_out_of_the_difference);
	tcase_add_test(tcase, counts_see_one_more_descriptor_and_one_more_child);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
