/* SPDX-License-Identifier: MIT */
/* ct_join as an ordinary user: into one's own containers, and into nothing else. */
#include "support/box.h"

#include <container/join.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ct_container *start_target(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_container *target = start_ready(spec);

	ct_spec_free(spec);
	return target;
}

static const char *joined_output(ct_container *target, uint32_t kinds, ct_spec *spec)
{
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_join(target, kinds, 0, spec, &visitor, &err);
	struct outcome *outcome = outcome_of(code, visitor, &err);

	ct_spec_free(spec);
	ck_assert_msg(outcome->code == 0, "join: %s\n%s", outcome->err.sentence, outcome->err.cure);
	ck_assert_msg(outcome->how.code == 0, "code %d, printed: %s%s", outcome->how.code, outcome->out,
		outcome->errors);
	return outcome->out;
}

START_TEST(user_joins_a_container_of_his_own_in_every_kind)
{
	static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	ct_container *target = start_target();
	const char *out =
		joined_output(target, 0, VISITOR("/bin/probe", "facts"));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char name[16];

		snprintf(name, sizeof(name), "ns.%s", kinds[i]);
		ck_assert_str_eq(fact(out, name), ns_of(ct_container_pid(target), kinds[i]));
		ck_assert_str_ne(fact(out, name), ns_of(0, kinds[i]));
	}
	ck_assert_str_eq(fact(out, "uid"), "0 0 0");
	ck_assert_str_eq(fact(out, "no_new_privs"), "1");
	ck_assert_str_eq(fact(out, "fd_count"), "3");
	ct_container_free(target);
}
END_TEST

START_TEST(user_joins_the_pid_namespace_with_a_root_and_proc_of_his_own)
{
	ct_container *target = start_target();
	const char *out = joined_output(
		target, CT_NS_USER | CT_NS_PID, SPEC("/bin/sh", "-c", "ps -o comm; cat /etc/inside; true"));

	ck_assert_ptr_nonnull(strstr(out, "COMMAND\nprobe\nsh\nps\n"));
	ck_assert_ptr_nonnull(strstr(out, "this is the container's\n"));
	ct_container_free(target);
}
END_TEST

/* His user namespace bars setgroups, as it has to: user_namespaces(7). */
START_TEST(user_gives_the_user_namespace_of_a_container_of_his_own)
{
	ct_container *target = start_target(), *visitor = NULL;
	ct_spec *spec = visitor_of((const char *const[]){in_root("bin/probe"), "facts", NULL});
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	int code;

	set(ct_spec_set_ns_pid(spec, CT_NS_USER | CT_NS_UTS, ct_container_pid(target)));
	code = ct_join_ns(NULL, 0, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ct_spec_free(spec);
	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	ck_assert_str_eq(fact(outcome->out, "ns.user"), ns_of(ct_container_pid(target), "user"));
	ck_assert_str_eq(fact(outcome->out, "ns.uts"), ns_of(ct_container_pid(target), "uts"));
	ck_assert_str_eq(fact(outcome->out, "uid"), "0 0 0");

	spec = SPEC("/bin/probe", "facts");
	set(ct_spec_set_ns_pid(spec, CT_NS_USER | CT_NS_UTS, ct_container_pid(target)));
	ck_assert_str_eq(fact(output_of(spec), "ns.user"), ns_of(ct_container_pid(target), "user"));
	ct_container_free(target);
}
END_TEST

START_TEST(user_is_refused_a_pid_namespace_without_its_user_namespace)
{
	ct_container *target = start_target(), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/true");
	ct_error err = CT_ERROR_INIT;

	expect_error(ct_join(target, CT_NS_PID, 0, spec, &visitor, &err), &err, -EPERM, CT_STEP_TARGET,
		"process", NULL);
	ck_assert_ptr_nonnull(strstr(err.cure, "user namespace"));
	ck_assert_ptr_null(visitor);
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

START_TEST(user_is_refused_a_process_of_root)
{
	ct_spec *spec = VISITOR("/bin/true");
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;

	expect_error(ct_join_pid(1, 0, 0, 0, spec, &visitor, &err), &err, -EACCES, CT_STEP_TARGET,
		"process 1", NULL);
	ck_assert_str_ne(err.cure, "");
	ck_assert_ptr_null(visitor);
	ct_spec_free(spec);
}
END_TEST

/* Only in that user namespace has he the right to new clocks. */
START_TEST(user_gives_new_clocks_to_a_process_in_a_user_namespace_of_his_own)
{
	ct_container *target = start_target();
	ct_spec *spec = SPEC("/bin/probe", "facts");
	char path[64];
	const char *out;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", ct_container_pid(target));
	set(ct_spec_set_ns_path(spec, CT_NS_USER, path));
	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	set(ct_spec_set_time_offsets(spec, 1000000000, 0));
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "ns.user"), ns_of(ct_container_pid(target), "user"));
	ck_assert_str_ne(fact(out, "ns.time"), ns_of(0, "time"));
	ct_container_free(target);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("join_user", &tc);

	need_user();
	tcase_add_test(tc, user_joins_a_container_of_his_own_in_every_kind);
	tcase_add_test(tc, user_joins_the_pid_namespace_with_a_root_and_proc_of_his_own);
	tcase_add_test(tc, user_gives_the_user_namespace_of_a_container_of_his_own);
	tcase_add_test(tc, user_is_refused_a_pid_namespace_without_its_user_namespace);
	tcase_add_test(tc, user_is_refused_a_process_of_root);
	tcase_add_test(tc, user_gives_new_clocks_to_a_process_in_a_user_namespace_of_his_own);
	return suite_run(suite);
}
