/* SPDX-License-Identifier: MIT */
/* Uses of probe.h; see host.h. */
#include "host.h"

static void look(void)
{
	ck_assert_int_eq(ct_probe_path("/", &scene.probe, &scene.err), 0);
}

static void look_and_write(void)
{
	look();
	ck_assert_int_eq(ct_probe_to_text(scene.probe, &scene.probe_text), 0);
}

static ct_probe_info info = CT_PROBE_INFO_INIT;

#define LOOKED &scene.probe, &scene.err
#define LIST(X)                                                                                    \
	X(ct_probe_new, looks, (LOOKED), .returns = 0)                                             \
	X(ct_probe_new, refuses, (NULL, &scene.err), .returns = -EINVAL)                           \
	X(ct_probe_path, looks, ("/", LOOKED), .returns = 0)                                       \
	X(ct_probe_path, refuses, (NULL, LOOKED), .returns = -EINVAL)                              \
	X(ct_probe_path, finds_nothing, ("/no/such/place", LOOKED), .returns = -ENOENT)            \
                                                                                                   \
	X(ct_probe_count, counts, (scene.probe), .prepare = look, .returns = ANYTHING)             \
	X(ct_probe_count, takes_null, (NULL), .returns = 0)                                        \
	X(ct_probe_get, reads, (scene.probe, 0, &info), .prepare = look)                           \
	X(ct_probe_get, refuses, (scene.probe, 1000, &info), .prepare = look, .returns = -ENOENT)  \
	X(ct_probe_find, finds, (scene.probe, CT_FACT_PATH_EXEC, &info), .prepare = look)          \
	X(ct_probe_find, finds_nothing, (scene.probe, CT_FACT_KERNEL, &info), .prepare = look,     \
		.returns = -ENOENT)                                                                \
	X(ct_probe_to_text, writes, (scene.probe, &scene.probe_text), .prepare = look)             \
	X(ct_probe_to_text, refuses, (NULL, &scene.probe_text), .returns = -EINVAL)                \
	X(ct_probe_to_json, writes, (scene.probe, &scene.probe_text), .prepare = look)             \
	X(ct_probe_to_json, refuses, (scene.probe, NULL), .prepare = look, .returns = -EINVAL)

LIST(USE_FUNCTION)

static long free_probe(void)
{
	ct_probe_free(scene.probe);
	scene.probe = NULL;
	return 0;
}

static long free_text(void)
{
	ct_probe_text_free(scene.probe_text);
	scene.probe_text = NULL;
	return 0;
}

const struct use probe_uses[] = {
	LIST(USE_ROW){"ct_probe_free", "frees", free_probe, .prepare = look},
	{"ct_probe_free", "takes_null", free_probe, .returns = 0},
	{"ct_probe_text_free", "frees", free_text, .prepare = look_and_write},
	{"ct_probe_text_free", "takes_null", free_text, .returns = 0},
	{0},
};
