/* SPDX-License-Identifier: MIT */
/*
 * The cgroups that limits and figures take: what is written there, where they are, and that they
 * go. On v2, v1 and both, as the machine is.
 */
#include "cgroup/groups.h"
#include "support/box.h"
#include "support/cgroup.h"
#include "support/needs.h"

#include <container/cgroup.h>
#include <container/join.h>

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---------------------------------------------------------- what is written */

START_TEST(limits_are_those_of_the_kernels_files)
{
	ct_spec *spec = SPEC("/bin/offender", "forks", "0");
	ct_container *container;
	char text[64];

	set(ct_spec_set_limit(spec, CT_LIMIT_CPU_MAX, 1500));
	set(ct_spec_set_limit(spec, CT_LIMIT_CPU_WEIGHT, 200));
	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 77));
	set(ct_spec_set_cgroup_key(spec, "pids.max", "78")); /* after all limits */
	container = start_until(spec, "forked 0", text, sizeof(text));
	ck_assert_str_eq(cgroup_file(container, "pids.max", "pids", "pids.max"), "78\n");
	ck_assert_str_eq(cgroup_file(container, "cpu.weight", "cpu", "cpu.shares"),
		is_v1("cpu") ? "2048\n" : "200\n");
	ck_assert_str_eq(cgroup_file(container, "cpu.max", "cpu", "cpu.cfs_quota_us"),
		is_v1("cpu") ? "150000\n" : "150000 100000\n");
	ct_container_free(container);
}
END_TEST

START_TEST(limit_can_be_changed_while_it_runs)
{
	ct_spec *spec = SPEC("/bin/offender", "run", "forks", "20");
	ct_error err = CT_ERROR_INIT;
	ct_container *container;
	char text[64];
	int in;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 100));
	container = start_until(spec, "ready", text, sizeof(text));
	ck_assert_int_eq(ct_container_set_limit(container, CT_LIMIT_PIDS_MAX, 5, &err), 0);
	in = ct_container_take_stdio(container, 0);
	ck_assert_int_eq(write(in, "\n", 1), 1);
	while (figures_of(container).pids_max_count == 0)
		sched_yield();
	ck_assert_uint_eq(figures_of(container).pids, 5);
	ck_assert_int_eq(
		ct_container_set_limit(container, CT_LIMIT_PIDS_MAX, CT_UNLIMITED, &err), 0);
	ck_assert_str_eq(cgroup_file(container, "pids.max", "pids", "pids.max"), "max\n");
	close(in);
	ct_container_free(container);
}
END_TEST

/* In v1 they are one number, which counts from what holds then. */
START_TEST(swap_is_limited_beside_the_memory_that_holds_now)
{
	ct_spec *spec = SPEC("/bin/offender", "forks", "0");
	ct_error err = CT_ERROR_INIT;
	ct_container *container;
	char text[64];

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 64 * MIB));
	container = start_until(spec, "forked 0", text, sizeof(text));
	ck_assert_int_eq(ct_container_set_limit(container, CT_LIMIT_MEMORY_MAX, 32 * MIB, &err), 0);
	if (ct_container_set_limit(container, CT_LIMIT_SWAP_MAX, MIB, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	ck_assert_int_eq(strtoll(cgroup_file(container, "memory.swap.max", "memory",
					 "memory.memsw.limit_in_bytes"),
				 NULL, 10),
		(is_v1("memory") ? 33 : 1) * (long long)MIB);
	ct_container_free(container);
}
END_TEST

START_TEST(bytes_written_to_a_disk_are_told)
{
	ct_spec *spec = SPEC("/bin/offender", "write", "/mnt/file", "4194304");
	struct outcome *outcome;
	char dir[] = "/var/tmp/ct-disk-XXXXXX", file[64];

	ck_assert(mkdtemp(dir) != NULL);
	set(ct_spec_add_bind(spec, dir, "/mnt", 0));
	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 256 * MIB));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.code, 0);
	snprintf(file, sizeof(file), "%s/file", dir);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	/* In memory, and so no disk: not told. v1 counts what was written back by others elsewhere. */
	if (outcome->how.figures.io_written_bytes != CT_NOT_KNOWN &&
		outcome->how.figures.io_written_bytes)
		ck_assert_uint_ge(outcome->how.figures.io_written_bytes, 4 * MIB);
}
END_TEST

/* ------------------------------------------------------------- where it goes */

START_TEST(container_is_in_its_cgroup_and_sees_it_as_the_root)
{
	ct_spec *spec =
		SPEC("/bin/sh", "-c", "cat /proc/self/cgroup; echo ready; exec probe pause");
	ct_container *container;
	char text[4096], path[64];

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 64 * MIB));
	container = start_until(spec, "ready", text, sizeof(text));
	ck_assert_msg(strstr(text, is_v1("memory") ? "memory:/\n" : "0::/\n") != NULL, "%s", text);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", ct_container_pid(container));
	ck_assert_msg(strstr(read_file(path), ct_container_cgroup(container)) != NULL, "%s",
		read_file(path));
	ct_container_free(container);
}
END_TEST

START_TEST(parent_of_the_cgroup_can_be_chosen)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_cgroup(spec, 1));
	set(ct_spec_set_cgroup_parent(spec, "/ct-there-is-no-such"));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_LIMIT, "/ct-there-is-no-such",
		NULL);
	set(ct_spec_set_cgroup_parent(spec, "/"));
	outcome = run(spec);
	ck_assert_int_eq(outcome->how.code, 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(scope_of_systemd_needs_one_that_can_be_asked)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_cgroup(spec, 1));
	set(ct_spec_set_cgroup_parent(spec, "/ct-there-is-no-such"));
	set(ct_spec_set_cgroup_systemd(spec, "unix:path=/ct-there-is-no-such")); /* in its place */
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->err.step, CT_STEP_LIMIT);
	ck_assert_msg(outcome->code == -EOPNOTSUPP || outcome->code == -ENOENT, "%d", outcome->code);
	ck_assert_msg(strstr(outcome->err.object, "unix:path=/ct-there-is-no-such") != NULL, "%s",
		outcome->err.object);
	set(ct_spec_set_cgroup_systemd(spec, NULL));
	ck_assert_int_eq(run(spec)->how.code, 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(address_that_is_none_is_refused)
{
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(ct_spec_set_cgroup_systemd(spec, "/run/bus"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_cgroup_systemd(spec, "unix:path=/a\nb"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_cgroup_systemd(NULL, ""), -EINVAL);
	ct_spec_free(spec);
}
END_TEST

/* In v2 a cgroup with processes that passes on cpu or pids becomes one of threads. */
START_TEST(cgroup_of_the_host_is_left_as_it_is)
{
	const char *cgroup = make_cgroup();
	char type[160], before[64];
	pid_t child;

	ck_assert_ptr_nonnull(cgroup);
	snprintf(type, sizeof(type), "%s/cgroup.type", cgroup);
	snprintf(before, sizeof(before), "%s", access(type, F_OK) == 0 ? read_file(type) : "");
	child = fork();
	if (child == 0) {
		ct_spec *spec = SPEC("/bin/true");

		move_to_cgroup(cgroup, getpid());
		set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 20));
		ck_assert_int_eq(run(spec)->how.code, 0);
		ct_spec_free(spec);
		_exit(0);
	}
	expect_child(child);
	ck_assert_str_eq(access(type, F_OK) == 0 ? read_file(type) : "", before);
	ck_assert_int_eq(rmdir(cgroup), 0);
}
END_TEST

START_TEST(joined_process_counts_in_the_cgroup_of_its_target)
{
	ct_spec *spec = SPEC("/bin/offender", "forks", "0"),
		*visit = VISITOR("/bin/offender", "memory", "67108864");
	ct_error err = CT_ERROR_INIT;
	ct_container *target, *visitor = NULL;
	ct_exit how;
	char text[64];

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 * MIB));
	set(ct_spec_set_cgroup_key(
		spec, is_v1("memory") ? "memory.swappiness" : "memory.swap.max", "0"));
	target = start_until(spec, "forked 0", text, sizeof(text));
	if (ct_join(target, 0, 0, visit, &visitor, &err) < 0)
		ck_abort_msg("join: %s", err.sentence);
	how = wait_for(visitor);
	ck_assert_int_eq(how.signal, SIGKILL);
	ct_container_free(visitor);
	ck_assert_uint_eq(figures_of(target).oom_kills, 1);
	ct_container_free(target);
	ct_spec_free(visit);
}
END_TEST

START_TEST(cgroups_of_a_killed_host_go_with_the_next_start)
{
	ct_spec *spec = SPEC("/bin/true");
	int status, ready[2];
	char path[PATH_MAX];
	pid_t child;

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		ct_spec *other = SPEC("/bin/offender", "forks", "0");
		char text[64];
		ct_container *container;

		set(ct_spec_set_cgroup(other, 1));
		container = start_until(other, "forked 0", text, sizeof(text));
		snprintf(path, sizeof(path), "%s", cgroup_dir(container, "memory"));
		ck_assert_int_eq(write(ready[1], path, sizeof(path)), sizeof(path));
		raise(SIGKILL);
	}
	ck_assert_int_eq(read(ready[0], path, sizeof(path)), sizeof(path));
	close(ready[0]);
	close(ready[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	set(ct_spec_set_cgroup(spec, 1));
	/* The keeper ends the container, and until then the kernel keeps the cgroup. */
	while (access(path, F_OK) == 0) {
		ck_assert_int_eq(run(spec)->how.code, 0);
		set(ct_spec_set_cgroup(spec, 1)); /* the plan is made anew, and with it the sweep */
	}
	ct_spec_free(spec);
}
END_TEST

START_TEST(detached_container_keeps_its_cgroup)
{
	ct_spec *spec = SPEC("/bin/offender", "forks", "0");
	ct_container *container;
	char text[64], path[PATH_MAX];
	pid_t pid;

	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 5));
	container = start_until(spec, "forked 0", text, sizeof(text));
	snprintf(path, sizeof(path), "%s", cgroup_dir(container, "pids"));
	pid = ct_container_pid(container);
	ck_assert_int_eq(ct_detach(container, NULL), 0);
	ct_container_free(container);
	ck_assert_int_eq(access(path, F_OK), 0);
	end_child(pid);
	/* Its host lives, so nobody else removes what is left of it. */
	ck_assert_int_ge(groups_below("/sys/fs/cgroup", true), 1);
}
END_TEST

/* -------------------------------------------------------------------- freeze */

static uint64_t cpu_of(ct_container *container)
{
	return figures_of(container).cpu_us;
}

START_TEST(frozen_container_stands_still_until_it_is_thawed)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; while :; do :; done");
	struct timespec moment = {.tv_nsec = 50000000};
	ct_error err = CT_ERROR_INIT;
	ct_container *container;
	uint64_t used;
	char text[64];

	set(ct_spec_set_cgroup(spec, 1));
	container = start_until(spec, "ready", text, sizeof(text));
	if (ct_container_freeze(container, PATIENCE_MS, &err) < 0)
		ck_abort_msg("freeze: %s", err.sentence);
	used = cpu_of(container);
	nanosleep(&moment, NULL); /* in which it would have used some */
	ck_assert_uint_eq(cpu_of(container), used);
	ck_assert_int_eq(ct_container_thaw(container, &err), 0);
	while (cpu_of(container) == used)
		sched_yield();
	ct_container_free(container);
}
END_TEST

START_TEST(frozen_container_can_be_killed_and_freed)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; while :; do :; done");
	ct_error err = CT_ERROR_INIT;
	ct_container *container;
	char text[64];

	set(ct_spec_set_cgroup(spec, 1));
	container = start_until(spec, "ready", text, sizeof(text));
	ck_assert_int_eq(ct_container_freeze(container, PATIENCE_MS, &err), 0);
	if (_i) {
		ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
		ck_assert_int_eq(wait_for(container).signal, SIGKILL);
	}
	ct_container_free(container);
}
END_TEST

/* ------------------------------------------------------------------ refusals */

START_TEST(limits_out_of_range_are_refused_by_name)
{
	static const struct {
		ct_limit limit;
		uint64_t value;
		const char *object;
	} rows[] = {
		{CT_LIMIT_CPU_MAX, 9, "cpu.max: 9"},
		{CT_LIMIT_CPU_WEIGHT, 0, "cpu.weight: 0"},
		{CT_LIMIT_CPU_WEIGHT, 10001, "cpu.weight: 10001"},
		{CT_LIMIT_OOM_GROUP, 2, "memory.oom.group: 2"},
		{CT_LIMIT_MEMORY_MAX, UINT64_C(1) << 63, "memory.max"},
		{(ct_limit)0, 1, "unknown limit: 1"},
		{(ct_limit)99, 1, "unknown limit: 1"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ct_spec *spec = SPEC("/bin/true");
		ct_error err = CT_ERROR_INIT;

		ck_assert_int_eq(ct_spec_set_limit(spec, rows[i].limit, rows[i].value), -EINVAL);
		expect_error(ct_spec_check(spec, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
			rows[i].object, NULL);
		ct_spec_free(spec);
	}
}
END_TEST

START_TEST(keys_that_are_no_setting_are_refused_by_name)
{
	static const char *const keys[] = {"cgroup.procs", "cgroup.threads", "cgroup.kill",
		"memory", "memory.", "../memory.max", "memory/../x.y", "release_agent", "tasks",
		"freezer.state", "memory.m\nx", "", "devices.allow"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		ct_spec *spec = SPEC("/bin/true");

		ck_assert_msg(ct_spec_set_cgroup_key(spec, keys[i], "1") == -EINVAL, "%s", keys[i]);
		ct_spec_free(spec);
	}
}
END_TEST

START_TEST(what_the_kernel_refuses_names_file_and_value)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_cgroup_key(spec, "pids.max", "many"));
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_LIMIT, "pids.max: many", NULL);
	ck_assert_str_eq(outcome->err.call, "write");
}
END_TEST

START_TEST(parent_that_could_lead_out_is_refused)
{
	static const char *const parents[] = {"", "a", "/..", "/a/../b", "/a/..", "/a\nb"};

	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		ct_spec *spec = SPEC("/bin/true");

		ck_assert_int_eq(ct_spec_set_cgroup_parent(spec, parents[i]), -EINVAL);
		ct_spec_free(spec);
	}
}
END_TEST

START_TEST(lists_of_processors_are_checked)
{
	static const char *const lists[] = {"", "a", "0-", "-1", "0,,1", "0, 1", "0-1-"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		ct_spec *spec = SPEC("/bin/true");

		ck_assert_msg(ct_spec_set_cpus(spec, lists[i]) == -EINVAL, "\"%s\"", lists[i]);
		ct_spec_free(spec);
	}
}
END_TEST

START_TEST(container_without_a_cgroup_says_so)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_container *container = start_ready(spec);
	ct_figures figures = CT_FIGURES_INIT;
	ct_error err = CT_ERROR_INIT;

	expect_error(ct_container_figures(container, &figures, &err), &err, -ENOENT, CT_STEP_LIMIT,
		NULL, "no cgroup of its own");
	expect_error(ct_container_set_limit(container, CT_LIMIT_PIDS_MAX, 1, &err), &err, -ENOENT,
		CT_STEP_LIMIT, NULL, "no cgroup of its own");
	expect_error(ct_container_freeze(container, 0, &err), &err, -ENOENT, CT_STEP_LIMIT, NULL,
		"no cgroup of its own");
	ck_assert(ct_container_cgroup(container) == NULL);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(figures_of_many_are_those_of_each)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause"), *plain;
	ct_container *containers[5] = {NULL};
	ct_figures figures[5];
	ct_error err = CT_ERROR_INIT;

	plain = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	set(ct_spec_set_cgroup(spec, 1));
	for (int i = 0; i < 5; i++) {
		figures[i] = (ct_figures)CT_FIGURES_INIT;
		if (i != 2)
			containers[i] = start_ready(i == 4 ? plain : spec);
	}
	ck_assert_int_eq(ct_container_figures_many(containers, 5, figures, &err), 3);
	for (int i = 0; i < 5; i++) {
		bool grouped = i != 2 && i != 4;

		ck_assert_int_eq(figures[i].pids != CT_NOT_KNOWN, grouped);
		if (grouped)
			ck_assert_uint_eq(figures[i].pids, figures_of(containers[i]).pids);
	}
	figures[3].size = 8;
	expect_error(ct_container_figures_many(containers, 5, figures, &err), &err, -EINVAL,
		CT_STEP_ARGUMENT, "ret_figures[3]", NULL);
	ck_assert_int_eq(ct_container_figures_many(NULL, 5, figures, &err), -EINVAL);
	for (int i = 0; i < 5; i++)
		ct_container_free(containers[i]);
	ct_spec_free(spec);
	ct_spec_free(plain);
}
END_TEST

START_TEST(join_refuses_limits_of_its_own)
{
	ct_spec *host = SPEC("/bin/sh", "-c", "echo ready; exec probe pause"),
		*spec = VISITOR("/bin/true");
	ct_container *target = start_ready(host), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 1));
	expect_error(ct_join(target, 0, 0, spec, &visitor, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
		"cgroup", "joins");
	ct_spec_free(spec);
	ct_container_free(target);
	ct_spec_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tc = tcase_create("cgroup");

	need_root();
	need_cgroup();
	tcase_add_checked_fixture(tc, groups_setup, groups_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, limits_are_those_of_the_kernels_files);
	tcase_add_test(tc, limit_can_be_changed_while_it_runs);
	tcase_add_test(tc, swap_is_limited_beside_the_memory_that_holds_now);
	tcase_add_test(tc, bytes_written_to_a_disk_are_told);
	tcase_add_test(tc, container_is_in_its_cgroup_and_sees_it_as_the_root);
	tcase_add_test(tc, parent_of_the_cgroup_can_be_chosen);
	tcase_add_test(tc, scope_of_systemd_needs_one_that_can_be_asked);
	tcase_add_test(tc, address_that_is_none_is_refused);
	tcase_add_test(tc, cgroup_of_the_host_is_left_as_it_is);
	tcase_add_test(tc, joined_process_counts_in_the_cgroup_of_its_target);
	tcase_add_test(tc, cgroups_of_a_killed_host_go_with_the_next_start);
	tcase_add_test(tc, detached_container_keeps_its_cgroup);
	tcase_add_test(tc, frozen_container_stands_still_until_it_is_thawed);
	tcase_add_loop_test(tc, frozen_container_can_be_killed_and_freed, 0, 2);
	tcase_add_test(tc, limits_out_of_range_are_refused_by_name);
	tcase_add_test(tc, keys_that_are_no_setting_are_refused_by_name);
	tcase_add_test(tc, what_the_kernel_refuses_names_file_and_value);
	tcase_add_test(tc, parent_that_could_lead_out_is_refused);
	tcase_add_test(tc, lists_of_processors_are_checked);
	tcase_add_test(tc, container_without_a_cgroup_says_so);
	tcase_add_test(tc, figures_of_many_are_those_of_each);
	tcase_add_test(tc, join_refuses_limits_of_its_own);
	return suite_run(suite);
}
