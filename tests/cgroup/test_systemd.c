/* SPDX-License-Identifier: MIT */
/* Scopes of the systemd that this machine runs under; test_scope.c has all that can be seen without one. */
#include "support/box.h"

#include <container/container.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static ct_spec *scoped(ct_spec *spec)
{
	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 20));
	set(ct_spec_set_cgroup_systemd(spec, ""));
	return spec;
}

static ct_spec *waiting(void)
{
	return scoped(SPEC("/bin/sh", "-c", "echo ready; exec probe pause"));
}

/* The scope that a process is in: "ct-….scope" out of /proc/PID/cgroup, and the path of its own cgroup. */
static void find_scope(pid_t pid, char scope[128], char dir[512])
{
	char path[64], *at, *end;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	at = strstr(read_file(path), "0::/");
	ck_assert_ptr_nonnull(at);
	at[strcspn(at, "\n")] = '\0';
	snprintf(dir, 512, "/sys/fs/cgroup%s", at + 3);
	end = strstr(at, ".scope/ct-");
	ck_assert_msg(end != NULL, "%s", at);
	end[strlen(".scope")] = '\0';
	snprintf(scope, 128, "%s", strrchr(at, '/') + 1);
}

/* What systemctl says of the scope, as "Delegate=yes"; a unit that is gone is "LoadState=not-found". */
static bool systemd_says(const char *scope, const char *what)
{
	char command[512], line[128] = "";
	FILE *stream;

	snprintf(command, sizeof(command), "systemctl %s show --property=%.*s %s", geteuid() ? "--user" : "",
		(int)strcspn(what, "="), what, scope);
	stream = popen(command, "re");
	ck_assert_ptr_nonnull(stream);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), stream));
	ck_assert_int_eq(pclose(stream), 0);
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, what) == 0;
}

static void await_removal(const char *scope)
{
	while (!systemd_says(scope, "LoadState=not-found"))
		usleep(10000);
}

START_TEST(container_is_in_a_scope_that_systemd_knows)
{
	ct_spec *spec = waiting();
	ct_container *container = start_ready(spec);
	char scope[128], dir[512], path[600];

	find_scope(ct_container_pid(container), scope, dir);
	ck_assert(systemd_says(scope, "ActiveState=active"));
	ck_assert(systemd_says(scope, "Delegate=yes"));
	snprintf(path, sizeof(path), "%s/pids.max", dir);
	ck_assert_str_eq(read_file(path), "20\n");
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(scope_goes_with_the_spec_and_its_containers)
{
	ct_spec *spec = waiting();
	ct_container *container = start_ready(spec);
	char scope[128], dir[512];

	find_scope(ct_container_pid(container), scope, dir);
	ct_spec_free(spec);
	ck_assert(systemd_says(scope, "ActiveState=active")); /* the container is in there */
	ct_container_free(container);
	await_removal(scope);
	ck_assert_int_eq(access(dir, F_OK), -1);
}
END_TEST

START_TEST(scope_of_a_killed_host_goes)
{
	char scope[128], dir[512];
	int started[2];
	pid_t host, pid;

	ck_assert_int_eq(pipe(started), 0);
	host = fork();
	if (host == 0) {
		pid = ct_container_pid(start_ready(waiting()));
		(void)!write(started[1], &pid, sizeof(pid));
		pause();
	}
	ck_assert_int_eq(read(started[0], &pid, sizeof(pid)), sizeof(pid));
	close(started[0]);
	close(started[1]);
	find_scope(pid, scope, dir);
	ck_assert_int_eq(kill(host, SIGKILL), 0);
	ck_assert_int_eq(waitpid(host, NULL, 0), host);
	await_removal(scope);
	ck_assert_int_eq(access(dir, F_OK), -1);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	if (access("/run/systemd/system", F_OK) < 0) {
		printf("SKIP: this machine does not run under systemd\n");
		return 77;
	}
	tcase = tcase_create("systemd");
	suite = suite_create("systemd");
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, box_setup, box_teardown);
	tcase_add_test(tcase, container_is_in_a_scope_that_systemd_knows);
	tcase_add_test(tcase, scope_goes_with_the_spec_and_its_containers);
	tcase_add_test(tcase, scope_of_a_killed_host_goes);
	return suite_run(suite);
}
