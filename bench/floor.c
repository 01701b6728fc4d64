/* SPDX-License-Identifier: MIT */
/* See floor.h. Root of the first user namespace alone can do it. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

#define HARMLESS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* What a child works with, in the memory of its parent. */
struct task {
	const struct floor *floor;
	char *const *argv;
	const char *failed; /* the call that did */
	int error;
	int root, scratch, proc, sys, dev;
};

/* Any call: whether it went well; the first that did not is noted. */
static bool good(struct task *t, const char *call, long ret)
{
	if (ret >= 0)
		return true;
	if (!t->failed) {
		t->failed = call;
		t->error = errno;
	}
	return false;
}

static long attach(int tree, int dir, const char *name)
{
	return syscall(SYS_move_mount, tree, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);
}

static long restrict_mount(int tree, unsigned int flags, uint64_t set, uint64_t propagation)
{
	struct mount_attr attr = {.attr_set = set, .propagation = propagation};

	return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attr, sizeof(attr));
}

/* options: key, value, ... NULL; a value of "" makes a flag. */
static int new_mount(struct task *t, const char *type, const char *const *options, unsigned int attributes)
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), mount;

	if (!good(t, "fsopen", fs))
		return -1;
	syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", type, 0);
	for (; options && *options; options += 2)
		good(t, "fsconfig",
			*options[1] ? syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, options[0], options[1], 0) :
				      syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, options[0], NULL, 0));
	good(t, "fsconfig", syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
	good(t, "fsmount", mount);
	close(fs);
	return mount;
}
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---------------------------------------------------------------- once for all starts */

/* In a child: leaves a mount namespace with a read-only root of an empty directory and file. */
static bool make_home(void)
{
	struct task t = {0};
	int root;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	root = new_mount(&t, "tmpfs", OPTIONS("mode", "700"), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (t.failed || mkdirat(root, "empty", 0555) < 0 || mknodat(root, "null", S_IFREG | 0444, 0) < 0 ||
		attach(root, AT_FDCWD, "/proc") < 0 || restrict_mount(root, 0, MOUNT_ATTR_RDONLY, 0) < 0)
		return false;
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
		return false;
	return true;
}

static int open_home(void)
{
	char path[64], byte = 0;
	int pair[2], home = -1;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		close(pair[0]);
		byte = make_home() ? 0 : (char)errno;
		if (write(pair[1], &byte, 1) == 1 && !byte) /* stays until the other end is closed */
			_exit(read(pair[1], &byte, 1) != 0);
		_exit(1);
	}
	close(pair[1]);
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", child);
	if (child > 0 && read(pair[0], &byte, 1) == 1 && !byte)
		home = open(path, O_RDONLY | O_CLOEXEC);
	close(pair[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return home;
}

/* The very program that the container has, so that the filters do not differ. */
static const char *take_filter(struct floor *floor, pid_t model)
{
	long count = -1;

	if (ptrace(PTRACE_SEIZE, model, NULL, NULL) < 0)
		return "PTRACE_SEIZE";
	if (ptrace(PTRACE_INTERRUPT, model, NULL, NULL) == 0 && waitpid(model, NULL, __WALL) == model)
		count = syscall(SYS_ptrace, PTRACE_SECCOMP_GET_FILTER, model, 0, NULL);
	if (count > 0) {
		floor->filter.filter = calloc((size_t)count, sizeof(struct sock_filter));
		floor->filter.len = (unsigned short)count;
	}
	if (floor->filter.filter)
		count = syscall(SYS_ptrace, PTRACE_SECCOMP_GET_FILTER, model, 0, floor->filter.filter);
	ptrace(PTRACE_DETACH, model, NULL, NULL);
	return count < 0 || !floor->filter.filter ? "PTRACE_SECCOMP_GET_FILTER" : NULL;
}

const char *floor_init(struct floor *floor, const char *root, int stream, bool host_net, pid_t model)
{
	*floor = (struct floor){.stream = stream, .home = -1};
	floor->ns = CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | (host_net ? 0 : CLONE_NEWNET);
	floor->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (floor->root < 0)
		return "open";
	floor->home = open_home();
	return floor->home < 0 ? "mount namespace" : take_filter(floor, model);
}

void floor_done(struct floor *floor)
{
	free(floor->filter.filter);
	close(floor->root);
	close(floor->home);
}

/* ------------------------------------------------------------------ in the child */

static bool loopback_up(struct task *t)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	good(t, "SIOCSIFFLAGS", ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
	return !t->failed;
}

/* The root is cloned while the process is still where it can be, and covers the other one. */
static bool enter(struct task *t)
{
	t->root = (int)syscall(SYS_open_tree, t->floor->root, "",
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	return good(t, "open_tree", t->root) &&
	       good(t, "mount_setattr", restrict_mount(t->root, AT_RECURSIVE, MOUNT_ATTR_NODEV, MS_PRIVATE)) &&
	       good(t, "setns", setns(t->floor->home, CLONE_NEWNS)) && good(t, "unshare", unshare(CLONE_NEWNS)) &&
	       good(t, "open", t->scratch = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) &&
	       good(t, "move_mount", attach(t->root, AT_FDCWD, "/")) && good(t, "fchdir", fchdir(t->root)) &&
	       good(t, "chroot", chroot("."));
}

static void make_dev(struct task *t)
{
	static const struct {
		const char *name;
		unsigned int major, minor;
	} nodes[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
	static const char *const links[][2] = {{"pts/ptmx", "ptmx"}, {"/proc/self/fd", "fd"},
		{"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"}};

	t->dev = new_mount(t, "tmpfs", OPTIONS("mode", "755", "size", "64k", "nr_inodes", "1k"),
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	good(t, "move_mount", attach(t->dev, t->root, "dev"));
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		good(t, "mknodat",
			mknodat(t->dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		good(t, "symlinkat", symlinkat(links[i][0], t->dev, links[i][1]));
}

static void mount_in_dev(struct task *t, const char *name, const char *type, const char *const *options,
	unsigned int attributes)
{
	int mount = new_mount(t, type, options, attributes);

	good(t, "mkdirat", mkdirat(t->dev, name, 0755));
	good(t, "move_mount", attach(mount, t->dev, name));
	close(mount);
}

static void make_readonly(struct task *t, const char *name)
{
	int tree = (int)syscall(SYS_open_tree, t->proc, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0) /* there is no such thing here */
		return;
	good(t, "mount_setattr", restrict_mount(tree, 0, MOUNT_ATTR_RDONLY, 0));
	good(t, "move_mount", attach(tree, t->proc, name));
	close(tree);
}

/* Looks first: to close a clone that was not attached costs a grace period. */
static void mask(struct task *t, int dir, const char *name, const char *cover)
{
	int tree;

	if (faccessat(dir, name, F_OK, 0) < 0)
		return;
	tree = (int)syscall(SYS_open_tree, t->scratch, cover, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	good(t, "open_tree", tree);
	good(t, "move_mount", attach(tree, dir, name));
	close(tree);
}

static void make_mounts(struct task *t)
{
	static const char *const readonly[] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};
	static const char *const proc_dirs[] = {"acpi", "asound", "dynamic_debug", "scsi"};
	static const char *const proc_files[] = {
		"interrupts", "kcore", "keys", "latency_stats", "sched_debug", "timer_list", "timer_stats"};
	static const char *const sys_dirs[] = {
		"devices/virtual/powercap", "firmware", "kernel/debug", "kernel/security", "kernel/tracing"};

	t->proc = new_mount(t, "proc", NULL, HARMLESS);
	good(t, "move_mount", attach(t->proc, t->root, "proc"));
	t->sys = new_mount(t, "sysfs", NULL, HARMLESS | MOUNT_ATTR_RDONLY);
	good(t, "move_mount", attach(t->sys, t->root, "sys"));
	make_dev(t);
	mount_in_dev(t, "pts", "devpts", OPTIONS("newinstance", "", "ptmxmode", "0666", "mode", "0620"),
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	mount_in_dev(t, "shm", "tmpfs", OPTIONS("mode", "1777", "size", "64m"), HARMLESS);
	mount_in_dev(t, "mqueue", "mqueue", NULL, HARMLESS);
	for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++)
		make_readonly(t, readonly[i]);
	for (size_t i = 0; i < sizeof(proc_dirs) / sizeof(proc_dirs[0]); i++)
		mask(t, t->proc, proc_dirs[i], "empty");
	for (size_t i = 0; i < sizeof(proc_files) / sizeof(proc_files[0]); i++)
		mask(t, t->proc, proc_files[i], "null");
	for (size_t i = 0; i < sizeof(sys_dirs) / sizeof(sys_dirs[0]); i++)
		mask(t, t->sys, sys_dirs[i], "empty");
}

static void give_rights_away(struct task *t)
{
	static const unsigned int kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL,
		CAP_NET_BIND_SERVICE, CAP_SETFCAP, CAP_SETGID, CAP_SETPCAP, CAP_SETUID, CAP_SYS_CHROOT};
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {0};
	uint64_t keep = 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		keep |= UINT64_C(1) << kept[i];
	for (unsigned long cap = 0; cap < 64; cap++)
		if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break;
	sets[0].effective = sets[0].permitted = (uint32_t)keep;
	sets[1].effective = sets[1].permitted = (uint32_t)(keep >> 32);
	good(t, "setgroups", syscall(SYS_setgroups, 0, NULL));
	good(t, "prctl", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	good(t, "capset", syscall(SYS_capset, &head, sets));
	good(t, "prctl", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/* What the host ignores would be ignored by the payload as well. */
static void reset_signals(void)
{
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
}

static int child_main(void *data)
{
	static char *const none[] = {NULL};
	struct task *t = data;

	if (!enter(t))
		_exit(1);
	reset_signals();
	good(t, "keyctl", syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
	good(t, "sethostname", sethostname("container", 9));
	good(t, "setdomainname", setdomainname("(none)", 6));
	if (t->floor->ns & CLONE_NEWNET)
		loopback_up(t);
	umask(0);
	make_mounts(t);
	umask(022);
	give_rights_away(t);
	good(t, "dup2", dup2(t->floor->stream, 1));
	good(t, "close_range", syscall(SYS_close_range, 3U, ~0U, 0));
	good(t, "setsid", setsid());
	good(t, "seccomp",
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &t->floor->filter));
	if (!t->failed)
		good(t, "execve", execve(t->argv[0], t->argv, none));
	_exit(1);
}

const char *floor_start(const struct floor *floor, char *const argv[], pid_t *ret_pid, int *ret_pidfd)
{
	char stack[16384] __attribute__((aligned(64)));
	struct task t = {.floor = floor, .argv = argv};
	const unsigned long flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;

	*ret_pid = clone(child_main, stack + sizeof(stack), (int)(flags | floor->ns), &t, ret_pidfd);
	if (*ret_pid < 0)
		return "clone";
	if (!t.failed)
		return NULL;
	waitpid(*ret_pid, NULL, 0);
	close(*ret_pidfd);
	errno = t.error;
	return t.failed;
}
