/* SPDX-License-Identifier: MIT */
/* What a set of containers tells, in which order, and what it forgets. */
#include "support/box.h"
#include "support/needs.h"

#include <container/cgroup.h>
#include <container/events.h>
#include <container/join.h>
#include <container/time.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ct_events *events;
static ct_error err;

static void setup(void)
{
	box_setup();
	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
	err = (ct_error)CT_ERROR_INIT;
	ck_assert_msg(ct_events_new(&events, &err) == 0, "%s", err.sentence);
}

static void teardown(void)
{
	ct_events_free(events);
	box_teardown();
}

/* The next event, of whichever container. */
static ct_event next(void)
{
	ct_event event = CT_EVENT_INIT;
	int ret = ct_events_next(events, PATIENCE_MS, &event, &err);

	ck_assert_msg(ret == 1, "%d: %s", ret, ret < 0 ? err.sentence : "no event came");
	ck_assert_uint_ge(event.count, 1);
	return event;
}

/* Skips others up to one of this kind; of the container nothing may be told after its end. */
static ct_event next_of(uint32_t kind)
{
	for (;;) {
		ct_event event = next();

		if (event.kind == kind)
			return event;
		ck_assert_msg(event.kind != CT_EVENT_EXITED, "it ended without event %u", kind);
	}
}

static void expect_nothing(void)
{
	ct_event event = CT_EVENT_INIT;
	struct pollfd set_fd = {.fd = ct_events_fd(events), .events = POLLIN};

	ck_assert_int_eq(ct_events_next(events, 0, &event, &err), 0);
	ck_assert_int_eq(poll(&set_fd, 1, 0), 0);
}

static ct_container *spawned(ct_spec *spec)
{
	ct_container *container = NULL;

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("spawn: %s", err.sentence);
	ct_spec_free(spec);
	return container;
}

static void add(ct_container *container, void *data)
{
	ck_assert_msg(ct_events_add(events, container, data, &err) == 0, "%s", err.sentence);
}

/* A spec with a cgroup, whose first process waits to be killed. */
static ct_spec *grouped(ct_spec *spec)
{
	set(ct_spec_set_cgroup(spec, 1));
	return spec;
}

START_TEST(start_and_end_are_told_in_this_order)
{
	ct_container *container = spawned(SPEC("/bin/sh", "-c", "exit 4"));
	ct_exit how = CT_EXIT_INIT;
	ct_event event;

	add(container, &how);
	event = next();
	ck_assert_uint_eq(event.kind, CT_EVENT_STARTED);
	ck_assert_ptr_eq(event.box, container);
	ck_assert_ptr_eq(event.data, &how);
	event = next();
	ck_assert_uint_eq(event.kind, CT_EVENT_EXITED);
	ck_assert_int_eq(ct_wait(container, 0, &how, &err), 0);
	ck_assert_int_eq(how.code, 4);
	expect_nothing();
	ct_container_free(container);
}
END_TEST

START_TEST(created_container_tells_its_start_when_it_is_started)
{
	ct_spec *spec = SPEC("/bin/sleep", "1000");
	ct_container *container;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	add(container, NULL);
	expect_nothing();
	ck_assert_int_eq(ct_start(container, &err), 0);
	ck_assert_uint_eq(next().kind, CT_EVENT_STARTED);
	expect_nothing();
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(container_that_ended_before_it_was_added_is_told)
{
	ct_container *container = spawned(SPEC("/bin/sh", "-c", "exit 0"));

	wait_for(container);
	add(container, NULL);
	ck_assert_uint_eq(next().kind, CT_EVENT_STARTED);
	ck_assert_uint_eq(next().kind, CT_EVENT_EXITED);
	expect_nothing();
	ct_container_free(container);
}
END_TEST

START_TEST(joined_process_tells_its_end_as_well)
{
	ct_container *target = spawned(SPEC("/bin/sleep", "1000")), *joined = NULL;
	ct_spec *visitor = VISITOR("/bin/sh", "-c", "exit 0");

	ck_assert_int_eq(ct_join(target, 0, 0, visitor, &joined, &err), 0);
	add(joined, joined);
	ck_assert_uint_eq(next().kind, CT_EVENT_STARTED);
	ck_assert_uint_eq(next().kind, CT_EVENT_EXITED);
	ct_container_free(joined);
	ct_container_free(target);
	ct_spec_free(visitor);
}
END_TEST

START_TEST(kill_for_want_of_memory_is_told_before_the_end)
{
	ct_spec *spec = SPEC("/bin/offender", "memory", "268435456");
	ct_container *container;

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 16 << 20));
	container = spawned(spec);
	add(container, NULL);
	next_of(CT_EVENT_OOM_KILL);
	next_of(CT_EVENT_EXITED);
	ct_container_free(container);
}
END_TEST

START_TEST(kill_of_a_process_that_is_not_the_first_is_told)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "offender memory 268435456 & wait; exec sleep 1000");
	ct_container *container;

	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 16 << 20));
	container = spawned(spec);
	add(container, NULL);
	next_of(CT_EVENT_OOM_KILL);
	ck_assert_int_eq(ct_wait(container, 0, NULL, NULL), -ETIMEDOUT);
	ct_container_free(container);
}
END_TEST

START_TEST(refused_fork_is_told)
{
	ct_spec *spec = SPEC("/bin/offender", "forks", "100");
	ct_container *container;

	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 5));
	container = spawned(spec);
	add(container, NULL);
	/* The kernel gives no notice of it in v1: there it is told at the end. */
	if (access("/sys/fs/cgroup/pids/cgroup.procs", F_OK) == 0) {
		int fd = ct_container_take_stdio(container, 1);
		char text[64];

		ck_assert_int_gt(read(fd, text, sizeof(text)), 0); /* "forked 4, refused" */
		close(fd);
		ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
	}
	next_of(CT_EVENT_PIDS_MAX);
	ct_container_free(container);
}
END_TEST

START_TEST(freezing_and_thawing_are_told)
{
	ct_container *container = spawned(grouped(SPEC("/bin/sleep", "1000")));

	add(container, NULL);
	ck_assert_uint_eq(next().kind, CT_EVENT_STARTED);
	ck_assert_msg(ct_container_freeze(container, PATIENCE_MS, &err) == 0, "%s", err.sentence);
	ck_assert_uint_eq(next().kind, CT_EVENT_FROZEN);
	ck_assert_int_eq(ct_container_thaw(container, &err), 0);
	ck_assert_uint_eq(next().kind, CT_EVENT_THAWED);
	expect_nothing();
	ct_container_free(container);
}
END_TEST

START_TEST(limit_of_time_is_told_before_the_end)
{
	ct_spec *spec = SPEC("/bin/sleep", "1000");
	ct_container *container;

	set(ct_spec_set_time_limit(spec, CT_TIME_WALL, 200));
	container = spawned(spec);
	add(container, NULL);
	ck_assert_uint_eq(next().kind, CT_EVENT_STARTED);
	ck_assert_uint_eq(next().kind, CT_EVENT_TIME_LIMIT);
	ck_assert_uint_eq(next().kind, CT_EVENT_EXITED);
	ct_container_free(container);
}
END_TEST

START_TEST(freed_container_tells_nothing_more)
{
	ct_container *container = spawned(SPEC("/bin/sh", "-c", "exit 0"));

	wait_for(container);
	add(container, NULL); /* its start waits to be told, and its end */
	ct_container_free(container);
	expect_nothing();
}
END_TEST

START_TEST(container_that_was_taken_out_tells_nothing_more)
{
	ct_container *container = spawned(SPEC("/bin/sleep", "1000"));

	add(container, NULL);
	ck_assert_int_eq(ct_events_remove(events, container), 0);
	ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
	wait_for(container);
	expect_nothing();
	ck_assert_int_eq(ct_events_remove(events, container), -ENOENT);
	ct_container_free(container);
}
END_TEST

START_TEST(containers_of_a_freed_set_go_on_and_may_enter_another)
{
	ct_container *container = spawned(SPEC("/bin/sleep", "1000"));

	add(container, NULL);
	ct_events_free(events);
	ck_assert_int_eq(ct_wait(container, 0, NULL, NULL), -ETIMEDOUT);
	ck_assert_int_eq(ct_events_new(&events, &err), 0);
	add(container, NULL);
	ck_assert_uint_eq(next().kind, CT_EVENT_STARTED);
	ct_container_free(container);
}
END_TEST

START_TEST(container_is_in_one_set_at_a_time)
{
	ct_container *container = spawned(SPEC("/bin/sleep", "1000"));
	ct_events *other;

	ck_assert_int_eq(ct_events_new(&other, &err), 0);
	add(container, NULL);
	expect_error(ct_events_add(other, container, NULL, &err), &err, -EBUSY, CT_STEP_WAIT, NULL,
		"already");
	expect_error(ct_events_add(events, container, NULL, &err), &err, -EBUSY, CT_STEP_WAIT, NULL,
		"already");
	ck_assert_int_eq(ct_events_remove(other, container), -ENOENT);
	ck_assert_int_eq(ct_events_remove(events, container), 0);
	ck_assert_int_eq(ct_events_add(other, container, NULL, &err), 0);
	ct_container_free(container);
	ct_events_free(other);
}
END_TEST

START_TEST(descriptor_is_readable_until_all_was_taken)
{
	struct pollfd set_fd = {.fd = ct_events_fd(events), .events = POLLIN};
	ct_container *container = spawned(SPEC("/bin/sh", "-c", "exit 0"));

	expect_nothing();
	wait_for(container);
	add(container, NULL);
	ck_assert_int_eq(poll(&set_fd, 1, 0), 1);
	next();
	ck_assert_int_eq(poll(&set_fd, 1, 0), 1);
	next();
	expect_nothing();
	ct_container_free(container);
}
END_TEST

#define MANY 100

START_TEST(hundred_containers_tell_their_ends_once_each)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "exit 0");
	ct_container *containers[MANY];
	int ended[MANY] = {0};

	for (int i = 0; i < MANY; i++) {
		ck_assert_msg(ct_spawn(spec, &containers[i], &err) == 0, "%s", err.sentence);
		add(containers[i], &ended[i]);
	}
	for (int left = MANY; left > 0;) {
		ct_event event = next();

		if (event.kind != CT_EVENT_EXITED)
			continue;
		(*(int *)event.data)++;
		left--;
	}
	expect_nothing();
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(ended[i], 1);
		ct_container_free(containers[i]);
	}
	ct_spec_free(spec);
}
END_TEST

/* Takes events until there are none for the time of a patience that others share. */
static void *take_ends(void *data)
{
	ct_event event = CT_EVENT_INIT;
	atomic_int *left = data;

	while (atomic_load(left) > 0)
		if (ct_events_next(events, 10, &event, NULL) == 1 &&
			event.kind == CT_EVENT_EXITED) {
			atomic_fetch_add((atomic_int *)event.data, 1);
			atomic_fetch_sub(left, 1);
		}
	return NULL;
}

START_TEST(several_threads_take_each_event_once)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "exit 0");
	static atomic_int ended[20];
	ct_container *containers[20];
	atomic_int left = 20;
	pthread_t takers[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&takers[i], NULL, take_ends, &left), 0);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(ct_spawn(spec, &containers[i], &err), 0);
		add(containers[i], &ended[i]);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(takers[i], NULL);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(ended[i], 1);
		ct_container_free(containers[i]);
	}
	ct_spec_free(spec);
}
END_TEST

START_TEST(arguments_that_make_no_sense_are_refused)
{
	ct_container *container = spawned(SPEC("/bin/sleep", "1000"));
	ct_event event = CT_EVENT_INIT, none = {0};

	ck_assert_int_eq(ct_events_new(NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_events_fd(NULL), -EINVAL);
	ck_assert_int_eq(ct_events_add(NULL, container, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_events_add(events, NULL, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_events_remove(events, NULL), -EINVAL);
	ck_assert_int_eq(ct_events_next(NULL, 0, &event, &err), -EINVAL);
	ck_assert_int_eq(ct_events_next(events, -2, &event, &err), -EINVAL);
	ck_assert_int_eq(ct_events_next(events, 0, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_events_next(events, 0, &none, &err), -EINVAL);
	ct_container_free(container);
	ct_events_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("events");
	TCase *tc = tcase_create("events");

	need_root();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, SENTENCE_LIMIT_S);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, start_and_end_are_told_in_this_order);
	tcase_add_test(tc, created_container_tells_its_start_when_it_is_started);
	tcase_add_test(tc, container_that_ended_before_it_was_added_is_told);
	tcase_add_test(tc, joined_process_tells_its_end_as_well);
	add_for_cgroups(tc, kill_for_want_of_memory_is_told_before_the_end, 1);
	add_for_cgroups(tc, kill_of_a_process_that_is_not_the_first_is_told, 1);
	add_for_cgroups(tc, refused_fork_is_told, 1);
	add_for_cgroups(tc, freezing_and_thawing_are_told, 1);
	tcase_add_test(tc, limit_of_time_is_told_before_the_end);
	tcase_add_test(tc, freed_container_tells_nothing_more);
	tcase_add_test(tc, container_that_was_taken_out_tells_nothing_more);
	tcase_add_test(tc, containers_of_a_freed_set_go_on_and_may_enter_another);
	tcase_add_test(tc, container_is_in_one_set_at_a_time);
	tcase_add_test(tc, descriptor_is_readable_until_all_was_taken);
	tcase_add_test(tc, hundred_containers_tell_their_ends_once_each);
	tcase_add_test(tc, several_threads_take_each_event_once);
	tcase_add_test(tc, arguments_that_make_no_sense_are_refused);
	return suite_run(suite);
}
