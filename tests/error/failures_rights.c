/* SPDX-License-Identifier: MIT */
/* Failures of landlock and of labels; see failures.h. */
#include "failures.h"

#include <container/label.h>
#include <container/landlock.h>
#include <container/protection.h>

/* By number: the headers of older systems lack it. */
#define CREATE_RULESET 444

/* Rightly it starts on kernels without landlock, too. */
static ct_spec *with_scope(bool wrong)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_set_landlock(spec, CT_LANDLOCK_SIGNALS));
	if (!wrong)
		set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_LANDLOCK)));
	return spec;
}

static ct_spec *with_selinux(bool wrong)
{
	ct_spec *spec = SPEC("/bin/true");

	if (wrong)
		set(ct_spec_set_selinux(spec, "system_u:system_r:container_t:s0"));
	return spec;
}

const struct failure rights_failures[] = {
	{CT_STEP_LANDLOCK, -EOPNOTSUPP, "", "landlock: rules", "has no landlock", "CT_ITEM_LANDLOCK",
		.ask = with_scope, .number = CREATE_RULESET, .error = ENOSYS},
	{CT_STEP_LABEL, -EOPNOTSUPP, "", "selinux: system_u", "has no SELinux", "CT_ITEM_LABEL",
		.ask = with_selinux},
	{0},
};
