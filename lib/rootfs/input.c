/* SPDX-License-Identifier: MIT */
/*
 * The bytes of an archive as they are stored: from a path, a descriptor,
 * memory or a callback. It does not know what the bytes mean.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/openat2.h"

/* Large enough that calls do not matter, small enough that progress and ratio are exact. */
#define PIECE (128 * 1024)

static int use_fd(struct ct__input *input, int fd, ct_error *err)
{
	struct stat st;
	off_t at;

	if (fstat(fd, &st) < 0)
		return ct__fail(err, CT_STEP_ARCHIVE, -errno, "fstat", "descriptor %d", fd);
	if (S_ISDIR(st.st_mode))
		return ct__fail(err, CT_STEP_ARCHIVE, -EISDIR, NULL, "descriptor %d", fd);
	input->fd = fd;
	if (S_ISREG(st.st_mode)) {
		at = lseek(fd, 0, SEEK_CUR);
		input->total = at >= 0 && at < st.st_size ? (uint64_t)(st.st_size - at) : 0;
		input->is_file = true;
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	input->buffer = malloc(PIECE);
	if (!input->buffer)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "malloc", "buffer of the archive");
	return 0;
}

int ct__input_path(struct ct__input *input, const char *path, ct_error *err)
{
	int fd;

	input->fd = -EBADF;
	if (!path || !*path)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing",
			"path of the archive");
	fd = ct__openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0);
	if (fd < 0)
		return ct__fail(err, CT_STEP_ARCHIVE, fd, "open", "%s", path);
	input->owns_fd = true;
	input->fd = fd;
	return use_fd(input, fd, err);
}

int ct__input_fd(struct ct__input *input, int fd, ct_error *err)
{
	input->fd = -EBADF;
	if (fd < 0)
		return ct__fail(err, CT_STEP_ARGUMENT, -EBADF, NULL, "descriptor %d", fd);
	return use_fd(input, fd, err);
}

int ct__input_memory(struct ct__input *input, const void *data, size_t size, ct_error *err)
{
	input->fd = -EBADF;
	if (!data && size)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing",
			"memory of the archive");
	input->data = data ? data : (const unsigned char *)"";
	input->size = size;
	input->total = size;
	return 0;
}

int ct__input_stream(struct ct__input *input, ct_read_fn read, void *data, ct_error *err)
{
	input->fd = -EBADF;
	if (!read)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing",
			"callback that reads the archive");
	input->read = read;
	input->read_data = data;
	input->buffer = malloc(PIECE);
	if (!input->buffer)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "malloc", "buffer of the archive");
	return 0;
}

/* A descriptor may be non-blocking: the caller's choice, so we wait instead. */
static ssize_t read_fd(int fd, void *buffer, size_t size)
{
	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		ssize_t got = read(fd, buffer, size);

		if (got >= 0)
			return got;
		if (errno == EAGAIN)
			(void)poll(&wait, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
}

/* More of what comes by fd or read, into the buffer from at on. Nothing is asked for behind the end. */
static ssize_t fill(struct ct__input *input, size_t at)
{
	ssize_t got = 0;

	if (input->ended)
		return 0;
	if (input->read) {
		got = input->read(input->buffer + at, PIECE - at, input->read_data);
		if (got > (ssize_t)(PIECE - at))
			got = -EIO;
	} else {
		got = read_fd(input->fd, input->buffer + at, PIECE - at);
	}
	input->ended = got == 0;
	if (got > 0)
		input->taken += (uint64_t)got;
	return got;
}

ssize_t ct__input_peek(struct ct__input *input, size_t least, const unsigned char **ret_bytes)
{
	*ret_bytes = input->data ? input->data + input->at : input->buffer;
	if (input->data)
		return (ssize_t)(input->size - input->at < least ? input->size - input->at : least);
	while (input->kept < least) {
		ssize_t got = fill(input, input->kept);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		input->kept += (size_t)got;
	}
	return (ssize_t)input->kept;
}

ssize_t ct__input_next(struct ct__input *input, const void **ret_piece)
{
	size_t size = input->kept;

	if (input->data) {
		size_t left = input->size - input->at;

		size = left < PIECE ? left : PIECE;
		*ret_piece = input->data + input->at;
		input->at += size;
		input->taken += size;
		return (ssize_t)size;
	}
	*ret_piece = input->buffer;
	input->kept = 0;
	return size ? (ssize_t)size : fill(input, 0);
}

bool ct__input_may_wait(const struct ct__input *input)
{
	return !input->data && !input->is_file;
}

void ct__input_done(struct ct__input *input)
{
	if (input->owns_fd)
		ct__close(&input->fd);
	free(input->buffer);
	input->buffer = NULL;
}
