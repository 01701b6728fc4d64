/* SPDX-License-Identifier: MIT */
/* Images as root filesystems: many containers at once, nothing of it in the host, what is no image. */
#include "support/box.h"
#include "support/image.h"
#include "support/needs.h"

#include <container/pool.h>
#include <container/protection.h>

#include <fcntl.h>
#include <linux/loop.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

static int loops(void)
{
	return count_loops(box.dir);
}

static void expect_no_loop(void)
{
	ck_assert_int_eq(await_no_loops(box.dir, PATIENCE_MS), 0);
}

/* ----------------------------------------------------------------- the image */

/* box.root as an image of the format _i. */
static const char *make_image(int i, const char *name)
{
	const char *path = in_dir(name);

	ck_assert_int_eq(pack_image(&image_formats[i], box.root, path), 0);
	return path;
}

static ct_rootfs *open_image(const char *path, uint32_t flags)
{
	ct_rootfs *rootfs = NULL;

	ck_assert_msg(ct_rootfs_open_image(path, flags, &rootfs, &err) == 0, "%s", err.sentence);
	return rootfs;
}

/* Of a container in the image: a spec that alone has it. */
static ct_spec *of_image(int i, uint32_t flags, ct_root_mode mode, ct_spec *spec)
{
	ct_rootfs *rootfs = open_image(make_image(i, "image"), flags);

	set(ct_spec_set_rootfs(spec, rootfs));
	set(ct_spec_set_root_mode(spec, mode));
	ct_rootfs_free(rootfs);
	return spec;
}

#define IN_IMAGE(mode, ...) of_image(_i, 0, mode, SPEC(__VA_ARGS__))

START_TEST(programs_run_from_an_image_that_nothing_can_write_to)
{
	for (ct_root_mode mode = CT_ROOT_WRITABLE; mode <= CT_ROOT_READONLY; mode++) {
		const char *out = output_of(IN_IMAGE(mode, "/bin/sh", "-c",
			"cat /etc/inside; touch /new 2>&1; rm /bin/probe 2>&1; echo $((6 * 7))"));

		ck_assert_ptr_nonnull(strstr(out, "42\n"));
		ck_assert_ptr_nonnull(strstr(out, "/new: Read-only file system"));
		ck_assert_ptr_nonnull(strstr(out, "/bin/probe': Read-only file system"));
	}
	expect_no_loop();
}
END_TEST

START_TEST(ephemeral_root_on_an_image_takes_changes_and_forgets_them)
{
	static const char script[] = "test -e /bin/probe && test ! -e /new && rm /bin/probe && "
				     "echo new > /new && mkdir /dir && cat /new";
	ct_spec *spec = IN_IMAGE(CT_ROOT_EPHEMERAL, "/bin/sh", "-c", script);

	for (int i = 0; i < 3; i++) {
		struct outcome *outcome = run(spec);

		ck_assert_str_eq(outcome->out, "new\n");
		ck_assert_int_eq(outcome->how.code, 0);
	}
	ct_spec_free(spec);
}
END_TEST

START_TEST(twenty_containers_share_one_image)
{
	ct_rootfs *rootfs = open_image(make_image(_i, "image"), 0);
	ct_container *running[20];
	const int count = scaled(20);

	for (int i = 0; i < count; i++) {
		ct_spec *spec = SPEC("/bin/sh", "-c",
			"[ ! -e /mine ] && touch /mine && echo ready && exec sleep 10000");

		set(ct_spec_set_rootfs(spec, rootfs));
		set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
		running[i] = start_ready(spec);
		ct_spec_free(spec);
	}
	ck_assert_int_le(loops(), 1);
	ct_rootfs_free(rootfs);
	for (int i = 0; i < count; i++) {
		ck_assert_int_eq(ct_kill(running[i], SIGKILL, NULL), 0);
		ck_assert_int_eq(wait_for(running[i]).signal, SIGKILL);
		ct_container_free(running[i]);
	}
	expect_no_loop();
}
END_TEST

START_TEST(later_starts_of_a_spec_run_from_the_image_as_the_first)
{
	ct_spec *spec = IN_IMAGE(CT_ROOT_READONLY, "/bin/probe", "facts");
	char first[1 << 16];

	for (int i = 0; i < 3; i++) {
		struct outcome *outcome = run(spec);

		ck_assert_int_eq(outcome->how.code, 0);
		if (i == 0)
			snprintf(first, sizeof(first), "%s", fact(outcome->out, "cap_effective"));
		ck_assert_str_eq(fact(outcome->out, "cap_effective"), first);
	}
	ct_spec_free(spec);
	expect_no_loop();
}
END_TEST

START_TEST(pool_keeps_the_image_of_a_spec_that_is_gone)
{
	ct_spec *spec = IN_IMAGE(CT_ROOT_EPHEMERAL, "/bin/sh");
	ct_payload payload = CT_PAYLOAD_INIT;
	ct_container *container = NULL;
	ct_pool *pool = NULL;

	ck_assert_msg(ct_pool_new(spec, 1, &pool, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	for (int i = 0; i < 2; i++) {
		payload.argv = (const char *const[]){"/bin/sh", "-c", "exit 7", NULL};
		ck_assert_msg(ct_pool_take(pool, &payload, &container, &err) == 0, "%s", err.sentence);
		ck_assert_int_eq(wait_for(container).code, 7);
		ct_container_free(container);
		ck_assert_msg(ct_pool_refill(pool, 1, &err) >= 0, "%s", err.sentence);
	}
	ct_pool_free(pool);
	expect_no_loop();
}
END_TEST

/* ------------------------------------------------------------------ the host */

START_TEST(image_is_in_no_mount_table_of_the_host_and_goes_with_its_handle)
{
	const char *path = make_image(_i, "image");
	char *before = strdup(read_file("/proc/self/mountinfo"));
	ct_rootfs *rootfs = open_image(path, 0);
	int file = openat(ct_rootfs_fd(rootfs), "bin/probe", O_RDONLY | O_CLOEXEC);

	ck_assert_str_eq(read_file("/proc/self/mountinfo"), before);
	ck_assert_int_le(loops(), 1);
	ck_assert_int_ge(file, 0); /* the host itself may read what is in it */
	close(file);
	ct_rootfs_free(rootfs);
	expect_no_loop();
	ck_assert_str_eq(read_file("/proc/self/mountinfo"), before);
	free(before);
}
END_TEST

START_TEST(image_lives_as_long_as_a_container_of_it)
{
	ct_spec *spec = IN_IMAGE(
		CT_ROOT_READONLY, "/bin/sh", "-c", "echo ready && read line && cat /etc/passwd");
	ct_container *container;
	int words;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = start_ready(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(unlink(in_dir("image")), 0);
	words = ct_container_take_stdio(container, 0);
	ck_assert_int_eq(write(words, "go\n", 3), 3);
	close(words);
	wait_for(container);
	ct_container_free(container);
	expect_no_loop();
}
END_TEST

START_TEST(killed_host_leaves_no_image)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready && exec sleep 10000");
	const char *path = make_image(_i, "image");
	int words[2];
	pid_t host;
	char word;

	ck_assert_int_eq(pipe2(words, O_CLOEXEC), 0);
	host = fork();
	if (host == 0) {
		ct_rootfs *rootfs = open_image(path, 0);

		set(ct_spec_set_rootfs(spec, rootfs));
		set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
		start_ready(spec);
		ck_assert_int_eq(write(words[1], "x", 1), 1);
		for (;;)
			pause();
	}
	close(words[1]);
	ck_assert_int_eq(read(words[0], &word, 1), 1);
	end_child(host);
	close(words[0]);
	ct_spec_free(spec);
	expect_no_loop();
}
END_TEST

START_TEST(image_is_the_file_that_was_opened_even_if_replaced_since)
{
	const char *path = make_image(_i, "image"), *out;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ct_rootfs *rootfs = open_image(path, 0);

	write_file(in_root("etc/new"), "another\n", 0644);
	ck_assert_int_eq(rename(make_image(_i, "other"), path), 0);
	for (int i = 0; i < 3; i++) {
		ct_spec *spec = SPEC("/bin/sh", "-c", "ls /etc/new 2>&1 || true");

		set(ct_spec_set_rootfs(spec, rootfs));
		ct_rootfs_free(rootfs);
		out = output_of(spec);
		ck_assert_msg((strstr(out, "No such file") == NULL) == (i == 2), "%d: %s", i, out);
		rootfs = NULL;
		if (i == 0)
			ck_assert_int_eq(ct_rootfs_open_image_fd(fd, 0, &rootfs, &err), 0);
		if (i == 1)
			rootfs = open_image(path, 0);
	}
	close(fd);
}
END_TEST

static void *open_often(void *path)
{
	for (int i = 0; i < 5; i++) {
		ct_rootfs *rootfs = NULL;

		if (ct_rootfs_open_image(path, 0, &rootfs, NULL) < 0)
			return path;
		ct_rootfs_free(rootfs);
	}
	return NULL;
}

START_TEST(threads_open_one_image_at_once)
{
	char *path = strdup(make_image(_i, "image"));
	pthread_t threads[8];
	void *failed;

	for (size_t i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, open_often, path), 0);
	for (size_t i = 0; i < 8; i++) {
		ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
		ck_assert_ptr_null(failed);
	}
	free(path);
	expect_no_loop();
}
END_TEST

/* ------------------------------------------------------------- what it may do */

static const char *uid_through_setuid(int i, uint32_t flags, ct_root_mode mode)
{
	ct_spec *spec = of_image(i, flags, mode, SPEC("/bin/setuid", "facts"));

	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_set_no_new_privs(spec, 0));
	return fact(output_of(spec), "uid");
}

START_TEST(image_honours_no_setuid_bit_unless_allowed)
{
	copy_probe(in_root("bin/setuid"), 04755);
	for (ct_root_mode mode = CT_ROOT_READONLY; mode <= CT_ROOT_EPHEMERAL; mode++) {
		ck_assert_str_eq(uid_through_setuid(_i, 0, mode), "1000 1000 1000");
		ck_assert_str_eq(uid_through_setuid(_i, CT_IMAGE_SUID, mode), "1000 0 0");
	}
}
END_TEST

START_TEST(image_honours_no_device_node)
{
	ck_assert_int_eq(mknod(in_root("null"), S_IFCHR | 0666, makedev(1, 3)), 0);
	ck_assert_int_eq(chmod(in_root("null"), 0666), 0);
	for (ct_root_mode mode = CT_ROOT_READONLY; mode <= CT_ROOT_EPHEMERAL; mode++)
		ck_assert_str_eq(
			tried(output_of(IN_IMAGE(mode, "/bin/probe", "try", "read=/null")), "read=/null"),
			"EACCES");
}
END_TEST

/* The kernel maps ids of erofs since Linux 5.19, and of squashfs since 6.2. */
START_TEST(image_belongs_to_root_of_a_user_namespace_or_says_why_not)
{
	for (ct_root_mode mode = CT_ROOT_READONLY; mode <= CT_ROOT_EPHEMERAL; mode++) {
		ct_spec *spec = IN_IMAGE(mode, "/bin/sh", "-c", "stat -c %u:%g /bin");
		struct outcome *outcome;

		set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
		outcome = attempt(spec);
		if (outcome->code < 0) {
			expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ROOT, "image",
				image_formats[_i].type);
			set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_IDMAPPED_ROOT)));
			outcome = run(spec);
			ck_assert_int_eq(outcome->how.code, 0);
		} else {
			ck_assert_msg(strcmp(outcome->out, "0:0\n") == 0, "%s", outcome->out);
		}
		ct_spec_free(spec);
	}
	expect_no_loop();
}
END_TEST

START_TEST(image_is_refused_to_who_could_loosen_its_mount)
{
	for (ct_root_mode mode = CT_ROOT_READONLY; mode <= CT_ROOT_EPHEMERAL; mode++) {
		ct_spec *spec = IN_IMAGE(mode, "/bin/sh", "-c", "exit 3");
		struct outcome *outcome;

		set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
		set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_IDMAPPED_ROOT)));
		set(ct_spec_add_cap(spec, "cap_sys_admin"));
		outcome = attempt(spec);
		if (mode == CT_ROOT_READONLY)
			expect_error(outcome->code, &outcome->err, -EPERM, CT_STEP_ROOT, "image",
				"cap_sys_admin");
		else
			ck_assert_msg(outcome->how.code == 3, "%s", outcome->err.sentence);
		ct_spec_free(spec);
	}
}
END_TEST

static int prepare(void *data, ct_container *made, ct_error *why)
{
	(void)data, (void)made, (void)why;
	return 0;
}

START_TEST(image_has_no_path_of_the_host_to_be_prepared_at)
{
	ct_spec *spec = IN_IMAGE(CT_ROOT_EPHEMERAL, "/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_prepare(spec, prepare, NULL));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "prepare", "an image");
	ct_spec_free(spec);
}
END_TEST

/* -------------------------------------------------------------- other kernels */

/* As before Linux 6.15: a detached mount can be cloned neither by a start nor when the image is opened. */
static void refuse_clones(void)
{
	fail_call_with(SYS_open_tree, 2, (int)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH),
		EINVAL);
	box_accept_changes();
}

START_TEST(image_runs_where_the_kernel_clones_no_detached_mount)
{
	struct outcome *outcome;
	ct_spec *spec;

	refuse_clones();
	spec = IN_IMAGE(CT_ROOT_EPHEMERAL, "/bin/sh", "-c", "touch /new && grep nosuid /proc/mounts");
	ck_assert_int_eq(loops(), 1);
	for (int i = 0; i < 3; i++) {
		outcome = run(spec);
		ck_assert_int_eq(outcome->how.code, 0);
		ck_assert_int_eq(loops(), 1);
	}
	ct_spec_free(spec);
	expect_no_loop();
}
END_TEST

/* Nor is there mount_setattr(2) before Linux 5.12. */
START_TEST(image_runs_where_the_kernel_changes_no_mount_by_its_descriptor)
{
	fail_call(SYS_mount_setattr, ENOSYS);
	refuse_clones();
	for (ct_root_mode mode = CT_ROOT_WRITABLE; mode <= CT_ROOT_EPHEMERAL; mode++)
		ck_assert_str_eq(output_of(IN_IMAGE(mode, "/bin/sh", "-c", "grep -c ' / .*nodev' /proc/mounts")),
			"1\n");
	expect_no_loop();
}
END_TEST

/* ------------------------------------------------------------------- refusals */

static void refused(const char *path, int code, const char *words)
{
	ct_rootfs *rootfs = NULL;

	expect_error(ct_rootfs_open_image(path, 0, &rootfs, &err), &err, code, CT_STEP_ROOTFS,
		strrchr(path, '/') + 1, words);
	ck_assert_ptr_null(rootfs);
	ck_assert_int_ne(err.cure[0], '\0');
	ck_assert_int_eq(loops(), 0);
}

START_TEST(what_is_no_file_is_refused)
{
	ck_assert_int_eq(mkfifo(in_dir("fifo"), 0644), 0);
	refused(in_dir("missing"), -ENOENT, NULL);
	refused(in_dir("fifo"), -EINVAL, "it is no regular file");
	refused("/dev/null", -EINVAL, "it is no regular file");
	refused(box.root, -EISDIR, NULL);
}
END_TEST

START_TEST(file_of_another_format_is_refused_by_its_name)
{
	static const struct {
		off_t at;
		const char *magic, *words;
	} others[] = {{0, "", "it is of an unknown format"}, {0, "hsq", "unknown format"},
		{1080, "\x53\xef", "it is ext2, ext3 or ext4"}, {0, "XFSB", "it is xfs"},
		{0, "\x1f\x8b", "it is compressed by gzip"}, {257, "ustar", "it is a tar archive"},
		{0, "sqsh", "it is squashfs of the other byte order"}};
	int fd = open(in_dir("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq(ftruncate(fd, i % 2 ? 1100 : 1 << 20), 0);
		ck_assert_int_eq(pwrite(fd, others[i].magic, strlen(others[i].magic), others[i].at),
			(ssize_t)strlen(others[i].magic));
		refused(in_dir("file"), -EINVAL, others[i].words);
	}
	close(fd);
}
END_TEST

START_TEST(image_that_is_cut_off_is_refused)
{
	const char *path = make_image(_i, "image");
	struct stat about;

	ck_assert_int_eq(stat(path, &about), 0);
	ck_assert_int_eq(truncate(path, 4096), 0);
	refused(path, -EBADMSG, "it is cut off: there are 4096 of ");
	ck_assert_int_eq(truncate(path, 1100), 0);
	refused(path, -EBADMSG, "it is cut off");
}
END_TEST

START_TEST(squashfs_without_padding_is_refused)
{
	struct stat about;
	uint64_t used;
	int fd;

	if (strcmp(image_formats[_i].type, "squashfs") != 0)
		return;
	fd = open(make_image(_i, "image"), O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(pread(fd, &used, sizeof(used), 40), sizeof(used));
	used = (used & ~(uint64_t)511) + 100; /* whatever the tool has come to */
	ck_assert_int_eq(pwrite(fd, &used, sizeof(used), 40), sizeof(used));
	ck_assert_int_eq(ftruncate(fd, (off_t)used), 0);
	ck_assert_int_eq(fstat(fd, &about), 0);
	close(fd);
	refused(in_dir("image"), -EBADMSG, "it is not padded to whole sectors");
}
END_TEST

START_TEST(image_that_the_kernel_does_not_take_is_refused)
{
	int fd = open(make_image(_i, "image"), O_RDWR | O_CLOEXEC);
	ct_rootfs *rootfs = NULL;

	ck_assert_int_eq(pwrite(fd, "\x63", 1, image_formats[_i].wrong_at), 1);
	ck_assert_int_lt(ct_rootfs_open_image_fd(fd, 0, &rootfs, &err), 0);
	close(fd);
	ck_assert_int_eq(err.step, CT_STEP_ROOTFS);
	ck_assert_str_eq(err.call, "fsconfig");
	ck_assert_int_ne(err.cure[0], '\0');
	expect_no_loop();
}
END_TEST

START_TEST(arguments_that_cannot_work_are_refused)
{
	const char *path = make_image(_i, "image");
	ct_rootfs *rootfs = NULL;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	expect_error(ct_rootfs_open_image(NULL, 0, &rootfs, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "path",
		NULL);
	expect_error(ct_rootfs_open_image("", 0, &rootfs, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "path", NULL);
	expect_error(ct_rootfs_open_image(path, 0, NULL, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "ret_rootfs",
		NULL);
	expect_error(ct_rootfs_open_image(path, 1u << 9, &rootfs, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
		"flags", "no such flag");
	expect_error(ct_rootfs_open_image_fd(-1, 0, &rootfs, &err), &err, -EBADF, CT_STEP_ARGUMENT, NULL,
		NULL);
	expect_error(ct_rootfs_open_image_fd(fd, 0, &rootfs, &err), &err, -EBADF, CT_STEP_ROOTFS, "image",
		NULL);
	close(fd);
	expect_error(ct_rootfs_open_image_fd(fd, 0, &rootfs, &err), &err, -EBADF, CT_STEP_ROOTFS, NULL, NULL);
	ck_assert_ptr_null(rootfs);
}
END_TEST

/* Exits with 0 if the image is refused for want of rights, and the way without them is told. */
static void refused_for_rights(const char *path, const char *call)
{
	ct_rootfs *rootfs = NULL;
	int code = ct_rootfs_open_image(path, 0, &rootfs, &err);

	if (code != -EPERM || err.step != CT_STEP_ROOTFS || strcmp(err.call, call) != 0 ||
		!strstr(err.cure, "squashfuse")) {
		printf("%d: %s (%s)\n", code, err.sentence, err.cure);
		_exit(1);
	}
	_exit(0);
}

START_TEST(image_is_refused_to_who_has_no_right_to_mount_it)
{
	const char *path = make_image(_i, "image");
	pid_t child = fork();

	if (child == 0) {
		if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
			_exit(2);
		refused_for_rights(path, "fsopen");
	}
	expect_child(child);
}
END_TEST

/* He has rights over his mounts, but none to this. */
START_TEST(image_is_refused_to_root_of_a_user_namespace)
{
	const char *path = make_image(_i, "image");
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			_exit(2);
		refused_for_rights(path, "fsconfig");
	}
	expect_child(child);
}
END_TEST

START_TEST(lack_of_loop_devices_is_told)
{
	const char *path = make_image(_i, "image");

	refuse_clones(); /* so that any format wants a device */
	fail_call_with(SYS_ioctl, 1, LOOP_CONFIGURE, EBUSY);
	box_accept_changes();
	expect_error(ct_rootfs_open_image(path, 0, &(ct_rootfs *){NULL}, &err), &err, -EBUSY, CT_STEP_ROOTFS,
		"/dev/loop", NULL);
	fail_call_with(SYS_ioctl, 1, LOOP_CTL_GET_FREE, ENOSPC);
	box_accept_changes();
	expect_error(ct_rootfs_open_image(path, 0, &(ct_rootfs *){NULL}, &err), &err, -ENOSPC, CT_STEP_ROOTFS,
		"/dev/loop-control", NULL);
	ck_assert_int_eq(mount("tmpfs", "/dev", "tmpfs", 0, NULL), 0);
	expect_error(ct_rootfs_open_image(path, 0, &(ct_rootfs *){NULL}, &err), &err, -ENOENT, CT_STEP_ROOTFS,
		"/dev/loop-control", NULL);
	ck_assert_int_eq(umount("/dev"), 0);
	ck_assert_ptr_nonnull(strstr(err.cure, "modprobe loop"));
	expect_no_loop();
}
END_TEST

#ifdef __SANITIZE_THREAD__
#define HAS_THREAD_OF_ITS_OWN true /* and so may not make a user namespace for itself */
#else
#define HAS_THREAD_OF_ITS_OWN false
#endif

int main(void)
{
	TCase *tc;
	Suite *suite;
	int format_count;

	need_root();
	need_first_root("images are mounted");
	format_count = need_image_formats();
	suite = suite_of("image", &tc);
#define EACH(sentence) tcase_add_loop_test(tc, sentence, 0, format_count)
	EACH(programs_run_from_an_image_that_nothing_can_write_to);
	EACH(ephemeral_root_on_an_image_takes_changes_and_forgets_them);
	EACH(twenty_containers_share_one_image);
	EACH(later_starts_of_a_spec_run_from_the_image_as_the_first);
	EACH(pool_keeps_the_image_of_a_spec_that_is_gone);
	EACH(image_is_in_no_mount_table_of_the_host_and_goes_with_its_handle);
	EACH(image_lives_as_long_as_a_container_of_it);
	EACH(killed_host_leaves_no_image);
	EACH(image_is_the_file_that_was_opened_even_if_replaced_since);
	EACH(threads_open_one_image_at_once);
	EACH(image_honours_no_setuid_bit_unless_allowed);
	EACH(image_honours_no_device_node);
	EACH(image_belongs_to_root_of_a_user_namespace_or_says_why_not);
	EACH(image_is_refused_to_who_could_loosen_its_mount);
	EACH(image_has_no_path_of_the_host_to_be_prepared_at);
	EACH(image_runs_where_the_kernel_clones_no_detached_mount);
	EACH(image_runs_where_the_kernel_changes_no_mount_by_its_descriptor);
	tcase_add_test(tc, what_is_no_file_is_refused);
	tcase_add_test(tc, file_of_another_format_is_refused_by_its_name);
	EACH(image_that_is_cut_off_is_refused);
	EACH(squashfs_without_padding_is_refused);
	EACH(image_that_the_kernel_does_not_take_is_refused);
	EACH(arguments_that_cannot_work_are_refused);
	EACH(image_is_refused_to_who_has_no_right_to_mount_it);
	if (HAS_THREAD_OF_ITS_OWN)
		printf("  skipped  image_is_refused_to_root_of_a_user_namespace: the sanitizer has a thread\n");
	else
		EACH(image_is_refused_to_root_of_a_user_namespace);
	EACH(lack_of_loop_devices_is_told);
	return suite_run(suite);
}
