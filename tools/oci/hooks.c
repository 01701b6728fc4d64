/* SPDX-License-Identifier: MIT */
/*
 * Hooks: programs that are told of a container, by its state on their standard input. Two kinds run in the
 * container, by way of ct_join(): those of createContainer before it has its root, with the machine's tree,
 * and those of startContainer in its root.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"

/* One hook as it is run. */
struct hook {
	const char *path;
	const char **args, **env;
	int timeout_ms; /* -1: none */
	int input;
};

/* How a hook ended as wait(2) has it, or a negative errno. */
typedef int (*runner)(const struct box *box, const struct hook *hook);

/* The number that the container's process has in its own pid namespace. */
static pid_t pid_inside(const struct box *box)
{
	char path[32], line[256];
	int pid = box->pid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", box->pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "NSpid:", 6) == 0)
			(void)sscanf(strrchr(line, '\t'), "%d", &pid);
	if (file)
		fclose(file);
	return pid;
}

/* The state, to be read from its beginning. A negative errno on failure. */
static int state_file(const struct box *box, bool inside)
{
	json_t *state = box_state(box);
	json_t *pid = inside && state ? json_integer(pid_inside(box)) : NULL;
	char *text = pid && json_object_set_new(state, "pid", pid) < 0 ? NULL :
		     state ? json_dumps(state, JSON_COMPACT) : NULL;
	int fd = text ? memfd_create("state", MFD_CLOEXEC) : -1;

	if (fd >= 0 && (write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		fd = -1;
	}
	free(text);
	json_decref(state);
	return fd < 0 ? -EIO : fd;
}

/* An array of strings, ended by NULL; free() the array alone. */
static const char **strings(const json_t *array)
{
	size_t count = json_array_size(array), used = 0;
	const char **list = calloc(count + 1, sizeof(*list));

	for (size_t i = 0; list && i < count; i++)
		if (json_is_string(json_array_get(array, i)))
			list[used++] = json_string_value(json_array_get(array, i));
	return list;
}

/* Waits for a hook's end, not longer than its time; how it ended as wait(2) has it, or a negative errno. */
static int wait_for(pid_t pid, int timeout_ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd asked = {.fd = pidfd, .events = POLLIN};
	int status = 0, ret = 1;
	pid_t ended;

	if (pidfd >= 0 && timeout_ms >= 0)
		do
			ret = poll(&asked, 1, timeout_ms);
		while (ret < 0 && errno == EINTR);
	if (ret == 0)
		kill(pid, SIGKILL);
	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (pidfd >= 0)
		close(pidfd);
	return ret == 0 ? -ETIMEDOUT : ended < 0 ? -ECHILD : status;
}

/* What runs in a child: nothing but the hook's own. */
static void become(const struct hook *hook, const char *bundle)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL); /* which make_there() ignores: scripts have pipes */
	dup2(hook->input, STDIN_FILENO);
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	if (chdir(bundle) < 0)
		_exit(127);
	/* execve() changes neither the arrays nor the strings. */
	execve(hook->path, (char *const *)(uintptr_t)hook->args, (char *const *)(uintptr_t)hook->env);
	_exit(127);
}

static int run_outside(const struct box *box, const struct hook *hook)
{
	pid_t pid = fork();

	if (pid == 0)
		become(hook, box->bundle);
	return pid < 0 ? -errno : wait_for(pid, hook->timeout_ms);
}

static int join_and_wait(const struct box *box, const struct hook *hook, ct_spec *spec)
{
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_container *visitor = NULL;
	int ret;

	ct_spec_set_program(spec, hook->path);
	ct_spec_set_argv(spec, hook->args);
	ct_spec_set_env(spec, hook->env);
	ct_spec_set_stdio(spec, 0, CT_STDIO_FD, hook->input);
	ret = ct_join_pid(box->pid, box->ticks, 0, CT_JOIN_NO_SECCOMP, spec, &visitor, &err);
	if (ret == 0)
		ret = ct_wait(visitor, hook->timeout_ms, &how, &err);
	ct_container_free(visitor);
	if (ret == -ETIMEDOUT)
		return ret;
	if (ret < 0)
		complain_of(&err);
	return ret < 0 ? ret : how.signal ? how.signal : how.code << 8;
}

/* In the namespaces of the container's process, with its root. */
static int run_inside(const struct box *box, const struct hook *hook)
{
	ct_spec *spec = NULL;
	int ret = ct_spec_new(&spec);

	if (ret == 0)
		ret = join_and_wait(box, hook, spec);
	ct_spec_free(spec);
	return ret;
}

/* Whether the container's pid namespace is one that there was before. */
static bool has_given_pid_ns(const struct box *box)
{
	const json_t *list = json_object_get(json_object_get(box->config, "linux"), "namespaces");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *type = json_string_value(json_object_get(item, "type"));

		if (type && strcmp(type, "pid") == 0)
			return json_string_length(json_object_get(item, "path")) > 0;
	}
	return false;
}

/* The same before the pivot: its root is the machine's, and it may have to fork yet to be in its pid namespace. */
static int run_before_pivot(const struct box *box, const struct hook *hook)
{
	ct_spec *spec = NULL;
	char path[64];
	int ret = ct_spec_new(&spec);

	if (ret < 0)
		return ret;
	ct_spec_set_cwd(spec, box->bundle);
	snprintf(path, sizeof(path), "/proc/%d/ns/pid_for_children", box->pid);
	if (has_given_pid_ns(box))
		ct_spec_set_ns_path(spec, CT_NS_PID, path);
	ret = join_and_wait(box, hook, spec);
	ct_spec_free(spec);
	return ret;
}

/* ------------------------------------------------------------------ kinds */

/* In the order in which their turn comes. */
static const struct kind {
	const char *name;
	runner run;
} kinds[] = {
	{"prestart", run_outside},
	{"createRuntime", run_outside},
	{"createContainer", run_before_pivot},
	{"startContainer", run_inside},
	{"poststart", run_outside},
	{"poststop", run_outside},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind_of(const char *name)
{
	size_t i = 0;

	while (i < KINDS - 1 && strcmp(kinds[i].name, name) != 0)
		i++;
	return &kinds[i];
}

static bool is_strings(const json_t *list)
{
	bool are = !list || json_is_null(list) || json_is_array(list);

	for (size_t i = 0; i < json_array_size(list); i++)
		are = are && json_is_string(json_array_get(list, i));
	return are;
}

#define TIMEOUT_MOST 2000000 /* seconds: in milliseconds it is an int */

static int check_hook(const char *kind, size_t index, const json_t *hook)
{
	const char *path = json_string_value(json_object_get(hook, "path"));
	const json_t *timeout = json_object_get(hook, "timeout");
	int64_t seconds = json_integer_value(timeout);

	if (!path || path[0] != '/')
		return complain("/hooks/%s/%zu/path: it is no absolute path", kind, index);
	if (!is_strings(json_object_get(hook, "args")))
		return complain("/hooks/%s/%zu/args: it is no array of strings", kind, index);
	if (!is_strings(json_object_get(hook, "env")))
		return complain("/hooks/%s/%zu/env: it is no array of strings", kind, index);
	if (timeout && !json_is_null(timeout) && (seconds < 1 || seconds > TIMEOUT_MOST))
		return complain("/hooks/%s/%zu/timeout: it is no number of seconds from 1 to %d", kind, index,
			TIMEOUT_MOST);
	return 0;
}

int check_hooks(const struct box *box)
{
	json_t *hooks = json_object_get(box->config, "hooks");
	int ret = 0;

	if (hooks && !json_is_null(hooks) && !json_is_object(hooks))
		return complain("/hooks: it is no object");
	for (size_t k = 0; k < KINDS; k++) {
		json_t *list = json_object_get(hooks, kinds[k].name);

		if (list && !json_is_null(list) && !json_is_array(list))
			return complain("/hooks/%s: it is no array", kinds[k].name);
		for (size_t i = 0; ret == 0 && i < json_array_size(list); i++)
			ret = check_hook(kinds[k].name, i, json_array_get(list, i));
	}
	return ret;
}

/* ---------------------------------------------------------------- running */

static int run_hook(const struct box *box, const struct kind *kind, size_t index, json_t *json)
{
	const char *path = json_string_value(json_object_get(json, "path"));
	int64_t seconds = json_integer_value(json_object_get(json, "timeout"));
	const char *alone[] = {path, NULL};
	const char **args = strings(json_object_get(json, "args"));
	struct hook hook = {.path = path,
		.args = args && args[0] ? args : alone,
		.env = strings(json_object_get(json, "env")),
		.timeout_ms = seconds > 0 ? (int)seconds * 1000 : -1,
		.input = state_file(box, kind->run != run_outside)};
	int ret;

	if (!args || !hook.env || hook.input < 0)
		ret = -ENOMEM;
	else
		ret = kind->run(box, &hook);
	if (ret == -ETIMEDOUT)
		complain("/hooks/%s/%zu: %s: its time was over", kind->name, index, path);
	else if (ret < 0)
		complain("/hooks/%s/%zu: %s: it cannot be run", kind->name, index, path);
	else if (ret > 0 && WIFEXITED(ret))
		complain("/hooks/%s/%zu: %s: exited with code %d", kind->name, index, path, WEXITSTATUS(ret));
	else if (ret > 0)
		complain("/hooks/%s/%zu: %s: killed by signal %d", kind->name, index, path, WTERMSIG(ret));
	free(args);
	free(hook.env);
	if (hook.input >= 0)
		close(hook.input);
	return ret ? 1 : 0;
}

int run_hooks(const struct box *box, const char *kind)
{
	json_t *hooks = json_object_get(json_object_get(box->config, "hooks"), kind);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < json_array_size(hooks); i++)
		ret = run_hook(box, kind_of(kind), i, json_array_get(hooks, i));
	return ret;
}

void run_all_hooks(const struct box *box, const char *kind)
{
	json_t *hooks = json_object_get(json_object_get(box->config, "hooks"), kind);

	for (size_t i = 0; i < json_array_size(hooks); i++)
		(void)run_hook(box, kind_of(kind), i, json_array_get(hooks, i));
}
