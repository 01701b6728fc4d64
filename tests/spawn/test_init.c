/* SPDX-License-Identifier: MIT */
/* Containers whose first process is the library's own init, and what their payloads see of it. */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

static ct_spec *with_init(ct_spec *spec)
{
	set(ct_spec_set_init(spec, 1));
	return spec;
}

#define INIT_SHELL(script) with_init(SPEC("/bin/sh", "-c", script))

static struct outcome *once(ct_spec *spec)
{
	struct outcome *outcome = run(spec);

	ct_spec_free(spec);
	return outcome;
}

static ct_container *start_of(ct_spec *spec)
{
	ct_container *container = start_ready(spec);

	ct_spec_free(spec);
	return container;
}

/* A line of /proc/PID/FILE that begins so, or the whole of a file of one line; static. */
static const char *line_of(pid_t pid, const char *file, const char *begin)
{
	static char line[256];
	char path[64];
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	stream = fopen(path, "re");
	ck_assert_ptr_nonnull(stream);
	do
		ck_assert_msg(fgets(line, sizeof(line), stream) != NULL, "no %s in %s", begin, path);
	while (strncmp(line, begin, strlen(begin)) != 0);
	fclose(stream);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* The payload, which is the only child of the init as a rule. */
static pid_t payload_of(const ct_container *container)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", ct_container_pid(container),
		ct_container_pid(container));
	return (pid_t)strtol(read_file(path), NULL, 10);
}

/* ------------------------------------------------------------------ what there is */

START_TEST(payload_is_the_child_of_an_init)
{
	const char *out = output_of(with_init(SPEC("/bin/probe", "facts")));

	ck_assert_str_eq(fact(out, "pid"), "2");
	ck_assert_str_eq(fact(out, "ppid"), "1");
	ck_assert_str_eq(fact(out, "sid"), "2");
	ck_assert_str_eq(fact(out, "fd_count"), "3");
	ck_assert_str_eq(output_of(INIT_SHELL("cat /proc/1/comm")), "init\n");
}
END_TEST

START_TEST(without_an_init_the_payload_is_first)
{
	ct_spec *spec = with_init(SPEC("/bin/probe", "facts"));

	set(ct_spec_set_init(spec, 0));
	ck_assert_str_eq(fact(output_of(spec), "pid"), "1");
}
END_TEST

/* It may be taken over by what runs beside it as the same user: there must be nothing to gain. */
START_TEST(init_has_the_rights_of_its_payload_and_no_more)
{
	static const char *const same[] = {"Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:",
		"CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "Seccomp_filters:"};
	ct_spec *spec = INIT_SHELL("echo ready; exec probe pause");
	ct_container *container;
	pid_t init, payload;

	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 77, 77));
	container = start_of(spec);
	init = ct_container_pid(container);
	payload = payload_of(container);
	ck_assert_int_gt(payload, init);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		char *theirs = strdup(line_of(payload, "status", same[i]));

		ck_assert_str_eq(line_of(init, "status", same[i]), theirs);
		free(theirs);
	}
	ck_assert_ptr_nonnull(strstr(line_of(init, "limits", "Max open files"), " 77 "));
	ct_container_free(container);
}
END_TEST

START_TEST(init_holds_no_descriptor_but_the_one_that_tells_the_end)
{
	ct_container *container = start_of(INIT_SHELL("echo ready; exec probe pause"));
	char path[64], link[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/fd/0", ct_container_pid(container));
	ck_assert_int_gt(readlink(path, link, sizeof(link) - 1), 0);
	ck_assert_str_eq(link, "anon_inode:[eventfd]");
	snprintf(path, sizeof(path), "/proc/%d/fd/1", ct_container_pid(container));
	ck_assert_int_eq(access(path, F_OK), -1);
	ct_container_free(container);
}
END_TEST

START_TEST(init_takes_up_less_than_64_kib)
{
	ct_container *container = start_of(INIT_SHELL("echo ready; exec probe pause"));
	const char *line = line_of(ct_container_pid(container), "status", "VmRSS:");

	ck_assert_msg(strtol(line + 6, NULL, 10) > 0 && strtol(line + 6, NULL, 10) < 64, "%s", line);
	ct_container_free(container);
}
END_TEST

/* --------------------------------------------------------------------- how it ends */

static const int codes[] = {0, 1, 3, 127, 143, 255};

START_TEST(exit_code_of_the_payload_is_that_of_the_container)
{
	char script[32];
	ct_exit how;

	snprintf(script, sizeof(script), "exit %d", codes[_i]);
	how = once(INIT_SHELL(script))->how;
	ck_assert_int_eq(how.code, codes[_i]);
	ck_assert_int_eq(how.signal, 0);
	ck_assert_uint_eq(how.why, CT_END_EXIT);
}
END_TEST

static const int signals[] = {SIGTERM, SIGKILL, SIGSEGV, SIGUSR1, SIGABRT};

START_TEST(signal_that_ends_the_payload_is_told)
{
	char script[32];
	ct_exit how;

	snprintf(script, sizeof(script), "kill -%d $$", signals[_i]);
	how = once(INIT_SHELL(script))->how;
	ck_assert_int_eq(how.signal, signals[_i]);
	ck_assert_int_eq(how.code, -1);
	ck_assert_uint_eq(how.why, CT_END_SIGNAL);
}
END_TEST

START_TEST(end_of_the_init_itself_is_the_end_of_all)
{
	ct_container *container = start_of(INIT_SHELL("echo ready; exec probe pause"));
	ct_exit how;

	set(ct_kill(container, SIGKILL, NULL));
	how = wait_for(container);
	ck_assert_int_eq(how.signal, SIGKILL);
	ck_assert_uint_eq(how.why, CT_END_ASKED);
	ct_container_free(container);
}
END_TEST

START_TEST(stop_reaches_a_payload_that_has_no_handler)
{
	ct_container *container = start_of(INIT_SHELL("echo ready; exec sleep 1000"));
	ct_exit how = CT_EXIT_INIT;

	ck_assert_int_eq(ct_stop(container, SIGTERM, PATIENCE_MS, &how, &err), 0);
	ck_assert_int_eq(how.signal, SIGTERM);
	ck_assert_uint_eq(how.why, CT_END_ASKED);
	ct_container_free(container);
}
END_TEST

START_TEST(payload_hears_the_signals_for_which_it_has_a_handler)
{
	ct_container *container = start_of(INIT_SHELL(
		"trap 'exit 7' USR1; trap 'exit 8' HUP; echo ready; while :; do sleep 0.01; done"));
	ct_exit how;

	set(ct_kill(container, SIGUSR1, NULL));
	how = wait_for(container);
	ck_assert_int_eq(how.code, 7);
	ct_container_free(container);
}
END_TEST

START_TEST(what_the_payload_leaves_behind_ends_with_it)
{
	struct outcome *outcome = once(INIT_SHELL("sleep 1000 & sleep 1000 & exit 4"));

	ck_assert_int_eq(outcome->how.code, 4); /* and both pipes came to their ends */
}
END_TEST

START_TEST(limit_of_time_ends_the_payload)
{
	ct_spec *spec = INIT_SHELL("exec sleep 1000");
	ct_exit how;

	set(ct_spec_set_time_limit(spec, CT_TIME_WALL, 200));
	how = once(spec)->how;
	ck_assert_uint_eq(how.why, CT_END_WALL);
	ck_assert_int_eq(how.signal, SIGKILL);
}
END_TEST

START_TEST(failed_start_is_explained_as_without_an_init)
{
	ct_spec *spec = with_init(SPEC("/bin/missing"));
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_PROGRAM, "/bin/missing",
		"no such program");
	ct_spec_free(spec);
}
END_TEST

START_TEST(created_container_has_its_init_and_starts_later)
{
	ct_spec *spec = with_init(SPEC("/bin/probe", "facts"));
	ct_container *container = NULL;
	struct outcome *outcome;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	outcome = outcome_of(ct_start(container, &err), container, &err);
	ck_assert_str_eq(fact(outcome->out, "pid"), "2");
	ct_spec_free(spec);
}
END_TEST

START_TEST(created_container_is_freed_with_its_init)
{
	ct_spec *spec = with_init(SPEC("/bin/probe", "pause"));
	ct_container *container = NULL;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	ct_container_free(container); /* the teardown finds what is left */
	ct_spec_free(spec);
}
END_TEST

/* -------------------------------------------------------------------- orphans */

/* Its parent has left it, and it ends when the payload has become a program that reaps nothing. */
#define LEAVE_ORPHAN "(sleep 0.2 & echo $! > /tmp/orphan); echo ready; exec probe pause"

static const char *ask(ct_container *container, const char *script)
{
	ct_container *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/sh", "-c", script);
	int code = ct_join(container, 0, 0, spec, &visitor, &err);
	struct outcome *outcome = outcome_of(code, visitor, &err);

	ct_spec_free(spec);
	ck_assert_msg(outcome->code == 0, "%s", err.sentence);
	return outcome->out;
}

START_TEST(orphan_is_reaped)
{
	ct_container *container = start_of(INIT_SHELL(LEAVE_ORPHAN));

	ck_assert_str_eq(ask(container, "while test -d /proc/$(cat /tmp/orphan); do sleep 0.01; done; echo gone"),
		"gone\n");
	ct_container_free(container);
}
END_TEST

/* The control. */
START_TEST(orphan_stays_a_zombie_with_a_first_process_that_does_not_reap)
{
	ct_container *container = start_of(SPEC("/bin/sh", "-c", LEAVE_ORPHAN));

	ck_assert_str_eq(ask(container, "until grep -q State:.Z /proc/$(cat /tmp/orphan)/status; do sleep 0.01; done;"
					"sleep 0.2; test -d /proc/$(cat /tmp/orphan) && echo zombie"),
		"zombie\n");
	ct_container_free(container);
}
END_TEST

START_TEST(many_orphans_are_reaped_while_signals_come)
{
	ct_container *container = start_of(INIT_SHELL(
		"trap : USR1; echo ready; exec > /dev/null; for i in $(seq 50); do (true & true &); done;"
		"while [ $(ls -d /proc/[0-9]* | wc -l) -gt 4 ]; do sleep 0.01; done; exit 9"));
	ct_exit how;

	for (int i = 0; i < 200; i++)
		(void)ct_kill(container, SIGUSR1, NULL);
	how = wait_for(container);
	ck_assert_int_eq(how.code, 9);
	ct_container_free(container);
}
END_TEST

/* ------------------------------------------------------------------ refusals */

START_TEST(init_without_a_new_pid_namespace_is_refused)
{
	ct_spec *spec = with_init(SPEC("/bin/true"));
	struct outcome *outcome;

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "init",
		"first process of a new pid namespace");
	ct_spec_free(spec);
}
END_TEST

START_TEST(filter_that_refuses_a_call_of_the_init_is_refused)
{
	ct_spec *spec = with_init(SPEC("/bin/true"));
	struct outcome *outcome;

	set(ct_spec_add_seccomp_rule(spec, "wait4", CT_SECCOMP_ERRNO, EPERM, NULL, 0));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_SECCOMP, "wait4",
		"what an init takes");
	ct_spec_free(spec);
}
END_TEST

START_TEST(payload_under_a_filter_that_comes_early_has_its_init)
{
	ct_spec *spec = with_init(SPEC("/bin/probe", "facts"));

	set(ct_spec_set_no_new_privs(spec, 0));
	ck_assert_str_eq(fact(output_of(spec), "ppid"), "1");
}
END_TEST

static void note_init(const ct_trace_event *event, void *data)
{
	if (strstr(event->shell, "tini(1)"))
		*(int *)data += 1;
}

START_TEST(start_with_an_init_is_explained)
{
	ct_spec *spec = with_init(SPEC("/bin/probe", "facts"));
	int told = 0;

	set(ct_spec_set_trace(spec, note_init, &told));
	ck_assert_str_eq(fact(output_of(spec), "ppid"), "1");
	ck_assert_int_gt(told, 0);
}
END_TEST

START_TEST(process_that_joins_is_confined_as_the_payload)
{
	ct_container *container = start_of(INIT_SHELL("echo ready; exec probe pause")), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/probe", "facts");
	struct outcome *outcome;
	int code = ct_join(container, 0, 0, spec, &visitor, &err);

	outcome = outcome_of(code, visitor, &err);
	ck_assert_int_eq(outcome->code, 0);
	ck_assert_str_eq(fact(outcome->out, "fd_count"), "3");
	ck_assert_str_eq(fact(outcome->out, "no_new_privs"), "1");
	ct_spec_free(spec);
	ct_container_free(container);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_root();
	suite = suite_of("init", &tcase);
	tcase_add_test(tcase, payload_is_the_child_of_an_init);
	tcase_add_test(tcase, without_an_init_the_payload_is_first);
	tcase_add_test(tcase, init_has_the_rights_of_its_payload_and_no_more);
	tcase_add_test(tcase, init_holds_no_descriptor_but_the_one_that_tells_the_end);
	tcase_add_test(tcase, init_takes_up_less_than_64_kib);
	tcase_add_loop_test(tcase, exit_code_of_the_payload_is_that_of_the_container, 0,
		sizeof(codes) / sizeof(codes[0]));
	tcase_add_loop_test(tcase, signal_that_ends_the_payload_is_told, 0,
		sizeof(signals) / sizeof(signals[0]));
	tcase_add_test(tcase, end_of_the_init_itself_is_the_end_of_all);
	tcase_add_test(tcase, stop_reaches_a_payload_that_has_no_handler);
	tcase_add_test(tcase, payload_hears_the_signals_for_which_it_has_a_handler);
	tcase_add_test(tcase, what_the_payload_leaves_behind_ends_with_it);
	tcase_add_test(tcase, limit_of_time_ends_the_payload);
	tcase_add_test(tcase, failed_start_is_explained_as_without_an_init);
	tcase_add_test(tcase, created_container_has_its_init_and_starts_later);
	tcase_add_test(tcase, created_container_is_freed_with_its_init);
	tcase_add_test(tcase, orphan_is_reaped);
	tcase_add_test(tcase, orphan_stays_a_zombie_with_a_first_process_that_does_not_reap);
	tcase_add_test(tcase, many_orphans_are_reaped_while_signals_come);
	tcase_add_test(tcase, init_without_a_new_pid_namespace_is_refused);
	tcase_add_test(tcase, filter_that_refuses_a_call_of_the_init_is_refused);
	tcase_add_test(tcase, payload_under_a_filter_that_comes_early_has_its_init);
	tcase_add_test(tcase, start_with_an_init_is_explained);
	tcase_add_test(tcase, process_that_joins_is_confined_as_the_payload);
	return suite_run(suite);
}
