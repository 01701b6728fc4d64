/* SPDX-License-Identifier: MIT */
/* What the lessons share; see lesson.h. It prints and ends the program, as no library may. */
#include "lesson.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
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

/* --------------------------------------------------------------- explain */

uint64_t lesson_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#define COLUMNS 100

/*
 * Where a shell command can be broken within so many columns: after the last space outside
 * of quotes ('...' or $'...') but not in a comment, or else within a word; 0: nowhere.
 */
static size_t break_of(const char *command, size_t columns)
{
	size_t space = 0, letter = 0;
	char quote = 0;

	for (size_t i = 1; i < columns && command[i]; i++) {
		if (command[i] == '\\' && quote != '\'') {
			i++; /* and the one that it quotes */
		} else if (command[i] == '\'') {
			quote = quote ? 0 : command[i - 1] == '$' ? '$' : '\'';
		} else if (!quote) {
			letter = i;
			if (command[i] == ' ')
				space = i + 1;
			if (command[i] == ' ' && command[i + 1] == '#')
				break;
		}
	}
	return space ? space : letter;
}

/* A long one goes on in the next line, so that a shell takes it as it stands. */
static void show_command(const char *command)
{
	const char *prompt = "$";
	size_t end;

	if (*command == '#') { /* what no command does */
		printf("%.*s\n", COLUMNS, command);
		return;
	}
	while (strlen(command) > COLUMNS - 4 && (end = break_of(command, COLUMNS - 4))) {
		printf("%s %.*s\\\n", prompt, (int)end, command);
		command += end;
		prompt = ">";
	}
	printf("%s %s\n", prompt, command);
}

/* One kernel call in one line: a long result takes its room from the arguments. */
static void format_call(
	char line[COLUMNS + 1], const char *who, const char *call, int64_t result, uint64_t took_ns)
{
	char text[24], shown[66], whole[192];
	int width = sizeof(shown) - 1;

	if (result < 0)
		snprintf(text, sizeof(text), "%s", strerrorname_np((int)-result));
	else
		snprintf(text, sizeof(text), "%lld", (long long)result);
	if (strlen(text) > 6)
		width -= (int)strlen(text) - 6;
	if (snprintf(shown, (size_t)width + 1, "%s", call) > width)
		memcpy(shown + width - 3, "...", 3);
	snprintf(whole, sizeof(whole), "    %-5.8s  %-*s = %-6s %5llu.%llu us", who, width, shown,
		text, (unsigned long long)took_ns / 1000, (unsigned long long)took_ns / 100 % 10);
	snprintf(line, COLUMNS + 1, "%.*s", COLUMNS, whole);
}

/* Calls of one name, one after the other: of many, all but the first and the last are counted. */
static struct {
	const char *who;
	char name[32], lines[6][COLUMNS + 1];
	int count, step;
} run;

static void show_run(void)
{
	const int room = sizeof(run.lines) / sizeof(run.lines[0]);

	for (int i = 0; i < run.count && i < room; i++)
		if (i == 0 || i == room - 1 || run.count <= room)
			puts(run.lines[i]);
		else if (i == 1)
			printf("    %-5s  %s, %d times more\n", run.who, run.name, run.count - 2);
	run.count = 0;
}

/* The shell command, or the name of the step, stands above the first call of each step. */
static void show_event(const ct_trace_event *event, void *data)
{
	const int room = sizeof(run.lines) / sizeof(run.lines[0]);
	const char *who = event->who == CT_TRACE_HOST ? "host" : "child";
	char call[512];

	(void)data;
	if (*event->shell || event->step != run.step || who != run.who ||
		strcmp(run.name, event->call) != 0)
		show_run();
	if (*event->shell)
		show_command(event->shell);
	else if (event->step != run.step)
		printf("# %s\n", ct_step_name(event->step));
	run.step = event->step;
	run.who = who;
	snprintf(run.name, sizeof(run.name), "%s", event->call);
	snprintf(call, sizeof(call), "%s(%s)", event->call, event->arguments);
	format_call(run.lines[run.count < room ? run.count : room - 1], who, call, event->result,
		event->took_ns);
	run.count++;
}

void lesson_explain(ct_spec *spec)
{
	if (explaining)
		ct_spec_set_trace(spec, show_event, NULL);
}

void lesson_step(const char *call, long result, uint64_t began_ns, const char *format, ...)
{
	uint64_t took_ns = lesson_now_ns() - began_ns;
	int reason = errno;
	char command[512], line[COLUMNS + 1];
	va_list arguments;

	if (explaining || result < 0) {
		va_start(arguments, format);
		vsnprintf(command, sizeof(command), format, arguments);
		va_end(arguments);
		show_command(command);
		format_call(line, getpid() == lesson_pid ? "host" : "child", call,
			result < 0 ? -reason : result, took_ns);
		puts(line);
	}
	if (result < 0)
		errx(125, "%s: %s", call, strerror(reason));
}

void lesson_check(int result, const ct_error *err)
{
	show_run(); /* what explain mode has shown last of the call */
	if (result >= 0)
		return;
	if (err->code == 0)
		errx(125, "%s", strerror(-result));
	errx(125, "%s%s%s", err->sentence, *err->cure ? "\n" : "", err->cure);
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

/* ----------------------------------------------- what there is outside */

pid_t lesson_start_idle(const char *name)
{
	pid_t child = vfork(); /* which returns here when the program runs, and has its name */

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with the lesson, whatever happens */
		execlp("sleep", name, "1000", NULL);
		_exit(125);
	}
	return child;
}

void lesson_end_idle(const char *name, pid_t pid)
{
	int status = 0;

	kill(pid, SIGKILL); /* the first signal that ends a process counts */
	waitpid(pid, &status, 0);
	printf("outside: %s %s\n", name, WTERMSIG(status) == SIGKILL ? "runs" : "has been ended");
}

void lesson_show_world(const char *where)
{
	struct if_nameindex *link = if_nameindex();
	struct utsname host;
	struct stat root;
	int links = 0;

	while (link && link[links].if_index)
		links++;
	uname(&host);
	stat("/", &root);
	printf("%-15s / is inode %ju, host name %s, %d network interfaces\n", where,
		(uintmax_t)root.st_ino, host.nodename, links);
	if_freenameindex(link);
}

/* The kind and the rights: "drwxr-xr-x". */
static const char *mode_text(mode_t mode)
{
	static char text[11];

	snprintf(text, sizeof(text), "%crwxrwxrwx", "?pc?d?b?-?l?s???"[mode >> 12]);
	for (int bit = 0; bit < 9; bit++)
		if (!(mode & (0400u >> bit)))
			text[1 + bit] = '-';
	if (mode & S_ISVTX) /* the sticky bit of /tmp */
		text[9] = mode & S_IXOTH ? 't' : 'T';
	return text;
}

/* One line of the list: nothing but what lstat(2) knows. */
static void list_entry(int root, const char *name)
{
	char uid[16], gid[16], date[32], target[256] = "";
	struct passwd *user;
	struct group *group;
	struct stat is;
	time_t age;

	if (fstatat(root, name, &is, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	user = getpwuid(is.st_uid);
	group = getgrgid(is.st_gid);
	snprintf(uid, sizeof(uid), "%u", is.st_uid);
	snprintf(gid, sizeof(gid), "%u", is.st_gid);
	age = time(NULL) - is.st_mtime;
	strftime(date, sizeof(date), age < 0 || age > 31556952 / 2 ? "%b %e  %Y" : "%b %e %H:%M",
		localtime(&is.st_mtime));
	if (readlinkat(root, name, target, sizeof(target) - 1) < 0)
		*target = '\0';
	printf("%s %3ju %-8s %-8s %7jd %s %s%s%s\n", mode_text(is.st_mode), (uintmax_t)is.st_nlink,
		user ? user->pw_name : uid, group ? group->gr_name : gid, (intmax_t)is.st_size,
		date, name, *target ? " -> " : "", target);
}

void lesson_list(int directory)
{
	struct dirent **entries = NULL;
	int count = scandirat(directory, ".", &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		list_entry(directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
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

	lesson_explain(spec);
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
