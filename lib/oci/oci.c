/* SPDX-License-Identifier: MIT */
/* ct_spec_from_oci and its kin: see container/oci.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <container/oci.h>
#include <container/seccomp.h>

#include "error/error.h"
#include "oci.h"
#include "util/fd.h"

static void unref(json_t **value)
{
	json_decref(*value);
}

#define AUTO_JSON __attribute__((cleanup(unref)))

static void free_spec(ct_spec **spec)
{
	ct_spec_free(*spec);
}

#define AUTO_SPEC __attribute__((cleanup(free_spec)))

/* What a configuration means that says nothing, where that is not what an empty spec means. */
static int set_defaults(struct oci *oci)
{
	ct_spec *spec = oci->spec;
	int ret = ct_spec_set_no_new_privs(spec, 0);

	if (ret == 0)
		ret = ct_spec_drop_cap(spec, "all");
	if (ret == 0 && !oci->is_process)
		ret = ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0);
	if (ret == 0 && !oci->is_process)
		ret = ct_spec_set_user(spec, 0, 0);
	if (ret == 0 && !oci->is_process)
		ret = ct_spec_clear_paths(spec);
	if (ret < 0)
		return ct__fail(oci->err, CT_STEP_MEMORY, ret, NULL, "configuration");
	return 0;
}

/* What must be there. */
static int check_required(struct oci *oci)
{
	static const struct oci_field required[] = {
		{"/ociVersion", OCI_STRING, NULL, NULL},
		{"/root/path", OCI_STRING, NULL, NULL},
		{"/linux/namespaces", OCI_ARRAY, NULL, NULL},
		{"/process/cwd", OCI_STRING, NULL, NULL},
		{"/process/args/0", OCI_STRING, NULL, NULL},
	};

	for (size_t i = oci->is_process ? 3 : 0; i < 5; i++) {
		struct oci_value value = {0};
		struct oci_value args;
		int ret;

		if (i == 4) {
			ret = ct__oci_find(oci, "/process/args", OCI_STRINGS, &args);
			if (ret > 0 && json_array_size(args.json))
				continue;
		} else {
			ret = ct__oci_find(oci, required[i].pointer, required[i].type, &value);
		}
		if (ret < 0)
			return ret;
		snprintf(value.pointer, sizeof(value.pointer), "%s", required[i].pointer);
		if (ret == 0 || i == 4)
			return ct__oci_refuse(oci, &value, -EINVAL, "it is missing");
	}
	return 0;
}

static int read_fields(struct oci *oci)
{
	int ret = check_required(oci);

	if (ret == 0)
		ret = set_defaults(oci);
	for (const struct oci_field *field = ct__oci_fields; ret >= 0 && field->pointer; field++) {
		struct oci_value value;

		if (oci->is_process && strncmp(field->pointer, "/process/", 9) != 0)
			continue;
		ret = ct__oci_find(oci, field->pointer, field->type, &value);
		if (ret > 0)
			ret = field->take(oci, &value);
	}
	return ret < 0 ? ret : 0;
}

/* config: taken, also on failure. */
static int make_spec(
	json_t *config, const char *bundle, bool is_process, ct_spec **ret_spec, ct_error *err)
{
	AUTO_JSON json_t *held = config;
	AUTO_SPEC ct_spec *spec = NULL;
	struct oci oci = {.bundle = bundle, .config = held, .err = err, .is_process = is_process};
	int ret = ct_spec_new(&spec);

	if (ret < 0)
		return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "spec");
	oci.spec = spec;
	ret = read_fields(&oci);
	if (ret < 0)
		return ret;
	*ret_spec = spec;
	spec = NULL;
	return 0;
}

static int check_arguments(const void *input, ct_spec **ret_spec, const char *name, ct_error *err)
{
	if (input && ret_spec)
		return 0;
	return ct__fail_because(
		err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "%s", input ? "ret_spec" : name);
}

int ct_spec_from_oci_text(
	const char *text, size_t size, const char *bundle, ct_spec **ret_spec, ct_error *err)
{
	json_t *config = NULL;
	int ret = check_arguments(text, ret_spec, "text", err);

	if (ret == 0)
		ret = ct__oci_parse(text, size, &config, err);
	return ret < 0 ? ret : make_spec(config, bundle, false, ret_spec, err);
}

int ct_spec_from_oci_process(const char *text, size_t size, ct_spec **ret_spec, ct_error *err)
{
	json_t *process = NULL, *config;
	int ret = check_arguments(text, ret_spec, "text", err);

	if (ret == 0)
		ret = ct__oci_parse(text, size, &process, err);
	if (ret < 0)
		return ret;
	config = json_pack("{s:o}", "process", process);
	if (!config)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "json_pack", "process");
	return make_spec(config, NULL, true, ret_spec, err);
}

/* Which devices it may use is decided once; callers give what was decided again. */
static bool is_changed(const struct oci_field *field)
{
	return strncmp(field->pointer, "/linux/resources/", 17) == 0 && field->take != ct__oci_device_rules;
}

int ct_container_set_oci_resources(ct_container *box, const char *text, size_t size, ct_error *err)
{
	struct oci oci = {.box = box, .err = err};
	AUTO_JSON json_t *config = NULL;
	json_t *resources = NULL;
	int ret;

	if (!box || !text)
		return ct__fail_because(
			err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "%s", box ? "text" : "container");
	ret = ct__oci_parse(text, size, &resources, err);
	if (ret < 0)
		return ret;
	config = json_pack("{s:{s:o}}", "linux", "resources", resources);
	if (!config)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "json_pack", "resources");
	oci.config = config;
	for (const struct oci_field *field = ct__oci_fields; ret >= 0 && field->pointer; field++) {
		struct oci_value value;

		if (!is_changed(field))
			continue;
		ret = ct__oci_find(&oci, field->pointer, field->type, &value);
		if (ret > 0)
			ret = field->take(&oci, &value);
	}
	return ret < 0 ? ret : 0;
}

int ct_spec_from_oci_file(const char *path, ct_spec **ret_spec, ct_error *err)
{
	CT__AUTO_FREE char *text = NULL;
	char bundle[PATH_MAX];
	const char *slash;
	size_t size = 0;
	int ret = check_arguments(path, ret_spec, "path", err);

	if (ret == 0)
		ret = ct__oci_read(path, &text, &size, err);
	if (ret < 0)
		return ret;
	slash = strrchr(path, '/');
	snprintf(bundle, sizeof(bundle), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	return ct_spec_from_oci_text(text, size, slash == path ? "/" : bundle, ret_spec, err);
}

int ct_spec_from_oci(const char *bundle, ct_spec **ret_spec, ct_error *err)
{
	char path[PATH_MAX];
	int ret = check_arguments(bundle, ret_spec, "bundle", err);

	if (ret < 0)
		return ret;
	if (snprintf(path, sizeof(path), "%s/config.json", bundle) >= (int)sizeof(path))
		return ct__fail(err, CT_STEP_ARGUMENT, -ENAMETOOLONG, NULL, "%s", bundle);
	return ct_spec_from_oci_file(path, ret_spec, err);
}
