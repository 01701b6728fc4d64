/* SPDX-License-Identifier: MIT */
/*
 * The second start of a spec and all later ones begin in a mount namespace that was made for
 * the spec, instead of a copy of the host's: nothing that the payload sees differs.
 */
#include "support/box.h"
#include "support/needs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/seen.h"

static void see(ct_spec *spec, const int stream[2], struct seen *seen)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	seen_read(stream[0], seen);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
}

START_TEST(later_start_sees_what_the_first_sees)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", seen_script);
	struct seen first, later;
	int stream[2];

	ck_assert_int_eq(pipe2(stream, O_CLOEXEC), 0);
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_FD, stream[1]));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	if (_i)
		set(ct_spec_set_root_mode(spec, CT_ROOT_READONLY));
	set(ct_spec_add_bind(spec, box.dir, "/mnt/deep", CT_MOUNT_READONLY));
	set(ct_spec_add_tmpfs(spec, "/mnt/memory", 4096, 0700, 0));
	see(spec, stream, &first);
	for (int i = 0; i < 3; i++) {
		see(spec, stream, &later);
		seen_expect_same(&first, &later);
		seen_forget(&later);
	}
	seen_forget(&first);
	ct_spec_free(spec);
	close(stream[0]);
	close(stream[1]);
}
END_TEST

static void expect_exit(ct_spec *spec, int code)
{
	struct outcome *outcome = attempt(spec);

	ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
	ck_assert_int_eq(outcome->how.code, code);
}

static void expect_no_pivot(ct_spec *spec)
{
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -EPERM, CT_STEP_PIVOT, NULL, NULL);
}

/* For a thread that, with its children, has no pivot_root any more. */
struct barred {
	void (*deed)(ct_spec *spec);
	ct_spec *spec;
};

static void *without_pivot(void *data)
{
	const struct barred *barred = data;

	fail_call(SYS_pivot_root, EPERM);
	barred->deed(barred->spec);
	return NULL;
}

static void expect_success(ct_spec *spec)
{
	expect_exit(spec, 0);
}

static void in_barred_thread(void (*deed)(ct_spec *spec), ct_spec *spec)
{
	struct barred barred = {deed, spec};
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, without_pivot, &barred), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

START_TEST(later_start_leaves_no_mounts_of_the_host_behind)
{
	ct_spec *spec = SPEC("/bin/true"), *fresh = SPEC("/bin/true");

	expect_exit(spec, 0);
	expect_exit(spec, 0);
	in_barred_thread(expect_success, spec);
	in_barred_thread(expect_no_pivot, fresh);
	ct_spec_free(spec);
	ct_spec_free(fresh);
}
END_TEST

START_TEST(payload_that_may_mount_shares_nothing_with_other_containers)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_add_cap(spec, "cap_sys_admin"));
	expect_exit(spec, 0);
	expect_exit(spec, 0);
	in_barred_thread(expect_no_pivot, spec);
	ct_spec_free(spec);
}
END_TEST

START_TEST(later_start_has_what_is_mounted_below_the_root_by_then)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "test -e /mnt/new");

	expect_exit(spec, 1);
	expect_exit(spec, 1);
	ck_assert_int_eq(mount("tmpfs", in_root("mnt"), "tmpfs", 0, NULL), 0);
	write_file(in_root("mnt/new"), "", 0644);
	expect_exit(spec, 0);
	ck_assert_int_eq(umount2(in_root("mnt"), MNT_DETACH), 0);
	expect_exit(spec, 1);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tcase;

	need_root();
	suite = suite_of("settle", &tcase);
	tcase_add_loop_test(tcase, later_start_sees_what_the_first_sees, 0, 2);
	add_for_first_root(tcase, later_start_leaves_no_mounts_of_the_host_behind, "a device node made by hand");
	tcase_add_test(tcase, payload_that_may_mount_shares_nothing_with_other_containers);
	tcase_add_test(tcase, later_start_has_what_is_mounted_below_the_root_by_then);
	return suite_run(suite);
}
