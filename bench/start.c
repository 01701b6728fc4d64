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

#include "floor.h"
#include "hosts.h"
#include "peers.h"

extern char **environ;

/* What a host has ready; stdout of each payload is the pipe. */
struct place {
	char payload[512];
	int pipe[2];
	ct_spec *isolated, *host_net;
	struct floor floors[2]; /* of the default spec, and with the network of the host */
	char no_floor[600];	/* why there is none */
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

static bool start_floor(struct place *place, const struct floor *floor, struct bench_sample *sample)
{
	char payload[] = "/payload";
	char *const argv[] = {payload, NULL};
	int64_t start = bench_now();
	const char *failed;
	int pidfd;
	pid_t child;

	if (place->no_floor[0])
		return hosts_failed(sample, place->no_floor);
	failed = floor_start(floor, argv, &child, &pidfd);
	if (failed) {
		snprintf(sample->why, sizeof(sample->why), "%s: %s", failed, strerror(errno));
		return false;
	}
	close(pidfd);
	return hosts_await_child(place->pipe[0], child, start, sample);
}

static bool floor_isolated(struct place *place, struct bench_sample *sample)
{
	return start_floor(place, &place->floors[0], sample);
}

static bool floor_with_host_net(struct place *place, struct bench_sample *sample)
{
	return start_floor(place, &place->floors[1], sample);
}

static bool start_peer(struct place *place, int peer, struct bench_sample *sample)
{
	char *const *argv = peers_command(peer);
	int64_t start = bench_now();
	pid_t child;
	int ret = posix_spawnp(&child, argv[0], &place->streams, NULL, argv, environ);

	if (ret == ENOENT)
		return hosts_failed(sample, "it is not installed");
	if (ret != 0)
		return hosts_failed(sample, strerror(ret));
	return hosts_await_child(place->pipe[0], child, start, sample);
}

enum {
	PLAIN,
	FORK,
	FLOOR_HOST_NET,
	FLOOR,
	HOST_NET,
	ISOLATED,
	PEERS /* from here on */
};

static const char *names[BENCH_MAX_CONTENDERS] = {"posix_spawn", "fork and exec", "floor, network of the host",
	"floor", "ct_spawn, network of the host", "ct_spawn"};

static bool (*const starts[])(struct place *place, struct bench_sample *sample) = {
	spawn_plain, fork_and_exec, floor_with_host_net, floor_isolated, spawn_with_host_net, spawn_isolated};

/* What each is compared with; peers are with the floor. */
static int floors[BENCH_MAX_CONTENDERS] = {PLAIN, PLAIN, FLOOR_HOST_NET, FLOOR, FLOOR_HOST_NET, FLOOR};

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

/* The filter is that of a container which waits. */
static void make_floors(struct place *place, const ct_rootfs *rootfs)
{
	const char *const argv[] = {"/idle", NULL};
	ct_spec *spec = make_spec(place, rootfs, 0);
	ct_error failure = CT_ERROR_INIT;
	const char *failed = NULL;
	ct_container *model = NULL;

	ct_spec_set_argv(spec, argv);
	if (ct_spawn(spec, &model, &failure) < 0)
		snprintf(place->no_floor, sizeof(place->no_floor), "%s", failure.sentence);
	for (int host_net = 0; model && !failed && host_net < 2; host_net++)
		failed = floor_init(&place->floors[host_net], bench_root(), place->pipe[1], host_net,
			ct_container_pid(model));
	if (failed)
		snprintf(place->no_floor, sizeof(place->no_floor), "%s: %s", failed, strerror(errno));
	ct_container_free(model);
	ct_spec_free(spec);
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
	make_floors(&place, rootfs);
	ct_rootfs_free(rootfs);
	if (posix_spawn_file_actions_init(&place.streams) != 0 ||
		posix_spawn_file_actions_adddup2(&place.streams, place.pipe[1], 1) != 0 ||
		/* A program that cannot do it says so by its end. */
		posix_spawn_file_actions_addopen(&place.streams, 2, "/dev/null", O_WRONLY, 0) != 0)
		errx(1, "no memory");
	return &place;
}

static bool run(void *prepared, int way, struct bench_sample *sample)
{
	return way < PEERS ? starts[way](prepared, sample) : start_peer(prepared, way - PEERS, sample);
}

static void finish(void *prepared)
{
	const struct place *place = prepared;

	ct_spec_free(place->isolated);
	ct_spec_free(place->host_net);
}

static void name_peers(void)
{
	static char labels[BENCH_MAX_CONTENDERS][40];

	peers_prepare();
	for (int peer = 0; peer < peers_count; peer++) {
		peers_label(peer, labels[peer], sizeof(labels[peer]));
		names[PEERS + peer] = labels[peer];
		floors[PEERS + peer] = FLOOR;
	}
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "start",
		.about = "from before the call that starts a tiny program, in hosts of several sizes",
		.measures = {"to its first instruction", "to the return of the call", "to its end"},
		.floor_title = "x its floor",
		.base_title = "x empty host",
	};
	const struct hosts_work work = {
		.ways = names,
		.way_count = PEERS + peers_count,
		.everywhere = PEERS,
		.floors = floors,
		.promised = ISOLATED,
		.prepare = prepare,
		.run = run,
		.finish = finish,
	};

	bench_init(&bench, argc, argv);
	bench_root();
	name_peers();
	return hosts_run(&bench, &work);
}
