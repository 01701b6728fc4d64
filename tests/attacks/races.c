/* SPDX-License-Identifier: MIT */
/*
 * Attacks by somebody who exchanges a directory and a link, over and over, while the library
 * works there: a container that shares a tree with the next one. The control checks a path and
 * then uses it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attacks/attacks.h"

/* How often the library is tried, and how often at most the careless way until it fails. */
#define ROUNDS		(scaled(60) * attack_effort)
#define CARELESS_ROUNDS 1000000

static char raced[2][PATH_MAX];

pid_t start_racer(const char *one, const char *other)
{
	pid_t racer;

	snprintf(raced[0], PATH_MAX, "%s", one);
	snprintf(raced[1], PATH_MAX, "%s", other);
	racer = fork();
	if (racer == 0)
		for (;;)
			renameat2(AT_FDCWD, raced[0], AT_FDCWD, raced[1], RENAME_EXCHANGE);
	return racer;
}

/* root/race: "here" is a directory, "link" leads to a directory of the host. */
static pid_t race_in_root(const char *to)
{
	ck_assert_int_eq(mkdir(in_root("race"), 0755), 0);
	ck_assert_int_eq(mkdir(in_root("race/here"), 0755), 0);
	ck_assert_int_eq(symlink(in_host(to), in_root("race/link")), 0);
	return start_racer(in_root("race/here"), in_root("race/link"));
}

/* What a check by path finds: a directory, and no link. */
static bool looks_like_directory(const char *path)
{
	struct stat stat;

	return lstat(path, &stat) == 0 && S_ISDIR(stat.st_mode);
}

/*
 * The instant at which the check finds one, and a little later; whoever checks has something else
 * to do before he uses it. So the racer has its turn also where both have one processor.
 */
static bool becomes_directory(const char *path)
{
	for (int i = 0; i < CARELESS_ROUNDS; i++) {
		if (!looks_like_directory(path))
			continue;
		sched_yield();
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------ mounts */

static void make_source(void)
{
	ck_assert_int_eq(mkdir(in_dir("source"), 0755), 0);
	write_file(in_dir("source/file"), "the source's\n", 0644);
}

static void mount_after_a_check(void)
{
	char on_host[PATH_MAX];

	snprintf(on_host, sizeof(on_host), "%s", in_host("sub/file"));
	for (int i = 0; i < CARELESS_ROUNDS; i++) {
		struct stat stat_of;

		if (!becomes_directory(in_root("race/here")))
			return;
		if (mount(in_dir("source"), in_root("race/here"), NULL, MS_BIND, NULL) < 0)
			continue;
		/* The host's own content is hidden now, if it came to lie there. */
		if (stat(on_host, &stat_of) == 0 &&
			stat_of.st_size != (off_t)strlen("the host's\n"))
			return;
		if (umount2(in_root("race/here"), MNT_DETACH) < 0)
			umount2(in_root("race/link"), MNT_DETACH);
	}
}

/* Runs containers with such a mount while the racer races; ends it. */
static enum verdict containers_beside(pid_t racer, void (*mounts)(ct_spec *spec))
{
	enum verdict verdict = HELD;
	int started = 0;

	for (int i = 0; i < ROUNDS && verdict == HELD; i++) {
		ct_spec *spec =
			spec_of_role(WORDS("find-secret", "/race/here/secret", "/race/link/secret",
				"/race/here/made/secret", "/race/here/sub/secret", "/mnt/secret"));
		struct outcome *outcome;

		mounts(spec);
		outcome = attempt(spec);
		ct_spec_free(spec);
		/* It may well be refused: there is a link at one instant, a directory at the next. */
		if (outcome->code < 0) {
			remark("refused each time: %s", outcome->err.sentence);
			continue;
		}
		started++;
		verdict = verdict_of_exit(outcome->how.code, outcome->how.signal, outcome->out);
	}
	end_child(racer);
	if (!started)
		return SHOWS_NOTHING;
	if (verdict == HELD)
		remark("%d of %d containers started", started, ROUNDS);
	return verdict;
}

static void bind_at_raced(ct_spec *spec)
{
	set(ct_spec_add_bind(spec, in_dir("source"), "/race/here", 0));
}

static enum verdict raced_target(bool guarded)
{
	pid_t racer = race_in_root("sub");
	enum verdict verdict;

	make_source();
	if (guarded)
		return containers_beside(racer, bind_at_raced);
	verdict = after_careless(mount_after_a_check);
	end_child(racer);
	return verdict;
}

static void mounts_below_raced(ct_spec *spec)
{
	set(ct_spec_add_bind(spec, in_dir("source"), "/race/here/made", 0));
	set(ct_spec_add_tmpfs(spec, "/race/here/deep/er", 0, 0755, 0));
	set(ct_spec_add_file(spec, "x", 1, "/race/here/name/of/file", 0644));
}

static void mkdir_after_a_check(void)
{
	for (int i = 0; i < CARELESS_ROUNDS; i++) {
		if (!becomes_directory(in_root("race/here")))
			return;
		mkdir(in_root("race/here/made"), 0755);
		if (access(in_host("made"), F_OK) == 0)
			return;
		rmdir(in_root("race/here/made"));
	}
}

static enum verdict raced_parent(bool guarded)
{
	pid_t racer = race_in_root("");
	enum verdict verdict;

	make_source();
	if (guarded)
		return containers_beside(racer, mounts_below_raced);
	verdict = after_careless(mkdir_after_a_check);
	end_child(racer);
	return verdict;
}

/* ----------------------------------------------------------------- sources */

/* dir/volume: "here" is a directory with a file, "link" leads to the host's. */
static pid_t race_in_volume(void)
{
	ck_assert_int_eq(mkdir(in_dir("volume"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("volume/here"), 0755), 0);
	write_file(in_dir("volume/here/file"), "the volume's\n", 0644);
	ck_assert_int_eq(symlink(in_dir("host"), in_dir("volume/link")), 0);
	return start_racer(in_dir("volume/here"), in_dir("volume/link"));
}

/* As a careful caller opens it: no link in the last part. Then whatever happens to the name. */
static void bind_of_raced(ct_spec *spec)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	int fd = -1;

	for (int i = 0; i < 100000 && fd < 0; i++)
		fd = (int)syscall(SYS_openat2, AT_FDCWD, in_dir("volume/here"), &how, sizeof(how));
	ck_assert_int_ge(fd, 0);
	set(ct_spec_add_bind_fd(spec, fd, "/mnt", CT_MOUNT_READONLY));
	close(fd);
}

static void bind_source_after_a_check(void)
{
	for (int i = 0; i < CARELESS_ROUNDS; i++) {
		if (!becomes_directory(in_dir("volume/here")))
			return;
		if (mount(in_dir("volume/here"), in_root("mnt"), NULL, MS_BIND, NULL) < 0)
			continue;
		if (access(in_root("mnt/secret"), F_OK) == 0)
			_exit(EXIT_CARELESS_THROUGH);
		umount2(in_root("mnt"), MNT_DETACH);
	}
}

static enum verdict raced_source(bool guarded)
{
	pid_t racer = race_in_volume();
	enum verdict verdict;

	if (guarded)
		return containers_beside(racer, bind_of_raced);
	verdict = after_careless(bind_source_after_a_check);
	end_child(racer);
	return verdict;
}

/* ------------------------------------------------------------------- /proc */

static void with_sysctl(ct_spec *spec)
{
	set(ct_spec_set_sysctl(spec, "net.ipv4.ip_unprivileged_port_start", "80"));
}

static void sysctl_after_a_check(void)
{
	for (int i = 0; i < CARELESS_ROUNDS; i++) {
		int fd;

		if (!becomes_directory(in_root("proc")))
			return;
		fd = open(in_root("proc/sys/net/ipv4/ip_unprivileged_port_start"),
			O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		ck_assert_int_eq(write(fd, "raced", 5), 5);
		close(fd);
		return;
	}
}

/* The image's /proc is a tree of the host at one instant, with a file of such a name in it. */
static enum verdict raced_proc(bool guarded)
{
	enum verdict verdict;
	pid_t racer;

	ck_assert_int_eq(symlink(in_dir("host"), in_root("proc-link")), 0);
	racer = start_racer(in_root("proc"), in_root("proc-link"));
	if (guarded)
		return containers_beside(racer, with_sysctl);
	verdict = after_careless(sysctl_after_a_check);
	end_child(racer);
	return verdict;
}

/* ----------------------------------------------------------------- removal */

static void make_tree(void)
{
	ck_assert(mkdir(in_dir("tree"), 0755) == 0 || errno == EEXIST);
	for (int i = 0; i < 20; i++) {
		char name[64];

		snprintf(name, sizeof(name), "tree/a%d", i);
		ck_assert(mkdir(in_dir(name), 0755) == 0 || errno == EEXIST);
	}
	ck_assert(mkdir(in_dir("tree/here"), 0755) == 0 || errno == EEXIST);
	write_file(in_dir("tree/here/file"), "the tree's\n", 0644);
	ck_assert(symlink(in_dir("host"), in_dir("tree/link")) == 0 || errno == EEXIST);
}

/* Empties a directory by its path, as "rm -r" did once. */
static void remove_after_a_check(void)
{
	for (int i = 0; i < CARELESS_ROUNDS && access(in_host("file"), F_OK) == 0; i++) {
		DIR *dir = looks_like_directory(in_dir("tree/here")) ? opendir(in_dir("tree/here"))
								     : NULL;

		for (struct dirent *entry = dir ? readdir(dir) : NULL; entry;
			entry = readdir(dir)) {
			char name[NAME_MAX + 16];

			snprintf(name, sizeof(name), "tree/here/%s", entry->d_name);
			unlink(in_dir(name));
		}
		if (dir)
			closedir(dir);
	}
}

static enum verdict raced_removal(bool guarded)
{
	ct_error err = CT_ERROR_INIT;
	pid_t racer;

	make_tree();
	racer = start_racer(in_dir("tree/here"), in_dir("tree/link"));
	if (!guarded)
		remove_after_a_check();
	for (int i = 0; guarded && i < 2 * ROUNDS; i++) {
		if (ct_rootfs_remove(in_dir("tree"), &err) < 0)
			remark("%s", err.sentence);
		make_tree();
	}
	end_child(racer);
	return HELD; /* unless the host's tree has changed */
}

/* Not raced: the links are there when it begins. */
static enum verdict removal_of_links(bool guarded)
{
	ct_error err = CT_ERROR_INIT;

	make_tree();
	if (!guarded) {
		unlink(in_dir("tree/link/file"));
		return HELD;
	}
	if (ct_rootfs_remove(in_dir("tree"), &err) < 0) {
		remark("%s", err.sentence);
		return SHOWS_NOTHING;
	}
	return HELD;
}

const struct attack ct_attacks_races[] = {
	{.id = "B01",
		.sentence = "exchange a mount's target by a link to the host",
		.roles = BY_CALLERS,
		.run = raced_target},
	{.id = "B04",
		.sentence = "exchange the image's /proc while kernel parameters are written",
		.roles = BY_CALLERS,
		.run = raced_proc},
	{.id = "B08",
		.sentence = "exchange the parent of a mount point that is made",
		.roles = BY_CALLERS,
		.run = raced_parent},
	{.id = "B12",
		.sentence = "exchange the source of a bind after it was opened",
		.roles = BY_CALLERS,
		.run = raced_source},
	{.id = "B13",
		.sentence = "have links to the host followed by a removal",
		.roles = BY_CALLERS,
		.run = removal_of_links},
	{.id = "B13",
		.sentence = "exchange a directory by a link during a removal",
		.roles = BY_CALLERS,
		.run = raced_removal},
	{0},
};
