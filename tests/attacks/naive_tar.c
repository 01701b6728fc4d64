/* SPDX-License-Identifier: MIT */
/*
 * An extractor as many have been written: it takes names for paths, follows what is there, and
 * gives directories their metadata at the end, by path. The control of all attacks by archives.
 */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attacks/archives.h"

struct late {
	char path[PATH_MAX];
	mode_t mode;
};

static void make_parents(const char *path)
{
	char parent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", path);
	for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(parent, 0755);
		*slash = '/';
	}
}

static void write_content(struct archive *archive, const char *path, mode_t mode)
{
	char buffer[4096];
	ssize_t count;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return;
	while ((count = archive_read_data(archive, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)count) != count)
			break;
	fchmod(fd, mode);
	close(fd);
}

static void copy_attributes(struct archive_entry *entry, const char *path)
{
	const char *name;
	const void *value;
	size_t size;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
		lsetxattr(path, name, value, size, 0);
}

static void empty_directory(const char *path)
{
	DIR *dir = opendir(path);

	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

/* ".wh.NAME" takes NAME away, ".wh..wh..opq" all that is there, as in the layers of images. */
static bool is_whiteout(const char *path)
{
	const char *base = strrchr(path, '/');
	char gone[PATH_MAX];

	if (!base || strncmp(base + 1, ".wh.", 4) != 0)
		return false;
	snprintf(gone, sizeof(gone), "%.*s/%s", (int)(base - path), path, base + 5);
	if (strcmp(base + 5, ".wh..opq") == 0) {
		gone[base - path] = '\0';
		empty_directory(gone);
	} else {
		remove(gone);
	}
	return true;
}

static void make_entry(
	struct archive *archive, struct archive_entry *entry, const char *dest, struct late *late)
{
	const char *name = archive_entry_pathname(entry), *link = archive_entry_hardlink(entry);
	mode_t mode = archive_entry_mode(entry);
	char path[PATH_MAX], source[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : dest,
		name[0] == '/' ? "" : "/", name);
	if (path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = '\0';
	make_parents(path);
	if (is_whiteout(path))
		return;
	if (link) {
		snprintf(source, sizeof(source), "%s%s%s", link[0] == '/' ? "" : dest,
			link[0] == '/' ? "" : "/", link);
		if (linkat(AT_FDCWD, source, AT_FDCWD, path, 0) < 0)
			return;
	} else if (S_ISLNK(mode)) {
		remove(path);
		if (symlink(archive_entry_symlink(entry), path) < 0)
			return;
	} else if (S_ISDIR(mode)) {
		mkdir(path, 0755);
		snprintf(late->path, sizeof(late->path), "%s", path);
		late->mode = mode & 07777;
	} else if (S_ISREG(mode)) {
		write_content(archive, path, mode & 07777);
	} else {
		mknod(path, mode, archive_entry_rdev(entry));
		chmod(path, mode & 07777);
	}
	copy_attributes(entry, path);
}

static bool is_entry(int code)
{
	return code == ARCHIVE_OK || code == ARCHIVE_WARN;
}

void extract_naively(const struct tar *tar, const char *dest)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	static struct late late[64];
	size_t count = 0;

	memset(late, 0, sizeof(late));
	archive_read_support_filter_all(archive);
	archive_read_support_format_all(archive);
	mkdir(dest, 0777);
	if (archive_read_open_memory(archive, tar->data, tar->size) == ARCHIVE_OK)
		while (is_entry(archive_read_next_header(archive, &entry))) {
			make_entry(archive, entry, dest, &late[count]);
			count += late[count].path[0] && count < 63;
		}
	for (size_t i = 0; i <= count; i++)
		if (late[i].path[0])
			chmod(late[i].path, late[i].mode);
	archive_read_free(archive);
}
