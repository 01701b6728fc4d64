/* SPDX-License-Identifier: MIT */
/* Setters: labels of security modules. What becomes of them: lib/spawn/label.c. */
#include <container/label.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

#define LENGTH_MAX 4000 /* the kernel takes a page at a time */

static int set_label(ct_spec *spec, char **field, const char *module, const char *label)
{
	if (!spec)
		return -EINVAL;
	if (label && (!*label || strchr(label, '\n') || strlen(label) > LENGTH_MAX))
		return ct__spec_mistake(spec, -EINVAL, "it is empty, too long, or has a line end",
			"label: %s", module);
	if (label)
		return ct__spec_set_string(spec, field, label);
	ct__spec_changed(spec);
	free(*field);
	*field = NULL;
	return 0;
}

int ct_spec_set_apparmor(ct_spec *spec, const char *profile)
{
	return set_label(spec, spec ? &spec->apparmor : NULL, "apparmor", profile);
}

int ct_spec_set_selinux(ct_spec *spec, const char *context)
{
	return set_label(spec, spec ? &spec->selinux : NULL, "selinux", context);
}
