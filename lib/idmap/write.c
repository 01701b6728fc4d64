/* SPDX-License-Identifier: MIT */
/*
 * Writing id maps: by the host for each process, from outside, before the stage goes on.
 * Who may write which is decided in map.c; how newuidmap does it is in helper.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error/error.h"
#include "idmap.h"
#include "trace/trace.h"
#include "util/fd.h"

/* One process whose maps are written. */
struct writing {
	pid_t pid;
	int dir; /* its entry of /proc */
	struct ct__trace *trace;
	ct_error *err;
};

static char *map_text(const ct__array *ranges)
{
	size_t size = 1 + ranges->count * 36, used = 0;
	char *text = malloc(size);

	if (!text)
		return NULL;
	text[0] = '\0';
	ct__array_for_each(const struct ct__id_range, range, ranges)
		used += (size_t)snprintf(text + used, size - used, "%u %u %u\n", range->inside,
			range->outside, range->count);
	return text;
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

static int write_text(const struct writing *w, const char *name, const char *text)
{
	CT__AUTO_CLOSE int fd = -EBADF;
	int ret;

	fd = ct__traced(w->trace, CT_STEP_IDMAP, "openat", open_map(w->dir, name),
		"%d</proc/%d>, \"%s\", O_WRONLY|O_CLOEXEC", w->dir, w->pid, name);
	if (fd < 0)
		return ct__fail(w->err, CT_STEP_IDMAP, fd, "openat", "%s", name);
	ct__trace_echo(w->trace, fd, "%s", text);
	ret = ct__traced(w->trace, CT_STEP_IDMAP, "write", write_whole(fd, text),
		"%d</proc/%d/%s>, \"%s\", %zu", fd, w->pid, name, text, strlen(text));
	if (ret < 0)
		return ct__fail(w->err, CT_STEP_IDMAP, ret, "write", "%s: %s", name, text);
	return 0;
}

static int write_ranges(const struct writing *w, const char *name, const ct__array *ranges)
{
	CT__AUTO_FREE char *text = map_text(ranges);

	if (!text)
		return ct__fail(w->err, CT_STEP_MEMORY, -ENOMEM, NULL, "id maps");
	return write_text(w, name, text);
}

int ct__idmap_write(
	const struct ct__idmap *map, pid_t pid, int pidfd, struct ct__trace *trace, ct_error *err)
{
	CT__AUTO_CLOSE int dir = -EBADF;
	struct writing w = {.pid = pid, .trace = trace, .err = err};
	char path[32];
	int ret = 0;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	w.dir = dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return ct__fail(err, CT_STEP_IDMAP, -errno, "open", "%s", path);
	/* The directory was opened by number: it is the right one if our process lives still. */
	if (ct__poll_now(pidfd, POLLIN) != 0)
		return ct__fail(err, CT_STEP_IDMAP, -ESRCH, "poll", "%s", path);
	if (map->deny_setgroups)
		ret = write_text(&w, "setgroups", "deny");
	if (ret >= 0)
		ret = map->helps_gids ? ct__idmap_help("newgidmap", &map->gids, pid, trace, err)
				      : write_ranges(&w, "gid_map", &map->gids);
	if (ret >= 0)
		ret = map->helps_uids ? ct__idmap_help("newuidmap", &map->uids, pid, trace, err)
				      : write_ranges(&w, "uid_map", &map->uids);
	return ret;
}
