/* SPDX-License-Identifier: MIT */
/* An ordinary user reaches into his own containers, and does there what the kernel lets him. */
#include "support/box.h"

#include <container/container.h>

#include <fcntl.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

static ct_container *start_pausing(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "sleep 1000 & echo ready; exec probe pause");
	ct_container *container = start_ready(spec);

	ct_spec_free(spec);
	return container;
}

START_TEST(user_reads_and_writes_files_of_his_own_container)
{
	ct_container *container = start_pausing();
	int fd = ct_container_open_file(container, "/tmp/file", O_RDWR | O_CREAT, 0600, &err);
	char text[32] = "";

	ck_assert_msg(fd >= 0, "%s", err.sentence);
	ck_assert_int_eq(write(fd, "mine\n", 5), 5);
	ck_assert_int_eq(pread(fd, text, sizeof(text) - 1, 0), 5);
	ck_assert_str_eq(text, "mine\n");
	close(fd);
	ct_container_free(container);
}
END_TEST

START_TEST(user_lists_the_processes_of_his_own_container)
{
	ct_container *container = start_pausing();
	pid_t pids[4];
	int count = ct_container_processes(container, pids, 4, &err);

	ck_assert_int_eq(count, 2);
	ck_assert_int_eq(pids[0], ct_container_pid(container));
	ct_container_free(container);
}
END_TEST

START_TEST(user_is_told_that_a_mount_takes_a_right_that_he_lacks)
{
	ct_container *container = start_pausing();
	int fd = open(box.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int ret = ct_container_mount(container, fd, "/tmp/a", 0, &err);

	expect_error(ret, &err, -EPERM, CT_STEP_INSIDE, "/tmp/a", NULL);
	ck_assert_msg(strstr(err.cure, "CAP_SYS_ADMIN") != NULL, "%s", err.cure);
	close(fd);
	ct_container_free(container);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_user();
	suite = suite_of("inside_user", &tcase);
	tcase_add_test(tcase, user_reads_and_writes_files_of_his_own_container);
	tcase_add_test(tcase, user_lists_the_processes_of_his_own_container);
	tcase_add_test(tcase, user_is_told_that_a_mount_takes_a_right_that_he_lacks);
	return suite_run(suite);
}
