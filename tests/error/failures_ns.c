/* SPDX-License-Identifier: MIT */
/* Failures of listing namespaces; see failures.h. */
#include "failures.h"

#include <container/ns.h>

#include <sys/mount.h>

static void hide_proc(void)
{
	have_mounts_of_my_own();
	ck_assert_int_eq(mount("tmpfs", "/proc", "tmpfs", 0, NULL), 0);
}

static int list_system(bool wrong, ct_error *err)
{
	ct_ns_list *list = NULL;
	int code = ct_ns_list_system(0, 0, &list, err);

	(void)wrong;
	ct_ns_list_free(list);
	return code;
}

static int list_unknown_kind(bool wrong, ct_error *err)
{
	ct_ns_list *list = NULL;
	int code = ct_ns_list_system(wrong ? 1 : CT_NS_UTS, 0, &list, err);

	ct_ns_list_free(list);
	return code;
}

/* No process has the largest number: the kernel's are below 2^22. */
static int list_nobody(bool wrong, ct_error *err)
{
	ct_ns_list *list = NULL;
	int code = ct_ns_list_pid(wrong ? INT_MAX : 0, 0, 0, &list, err);

	ct_ns_list_free(list);
	return code;
}

static int list_after_the_end(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	ct_ns_list *list = NULL;
	int code;

	if (wrong)
		end_now(container);
	code = ct_ns_list_container(container, 0, 0, &list, err);
	ct_ns_list_free(list);
	ct_container_free(container);
	return code;
}

/* Step, code; call, object, words of the sentence, cure; how to provoke it. */
const struct failure ns_failures[] = {
	{CT_STEP_NONE, 0, .act = list_system},
	{CT_STEP_ARGUMENT, -EINVAL, "", "kinds", "no such kind", NULL, .act = list_unknown_kind},
	{CT_STEP_LIST, -ENOENT, "openat", "/proc", "No such file", "mount -t proc",
		.act = list_system, .spoil = hide_proc},
	{CT_STEP_LIST, -ESRCH, "", "process", "No such process", "has ended", .act = list_nobody},
	{CT_STEP_LIST, -ESRCH, "", "process", "No such process", "has ended",
		.act = list_after_the_end},
	{0},
};
