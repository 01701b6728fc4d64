/* SPDX-License-Identifier: MIT */
/*
 * What a container has done with each disk, beside the sums over all of them; and limits of one
 * disk and of huge pages, with offenders that run against them.
 */
#include "cgroup/groups.h"
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

/* As long as the kernel counts: it tells of what was written when that has come to the disk. */
START_TEST(disks_add_up_to_the_figures)
{
	ct_spec *spec = SPEC("/bin/sh", "-c",
		"offender write /mnt/file 4194304 > /dev/null; echo ready; exec probe pause");
	ct_figures figures = CT_FIGURES_INIT;
	char dir[] = "/var/tmp/ct-disk-XXXXXX", file[64];
	uint64_t written = 0, writes = 0;
	ct_container *container;
	ct_io disks[64];
	int count;

	ck_assert(mkdtemp(dir) != NULL);
	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
	set(ct_spec_add_bind(spec, dir, "/mnt", 0));
	set(ct_spec_set_cgroup(spec, 1));
	container = start_ready(spec);
	ct_spec_free(spec);
	count = ct_container_io(container, disks, 64, &err);
	ck_assert_msg(count >= 0, "%s", err.sentence);
	ck_assert_int_eq(ct_container_figures(container, &figures, &err), 0);
	for (int i = 0; i < count && i < 64; i++) {
		written += disks[i].written_bytes;
		writes += disks[i].writes;
	}
	if (figures.io_written_bytes != CT_NOT_KNOWN) {
		ck_assert_uint_eq(written, figures.io_written_bytes);
		ck_assert_uint_eq(writes, figures.io_writes);
	}
	ck_assert_int_eq(ct_container_io(container, NULL, 0, &err), count);
	ct_container_free(container);
	snprintf(file, sizeof(file), "%s/file", dir);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(container_without_a_cgroup_tells_of_no_disk)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_container *container = start_ready(spec);
	int ret = ct_container_io(container, NULL, 0, &err);

	expect_error(ret, &err, -ENOENT, CT_STEP_LIMIT, NULL, "no cgroup of its own");
	ret = ct_container_io(container, NULL, 1, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "ret_disks", "NULL");
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* --------------------------------------------------------- limits of one disk */

#define BLOCK	UINT64_C(65536)
#define SECONDS UINT64_C(3)
#define RATE	UINT64_C(20)
#define BLOCKS	(SECONDS * RATE)

static struct outcome *run_on_disk(
	const char *dir, dev_t disk, const char *deed, uint64_t blocks, ct_limit limit, uint64_t most)
{
	char count[16];
	struct outcome *outcome;
	ct_spec *spec;

	snprintf(count, sizeof(count), "%llu", (unsigned long long)blocks);
	spec = SPEC("/bin/offender", deed, "/mnt/file", count);
	set(ct_spec_add_bind(spec, dir, "/mnt", 0));
	set(ct_spec_set_limit_of(spec, limit, disk, most));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_msg(outcome->how.code == 0, "%s", outcome->err.sentence);
	return outcome;
}

static void expect_about(uint64_t value, uint64_t wanted)
{
	ck_assert_msg(value >= wanted && value <= wanted + wanted / 20, "%llu is not %llu",
		(unsigned long long)value, (unsigned long long)wanted);
}

/* That it takes as long as the limit says, less 5 %, and that as much is told. A busy machine takes longer. */
static const struct {
	ct_limit limit;
	const char *deed;
	uint64_t most;
} throttled[] = {
	{CT_LIMIT_IO_WRITE_BYTES, "direct", RATE * BLOCK},
	{CT_LIMIT_IO_READ_BYTES, "reread", RATE * BLOCK},
	{CT_LIMIT_IO_WRITES, "direct", RATE},
	{CT_LIMIT_IO_READS, "reread", RATE},
};

START_TEST(disk_is_used_no_faster_than_its_limit)
{
	const bool writes = strcmp(throttled[_i].deed, "direct") == 0;
	const struct outcome *outcome;
	ct_figures used;
	char dir[64];
	dev_t disk;

	ck_assert(make_on_disk(dir, &disk));
	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
	run_on_disk(dir, disk, "direct", BLOCKS, CT_LIMIT_IO_WRITE_BYTES, 1 << 30);
	outcome = run_on_disk(dir, disk, throttled[_i].deed, BLOCKS, throttled[_i].limit, throttled[_i].most);
	used = outcome->how.figures;
	remove_with_file(dir);
	ck_assert_uint_ge(outcome->how.wall_us, SECONDS * 950000);
	expect_about(writes ? used.io_written_bytes : used.io_read_bytes, BLOCKS * BLOCK);
	expect_about(writes ? used.io_writes : used.io_reads, BLOCKS);
}
END_TEST

/* Held at next to nothing, and let go. */
START_TEST(limit_of_a_disk_can_be_taken_away_while_it_runs)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "offender direct /mnt/file 1 > /dev/null; echo ready; exec offender direct /mnt/file 4000");
	ct_container *container;
	char dir[64];
	dev_t disk;

	ck_assert(make_on_disk(dir, &disk));
	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
	set(ct_spec_add_bind(spec, dir, "/mnt", 0));
	set(ct_spec_set_limit_of(spec, CT_LIMIT_IO_WRITES, disk, RATE));
	set(ct_spec_set_limit_of(spec, CT_LIMIT_IO_WRITE_BYTES, disk, RATE * BLOCK));
	container = start_ready(spec);
	ct_spec_free(spec);
	/* 4,000 blocks would take 200 seconds, and more than anybody waits here. */
	ck_assert_int_eq(ct_container_set_limit_of(container, CT_LIMIT_IO_WRITES, disk, CT_UNLIMITED, &err), 0);
	ck_assert_int_eq(
		ct_container_set_limit_of(container, CT_LIMIT_IO_WRITE_BYTES, disk, CT_UNLIMITED, &err), 0);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	remove_with_file(dir);
}
END_TEST

START_TEST(disk_that_is_not_there_is_refused_by_its_number)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_limit_of(spec, CT_LIMIT_IO_READS, makedev(4000, 77), 5));
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -ENODEV, CT_STEP_LIMIT, "4000:77", NULL);
}
END_TEST

/* A writer goes on beside it: how much more one gets than another is the scheduler's of each disk. */
static const struct {
	uint64_t weight;
	const char *v2, *v1;
} weights[] = {{200, "default 200", "200\n"}, {5000, "default 5000", "1000\n"}};

START_TEST(share_of_a_disk_is_that_of_the_kernels_file)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "offender write /file 65536; echo ready; exec probe pause");
	ct_container *container;
	char text[64];
	const char *file;

	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
	set(ct_spec_set_limit(spec, CT_LIMIT_IO_WEIGHT, weights[_i].weight));
	container = start_until(spec, "ready", text, sizeof(text));
	ck_assert_msg(strstr(text, "wrote 65536\n") != NULL, "%s", text);
	file = cgroup_file(container, "io.weight", "blkio", "blkio.bfq.weight");
	if (is_v1("blkio"))
		ck_assert_str_eq(file, weights[_i].v1);
	else
		ck_assert_msg(strncmp(file, weights[_i].v2, strlen(weights[_i].v2)) == 0, "%s", file);
	ct_container_free(container);
}
END_TEST

/* --------------------------------------------------------------- huge pages */

#define HUGE (2 << 20)

/* The only line of a file, "" if there is none. For main(), in which nothing may be asserted. */
static const char *line_of(const char *path)
{
	static char line[256];
	FILE *file = fopen(path, "re");

	if (!file || !fgets(line, sizeof(line), file))
		*line = '\0';
	if (file)
		fclose(file);
	return line;
}

/* By v1, or by v2, which may be beside it: the beginning of the path of its cgroups; NULL: by neither. */
static const char *hugetlb_hierarchy(void)
{
	static const char *const unified[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	char path[64];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/cgroup.controllers", unified[i]);
		if (strstr(line_of(path), "hugetlb"))
			return unified[i];
	}
	return access("/sys/fs/cgroup/hugetlb", F_OK) == 0 ? "/sys/fs/cgroup/hugetlb" : NULL;
}

static long free_huge_pages(void)
{
	return strtol(line_of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"), NULL, 10);
}

static ct_spec *with_huge_pages(const char *bytes, uint64_t most)
{
	ct_spec *spec = SPEC("/bin/offender", "huge", bytes, "2097152");

	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
	set(ct_spec_set_limit_of(spec, CT_LIMIT_HUGETLB_MAX, HUGE, most));
	return spec;
}

START_TEST(huge_pages_over_the_limit_are_not_had)
{
	ct_spec *spec = with_huge_pages("6291456", 2 * HUGE);
	struct outcome *outcome = run(spec);

	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.signal, SIGBUS);
}
END_TEST

START_TEST(huge_pages_up_to_the_limit_are_had)
{
	ct_spec *spec = with_huge_pages("4194304", 2 * HUGE);
	ct_container *container = NULL;
	char text[64] = "";
	int fd;

	ck_assert_int_eq(ct_spawn(spec, &container, &err), 0);
	ct_spec_free(spec);
	fd = ct_container_take_stdio(container, 1);
	ck_assert(readable(fd, PATIENCE_MS) && read(fd, text, sizeof(text) - 1) > 0);
	ck_assert_str_eq(text, "touched 4194304\n");
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(limit_of_huge_pages_is_that_of_the_kernels_file)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_container *container;
	char path[512];

	set(ct_spec_set_limit_of(spec, CT_LIMIT_HUGETLB_MAX, HUGE, 2 * HUGE));
	container = start_ready(spec);
	ct_spec_free(spec);
	snprintf(path, sizeof(path), "%s%s/hugetlb.2MB.max", hugetlb_hierarchy(), ct_container_cgroup(container));
	if (access(path, F_OK) < 0) /* the caller is in another place of this hierarchy */
		snprintf(path, sizeof(path), "%s/%s/hugetlb.2MB.max", hugetlb_hierarchy(),
			strrchr(ct_container_cgroup(container), '/') + 1);
	if (access(path, F_OK) < 0)
		snprintf(path + strlen(path) - strlen("max"), 16, "limit_in_bytes");
	ck_assert_int_eq(strtol(read_file(path), NULL, 10), 2 * HUGE);
	ck_assert_int_eq(
		ct_container_set_limit_of(container, CT_LIMIT_HUGETLB_MAX, HUGE, HUGE, &err), 0);
	ck_assert_int_eq(strtol(read_file(path), NULL, 10), HUGE);
	ct_container_free(container);
}
END_TEST

START_TEST(size_of_pages_that_the_kernel_lacks_is_refused)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_limit_of(spec, CT_LIMIT_HUGETLB_MAX, 4 << 20, HUGE));
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_LIMIT, "hugetlb.4MB.", NULL);
}
END_TEST

START_TEST(huge_pages_are_not_limited_where_no_controller_does_it)
{
	ct_spec *spec = with_huge_pages("2097152", HUGE);
	struct outcome *outcome = attempt(spec);

	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EOPNOTSUPP, CT_STEP_LIMIT, "hugetlb", "no such controller");
}
END_TEST

static void skip(const char *sentence, const char *why)
{
	printf("  skipped  %s: %s\n", sentence, why);
}

static void add_of_disks(TCase *tcase)
{
	char dir[64];
	dev_t disk;

	if (make_on_disk(dir, &disk) && rmdir(dir) == 0) {
		add_for_cgroups(tcase, disk_is_used_no_faster_than_its_limit, 4);
		add_for_cgroups(tcase, limit_of_a_disk_can_be_taken_away_while_it_runs, 1);
	} else {
		skip("disk_is_used_no_faster_than_its_limit", "no disk is here");
		skip("limit_of_a_disk_can_be_taken_away_while_it_runs", "no disk is here");
	}
	add_for_cgroups(tcase, share_of_a_disk_is_that_of_the_kernels_file, 2);
	add_for_cgroups(tcase, disk_that_is_not_there_is_refused_by_its_number, 1);
}

static void add_of_huge_pages(TCase *tcase)
{
	const bool limited = hugetlb_hierarchy() != NULL;
	const char *why = limited ? "no huge pages are set aside" : "no controller limits huge pages";

	if (limited) {
		add_for_cgroups(tcase, limit_of_huge_pages_is_that_of_the_kernels_file, 1);
		add_for_cgroups(tcase, size_of_pages_that_the_kernel_lacks_is_refused, 1);
		skip("huge_pages_are_not_limited_where_no_controller_does_it", "there is such a controller");
	} else {
		add_for_cgroups(tcase, huge_pages_are_not_limited_where_no_controller_does_it, 1);
		skip("limit_of_huge_pages_is_that_of_the_kernels_file", why);
		skip("size_of_pages_that_the_kernel_lacks_is_refused", why);
	}
	if (limited && free_huge_pages() >= 4) {
		add_for_cgroups(tcase, huge_pages_over_the_limit_are_not_had, 1);
		add_for_cgroups(tcase, huge_pages_up_to_the_limit_are_had, 1);
	} else {
		skip("huge_pages_over_the_limit_are_not_had", why);
		skip("huge_pages_up_to_the_limit_are_had", why);
	}
}

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_root();
	suite = suite_of("io", &tcase);
	add_for_cgroups(tcase, disks_add_up_to_the_figures, 1);
	tcase_add_test(tcase, container_without_a_cgroup_tells_of_no_disk);
	add_of_disks(tcase);
	add_of_huge_pages(tcase);
	return suite_run(suite);
}
