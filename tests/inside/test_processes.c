/* SPDX-License-Identifier: MIT */
/* Which processes a container has: by its cgroup, or by its pid namespace and those below. */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>

#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

static ct_container *start_of(ct_spec *spec)
{
	ct_container *container = start_ready(spec);

	ct_spec_free(spec);
	return container;
}

#define PAUSING(script) SPEC("/bin/sh", "-c", script "; echo ready; exec probe pause")

/* How many there are, once there are so many; the first is the container's own. */
static int count_until(ct_container *container, int wanted, pid_t pids[16])
{
	int count = -1;

	for (int tries = 0; tries < 1000 && count != wanted; tries++) {
		count = ct_container_processes(container, pids, 16, &err);
		ck_assert_msg(count >= 0, "%s", err.sentence);
		usleep(1000);
	}
	return count;
}

static void expect_crowd(ct_spec *spec)
{
	ct_container *container = start_of(spec), *visitor = NULL;
	ct_spec *guest = VISITOR("/bin/sleep", "1000");
	pid_t pids[16] = {0}, one = 0;

	ck_assert_int_eq(count_until(container, 3, pids), 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(kill(pids[i], 0), 0);
	ck_assert_int_eq(pids[0], ct_container_pid(container));
	ck_assert_int_lt(pids[1], pids[2]);
	ck_assert_int_eq(ct_join(container, 0, 0, guest, &visitor, &err), 0);
	ck_assert_int_eq(count_until(container, 4, pids), 4);
	ck_assert_int_eq(ct_container_processes(container, &one, 1, &err), 4);
	ck_assert_int_eq(one, pids[0]);
	ck_assert_int_eq(ct_container_processes(container, NULL, 0, &err), 4);
	ct_container_free(visitor);
	set(ct_kill(container, SIGKILL, NULL));
	wait_for(container);
	ck_assert_int_eq(ct_container_processes(container, pids, 16, &err), 0);
	ct_container_free(container);
	ct_spec_free(guest);
}

START_TEST(processes_of_a_pid_namespace_are_listed)
{
	expect_crowd(SPEC("/bin/sh", "-c", "sleep 1000 & sleep 1000 & echo ready; exec probe pause"));
}
END_TEST

START_TEST(processes_of_a_cgroup_are_listed)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "sleep 1000 & sleep 1000 & echo ready; exec probe pause");

	set(ct_spec_set_cgroup(spec, 1));
	expect_crowd(spec);
}
END_TEST

START_TEST(processes_of_a_pid_namespace_below_are_listed)
{
	ct_spec *spec = PAUSING("(unshare -p -f sleep 1000 &)");
	ct_container *container;
	pid_t pids[16];

	add_host_caps(spec);
	container = start_of(spec);
	ck_assert_int_eq(count_until(container, 3, pids), 3); /* pause, unshare, sleep */
	ct_container_free(container);
}
END_TEST

START_TEST(container_in_the_pid_namespace_of_the_host_is_listed_by_its_cgroup)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "sleep 1000 & echo ready; exec probe pause");
	ct_container *container;
	pid_t pids[16];

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	set(ct_spec_set_cgroup(spec, 1));
	container = start_of(spec);
	ck_assert_int_eq(count_until(container, 2, pids), 2);
	ct_container_free(container);
}
END_TEST

START_TEST(container_that_nothing_sets_apart_cannot_be_listed)
{
	ct_spec *spec = PAUSING("true");
	ct_container *container;
	int ret;

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	container = start_of(spec);
	ret = ct_container_processes(container, NULL, 0, &err);
	expect_error(ret, &err, -EOPNOTSUPP, CT_STEP_INSIDE, NULL, "neither a cgroup nor a pid namespace");
	ret = ct_container_processes(container, NULL, 1, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "ret_pids", "NULL");
	ct_container_free(container);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_root();
	suite = suite_of("processes", &tcase);
	tcase_add_test(tcase, processes_of_a_pid_namespace_are_listed);
	add_for_cgroups(tcase, processes_of_a_cgroup_are_listed, 1);
	tcase_add_test(tcase, processes_of_a_pid_namespace_below_are_listed);
	add_for_cgroups(tcase, container_in_the_pid_namespace_of_the_host_is_listed_by_its_cgroup, 1);
	tcase_add_test(tcase, container_that_nothing_sets_apart_cannot_be_listed);
	return suite_run(suite);
}
