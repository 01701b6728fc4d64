/* SPDX-License-Identifier: MIT */
/* ct_container_save, ct_container_load, ct_state_remove: see container/state.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <container/state.h>

#include "error/error.h"
#include "spawn/container.h"
#include "state.h"
#include "sys/nofollow.h"
#include "sys/openat2.h"
#include "sys/pidfd.h"
#include "util/fd.h"

#define NAME_LIMIT 200
#define SIZE_LIMIT (1u << 20)

/* What a call works with. */
struct file {
	int directory;
	const char *name;
	char temporary[NAME_LIMIT + 8]; /* where it is written to before it gets its name */
	ct_error *err;
};

/*
 * Of all who change something in the directory one at a time: a name that is found to be free, or
 * that of a container that has ended, is so until it is taken or removed. Closing lets go.
 */
static int lock(int directory)
{
	CT__AUTO_CLOSE int fd = ct__openat(directory, ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return fd;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return ct__take_fd(&fd);
}

static int fail(const struct file *file, int code, const char *call)
{
	return ct__fail(file->err, code == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_STATE, code, call,
		"state: %s", file->name);
}

static int refuse(const struct file *file, int code, const char *reason)
{
	return ct__fail_because(file->err, CT_STEP_STATE, code, reason, "state: %s", file->name);
}

static bool is_name(const char *name)
{
	size_t length = name ? strlen(name) : 0;

	for (size_t i = 0; i < length; i++)
		if (name[i] == '/' || (unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return length && length <= NAME_LIMIT && name[0] != '.';
}

/* Whether what is there can be the caller's alone, and was. */
static bool is_ours(const struct stat *about)
{
	return (about->st_uid == geteuid() || about->st_uid == 0) && !(about->st_mode & 022);
}

static int begin(struct file *file, int directory, const char *name, ct_error *err)
{
	struct stat about;

	*file = (struct file){.directory = directory, .name = name, .err = err};
	if (!is_name(name))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"a name has 1 to 200 bytes without slash and control characters, and no dot in front",
			"state: %s", name ? name : "NULL");
	snprintf(file->temporary, sizeof(file->temporary), ".%s.new", name);
	if (fstat(directory, &about) < 0)
		return fail(file, -errno, "fstat");
	if (!S_ISDIR(about.st_mode))
		return fail(file, -ENOTDIR, "fstat");
	if (!is_ours(&about))
		return refuse(file, -EPERM, "others may write to its directory, or it is another user's");
	return 0;
}

/* --------------------------------------------------------------------- a file */

static int read_all(int fd, char **ret_text)
{
	CT__AUTO_FREE char *text = malloc(SIZE_LIMIT + 1);
	size_t used = 0;
	ssize_t count = 1;

	while (text && count && used < SIZE_LIMIT) {
		count = read(fd, text + used, SIZE_LIMIT - used);
		if (count < 0 && errno != EINTR)
			return -errno;
		used += count > 0 ? (size_t)count : 0;
	}
	if (!text)
		return -ENOMEM;
	text[used] = '\0';
	if (count || strlen(text) != used)
		return -EBADMSG;
	*ret_text = ct__take(text);
	return 0;
}

static int read_file(const struct file *file, char **ret_text)
{
	CT__AUTO_CLOSE int fd =
		ct__openat(file->directory, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	struct stat about;
	int ret;

	if (fd < 0)
		return fail(file, fd, "openat");
	if (fstat(fd, &about) < 0)
		return fail(file, -errno, "fstat");
	if (!S_ISREG(about.st_mode))
		return refuse(file, -EBADMSG, "it is no file");
	if (!is_ours(&about))
		return refuse(file, -EPERM, "others may write to it, or it is another user's");
	ret = read_all(fd, ret_text);
	return ret == -EBADMSG ? refuse(file, ret, "it is no state of a container") :
	       ret < 0	       ? fail(file, ret, "read") :
				 0;
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t count = write(fd, text, size);

		if (count < 0 && errno != EINTR)
			return -errno;
		text += count > 0 ? count : 0;
		size -= count > 0 ? (size_t)count : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* What a killed one has left is written over. The name is given at last, and only if nobody has it. */
static int write_file(const struct file *file, const char *text, size_t size)
{
	CT__AUTO_CLOSE int fd = ct__openat(file->directory, file->temporary,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0600);
	const char *call = "write";
	int ret;

	if (fd < 0)
		return fail(file, fd, "openat");
	ret = write_all(fd, text, size);
	if (ret == 0) {
		call = "renameat2";
		ret = ct__rename_nofollow(file->directory, file->temporary, file->directory,
			file->name, RENAME_NOREPLACE);
	}
	if (ret < 0) {
		unlinkat(file->directory, file->temporary, 0);
		return ret == -EEXIST ? refuse(file, ret, "a container of this name runs")
				      : fail(file, ret, call);
	}
	return fsync(file->directory) < 0 ? fail(file, -errno, "fsync") : 0;
}

/* ------------------------------------------------------------------- a process */

/* 0: it runs, and *ret_pidfd is its; -ESRCH: it has ended; or another negative errno. */
static int find(const struct ct__state_process *process, int *ret_pidfd)
{
	CT__AUTO_CLOSE int pidfd = ct__pidfd_open(process->pid);
	struct pollfd ended = {.events = POLLIN};
	struct ct__state_process now;
	int ret;

	if (pidfd < 0)
		return pidfd == -EINVAL ? -ESRCH : pidfd;
	/* Read after the pidfd was opened: the same process at both times, or another one. */
	ret = ct__state_process_now(process->pid, &now);
	if (ret < 0)
		return ret;
	if (strcmp(now.boot, process->boot) != 0)
		return -ESRCH;
	if (now.pid_ns != process->pid_ns)
		return -EXDEV;
	if (now.start_ticks != process->start_ticks)
		return -ESRCH;
	ended.fd = pidfd;
	if (poll(&ended, 1, 0) != 0) /* its parent has not waited for it yet */
		return -ESRCH;
	*ret_pidfd = ct__take_fd(&pidfd);
	return 0;
}

static int fail_find(const struct file *file, int ret)
{
	if (ret == -EXDEV)
		return refuse(file, ret, "it was saved in another pid namespace");
	return ret == -ESRCH ? refuse(file, ret, "the container has ended") : fail(file, ret, "pidfd_open");
}

/* --------------------------------------------------------------------- loading */

/* A handle as ct_detach() leaves it. For one that has ended all but its process is there. */
static int load(const struct file *file, ct_container **ret_box, int *ret_found)
{
	struct ct__state_process process;
	CT__AUTO_FREE char *text = NULL;
	ct_container *box = NULL;
	int ret = read_file(file, &text);

	if (ret < 0)
		return ret;
	ret = ct__container_new(&box);
	if (ret < 0)
		return fail(file, ret, NULL);
	box->detached = true; /* from the first: what is freed now leaves it running */
	ret = ct__state_read(text, &process, box);
	if (ret < 0) {
		ct_container_free(box);
		return ret == -EBADMSG || ret == -EINVAL || ret == -EACCES ?
			refuse(file, -EBADMSG, "it is no state of a container") :
			fail(file, ret, "openat");
	}
	box->started = true;
	box->pid = process.pid;
	*ret_found = find(&process, &box->pidfd);
	*ret_box = box;
	return 0;
}

int ct_container_load(int directory, const char *name, ct_container **ret_box, ct_error *err)
{
	ct_container *box;
	struct file file;
	int found = 0, ret;

	if (!ret_box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "ret_box");
	ret = begin(&file, directory, name, err);
	if (ret >= 0)
		ret = load(&file, &box, &found);
	if (ret < 0)
		return ret;
	if (found < 0) {
		ct_container_free(box);
		return fail_find(&file, found);
	}
	*ret_box = box;
	return 0;
}

/* -------------------------------------------------------------------- removing */

/* Under the lock. A file that is damaged goes as well. */
static int remove_state(const struct file *file)
{
	ct_error why = CT_ERROR_INIT;
	ct_container *box = NULL;
	struct file quiet = *file;
	int found = -ESRCH, ret;

	quiet.err = &why;
	ret = load(&quiet, &box, &found);
	if (ret < 0 && ret != -EBADMSG) {
		ct__error_copy(&why, file->err);
		return ret;
	}
	if (found == -ESRCH && box)
		box->ended = true; /* so that its cgroup goes with the handle */
	ct_container_free(box);
	if (found == 0)
		return refuse(file, -EBUSY, "the container runs");
	if (found < 0 && found != -ESRCH)
		return fail_find(file, found);
	return unlinkat(file->directory, file->name, 0) < 0 ? fail(file, -errno, "unlinkat") : 0;
}

int ct_state_remove(int directory, const char *name, ct_error *err)
{
	CT__AUTO_CLOSE int held = -EBADF;
	struct file file;
	int ret = begin(&file, directory, name, err);

	if (ret < 0)
		return ret;
	held = lock(directory);
	return held < 0 ? fail(&file, held, "flock") : remove_state(&file);
}

/* ---------------------------------------------------------------------- saving */

/* Makes way for a new state if the one that is there is of a container that has ended. */
static void remove_stale(const struct file *file)
{
	struct ct__state_process process;
	CT__AUTO_FREE char *text = NULL;
	CT__AUTO_CLOSE int pidfd = -EBADF;
	struct file quiet = *file;

	quiet.err = NULL;
	if (read_file(&quiet, &text) == 0 && ct__state_read(text, &process, NULL) == 0 &&
		find(&process, &pidfd) == -ESRCH)
		(void)remove_state(&quiet);
}

/* What is to be written, while the container cannot change. */
static int describe(ct_container *box, const struct file *file, char **ret_text, size_t *ret_size)
{
	struct ct__state_process process;
	int ret;

	if (!box->started)
		return refuse(file, -EINVAL, "the container was not started");
	if (ct__container_has_ended(box))
		return refuse(file, -ESRCH, "the container has ended");
	ret = ct__state_process_now(box->pid, &process);
	if (ret >= 0)
		ret = ct__state_write(box, &process, ret_text, ret_size);
	return ret < 0 ? fail(file, ret, "read") : 0;
}

int ct_container_save(ct_container *box, int directory, const char *name, ct_error *err)
{
	CT__AUTO_CLOSE int held = -EBADF;
	CT__AUTO_FREE char *text = NULL;
	struct file file;
	size_t size = 0;
	int ret;

	if (!box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "container");
	ret = begin(&file, directory, name, err);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&box->lock);
	ret = describe(box, &file, &text, &size);
	pthread_mutex_unlock(&box->lock);
	if (ret < 0)
		return ret;
	held = lock(directory);
	if (held < 0)
		return fail(&file, held, "flock");
	remove_stale(&file);
	return write_file(&file, text, size);
}
