/* SPDX-License-Identifier: MIT */
/*
 * Lesson 1. Several systems, one kernel: containers are not virtual machines.
 *
 *     cc -o 01-kernel 01-kernel.c lesson.c $(pkg-config --cflags --libs container)
 *     ./01-kernel ROOTFS.tar.gz...
 *
 * Each tarball is extracted to a directory of its own, which goes at the end, and a shell
 * in it says what it finds there. By hand:  chroot rootfs sh -c 'cat /etc/os-release; ...'
 */
#include "lesson.h"

#include <err.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char help[] = "usage: 01-kernel [--explain] ROOTFS.tar.gz...\n"
			   "Shows that systems which differ in all else run on the same kernel.\n";

/* What is asked in each system. A shell alone answers it; no other program need be there. */
static const char script[] =
	". /etc/os-release; name=${PRETTY_NAME:-$NAME}; libc=none; manager=none; programs=0\n"
	"for file in /lib/ld-musl-*; do [ -e \"$file\" ] && libc=musl; done\n"
	"for file in /lib*/ld-linux*; do [ -e \"$file\" ] && libc=glibc; done\n"
	"for name_of in apk apt dnf pacman zypper; do\n"
	"	command -v $name_of > /dev/null && manager=$name_of\n"
	"done\n"
	"for dir in /bin /sbin /usr/bin /usr/sbin /usr/local/bin; do\n"
	"	[ -h $dir ] || for file in $dir/*; do [ -x $file ] && programs=$((programs + 1)); done\n"
	"done\n"
	"printf '%-32s  %-6s  %-16s  %8s  %s\\n' \"$name\" $libc $manager $programs $(uname -r)";

static char directory[64];

static void remove_directory(void)
{
	ct_error err = CT_ERROR_INIT;

	if (access(directory, F_OK) == 0 && ct_rootfs_remove(directory, &err) < 0)
		warnx("%s", err.sentence);
}

/* Extracts a tarball, starts a shell in it, and has the shell say its line of the table. */
static void show_system(const char *archive)
{
	ct_error err = CT_ERROR_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	lesson_shell shell;
	char *line;

	lesson_check(ct_rootfs_extract(archive, directory, NULL, &root, &err), &err);
	lesson_check(ct_spec_new(&spec), &err);
	ct_spec_set_rootfs(spec, root);
	shell = lesson_start_shell(archive, spec);
	line = lesson_answer(&shell, script);
	fputs(line, stdout);
	free(line);
	lesson_end_shell(&shell);
	ct_spec_free(spec);
	ct_rootfs_free(root);
	remove_directory();
}

int main(int argc, char **argv)
{
	char **archives = lesson_begin(argc, argv, 1, help);
	struct utsname host;

	snprintf(directory, sizeof(directory), "/tmp/lesson-%d", (int)getpid());
	atexit(remove_directory);
	printf("system                            libc    package manager   programs  uname -r\n");
	for (; *archives; archives++)
		show_system(*archives);
	uname(&host);
	printf("%-68s  %s\n", "this machine", host.release);
	return 0;
}
