/* SPDX-License-Identifier: MIT */
/* Setter: the payload's terminal. */
#include <container/terminal.h>

#include <errno.h>
#include <limits.h>

#include "spec.h"

int ct_spec_set_terminal(ct_spec *spec, unsigned int rows, unsigned int columns)
{
	if (!spec)
		return -EINVAL;
	if (rows > USHRT_MAX || columns > USHRT_MAX || !rows != !columns)
		return ct__spec_mistake(spec, -EINVAL, "both are from 1 to 65535, or 0 for none",
			"terminal: %u rows, %u columns", rows, columns);
	ct__spec_changed(spec);
	spec->terminal = (struct spec_terminal){rows, columns};
	return 0;
}
