/* SPDX-License-Identifier: MIT */
/*
 * Joins into what others have started: unshare, bwrap and runc, with and without a user
 * namespace, and pid namespaces two deep. The joined process and the target are compared
 * from outside, by what /proc tells of both.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/join.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ----------------------------------------------------------------------- targets */

struct target {
	const char *name;
	const char *const argv[32]; /* "ROOT", "BUNDLE", "STATE", "ID" are replaced; looked up along PATH */
	bool is_mapped;		    /* its root is not the host's root */
};

#define UNSHARE "unshare", "--fork", "--pid", "--mount-proc=/proc", "--uts", "--ipc", "--net", "--root=ROOT"
#define BWRAP	"bwrap", "--bind", "ROOT", "/", "--proc", "/proc", "--dev", "/dev", "--unshare-pid", \
		"--unshare-ipc", "--unshare-uts", "--unshare-net", "--die-with-parent"
#define PAUSE	"/bin/probe", "pause", NULL

static const struct target targets[] = {
	{"unshare", {UNSHARE, PAUSE}, false},
	{"unshare, in a user namespace", {UNSHARE, "--map-root-user", PAUSE}, false},
	{"unshare, two pid namespaces deep",
		{"unshare", "--fork", "--pid", "--mount", "unshare", "--fork", "--pid", "--mount-proc=/proc",
			"--root=ROOT", PAUSE},
		false},
	{"bwrap", {BWRAP, PAUSE}, false},
	{"bwrap, in a user namespace", {BWRAP, "--unshare-user", "--uid", "1000", "--gid", "1000", PAUSE}, false},
	{"runc", {"runc", "--root", "STATE", "run", "--bundle", "BUNDLE", "ID", NULL}, false},
	{"runc, in a user namespace", {"runc", "--root", "STATE", "run", "--bundle", "BUNDLE", "ID", NULL}, true},
};
#define TARGETS ((int)(sizeof(targets) / sizeof(targets[0])))

static bool is_installed(const char *program)
{
	static const char *const dirs[] = {"/usr/bin", "/usr/sbin", "/bin", "/sbin"};
	char path[128];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dirs[i], program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* What runc is told; the capabilities are some that are neither all nor our default. */
static void write_bundle(const struct target *target)
{
	static const char caps[] = "[\"CAP_KILL\", \"CAP_CHOWN\", \"CAP_NET_BIND_SERVICE\"]";
	static const char maps[] =
		", \"uidMappings\": [{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}],"
		" \"gidMappings\": [{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}]";
	char text[4096];

	snprintf(text, sizeof(text),
		"{\"ociVersion\": \"1.0.2\", \"process\": {\"terminal\": false,"
		" \"user\": {\"uid\": 0, \"gid\": 0, \"additionalGids\": [5, 7]},"
		" \"args\": [\"/bin/probe\", \"pause\"], \"env\": [\"PATH=/bin\"], \"cwd\": \"/\","
		" \"capabilities\": {\"bounding\": %s, \"effective\": %s, \"permitted\": %s},"
		" \"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"hard\": 512, \"soft\": 256}],"
		" \"oomScoreAdj\": 100, \"noNewPrivileges\": true},"
		" \"root\": {\"path\": \"%s\"}, \"hostname\": \"foreign\","
		" \"mounts\": [{\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\"},"
		" {\"destination\": \"/dev\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}],"
		" \"linux\": {\"namespaces\": [{\"type\": \"pid\"}, {\"type\": \"network\"}, {\"type\": \"ipc\"},"
		" {\"type\": \"uts\"}, {\"type\": \"mount\"}%s]%s}}",
		caps, caps, caps, box.root, target->is_mapped ? ", {\"type\": \"user\"}" : "",
		target->is_mapped ? maps : "");
	ck_assert_int_eq(mkdir(in_dir("bundle"), 0755), 0);
	write_file(in_dir("bundle/config.json"), text, 0644);
	/* A mapped root makes its mount points itself. */
	if (target->is_mapped)
		ck_assert_int_eq(chown(box.root, 100000, 100000), 0);
}

static const char *replaced(const char *word)
{
	static char words[40][PATH_MAX];
	static unsigned int next;
	char *to = words[next++ % 40];
	const char *root = strstr(word, "ROOT");

	if (root)
		snprintf(to, PATH_MAX, "%.*s%s%s", (int)(root - word), word, box.root, root + 4);
	else if (strcmp(word, "BUNDLE") == 0)
		snprintf(to, PATH_MAX, "%s", in_dir("bundle"));
	else if (strcmp(word, "STATE") == 0)
		snprintf(to, PATH_MAX, "%s", in_dir("state"));
	else if (strcmp(word, "ID") == 0)
		snprintf(to, PATH_MAX, "ct-test-%d", getpid());
	else
		snprintf(to, PATH_MAX, "%s", word);
	return to;
}

static pid_t start_tool(const char *const *argv)
{
	const char *words[33] = {0};
	pid_t child;

	for (size_t i = 0; argv[i]; i++)
		words[i] = replaced(argv[i]);
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(null, 1);
		execvp(words[0], (char *const *)(uintptr_t)words);
		_exit(127);
	}
	return child;
}

/* Whether a process descends from another. */
static bool descends(pid_t pid, pid_t from)
{
	for (int depth = 0; depth < 8 && pid > 1; depth++) {
		char path[64], text[512], *close_paren;
		ssize_t count;
		int fd;

		if (pid == from)
			return true;
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		count = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		close(fd);
		if (count < 0)
			return false;
		text[count] = '\0';
		close_paren = strrchr(text, ')');
		if (!close_paren || sscanf(close_paren + 2, "%*c %d", &pid) != 1)
			return false;
	}
	return false;
}

/* The descendant of a tool that is the probe by now; 0: there is none yet. */
static pid_t find_payload(pid_t tool)
{
	DIR *proc = opendir("/proc");
	pid_t found = 0;

	for (struct dirent *entry = readdir(proc); entry && !found; entry = readdir(proc)) {
		char path[300], comm[32] = "";
		int fd;

		if (atoi(entry->d_name) <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, comm, sizeof(comm) - 1) > 0 && strcmp(comm, "probe\n") == 0 &&
			descends(atoi(entry->d_name), tool))
			found = atoi(entry->d_name);
		close(fd);
	}
	closedir(proc);
	return found;
}

/* Starts the target and waits until its payload runs. */
static pid_t start_foreign(const struct target *target, pid_t *ret_tool)
{
	const struct timespec pause = {0, 5000000};
	pid_t payload = 0;

	if (strcmp(target->argv[0], "runc") == 0)
		write_bundle(target);
	*ret_tool = start_tool(target->argv);
	for (int i = 0; i < PATIENCE_MS / 5 && !payload; i++) {
		ck_assert_msg(waitpid(*ret_tool, NULL, WNOHANG) == 0, "%s could not be started", target->name);
		payload = find_payload(*ret_tool);
		nanosleep(&pause, NULL);
	}
	ck_assert_msg(payload != 0, "%s did not start its payload", target->name);
	return payload;
}

/* Ends it as its tool would; the cgroups that runc made go with it. */
static void end_foreign(const struct target *target, pid_t tool, pid_t payload)
{
	ck_assert_int_eq(kill(payload, SIGKILL), 0);
	ck_assert_int_eq(waitpid(tool, NULL, 0), tool);
	(void)target;
}

/* -------------------------------------------------------------------- comparing */

static const char *proc_file(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return read_file(path);
}

static void expect_same_text(pid_t visitor, pid_t payload, const char *name)
{
	char theirs[65536];

	snprintf(theirs, sizeof(theirs), "%s", proc_file(payload, name));
	ck_assert_str_eq(proc_file(visitor, name), theirs);
}

static void status_line(pid_t pid, const char *name, char *ret_line, size_t size)
{
	const char *line = strstr(proc_file(pid, "status"), name);

	ck_assert_msg(line != NULL, "no %s in the status", name + 1);
	snprintf(ret_line, size, "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
}

/* The same in number of nested pid namespaces, though not in pids. */
static int depth_of(pid_t pid)
{
	char line[256];
	int depth = 0;

	status_line(pid, "\nNSpid:", line, sizeof(line));
	for (char *at = line; *at; at++)
		depth += *at == '\t';
	return depth;
}

static void expect_same(pid_t visitor, pid_t payload)
{
	static const char *const lines[] = {"\nUid:", "\nGid:", "\nGroups:", "\nCapInh:", "\nCapPrm:",
		"\nCapEff:", "\nCapBnd:", "\nCapAmb:", "\nNoNewPrivs:", "\nSeccomp:"};
	static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
	char ours[256], theirs[256];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		status_line(visitor, lines[i], ours, sizeof(ours));
		status_line(payload, lines[i], theirs, sizeof(theirs));
		ck_assert_msg(strcmp(ours, theirs) == 0, "%s, and in the target %s", ours, theirs);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ck_assert_str_eq(ns_of(visitor, kinds[i]), ns_of(payload, kinds[i]));
	ck_assert_int_eq(depth_of(visitor), depth_of(payload));
	expect_same_text(visitor, payload, "limits");
	expect_same_text(visitor, payload, "cgroup");
	expect_same_text(visitor, payload, "oom_score_adj");
	expect_same_text(visitor, payload, "uid_map");
}

START_TEST(join_into_what_others_started_is_confined_as_that_is)
{
	const struct target *target = &targets[_i];
	ct_spec *spec = VISITOR("/bin/probe", "pause");
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	pid_t tool, payload = start_foreign(target, &tool);

	ck_assert_msg(ct_join_pid(payload, 0, 0, 0, spec, &visitor, &err) == 0, "%s: %s", target->name,
		err.sentence);
	expect_same(ct_container_pid(visitor), payload);
	ct_container_free(visitor);
	ct_spec_free(spec);
	end_foreign(target, tool, payload);
}
END_TEST

START_TEST(join_into_what_others_started_sees_its_files_and_processes)
{
	const struct target *target = &targets[_i];
	ct_spec *spec = VISITOR("/bin/sh", "-c", "cat /etc/inside; ls /proc | grep -c '^[0-9]'");
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	pid_t tool, payload = start_foreign(target, &tool);
	struct outcome *outcome;
	int code = ct_join_pid(payload, 0, 0, 0, spec, &visitor, &err);

	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "%s: %s", target->name, outcome->err.sentence);
	ck_assert_msg(strncmp(outcome->out, "this is the container's\n", 24) == 0, "%s: %s%s", target->name,
		outcome->out, outcome->errors);
	/* The payload, perhaps an init of the tool's, the shell, ls, and grep if it has begun. */
	ck_assert_int_ge(atoi(outcome->out + 24), 3);
	ck_assert_int_le(atoi(outcome->out + 24), 5);
	ct_spec_free(spec);
	end_foreign(target, tool, payload);
}
END_TEST

START_TEST(join_into_a_foreign_target_that_has_died_is_refused)
{
	const struct target *target = &targets[0];
	ct_spec *spec = VISITOR("/bin/probe", "pause");
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	pid_t tool, payload = start_foreign(target, &tool);
	int pidfd = (int)syscall(SYS_pidfd_open, payload, 0);

	end_foreign(target, tool, payload);
	expect_error(ct_join_pidfd(pidfd, 0, 0, spec, &visitor, &err), &err, -ESRCH, CT_STEP_TARGET, NULL,
		NULL);
	ck_assert_ptr_null(visitor);
	close(pidfd);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("foreign", &tc);

	need_root();
	for (int i = 0; i < TARGETS; i++) {
		if (!is_installed(targets[i].argv[0])) {
			printf("  skipped  join into a target of %s: it is not installed\n", targets[i].name);
			continue;
		}
		if (targets[i].is_mapped && !in_first_user_ns()) {
			skip_for_first_root(targets[i].name, "ids over 65535");
			continue;
		}
		tcase_add_loop_test(tc, join_into_what_others_started_is_confined_as_that_is, i, i + 1);
		tcase_add_loop_test(tc, join_into_what_others_started_sees_its_files_and_processes, i, i + 1);
	}
	if (is_installed("unshare"))
		tcase_add_test(tc, join_into_a_foreign_target_that_has_died_is_refused);
	return suite_run(suite);
}
