/* SPDX-License-Identifier: MIT */
/*
 * Scopes of systemd's, asked from a service that does what systemd would: on a bus of the
 * test's own, with a cgroup of the test's own.
 */
#include "support/box.h"
#include "support/cgroup.h"
#include "support/needs.h"

#include <container/container.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

/* What the service does with the call. */
enum manner { MAKES, REFUSES, IS_NOT_THERE };

static struct {
	char dir[64], address[96], parent[128];
	pid_t daemon, service;
	enum manner manner;
} world;

/* ---------------------------------------------------------------- the service */

/* Has each controller passed on, as systemd has it in a slice. */
static void pass_on(const char *dir)
{
	char path[PATH_MAX], list[256], word[64], *rest = list, *name;
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.controllers", dir);
	file = fopen(path, "re");
	if (!file || !fgets(list, sizeof(list), file))
		*list = '\0';
	if (file)
		fclose(file);
	list[strcspn(list, "\n")] = '\0';
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", dir);
	while ((name = strsep(&rest, " ")) != NULL && *name) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);

		snprintf(word, sizeof(word), "+%s", name);
		if (write(fd, word, strlen(word)) < 0)
			perror(word);
		close(fd);
	}
}

/* Everything that it was asked for, one to a line, for the test to read. */
static void note(const char *name, const char *mode, int delegate, const char *collect, uint32_t pid)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/asked", world.dir);
	file = fopen(path, "we");
	fprintf(file, "%s\n%s\ndelegate %d\n%s\n%u\n", name, mode, delegate, collect, pid);
	fclose(file);
}

static int read_property(sd_bus_message *m, int *delegate, const char **collect, uint32_t *pid)
{
	const char *name;
	const void *pids;
	size_t size;
	int ret = sd_bus_message_read(m, "s", &name);

	if (ret < 0)
		return ret;
	if (strcmp(name, "Delegate") == 0)
		return sd_bus_message_read(m, "v", "b", delegate);
	if (strcmp(name, "CollectMode") == 0)
		return sd_bus_message_read(m, "v", "s", collect);
	if (strcmp(name, "PIDs") != 0)
		return sd_bus_message_skip(m, "v");
	ret = sd_bus_message_enter_container(m, 'v', "au");
	if (ret >= 0)
		ret = sd_bus_message_read_array(m, 'u', &pids, &size);
	if (ret >= 0 && size == sizeof(*pid))
		memcpy(pid, pids, size);
	return ret < 0 ? ret : sd_bus_message_exit_container(m);
}

static int start_unit(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *name, *mode, *collect = "";
	char path[PATH_MAX];
	int delegate = 0, ret;
	uint32_t pid = 0;

	(void)data;
	if (world.manner == REFUSES)
		return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "not for the likes of you");
	ret = sd_bus_message_read(m, "ss", &name, &mode);
	if (ret >= 0)
		ret = sd_bus_message_enter_container(m, 'a', "(sv)");
	while (ret >= 0 && sd_bus_message_enter_container(m, 'r', "sv") > 0) {
		ret = read_property(m, &delegate, &collect, &pid);
		sd_bus_message_exit_container(m);
	}
	if (ret < 0)
		return ret;
	note(name, mode, delegate, collect, pid);
	snprintf(path, sizeof(path), "%s/%s", world.parent, name);
	if (mkdir(path, 0755) < 0)
		return -errno;
	move_to_cgroup(path, (pid_t)pid);
	return sd_bus_reply_method_return(m, "o", "/org/freedesktop/systemd1/job/1");
}

static const sd_bus_vtable manager[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", start_unit, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static sd_bus *connect_service(void)
{
	sd_bus *bus = NULL;

	if (sd_bus_new(&bus) < 0 || sd_bus_set_address(bus, world.address) < 0 ||
		sd_bus_set_bus_client(bus, 1) < 0 || sd_bus_start(bus) < 0) {
		sd_bus_unref(bus);
		return NULL;
	}
	return bus;
}

static __attribute__((noreturn)) void serve(int ready)
{
	sd_bus *bus = connect_service();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!bus || sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/systemd1",
			    "org.freedesktop.systemd1.Manager", manager, NULL) < 0 ||
		sd_bus_request_name(bus, "org.freedesktop.systemd1", 0) < 0 || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		if (sd_bus_process(bus, NULL) <= 0)
			sd_bus_wait(bus, UINT64_MAX);
}

/* ------------------------------------------------------------------ the world */

/* No service of the machine's is to be started on it. */
static void write_configuration(const char *path)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	fprintf(file,
		"<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
		" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
		"<busconfig><listen>%s</listen><auth>EXTERNAL</auth><policy context=\"default\">\n"
		"<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n",
		world.address);
	fclose(file);
}

static void start_daemon(void)
{
	char path[96], option[128];
	sd_bus *bus = NULL;

	snprintf(path, sizeof(path), "%s/conf", world.dir);
	write_configuration(path);
	snprintf(option, sizeof(option), "--config-file=%s", path);
	world.daemon = fork();
	if (world.daemon == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile", option,
			(char *)NULL);
		_exit(127);
	}
	while (!(bus = connect_service())) {
		ck_assert_int_eq(waitpid(world.daemon, NULL, WNOHANG), 0);
		usleep(2000);
	}
	sd_bus_flush_close_unref(bus);
}

static void start_world(enum manner manner)
{
	int ready[2];
	char byte;

	world.manner = manner;
	start_daemon();
	if (manner == IS_NOT_THERE)
		return;
	ck_assert_int_eq(pipe(ready), 0);
	world.service = fork();
	if (world.service == 0)
		serve(ready[1]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static void setup(void)
{
	const char *parent = make_cgroup();

	box_setup();
	ck_assert_ptr_nonnull(parent);
	snprintf(world.parent, sizeof(world.parent), "%s", parent);
	pass_on(world.parent);
	snprintf(world.dir, sizeof(world.dir), "/tmp/ct-scope-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(world.dir));
	snprintf(world.address, sizeof(world.address), "unix:path=%s/bus", world.dir);
}

static void teardown(void)
{
	static const char *const files[] = {"asked", "bus", "conf"};
	char path[128];

	if (world.service > 0)
		end_child(world.service);
	if (world.daemon > 0)
		end_child(world.daemon);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", world.dir, files[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(world.dir), 0);
	box_teardown();
	ck_assert_msg(rmdir(world.parent) == 0, "%s: %s", world.parent, strerror(errno));
}

static ct_spec *scoped(ct_spec *spec)
{
	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 20));
	set(ct_spec_set_cgroup_systemd(spec, world.address));
	return spec;
}

/* The directory of the scope that was asked for, as systemd would name it. */
static const char *scope_dir(char name[128])
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/asked", world.dir);
	snprintf(name, 128, "%s", read_file(path));
	name[strcspn(name, "\n")] = '\0';
	snprintf(path, sizeof(path), "%s/%s", world.parent, name);
	return path;
}

/* --------------------------------------------------------------------- it is made */

START_TEST(container_is_in_the_scope_and_nothing_of_ours_stays_in_it)
{
	ct_spec *spec = scoped(SPEC("/bin/sh", "-c", "echo ready; exec probe pause"));
	ct_container *container;
	char name[128], wanted[256], path[64];
	const char *scope;

	start_world(MAKES);
	container = start_ready(spec);
	scope = scope_dir(name);
	snprintf(wanted, sizeof(wanted), "/%s/ct-", name);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", ct_container_pid(container));
	ck_assert_msg(strstr(read_file(path), wanted) != NULL, "%s", read_file(path));
	ct_container_free(container);
	ct_spec_free(spec);
	ck_assert_msg(rmdir(scope) == 0, "%s: %s", scope, strerror(errno));
}
END_TEST

START_TEST(scope_is_asked_for_with_delegation_and_a_process_that_keeps_it)
{
	ct_spec *spec = scoped(SPEC("/bin/true"));
	char name[128], path[128], asked[512], mode[16], collect[64];
	int delegate;
	unsigned int pid;

	start_world(MAKES);
	ck_assert_int_eq(run(spec)->how.code, 0);
	snprintf(path, sizeof(path), "%s/asked", world.dir);
	snprintf(asked, sizeof(asked), "%s", read_file(path));
	ck_assert_msg(sscanf(asked, "%127s %15s delegate %d %63s %u", name, mode, &delegate, collect, &pid) == 5,
		"%s", asked);
	ck_assert_str_eq(name + strlen(name) - 6, ".scope");
	ck_assert_str_eq(mode, "fail");
	ck_assert_int_eq(delegate, 1);
	ck_assert_str_eq(collect, "inactive-or-failed");
	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	ck_assert_msg(strstr(read_file(path), name) != NULL, "%s", read_file(path));
	ct_spec_free(spec);
	ck_assert_int_eq(rmdir(scope_dir(name)), 0);
}
END_TEST

/* One scope for all of them. */
START_TEST(second_container_of_a_spec_is_in_the_same_scope)
{
	ct_spec *spec = scoped(SPEC("/bin/sh", "-c", "echo ready; exec probe pause"));
	ct_container *first, *second;
	char name[128];

	start_world(MAKES);
	first = start_ready(spec);
	second = start_ready(spec);
	(void)scope_dir(name);
	for (int i = 0; i < 2; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/cgroup", ct_container_pid(i ? second : first));
		ck_assert(strstr(read_file(path), name) != NULL);
	}
	ct_spec_free(spec);
	ct_container_free(first);
	ck_assert_int_eq(rmdir(scope_dir(name)), -1); /* the other is in there, without its spec */
	ct_container_free(second);
	ck_assert_int_eq(rmdir(scope_dir(name)), 0);
}
END_TEST

static bool is_populated(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *stream = opendir(dir);
	bool populated;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	populated = *read_file(path) != '\0';
	while (stream && (entry = readdir(stream)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (is_populated(path))
			populated = true;
		else
			rmdir(path); /* as systemd does when nobody is left */
	}
	if (stream)
		closedir(stream);
	return populated;
}

START_TEST(scope_of_a_killed_host_is_empty)
{
	char name[128], byte;
	int started[2];
	pid_t host;

	start_world(MAKES);
	ck_assert_int_eq(pipe(started), 0);
	host = fork();
	if (host == 0) {
		ct_spec *spec = scoped(SPEC("/bin/sh", "-c", "echo ready; exec probe pause"));

		(void)start_ready(spec);
		(void)!write(started[1], "", 1);
		raise(SIGKILL);
	}
	ck_assert_int_eq(read(started[0], &byte, 1), 1);
	close(started[0]);
	close(started[1]);
	waitpid(host, NULL, 0);
	while (is_populated(scope_dir(name)))
		usleep(2000);
	ck_assert_int_eq(rmdir(scope_dir(name)), 0);
}
END_TEST

/* ------------------------------------------------------------------ it is refused */

START_TEST(refusal_is_in_the_words_of_systemd)
{
	ct_spec *spec = scoped(SPEC("/bin/true"));
	struct outcome *outcome;

	start_world(REFUSES);
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_LIMIT, world.address,
		"not for the likes of you");
}
END_TEST

START_TEST(bus_without_systemd_is_told)
{
	ct_spec *spec = scoped(SPEC("/bin/true"));
	struct outcome *outcome;

	start_world(IS_NOT_THERE);
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EHOSTUNREACH, CT_STEP_LIMIT, world.address, NULL);
}
END_TEST

START_TEST(bus_that_is_not_there_is_told)
{
	ct_spec *spec = scoped(SPEC("/bin/true"));
	struct outcome *outcome = attempt(spec);

	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_LIMIT, world.address, "no such bus");
}
END_TEST

START_TEST(container_may_lack_its_cgroup_where_no_systemd_runs)
{
	ct_spec *spec = scoped(SPEC("/bin/true"));

	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_CGROUP)));
	ck_assert_int_eq(run(spec)->how.code, 0);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_root();
	need_cgroup();
	if (system("dbus-daemon --version > /dev/null 2>&1") != 0) {
		printf("SKIP: there is no dbus-daemon\n");
		return 77;
	}
	tcase = tcase_create("scope");
	suite = suite_create("scope");
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, container_is_in_the_scope_and_nothing_of_ours_stays_in_it);
	tcase_add_test(tcase, scope_is_asked_for_with_delegation_and_a_process_that_keeps_it);
	tcase_add_test(tcase, second_container_of_a_spec_is_in_the_same_scope);
	tcase_add_test(tcase, scope_of_a_killed_host_is_empty);
	tcase_add_test(tcase, refusal_is_in_the_words_of_systemd);
	tcase_add_test(tcase, bus_without_systemd_is_told);
	tcase_add_test(tcase, bus_that_is_not_there_is_told);
	tcase_add_test(tcase, container_may_lack_its_cgroup_where_no_systemd_runs);
	return suite_run(suite);
}
