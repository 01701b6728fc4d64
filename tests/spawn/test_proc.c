/* SPDX-License-Identifier: MIT */
/* What /proc leaves out on request; as the control, that it is there without the request. */
#include "support/box.h"
#include "support/needs.h"

#include <container/proc.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static ct_spec *showing(ct_spec *spec, uint32_t flags)
{
	set(ct_spec_set_proc(spec, flags));
	return spec;
}

static const char *result(ct_spec *spec, const char *what)
{
	return tried(output_of(spec), what);
}

static void expect_refused(ct_spec *spec, const char *words)
{
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "proc", words);
	ct_spec_free(spec);
}

#define STAT(path) SPEC("/bin/probe", "try", "stat=" path)

START_TEST(subset_leaves_processes_alone)
{
	ck_assert_str_eq(result(STAT("/proc/meminfo"), "stat=/proc/meminfo"), "0");
	ck_assert_str_eq(result(STAT("/proc/sys"), "stat=/proc/sys"), "0");
	for (uint32_t more = 0; more <= CT_PROC_HIDE; more += CT_PROC_HIDE) {
		const uint32_t flags = CT_PROC_SUBSET | more;

		ck_assert_str_eq(result(showing(STAT("/proc/meminfo"), flags),
					 "stat=/proc/meminfo"), "ENOENT");
		ck_assert_str_eq(result(showing(STAT("/proc/sys"), flags), "stat=/proc/sys"),
			"ENOENT");
		ck_assert_str_eq(result(showing(STAT("/proc/self/status"), flags),
					 "stat=/proc/self/status"), "0");
	}
}
END_TEST

/* Another user of the container looks for its first process, which is root's. */
static ct_spec *other_user(gid_t gid)
{
	ct_spec *spec =
		SPEC("/bin/sh", "-c", "/bin/probe try setuid=1000 stat=/proc/1; echo end");

	set(ct_spec_set_user(spec, 0, gid));
	return spec;
}

START_TEST(hidden_process_of_another_user_is_not_there)
{
	const char *out = output_of(other_user(1000));

	ck_assert_str_eq(tried(out, "setuid=1000"), "0");
	ck_assert_str_eq(tried(out, "stat=/proc/1"), "0");
	for (uint32_t more = 0; more <= CT_PROC_SUBSET; more += CT_PROC_SUBSET) {
		out = output_of(showing(other_user(1000), CT_PROC_HIDE | more));
		ck_assert_str_eq(tried(out, "setuid=1000"), "0");
		ck_assert_str_eq(tried(out, "stat=/proc/1"), "ENOENT");
	}
}
END_TEST

START_TEST(hiding_keeps_what_is_no_process_and_ones_own)
{
	ck_assert_str_eq(result(showing(STAT("/proc/meminfo"), CT_PROC_HIDE),
				 "stat=/proc/meminfo"), "0");
	ck_assert_str_eq(result(showing(STAT("/proc/1"), CT_PROC_HIDE), "stat=/proc/1"), "0");
}
END_TEST

START_TEST(last_word_counts)
{
	ct_spec *spec = showing(STAT("/proc/meminfo"), CT_PROC_SUBSET);

	ck_assert_str_eq(result(showing(spec, 0), "stat=/proc/meminfo"), "0");
}
END_TEST

START_TEST(proc_of_the_hosts_pid_namespace_is_never_changed)
{
	ct_spec *spec = showing(SPEC("/bin/true"), CT_PROC_HIDE);

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	expect_refused(spec, "not new");
}
END_TEST

START_TEST(kernel_parameters_are_refused_where_their_files_are_left_out)
{
	ct_spec *spec = showing(SPEC("/bin/true"), CT_PROC_SUBSET);

	set(ct_spec_set_sysctl(spec, "kernel.shmmni", "100"));
	expect_refused(spec, "/proc/sys");
}
END_TEST

START_TEST(kernel_parameters_are_set_where_processes_are_hidden)
{
	ct_spec *spec = SPEC("/bin/cat", "/proc/sys/kernel/shmmni");

	set(ct_spec_set_sysctl(spec, "kernel.shmmni", "100"));
	ck_assert_str_eq(output_of(showing(spec, CT_PROC_HIDE)), "100\n");
}
END_TEST

START_TEST(unknown_bits_are_refused)
{
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(ct_spec_set_proc(NULL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_proc(spec, 4), -EINVAL);
	expect_refused(spec, "unknown bits");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("proc", &tc);

	need_root();
	tcase_add_test(tc, subset_leaves_processes_alone);
	tcase_add_test(tc, hidden_process_of_another_user_is_not_there);
	tcase_add_test(tc, hiding_keeps_what_is_no_process_and_ones_own);
	tcase_add_test(tc, last_word_counts);
	tcase_add_test(tc, proc_of_the_hosts_pid_namespace_is_never_changed);
	tcase_add_test(tc, kernel_parameters_are_refused_where_their_files_are_left_out);
	tcase_add_test(tc, kernel_parameters_are_set_where_processes_are_hidden);
	tcase_add_test(tc, unknown_bits_are_refused);
	return suite_run(suite);
}
