/* SPDX-License-Identifier: MIT */
/*
 * Id maps of a new user namespace: made into text with the plan, written by the
 * host for each process, from outside, before the stage goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/syscall.h>

#include "compile.h"
#include "error/error.h"
#include "idmap.h"
#include "trace/trace.h"
#include "util/fd.h"

bool ct__has_cap(int cap)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {{0}, {0}};

	return syscall(SYS_capget, &header, sets) == 0 &&
		(sets[cap / 32].effective >> cap % 32 & 1);
}

/* Without ranges: root inside is the caller outside. */
static char *map_text(const ct__array *map, unsigned int own)
{
	size_t size = 64 + map->count * 36, used = 0;
	char *text = malloc(size);

	if (!text)
		return NULL;
	if (!map->count)
		snprintf(text, size, "0 %u 1\n", own);
	ct__array_for_each(struct spec_id_range, range, map)
		used += (size_t)snprintf(text + used, size - used, "%u %u %u\n", range->inside,
			range->outside, range->count);
	return text;
}

int ct__idmap_compile(struct compiler *c)
{
	struct ct__plan *plan = c->plan;

	if (!(c->ns_new & CT_NS_USER))
		return 0;
	plan->uid_map = map_text(&c->spec->uid_map, geteuid());
	plan->gid_map = map_text(&c->spec->gid_map, getegid());
	/*
	 * user_namespaces(7): without CAP_SETGID a gid map is accepted only once
	 * setgroups is barred, so that nobody sheds a group that denies him access.
	 */
	plan->deny_setgroups = !ct__has_cap(CAP_SETGID);
	return plan->uid_map && plan->gid_map ? 0 : -ENOMEM;
}

uint32_t ct__idmap_root(const ct__array *map)
{
	const struct spec_id_range *ranges = map->items;

	for (size_t i = 0; i < map->count; i++)
		if (ranges[i].inside == 0)
			return 0;
	return map->count ? ranges[0].inside : 0;
}

static int open_map(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The kernel takes a map whole or not at all. */
static int write_whole(int fd, const char *text)
{
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int write_text(struct ct__trace *trace, int dir, pid_t pid, const char *name, const char *text,
	ct_error *err)
{
	CT__AUTO_CLOSE int fd = -EBADF;
	int ret;

	fd = ct__traced(trace, CT_STEP_IDMAP, "openat", open_map(dir, name),
		"%d</proc/%d>, \"%s\", O_WRONLY|O_CLOEXEC", dir, pid, name);
	if (fd < 0)
		return ct__fail(err, CT_STEP_IDMAP, fd, "openat", "%s", name);
	ct__trace_echo(trace, fd, "%s", text);
	ret = ct__traced(trace, CT_STEP_IDMAP, "write", write_whole(fd, text),
		"%d</proc/%d/%s>, \"%s\", %zu", fd, pid, name, text, strlen(text));
	if (ret < 0)
		return ct__fail(err, CT_STEP_IDMAP, ret, "write", "%s: %s", name, text);
	return 0;
}

int ct__idmap_write(const struct ct__plan *plan, pid_t pid, int pidfd, struct ct__trace *trace,
	ct_error *err)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	CT__AUTO_CLOSE int dir = -EBADF;
	char path[32];
	int ret = 0;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return ct__fail(err, CT_STEP_IDMAP, -errno, "open", "%s", path);
	/* The directory was opened by number: it is the right one if our process lives still. */
	if (poll(&ended, 1, 0) != 0)
		return ct__fail(err, CT_STEP_IDMAP, -ESRCH, "poll", "%s", path);
	if (plan->deny_setgroups)
		ret = write_text(trace, dir, pid, "setgroups", "deny", err);
	if (ret >= 0)
		ret = write_text(trace, dir, pid, "gid_map", plan->gid_map, err);
	if (ret >= 0)
		ret = write_text(trace, dir, pid, "uid_map", plan->uid_map, err);
	return ret;
}
