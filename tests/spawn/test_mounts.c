/* SPDX-License-Identifier: MIT */
/* The mounts of a spec and the ways to use a root, and what a hostile root cannot do to them. */
#include "support/box.h"
#include "support/needs.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* A directory of the host to be mounted: a file, a setuid probe, a device node, a subdirectory. */
static const char *make_source(void)
{
	const char *source = in_dir("source");

	ck_assert_int_eq(mkdir(source, 0755), 0);
	ck_assert_int_eq(chmod(source, 0755), 0);
	write_file(in_dir("source/file"), "content\n", 0644);
	ck_assert_int_eq(mkdir(in_dir("source/sub"), 0755), 0);
	copy_probe(in_dir("source/setuid"), 04755);
	if (in_first_user_ns()) {
		ck_assert_int_eq(mknod(in_dir("source/null"), S_IFCHR | 0666, makedev(1, 3)), 0);
		ck_assert_int_eq(chmod(in_dir("source/null"), 0666), 0);
	}
	return in_dir("source");
}

static ct_spec *script(const char *text)
{
	return SPEC("/bin/sh", "-c", text);
}

/* Runs body in a child with a mnt namespace of its own, where nothing reaches this machine. */
static void in_own_mnt(void (*body)(void))
{
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(2);
		body();
		_exit(0);
	}
	expect_child(child);
}

/* ---------------------------------------------------------------------- binds */

START_TEST(bind_shows_the_source_and_takes_changes)
{
	ct_spec *spec = script("cat /data/file && echo new >/data/made && ls /data/sub");

	set(ct_spec_add_bind(spec, make_source(), "/data", 0));
	ck_assert_str_eq(output_of(spec), "content\n");
	ck_assert_str_eq(read_file(in_dir("source/made")), "new\n");
	/* The mount point stays, empty. */
	ck_assert_int_eq(rmdir(in_root("data")), 0);
}
END_TEST

START_TEST(bind_of_a_file_makes_a_file)
{
	ct_spec *spec = script("cat /etc/deep/er/name");

	make_source();
	set(ct_spec_add_bind(spec, in_dir("source/file"), "/etc/deep/er/name", 0));
	ck_assert_str_eq(output_of(spec), "content\n");
	ck_assert_str_eq(read_file(in_root("etc/deep/er/name")), "");
}
END_TEST

static void bind_from_proc_and_sys_without_mknod(void)
{
	ct_spec *spec = script("test -c /dev/null && test -f /version && ls -d /kernel");

	ck_assert_int_eq(prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0), 0);
	drop_host_cap(CAP_MKNOD);
	set(ct_spec_add_bind(spec, "/proc/version", "/version", 0));
	set(ct_spec_add_bind(spec, "/sys/kernel", "/kernel", 0));
	ck_assert_str_eq(output_of(spec), "/kernel\n");
}

/* Nor do mounts that wait for their place hide the host's devices, which are bound then. */
START_TEST(binds_from_proc_and_sys_leave_devices_where_nodes_cannot_be_made)
{
	in_own_mnt(bind_from_proc_and_sys_without_mknod);
}
END_TEST

START_TEST(readonly_bind_refuses_writes)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "create=/data/x", "write=/data/file",
		"read=/data/file", "remount=/data");
	const char *out;

	set(ct_spec_add_bind(spec, make_source(), "/data", CT_MOUNT_READONLY));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "create=/data/x"), "EROFS");
	ck_assert_str_eq(tried(out, "write=/data/file"), "EROFS");
	ck_assert_str_eq(tried(out, "read=/data/file"), "8");
	ck_assert_str_eq(tried(out, "remount=/data"), "EPERM");
}
END_TEST

/* The source has a mount below it. */
static void mount_below_source(void)
{
	make_source();
	ck_assert_int_eq(mount("none", in_dir("source/sub"), "tmpfs", 0, NULL), 0);
	write_file(in_dir("source/sub/below"), "below\n", 0644);
}

static void readonly_submount(void)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "create=/data/sub/x", "write=/data/sub/below",
		"read=/data/sub/below");
	const char *out;

	mount_below_source();
	set(ct_spec_add_bind(spec, in_dir("source"), "/data", CT_MOUNT_READONLY));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "read=/data/sub/below"), "6");
	ck_assert_str_eq(tried(out, "create=/data/sub/x"), "EROFS");
	ck_assert_str_eq(tried(out, "write=/data/sub/below"), "EROFS");
}

START_TEST(readonly_bind_holds_for_submounts_too)
{
	in_own_mnt(readonly_submount);
}
END_TEST

static void writable_submount(void)
{
	ct_spec *with = SPEC("/bin/probe", "try", "create=/data/sub/x", "read=/data/sub/below");
	ct_spec *without = SPEC("/bin/probe", "try", "read=/data/sub/below", "list=/data/sub");
	const char *out;

	mount_below_source();
	set(ct_spec_add_bind(with, in_dir("source"), "/data", 0));
	out = output_of(with);
	ck_assert_str_eq(tried(out, "create=/data/sub/x"), "0");
	ck_assert_str_eq(tried(out, "read=/data/sub/below"), "6");
	set(ct_spec_add_bind(without, in_dir("source"), "/data", CT_MOUNT_NO_SUBMOUNTS));
	out = output_of(without);
	ck_assert_str_eq(tried(out, "read=/data/sub/below"), "ENOENT");
	ck_assert_str_eq(tried(out, "list=/data/sub"), "0");
}

START_TEST(submounts_come_along_unless_left_out)
{
	in_own_mnt(writable_submount);
}
END_TEST

START_TEST(bind_honours_no_device_node_unless_allowed)
{
	ct_spec *strict = SPEC("/bin/probe", "try", "read=/data/null");
	ct_spec *loose = SPEC("/bin/probe", "try", "read=/data/null");

	make_source();
	set(ct_spec_add_bind(strict, in_dir("source"), "/data", 0));
	ck_assert_str_eq(tried(output_of(strict), "read=/data/null"), "EACCES");
	set(ct_spec_add_bind(loose, in_dir("source"), "/data", CT_MOUNT_DEV));
	ck_assert_str_eq(tried(output_of(loose), "read=/data/null"), "0");
}
END_TEST

/* The effective uid that the setuid probe in the bind gets when user 1000 runs it. */
static const char *uid_through_setuid(uint32_t flags)
{
	ct_spec *spec = SPEC("/data/setuid", "facts");

	set(ct_spec_add_bind(spec, in_dir("source"), "/data", flags));
	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_set_no_new_privs(spec, 0));
	return fact(output_of(spec), "uid");
}

START_TEST(bind_honours_no_setuid_bit_unless_allowed)
{
	make_source();
	ck_assert_str_eq(uid_through_setuid(0), "1000 1000 1000");
	ck_assert_str_eq(uid_through_setuid(CT_MOUNT_SUID), "1000 0 0");
}
END_TEST

START_TEST(noexec_bind_executes_nothing)
{
	ct_spec *strict = SPEC("/bin/probe", "try", "exec=/data/setuid", "read=/data/file");
	ct_spec *loose = SPEC("/bin/probe", "try", "exec=/data/setuid");

	make_source();
	set(ct_spec_add_bind(strict, in_dir("source"), "/data", CT_MOUNT_NOEXEC));
	ck_assert_str_eq(tried(output_of(strict), "exec=/data/setuid"), "EACCES");
	set(ct_spec_add_bind(loose, in_dir("source"), "/data", 0));
	ck_assert_str_eq(tried(output_of(loose), "exec=/data/setuid"), "0");
}
END_TEST

START_TEST(bind_by_descriptor_needs_the_descriptor_no_longer)
{
	ct_spec *spec = script("cat /data/file /name");
	int dir, file;

	dir = open(make_source(), O_PATH | O_DIRECTORY | O_CLOEXEC);
	file = open(in_dir("source/file"), O_RDONLY | O_CLOEXEC);
	set(ct_spec_add_bind_fd(spec, dir, "/data", CT_MOUNT_READONLY));
	set(ct_spec_add_bind_fd(spec, file, "/name", 0));
	close(dir);
	close(file);
	ck_assert_str_eq(output_of(spec), "content\ncontent\n");
}
END_TEST

START_TEST(source_is_the_one_that_was_opened_even_if_renamed_since)
{
	ct_spec *spec = script("cat /data/file");

	set(ct_spec_add_bind(spec, make_source(), "/data", 0));
	ck_assert_int_eq(rename(in_dir("source"), in_dir("moved")), 0);
	ck_assert_int_eq(mkdir(in_dir("source"), 0755), 0);
	write_file(in_dir("source/file"), "another\n", 0644);
	ck_assert_str_eq(output_of(spec), "content\n");
}
END_TEST

START_TEST(vanished_source_is_an_error_that_names_it)
{
	ct_spec *spec = script("true");
	struct outcome *outcome;

	ck_assert_int_eq(mkdir(in_dir("gone"), 0755), 0);
	set(ct_spec_add_bind(spec, in_dir("gone"), "/data", 0));
	ck_assert_int_eq(rmdir(in_dir("gone")), 0);
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ESTALE, CT_STEP_MOUNT, "gone",
		"not where it was");
	ct_spec_free(spec);
}
END_TEST

START_TEST(optional_bind_without_source_is_left_out)
{
	ct_spec *spec = script("test -e /data/file || echo none");

	set(ct_spec_add_bind(spec, in_dir("never"), "/data", CT_MOUNT_OPTIONAL));
	ck_assert_str_eq(output_of(spec), "none\n");
}
END_TEST

START_TEST(mounts_are_made_in_the_order_they_were_added)
{
	ct_spec *spec = script("cat /data/file; ls /data/sub; cat /data/sub/in");

	set(ct_spec_add_bind(spec, make_source(), "/data", 0));
	set(ct_spec_add_tmpfs(spec, "/data/sub", 0, 0755, 0));
	set(ct_spec_add_file(spec, "in\n", 3, "/data/sub/in", 0644));
	ck_assert_str_eq(output_of(spec), "content\nin\nin\n");
	/* What was mounted inside the bind did not come out. */
	ck_assert_int_ne(access(in_dir("source/sub/in"), F_OK), 0);
}
END_TEST

/* --------------------------------------------------------------------- others */

START_TEST(tmpfs_has_its_size_and_mode_and_is_nosuid_nodev)
{
	ct_spec *spec = script("stat -c %a /scratch; df -k /scratch | grep -o ' 1024 ' | head -n 1;"
			       "grep ' /scratch ' /proc/self/mountinfo");
	const char *out;

	set(ct_spec_add_tmpfs(spec, "/scratch", 1 << 20, 01770, CT_MOUNT_NOEXEC));
	out = output_of(spec);
	ck_assert_ptr_eq(strstr(out, "1770\n"), out);
	ck_assert_ptr_nonnull(strstr(out, " 1024 \n"));
	ck_assert_ptr_nonnull(strstr(out, "nosuid,nodev,noexec"));
}
END_TEST

START_TEST(tmpfs_ends_at_its_size)
{
	ct_spec *spec = script("dd if=/dev/zero of=/scratch/x bs=4096 count=512 2>/dev/null;"
			       "stat -c %s /scratch/x");

	set(ct_spec_add_tmpfs(spec, "/scratch", 1 << 20, 0755, 0));
	ck_assert_str_eq(output_of(spec), "1048576\n");
}
END_TEST

START_TEST(overlay_shows_all_layers_and_writes_to_upper)
{
	ct_spec *spec = script("cat /layers/both /layers/low /layers/up; echo x >/layers/new;"
			       "rm /layers/low");

	ck_assert_int_eq(mkdir(in_dir("low"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("lowest"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("up"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("work"), 0755), 0);
	write_file(in_dir("lowest/both"), "lowest\n", 0644);
	write_file(in_dir("low/both"), "low\n", 0644);
	write_file(in_dir("lowest/low"), "only lowest\n", 0644);
	write_file(in_dir("up/up"), "up\n", 0644);
	set(ct_spec_add_overlay(spec, (const char *const[]){in_dir("low"), in_dir("lowest"), NULL},
		in_dir("up"), in_dir("work"), "/layers", 0));
	ck_assert_str_eq(output_of(spec), "low\nonly lowest\nup\n");
	ck_assert_str_eq(read_file(in_dir("up/new")), "x\n");
	ck_assert_str_eq(read_file(in_dir("lowest/low")), "only lowest\n");
}
END_TEST

START_TEST(overlay_without_upper_is_read_only)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "read=/layers/a", "read=/layers/b",
		"create=/layers/x");
	const char *out;

	ck_assert_int_eq(mkdir(in_dir("a"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("b"), 0755), 0);
	write_file(in_dir("a/a"), "a", 0644);
	write_file(in_dir("b/b"), "b", 0644);
	set(ct_spec_add_overlay(spec, (const char *const[]){in_dir("a"), in_dir("b"), NULL}, NULL,
		NULL, "/layers", 0));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "read=/layers/a"), "1");
	ck_assert_str_eq(tried(out, "read=/layers/b"), "1");
	ck_assert_str_eq(tried(out, "create=/layers/x"), "EROFS");
}
END_TEST

/* Names that mean something in overlayfs' own option string. */
START_TEST(overlay_takes_layers_with_colons_commas_and_backslashes)
{
	ct_spec *spec = script("cat /layers/a /layers/b");

	ck_assert_int_eq(mkdir(in_dir("a:b,c\\d"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("plain"), 0755), 0);
	write_file(in_dir("a:b,c\\d/a"), "a\n", 0644);
	write_file(in_dir("plain/b"), "b\n", 0644);
	set(ct_spec_add_overlay(spec, (const char *const[]){in_dir("a:b,c\\d"), in_dir("plain"), NULL},
		NULL, NULL, "/layers", 0));
	ck_assert_str_eq(output_of(spec), "a\nb\n");
}
END_TEST

START_TEST(file_from_memory_covers_and_does_not_change_the_rootfs)
{
	ct_spec *spec = script("cat /etc/inside; stat -c '%a %u %g' /etc/inside; echo more >>/etc/inside;"
			       "cat /new/file");
	char data[] = "given\n";

	set(ct_spec_add_file(spec, data, 6, "/etc/inside", 0640));
	set(ct_spec_add_file(spec, "", 0, "/new/file", 0644));
	memset(data, 'x', sizeof(data) - 1);
	ck_assert_str_eq(output_of(spec), "given\n640 0 0\n");
	ck_assert_str_eq(read_file(in_root("etc/inside")), "this is the container's\n");
}
END_TEST

START_TEST(file_with_bytes_of_every_kind_arrives_whole)
{
	static unsigned char data[1 << 20];
	ct_spec *spec = script("cat /blob");
	struct outcome *outcome;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	set(ct_spec_add_file(spec, data, sizeof(data) - 1, "/blob", 0644));
	outcome = run(spec);
	ck_assert_int_eq(outcome->how.code, 0);
	ck_assert_int_eq(memcmp(outcome->out, data, sizeof(data) - 1), 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(file_from_descriptor_is_read_from_its_position_and_left_open)
{
	ct_spec *spec = script("cat /etc/given");
	int fd;

	write_file(in_dir("text"), "skipped.kept\n", 0644);
	fd = open(in_dir("text"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(lseek(fd, 8, SEEK_SET), 8);
	set(ct_spec_add_file_fd(spec, fd, "/etc/given", 0644));
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 13);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_str_eq(output_of(spec), "kept\n");
}
END_TEST

START_TEST(large_file_from_descriptor_arrives_whole)
{
	ct_spec *spec = script("wc -c </blob; tail -c 5 /blob");
	static char data[300000];
	int fd;

	ck_assert_int_eq(symlink("busybox", in_root("bin/tail")), 0);
	memset(data, 'x', sizeof(data) - 6);
	strcpy(data + sizeof(data) - 6, "last\n");
	write_file(in_dir("large"), data, 0644);
	fd = open(in_dir("large"), O_RDONLY | O_CLOEXEC);
	set(ct_spec_add_file_fd(spec, fd, "/blob", 0644));
	close(fd);
	ck_assert_str_eq(output_of(spec), "299999\nlast\n");
}
END_TEST

START_TEST(file_of_one_container_is_not_changed_by_another)
{
	ct_spec *spec = script("cat /etc/given; echo spoiled >/etc/given");
	struct outcome *outcome;

	set(ct_spec_add_file(spec, "fresh\n", 6, "/etc/given", 0644));
	for (int i = 0; i < 3; i++) {
		outcome = run(spec);
		ck_assert_int_eq(outcome->how.code, 0);
		ck_assert_str_eq(outcome->out, "fresh\n");
	}
	ct_spec_free(spec);
}
END_TEST

START_TEST(added_masks_hide_and_added_readonly_paths_hold)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "read=/etc/passwd", "list=/home", "create=/home/x",
		"create=/var/x", "read=/var/there", "write=/etc/group", "create=/etc/x");
	const char *out;

	ck_assert_int_eq(mkdir(in_root("home/somebody"), 0755), 0);
	write_file(in_root("var/there"), "there", 0644);
	set(ct_spec_add_masked_path(spec, "/etc/passwd"));
	set(ct_spec_add_masked_path(spec, "/home"));
	set(ct_spec_add_masked_path(spec, "/not/there"));
	set(ct_spec_add_readonly_path(spec, "/var"));
	set(ct_spec_add_readonly_path(spec, "/etc/group"));
	set(ct_spec_add_readonly_path(spec, "/not/there/either"));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "read=/etc/passwd"), "0");
	ck_assert_str_eq(tried(out, "list=/home"), "0");
	ck_assert_str_eq(tried(out, "create=/home/x"), "EROFS");
	ck_assert_str_eq(tried(out, "create=/var/x"), "EROFS");
	ck_assert_str_eq(tried(out, "read=/var/there"), "5");
	ck_assert_str_eq(tried(out, "write=/etc/group"), "EROFS");
	ck_assert_str_eq(tried(out, "create=/etc/x"), "0");
}
END_TEST

/* ------------------------------------------------------------------ root modes */

START_TEST(writable_root_keeps_changes)
{
	ck_assert_str_eq(sh("echo kept >/etc/new"), "");
	ck_assert_str_eq(read_file(in_root("etc/new")), "kept\n");
}
END_TEST

START_TEST(readonly_root_refuses_every_change)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "create=/x", "create=/tmp/x", "write=/etc/inside",
		"mkdir=/etc/y", "unlink=/etc/inside", "read=/etc/inside", "create=/dev/shm/x",
		"remount=/");
	uint64_t before = digest_of(box.root);
	const char *out;

	set(ct_spec_set_root_mode(spec, CT_ROOT_READONLY));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "create=/x"), "EROFS");
	ck_assert_str_eq(tried(out, "create=/tmp/x"), "EROFS");
	ck_assert_str_eq(tried(out, "write=/etc/inside"), "EROFS");
	ck_assert_str_eq(tried(out, "mkdir=/etc/y"), "EROFS");
	ck_assert_str_eq(tried(out, "unlink=/etc/inside"), "EROFS");
	ck_assert_str_eq(tried(out, "remount=/"), "EPERM");
	ck_assert_int_gt(atoi(tried(out, "read=/etc/inside")), 0);
	ck_assert_str_eq(tried(out, "create=/dev/shm/x"), "0");
	ck_assert_uint_eq(digest_of(box.root), before);
}
END_TEST

START_TEST(ephemeral_root_takes_changes_and_forgets_them)
{
	ct_spec *spec = script("test -e /etc/new && echo OLD; echo x >/etc/new && cat /etc/new;"
			       "echo changed >/etc/inside; rm /etc/passwd; mkdir -p /a/b; cat /etc/inside");
	uint64_t before = digest_of(box.root);

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	for (int i = 0; i < 2; i++) {
		struct outcome *outcome = run(spec);

		ck_assert_int_eq(outcome->how.code, 0);
		ck_assert_str_eq(outcome->out, "x\nchanged\n");
	}
	ct_spec_free(spec);
	ck_assert_uint_eq(digest_of(box.root), before);
}
END_TEST

/* The rootfs on a mount of its own with these MS_* flags, until unmount_root(). */
static ct_spec *on_mount(unsigned long flags, ct_root_mode mode)
{
	ct_spec *spec = SPEC("/bin/setuid", "facts");
	ct_rootfs *rootfs = NULL;

	ck_assert_int_eq(mount(box.root, box.root, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(NULL, box.root, NULL, MS_REMOUNT | MS_BIND | flags, NULL), 0);
	ck_assert_int_eq(ct_rootfs_open(box.root, &rootfs, NULL), 0);
	set(ct_spec_set_rootfs(spec, rootfs));
	ct_rootfs_free(rootfs);
	set(ct_spec_set_root_mode(spec, mode));
	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_set_no_new_privs(spec, 0));
	return spec;
}

static void unmount_root(ct_spec *spec)
{
	ct_spec_free(spec);
	ck_assert_int_eq(umount(box.root), 0);
}

/* An overlay is a mount of its own, which by itself forbids nothing because its layers do. */
START_TEST(root_of_every_mode_forbids_what_the_mount_of_the_rootfs_does)
{
	ct_spec *spec;

	copy_probe(in_root("bin/setuid"), 04755);
	for (ct_root_mode mode = CT_ROOT_WRITABLE; mode <= CT_ROOT_EPHEMERAL; mode++) {
		struct outcome *outcome;

		spec = on_mount(0, mode);
		ck_assert_str_eq(fact(run(spec)->out, "uid"), "1000 0 0");
		unmount_root(spec);
		spec = on_mount(MS_NOSUID, mode);
		for (int start = 0; start < 2; start++)
			ck_assert_str_eq(fact(run(spec)->out, "uid"), "1000 1000 1000");
		unmount_root(spec);
		spec = on_mount(MS_NOEXEC, mode);
		outcome = attempt(spec);
		expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_EXEC, "/bin/setuid", NULL);
		unmount_root(spec);
	}
}
END_TEST

/* What is forbidden between two starts is so in the second. */
START_TEST(ephemeral_root_forbids_what_its_mount_does_by_then)
{
	ct_spec *spec = on_mount(0, CT_ROOT_EPHEMERAL);

	copy_probe(in_root("bin/setuid"), 04755);
	ck_assert_str_eq(fact(run(spec)->out, "uid"), "1000 0 0");
	ck_assert_int_eq(mount(NULL, box.root, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL), 0);
	ck_assert_str_eq(fact(run(spec)->out, "uid"), "1000 1000 1000");
	unmount_root(spec);
}
END_TEST

START_TEST(ephemeral_root_needs_no_mount_point_in_the_rootfs)
{
	ct_spec *spec = script("cat /new/data/file /new/name");
	uint64_t before;

	make_source();
	before = digest_of(box.root);
	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	set(ct_spec_add_bind(spec, in_dir("source"), "/new/data", CT_MOUNT_READONLY));
	set(ct_spec_add_file(spec, "given\n", 6, "/new/name", 0644));
	ck_assert_str_eq(output_of(spec), "content\ngiven\n");
	ck_assert_uint_eq(digest_of(box.root), before);
}
END_TEST

START_TEST(two_ephemeral_containers_do_not_see_each_others_changes)
{
	ct_spec *spec = script("echo mine >/tmp/mine.$$; echo secret >/etc/secret; echo ready; read x;"
			       "true");
	ct_spec *other = script("ls /etc/secret 2>/dev/null; ls /tmp");
	ct_container *container;

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	set(ct_spec_set_root_mode(other, CT_ROOT_EPHEMERAL));
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = start_ready(spec);
	ck_assert_str_eq(output_of(other), "");
	/* Nor from the same spec. */
	{
		ct_container *second = start_ready(spec);

		ct_container_free(second);
	}
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(ephemeral_size_bounds_the_changes)
{
	ct_spec *spec = script("dd if=/dev/zero of=/tmp/x bs=4096 count=2048 2>&1 | grep -c 'No space'");

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	set(ct_spec_set_ephemeral_size(spec, 1 << 20));
	ck_assert_str_eq(output_of(spec), "1\n");
}
END_TEST

/* ------------------------------------------------------------------ hostile roots */

/* A tree of the host that a link could lead to; made with names the library uses itself. */
static uint64_t make_victim(void)
{
	static const char *const dirs[] = {"victim", "victim/pts", "victim/shm", "victim/mqueue",
		"victim/self", "victim/sys", "victim/inner"};
	static const char *const files[] = {"victim/null", "victim/zero", "victim/ptmx",
		"victim/console", "victim/full"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		ck_assert_int_eq(mkdir(in_dir(dirs[i]), 0755), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(in_dir(files[i]), "the host's\n", 0644);
	return digest_of(in_dir("victim"));
}

/*
 * Whatever becomes of the container, the victim is untouched; and if it ran, it
 * did not see the victim's content.
 */
static void expect_victim_safe(ct_spec *spec, uint64_t before, const char *what)
{
	struct outcome *outcome = attempt(spec);

	ck_assert_msg(digest_of(in_dir("victim")) == before, "%s: the host's tree has changed", what);
	if (outcome->code == 0)
		ck_assert_msg(strstr(outcome->out, "the host's") == NULL, "%s: the container saw: %s",
			what, outcome->out);
	else
		ck_assert_msg(outcome->err.object[0] != '\0', "%s: the error names nothing", what);
	ct_spec_free(spec);
}

static const char *const link_shapes[] = {
	"%s",			    /* absolute, as the host sees it */
	"../../../../../../../..%s", /* climbing */
	"/mnt/hop",		    /* through another link */
};

/* Replaces root/name by a link of the shape that leads to the victim. */
static void plant_link(const char *name, int shape)
{
	char target[PATH_MAX];

	remove(in_root(name));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(target, sizeof(target), link_shapes[shape], in_dir("victim"));
#pragma GCC diagnostic pop
	ck_assert_int_eq(symlink(target, in_root(name)), 0);
	if (shape == 2)
		ck_assert_int_eq(symlink(in_dir("victim"), in_root("mnt/hop")), 0);
}

START_TEST(symlink_at_a_target_never_leads_out)
{
	for (int kind = 0; kind < 5; kind++) {
		uint64_t before;
		ct_spec *spec = script("cat /link/null /link/inner/* /victim/* 2>/dev/null; true");

		if (kind == 0) {
			make_source();
			before = make_victim();
			plant_link("link", _i);
		} else {
			before = digest_of(in_dir("victim"));
		}
		if (kind == 0)
			set(ct_spec_add_bind(spec, in_dir("source"), "/link", 0));
		else if (kind == 1)
			set(ct_spec_add_bind(spec, in_dir("source"), "/link/inner", 0));
		else if (kind == 2)
			set(ct_spec_add_tmpfs(spec, "/link/inner/made", 0, 0755, 0));
		else if (kind == 3)
			set(ct_spec_add_file(spec, "x", 1, "/link/null", 0644));
		else
			set(ct_spec_add_file(spec, "x", 1, "/link/new/file", 0644));
		expect_victim_safe(spec, before, link_shapes[_i]);
	}
}
END_TEST

START_TEST(symlink_at_a_masked_or_readonly_path_never_leads_out)
{
	ct_spec *spec = script("cat /link/null 2>/dev/null; true");
	uint64_t before = make_victim();

	plant_link("link", _i);
	set(ct_spec_add_masked_path(spec, "/link/null"));
	set(ct_spec_add_masked_path(spec, "/link"));
	set(ct_spec_add_readonly_path(spec, "/link/inner"));
	expect_victim_safe(spec, before, link_shapes[_i]);
}
END_TEST

static const char *const standard[] = {"proc", "sys", "dev"};

START_TEST(rootfs_whose_proc_sys_or_dev_is_a_symlink_is_refused)
{
	const char *name = standard[_i / 3];
	uint64_t before = make_victim();
	ct_spec *spec = script("cat /proc/null /dev/console /sys/null 2>/dev/null; true");
	struct outcome *outcome;

	plant_link(name, _i % 3);
	outcome = attempt(spec);
	ck_assert_uint_eq(digest_of(in_dir("victim")), before);
	ck_assert_msg(outcome->code < 0, "/%s is a symlink and the container was started", name);
	ck_assert_msg(strstr(outcome->err.object, name) != NULL, "the error should name /%s: %s", name,
		outcome->err.sentence);
	ct_spec_free(spec);
}
END_TEST

START_TEST(rootfs_whose_proc_sys_or_dev_is_a_file_is_refused)
{
	const char *name = standard[_i];
	ct_spec *spec = script("true");
	struct outcome *outcome;

	ck_assert_int_eq(rmdir(in_root(name)), 0);
	write_file(in_root(name), "", 0644);
	outcome = attempt(spec);
	ck_assert_int_lt(outcome->code, 0);
	ck_assert_ptr_nonnull(strstr(outcome->err.object, name));
	ct_spec_free(spec);
}
END_TEST

/* The legitimate twin: an image without these directories gets them. */
/*
 * In a user namespace of its own with the host's network a container gets the host's /sys, and
 * what is mounted there with it: securityfs on most machines.
 */
START_TEST(mask_covers_what_is_mounted_in_the_hosts_own_sys)
{
	ct_spec *spec = SPEC("/bin/ls", "-A", "/sys/firmware");
	struct stat status;

	if (stat("/sys/firmware", &status) < 0) {
		printf("  skipped  %s: this kernel has no /sys/firmware\n", __func__);
		ct_spec_free(spec);
		return;
	}
	ck_assert_int_eq(mount("none", "/sys/firmware", "tmpfs", 0, NULL), 0);
	write_file("/sys/firmware/secret", "", 0444);
	set(ct_spec_add_uid_map(spec, 0, 0, 65536));
	set(ct_spec_add_gid_map(spec, 0, 0, 65536));
	set(ct_spec_set_ns_host(spec, CT_NS_NET));
	ck_assert_str_eq(output_of(spec), "");
	ck_assert_int_eq(umount("/sys/firmware"), 0);
}
END_TEST

START_TEST(rootfs_without_proc_sys_and_dev_works)
{
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(rmdir(in_root(standard[i])), 0);
	ck_assert_str_eq(sh("test -e /proc/self/exe && test -e /sys/class && test -c /dev/null && echo all"),
		"all\n");
}
END_TEST

/* The legitimate twin: links that stay inside are followed. */
START_TEST(mount_target_behind_an_inner_symlink_works)
{
	ct_spec *spec = script("cat /var/run/name /run/name");

	ck_assert_int_eq(mkdir(in_root("run"), 0755), 0);
	ck_assert_int_eq(symlink("/run", in_root("var/run")), 0);
	set(ct_spec_add_file(spec, "inside\n", 7, "/var/run/name", 0644));
	ck_assert_str_eq(output_of(spec), "inside\ninside\n");
}
END_TEST

START_TEST(usr_merged_rootfs_works)
{
	ck_assert_int_eq(mkdir(in_root("usr"), 0755), 0);
	ck_assert_int_eq(rename(in_root("bin"), in_root("usr/bin")), 0);
	ck_assert_int_eq(symlink("usr/bin", in_root("bin")), 0);
	ck_assert_int_eq(symlink("/usr/bin", in_root("sbin")), 0);
	ck_assert_str_eq(sh("/sbin/echo works"), "works\n");
}
END_TEST

START_TEST(dev_of_the_image_is_covered_whatever_it_holds)
{
	write_file(in_root("dev/null"), "a file of the image\n", 0666);
	ck_assert_int_eq(symlink("/etc/inside", in_root("dev/zero")), 0);
	ck_assert_int_eq(mkdir(in_root("dev/pts"), 0700), 0);
	ck_assert_str_eq(sh("cat /dev/null; head -c 1 /dev/zero | wc -c; test -c /dev/zero && echo node"),
		"1\nnode\n");
	ck_assert_str_eq(read_file(in_root("dev/null")), "a file of the image\n");
}
END_TEST

START_TEST(mount_target_of_the_wrong_type_is_refused)
{
	ct_spec *over_file = script("true"), *over_dir = script("true"), *under_file = script("true");
	struct outcome *outcome;

	make_source();
	set(ct_spec_add_bind(over_file, in_dir("source"), "/etc/inside", 0));
	outcome = attempt(over_file);
	/* The kernel's own answer to a directory over a file, by move_mount(2). */
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_MOUNT, "/etc/inside", NULL);
	ct_spec_free(over_file);

	set(ct_spec_add_bind(over_dir, in_dir("source/file"), "/etc", 0));
	outcome = attempt(over_dir);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_MOUNT, "/etc", NULL);
	ct_spec_free(over_dir);

	set(ct_spec_add_bind(under_file, in_dir("source"), "/etc/inside/below", 0));
	outcome = attempt(under_file);
	expect_error(outcome->code, &outcome->err, -ENOTDIR, CT_STEP_MOUNT, "/etc/inside/below", NULL);
	ct_spec_free(under_file);
	ck_assert_str_eq(read_file(in_root("etc/inside")), "this is the container's\n");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("mounts", &tc);
	int shapes = (int)(sizeof(link_shapes) / sizeof(link_shapes[0]));

	need_root();
	tcase_add_test(tc, bind_shows_the_source_and_takes_changes);
	tcase_add_test(tc, bind_of_a_file_makes_a_file);
	tcase_add_test(tc, binds_from_proc_and_sys_leave_devices_where_nodes_cannot_be_made);
	tcase_add_test(tc, readonly_bind_refuses_writes);
	tcase_add_test(tc, readonly_bind_holds_for_submounts_too);
	tcase_add_test(tc, submounts_come_along_unless_left_out);
	add_for_first_root(tc, bind_honours_no_device_node_unless_allowed, "device nodes");
	tcase_add_test(tc, bind_honours_no_setuid_bit_unless_allowed);
	tcase_add_test(tc, noexec_bind_executes_nothing);
	tcase_add_test(tc, bind_by_descriptor_needs_the_descriptor_no_longer);
	tcase_add_test(tc, source_is_the_one_that_was_opened_even_if_renamed_since);
	tcase_add_test(tc, vanished_source_is_an_error_that_names_it);
	tcase_add_test(tc, optional_bind_without_source_is_left_out);
	tcase_add_test(tc, mounts_are_made_in_the_order_they_were_added);
	tcase_add_test(tc, tmpfs_has_its_size_and_mode_and_is_nosuid_nodev);
	tcase_add_test(tc, tmpfs_ends_at_its_size);
	tcase_add_test(tc, overlay_shows_all_layers_and_writes_to_upper);
	tcase_add_test(tc, overlay_without_upper_is_read_only);
	tcase_add_test(tc, overlay_takes_layers_with_colons_commas_and_backslashes);
	tcase_add_test(tc, file_from_memory_covers_and_does_not_change_the_rootfs);
	tcase_add_test(tc, file_with_bytes_of_every_kind_arrives_whole);
	tcase_add_test(tc, file_from_descriptor_is_read_from_its_position_and_left_open);
	tcase_add_test(tc, large_file_from_descriptor_arrives_whole);
	tcase_add_test(tc, file_of_one_container_is_not_changed_by_another);
	tcase_add_test(tc, added_masks_hide_and_added_readonly_paths_hold);
	tcase_add_test(tc, writable_root_keeps_changes);
	tcase_add_test(tc, readonly_root_refuses_every_change);
	tcase_add_test(tc, ephemeral_root_takes_changes_and_forgets_them);
	add_for_first_root(tc, root_of_every_mode_forbids_what_the_mount_of_the_rootfs_does, "other users' programs");
	add_for_first_root(tc, ephemeral_root_forbids_what_its_mount_does_by_then, "other users' programs");
	tcase_add_test(tc, ephemeral_root_needs_no_mount_point_in_the_rootfs);
	tcase_add_test(tc, two_ephemeral_containers_do_not_see_each_others_changes);
	tcase_add_test(tc, ephemeral_size_bounds_the_changes);
	tcase_add_loop_test(tc, symlink_at_a_target_never_leads_out, 0, shapes);
	tcase_add_loop_test(tc, symlink_at_a_masked_or_readonly_path_never_leads_out, 0, shapes);
	tcase_add_loop_test(tc, rootfs_whose_proc_sys_or_dev_is_a_symlink_is_refused, 0, 9);
	tcase_add_loop_test(tc, rootfs_whose_proc_sys_or_dev_is_a_file_is_refused, 0, 3);
	add_for_first_root(tc, mask_covers_what_is_mounted_in_the_hosts_own_sys, "id maps across ranges");
	tcase_add_test(tc, rootfs_without_proc_sys_and_dev_works);
	tcase_add_test(tc, mount_target_behind_an_inner_symlink_works);
	tcase_add_test(tc, usr_merged_rootfs_works);
	tcase_add_test(tc, dev_of_the_image_is_covered_whatever_it_holds);
	tcase_add_test(tc, mount_target_of_the_wrong_type_is_refused);
	return suite_run(suite);
}
