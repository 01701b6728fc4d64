/* SPDX-License-Identifier: MIT */
/* Setter: what /proc shows. */
#include <container/proc.h>

#include <errno.h>

#include "spec.h"

int ct_spec_set_proc(ct_spec *spec, uint32_t flags)
{
	if (!spec)
		return -EINVAL;
	if (flags & ~(CT_PROC_SUBSET | CT_PROC_HIDE))
		return ct__spec_mistake(spec, -EINVAL, "unknown bits", "proc: %#x", flags);
	ct__spec_changed(spec);
	spec->proc = flags;
	return 0;
}
