/* SPDX-License-Identifier: MIT */
/*
 * How containers end: by the limits of their time, by ct_stop(), and what the exit record says
 * of it. No sentence asks how fast anything was, but that nothing ends before its time.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void setup(void)
{
	box_setup();
	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
}

/* One use of a spec, which is freed. */
static struct outcome *once(ct_spec *spec)
{
	struct outcome *outcome = run(spec);

	ct_spec_free(spec);
	return outcome;
}

static ct_exit end_of(ct_spec *spec)
{
	return once(spec)->how;
}

static void expect_killed(ct_exit how, ct_end why)
{
	char text[128] = "";

	ct_exit_to_text(&how, text, sizeof(text));
	ck_assert_msg(how.why == (uint32_t)why && how.signal == SIGKILL && how.code == -1,
		"reason %u, not %d: %s", how.why, why, text);
}

static ct_spec *limited(ct_spec *spec, ct_time what, uint64_t ms)
{
	set(ct_spec_set_time_limit(spec, what, ms));
	return spec;
}

/* ------------------------------------------------------------- wall clock */

START_TEST(container_is_killed_when_its_wall_time_is_over)
{
	ct_exit how = end_of(limited(SPEC("/bin/sleep", "1000"), CT_TIME_WALL, 300));

	expect_killed(how, CT_END_WALL);
	ck_assert_uint_ge(how.wall_us, 300000);
}
END_TEST

START_TEST(container_within_its_wall_time_ends_by_itself)
{
	ct_exit how = end_of(limited(SPEC("/bin/sh", "-c", "exit 3"), CT_TIME_WALL, 3600000));

	ck_assert_int_eq(how.code, 3);
	ck_assert_uint_eq(how.why, CT_END_EXIT);
}
END_TEST

START_TEST(whole_crowd_of_a_container_goes_at_its_wall_time)
{
	struct outcome *outcome = once(limited(
		SPEC("/bin/sh", "-c", "trap '' TERM; sleep 1000 & sleep 1000 & echo $!; wait"),
		CT_TIME_WALL, 300));

	expect_killed(outcome->how, CT_END_WALL); /* and both pipes came to their ends */
	ck_assert_str_ne(outcome->out, "");
}
END_TEST

START_TEST(stopped_host_does_not_save_its_container)
{
	ct_exit how = CT_EXIT_INIT;
	int status, pipe_ends[2];
	pid_t host;
	char byte;

	ck_assert_int_eq(pipe(pipe_ends), 0);
	host = fork();
	if (host == 0) {
		ct_container *container;
		ct_spec *spec = limited(SPEC("/bin/sleep", "1000"), CT_TIME_WALL, 300);

		close(pipe_ends[0]);
		set(ct_spec_map_fd(spec, pipe_ends[1], 9));
		if (ct_spawn(spec, &container, NULL) < 0)
			_exit(1);
		close(pipe_ends[1]);
		raise(SIGSTOP);
		if (ct_wait(container, PATIENCE_MS, &how, NULL) < 0)
			_exit(2);
		ct_container_free(container);
		ct_spec_free(spec);
		_exit(how.why == CT_END_WALL ? 0 : 3);
	}
	close(pipe_ends[1]);
	ck_assert_int_eq(waitpid(host, &status, WUNTRACED), host);
	ck_assert(WIFSTOPPED(status));
	/* The payload's end of the pipe closes with it. */
	ck_assert(readable(pipe_ends[0], PATIENCE_MS));
	ck_assert_int_eq(read(pipe_ends[0], &byte, 1), 0);
	ck_assert_int_eq(kill(host, SIGCONT), 0);
	expect_child(host);
	close(pipe_ends[0]);
}
END_TEST

START_TEST(time_before_the_start_does_not_count)
{
	ct_spec *spec = limited(SPEC("/bin/sh", "-c", "exit 0"), CT_TIME_WALL, 2000);
	ct_container *container;
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	ck_assert_int_eq(ct_wait(container, 2500, NULL, NULL), -ETIMEDOUT);
	ck_assert_msg(ct_start(container, &err) == 0, "%s", err.sentence);
	ck_assert_uint_eq(wait_for(container).why, CT_END_EXIT);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* Its limits could not be watched, so there is no container that could be started after all. */
START_TEST(start_that_fails_for_its_limit_has_ended_the_container)
{
	ct_spec *spec = limited(SPEC("/bin/sleep", "1000"), CT_TIME_WALL, 3600000);
	struct rlimit before, none;
	ct_container *container;
	ct_error err = CT_ERROR_INIT;
	int code;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	code = ct_start(container, &err);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	expect_error(code, &err, -EMFILE, CT_STEP_LIMIT, "limit of time", "eventfd2");
	ck_assert_int_eq(wait_for(container).signal, SIGKILL);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(each_container_of_a_spec_has_its_own_time)
{
	ct_spec *spec = limited(SPEC("/bin/sleep", "1000"), CT_TIME_WALL, 400);
	ct_container *containers[5];

	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(ct_spawn(spec, &containers[i], NULL), 0);
		usleep(50000);
	}
	for (int i = 0; i < 5; i++) {
		ct_exit how = wait_for(containers[i]);

		expect_killed(how, CT_END_WALL);
		ck_assert_uint_ge(how.wall_us, 400000);
		ct_container_free(containers[i]);
	}
	ct_spec_free(spec);
}
END_TEST

/* --------------------------------------------------------------- cpu time */

START_TEST(container_is_killed_when_its_cpu_time_is_used_up)
{
	ct_exit how = end_of(limited(SPEC("/bin/offender", "spin", "1000000"), CT_TIME_CPU, 300));

	expect_killed(how, CT_END_CPU);
	ck_assert_uint_ge(how.figures.cpu_us, 300000);
}
END_TEST

START_TEST(cpu_time_of_all_processes_counts_together)
{
	ct_exit how = end_of(limited(
		SPEC("/bin/sh", "-c",
			"offender spin 1000000 & offender spin 1000000 & offender spin 1000000"),
		CT_TIME_CPU, 400));

	expect_killed(how, CT_END_CPU);
	ck_assert_uint_ge(how.figures.cpu_us, 400000);
}
END_TEST

START_TEST(waiting_uses_no_cpu_time)
{
	ct_exit how = end_of(limited(SPEC("/bin/sleep", "2"), CT_TIME_CPU, 1000));

	ck_assert_uint_eq(how.why, CT_END_EXIT);
}
END_TEST

START_TEST(computing_within_the_limit_is_not_disturbed)
{
	struct outcome *outcome =
		once(limited(SPEC("/bin/offender", "spin", "200"), CT_TIME_CPU, 60000));

	ck_assert_uint_eq(outcome->how.why, CT_END_EXIT);
	/* Where the clock ticks seldom it is a little more. */
	ck_assert_ptr_eq(strstr(outcome->out, "spun "), outcome->out);
	ck_assert_int_ge(atoi(outcome->out + strlen("spun ")), 200);
}
END_TEST

START_TEST(the_first_of_two_limits_that_is_reached_holds)
{
	ct_spec *spec = limited(SPEC("/bin/offender", "spin", "1000000"), CT_TIME_CPU, 600000);

	expect_killed(end_of(limited(spec, CT_TIME_WALL, 300)), CT_END_WALL);
	spec = limited(SPEC("/bin/offender", "spin", "1000000"), CT_TIME_CPU, 300);
	expect_killed(end_of(limited(spec, CT_TIME_WALL, 600000)), CT_END_CPU);
}
END_TEST

START_TEST(frozen_container_ends_at_its_wall_time)
{
	ct_spec *spec = limited(SPEC("/bin/sleep", "1000"), CT_TIME_WALL, 1500);
	ct_container *container;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_cgroup(spec, 1));
	ck_assert_int_eq(ct_spawn(spec, &container, &err), 0);
	ck_assert_msg(ct_container_freeze(container, PATIENCE_MS, &err) == 0, "%s", err.sentence);
	expect_killed(wait_for(container), CT_END_WALL);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(cpu_limit_without_a_cgroup_is_refused_or_declared_lacking)
{
	ct_spec *spec = limited(SPEC("/bin/sh", "-c", "exit 0"), CT_TIME_CPU, 1000);
	ct_protection about = CT_PROTECTION_INIT;
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_cgroup_parent(spec, "/no/such/parent"));
	ck_assert_int_eq(ct_spawn(spec, &container, &err), -ENOENT);
	ck_assert_int_eq(err.step, CT_STEP_LIMIT);
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_CGROUP)));
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ck_assert_int_eq(ct_container_protection(container, CT_ITEM_CGROUP, &about), 0);
	ck_assert_int_eq(about.state, CT_ITEM_LACKING);
	ck_assert_uint_eq(wait_for(container).why, CT_END_EXIT);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(time_that_is_over_before_the_payload_is_executed_is_an_end_like_others)
{
	ct_spec *spec = limited(SPEC("/bin/sleep", "1000"), CT_TIME_WALL, 1);
	ct_error err = CT_ERROR_INIT;

	for (int i = 0; i < 50; i++) {
		ct_container *container = NULL;

		ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
		expect_killed(wait_for(container), CT_END_WALL);
		ct_container_free(container);
	}
	ct_spec_free(spec);
}
END_TEST

/* Making a container takes some cpu time, which counts in its cgroup. */
START_TEST(cpu_time_of_the_making_is_not_counted)
{
	ct_exit how = end_of(limited(SPEC("/bin/offender", "spin", "1000000"), CT_TIME_CPU, 1));

	expect_killed(how, CT_END_CPU);
	how = end_of(limited(SPEC("/bin/sleep", "0.1"), CT_TIME_CPU, 200));
	ck_assert_uint_eq(how.why, CT_END_EXIT);
}
END_TEST

/* ----------------------------------------------------- while it is running */

START_TEST(limit_of_a_running_container_can_be_set_and_moved_and_taken_away)
{
	ct_spec *spec = limited(SPEC("/bin/sleep", "1000"), CT_TIME_WALL, 3600000);
	ct_container *container;
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spawn(spec, &container, &err), 0);
	ck_assert_int_eq(ct_container_set_time_limit(container, CT_TIME_WALL, 700, &err), 0);
	ck_assert_int_eq(
		ct_container_set_time_limit(container, CT_TIME_WALL, CT_UNLIMITED, &err), 0);
	ck_assert_int_eq(ct_wait(container, 1500, NULL, NULL), -ETIMEDOUT);
	/* From its start on, so it is over by now. */
	ck_assert_int_eq(ct_container_set_time_limit(container, CT_TIME_WALL, 10, &err), 0);
	expect_killed(wait_for(container), CT_END_WALL);
	ck_assert_int_eq(ct_container_set_time_limit(container, CT_TIME_WALL, 10, &err), -ESRCH);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(limit_that_cannot_be_is_refused_and_changes_nothing)
{
	ct_spec *spec = SPEC("/bin/sleep", "1000");
	ct_container *container;
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	expect_error(ct_container_set_time_limit(container, CT_TIME_WALL, 10, &err), &err, -EINVAL,
		CT_STEP_LIMIT, NULL, "not started");
	ck_assert_int_eq(ct_start(container, &err), 0);
	expect_error(ct_container_set_time_limit(container, CT_TIME_WALL, 0, &err), &err, -EINVAL,
		CT_STEP_LIMIT, NULL, "0 or over");
	expect_error(ct_container_set_time_limit(container, (ct_time)7, 10, &err), &err, -EINVAL,
		CT_STEP_LIMIT, NULL, "no such limit");
	expect_error(ct_container_set_time_limit(container, CT_TIME_CPU, 10, &err), &err, -ENOENT,
		CT_STEP_LIMIT, NULL, "no cgroup of its own");
	ck_assert_int_eq(ct_detach(container, &err), 0);
	expect_error(ct_container_set_time_limit(container, CT_TIME_WALL, 10, &err), &err, -EINVAL,
		CT_STEP_LIMIT, NULL, "detached");
	ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
	wait_for(container);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(joined_process_may_have_wall_time_and_no_cpu_time)
{
	ct_container *container = NULL, *joined = NULL;
	ct_spec *spec = SPEC("/bin/sleep", "1000"), *visitor;
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spawn(spec, &container, &err), 0);
	visitor = limited(VISITOR("/bin/sleep", "1000"), CT_TIME_WALL, 300);
	ck_assert_msg(ct_join(container, 0, 0, visitor, &joined, &err) == 0, "%s", err.sentence);
	expect_killed(wait_for(joined), CT_END_WALL);
	ct_container_free(joined);
	ck_assert_int_eq(ct_wait(container, 0, NULL, NULL), -ETIMEDOUT);
	set(ct_spec_set_time_limit(visitor, CT_TIME_CPU, 300));
	expect_error(ct_join(container, 0, 0, visitor, &joined, &err), &err, -EINVAL,
		CT_STEP_ARGUMENT, "cpu time", NULL);
	ct_spec_free(visitor);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------------- stop */

static ct_container *ready(ct_spec *spec)
{
	ct_container *container = start_ready(spec);

	ct_spec_free(spec);
	return container;
}

START_TEST(stop_lets_a_payload_that_listens_end_by_itself)
{
	ct_container *container = ready(SPEC(
		"/bin/sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done"));
	ct_exit how = CT_EXIT_INIT;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(
		ct_stop(container, SIGTERM, PATIENCE_MS, &how, &err) == 0, "%s", err.sentence);
	ck_assert_int_eq(how.code, 7);
	ck_assert_uint_eq(how.why, CT_END_EXIT);
	/* Once more is no error, and says the same. */
	ck_assert_int_eq(ct_stop(container, SIGTERM, 0, &how, &err), 0);
	ck_assert_int_eq(how.code, 7);
	ct_container_free(container);
}
END_TEST

START_TEST(stop_kills_a_payload_that_does_not_listen)
{
	ct_container *container =
		ready(SPEC("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"));
	ct_exit how = CT_EXIT_INIT;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_stop(container, SIGTERM, 100, &how, &err) == 0, "%s", err.sentence);
	expect_killed(how, CT_END_ASKED);
	ct_container_free(container);
}
END_TEST

START_TEST(stop_of_a_frozen_container_lets_it_hear_of_it)
{
	ct_spec *spec = SPEC(
		"/bin/sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done");
	ct_container *container;
	ct_exit how = CT_EXIT_INIT;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_cgroup(spec, 1));
	container = ready(spec);
	ck_assert_int_eq(ct_container_freeze(container, PATIENCE_MS, &err), 0);
	ck_assert_int_eq(ct_stop(container, SIGTERM, PATIENCE_MS, &how, &err), 0);
	ck_assert_int_eq(how.code, 5);
	ct_container_free(container);
}
END_TEST

START_TEST(stop_ends_what_has_no_pid_namespace_of_its_own_as_well)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "trap '' TERM; sleep 1000 & echo ready; wait; wait");
	struct outcome *outcome;
	ct_container *container;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	set(ct_spec_set_cgroup(spec, 1));
	container = ready(spec);
	ck_assert_msg(ct_stop(container, SIGTERM, 50, NULL, &err) == 0, "%s", err.sentence);
	outcome = outcome_of(0, container, &err); /* reads to the end of what sleep held open */
	expect_killed(outcome->how, CT_END_ASKED);
}
END_TEST

START_TEST(stop_that_makes_no_sense_is_refused)
{
	ct_container *container = ready(SPEC("/bin/sh", "-c", "echo ready; sleep 1000"));
	ct_exit too_small = {.size = 8};
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_stop(NULL, SIGTERM, 0, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_stop(container, 0, 0, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_stop(container, 65, 0, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_stop(container, SIGTERM, -2, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_stop(container, SIGTERM, 0, &too_small, &err), -EINVAL);
	ck_assert_int_eq(ct_wait(container, 0, NULL, NULL), -ETIMEDOUT);
	ct_container_free(container);
}
END_TEST

/* ---------------------------------------------------------------- reasons */

static void expect_text(ct_exit how, ct_end why, const char *text)
{
	char got[128];

	ck_assert_int_eq(ct_exit_to_text(&how, got, sizeof(got)), (int)strlen(text));
	ck_assert_str_eq(got, text);
	ck_assert_uint_eq(how.why, why);
}

START_TEST(exit_record_says_why_in_words)
{
	ct_spec *filtered = SPEC("/bin/sh", "-c", "mkdir /tmp/x");

	expect_text(end_of(SPEC("/bin/sh", "-c", "exit 3")), CT_END_EXIT, "exited with code 3");
	expect_text(end_of(limited(SPEC("/bin/sleep", "9"), CT_TIME_WALL, 20)), CT_END_WALL,
		"killed by signal 9 (SIGKILL): its time was over");
	set(ct_spec_add_seccomp_rule(filtered, "mkdir", CT_SECCOMP_KILL, 0, NULL, 0));
	set(ct_spec_add_seccomp_rule(filtered, "mkdirat", CT_SECCOMP_KILL, 0, NULL, 0));
	set(ct_spec_set_argv(filtered, (const char *const[]){"/bin/mkdir", "/tmp/x", NULL}));
	expect_text(end_of(filtered), CT_END_SECCOMP,
		"killed by signal 31 (SIGSYS): it made a system call that its filter refuses");
}
END_TEST

START_TEST(signal_of_somebody_else_is_told_from_our_own)
{
	ct_container *container = ready(SPEC("/bin/sh", "-c", "echo ready; sleep 1000"));

	ck_assert_int_eq(kill(ct_container_pid(container), SIGKILL), 0);
	expect_text(wait_for(container), CT_END_SIGNAL, "killed by signal 9 (SIGKILL)");
	ct_container_free(container);
	container = ready(SPEC("/bin/sh", "-c", "echo ready; sleep 1000"));
	ck_assert_int_eq(ct_kill(container, SIGKILL, NULL), 0);
	expect_text(wait_for(container), CT_END_ASKED,
		"killed by signal 9 (SIGKILL), as it was asked for");
	ct_container_free(container);
}
END_TEST

START_TEST(text_that_does_not_fit_is_cut_and_its_length_told)
{
	ct_exit how = CT_EXIT_INIT, none = {0};
	char text[8];

	ck_assert_int_eq(ct_exit_to_text(&how, text, sizeof(text)), 18);
	ck_assert_str_eq(text, "exited ");
	ck_assert_int_eq(ct_exit_to_text(&how, NULL, 0), 18);
	ck_assert_int_eq(ct_exit_to_text(&none, text, sizeof(text)), -EINVAL);
	ck_assert_int_eq(ct_exit_to_text(NULL, text, sizeof(text)), -EINVAL);
	how.why = 99;
	ck_assert_int_eq(ct_exit_to_text(&how, text, sizeof(text)), -EINVAL);
}
END_TEST

START_TEST(spec_refuses_limits_of_time_that_there_are_not)
{
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(ct_spec_set_time_limit(NULL, CT_TIME_WALL, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_set_time_limit(spec, CT_TIME_WALL, CT_UNLIMITED), 0);
	ck_assert_int_eq(ct_spec_check(spec, NULL), 0);
	ck_assert_int_eq(ct_spec_set_time_limit(spec, CT_TIME_WALL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_check(spec, NULL), -EINVAL);
	ct_spec_free(spec);
}
END_TEST

static Suite *time_suite(void)
{
	TCase *plain;
	Suite *suite = suite_of("time", &plain);
	TCase *grouped = tcase_create("with a cgroup");

	tcase_add_checked_fixture(grouped, setup, box_teardown);
	tcase_set_timeout(grouped, SENTENCE_LIMIT_S);
	tcase_add_test(plain, container_is_killed_when_its_wall_time_is_over);
	tcase_add_test(plain, container_within_its_wall_time_ends_by_itself);
	tcase_add_test(plain, whole_crowd_of_a_container_goes_at_its_wall_time);
	tcase_add_test(plain, stopped_host_does_not_save_its_container);
	tcase_add_test(plain, time_before_the_start_does_not_count);
	tcase_add_test(plain, start_that_fails_for_its_limit_has_ended_the_container);
	tcase_add_test(plain, each_container_of_a_spec_has_its_own_time);
	add_for_cgroups(grouped, container_is_killed_when_its_cpu_time_is_used_up, 1);
	add_for_cgroups(grouped, cpu_time_of_all_processes_counts_together, 1);
	add_for_cgroups(grouped, waiting_uses_no_cpu_time, 1);
	add_for_cgroups(grouped, computing_within_the_limit_is_not_disturbed, 1);
	add_for_cgroups(grouped, the_first_of_two_limits_that_is_reached_holds, 1);
	add_for_cgroups(grouped, frozen_container_ends_at_its_wall_time, 1);
	tcase_add_test(
		plain, time_that_is_over_before_the_payload_is_executed_is_an_end_like_others);
	add_for_cgroups(grouped, cpu_time_of_the_making_is_not_counted, 1);
	tcase_add_test(plain, cpu_limit_without_a_cgroup_is_refused_or_declared_lacking);
	tcase_add_test(plain, limit_of_a_running_container_can_be_set_and_moved_and_taken_away);
	tcase_add_test(plain, limit_that_cannot_be_is_refused_and_changes_nothing);
	tcase_add_test(plain, joined_process_may_have_wall_time_and_no_cpu_time);
	tcase_add_test(plain, stop_lets_a_payload_that_listens_end_by_itself);
	tcase_add_test(plain, stop_kills_a_payload_that_does_not_listen);
	add_for_cgroups(grouped, stop_of_a_frozen_container_lets_it_hear_of_it, 1);
	add_for_cgroups(grouped, stop_ends_what_has_no_pid_namespace_of_its_own_as_well, 1);
	tcase_add_test(plain, stop_that_makes_no_sense_is_refused);
	tcase_add_test(plain, exit_record_says_why_in_words);
	tcase_add_test(plain, signal_of_somebody_else_is_told_from_our_own);
	tcase_add_test(plain, text_that_does_not_fit_is_cut_and_its_length_told);
	tcase_add_test(plain, spec_refuses_limits_of_time_that_there_are_not);
	suite_add_tcase(suite, grouped);
	return suite;
}

int main(void)
{
	need_root();
	return suite_run(time_suite());
}
