/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

struct input input_of(const uint8_t *data, size_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
	return (struct input){data, data + size, hash};
}

uint8_t take_byte(struct input *input)
{
	if (input->at < input->end)
		return *input->at++;
	input->next = input->next * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint8_t)(input->next >> 56);
}

uint32_t take_below(struct input *input, uint32_t bound)
{
	uint32_t value = take_byte(input);

	if (bound > 256)
		value |= (uint32_t)take_byte(input) << 8;
	return value % bound;
}

uint64_t take_number(struct input *input)
{
	static const uint64_t edges[] = {0, 1, 2, 255, 4096, 65535, 65536, INT32_MAX,
		UINT32_MAX - 1, UINT32_MAX, UINT64_C(1) << 32, INT64_MAX, UINT64_C(1) << 63,
		UINT64_MAX - 1, UINT64_MAX};
	uint8_t what = take_byte(input);
	uint64_t value = 0;

	if (what < 128)
		return edges[what % (sizeof(edges) / sizeof(edges[0]))];
	for (int i = 0; i < 1 << (what % 4); i++)
		value = value << 8 | take_byte(input);
	return value;
}

const char *take_word(struct input *input, const char *const *words, size_t count)
{
	return words[take_below(input, (uint32_t)count)];
}

char *take_text(struct input *input)
{
	size_t size = (size_t)(input->end - input->at);
	char *text = malloc(size + 1);

	must(text != NULL, "no memory for the input");
	memcpy(text, input->at, size);
	text[size] = '\0';
	input->at = input->end;
	return text;
}

void must(bool holds, const char *format, ...)
{
	va_list arguments;

	if (holds)
		return;
	va_start(arguments, format);
	fputs("broken: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	abort();
}

/* ------------------------------------------------------------ the sandbox */

static void give_up(const char *what)
{
	printf("no sandbox for the fuzzer: %s: %s\n", what, strerror(errno));
	exit(77);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		give_up(path);
	close(fd);
}

static void leave_namespaces(void)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof(uids), "0 %u 1", geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", getegid());
	if (unshare(CLONE_NEWNS) == 0)
		return;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		give_up("unshare");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uids);
	write_file("/proc/self/gid_map", gids);
}

static void change_mount(const char *path, unsigned int flags, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};

	if (syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attr, sizeof(attr)) < 0)
		give_up("mount_setattr");
}

void enter_sandbox(void)
{
	char *here = getcwd(NULL, 0);

	leave_namespaces();
	if (!here || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount(here, here, NULL, MS_BIND, NULL) < 0)
		give_up("mount");
	change_mount("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0);
	change_mount(here, 0, 0, MOUNT_ATTR_RDONLY);
	if (chdir(here) < 0 || mount("scratch", SCRATCH, "tmpfs", 0, "mode=755,size=64m") < 0)
		give_up("mount");
	free(here);
}
