/* SPDX-License-Identifier: MIT */
/*
 * Walks out of a chroot, if it can be walked out of. Static, so that it runs in any root
 * filesystem. Lesson 3 runs it in a bare chroot, and then in a container.
 *
 *     cc -static -o walkout walkout.c
 *
 * A chroot changes where a path that begins with "/" begins, and where ".." stops. A process
 * whose working directory is not below its root never meets the root on its way up.
 */
#define _GNU_SOURCE 1 /* chroot */

#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void show_root(const char *when)
{
	struct dirent **entries = NULL;
	struct stat root = {0};
	int count = scandir("/", &entries, NULL, alphasort);

	stat("/", &root);
	printf("%s / is inode %ju:", when, (uintmax_t)root.st_ino);
	for (int i = 2; i < count && i < 14; i++)
		printf(" %s", entries[i]->d_name);
	puts(count > 14 ? " ..." : "");
}

int main(void)
{
	show_root("before,");
	if (chroot("tmp") <
		0) /* the root goes down, the working directory stays where it is: above */
		err(1, "chroot(\"tmp\")");
	puts("chroot(\"tmp\")");
	for (int i = 0; i < 64; i++)
		if (chdir("..") < 0)
			err(1, "chdir(\"..\")");
	puts("chdir(\"..\") 64 times");
	if (chroot(".") < 0)
		err(1, "chroot(\".\")");
	puts("chroot(\".\")");
	show_root("after, ");
	return 0;
}
