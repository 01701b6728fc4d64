/* SPDX-License-Identifier: MIT */
/* The facts, one row each, in the order of their numbers. */
#include <linux/seccomp.h>

#include "probe.h"

#define MACHINE "machine"
#define CALLER	"caller"
#define USER	"user namespaces"
#define LIMITS	"limits"
#define PLAIN	"namespaces"
#define WITH	"namespaces without rights"
#define IDS	"ids"
#define CGROUPS "cgroups"
#define MOUNTS	"mounts"
#define PROC	"processes"
#define PROTECT "protections"
#define DIR	"directory"

const struct ct__fact_row ct__machine_facts[] = {
	{CT_FACT_KERNEL, "kernel", MACHINE, ct__check_kernel, 0, NULL},
	{CT_FACT_ARCHITECTURE, "architecture", MACHINE, ct__check_architecture, 0, NULL},
	{CT_FACT_SECURITY_MODULES, "security_modules", MACHINE, ct__check_security_modules, 0,
		NULL},

	{CT_FACT_CAP_SYS_ADMIN, "cap_sys_admin", CALLER, ct__check_cap_sys_admin, 0, NULL},
	{CT_FACT_OUTSIDE_CHROOT, "outside_chroot", CALLER, ct__check_chroot, 0, NULL},
	{CT_FACT_MAPPED_IDS, "mapped_ids", CALLER, ct__check_mapped_ids, 0, NULL},
	{CT_FACT_SETUID_PROGRAMS, "setuid_programs", CALLER, ct__check_setuid, 0, NULL},
	{CT_FACT_NO_OUTER_FILTER, "no_outer_filter", CALLER, ct__check_outer_filter, 0, NULL},

	{CT_FACT_USER_NS, "user_ns", USER, ct__check_namespaces, CT_NS_USER, NULL},
	{CT_FACT_USER_NS_RIGHTS, "user_ns_rights", USER, ct__check_user_rights, 0, NULL},
	{CT_FACT_USER_NS_NESTED, "user_ns_nested", USER, ct__check_nested, 0, NULL},
	{CT_FACT_USERNS_CLONE, "unprivileged_userns_clone", USER, ct__check_userns_clone, 0, NULL},
	{CT_FACT_APPARMOR_USERNS, "apparmor_userns", USER, ct__check_apparmor, 0, NULL},
	{CT_FACT_SETGROUPS, "setgroups", USER, ct__check_setgroups, 0, NULL},

	{CT_FACT_MAX_USER_NS, "max_user_ns", LIMITS, ct__check_limit, 0,
		"user/max_user_namespaces"},
	{CT_FACT_MAX_MNT_NS, "max_mnt_ns", LIMITS, ct__check_limit, 0, "user/max_mnt_namespaces"},
	{CT_FACT_MAX_UTS_NS, "max_uts_ns", LIMITS, ct__check_limit, 0, "user/max_uts_namespaces"},
	{CT_FACT_MAX_IPC_NS, "max_ipc_ns", LIMITS, ct__check_limit, 0, "user/max_ipc_namespaces"},
	{CT_FACT_MAX_NET_NS, "max_net_ns", LIMITS, ct__check_limit, 0, "user/max_net_namespaces"},
	{CT_FACT_MAX_CGROUP_NS, "max_cgroup_ns", LIMITS, ct__check_limit, 0,
		"user/max_cgroup_namespaces"},
	{CT_FACT_MAX_TIME_NS, "max_time_ns", LIMITS, ct__check_limit, 0,
		"user/max_time_namespaces"},
	{CT_FACT_MAX_PID_NS, "max_pid_ns", LIMITS, ct__check_limit, 0, "user/max_pid_namespaces"},

	{CT_FACT_MNT_NS, "mnt_ns", PLAIN, ct__check_namespaces, CT_NS_MNT, NULL},
	{CT_FACT_UTS_NS, "uts_ns", PLAIN, ct__check_namespaces, CT_NS_UTS, NULL},
	{CT_FACT_IPC_NS, "ipc_ns", PLAIN, ct__check_namespaces, CT_NS_IPC, NULL},
	{CT_FACT_NET_NS, "net_ns", PLAIN, ct__check_namespaces, CT_NS_NET, NULL},
	{CT_FACT_CGROUP_NS, "cgroup_ns", PLAIN, ct__check_namespaces, CT_NS_CGROUP, NULL},
	{CT_FACT_TIME_NS, "time_ns", PLAIN, ct__check_namespaces, CT_NS_TIME, NULL},
	{CT_FACT_PID_NS, "pid_ns", PLAIN, ct__check_namespaces, CT_NS_PID, NULL},

	{CT_FACT_USER_MNT_NS, "user_mnt_ns", WITH, ct__check_namespaces, CT_NS_USER | CT_NS_MNT,
		NULL},
	{CT_FACT_USER_UTS_NS, "user_uts_ns", WITH, ct__check_namespaces, CT_NS_USER | CT_NS_UTS,
		NULL},
	{CT_FACT_USER_IPC_NS, "user_ipc_ns", WITH, ct__check_namespaces, CT_NS_USER | CT_NS_IPC,
		NULL},
	{CT_FACT_USER_NET_NS, "user_net_ns", WITH, ct__check_namespaces, CT_NS_USER | CT_NS_NET,
		NULL},
	{CT_FACT_USER_CGROUP_NS, "user_cgroup_ns", WITH, ct__check_namespaces,
		CT_NS_USER | CT_NS_CGROUP, NULL},
	{CT_FACT_USER_TIME_NS, "user_time_ns", WITH, ct__check_namespaces, CT_NS_USER | CT_NS_TIME,
		NULL},
	{CT_FACT_USER_PID_NS, "user_pid_ns", WITH, ct__check_namespaces, CT_NS_USER | CT_NS_PID,
		NULL},

	{CT_FACT_SUBUIDS, "subuids", IDS, ct__check_ranges, 0, "/etc/subuid"},
	{CT_FACT_SUBGIDS, "subgids", IDS, ct__check_ranges, 1, "/etc/subgid"},
	{CT_FACT_NEWUIDMAP, "newuidmap", IDS, ct__check_id_program, 0, "newuidmap"},
	{CT_FACT_NEWGIDMAP, "newgidmap", IDS, ct__check_id_program, 0, "newgidmap"},

	{CT_FACT_CGROUP_VERSION, "cgroup_version", CGROUPS, ct__check_cgroup_version, 0, NULL},
	{CT_FACT_CGROUP_CONTROLLERS, "cgroup_controllers", CGROUPS, ct__check_cgroup_controllers, 0,
		NULL},
	{CT_FACT_CGROUP_DELEGATION, "cgroup_delegation", CGROUPS, ct__check_cgroup_delegation, 0,
		NULL},
	{CT_FACT_CGROUP_KILL, "cgroup_kill", CGROUPS, ct__check_cgroup_kill, 0, NULL},
	{CT_FACT_CLONE_INTO_CGROUP, "clone_into_cgroup", CGROUPS, ct__check_into_cgroup, 0, NULL},

	{CT_FACT_OPEN_TREE, "open_tree", MOUNTS, ct__check_call, CALL_OPEN_TREE, NULL},
	{CT_FACT_MOUNT_SETATTR, "mount_setattr", MOUNTS, ct__check_call, CALL_MOUNT_SETATTR, NULL},
	{CT_FACT_OVERLAY, "overlay", MOUNTS, ct__check_mount, TRIAL_OVERLAY, "overlay"},
	{CT_FACT_USER_OVERLAY, "user_overlay", MOUNTS, ct__check_mount, TRIAL_USER_OVERLAY,
		"overlay"},
	{CT_FACT_USER_PROC, "user_proc", MOUNTS, ct__check_mount, TRIAL_USER_PROC, "proc"},
	{CT_FACT_USER_SYSFS, "user_sysfs", MOUNTS, ct__check_mount, TRIAL_USER_SYSFS, "sysfs"},
	{CT_FACT_IDMAPPED_ROOT, "idmapped_root", MOUNTS, ct__check_idmap, 0, "/"},
	{CT_FACT_IDMAPPED_TMP, "idmapped_tmp", MOUNTS, ct__check_idmap, 0, "/tmp"},

	{CT_FACT_CLONE3, "clone3", PROC, ct__check_call, CALL_CLONE3, NULL},
	{CT_FACT_CLONE_SET_TID, "clone_set_tid", PROC, ct__check_set_tid, 0, NULL},
	{CT_FACT_PIDFD_OPEN, "pidfd_open", PROC, ct__check_call, CALL_PIDFD_OPEN, NULL},
	{CT_FACT_PIDFD_GETFD, "pidfd_getfd", PROC, ct__check_call, CALL_PIDFD_GETFD, NULL},
	{CT_FACT_PIDFD_SETNS, "pidfd_setns", PROC, ct__check_pidfd_setns, 0, NULL},
	{CT_FACT_CLOSE_RANGE, "close_range", PROC, ct__check_call, CALL_CLOSE_RANGE, NULL},
	{CT_FACT_OPENAT2, "openat2", PROC, ct__check_call, CALL_OPENAT2, NULL},
	{CT_FACT_LISTNS, "listns", PROC, ct__check_call, CALL_LISTNS, NULL},
	{CT_FACT_MEMFD_EXEC, "memfd_exec", PROC, ct__check_memfd_exec, 0, NULL},

	{CT_FACT_SECCOMP_FILTER, "seccomp_filter", PROTECT, ct__check_seccomp, SECCOMP_RET_ERRNO,
		NULL},
	{CT_FACT_SECCOMP_NOTIFY, "seccomp_notify", PROTECT, ct__check_seccomp,
		SECCOMP_RET_USER_NOTIF, NULL},
	{CT_FACT_SECCOMP_LOG, "seccomp_log", PROTECT, ct__check_seccomp, SECCOMP_RET_LOG, NULL},
	{CT_FACT_LANDLOCK, "landlock", PROTECT, ct__check_landlock, 0, NULL},
	{0},
};

const struct ct__fact_row ct__path_facts[] = {
	{CT_FACT_PATH_FILESYSTEM, "filesystem", DIR, ct__check_filesystem, 0, NULL},
	{CT_FACT_PATH_WRITE, "write", DIR, ct__check_writable, 0, NULL},
	{CT_FACT_PATH_EXEC, "exec", DIR, ct__check_exec, 0, NULL},
	{CT_FACT_PATH_IDMAP, "idmap", DIR, ct__check_idmap, 0, NULL},
	{CT_FACT_PATH_USER_XATTR, "user_xattr", DIR, ct__check_user_xattr, 0, NULL},
	{CT_FACT_PATH_UPPER, "upper", DIR, ct__check_upper, 0, NULL},
	{0},
};
