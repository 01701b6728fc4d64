/* SPDX-License-Identifier: MIT */
/*
 * Many threads at once: one spec, many containers, and a host that is busy with
 * other things. Threads note what goes wrong; the verdict is the main thread's.
 */
#include "support/box.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8

/* --------------------------------------------------------------- the verdict */

static struct {
	pthread_mutex_t lock;
	int count;
	char first[512];
} troubles = {.lock = PTHREAD_MUTEX_INITIALIZER};

static __attribute__((format(printf, 1, 2))) void trouble(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pthread_mutex_lock(&troubles.lock);
	if (troubles.count++ == 0)
		vsnprintf(troubles.first, sizeof(troubles.first), format, args);
	pthread_mutex_unlock(&troubles.lock);
	va_end(args);
}

static void expect_no_trouble(void)
{
	ck_assert_msg(troubles.count == 0, "%d times, first: %s", troubles.count, troubles.first);
}

/* --------------------------------------------------------------- the threads */

struct crew {
	pthread_t threads[2 * THREADS];
	int count;
};

static void add(struct crew *crew, int count, void *(*work)(void *), void *data)
{
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(
			pthread_create(&crew->threads[crew->count++], NULL, work, data), 0);
}

static void join(struct crew *crew)
{
	for (int i = 0; i < crew->count; i++)
		ck_assert_int_eq(pthread_join(crew->threads[i], NULL), 0);
	crew->count = 0;
}

/* What else a host does meanwhile, until it is told to be quiet. */
static atomic_bool quiet;

static void *allocate(void *data)
{
	unsigned int seed = 1;
	void *blocks[64] = {0};

	while (!quiet) {
		unsigned int number = (unsigned int)rand_r(&seed);
		size_t size = 1 + (number >> 8) % 20000;

		free(blocks[number % 64]);
		blocks[number % 64] = malloc(size);
		if (blocks[number % 64])
			memset(blocks[number % 64], 1, size);
	}
	for (int i = 0; i < 64; i++)
		free(blocks[i]);
	return data;
}

/* None of them is close-on-exec: a container that is given one too many shows it. */
static void *open_and_close(void *data)
{
	while (!quiet) {
		int fds[5] = {-1, -1, -1, -1, open("/", O_RDONLY)};

		if (pipe(fds) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds + 2) < 0 || fds[4] < 0)
			trouble("no descriptors: %s", strerror(errno));
		for (int i = 0; i < 5; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	}
	return data;
}

static void *fork_often(void *data)
{
	while (!quiet) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		if (child < 0 || waitpid(child, NULL, 0) != child)
			trouble("no child: %s", strerror(errno));
	}
	return data;
}

static void make_noise(struct crew *noise)
{
	add(noise, 1, allocate, NULL);
	add(noise, 1, open_and_close, NULL);
	add(noise, 1, fork_often, NULL);
}

static void end_noise(struct crew *noise)
{
	quiet = true;
	join(noise);
}

/* ------------------------------------------------------- what threads work on */

/* One for a whole crew; each takes the next number until there are no more. */
struct work {
	ct_spec *spec;
	const char *before; /* what a container says before it repeats its stdin */
	int total;
	atomic_int next, good;
};

static struct work work_on(ct_spec *spec, const char *before, int total)
{
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	return (struct work){.spec = spec, .before = before, .total = total};
}

static void expect_all_good(struct work *work)
{
	expect_no_trouble();
	ck_assert_int_eq(work->good, work->total);
	/* Nobody but the keeper is left, and that goes with the spec. */
	ck_assert_int_eq(count_children(), 1);
	ct_spec_free(work->spec);
	ck_assert_int_eq(count_children(), 0);
}

static ct_container *spawned(ct_spec *spec)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	if (ct_spawn(spec, &container, &err) < 0)
		trouble("spawn: %s", err.sentence);
	return container;
}

/* Everything until the end. A stranger that holds the writing end makes this time out. */
static void read_all(int fd, char *text, size_t room)
{
	size_t used = 0;
	ssize_t count = 1;

	while (count > 0 && used < room - 1) {
		if (!readable(fd, PATIENCE_MS)) {
			trouble("the output does not end");
			break;
		}
		count = read(fd, text + used, room - 1 - used);
		used += count > 0 ? (size_t)count : 0;
	}
	text[used] = '\0';
}

/* Gives a running container its token, and takes it back with what else was said. */
static void converse(struct work *work, ct_container *container, int number)
{
	int in = ct_container_take_stdio(container, 0);
	int out = ct_container_take_stdio(container, 1);
	char token[32], want[128], got[256];
	ct_exit how = CT_EXIT_INIT;

	snprintf(token, sizeof(token), "token %d", number);
	snprintf(want, sizeof(want), "%s%s", work->before, token);
	if (write(in, token, strlen(token)) != (ssize_t)strlen(token))
		trouble("write: %s", strerror(errno));
	close(in);
	read_all(out, got, sizeof(got));
	close(out);
	if (ct_wait(container, PATIENCE_MS, &how, NULL) < 0 || how.code != 0)
		trouble("container %d: code %d signal %d", number, how.code, how.signal);
	else if (strcmp(got, want) != 0)
		trouble("container %d said \"%s\" instead of \"%s\"", number, got, want);
	else
		work->good++;
}

static void *spawn_and_converse(void *data)
{
	struct work *work = data;

	for (int number = work->next++; number < work->total; number = work->next++) {
		ct_container *container = spawned(work->spec);

		if (container)
			converse(work, container, number);
		ct_container_free(container);
	}
	return NULL;
}

/* ------------------------------------------------------------ one shared spec */

START_TEST(threads_share_a_spec_while_the_host_allocates_opens_and_forks)
{
	struct work work = work_on(SPEC("/bin/probe", "list-and-copy"), "0 1 2 \n", scaled(2000));
	uint64_t before = digest_of(box.dir);
	struct crew crew = {0}, noise = {0};

	make_noise(&noise);
	add(&crew, THREADS, spawn_and_converse, &work);
	join(&crew);
	end_noise(&noise);
	expect_all_good(&work);
	ck_assert_msg(digest_of(box.dir) == before, "something was made or changed in %s", box.dir);
}
END_TEST

START_TEST(containers_of_threads_have_each_its_own_ephemeral_root)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "cat > /tmp/mine; ls /tmp; cat /tmp/mine");
	struct work work = work_on(spec, "mine\n", scaled(400));
	uint64_t before = digest_of(box.dir);
	struct crew crew = {0};

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	add(&crew, THREADS, spawn_and_converse, &work);
	join(&crew);
	expect_all_good(&work);
	ck_assert_msg(digest_of(box.dir) == before, "something was made or changed in %s", box.dir);
}
END_TEST

/*
 * Counts what the library makes of a spec: its calls are bound to this one. The
 * number of the plans is not to be seen in any other way, for one too many would go again.
 */
static atomic_int plans_made;

int memfd_create(const char *name, unsigned int flags)
{
	int fd = (int)syscall(SYS_memfd_create, name, flags);

	/* Before Linux 6.3 the first attempt fails, for it asks for what is new then. */
	plans_made += fd >= 0 && strcmp(name, "ct-plan") == 0;
	return fd;
}

struct race {
	pthread_barrier_t start;
	struct work work;
};

static void *wait_for_the_start(void *data)
{
	struct race *race = data;

	pthread_barrier_wait(&race->start);
	return spawn_and_converse(&race->work);
}

START_TEST(first_spawn_of_a_spec_compiles_one_plan_whoever_else_is_first)
{
	int rounds = scaled(50);

	for (int round = 0; round < rounds; round++) {
		struct race race = {
			.work = work_on(SPEC("/bin/probe", "list-and-copy"), "0 1 2 \n", THREADS)};
		struct crew crew = {0};

		plans_made = 0;
		ck_assert_int_eq(pthread_barrier_init(&race.start, NULL, THREADS), 0);
		add(&crew, THREADS, wait_for_the_start, &race);
		join(&crew);
		pthread_barrier_destroy(&race.start);
		/* One, and one for later starts where those begin in a home. */
		ck_assert_int_ge(plans_made, 1);
		ck_assert_int_le(plans_made, 2);
		expect_all_good(&race.work);
	}
}
END_TEST

/* --------------------------------------------- one container, several threads */

/* A container passed from one thread to another, one at a time. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	ct_container *container;
	bool full;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void put(ct_container *container)
{
	pthread_mutex_lock(&table.lock);
	while (table.full)
		pthread_cond_wait(&table.changed, &table.lock);
	table.container = container;
	table.full = true;
	pthread_cond_broadcast(&table.changed);
	pthread_mutex_unlock(&table.lock);
}

static ct_container *take(void)
{
	ct_container *container;

	pthread_mutex_lock(&table.lock);
	while (!table.full)
		pthread_cond_wait(&table.changed, &table.lock);
	container = table.container;
	table.full = false;
	pthread_cond_broadcast(&table.changed);
	pthread_mutex_unlock(&table.lock);
	return container;
}

static void *create_and_pass_on(void *data)
{
	struct work *work = data;

	while (work->next++ < work->total) {
		ct_container *container = NULL;
		ct_error err = CT_ERROR_INIT;

		if (ct_create(work->spec, &container, &err) < 0)
			trouble("create: %s", err.sentence);
		put(container);
	}
	return NULL;
}

static atomic_int taken;

static void *start_what_another_made(void *data)
{
	struct work *work = data;

	for (int number = taken++; number < work->total; number = taken++) {
		ct_container *container = take();
		ct_error err = CT_ERROR_INIT;

		if (container && ct_start(container, &err) < 0)
			trouble("start: %s", err.sentence);
		else if (container)
			converse(work, container, number);
		ct_container_free(container);
	}
	return NULL;
}

START_TEST(container_made_by_one_thread_is_started_by_another)
{
	struct work work = work_on(SPEC("/bin/probe", "list-and-copy"), "0 1 2 \n", scaled(400));
	struct crew crew = {0};

	add(&crew, THREADS / 2, create_and_pass_on, &work);
	add(&crew, THREADS / 2, start_what_another_made, &work);
	join(&crew);
	expect_all_good(&work);
}
END_TEST

/* One container for which all wait, in turns without and with a limit. */
struct vigil {
	pthread_barrier_t start;
	ct_container *container;
	atomic_int next;
	ct_exit how[THREADS];
};

static void *keep_vigil(void *data)
{
	struct vigil *vigil = data;
	int number = vigil->next++, ret;

	vigil->how[number] = (ct_exit)CT_EXIT_INIT;
	pthread_barrier_wait(&vigil->start);
	do
		ret = ct_wait(vigil->container, number % 2 ? CT_FOREVER : number,
			&vigil->how[number], NULL);
	while (number % 2 == 0 && ret == -ETIMEDOUT);
	if (ret < 0)
		trouble("wait: %s", strerror(-ret));
	return NULL;
}

START_TEST(all_who_wait_for_one_container_learn_the_same)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "cat; exit 7");
	int rounds = scaled(100);

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	for (int round = 0; round < rounds; round++) {
		struct vigil vigil = {.container = spawned(spec)};
		struct crew crew = {0};

		expect_no_trouble();
		ck_assert_int_eq(pthread_barrier_init(&vigil.start, NULL, THREADS + 1), 0);
		add(&crew, THREADS, keep_vigil, &vigil);
		pthread_barrier_wait(&vigil.start);
		close(ct_container_take_stdio(vigil.container, 0));
		join(&crew);
		pthread_barrier_destroy(&vigil.start);
		expect_no_trouble();
		ck_assert_int_eq(vigil.how[0].code, 7);
		for (int i = 1; i < THREADS; i++)
			ck_assert_mem_eq(&vigil.how[i], &vigil.how[0], sizeof(ct_exit));
		ct_container_free(vigil.container);
	}
	ct_spec_free(spec);
}
END_TEST

static void *start_and_feed(void *data)
{
	struct vigil *vigil = data;
	ct_error err = CT_ERROR_INIT;

	pthread_barrier_wait(&vigil->start);
	if (ct_start(vigil->container, &err) < 0)
		trouble("start: %s", err.sentence);
	close(ct_container_take_stdio(vigil->container, 0));
	return NULL;
}

START_TEST(container_may_be_waited_for_before_another_thread_starts_it)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "cat; exit 7");
	int rounds = scaled(100);

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	for (int round = 0; round < rounds; round++) {
		struct vigil vigil = {0};
		struct crew crew = {0};

		ck_assert_int_eq(ct_create(spec, &vigil.container, NULL), 0);
		ck_assert_int_eq(pthread_barrier_init(&vigil.start, NULL, THREADS + 1), 0);
		add(&crew, THREADS, keep_vigil, &vigil);
		add(&crew, 1, start_and_feed, &vigil);
		join(&crew);
		pthread_barrier_destroy(&vigil.start);
		expect_no_trouble();
		for (int i = 0; i < THREADS; i++)
			ck_assert_int_eq(vigil.how[i].code, 7);
		ct_container_free(vigil.container);
	}
	ct_spec_free(spec);
}
END_TEST

static void *start_in_vain(void *data)
{
	struct vigil *vigil = data;
	ct_error err = CT_ERROR_INIT;
	int ret;

	pthread_barrier_wait(&vigil->start);
	ret = ct_start(vigil->container, &err);
	if (ret < 0 && (err.code != ret || !err.sentence[0]))
		trouble("start gave %d and the error says %d: %s", ret, err.code, err.sentence);
	return NULL;
}

START_TEST(container_killed_while_another_thread_starts_it_has_ended_by_that)
{
	ct_spec *spec = SPEC("/bin/probe", "pause");
	int rounds = scaled(100);

	for (int round = 0; round < rounds; round++) {
		struct vigil vigil = {0};
		struct crew crew = {0};

		ck_assert_int_eq(ct_create(spec, &vigil.container, NULL), 0);
		ck_assert_int_eq(pthread_barrier_init(&vigil.start, NULL, 2), 0);
		add(&crew, 1, start_in_vain, &vigil);
		pthread_barrier_wait(&vigil.start);
		ck_assert_int_eq(ct_kill(vigil.container, SIGKILL, NULL), 0);
		join(&crew);
		pthread_barrier_destroy(&vigil.start);
		expect_no_trouble();
		ck_assert_int_eq(wait_for(vigil.container).signal, SIGKILL);
		ct_container_free(vigil.container);
	}
	ct_spec_free(spec);
}
END_TEST

/* Two threads with one container: one waits without limit for what the other kills. */
struct pair {
	ct_spec *spec;
	int rounds;
	ct_container *container;
	pthread_barrier_t meeting;
};

static void *wait_for_the_killed(void *data)
{
	struct pair *pair = data;

	for (int round = 0; round < pair->rounds; round++) {
		ct_exit how = CT_EXIT_INIT;

		pthread_barrier_wait(&pair->meeting);
		if (ct_wait(pair->container, CT_FOREVER, &how, NULL) < 0 || how.signal != SIGKILL)
			trouble("the killed one ended with code %d signal %d", how.code,
				how.signal);
		pthread_barrier_wait(&pair->meeting);
	}
	return NULL;
}

static void *kill_while_another_waits(void *data)
{
	struct pair *pair = data;

	for (int round = 0; round < pair->rounds; round++) {
		ct_error err = CT_ERROR_INIT;

		pair->container = spawned(pair->spec);
		pthread_barrier_wait(&pair->meeting);
		if (ct_kill(pair->container, SIGKILL, &err) < 0)
			trouble("kill: %s", err.sentence);
		pthread_barrier_wait(&pair->meeting);
		ct_container_free(pair->container);
	}
	return NULL;
}

/* Containers of one's own, ended by free(), beside those for which others wait. */
static void *free_what_runs(void *data)
{
	struct pair *pair = data;

	for (int round = 0; round < pair->rounds; round++)
		ct_container_free(spawned(pair->spec));
	return NULL;
}

/* A kill that may come too late never hits anybody else, and never changes the answer. */
static void *kill_what_ends(void *data)
{
	struct pair *pair = data;

	for (int round = 0; round < pair->rounds; round++) {
		ct_container *container = spawned(pair->spec);
		ct_exit how = CT_EXIT_INIT;
		int ret = 0;

		close(ct_container_take_stdio(container, 0));
		while (ret == 0)
			ret = ct_kill(container, SIGKILL, NULL);
		if (ret != -ESRCH || ct_wait(container, 0, &how, NULL) < 0)
			trouble("the end is not known after %s", strerror(-ret));
		if (how.code != 0 && how.signal != SIGKILL)
			trouble("code %d signal %d", how.code, how.signal);
		ct_container_free(container);
	}
	return NULL;
}

START_TEST(kill_and_free_hit_nobody_for_whom_others_wait)
{
	ct_spec *spec = SPEC("/bin/probe", "cat");
	struct pair pairs[3];
	struct crew crew = {0};

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	for (int i = 0; i < 3; i++) {
		pairs[i] = (struct pair){.spec = spec, .rounds = scaled(100)};
		ck_assert_int_eq(pthread_barrier_init(&pairs[i].meeting, NULL, 2), 0);
		add(&crew, 1, wait_for_the_killed, &pairs[i]);
		add(&crew, 1, kill_while_another_waits, &pairs[i]);
	}
	add(&crew, 2, free_what_runs, &pairs[0]);
	add(&crew, 2, kill_what_ends, &pairs[0]);
	join(&crew);
	for (int i = 0; i < 3; i++)
		pthread_barrier_destroy(&pairs[i].meeting);
	expect_no_trouble();
	ck_assert_int_eq(count_children(), 1);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------------- failures */

static void *fail_to_spawn(void *data)
{
	struct work *work = data;

	while (work->next++ < work->total) {
		ct_container *container = NULL;
		ct_error err = CT_ERROR_INIT;

		if (ct_spawn(work->spec, &container, &err) != -ENOENT || container)
			trouble("a missing program gave: %s", err.sentence);
		else if (err.code != -ENOENT || !strstr(err.object, "/bin/missing"))
			trouble("the error is another's: %s", err.sentence);
		else
			work->good++;
		ct_container_free(container);
	}
	return NULL;
}

START_TEST(failures_of_some_threads_do_not_reach_the_others)
{
	struct work bad = work_on(SPEC("/bin/missing"), "", scaled(200));
	struct work good = work_on(SPEC("/bin/probe", "list-and-copy"), "0 1 2 \n", scaled(200));
	struct crew crew = {0};

	add(&crew, THREADS / 2, fail_to_spawn, &bad);
	add(&crew, THREADS / 2, spawn_and_converse, &good);
	join(&crew);
	expect_no_trouble();
	ck_assert_int_eq(bad.good, bad.total);
	ct_spec_free(bad.spec);
	expect_all_good(&good);
}
END_TEST

/*
 * A start needs some eight descriptors at once; here there are enough for two, and not for all
 * eight. Who is refused waits a moment, or all of them would only be in each other's way.
 */
static atomic_int refused;

static void *spawn_or_be_refused(void *data)
{
	struct work *work = data;

	while (work->next++ < work->total) {
		ct_container *container = NULL;
		ct_error err = CT_ERROR_INIT;

		if (ct_spawn(work->spec, &container, &err) == 0) {
			work->good++;
		} else if (err.code == -EMFILE) {
			refused++;
			usleep(1000);
		} else {
			trouble("not for want of descriptors: %s", err.sentence);
		}
		ct_container_free(container);
	}
	return NULL;
}

START_TEST(threads_that_run_out_of_descriptors_are_refused_and_lose_none)
{
	struct work work = work_on(SPEC("/bin/probe", "list-and-copy"), "0 1 2 \n", scaled(200));
	struct rlimit before, few;
	int descriptors, highest;
	struct crew crew = {0};

	for (int i = 0; i < 2; i++) /* with the plan for later starts */
		ct_container_free(spawned(work.spec));
	expect_no_trouble();
	descriptors = count_descriptors();
	highest = dup(0);
	close(highest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)highest + 20;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	add(&crew, THREADS, spawn_or_be_refused, &work);
	join(&crew);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	expect_no_trouble();
	ck_assert_int_gt(refused, 0);
	ck_assert_int_gt(work.good, 0);
	ck_assert_int_eq(count_descriptors(), descriptors);
	work.total = work.good + 1;
	work.next = work.good;
	spawn_and_converse(&work);
	expect_all_good(&work);
}
END_TEST

/* The one thread's side of it: wherever in a start they run out, the error says so. */
START_TEST(start_is_refused_for_want_of_descriptors_until_there_are_enough)
{
	ct_spec *spec = SPEC("/bin/probe", "exit", "0");
	struct rlimit before, few;
	int highest, enough = 0;

	ct_container_free(spawned(spec));
	highest = dup(0);
	close(highest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (int free_numbers = 0; free_numbers <= 16; free_numbers++) {
		ct_container *container = NULL;
		ct_error err = CT_ERROR_INIT;
		int code;

		few = before;
		few.rlim_cur = (rlim_t)(highest + free_numbers);
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
		code = ct_spawn(spec, &container, &err);
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
		ck_assert_msg(code == 0 || (code == -EMFILE && !enough), "with %d: %s", free_numbers,
			err.sentence);
		enough += code == 0;
		ct_container_free(container);
	}
	ck_assert_int_gt(enough, 0);
	ck_assert_int_lt(enough, 16);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("threads", &tc);

	need_root();
	tcase_add_test(tc, threads_share_a_spec_while_the_host_allocates_opens_and_forks);
	tcase_add_test(tc, containers_of_threads_have_each_its_own_ephemeral_root);
	tcase_add_test(tc, first_spawn_of_a_spec_compiles_one_plan_whoever_else_is_first);
	tcase_add_test(tc, container_made_by_one_thread_is_started_by_another);
	tcase_add_test(tc, all_who_wait_for_one_container_learn_the_same);
	tcase_add_test(tc, container_may_be_waited_for_before_another_thread_starts_it);
	tcase_add_test(tc, container_killed_while_another_thread_starts_it_has_ended_by_that);
	tcase_add_test(tc, kill_and_free_hit_nobody_for_whom_others_wait);
	tcase_add_test(tc, failures_of_some_threads_do_not_reach_the_others);
	tcase_add_test(tc, threads_that_run_out_of_descriptors_are_refused_and_lose_none);
	tcase_add_test(tc, start_is_refused_for_want_of_descriptors_until_there_are_enough);
	return suite_run(suite);
}
