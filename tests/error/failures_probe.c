/* SPDX-License-Identifier: MIT */
/* Failures of looking at the machine; see failures.h. */
#include "failures.h"

#include <container/probe.h>

#include <sys/syscall.h>

static int look_at_a_directory(bool wrong, ct_error *err)
{
	ct_probe *probe = NULL;
	int code = ct_probe_path(wrong ? "/proc/self/status" : "/proc/self", &probe, err);

	ct_probe_free(probe);
	return code;
}

static int look_nowhere(bool wrong, ct_error *err)
{
	ct_probe *probe = NULL;
	int code = ct_probe_new(wrong ? NULL : &probe, err);

	ct_probe_free(probe);
	return code;
}

static int look_at_the_machine(bool wrong, ct_error *err)
{
	ct_probe *probe = NULL;
	int code = ct_probe_new(&probe, err);

	(void)wrong;
	ct_probe_free(probe);
	return code;
}

/* Step, code; call, object, words of the sentence, cure; how to provoke it. */
const struct failure probe_failures[] = {
	{CT_STEP_ARGUMENT, -EINVAL, "", "ret_probe", "it is NULL", NULL, .act = look_nowhere},
	{CT_STEP_PROBE, -ENOTDIR, "openat", "/proc/self/status", "Not a directory",
		"give a directory", .act = look_at_a_directory},
	{CT_STEP_PROBE, -ENOMEM, "", "kernel", "Cannot allocate memory", "free memory",
		.act = look_at_the_machine, .number = SYS_memfd_create, .error = ENOMEM},
	{0},
};
