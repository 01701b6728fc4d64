/* SPDX-License-Identifier: MIT */
/* Attacks on what the kernel shows inside: /proc, /sys, and its calls. */
#include <stdio.h>
#include <sys/syscall.h>

#include "attacks/attacks.h"

static void bare_paths(ct_spec *spec)
{
	set(ct_spec_clear_paths(spec));
}

static void nested(ct_spec *spec)
{
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, CT_SECCOMP_NESTED));
}

static void unfiltered(ct_spec *spec)
{
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0));
}

/* Where the kernel has it: in each version of cgroups. */
#define AGENTS                                                                 \
	"/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory/release_agent", \
		"/sys/fs/cgroup/pids/release_agent", "/sys/fs/cgroup/systemd/release_agent"

#define READ(path)                                                                   \
	{                                                                            \
		.id = "C01", .sentence = "read " path, .words = WORDS("read", path), \
		.roles = BY_ALL, .loosen = bare_paths                                \
	}
#define LIST(path)                                                                   \
	{                                                                            \
		.id = "C01", .sentence = "list " path, .words = WORDS("list", path), \
		.roles = BY_ALL                                                      \
	}
#define WRITE(number, path)                                                                \
	{                                                                                  \
		.id = number, .sentence = "write to " path, .words = WORDS("write", path), \
		.roles = BY_ALL, .flags = CONTROL_NEEDS_ROOT                               \
	}

/*
 * Calls with arguments of which the kernel would say that they are wrong: the filter has to be
 * faster. The control is root's, who is refused none of them.
 */
#define NUMBER_AS_TEXT(number) #number
#define NUMBER(name)	       NUMBER_AS_TEXT(name)
#define CALL(name, ...)                                                                     \
	{                                                                                   \
		.id = "C11", .sentence = "reach the kernel's " #name,                       \
		.words = WORDS("call", NUMBER(SYS_##name), ##__VA_ARGS__), .roles = BY_ALL, \
		.flags = CONTROL_NEEDS_ROOT                                                 \
	}

const struct attack ct_attacks_interfaces[] = {
	READ("/proc/kcore"),
	READ("/proc/keys"),
	READ("/proc/interrupts"),
	READ("/proc/timer_list"),
	READ("/proc/latency_stats"),
	READ("/proc/sched_debug"),
	LIST("/sys/firmware"),
	LIST("/sys/kernel/debug"),
	LIST("/sys/kernel/security"),
	LIST("/sys/kernel/tracing"),
	LIST("/sys/devices/virtual/powercap"),
	LIST("/proc/acpi"),
	LIST("/proc/scsi"),
	LIST("/proc/asound"),
	WRITE("C02", "/proc/sysrq-trigger"),
	WRITE("C03", "/proc/sys/kernel/core_pattern"),
	WRITE("C04", "/sys/kernel/uevent_helper"),
	WRITE("C04", "/proc/sys/kernel/modprobe"),
	WRITE("C04", "/proc/sys/kernel/hotplug"),
	WRITE("C04", "/proc/sys/fs/binfmt_misc/register"),
	WRITE("C01", "/proc/sys/kernel/sysrq"),
	WRITE("C01", "/proc/sys/vm/overcommit_memory"),
	WRITE("C01", "/proc/sys/fs/file-max"),
	WRITE("C01", "/proc/irq/default_smp_affinity"),
	WRITE("C01", "/sys/power/state"),
	WRITE("C01", "/sys/kernel/mm/transparent_hugepage/enabled"),
	{.id = "C04",
		.sentence = "write to the release_agent of cgroups",
		.words = WORDS("write", AGENTS),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "C01",
		.sentence = "write to any file of /proc that is not a process's",
		.words = WORDS("write-anything", "/proc"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "C01",
		.sentence = "write to any file of /sys",
		.words = WORDS("write-anything", "/sys"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "F08",
		.sentence = "write to any file of cgroups",
		.words = WORDS("write-anything", "/sys/fs/cgroup"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "F07",
		.sentence = "mount cgroups",
		.words = WORDS("mount-cgroups"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "F07",
		.sentence = "set the release_agent of cgroups mounted in a nested user namespace",
		.words = WORDS("set-release-agent"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT,
		.prepare = nested},
	{.id = "C08",
		.sentence = "mount a fresh /proc in a nested user namespace",
		.words = WORDS("fresh", "proc"),
		.roles = BY_ALL,
		.prepare = nested,
		.loosen = bare_paths},
	{.id = "C08",
		.sentence = "mount a fresh /sys in a nested user namespace",
		.words = WORDS("fresh", "sysfs"),
		.roles = BY_ALL,
		.prepare = nested,
		.loosen = bare_paths},
	CALL(bpf, "9999"),
	CALL(perf_event_open, "0", "0", "-1", "-1", "0"),
	CALL(userfaultfd, "0xffff"),
	CALL(io_uring_setup, "0", "0"),
	CALL(add_key, "0", "0", "0", "0", "0"),
	CALL(request_key, "0", "0", "0", "0"),
	CALL(keyctl, "9999"),
	CALL(kexec_load, "0", "1000", "0", "0"),
	CALL(init_module, "0", "0", "0"),
	CALL(finit_module, "-1", "0", "0"),
	CALL(delete_module, "0", "0"),
	CALL(mount, "0", "0", "0", "0", "0"),
	CALL(umount2, "0", "0"),
	CALL(pivot_root, "0", "0"),
	CALL(open_tree, "-1", "0", "0"),
	CALL(move_mount, "-1", "0", "-1", "0", "0"),
	CALL(fsopen, "0", "0"),
	CALL(mount_setattr, "-1", "0", "0", "0", "0"),
	CALL(open_by_handle_at, "-1", "0", "0"),
	CALL(setns, "-1", "0"),
	CALL(ptrace, "0x4206", "999999", "0", "0"),
	CALL(process_vm_readv, "999999", "0", "0", "0", "0", "0"),
	CALL(pidfd_getfd, "-1", "0", "0"),
	CALL(acct, "1"),
	CALL(swapon, "0", "0"),
	CALL(reboot, "0", "0", "0", "0"),
	CALL(syslog, "99", "0", "0"),
	CALL(clock_settime, "0", "0"),
	CALL(quotactl, "0x7fffff00", "0", "0", "0"),
	CALL(fanotify_init, "0xffff0000", "0"),
	{.id = "C11",
		.sentence = "make a user namespace",
		.words = WORDS("new-user-ns"),
		.roles = BY_ALL,
		.loosen = nested},
	{.id = "F01",
		.sentence = "call by the entry of 32-bit programs",
		.words = WORDS("int80"),
		.roles = BY_ALL},
	{.id = "F01",
		.sentence = "call by the numbers of x32",
		.words = WORDS("x32"),
		.roles = BY_ALL},
	{.id = "F03",
		.sentence = "make a user namespace by clone3, whose flags no filter sees",
		.words = WORDS("clone3-user"),
		.roles = BY_ALL,
		.loosen = unfiltered},
	{.id = "F04",
		.sentence = "open a socket of a family that few programs use",
		.words = WORDS("families"),
		.roles = BY_ALL,
		.flags = CONTROL_NEEDS_ROOT},
	{0},
};
