/* SPDX-License-Identifier: MIT */
/*
 * Attacks on the making of a container: what an image holds where the library mounts, makes or
 * covers something. The control of each does the same by path, as careless runtimes have done.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <container/terminal.h>

#include "attacks/attacks.h"

/* Ways of a link from below the root to a tree of the host. */
enum shape {
	ABSOLUTE,
	CLIMBING,
	CHAINED,
	SHAPES
};

/* Lays a link at a path of the image, in the place of what is there; "to" is of the host's tree. */
static void plant(const char *name, const char *to, enum shape shape)
{
	char target[PATH_MAX];

	remove(in_root(name));
	remove(in_root("mnt/hop"));
	snprintf(target, sizeof(target), "%s%s", shape == CLIMBING ? "../../../../../../../.." : "",
		in_host(to));
	if (shape == CHAINED) {
		ck_assert_int_eq(symlink(target, in_root("mnt/hop")), 0);
		snprintf(target, sizeof(target), "/mnt/hop");
	}
	ck_assert_int_eq(symlink(target, in_root(name)), 0);
}

/* The worse of two: what got through, then what has shown nothing. */
static enum verdict worse(enum verdict one, enum verdict other)
{
	if (one == THROUGH || other == THROUGH)
		return THROUGH;
	return one == SHOWS_NOTHING || other == SHOWS_NOTHING ? SHOWS_NOTHING : HELD;
}

/* A container that looks for the secret in all places where it could have come to lie. */
static ct_spec *seeker(void)
{
	return spec_of_role(WORDS("find-secret", "/secret", "/mnt/secret", "/link/secret",
		"/proc/secret", "/sys/secret", "/dev/secret", "/made/secret", "/link/made/secret",
		"/target"));
}

/* The same with a terminal of its own, for which the library works below /dev once more. */
static ct_spec *seeker_at_terminal(void)
{
	ct_spec *spec = seeker();

	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(spec, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(spec, 24, 80));
	return spec;
}

/* -------------------------------------------- standard mounts over links of the image */

static void mount_by_path(const char *type, const char *path)
{
	ck_assert_msg(mount(type, path, type, 0, NULL) == 0, "%s: %s", path, strerror(errno));
}

static void proc_by_path(void)
{
	mount_by_path("tmpfs", in_root("proc"));
}

static void sys_by_path(void)
{
	mount_by_path("tmpfs", in_root("sys"));
}

static void pts_by_path(void)
{
	mount_by_path("tmpfs", in_root("dev/pts"));
}

static enum verdict with_link(
	bool guarded, const char *name, const char *to, int step, void (*careless)(void))
{
	enum verdict verdict = HELD;

	for (enum shape shape = 0; shape < SHAPES; shape++) {
		/* By another root the climbing link alone leads to the host. */
		if (!guarded && shape == CHAINED)
			continue;
		plant(name, to, shape);
		if (!guarded) {
			verdict = worse(verdict, after_careless(careless));
			continue;
		}
		verdict = worse(verdict, verdict_or_refusal(seeker(), step));
		verdict = worse(verdict, verdict_or_refusal(seeker_at_terminal(), step));
	}
	return verdict;
}

static enum verdict proc_is_a_link(bool guarded)
{
	return with_link(guarded, "proc", "", CT_STEP_MOUNT, proc_by_path);
}

static enum verdict sys_is_a_link(bool guarded)
{
	return with_link(guarded, "sys", "", CT_STEP_MOUNT, sys_by_path);
}

static enum verdict pts_is_a_link(bool guarded)
{
	return with_link(guarded, "dev/pts", "pts", CT_STEP_MOUNT, pts_by_path);
}

static void devices_by_path(void)
{
	/* Made anew, as runtimes do that find an old one. */
	remove(in_root("dev/null"));
	write_file(in_root("dev/null"), "", 0666);
}

static enum verdict dev_is_a_link(bool guarded)
{
	return with_link(guarded, "dev", "", CT_STEP_MOUNT, devices_by_path);
}

static void console_by_path(void)
{
	ck_assert_int_eq(mount("/dev/null", in_root("dev/console"), NULL, MS_BIND, NULL), 0);
}

static enum verdict console_is_a_link(bool guarded)
{
	return with_link(guarded, "dev/console", "console", CT_STEP_MOUNT, console_by_path);
}

/* --------------------------------------------------- mounts of the spec over links */

static void make_source(void)
{
	ck_assert_int_eq(mkdir(in_dir("source"), 0755), 0);
	write_file(in_dir("source/file"), "the source's\n", 0644);
}

static void bind_by_path(void)
{
	ck_assert_int_eq(mount(in_dir("source"), in_root("link"), NULL, MS_BIND, NULL), 0);
}

static enum verdict target_is_a_link(bool guarded)
{
	enum verdict verdict = HELD;

	make_source();
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		ct_spec *spec;

		plant("link", "sub", shape);
		if (!guarded)
			return after_careless(bind_by_path);
		spec = seeker();
		set(ct_spec_add_bind(spec, in_dir("source"), "/link", 0));
		verdict = worse(verdict, verdict_or_refusal(spec, CT_STEP_MOUNT));
	}
	return verdict;
}

static void directory_by_path(void)
{
	mkdir(in_root("link/made"), 0755);
}

static enum verdict parent_is_a_link(bool guarded)
{
	enum verdict verdict = HELD;

	make_source();
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		ct_spec *spec;

		plant("link", "", shape);
		if (!guarded)
			return after_careless(directory_by_path);
		spec = seeker();
		set(ct_spec_add_bind(spec, in_dir("source"), "/link/made", 0));
		set(ct_spec_add_tmpfs(spec, "/link/deep/er", 0, 0755, 0));
		verdict = worse(verdict, verdict_or_refusal(spec, CT_STEP_MOUNT));
	}
	return verdict;
}

static void file_by_path(void)
{
	int fd = open(in_root("etc/resolv.conf"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
}

static enum verdict file_is_a_link(bool guarded)
{
	/* One that is there, and one that a careless program would make. */
	static const char *const places[] = {"resolv.conf", "not-there"};
	enum verdict verdict = HELD;

	for (int i = 0; i < 2 * SHAPES; i++) {
		ct_spec *spec;

		plant("etc/resolv.conf", places[i % 2], (enum shape)(i / 2));
		if (!guarded)
			return after_careless(file_by_path);
		spec = seeker();
		set(ct_spec_add_file(spec, "x", 1, "/etc/resolv.conf", 0644));
		verdict = worse(verdict, verdict_or_refusal(spec, CT_STEP_MOUNT));
	}
	return verdict;
}

/* ----------------------------------------------------------- masks and /proc */

/* The image's /dev/null is the host's secret; a mask that is taken from there shows it. */
static void enter_masked_by_path(void)
{
	careless_mounts();
	ck_assert_int_eq(mount(in_root("dev/null"), in_root("etc/inside"), NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(chroot(box.root), 0);
	ck_assert_int_eq(chdir("/"), 0);
}

static enum verdict mask_source_is_a_link(bool guarded)
{
	ct_spec *spec;

	plant("dev/null", "secret", ABSOLUTE);
	if (!guarded)
		return in_careless(enter_masked_by_path, WORDS("see-through-mask", "/etc/inside"));
	spec = spec_of_role(WORDS("see-through-mask", "/etc/inside"));
	set(ct_spec_add_masked_path(spec, "/etc/inside"));
	return verdict_of(spec);
}

static void mask_by_path(void)
{
	ck_assert_int_eq(mount("/dev/null", in_root("link/secret"), NULL, MS_BIND, NULL), 0);
}

static enum verdict mask_is_behind_a_link(bool guarded)
{
	ct_spec *spec;

	plant("link", "", ABSOLUTE);
	if (!guarded)
		return after_careless(mask_by_path);
	spec = seeker();
	set(ct_spec_add_masked_path(spec, "/link/secret"));
	set(ct_spec_add_readonly_path(spec, "/link/sub"));
	return verdict_of(spec);
}

static void enter_with_covered_proc(void)
{
	careless_mounts();
	ck_assert_int_eq(mount("/proc", in_root("proc"), NULL, MS_BIND | MS_REC, NULL), 0);
	ck_assert_int_eq(chroot(box.root), 0);
	ck_assert_int_eq(chdir("/"), 0);
	mount_by_path("tmpfs", "/p/self/attr");
}

static enum verdict proc_is_covered_by_a_mount(bool guarded)
{
	static const char *const targets[] = {"/proc", "/proc/self", "/proc/self/attr", "/proc/1",
		"/proc/./self", "/mnt/../proc/self", "/p", "/p/self", "/proc/sys"};
	const char *const *words = WORDS("proc-is-covered", "/proc", "/proc/self", "/proc/1",
		"/proc/self/attr", "/proc/sys");
	enum verdict verdict = HELD;

	ck_assert_int_eq(symlink("/proc", in_root("p")), 0);
	if (!guarded)
		return in_careless(enter_with_covered_proc, words);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		ct_spec *spec = spec_of_role(words);

		if (ct_spec_add_tmpfs(spec, targets[i], 0, 0755, 0) < 0) {
			ct_spec_free(spec);
			continue;
		}
		verdict = worse(verdict, verdict_or_refusal(spec, CT_STEP_MOUNT));
	}
	return verdict;
}

/* --------------------------------------------------------------- what stays mounted */

static void enter_with_old_root(void)
{
	careless_mounts();
	ck_assert_int_eq(mount(box.root, box.root, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(syscall(SYS_pivot_root, box.root, in_root("mnt")), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(mount("/mnt/proc", "/proc", NULL, MS_BIND | MS_REC, NULL), 0);
}

static enum verdict old_root_is_beneath(bool guarded)
{
	ct_spec *spec;

	if (!guarded)
		return in_careless(enter_with_old_root, WORDS("strip-mounts"));
	spec = spec_of_role(WORDS("strip-mounts"));
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
	return verdict_of(spec);
}

/* Submounts that stay writable below a mount that is not. */
static void enter_with_shallow_readonly(void)
{
	careless_mounts();
	ck_assert_int_eq(mount(in_dir("source"), in_root("mnt"), NULL, MS_BIND | MS_REC, NULL), 0);
	ck_assert_int_eq(
		mount(NULL, in_root("mnt"), NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
	ck_assert_int_eq(chroot(box.root), 0);
}

static enum verdict submount_is_writable(bool guarded)
{
	const char *const *words = WORDS("change", "/mnt/file", "/mnt/deep/new");
	enum verdict verdict;
	ct_spec *spec;

	make_source();
	ck_assert_int_eq(mkdir(in_dir("source/deep"), 0755), 0);
	ck_assert_int_eq(mount("tmpfs", in_dir("source/deep"), "tmpfs", 0, "mode=777"), 0);
	if (guarded) {
		spec = spec_of_role(words);
		set(ct_spec_add_bind(spec, in_dir("source"), "/mnt", CT_MOUNT_READONLY));
		verdict = verdict_of(spec);
	} else {
		verdict = in_careless(enter_with_shallow_readonly, words);
	}
	ck_assert_int_eq(umount(in_dir("source/deep")), 0);
	return verdict;
}

static bool is_mounted(const char *path)
{
	struct stat here, above;
	char parent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s/..", path);
	return stat(path, &here) == 0 && stat(parent, &above) == 0 && here.st_dev != above.st_dev;
}

/* As unshare(1) without making anything private: what is mounted shared stays shared. */
static bool mounts_of_a_shared_namespace_arrive(void)
{
	int ready[2], hold[2];
	bool arrived;
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(hold, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		close(hold[1]);
		if (unshare(CLONE_NEWNS) < 0 || mount("none", in_root("mnt"), "tmpfs", 0, NULL) < 0)
			_exit(1);
		close(ready[1]);
		_exit(read(hold[0], &byte, 1) != 0);
	}
	close(ready[1]);
	close(hold[0]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 0);
	arrived = is_mounted(in_root("mnt"));
	close(hold[1]);
	close(ready[0]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	if (arrived)
		ck_assert_int_eq(umount(in_root("mnt")), 0);
	return arrived;
}

static enum verdict mount_arrives_on_the_host(bool guarded)
{
	ct_container *container;
	enum verdict verdict;
	ct_spec *spec;

	if (!guarded)
		return mounts_of_a_shared_namespace_arrive() ? THROUGH : HELD;
	spec = spec_of_role(WORDS("mount-and-stay", "/mnt"));
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
	container = start_ready(spec);
	verdict = is_mounted(in_root("mnt")) ? THROUGH : HELD;
	ct_container_free(container);
	ct_spec_free(spec);
	return verdict;
}

const struct attack ct_attacks_setup[] = {
	{.id = "B02",
		.sentence = "have /proc mounted on a tree of the host",
		.roles = BY_ALL,
		.run = proc_is_a_link},
	{.id = "B02",
		.sentence = "have /sys mounted on a tree of the host",
		.roles = BY_ALL,
		.run = sys_is_a_link},
	{.id = "B03",
		.sentence = "have /proc covered by a mount of the spec",
		.roles = BY_ALL,
		.run = proc_is_covered_by_a_mount},
	{.id = "B05",
		.sentence = "have a file masked by what the image calls /dev/null",
		.roles = BY_ALL,
		.run = mask_source_is_a_link},
	{.id = "B05",
		.sentence = "have a file of the host masked by way of a link",
		.roles = BY_ALL,
		.run = mask_is_behind_a_link},
	{.id = "B06",
		.sentence = "have devpts mounted on a tree of the host",
		.roles = BY_ALL,
		.run = pts_is_a_link},
	{.id = "B06",
		.sentence = "have /dev/console mounted on a file of the host",
		.roles = BY_ALL,
		.run = console_is_a_link},
	{.id = "B07",
		.sentence = "have devices made in a tree of the host",
		.roles = BY_ALL,
		.run = dev_is_a_link},
	{.id = "B09",
		.sentence = "have a mount of the spec on a tree of the host",
		.roles = BY_ALL,
		.run = target_is_a_link},
	{.id = "B11",
		.sentence = "have a mount point made in a tree of the host",
		.roles = BY_ALL,
		.run = parent_is_a_link},
	{.id = "B15",
		.sentence = "have a file of the host written, by the name of one of the spec",
		.roles = BY_ALL,
		.run = file_is_a_link},
	{.id = "B18",
		.sentence = "unmount all, and find the host beneath",
		.roles = BY_ROOTS,
		.run = old_root_is_beneath},
	{.id = "B19",
		.sentence = "have a mount arrive on the host",
		.roles = 1u << AS_ROOT | 1u << AS_MAPPED_ROOT,
		.run = mount_arrives_on_the_host},
	{.id = "B22",
		.sentence = "write to what is mounted below a read-only bind",
		.roles = BY_ROOT,
		.run = submount_is_writable},
	{0},
};
