/* SPDX-License-Identifier: MIT */
/* What container/oci.h says where the library was built without a JSON library. */
#include <errno.h>

#include <container/oci.h>

#include "error/error.h"

static int refuse(ct_error *err)
{
	return ct__fail_because(err, CT_STEP_ARGUMENT, -EOPNOTSUPP,
		"this library was built without a JSON library", "configuration");
}

int ct_spec_from_oci(const char *bundle, ct_spec **ret_spec, ct_error *err)
{
	(void)bundle;
	(void)ret_spec;
	return refuse(err);
}

int ct_spec_from_oci_text(
	const char *text, size_t size, const char *bundle, ct_spec **ret_spec, ct_error *err)
{
	(void)text;
	(void)size;
	(void)bundle;
	(void)ret_spec;
	return refuse(err);
}

int ct_spec_from_oci_file(const char *path, ct_spec **ret_spec, ct_error *err)
{
	(void)path;
	(void)ret_spec;
	return refuse(err);
}

int ct_container_set_oci_resources(ct_container *box, const char *text, size_t size, ct_error *err)
{
	(void)box;
	(void)text;
	(void)size;
	return refuse(err);
}

void ct_oci_text_free(char *text)
{
	(void)text; /* there is none */
}

int ct_spec_to_oci(const ct_spec *spec, char **ret_text, ct_error *err)
{
	(void)spec;
	(void)ret_text;
	return refuse(err);
}

int ct_spec_from_oci_process(const char *text, size_t size, ct_spec **ret_spec, ct_error *err)
{
	(void)text;
	(void)size;
	(void)ret_spec;
	return refuse(err);
}
