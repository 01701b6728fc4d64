/* SPDX-License-Identifier: MIT */
/* Uses of protection.h; see host.h. */
#include "host.h"

#include <container/protection.h>

static ct_protection about;

static void start(void)
{
	about = (ct_protection)CT_PROTECTION_INIT;
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static long name_item(void)
{
	return ct_item_name(CT_ITEM_PROC)[0] == '/' ? 0 : -1;
}

#define LIST(X)                                                                                    \
	X(ct_spec_allow_lack, takes, (scene.spec, CT_LACK_ALL), .returns = 0)                      \
	X(ct_spec_allow_lack, refuses, (scene.spec, CT_LACK(CT_ITEM_ROOT)), .returns = -EINVAL)    \
	X(ct_container_protection, tells, (scene.container, CT_ITEM_PROC, &about),                 \
		.prepare = start, .returns = 0)                                                    \
	X(ct_container_protection, refuses, (scene.container, 0, &about), .prepare = start,        \
		.returns = -EINVAL)

LIST(USE_FUNCTION)

const struct use protection_uses[] = {
	LIST(USE_ROW)
	{"ct_item_name", "names", name_item, .returns = 0},
	{0},
};
