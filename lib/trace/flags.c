/* SPDX-License-Identifier: MIT */
/* Names for the numbers in arguments, as tables; those that a stage can use. */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "flags.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

#define F(name) {(uint64_t)(name), #name}
#define END	{0, NULL}

static const struct flag open_flags[] = {F(O_WRONLY), F(O_RDWR), F(O_CREAT), F(O_EXCL), F(O_NOCTTY),
	F(O_TRUNC), F(O_NONBLOCK), F(O_DIRECTORY), F(O_NOFOLLOW), F(O_CLOEXEC), F(O_PATH), END};

static const struct flag at_flags[] = {F(AT_SYMLINK_NOFOLLOW), F(AT_EMPTY_PATH), F(AT_RECURSIVE), END};

static const struct flag clone_flags[] = {F(CLONE_VM), F(CLONE_FS), F(CLONE_FILES), F(CLONE_VFORK),
	F(CLONE_PARENT), F(CLONE_PIDFD), F(CLONE_CLEAR_SIGHAND), F(CLONE_NEWUSER), F(CLONE_NEWPID),
	F(CLONE_NEWNS), F(CLONE_NEWUTS), F(CLONE_NEWIPC), F(CLONE_NEWNET), F(CLONE_NEWCGROUP),
	F(CLONE_NEWTIME), END};

static const struct flag mount_flags[] = {F(MS_RDONLY), F(MS_NOSUID), F(MS_NODEV), F(MS_NOEXEC),
	F(MS_REMOUNT), F(MS_BIND), F(MS_REC), F(MS_PRIVATE), END};

static const struct flag umount_flags[] = {{1, "MNT_FORCE"}, {2, "MNT_DETACH"}, END};

static const struct flag open_tree_flags[] = {F(OPEN_TREE_CLONE), F(OPEN_TREE_CLOEXEC),
	F(AT_SYMLINK_NOFOLLOW), F(AT_EMPTY_PATH), F(AT_RECURSIVE), END};

static const struct flag move_mount_flags[] = {
	F(MOVE_MOUNT_F_EMPTY_PATH), F(MOVE_MOUNT_T_EMPTY_PATH), END};

static const struct flag fsopen_flags[] = {F(FSOPEN_CLOEXEC), END};
static const struct flag fsmount_flags[] = {F(FSMOUNT_CLOEXEC), END};

static const struct flag mount_attrs[] = {F(MOUNT_ATTR_RDONLY), F(MOUNT_ATTR_NOSUID),
	F(MOUNT_ATTR_NODEV), F(MOUNT_ATTR_NOEXEC), END};

static const struct flag fsconfig_commands[] = {F(FSCONFIG_SET_FLAG), F(FSCONFIG_SET_STRING),
	F(FSCONFIG_SET_FD), F(FSCONFIG_CMD_CREATE), END};

static const struct flag prctl_options[] = {F(PR_SET_NAME), F(PR_SET_DUMPABLE), F(PR_SET_KEEPCAPS),
	F(PR_CAPBSET_DROP), F(PR_SET_NO_NEW_PRIVS), F(PR_CAP_AMBIENT), F(PR_SET_PDEATHSIG), END};

static const struct flag fcntl_commands[] = {F(F_DUPFD), F(F_GETFD), F(F_SETFD), F(F_GETFL), F(F_SETFL),
	F(F_DUPFD_CLOEXEC), END};

static const struct flag limits[] = {F(RLIMIT_AS), F(RLIMIT_CORE), F(RLIMIT_CPU), F(RLIMIT_DATA),
	F(RLIMIT_FSIZE), F(RLIMIT_LOCKS), F(RLIMIT_MEMLOCK), F(RLIMIT_MSGQUEUE), F(RLIMIT_NICE),
	F(RLIMIT_NOFILE), F(RLIMIT_NPROC), F(RLIMIT_RSS), F(RLIMIT_RTPRIO), F(RLIMIT_RTTIME),
	F(RLIMIT_SIGPENDING), F(RLIMIT_STACK), END};

static const struct flag families[] = {F(AF_UNIX), F(AF_INET), F(AF_NETLINK), END};

/* The type proper is a number in the low bits; the stage uses these. */
static const struct flag socket_types[] = {{SOCK_SEQPACKET, "SOCK_SEQPACKET"},
	{SOCK_DGRAM, "SOCK_DGRAM"}, {SOCK_CLOEXEC, "SOCK_CLOEXEC"}, END};

static const struct flag message_flags[] = {F(MSG_NOSIGNAL), F(MSG_CMSG_CLOEXEC), END};
static const struct flag keyctl_operations[] = {F(KEYCTL_JOIN_SESSION_KEYRING), END};
static const struct flag ioctls[] = {F(SIOCGIFFLAGS), F(SIOCSIFFLAGS), F(TIOCSPTLCK),
	F(TIOCSWINSZ), F(TIOCGPTPEER), F(TIOCSCTTY), END};
static const struct flag protections[] = {F(PROT_READ), F(PROT_WRITE), F(PROT_EXEC), END};
static const struct flag map_flags[] = {F(MAP_PRIVATE), F(MAP_ANONYMOUS), F(MAP_NORESERVE), END};
static const struct flag statx_masks[] = {F(STATX_BASIC_STATS), END};
static const struct flag signal_hows[] = {F(SIG_BLOCK), F(SIG_UNBLOCK), F(SIG_SETMASK), END};

static const struct flag seccomp_operations[] = {F(SECCOMP_SET_MODE_FILTER), END};
static const struct flag filter_flags[] = {
	F(SECCOMP_FILTER_FLAG_LOG), F(SECCOMP_FILTER_FLAG_SPEC_ALLOW),
	F(SECCOMP_FILTER_FLAG_NEW_LISTENER), END};

const struct flag ct__resolve_flags[] = {F(RESOLVE_NO_XDEV), F(RESOLVE_NO_MAGICLINKS),
	F(RESOLVE_NO_SYMLINKS), F(RESOLVE_BENEATH), F(RESOLVE_IN_ROOT), END};

const struct flag ct__file_types[] = {F(S_IFREG), F(S_IFDIR), F(S_IFCHR), F(S_IFBLK), F(S_IFIFO), END};

const struct flag ct__ambient_values[] = {F(PR_CAP_AMBIENT_RAISE), F(PR_CAP_AMBIENT_CLEAR_ALL), END};

const struct flag_set ct__flag_sets[ARG_KINDS] = {
	[ARG_OPEN] = {open_flags, FLAG_BITS},
	[ARG_AT] = {at_flags, FLAG_BITS},
	[ARG_CLONE] = {clone_flags, FLAG_BITS},
	[ARG_MOUNT] = {mount_flags, FLAG_BITS},
	[ARG_UMOUNT] = {umount_flags, FLAG_BITS},
	[ARG_OPEN_TREE] = {open_tree_flags, FLAG_BITS},
	[ARG_MOVE_MOUNT] = {move_mount_flags, FLAG_BITS},
	[ARG_FSOPEN] = {fsopen_flags, FLAG_BITS},
	[ARG_FSMOUNT] = {fsmount_flags, FLAG_BITS},
	[ARG_MOUNT_ATTRS] = {mount_attrs, FLAG_BITS},
	[ARG_FSCONFIG] = {fsconfig_commands, FLAG_VALUE},
	[ARG_PRCTL] = {prctl_options, FLAG_VALUE},
	[ARG_FCNTL] = {fcntl_commands, FLAG_VALUE},
	[ARG_RLIMIT] = {limits, FLAG_VALUE},
	[ARG_FAMILY] = {families, FLAG_VALUE},
	[ARG_SOCKET] = {socket_types, FLAG_BITS},
	[ARG_MESSAGE_FLAGS] = {message_flags, FLAG_BITS},
	[ARG_KEYCTL] = {keyctl_operations, FLAG_VALUE},
	[ARG_IOCTL] = {ioctls, FLAG_VALUE},
	[ARG_PROTECTION] = {protections, FLAG_BITS},
	[ARG_MAP] = {map_flags, FLAG_BITS},
	[ARG_STATX] = {statx_masks, FLAG_BITS},
	[ARG_SECCOMP] = {seccomp_operations, FLAG_VALUE},
	[ARG_FILTER_FLAGS] = {filter_flags, FLAG_BITS},
	[ARG_SIGNAL_HOW] = {signal_hows, FLAG_VALUE},
};

void ct__flags_add(struct text *to, const struct flag *flags, uint64_t value)
{
	const char *between = "";

	for (; flags->name; flags++) {
		if (!flags->value || (value & flags->value) != flags->value)
			continue;
		ct__text_add(to, "%s%s", between, flags->name);
		value &= ~flags->value;
		between = "|";
	}
	if (value)
		ct__text_add(to, "%s%#llx", between, (unsigned long long)value);
	else if (!*between)
		ct__text_add(to, "0");
}

void ct__value_add(struct text *to, const struct flag *flags, uint64_t value)
{
	for (; flags->name; flags++) {
		if (flags->value == value) {
			ct__text_add(to, "%s", flags->name);
			return;
		}
	}
	ct__text_add(to, "%#llx", (unsigned long long)value);
}
