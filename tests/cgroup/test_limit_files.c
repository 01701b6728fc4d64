/* SPDX-License-Identifier: MIT */
/* What each limit is in the files of v2 and of v1, and which keys are taken: tables alone. */
#include "cgroup/group.h"
#include "cgroup/hierarchy.h"
#include "cgroup/io.h"
#include "cgroup/limits.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NONE CT_UNLIMITED

/* As makedev(), which is no constant. */
#define DISK(major, minor)                                                                      \
	((UINT64_C(major) & 0xfff) << 8 | (UINT64_C(major) & ~UINT64_C(0xfff)) << 32 |         \
		((minor) & 0xff) | (UINT64_C(minor) & ~UINT64_C(0xff)) << 12)

static const struct {
	ct_limit limit;
	uint64_t value, memory_max;
	const char *v2, *v1; /* "file=text", parted by spaces where there are two; "": refused */
	uint64_t of;
} rows[] = {
	{CT_LIMIT_MEMORY_MAX, 4096, NONE, "memory.max=4096", "memory.limit_in_bytes=4096", 0},
	{CT_LIMIT_MEMORY_MAX, NONE, NONE, "memory.max=max", "memory.limit_in_bytes=-1", 0},
	{CT_LIMIT_MEMORY_HIGH, 4096, NONE, "memory.high=4096", "", 0},
	{CT_LIMIT_MEMORY_LOW, NONE, NONE, "memory.low=0", "", 0},
	{CT_LIMIT_MEMORY_MIN, 1, NONE, "memory.min=1", "", 0},
	{CT_LIMIT_SWAP_MAX, 100, 1000, "memory.swap.max=100", "memory.memsw.limit_in_bytes=1100", 0},
	{CT_LIMIT_SWAP_MAX, 0, 1000, "memory.swap.max=0", "memory.memsw.limit_in_bytes=1000", 0},
	{CT_LIMIT_SWAP_MAX, INT64_MAX, 1000, "memory.swap.max=9223372036854775807",
		"memory.memsw.limit_in_bytes=-1", 0},
	{CT_LIMIT_SWAP_MAX, 100, NONE, "memory.swap.max=100", "", 0},
	{CT_LIMIT_SWAP_MAX, NONE, NONE, "memory.swap.max=max", "memory.memsw.limit_in_bytes=-1", 0},
	{CT_LIMIT_OOM_GROUP, 1, NONE, "memory.oom.group=1", "", 0},
	{CT_LIMIT_OOM_GROUP, NONE, NONE, "memory.oom.group=0", "", 0},
	{CT_LIMIT_CPU_MAX, 1500, NONE, "cpu.max=150000 100000",
		"cpu.cfs_period_us=100000 cpu.cfs_quota_us=150000", 0},
	{CT_LIMIT_CPU_MAX, 10, NONE, "cpu.max=1000 100000",
		"cpu.cfs_period_us=100000 cpu.cfs_quota_us=1000", 0},
	{CT_LIMIT_CPU_MAX, NONE, NONE, "cpu.max=max 100000",
		"cpu.cfs_period_us=100000 cpu.cfs_quota_us=-1", 0},
	{CT_LIMIT_CPU_WEIGHT, 100, NONE, "cpu.weight=100", "cpu.shares=1024", 0},
	{CT_LIMIT_CPU_WEIGHT, 1, NONE, "cpu.weight=1", "cpu.shares=10", 0},
	{CT_LIMIT_CPU_WEIGHT, NONE, NONE, "cpu.weight=100", "cpu.shares=1024", 0},
	{CT_LIMIT_PIDS_MAX, 5, NONE, "pids.max=5", "pids.max=5", 0},
	{CT_LIMIT_PIDS_MAX, NONE, NONE, "pids.max=max", "pids.max=max", 0},
	{CT_LIMIT_IO_WEIGHT, 50, NONE, "io.weight=50", "blkio.bfq.weight=50", 0},
	{CT_LIMIT_IO_WEIGHT, 5000, NONE, "io.weight=5000", "blkio.bfq.weight=1000", 0},
	{CT_LIMIT_IO_READ_BYTES, 4096, NONE, "io.max=8:16 rbps=4096",
		"blkio.throttle.read_bps_device=8:16 4096", DISK(8, 16)},
	{CT_LIMIT_IO_WRITE_BYTES, NONE, NONE, "io.max=8:16 wbps=max",
		"blkio.throttle.write_bps_device=8:16 0", DISK(8, 16)},
	{CT_LIMIT_IO_READS, 7, NONE, "io.max=259:300000 riops=7",
		"blkio.throttle.read_iops_device=259:300000 7", DISK(259, 300000)},
	{CT_LIMIT_IO_WRITES, UINT32_MAX - 1, NONE, "io.max=4095:1048575 wiops=4294967294",
		"blkio.throttle.write_iops_device=4095:1048575 4294967294", DISK(4095, 1048575)},
	{CT_LIMIT_HUGETLB_MAX, 4 << 20, NONE, "hugetlb.2MB.max=4194304",
		"hugetlb.2MB.limit_in_bytes=4194304", 2 << 20},
	{CT_LIMIT_HUGETLB_MAX, NONE, NONE, "hugetlb.1GB.max=max", "hugetlb.1GB.limit_in_bytes=-1",
		1 << 30},
	{CT_LIMIT_HUGETLB_MAX, 0, NONE, "hugetlb.64KB.max=0", "hugetlb.64KB.limit_in_bytes=0", 64 << 10},
	{CT_LIMIT_HUGETLB_MAX, 1, NONE, "hugetlb.16GB.max=1", "hugetlb.16GB.limit_in_bytes=1",
		UINT64_C(16) << 30},
};

/* What would be written, in one text. */
static void lay_out(int row, bool unified, char *text, size_t size)
{
	ct__array settings = {0};
	size_t used = 0;
	const struct spec_limit limit = {rows[row].limit, rows[row].value, rows[row].of};
	int ret = ct__limit_settings(&limit, rows[row].memory_max, unified, &settings);

	*text = '\0';
	ck_assert_int_eq(ret, *(unified ? rows[row].v2 : rows[row].v1) ? 0 : -EOPNOTSUPP);
	ct__array_for_each(struct ct__setting, setting, &settings)
		used += (size_t)snprintf(text + used, size - used, "%s%s=%s", used ? " " : "",
			setting->file, setting->text);
	ct__array_done(&settings);
}

START_TEST(limit_is_written_as_each_version_has_it)
{
	const struct spec_limit limit = {rows[_i].limit, rows[_i].value, rows[_i].of};
	char text[256];

	ck_assert_ptr_null(ct__limit_refusal(&limit));
	lay_out(_i, true, text, sizeof(text));
	ck_assert_str_eq(text, rows[_i].v2);
	lay_out(_i, false, text, sizeof(text));
	ck_assert_str_eq(text, rows[_i].v1);
}
END_TEST

/* What the kernel would round, cut off or take for something else. */
static const struct {
	struct spec_limit limit;
	const char *why, *text;
} refused[] = {
	{{CT_LIMIT_IO_READS, 7, 0}, "use ct_spec_set_limit_of()", "io.max riops: 7"},
	{{CT_LIMIT_PIDS_MAX, 7, DISK(8, 0)}, "use ct_spec_set_limit()", "pids.max of 2048: 7"},
	{{CT_LIMIT_IO_WRITES, 7, DISK(4096, 0)}, "no number of a disk", "io.max wiops of"},
	{{CT_LIMIT_IO_WRITES, 7, DISK(8, 1048576)}, "no number of a disk", "io.max wiops of"},
	{{CT_LIMIT_IO_WRITES, 0, DISK(8, 0)}, "not from 1", "io.max wiops of 8:0: 0"},
	{{CT_LIMIT_IO_WRITES, UINT32_MAX, DISK(8, 0)}, "not from 1", "io.max wiops of 8:0"},
	{{CT_LIMIT_IO_READ_BYTES, 0, DISK(8, 0)}, "not from 1", "io.max rbps of 8:0: 0"},
	{{CT_LIMIT_IO_WRITE_BYTES, UINT64_C(1) << 63, DISK(8, 0)}, "not from 1", "io.max wbps of 8:0"},
	{{CT_LIMIT_HUGETLB_MAX, 7, 0}, "use ct_spec_set_limit_of()", "hugetlb: 7"},
	{{CT_LIMIT_HUGETLB_MAX, 7, 3 << 20}, "no size of a page", "hugetlb of 3145728: 7"},
	{{CT_LIMIT_HUGETLB_MAX, 7, 2048}, "no size of a page", "hugetlb of 2048: 7"},
	{{CT_LIMIT_HUGETLB_MAX, UINT64_C(1) << 63, 2 << 20}, "over 2^63", "hugetlb of 2097152"},
	{{(ct_limit)16, 7, DISK(8, 0)}, "no such limit", "unknown limit of 2048: 7"},
};

START_TEST(limit_that_cannot_be_says_why)
{
	const char *why = ct__limit_refusal(&refused[_i].limit);
	const struct ct__limit_text text = ct__limit_text(&refused[_i].limit);

	ck_assert_msg(why && strstr(why, refused[_i].why), "%s", why);
	ck_assert_msg(strncmp(text.text, refused[_i].text, strlen(refused[_i].text)) == 0, "%s", text.text);
}
END_TEST

START_TEST(controllers_are_found_in_lists_of_both_versions)
{
	ck_assert_uint_eq(ct__controllers_in("cpu io memory pids\n", true),
		CT__CONTROLLER(CPU) | CT__CONTROLLER(IO) | CT__CONTROLLER(MEMORY) |
			CT__CONTROLLER(PIDS));
	ck_assert_uint_eq(ct__controllers_in("cpu,cpuacct", false),
		CT__CONTROLLER(CPU) | CT__CONTROLLER(CPUACCT));
	ck_assert_uint_eq(ct__controllers_in("blkio", false), CT__CONTROLLER(IO));
	ck_assert_uint_eq(ct__controllers_in("blkio", true), 0);
	ck_assert_uint_eq(ct__controllers_in("name=systemd,misc,cpux,pu", false), 0);
	ck_assert_uint_eq(ct__controllers_in("", true), 0);
}
END_TEST

START_TEST(key_belongs_to_the_controller_before_its_dot)
{
	ck_assert_int_eq(ct__cgroup_key_controller("memory.max"), CONTROLLER_MEMORY);
	ck_assert_int_eq(ct__cgroup_key_controller("hugetlb.2MB.max"), CONTROLLER_HUGETLB);
	ck_assert_int_eq(
		ct__cgroup_key_controller("blkio.throttle.read_bps_device"), CONTROLLER_IO);
	ck_assert_int_eq(ct__cgroup_key_controller("cgroup.max.depth"), CONTROLLER_COUNT);
	ck_assert_int_eq(ct__cgroup_key_controller("cgroup.max.x"), -EINVAL);
	ck_assert_int_eq(ct__cgroup_key_controller("memoryx.max"), -EINVAL);
	ck_assert_int_eq(ct__cgroup_key_controller("memory..max"), -EINVAL);
	ck_assert_int_eq(ct__cgroup_key_controller("memory.max/x"), -EINVAL);
}
END_TEST

/* A group whose file io.stat tells of so many disks. */
static ct_figures figures_of_disks(unsigned int disks)
{
	char dir[] = "/tmp/ct-figures-XXXXXX", path[64];
	struct ct__place place = {.unified = true, .controllers = 1u << CONTROLLER_IO};
	struct ct__group_plan plan = {.places = {&place, 1, 1}};
	struct ct__group group = {.plan = &plan, .name = "group"};
	ct_figures figures = CT_FIGURES_INIT;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/group", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/group/io.stat", dir);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	for (unsigned int i = 0; i < disks; i++)
		fprintf(file, "253:%u rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n", i);
	fclose(file);
	place.parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ct__group_figures(&group, &figures);
	close(place.parent);
	ck_assert_int_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/group", dir);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	return figures;
}

START_TEST(bytes_of_many_disks_are_summed_and_never_of_some_alone)
{
	ck_assert_uint_eq(figures_of_disks(1).io_read_bytes, 10);
	ck_assert_uint_eq(figures_of_disks(400).io_read_bytes, 4000);
	ck_assert_uint_eq(figures_of_disks(400).io_written_bytes, 8000);
	ck_assert_uint_eq(figures_of_disks(4000).io_read_bytes, CT_NOT_KNOWN);
}
END_TEST

static ct_io io_at(const ct__array *disks, size_t i)
{
	ck_assert_uint_lt(i, disks->count);
	return ((const ct_io *)disks->items)[i];
}

/* Discards, models of cost, a disk without a word, another line: as kernels have told them. */
START_TEST(each_disk_of_v2_is_told)
{
	ct__array disks = {0};
	ct_io disk;

	ck_assert_int_eq(ct__io_parse("8:16 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=9 dios=9\n"
				      "259:0 \n253:0 wbytes=5 cost.usage=7\nnothing\n",
				 &disks),
		0);
	ck_assert_uint_eq(disks.count, 2);
	disk = io_at(&disks, 0);
	ck_assert(disk.major == 8 && disk.minor == 16 && disk.read_bytes == 4096 &&
		disk.written_bytes == 8192 && disk.reads == 1 && disk.writes == 2);
	disk = io_at(&disks, 1);
	ck_assert(disk.major == 253 && disk.written_bytes == 5 && disk.read_bytes == 0);
	ct__array_done(&disks);
}
END_TEST

START_TEST(each_disk_of_v1_is_told_once_from_both_files)
{
	ct__array disks = {0};
	ct_io disk;

	ck_assert_int_eq(ct__io_parse_v1("8:0 Read 10\n8:0 Write 20\n8:0 Sync 30\n8:0 Total 30\n"
					 "8:16 Read 1\nTotal 31\n",
				 true, &disks),
		0);
	ck_assert_int_eq(ct__io_parse_v1("8:0 Read 3\n8:0 Write 4\nTotal 7\n", false, &disks), 0);
	ck_assert_uint_eq(disks.count, 2);
	disk = io_at(&disks, 0);
	ck_assert(disk.read_bytes == 10 && disk.written_bytes == 20 && disk.reads == 3 &&
		disk.writes == 4);
	ck_assert_uint_eq(io_at(&disks, 1).read_bytes, 1);
	ct__array_done(&disks);
}
END_TEST

START_TEST(group_that_has_used_no_disk_has_none)
{
	ct__array disks = {0};

	ck_assert_int_eq(ct__io_parse("", &disks), 0);
	ck_assert_int_eq(ct__io_parse_v1("Total 0\n", true, &disks), 0);
	ck_assert_uint_eq(disks.count, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limit_files");
	TCase *tc = tcase_create("limit_files");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, limit_is_written_as_each_version_has_it, 0,
		(int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tc, limit_that_cannot_be_says_why, 0,
		(int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tc, controllers_are_found_in_lists_of_both_versions);
	tcase_add_test(tc, key_belongs_to_the_controller_before_its_dot);
	tcase_add_test(tc, bytes_of_many_disks_are_summed_and_never_of_some_alone);
	tcase_add_test(tc, each_disk_of_v2_is_told);
	tcase_add_test(tc, each_disk_of_v1_is_told_once_from_both_files);
	tcase_add_test(tc, group_that_has_used_no_disk_has_none);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
