/* SPDX-License-Identifier: MIT */
/* Failures of landlock; see failures.h. */
#include "failures.h"

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

const struct failure rights_failures[] = {
	{CT_STEP_LANDLOCK, -EOPNOTSUPP, "", "landlock: rules", "has no landlock", "CT_ITEM_LANDLOCK",
		.ask = with_scope, .number = CREATE_RULESET, .error = ENOSYS},
	{0},
};
