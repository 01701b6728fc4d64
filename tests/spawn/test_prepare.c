/* SPDX-License-Identifier: MIT */
/*
 * The function that is called when a container's root is ready and the host's still in its place: when, what
 * who comes into the container then sees and may do there, and that a refusal leaves nothing.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

/* What prepare() does and has seen. */
static struct {
	const char *script; /* run in the container, by the host's shell, with $ROOT; NULL: nothing */
	int answer;
	unsigned int calls;
	pid_t pid;
} turn;

static int prepare(void *data, ct_container *made, ct_error *why)
{
	char root[PATH_MAX];
	ct_container *visitor = NULL;
	ct_exit how = CT_EXIT_INIT;
	ct_spec *spec = NULL;
	int ret = 0;

	ck_assert_ptr_eq(data, &turn);
	turn.calls++;
	turn.pid = ct_container_pid(made);
	if (!turn.script)
		return turn.answer;
	snprintf(root, sizeof(root), "ROOT=%s", box.root);
	set(ct_spec_new(&spec));
	set(ct_spec_set_argv(spec, (const char *const[]){"/bin/sh", "-ec", turn.script, NULL}));
	set(ct_spec_set_env(spec, (const char *const[]){"PATH=/bin:/usr/bin:/sbin:/usr/sbin", root, NULL}));
	ret = ct_join(made, 0, CT_JOIN_NO_SECCOMP, spec, &visitor, why);
	if (ret == 0)
		ck_assert_int_eq(ct_wait(visitor, patience_ms(), &how, NULL), 0);
	ct_container_free(visitor);
	ct_spec_free(spec);
	return ret < 0 ? ret : how.code ? -ECHILD : turn.answer;
}

static ct_spec *prepared(ct_spec *spec, const char *script)
{
	memset(&turn, 0, sizeof(turn));
	turn.script = script;
	set(ct_spec_set_prepare(spec, prepare, &turn));
	return spec;
}

#define PREPARED(script, ...) prepared(SPEC(__VA_ARGS__), script)

START_TEST(function_is_called_once_for_each_start_with_its_process)
{
	ct_spec *spec = PREPARED(NULL, "/bin/true");

	for (unsigned int i = 1; i < 4; i++) {
		ct_container *container = NULL;

		ck_assert_int_eq(ct_create(spec, &container, &err), 0);
		ck_assert_uint_eq(turn.calls, i);
		ck_assert_int_eq(turn.pid, ct_container_pid(container));
		ck_assert_int_eq(ct_start(container, &err), 0);
		ck_assert_uint_eq(turn.calls, i);
		ct_container_free(container);
	}
	set(ct_spec_set_prepare(spec, NULL, NULL));
	ck_assert_int_eq(run(spec)->how.code, 0);
	ck_assert_uint_eq(turn.calls, 3);
	ct_spec_free(spec);
}
END_TEST

START_TEST(mount_below_the_root_is_in_the_container_alone)
{
	char path[PATH_MAX];

	ck_assert_str_eq(output_of(PREPARED("mount -t tmpfs none \"$ROOT/mnt\"; echo word > \"$ROOT/mnt/file\"",
				 "/bin/cat", "/mnt/file")),
		"word\n");
	snprintf(path, sizeof(path), "%s/mnt/file", box.root);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(tree_of_the_host_is_there_for_the_function_and_not_for_the_payload)
{
	ck_assert_str_eq(output_of(PREPARED("test -d /proc/self/fd; test -d /sys/kernel; test -c /dev/null; test -d /etc;"
					    " test -e \"$ROOT/../canary\" || ls \"$ROOT/..\" > /dev/null",
				 "/bin/sh", "-c", "test -e /../canary; echo $?; wc -l < /proc/mounts > /dev/null; echo end")),
		"1\nend\n");
}
END_TEST

START_TEST(mounts_and_devices_of_the_container_are_there_for_the_function)
{
	ct_spec *spec = PREPARED("test -c \"$ROOT/dev/null\"; test -d \"$ROOT/proc/1\"; echo word > \"$ROOT/data/file\"",
		"/bin/cat", "/data/file");

	set(ct_spec_add_tmpfs(spec, "/data", 1 << 20, 0755, 0));
	ck_assert_str_eq(output_of(spec), "word\n");
}
END_TEST

START_TEST(readonly_root_is_writable_until_then)
{
	ct_spec *spec = PREPARED("echo word > \"$ROOT/tmp/brought\"", "/bin/sh", "-c",
		"cat /tmp/brought; touch /tmp/mine 2> /dev/null || echo no");

	set(ct_spec_set_root_mode(spec, CT_ROOT_READONLY));
	ck_assert_str_eq(output_of(spec), "word\nno\n");
}
END_TEST

START_TEST(what_is_written_to_an_ephemeral_root_goes_with_it)
{
	ct_spec *spec = PREPARED("echo word > \"$ROOT/tmp/brought\"", "/bin/cat", "/tmp/brought");
	char path[PATH_MAX];

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	ck_assert_str_eq(output_of(spec), "word\n");
	snprintf(path, sizeof(path), "%s/tmp/brought", box.root);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(function_has_its_turn_in_every_kind_of_namespaces)
{
	ct_spec *spec = PREPARED("mount -t tmpfs none \"$ROOT/mnt\"; echo $(id -u) > \"$ROOT/mnt/file\"", "/bin/cat",
		"/mnt/file");

	switch (_i) {
	case 0:
		set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
		break;
	case 1:
		set(ct_spec_set_ns_new(spec, CT_NS_TIME));
		break;
	case 2:
		set(ct_spec_set_ns_host(spec, CT_NS_PID));
		break;
	default:
		set(ct_spec_set_ns_path(spec, CT_NS_PID, "/proc/self/ns/pid"));
	}
	ck_assert_str_eq(output_of(spec), "0\n");
	ck_assert_uint_eq(turn.calls, 1);
}
END_TEST

/* Its program is the host's, and what it has open: a payload with as many rights could get at them. */
START_TEST(what_has_come_in_is_gone_before_the_payload_runs)
{
	static const char stays[] = "cd /etc; sleep 10000 < /dev/null > /dev/null 2>&1 &";
	ct_spec *spec = PREPARED(stays, "/bin/sh", "-c", "cat /proc/[0-9]*/comm");
	const char *out;

	switch (_i) {
	case 0:
		break;
	case 1:
		set(ct_spec_set_ns_new(spec, CT_NS_TIME));
		break;
	case 2:
		set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
		break;
	default:
		set(ct_spec_set_init(spec, 1));
	}
	out = output_of(spec);
	ck_assert_msg(strcmp(out, _i == 3 ? "init\ncat\n" : "cat\n") == 0, "%s", out);
}
END_TEST

/* It has all it needs of the host's tree by then: the pivot takes that from under it. */
static int send_server(void *data, ct_container *made, ct_error *why)
{
	ct_container **ret_server = data;
	ct_spec *spec = visitor_of((const char *const[]){"/bin/sh", "-c", "echo ready; kill -STOP $$", NULL});
	int ret = ct_join(made, CT_NS_MNT, CT_JOIN_NO_SECCOMP, spec, ret_server, why);

	if (ret == 0)
		await_ready(*ret_server);
	ct_spec_free(spec);
	return ret;
}

/* As the server of a mount has to, which is made there for the container. */
START_TEST(who_stays_out_of_the_pid_namespace_lives_on_unseen)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "cat /proc/[0-9]*/comm");
	ct_container *server = NULL;
	ct_exit how = CT_EXIT_INIT;

	set(ct_spec_set_prepare(spec, send_server, &server));
	ck_assert_str_eq(output_of(spec), "cat\n");
	ck_assert_msg(ct_wait(server, 0, &how, NULL) == -ETIMEDOUT, "it has ended: %u, code %d, signal %d",
		how.why, how.code, how.signal);
	ct_container_free(server);
}
END_TEST

/* ----------------------------------------------------------------- refusals */

START_TEST(refusal_without_words_ends_the_start_with_its_code)
{
	ct_spec *spec = PREPARED(NULL, "/bin/true");
	struct outcome *outcome;

	turn.answer = -EXDEV;
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EXDEV, CT_STEP_PIVOT, "prepare", "has refused it");
	ct_spec_free(spec);
}
END_TEST

START_TEST(function_that_has_refused_is_not_called_again)
{
	ct_spec *spec = PREPARED(NULL, "/bin/true");
	struct outcome *outcome;

	turn.answer = -ESTALE; /* as where a source of the spec was moved, which is tried again */
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ESTALE, CT_STEP_PIVOT, "prepare", "has refused it");
	ck_assert_uint_eq(turn.calls, 1);
	ct_spec_free(spec);
}
END_TEST

static int refuse_in_own_words(void *data, ct_container *made, ct_error *why)
{
	(void)data;
	/* As any failing call of the library would. */
	return ct_kill(made, 1000, why);
}

START_TEST(refusal_in_words_of_its_own_is_passed_on)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_prepare(spec, refuse_in_own_words, NULL));
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->code, -EINVAL);
	ck_assert_msg(strstr(outcome->err.sentence, "signal") != NULL, "%s", outcome->err.sentence);
	ct_spec_free(spec);
}
END_TEST

static int kill_it(void *data, ct_container *made, ct_error *why)
{
	(void)data;
	return ct_kill(made, SIGKILL, why);
}

START_TEST(container_that_is_killed_meanwhile_is_told)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_prepare(spec, kill_it, NULL));
	outcome = attempt(spec);
	ck_assert_int_lt(outcome->code, 0);
	ck_assert_msg(strstr(outcome->err.sentence, "killed") != NULL, "%s", outcome->err.sentence);
	ct_spec_free(spec);
}
END_TEST

START_TEST(spec_without_a_root_of_its_own_is_refused)
{
	ct_spec *spec = visitor_of((const char *const[]){"/bin/true", NULL});
	struct outcome *outcome;

	set(ct_spec_set_ns_host(spec, CT_NS_MNT));
	set(ct_spec_set_prepare(spec, prepare, &turn));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "prepare", "no root to prepare");
	ct_spec_free(spec);
}
END_TEST

START_TEST(root_of_the_host_is_refused)
{
	ct_spec *spec = PREPARED(NULL, "/bin/true");
	struct outcome *outcome;
	ct_rootfs *rootfs;

	ck_assert_int_eq(ct_rootfs_open("/", &rootfs, &err), 0);
	set(ct_spec_set_rootfs(spec, rootfs));
	ct_rootfs_free(rootfs);
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "prepare", "the host's own");
	ck_assert_uint_eq(turn.calls, 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(pool_is_refused)
{
	ct_spec *spec = PREPARED(NULL, "/bin/true");
	ct_pool *pool = NULL;
	int ret = ct_pool_new(spec, 1, &pool, &err);

	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "prepare", "may outlive the spec");
	ck_assert_ptr_null(pool);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_root();
	suite = suite_of("prepare", &tcase);
	tcase_add_test(tcase, function_is_called_once_for_each_start_with_its_process);
	tcase_add_test(tcase, mount_below_the_root_is_in_the_container_alone);
	tcase_add_test(tcase, tree_of_the_host_is_there_for_the_function_and_not_for_the_payload);
	tcase_add_test(tcase, mounts_and_devices_of_the_container_are_there_for_the_function);
	tcase_add_test(tcase, readonly_root_is_writable_until_then);
	tcase_add_test(tcase, what_is_written_to_an_ephemeral_root_goes_with_it);
	add_values_for_first_root(tcase, function_has_its_turn_in_every_kind_of_namespaces, 4, 1u << 0,
		"choosing ids that are nobody's");
	add_values_for_first_root(tcase, what_has_come_in_is_gone_before_the_payload_runs, 4, 1u << 2,
		"choosing ids that are nobody's");
	tcase_add_test(tcase, who_stays_out_of_the_pid_namespace_lives_on_unseen);
	tcase_add_test(tcase, refusal_without_words_ends_the_start_with_its_code);
	tcase_add_test(tcase, function_that_has_refused_is_not_called_again);
	tcase_add_test(tcase, refusal_in_words_of_its_own_is_passed_on);
	tcase_add_test(tcase, container_that_is_killed_meanwhile_is_told);
	tcase_add_test(tcase, spec_without_a_root_of_its_own_is_refused);
	tcase_add_test(tcase, root_of_the_host_is_refused);
	tcase_add_test(tcase, pool_is_refused);
	return suite_run(suite);
}
