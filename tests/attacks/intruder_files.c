/* SPDX-License-Identifier: MIT */
/* Attempts at files: those of the host, of the kernel, of the image. */
#include "intruder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* Opens for writing and writes nothing: that it could is what counts. "*" stands for any name. */
static bool opens_for_writing(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return false;
	close(fd);
	printf("%s can be written\n", path);
	return true;
}

/* The paths by themselves, and behind the roots of processes. */
static int write_paths(char **paths)
{
	static const char *const ways[] = {"", "/proc/self/root", "/proc/1/root", "/proc/1/cwd"};
	bool exists = false;

	for (; *paths; paths++)
		for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
			char path[PATH_MAX];

			snprintf(path, sizeof(path), "%s%s", ways[i], *paths);
			if (opens_for_writing(path))
				return 1;
			exists |= i == 0 && errno != ENOENT;
		}
	if (!exists)
		absent("there is no such file");
	return 0;
}

static int read_paths(char **paths)
{
	bool exists = false;

	for (; *paths; paths++) {
		char byte;
		int fd = open(*paths, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

		exists |= fd >= 0 || errno != ENOENT;
		if (fd < 0)
			continue;
		if (read(fd, &byte, 1) == 1) {
			printf("%s can be read\n", *paths);
			return 1;
		}
		close(fd);
	}
	absent(exists ? "there is nothing to read" : "there is no such file");
}

static int list_paths(char **paths)
{
	bool exists = false;

	for (; *paths; paths++) {
		DIR *dir = opendir(*paths);
		int entries = 0;

		exists |= dir || errno != ENOENT;
		while (dir && readdir(dir))
			entries++;
		if (dir)
			closedir(dir);
		if (entries > 2) {
			printf("%s has %d entries\n", *paths, entries - 2);
			return 1;
		}
	}
	absent(exists ? "there is nothing in it" : "there is no such directory");
}

/* Not counted: processes' own files, and the pressure triggers, which change nothing. */
static bool is_of_a_process(const char *path)
{
	static const char *const own[] = {
		"/proc/self", "/proc/thread-self", "/proc/net", "/proc/pressure"};

	if (strncmp(path, "/proc/", 6) == 0 && path[6] >= '0' && path[6] <= '9')
		return true;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strncmp(path, own[i], strlen(own[i])) == 0)
			return true;
	return false;
}

static int write_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)walk;
	if (type != FTW_F || !S_ISREG(stat->st_mode) || !(stat->st_mode & 0222) ||
		is_of_a_process(path))
		return 0;
	return opens_for_writing(path);
}

/* Everything in a tree of the kernel's that is not of a process. */
static int write_anything(char **trees)
{
	for (; *trees; trees++)
		if (nftw(*trees, write_one, 32, FTW_PHYS) > 0)
			return 1;
	return 0;
}

/* Writing for good, to what would be the host's. */
static int change(char **paths)
{
	for (; *paths; paths++) {
		int fd = open(*paths, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0) {
			say_error(*paths);
			continue;
		}
		if (write(fd, "x", 1) == 1)
			return 1;
		say_error(*paths);
		close(fd);
	}
	return 0;
}

/* From each descriptor there is, and from the working directory. */
static int climb_from_descriptors(char **args)
{
	(void)args;
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && secret_is_below(fd)) {
			printf("the host is above descriptor %d\n", fd);
			return 1;
		}
	return 0;
}

static int climb_from_cwd(char **args)
{
	char path[PATH_MAX] = "";
	const char *cwd = getcwd(path, sizeof(path));

	(void)args;
	printf("cwd %s\n", cwd ? cwd : strerrorname_np(errno));
	/* The kernel says "(unreachable)" of what is not below the root. */
	return secret_is_below(AT_FDCWD) || (cwd && cwd[0] != '/');
}

/* The host's file of the same handle, whatever the root is. */
static int open_by_handle(char **args)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file;
	const char *hex = told("handle");
	int mount = open("/", O_RDONLY | O_DIRECTORY), fd;

	(void)args;
	memset(&file, 0, sizeof(file));
	if (strcmp(hex, "none") == 0)
		absent("the filesystem has no handles");
	file.handle.handle_type = atoi(told("handle_type"));
	for (; hex[0] && hex[1]; hex += 2)
		sscanf(hex, "%2hhx", &file.handle.f_handle[file.handle.handle_bytes++]);
	fd = open_by_handle_at(mount, &file.handle, O_RDONLY);
	if (fd < 0) {
		say_error("open_by_handle_at");
		return 0;
	}
	return 1;
}

/* A device node of the image. */
static int open_node(char **paths)
{
	for (; *paths; paths++) {
		int fd = open(*paths, O_RDWR | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0)
			return 1;
		say_error(*paths);
	}
	return 0;
}

static int make_node(char **args)
{
	(void)args;
	unlink("/tmp/node");
	if (mknod("/tmp/node", S_IFCHR | 0666, (dev_t)0x103) < 0) {
		say_error("mknod");
		return 0;
	}
	return open("/tmp/node", O_RDWR | O_CLOEXEC) >= 0;
}

/* By the bits of a file of the image: user, group or capabilities more than it has. */
static int gain_rights(char **paths)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execl(*paths, *paths, "have-rights", (char *)NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

/* Megabytes of memory behind files. */
static int fill(char **args)
{
	static char block[1 << 20];
	int most = atoi(args[1]), done = 0;
	int fd = open(args[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		say_error(args[0]);
		return 0;
	}
	memset(block, 'x', sizeof(block));
	while (done < most && write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		done++;
	unlink(args[0]);
	printf("%d of %d MiB\n", done, most);
	return done == most;
}

/* Whether a mask is what it should be: nothing to read, nothing that keeps what is written. */
static int see_through_mask(char **paths)
{
	char byte;
	int fd = open(*paths, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		fd = open(*paths, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		say_error(*paths);
		return 0;
	}
	return read(fd, &byte, 1) == 1;
}

/* Whether the host's secret stands in a file here, or below a directory here. */
static int find_secret(char **paths)
{
	const char *content = told("content");

	for (; *paths; paths++) {
		char text[256] = "";
		int fd = open(*paths, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

		if (fd < 0)
			continue;
		if (read(fd, text, sizeof(text) - 1) > 0 && strstr(text, content)) {
			printf("%s is the host's\n", *paths);
			return 1;
		}
		close(fd);
	}
	return 0;
}

/* Whether a directory of /proc is another filesystem than the kernel's own. */
static int proc_is_covered(char **paths)
{
	for (; *paths; paths++) {
		struct statfs stat;

		if (statfs(*paths, &stat) == 0 && stat.f_type != 0x9fa0) {
			printf("%s is no procfs\n", *paths);
			return 1;
		}
	}
	return 0;
}

/* ------------------------------------------- a file that is not to be had by its path */

static int open_path(const char *path, const char *dir)
{
	(void)dir;
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* One that stands for the file gives no right; the kernel's link behind it might. */
static int open_again(const char *path, const char *dir)
{
	int held = open(path, O_PATH | O_CLOEXEC);
	char link[64];

	(void)dir;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", held);
	return held < 0 ? held : open(link, O_RDONLY | O_CLOEXEC);
}

static int open_below(const char *path, const char *dir)
{
	const char *name = strrchr(path, '/') + 1;
	char above[PATH_MAX];
	int held;

	(void)dir;
	snprintf(above, sizeof(above), "%.*s", (int)(name - path), path);
	held = open(above, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return held < 0 ? held : openat(held, name, O_RDONLY | O_CLOEXEC);
}

static int open_symlink(const char *path, const char *dir)
{
	char link[PATH_MAX];

	snprintf(link, sizeof(link), "%s/link", dir);
	return symlink(path, link) < 0 ? -1 : open(link, O_RDONLY | O_CLOEXEC);
}

static int open_hard_link(const char *path, const char *dir)
{
	char other[PATH_MAX];

	snprintf(other, sizeof(other), "%s/other", dir);
	return link(path, other) < 0 ? -1 : open(other, O_RDONLY | O_CLOEXEC);
}

static int open_renamed(const char *path, const char *dir)
{
	char moved[PATH_MAX];

	snprintf(moved, sizeof(moved), "%s/moved", dir);
	return rename(path, moved) < 0 ? -1 : open(moved, O_RDONLY | O_CLOEXEC);
}

static int open_behind_root(const char *path, const char *dir)
{
	char other[PATH_MAX];

	(void)dir;
	snprintf(other, sizeof(other), "/proc/self/root%s", path);
	return open(other, O_RDONLY | O_CLOEXEC);
}

/* "reach WAY PATH DIR": the file at PATH, with the help of a directory in which everything may be done. */
static int reach(char **args)
{
	static const struct {
		const char *name;
		int (*open)(const char *path, const char *dir);
	} ways[] = {
		{"path", open_path},
		{"descriptor", open_again},
		{"directory", open_below},
		{"symlink", open_symlink},
		{"link", open_hard_link},
		{"rename", open_renamed},
		{"root", open_behind_root},
	};
	char byte;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, args[0]) == 0) {
			int fd = ways[i].open(args[1], args[2]);

			if (fd >= 0)
				return read(fd, &byte, 1) == 1;
			say_error(args[1]);
			return 0;
		}
	_exit(95);
}

/* A copy of this program that says at once that it runs. */
static int execute(char **paths)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execl(*paths, *paths, "be-there", (char *)NULL);
		say_error(*paths);
		fflush(stdout);
		_exit(1);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static int be_there(char **args)
{
	(void)args;
	return 1;
}

const struct word file_words[] = {
	{"write", write_paths},
	{"read", read_paths},
	{"list", list_paths},
	{"write-anything", write_anything},
	{"change", change},
	{"climb-from-descriptors", climb_from_descriptors},
	{"climb-from-cwd", climb_from_cwd},
	{"handle", open_by_handle},
	{"open-node", open_node},
	{"make-node", make_node},
	{"gain-rights", gain_rights},
	{"fill", fill},
	{"see-through-mask", see_through_mask},
	{"find-secret", find_secret},
	{"proc-is-covered", proc_is_covered},
	{"reach", reach},
	{"execute", execute},
	{"be-there", be_there},
	{0},
};
