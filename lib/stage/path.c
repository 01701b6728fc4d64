/* SPDX-License-Identifier: MIT */
/*
 * Names below a directory that the container may control. Every name is
 * resolved by openat2 beneath an open directory; no call here takes a path that
 * the kernel could follow out of it.
 */
#include "stage.h"

/* openat2 answers EAGAIN when somebody renames on the way; a few tries suffice for the honest. */
#define RACE_TRIES 256

long open_below(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
	long ret = -EAGAIN;

	for (int i = 0; i < RACE_TRIES && ret == -EAGAIN; i++)
		ret = sys_openat2(dir, path, &how);
	return ret;
}

/* Symlinks stay inside: "/etc" in one means the root's own /etc. */
#define INSIDE (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

static long make_one(struct stage *st, int parent, const char *name, int is_directory)
{
	long ret;

	if (is_directory)
		ret = failed(st, "mkdirat", sys_mkdirat(parent, name, 0755));
	else
		ret = failed(st, "mknodat", sys_mknodat(parent, name, S_IFREG | 0644, 0));
	if (ret == -EEXIST) /* the walk did not find it: a symlink that leads nowhere */
		st->report.reason = REASON_SYMLINK_TARGET;
	return ret;
}

/*
 * Opens (O_PATH) the mount point at path below base, making what is missing of
 * it component by component. Each existing part is resolved from base anew, so
 * in-root symlinks such as /var/run work and none can lead out.
 */
long make_mount_point(struct stage *st, int base, const char *path, int is_directory)
{
	char part[4096];
	size_t length = text_length(path);
	long parent = sys_fcntl(base, F_DUPFD_CLOEXEC, 3);
	long ret;

	ret = failed(st, "openat2", open_below(base, path, O_PATH, INSIDE));
	if (ret == -ENOENT && parent < 0)
		return failed(st, "fcntl", parent);
	if (ret != -ENOENT) {
		sys_close((int)parent);
		return ret;
	}
	if (length >= sizeof(part)) {
		sys_close((int)parent);
		return -ENAMETOOLONG;
	}
	for (size_t start = 0; start < length;) {
		size_t end = start;
		int last;

		while (end < length && path[end] != '/')
			end++;
		last = end == length;
		memcpy(part, path, end);
		part[end] = '\0';
		ret = failed(st, "openat2",
			open_below(base, part, O_PATH | (last ? 0 : O_DIRECTORY), INSIDE));
		if (ret == -ENOENT) {
			ret = make_one(st, (int)parent, part + start, !last || is_directory);
			if (ret >= 0)
				ret = failed(st, "openat2",
					open_below((int)parent, part + start, O_PATH | O_NOFOLLOW,
						RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
		}
		sys_close((int)parent);
		if (ret < 0)
			return ret;
		parent = ret;
		start = end;
		while (start < length && path[start] == '/')
			start++;
	}
	return parent;
}

/* Writes a whole small file; create_mode -1 opens one that is there (of procfs, say). */
long write_file(struct stage *st, int dir, const char *path, const void *data, size_t size,
	int create_mode)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	const char *from = data;
	long fd, ret = 0;

	if (create_mode >= 0) {
		how.flags |= O_CREAT | O_EXCL;
		how.mode = (uint64_t)create_mode;
	}
	fd = failed(st, "openat2", sys_openat2(dir, path, &how));
	if (fd < 0)
		return fd;
	do {
		ret = failed(st, "write", sys_write((int)fd, from, size));
		if (ret < 0)
			break;
		from += ret;
		size -= (size_t)ret;
	} while (size);
	sys_close((int)fd);
	return ret < 0 ? ret : 0;
}
