/* SPDX-License-Identifier: MIT */
/* Id-mapped mounts in a user namespace that is there: given by the spec, or that of a join. */
#include "idmap/owned_tree.h"

#include <container/join.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static ct_container *start_holder(void)
{
	ct_spec *spec = ranged("echo ready; read word", 700000);
	ct_container *holder;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	holder = start_ready(spec);
	ct_spec_free(spec);
	return holder;
}

static ct_spec *beside(const ct_container *holder, const char *script)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	set(ct_spec_set_ns_pid(spec, CT_NS_USER, ct_container_pid(holder)));
	return spec;
}

/* Also when nobody is in it any more, of whom /proc could tell the map. */
START_TEST(owners_in_a_given_user_namespace_are_the_archives)
{
	ct_container *holder;
	ct_spec *spec;

	make_tree(_i ? 900000 : 0);
	holder = start_holder();
	spec = beside(holder, OWNERS "; touch /tmp/by-root; su user -c 'touch /home/by-user'");
	ct_container_free(holder);
	ck_assert_str_eq(output_of(spec), ARCHIVES_OWNERS);
	expect_owner("tmp/by-root", _i ? 900000 : 0, _i ? 900000 : 0);
	expect_owner("home/by-user", _i ? 901000 : 1000, _i ? 901000 : 1000);
}
END_TEST

START_TEST(tree_with_the_ids_of_a_given_user_namespace_is_mounted_as_it_is)
{
	ct_container *holder;

	make_tree(700000);
	holder = start_holder();
	ck_assert_str_eq(output_of(beside(holder,
				 "grep ' / / ' /proc/self/mountinfo | grep -c idmapped;" OWNERS)),
		"0\n" ARCHIVES_OWNERS);
	ct_container_free(holder);
}
END_TEST

/* Below the box: a directory of the name, and a file of that name in it. */
static void make_source(const char *name, uid_t base)
{
	char file[64];

	ck_assert_int_eq(mkdir(in_dir(name), 0755), 0);
	snprintf(file, sizeof(file), "%s/%s", name, name);
	write_file(in_dir(file), name, 0600);
	ck_assert_int_eq(chown(in_dir(file), base + 1000, base + 1001), 0);
	ck_assert_int_eq(chown(in_dir(name), base, base), 0);
}

START_TEST(binds_and_layers_in_a_given_user_namespace_are_mapped_if_it_is_asked_to)
{
	ct_container *holder;
	ct_spec *spec;

	make_tree(0);
	make_source("low", 0);
	make_source("shifted", 900000);
	holder = start_holder();
	spec = beside(holder, "stat -c '%u:%g %n' /mnt /mnt/* /home /home/*");
	set(ct_spec_add_bind(spec, in_dir("low"), "/mnt", CT_MOUNT_IDMAP));
	set(ct_spec_add_overlay(spec, (const char *const[]){in_dir("low"), in_dir("shifted"), NULL},
		NULL, NULL, "/home", CT_MOUNT_IDMAP));
	ck_assert_str_eq(output_of(spec),
		"0:0 /mnt\n1000:1001 /mnt/low\n0:0 /home\n1000:1001 /home/low\n1000:1001 /home/shifted\n");
	ct_container_free(holder);
}
END_TEST

START_TEST(process_that_joins_with_a_root_of_its_own_sees_the_archives_owners)
{
	ct_container *holder;
	ct_container *visitor = NULL;
	struct outcome *outcome;
	ct_error err = CT_ERROR_INIT;
	ct_spec *spec;
	int code;

	make_tree(0);
	holder = start_holder();
	spec = SPEC("/bin/sh", "-c", OWNERS);
	set(ct_spec_set_ns_new(spec, CT_NS_MNT));
	code = ct_join(holder, 0, 0, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ct_spec_free(spec);
	ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
	ck_assert_str_eq(outcome->out, ARCHIVES_OWNERS);
	ct_container_free(holder);
}
END_TEST

/* It has no ids, and so none to be mapped to: told as ever, where the stage asks to be root. */
START_TEST(given_user_namespace_without_a_map_is_refused_where_ids_are_set)
{
	struct outcome *outcome;
	ct_spec *spec;
	int ends[2];
	char byte = 0;
	pid_t child;

	make_tree(0);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		byte = unshare(CLONE_NEWUSER) == 0;
		_exit(write(ends[1], &byte, 1) == 1 && pause() == 0);
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(byte, 1);
	spec = SPEC("/bin/true");
	set(ct_spec_set_ns_pid(spec, CT_NS_USER, child));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_IDMAP, NULL, "setresgid");
	ct_spec_free(spec);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* ----------------------------------------------------------------------- main */

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("given ids", &tc);

	need_mapped_owners();
	tcase_add_loop_test(tc, owners_in_a_given_user_namespace_are_the_archives, 0, 2);
	tcase_add_test(tc, tree_with_the_ids_of_a_given_user_namespace_is_mounted_as_it_is);
	tcase_add_test(tc, binds_and_layers_in_a_given_user_namespace_are_mapped_if_it_is_asked_to);
	tcase_add_test(tc, process_that_joins_with_a_root_of_its_own_sees_the_archives_owners);
	tcase_add_test(tc, given_user_namespace_without_a_map_is_refused_where_ids_are_set);
	return suite_run(suite);
}
