/* SPDX-License-Identifier: MIT */
/*
 * Setters: which namespaces, and what is set in them: id maps, clocks, names,
 * kernel parameters, loopback.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "spec.h"
#include "util/fd.h"
#include "util/ns_kinds.h"
#include "util/proc_status.h"

static size_t kind_index(uint32_t kind)
{
	size_t i = 0;

	while (i < CT__NS_KIND_COUNT && ct__ns_kinds[i].kind != kind)
		i++;
	return i;
}

void ct__spec_ns_done(struct spec_ns *ns)
{
	ct__close(&ns->fd);
	free(ns->path);
	ns->path = NULL;
}

/* The three ways to say where a namespace comes from exclude each other; the last one wins. */
static void choose(ct_spec *spec, uint32_t kinds, uint32_t add_new, uint32_t add_host)
{
	ct__spec_changed(spec);
	spec->ns_new = (spec->ns_new & ~kinds) | add_new;
	spec->ns_host = (spec->ns_host & ~kinds) | add_host;
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (kinds & ct__ns_kinds[i].kind)
			ct__spec_ns_done(&spec->ns_given[i]);
}

int ct_spec_set_ns_new(ct_spec *spec, uint32_t kinds)
{
	if (!spec)
		return -EINVAL;
	if (kinds & ~CT_NS_ALL)
		return ct__spec_mistake(spec, -EINVAL, "unknown bits", "namespaces: %#x", kinds);
	choose(spec, kinds, kinds, 0);
	return 0;
}

int ct_spec_set_ns_host(ct_spec *spec, uint32_t kinds)
{
	if (!spec)
		return -EINVAL;
	if (kinds & ~CT_NS_ALL)
		return ct__spec_mistake(spec, -EINVAL, "unknown bits", "namespaces: %#x", kinds);
	choose(spec, kinds, 0, kinds);
	return 0;
}

uint32_t ct__spec_given(const ct_spec *spec)
{
	uint32_t kinds = 0;

	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (spec->ns_given[i].fd >= 0)
			kinds |= ct__ns_kinds[i].kind;
	return kinds;
}

/* Takes fd, also on failure. */
static int give(ct_spec *spec, uint32_t kind, int fd, const char *object)
{
	CT__AUTO_CLOSE int owned = ct__above_stdio(fd);
	size_t index = kind_index(kind);
	int type;

	if (owned < 0)
		return ct__spec_mistake(spec, owned, NULL, "%s", object);
	type = ioctl(owned, NS_GET_NSTYPE);
	if (type < 0 || (uint32_t)type != kind)
		return ct__spec_mistake(spec, -EINVAL, "it is no namespace of this kind", "%s namespace: %s",
			ct__ns_kinds[index].name, object);
	choose(spec, kind, 0, 0);
	spec->ns_given[index].kind = kind;
	spec->ns_given[index].fd = ct__take_fd(&owned);
	return 0;
}

int ct_spec_set_ns_fd(ct_spec *spec, uint32_t kind, int fd)
{
	char object[32];
	int copy;

	if (!spec)
		return -EINVAL;
	if (kind_index(kind) == CT__NS_KIND_COUNT)
		return ct__spec_mistake(spec, -EINVAL, "it is not one kind", "namespace: %#x", kind);
	snprintf(object, sizeof(object), "descriptor %d", fd);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return ct__spec_mistake(spec, -errno, NULL, "%s", object);
	return give(spec, kind, copy, object);
}

int ct_spec_set_ns_path(ct_spec *spec, uint32_t kind, const char *path)
{
	int fd, ret;

	if (!spec)
		return -EINVAL;
	if (kind_index(kind) == CT__NS_KIND_COUNT || !path)
		return ct__spec_mistake(spec, -EINVAL, "it is not one kind, or has no path",
			"namespace: %#x", kind);
	/* Without waiting: what is no namespace may be a fifo that nobody writes to. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return ct__spec_mistake(spec, -errno, NULL, "%s", path);
	ret = give(spec, kind, fd, path);
	if (ret < 0)
		return ret;
	spec->ns_given[kind_index(kind)].path = strdup(path);
	return spec->ns_given[kind_index(kind)].path ? 0 : ct__spec_mistake(spec, -ENOMEM, NULL, "%s", path);
}

int ct_spec_set_ns_pid(ct_spec *spec, uint32_t kinds, pid_t pid)
{
	CT__AUTO_CLOSE int dir = -EBADF;
	char path[64];

	if (!spec)
		return -EINVAL;
	if (!kinds || (kinds & ~CT_NS_ALL) || pid <= 0)
		return ct__spec_mistake(spec, -EINVAL, "unknown bits, or no pid",
			"namespaces %#x of process %d", kinds, pid);
	snprintf(path, sizeof(path), "/proc/%d/ns", pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); /* one process for all the kinds */
	if (dir < 0)
		return ct__spec_mistake(spec, errno == ENOENT ? -ESRCH : -errno, NULL, "process %d",
			pid);
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		int fd, ret;

		if (!(kinds & ct__ns_kinds[i].kind))
			continue;
		fd = openat(dir, ct__ns_kinds[i].name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return ct__spec_mistake(spec, errno == ENOENT ? -ESRCH : -errno, NULL,
				"%s/%s", path, ct__ns_kinds[i].name);
		ret = give(spec, ct__ns_kinds[i].kind, fd, path);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static bool overlaps(const struct ct__id_range *a, const struct ct__id_range *b)
{
	return (a->inside < (uint64_t)b->inside + b->count &&
		       b->inside < (uint64_t)a->inside + a->count) ||
		(a->outside < (uint64_t)b->outside + b->count &&
			b->outside < (uint64_t)a->outside + a->count);
}

static int add_map(ct_spec *spec, ct__array *map, const struct ct__id_range *range)
{
	const uint64_t end = UINT32_MAX; /* which itself is no id */

	if (!range->count || range->inside + (uint64_t)range->count > end ||
		range->outside + (uint64_t)range->count > end)
		return ct__spec_mistake(spec, -EINVAL, "the range is empty or too long",
			"id map: %u %u %u", range->inside, range->outside, range->count);
	if (spec->has_idmap)
		return ct__spec_mistake(spec, -EINVAL, "ct_spec_set_idmap() has said another one",
			"id map: %u %u %u", range->inside, range->outside, range->count);
	if (map->count == 340) /* the kernel's limit */
		return ct__spec_mistake(spec, -E2BIG, "more than 340 ranges", "id map");
	ct__array_for_each(struct ct__id_range, other, map)
		if (overlaps(range, other))
			return ct__spec_mistake(spec, -EINVAL, "it overlaps another range",
				"id map: %u %u %u", range->inside, range->outside, range->count);
	if (ct__array_add(map, range, sizeof(*range)) < 0)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "id map");
	choose(spec, CT_NS_USER, CT_NS_USER, 0);
	return 0;
}

int ct_spec_add_uid_map(ct_spec *spec, uint32_t inside, uint32_t outside, uint32_t count)
{
	const struct ct__id_range range = {inside, outside, count};

	return spec ? add_map(spec, &spec->uid_map, &range) : -EINVAL;
}

int ct_spec_add_gid_map(ct_spec *spec, uint32_t inside, uint32_t outside, uint32_t count)
{
	const struct ct__id_range range = {inside, outside, count};

	return spec ? add_map(spec, &spec->gid_map, &range) : -EINVAL;
}

int ct_spec_set_idmap(ct_spec *spec, ct_idmap kind, uint32_t count)
{
	if (!spec)
		return -EINVAL;
	if ((unsigned int)kind > CT_IDMAP_PRIVATE)
		return ct__spec_mistake(spec, -EINVAL, "there is no such kind", "id map: %d", kind);
	if (kind == CT_IDMAP_OWN && count > 1)
		return ct__spec_mistake(spec, -EINVAL, "the caller is one id", "id map: %u ids", count);
	if (spec->uid_map.count || spec->gid_map.count)
		return ct__spec_mistake(spec, -EINVAL, "ranges have been given already", "id map");
	choose(spec, CT_NS_USER, CT_NS_USER, 0);
	spec->has_idmap = true;
	spec->idmap = kind;
	spec->idmap_count = count;
	return 0;
}

int ct_spec_set_time_offsets(ct_spec *spec, int64_t monotonic_ns, int64_t boottime_ns)
{
	if (!spec)
		return -EINVAL;
	choose(spec, CT_NS_TIME, CT_NS_TIME, 0);
	spec->has_time_offsets = true;
	spec->monotonic_ns = monotonic_ns;
	spec->boottime_ns = boottime_ns;
	return 0;
}

static int set_name(ct_spec *spec, char **field, const char *name, const char *what)
{
	if (!spec)
		return -EINVAL;
	if (!name || !name[0])
		return ct__spec_mistake(spec, -EINVAL, "it is empty", "%s", what);
	if (strlen(name) > 64)
		return ct__spec_mistake(spec, -ENAMETOOLONG, "it is over 64 bytes", "%s: %s", what,
			name);
	return ct__spec_set_string(spec, field, name);
}

int ct_spec_set_hostname(ct_spec *spec, const char *name)
{
	return set_name(spec, spec ? &spec->hostname : NULL, name, "host name");
}

int ct_spec_set_domainname(ct_spec *spec, const char *name)
{
	return set_name(spec, spec ? &spec->domainname : NULL, name, "domain name");
}

/* Parameters that belong to a namespace. A key that ends in '.' stands for all below. */
static const struct {
	const char *key;
	uint32_t kind;
} sysctl_kinds[] = {
	{"net.", CT_NS_NET},
	{"fs.mqueue.", CT_NS_IPC},
	{"kernel.msgmax", CT_NS_IPC},
	{"kernel.msgmnb", CT_NS_IPC},
	{"kernel.msgmni", CT_NS_IPC},
	{"kernel.msg_next_id", CT_NS_IPC},
	{"kernel.sem", CT_NS_IPC},
	{"kernel.sem_next_id", CT_NS_IPC},
	{"kernel.shmall", CT_NS_IPC},
	{"kernel.shmmax", CT_NS_IPC},
	{"kernel.shmmni", CT_NS_IPC},
	{"kernel.shm_next_id", CT_NS_IPC},
	{"kernel.shm_rmid_forced", CT_NS_IPC},
	{"kernel.hostname", CT_NS_UTS},
	{"kernel.domainname", CT_NS_UTS},
	{"user.", CT_NS_USER},
};

static uint32_t sysctl_kind(const char *key)
{
	for (size_t i = 0; i < sizeof(sysctl_kinds) / sizeof(sysctl_kinds[0]); i++) {
		const char *known = sysctl_kinds[i].key;
		size_t length = strlen(known);

		if (known[length - 1] == '.' ? strncmp(key, known, length) == 0 && key[length] :
					       strcmp(key, known) == 0)
			return sysctl_kinds[i].kind;
	}
	return 0;
}

/* "net.ipv4.x" to "sys/net/ipv4/x" */
static char *sysctl_path(const char *key)
{
	char *path;

	if (asprintf(&path, "sys/%s", key) < 0)
		return NULL;
	for (char *c = path + 4; *c; c++)
		if (*c == '.')
			*c = '/';
	return path;
}

int ct_spec_set_sysctl(ct_spec *spec, const char *key, const char *value)
{
	struct spec_sysctl sysctl = {0};

	if (!spec)
		return -EINVAL;
	if (!key || !value)
		return ct__spec_mistake(spec, -EINVAL, "key or value is missing", "sysctl");
	sysctl.kind = sysctl_kind(key);
	if (!sysctl.kind || strstr(key, "..") || strchr(key, '/') || key[strlen(key) - 1] == '.')
		return ct__spec_mistake(spec, -EINVAL,
			"it is malformed or belongs to the whole host", "sysctl: %s", key);
	if (!value[0])
		return ct__spec_mistake(spec, -EINVAL, "the value is empty", "sysctl: %s", key);
	sysctl.path = sysctl_path(key);
	sysctl.value = strdup(value);
	if (!sysctl.path || !sysctl.value ||
		ct__array_add(&spec->sysctls, &sysctl, sizeof(sysctl)) < 0) {
		free(sysctl.path);
		free(sysctl.value);
		return ct__spec_mistake(spec, -ENOMEM, NULL, "sysctl: %s", key);
	}
	ct__spec_changed(spec);
	return 0;
}

int ct_spec_set_loopback(ct_spec *spec, int on)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->loopback = on != 0;
	return 0;
}
