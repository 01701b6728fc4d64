/* SPDX-License-Identifier: MIT */
/* Attacks by a program inside of a container: at what it was given, at its rights, at its root. */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <container/cgroup.h>

#include "attacks/attacks.h"

/* -------------------------------------------------- what the host has lying about */

static void open_directories(void)
{
	for (int i = 0; i < 50; i++)
		ck_assert_int_ge(open(in_dir("host"), O_RDONLY | O_DIRECTORY), 0);
	box_accept_changes();
}

static void poison_environment(void)
{
	for (int i = 0; i < 50; i++) {
		char name[32];

		snprintf(name, sizeof(name), "HOSTS_%d", i);
		setenv(name, "secret", 1);
	}
	box_accept_changes();
}

/* Whatever the host has, in the sets that are passed on by exec. */
static void fill_inheritable(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
	for (int i = 0; i < 2; i++)
		data[i].inheritable = data[i].permitted;
	ck_assert_int_eq(syscall(SYS_capset, &head, data), 0);
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	box_accept_changes();
}

static void be_in_groups(void)
{
	const gid_t groups[] = {1234, 1235};

	ck_assert_int_eq(setgroups(2, groups), 0);
	box_accept_changes();
}

/* A file that its group alone may read, and that the caller's groups would open. */
static void lay_group_file(void)
{
	write_file(in_root("etc/for-1234"), "the group's\n", 0040);
	ck_assert_int_eq(chown(in_root("etc/for-1234"), 4321, 1234), 0);
	be_in_groups();
}

static void lay_setuid_program(void)
{
	copy_program(in_root("bin/intruder"), in_root("bin/gain"), 04755);
}

static void lay_capable_program(void)
{
	/* Revision 2, permitted and effective: one that containers have, else it would not be executed. */
	const uint32_t caps[5] = {VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, 1u << CAP_CHOWN};

	copy_program(in_root("bin/intruder"), in_root("bin/gain"), 0755);
	ck_assert_int_eq(
		setxattr(in_root("bin/gain"), "security.capability", caps, sizeof(caps), 0), 0);
}

/* Character device 1:5, as an image might have it. */
static void lay_device(void)
{
	ck_assert_int_eq(mknod(in_root("node"), S_IFCHR | 0666, (dev_t)0x105), 0);
	ck_assert_int_eq(chmod(in_root("node"), 0666), 0);
}

/* A session keyring with a key in it, as pam_keyinit gives to who logs in. */
static void lay_key(void)
{
	const char secret[] = "secret";

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "ct-attack") < 0)
		return;
	ck_assert_int_ge(syscall(SYS_add_key, "user", "ct-attack", secret, sizeof(secret),
				 KEY_SPEC_SESSION_KEYRING),
		0);
	box_accept_changes();
}

void listen_abstractly(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int length = snprintf(address.sun_path + 1, 64, "ct-attack-%d", getpid());

	ck_assert_int_eq(
		bind(fd, (struct sockaddr *)&address,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)),
		0);
	ck_assert_int_eq(listen(fd, 8), 0);
	box_accept_changes();
}

/* ------------------------------------------------------------- more or less of a spec */

static void give_host_directory(ct_spec *spec)
{
	int fd = open(in_dir("host"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	set(ct_spec_map_fd(spec, fd, 3));
	box_accept_changes();
}

static void unfiltered(ct_spec *spec)
{
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0));
}

static void host_net(ct_spec *spec)
{
	set(ct_spec_set_ns_host(spec, CT_NS_NET));
}

static void ambient_cap(ct_spec *spec)
{
	set(ct_spec_add_ambient_cap(spec, "cap_chown"));
}

static void rights_may_be_gained(ct_spec *spec)
{
	set(ct_spec_set_no_new_privs(spec, 0));
}

static void cap_to_mount(ct_spec *spec)
{
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
}

static void cap_to_make_nodes(ct_spec *spec)
{
	set(ct_spec_add_cap(spec, "cap_mknod"));
}

static void cap_to_open_handles(ct_spec *spec)
{
	set(ct_spec_add_cap(spec, "cap_dac_read_search"));
}

static void few_processes(ct_spec *spec)
{
	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 32));
}

static void many_processes(ct_spec *spec)
{
	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, CT_UNLIMITED));
}

static void little_memory(ct_spec *spec)
{
	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 << 20));
}

static void much_memory(ct_spec *spec)
{
	set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, CT_UNLIMITED));
}

static void boundless_shm(ct_spec *spec)
{
	set(ct_spec_add_tmpfs(spec, "/dev/shm", 0, 01777, 0));
}

static void own_tmp(ct_spec *spec)
{
	set(ct_spec_add_tmpfs(spec, "/tmp", 0, 01777, 0));
}

static void own_tmp_with_bound(ct_spec *spec)
{
	set(ct_spec_add_tmpfs(spec, "/tmp", 8 << 20, 01777, 0));
}

const struct attack ct_attacks_inside[] = {
	{.id = "A04",
		.sentence = "climb from a directory that the host has open",
		.words = WORDS("climb-from-descriptors"),
		.roles = BY_ALL,
		.lay = open_directories},
	{.id = "A04",
		.sentence = "climb from any descriptor",
		.words = WORDS("climb-from-descriptors"),
		.roles = BY_ALL,
		.loosen = give_host_directory},
	{.id = "A06",
		.sentence = "reach a host's socket that has a name and no file",
		.words = WORDS("connect-abstract"),
		.roles = BY_ALL,
		.lay = listen_abstractly,
		.loosen = host_net},
	{.id = "A07",
		.sentence = "read variables of the host's environment",
		.words = WORDS("find-variables"),
		.roles = BY_ALL,
		.lay = poison_environment},
	{.id = "B17",
		.sentence = "leave the root by a second chroot",
		.words = WORDS("leave-chroot"),
		.roles = BY_ALL},
	{.id = "B18",
		.sentence = "mount over the root",
		.words = WORDS("mount", "/mnt"),
		.roles = BY_ALL,
		.loosen = cap_to_mount},
	{.id = "B21",
		.sentence = "unmount masks, and remount what is read-only",
		.words = WORDS("unmask", "here"),
		.roles = BY_ALL,
		.loosen = cap_to_mount},
	{.id = "C06",
		.sentence = "open a device node of the image",
		.words = WORDS("open-node", "/node"),
		.roles = BY_ROOT,
		.flags = CONTROL_NEEDS_ROOT,
		.lay = lay_device},
	{.id = "C06",
		.sentence = "make a device node",
		.words = WORDS("make-node"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "C06",
		.sentence = "make a device node, and open it, with the capability for that",
		.words = WORDS("make-node"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT,
		.prepare = cap_to_make_nodes},
	{.id = "C07",
		.sentence = "open a file of the host by its handle",
		.words = WORDS("handle"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT,
		.loosen = cap_to_open_handles},
	{.id = "C09",
		.sentence = "walk through /proc/N/root of others",
		.words = WORDS("walk-out-by-proc"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "C09",
		.sentence = "send signals to processes outside",
		.words = WORDS("signal-others"),
		.roles = BY_ALL},
	{.id = "C11",
		.sentence = "read a key of the host's session, without a filter of calls",
		.words = WORDS("find-key"),
		.roles = BY_ALL,
		.lay = lay_key,
		.prepare = unfiltered},
	{.id = "E01",
		.sentence = "find capabilities of the host that exec passes on",
		.words = WORDS("have-inheritable"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT,
		.lay = fill_inheritable},
	{.id = "E02",
		.sentence = "have a capability without being root",
		.words = WORDS("have-capabilities"),
		.roles = BY_USERS,
		.flags = CONTROL_IN_ROLE,
		.loosen = ambient_cap},
	{.id = "E02",
		.sentence = "keep a capability of the host's without being root",
		.words = WORDS("have-capabilities"),
		.roles = BY_USERS,
		.lay = fill_inheritable},
	{.id = "E03",
		.sentence = "be in groups of the host",
		.words = WORDS("have-groups"),
		.roles = BY_ROOT,
		.lay = be_in_groups},
	{.id = "E03",
		.sentence = "read by a group of the host",
		.words = WORDS("read", "/etc/for-1234"),
		.roles = 1u << AS_USER,
		.flags = CONTROL_IN_ROLE | CONTROL_NEEDS_ROOT,
		.lay = lay_group_file},
	{.id = "E07",
		.sentence = "become root by a setuid program of the image",
		.words = WORDS("gain-rights", "/bin/gain"),
		.roles = BY_USERS,
		.flags = CONTROL_IN_ROLE,
		.lay = lay_setuid_program,
		.loosen = rights_may_be_gained},
	{.id = "E07",
		.sentence = "gain capabilities by a program of the image",
		.words = WORDS("gain-rights", "/bin/gain"),
		.roles = 1u << AS_USER,
		.flags = CONTROL_IN_ROLE | CONTROL_NEEDS_ROOT,
		.lay = lay_capable_program,
		.loosen = rights_may_be_gained},
	{.id = "F11",
		.sentence = "make more processes than the limit",
		.words = WORDS("bomb", "100"),
		.roles = BY_ALL,
		.flags = NEEDS_CGROUP,
		.prepare = few_processes,
		.loosen = many_processes},
	{.id = "F12",
		.sentence = "leave the limit of processes by double forks",
		.words = WORDS("bomb", "100", "orphans"),
		.roles = BY_ALL,
		.flags = NEEDS_CGROUP,
		.prepare = few_processes,
		.loosen = many_processes},
	{.id = "F11",
		.sentence = "take more memory than the limit",
		.words = WORDS("eat-memory", "64"),
		.roles = BY_ALL,
		.flags = NEEDS_CGROUP,
		.prepare = little_memory,
		.loosen = much_memory},
	{.id = "F11",
		.sentence = "fill the machine's memory by way of /dev/shm",
		.words = WORDS("fill", "/dev/shm/bomb", "80"),
		.roles = BY_ALL,
		.loosen = boundless_shm},
	{.id = "F11",
		.sentence = "fill a filesystem in memory over its bound",
		.words = WORDS("fill", "/tmp/bomb", "16"),
		.roles = BY_ALL,
		.prepare = own_tmp_with_bound,
		.loosen = own_tmp},
	{0},
};
