/* SPDX-License-Identifier: MIT */
/* Sentences that hold for some and not for others; see needs.h. */
#include "support/needs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/cgroup.h"

bool in_first_user_ns(void)
{
	unsigned int inside = 1, outside = 1, count = 0;
	FILE *file = fopen("/proc/self/uid_map", "re");

	/* A kernel without user namespaces has no such file. */
	if (!file)
		return true;
	if (fscanf(file, "%u %u %u", &inside, &outside, &count) != 3)
		count = 0;
	fclose(file);
	return inside == 0 && outside == 0 && count == UINT32_MAX;
}

void skip_for_first_root(const char *sentence, const char *what)
{
	printf("  skipped  %s: root of the first user namespace alone may do it: %s\n", sentence,
		what);
}

void add_for_first_root(TCase *tcase, const TTest *test, const char *what)
{
	if (in_first_user_ns())
		tcase_add_test(tcase, test);
	else
		skip_for_first_root(test->name, what);
}

void add_values_for_first_root(
	TCase *tcase, const TTest *test, int count, uint32_t mask, const char *what)
{
	for (int i = 0; i < count; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s with value %d", test->name, i);
		if (mask >> i & 1 && !in_first_user_ns())
			skip_for_first_root(name, what);
		else
			tcase_add_loop_test(tcase, test, i, i + 1);
	}
}

bool can_make_cgroup(void)
{
	const char *cgroup = make_cgroup();

	return cgroup && rmdir(cgroup) == 0;
}

void add_for_cgroups(TCase *tcase, const TTest *test, int count)
{
	if (can_make_cgroup())
		tcase_add_loop_test(tcase, test, 0, count);
	else
		printf("  skipped  %s: no cgroup can be made here\n", test->name);
}
