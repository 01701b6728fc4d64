/* SPDX-License-Identifier: MIT */
/*
 * What it costs to hand a payload to a sandbox that was made ahead, beside posix_spawn and a start
 * without a pool, and that it does not depend on the size of the host.
 *
 * The sandboxes are those of the default spec. The measured stretch begins before the call; what was
 * taken is made anew behind it.
 */
#include <container/container.h>
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hosts.h"

#define SANDBOXES 4

extern char **environ;

/* What a host has ready; stdout of each payload is the pipe. */
struct place {
	char payload[512];
	int pipe[2];
	ct_spec *spec;
	ct_pool *pool;
	posix_spawn_file_actions_t streams;
};

static bool spawn_plain(struct place *place, struct bench_sample *sample)
{
	char *const argv[] = {place->payload, NULL};
	int64_t start = bench_now();
	pid_t child;
	int ret = posix_spawn(&child, argv[0], &place->streams, NULL, argv, environ);

	if (ret != 0)
		return hosts_failed(sample, strerror(ret));
	return hosts_await_child(place->pipe[0], child, start, sample);
}

static bool spawn_isolated(struct place *place, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	ct_container *box = NULL;
	int64_t start = bench_now();

	if (ct_spawn(place->spec, &box, &failure) < 0)
		return hosts_failed(sample, failure.sentence);
	return hosts_await_container(place->pipe[0], box, start, sample);
}

static bool take(struct place *place, struct bench_sample *sample)
{
	const char *const argv[] = {"/payload", NULL};
	ct_payload payload = CT_PAYLOAD_INIT;
	ct_error failure = CT_ERROR_INIT;
	ct_container *box = NULL;
	int64_t start = bench_now();
	bool done;

	payload.argv = argv;
	payload.envp = (const char *const *)environ;
	payload.stdio[1] = place->pipe[1];
	if (ct_pool_take(place->pool, &payload, &box, &failure) < 0)
		return hosts_failed(sample, failure.sentence);
	done = hosts_await_container(place->pipe[0], box, start, sample);
	if (ct_pool_refill(place->pool, 0, &failure) < 0)
		return hosts_failed(sample, failure.sentence);
	return done;
}

static const char *const names[] = {"posix_spawn", "ct_spawn", "ct_pool_take"};

static bool (*const starts[])(struct place *place, struct bench_sample *sample) = {
	spawn_plain, spawn_isolated, take};

#define TAKE 2 /* in names */
#define WAYS (int)(sizeof(names) / sizeof(names[0]))

static void *prepare(void *shared)
{
	static struct place place;
	const char *const argv[] = {"/payload", NULL};
	ct_error failure = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;

	(void)shared;
	snprintf(place.payload, sizeof(place.payload), "%s/payload", bench_root());
	if (pipe2(place.pipe, O_CLOEXEC) < 0)
		err(1, "pipe");
	if (posix_spawn_file_actions_init(&place.streams) != 0 ||
		posix_spawn_file_actions_adddup2(&place.streams, place.pipe[1], 1) != 0 ||
		ct_spec_new(&place.spec) < 0)
		errx(1, "no memory");
	if (ct_rootfs_open(bench_root(), &rootfs, &failure) < 0)
		errx(1, "%s", failure.sentence);
	ct_spec_set_rootfs(place.spec, rootfs);
	ct_rootfs_free(rootfs);
	ct_spec_set_argv(place.spec, argv);
	ct_spec_set_stdio(place.spec, 1, CT_STDIO_FD, place.pipe[1]);
	if (ct_pool_new(place.spec, SANDBOXES, &place.pool, &failure) < 0)
		errx(1, "%s", failure.sentence);
	return &place;
}

static bool run(void *prepared, int way, struct bench_sample *sample)
{
	return starts[way](prepared, sample);
}

static void finish(void *prepared)
{
	const struct place *place = prepared;

	ct_pool_free(place->pool);
	ct_spec_free(place->spec);
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "pool",
		.about = "from before the call that starts a tiny program, in hosts of several sizes",
		.measures = {"to its first instruction", "to the return of the call", "to its end"},
		.floor_title = "x posix_spawn",
		.base_title = "x empty host",
	};
	const struct hosts_work work = {
		.ways = names,
		.way_count = WAYS,
		.everywhere = WAYS,
		.promised = TAKE,
		.prepare = prepare,
		.run = run,
		.finish = finish,
	};

	bench_init(&bench, argc, argv);
	bench_root();
	return hosts_run(&bench, &work);
}
