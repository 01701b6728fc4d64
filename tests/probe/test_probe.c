/* SPDX-License-Identifier: MIT */
/*
 * ct_probe for whoever runs this: the facts, their forms, refusals, and that nothing is left.
 * What blocks containers is provoked in test_blocks.c.
 */
#include "support/box.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <signal.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <container/probe.h>

static struct snapshot *before;
static int descriptors;

static void *nothing(void *data)
{
	return data;
}

static void setup(void)
{
	pthread_t thread;

	/* libc takes signals of its own with the first thread; not to be seen as a change later. */
	ck_assert_int_eq(pthread_create(&thread, NULL, nothing, NULL), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	await_lone_thread();
	descriptors = count_descriptors();
	before = snapshot_take();
}

/* A probe holds no descriptor, leaves no process and no mount, and changes nothing in its caller. */
static void teardown(void)
{
	struct snapshot *after = snapshot_take();
	const char *difference = snapshot_difference(before, after, SNAPSHOT_ENDED);

	ck_assert_msg(difference == NULL, "the test left or changed:\n%s", difference);
	ck_assert_int_eq(count_descriptors(), descriptors);
	snapshot_free(before);
	snapshot_free(after);
}

/* ------------------------------------------------------------------ helpers */

static ct_probe *probe_machine(void)
{
	ct_error err = CT_ERROR_INIT;
	ct_probe *probe = NULL;

	if (ct_probe_new(&probe, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	return probe;
}

static ct_probe *probe_path(const char *path)
{
	ct_error err = CT_ERROR_INIT;
	ct_probe *probe = NULL;

	if (ct_probe_path(path, &probe, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	return probe;
}

static ct_probe_info fact_of(const ct_probe *probe, int fact)
{
	ct_probe_info info = CT_PROBE_INFO_INIT;

	ck_assert_msg(ct_probe_find(probe, fact, &info) == 0, "there is no fact %d", fact);
	return info;
}

static ct_probe_info info_at(const ct_probe *probe, size_t index)
{
	ct_probe_info info = CT_PROBE_INFO_INIT;

	ck_assert_int_eq(ct_probe_get(probe, index, &info), 0);
	return info;
}

/* ----------------------------------------------------------------- refusals */

START_TEST(missing_pointers_are_refused)
{
	ct_probe_info info = CT_PROBE_INFO_INIT;
	ct_error err = CT_ERROR_INIT;
	ct_probe *probe = NULL;
	char *text = NULL;

	expect_error(ct_probe_new(NULL, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "ret_probe", "NULL");
	expect_error(ct_probe_path(NULL, &probe, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "path",
		"NULL");
	expect_error(ct_probe_path("/", NULL, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "ret_probe",
		"NULL");
	ck_assert_ptr_null(probe);
	ck_assert_uint_eq(ct_probe_count(NULL), 0);
	ck_assert_int_eq(ct_probe_get(NULL, 0, &info), -EINVAL);
	ck_assert_int_eq(ct_probe_find(NULL, CT_FACT_KERNEL, &info), -EINVAL);
	ck_assert_int_eq(ct_probe_to_text(NULL, &text), -EINVAL);
	ck_assert_int_eq(ct_probe_to_json(NULL, &text), -EINVAL);
	ck_assert_ptr_null(text);
	ct_probe_free(NULL);
	ct_probe_text_free(NULL);
}
END_TEST

START_TEST(facts_that_are_not_there_are_refused)
{
	ct_probe *probe = probe_machine();
	ct_probe_info info = CT_PROBE_INFO_INIT;

	ck_assert_int_eq(ct_probe_get(probe, ct_probe_count(probe), &info), -ENOENT);
	ck_assert_int_eq(ct_probe_find(probe, CT_FACT_PATH_EXEC, &info), -ENOENT);
	ck_assert_int_eq(ct_probe_find(probe, -1, &info), -ENOENT);
	ck_assert_int_eq(ct_probe_get(probe, 0, NULL), -EINVAL);
	ck_assert_int_eq(ct_probe_to_text(probe, NULL), -EINVAL);
	ck_assert_int_eq(ct_probe_to_json(probe, NULL), -EINVAL);
	info.size = 0;
	ck_assert_int_eq(ct_probe_get(probe, 0, &info), -EINVAL);
	ck_assert_str_eq(info.name, "");
	ct_probe_free(probe);
}
END_TEST

START_TEST(what_is_no_directory_is_refused)
{
	ct_error err = CT_ERROR_INIT;
	ct_probe *probe = NULL;

	expect_error(ct_probe_path("/no/such/place", &probe, &err), &err, -ENOENT, CT_STEP_PROBE,
		"/no/such/place", "No such file");
	expect_error(ct_probe_path("/proc/self/status", &probe, &err), &err, -ENOTDIR, CT_STEP_PROBE,
		"/proc/self/status", "Not a directory");
	ck_assert_ptr_null(probe);
}
END_TEST

START_TEST(caller_with_a_shorter_info_gets_no_more_than_that)
{
	ct_probe *probe = probe_machine();
	ct_probe_info info;

	memset(&info, 0xee, sizeof(info));
	info.size = offsetof(ct_probe_info, name);
	ck_assert_int_eq(ct_probe_find(probe, CT_FACT_KERNEL, &info), 0);
	ck_assert_uint_eq(info.fact, CT_FACT_KERNEL);
	ck_assert_int_eq((unsigned char)info.name[0], 0xee);
	ck_assert_uint_eq(info.size, offsetof(ct_probe_info, name));
	ct_probe_free(probe);
}
END_TEST

/* It fails as a whole: facts that were not looked at would look like facts. */
START_TEST(probe_without_descriptors_fails_and_says_so)
{
	struct rlimit limit, few;
	ct_error err = CT_ERROR_INIT;
	ct_probe *probe = NULL;
	int ret;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = (rlim_t)descriptors;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ret = ct_probe_new(&probe, &err);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	expect_error(ret, &err, -EMFILE, CT_STEP_PROBE, NULL, "Too many open files");
	ck_assert_ptr_nonnull(strstr(err.cure, "RLIMIT_NOFILE"));
	ck_assert_ptr_null(probe);
}
END_TEST

/* -------------------------------------------------------------------- facts */

START_TEST(kernel_and_architecture_are_those_of_uname)
{
	ct_probe *probe = probe_machine();
	struct utsname name;

	ck_assert_int_eq(uname(&name), 0);
	ck_assert_str_eq(fact_of(probe, CT_FACT_KERNEL).value, name.release);
	ck_assert_str_eq(fact_of(probe, CT_FACT_ARCHITECTURE).value, name.machine);
	ct_probe_free(probe);
}
END_TEST

/* A row that is forgotten, a number that is used twice, a name that is cut. */
START_TEST(every_fact_of_the_header_is_told_in_order)
{
	ct_probe *probes[] = {probe_machine(), probe_path("/")};
	char path[PATH_MAX];
	const char *at;
	size_t told = 0, index[2] = {0};

	snprintf(path, sizeof(path), "%s/include/container/probe.h", getenv("CT_SOURCES"));
	for (at = read_file(path); (at = strstr(at, "\tCT_FACT_")) != NULL; told++) {
		unsigned int number = 0;
		int which;
		ct_probe_info info;

		at += strcspn(at, "=");
		ck_assert_int_eq(sscanf(at, "= %u", &number), 1);
		which = number >= CT_FACT_PATH_FILESYSTEM;
		info = info_at(probes[which], index[which]++);
		ck_assert_msg(info.fact == number, "fact %u is missing; there is %u (%s)", number,
			info.fact, info.name);
		ck_assert(info.name[0] && info.group[0]);
		ck_assert_uint_lt(strlen(info.name), sizeof(info.name) - 1);
	}
	ck_assert_uint_gt(told, 50);
	ck_assert_uint_eq(told, ct_probe_count(probes[0]) + ct_probe_count(probes[1]));
	ct_probe_free(probes[0]);
	ct_probe_free(probes[1]);
}
END_TEST

START_TEST(what_does_not_work_has_a_reason_and_what_works_has_none)
{
	ct_probe *probe = probe_machine();

	for (size_t i = 0; i < ct_probe_count(probe); i++) {
		ct_probe_info info = info_at(probe, i);

		ck_assert_uint_le(info.state, CT_PROBE_LACKS);
		ck_assert_msg((info.state == CT_PROBE_WORKS) == (info.reason[0] == '\0'),
			"%s is %u: %s", info.name, info.state, info.reason);
		ck_assert_msg(info.state == CT_PROBE_LACKS || !info.cure[0], "%s: %s", info.name,
			info.cure);
	}
	ct_probe_free(probe);
}
END_TEST

/* The probe says of user namespaces what this process finds when it makes one. */
START_TEST(fact_agrees_with_an_attempt)
{
	static const struct {
		int fact, kinds;
	} attempts[] = {
		{CT_FACT_USER_NS, CT_NS_USER},
		{CT_FACT_MNT_NS, CT_NS_MNT},
		{CT_FACT_NET_NS, CT_NS_NET},
		{CT_FACT_USER_MNT_NS, CT_NS_USER | CT_NS_MNT},
		{CT_FACT_USER_PID_NS, CT_NS_USER | CT_NS_PID},
	};
	ct_probe *probe = probe_machine();

	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		/* Not by fork(): a sanitizer gives the child a second thread. */
		long child = syscall(SYS_clone, SIGCHLD | attempts[i].kinds, 0, 0, 0, 0);

		if (child == 0)
			syscall(SYS_exit_group, 0);
		if (child > 0)
			ck_assert_int_eq(waitpid((pid_t)child, NULL, 0), (pid_t)child);
		ck_assert_msg((fact_of(probe, attempts[i].fact).state == CT_PROBE_WORKS) == (child > 0),
			"fact %d", attempts[i].fact);
	}
	ct_probe_free(probe);
}
END_TEST

/* ------------------------------------------------------------- directories */

/* Nothing is written: a watcher of the directory would see it, and so would its times. */
START_TEST(directory_is_looked_at_and_left_as_it_was)
{
	char path[] = "/tmp/ct-probe.XXXXXX";
	struct stat was, is;
	ct_probe *probe;

	ck_assert_ptr_nonnull(mkdtemp(path));
	ck_assert_int_eq(stat(path, &was), 0);
	probe = probe_path(path);
	ck_assert_int_eq(fact_of(probe, CT_FACT_PATH_WRITE).state, CT_PROBE_WORKS);
	ck_assert_int_eq(fact_of(probe, CT_FACT_PATH_FILESYSTEM).state, CT_PROBE_WORKS);
	ck_assert_int_eq(stat(path, &is), 0);
	ck_assert_int_eq(was.st_mtim.tv_sec, is.st_mtim.tv_sec);
	ck_assert_int_eq(was.st_mtim.tv_nsec, is.st_mtim.tv_nsec);
	ck_assert_int_eq(rmdir(path), 0);
	ct_probe_free(probe);
}
END_TEST

START_TEST(procfs_is_no_place_for_a_layer)
{
	ct_probe *probe = probe_path("/proc");
	ct_probe_info info = fact_of(probe, CT_FACT_PATH_UPPER);

	ck_assert_str_eq(fact_of(probe, CT_FACT_PATH_FILESYSTEM).value, "proc");
	ck_assert_int_eq(info.state, CT_PROBE_LACKS);
	ck_assert_ptr_nonnull(strstr(info.reason, "proc"));
	ck_assert_ptr_nonnull(strstr(info.cure, "tmpfs"));
	ck_assert_int_eq(fact_of(probe, CT_FACT_PATH_USER_XATTR).state, CT_PROBE_LACKS);
	ct_probe_free(probe);
}
END_TEST

/* -------------------------------------------------------------------- texts */

START_TEST(table_has_a_line_for_each_fact_and_reasons_below)
{
	ct_probe *probe = probe_machine();
	char *text = NULL, line[64];

	ck_assert_int_eq(ct_probe_to_text(probe, &text), 0);
	for (size_t i = 0; i < ct_probe_count(probe); i++) {
		ct_probe_info info = info_at(probe, i);
		static const char *const words[] = {"?", "yes", "no"};

		snprintf(line, sizeof(line), "\n  %-26s %s", info.name, words[info.state]);
		ck_assert_msg(strstr(text, line) != NULL, "\"%s\" is missing in:\n%s", line, text);
		if (info.reason[0])
			ck_assert_ptr_nonnull(strstr(text, info.reason));
	}
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	ck_assert_ptr_null(strstr(text, " \n"));
	ct_probe_text_free(text);
	ct_probe_free(probe);
}
END_TEST

START_TEST(json_has_an_object_for_each_fact)
{
	ct_probe *probe = probe_machine();
	char *text = NULL, part[384];
	size_t objects = 0;

	ck_assert_int_eq(ct_probe_to_json(probe, &text), 0);
	for (const char *at = text; (at = strstr(at, "\n{\"name\":\"")) != NULL; at++)
		objects++;
	ck_assert_uint_eq(objects, ct_probe_count(probe));
	snprintf(part, sizeof(part), "{\"name\":\"kernel\",\"fact\":1,\"group\":\"machine\",\"state\":"
				     "\"works\",\"number\":null,\"value\":\"%s\",\"reason\":null,\"cure\":null}",
		fact_of(probe, CT_FACT_KERNEL).value);
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is missing in:\n%s", part, text);
	ct_probe_text_free(text);
	ct_probe_free(probe);
}
END_TEST

/* ------------------------------------------------------------------- threads */

static void *probe_in_thread(void *data)
{
	*(ct_probe **)data = probe_machine();
	return NULL;
}

START_TEST(threads_that_probe_at_once_find_the_same)
{
	pthread_t threads[4];
	ct_probe *probes[4] = {NULL};
	char *texts[4] = {NULL};

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, probe_in_thread, &probes[i]), 0);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		ck_assert_int_eq(ct_probe_to_json(probes[i], &texts[i]), 0);
		ck_assert_str_eq(texts[i], texts[0]);
	}
	await_lone_thread();
	for (int i = 0; i < 4; i++) {
		ct_probe_text_free(texts[i]);
		ct_probe_free(probes[i]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("probe");
	TCase *tcase = tcase_create("probe");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, SENTENCE_LIMIT_S);
	tcase_add_test(tcase, missing_pointers_are_refused);
	tcase_add_test(tcase, facts_that_are_not_there_are_refused);
	tcase_add_test(tcase, what_is_no_directory_is_refused);
	tcase_add_test(tcase, caller_with_a_shorter_info_gets_no_more_than_that);
	tcase_add_test(tcase, probe_without_descriptors_fails_and_says_so);
	tcase_add_test(tcase, kernel_and_architecture_are_those_of_uname);
	tcase_add_test(tcase, every_fact_of_the_header_is_told_in_order);
	tcase_add_test(tcase, what_does_not_work_has_a_reason_and_what_works_has_none);
	tcase_add_test(tcase, fact_agrees_with_an_attempt);
	tcase_add_test(tcase, directory_is_looked_at_and_left_as_it_was);
	tcase_add_test(tcase, procfs_is_no_place_for_a_layer);
	tcase_add_test(tcase, table_has_a_line_for_each_fact_and_reasons_below);
	tcase_add_test(tcase, json_has_an_object_for_each_fact);
	tcase_add_test(tcase, threads_that_probe_at_once_find_the_same);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
