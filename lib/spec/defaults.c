/* SPDX-License-Identifier: MIT */
/*
 * What an empty spec means, as tables: standard mounts, devices, links, masked
 * and read-only paths, capabilities.
 */
#include <linux/capability.h>
#include <linux/mount.h>

#include "spec.h"
#include "stage/plan.h"

#define OPTIONS(text) text, sizeof(text) /* the literal's own NUL ends the last value */

#define HARMLESS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* In this order. /proc first: kernel parameters are written through it. */
const struct default_mount ct__default_mounts[] = {
	{"proc", "proc", NULL, 0, HARMLESS, REG_ROOT, REG_PROC, CT_NS_PID},
	{"sysfs", "sys", NULL, 0, HARMLESS | MOUNT_ATTR_RDONLY, REG_ROOT, REG_SYS, CT_NS_NET},
	{"tmpfs", "dev", OPTIONS("mode\0" "755\0" "size\0" "64k\0" "nr_inodes\0" "1k"),
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, REG_ROOT, REG_DEV, 0},
	{"devpts", "pts", OPTIONS("newinstance\0" "\0" "ptmxmode\0" "0666\0" "mode\0" "0620"),
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, REG_DEV, REG_PTS, 0},
	{"tmpfs", "shm", OPTIONS("mode\0" "1777\0" "size\0" "64m"), HARMLESS, REG_DEV, -1, 0},
	{"mqueue", "mqueue", NULL, 0, HARMLESS, REG_DEV, -1, CT_NS_IPC},
	{0},
};

const struct default_device ct__default_devices[] = {
	{"null", 1, 3},	  {"zero", 1, 5},    {"full", 1, 7}, {"random", 1, 8},
	{"urandom", 1, 9}, {"tty", 5, 0}, {0},
};

const struct default_link ct__default_links[] = {
	{"ptmx", "pts/ptmx"},
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
	{0},
};

/* What tells of the host, or of other containers, or reaches hardware. */
const char *const ct__default_masked[] = {
	"proc/acpi",
	"proc/asound",
	"proc/dynamic_debug",
	"proc/interrupts",
	"proc/kcore",
	"proc/keys",
	"proc/latency_stats",
	"proc/sched_debug",
	"proc/scsi",
	"proc/timer_list",
	"proc/timer_stats",
	"sys/devices/virtual/powercap",
	"sys/firmware",
	"sys/kernel/debug",
	"sys/kernel/security",
	"sys/kernel/tracing",
	NULL,
};

/* What would change the host. /sys is read-only as a whole. */
const char *const ct__default_readonly[] = {
	"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger", NULL,
};

#define CAP(name) (UINT64_C(1) << (name))

const uint64_t ct__default_caps = CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FOWNER) |
	CAP(CAP_FSETID) | CAP(CAP_KILL) | CAP(CAP_NET_BIND_SERVICE) | CAP(CAP_SETFCAP) |
	CAP(CAP_SETGID) | CAP(CAP_SETPCAP) | CAP(CAP_SETUID) | CAP(CAP_SYS_CHROOT);
