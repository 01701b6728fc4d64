/* SPDX-License-Identifier: MIT */
/* Explain mode of an ordinary user's container: id maps, and what is not permitted to him. */
#include "support/box.h"
#include "trace/recorder.h"

#include <stdio.h>
#include <unistd.h>

START_TEST(id_maps_are_told_as_the_host_writes_them)
{
	ct_spec *spec = SPEC("/bin/true");
	const struct told *at;
	char want[128];

	listen_to(spec);
	run(spec);
	ck_assert_ptr_nonnull(strstr(next_call(told, "clone3")->arguments, "CLONE_NEWUSER"));
	shell_of("unshare --user --pid --fork");
	at = shell_of("echo deny > /proc/");
	ck_assert_int_eq(at->who, CT_TRACE_HOST);
	snprintf(want, sizeof(want), "echo '0 %u 1' > /proc/", geteuid());
	at = shell_of(want);
	ck_assert_int_eq(at->step, CT_STEP_IDMAP);
	ck_assert_str_eq(at->call, "write");
	snprintf(want, sizeof(want), "/gid_map>, \"0 %u 1\\x0a\"", getegid());
	ck_assert_msg(strstr(at->arguments, want) != NULL, "%s", at->arguments);
	at = next_call(at, "sendmsg");
	ck_assert_ptr_nonnull(strstr(at->arguments, "<stage>, {\"o\"}"));
	ct_spec_free(spec);
}
END_TEST

/* Rights survive the exec of the stage as ambient ones: the child calls for each. */
START_TEST(child_tells_how_it_keeps_its_rights_over_the_exec)
{
	ct_spec *spec = SPEC("/bin/true");
	const struct told *at;

	listen_to(spec);
	run(spec);
	at = next_call(told, "capget");
	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(at->who, CT_TRACE_CHILD);
	at = next_call(at, "prctl");
	ck_assert_str_eq(at->arguments, "PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap_chown, 0, 0");
	ck_assert_str_eq(next_call(at, "execveat")->arguments,
		"1<stage>, \"\", [\"ct-stage\"], /* 0 variables */, AT_EMPTY_PATH");
	ct_spec_free(spec);
}
END_TEST

START_TEST(device_that_cannot_be_made_is_told_with_what_is_done_instead)
{
	ct_spec *spec = SPEC("/bin/true");
	const struct told *at;

	listen_to(spec);
	run(spec);
	at = shell_of("mknod -m 666 /mnt/dev/null c 1 3");
	ck_assert_str_eq(at->call, "mknodat");
	ck_assert_int_eq(at->result, -EPERM);
	ck_assert_str_eq(at[1].call, "open_tree");
	ck_assert_ptr_nonnull(strstr(at[1].arguments, "AT_FDCWD, \"/dev/null\""));
	ck_assert_str_eq(at[1].shell, "");
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rootless", &tc);

	need_user();
	tcase_add_test(tc, id_maps_are_told_as_the_host_writes_them);
	tcase_add_test(tc, child_tells_how_it_keeps_its_rights_over_the_exec);
	tcase_add_test(tc, device_that_cannot_be_made_is_told_with_what_is_done_instead);
	return suite_run(suite);
}
