/* SPDX-License-Identifier: MIT */
/*
 * Attacks on who reaches into a running container for a file or a mount: what it has there are
 * links to the host. The control goes by /proc/PID/root, where a link begins at the caller's root.
 */
#include <container/inside.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attacks/attacks.h"

/* The image: links to the host, and a directory that is exchanged with one of them. */
static void lay_links(void)
{
	char climbing[PATH_MAX];

	snprintf(climbing, sizeof(climbing), "../../../../../../..%s", in_dir("host"));
	ck_assert_int_eq(symlink(in_dir("host"), in_root("link")), 0);
	ck_assert_int_eq(symlink(climbing, in_root("climbing")), 0);
	ck_assert_int_eq(symlink(in_host("secret"), in_root("etc/link")), 0);
	ck_assert_int_eq(mkdir(in_root("race"), 0755), 0);
	ck_assert_int_eq(mkdir(in_root("race/here"), 0755), 0);
	write_file(in_root("race/here/secret"), "the container's\n", 0644);
	ck_assert_int_eq(symlink(in_dir("host"), in_root("race/link")), 0);
}

static ct_container *start_target(void)
{
	ct_spec *spec = spec_of_role(WORDS("stay"));
	ct_container *target;

	target = start_ready(spec);
	ct_spec_free(spec);
	return target;
}

/* Opens by the library or by /proc; whether what it got is the host's. Closes it. */
static bool got_secret(bool guarded, ct_container *target, const char *path)
{
	char text[64] = "", way[PATH_MAX];
	ct_error err = CT_ERROR_INIT;
	int fd;

	snprintf(way, sizeof(way), "/proc/%d/root%s", ct_container_pid(target), path);
	fd = guarded ? ct_container_open_file(target, path, O_RDONLY, 0, &err)
		     : open(way, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	if (!strstr(text, "the host's secret"))
		return false;
	remark("%s is the host's", path);
	return true;
}

static enum verdict open_through_links(bool guarded)
{
	char by_cwd[PATH_MAX];
	const char *const paths[] = {"/link/secret", "/climbing/secret", "/etc/link", by_cwd,
		"/proc/self/cwd/secret", "/proc/thread-self/root/link/secret"};
	enum verdict verdict = HELD;
	ct_container *target;

	snprintf(by_cwd, sizeof(by_cwd), "/proc/%d/root%s", getpid(), in_host("secret"));
	lay_links();
	target = start_target();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && verdict == HELD; i++)
		if (got_secret(guarded, target, paths[i]))
			verdict = THROUGH;
	ct_container_free(target);
	return verdict;
}

static pid_t race(void)
{
	return start_racer(in_root("race/here"), in_root("race/link"));
}

static enum verdict open_raced(bool guarded)
{
	enum verdict verdict = HELD;
	ct_container *target;
	pid_t racer;

	lay_links();
	target = start_target();
	racer = race();
	for (int i = 0; i < (guarded ? scaled(100) * attack_effort : 100000) && verdict == HELD;
		i++)
		if (got_secret(guarded, target, "/race/here/secret"))
			verdict = THROUGH;
	end_child(racer);
	ct_container_free(target);
	return verdict;
}

static enum verdict write_raced(bool guarded)
{
	ct_error err = CT_ERROR_INIT;
	ct_container *target;
	char way[PATH_MAX];
	pid_t racer;

	lay_links();
	target = start_target();
	racer = race();
	snprintf(way, sizeof(way), "/proc/%d/root/race/here/new", ct_container_pid(target));
	for (int i = 0; i < (guarded ? scaled(100) * attack_effort : 100000); i++) {
		int fd = guarded ? ct_container_open_file(
					   target, "/race/here/new", O_WRONLY | O_CREAT, 0644, &err)
				 : open(way, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		if (fd >= 0)
			close(fd);
		if (!guarded && access(in_host("new"), F_OK) == 0)
			break;
	}
	end_child(racer);
	ct_container_free(target);
	return HELD; /* unless the host's tree has changed */
}

static enum verdict mount_point_raced(bool guarded)
{
	int source = open(in_dir("host/sub"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	ct_error err = CT_ERROR_INIT;
	ct_container *target;
	char way[PATH_MAX];
	pid_t racer;

	lay_links();
	target = start_target();
	racer = race();
	snprintf(way, sizeof(way), "/proc/%d/root/race/here/made", ct_container_pid(target));
	for (int i = 0; i < (guarded ? scaled(40) * attack_effort : 100000); i++) {
		if (!guarded)
			mkdir(way, 0755);
		else if (ct_container_mount(target, source, "/race/here/made", 0, &err) == 0 &&
			 ct_container_unmount(target, "/race/here/made", &err) < 0)
			remark("%s", err.sentence);
		if (!guarded && access(in_host("made"), F_OK) == 0)
			break;
	}
	remark("%s", err.sentence);
	end_child(racer);
	ct_container_free(target);
	close(source);
	return HELD; /* unless the host's tree has changed */
}

const struct attack ct_attacks_running[] = {
	{.id = "B09",
		.sentence = "have a file of the host opened through a link of the container",
		.roles = BY_ALL,
		.run = open_through_links},
	{.id = "B09",
		.sentence = "exchange a directory by a link while a file in it is opened",
		.roles = BY_CALLERS,
		.run = open_raced},
	{.id = "B09",
		.sentence = "exchange a directory by a link while a file in it is made",
		.roles = BY_CALLERS,
		.run = write_raced},
	{.id = "B09",
		.sentence = "exchange a directory by a link while something is mounted below",
		.roles = 1u << AS_ROOT | 1u << AS_MAPPED_ROOT,
		.run = mount_point_raced},
	{0},
};
