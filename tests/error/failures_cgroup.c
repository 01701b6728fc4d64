/* SPDX-License-Identifier: MIT */
/* Failures of the container's own cgroup; see failures.h. */
#include "failures.h"

#include <container/cgroup.h>

#include <sys/syscall.h>

static ct_spec *ending(void)
{
	ct_spec *spec = SPEC("/bin/probe", "exit", "0");

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	return spec;
}

static ct_spec *with_key(const char *key, const char *value)
{
	ct_spec *spec = ending();

	set(ct_spec_set_cgroup_key(spec, key, value));
	return spec;
}

static ct_spec *with_odd_value(bool wrong)
{
	return with_key("pids.max", wrong ? "many" : "20");
}

static ct_spec *with_odd_key(bool wrong)
{
	return with_key(wrong ? "pids.least" : "pids.max", "20");
}

static ct_spec *with_odd_parent(bool wrong)
{
	ct_spec *spec = with_key("pids.max", "20");

	if (wrong)
		set(ct_spec_set_cgroup_parent(spec, "/ct-there-is-none"));
	return spec;
}

static ct_spec *with_cgroup(bool wrong)
{
	ct_spec *spec = ending();

	(void)wrong;
	set(ct_spec_set_cgroup(spec, 1));
	return spec;
}

static int ask_without_cgroup(bool wrong, ct_error *err)
{
	ct_spec *spec = with_cgroup(false);
	ct_figures figures = CT_FIGURES_INIT;
	ct_container *container = NULL;
	int code;

	set(ct_spec_set_cgroup(spec, !wrong));
	ck_assert_int_eq(ct_spawn(spec, &container, err), 0);
	code = ct_container_figures(container, &figures, err);
	ct_container_free(container);
	ct_spec_free(spec);
	return code;
}

const struct failure cgroup_failures[] = {
	{CT_STEP_LIMIT, -EINVAL, "write", "pids.max: many", "Invalid", "a value that this file",
		.ask = with_odd_value, .makes_cgroup = true},
	{CT_STEP_LIMIT, -ENOENT, "openat", "pids.least", "No such file", "no such file",
		.ask = with_odd_key, .makes_cgroup = true},
	{CT_STEP_LIMIT, -ENOENT, "openat2", "/ct-there-is-none", "No such file",
		"make the parent first", .ask = with_odd_parent, .makes_cgroup = true},
	{CT_STEP_LIMIT, -EACCES, "mkdirat", "/ct-", "denied", "delegated", .ask = with_cgroup,
		.number = SYS_mkdirat, .error = EACCES, .makes_cgroup = true},
	{CT_STEP_LIMIT, -EROFS, "mkdirat", "/ct-", "Read-only", "writable", .ask = with_cgroup,
		.number = SYS_mkdirat, .error = EROFS, .makes_cgroup = true},
	{CT_STEP_LIMIT, -ENOENT, "", "process", "no cgroup of its own", "ct_spec_set_cgroup()",
		.act = ask_without_cgroup, .makes_cgroup = true},
	{0},
};
