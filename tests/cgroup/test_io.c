/* SPDX-License-Identifier: MIT */
/* What a container has done with each disk, beside the sums over all of them. */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>

#include <stdio.h>
#include <stdlib.h>
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

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_root();
	suite = suite_of("io", &tcase);
	add_for_cgroups(tcase, disks_add_up_to_the_figures, 1);
	tcase_add_test(tcase, container_without_a_cgroup_tells_of_no_disk);
	return suite_run(suite);
}
