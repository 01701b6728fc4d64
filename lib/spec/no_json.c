/* SPDX-License-Identifier: MIT */
/* What takes JSON, where the library is built without a parser for it. */
#include <errno.h>

#include <container/seccomp.h>

#include "spec.h"

int ct_spec_set_seccomp_json(ct_spec *spec, const char *text, size_t size_bytes)
{
	(void)text, (void)size_bytes;
	if (!spec)
		return -EINVAL;
	return ct__spec_mistake(spec, -EOPNOTSUPP,
		"this build of the library reads no JSON: it was made without jansson", "seccomp profile");
}
