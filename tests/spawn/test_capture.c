/* SPDX-License-Identifier: MIT */
/* ct_capture: input in, output kept, whatever a container does to its pipes. */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;
static ct_output output;
static ct_exit how;
static ct_container *container;

static void setup(void)
{
	box_setup();
	output = (ct_output)CT_OUTPUT_INIT;
	how = (ct_exit)CT_EXIT_INIT;
	container = NULL;
}

static void teardown(void)
{
	ct_output_done(&output);
	ct_container_free(container);
	box_teardown();
}

/* A container with three pipes; the spec is freed. */
static void start(ct_spec *spec)
{
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
}

#define start_shell(script) start(SPEC("/bin/sh", "-c", script))

static void must_capture(void)
{
	int ret = ct_capture(container, &output, PATIENCE_MS, &how, &err);

	ck_assert_msg(ret == 0, "%s", err.sentence);
}

static void give(const void *input, size_t size)
{
	output.input = input;
	output.input_size = size;
}

START_TEST(both_outputs_and_the_end_are_told)
{
	start_shell("echo out; echo err >&2; exit 3");
	must_capture();
	ck_assert_str_eq(output.out, "out\n");
	ck_assert_str_eq(output.err, "err\n");
	ck_assert_uint_eq(output.out_size, 4);
	ck_assert_uint_eq(output.err_total, 4);
	ck_assert_int_eq(how.code, 3);
}
END_TEST

START_TEST(input_is_given_and_ends)
{
	give("3\n1\n2\n", 6);
	start_shell("sort");
	must_capture();
	ck_assert_str_eq(output.out, "1\n2\n3\n");
	ck_assert_uint_eq(output.input_sent, 6);
}
END_TEST

START_TEST(without_input_stdin_is_at_its_end)
{
	start_shell("cat; echo done");
	must_capture();
	ck_assert_str_eq(output.out, "done\n");
}
END_TEST

START_TEST(container_that_says_nothing_leaves_nothing_to_free)
{
	start_shell("true");
	must_capture();
	ck_assert_ptr_null(output.out);
	ck_assert_uint_eq(output.out_size, 0);
}
END_TEST

/* Far more than the pipes hold goes in and out, and neither side waits for the other. */
START_TEST(long_input_and_both_outputs_at_once_do_not_block)
{
	const size_t size = 3 << 20;
	char *input = malloc(size);

	memset(input, 'x', size);
	give(input, size);
	output.out_limit = output.err_limit = size;
	start_shell("head -c 1000000 /dev/zero >&2; tee /dev/stderr");
	must_capture();
	ck_assert_uint_eq(output.out_size, size);
	ck_assert_int_eq(memcmp(output.out, input, size), 0);
	ck_assert_uint_eq(output.err_total, size + 1000000);
	ck_assert_uint_eq(output.err_size, size);
	free(input);
}
END_TEST

START_TEST(output_over_its_limit_is_read_and_dropped)
{
	output.out_limit = 5;
	output.err_limit = 0;
	start_shell("echo 123456789; echo gone >&2; exit 6");
	must_capture();
	ck_assert_str_eq(output.out, "12345");
	ck_assert_uint_eq(output.out_total, 10);
	ck_assert_ptr_null(output.err);
	ck_assert_uint_eq(output.err_total, 5);
	ck_assert_int_eq(how.code, 6);
}
END_TEST

START_TEST(output_over_its_limit_ends_the_container_if_asked)
{
	output.flags = CT_OUTPUT_KILL;
	output.out_limit = 100000;
	start_shell("while :; do echo and on and on; done");
	must_capture();
	ck_assert_uint_eq(output.out_size, 100000);
	ck_assert_uint_gt(output.out_total, 100000);
	ck_assert_int_eq(how.signal, SIGKILL);
	ck_assert_uint_eq(how.why, CT_END_ASKED);
}
END_TEST

START_TEST(output_of_exactly_its_limit_is_no_offence)
{
	output.flags = CT_OUTPUT_KILL;
	output.out_limit = 4;
	start_shell("echo 123; exit 5");
	must_capture();
	ck_assert_str_eq(output.out, "123\n");
	ck_assert_int_eq(how.code, 5);
}
END_TEST

static long peak_kib(void)
{
	const char *line = strstr(read_file("/proc/self/status"), "VmHWM:");

	ck_assert_ptr_nonnull(line);
	return strtol(line + 6, NULL, 10);
}

START_TEST(one_gibibyte_passes_through_in_constant_memory)
{
	const uint64_t size = (UINT64_C(1) << 30) / (uint64_t)(100 / scaled(100));
	char script[64];
	long before;

	output.out_limit = 1 << 16;
	snprintf(script, sizeof(script), "head -c %llu /dev/zero", (unsigned long long)size);
	start_shell(script);
	before = peak_kib();
	must_capture();
	ck_assert_uint_eq(output.out_total, size);
	ck_assert_uint_eq(output.out_size, 1 << 16);
	ck_assert_int_eq(how.code, 0);
	ck_assert_int_lt(peak_kib() - before, 4096);
}
END_TEST

START_TEST(payload_that_does_not_want_its_input_is_no_error_and_no_signal)
{
	const size_t size = 1 << 20;
	char *input = calloc(1, size);

	give(input, size);
	start_shell("exec 0<&-; sleep 0.1; echo fine");
	must_capture(); /* SIGPIPE would have ended this program */
	ck_assert_str_eq(output.out, "fine\n");
	ck_assert_uint_lt(output.input_sent, size);
	free(input);
}
END_TEST

START_TEST(time_that_is_over_leaves_it_running_and_the_call_can_go_on)
{
	ct_output more = CT_OUTPUT_INIT;
	int ret;

	give("x\n", 2);
	start_shell("read line; echo before; sleep 0.5; echo after");
	ret = ct_capture(container, &output, 200, &how, &err);
	expect_error(ret, &err, -ETIMEDOUT, CT_STEP_WAIT, NULL, NULL);
	ck_assert_uint_le(output.out_size, 7);
	must_capture();
	ck_assert_str_eq(output.out, "before\nafter\n");
	/* And again: all is known. */
	ck_assert_int_eq(ct_capture(container, &more, 0, &how, &err), 0);
	ck_assert_ptr_null(more.out);
}
END_TEST

/* What is kept has grown by the limit of one call, and goes on to grow by that of the next. */
START_TEST(limit_may_change_between_calls)
{
	output.out_limit = 100;
	start_shell("trap 'head -c 2000 /dev/zero; exit' USR1; head -c 80 /dev/zero; while :; do sleep 0.05; done");
	while (output.out_size < 80)
		ck_assert_int_eq(ct_capture(container, &output, 10, &how, &err), -ETIMEDOUT);
	output.out_limit = 4000;
	ck_assert_int_eq(ct_kill(container, SIGUSR1, &err), 0);
	must_capture();
	ck_assert_uint_eq(output.out_size, 2080);
	ck_assert_uint_gt(malloc_usable_size(output.out), output.out_size);
}
END_TEST

START_TEST(container_that_closes_its_outputs_is_waited_for)
{
	start_shell("exec > /dev/null 2>&1; sleep 0.2; exit 8");
	must_capture();
	ck_assert_int_eq(how.code, 8);
}
END_TEST

/* The pipe stays open in this very process, as it would in a daemon elsewhere. */
START_TEST(end_of_a_pipe_that_lives_on_elsewhere_is_not_waited_for)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo said; exit 2");
	char path[64];
	int held;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	ct_spec_free(spec);
	snprintf(path, sizeof(path), "/proc/%d/fd/1", ct_container_pid(container));
	held = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(held, 0);
	ck_assert_int_eq(ct_start(container, &err), 0);
	must_capture();
	ck_assert_str_eq(output.out, "said\n");
	ck_assert_int_eq(how.code, 2);
	close(held);
}
END_TEST

static void use_one_processor(cpu_set_t *ret_before)
{
	cpu_set_t one;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(*ret_before), ret_before), 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
}

/*
 * One who has the end of the pipe, and fills it again each time that something is read: it goes
 * before this process, and both have one processor.
 */
static pid_t start_writer(int fd)
{
	static char bytes[1 << 16];
	const struct sched_param first = {.sched_priority = 1};
	pid_t writer = fork();

	if (writer == 0 && sched_setscheduler(0, SCHED_FIFO, &first) < 0)
		_exit(1);
	while (writer == 0)
		if (write(fd, bytes, sizeof(bytes)) < 0)
			_exit(0);
	return writer;
}

START_TEST(one_who_writes_on_elsewhere_does_not_hold_the_caller_up)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "sleep 0.1; exit 2");
	cpu_set_t before;
	char path[64];
	pid_t writer;
	int held;

	use_one_processor(&before);
	output.out_limit = 10;
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	ct_spec_free(spec);
	snprintf(path, sizeof(path), "/proc/%d/fd/1", ct_container_pid(container));
	held = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(held, 0);
	ck_assert_int_eq(ct_start(container, &err), 0);
	writer = start_writer(held);
	close(held);
	must_capture();
	ck_assert_int_eq(how.code, 2);
	end_child(writer);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(before), &before), 0);
}
END_TEST

/* The container cannot end before that one is reaped, which nobody but the capture can do now. */
START_TEST(process_that_has_joined_and_ended_does_not_hold_the_caller_up)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "read line; exit 3"), *guest = VISITOR("/bin/sleep", "1000");
	ct_container *visitor = NULL;
	char path[64];
	int held;

	give("x\n", 2);
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/1", ct_container_pid(container));
	held = open(path, O_WRONLY | O_CLOEXEC); /* so that this pipe does not tell of the end */
	ck_assert_int_ge(held, 0);
	ck_assert_int_eq(ct_start(container, &err), 0);
	ck_assert_msg(ct_join(container, 0, 0, guest, &visitor, &err) == 0, "%s", err.sentence);
	must_capture();
	ck_assert_int_eq(how.code, 3);
	close(held);
	ct_container_free(visitor);
	ct_spec_free(spec);
	ct_spec_free(guest);
}
END_TEST

START_TEST(streams_that_are_no_pipes_are_left_out)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo out; echo err >&2");

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	ck_assert_int_eq(ct_spawn(spec, &container, &err), 0);
	ct_spec_free(spec);
	must_capture();
	ck_assert_ptr_null(output.out);
	ck_assert_str_eq(output.err, "err\n");
}
END_TEST

START_TEST(stream_that_was_taken_is_its_takers)
{
	char text[8] = "";
	int fd;

	start_shell("echo out; echo err >&2");
	fd = ct_container_take_stdio(container, 1);
	must_capture();
	ck_assert_str_eq(output.err, "err\n");
	ck_assert_int_eq(read(fd, text, sizeof(text) - 1), 4);
	ck_assert_str_eq(text, "out\n");
	close(fd);
}
END_TEST

START_TEST(descriptors_that_are_taken_after_a_timeout_block_as_ever)
{
	int fd;

	start_shell("sleep 1000");
	ck_assert_int_eq(ct_capture(container, &output, 10, NULL, NULL), -ETIMEDOUT);
	fd = ct_container_take_stdio(container, 1);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	close(fd);
}
END_TEST

START_TEST(process_that_joined_is_captured_as_well)
{
	ct_container *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/sh", "-c", "cat; echo visitor");

	start_shell("exec probe pause");
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	give("hello ", 6);
	ck_assert_int_eq(ct_join(container, 0, 0, spec, &visitor, &err), 0);
	ck_assert_int_eq(ct_capture(visitor, &output, PATIENCE_MS, &how, &err), 0);
	ck_assert_str_eq(output.out, "hello visitor\n");
	ct_container_free(visitor);
	ct_spec_free(spec);
}
END_TEST

START_TEST(argument_that_cannot_work_is_refused)
{
	ct_output empty = {0};
	int ret;

	start_shell("true");
	ret = ct_capture(NULL, &output, 0, NULL, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "container", NULL);
	ret = ct_capture(container, &empty, 0, NULL, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "output", "CT_OUTPUT_INIT");
	output.input_size = 1;
	ret = ct_capture(container, &output, 0, NULL, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "input", "out of range");
	output.input_size = 0;
	output.flags = 2;
	ret = ct_capture(container, &output, 0, NULL, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "flags", "out of range");
	output.flags = 0;
	ck_assert_int_eq(ct_capture(container, &output, -2, NULL, NULL), -EINVAL);
}
END_TEST

START_TEST(container_that_was_not_started_is_refused)
{
	ct_spec *spec = SPEC("/bin/true");
	int ret;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	ct_spec_free(spec);
	ret = ct_capture(container, &output, PATIENCE_MS, NULL, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_START, NULL, "was not started");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_create("capture");

	need_root();
	tcase = tcase_create("capture");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, SENTENCE_LIMIT_S);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, both_outputs_and_the_end_are_told);
	tcase_add_test(tcase, input_is_given_and_ends);
	tcase_add_test(tcase, without_input_stdin_is_at_its_end);
	tcase_add_test(tcase, container_that_says_nothing_leaves_nothing_to_free);
	tcase_add_test(tcase, long_input_and_both_outputs_at_once_do_not_block);
	tcase_add_test(tcase, output_over_its_limit_is_read_and_dropped);
	tcase_add_test(tcase, output_over_its_limit_ends_the_container_if_asked);
	tcase_add_test(tcase, output_of_exactly_its_limit_is_no_offence);
	tcase_add_test(tcase, one_gibibyte_passes_through_in_constant_memory);
	tcase_add_test(tcase, payload_that_does_not_want_its_input_is_no_error_and_no_signal);
	tcase_add_test(tcase, time_that_is_over_leaves_it_running_and_the_call_can_go_on);
	tcase_add_test(tcase, limit_may_change_between_calls);
	tcase_add_test(tcase, container_that_closes_its_outputs_is_waited_for);
	tcase_add_test(tcase, end_of_a_pipe_that_lives_on_elsewhere_is_not_waited_for);
	add_for_first_root(tcase, one_who_writes_on_elsewhere_does_not_hold_the_caller_up,
		"going before others on a processor");
	tcase_add_test(tcase, process_that_has_joined_and_ended_does_not_hold_the_caller_up);
	tcase_add_test(tcase, streams_that_are_no_pipes_are_left_out);
	tcase_add_test(tcase, stream_that_was_taken_is_its_takers);
	tcase_add_test(tcase, descriptors_that_are_taken_after_a_timeout_block_as_ever);
	tcase_add_test(tcase, process_that_joined_is_captured_as_well);
	tcase_add_test(tcase, argument_that_cannot_work_is_refused);
	tcase_add_test(tcase, container_that_was_not_started_is_refused);
	return suite_run(suite);
}
