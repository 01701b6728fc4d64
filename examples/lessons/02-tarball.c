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

#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: 02-tarball [--explain] ROOTFS.tar.gz DIRECTORY    (\"-\": from stdin)\n"
	"Extracts a tarball to a new directory, and lists the directory.\n";

int main(int argc, char **argv)
{
	char **arguments = lesson_begin(argc, argv, 2, help);
	const char *archive = arguments[0], *directory = arguments[1];
	ct_error err = CT_ERROR_INIT;
	ct_rootfs *root = NULL;
	uint64_t began_ns;

	began_ns = lesson_now_ns();
	if (strcmp(archive, "-") == 0)
		lesson_check(
			ct_rootfs_extract_fd(STDIN_FILENO, directory, NULL, &root, &err), &err);
	else
		lesson_check(ct_rootfs_extract(archive, directory, NULL, &root, &err), &err);
	lesson_step("ct_rootfs_extract(archive, directory, NULL, &root, &err)", 0, began_ns,
		"mkdir %s && tar -xzf %s -C %s", directory, archive, directory);

	lesson_list(ct_rootfs_fd(root));
	ct_rootfs_free(root);
	return 0;
}
