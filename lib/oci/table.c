/* SPDX-License-Identifier: MIT */
/*
 * The fields of the runtime-spec that a spec can be made of, or that are refused: where they stand, what
 * they have to be, who takes them. In this order. Not here are those of the runtime alone
 * (hooks, annotations, linux.cgroupsPath), and those of other systems.
 */
#include <errno.h>
#include <string.h>

#include "oci.h"

/* Known, and not to be honoured. */
static int refuse(struct oci *oci, const struct oci_value *value)
{
	return ct__oci_refuse(oci, value, -EOPNOTSUPP, "it cannot be honoured");
}

/* The same, but that what says nothing may be there. */
static int refuse_text(struct oci *oci, const struct oci_value *value)
{
	return json_string_length(value->json) ? refuse(oci, value) : 0;
}

static int refuse_object(struct oci *oci, const struct oci_value *value)
{
	return json_object_size(value->json) ? refuse(oci, value) : 0;
}

/* Versions of the runtime-spec within 1 add to it. */
static int version(struct oci *oci, const struct oci_value *value)
{
	const char *text = json_string_value(value->json);

	if (strncmp(text, "1.", 2) == 0)
		return 0;
	return ct__oci_refuse(oci, value, -EOPNOTSUPP, "only version 1 is known");
}

const struct oci_field ct__oci_fields[] = {
	{"/ociVersion", OCI_STRING, version},
	{"/root", OCI_OBJECT, ct__oci_root},
	{"/hostname", OCI_STRING, ct__oci_hostname},
	{"/domainname", OCI_STRING, ct__oci_domainname},
	{"/linux/namespaces", OCI_ARRAY, ct__oci_namespaces},
	{"/linux/uidMappings", OCI_ARRAY, ct__oci_uid_maps},
	{"/linux/gidMappings", OCI_ARRAY, ct__oci_gid_maps},
	{"/linux/timeOffsets", OCI_OBJECT, ct__oci_time_offsets},
	{"/linux/sysctl", OCI_OBJECT, ct__oci_sysctls},
	{"/mounts", OCI_ARRAY, ct__oci_mounts},
	{"/linux/devices", OCI_ARRAY, ct__oci_devices},
	{"/linux/rootfsPropagation", OCI_STRING, ct__oci_propagation},
	{"/linux/maskedPaths", OCI_STRINGS, ct__oci_masked},
	{"/linux/readonlyPaths", OCI_STRINGS, ct__oci_readonly},
	{"/linux/resources/devices", OCI_ARRAY, ct__oci_device_rules},
	{"/linux/resources/memory", OCI_OBJECT, ct__oci_memory},
	{"/linux/resources/cpu", OCI_OBJECT, ct__oci_cpu},
	{"/linux/resources/pids", OCI_OBJECT, ct__oci_pids},
	{"/linux/resources/blockIO", OCI_OBJECT, ct__oci_block_io},
	{"/linux/resources/hugepageLimits", OCI_ARRAY, ct__oci_huge_pages},
	{"/linux/resources/unified", OCI_OBJECT, ct__oci_unified},
	{"/linux/resources/network", OCI_OBJECT, refuse_object},
	{"/linux/resources/rdma", OCI_OBJECT, refuse_object},
	{"/linux/netDevices", OCI_OBJECT, refuse_object},
	{"/linux/mountLabel", OCI_STRING, refuse_text},
	{"/linux/intelRdt", OCI_OBJECT, refuse},
	{"/linux/memoryPolicy", OCI_OBJECT, refuse},
	{"/linux/personality", OCI_OBJECT, ct__oci_personality},
	{"/process/args", OCI_STRINGS, ct__oci_args},
	{"/process/env", OCI_STRINGS, ct__oci_env},
	{"/process/cwd", OCI_STRING, ct__oci_cwd},
	{"/process/user", OCI_OBJECT, ct__oci_user},
	{"/process/capabilities", OCI_OBJECT, ct__oci_capabilities},
	{"/linux/seccomp", OCI_OBJECT, ct__oci_seccomp},
	{"/process/noNewPrivileges", OCI_BOOL, ct__oci_no_new_privs},
	{"/process/rlimits", OCI_ARRAY, ct__oci_rlimits},
	{"/process/oomScoreAdj", OCI_NUMBER, ct__oci_oom_score},
	{"/process/terminal", OCI_BOOL, ct__oci_terminal},
	{"/process/apparmorProfile", OCI_STRING, ct__oci_apparmor},
	{"/process/selinuxLabel", OCI_STRING, ct__oci_selinux},
	{"/process/scheduler", OCI_OBJECT, refuse},
	{"/process/ioPriority", OCI_OBJECT, refuse},
	{"/process/execCPUAffinity", OCI_OBJECT, refuse_object},
	{NULL, OCI_OBJECT, NULL},
};
