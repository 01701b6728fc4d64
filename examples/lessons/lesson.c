/* SPDX-License-Identifier: MIT */
/* What the lessons share; see lesson.h. It prints and ends the program, as no library may. */
#include "lesson.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_OF_ANSWER "\x04" /* a line that no command prints */

static int explaining;
static pid_t lesson_pid;

char **lesson_begin(int argc, char **argv, int least, const char *help)
{
	int kept = 1;

	lesson_pid = getpid();
	setvbuf(stdout, NULL, _IOLBF, 0); /* in step with what children print */
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			fputs(help, stdout);
			exit(0);
		}
		if (strcmp(argv[i], "--explain") == 0)
			explaining = 1;
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	if (kept - 1 < least) {
		fputs(help, stderr);
		exit(125);
	}
	return argv + 1;
}

void lesson_check(int result, const ct_error *err)
{
	if (result >= 0)
		return;
	if (err->code == 0)
		errx(125, "%s", strerror(-result));
	errx(125, "%s%s%s", err->sentence, *err->cure ? "\n" : "", err->cure);
}

/* --------------------------------------------------------------- explain */

uint64_t lesson_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* One kernel call on one line of at most 100 columns. */
static void show_call(const char *who, const char *call, int64_t result, uint64_t took_ns)
{
	char text[24];

	if (result < 0)
		snprintf(text, sizeof(text), "%s", strerrorname_np((int)-result));
	else
		snprintf(text, sizeof(text), "%lld", (long long)result);
	printf("    %-5s  %-65.65s = %-6s %7.1f us\n", who, call, text, (double)took_ns / 1e3);
}

void lesson_step(const char *call, long result, uint64_t began_ns, const char *format, ...)
{
	uint64_t took_ns = lesson_now_ns() - began_ns;
	int reason = errno;
	va_list arguments;

	if (explaining || result < 0) {
		printf("$ ");
		va_start(arguments, format);
		vprintf(format, arguments);
		va_end(arguments);
		puts("");
		show_call(getpid() == lesson_pid ? "host" : "child", call,
			result < 0 ? -reason : result, took_ns);
	}
	if (result < 0)
		errx(125, "%s: %s", call, strerror(reason));
}

/* -------------------------------------------- a child of the lesson's own */

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return written < 0 ? -1 : 0;
}

void lesson_unshare(int kinds)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char uids[40], gids[40];

	snprintf(uids, sizeof(uids), "0 %u 1", uid);
	snprintf(gids, sizeof(gids), "0 %u 1", gid);
	if (uid != 0) {
		STEP(unshare(CLONE_NEWUSER), "unshare --user");
		STEP(write_file("/proc/self/setgroups", "deny"),
			"echo deny > /proc/self/setgroups");
		STEP(write_file("/proc/self/uid_map", uids), "echo %s > /proc/self/uid_map", uids);
		STEP(write_file("/proc/self/gid_map", gids), "echo %s > /proc/self/gid_map", gids);
	}
	if (kinds & CLONE_NEWNS) {
		STEP(unshare(CLONE_NEWNS), "unshare --mount");
		STEP(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount --make-rprivate /");
	}
}

int lesson_is_child(void)
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		err(125, "fork");
	if (child == 0)
		return 1;
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 125)
		exit(125); /* it has said why */
	return 0;
}

/* ---------------------------------------------------- a shell to talk to */

ct_spec *lesson_new_spec(const char *directory)
{
	ct_error failure = CT_ERROR_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;

	lesson_check(ct_spec_new(&spec), &failure);
	if (directory) {
		lesson_check(ct_rootfs_open(directory, &root, &failure), &failure);
		ct_spec_set_rootfs(spec, root);
		ct_rootfs_free(root); /* the spec keeps the directory open */
	}
	return spec;
}

void lesson_set_shell(ct_spec *spec)
{
	const char *const argv[] = {"sh", NULL};

	ct_spec_set_argv(spec, argv);
	ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1);
	ct_spec_set_stdio(spec, 1, CT_STDIO_PIPE, -1);
}

lesson_shell lesson_shell_in(const char *name, ct_container *box)
{
	lesson_shell shell = {name, box, NULL, NULL};

	shell.commands = fdopen(ct_container_take_stdio(box, 0), "w");
	shell.output = fdopen(ct_container_take_stdio(box, 1), "r");
	if (!shell.commands || !shell.output)
		err(125, "fdopen");
	return shell;
}

lesson_shell lesson_start_shell(const char *name, ct_spec *spec)
{
	ct_error failure = CT_ERROR_INIT;
	ct_container *box = NULL;

	lesson_set_shell(spec);
	lesson_check(ct_spawn(spec, &box, &failure), &failure);
	return lesson_shell_in(name, box);
}

char *lesson_answer(lesson_shell *shell, const char *command)
{
	char *line = NULL, *answer = NULL;
	size_t room = 0, length = 0;
	FILE *memory = open_memstream(&answer, &length);

	if (!memory)
		err(125, "open_memstream");
	fprintf(shell->commands, "{ %s\n} < /dev/null 2>&1; echo '" END_OF_ANSWER "'\n", command);
	fflush(shell->commands);
	while (getline(&line, &room, shell->output) > 0 && strcmp(line, END_OF_ANSWER "\n") != 0)
		fputs(line, memory);
	free(line);
	fclose(memory);
	return answer;
}

void lesson_ask(lesson_shell *shell, const char *format, ...)
{
	char command[512], *answer, *rest, *line;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	printf("%s $ %s\n", shell->name, command);
	rest = answer = lesson_answer(shell, command);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			printf("    %s\n", line);
	free(answer);
}

void lesson_end_shell(lesson_shell *shell)
{
	fclose(shell->commands);
	fclose(shell->output);
	ct_container_free(shell->box);
}

const char *lesson_beside(const char *name)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 256);

	if (length < 0)
		err(125, "/proc/self/exe");
	path[length] = '\0';
	strcpy(strrchr(path, '/') + 1, name);
	return path;
}
