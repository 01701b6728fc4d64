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

static ct_spec *new_spec(const char *directory, uid_t user)
{
	ct_spec *spec = lesson_new_spec(directory);

	ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL); /* each trial finds the same */
	ct_spec_set_user(spec, user, user);
	return spec;
}

static void ask(const char *name, ct_spec *spec, const char *command)
{
	lesson_shell shell = lesson_start_shell(name, spec);

	lesson_ask(&shell, "%s && echo allowed", command);
	lesson_end_shell(&shell);
	ct_spec_free(spec);
}

/* What getpcaps says of the first process of a container that is as strict as can be. */
static void show_default(const char *directory)
{
	ct_spec *spec = new_spec(directory, 0);
	lesson_shell shell = lesson_start_shell("inside", spec);
	cap_t caps = cap_get_pid(ct_container_pid(shell.box));
	char *text = cap_to_text(caps, NULL);

	printf("root in a container has: %s\n", text);
	cap_free(text);
	cap_free(caps);
	lesson_ask(&shell, "grep -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status");
	lesson_end_shell(&shell);
	ct_spec_free(spec);
}

int main(int argc, char **argv)
{
	const char *directory = *lesson_begin(argc, argv, 1, help);

	show_default(directory);
	for (const struct trial *trial = trials; trial->cap; trial++) {
		ct_spec *changed;

		printf("\n%s, as user %d\n", trial->cap, (int)trial->user);
		if (trial->user != 0 && geteuid() != 0) {
			puts("    left out: only root can give a container more users than one");
			continue;
		}
		ask("default", new_spec(directory, trial->user), trial->command);
		changed = new_spec(directory, trial->user);
		trial->change(changed, trial->cap);
		ask(trial->how, changed, trial->command);
	}
	return 0;
}
