/* SPDX-License-Identifier: MIT */
/* What a cgroup has done with each disk; see io.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/io.h"
#include "sys/procfs.h"
#include "util/fd.h"

/* The device of this number, made if it is not there; NULL: out of memory. */
static ct_io *device_of(ct__array *devices, unsigned int major, unsigned int minor)
{
	const ct_io fresh = {.major = major, .minor = minor};

	ct__array_for_each(ct_io, device, devices)
		if (device->major == major && device->minor == minor)
			return device;
	if (ct__array_add(devices, &fresh, sizeof(fresh)) < 0)
		return NULL;
	return (ct_io *)devices->items + devices->count - 1;
}

/* One word of a line: "rbytes=4096". Words of other kinds are the kernel's models and discards. */
static void take_word(ct_io *device, const char *word)
{
	unsigned long long value;

	if (sscanf(word, "rbytes=%llu", &value) == 1)
		device->read_bytes = value;
	else if (sscanf(word, "wbytes=%llu", &value) == 1)
		device->written_bytes = value;
	else if (sscanf(word, "rios=%llu", &value) == 1)
		device->reads = value;
	else if (sscanf(word, "wios=%llu", &value) == 1)
		device->writes = value;
}

/* A device without a word has done nothing: the kernel tells some of those as well. */
int ct__io_parse(const char *text, ct__array *devices)
{
	CT__AUTO_FREE char *copy = strdup(text);
	char *rest = copy, *line;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n")) != NULL) {
		unsigned int major, minor;
		ct_io *device;
		char *word;

		if (sscanf(line, "%u:%u ", &major, &minor) != 2 || !strchr(line, '='))
			continue;
		device = device_of(devices, major, minor);
		if (!device)
			return -ENOMEM;
		while ((word = strsep(&line, " ")) != NULL)
			take_word(device, word);
	}
	return 0;
}

int ct__io_parse_v1(const char *text, bool bytes, ct__array *devices)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		unsigned int major, minor;
		unsigned long long value;
		ct_io *device;
		char what[16];

		if (sscanf(line, "%u:%u %15s %llu", &major, &minor, what, &value) != 4)
			continue;
		device = device_of(devices, major, minor);
		if (!device)
			return -ENOMEM;
		if (strcmp(what, "Read") == 0)
			*(bytes ? &device->read_bytes : &device->reads) = value;
		else if (strcmp(what, "Write") == 0)
			*(bytes ? &device->written_bytes : &device->writes) = value;
	}
	return 0;
}

int ct__group_io(const struct ct__group *group, ct__array *devices)
{
	const struct ct__place *place = ct__group_place(group->plan, CONTROLLER_IO);
	CT__AUTO_FREE char *text = NULL, *more = NULL;
	CT__AUTO_CLOSE int dir = -EBADF;
	int ret;

	if (!place)
		return -EOPNOTSUPP;
	dir = ct__group_open(group, place, ".", O_PATH | O_DIRECTORY);
	if (dir < 0)
		return dir;
	if (place->unified) {
		ret = ct__procfs_read_all(dir, "io.stat", &text);
		return ret < 0 ? ret : ct__io_parse(text, devices);
	}
	ret = ct__procfs_read_all(dir, "blkio.throttle.io_service_bytes", &text);
	if (ret >= 0)
		ret = ct__procfs_read_all(dir, "blkio.throttle.io_serviced", &more);
	if (ret >= 0)
		ret = ct__io_parse_v1(text, true, devices);
	return ret < 0 ? ret : ct__io_parse_v1(more, false, devices);
}
