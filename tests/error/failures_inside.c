/* SPDX-License-Identifier: MIT */
/* Failures of reaching into a container; see failures.h. */
#include "failures.h"

#include <container/inside.h>
#include <container/state.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_in(const char *path, ct_error *err)
{
	ct_container *container = start_pausing();
	int fd = ct_container_open_file(container, path, O_RDONLY, 0, err);

	ct_container_free(container);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int open_missing(bool wrong, ct_error *err)
{
	return open_in(wrong ? "/etc/missing" : "/etc/inside", err);
}

static int open_made_up(bool wrong, ct_error *err)
{
	return open_in(wrong ? "/proc/1/status" : "/etc/inside", err);
}

static int open_device(bool wrong, ct_error *err)
{
	return open_in(wrong ? "/dev/null" : "/etc/inside", err);
}

static int open_without_rights(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	int fd;

	if (wrong)
		lose_cap(CAP_SYS_ADMIN);
	fd = ct_container_open_file(container, "/etc/inside", O_RDONLY, 0, err);
	ct_container_free(container);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int open_by_one_that_is_killed(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	int fd;

	if (wrong)
		kill_at_call(SYS_setns);
	fd = ct_container_open_file(container, "/etc/inside", O_RDONLY, 0, err);
	ct_container_free(container);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int mount_source(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	int fd = open(box.root, O_PATH | O_DIRECTORY | O_CLOEXEC), code;

	if (wrong)
		lose_cap(CAP_SYS_ADMIN);
	code = ct_container_mount(container, fd, "/tmp/a", 0, err);
	close(fd);
	ct_container_free(container);
	return code;
}

/* ------------------------------------------------------------------- states */

static int load_saved(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing(), *found = NULL;
	int dir = open(box.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;

	set(ct_container_save(container, dir, "saved", err));
	code = ct_container_load(dir, wrong ? "other" : "saved", &found, err);
	ct_container_free(found);
	end_now(container);
	ct_container_free(container);
	set(ct_state_remove(dir, "saved", err));
	close(dir);
	return code;
}

static int remove_of_a_running_one(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	int dir = open(box.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;

	set(ct_container_save(container, dir, "saved", err));
	if (!wrong)
		end_now(container);
	code = ct_state_remove(dir, "saved", err);
	if (wrong) {
		end_now(container);
		set(ct_state_remove(dir, "saved", NULL));
	}
	ct_container_free(container);
	close(dir);
	return code;
}

/* Step, code; call, object, words of the sentence, cure; how to provoke it. */
const struct failure inside_failures[] = {
	{CT_STEP_INSIDE, -ENOENT, "openat2", "/etc/missing", "No such file", "path inside",
		.act = open_missing},
	{CT_STEP_INSIDE, -EPERM, "fstatfs", "/proc/1/status", "the kernel makes up", NULL,
		.act = open_made_up},
	{CT_STEP_INSIDE, -EINVAL, "statx", "/dev/null", "neither a regular file", NULL,
		.act = open_device},
	{CT_STEP_INSIDE, -EPERM, "setns", "/etc/inside", "not permitted", "CAP_SYS_ADMIN",
		.act = open_without_rights},
	{CT_STEP_INSIDE, -EIO, "", "/etc/inside", "was killed", NULL,
		.act = open_by_one_that_is_killed},
	{CT_STEP_INSIDE, -EPERM, "open_tree", "/tmp/a", "not permitted", "CAP_SYS_ADMIN",
		.act = mount_source},
	{CT_STEP_STATE, -ENOENT, "openat", "state: other", "No such file", "the name",
		.act = load_saved},
	{CT_STEP_STATE, -EBUSY, "", "state: saved", "runs", "ct_stop()",
		.act = remove_of_a_running_one},
	{0},
};
