/* SPDX-License-Identifier: MIT */
/*
 * Hosts that have come to the end of their descriptors, at each place where one more is wanted: they are told
 * so, lose nothing, and go on as soon as there are some again.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>

#include <sys/resource.h>

static ct_error err = CT_ERROR_INIT;

static rlim_t allowed; /* how many numbers there are between begin() and end(); 0: all */
static struct rlimit whole;

static void begin(void)
{
	const struct rlimit limit = {.rlim_cur = allowed, .rlim_max = whole.rlim_max};

	if (allowed)
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void end(void)
{
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &whole), 0);
}

/* One use of the library, which leaves nothing open: what the first call that failed returned. */
typedef int use_fn(void);

/* A container of this spec that is made, started, and whose end is waited for. */
static int go_through(ct_spec *spec)
{
	ct_container *container = NULL;
	int ret;

	begin();
	ret = ct_create(spec, &container, &err);
	if (ret == 0)
		ret = ct_start(container, &err);
	end();
	if (ret == 0)
		ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	ct_spec_free(spec);
	return ret;
}

static int use_plainly(void)
{
	return go_through(SPEC("/bin/true"));
}

static int use_limit_of_time(void)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_set_time_limit(spec, CT_TIME_WALL, (uint64_t)PATIENCE_MS));
	return go_through(spec);
}

static int use_ids(void)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 65536));
	return go_through(spec);
}

static int use_joins(void)
{
	ct_spec *spec = SPEC("/bin/sleep", "1000"), *guest = VISITOR("/bin/true");
	ct_container *container = NULL, *visitor = NULL;
	int ret;

	begin();
	ret = ct_spawn(spec, &container, &err);
	if (ret == 0)
		ret = ct_join(container, 0, 0, guest, &visitor, &err);
	end();
	if (ret == 0)
		wait_for(visitor);
	if (container) {
		set(ct_kill(container, SIGKILL, NULL));
		wait_for(container);
	}
	ct_container_free(visitor);
	ct_container_free(container);
	ct_spec_free(guest);
	ct_spec_free(spec);
	return ret;
}

static int use_list(void)
{
	ct_ns_list *list = NULL;
	int ret;

	begin();
	ret = ct_ns_list_system(0, 0, &list, &err);
	end();
	ct_ns_list_free(list);
	return ret;
}

static use_fn *const uses[] = {use_plainly, use_limit_of_time, use_joins, use_list};

/*
 * From none that is free to as many as it takes. What fails must say for want of what, and leave
 * nothing; a use that works must go on to work with all there are.
 */
static void exhaust(use_fn *use)
{
	rlim_t count = (rlim_t)count_descriptors();
	int ret = -EMFILE, failures = 0, children;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &whole), 0);
	ck_assert_msg(use() == 0, "%s", err.sentence); /* what the host keeps is there by now */
	children = count_children();
	for (; ret != 0; count++) {
		int before = count_descriptors();

		ck_assert_msg(count < 256, "256 descriptors are too few: %s", err.sentence);
		err = (ct_error)CT_ERROR_INIT;
		allowed = count;
		ret = use();
		ck_assert_int_eq(count_descriptors(), before);
		ck_assert_int_eq(count_children(), children);
		if (ret == 0)
			break;
		failures++;
		ck_assert_msg(ret == -EMFILE && err.code == -EMFILE && err.step != 0,
			"with %d descriptors: %d, %s", (int)count, ret, err.sentence);
	}
	ck_assert_int_gt(failures, 0);
	allowed = 0;
	ck_assert_msg(use() == 0, "%s", err.sentence);
}

START_TEST(use_fails_for_each_number_of_descriptors_that_is_too_small)
{
	exhaust(uses[_i]);
}
END_TEST

START_TEST(private_ids_fail_for_each_number_of_descriptors_that_is_too_small)
{
	exhaust(use_ids);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_root();
	suite = suite_of("exhausted", &tcase);
	tcase_add_loop_test(tcase, use_fails_for_each_number_of_descriptors_that_is_too_small, 0,
		(int)(sizeof(uses) / sizeof(uses[0])));
	add_for_first_root(tcase, private_ids_fail_for_each_number_of_descriptors_that_is_too_small,
		"choosing ids that are nobody's");
	return suite_run(suite);
}
