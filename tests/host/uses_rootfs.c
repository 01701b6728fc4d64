/* SPDX-License-Identifier: MIT */
/* Uses of rootfs.h, error.h and version.h; see host.h. */
#include "host.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/image.h"
#include "tar_builder.h"

/* One file in an archive; never freed, the process of a test is short. */
static struct tar archive;

static void make_archive(void)
{
	TAR(&archive, .name = "dir/file", .data = "content");
	tar_end(&archive);
}

static void write_archive(void)
{
	int fd = open(in_dir("file.tar"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	make_archive();
	ck_assert_int_eq(write(fd, archive.data, archive.size), (ssize_t)archive.size);
	close(fd);
}

/* In a pipe, which has no offset to move. */
static void pipe_archive(void)
{
	int ends[2];

	make_archive();
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(write(ends[1], archive.data, archive.size), (ssize_t)archive.size);
	close(ends[1]);
	scene.fd = ends[0];
}

static void damage_archive(void)
{
	make_archive();
	archive.data[0] ^= 1;
}

static ssize_t give_archive(void *buffer, size_t size, void *data)
{
	size_t *given = data;
	size_t count = archive.size - *given < size ? archive.size - *given : size;

	memcpy(buffer, archive.data + *given, count);
	*given += count;
	return (ssize_t)count;
}

static ssize_t give_error(void *buffer, size_t size, void *data)
{
	(void)buffer;
	(void)size;
	(void)data;
	return -EIO;
}

static size_t given;

static void make_victim(void)
{
	make_archive();
	ck_assert_int_eq(ct_rootfs_extract_memory(archive.data, archive.size, in_dir("dest"), NULL,
				 NULL, &scene.err),
		0);
}

static void open_root(void)
{
	ck_assert_int_eq(ct_rootfs_open(box.root, &scene.rootfs, &scene.err), 0);
}

static void extract_root(void)
{
	make_archive();
	ck_assert_int_eq(ct_rootfs_extract_memory(archive.data, archive.size, in_dir("dest"), NULL,
				 &scene.rootfs, &scene.err),
		0);
}

static void make_image(void)
{
	ck_assert_int_eq(write_image(in_dir("image")), 0);
	scene.fd = open(in_dir("image"), O_RDONLY | O_CLOEXEC);
}

static ct_extract_stats stats = {.size = sizeof(stats)};

#define RESULTS NULL, &scene.rootfs, &scene.err
#define LIST(X)                                                                                   \
	X(ct_rootfs_extract, takes, (in_dir("file.tar"), in_dir("dest"), RESULTS),                \
		.prepare = write_archive, .changes = SNAPSHOT_MORE_DESCRIPTORS)                   \
	X(ct_rootfs_extract, refuses, (in_dir("missing.tar"), in_dir("dest"), RESULTS),           \
		.returns = -ENOENT)                                                               \
	X(ct_rootfs_extract_fd, takes, (scene.fd, in_dir("dest"), RESULTS),                       \
		.prepare = pipe_archive, .changes = SNAPSHOT_MORE_DESCRIPTORS)                    \
	X(ct_rootfs_extract_fd, refuses, (-1, in_dir("dest"), RESULTS), .returns = -EBADF)        \
	X(ct_rootfs_extract_memory, takes, (archive.data, archive.size, in_dir("dest"), RESULTS), \
		.prepare = make_archive, .changes = SNAPSHOT_MORE_DESCRIPTORS)                    \
	X(ct_rootfs_extract_memory, refuses,                                                      \
		(archive.data, archive.size, in_dir("dest"), RESULTS), .prepare = damage_archive, \
		.returns = -EINVAL)                                                               \
	X(ct_rootfs_extract_memory, refuses_cut, (archive.data, 600, in_dir("dest"), RESULTS),    \
		.prepare = make_archive, .returns = -EBADMSG)                                     \
	X(ct_rootfs_extract_stream, takes, (give_archive, &given, in_dir("dest"), RESULTS),       \
		.prepare = make_archive, .changes = SNAPSHOT_MORE_DESCRIPTORS)                    \
	X(ct_rootfs_extract_stream, refuses, (give_error, NULL, in_dir("dest"), RESULTS),         \
		.returns = -EIO)                                                                  \
	X(ct_rootfs_open, takes, (box.root, &scene.rootfs, &scene.err),                           \
		.changes = SNAPSHOT_MORE_DESCRIPTORS)                                             \
	X(ct_rootfs_open, refuses, (box.canary, &scene.rootfs, &scene.err), .returns = -ENOTDIR)  \
	X(ct_rootfs_open_image, takes, (in_dir("image"), 0, &scene.rootfs, &scene.err),           \
		.prepare = make_image, .changes = SNAPSHOT_MORE_DESCRIPTORS, .mounts_image = true) \
	X(ct_rootfs_open_image, refuses, (box.canary, 0, &scene.rootfs, &scene.err),              \
		.returns = -EINVAL)                                                               \
	X(ct_rootfs_open_image_fd, takes, (scene.fd, 0, &scene.rootfs, &scene.err),               \
		.prepare = make_image, .changes = SNAPSHOT_MORE_DESCRIPTORS, .mounts_image = true) \
	X(ct_rootfs_open_image_fd, refuses, (-1, 0, &scene.rootfs, &scene.err), .returns = -EBADF) \
	X(ct_rootfs_remove, takes, (in_dir("dest"), &scene.err), .prepare = make_victim)          \
	X(ct_rootfs_remove, refuses, (in_dir("missing"), &scene.err), .returns = -ENOENT)         \
	X(ct_rootfs_restore, takes, (scene.rootfs, NULL, &scene.err), .prepare = open_root,       \
		.as_root = true)                                                                  \
	X(ct_rootfs_restore, refuses, (NULL, NULL, &scene.err), .returns = -EINVAL)               \
	X(ct_rootfs_fd, takes, (scene.rootfs), .prepare = open_root, .returns = ANYTHING)         \
	X(ct_rootfs_fd, refuses, (NULL), .returns = -EINVAL)                                      \
	X(ct_rootfs_stats, takes, (scene.rootfs, &stats), .prepare = extract_root)                \
	X(ct_rootfs_stats, refuses, (scene.rootfs, &stats), .prepare = open_root,                 \
		.returns = -ENODATA)

LIST(USE_FUNCTION)

static long free_root(void)
{
	ct_rootfs_free(scene.rootfs);
	scene.rootfs = NULL;
	return 0;
}

static long name_step(void)
{
	return strcmp(ct_step_name(CT_STEP_MOUNT), "mount");
}

static long name_unknown_step(void)
{
	return strcmp(ct_step_name(-1), "unknown step");
}

static long name_version(void)
{
	return strcmp(ct_version(), CT_VERSION_STRING);
}

const struct use rootfs_uses[] = {
	LIST(USE_ROW)
	{"ct_rootfs_free", "frees", free_root, .prepare = open_root,
		.changes = SNAPSHOT_FEWER_DESCRIPTORS},
	{"ct_rootfs_free", "takes_null", free_root, .returns = 0},
	{"ct_step_name", "knows", name_step, .returns = 0},
	{"ct_step_name", "knows_not", name_unknown_step, .returns = 0},
	{"ct_version", "tells", name_version, .returns = 0},
	{0},
};
