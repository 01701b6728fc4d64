/* SPDX-License-Identifier: MIT */
/* Why mounts and executing from memory are refused; see why.h. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"
#include "why.h"

/* Directories that the kernel keeps empty: a mount on one of them hides nothing. */
static const char *const empty_points[] = {"/proc/sys/fs/binfmt_misc", "/sys/fs/",
	"/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security", "/sys/kernel/config",
	"/sys/firmware/efi/efivars"};

static bool hides_nothing(const char *point)
{
	for (size_t i = 0; i < sizeof(empty_points) / sizeof(empty_points[0]); i++)
		if (strncmp(point, empty_points[i], strlen(empty_points[i])) == 0)
			return true;
	return false;
}

/* The first mount below top that hides a part of it. */
static bool find_cover(char *mountinfo, const char *top, char *ret_point, size_t size)
{
	size_t length = strlen(top);
	char *rest = mountinfo, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		struct ct__mount_line mount;

		if (ct__parse_mount_line(line, &mount) < 0 ||
			strncmp(mount.point, top, length) != 0 || mount.point[length] != '/' ||
			hides_nothing(mount.point))
			continue;
		snprintf(ret_point, size, "%s", mount.point);
		return true;
	}
	return false;
}

/* The kernel's mount_too_revealing(): a new one must show no more than one that is there already. */
bool ct__why_covered(const char *type, struct ct__why *ret_why)
{
	const char *top = strcmp(type, "proc") == 0 ? "/proc" : "/sys";
	CT__AUTO_FREE char *text = NULL;
	struct statvfs fs;
	char point[128];

	if (statvfs(top, &fs) == 0 && (fs.f_flag & ST_RDONLY))
		return ct__because(ret_why,
			"start the outer container with a writable one (docker: --security-opt systempaths=unconfined), "
			"or allow CT_ITEM_PROC and CT_ITEM_SYS to be lacking",
			"the caller's own %s is read-only, so no other may be mounted here", top);
	if (ct__procfs_read_all(AT_FDCWD, "/proc/thread-self/mountinfo", &text) < 0 ||
		!find_cover(text, top, point, sizeof(point)))
		return false;
	return ct__because(ret_why,
		"start the outer container with nothing masked (docker: --security-opt systempaths=unconfined), "
		"or allow CT_ITEM_PROC and CT_ITEM_SYS to be lacking",
		"the caller's own %s is partly covered (%s), so a new one may not be mounted", top,
		point);
}

bool ct__why_no_cgroups(struct ct__why *ret_why)
{
	CT__AUTO_FREE char *text = NULL;
	struct ct__mount_line mount;
	char *rest, *line;

	if (ct__procfs_read_all(AT_FDCWD, "/proc/thread-self/mountinfo", &text) < 0)
		return false;
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (ct__parse_mount_line(line, &mount) == 0 &&
			(strcmp(mount.type, "cgroup2") == 0 || strcmp(mount.type, "cgroup") == 0))
			return false;
	return ct__because(ret_why, "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup",
		"no cgroup filesystem is mounted");
}

bool ct__why_memfd(struct ct__why *ret_why)
{
	uint64_t noexec;

	if (ct__sysctl_number("vm/memfd_noexec", &noexec) < 0 || noexec < 2)
		return false;
	return ct__because(ret_why,
		"install the library, its copy of the stage serves; or set the sysctl below 2 further out",
		"executing from memory is forbidden by vm.memfd_noexec=%" PRIu64, noexec);
}
