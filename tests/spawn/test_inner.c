/* SPDX-License-Identifier: MIT */
/*
 * A container in a container. Where the outer one's /proc and /sys have masks on them, the
 * kernel lets nobody see below them from a user namespace that is made inside; without
 * masks, or with the rights to take them off, everything works as outside.
 */
#include "support/inside.h"

#include <container/protection.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN (CT_LACK(CT_ITEM_PROC) | CT_LACK(CT_ITEM_SYS))

#ifndef AS_USER
#define AS_USER false /* true: the program is that of an ordinary user, see test_inner_user.c */
#endif

/* Whose masks bind: those of a user namespace that is not the first one. */
static ct_spec *outer(bool user_ns, bool masked)
{
	ct_spec *spec = outer_spec();

	if (user_ns && !AS_USER) {
		set(ct_spec_add_uid_map(spec, 0, 0, 65536));
		set(ct_spec_add_gid_map(spec, 0, 0, 65536));
	}
	if (!masked)
		set(ct_spec_clear_paths(spec));
	return spec;
}

/* What a container made with this spec says of an item. */
static ct_protection told_of(ct_spec *spec, int item, const char **ret_out)
{
	ct_protection about = CT_PROTECTION_INIT;
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_spawn(spec, &container, &err);
	struct outcome *outcome;

	ck_assert_msg(code == 0, "%s", err.sentence);
	set(ct_container_protection(container, item, &about));
	outcome = outcome_of(code, container, &err);
	ck_assert_msg(outcome->how.code == 0, "%s%s", outcome->out, outcome->errors);
	if (ret_out)
		*ret_out = outcome->out;
	return about;
}

/* -------------------------------------------------------- where nothing is masked */

static void works_as_outside(void)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	const char *out;

	ck_assert_int_eq(told_of(spec, CT_ITEM_PROC, &out).state, CT_ITEM_ENFORCED);
	ck_assert_str_eq(fact(out, "pid"), "1");
	ck_assert_str_ne(fact(out, "ns.pid"), ns_of(0, "pid"));
	ck_assert_str_ne(fact(out, "ns.net"), ns_of(0, "net"));
	ct_spec_free(spec);
	ck_assert_str_eq(sh("cd /proc; for p in [0-9]*; do echo $p; done"), "1\n");
	ck_assert_str_eq(sh("ls /sys/class/net"), "lo\n");
	ck_assert_str_eq(sh("echo x >/dev/null && cat /etc/inside"), "this is the container's\n");
}

static void works_without_rights(void)
{
	drop_host_cap(CAP_SYS_ADMIN);
	works_as_outside();
}

START_TEST(nested_container_simply_works_where_proc_is_not_masked)
{
	inside(outer(_i & 1, false), _i & 2 ? works_without_rights : works_as_outside);
}
END_TEST

START_TEST(nested_container_simply_works_where_masks_could_be_taken_off)
{
	inside(outer(_i, true), works_as_outside);
}
END_TEST

static void third_one(void)
{
	ct_spec *spec = outer_spec();

	set(ct_spec_clear_paths(spec));
	inside(spec, works_as_outside);
}

START_TEST(third_container_works_as_the_second)
{
	inside(outer(true, false), third_one);
}
END_TEST

static void forgets_changes(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c",
		"echo x >/etc/inside && rm -r /home /etc/group && mkdir /home /etc/group && ls /home");
	ct_protection about = CT_PROTECTION_INIT;
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	set(ct_container_protection(container, CT_ITEM_EPHEMERAL, &about));
	/* Before Linux 6.6 directories cannot be removed in a user namespace, and it says so. */
	ck_assert_int_eq(
		outcome_of(0, container, &err)->how.code == 0, about.state == CT_ITEM_ENFORCED);
	ct_spec_free(spec);
	ck_assert_str_eq(read_file(in_root("etc/inside")), "this is the container's\n");
}

START_TEST(nested_ephemeral_root_forgets_every_change)
{
	inside(outer(_i & 1, false), forgets_changes);
}
END_TEST

static void keeps_the_network(void)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");

	set(ct_spec_set_ns_host(spec, CT_NS_NET | CT_NS_IPC));
	ck_assert_str_eq(fact(output_of(spec), "ns.net"), ns_of(0, "net"));
}

START_TEST(nested_container_may_use_the_network_of_the_outer_one)
{
	inside(outer(_i & 1, false), keeps_the_network);
}
END_TEST

/* ------------------------------------------------------------ where /proc is masked */

static void is_refused(void)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	drop_host_cap(CAP_SYS_ADMIN);
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EPERM, CT_STEP_MOUNT, "proc on /proc",
		"the /proc here is masked");
	ck_assert_str_eq(outcome->err.call, "fsmount");
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "masked"));
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "CT_ITEM_PROC"));
	/* One item alone does not cover the other. */
	set(ct_spec_allow_lack(spec, CT_LACK_ALL & ~CT_LACK(CT_ITEM_SYS)));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EPERM, CT_STEP_MOUNT, "sysfs on /sys",
		"the /sys here is masked");
	ct_spec_free(spec);
}

START_TEST(masked_proc_is_an_error_that_names_the_cause_and_the_cure)
{
	inside(outer(true, true), is_refused);
}
END_TEST

static ct_spec *lenient(const char *script)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	set(ct_spec_allow_lack(spec, OWN));
	return spec;
}

static void starts_with_the_outer_ones(void)
{
	static const int items[] = {CT_ITEM_PROC, CT_ITEM_SYS};
	ct_spec *spec =
		lenient("echo $$; grep -c . /proc/self/status >/dev/null && ls -d /sys/class");
	const char *out;

	drop_host_cap(CAP_SYS_ADMIN);
	for (size_t i = 0; i < 2; i++) {
		const ct_protection about = told_of(spec, items[i], &out);

		ck_assert_str_eq(out, "1\n/sys/class\n");
		ck_assert_int_eq(about.state, CT_ITEM_LACKING);
		ck_assert_uint_eq(about.count, 1);
		ck_assert_int_eq(about.why.code, -EPERM);
		ck_assert_ptr_nonnull(strstr(about.why.sentence, "masked"));
	}
	ck_assert_int_eq(told_of(spec, CT_ITEM_NS_PID, &out).state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told_of(spec, CT_ITEM_MASKED, &out).state, CT_ITEM_ENFORCED);
	ct_spec_free(spec);
}

START_TEST(masked_proc_that_may_be_lacking_gives_the_outer_one)
{
	inside(outer(true, true), starts_with_the_outer_ones);
}
END_TEST

static void cannot_write(void)
{
	static const char *const files[] = {"/proc/self/oom_score_adj", "/proc/1/oom_score_adj",
		"/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward",
		"/sys/class/net/lo/mtu"};

	drop_host_cap(CAP_SYS_ADMIN);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char script[128];
		struct outcome *outcome;
		ct_spec *spec;

		snprintf(script, sizeof(script), "test -e %s || echo gone; echo 1 >%s", files[i],
			files[i]);
		spec = lenient(script);
		outcome = run(spec);
		ct_spec_free(spec);
		ck_assert_str_eq(outcome->out, "");
		ck_assert_msg(outcome->how.code != 0, "%s was written", files[i]);
	}
}

static void cannot_look_into_others(void)
{
	/* The shell of the outer container, which is its process 1. */
	ct_spec *spec = lenient("ls /proc/1/status && ! cat /proc/1/environ && ! ls /proc/1/cwd/ &&"
				" ! readlink /proc/1/fd/0");

	drop_host_cap(CAP_SYS_ADMIN);
	ck_assert_str_eq(output_of(spec), "/proc/1/status\n");
}

START_TEST(outer_proc_can_be_written_by_nobody)
{
	inside(outer(true, true), cannot_write);
}
END_TEST

START_TEST(outer_proc_gives_no_way_into_outer_processes)
{
	inside(outer(true, true), cannot_look_into_others);
}
END_TEST

static void hides_what_it_would(void)
{
	ct_spec *spec =
		lenient("cat /proc/keys /proc/timer_list | wc -c; ls /sys/firmware | wc -l");

	drop_host_cap(CAP_SYS_ADMIN);
	ck_assert_str_eq(output_of(spec), "0\n0\n");
}

START_TEST(outer_masks_and_own_ones_hold_on_the_outer_proc)
{
	inside(outer(true, true), hides_what_it_would);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of(AS_USER ? "inner_user" : "inner", &tc);

	if (AS_USER)
		need_user();
	else
		need_root();
	/* Bit 0: in a user namespace; bit 1: without CAP_SYS_ADMIN. */
	tcase_add_loop_test(
		tc, nested_container_simply_works_where_proc_is_not_masked, AS_USER ? 1 : 0, 4);
	tcase_add_loop_test(tc, nested_container_simply_works_where_masks_could_be_taken_off,
		AS_USER ? 1 : 0, 2);
	tcase_add_test(tc, third_container_works_as_the_second);
	tcase_add_loop_test(tc, nested_ephemeral_root_forgets_every_change, AS_USER ? 1 : 0, 2);
	tcase_add_loop_test(
		tc, nested_container_may_use_the_network_of_the_outer_one, AS_USER ? 1 : 0, 2);
	tcase_add_test(tc, masked_proc_is_an_error_that_names_the_cause_and_the_cure);
	tcase_add_test(tc, masked_proc_that_may_be_lacking_gives_the_outer_one);
	tcase_add_test(tc, outer_proc_can_be_written_by_nobody);
	tcase_add_test(tc, outer_proc_gives_no_way_into_outer_processes);
	tcase_add_test(tc, outer_masks_and_own_ones_hold_on_the_outer_proc);
	return suite_run(suite);
}
