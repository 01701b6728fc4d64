/* SPDX-License-Identifier: MIT */
/* Facts about the kernel as a whole, and about the caller. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "probe.h"
#include "sys/procfs.h"

ct_probe_state ct__check_kernel(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct utsname name;

	(void)look, (void)row;
	if (uname(&name) < 0)
		return ct__unknown(info, "uname: %s", strerrordesc_np(errno));
	else
		return ct__works_with(info, "%s", name.release);
}

ct_probe_state ct__check_architecture(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct utsname name;

	(void)look, (void)row;
	if (uname(&name) < 0)
		return ct__unknown(info, "uname: %s", strerrordesc_np(errno));
	else
		return ct__works_with(info, "%s", name.machine);
}

/* lsm_list_modules(2), Linux 6.8, by number: the headers of older systems lack it. */
static const struct {
	uint64_t id;
	const char *name;
} modules[] = {
	{100, "capability"},
	{101, "selinux"},
	{102, "smack"},
	{103, "tomoyo"},
	{104, "apparmor"},
	{105, "yama"},
	{106, "loadpin"},
	{107, "safesetid"},
	{108, "lockdown"},
	{109, "bpf"},
	{110, "landlock"},
	{111, "ima"},
	{112, "evm"},
	{113, "ipe"},
};

#define LSM_LIST_MODULES 461 /* on every architecture */

static bool list_modules(char *text, size_t size)
{
	uint64_t ids[64];
	uint32_t room = sizeof(ids);
	long count = syscall(LSM_LIST_MODULES, ids, &room, 0);

	*text = '\0';
	for (long i = 0; i < count; i++) {
		const char *name = "?";

		for (size_t m = 0; m < sizeof(modules) / sizeof(modules[0]); m++)
			if (modules[m].id == ids[i])
				name = modules[m].name;
		snprintf(text + strlen(text), size - strlen(text), "%s%s", i ? "," : "", name);
	}
	return count >= 0;
}

ct_probe_state ct__check_security_modules(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	char text[sizeof(info->value)];
	ssize_t size =
		ct__procfs_read(AT_FDCWD, "/sys/kernel/security/lsm", text, sizeof(text) - 1);

	(void)look, (void)row;
	if (size >= 0)
		text[size] = '\0';
	else if (!list_modules(text, sizeof(text)))
		return ct__unknown(info,
			"securityfs is not mounted, and the kernel lacks lsm_list_modules (Linux 6.8)");
	text[strcspn(text, "\n")] = '\0';
	return ct__works_with(info, "%s", *text ? text : "none");
}

/* ---------------------------------------------------------------- the caller */

ct_probe_state ct__check_cap_sys_admin(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	(void)row;
	if (!look->caller.admin)
		return ct__lacks_because(info,
			"run as root, or let containers have user namespaces of their own",
			"uid %u runs without CAP_SYS_ADMIN", geteuid());
	return ct__works_with(
		info, "%s", look->caller.initial ? "of the machine" : "of a user namespace");
}

ct_probe_state ct__check_chroot(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__why why;

	(void)look, (void)row;
	if (ct__why_chroot(&why))
		return ct__lacks(info, &why);
	else
		return ct__works(info);
}

ct_probe_state ct__check_mapped_ids(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__why why;

	(void)look, (void)row;
	if (ct__why_unmapped(&why))
		return ct__lacks(info, &why);
	else
		return ct__works_with(info, "uid %u, gid %u", geteuid(), getegid());
}

ct_probe_state ct__check_setuid(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	(void)row;
	if (look->caller.no_new_privs)
		return ct__lacks_because(info,
			"start the caller without no_new_privs (systemd: NoNewPrivileges=no)",
			"no_new_privs is set for the caller: newuidmap and its like give it no rights");
	else
		return ct__works(info);
}

ct_probe_state ct__check_outer_filter(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	(void)row;
	if (access("/proc/thread-self/status", R_OK) < 0)
		return ct__unknown(info, "/proc/thread-self/status: %s", strerrordesc_np(errno));
	else if (look->caller.filtered)
		return ct__lacks_because(info,
			"where something below does not work for it: give the outer container another seccomp profile",
			"a seccomp filter of an outer container applies (Seccomp: 2 in /proc/self/status)");
	else
		return ct__works(info);
}
