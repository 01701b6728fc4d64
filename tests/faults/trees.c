/* SPDX-License-Identifier: MIT */
/* Extraction and removal; see trees.h. */
#include "trees.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios.h"
#include "tar_builder.h"

static char archive[192];

static void add_members(struct tar *tar)
{
	static char content[600000]; /* more than is decoded without a thread */

	memset(content, 'x', sizeof(content));
	TAR(tar, .name = "./", .type = '5');
	TAR(tar, .name = "bin/", .type = '5', .uid = 1, .gid = 2);
	TAR(tar, .name = "bin/program", .mode = 0755, .data = "program");
	TAR(tar, .name = "bin/set", .mode = 04755, .data = "setuid");
	tar_pax(tar, "SCHILY.xattr.user.colour", "green");
	TAR(tar, .name = "bin/large", .data = content, .size = sizeof(content), .uid = 5, .gid = 6);
	TAR(tar, .name = "bin/link", .type = '1', .link = "bin/program");
	TAR(tar, .name = "etc/deep/er/file", .data = "deep");
	TAR(tar, .name = "lib", .type = '2', .link = "bin");
	TAR(tar, .name = "null", .type = '3', .major = 1, .minor = 3);
	TAR(tar, .name = "fifo", .type = '6');
	TAR(tar, .name = "bin/program", .mode = 0755, .data = "another program");
	tar_end(tar);
}

int set_up_archive(struct scene *scene)
{
	struct tar tar = {0};
	int fd, ret = -1;

	snprintf(scene->tree, sizeof(scene->tree), "%s/tree", scene->dir);
	snprintf(archive, sizeof(archive), "%s/archive.tar", scene->dir);
	add_members(&tar);
	fd = open(archive, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0 && write(fd, tar.data, tar.size) == (ssize_t)tar.size)
		ret = 0;
	if (fd >= 0)
		close(fd);
	tar_free(&tar);
	return ret;
}

/* --------------------------------------------------------------------- the facts */

static struct scene *walked; /* nftw() passes nothing on */
static size_t used;

static int add_entry(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	struct scene *scene = walked;
	char link[64] = "";

	(void)walk;
	if (type == FTW_SL && readlink(path, link, sizeof(link) - 1) < 0)
		link[0] = '\0';
	if (used < sizeof(scene->facts))
		used += (size_t)snprintf(scene->facts + used, sizeof(scene->facts) - used,
			"%s %o %u:%u %lld %lld %lu %s\n", path + strlen(scene->tree), stat->st_mode,
			stat->st_uid, stat->st_gid, S_ISDIR(stat->st_mode) ? 0 : (long long)stat->st_size,
			S_ISREG(stat->st_mode) ? (long long)stat->st_mtime : 0,
			(unsigned long)stat->st_nlink, link);
	return 0;
}

static void look_at_tree(struct scene *scene)
{
	walked = scene;
	used = 0;
	nftw(scene->tree, add_entry, 16, FTW_PHYS);
}

const char *tree_left(struct scene *scene)
{
	static char name[300];
	DIR *dir = opendir(scene->dir);
	const char *found = NULL;

	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
		if (entry->d_name[0] != '.' || !entry->d_name[1] || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s", entry->d_name);
		found = name;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* ------------------------------------------------------------------- the calls */

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(path);
}

int remove_tree(struct scene *scene)
{
	nftw(scene->tree, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

int make_tree(struct scene *scene)
{
	if (access(scene->tree, F_OK) == 0)
		return 0;
	return ct_rootfs_extract(archive, scene->tree, NULL, NULL, &scene->err) < 0 ? -1 : 0;
}

int extract(struct scene *scene)
{
	ct_rootfs *root = NULL;
	int ret;

	scene->doing = "ct_rootfs_extract";
	ret = ct_rootfs_extract(archive, scene->tree, NULL, &root, &scene->err);
	begin_own();
	if (ret < 0 && access(scene->tree, F_OK) == 0)
		scene->wrong = "a tree is there though the call has failed";
	if (ret >= 0)
		look_at_tree(scene);
	end_own();
	ct_rootfs_free(root);
	return ret;
}

int remove_it(struct scene *scene)
{
	int ret;

	scene->doing = "ct_rootfs_remove";
	ret = ct_rootfs_remove(scene->tree, &scene->err);
	begin_own();
	if (ret >= 0 && access(scene->tree, F_OK) == 0)
		scene->wrong = "the tree is still there";
	end_own();
	return ret;
}
