/* SPDX-License-Identifier: MIT */
/* Facts about namespaces: which can be made by this caller, and what forbids the others. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "sys/procfs.h"

/* A refusal, with its reason where one is known. */
static ct_probe_state refused(ct_probe_info *info, const struct ct__outcome *outcome)
{
	struct ct__why why;

	if (ct__why_namespaces(outcome->kinds, outcome->code, &why))
		return ct__lacks(info, &why);
	return ct__lacks_because(
		info, "", "%s: %s", outcome->call, strerrordesc_np(-outcome->code));
}

ct_probe_state ct__check_namespaces(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__outcome outcome;

	ct__try_namespaces(look, row->arg, &outcome);
	if (outcome.code == 0)
		return ct__works(info);
	return outcome.reach == REACH_CLONE ? refused(info, &outcome) : ct__untried(info, &outcome);
}

ct_probe_state ct__check_user_rights(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__outcome outcome;
	struct ct__why why;

	(void)row;
	ct__try(look, TRIAL_RIGHTS, &outcome);
	if (outcome.code == 0)
		return ct__works(info);
	if (outcome.reach != REACH_INSIDE)
		return ct__untried(info, &outcome);
	if (ct__why_apparmor(&why) || ct__why_filter(outcome.code, &why))
		return ct__lacks(info, &why);
	return ct__lacks_because(info, "", "%s: %s", outcome.call, strerrordesc_np(-outcome.code));
}

ct_probe_state ct__check_nested(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__outcome outcome;

	(void)row;
	ct__try(look, TRIAL_NESTED, &outcome);
	if (outcome.code == 0)
		return ct__works(info);
	return outcome.reach == REACH_INSIDE ? refused(info, &outcome)
					     : ct__untried(info, &outcome);
}

/* A sysctl that only some kernels have: without it nothing is forbidden. */
static ct_probe_state check_switch(
	ct_probe_info *info, const char *name, bool (*forbids)(struct ct__why *ret_why))
{
	struct ct__why why;
	int ret = ct__sysctl_number(name, &info->number);

	if (ret == -ENOENT && ct__sysctl_number("kernel/pid_max", &info->number) == 0) {
		info->number = CT_PROBE_NO_NUMBER;
		return ct__works_with(info, "this kernel has no such switch");
	}
	if (ret < 0) {
		info->number = CT_PROBE_NO_NUMBER;
		return ct__unknown(info, "/proc/sys/%s: %s", name, strerrordesc_np(-ret));
	}
	if (forbids(&why))
		return ct__lacks(info, &why);
	return ct__works_with(info, "%" PRIu64, info->number);
}

ct_probe_state ct__check_userns_clone(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	(void)look, (void)row;
	return check_switch(info, "kernel/unprivileged_userns_clone", ct__why_userns_clone);
}

ct_probe_state ct__check_apparmor(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	(void)look, (void)row;
	return check_switch(info, "kernel/apparmor_restrict_unprivileged_userns", ct__why_apparmor);
}

ct_probe_state ct__check_setgroups(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	char text[16] = "";
	ssize_t size =
		ct__procfs_read(AT_FDCWD, "/proc/thread-self/setgroups", text, sizeof(text) - 1);

	struct ct__why why;

	(void)look, (void)row;
	if (size < 0)
		return ct__unknown(
			info, "/proc/thread-self/setgroups: %s", strerrordesc_np((int)-size));
	return ct__why_setgroups(&why) ? ct__lacks(info, &why) : ct__works(info);
}

ct_probe_state ct__check_limit(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	int ret = ct__sysctl_number(row->path, &info->number);
	const char *name = strchr(row->path, '/') + 1;
	char cure[128];

	(void)look;
	if (ret < 0) {
		info->number = CT_PROBE_NO_NUMBER;
		return ct__unknown(info, "/proc/sys/%s: %s", row->path, strerrordesc_np(-ret));
	}
	if (info->number)
		return ct__works_with(info, "%" PRIu64, info->number);
	snprintf(cure, sizeof(cure),
		"raise it: sysctl -w user.%s=1000, as root of this user namespace", name);
	return ct__lacks_because(info, cure, "user.%s=0 forbids such namespaces", name);
}
