/* SPDX-License-Identifier: MIT */
/* An ordinary user with subordinate ids; see user.h. */
#include "support/user.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/box.h"
#include "support/needs.h"

#define ID 54399u

static void skip(const char *reason)
{
	printf("SKIP: %s\n", reason);
	exit(77);
}

/* A line more in one of the machine's files, as seen from here. */
static void append(const char *path, const char *line)
{
	FILE *file = fopen(path, "ae");

	if (!file || fputs(line, file) < 0 || fclose(file) != 0)
		skip("cannot write to an /etc of its own");
}

/* The user's own, so that he can change it when he is no longer root. */
static void put(const char *path, const char *content)
{
	if (truncate(path, 0) < 0 && errno != ENOENT)
		skip("cannot write to an /etc of its own");
	append(path, content);
	if (chown(path, ID, ID) < 0)
		skip("cannot own a file of an /etc of its own");
}

uid_t test_user_id(void)
{
	return ID;
}

void give_subids(const char *subuid, const char *subgid)
{
	write_file("/etc/subuid", subuid, 0644);
	write_file("/etc/subgid", subgid, 0644);
}

void need_etc_of_my_own(void)
{
	char line[128];

	/* The memory lies over /mnt, and needs no name once the overlay is there. */
	if (mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") < 0 || mkdir("/mnt/up", 0755) < 0 ||
		mkdir("/mnt/work", 0755) < 0 ||
		mount("overlay", "/etc", "overlay", 0,
			"lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work") < 0 ||
		umount2("/mnt", MNT_DETACH) < 0)
		skip("cannot mount an overlay on /etc");
	append("/etc/passwd", TEST_USER ":x:54399:54399::/:/bin/sh\n");
	append("/etc/group", TEST_USER ":x:54399:\n");
	snprintf(line, sizeof(line), "%s:%u:%u\n", TEST_USER, TEST_SUBIDS, TEST_SUBID_COUNT);
	put("/etc/subuid", line);
	put("/etc/subgid", line);
}

void need_user_with_subids(void)
{
	need_root();
	need_first_root("ids over 65535");
	if (access("/usr/bin/newuidmap", X_OK) < 0 || access("/usr/bin/newgidmap", X_OK) < 0)
		skip("newuidmap is missing (uidmap)");
	need_etc_of_my_own();
	if (setgroups(0, NULL) < 0 || setresgid(ID, ID, ID) < 0 || setresuid(ID, ID, ID) < 0)
		skip("cannot become an ordinary user");
	/* Else /proc/self belongs to root, and no id map can be written. */
	prctl(PR_SET_DUMPABLE, 1);
	need_user();
}
