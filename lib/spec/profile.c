/* SPDX-License-Identifier: MIT */
/* The setter of a profile that is JSON. Only built with the feature "json"; else no_json.c. */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "error/error.h"
#include "seccomp/profile.h"
#include "spec.h"

/* 0.0 if it cannot be known: then nothing that is for newer kernels holds. */
static uint32_t kernel_version(void)
{
	unsigned int major, minor;
	struct utsname name;

	if (uname(&name) < 0 || sscanf(name.release, "%4u.%4u", &major, &minor) != 2)
		return 0;
	return CT__KERNEL(major, minor);
}

int ct_spec_set_seccomp_json(ct_spec *spec, const char *text, size_t size_bytes)
{
	ct_error why = CT_ERROR_INIT;
	struct ct__json_doc doc = {.what = "seccomp profile", .step = CT_STEP_ARGUMENT, .err = &why};
	struct ct__seccomp profile = {0};
	struct ct__json top;
	int ret;

	if (!spec)
		return -EINVAL;
	if (!text)
		return ct__spec_mistake(spec, -EINVAL, "it is NULL", "seccomp profile");
	ret = ct__json_open(&doc, text, size_bytes, &top);
	if (ret == 0)
		ret = ct__seccomp_profile(&top, kernel_version(), &profile);
	ct__json_close(&doc);
	if (ret < 0) {
		ct__seccomp_done(&profile);
		if (!spec->mistake.code)
			ct__error_copy(&why, &spec->mistake);
		return ret;
	}
	ct__spec_changed(spec);
	profile.rules = spec->seccomp.rules;
	profile.ready = spec->seccomp.ready;
	ct__array_done(&spec->seccomp.profile);
	spec->seccomp = profile;
	return 0;
}
