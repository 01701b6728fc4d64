/* SPDX-License-Identifier: MIT */
/*
 * Each limit, with an offender that runs against it, and the figures of what it used, beside what it
 * says that it used. On v2 and v1, as the machine is: README.md tells which sentence is about
 * what. Nothing here is about how long something takes, but that it takes no less.
 */
#include "cgroup/groups.h"
#include "support/box.h"
#include "support/cgroup.h"
#include "support/needs.h"

#include <container/container.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The number after a word of what an offender has said. */
static uint64_t said(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	ck_assert_msg(at != NULL, "it did not say %s: %s", word, text);
	return strtoull(at + strlen(word), NULL, 10);
}

static void without_swap(ct_spec *spec)
{
	set(ct_spec_set_cgroup_key(
		spec, is_v1("memory") ? "memory.swappiness" : "memory.swap.max", "0"));
}

/* ------------------------------------------------------------------- memory */

START_TEST(memory_hog_is_killed_at_its_limit_and_the_record_says_so)
{
	ct_spec *spec = SPEC("/bin/offender", "memory", "67108864");
	struct outcome *outcome;

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 * MIB));
	without_swap(spec);
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.signal, SIGKILL);
	ck_assert_int_eq(outcome->how.oom, CT_OOM_LIMIT);
	ck_assert_uint_eq(outcome->how.figures.oom_kills, 1);
	expect_near(outcome->how.figures.memory_peak_bytes, 32 * MIB, 5);
}
END_TEST

START_TEST(memory_below_the_limit_is_had_and_told)
{
	ct_spec *spec = SPEC("/bin/offender", "memory", "33554432");
	ct_container *container;
	ct_figures figures;
	char text[256];

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 64 * MIB));
	container = start_until(spec, "touched", text, sizeof(text));
	figures = figures_of(container);
	expect_near(figures.memory_anon_bytes, 32 * MIB, 5);
	ck_assert_uint_ge(figures.memory_bytes, 32 * MIB);
	ck_assert_uint_ge(figures.memory_peak_bytes, figures.memory_anon_bytes);
	ck_assert_uint_eq(figures.oom_kills, 0);
	ck_assert_int_eq(
		strtoll(cgroup_file(container, "memory.max", "memory", "memory.limit_in_bytes"),
			NULL, 10),
		64 * (long long)MIB);
	ct_container_free(container);
}
END_TEST

START_TEST(container_killed_by_its_caller_was_not_out_of_memory)
{
	ct_spec *spec = SPEC("/bin/offender", "memory", "1048576");
	ct_container *container;
	ct_exit how;
	char text[256];

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 * MIB));
	container = start_until(spec, "touched", text, sizeof(text));
	ck_assert_int_eq(ct_kill(container, SIGKILL, NULL), 0);
	how = wait_for(container);
	ck_assert_int_eq(how.signal, SIGKILL);
	ck_assert_int_eq(how.oom, CT_OOM_NONE);
	ct_container_free(container);
}
END_TEST

/* In v1 it is memory and swap together that are limited, and that limit is reached first. */
START_TEST(hog_that_would_go_on_in_swap_is_killed_by_its_own_limit)
{
	ct_spec *spec = SPEC("/bin/offender", "memory", "67108864");
	struct outcome *outcome;

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 * MIB));
	set(ct_spec_set_limit(spec, CT_LIMIT_SWAP_MAX, 0));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.signal, SIGKILL);
	ck_assert_int_eq(outcome->how.oom, CT_OOM_LIMIT);
	ck_assert_uint_ge(outcome->how.figures.memory_max_count, 1);
	expect_near(outcome->how.figures.memory_peak_bytes, 32 * MIB, 5);
}
END_TEST

START_TEST(limit_of_swap_is_reached_beside_that_of_memory)
{
	ct_spec *spec =
		SPEC("/bin/sh", "-c", "offender memory 67108864; echo ready; exec probe pause");
	ct_container *container;
	char text[256];

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 * MIB));
	set(ct_spec_set_limit(spec, CT_LIMIT_SWAP_MAX, 0));
	container = start_until(spec, "ready", text, sizeof(text));
	ck_assert_msg(!strstr(text, "touched"), "%s", text);
	ck_assert_uint_eq(figures_of(container).oom_kills, 1);
	ck_assert_uint_eq(figures_of(container).swap_bytes, 0);
	if (is_v1("memory")) {
		uint64_t most = strtoull(cgroup_file(container, "no such file", "memory",
						 "memory.memsw.max_usage_in_bytes"),
			NULL, 10);

		expect_near(most, 32 * MIB, 5);
	}
	ct_container_free(container);
}
END_TEST

/* One MiB over the mark: the more it is, the longer the kernel holds each of its steps back. */
START_TEST(memory_over_the_high_mark_is_had_and_counted)
{
	ct_spec *spec = SPEC("/bin/offender", "memory", "34603008");
	ct_container *container;
	ct_figures figures;
	char text[256];

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_HIGH, 32 * MIB));
	without_swap(spec);
	container = start_until(spec, "touched", text, sizeof(text));
	figures = figures_of(container);
	ck_assert_uint_ge(figures.memory_high_count, 1);
	ck_assert_uint_eq(figures.oom_kills, 0);
	expect_near(figures.memory_anon_bytes, said(text, "touched "), 5);
	ck_assert_uint_eq(
		strtoull(cgroup_file(container, "memory.high", "memory", ""), NULL, 10), 32 * MIB);
	ct_container_free(container);
}
END_TEST

/* With 0 the hog alone is killed, with 1 the shell that started it as well. */
START_TEST(hog_takes_its_group_with_it_where_that_is_asked_for)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "offender memory 67108864; echo survived");
	struct outcome *outcome;

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 * MIB));
	set(ct_spec_set_limit(spec, CT_LIMIT_OOM_GROUP, (uint64_t)_i));
	without_swap(spec);
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.signal, _i ? SIGKILL : 0);
	ck_assert_int_eq(outcome->how.oom, _i ? CT_OOM_LIMIT : CT_OOM_NONE);
	ck_assert_int_eq(strstr(outcome->out, "survived") != NULL, !_i);
	ck_assert_uint_ge(outcome->how.figures.oom_kills, 1);
}
END_TEST

/*
 * Two containers in a cgroup with too little memory for both: 16 MiB of page cache, which can be
 * dropped, and the 40 MiB of a hog, which cannot.
 */
#define CACHE (16 * MIB)

struct pair {
	char parent[128], dir[64];
	ct_container *keeper;
	ct_spec *hog;
};

static struct pair start_pair(ct_limit limit)
{
	ct_spec *spec = SPEC("/bin/sh", "-c",
		"offender write /mnt/file 16777216 > /dev/null; echo ready; exec probe pause");
	struct pair pair = {.hog = SPEC("/bin/offender", "memory", "41943040")};
	const char *cgroup = make_cgroup();
	char path[160];
	dev_t disk;

	ck_assert_ptr_nonnull(cgroup);
	ck_assert(make_on_disk(pair.dir, &disk));
	snprintf(pair.parent, sizeof(pair.parent), "%s", cgroup);
	snprintf(path, sizeof(path), "%s/memory.max", pair.parent);
	write_file(path, "50331648", 0644);
	snprintf(path, sizeof(path), "%s/memory.swap.max", pair.parent);
	if (access(path, F_OK) == 0)
		write_file(path, "0", 0644);
	set(ct_spec_set_cgroup_parent(spec, strrchr(pair.parent, '/')));
	set(ct_spec_add_bind(spec, pair.dir, "/mnt", 0));
	set(ct_spec_set_limit(spec, limit, 2 * CACHE));
	pair.keeper = start_ready(spec);
	ct_spec_free(spec);
	expect_near(figures_of(pair.keeper).memory_file_bytes, CACHE, 5);
	set(ct_spec_set_cgroup_parent(pair.hog, strrchr(pair.parent, '/')));
	set(ct_spec_set_cgroup(pair.hog, 1));
	return pair;
}

static void end_pair(struct pair *pair)
{
	ct_container_free(pair->keeper);
	remove_with_file(pair->dir);
	ck_assert_int_eq(rmdir(pair->parent), 0);
}

START_TEST(memory_below_the_low_mark_is_taken_last)
{
	struct pair pair = start_pair(CT_LIMIT_MEMORY_LOW);
	ct_container *hog;
	char text[256];
	const char *events;

	hog = start_until(pair.hog, "touched", text, sizeof(text));
	expect_near(figures_of(hog).memory_anon_bytes, said(text, "touched "), 5);
	events = cgroup_file(pair.keeper, "memory.events", "memory", "");
	ck_assert_msg(said(events, "low ") > 0, "%s", events);
	ck_assert_uint_lt(figures_of(pair.keeper).memory_file_bytes, CACHE);
	ct_container_free(hog);
	end_pair(&pair);
}
END_TEST

START_TEST(memory_below_the_least_is_never_taken)
{
	struct pair pair = start_pair(CT_LIMIT_MEMORY_MIN);
	struct outcome *outcome = run(pair.hog);

	ct_spec_free(pair.hog);
	ck_assert_int_eq(outcome->how.signal, SIGKILL);
	ck_assert_int_eq(outcome->how.oom,
		CT_OOM_HOST); /* for want of memory, and not by a limit of its own */
	expect_near(figures_of(pair.keeper).memory_file_bytes, CACHE, 5);
	end_pair(&pair);
}
END_TEST

static const struct {
	ct_limit limit;
	uint64_t value;
	const char *name;
} of_v2[] = {
	{CT_LIMIT_MEMORY_HIGH, 64 << 20, "memory.high"},
	{CT_LIMIT_MEMORY_LOW, 64 << 20, "memory.low"},
	{CT_LIMIT_MEMORY_MIN, 64 << 20, "memory.min"},
	{CT_LIMIT_OOM_GROUP, 1, "memory.oom.group"},
};

START_TEST(limit_that_v1_lacks_is_refused_by_name)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_limit(spec, of_v2[_i].limit, of_v2[_i].value));
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EOPNOTSUPP, CT_STEP_LIMIT, of_v2[_i].name,
		"cgroup v1 has no such limit");
}
END_TEST

START_TEST(limit_that_v1_lacks_is_refused_while_it_runs)
{
	ct_spec *spec = SPEC("/bin/offender", "forks", "0");
	ct_error err = CT_ERROR_INIT;
	ct_container *container;
	char text[64];
	int ret;

	set(ct_spec_set_cgroup(spec, 1));
	container = start_until(spec, "forked 0", text, sizeof(text));
	ret = ct_container_set_limit(container, of_v2[_i].limit, of_v2[_i].value, &err);
	expect_error(ret, &err, -EOPNOTSUPP, CT_STEP_LIMIT, of_v2[_i].name, NULL);
	ct_container_free(container);
}
END_TEST

START_TEST(swap_alone_cannot_be_limited_in_v1)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_limit(spec, CT_LIMIT_SWAP_MAX, MIB));
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EOPNOTSUPP, CT_STEP_LIMIT, "memory.swap.max",
		"only together with memory");
}
END_TEST

/* -------------------------------------------------------------------- pids */

/* By the limit, and by a key of the caller's, which comes after all limits. */
START_TEST(fork_is_refused_at_the_limit_of_processes)
{
	ct_spec *spec = SPEC("/bin/offender", "forks", "100");
	ct_container *container;
	ct_figures figures;
	char text[256];

	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, _i ? 50 : 10));
	if (_i)
		set(ct_spec_set_cgroup_key(spec, "pids.max", "10"));
	container = start_until(spec, "refused EAGAIN", text, sizeof(text));
	ck_assert_uint_eq(said(text, "forked "), 9);
	figures = figures_of(container);
	ck_assert_uint_eq(figures.pids, 10);
	ck_assert_uint_eq(figures.pids_max_count, 1);
	ct_container_free(container);
}
END_TEST

START_TEST(fork_bomb_ends_with_its_handle)
{
	ct_spec *spec = SPEC("/bin/offender", "bomb");
	ct_container *container;
	char text[64];

	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 50));
	container = start_until(spec, "ready", text, sizeof(text));
	ct_container_free(container); /* the teardown looks for what is left of it */
}
END_TEST

START_TEST(fork_bomb_in_the_hosts_pid_namespace_ends_with_its_handle)
{
	ct_spec *spec = SPEC("/bin/offender", "bomb");
	ct_container *container;
	char text[64];

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 50));
	container = start_until(spec, "ready", text, sizeof(text));
	ct_container_free(container);
}
END_TEST

/* --------------------------------------------------------------------- cpu */

/* It is in its cgroup from its first instruction, and so both have counted the same. */
START_TEST(cpu_time_is_told_as_it_was_used)
{
	ct_spec *spec = SPEC("/bin/offender", "spin", "1000");
	struct outcome *outcome;
	uint64_t spun;

	set(ct_spec_set_cgroup(spec, 1));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.code, 0);
	spun = said(outcome->out, "spun ") * 1000;
	ck_assert_uint_ge(spun, 1000000);
	expect_near(outcome->how.figures.cpu_us, spun, 5);
	expect_near(outcome->how.figures.cpu_us, outcome->how.user_us + outcome->how.system_us, 5);
	ck_assert_uint_ge(outcome->how.figures.cpu_us + 1000, outcome->how.figures.cpu_user_us);
}
END_TEST

START_TEST(spinner_is_held_to_its_share_of_a_processor)
{
	ct_spec *spec = SPEC("/bin/offender", "spin", "75");
	struct outcome *outcome;

	/* So small that it is the limit which holds it, and not others who are at work. */
	set(ct_spec_set_limit(spec, CT_LIMIT_CPU_MAX, 50));
	outcome = run(spec);
	ct_spec_free(spec);
	/* A twentieth: 75 ms take 1,500, of which the first period may be had at once. */
	ck_assert_uint_ge(outcome->how.wall_us, 1100000);
	ck_assert_uint_ge(outcome->how.figures.cpu_throttled_count, 5);
	ck_assert_uint_ge(outcome->how.figures.cpu_throttled_us, 100000);
}
END_TEST

static ct_container *start_spinner(uint64_t weight, int *ret_in)
{
	ct_spec *spec = SPEC("/bin/offender", "run", "spin", "600000");
	ct_container *container;
	char text[64];

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	set(ct_spec_set_cpus(spec, "0"));
	set(ct_spec_set_limit(spec, CT_LIMIT_CPU_WEIGHT, weight));
	container = start_until(spec, "ready", text, sizeof(text));
	*ret_in = ct_container_take_stdio(container, 0);
	return container;
}

static void spin(int in)
{
	ck_assert_int_eq(write(in, "\n", 1), 1);
	close(in);
}

/*
 * Two on one processor, whatever else is at work there. The heavier is looked at first and last, so
 * that a caller who is held up between two looks cannot turn the figures around. A hundred times as much
 * is what the kernel gives; four times is never had by chance.
 */
START_TEST(spinner_of_more_weight_gets_more_of_a_processor)
{
	const struct timespec moment = {.tv_nsec = 5000000};
	int heavy_in, light_in;
	ct_container *heavy = start_spinner(1000, &heavy_in), *light = start_spinner(10, &light_in);
	uint64_t heavy_before, light_before, light_used;

	spin(heavy_in);
	spin(light_in);
	heavy_before = figures_of(heavy).cpu_us;
	light_before = figures_of(light).cpu_us;
	do {
		nanosleep(&moment, NULL);
		light_used = figures_of(light).cpu_us - light_before;
	} while (figures_of(heavy).cpu_us - heavy_before < 400000 && light_used < 400000);
	ck_assert_uint_lt(light_used, 100000);
	ct_container_free(light);
	ct_container_free(heavy);
}
END_TEST

START_TEST(processors_are_those_of_the_list)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "grep Cpus_allowed_list /proc/self/status");

	set(ct_spec_set_cpus(spec, "0"));
	ck_assert_str_eq(output_of(spec), "Cpus_allowed_list:\t0\n");
}
END_TEST

START_TEST(processor_that_is_not_in_the_list_is_not_had)
{
	ct_spec *spec = SPEC("/bin/offender", "pin", "1");

	set(ct_spec_set_cpus(spec, "0"));
	ck_assert_str_eq(output_of(spec), "refused EINVAL\n");
	ck_assert_str_eq(output_of(SPEC("/bin/offender", "pin", "1")), "pinned\n");
}
END_TEST

START_TEST(memory_nodes_are_those_of_the_list)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "grep Mems_allowed_list /proc/self/status");
	struct outcome *outcome;

	set(ct_spec_set_mems(spec, "0"));
	ck_assert_str_eq(output_of(spec), "Mems_allowed_list:\t0\n");
	spec = SPEC("/bin/true");
	set(ct_spec_set_mems(spec, "1000"));
	outcome = attempt(spec);
	ct_spec_free(spec);
	ck_assert_int_lt(outcome->code, 0);
	ck_assert_int_eq(outcome->err.step, CT_STEP_LIMIT);
	ck_assert_msg(strstr(outcome->err.object, "cpuset.mems: 1000") != NULL, "%s",
		outcome->err.object);
}
END_TEST

/* --------------------------------------------------------------------- which */

static void skip(const TTest *test, const char *why)
{
	printf("  skipped  %s: %s\n", test->name, why);
}

/* What v2 alone has. */
static void add_of_v2(TCase *tc)
{
	const struct {
		const TTest *test;
		int count;
		bool on_disk;
	} rows[] = {
		{memory_over_the_high_mark_is_had_and_counted, 1, false},
		{hog_takes_its_group_with_it_where_that_is_asked_for, 2, false},
		{memory_below_the_low_mark_is_taken_last, 1, true},
		{memory_below_the_least_is_never_taken, 1, true},
	};
	char dir[64];
	dev_t disk;
	const bool has_disk = make_on_disk(dir, &disk) && rmdir(dir) == 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_v1("memory"))
			skip(rows[i].test, "cgroup v1 has no such limit");
		else if (rows[i].on_disk && !has_disk)
			skip(rows[i].test, "no disk is here");
		else
			tcase_add_loop_test(tc, rows[i].test, 0, rows[i].count);
}

static void add_of_v1(TCase *tc)
{
	if (is_v1("memory")) {
		tcase_add_loop_test(tc, limit_that_v1_lacks_is_refused_by_name, 0, 4);
		tcase_add_loop_test(tc, limit_that_v1_lacks_is_refused_while_it_runs, 0, 4);
		tcase_add_test(tc, swap_alone_cannot_be_limited_in_v1);
		return;
	}
	skip(limit_that_v1_lacks_is_refused_by_name, "the memory controller is one of v2");
	skip(limit_that_v1_lacks_is_refused_while_it_runs, "the memory controller is one of v2");
	skip(swap_alone_cannot_be_limited_in_v1, "the memory controller is one of v2");
}

static bool has_another_processor(void)
{
	cpu_set_t all;

	return sched_getaffinity(0, sizeof(all), &all) == 0 && CPU_ISSET(0, &all) &&
	       CPU_ISSET(1, &all);
}

int main(void)
{
	Suite *suite = suite_create("offenders");
	TCase *tc = tcase_create("offenders");

	need_root();
	need_cgroup();
	tcase_add_checked_fixture(tc, groups_setup, groups_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, memory_hog_is_killed_at_its_limit_and_the_record_says_so);
	tcase_add_test(tc, memory_below_the_limit_is_had_and_told);
	tcase_add_test(tc, container_killed_by_its_caller_was_not_out_of_memory);
	tcase_add_test(tc, hog_that_would_go_on_in_swap_is_killed_by_its_own_limit);
	tcase_add_test(tc, limit_of_swap_is_reached_beside_that_of_memory);
	add_of_v2(tc);
	add_of_v1(tc);
	tcase_add_loop_test(tc, fork_is_refused_at_the_limit_of_processes, 0, 2);
	tcase_add_test(tc, fork_bomb_ends_with_its_handle);
	tcase_add_test(tc, fork_bomb_in_the_hosts_pid_namespace_ends_with_its_handle);
	tcase_add_test(tc, cpu_time_is_told_as_it_was_used);
	tcase_add_test(tc, spinner_is_held_to_its_share_of_a_processor);
	tcase_add_test(tc, spinner_of_more_weight_gets_more_of_a_processor);
	tcase_add_test(tc, processors_are_those_of_the_list);
	if (has_another_processor())
		tcase_add_test(tc, processor_that_is_not_in_the_list_is_not_had);
	else
		skip(processor_that_is_not_in_the_list_is_not_had, "there is one processor");
	tcase_add_test(tc, memory_nodes_are_those_of_the_list);
	return suite_run(suite);
}
