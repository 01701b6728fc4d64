/* SPDX-License-Identifier: MIT */
/*
 * What a start costs, and that it does not depend on the size of the host: each way
 * of starting the payload in hosts that have touched more and more memory.
 *
 * The measured stretch begins before the call. Descriptors, specs and the pipe are there
 * before it, and a container is freed after it.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hosts.h"

/* What a host has ready; stdout of each payload is the pipe. */
struct place {
	char payload[512];
	int pipe[2];
	ct_spec *isolated, *host_net;
	posix_spawn_file_actions_t streams;
};

static bool spawn_container(struct place *place, ct_spec *spec, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	ct_container *box = NULL;
	int64_t start = bench_now();

	if (ct_spawn(spec, &box, &failure) < 0)
		return hosts_failed(sample, failure.sentence);
	return hosts_await_container(place->pipe[0], box, start, sample);
}

static bool spawn_isolated(struct place *place, struct bench_sample *sample)
{
	return spawn_container(place, place->isolated, sample);
}

static bool spawn_with_host_net(struct place *place, struct bench_sample *sample)
{
	return spawn_container(place, place->host_net, sample);
}

static bool spawn_plain(struct place *place, struct bench_sample *sample)
{
	char *const argv[] = {place->payload, NULL};
	char *const none[] = {NULL};
	int64_t start = bench_now();
	pid_t child;
	int ret = posix_spawn(&child, place->payload, &place->streams, NULL, argv, none);

	if (ret != 0)
		return hosts_failed(sample, strerror(ret));
	return hosts_await_child(place->pipe[0], child, start, sample);
}

static bool fork_and_exec(struct place *place, struct bench_sample *sample)
{
	char *const argv[] = {place->payload, NULL};
	char *const none[] = {NULL};
	int64_t start = bench_now();
	pid_t child = fork();

	if (child == 0) {
		dup2(place->pipe[1], 1);
		execve(place->payload, argv, none);
		_exit(127);
	}
	if (child < 0)
		return hosts_failed(sample, strerror(errno));
	return hosts_await_child(place->pipe[0], child, start, sample);
}

static const char *const names[] = {
	"posix_spawn", "fork and exec", "ct_spawn, network of the host", "ct_spawn"};

static bool (*const starts[])(struct place *place, struct bench_sample *sample) = {
	spawn_plain, fork_and_exec, spawn_with_host_net, spawn_isolated};

static ct_spec *make_spec(const struct place *place, const ct_rootfs *rootfs, uint32_t of_the_host)
{
	const char *const argv[] = {"/payload", NULL};
	ct_error failure = CT_ERROR_INIT;
	ct_spec *spec = NULL;

	if (ct_spec_new(&spec) < 0)
		errx(1, "no memory");
	ct_spec_set_rootfs(spec, rootfs);
	ct_spec_set_argv(spec, argv);
	ct_spec_set_stdio(spec, 1, CT_STDIO_FD, place->pipe[1]);
	if (of_the_host)
		ct_spec_set_ns_host(spec, of_the_host);
	if (ct_spec_check(spec, &failure) < 0)
		errx(1, "%s", failure.sentence);
	return spec;
}

static void *prepare(void *shared)
{
	static struct place place;
	ct_error failure = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;

	(void)shared;
	if (pipe2(place.pipe, O_CLOEXEC) < 0)
		err(1, "pipe");
	snprintf(place.payload, sizeof(place.payload), "%s/payload", bench_root());
	if (ct_rootfs_open(bench_root(), &rootfs, &failure) < 0)
		errx(1, "%s", failure.sentence);
	place.isolated = make_spec(&place, rootfs, 0);
	place.host_net = make_spec(&place, rootfs, CT_NS_NET);
	ct_rootfs_free(rootfs);
	if (posix_spawn_file_actions_init(&place.streams) != 0 ||
		posix_spawn_file_actions_adddup2(&place.streams, place.pipe[1], 1) != 0)
		errx(1, "no memory");
	return &place;
}

static bool run(void *prepared, int way, struct bench_sample *sample)
{
	return starts[way](prepared, sample);
}

static void finish(void *prepared)
{
	const struct place *place = prepared;

	ct_spec_free(place->isolated);
	ct_spec_free(place->host_net);
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "start",
		.about = "from before the call that starts a tiny program, in hosts of several sizes",
		.measures = {"to its first instruction", "to the return of the call", "to its end"},
		.floor_title = "x posix_spawn",
		.base_title = "x empty host",
	};
	const struct hosts_work work = {
		.ways = names,
		.way_count = sizeof(names) / sizeof(names[0]),
		.prepare = prepare,
		.run = run,
		.finish = finish,
	};

	bench_init(&bench, argc, argv);
	bench_root();
	return hosts_run(&bench, &work);
}
