/* SPDX-License-Identifier: MIT */
/* Reaching into a container whose filesystem does not answer, even to who is killed. */
#include "support/box.h"
#include "support/fuse.h"
#include "support/needs.h"

#include <container/container.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

static const char *dir;
static pid_t server;

/* With the filesystem on /mnt. */
static ct_container *start(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_container *container;

	dir = in_dir("fuse");
	ck_assert_int_eq(mkdir(dir, 0755), 0);
	server = fuse_mount(dir);
	ck_assert_int_gt(server, 0);
	set(ct_spec_add_bind(spec, dir, "/mnt", 0));
	container = start_ready(spec);
	ct_spec_free(spec);
	return container;
}

START_TEST(file_whose_server_keeps_who_opens_it_beyond_the_kill_is_given_up)
{
	ct_container *container = start();

	ck_assert_int_eq(ct_container_open_file(container, "/mnt/file", O_RDONLY, 0, &err), -ETIMEDOUT);
	ck_assert_ptr_nonnull(strstr(err.sentence, "does not answer"));
	/* Who is held stands in nobody's way. */
	ck_assert_int_eq(ct_container_open_file(container, "/etc/none", O_RDONLY, 0, &err), -ENOENT);
	fuse_end(server, dir);
	ct_container_free(container);
}
END_TEST

START_TEST(one_that_is_held_is_reaped_by_the_next_call_after_it_was_let_go)
{
	ct_container *container = start();
	int children = count_children();

	ck_assert_int_eq(ct_container_open_file(container, "/mnt/file", O_RDONLY, 0, &err), -ETIMEDOUT);
	ck_assert_int_eq(count_children(), children + 1);
	fuse_end(server, dir);
	while (ct_container_open_file(container, "/etc/none", O_RDONLY, 0, &err) == -ENOENT &&
		count_children() >= children)
		sched_yield();
	ck_assert_int_eq(count_children(), children - 1); /* the server is gone as well */
	ct_container_free(container);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("held");
	TCase *tcase = tcase_create("held");
	char place[] = "/tmp/ct-fuse.XXXXXX";
	pid_t tried;

	need_root();
	if (!mkdtemp(place))
		return 1;
	tried = fuse_mount(place);
	if (tried > 0)
		fuse_end(tried, place);
	rmdir(place);
	if (tried < 0) {
		printf("SKIP: a filesystem of our own (FUSE): %s\n", strerror((int)-tried));
		return 77;
	}
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, box_setup, box_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, file_whose_server_keeps_who_opens_it_beyond_the_kill_is_given_up);
	tcase_add_test(tcase, one_that_is_held_is_reaped_by_the_next_call_after_it_was_let_go);
	return suite_run(suite);
}
