/* SPDX-License-Identifier: MIT */
/*
 * A container that makes containers: the library inside a container that has a user
 * namespace of its own, called by its mapped root. This program is both, the host and, in
 * the container, whose root is the machine's read-only, the one that calls the library.
 */
#include "support/box.h"
#include "support/needs.h"
#include "support/user.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOW \
	"cat /proc/self/uid_map | tr -s ' '; su user -c id; touch /tmp/made /mnt/made; stat -c %u:%g /tmp/made"

/* ---------------------------------------------------------- in the container */

static int tell(const ct_error *err)
{
	printf("%d %s: %s\n%s\n", err->code, ct_step_name(err->step), err->sentence, err->cure);
	return 1;
}

/* What the inner container maps: "range" or "all", with ids of the outer one, or what cannot be had. */
static int choose_map(ct_spec *spec, const char *map)
{
	if (strcmp(map, "private") == 0)
		return ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0);
	if (strcmp(map, "too-far") == 0)
		return ct_spec_add_uid_map(spec, 0, 100000, 10);
	if (strcmp(map, "all") == 0) {
		(void)ct_spec_add_uid_map(spec, 0, 0, 65536);
		return ct_spec_add_gid_map(spec, 0, 0, 65536);
	}
	(void)ct_spec_add_uid_map(spec, 0, 10000, 5000);
	return ct_spec_add_gid_map(spec, 0, 20000, 5000);
}

/* Runs a container in this one; its words are this one's. */
static int be_host_inside(const char *root, const char *map, const char *shared)
{
	const char *const argv[] = {"/bin/sh", "-c", SHOW, NULL};
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_container *container = NULL;
	ct_rootfs *rootfs = NULL;
	ct_spec *spec = NULL;

	if (ct_rootfs_open(root, &rootfs, &err) < 0 || ct_spec_new(&spec) < 0)
		return tell(&err);
	(void)ct_spec_set_rootfs(spec, rootfs);
	(void)ct_spec_set_argv(spec, argv);
	(void)ct_spec_add_tmpfs(spec, "/tmp", 0, 01777, 0);
	(void)ct_spec_add_bind(spec, shared, "/mnt", 0);
	(void)choose_map(spec, map);
	if (ct_spawn(spec, &container, &err) < 0 || ct_wait(container, PATIENCE_MS, &how, &err) < 0)
		how.code = tell(&err);
	ct_container_free(container);
	ct_spec_free(spec);
	ct_rootfs_free(rootfs);
	return how.code;
}

/* --------------------------------------------------------------- on the host */

/* What the outer container needs of the test's directory; while this process is root. */
static void prepare(void)
{
	copy_program("/proc/self/exe", in_dir("host"), 0755);
	ck_assert_int_eq(mkdir(in_dir("shared"), 0755), 0);
	ck_assert_int_eq(chmod(in_dir("shared"), 0777), 0);
}

/* A container that may make others: with the rights, and without the masks over /proc. */
static ct_spec *outer_of(ct_idmap kind, const char *map)
{
	ct_rootfs *machine = NULL;
	ct_spec *spec;

	spec = SPEC(in_dir("host"), "inside", box.root, map, in_dir("shared"));
	ck_assert_int_eq(ct_rootfs_open("/", &machine, NULL), 0);
	set(ct_spec_set_rootfs(spec, machine));
	ct_rootfs_free(machine);
	set(ct_spec_set_root_mode(spec, CT_ROOT_READONLY));
	set(ct_spec_add_bind(spec, in_dir("shared"), in_dir("shared"), 0));
	set(ct_spec_clear_paths(spec));
	set(ct_spec_add_cap(spec, "all"));
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, CT_SECCOMP_NESTED));
	set(ct_spec_set_idmap(spec, kind, 65536));
	return spec;
}

static ct_spec *outer(const char *map)
{
	prepare();
	return outer_of(CT_IDMAP_PRIVATE, map);
}

static void expect_inside(ct_spec *spec, const char *want)
{
	struct outcome *outcome = run(spec);

	ck_assert_msg(outcome->how.code == 0 && strcmp(outcome->out, want) == 0, "%s%s",
		outcome->out, outcome->errors);
	ct_spec_free(spec);
}

START_TEST(mapped_root_maps_ranges_of_its_own)
{
	expect_inside(outer("range"),
		" 0 10000 5000\nuid=1000(user) gid=1000(user) groups=1000(user)\n0:0\n");
}
END_TEST

/* Who is who two namespaces further out: what the machine sees of the innermost root. */
START_TEST(innermost_root_is_an_id_of_the_outer_range_on_the_machine)
{
	ct_spec *spec = outer("range");
	ct_container *container = NULL;
	ct_id_range range = {0};
	ct_error err = CT_ERROR_INIT;
	struct stat made;

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	ck_assert_int_eq(ct_container_uid_map(container, &range, 1), 1);
	ck_assert_int_eq(wait_for(container).code, 0);
	ck_assert_int_eq(stat(in_dir("shared/made"), &made), 0);
	ck_assert_uint_eq(made.st_uid, range.outside + 10000);
	ck_assert_uint_eq(made.st_gid, range.outside + 20000);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

static void expect_refusal_inside(ct_spec *spec, const char *words)
{
	struct outcome *outcome = run(spec);

	ck_assert_msg(outcome->how.code == 1 && strstr(outcome->out, words) != NULL, "%s%s",
		outcome->out, outcome->errors);
	ct_spec_free(spec);
}

/* With his subordinate ids; in there he is root, and needs no newuidmap. */
static void expect_inside_of_users(const char *map, const char *want)
{
	pid_t child;

	prepare();
	child = fork();
	if (child == 0) {
		ck_assert_int_eq(setgroups(0, NULL), 0);
		ck_assert_int_eq(setresgid(test_user_id(), test_user_id(), test_user_id()), 0);
		ck_assert_int_eq(setresuid(test_user_id(), test_user_id(), test_user_id()), 0);
		prctl(PR_SET_DUMPABLE, 1);
		expect_inside(outer_of(CT_IDMAP_SUBIDS, map), want);
		_exit(0);
	}
	expect_child(child);
}

START_TEST(container_of_an_ordinary_user_makes_containers_too)
{
	expect_inside_of_users(
		"range", " 0 10000 5000\nuid=1000(user) gid=1000(user) groups=1000(user)\n0:0\n");
}
END_TEST

/* The user's own id and his subordinate ones are two ranges of the outer map. */
START_TEST(range_over_two_of_the_outer_ones_is_mapped_in_two)
{
	expect_inside_of_users(
		"all", " 0 0 1\n 1 1 65535\nuid=1000(user) gid=1000(user) groups=1000(user)\n0:0\n");
}
END_TEST

START_TEST(id_that_the_outer_container_has_not_is_refused)
{
	expect_refusal_inside(outer("too-far"),
		"id map: uid_map: 0 100000 10\\x0a: write: Operation not permitted");
}
END_TEST

START_TEST(private_range_that_the_outer_container_has_not_is_refused)
{
	expect_refusal_inside(outer("private"), "there is no free range");
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tc;
	Suite *suite;

	if (argc == 5 && strcmp(argv[1], "inside") == 0)
		return be_host_inside(argv[2], argv[3], argv[4]);
	suite = suite_of("nested", &tc);
	need_root();
	need_first_root("ids over 65535");
	need_etc_of_my_own();
	if (!can_map_ids("/") || !can_map_ids(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp")) {
		printf("SKIP: the machine's filesystem takes no id-mapped mounts\n");
		return 77;
	}
	tcase_add_test(tc, mapped_root_maps_ranges_of_its_own);
	tcase_add_test(tc, innermost_root_is_an_id_of_the_outer_range_on_the_machine);
	if (access("/usr/bin/newuidmap", X_OK) == 0) {
		tcase_add_test(tc, container_of_an_ordinary_user_makes_containers_too);
		tcase_add_test(tc, range_over_two_of_the_outer_ones_is_mapped_in_two);
	} else {
		printf("  skipped  container_of_an_ordinary_user_makes_containers_too: needs newuidmap\n");
		printf("  skipped  range_over_two_of_the_outer_ones_is_mapped_in_two: needs newuidmap\n");
	}
	tcase_add_test(tc, id_that_the_outer_container_has_not_is_refused);
	tcase_add_test(tc, private_range_that_the_outer_container_has_not_is_refused);
	return suite_run(suite);
}
