/* SPDX-License-Identifier: MIT */
/*
 * The fields of the runtime-spec that a spec can be made of, or that are refused: where they stand, what
 * they have to be, who takes them and who gives them. In this order. Not here are those of the runtime alone
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

static int give_version(struct oci *oci, json_t **ret_value)
{
	return ct__oci_given(oci, json_string("1.2.0"), ret_value);
}

/* It is read with the terminal. */
static int leave(struct oci *oci, const struct oci_value *value)
{
	(void)oci;
	(void)value;
	return 0;
}

const struct oci_field ct__oci_fields[] = {
	{"/ociVersion", OCI_STRING, version, give_version},
	{"/root", OCI_OBJECT, ct__oci_root, ct__oci_give_root},
	{"/hostname", OCI_STRING, ct__oci_hostname, ct__oci_give_hostname},
	{"/domainname", OCI_STRING, ct__oci_domainname, ct__oci_give_domainname},
	{"/linux/namespaces", OCI_ARRAY, ct__oci_namespaces, ct__oci_give_namespaces},
	{"/linux/uidMappings", OCI_ARRAY, ct__oci_uid_maps, ct__oci_give_uid_maps},
	{"/linux/gidMappings", OCI_ARRAY, ct__oci_gid_maps, ct__oci_give_gid_maps},
	{"/linux/timeOffsets", OCI_OBJECT, ct__oci_time_offsets, ct__oci_give_time_offsets},
	{"/linux/sysctl", OCI_OBJECT, ct__oci_sysctls, ct__oci_give_sysctls},
	{"/mounts", OCI_ARRAY, ct__oci_mounts, ct__oci_give_mounts},
	{"/linux/devices", OCI_ARRAY, ct__oci_devices, ct__oci_give_devices},
	{"/linux/rootfsPropagation", OCI_STRING, ct__oci_propagation, NULL},
	{"/linux/maskedPaths", OCI_STRINGS, ct__oci_masked, ct__oci_give_masked},
	{"/linux/readonlyPaths", OCI_STRINGS, ct__oci_readonly, ct__oci_give_readonly},
	{"/linux/resources/devices", OCI_ARRAY, ct__oci_device_rules, ct__oci_give_device_rules},
	{"/linux/resources/memory", OCI_OBJECT, ct__oci_memory, ct__oci_give_memory},
	{"/linux/resources/cpu", OCI_OBJECT, ct__oci_cpu, ct__oci_give_cpu},
	{"/linux/resources/pids", OCI_OBJECT, ct__oci_pids, ct__oci_give_pids},
	{"/linux/resources/blockIO", OCI_OBJECT, ct__oci_block_io, ct__oci_give_block_io},
	{"/linux/resources/hugepageLimits", OCI_ARRAY, ct__oci_huge_pages, ct__oci_give_huge_pages},
	{"/linux/resources/unified", OCI_OBJECT, ct__oci_unified, ct__oci_give_unified},
	{"/linux/resources/network", OCI_OBJECT, refuse_object, NULL},
	{"/linux/resources/rdma", OCI_OBJECT, refuse_object, NULL},
	{"/linux/netDevices", OCI_OBJECT, refuse_object, NULL},
	{"/linux/mountLabel", OCI_STRING, refuse_text, NULL},
	{"/linux/intelRdt", OCI_OBJECT, refuse, NULL},
	{"/linux/memoryPolicy", OCI_OBJECT, refuse, NULL},
	{"/linux/personality", OCI_OBJECT, ct__oci_personality, NULL},
	{"/process/args", OCI_STRINGS, ct__oci_args, ct__oci_give_args},
	{"/process/env", OCI_STRINGS, ct__oci_env, ct__oci_give_env},
	{"/process/cwd", OCI_STRING, ct__oci_cwd, ct__oci_give_cwd},
	{"/process/user", OCI_OBJECT, ct__oci_user, ct__oci_give_user},
	{"/process/capabilities", OCI_OBJECT, ct__oci_capabilities, ct__oci_give_capabilities},
	{"/linux/seccomp", OCI_OBJECT, ct__oci_seccomp, ct__oci_give_seccomp},
	{"/process/noNewPrivileges", OCI_BOOL, ct__oci_no_new_privs, ct__oci_give_no_new_privs},
	{"/process/rlimits", OCI_ARRAY, ct__oci_rlimits, ct__oci_give_rlimits},
	{"/process/oomScoreAdj", OCI_NUMBER, ct__oci_oom_score, ct__oci_give_oom_score},
	{"/process/terminal", OCI_BOOL, ct__oci_terminal, ct__oci_give_terminal},
	{"/process/consoleSize", OCI_OBJECT, leave, ct__oci_give_console_size},
	{"/process/apparmorProfile", OCI_STRING, ct__oci_apparmor, ct__oci_give_apparmor},
	{"/process/selinuxLabel", OCI_STRING, ct__oci_selinux, ct__oci_give_selinux},
	{"/process/scheduler", OCI_OBJECT, refuse, NULL},
	{"/process/ioPriority", OCI_OBJECT, refuse, NULL},
	{"/process/execCPUAffinity", OCI_OBJECT, refuse_object, NULL},
	{NULL, OCI_OBJECT, NULL, NULL},
};
