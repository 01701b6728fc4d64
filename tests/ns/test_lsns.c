/* SPDX-License-Identifier: MIT */
/*
 * ct_ns_list and lsns, util-linux's lister, look at the same system: they must agree on
 * every namespace that both can see. Processes come and go, so ours is taken before and
 * after, and what changed between them is not compared (compare_lsns.py).
 */
#include "support/box.h"
#include "support/needs.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <container/ns.h>

extern char **environ;

#define CONTAINERS 50

/* ------------------------------------------------------------------- programs */

/* Runs a program with its output in a file; its exit code, -1 if it could not be run. */
static int run_program(const char *const *argv, const char *output)
{
	posix_spawn_file_actions_t actions;
	int status = -1, ret;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	posix_spawn_file_actions_addopen(
		&actions, 2, in_dir("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ret = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret != 0)
		return -1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write_list(const char *path)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;
	char *json = NULL;

	if (ct_ns_list_system(0, 0, &list, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	ck_assert_int_eq(ct_ns_list_to_text(list, CT_NS_FORMAT_JSON, &json), 0);
	write_file(path, json, 0644);
	ct_ns_text_free(json);
	ct_ns_list_free(list);
}

/* One comparison, of so many namespaces at least; what was found stands in the file "found". */
static bool agrees(int least)
{
	static const char *const lsns[] = {"lsns", "-o", "NS,TYPE,NPROCS,PID,USER", "--json", NULL};
	static const char *const kinds[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
	char paths[4][PATH_MAX], ids[8][24];
	const char *compare[16] = {"python3", paths[0], paths[1], paths[2], paths[3]};

	snprintf(paths[0], PATH_MAX, "%s/compare_lsns.py", getenv("CT_TEST_DIR"));
	snprintf(paths[1], PATH_MAX, "%s", in_dir("before"));
	snprintf(paths[2], PATH_MAX, "%s", in_dir("lsns"));
	snprintf(paths[3], PATH_MAX, "%s", in_dir("after"));
	for (int i = 0; i < 8; i++) {
		const char *name = ns_of(0, kinds[i]);

		snprintf(ids[i], sizeof(ids[i]), "%s", strchr(name, '[') + 1);
		ids[i][strcspn(ids[i], "]")] = '\0';
		compare[5 + i] = ids[i];
	}
	write_list(paths[1]);
	/* It fails where a process vanishes before its eyes. */
	if (run_program(lsns, paths[2]) != 0) {
		write_file(in_dir("found"), "lsns failed", 0644);
		return false;
	}
	write_list(paths[3]);
	return run_program(compare, in_dir("found")) == 0 &&
	       atoi(read_file(in_dir("found"))) >= least;
}

static void fail_with_findings(void)
{
	char found[4096];

	snprintf(found, sizeof(found), "%s", read_file(in_dir("found")));
	ck_abort_msg("%s %s", found, read_file(in_dir("errors")));
}

/* ------------------------------------------------------------------ sentences */

START_TEST(list_agrees_with_lsns_on_the_host)
{
	/* On a busy machine processes begin and end during many comparisons, but not during all. */
	for (int tries = 0; tries < 60; tries++)
		if (agrees(6))
			return;
	fail_with_findings();
}
END_TEST

/* Mixed: each container has another set of namespaces of its own. */
static ct_spec *mixed_spec(int number)
{
	static const uint32_t kinds[] = {CT_NS_PID, CT_NS_NET, CT_NS_IPC, CT_NS_UTS, CT_NS_CGROUP};
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; read never");

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	for (int i = 0; i < 5; i++)
		if (number >> i & 1)
			set(ct_spec_set_ns_host(spec, kinds[i]));
	if (number % 3 == 0)
		set(ct_spec_set_ns_new(spec, CT_NS_TIME));
	/* A new user namespace has no rights over the host's others. */
	if (number == 0 || number == 32)
		set(ct_spec_set_ns_new(spec, CT_NS_USER));
	return spec;
}

static void compare_with_containers(void)
{
	ct_container *containers[CONTAINERS];
	ct_spec *specs[CONTAINERS];

	for (int i = 0; i < CONTAINERS; i++) {
		specs[i] = mixed_spec(i);
		containers[i] = start_ready(specs[i]);
	}
	/* Nobody comes or goes in here: they must agree at once, on at least one mnt namespace each. */
	if (!agrees(3 * CONTAINERS))
		fail_with_findings();
	for (int i = 0; i < CONTAINERS; i++) {
		ct_container_free(containers[i]);
		ct_spec_free(specs[i]);
	}
}

/* The first process of a pid namespace with a /proc where nothing else runs. */
static void alone(void (*part)(void))
{
	pid_t outer = fork();

	if (outer == 0) {
		pid_t inner;

		ck_assert_int_eq(unshare(CLONE_NEWPID | CLONE_NEWNS), 0);
		inner = fork();
		if (inner == 0) {
			ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
			ck_assert_int_eq(mount("proc", "/proc", "proc", 0, NULL), 0);
			part();
			_exit(0);
		}
		expect_child(inner);
		_exit(0);
	}
	expect_child(outer);
}

static void compare_alone(void)
{
	if (!agrees(6))
		fail_with_findings();
}

START_TEST(list_agrees_with_lsns_where_nothing_else_runs)
{
	alone(compare_alone);
}
END_TEST

START_TEST(list_agrees_with_lsns_on_fifty_containers_of_mixed_kinds)
{
	alone(compare_with_containers);
}
END_TEST

static bool has_program(const char *name)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s > /dev/null", name);
	return system(command) == 0;
}

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("lsns", &tc);

	need_root();
	if (!has_program("lsns") || !has_program("python3") || !getenv("CT_TEST_DIR")) {
		printf("SKIP: lsns (util-linux), python3, or CT_TEST_DIR is missing\n");
		return 77;
	}
	tcase_add_test(tc, list_agrees_with_lsns_on_the_host);
	tcase_add_test(tc, list_agrees_with_lsns_where_nothing_else_runs);
	add_for_first_root(tc, list_agrees_with_lsns_on_fifty_containers_of_mixed_kinds, "sysfs of the machine's net namespace");
	return suite_run(suite);
}
