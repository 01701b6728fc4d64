/* SPDX-License-Identifier: MIT */
/*
 * Lesson 8. What each kind of namespace keeps apart.
 *
 *     cc -o 08-kinds 08-kinds.c lesson.c $(pkg-config --cflags --libs container)
 *     ./08-kinds DIRECTORY [KIND]
 *
 * "outside" is a shell in a container, so that nothing of the machine is changed. "inside" is
 * a second shell that shares all of the outside's namespaces but the kind in question. By
 * hand, in the outside:  unshare --KIND sh
 */
#include "lesson.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: 08-kinds [--explain] DIRECTORY [pid|mnt|ipc|cgroup|net|uts|user|time]\n"
	"Changes something inside, then outside, and shows who sees it.\n";

static const struct kind {
	const char *name;
	uint32_t own; /* what inside has for itself: the kind, and what it takes to see or set it */
	const char *look;    /* the command that shows the change, in both */
	const char *inside;  /* what is changed there */
	const char *outside; /* and there; NULL: nothing can be changed after the start */
} kinds[] = {
	{"pid", CT_NS_PID | CT_NS_MNT, "/bin/ps", "httpd -p 1111", "httpd -p 2222"},
	{"mnt", CT_NS_MNT, "grep /home /proc/mounts | cut -d ' ' -f 1-3",
		"mount -t tmpfs inside /home", "mount -t tmpfs outside /home"},
	{"ipc", CT_NS_IPC | CT_NS_MNT, "ls /dev/mqueue", "touch /dev/mqueue/from-inside",
		"touch /dev/mqueue/from-outside"},
	{"cgroup", CT_NS_CGROUP, "tail -n 1 /proc/self/cgroup", NULL, NULL},
	{"net", CT_NS_NET, "ip -o -4 addr | cut -c 1-31", "ip addr add 10.1.1.1/32 dev lo",
		"ip addr add 10.2.2.2/32 dev lo"},
	{"uts", CT_NS_UTS, "hostname", "hostname inside", "hostname outside"},
	{"user", CT_NS_ALL & ~CT_NS_TIME, "stat -c '%n belongs to %u' /tmp/from-*",
		"touch /tmp/from-inside", "touch /tmp/from-outside"},
	{"time", CT_NS_TIME | CT_NS_PID | CT_NS_MNT, "cut -d . -f 1 /proc/uptime", NULL, NULL},
	{NULL, 0, NULL, NULL, NULL},
};

static ct_spec *new_spec(const char *directory)
{
	ct_spec *spec = lesson_new_spec(directory);

	ct_spec_add_cap(spec, "cap_sys_admin"); /* for hostname and mount */
	ct_spec_add_cap(spec, "cap_net_admin"); /* for ip */
	return spec;
}

static void share_tmp(ct_spec *spec, const char *directory)
{
	char tmp[PATH_MAX];

	snprintf(tmp, sizeof(tmp), "%s/tmp", directory);
	ct_spec_add_bind(spec, tmp, "/tmp", 0);
}

/* A shell that shares with the outside all but the kind; the clocks are always the machine's. */
static lesson_shell start_inside(const struct kind *kind, const char *directory, pid_t outside)
{
	ct_spec *spec = kind->own & CT_NS_USER ? lesson_new_spec(directory) :
						 new_spec(kind->own & CT_NS_MNT ? directory : NULL);
	uint32_t machine = CT_NS_TIME | (geteuid() == 0 ? CT_NS_USER : 0);
	uint32_t shared = CT_NS_ALL & ~machine & ~kind->own;
	lesson_shell inside;

	ct_spec_set_ns_new(spec, kind->own);
	if (shared)
		ct_spec_set_ns_pid(spec, shared, outside);
	if (kind->own & CT_NS_TIME)
		ct_spec_set_time_offsets(
			spec, 0, INT64_C(1000) * 86400 * 1000000000); /* 1000 days */
	if (kind->own & CT_NS_USER) /* so that owners are as on the disk: those of the root are mapped */
		share_tmp(spec, directory);
	if (kind->own & CT_NS_USER && geteuid() == 0) {
		ct_spec_add_uid_map(spec, 0, 100000, 65536);
		ct_spec_add_gid_map(spec, 0, 100000, 65536);
	} else if (kind->own & CT_NS_USER) { /* without rights: one id, the user's own */
		ct_spec_add_uid_map(spec, 1000, geteuid(), 1);
		ct_spec_add_gid_map(spec, 1000, getegid(), 1);
		ct_spec_set_user(spec, 1000, 1000);
	}
	inside = lesson_start_shell("inside ", spec);
	ct_spec_free(spec);
	return inside;
}

static void show(const struct kind *kind, const char *directory)
{
	ct_spec *spec = new_spec(directory);
	lesson_shell outside, inside;

	if (kind->own == CT_NS_CGROUP)
		ct_spec_set_ns_host(spec, CT_NS_CGROUP);
	printf("%s\n", kind->name);
	outside = lesson_start_shell("outside", spec);
	inside = start_inside(kind, directory, ct_container_pid(outside.box));
	if (kind->inside)
		lesson_ask(&inside, "%s", kind->inside);
	lesson_ask(&inside, "%s", kind->look);
	lesson_ask(&outside, "%s", kind->look);
	if (kind->outside) {
		lesson_ask(&outside, "%s", kind->outside);
		lesson_ask(&outside, "%s", kind->look);
		lesson_ask(&inside, "%s", kind->look);
	}
	free(lesson_answer(&outside, "rm -f /tmp/from-inside /tmp/from-outside"));
	lesson_end_shell(&inside);
	lesson_end_shell(&outside);
	ct_spec_free(spec);
}

int main(int argc, char **argv)
{
	char **arguments = lesson_begin(argc, argv, 1, help);
	int shown = 0;

	for (const struct kind *kind = kinds; kind->name; kind++) {
		if (arguments[1] && strcmp(arguments[1], kind->name) != 0)
			continue;
		if (shown++)
			puts("");
		show(kind, arguments[0]);
	}
	if (!shown)
		fputs(help, stderr);
	return shown ? 0 : 125;
}
