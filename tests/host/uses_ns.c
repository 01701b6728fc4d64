/* SPDX-License-Identifier: MIT */
/* Uses of ns.h; see host.h. */
#include "host.h"

#include <unistd.h>

static void start(void)
{
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void start_and_wait(void)
{
	start();
	ck_assert_int_eq(ct_kill(scene.container, SIGKILL, &scene.err), 0);
	wait_for(scene.container);
}

static void make_list(void)
{
	ck_assert_int_eq(ct_ns_list_pid(0, 0, CT_NS_LIST_ALONE, &scene.list, &scene.err), 0);
}

static void make_text(void)
{
	make_list();
	ck_assert_int_eq(ct_ns_list_to_text(scene.list, CT_NS_FORMAT_TABLE, &scene.text), 0);
}

static ct_ns_info info = CT_NS_INFO_INIT;
static ct_ns_stats stats = CT_NS_STATS_INIT;
static size_t row;

static void find_first(void)
{
	make_list();
	ck_assert_int_eq(ct_ns_list_get(scene.list, 0, &info), 0);
}

#define LISTED &scene.list, &scene.err
#define LIST(X)                                                                                    \
	X(ct_ns_list_system, looks, (0, 0, LISTED), .returns = 0)                                  \
	X(ct_ns_list_system, looks_everywhere, (0, CT_NS_LIST_KEEPERS, LISTED), .returns = 0)      \
	X(ct_ns_list_system, refuses, (1, 0, LISTED), .returns = -EINVAL)                          \
	X(ct_ns_list_pid, looks, (0, 0, 0, LISTED), .returns = 0)                                  \
	X(ct_ns_list_pid, looks_at_another, (getppid(), 0, CT_NS_LIST_ALONE, LISTED),              \
		.returns = 0)                                                                      \
	X(ct_ns_list_pid, refuses, (-1, 0, 0, LISTED), .returns = -EINVAL)                         \
	X(ct_ns_list_pid, finds_nobody, (NOBODY, 0, 0, LISTED), .returns = -ESRCH)                 \
	X(ct_ns_list_container, looks, (scene.container, 0, 0, LISTED), .prepare = start)          \
	X(ct_ns_list_container, refuses, (NULL, 0, 0, LISTED), .returns = -EINVAL)                 \
	X(ct_ns_list_container, is_too_late, (scene.container, 0, 0, LISTED),                      \
		.prepare = start_and_wait, .returns = -ESRCH)                                      \
                                                                                                   \
	X(ct_ns_list_count, counts, (scene.list), .prepare = make_list, .returns = ANYTHING)       \
	X(ct_ns_list_count, takes_null, (NULL), .returns = 0)                                      \
	X(ct_ns_list_get, reads, (scene.list, 0, &info), .prepare = make_list)                     \
	X(ct_ns_list_get, refuses, (scene.list, 1000, &info), .prepare = make_list,                \
		.returns = -ENOENT)                                                                \
	X(ct_ns_list_find, finds, (scene.list, info.id, &row), .prepare = find_first)              \
	X(ct_ns_list_find, finds_nothing, (scene.list, 1, &row), .prepare = make_list,             \
		.returns = -ENOENT)                                                                \
	X(ct_ns_list_stats, tells, (scene.list, &stats), .prepare = make_list)                     \
	X(ct_ns_list_stats, refuses, (scene.list, NULL), .prepare = make_list, .returns = -EINVAL) \
	X(ct_ns_list_to_text, writes_table, (scene.list, CT_NS_FORMAT_TABLE, &scene.text),         \
		.prepare = make_list)                                                              \
	X(ct_ns_list_to_text, writes_json, (scene.list, CT_NS_FORMAT_JSON, &scene.text),           \
		.prepare = make_list)                                                              \
	X(ct_ns_list_to_text, refuses, (scene.list, 99, &scene.text), .prepare = make_list,        \
		.returns = -EINVAL)

LIST(USE_FUNCTION)

/* Of no row. */
static long tell_mount_path(void)
{
	return ct_ns_list_mount_path(scene.list, 1000) != NULL;
}

static long name_kind(void)
{
	return strcmp(ct_ns_kind_name(CT_NS_UTS), "uts");
}

static long name_unknown_kind(void)
{
	return strcmp(ct_ns_kind_name(1), "unknown");
}

static long free_list(void)
{
	ct_ns_list_free(scene.list);
	scene.list = NULL;
	return 0;
}

static long free_text(void)
{
	ct_ns_text_free(scene.text);
	scene.text = NULL;
	return 0;
}

const struct use ns_uses[] = {
	LIST(USE_ROW){"ct_ns_list_mount_path", "knows_none", tell_mount_path, .prepare = make_list},
	{"ct_ns_kind_name", "knows", name_kind, .returns = 0},
	{"ct_ns_kind_name", "knows_not", name_unknown_kind, .returns = 0},
	{"ct_ns_list_free", "frees", free_list, .prepare = make_list},
	{"ct_ns_list_free", "takes_null", free_list, .returns = 0},
	{"ct_ns_text_free", "frees", free_text, .prepare = make_text},
	{"ct_ns_text_free", "takes_null", free_text, .returns = 0},
	{0},
};
