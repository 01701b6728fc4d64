/* SPDX-License-Identifier: MIT */
/*
 * The particular reason of a failed start, where a fact of the machine explains it; see
 * why.h. What usually helps against any other failure is in error/explain.c.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include <container/spec.h>

#include "error/error.h"
#include "idmap/idmap.h"
#include "why.h"

static bool namespaces(const ct_error *err, uint32_t kinds, struct ct__why *ret_why)
{
	return ct__why_namespaces(kinds, err->code, ret_why);
}

/*
 * The kernel took the namespace, but not its map: AppArmor takes the rights away; a filter takes
 * away calls, but hardly one by which files are written. What newuidmap says is reason enough.
 */
static bool id_map(const ct_error *err, uint32_t kinds, struct ct__why *ret_why)
{
	bool on_a_file = strcmp(err->call, "openat") == 0 || strcmp(err->call, "write") == 0;
	bool on_ids = strcmp(err->call, "setresgid") == 0 || strcmp(err->call, "setresuid") == 0;

	(void)kinds;
	if (!on_a_file && !on_ids)
		return false;
	return ct__why_apparmor(ret_why) || (on_ids && ct__why_filter(err->code, ret_why));
}

/* What root of a new user namespace may do, if nothing takes its rights away. */
static bool rights_inside(const ct_error *err, uint32_t kinds, struct ct__why *ret_why)
{
	return ((kinds & CT_NS_USER) && ct__why_apparmor(ret_why)) ||
	       ct__why_filter(err->code, ret_why);
}

static bool mounting(const ct_error *err, uint32_t kinds, struct ct__why *ret_why)
{
	static const char *const types[] = {"proc", "sysfs"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		char object[16];

		snprintf(object, sizeof(object), "%s on ", types[i]);
		if (strncmp(err->object, object, strlen(object)) == 0 &&
			ct__why_covered(types[i], ret_why))
			return true;
	}
	return rights_inside(err, kinds, ret_why);
}

static bool from_memory(const ct_error *err, uint32_t kinds, struct ct__why *ret_why)
{
	(void)err, (void)kinds;
	return ct__why_memfd(ret_why);
}

/*
 * Root may set groups but where that is denied: in the caller's user namespace, or in a new one
 * whose map the kernel takes from a caller without CAP_SETGID.
 */
static bool groups(const ct_error *err, uint32_t kinds, struct ct__why *ret_why)
{
	if (strcmp(err->call, "setgroups") != 0)
		return rights_inside(err, kinds, ret_why);
	if (ct__why_setgroups(ret_why))
		return true;
	if (!(kinds & CT_NS_USER) || ct__has_cap(CAP_SETGID))
		return ct__why_filter(err->code, ret_why);
	return ct__because(ret_why,
		"map subordinate ids (CT_IDMAP_SUBIDS), or ask for no groups by ct_spec_set_groups()",
		"setgroups is denied in the container's user namespace, which has the caller's own group alone");
}

static bool no_cgroups(const ct_error *err, uint32_t kinds, struct ct__why *ret_why)
{
	(void)err, (void)kinds;
	return ct__why_no_cgroups(ret_why);
}

/* Where a fact may explain a failure. */
static const struct {
	ct_step step;
	int code;
	bool (*why)(const ct_error *err, uint32_t kinds, struct ct__why *ret_why);
} causes[] = {
	{CT_STEP_CLONE, EPERM, namespaces},
	{CT_STEP_CLONE, EACCES, namespaces},
	{CT_STEP_CLONE, ENOSYS, namespaces},
	{CT_STEP_CLONE, ENOSPC, namespaces},
	{CT_STEP_CLONE, EUSERS, namespaces},
	{CT_STEP_CLONE, EINVAL, namespaces},
	{CT_STEP_NAMESPACE, ENOSPC, namespaces},
	{CT_STEP_STAGE, EACCES, from_memory},
	{CT_STEP_IDMAP, EPERM, id_map},
	{CT_STEP_IDMAP, EACCES, id_map},
	{CT_STEP_IDENTITY, EPERM, groups},
	{CT_STEP_HOSTNAME, EPERM, rights_inside},
	{CT_STEP_LOOPBACK, EPERM, rights_inside},
	{CT_STEP_PROPAGATION, EPERM, rights_inside},
	{CT_STEP_PROPAGATION, EACCES, rights_inside},
	{CT_STEP_ROOT, EPERM, rights_inside},
	{CT_STEP_MOUNT, EPERM, mounting},
	{CT_STEP_MOUNT, EACCES, mounting},
	{CT_STEP_LIMIT, ENOENT, no_cgroups},
};

void ct__explain(ct_error *err, uint32_t kinds)
{
	struct ct__why why;

	if (!err || err->size < sizeof(*err))
		return;
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].step != (ct_step)err->step || causes[i].code != -err->code ||
			!causes[i].why(err, kinds, &why))
			continue;
		ct__error_explain(err, why.reason, why.cure);
		return;
	}
	if (ct__why_call(err->call, err->code, &why))
		ct__error_explain(err, why.reason, why.cure);
}
