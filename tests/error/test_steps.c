/* SPDX-License-Identifier: MIT */
/*
 * Every step can fail, and is then named: each row of the table in failures_*.c is
 * provoked, and what the caller is told is compared. Afterwards nothing is left, and
 * the same thing done rightly works in the same process. A step of error.h without a
 * row fails the last test.
 */
#include "failures.h"
#include "support/needs.h"

#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct failure *const tables[] = {
	rootfs_failures, spawn_failures, join_failures, inside_failures, ns_failures, cgroup_failures,
	probe_failures, rights_failures, terminal_failures};

/* ---------------------------------------------------------------- spoiling */

/* The stage has what the bounding set leaves it: the exec of root gives the rest back. */
void lose_cap(int cap)
{
	ck_assert_int_eq(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0), 0);
	drop_host_cap(cap);
}

void have_mounts_of_my_own(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	/* The test's are shared: what is mounted here would come back to it. */
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

/* The soft limits; the test puts them back. */
void set_soft_limit(__rlimit_resource_t resource, rlim_t soft)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(resource, &limit), 0);
	limit.rlim_cur = soft;
	ck_assert_int_eq(setrlimit(resource, &limit), 0);
}

/* -------------------------------------------------------------- containers */

ct_spec *pausing(void)
{
	ct_spec *spec = SPEC("/bin/probe", "pause");

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	return spec;
}

ct_container *start_pausing_as(uid_t uid)
{
	ct_container *container = NULL;
	ct_spec *spec = pausing();

	set(ct_spec_set_user(spec, uid, uid));
	set(ct_spawn(spec, &container, NULL));
	ct_spec_free(spec);
	return container;
}

ct_container *start_pausing(void)
{
	return start_pausing_as(0);
}

void end_now(ct_container *container)
{
	set(ct_kill(container, SIGKILL, NULL));
	wait_for(container);
}

/* ------------------------------------------------------------------ the harness */

static int spawn_and_wait(ct_spec *spec, ct_error *err)
{
	ct_container *container = NULL;
	int code = ct_spawn(spec, &container, err);

	ck_assert_int_eq(code == 0, container != NULL);
	if (code == 0)
		ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	return code;
}

static void spoil(const struct failure *failure)
{
	if (failure->spoil)
		failure->spoil();
	if (failure->number && failure->error)
		fail_call(failure->number, failure->error);
	else if (failure->number)
		kill_at_call(failure->number);
}

static int once(const struct failure *failure, bool wrong, ct_error *err)
{
	ct_spec *spec;
	int code;

	if (failure->act) {
		if (wrong)
			spoil(failure);
		return failure->act(wrong, err);
	}
	spec = failure->ask(wrong);
	if (failure->again)
		ck_assert_int_eq(spawn_and_wait(spec, NULL), 0);
	if (wrong)
		spoil(failure);
	code = spawn_and_wait(spec, err);
	ct_spec_free(spec);
	return code;
}

struct attempt {
	const struct failure *failure;
	ct_error *err;
	int code;
};

static void *attempt_wrongly(void *data)
{
	struct attempt *attempt = data;

	attempt->code = once(attempt->failure, true, attempt->err);
	return NULL;
}

static const __rlimit_resource_t limited[] = {
	RLIMIT_NOFILE, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_CORE};
#define LIMITED (sizeof(limited) / sizeof(limited[0]))

/* In a thread; the soft limits that it has lowered are put back. */
static int fail_once(const struct failure *failure, ct_error *err)
{
	struct attempt attempt = {.failure = failure, .err = err};
	struct rlimit before[LIMITED];
	pthread_t thread;

	for (size_t i = 0; i < LIMITED; i++)
		getrlimit(limited[i], &before[i]);
	set_soft_limit(RLIMIT_CORE, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, attempt_wrongly, &attempt), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	for (size_t i = 0; i < LIMITED; i++)
		setrlimit(limited[i], &before[i]);
	await_lone_thread();
	return attempt.code;
}

static int files;

static int count_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)path;
	(void)stat;
	(void)type;
	(void)walk;
	files++;
	return 0;
}

/* What lies in the directory of the test, the root included. */
static int count_files(void)
{
	files = 0;
	ck_assert_int_eq(nftw(box.dir, count_one, 64, FTW_PHYS), 0);
	return files;
}

static void expect_words(const struct failure *failure, const ct_error *err)
{
	expect_error(
		failure->code, err, failure->code, failure->step, failure->object, failure->words);
	ck_assert_msg(strcmp(err->call, failure->call) == 0, "the call is \"%s\", not \"%s\": %s",
		err->call, failure->call, err->sentence);
	ck_assert_msg(
		strstr(err->sentence, err->object) != NULL, "%s: %s", err->object, err->sentence);
	ck_assert_msg((err->cure[0] != '\0') == (failure->cure != NULL), "the cure is \"%s\": %s",
		err->cure, err->sentence);
	if (failure->cure)
		ck_assert_msg(strstr(err->cure, failure->cure) != NULL, "the cure is \"%s\": %s",
			err->cure, err->sentence);
}

static void expect_nothing_left(
	const struct failure *failure, const struct snapshot *before, int count)
{
	struct snapshot *after = snapshot_take();
	const char *difference = snapshot_difference(before, after, SNAPSHOT_ENDED);

	ck_assert_msg(difference == NULL, "the failed step \"%s\" left or changed:\n%s",
		ct_step_name(failure->step), difference);
	ck_assert_int_eq(count_files(), count);
	snapshot_free(after);
}

/* Some requests are wrong by what lies in the root: it is put there before anything is counted. */
static void prepare(const struct failure *failure)
{
	if (failure->ask)
		ct_spec_free(failure->ask(true));
}

static const struct failure *rows[200];
static int row_count;

/* Why the row cannot be provoked here; NULL if it can. */
static const char *left_out(const struct failure *row)
{
	if (row->left_out)
		return row->left_out;
	if (row->machine && !in_first_user_ns())
		return row->machine;
	if (row->makes_cgroup && !can_make_cgroup())
		return "no cgroup can be made here";
	return NULL;
}

static void collect_rows(void)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct failure *row = tables[i]; row->ask || row->act; row++) {
			const char *why = left_out(row);

			if (why) {
				printf("  skipped  failure of the step \"%s\", on %s: %s\n",
					ct_step_name(row->step), row->object, why);
				continue;
			}
			if (row_count == sizeof(rows) / sizeof(rows[0]))
				abort();
			rows[row_count++] = row;
		}
}

START_TEST(failure_names_its_step_leaves_nothing_and_passes)
{
	const struct failure *failure = rows[_i];
	const ct_error untouched = CT_ERROR_INIT;
	ct_error err = CT_ERROR_INIT;
	struct snapshot *before;
	int count, code;

	prepare(failure);
	before = snapshot_take();
	count = count_files();
	code = fail_once(failure, &err);
	ck_assert_msg(code == failure->code, "at \"%s\": %d, not %d: %s",
		ct_step_name(failure->step), code, failure->code, err.sentence);
	if (code == 0)
		ck_assert_mem_eq(&err, &untouched, sizeof(err));
	else
		expect_words(failure, &err);
	expect_nothing_left(failure, before, count);

	/* Nobody listens. */
	ck_assert_int_eq(fail_once(failure, NULL), failure->code);
	expect_nothing_left(failure, before, count);
	snapshot_free(before);

	code = once(failure, false, &err);
	ck_assert_msg(code == 0, "done rightly, it fails: %s", err.sentence);
}
END_TEST

static bool has_row(int step)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct failure *row = tables[i]; row->ask || row->act; row++)
			if (row->step == step)
				return true;
	return false;
}

/* By the header itself: a step that is added there and nowhere else is seen. */
START_TEST(every_step_of_the_header_has_a_row)
{
	char path[PATH_MAX], name[64], *line = NULL;
	const char *sources = getenv("CT_SOURCES");
	size_t room = 0;
	int step, last = 0, steps = 0;
	FILE *header;

	ck_assert_msg(sources != NULL, "CT_SOURCES names the directory of the sources");
	snprintf(path, sizeof(path), "%s/include/container/error.h", sources);
	header = fopen(path, "re");
	ck_assert_msg(header != NULL, "%s: %s", path, strerror(errno));
	while (getline(&line, &room, header) > 0) {
		if (sscanf(line, " CT_STEP_%60[A-Z_] = %d", name, &step) != 2)
			continue;
		steps++;
		last = step > last ? step : last;
		ck_assert_msg(has_row(step), "no row provokes a failure of CT_STEP_%s", name);
		ck_assert_msg(strcmp(ct_step_name(step), "unknown step") != 0, "CT_STEP_%s", name);
	}
	free(line);
	fclose(header);
	ck_assert_int_gt(steps, CT_STEP_KEEPER);
	ck_assert_str_eq(ct_step_name(last + 1), "unknown step");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("steps", &tc);

	need_root();
	collect_rows();
	tcase_add_loop_test(tc, failure_names_its_step_leaves_nothing_and_passes, 0, row_count);
	tcase_add_test(tc, every_step_of_the_header_has_a_row);
	return suite_run(suite);
}
