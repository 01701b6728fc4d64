/* SPDX-License-Identifier: MIT */
/*
 * Lesson 10. All together: what Docker and LXC add up to, in one spec.
 *
 *     cc -o 10-together 10-together.c lesson.c $(pkg-config --cflags --libs container)
 *     ./10-together DIRECTORY VOLUME
 *
 * With Docker:
 *     docker run --hostname web --volume $PWD/VOLUME:/srv:ro --tmpfs /tmp:size=1m \
 *         --memory 64m --pids-limit 20 --ulimit nofile=64 --cap-drop all --cap-add net_bind_service \
 *         --security-opt no-new-privileges --env MODE=lesson IMAGE sh
 */
#include "lesson.h"

#include <sys/resource.h>

static const char help[] = "usage: 10-together [--explain] DIRECTORY VOLUME\n"
			   "Starts one container with all that there is, and has it say so.\n";

/* The parts, and what makes each of them show itself. */
static const char *const parts[][2] = {
	{"Image: changes go with the container",
		"echo mine > /etc/os-release; cat /etc/os-release"},
	{"Namespaces: a pid, a name and a network of its own",
		"/bin/ps; hostname; ls /sys/class/net"},
	{"Volume: the host's directory, read-only", "cat /srv/hello; touch /srv/mine"},
	{"Memory as a disk: bounded", "head -c 2000000 /dev/zero > /tmp/big; wc -c < /tmp/big"},
	{"Environment: nothing of the host's", "env | grep -v -e PWD -e SHLVL -e _="},
	{"Limits of each process", "ulimit -n"},
	{"Capabilities: one", "grep -E 'Cap(Prm|Bnd)' /proc/self/status; chroot / true"},
	{"No new privileges by setuid programs", "grep NoNewPrivs /proc/self/status"},
	{"Seccomp: a filter of system calls, which root in here cannot pass either",
		"grep Seccomp: /proc/self/status; unshare -U true"},
	{"The host's parts of /proc and /sys: hidden or read-only",
		"wc -c < /proc/keys; "
		"echo > /proc/sys/kernel/panic"},
	{"Limits of all processes together", "dd if=/dev/zero of=/dev/null bs=100M count=1; "
					     "(for i in $(seq 30); do sleep 1 & done)"},
};

static ct_spec *describe(const char *directory, const char *volume)
{
	const char *const environment[] = {"MODE=lesson", NULL};
	ct_spec *spec = lesson_new_spec(directory); /* new namespaces, masks, filter, ... */

	ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL);
	ct_spec_set_hostname(spec, "web");
	ct_spec_add_bind(spec, volume, "/srv", CT_MOUNT_READONLY);
	ct_spec_add_tmpfs(spec, "/tmp", 1 << 20, 01777, CT_MOUNT_NOEXEC);
	ct_spec_set_env(spec, environment);
	ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 64, 64);
	ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 64 << 20);
	ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 20);
	ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_CGROUP)); /* a user may have no cgroup to give */
	ct_spec_drop_cap(spec, "all");
	ct_spec_add_cap(spec, "cap_net_bind_service");
	return spec;
}

/* By the cgroup that the limits are in; or why there is none. */
static void show_figures(ct_container *box)
{
	ct_protection cgroup = CT_PROTECTION_INIT;
	ct_figures figures = CT_FIGURES_INIT;
	ct_error err = CT_ERROR_INIT;

	lesson_check(ct_container_protection(box, CT_ITEM_CGROUP, &cgroup), &err);
	if (cgroup.state == CT_ITEM_LACKING) {
		printf("\nIt has no limits: %s\n", cgroup.why.sentence);
		return;
	}
	lesson_check(ct_container_figures(box, &figures, &err), &err);
	printf("\nIt used %llu MiB at most; %llu of its processes were killed for want of memory,\n"
	       "and %llu were not forked.\n",
		(unsigned long long)figures.memory_peak_bytes >> 20,
		(unsigned long long)figures.oom_kills, (unsigned long long)figures.pids_max_count);
}

int main(int argc, char **argv)
{
	char **arguments = lesson_begin(argc, argv, 2, help);
	ct_spec *spec = describe(arguments[0], arguments[1]);
	lesson_shell shell = lesson_start_shell("web", spec);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		printf("%s%s:\n", i ? "\n" : "", parts[i][0]);
		lesson_ask(&shell, "%s", parts[i][1]);
	}
	show_figures(shell.box);
	lesson_end_shell(&shell);
	ct_spec_free(spec);
	return 0;
}
