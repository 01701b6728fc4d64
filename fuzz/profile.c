/* SPDX-License-Identifier: MIT */
/*
 * Seccomp profiles of any bytes. One that is taken becomes a filter or is told to be too long; one
 * that is not is refused with a reason.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "seccomp/seccomp.h"
#include "spec/spec.h"

static void make_filter(const struct ct__seccomp *settings, uint64_t caps)
{
	struct ct__filter *filter = NULL;
	const char *needs = NULL;
	int ret = ct__filter_new(settings, caps, &filter, &needs);

	must((ret == 0) == (filter != NULL), "%d with and without a filter", ret);
	must(ret != -EACCES || needs, "a call is needed that has no name");
	ct__filter_unref(filter);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ct_error failure = CT_ERROR_INIT;
	ct_spec *spec;
	int ret;

	if (ct_spec_new(&spec) < 0)
		return 0;
	ret = ct_spec_set_seccomp_json(spec, (const char *)data, size);
	must(ct_spec_check(spec, &failure) == ret, "%d is not remembered", ret);
	if (ret == 0) {
		make_filter(&spec->seccomp, 0);
		make_filter(&spec->seccomp, UINT64_MAX);
	} else {
		must(failure.step != 0 && failure.object[0], "%d without a reason", ret);
	}
	ct_spec_free(spec);
	return 0;
}
