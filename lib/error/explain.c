/* SPDX-License-Identifier: MIT */
/*
 * What an errno means and what usually helps, as two tables. The first row of
 * cures[] that fits wins, so particular rows stand above general ones.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "error.h"

struct cure {
	int step; /* ct_step, or ANY */
	int code; /* errno, or ANY */
	const char *call; /* NULL: any */
	const char *text;
};

#define ANY (-1)

/* The kernel lets nobody else mount what lies on a block device. */
#define NO_IMAGES                                                                                  \
	"mount images as root of the machine; an ordinary user opens the directory that squashfuse or " \
	"erofsfuse has mounted one on, or extracts it"

static const struct cure cures[] = {
	{CT_STEP_ARCHIVE, ENOENT, NULL, "check the path of the archive"},
	{CT_STEP_ARCHIVE, EINVAL, NULL, "give a tar archive, plain or compressed by gzip, bzip2, xz, zstd or lz4"},
	{CT_STEP_ARCHIVE, EBADMSG, NULL, "the archive is damaged or cut off: fetch it again"},
	{CT_STEP_ENTRY, EXDEV, NULL, "make the archive anew with names below its top folder, without \"..\""},
	{CT_STEP_ENTRY, ENAMETOOLONG, NULL, "the kernel takes 255 bytes in a name and 4095 in a path"},
	{CT_STEP_QUOTA, ANY, NULL, "raise the quota in ct_extract_options if the archive is trusted"},
	{CT_STEP_DESTINATION, EEXIST, NULL, "remove the destination, or extract with CT_EXTRACT_REPLACE"},
	{CT_STEP_DESTINATION, ENOENT, NULL, "make the directory above the destination first"},
	{CT_STEP_DESTINATION, ENOTDIR, NULL, "only a directory can be replaced: remove what is there"},
	{CT_STEP_COMMIT, EINVAL, NULL, "choose a filesystem that knows renameat2, such as ext4, xfs, btrfs, tmpfs"},
	{CT_STEP_REMOVE, EBUSY, NULL, "unmount what is mounted on or in the tree first"},
	{CT_STEP_REMOVE, ENOTDIR, NULL, "give the directory itself, not a symlink to it"},
	{CT_STEP_ROOTFS, ENODEV, "fsopen", "load the kernel's module (modprobe squashfs, modprobe erofs), or extract what is in the image"},
	{CT_STEP_ROOTFS, EPERM, NULL, NO_IMAGES},
	{CT_STEP_ROOTFS, EACCES, "openat", NO_IMAGES},
	{CT_STEP_ROOTFS, ENOENT, "openat", "load the kernel's module (modprobe loop); the loop devices must be in /dev"},
	{CT_STEP_ROOTFS, EINVAL, "fsconfig", "make the image anew with features and a compression that this kernel has"},
	{CT_STEP_ROOTFS, EBADMSG, NULL, "make or fetch the image anew; mksquashfs without -nopad pads it"},
	{CT_STEP_ROOTFS, EISDIR, NULL, "give a directory to ct_rootfs_open()"},
	{CT_STEP_ROOTFS, EINVAL, NULL, "give an image of mksquashfs or mkfs.erofs; ct_rootfs_extract() takes archives"},
	{CT_STEP_ROOTFS, ENOENT, NULL, "check the path; ct_rootfs_extract() makes a root filesystem of an archive"},
	{CT_STEP_ROOTFS, ENOTDIR, NULL, "give a directory; ct_rootfs_extract() makes one of an archive"},
	{CT_STEP_WRITE, ENOSPC, NULL, "free space or inodes on the filesystem of the destination"},
	{CT_STEP_WRITE, EDQUOT, NULL, "raise the disk quota of the user"},
	{CT_STEP_REMOVE, EACCES, NULL, "run as root, or as the user whose subordinate ids (/etc/subuid) the tree belongs to"},
	{CT_STEP_REMOVE, EPERM, NULL, "run as root, or as the user whose subordinate ids (/etc/subuid) the tree belongs to"},
	{CT_STEP_OWNERS, EINVAL, NULL, "give the user more ids in /etc/subuid and /etc/subgid, or extract without CT_EXTRACT_NO_RECORDS"},
	{CT_STEP_WRITE, EPERM, "mknodat", "run as root, or extract without CT_EXTRACT_KEEP_DEVICES or CT_EXTRACT_NO_RECORDS"},
	{CT_STEP_WRITE, EPERM, "setxattr", "run as root, or extract without KEEP_XATTRS and KEEP_FILE_CAPS or CT_EXTRACT_NO_RECORDS"},
	{CT_STEP_WRITE, EOPNOTSUPP, "setxattr", "the filesystem has no such attributes: extract with CT_EXTRACT_NO_XATTRS"},
	{CT_STEP_WRITE, EPERM, NULL, "run as root, or extract with CT_EXTRACT_NO_OWNER"},
	{CT_STEP_WRITE, EINVAL, "fchown", "the owner has no mapping in this user namespace: shift the ids, or CT_EXTRACT_NO_OWNER"},
	{CT_STEP_CLONE, EPERM, NULL, "run as root, or with a new user namespace (CT_NS_USER)"},
	{CT_STEP_CLONE, ENOSPC, NULL, "a limit on namespaces was reached: see /proc/sys/user/max_*_namespaces"},
	{CT_STEP_CLONE, EAGAIN, NULL, "a limit on processes was reached: see RLIMIT_NPROC, pids.max and kernel.pid_max"},
	{CT_STEP_CLONE, EINVAL, NULL, "the kernel lacks one of the namespace kinds asked for"},
	{CT_STEP_IDMAP, ENOENT, "newuidmap", "install newuidmap and newgidmap (Debian: uidmap), or map the caller alone with CT_IDMAP_OWN"},
	{CT_STEP_IDMAP, ENOENT, "newgidmap", "install newuidmap and newgidmap (Debian: uidmap), or map the caller alone with CT_IDMAP_OWN"},
	{CT_STEP_IDMAP, ENOENT, NULL, "give the user ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"},
	{CT_STEP_IDMAP, ENOSPC, NULL, "ask for fewer ids, or give more in /etc/subuid and /etc/subgid"},
	{CT_STEP_IDMAP, EACCES, "newuidmap", "it must be root's, with the setuid bit or cap_setuid, on a mount without nosuid: install uidmap anew"},
	{CT_STEP_IDMAP, EACCES, "newgidmap", "it must be root's, with the setuid bit or cap_setgid, on a mount without nosuid: install uidmap anew"},
	{CT_STEP_IDMAP, EPERM, "prctl", "start the host without no_new_privs (systemd: NoNewPrivileges=no), or map the caller alone with CT_IDMAP_OWN"},
	{CT_STEP_IDMAP, EPERM, "newuidmap", "map only ids that /etc/subuid gives to the user, or run with CAP_SETUID"},
	{CT_STEP_IDMAP, EPERM, "newgidmap", "map only ids that /etc/subgid gives to the user, or run with CAP_SETGID"},
	{CT_STEP_IDMAP, EPERM, NULL, "map only ids the caller owns, or run with CAP_SETUID and CAP_SETGID"},
	{CT_STEP_NAMESPACE, EPERM, "setns", "run with CAP_SYS_ADMIN over the namespace, or give the user namespace it belongs to as well"},
	{CT_STEP_SESSION, EDQUOT, "keyctl", "the user's quota of keys is used up: see kernel.keys.maxkeys and kernel.keys.maxbytes"},
	{CT_STEP_STAGE, EACCES, NULL, "vm.memfd_noexec forbids executing from memory: install the library, its copy of the stage serves"},
	{CT_STEP_ROOT, EINVAL, "mount_setattr", "put the tree on ext4, xfs, btrfs, tmpfs or an image of erofs, or give it to the container's ids when it is extracted"},
	{CT_STEP_MOUNT, EINVAL, "mount_setattr", "bind from ext4, xfs, btrfs or tmpfs, or leave CT_MOUNT_IDMAP out"},
	{CT_STEP_MOUNT, EPERM, "mount_setattr", "run with CAP_SYS_ADMIN over the filesystem, or leave CT_MOUNT_IDMAP out"},
	{CT_STEP_ROOT, EPERM, "fstatvfs", "leave cap_sys_admin out, or put the tree on a mount without ro, nosuid, nodev and noexec"},
	{CT_STEP_MOUNT, EPERM, "fstatvfs", "leave cap_sys_admin out, or bind from a mount without ro, nosuid, nodev and noexec"},
	{CT_STEP_ROOT, ESTALE, NULL, "the directory must exist when the container starts: make it again, and the spec as well"},
	{CT_STEP_MOUNT, ESTALE, NULL, "the source must exist when the container starts: make it again, and the spec as well"},
	{CT_STEP_ROOT, EACCES, NULL, "the container's root, who is no root outside, must be allowed to search each directory above"},
	{CT_STEP_ROOT, EINVAL, "fsconfig", "keep the rootfs on ext4, xfs, btrfs or tmpfs, use CT_ROOT_READONLY, or allow CT_ITEM_EPHEMERAL to be lacking"},
	{CT_STEP_ROOT, EPERM, "fsconfig", "run as root or on Linux 5.11 or later, use CT_ROOT_READONLY, or allow CT_ITEM_EPHEMERAL to be lacking"},
	{CT_STEP_ROOT, ENODEV, "fsopen", "the kernel has no overlayfs: modprobe overlay, or allow CT_ITEM_EPHEMERAL to be lacking"},
	{CT_STEP_MOUNT, EINVAL, "fsconfig", "keep the layers of an overlay on ext4, xfs, btrfs or tmpfs, not on another overlay"},
	{CT_STEP_MOUNT, EPERM, "fsmount", "start the outer container with /proc and /sys unmasked, or allow CT_ITEM_PROC and CT_ITEM_SYS to be lacking"},
	{CT_STEP_MOUNT, EROFS, NULL, "make the mount point in the root filesystem beforehand, or use the ephemeral root"},
	{CT_STEP_FILE, EFBIG, NULL, "raise RLIMIT_FSIZE of the host program"},
	{CT_STEP_PIVOT, EINVAL, "pivot_root", "the host's root may be the initial ramfs, which cannot be left: switch to a mounted root first"},
	{CT_STEP_CWD, ENOENT, NULL, "make the directory in the root filesystem, or choose another"},
	{CT_STEP_PROGRAM, ENOENT, NULL, "check the path inside of the root filesystem, and PATH in the container's environment"},
	{CT_STEP_EXEC, EACCES, NULL, "the file must be a regular one with the execute bit, on a filesystem without noexec"},
	{CT_STEP_EXEC, ENOEXEC, NULL, "use a program built for this machine, or a script that starts with #!"},
	{CT_STEP_EXEC, E2BIG, NULL, "shorten the arguments or the environment"},
	{CT_STEP_IDENTITY, EINVAL, NULL, "the id has no mapping in the container's user namespace"},
	{CT_STEP_DESCRIPTOR, EBADF, NULL, "the descriptor must be open when the container starts"},
	{CT_STEP_DESCRIPTOR, EINVAL, "fcntl", "raise RLIMIT_NOFILE, or map to a lower number"},
	{CT_STEP_DESCRIPTOR, EMFILE, NULL, "raise RLIMIT_NOFILE, or map to a lower number"},
	{CT_STEP_SYSCTL, ENOENT, NULL, "the kernel has no such parameter, or not in this namespace"},
	{CT_STEP_SYSCTL, EINVAL, NULL, "give a value that the kernel takes for this parameter"},
	{CT_STEP_CAPABILITY, EPERM, "capset", "ask for no capability that the host itself lacks"},
	{CT_STEP_RLIMIT, EPERM, NULL, "a hard limit can be raised with CAP_SYS_RESOURCE alone"},
	{CT_STEP_OOM_SCORE, EACCES, NULL, "oom_score_adj can be lowered with CAP_SYS_RESOURCE alone"},
	{CT_STEP_TARGET, ESRCH, NULL, "the process to be joined must be running; see ct_container_pidfd()"},
	{CT_STEP_TARGET, EACCES, NULL, "join a process of the same user, or run with CAP_SYS_PTRACE over its user namespace"},
	{CT_STEP_TARGET, EPERM, NULL, "run with CAP_SYS_ADMIN over each namespace that is joined, or join the user namespace as well"},
	{CT_STEP_TARGET, EOPNOTSUPP, NULL, "give the process a filter by ct_spec_set_seccomp(), or join with CT_JOIN_NO_SECCOMP for none"},
	{CT_STEP_CGROUP, ANY, NULL, "run with write access to the target's cgroup, or join with CT_JOIN_NO_CGROUP"},
	{CT_STEP_LIMIT, EPERM, "bpf", "run with CAP_BPF and CAP_NET_ADMIN, or list no devices: the spec gives no other nodes than it says"},
	{CT_STEP_LIMIT, ANY, "sd_bus_call", "ask a bus on which systemd runs, or name a cgroup that was delegated: ct_spec_set_cgroup_parent()"},
	{CT_STEP_LIMIT, EBUSY, "write", "the parent has processes of its own: name another by ct_spec_set_cgroup_parent()"},
	{CT_STEP_LIMIT, EACCES, NULL, "run as root, or name a cgroup that was delegated to the user: ct_spec_set_cgroup_parent()"},
	{CT_STEP_LIMIT, EPERM, NULL, "run as root, or name a cgroup that was delegated to the user: ct_spec_set_cgroup_parent()"},
	{CT_STEP_LIMIT, EROFS, NULL, "mount the hierarchy writable, or name another cgroup by ct_spec_set_cgroup_parent()"},
	{CT_STEP_LIMIT, ENOENT, "openat2", "make the parent first, on cgroup v1 in each hierarchy"},
	{CT_STEP_LIMIT, ENOENT, "openat", "the kernel has no such file: look into the directory of any cgroup"},
	{CT_STEP_LIMIT, ENOENT, NULL, "ask for a cgroup by ct_spec_set_cgroup(), or by a limit"},
	{CT_STEP_LIMIT, EOPNOTSUPP, NULL, "mount cgroup v2 with this controller, or leave the limit out"},
	{CT_STEP_LIMIT, EINVAL, "write", "give a value that this file of the cgroup takes"},
	{CT_STEP_SECCOMP, EBUSY, "seccomp", "leave out CT_SECCOMP_NOTIFY: a filter that this process is under tells its calls already"},
	{CT_STEP_SECCOMP, EACCES, NULL, "keep no_new_privs on, or run with CAP_SYS_ADMIN"},
	{CT_STEP_SECCOMP, EINVAL, "seccomp", "give a program that the kernel takes; a kernel without filters needs ct_spec_set_seccomp(CT_SECCOMP_OFF)"},
	{CT_STEP_SECCOMP, EINVAL, NULL, "allow this call by ct_spec_add_seccomp_rule(), or by the program"},
	{CT_STEP_INSIDE, ESRCH, NULL, "the container must be running; see ct_container_pidfd()"},
	{CT_STEP_INSIDE, ENOENT, NULL, "check the path inside of the container"},
	{CT_STEP_INSIDE, EPERM, "open_tree", "run with CAP_SYS_ADMIN, or add the mount to the spec before the start"},
	{CT_STEP_INSIDE, EPERM, "setns", "run with CAP_SYS_ADMIN, or as the user whom the container's user namespace belongs to"},
	{CT_STEP_INSIDE, EROFS, NULL, "make the mount point in the root filesystem beforehand"},
	{CT_STEP_INSIDE, ETIMEDOUT, NULL, "a filesystem of the container does not answer: unmount it, or end the container"},
	{CT_STEP_TERMINAL, ENOTTY, NULL, "give a descriptor of a terminal: isatty(3) tells"},
	{CT_STEP_TERMINAL, EIO, NULL, "the terminal has hung up, or is that of another session"},
	{CT_STEP_TERMINAL, ENOENT, "openat2", "mount a devpts on /dev/pts in there, or do without a terminal"},
	{CT_STEP_TERMINAL, ENODEV, NULL, "mount a devpts on /dev/pts in there, or do without a terminal"},
	{CT_STEP_TERMINAL, EACCES, "openat2", "mount a devpts of its own there, with the option ptmxmode=0666"},
	{CT_STEP_TERMINAL, EINVAL, "fchownat", "the id has no mapping in the container's user namespace"},
	{CT_STEP_TERMINAL, ENOSPC, "openat2", "there are too many terminals: see kernel.pty.max and kernel.pty.reserve"},
	{CT_STEP_LANDLOCK, ENOENT, NULL, "make the path in the root filesystem, or add CT_LANDLOCK_OPTIONAL to the rule"},
	{CT_STEP_LANDLOCK, ENOTDIR, NULL, "give a file rights of files alone: CT_LANDLOCK_FILE"},
	{CT_STEP_LANDLOCK, EPERM, "landlock_restrict_self", "keep no_new_privs on, or run with CAP_SYS_ADMIN"},
	{CT_STEP_LANDLOCK, EOPNOTSUPP, NULL, "use a newer kernel with landlock in its boot parameter lsm=, or allow the lack of CT_ITEM_LANDLOCK"},
	{CT_STEP_LANDLOCK, ENOSYS, NULL, "use a newer kernel with landlock in its boot parameter lsm=, or allow the lack of CT_ITEM_LANDLOCK"},
	{CT_STEP_LABEL, EOPNOTSUPP, NULL, "boot a kernel with this security module, or allow the lack of CT_ITEM_LABEL"},
	{CT_STEP_LABEL, ENOENT, "write", "load the profile: apparmor_parser(8)"},
	{CT_STEP_LABEL, EPERM, "execve", "AppArmor lets a confined caller add a profile: \"OWN//&PROFILE\"; SELinux wants nnp_transition in the policy; or switch off no_new_privs"},
	{CT_STEP_LABEL, EINVAL, "write", "give a label that the policy of the machine knows"},
	{CT_STEP_LABEL, ANY, NULL, "the policy must allow the caller this label, and /proc must be a procfs"},
	{CT_STEP_STATE, ESRCH, NULL, "remove what was saved of it by ct_state_remove()"},
	{CT_STEP_STATE, EEXIST, NULL, "choose another name, or end that container"},
	{CT_STEP_STATE, EBUSY, NULL, "end the container first: ct_container_load(), ct_stop()"},
	{CT_STEP_STATE, EPERM, NULL, "use a directory of the caller's own with mode 0700"},
	{CT_STEP_STATE, ENOENT, NULL, "check the directory and the name"},
	{CT_STEP_LIST, ENOENT, NULL, "mount /proc: mount -t proc proc /proc"},
	{CT_STEP_LIST, ESRCH, NULL, "the process has ended, or a /proc with hidepid does not show it"},
	{CT_STEP_PROBE, ENOTDIR, NULL, "give a directory"},
	{ANY, ENOMEM, NULL, "free memory, or raise the memory limit of the host program"},
	{ANY, EMFILE, NULL, "raise RLIMIT_NOFILE, or close descriptors"},
	{ANY, ENFILE, NULL, "the system is out of open files: see fs.file-max"},
	{ANY, ENOSYS, NULL, "a newer kernel is needed (Linux 5.10 or later), or a seccomp filter of the host stands in the way"},
};

const char *ct__cure(ct_step step, int code, const char *call)
{
	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++) {
		const struct cure *cure = &cures[i];

		if (cure->step != ANY && cure->step != (int)step)
			continue;
		if (cure->code != ANY && cure->code != -code)
			continue;
		if (cure->call && (!call || strcmp(cure->call, call) != 0))
			continue;
		return cure->text;
	}
	return "";
}

const char *ct__errno_words(int code)
{
	const char *words = strerrordesc_np(code < 0 ? -code : code);

	return words ? words : "unknown error";
}
