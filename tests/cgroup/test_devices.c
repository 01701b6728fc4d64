/* SPDX-License-Identifier: MIT */
/*
 * Which devices a container may use: nodes that it is given, and nodes that it makes. Each
 * refusal stands beside the same container without a list. The device is one that no driver has
 * ("c 240:77", for local use): who may use it is told that it is not there.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>

#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NO_DRIVER "No such device or address\n"
#define REFUSED	  "Operation not permitted\n"

static ct_error err = CT_ERROR_INIT;

static const ct_device all_of_240 = {'c', CT_DEVICE_READ | CT_DEVICE_WRITE, 240, CT_DEVICE_ANY};

/* A container that may make nodes on a tmpfs that honours them. */
static ct_spec *with_nodes(const char *script)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	set(ct_spec_add_cap(spec, "cap_mknod"));
	set(ct_spec_add_tmpfs(spec, "/media", 1 << 16, 0755, CT_MOUNT_DEV));
	return spec;
}

/* One that is given a node of the host's. */
static ct_spec *with_node(const char *script)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	ck_assert_int_eq(mknod(in_dir("node"), S_IFCHR | 0666, makedev(240, 77)), 0);
	set(ct_spec_add_bind(spec, in_dir("node"), "/media/node", CT_MOUNT_DEV));
	return spec;
}

static ct_spec *listing(ct_spec *spec, const ct_device *devices, size_t count)
{
	set(ct_spec_set_devices(spec, devices, count));
	return spec;
}

/* What it says at the end of a failed open. */
static const char *reason_of(ct_spec *spec)
{
	const char *out = output_of(spec), *colon = strrchr(out, ':');

	ck_assert_msg(colon != NULL, "%s", out);
	return colon + 2;
}


START_TEST(device_that_is_given_is_used_without_a_list_and_refused_with_one)
{
	ck_assert_str_eq(reason_of(with_node("(cat /media/node) 2>&1; true")), NO_DRIVER);
	ck_assert_int_eq(unlink(in_dir("node")), 0);
	ck_assert_str_eq(reason_of(listing(with_node("(cat /media/node) 2>&1; true"), NULL, 0)), REFUSED);
}
END_TEST

START_TEST(device_of_the_list_is_used)
{
	ck_assert_str_eq(reason_of(listing(with_node("(cat /media/node) 2>&1; true"), &all_of_240, 1)), NO_DRIVER);
}
END_TEST

START_TEST(device_is_used_for_what_the_list_says_alone)
{
	const ct_device readable = {'c', CT_DEVICE_READ, 240, 77};

	ck_assert_str_eq(reason_of(listing(with_node("(cat /media/node) 2>&1; true"), &readable, 1)), NO_DRIVER);
	ck_assert_int_eq(unlink(in_dir("node")), 0);
	ck_assert_str_eq(
		reason_of(listing(with_node("(echo > /media/node) 2>&1; true"), &readable, 1)), REFUSED);
}
END_TEST

/* Number, type and any of them: only what fits counts. */
static const struct {
	ct_device device;
	const char *answer;
} fits[] = {
	{{'c', CT_DEVICE_READ, 240, 77}, NO_DRIVER},
	{{'c', CT_DEVICE_READ, 240, 78}, REFUSED},
	{{'c', CT_DEVICE_READ, 241, 77}, REFUSED},
	{{'b', CT_DEVICE_READ, 240, 77}, REFUSED},
	{{'c', CT_DEVICE_WRITE, 240, 77}, REFUSED},
	{{'c', CT_DEVICE_READ, 240, CT_DEVICE_ANY}, NO_DRIVER},
	{{'c', CT_DEVICE_READ, CT_DEVICE_ANY, CT_DEVICE_ANY}, NO_DRIVER},
	{{'b', CT_DEVICE_READ, CT_DEVICE_ANY, CT_DEVICE_ANY}, REFUSED},
	{{'c', CT_DEVICE_READ, CT_DEVICE_ANY, 77}, NO_DRIVER},
};

START_TEST(only_what_fits_type_number_and_access_counts)
{
	const char *answer =
		reason_of(listing(with_node("(cat /media/node) 2>&1; true"), &fits[_i].device, 1));

	ck_assert_str_eq(answer, fits[_i].answer);
}
END_TEST

START_TEST(node_is_made_without_a_list_and_refused_with_one)
{
	const ct_device made = {'c', CT_DEVICE_MKNOD, 240, 77};

	ck_assert_str_eq(output_of(with_nodes("mknod /media/a c 240 77 && echo made")), "made\n");
	ck_assert_str_eq(
		reason_of(listing(with_nodes("mknod /media/a c 240 77 2>&1; true"), NULL, 0)), REFUSED);
	ck_assert_str_eq(
		output_of(listing(with_nodes("mknod /media/a c 240 77 && echo made"), &made, 1)), "made\n");
}
END_TEST

START_TEST(devices_of_every_container_work_with_a_list)
{
	ct_spec *spec = listing(SPEC("/bin/sh", "-c",
					"head -c 3 /dev/zero | wc -c; head -c 2 /dev/urandom | wc -c;"
					"echo > /dev/null; (echo > /dev/full) 2>&1 | grep -c space"),
		NULL, 0);

	ck_assert_str_eq(output_of(spec), "3\n2\n1\n");
}
END_TEST

START_TEST(terminal_works_with_a_list)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "test -t 0 && tty > /tmp/tty; exit 5");
	struct outcome *outcome;

	for (int stream = 1; stream < 3; stream++)
		set(ct_spec_set_stdio(spec, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(spec, 24, 80));
	outcome = run(listing(spec, NULL, 0));
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.code, 5);
}
END_TEST

START_TEST(process_that_joins_is_held_by_the_list)
{
	ct_spec *spec = listing(with_nodes("echo ready; exec probe pause"), NULL, 0);
	ct_spec *guest = VISITOR("/bin/sh", "-c", "mknod /media/a c 240 77 2>&1; true");
	ct_container *container = start_ready(spec), *visitor = NULL;
	struct outcome *outcome;
	int code = ct_join(container, 0, 0, guest, &visitor, &err);

	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(code == 0, "%s", err.sentence);
	ck_assert_ptr_nonnull(strstr(outcome->out, "not permitted"));
	ct_container_free(container);
	ct_spec_free(spec);
	ct_spec_free(guest);
}
END_TEST

static const ct_device bad[] = {
	{'x', CT_DEVICE_READ, 1, 3},
	{'c', 0, 1, 3},
	{'c', 8, 1, 3},
	{'c', CT_DEVICE_READ, -2, 3},
	{'c', CT_DEVICE_READ, 4096, 3},
	{'c', CT_DEVICE_READ, 1, 1048576},
};

START_TEST(device_that_cannot_be_is_refused)
{
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(ct_spec_set_devices(spec, &bad[_i], 1), -EINVAL);
	expect_error(ct_spec_check(spec, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "device 0", NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(list_that_is_too_long_is_refused)
{
	ct_device many[65];
	ct_spec *spec = SPEC("/bin/true");

	for (int i = 0; i < 65; i++)
		many[i] = all_of_240;
	ck_assert_int_eq(ct_spec_set_devices(spec, many, 64), 0);
	ck_assert_str_eq(output_of(spec), ""); /* and the longest that is taken works */
	spec = SPEC("/bin/true");
	ck_assert_int_eq(ct_spec_set_devices(spec, many, 65), -E2BIG);
	ck_assert_int_eq(ct_spec_set_devices(NULL, NULL, 0), -EINVAL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(join_with_a_list_of_its_own_is_refused)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_spec *guest = listing(VISITOR("/bin/true"), NULL, 0);
	ct_container *container = start_ready(spec), *visitor = NULL;
	int code = ct_join(container, 0, 0, guest, &visitor, &err);

	expect_error(code, &err, -EINVAL, CT_STEP_ARGUMENT, "cgroup", "joins another");
	ct_container_free(container);
	ct_spec_free(spec);
	ct_spec_free(guest);
}
END_TEST

int main(void)
{
	static const char nodes[] = "making device nodes";
	TCase *tcase;
	Suite *suite;

	need_root();
	need_first_root(nodes);
	need_cgroup();
	suite = suite_of("devices", &tcase);
	tcase_add_test(tcase, device_that_is_given_is_used_without_a_list_and_refused_with_one);
	tcase_add_test(tcase, device_of_the_list_is_used);
	tcase_add_test(tcase, device_is_used_for_what_the_list_says_alone);
	tcase_add_loop_test(tcase, only_what_fits_type_number_and_access_counts, 0,
		sizeof(fits) / sizeof(fits[0]));
	tcase_add_test(tcase, node_is_made_without_a_list_and_refused_with_one);
	tcase_add_test(tcase, devices_of_every_container_work_with_a_list);
	tcase_add_test(tcase, terminal_works_with_a_list);
	tcase_add_test(tcase, process_that_joins_is_held_by_the_list);
	tcase_add_loop_test(tcase, device_that_cannot_be_is_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, list_that_is_too_long_is_refused);
	tcase_add_test(tcase, join_with_a_list_of_its_own_is_refused);
	return suite_run(suite);
}
