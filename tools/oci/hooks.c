/* SPDX-License-Identifier: MIT */
/*
 * Hooks: programs of the machine that are told of a container, by its state on their standard input.
 * Those of startContainer run in the container, by way of ct_join().
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"

/* The state, to be read from its beginning. A negative errno on failure. */
static int state_file(const struct box *box)
{
	json_t *state = box_state(box);
	char *text = state ? json_dumps(state, JSON_COMPACT) : NULL;
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

	if (pidfd >= 0 && timeout_ms >= 0)
		do
			ret = poll(&asked, 1, timeout_ms);
		while (ret < 0 && errno == EINTR);
	if (ret == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
	return ret == 0 ? -ETIMEDOUT : status;
}

/* What runs in a child: nothing but the hook's own. */
static void become(const char *path, const char **args, const char **env, const char *bundle, int input)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(input, STDIN_FILENO);
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	if (chdir(bundle) < 0)
		_exit(127);
	/* execve() changes neither the arrays nor the strings. */
	execve(path, (char *const *)(uintptr_t)args, (char *const *)(uintptr_t)env);
	_exit(127);
}

static int run_outside(const struct box *box, const char *path, const char **args, const char **env,
	int timeout_ms, int input)
{
	pid_t pid = fork();

	if (pid == 0)
		become(path, args, env, box->bundle, input);
	return pid < 0 ? -errno : wait_for(pid, timeout_ms);
}

/* In the namespaces of the container's process, with its root. */
static int run_inside(const struct box *box, const char *path, const char **args, const char **env,
	int timeout_ms, int input)
{
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_container *visitor = NULL;
	ct_spec *spec = NULL;
	int ret = ct_spec_new(&spec);

	if (ret < 0)
		return ret;
	ct_spec_set_program(spec, path);
	ct_spec_set_argv(spec, args);
	ct_spec_set_env(spec, env);
	ct_spec_set_stdio(spec, 0, CT_STDIO_FD, input);
	ret = ct_join_pid(box->pid, box->ticks, 0, CT_JOIN_NO_SECCOMP, spec, &visitor, &err);
	if (ret == 0)
		ret = ct_wait(visitor, timeout_ms, &how, &err);
	ct_container_free(visitor);
	ct_spec_free(spec);
	if (ret == -ETIMEDOUT)
		return ret;
	if (ret < 0)
		complain_of(&err);
	return ret < 0 ? ret : how.signal ? how.signal : how.code << 8;
}

static int run_hook(const struct box *box, const char *kind, size_t index, json_t *hook)
{
	const char *path = json_string_value(json_object_get(hook, "path"));
	json_t *timeout = json_object_get(hook, "timeout");
	int64_t seconds = json_integer_value(timeout);
	bool inside = strcmp(kind, "startContainer") == 0;
	const char **args = strings(json_object_get(hook, "args"));
	const char **env = strings(json_object_get(hook, "env"));
	const char *alone[] = {path, NULL};
	int input = state_file(box);
	int ret = -EINVAL, ms = seconds > 0 && seconds < 2000000 ? (int)seconds * 1000 : -1;

	if (!path || path[0] != '/')
		complain("/hooks/%s/%zu/path: it is no absolute path", kind, index);
	else if (!args || !env || input < 0)
		complain("/hooks/%s/%zu: out of memory", kind, index);
	else
		ret = (inside ? run_inside : run_outside)(
			box, path, args[0] ? args : alone, env, ms, input);
	if (ret == -ETIMEDOUT)
		complain("/hooks/%s/%zu: %s: its time was over", kind, index, path);
	else if (ret > 0 && WIFEXITED(ret))
		complain("/hooks/%s/%zu: %s: exited with code %d", kind, index, path, WEXITSTATUS(ret));
	else if (ret > 0)
		complain("/hooks/%s/%zu: %s: killed by signal %d", kind, index, path, WTERMSIG(ret));
	free(args);
	free(env);
	if (input >= 0)
		close(input);
	return ret ? 1 : 0;
}

int run_hooks(struct box *box, const char *kind)
{
	json_t *hooks = json_object_get(json_object_get(box->config, "hooks"), kind);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < json_array_size(hooks); i++)
		ret = run_hook(box, kind, i, json_array_get(hooks, i));
	return ret;
}

void run_all_hooks(struct box *box, const char *kind)
{
	json_t *hooks = json_object_get(json_object_get(box->config, "hooks"), kind);

	for (size_t i = 0; i < json_array_size(hooks); i++)
		(void)run_hook(box, kind, i, json_array_get(hooks, i));
}
