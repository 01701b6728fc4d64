/* SPDX-License-Identifier: MIT */
/*
 * The program that tests run inside a container. Static, so that it needs no
 * file of the root filesystem. "probe facts" prints what a process is given,
 * one "name=value" a line; "probe try NAME=ARG..." makes attempts and prints
 * how each ended; the other words each do one thing. It judges nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/tiocl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* ------------------------------------------------------------------ facts */

static void print_ids(void)
{
	uid_t uid[3];
	gid_t gid[3];
	gid_t groups[65536 / 64];
	int count;

	getresuid(&uid[0], &uid[1], &uid[2]);
	getresgid(&gid[0], &gid[1], &gid[2]);
	printf("pid=%d\nppid=%d\nsid=%d\npgid=%d\n", getpid(), getppid(), getsid(0), getpgid(0));
	printf("uid=%u %u %u\ngid=%u %u %u\n", uid[0], uid[1], uid[2], gid[0], gid[1], gid[2]);
	count = getgroups(sizeof(groups) / sizeof(groups[0]), groups);
	printf("groups=");
	for (int i = 0; i < count; i++)
		printf("%s%u", i ? " " : "", groups[i]);
	printf("\n");
}

static void print_caps(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};
	uint64_t bounding = 0, ambient = 0;

	if (syscall(SYS_capget, &head, data) < 0)
		printf("cap_error=%s\n", strerrorname_np(errno));
	for (int cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			bounding |= 1ull << cap;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
			ambient |= 1ull << cap;
	}
	printf("cap_effective=%016llx\n",
		(unsigned long long)data[1].effective << 32 | data[0].effective);
	printf("cap_permitted=%016llx\n",
		(unsigned long long)data[1].permitted << 32 | data[0].permitted);
	printf("cap_inheritable=%016llx\n",
		(unsigned long long)data[1].inheritable << 32 | data[0].inheritable);
	printf("cap_bounding=%016llx\n", (unsigned long long)bounding);
	printf("cap_ambient=%016llx\n", (unsigned long long)ambient);
	printf("securebits=%d\n", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	printf("no_new_privs=%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	printf("seccomp=%d\n", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	printf("dumpable=%d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

static void print_signals(void)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} action;
	uint64_t mask = 0, pending = 0;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask));
	syscall(SYS_rt_sigpending, &pending, sizeof(pending));
	printf("sigmask=%016llx\n", (unsigned long long)mask);
	printf("sigpending=%016llx\n", (unsigned long long)pending);
	printf("sigignored=");
	for (int number = 1; number <= 64; number++)
		if (syscall(SYS_rt_sigaction, number, NULL, &action, 8) == 0 && action.handler)
			printf("%d ", number);
	printf("\n");
}

static void print_limits(void)
{
	struct rlimit limit;
	mode_t mask = umask(0);
	char text[32] = "";
	int signal = -1;
	FILE *file;

	umask(mask);
	printf("umask=%04o\n", mask);
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
			printf("rlimit.%d=%lld %lld\n", i, (long long)limit.rlim_cur,
				(long long)limit.rlim_max);
	file = fopen("/proc/self/oom_score_adj", "re");
	if (file) {
		if (fgets(text, sizeof(text), file))
			text[strcspn(text, "\n")] = '\0';
		fclose(file);
	}
	printf("oom_score_adj=%s\n", text);
	prctl(PR_GET_PDEATHSIG, &signal);
	printf("pdeathsig=%d\n", signal);
}

static void print_names(int argc, char **argv)
{
	struct utsname name;
	char text[PATH_MAX];
	int i = 0;

	uname(&name);
	printf("hostname=%s\ndomainname=%s\n", name.nodename, name.domainname);
	printf("cwd=%s\n", getcwd(text, sizeof(text)) ? text : strerrorname_np(errno));
	for (int arg = 0; arg < argc; arg++)
		printf("argv.%d=%s\n", arg, argv[arg]);
	for (char **env = environ; *env; env++)
		printf("env.%d=%s\n", i++, *env);
	printf("env_count=%d\n", i);
	printf("keyring=%ld\n",
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
	if (prctl(PR_GET_NAME, text) == 0)
		printf("comm=%s\n", text);
}

static void print_namespaces(void)
{
	static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char path[64], text[64];
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		length = readlink(path, text, sizeof(text) - 1);
		if (length > 0)
			text[length] = '\0';
		printf("ns.%s=%s\n", kinds[i], length > 0 ? text : strerrorname_np(errno));
	}
}

/* By fcntl over all numbers, so that it holds without /proc as well. */
static void print_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 4096; fd++) {
		char path[64], text[PATH_MAX];
		struct stat stat;
		ssize_t length;
		int flags = fcntl(fd, F_GETFD);

		if (flags < 0)
			continue;
		count++;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		length = readlink(path, text, sizeof(text) - 1);
		text[length > 0 ? length : 0] = '\0';
		if (fstat(fd, &stat) < 0)
			memset(&stat, 0, sizeof(stat));
		printf("fd.%d=%s\n", fd, text);
		printf("fdinfo.%d=dev %llx ino %llu rdev %u:%u type %o cloexec %d mode %d\n", fd,
			(unsigned long long)stat.st_dev, (unsigned long long)stat.st_ino,
			major(stat.st_rdev), minor(stat.st_rdev), stat.st_mode & S_IFMT,
			flags & FD_CLOEXEC, fcntl(fd, F_GETFL) & O_ACCMODE);
	}
	printf("fd_count=%d\n", count);
}

static void print_file(const char *label, const char *path)
{
	char line[8192];
	int i = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		printf("%s.%d=%s\n", label, i++, line);
	}
	fclose(file);
}

static int facts(int argc, char **argv)
{
	/* First, before anything is opened. */
	print_descriptors();
	print_ids();
	print_caps();
	print_signals();
	print_limits();
	print_names(argc, argv);
	print_namespaces();
	print_file("mount", "/proc/self/mountinfo");
	print_file("cgroup", "/proc/self/cgroup");
	printf("facts_end=1\n");
	return 0;
}

/* --------------------------------------------------------------- attempts */

static int try_write(const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/* Nothing is written: what a write would do to the host is not to be found out. */
	close(fd);
	return 0;
}

static int try_read(const char *arg)
{
	char buffer[4096];
	int fd = open(arg, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t count;
	int saved;

	if (fd < 0)
		return -1;
	count = read(fd, buffer, sizeof(buffer));
	saved = errno;
	close(fd);
	errno = saved;
	return (int)count;
}

static int try_list(const char *arg)
{
	DIR *dir = opendir(arg);
	int count = 0;

	if (!dir)
		return -1;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			count++;
	closedir(dir);
	return count;
}

static int try_create(const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int try_stat(const char *arg)
{
	struct stat stat;

	return lstat(arg, &stat);
}

static int try_mount(const char *arg)
{
	return mount("none", arg, "tmpfs", 0, NULL);
}

static int try_proc(const char *arg)
{
	return mount("proc", arg, "proc", 0, NULL);
}

static int try_umount(const char *arg)
{
	return umount2(arg, MNT_DETACH);
}

static int try_remount(const char *arg)
{
	return mount(NULL, arg, NULL, MS_REMOUNT | MS_BIND, NULL);
}

/* Makes the node; then opens it, since a nodev mount lets it be made but not used. */
static int try_mknod(const char *arg)
{
	return mknod(arg, S_IFCHR | 0666, makedev(1, 3));
}

static int try_kill(const char *arg)
{
	return kill(atoi(arg), 0);
}

static int try_setuid(const char *arg)
{
	return setuid((uid_t)atoi(arg));
}

static int try_setgroups(const char *arg)
{
	gid_t group = (gid_t)atoi(arg);

	return setgroups(1, &group);
}

static int try_unshare(const char *arg)
{
	return unshare((int)strtoul(arg, NULL, 0));
}

static int try_sethostname(const char *arg)
{
	return sethostname(arg, strlen(arg));
}

static int try_chdir(const char *arg)
{
	return chdir(arg);
}

static int try_chroot(const char *arg)
{
	return chroot(arg);
}

static int try_dotdot(const char *arg)
{
	struct stat top, here;

	(void)arg;
	if (stat("/", &top) < 0)
		return -1;
	for (int i = 0; i < 1024; i++)
		if (chdir("..") < 0)
			return -1;
	if (stat(".", &here) < 0)
		return -1;
	return top.st_ino == here.st_ino && top.st_dev == here.st_dev ? 0 : 1;
}

/* From an inherited directory: what A03 and A04 of the attack list do. */
static int try_fd_escape(const char *arg)
{
	int found = 0;

	for (int fd = 0; fd < 1024; fd++) {
		int up = openat(fd, "../../../../../../../../../..", O_PATH | O_DIRECTORY);

		if (up < 0)
			continue;
		if (faccessat(up, arg[0] == '/' ? arg + 1 : arg, F_OK, 0) == 0)
			found++;
		close(up);
	}
	return found;
}

static int try_exec(const char *arg)
{
	int status;
	int pipe_fd[2];
	int code = 0;
	pid_t child;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (child < 0)
		return -1;
	if (child == 0) {
		execl(arg, arg, "exit", "0", (char *)NULL);
		code = errno;
		_exit(write(pipe_fd[1], &code, sizeof(code)) == sizeof(code) ? 1 : 2);
	}
	close(pipe_fd[1]);
	if (read(pipe_fd[0], &code, sizeof(code)) != sizeof(code))
		code = 0;
	close(pipe_fd[0]);
	waitpid(child, &status, 0);
	errno = code;
	return code ? -1 : 0;
}

static int try_loopback(const char *arg)
{
	struct sockaddr_storage address = {0};
	uint8_t *bytes = (uint8_t *)&address;
	socklen_t length = 16;
	int listener, client, result;

	(void)arg;
	address.ss_family = AF_INET;
	bytes[4] = 127;
	bytes[7] = 1;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || client < 0)
		return -1;
	if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1) < 0)
		return -1;
	if (getsockname(listener, (struct sockaddr *)&address, &length) < 0)
		return -1;
	result = connect(client, (struct sockaddr *)&address, length);
	close(client);
	close(listener);
	return result;
}

static long call_kernel(const char *arg, long base)
{
	long values[7] = {0};
	char *end = NULL;

	for (int i = 0; i < 7 && *arg; i++) {
		values[i] = (long)strtoull(arg, &end, 0);
		arg = *end == ',' ? end + 1 : end;
	}
	return syscall(base + values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
}

/* "call=165,0,-1": any system call, by numbers; a result above 0 counts as 0. */
static int try_call(const char *arg)
{
	return call_kernel(arg, 0) < 0 ? -1 : 0;
}

/* The same as x32 numbers it. */
static int try_x32(const char *arg)
{
	return call_kernel(arg, 0x40000000) < 0 ? -1 : 0;
}

/* A call without arguments by the entry of 32-bit programs. */
static int try_int80(const char *arg)
{
#if defined(__x86_64__)
	long ret = atoi(arg);

	__asm__ volatile("int $0x80" : "+a"(ret) : : "r8", "r9", "r10", "r11", "memory");
	if ((int)ret < 0) {
		errno = -(int)ret;
		return -1;
	}
	return 0;
#else
	(void)arg;
	errno = ENOSYS;
	return -1;
#endif
}

/* A keystroke for the terminal that is stdin, once it is the controlling one if it is nobody's yet. */
static int push(unsigned long request, const char *key)
{
	ioctl(0, TIOCSCTTY, 0);
	return (int)syscall(SYS_ioctl, 0, request, key);
}

static int try_push(const char *arg)
{
	return push(TIOCSTI, arg);
}

/* The kernel takes no more than 32 bits of a request. */
static int try_push_wide(const char *arg)
{
	return push(TIOCSTI | 1ul << 32, arg);
}

/* What is selected on a virtual console becomes its input. */
static int try_paste(const char *arg)
{
	const char paste = TIOCL_PASTESEL;

	(void)arg;
	return ioctl(0, TIOCLINUX, &paste);
}

/* A TCP port of loopback; to: connect to it, or be bound to it. */
static int try_port(const char *arg, int (*to)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(arg)),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};

	return to(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address));
}

static int try_connect(const char *arg)
{
	return try_port(arg, connect);
}

static int try_bind(const char *arg)
{
	return try_port(arg, bind);
}

/* The abstract socket of this name. */
static int try_abstract(const char *arg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(arg));

	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", arg);
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, size);
}

/* The old call, whose flags are an argument; its child does nothing. */
static int try_clone(const char *arg)
{
	long child = syscall(SYS_clone, strtoul(arg, NULL, 0) | SIGCHLD, 0, 0, 0, 0);

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid((pid_t)child, NULL, 0);
	return child < 0 ? -1 : 0;
}

static void *set_to_7(void *value)
{
	*(int *)value = 7;
	return NULL;
}

/* A thread of the C library's, which takes clone3 for it where it can. */
static int try_thread(const char *arg)
{
	pthread_t thread;
	int value = 0;

	(void)arg;
	errno = pthread_create(&thread, NULL, set_to_7, &value);
	if (errno)
		return -1;
	pthread_join(thread, NULL);
	return value;
}

static const struct {
	const char *name;
	int (*call)(const char *arg);
} attempts[] = {
	{"call", try_call},	    {"x32", try_x32},	      {"int80", try_int80},
	{"push", try_push},	    {"push-wide", try_push_wide}, {"paste", try_paste},
	{"clone", try_clone},	    {"thread", try_thread},
	{"write", try_write},	    {"read", try_read},	      {"list", try_list},
	{"create", try_create},	    {"stat", try_stat},	      {"mount", try_mount},
	{"proc", try_proc},	    {"umount", try_umount},   {"remount", try_remount},
	{"mknod", try_mknod},	    {"kill", try_kill},	      {"setuid", try_setuid},
	{"setgroups", try_setgroups}, {"unshare", try_unshare}, {"sethostname", try_sethostname},
	{"chdir", try_chdir},	    {"chroot", try_chroot},
	{"dotdot", try_dotdot},	    {"fd-escape", try_fd_escape}, {"exec", try_exec},
	{"connect", try_connect},   {"bind", try_bind},	      {"abstract", try_abstract},
	{"loopback", try_loopback}, {"mkdir", NULL},	      {"rmdir", NULL},
	{"unlink", NULL},
};

static int attempt(const char *name, const char *arg)
{
	if (strcmp(name, "mkdir") == 0)
		return mkdir(arg, 0755);
	if (strcmp(name, "rmdir") == 0)
		return rmdir(arg);
	if (strcmp(name, "unlink") == 0)
		return unlink(arg);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		if (attempts[i].call && strcmp(attempts[i].name, name) == 0)
			return attempts[i].call(arg);
	fprintf(stderr, "probe: no attempt is called %s\n", name);
	exit(99);
}

/* "try write=/x" prints "write=/x -> 0" (or a count), or "write=/x -> EROFS". */
static int try_all(char **args)
{
	for (; *args; args++) {
		char name[64];
		char *arg = strchr(*args, '=');
		size_t length = arg ? (size_t)(arg - *args) : strlen(*args);
		int result;

		snprintf(name, sizeof(name), "%.*s", (int)length, *args);
		result = attempt(name, arg ? arg + 1 : "");
		if (result < 0)
			printf("%s -> %s\n", *args, strerrorname_np(errno));
		else
			printf("%s -> %d\n", *args, result);
	}
	return 0;
}

/* ------------------------------------------------------------ single words */

static int die_by_signal(int number)
{
	struct rlimit limit;

	/* A core only where the caller's limit asks for one. */
	getrlimit(RLIMIT_CORE, &limit);
	signal(number, SIG_DFL);
	kill(getpid(), number);
	/* PID 1 does not die of what it sends to itself. */
	return 98;
}

static int crash(void)
{
	volatile int *volatile nowhere = NULL;

	*nowhere = 1;
	return 98;
}

/* Says that it is there, then waits until its stdin ends. */
static int hold(void)
{
	char byte;

	printf("ready\n");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}

/* As hold, but a SIGTERM ends it with code 42. */
static void leave(int number)
{
	(void)number;
	_exit(42);
}

static int copy(void)
{
	char buffer[65536];
	ssize_t count;

	for (count = read(0, buffer, sizeof(buffer)); count > 0;
		count = read(0, buffer, sizeof(buffer)))
		if (write(1, buffer, (size_t)count) != count)
			return 1;
	return count < 0;
}

/* The numbers of all open descriptors in one line, then what stdin gives. */
static int list_and_copy(void)
{
	for (int fd = 0; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	printf("\n");
	return fflush(stdout) != 0 || copy();
}

/* Copies what each named descriptor gives: "fd 5: text". */
static int read_descriptors(char **args)
{
	for (; *args; args++) {
		char buffer[256];
		ssize_t count = read(atoi(*args), buffer, sizeof(buffer) - 1);

		if (count < 0) {
			printf("fd %s: %s\n", *args, strerrorname_np(errno));
			continue;
		}
		buffer[count] = '\0';
		buffer[strcspn(buffer, "\n")] = '\0';
		printf("fd %s: %s\n", *args, buffer);
	}
	return 0;
}

/* Writes its own start as nanoseconds of CLOCK_MONOTONIC. */
static int now(void)
{
	struct timespec time;
	int64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &time);
	ns = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
	return write(1, &ns, sizeof(ns)) != sizeof(ns);
}

static int orphans(int count)
{
	for (int i = 0; i < count; i++)
		if (fork() == 0) {
			if (fork() == 0)
				for (;;)
					pause();
			_exit(0);
		}
	return hold();
}

/* In the place of newuidmap: what it was given, as the refusal that the library passes on. */
static int refuse_to_map(int argc)
{
	unsigned int variables = 0, descriptors = 0, blocked = 0;
	sigset_t mask;

	while (environ[variables])
		variables++;
	for (int fd = 3; fd < 1024; fd++)
		descriptors += fcntl(fd, F_GETFD) >= 0;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int signal = 1; signal < NSIG; signal++)
		blocked += sigismember(&mask, signal) == 1;
	dprintf(2, "%d arguments, %u variables, %u descriptors more, %u signals blocked,\n", argc,
		variables, descriptors, blocked);
	dprintf(2, "\x1b[31mred\tread=%zd\n", read(0, &mask, 1));
	return 1;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "facts";

	if (strcmp(argv[0], "newuidmap") == 0)
		return refuse_to_map(argc);

	if (strcmp(word, "facts") == 0)
		return facts(argc, argv);
	if (strcmp(word, "try") == 0)
		return try_all(argv + 2);
	if (strcmp(word, "exit") == 0)
		return atoi(argv[2]);
	if (strcmp(word, "raise") == 0)
		return die_by_signal(atoi(argv[2]));
	if (strcmp(word, "crash") == 0)
		return crash();
	if (strcmp(word, "echo") == 0)
		return dprintf(1, "%s", argv[2]) < 0;
	if (strcmp(word, "hold") == 0)
		return hold();
	if (strcmp(word, "hold-term") == 0) {
		signal(SIGTERM, leave);
		return hold();
	}
	if (strcmp(word, "pause") == 0)
		for (;;)
			pause();
	if (strcmp(word, "cat") == 0)
		return copy();
	if (strcmp(word, "list-and-copy") == 0)
		return list_and_copy();
	if (strcmp(word, "read") == 0)
		return read_descriptors(argv + 2);
	if (strcmp(word, "now") == 0)
		return now();
	if (strcmp(word, "orphans") == 0)
		return orphans(atoi(argv[2]));
	fprintf(stderr, "probe: unknown word %s\n", word);
	return 97;
}
