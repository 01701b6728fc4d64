/* SPDX-License-Identifier: MIT */
/*
 * newuidmap and newgidmap: programs of the system (shadow) that write a map for an
 * ordinary user if /etc/subuid and /etc/subgid give him the ids. They gain rights by
 * their setuid bit or file capabilities, so they are looked for in places of the system
 * alone, are looked at, and get nothing from the host: no descriptor, no environment, no
 * blocked signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "error/error.h"
#include "idmap.h"
#include "spawn/clone.h"
#include "trace/trace.h"
#include "util/fd.h"

#define WORDS	 3     /* of one range */
#define DIGITS	 12    /* of one word */
#define LIMIT_MS 30000 /* it may ask a directory service for the user's name */
#define LOWEST	 4     /* descriptor: above those that the helper gets */

static const char *const places[] = {"/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"};

/* One run of a helper. */
struct run {
	const char *name;
	char path[CT__IDMAP_HELPER_PATH];
	int exe; /* O_PATH */
	int null;
	int said, says; /* the pipe: our end, and its own */
	char message[256];
	struct ct__trace *trace;
	ct_error *err;
};

/* "newuidmap" stands for the kernel call: explain.c knows what helps by it. */
static int fail(const struct run *run, int code, const char *reason)
{
	ct__fail_because(
		run->err, CT_STEP_IDMAP, code, reason, "%s", run->path[0] ? run->path : run->name);
	ct__error_set_call(run->err, run->name);
	return code;
}

/* ------------------------------------------------------------- finding it */

static int open_high(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC), high;

	if (fd < 0)
		return -errno;
	high = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST);
	if (high < 0)
		high = -errno;
	close(fd);
	return high;
}

static bool has_file_caps(int fd)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	return getxattr(link, "security.capability", NULL, 0) > 0;
}

/* Whether it is what it should be, and will gain the rights that it needs. */
static int check(const struct run *run)
{
	struct statvfs mount;
	struct stat about;

	if (fstat(run->exe, &about) < 0 || fstatvfs(run->exe, &mount) < 0)
		return ct__fail(run->err, CT_STEP_IDMAP, -errno, "fstat", "%s", run->path);
	if (!S_ISREG(about.st_mode) || about.st_uid != 0 || (about.st_mode & 022))
		return fail(run, -EACCES,
			"it is not trusted: not a file of root's that nobody else can write to");
	if (geteuid() == 0) /* whatever its mode, it runs with all the rights there are */
		return 0;
	if (!(about.st_mode & S_ISUID) && !has_file_caps(run->exe))
		return fail(run, -EACCES, "it has neither the setuid bit nor file capabilities");
	if (mount.f_flag & ST_NOSUID)
		return fail(run, -EACCES, "it lies on a mount with nosuid, and gains no right");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
		fail(run, -EPERM, "the host has no_new_privs, with which it gains no right");
		ct__error_set_call(run->err, "prctl");
		return -EPERM;
	}
	return 0;
}

static int find(struct run *run)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(run->path, sizeof(run->path), "%s/%s", places[i], run->name);
		run->exe = open_high(run->path, O_PATH);
		if (run->exe >= 0)
			return check(run);
		if (run->exe != -ENOENT && run->exe != -ENOTDIR)
			return ct__fail(run->err, CT_STEP_IDMAP, run->exe, "open", "%s", run->path);
	}
	run->path[0] = '\0';
	return fail(run, -ENOENT, "it is not installed in /usr/bin, /bin or /usr/local/bin");
}

int ct__idmap_find_helper(const char *helper, char ret_path[CT__IDMAP_HELPER_PATH], ct_error *err)
{
	struct run run = {.name = helper, .exe = -EBADF, .err = err};
	int ret = find(&run);

	ct__close(&run.exe);
	if (ret < 0)
		return ret;
	memcpy(ret_path, run.path, sizeof(run.path));
	return 0;
}

/* -------------------------------------------------------------- running it */

static int open_streams(struct run *run)
{
	int ends[2];

	run->null = open_high("/dev/null", O_RDWR | O_NOCTTY);
	if (run->null < 0)
		return run->null;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	run->said = ct__above_stdio(ends[0]);
	run->says = fcntl(ends[1], F_DUPFD_CLOEXEC, LOWEST);
	if (run->says < 0)
		run->says = -errno;
	close(ends[1]);
	if (run->said < 0 || run->says < 0)
		return run->said < 0 ? run->said : run->says;
	return fcntl(run->said, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* "newuidmap", the pid, three words for each range, NULL; free() it, the words stand behind. */
static const char **arguments(const struct run *run, const ct__array *ranges, pid_t pid)
{
	size_t count = 2 + WORDS * ranges->count, next = 2;
	const char **argv = calloc(1, (count + 1) * sizeof(*argv) + count * DIGITS);
	char *words = argv ? (char *)(argv + count + 1) : NULL;

	if (!argv)
		return NULL;
	argv[0] = run->name;
	argv[1] = words;
	snprintf(words, DIGITS, "%d", pid);
	ct__array_for_each(const struct ct__id_range, range, ranges) {
		const uint32_t numbers[WORDS] = {range->inside, range->outside, range->count};

		for (size_t i = 0; i < WORDS; i++, next++) {
			argv[next] = words + (next - 1) * DIGITS;
			snprintf(words + (next - 1) * DIGITS, DIGITS, "%u", numbers[i]);
		}
	}
	return argv;
}

/* What it has said so far, as one line that disturbs nothing; what does not fit is dropped. */
static void listen(struct run *run)
{
	size_t used = strlen(run->message);
	unsigned char bytes[512];
	ssize_t got;

	while ((got = read(run->said, bytes, sizeof(bytes))) > 0) /* O_NONBLOCK */
		for (ssize_t i = 0; i < got && used < sizeof(run->message) - 1; i++)
			run->message[used++] = bytes[i] < ' ' ? ' ' : (char)bytes[i];
	run->message[used] = '\0';
}

/*
 * Until it has ended. Its pidfd tells, not the pipe, whose other end a forked copy of the
 * host may hold. The exit code does not count: the host may reap it before us (SIGCHLD
 * ignored), and the kernel's word on the map is worth more; see is_written().
 */
static int await(struct run *run, int pidfd)
{
	struct pollfd watched[2] = {
		{.fd = run->said, .events = POLLIN},
		{.fd = pidfd, .events = POLLIN},
	};
	int ret;

	do {
		ret = poll(watched, 2, LIMIT_MS);
		if (ret > 0 && watched[0].revents)
			listen(run);
		if (ret > 0 && (watched[0].revents & POLLHUP))
			watched[0].fd = -1;
	} while ((ret < 0 && errno == EINTR) || (ret > 0 && !watched[1].revents));
	if (ret <= 0) /* it runs with the caller's real user, who may end it */
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	ct__reap(pidfd);
	listen(run);
	return ret == 0 ? -ETIMEDOUT : ret < 0 ? -EIO : 0;
}

static int execute(struct run *run, const char *const *argv, const char **ret_call)
{
	const int fds[] = {run->null, run->says, run->says};
	const struct ct__program program = {
		.exe = run->exe, .fds = fds, .fd_count = 3, .argv = argv, .unblocks = true};
	struct ct__child child;
	int ret = ct__clone_program(&program, 0, NULL, &child, ret_call);

	ct__close(&run->says);
	if (ret < 0)
		return ret;
	*ret_call = "poll";
	ret = await(run, child.pidfd);
	ct__close(&child.pidfd);
	return ret;
}

/* The kernel takes a map whole or not at all; until then the file is empty. */
static bool is_written(const char *helper, pid_t pid)
{
	CT__AUTO_CLOSE int fd = -EBADF;
	char path[48], byte;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid,
		strcmp(helper, "newuidmap") == 0 ? "uid_map" : "gid_map");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &byte, 1) == 1;
}

static void tell_command(struct run *run, const char *const *argv)
{
	char line[2048] = "";
	size_t used = 0;

	for (; run->trace && *argv && used < sizeof(line); argv++)
		used += (size_t)snprintf(
			line + used, sizeof(line) - used, "%s%s", used ? " " : "", *argv);
	ct__trace_command(run->trace, "%s", line);
}

static int run_it(struct run *run, const ct__array *ranges, pid_t pid)
{
	CT__AUTO_FREE const char **argv = arguments(run, ranges, pid);
	const char *call = "clone3", *message = run->message;
	size_t length = strlen(run->name);
	int ret;

	if (!argv)
		return ct__fail(run->err, CT_STEP_MEMORY, -ENOMEM, NULL, "%s", run->name);
	tell_command(run, argv);
	ret = ct__traced(run->trace, CT_STEP_IDMAP, "clone3", execute(run, argv, &call),
		"{flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND, exit_signal=17}<%s>",
		run->path);
	if (ret < 0)
		return ct__fail(run->err, CT_STEP_IDMAP, ret, call, "%s", run->path);
	if (is_written(run->name, pid))
		return 0;
	for (size_t used = strlen(message); used && message[used - 1] == ' '; used--)
		run->message[used - 1] = '\0';
	/* Its messages begin with its name, which the sentence has already. */
	if (strncmp(message, run->name, length) == 0 && message[length] == ':')
		message += length + 1 + strspn(message + length + 1, " ");
	return fail(run, -EPERM, *message ? message : "it did not write the map, and said nothing");
}

int ct__idmap_help(const char *helper, const ct__array *ranges, pid_t pid, struct ct__trace *trace,
	ct_error *err)
{
	struct run run = {.name = helper,
		.exe = -EBADF,
		.null = -EBADF,
		.said = -EBADF,
		.says = -EBADF,
		.trace = trace,
		.err = err};
	int ret = find(&run);

	if (ret >= 0) {
		ret = open_streams(&run);
		if (ret < 0)
			ct__fail(err, CT_STEP_IDMAP, ret, "pipe2", "%s", run.path);
	}
	if (ret >= 0)
		ret = run_it(&run, ranges, pid);
	ct__close(&run.exe);
	ct__close(&run.null);
	ct__close(&run.said);
	ct__close(&run.says);
	return ret;
}
