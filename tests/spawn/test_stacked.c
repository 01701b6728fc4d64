/* SPDX-License-Identifier: MIT */
/*
 * An ephemeral root where the kernel makes no overlay: the rootfs lies on two overlays
 * already, one on the other, and it stacks no more. Everything of a test lies on them.
 */
#include "support/box.h"

#include <container/protection.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef AS_USER
#define AS_USER false /* true: the program is that of an ordinary user, see test_stacked_user.c */
#endif

/* /tmp, /var/tmp and /run in the rootfs, and a script in an ephemeral view of it. */
static ct_spec *ephemeral(const char *script)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	ck_assert_int_eq(mkdir(in_root("var/tmp"), 0755), 0);
	ck_assert_int_eq(mkdir(in_root("run"), 0755), 0);
	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	return spec;
}

static ct_spec *lenient(const char *script)
{
	ct_spec *spec = ephemeral(script);

	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_EPHEMERAL)));
	return spec;
}

START_TEST(third_overlay_is_an_error_that_names_the_cause_and_the_cure)
{
	ct_spec *spec = ephemeral("true");
	uint64_t before = digest_of(box.root);
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ROOT, box.root,
		"it lies on overlays already");
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "CT_ITEM_EPHEMERAL"));
	ct_spec_free(spec);
	ck_assert_uint_eq(digest_of(box.root), before);
}
END_TEST

START_TEST(ephemeral_root_that_may_be_lacking_is_read_only_with_memory_where_programs_write)
{
	ct_spec *spec =
		lenient("for i in /tmp /var/tmp /run; do echo x >$i/new && cat $i/new; done;"
			"echo x >/etc/new || rm /etc/inside || mkdir /home/new || cat /etc/inside");
	uint64_t before = digest_of(box.root);

	for (int i = 0; i < 2; i++) {
		ct_protection about = CT_PROTECTION_INIT;
		ct_container *container = NULL;
		ct_error err = CT_ERROR_INIT;
		int code = ct_spawn(spec, &container, &err);
		struct outcome *outcome;

		ck_assert_msg(code == 0, "%s", err.sentence);
		set(ct_container_protection(container, CT_ITEM_EPHEMERAL, &about));
		ck_assert_int_eq(about.state, CT_ITEM_LACKING);
		ck_assert_int_eq(about.why.code, -EINVAL);
		ck_assert_str_eq(about.why.call, "fsconfig");
		ck_assert_uint_eq(about.count, 1);
		outcome = outcome_of(code, container, &err);
		ck_assert_str_eq(outcome->out, "x\nx\nx\nthis is the container's\n");
	}
	ct_spec_free(spec);
	ck_assert_uint_eq(digest_of(box.root), before);
}
END_TEST

START_TEST(modes_of_the_places_to_write_are_the_usual_ones)
{
	ct_spec *spec = lenient("stat -c %a /tmp /var/tmp /run");

	ck_assert_str_eq(output_of(spec), "1777\n1777\n755\n");
}
END_TEST

START_TEST(memory_for_the_changes_stays_below_its_bound)
{
	ct_spec *spec = lenient("for i in /tmp /var/tmp /run; do"
				" dd if=/dev/zero of=$i/new bs=4096 count=4096 2>/dev/null; done;"
				" cat /tmp/new /var/tmp/new /run/new | wc -c");
	long size;

	set(ct_spec_set_ephemeral_size(spec, 1 << 20));
	size = atol(output_of(spec));
	ck_assert_int_gt(size, 900000);
	ck_assert_int_le(size, 1 << 20);
}
END_TEST

START_TEST(place_to_write_that_the_rootfs_lacks_is_left_out)
{
	ct_spec *spec =
		lenient("echo x >/tmp/new && cat /tmp/new; ls -d /run /var/tmp 2>/dev/null");

	ck_assert_int_eq(rmdir(in_root("run")), 0);
	ck_assert_int_eq(rmdir(in_root("var/tmp")), 0);
	ck_assert_str_eq(run(spec)->out, "x\n");
	ct_spec_free(spec);
}
END_TEST

START_TEST(place_to_write_that_is_a_symlink_is_refused)
{
	ct_spec *spec = lenient("true");
	struct outcome *outcome;

	ck_assert_int_eq(rmdir(in_root("run")), 0);
	ck_assert_int_eq(symlink("/etc", in_root("run")), 0);
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ELOOP, CT_STEP_MOUNT, "/run", "symlink");
	ct_spec_free(spec);
}
END_TEST

START_TEST(missing_mount_point_is_an_error_and_not_made_in_the_rootfs)
{
	ct_spec *spec = lenient("true");
	uint64_t before = digest_of(box.root);
	struct outcome *outcome;

	set(ct_spec_add_tmpfs(spec, "/missing", 0, 0755, 0));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EROFS, CT_STEP_MOUNT, "/missing", NULL);
	ck_assert_str_ne(outcome->err.cure, "");
	ct_spec_free(spec);
	ck_assert_uint_eq(digest_of(box.root), before);
}
END_TEST

START_TEST(mounts_of_the_spec_have_their_places_all_the_same)
{
	ct_spec *spec =
		lenient("cat /etc/inside; echo y >/mnt/new && cat /mnt/new; echo z >/home/z;"
			"ls /tmp");

	set(ct_spec_add_file(spec, "given\n", 6, "/etc/inside", 0644));
	set(ct_spec_add_tmpfs(spec, "/mnt", 0, 0755, 0));
	set(ct_spec_add_bind(spec, in_root("etc"), "/tmp", CT_MOUNT_READONLY));
	ck_assert_str_eq(run(spec)->out, "given\ny\ngroup\ninside\npasswd\n");
	ct_spec_free(spec);
}
END_TEST

START_TEST(overlay_of_the_spec_is_never_left_out)
{
	const char *const lowers[] = {box.root, NULL};
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	ck_assert_int_eq(mkdir(in_dir("upper"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("work"), 0755), 0);
	set(ct_spec_add_overlay(spec, lowers, in_dir("upper"), in_dir("work"), "/mnt", 0));
	set(ct_spec_allow_lack(spec, CT_LACK_ALL));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_MOUNT, "/mnt",
		"it lies on overlays already");
	ck_assert_str_ne(outcome->err.cure, "");
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------------ the place */

#define PLACE "/mnt" /* any that is everywhere */

/* A directory in the place; static, four hold at a time. */
static const char *at(const char *name)
{
	static char paths[4][64];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", PLACE, name);
	return path;
}

static bool overlay(const char *lower, const char *upper, const char *work, const char *target)
{
	char options[512];

	snprintf(
		options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work);
	return mount("overlay", target, "overlay", 0, options) == 0;
}

/* In a mount namespace of the program's own, so that nothing of it stays. */
static bool stack_two(void)
{
	static const char *const dirs[] = {"lower", "one", "one/up", "one/work", "two", "two/up",
		"two/work", "first", "second"};

	need_root();
	if (mount("tmpfs", PLACE, "tmpfs", 0, "mode=755") < 0)
		return false;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(at(dirs[i]), 0755) < 0)
			return false;
	if (chmod(at("two/up"), 01777) < 0)
		return false;
	return overlay(at("lower"), at("one/up"), at("one/work"), at("first")) &&
	       overlay(at("first"), at("two/up"), at("two/work"), at("second")) &&
	       setenv("TMPDIR", at("second"), 1) == 0;
}

static Suite *make_suite(void)
{
	TCase *tc;
	Suite *suite = suite_of(AS_USER ? "stacked_user" : "stacked", &tc);

	tcase_add_test(tc, third_overlay_is_an_error_that_names_the_cause_and_the_cure);
	tcase_add_test(tc,
		ephemeral_root_that_may_be_lacking_is_read_only_with_memory_where_programs_write);
	tcase_add_test(tc, modes_of_the_places_to_write_are_the_usual_ones);
	tcase_add_test(tc, memory_for_the_changes_stays_below_its_bound);
	tcase_add_test(tc, place_to_write_that_the_rootfs_lacks_is_left_out);
	tcase_add_test(tc, place_to_write_that_is_a_symlink_is_refused);
	tcase_add_test(tc, missing_mount_point_is_an_error_and_not_made_in_the_rootfs);
	tcase_add_test(tc, mounts_of_the_spec_have_their_places_all_the_same);
	tcase_add_test(tc, overlay_of_the_spec_is_never_left_out);
	return suite;
}

int main(void)
{
	int status = 77;
	bool stacked = stack_two();

	if (!stacked)
		printf("SKIP: two overlays cannot be stacked here\n");
	if (stacked && AS_USER)
		need_user();
	if (stacked)
		status = suite_run(make_suite());
	return status;
}
