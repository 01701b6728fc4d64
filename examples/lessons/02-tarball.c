/* SPDX-License-Identifier: MIT */
/*
 * Lesson 2. A root filesystem is a tarball, and then a directory: no more.
 *
 *     cc -o 02-tarball 02-tarball.c lesson.c $(pkg-config --cflags --libs container)
 *     ./02-tarball ROOTFS.tar.gz DIRECTORY
 *     wget -O - https://... | ./02-tarball - DIRECTORY
 *
 * Lists the new directory as ls -al does. By hand:
 *     mkdir rootfs; tar -xzf rootfs.tar.gz -C rootfs; ls -al rootfs
 */
#include "lesson.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: 02-tarball [--explain] ROOTFS.tar.gz DIRECTORY    (\"-\": from stdin)\n"
	"Extracts a tarball to a new directory, and lists the directory.\n";

/* The kind and the rights: "drwxr-xr-x". */
static const char *mode_text(mode_t mode)
{
	static char text[11];

	snprintf(text, sizeof(text), "%crwxrwxrwx", "?pc?d?b?-?l?s???"[mode >> 12]);
	for (int bit = 0; bit < 9; bit++)
		if (!(mode & (0400u >> bit)))
			text[1 + bit] = '-';
	if (mode & S_ISVTX) /* the sticky bit of /tmp */
		text[9] = mode & S_IXOTH ? 't' : 'T';
	return text;
}

/* One line of the list: nothing but what lstat(2) knows. */
static void list_entry(int root, const char *name)
{
	char uid[16], gid[16], date[32], target[256] = "";
	struct passwd *user;
	struct group *group;
	struct stat is;
	time_t age;

	if (fstatat(root, name, &is, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	user = getpwuid(is.st_uid);
	group = getgrgid(is.st_gid);
	snprintf(uid, sizeof(uid), "%u", is.st_uid);
	snprintf(gid, sizeof(gid), "%u", is.st_gid);
	age = time(NULL) - is.st_mtime;
	strftime(date, sizeof(date), age < 0 || age > 31556952 / 2 ? "%b %e  %Y" : "%b %e %H:%M",
		localtime(&is.st_mtime));
	if (readlinkat(root, name, target, sizeof(target) - 1) < 0)
		*target = '\0';
	printf("%s %3ju %-8s %-8s %7jd %s %s%s%s\n", mode_text(is.st_mode), (uintmax_t)is.st_nlink,
		user ? user->pw_name : uid, group ? group->gr_name : gid, (intmax_t)is.st_size,
		date, name, *target ? " -> " : "", target);
}

int main(int argc, char **argv)
{
	char **arguments = lesson_begin(argc, argv, 2, help);
	const char *archive = arguments[0], *directory = arguments[1];
	ct_error err = CT_ERROR_INIT;
	struct dirent **entries = NULL;
	ct_rootfs *root = NULL;
	uint64_t began_ns;
	int count;

	began_ns = lesson_now_ns();
	if (strcmp(archive, "-") == 0)
		lesson_check(
			ct_rootfs_extract_fd(STDIN_FILENO, directory, NULL, &root, &err), &err);
	else
		lesson_check(ct_rootfs_extract(archive, directory, NULL, &root, &err), &err);
	lesson_step("ct_rootfs_extract(archive, directory, NULL, &root, &err)", 0, began_ns,
		"mkdir %s && tar -xzf %s -C %s", directory, archive, directory);

	count = scandirat(ct_rootfs_fd(root), ".", &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		list_entry(ct_rootfs_fd(root), entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	ct_rootfs_free(root);
	return 0;
}
