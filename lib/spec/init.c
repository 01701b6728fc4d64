/* SPDX-License-Identifier: MIT */
/* Setter: whether there is an init. */
#include <container/init.h>

#include <errno.h>

#include "spec.h"

int ct_spec_set_init(ct_spec *spec, int on)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->init = on != 0;
	return 0;
}
