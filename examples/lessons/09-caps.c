/* SPDX-License-Identifier: MIT */
/*
 * Lesson 9. Root without root: capabilities.
 *
 *     cc -o 09-caps 09-caps.c lesson.c $(pkg-config --cflags --libs container libcap)
 *     ./09-caps DIRECTORY
 *
 * What root was able to do is cut into some forty rights, and root in a container has a few
 * of them. By hand:
 *     capsh --print; capsh --drop=cap_chown --chroot=rootfs --; setcap cap_net_bind_service=ep httpd
 */
#include "lesson.h"

#include <sys/capability.h>
#include <unistd.h>

static const char help[] =
	"usage: 09-caps [--explain] DIRECTORY\n"
	"Shows what root in a container may not do, and what one capability changes.\n";

/* Each command, in a container as it is by default, and in one with the setting changed. */
static const struct trial {
	const char *cap;
	int (*change)(ct_spec *spec, const char *cap);
	const char *how;
	const char *command;
	uid_t user; /* in the container; not 0 needs a root that can map it */
} trials[] = {
	{"cap_sys_admin", ct_spec_add_cap, "with it", "hostname mine", 0},
	{"cap_net_admin", ct_spec_add_cap, "with it", "ip link set lo down", 0},
	{"cap_sys_chroot", ct_spec_drop_cap, "without", "chroot / true", 0},
	{"cap_dac_override", ct_spec_drop_cap, "without",
		"(umask 777; echo a > /tmp/a; cat /tmp/a)", 0},
	{"cap_net_bind_service", ct_spec_drop_cap, "without", "httpd -p 80", 0},
	{"cap_net_bind_service", ct_spec_add_ambient_cap, "with it", "httpd -p 80", 1000},
	{NULL, NULL, NULL, NULL, 0},
};

static lesson_shell start(
	const char *name, const char *directory, const struct trial *changed, uid_t user)
{
	ct_spec *spec = lesson_new_spec(directory);
	lesson_shell shell;

	ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL); /* each trial finds the same */
	ct_spec_set_user(spec, user, user);
	if (changed)
		changed->change(spec, changed->cap);
	shell = lesson_start_shell(name, spec);
	ct_spec_free(spec);
	return shell;
}

static void ask(lesson_shell shell, const char *command)
{
	lesson_ask(&shell, "%s && echo allowed", command);
	lesson_end_shell(&shell);
}

/* What getpcaps says of the first process of a container that is as strict as can be. */
static void show_default(const char *directory)
{
	lesson_shell shell = start("inside", directory, NULL, 0);
	cap_t caps = cap_get_pid(ct_container_pid(shell.box));
	char *text = cap_to_text(caps, NULL);

	printf("root in a container has: %s\n", text);
	cap_free(text);
	cap_free(caps);
	lesson_ask(&shell, "grep -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status");
	lesson_end_shell(&shell);
}

int main(int argc, char **argv)
{
	const char *directory = *lesson_begin(argc, argv, 1, help);

	show_default(directory);
	for (const struct trial *trial = trials; trial->cap; trial++) {
		printf("\n%s, as user %d\n", trial->cap, (int)trial->user);
		if (trial->user != 0 && geteuid() != 0) {
			puts("    left out: only root can give a container more users than one");
			continue;
		}
		ask(start("default", directory, NULL, trial->user), trial->command);
		ask(start(trial->how, directory, trial, trial->user), trial->command);
	}
	return 0;
}
