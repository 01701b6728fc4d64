/* SPDX-License-Identifier: MIT */
/* Containers whose root is nobody's outside: how root gets a range of ids that is free. */
#include "support/box.h"
#include "support/needs.h"
#include "support/user.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "idmap/idmap.h"

#define AREA_FIRST 524288u
#define AREA_END   1879048192u
#define BLOCK	   65536u
#define ONE_BLOCK  (AREA_FIRST + 100 * BLOCK)

static ct_spec *private_spec(const char *script)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	return spec;
}

/* All but these many blocks from an id on belong to somebody. */
static void leave_free_from(uint32_t first, uint32_t blocks)
{
	char text[128];

	snprintf(text, sizeof(text), "a:%u:%u\nb:%u:%u\n", AREA_FIRST, first - AREA_FIRST,
		first + blocks * BLOCK, AREA_END - first - blocks * BLOCK);
	give_subids(text, "");
}

static void leave_free(uint32_t blocks)
{
	leave_free_from(ONE_BLOCK, blocks);
}

/* A range that the library takes, and keeps until the holder is released; its first id. */
static uint32_t take(struct ct__userns *ret_holder)
{
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	uint32_t first;

	if (ct__idmap_take_free(BLOCK, &map, ret_holder, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	ck_assert_uint_eq(map.uids.count, 1);
	first = ((struct ct__id_range *)map.uids.items)->outside;
	ck_assert_uint_eq(((struct ct__id_range *)map.gids.items)->outside, first);
	ct__idmap_done(&map);
	return first;
}

static void expect_nothing_free(uint32_t count)
{
	struct ct__userns holder = CT__USERNS_NONE;
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	int ret = ct__idmap_take_free(count, &map, &holder, &err);

	expect_error(ret, &err, -ENOSPC, CT_STEP_IDMAP, "ids", "no free range");
	ck_assert_ptr_null(map.uids.items);
	ck_assert_int_lt(holder.pidfd, 0);
}

static ct_id_range range_of(const ct_container *container)
{
	ct_id_range range = {0};

	ck_assert_int_eq(ct_container_uid_map(container, &range, 1), 1);
	return range;
}

START_TEST(root_of_a_private_container_is_nobody_outside)
{
	ct_spec *spec =
		private_spec("echo ready; cat /proc/self/uid_map /proc/self/gid_map | tr -s ' ';"
			     "id -u; touch /mnt/made; cat /mnt/closed; exec su user -c id");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	struct stat made;
	ct_id_range range;
	char want[256];
	int ret;

	ck_assert_int_eq(mkdir(in_dir("shared"), 0755), 0);
	ck_assert_int_eq(chmod(in_dir("shared"), 0777), 0);
	write_file(in_dir("shared/closed"), "the host's root can read this\n", 0600);
	set(ct_spec_add_bind(spec, in_dir("shared"), "/mnt", 0));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	ret = ct_spawn(spec, &container, &err);
	ck_assert_msg(ret == 0, "%s", err.sentence);
	range = range_of(container);
	ck_assert_uint_eq(range.inside, 0);
	ck_assert_uint_eq(range.count, 65536);
	ck_assert(range.outside >= AREA_FIRST && range.outside < AREA_END &&
		  range.outside % BLOCK == 0);
	outcome = outcome_of(ret, container, &err);
	snprintf(want, sizeof(want),
		"ready\n 0 %u 65536\n 0 %u 65536\n0\nuid=1000(user) gid=1000(user) groups=1000(user)\n",
		range.outside, range.outside);
	ck_assert_str_eq(outcome->out, want);
	ck_assert_int_eq(stat(in_dir("shared/made"), &made), 0);
	ck_assert_uint_eq(made.st_uid, range.outside);
	ck_assert_uint_eq(made.st_gid, range.outside);
	ct_spec_free(spec);
}
END_TEST

START_TEST(containers_of_one_spec_share_its_range)
{
	ct_spec *spec = private_spec("exec sleep 1000");
	ct_container *one = NULL, *other = NULL;

	ck_assert_int_eq(ct_spawn(spec, &one, NULL), 0);
	ck_assert_int_eq(ct_spawn(spec, &other, NULL), 0);
	ck_assert_uint_eq(range_of(one).outside, range_of(other).outside);
	ct_container_free(one);
	ct_container_free(other);
	ct_spec_free(spec);
}
END_TEST

START_TEST(container_keeps_its_range_when_its_spec_is_gone)
{
	ct_spec *spec = private_spec("exec sleep 1000");
	ct_container *container = NULL;
	struct ct__userns holder = CT__USERNS_NONE;

	leave_free(1);
	ck_assert_int_eq(ct_spawn(spec, &container, NULL), 0);
	ct_spec_free(spec);
	ck_assert_uint_eq(range_of(container).outside, ONE_BLOCK);
	expect_nothing_free(BLOCK);
	ct_container_free(container);
	ck_assert_uint_eq(take(&holder), ONE_BLOCK);
	ct__userns_release(&holder);
}
END_TEST

START_TEST(range_is_kept_for_a_spec_that_has_no_container)
{
	ct_spec *spec = private_spec("true"), *other = private_spec("true");
	struct outcome *outcome;

	leave_free(1);
	run(spec);
	outcome = attempt(other);
	expect_error(
		outcome->code, &outcome->err, -ENOSPC, CT_STEP_IDMAP, "65536 ids", "no free range");
	ct_spec_free(spec);
	run(other);
	ct_spec_free(other);
}
END_TEST

START_TEST(host_that_is_killed_keeps_no_range)
{
	struct ct__userns holder = CT__USERNS_NONE;
	struct ct__idmap map = {0};
	int ready[2];
	pid_t child;
	char byte;

	leave_free(1);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		struct ct__userns kept = CT__USERNS_NONE;

		take(&kept);
		ck_assert_int_eq(write(ready[1], "x", 1), 1);
		pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	expect_nothing_free(BLOCK);
	end_child(child);
	while (ct__idmap_take_free(BLOCK, &map, &holder, NULL) < 0)
		sched_yield(); /* it ends by itself; nobody is told */
	ct__userns_release(&holder);
	ct__idmap_done(&map);
}
END_TEST

START_TEST(ids_of_users_groups_and_ranges_are_never_taken)
{
	const uint32_t from =
		ONE_BLOCK + 1000 * BLOCK; /* what is written to passwd and group stays */
	struct ct__userns holder = CT__USERNS_NONE;
	char text[128];
	FILE *file;

	leave_free_from(from, 3);
	/* A user in the first block, a group in the last: between them is one. */
	file = fopen("/etc/passwd", "ae");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "far:x:%u:100::/:/bin/sh\n", from + BLOCK - 1);
	fclose(file);
	file = fopen("/etc/group", "ae");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "far:x:%u:\n", from + 2 * BLOCK);
	fclose(file);
	ck_assert_uint_eq(take(&holder), from + BLOCK);
	ct__userns_release(&holder);
	/* One subordinate group in it is enough. */
	snprintf(text, sizeof(text), "c:%u:1\n", from + BLOCK + 17);
	write_file("/etc/subgid", text, 0644);
	expect_nothing_free(BLOCK);
}
END_TEST

/* Each by a process of its own, as other programs would: none may get what another has. */
START_TEST(those_who_choose_at_the_same_instant_get_different_ranges)
{
	enum {
		HOSTS = 8
	};
	uint32_t taken[HOSTS];
	int begin[2], told[2], end[2];
	pid_t hosts[HOSTS];
	char byte;

	leave_free(2 * HOSTS);
	ck_assert(pipe2(begin, O_CLOEXEC) == 0 && pipe2(told, O_CLOEXEC) == 0 &&
		  pipe2(end, O_CLOEXEC) == 0);
	for (int i = 0; i < HOSTS; i++) {
		hosts[i] = fork();
		if (hosts[i] == 0) {
			struct ct__userns holder = CT__USERNS_NONE;
			uint32_t first;

			close(begin[1]);
			close(end[1]);
			ck_assert_int_eq(read(begin[0], &byte, 1), 0);
			first = take(&holder);
			ck_assert_int_eq(write(told[1], &first, sizeof(first)), sizeof(first));
			ck_assert_int_eq(read(end[0], &byte, 1), 0);
			ct__userns_release(&holder);
			_exit(0);
		}
	}
	close(told[1]);
	close(begin[1]);
	for (int i = 0; i < HOSTS; i++) {
		ck_assert_int_eq(read(told[0], &taken[i], sizeof(taken[i])), sizeof(taken[i]));
		for (int k = 0; k < i; k++)
			ck_assert_uint_ne(taken[i], taken[k]);
	}
	close(end[1]);
	for (int i = 0; i < HOSTS; i++)
		expect_child(hosts[i]);
	close(begin[0]);
	close(told[0]);
	close(end[0]);
}
END_TEST

START_TEST(large_ranges_are_found_and_too_large_ones_refused)
{
	struct ct__userns holder = CT__USERNS_NONE;
	struct ct__idmap map = {0};

	leave_free(3);
	ck_assert_int_eq(ct__idmap_take_free(2 * BLOCK + 1, &map, &holder, NULL), 0);
	ck_assert_uint_eq(((struct ct__id_range *)map.uids.items)->outside, ONE_BLOCK);
	ct__idmap_done(&map);
	ct__userns_release(&holder);
	expect_nothing_free(3 * BLOCK + 1);
	expect_nothing_free(UINT32_MAX);
}
END_TEST

/* ---------------------------------------------------------------- the helpers */

static int map_as_the_user(ct_error *err)
{
	struct ct__idmap map = {0};
	int fd = -1, ret;

	ck_assert_int_eq(setresgid(test_user_id(), test_user_id(), test_user_id()), 0);
	ck_assert_int_eq(setresuid(test_user_id(), test_user_id(), test_user_id()), 0);
	prctl(PR_SET_DUMPABLE, 1);
	give_subids("ct-tester:231072:65536\n", "ct-tester:231072:65536\n");
	ck_assert_int_eq(ct__idmap_of_caller(&map, err), 0);
	ret = ct__userns_make(&map, &fd, err);
	ct__idmap_done(&map);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Another newuidmap in the place of the system's, as only this process sees it. */
static void put_in_its_place(const char *file, unsigned long flags)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount(file, "/usr/bin/newuidmap", NULL, MS_BIND, NULL), 0);
	if (flags)
		ck_assert_int_eq(
			mount(NULL, "/usr/bin/newuidmap", NULL, MS_REMOUNT | MS_BIND | flags, NULL),
			0);
}

static const struct {
	mode_t mode;
	uid_t owner;
	unsigned long flags;
	const char *words, *cure; /* NULL: it works */
} helpers[] = {
	{04755, 0, 0, NULL, NULL},
	{04755, 0, MS_NOSUID, "nosuid", "nosuid"},
	{0755, 0, 0, "neither the setuid bit", "setuid bit"},
	{04755, 54399, 0, "not trusted", "root's"},
	{04775, 0, 0, "not trusted", "root's"},
	{04757, 0, 0, "not trusted", "root's"},
};

START_TEST(helper_is_used_only_if_it_is_the_systems_and_can_work)
{
	pid_t child;

	copy_program("/usr/bin/newuidmap", in_dir("newuidmap"), 0700);
	ck_assert_int_eq(chown(in_dir("newuidmap"), helpers[_i].owner, 0), 0);
	ck_assert_int_eq(chmod(in_dir("newuidmap"), helpers[_i].mode), 0);
	child = fork();
	if (child == 0) {
		ct_error err = CT_ERROR_INIT;
		int ret;

		put_in_its_place(in_dir("newuidmap"), helpers[_i].flags);
		ret = map_as_the_user(&err);
		if (!helpers[_i].words) {
			ck_assert_msg(ret == 0, "%s", err.sentence);
			_exit(0);
		}
		expect_error(
			ret, &err, -EACCES, CT_STEP_IDMAP, "/usr/bin/newuidmap", helpers[_i].words);
		ck_assert_ptr_nonnull(strstr(err.cure, helpers[_i].cure));
		_exit(0);
	}
	expect_child(child);
}
END_TEST

/* The probe in its place says what it got, as the words of a refusal; they disturb no terminal. */
START_TEST(helper_gets_nothing_of_the_host)
{
	sigset_t all;
	pid_t child;

	copy_probe(in_dir("newuidmap"), 0755);
	ck_assert_int_eq(chmod(in_dir("newuidmap"), 04755), 0);
	child = fork();
	if (child == 0) {
		ct_error err = CT_ERROR_INIT;

		put_in_its_place(in_dir("newuidmap"), 0);
		ck_assert_int_ge(open("/etc/passwd", O_RDONLY), 0);
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
		expect_error(map_as_the_user(&err), &err, -EPERM, CT_STEP_IDMAP,
			"/usr/bin/newuidmap",
			"8 arguments, 0 variables, 0 descriptors more, 0 signals blocked,  [31mred read=0");
		_exit(0);
	}
	expect_child(child);
}
END_TEST

/* The root of such a container is owned by its ids, on the disk or by its mount. */
static void add_for_mapped_tree(TCase *tc, const TTest *test)
{
	if (can_map_ids(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp"))
		tcase_add_test(tc, test);
	else
		printf("  skipped  %s: the filesystem of the tests takes no id-mapped mounts\n",
			test->name);
}

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("private ids", &tc);

	need_root();
	need_first_root("ids over 65535");
	need_etc_of_my_own();
	add_for_mapped_tree(tc, root_of_a_private_container_is_nobody_outside);
	add_for_mapped_tree(tc, containers_of_one_spec_share_its_range);
	add_for_mapped_tree(tc, container_keeps_its_range_when_its_spec_is_gone);
	add_for_mapped_tree(tc, range_is_kept_for_a_spec_that_has_no_container);
	tcase_add_test(tc, host_that_is_killed_keeps_no_range);
	tcase_add_test(tc, ids_of_users_groups_and_ranges_are_never_taken);
	tcase_add_test(tc, those_who_choose_at_the_same_instant_get_different_ranges);
	tcase_add_test(tc, large_ranges_are_found_and_too_large_ones_refused);
	if (access("/usr/bin/newuidmap", X_OK) == 0) {
		tcase_add_loop_test(tc, helper_is_used_only_if_it_is_the_systems_and_can_work, 0,
			(int)(sizeof(helpers) / sizeof(helpers[0])));
		tcase_add_test(tc, helper_gets_nothing_of_the_host);
	} else {
		printf("  skipped  helper_is_used_only_if_it_is_the_systems_and_can_work: needs newuidmap\n"
		       "  skipped  helper_gets_nothing_of_the_host: needs newuidmap\n");
	}
	return suite_run(suite);
}
