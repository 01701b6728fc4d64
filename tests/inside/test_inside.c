/* SPDX-License-Identifier: MIT */
/*
 * Reaching into a running container: its files and its mounts. What the container itself sees is
 * asked by a process that joins it.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

/* A container that has done what the script says, and pauses. */
static ct_container *start_of(ct_spec *spec)
{
	ct_container *container = start_ready(spec);

	ct_spec_free(spec);
	return container;
}

#define PAUSING(script) SPEC("/bin/sh", "-c", script "; echo ready; exec probe pause")
#define start(script)	start_of(PAUSING(script))

/* The output of a shell script inside. */
static const char *ask(ct_container *container, const char *script)
{
	ct_container *visitor = NULL;
	ct_error why = CT_ERROR_INIT;
	ct_spec *spec = VISITOR("/bin/sh", "-c", script);
	int code = ct_join(container, 0, 0, spec, &visitor, &why);
	struct outcome *outcome = outcome_of(code, visitor, &why);

	ct_spec_free(spec);
	ck_assert_msg(code == 0 && outcome->how.code == 0, "%s: %s%s", script, why.sentence,
		outcome->errors);
	return outcome->out;
}

static int must_open(ct_container *container, const char *path, int flags, mode_t mode)
{
	int fd = ct_container_open_file(container, path, flags, mode, &err);

	ck_assert_msg(fd > 2, "%s: %s", path, err.sentence);
	return fd;
}

static const char *content_of(ct_container *container, const char *path)
{
	static char text[256];
	int fd = must_open(container, path, O_RDONLY, 0);
	ssize_t count = read(fd, text, sizeof(text) - 1);

	ck_assert_int_ge(count, 0);
	text[count] = '\0';
	close(fd);
	return text;
}

static void refused(ct_container *container, const char *path, int flags, int code, const char *words)
{
	int ret = ct_container_open_file(container, path, flags, 0600, &err);

	expect_error(ret, &err, code, CT_STEP_INSIDE, path, words);
}

/* --------------------------------------------------------------------- files */

START_TEST(file_of_a_running_container_is_read)
{
	ct_container *container = start("echo said > /etc/said; echo short > /tmp/lived");

	ck_assert_str_eq(content_of(container, "/etc/said"), "said\n");
	ck_assert_str_eq(content_of(container, "etc/said"), "said\n");
	ck_assert_str_eq(content_of(container, "/tmp/lived"), "short\n"); /* memory of its own */
	ct_container_free(container);
}
END_TEST

START_TEST(file_of_a_created_container_is_written_before_its_payload_runs)
{
	ct_container *container = NULL;
	ct_spec *spec = SPEC("/bin/cat", "/tmp/settings");
	struct outcome *outcome;
	int fd, code;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	fd = must_open(container, "/tmp/settings", O_WRONLY | O_CREAT | O_EXCL, 0644);
	ck_assert_int_eq(write(fd, "set\n", 4), 4);
	close(fd);
	code = ct_start(container, &err);
	outcome = outcome_of(code, container, &err);
	ck_assert_str_eq(outcome->out, "set\n");
	ct_spec_free(spec);
}
END_TEST

START_TEST(file_that_is_made_belongs_to_the_containers_root_with_the_mode_that_was_said)
{
	ct_spec *spec = PAUSING("true");
	ct_container *container;
	mode_t mask = umask(077);

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	container = start_of(spec);
	close(must_open(container, "/made", O_RDWR | O_CREAT | O_EXCL, 0646));
	umask(mask);
	ck_assert_str_eq(ask(container, "stat -c '%u %g %a' /made"), "0 0 646\n");
	ct_container_free(container);
}
END_TEST

START_TEST(file_made_in_a_user_namespace_belongs_to_its_root)
{
	ct_spec *spec = PAUSING("true");
	ct_container *container;
	struct stat about;
	ct_id_range range;
	int fd;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	container = start_of(spec);
	fd = must_open(container, "/tmp/made", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(fstat(fd, &about), 0);
	ck_assert_int_eq(ct_container_uid_map(container, &range, 1), 1);
	ck_assert_uint_eq(about.st_uid, range.outside);
	ck_assert_uint_ne(about.st_uid, 0);
	ck_assert_str_eq(ask(container, "stat -c '%u %g' /tmp/made"), "0 0\n");
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(file_is_cut_or_added_to_as_the_flags_say)
{
	ct_container *container = start("echo 123456 > /tmp/file");
	int fd = must_open(container, "/tmp/file", O_WRONLY | O_APPEND, 0);

	ck_assert_int_eq(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK), O_APPEND);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(write(fd, "7\n", 2), 2);
	close(fd);
	ck_assert_str_eq(content_of(container, "/tmp/file"), "123456\n7\n");
	close(must_open(container, "/tmp/file", O_WRONLY | O_TRUNC, 0));
	ck_assert_str_eq(content_of(container, "/tmp/file"), "");
	ct_container_free(container);
}
END_TEST

START_TEST(directory_is_opened_and_lists_what_the_container_sees)
{
	ct_container *container = start("mkdir /tmp/dir; echo in > /tmp/dir/file");
	int dir = must_open(container, "/tmp/dir", O_RDONLY | O_DIRECTORY, 0);

	ck_assert_int_eq(faccessat(dir, "file", F_OK, 0), 0);
	close(dir);
	ct_container_free(container);
}
END_TEST

START_TEST(symlink_of_the_container_leads_to_a_file_of_its_own)
{
	ct_container *container = start(
		"ln -s /etc/inside /tmp/absolute; ln -s ../../../../../../etc/inside /tmp/above");

	ck_assert_str_eq(content_of(container, "/tmp/absolute"), "this is the container's\n");
	ck_assert_str_eq(content_of(container, "/tmp/above"), "this is the container's\n");
	ck_assert_str_eq(content_of(container, "/../../etc/inside"), "this is the container's\n");
	ct_container_free(container);
}
END_TEST

/* The same name is there outside: whoever follows the link from the host's root reads the canary. */
START_TEST(symlink_to_a_file_of_the_host_leads_nowhere)
{
	char script[PATH_MAX];
	ct_container *container;
	int ret;

	snprintf(script, sizeof(script), "ln -s %s /tmp/canary; echo ready; exec probe pause", box.canary);
	container = start_of(SPEC("/bin/sh", "-c", script));
	ck_assert_int_eq(access(box.canary, R_OK), 0);
	ret = ct_container_open_file(container, "/tmp/canary", O_WRONLY | O_TRUNC, 0, &err);
	expect_error(ret, &err, -ENOENT, CT_STEP_INSIDE, "/tmp/canary", "No such file");
	ct_container_free(container);
}
END_TEST

START_TEST(container_that_swaps_names_meanwhile_gives_away_nothing_of_the_host)
{
	char script[PATH_MAX];
	ct_container *container;
	uint64_t digest = digest_of(box.canary);

	snprintf(script, sizeof(script),
		"mkdir -p /tmp/own; echo own > /tmp/own/canary; ln -s %s /tmp/theirs; echo ready; exec >/dev/null;"
		"while :; do ln -sfn /tmp/own /tmp/x; ln -sfn /tmp/theirs /tmp/x; done",
		box.dir);
	container = start_of(SPEC("/bin/sh", "-c", script));
	for (int i = 0; i < scaled(300); i++) {
		int fd = ct_container_open_file(container, "/tmp/x/canary", O_RDWR, 0, &err);
		char text[8] = "";

		if (fd < 0)
			continue;
		ck_assert_int_eq(read(fd, text, sizeof(text) - 1), 4);
		ck_assert_str_eq(text, "own\n");
		close(fd);
	}
	ck_assert_uint_eq(digest_of(box.canary), digest);
	ct_container_free(container);
}
END_TEST

START_TEST(what_is_no_file_is_refused_without_waiting_for_it)
{
	ct_container *container = start("mkfifo /tmp/pipe");

	refused(container, "/tmp/pipe", O_RDONLY, -EINVAL, "neither a regular file nor a directory");
	refused(container, "/tmp/pipe", O_WRONLY, -EINVAL, "neither a regular file nor a directory");
	refused(container, "/tmp/pipe", O_RDWR | O_TRUNC, -EINVAL, "neither a regular file");
	refused(container, "/dev/null", O_RDWR, -EINVAL, "neither a regular file nor a directory");
	ct_container_free(container);
}
END_TEST

START_TEST(file_that_the_kernel_makes_up_is_refused)
{
	ct_container *container = start("ln -s /proc/1/oom_score_adj /tmp/innocent");

	refused(container, "/proc/1/oom_score_adj", O_RDWR, -EPERM, "the kernel makes up");
	refused(container, "/tmp/innocent", O_RDWR, -EPERM, "the kernel makes up");
	refused(container, "/sys/kernel", O_RDONLY, -EPERM, "the kernel makes up");
	refused(container, "/proc/1/root/etc/inside", O_RDONLY, -ELOOP, NULL);
	ct_container_free(container);
}
END_TEST

START_TEST(flag_or_mode_that_is_not_taken_is_refused)
{
	ct_container *container = start("true");
	int ret = ct_container_open_file(container, "/etc/inside", O_PATH, 0, &err);

	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "flags", "unknown bits");
	ret = ct_container_open_file(container, "/etc/inside", O_RDONLY | O_TRUNC, 0, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "flags", "cannot be cut");
	ret = ct_container_open_file(container, "/etc/inside", O_WRONLY | O_CREAT, 010000, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "mode", "over 07777");
	ret = ct_container_open_file(container, "", O_RDONLY, 0, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "path", "empty");
	ct_container_free(container);
}
END_TEST

START_TEST(container_that_has_ended_has_no_files)
{
	ct_container *container = start("true");
	int ret;

	set(ct_kill(container, SIGKILL, NULL));
	wait_for(container);
	ret = ct_container_open_file(container, "/etc/inside", O_RDONLY, 0, &err);
	expect_error(ret, &err, -ESRCH, CT_STEP_TARGET, NULL, NULL);
	ct_container_free(container);
}
END_TEST

START_TEST(container_with_the_mounts_of_the_host_is_refused)
{
	ct_spec *spec = VISITOR("/bin/sleep", "1000");
	ct_container *container = NULL;
	int ret;

	set(ct_spec_set_ns_host(spec, CT_NS_MNT));
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	ret = ct_container_open_file(container, "/etc/passwd", O_RDONLY, 0, &err);
	expect_error(ret, &err, -EOPNOTSUPP, CT_STEP_INSIDE, NULL, "mounts of the host");
	ct_container_free(container);
}
END_TEST

/* -------------------------------------------------------------------- mounts */

/* A directory of the host with one file. */
static int open_shared(void)
{
	int fd;

	ck_assert_int_eq(mkdir(in_dir("shared"), 0755), 0);
	write_file(in_dir("shared/file"), "from the host\n", 0644);
	fd = open(in_dir("shared"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void must_mount(ct_container *container, int fd, const char *target, uint32_t flags)
{
	int ret = ct_container_mount(container, fd, target, flags, &err);

	ck_assert_msg(ret == 0, "%s", err.sentence);
}

START_TEST(directory_of_the_host_comes_into_a_running_container_and_goes)
{
	ct_container *container = start("true");
	int fd = open_shared();

	must_mount(container, fd, "/media/new/shared", 0);
	ck_assert_str_eq(ask(container, "cat /media/new/shared/file"), "from the host\n");
	ck_assert_str_eq(ask(container, "echo back > /media/new/shared/answer"), "");
	ck_assert_str_eq(read_file(in_dir("shared/answer")), "back\n");
	ck_assert_int_eq(ct_container_unmount(container, "/media/new/shared", &err), 0);
	ck_assert_str_eq(ask(container, "ls /media/new/shared; grep -c shared /proc/self/mountinfo || true"),
		"0\n");
	/* And again. */
	must_mount(container, fd, "/media/new/shared", 0);
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(file_of_the_host_comes_in_and_goes)
{
	ct_container *container = start("true");
	int dir = open_shared(), fd = openat(dir, "file", O_PATH | O_CLOEXEC);

	must_mount(container, fd, "/etc/settings", CT_MOUNT_READONLY);
	ck_assert_str_eq(ask(container, "cat /etc/settings; (echo x > /etc/settings) 2>&1 | grep -c Read-only"),
		"from the host\n1\n");
	ck_assert_int_eq(ct_container_unmount(container, "/etc/settings", &err), 0);
	ck_assert_str_eq(ask(container, "wc -c < /etc/settings"), "0\n");
	close(fd);
	close(dir);
	ct_container_free(container);
}
END_TEST

START_TEST(mount_allows_no_more_than_was_said)
{
	ct_container *container = start("true");
	const char *mounts;
	int fd = open_shared();

	must_mount(container, fd, "/a", 0);
	must_mount(container, fd, "/b", CT_MOUNT_READONLY | CT_MOUNT_NOEXEC | CT_MOUNT_SUID | CT_MOUNT_DEV);
	mounts = ask(container, "grep -E ' /[ab] ' /proc/self/mountinfo | cut -d ' ' -f 5,6");
	ck_assert_msg(strstr(mounts, "/a rw,nosuid,nodev") != NULL, "%s", mounts);
	ck_assert_msg(strstr(mounts, "/b ro,noexec") != NULL, "%s", mounts);
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(mount_on_a_target_twice_is_refused)
{
	ct_container *container = start("true");
	int fd = open_shared(), ret;

	must_mount(container, fd, "/a", 0);
	ret = ct_container_mount(container, fd, "/a", 0, &err);
	expect_error(ret, &err, -EEXIST, CT_STEP_INSIDE, "/a", "mounted there already");
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(only_what_was_mounted_while_it_ran_can_be_removed)
{
	ct_container *container = start("ln -s /proc/kcore /tmp/link");
	int ret = ct_container_unmount(container, "/proc", &err);

	expect_error(ret, &err, -ENOENT, CT_STEP_INSIDE, "/proc", "nothing was mounted there");
	ret = ct_container_unmount(container, "/tmp/link", &err);
	expect_error(ret, &err, -ENOENT, CT_STEP_INSIDE, "/tmp/link", "nothing was mounted there");
	ct_container_free(container);
}
END_TEST

/* The container puts another mount under the name of the one that was added. */
START_TEST(mount_that_the_container_has_put_in_its_place_is_left_alone)
{
	ct_container *container = start("true");
	int fd = open_shared(), ret;

	must_mount(container, fd, "/tmp/a", 0);
	ck_assert_str_eq(ask(container, "mkdir /tmp/mine; true"), "");
	/* A symlink in the place of the mount point's parent leads to /proc, whose mount is another. */
	must_mount(container, fd, "/tmp/mine/b", 0);
	ck_assert_str_eq(ask(container, "mv /tmp/mine /tmp/moved; mkdir /tmp/mine; ln -s /proc /tmp/mine/b"), "");
	ret = ct_container_unmount(container, "/tmp/mine/b", &err);
	expect_error(ret, &err, -ESTALE, CT_STEP_INSIDE, "/tmp/mine/b", "gone, or covered");
	ck_assert_str_eq(ask(container, "cat /tmp/moved/b/file; test -e /proc/self && echo proc"),
		"from the host\nproc\n");
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(mount_is_not_led_onto_proc)
{
	ct_container *container = start("ln -s /proc/sys /tmp/link");
	int fd = open_shared(), ret = ct_container_mount(container, fd, "/tmp/link", 0, &err);

	expect_error(ret, &err, -EPERM, CT_STEP_INSIDE, "/tmp/link", "leads into /proc");
	ck_assert_str_eq(ask(container, "grep -c shared /proc/self/mountinfo || true"), "0\n");
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(container_that_could_undo_the_flags_of_a_mount_gets_none)
{
	ct_spec *spec = PAUSING("true");
	int fd = open_shared(), ret;
	ct_container *container;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
	container = start_of(spec);
	ret = ct_container_mount(container, fd, "/tmp/a", CT_MOUNT_READONLY, &err);
	expect_error(ret, &err, -EPERM, CT_STEP_INSIDE, "/tmp/a", "cap_sys_admin");
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(mount_comes_into_a_user_namespace_with_what_it_forbids)
{
	ct_spec *spec = PAUSING("true");
	int fd = open_shared();
	ct_container *container;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	container = start_of(spec);
	must_mount(container, fd, "/tmp/a", CT_MOUNT_READONLY);
	ck_assert_str_eq(ask(container, "cat /tmp/a/file; (echo > /tmp/a/file) 2>&1 | grep -c Read-only"),
		"from the host\n1\n");
	ck_assert_int_eq(ct_container_unmount(container, "/tmp/a", &err), 0);
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(what_cannot_be_mounted_is_refused_and_leaves_nothing)
{
	ct_container *container = start("true");
	int ret = ct_container_mount(container, -1, "/a", 0, &err), ends[2];

	expect_error(ret, &err, -EBADF, CT_STEP_INSIDE, "/a", NULL);
	ck_assert_int_eq(pipe(ends), 0);
	ret = ct_container_mount(container, ends[0], "/a", 0, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_INSIDE, "/a", NULL);
	ret = ct_container_mount(container, ends[0], "/a", CT_MOUNT_IDMAP, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "flags", "unknown bits");
	ret = ct_container_mount(container, ends[0], "/", 0, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "target", "the root");
	close(ends[0]);
	close(ends[1]);
	ck_assert_str_eq(ask(container, "test -e /a || echo none"), "none\n");
	ct_container_free(container);
}
END_TEST

int main(void)
{
	static const char private_ids[] = "taking ids that are nobody's";
	TCase *tcase;
	Suite *suite;

	need_root();
	suite = suite_of("inside", &tcase);
	tcase_add_test(tcase, file_of_a_running_container_is_read);
	tcase_add_test(tcase, file_of_a_created_container_is_written_before_its_payload_runs);
	tcase_add_test(tcase, file_that_is_made_belongs_to_the_containers_root_with_the_mode_that_was_said);
	add_for_first_root(tcase, file_made_in_a_user_namespace_belongs_to_its_root, private_ids);
	tcase_add_test(tcase, file_is_cut_or_added_to_as_the_flags_say);
	tcase_add_test(tcase, directory_is_opened_and_lists_what_the_container_sees);
	tcase_add_test(tcase, symlink_of_the_container_leads_to_a_file_of_its_own);
	tcase_add_test(tcase, symlink_to_a_file_of_the_host_leads_nowhere);
	tcase_add_test(tcase, container_that_swaps_names_meanwhile_gives_away_nothing_of_the_host);
	tcase_add_test(tcase, what_is_no_file_is_refused_without_waiting_for_it);
	tcase_add_test(tcase, file_that_the_kernel_makes_up_is_refused);
	tcase_add_test(tcase, flag_or_mode_that_is_not_taken_is_refused);
	tcase_add_test(tcase, container_that_has_ended_has_no_files);
	tcase_add_test(tcase, container_with_the_mounts_of_the_host_is_refused);
	tcase_add_test(tcase, directory_of_the_host_comes_into_a_running_container_and_goes);
	tcase_add_test(tcase, file_of_the_host_comes_in_and_goes);
	tcase_add_test(tcase, mount_allows_no_more_than_was_said);
	tcase_add_test(tcase, mount_on_a_target_twice_is_refused);
	tcase_add_test(tcase, only_what_was_mounted_while_it_ran_can_be_removed);
	tcase_add_test(tcase, mount_that_the_container_has_put_in_its_place_is_left_alone);
	tcase_add_test(tcase, mount_is_not_led_onto_proc);
	add_for_first_root(tcase, container_that_could_undo_the_flags_of_a_mount_gets_none, private_ids);
	add_for_first_root(tcase, mount_comes_into_a_user_namespace_with_what_it_forbids, private_ids);
	tcase_add_test(tcase, what_cannot_be_mounted_is_refused_and_leaves_nothing);
	return suite_run(suite);
}
