/* SPDX-License-Identifier: MIT */
/* Images by tools, and one by hand; see image.h. */
#include "support/image.h"

#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/needs.h"

/* ------------------------------ by hand, after the kernel's fs/erofs/erofs_fs.h */

#define BLOCK_BITS 12
#define BLOCK	   (1u << BLOCK_BITS)
#define ROOT	   36u /* the root's number: inodes have 32 bytes, and are counted from the start on */
#define DIRECTORY  2u  /* as an entry's type */

static void put(unsigned char *image, size_t at, size_t size, uint64_t number)
{
	number = htole64(number);
	memcpy(image + at, &number, size);
}

static void put_inode(unsigned char *image, size_t number, size_t links, size_t size, size_t block)
{
	put(image, number * 32 + 4, 2, S_IFDIR | 0755);
	put(image, number * 32 + 6, 2, links);
	put(image, number * 32 + 8, 4, size);
	put(image, number * 32 + 16, 4, block);
}

/* A block of entries, which are sorted, with their names behind; its size. */
static size_t put_directory(
	unsigned char *image, size_t block, const char *const names[], size_t count)
{
	size_t at = block * BLOCK, name_at = count * 12;

	for (size_t i = 0; i < count; i++) {
		put(image, at + i * 12, 8, i < 2 ? ROOT : ROOT + i - 1);
		put(image, at + i * 12 + 8, 2, name_at);
		put(image, at + i * 12 + 10, 1, DIRECTORY);
		memcpy(image + at + name_at, names[i], strlen(names[i]));
		name_at += strlen(names[i]);
	}
	return name_at;
}

int write_image(const char *path)
{
	static const char *const names[] = {".", "..", "dev", "proc", "sys"};
	unsigned char image[3 * BLOCK] = {0};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t written;

	if (fd < 0)
		return -1;
	put(image, 1024, 4, 0xe0f5e1e2); /* magic */
	put(image, 1024 + 12, 1, BLOCK_BITS);
	put(image, 1024 + 14, 2, ROOT);
	put(image, 1024 + 16, 8, 4); /* inodes */
	put(image, 1024 + 36, 4, 3); /* blocks */
	put_inode(image, ROOT, 5, put_directory(image, 1, names, 5), 1);
	for (size_t i = 1; i < 4; i++)
		put_inode(image, ROOT + i, 2, put_directory(image, 2, names, 2), 2);
	written = write(fd, image, sizeof(image));
	close(fd);
	return written == (ssize_t)sizeof(image) ? 0 : -1;
}

/* -------------------------------------------------------------- loop devices */

int count_loops(const char *dir)
{
	DIR *devices = opendir("/sys/block");
	struct dirent *entry = devices ? readdir(devices) : NULL;
	int count = 0;

	for (; entry; entry = readdir(devices)) {
		char path[PATH_MAX], file[PATH_MAX] = "";
		FILE *text;

		snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", entry->d_name);
		text = fopen(path, "re");
		if (!text)
			continue;
		count += fgets(file, sizeof(file), text) && strncmp(file, dir, strlen(dir)) == 0;
		fclose(text);
	}
	if (devices)
		closedir(devices);
	return count;
}

int await_no_loops(const char *dir, int most_ms)
{
	int waited = 0;

	while (count_loops(dir) > 0 && waited < most_ms) {
		usleep(5000);
		waited += 5;
	}
	return count_loops(dir);
}

/* ------------------------------------------------------------------ by tools */

struct image_format image_formats[IMAGE_FORMATS] = {
	{"squashfs", "mksquashfs", "mksquashfs $TREE $IMAGE -noappend -no-progress -noD -noF", 22},
	{"erofs", "mkfs.erofs", "mkfs.erofs $IMAGE $TREE", 1024 + 12},
};

int pack_image(const struct image_format *format, const char *tree, const char *path)
{
	char command[3 * PATH_MAX];

	snprintf(command, sizeof(command), "IMAGE='%s' TREE='%s'; %s > /dev/null 2>&1", path, tree,
		format->command);
	return system(command);
}

static bool has_tool(const char *name)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s > /dev/null", name);
	return system(command) == 0;
}

static bool has_filesystem(const char *type)
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	if (fs >= 0)
		close(fs);
	return fs >= 0;
}

int need_image_formats(void)
{
	int count = 0;

	for (size_t i = 0; i < IMAGE_FORMATS; i++) {
		struct image_format *format = &image_formats[i];

		if (!has_tool(format->tool))
			printf("  skipped  images of type %s: %s is missing\n", format->type, format->tool);
		else if (!has_filesystem(format->type))
			printf("  skipped  images of type %s: the kernel has none\n", format->type);
		else
			image_formats[count++] = *format;
	}
	if (count > 0 && access("/dev/loop-control", R_OK | W_OK) == 0)
		return count;
	puts(count ? "SKIP: there are no loop devices" : "SKIP: no image can be made and mounted here");
	exit(77);
}

bool can_mount_images(void)
{
	return in_first_user_ns() && access("/dev/loop-control", R_OK | W_OK) == 0 &&
	       has_filesystem("erofs");
}
