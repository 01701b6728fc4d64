/* SPDX-License-Identifier: MIT */
/* Attacks by a program inside of a container: at its root, its rights, what it was given. */
#include "attacks/attacks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* -------------------------------------------------- what the host has lying about */

static void open_directories(void)
{
	for (int i = 0; i < 50; i++)
		ck_assert_int_ge(open(in_dir("host"), O_RDONLY | O_DIRECTORY), 0);
	box_accept_changes();
}

static void poison_environment(void)
{
	for (int i = 0; i < 50; i++) {
		char name[32];

		snprintf(name, sizeof(name), "HOSTS_%d", i);
		setenv(name, "secret", 1);
	}
	box_accept_changes();
}

/* ------------------------------------------------------------- loosening a spec */

static void give_host_directory(ct_spec *spec)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(in_dir("host"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	set(ct_spec_map_fd(spec, fd, 3));
	box_accept_changes();
}

static void bare_paths(ct_spec *spec)
{
	set(ct_spec_clear_paths(spec));
}

const struct attack ct_attacks_inside[] = {
	{.id = "A04",
		.sentence = "climbing from a directory that the host has open",
		.words = WORDS("climb-from-descriptors"),
		.roles = BY_ALL,
		.lay = open_directories},
	{.id = "A04",
		.sentence = "climbing from any descriptor, where one of the host is handed in",
		.words = WORDS("climb-from-descriptors"),
		.roles = BY_ALL,
		.loosen = give_host_directory},
	{.id = "A07",
		.sentence = "variables of the host's environment",
		.words = WORDS("find-variables"),
		.roles = BY_ALL,
		.lay = poison_environment},
	{.id = "B17",
		.sentence = "leaving a chroot by a second chroot",
		.words = WORDS("leave-chroot"),
		.roles = BY_ALL},
	{.id = "C01",
		.sentence = "reading what tells of the host",
		.roles = BY_ALL,
		.words = WORDS("read", "/proc/kcore", "/proc/keys", "/proc/interrupts",
			"/proc/timer_list"),
		.loosen = bare_paths},
	{0},
};

const struct attack ct_attacks_calls[] = {
	{.id = "F01",
		.sentence = "calls by the entry of 32-bit programs",
		.words = WORDS("int80"),
		.roles = BY_ALL},
	{0},
};
