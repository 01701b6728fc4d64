/* SPDX-License-Identifier: MIT */
/*
 * Which devices a container may use, whatever device nodes it has or makes.
 */
#ifndef CONTAINER_DEVICES_H
#define CONTAINER_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a device is used for. */
#define CT_DEVICE_MKNOD UINT32_C(1) /* a node of it is made */
#define CT_DEVICE_READ	UINT32_C(2)
#define CT_DEVICE_WRITE UINT32_C(4)

/** All devices of a type, for ct_device.major and minor. */
#define CT_DEVICE_ANY (-1)

/** A device, or several, and what it may be used for. */
typedef struct ct_device {
	uint32_t type;	 /* 'c' or 'b': a character or a block device */
	uint32_t access; /* CT_DEVICE_* bits; at least one */
	int32_t major;	 /* 0 to 4095, or CT_DEVICE_ANY */
	int32_t minor;	 /* 0 to 1048575, or CT_DEVICE_ANY */
} ct_device;

/**
 * Have the containers of a spec use no devices but those of every container, and these.
 *
 * Those of every container are null, zero, full, random, urandom, tty, console and terminals. Without
 * this call a container can use whatever it has a node for; it has none of others unless the spec
 * gives it one (CT_MOUNT_DEV), and can make none unless the spec gives it cap_mknod. With it that
 * is enforced by the container's cgroup as well, also for processes that join, and for nodes that
 * come from wherever.
 *
 * @param spec    the spec.
 * @param devices array of count devices; copied. NULL with count 0: none but those of every container.
 * @param count   0 to 64.
 * @return 0 or a negative errno. The last call counts.
 *
 * Changes: the spec; its containers get a cgroup of their own. Threads: one at a time.
 * Errors:  EINVAL spec is NULL, a type, access or number is out of range; E2BIG more than 64; ENOMEM out of
 *          memory. At the start, by step CT_STEP_LIMIT: EPERM no right to have the kernel
 *          decide it; else as ct_spec_set_limit().
 * Needs:   cgroup v1 with its devices controller, or v2 and CAP_BPF and CAP_NET_ADMIN. Source: bpf(2) BPF_CGROUP_DEVICE, the kernel's cgroup-v1/devices.
 *          Since: 0.1
 */
CT_API int ct_spec_set_devices(ct_spec *spec, const ct_device *devices, size_t count);

#ifdef __cplusplus
}
#endif

#endif
