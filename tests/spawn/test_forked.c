/* SPDX-License-Identifier: MIT */
/*
 * A host that forks. A copy of it has every descriptor of the host, those of a
 * start included that another thread is in the middle of, and lives as long as it
 * likes. No answer of the library may wait for it, or be another one because of it.
 */
#include "support/box.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ----------------------------------------------------------------- containers */

static ct_spec *silent(const char *const *argv)
{
	ct_spec *spec = spec_of(argv);

	/* A copy of the host holds the ends of pipes as well; that is between it and the host. */
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	return spec;
}
#define SILENT(...) silent((const char *const[]){__VA_ARGS__, NULL})

static ct_spec *sound(void)
{
	return SILENT("/bin/probe", "exit", "7");
}

static ct_spec *without_program(void)
{
	return SILENT("/bin/missing");
}

static ct_spec *without_cwd(void)
{
	ct_spec *spec = sound();

	set(ct_spec_set_cwd(spec, "/missing"));
	return spec;
}

static void let_stages_die(void)
{
	kill_at_call(SYS_keyctl);
}

/* A call that no host makes for a start. */
static void let_keepers_die(void)
{
	kill_at_call(SYS_epoll_ctl);
}

/* What is started, and what the caller must be told. */
static const struct start {
	ct_spec *(*ask)(void);
	void (*prepare)(void); /* in the thread that starts; NULL: nothing */
	int code, step;
	bool in_create; /* it fails in ct_create() already */
	const char *words;
} starts[] = {
	{sound, NULL, 0, 0, false, NULL},
	{without_program, NULL, -ENOENT, CT_STEP_PROGRAM, false, "no such program"},
	{without_cwd, NULL, -ENOENT, CT_STEP_CWD, true, "/missing"},
	{sound, let_stages_die, -EIO, CT_STEP_STAGE, true, "it was killed"},
	{sound, let_keepers_die, -EIO, CT_STEP_KEEPER, true, "it ended"},
};
#define START_COUNT (int)(sizeof(starts) / sizeof(starts[0]))

/* Starts it, by ct_create() and ct_start() or by ct_spawn(); between() runs between these two. */
static void start_once(const struct start *start, bool in_two_steps, void (*between)(void))
{
	ct_error err = CT_ERROR_INIT;
	ct_container *container = NULL;
	ct_spec *spec = start->ask();
	int code = in_two_steps ? ct_create(spec, &container, &err)
				: ct_spawn(spec, &container, &err);

	if (in_two_steps && !start->in_create) {
		ck_assert_msg(code == 0, "create: %s", err.sentence);
		between();
		code = ct_start(container, &err);
	}
	if (start->code)
		expect_error(code, &err, start->code, start->step, NULL, start->words);
	else
		ck_assert_msg(code == 0 && wait_for(container).code == 7, "%s", err.sentence);
	ct_container_free(container);
	ct_spec_free(spec);
}

/* ---------------------------------------------------------------------- copies */

#define COPIES 24

static pid_t copy_host(void)
{
	pid_t copy = fork();

	ck_assert_int_ge(copy, 0);
	if (copy == 0)
		for (;;)
			pause();
	return copy;
}

static atomic_uint round_at_hand; /* the start that the other thread is in */
static atomic_bool is_over;

/*
 * Forks the host again and again. A copy lives until the start in which it was made
 * is over: if that start waits for the copy, neither ever ends.
 */
static void *fork_again_and_again(void *data)
{
	pid_t copies[COPIES];
	unsigned int round = 0;
	int count = 0;

	while (!is_over) {
		if (round != round_at_hand) {
			round = round_at_hand;
			while (count)
				end_child(copies[--count]);
		}
		if (count < COPIES)
			copies[count++] = copy_host();
		else
			sched_yield();
	}
	while (count)
		end_child(copies[--count]);
	return data;
}

/* ----------------------------------------------------------------------- tests */

struct series {
	const struct start *start;
	bool in_two_steps;
	int rounds;
	int progress[2]; /* a byte for each round */
};

static void nothing(void)
{
}

static void *start_again_and_again(void *data)
{
	struct series *series = data;

	if (series->start->prepare)
		series->start->prepare();
	for (int i = 0; i < series->rounds; i++) {
		start_once(series->start, series->in_two_steps, nothing);
		round_at_hand++;
		if (write(series->progress[1], "x", 1) != 1)
			break;
	}
	return NULL;
}

static void no_core_files(void)
{
	struct rlimit none = {0, 0};

	ck_assert_int_eq(setrlimit(RLIMIT_CORE, &none), 0);
	box_accept_changes();
}

START_TEST(start_does_not_wait_for_copies_that_another_thread_forks_meanwhile)
{
	struct series series = {
		.start = &starts[_i / 2],
		.in_two_steps = _i % 2,
		.rounds = getenv("CT_TEST_SCALE") ? 4 : 40,
	};
	pthread_t starter, forker;
	char byte;

	no_core_files();
	ck_assert_int_eq(pipe2(series.progress, O_CLOEXEC), 0);
	ck_assert_int_eq(pthread_create(&forker, NULL, fork_again_and_again, NULL), 0);
	ck_assert_int_eq(pthread_create(&starter, NULL, start_again_and_again, &series), 0);
	for (int i = 0; i < series.rounds; i++) {
		ck_assert_msg(readable(series.progress[0], PATIENCE_MS),
			"start %d waits for a forked copy of its host", i);
		ck_assert_int_eq(read(series.progress[0], &byte, 1), 1);
	}
	ck_assert_int_eq(pthread_join(starter, NULL), 0);
	is_over = true;
	ck_assert_int_eq(pthread_join(forker, NULL), 0);
	close(series.progress[0]);
	close(series.progress[1]);
}
END_TEST

static pid_t copy;

static void make_copy(void)
{
	copy = copy_host();
}

/* The copy holds each descriptor that the container has between the two calls, for certain. */
START_TEST(copy_made_between_create_and_start_changes_no_answer)
{
	start_once(&starts[_i], true, make_copy);
	ck_assert_int_eq(kill(copy, 0), 0);
	end_child(copy);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("forked", &tc);

	need_root();
	tcase_add_loop_test(tc, start_does_not_wait_for_copies_that_another_thread_forks_meanwhile,
		0, 2 * START_COUNT);
	tcase_add_loop_test(tc, copy_made_between_create_and_start_changes_no_answer, 0, 2);
	return suite_run(suite);
}
