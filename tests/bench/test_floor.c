/* SPDX-License-Identifier: MIT */
/* The floor of the benchmarks is no cheaper than it may be: its payload sees what one of ct_spawn sees. */
#include "support/box.h"
#include "support/needs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench/floor.h"
#include "support/seen.h"

static int stream[2]; /* the stdout of both, so that it is the same one */

/* ----------------------------------------------------------------------- the two */

static ct_spec *plain_spec(bool host_net)
{
	const char *const argv[] = {"/bin/sh", "-c", seen_script, NULL};
	ct_spec *spec = spec_of(argv);

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_FD, stream[1]));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_INHERIT, -1));
	if (host_net)
		set(ct_spec_set_ns_host(spec, CT_NS_NET));
	return spec;
}

static void see_container(bool host_net, struct seen *seen)
{
	ct_spec *spec = plain_spec(host_net);
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	seen_read(stream[0], seen);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	ct_spec_free(spec);
}

static void see_floor(bool host_net, struct seen *seen)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *const argv[] = {shell, option, (char *)(uintptr_t)seen_script, NULL};
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; sleep 1000");
	ct_container *model = start_ready(spec);
	struct floor floor;
	const char *failed = floor_init(&floor, box.root, stream[1], host_net, ct_container_pid(model));
	int pidfd, status;
	pid_t child;

	ck_assert_msg(!failed, "%s: %s", failed, strerror(errno));
	ct_container_free(model);
	ct_spec_free(spec);
	failed = floor_start(&floor, argv, &child, &pidfd);
	ck_assert_msg(!failed, "%s: %s", failed, strerror(errno));
	seen_read(stream[0], seen);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	close(pidfd);
	floor_done(&floor);
}

static void expect_same(bool host_net)
{
	struct seen container, floor;

	ck_assert_int_eq(pipe2(stream, O_CLOEXEC), 0);
	see_container(host_net, &container);
	see_floor(host_net, &floor);
	seen_expect_same(&floor, &container);
	ck_assert_uint_eq(seen_lines(&container, "ns.net is new"), !host_net);
	seen_forget(&container);
	seen_forget(&floor);
	close(stream[0]);
	close(stream[1]);
}

START_TEST(floor_of_the_benchmarks_isolates_as_the_default_spec)
{
	expect_same(false);
}
END_TEST

START_TEST(floor_with_the_network_of_the_host_isolates_as_that_spec)
{
	expect_same(true);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tcase;

	need_root();
	need_first_root("a device node made by hand");
	suite = suite_of("floor", &tcase);
	tcase_add_test(tcase, floor_of_the_benchmarks_isolates_as_the_default_spec);
	tcase_add_test(tcase, floor_with_the_network_of_the_host_isolates_as_that_spec);
	return suite_run(suite);
}
