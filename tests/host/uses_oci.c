/* SPDX-License-Identifier: MIT */
/* Uses of oci.h; see host.h. */
#include "host.h"

#include <errno.h>
#include <stdio.h>

#include <container/cgroup.h>
#include <container/oci.h>

static const char config[] = "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"root\"},"
			     "\"process\":{\"cwd\":\"/\",\"args\":[\"x\"]},"
			     "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}";
static const char process[] = "{\"cwd\":\"/\",\"args\":[\"x\"]}";

/* A bundle, and no spec. */
static void write_bundle(void)
{
	FILE *file = fopen(in_dir("config.json"), "we");

	ct_spec_free(scene.spec);
	scene.spec = NULL;
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(config, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static const char resources[] = "{\"pids\":{\"limit\":9}}";

static void start(void)
{
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void start_in_cgroup(void)
{
	ck_assert_int_eq(ct_spec_set_cgroup(scene.spec, 1), 0);
	start();
}

/* Of what is said in a configuration, so that it can be said again. */
static void read_bundle(void)
{
	write_bundle();
	set(ct_spec_from_oci(box.dir, &scene.spec, &scene.err));
}

static void write_down(void)
{
	read_bundle();
	set(ct_spec_to_oci(scene.spec, &scene.oci_text, &scene.err));
}

static long let_go_of_text(void)
{
	ct_oci_text_free(scene.oci_text);
	scene.oci_text = NULL;
	return 0;
}

#define OPENS .changes = SNAPSHOT_MORE_DESCRIPTORS
#define LIST(X)                                                                                    \
	X(ct_spec_from_oci, takes, (box.dir, &scene.spec, &scene.err), .prepare = write_bundle,    \
		.needs_json = true, .returns = ANYTHING, OPENS)                                    \
	X(ct_spec_from_oci, refuses, (in_dir("missing"), &scene.spec, &scene.err),                 \
		.needs_json = true, .returns = -ENOENT)                                            \
	X(ct_spec_from_oci_file, takes, (in_dir("config.json"), &scene.spec, &scene.err),          \
		.prepare = write_bundle, .needs_json = true, .returns = ANYTHING, OPENS)           \
	X(ct_spec_from_oci_file, refuses, (in_dir("missing"), &scene.spec, &scene.err),            \
		.needs_json = true, .returns = -ENOENT)                                            \
	X(ct_spec_from_oci_text, takes,                                                            \
		(config, sizeof(config) - 1, box.dir, &scene.spec, &scene.err),                    \
		.prepare = write_bundle, .needs_json = true, .returns = ANYTHING, OPENS)           \
	X(ct_spec_from_oci_text, refuses, ("[", 1, box.dir, &scene.spec, &scene.err),              \
		.needs_json = true, .returns = -EBADMSG)                                           \
	X(ct_spec_from_oci_process, takes, (process, sizeof(process) - 1, &scene.spec, &scene.err), \
		.prepare = write_bundle, .needs_json = true, .returns = ANYTHING)                  \
	X(ct_spec_from_oci_process, refuses, ("[", 1, &scene.spec, &scene.err),                    \
		.needs_json = true, .returns = -EBADMSG)                                           \
	X(ct_spec_to_oci, writes, (scene.spec, &scene.oci_text, &scene.err), .prepare = read_bundle,   \
		.needs_json = true)                                                                \
	X(ct_spec_to_oci, refuses, (scene.spec, &scene.oci_text, &scene.err), .needs_json = true,      \
		.returns = -EOPNOTSUPP)                                                            \
	X(ct_container_set_oci_resources, sets,                                                    \
		(scene.container, resources, sizeof(resources) - 1, &scene.err),                   \
		.prepare = start_in_cgroup, .needs_json = true, .makes_cgroup = true)              \
	X(ct_container_set_oci_resources, finds_no_cgroup,                                         \
		(scene.container, resources, sizeof(resources) - 1, &scene.err),                   \
		.prepare = start, .needs_json = true, .returns = -ENOENT)

LIST(USE_FUNCTION)

const struct use oci_uses[] = {LIST(USE_ROW){"ct_oci_text_free", "frees", let_go_of_text, .prepare = write_down,
					       .needs_json = true},
	{0}};
