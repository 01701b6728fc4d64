/* SPDX-License-Identifier: MIT */
/* ct_rootfs_remove: all of a tree, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fixture.h"

/* dest/d/d/d/..., made step by step: such a path has no name that fits. */
static void make_deep(int depth)
{
	int fd;

	ck_assert_int_eq(mkdir(fx.dest, 0755), 0);
	fd = open(fx.dest, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < depth; i++) {
		int next;

		ck_assert_int_eq(mkdirat(fd, "d", 0755), 0);
		next = openat(fd, "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		close(next);
		next = openat(fd, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
		ck_assert_int_ge(next, 0);
		close(fd);
		fd = next;
	}
	close(fd);
}

START_TEST(remove_takes_10000_deep_trees_with_few_descriptors)
{
	struct rlimit few = {64, 64};

	make_deep(10000);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_msg(ct_rootfs_remove(fx.dest, &fx.err) == 0, "%s", fx.err.sentence);
	assert_nothing_left();
}
END_TEST

START_TEST(remove_takes_many_names_and_all_kinds)
{
	ck_assert_int_eq(mkdir(fx.dest, 0755), 0);
	ck_assert_int_eq(shell("cd '%s' && mkfifo p && ln -s '%s' out && mkdir -p a/b/c && "
			       "touch -- '-rf' 'new\nline' && seq 3000 | (cd a && xargs touch)",
				 fx.dest, fx.canary),
		0);
	ck_assert_int_eq(ct_rootfs_remove(fx.dest, &fx.err), 0);
	assert_nothing_left();
}
END_TEST

START_TEST(remove_takes_directories_without_rights)
{
	ck_assert_int_eq(mkdir(fx.dest, 0755), 0);
	ck_assert_int_eq(shell("cd '%s' && mkdir -p a/b && touch a/b/f && chmod 0 a/b && "
			       "chmod 0100 a && chmod 0500 .",
				 fx.dest),
		0);
	ck_assert_msg(ct_rootfs_remove(fx.dest, &fx.err) == 0, "%s", fx.err.sentence);
	assert_nothing_left();
}
END_TEST

START_TEST(remove_refuses_a_symlink)
{
	ck_assert_int_eq(symlink(fx.canary, fx.dest), 0);
	ck_assert_int_eq(ct_rootfs_remove(fx.dest, &fx.err), -ENOTDIR);
	ck_assert_int_eq(fx.err.step, CT_STEP_REMOVE);
}
END_TEST

START_TEST(remove_refuses_a_symlink_with_a_slash_behind)
{
	char path[400];

	ck_assert_int_eq(symlink(fx.canary, fx.dest), 0);
	snprintf(path, sizeof(path), "%s///", fx.dest);
	ck_assert_int_eq(ct_rootfs_remove(path, &fx.err), -ENOTDIR);
}
END_TEST

START_TEST(remove_refuses_what_is_no_directory_or_missing)
{
	char path[400];

	ck_assert_int_eq(ct_rootfs_remove(fx.dest, &fx.err), -ENOENT);
	snprintf(path, sizeof(path), "%s/file", fx.canary);
	ck_assert_int_eq(ct_rootfs_remove(path, &fx.err), -ENOTDIR);
	ck_assert_int_eq(ct_rootfs_remove("/", &fx.err), -EINVAL);
	ck_assert_int_eq(ct_rootfs_remove(".", &fx.err), -EINVAL);
	ck_assert_int_eq(ct_rootfs_remove("x/..", &fx.err), -EINVAL);
	ck_assert_int_eq(ct_rootfs_remove("", &fx.err), -EINVAL);
	ck_assert_int_eq(ct_rootfs_remove(NULL, &fx.err), -EINVAL);
}
END_TEST

static atomic_bool stop;

/* Swaps directories of the tree with symlinks to the canary as fast as it can. */
static void *swap(void *data)
{
	int dir = *(int *)data;

	while (!atomic_load(&stop)) {
		for (int i = 0; i < 50; i++) {
			char name[16];

			snprintf(name, sizeof(name), "d%d", i);
			(void)renameat2(dir, name, dir, "link", RENAME_EXCHANGE);
		}
	}
	return NULL;
}

START_TEST(remove_is_not_led_outside_by_swapped_directories)
{
	for (int round = 0; round < 20; round++) {
		pthread_t racer;
		int dir, rc;

		ck_assert_int_eq(mkdir(fx.dest, 0755), 0);
		dir = open(fx.dest, O_PATH | O_DIRECTORY | O_CLOEXEC);
		ck_assert_int_eq(symlinkat(fx.canary, dir, "link"), 0);
		for (int i = 0; i < 50; i++) {
			char name[16];

			snprintf(name, sizeof(name), "d%d", i);
			ck_assert_int_eq(mkdirat(dir, name, 0755), 0);
			snprintf(name, sizeof(name), "d%d/dir", i);
			ck_assert_int_eq(mkdirat(dir, name, 0755), 0);
			snprintf(name, sizeof(name), "d%d/file", i);
			close(openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		}
		atomic_store(&stop, false);
		ck_assert_int_eq(pthread_create(&racer, NULL, swap, &dir), 0);
		rc = ct_rootfs_remove(fx.dest, &fx.err);
		atomic_store(&stop, true);
		pthread_join(racer, NULL);
		close(dir);
		ck_assert_msg(rc == 0, "%s", fx.err.sentence);
		ck_assert_uint_eq(digest_of(fx.canary), fx.canary_digest);
		assert_nothing_left();
	}
}
END_TEST

static void make_leftover(const char *name)
{
	ck_assert_int_eq(shell("mkdir -m 700 '%s/%s' && mkdir -p '%s/%s/tree/a/b' && "
			       "ln -s '%s' '%s/%s/tree/out'",
				 fx.dir, name, fx.dir, name, fx.canary, fx.dir, name),
		0);
}

START_TEST(extract_cleans_up_what_a_killed_call_left)
{
	make_leftover(".dest.ct-abcdef");
	make_leftover(".dest.ct-012345");
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_succeeds();
	ck_assert_int_eq(count_entries(fx.dir), 2); /* canary and dest */
}
END_TEST

START_TEST(remove_cleans_up_what_a_killed_call_left)
{
	make_leftover(".dest.ct-abcdef");
	ck_assert_int_eq(ct_rootfs_remove(fx.dest, &fx.err), -ENOENT);
	assert_nothing_left();
}
END_TEST

START_TEST(extract_leaves_the_workspace_of_a_living_call_alone)
{
	char path[400];
	int fd;

	make_leftover(".dest.ct-abcdef");
	snprintf(path, sizeof(path), "%s/.dest.ct-abcdef", fx.dir);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_succeeds();
	ck_assert_int_eq(access(path, F_OK), 0);
	close(fd);
	ck_assert_int_eq(ct_rootfs_remove(fx.dest, &fx.err), 0);
	ck_assert_int_lt(access(path, F_OK), 0);
}
END_TEST

START_TEST(extract_leaves_names_alone_that_are_not_its_own)
{
	static const char *const names[] = {".dest.ct-abcde", ".dest.ct-abcdefg", ".other.ct-abcdef",
		"dest.ct-abcdef"};

	for (size_t i = 0; i < 4; i++)
		make_leftover(names[i]);
	/* A file or a link of the right name is none of ours either. */
	ck_assert_int_eq(shell("ln -s canary '%s/.dest.ct-llllll'", fx.dir), 0);
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_succeeds();
	ck_assert_int_eq(count_entries(fx.dir), 7);
	ck_assert_int_eq(shell("cd '%s' && rm -r .dest* .other* dest.ct*", fx.dir), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("remove");
	TCase *tc = tcase_create("remove");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
	tcase_add_test(tc, remove_takes_10000_deep_trees_with_few_descriptors);
	tcase_add_test(tc, remove_takes_many_names_and_all_kinds);
	tcase_add_test(tc, remove_takes_directories_without_rights);
	tcase_add_test(tc, remove_refuses_a_symlink);
	tcase_add_test(tc, remove_refuses_a_symlink_with_a_slash_behind);
	tcase_add_test(tc, remove_refuses_what_is_no_directory_or_missing);
	tcase_add_test(tc, remove_is_not_led_outside_by_swapped_directories);
	tcase_add_test(tc, extract_cleans_up_what_a_killed_call_left);
	tcase_add_test(tc, remove_cleans_up_what_a_killed_call_left);
	tcase_add_test(tc, extract_leaves_the_workspace_of_a_living_call_alone);
	tcase_add_test(tc, extract_leaves_names_alone_that_are_not_its_own);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
