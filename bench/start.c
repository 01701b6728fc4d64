/* SPDX-License-Identifier: MIT */
/*
 * What a start costs, and that it does not depend on the size of the host: each way
 * of starting the payload in hosts that have touched more and more memory.
 *
 * A host is a process of its own; all live at once, so that each round measures each
 * way in each host. The measured stretch begins before the call. Descriptors, specs and
 * the pipe are there before it, and a container is freed after it.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum {
	FIRST,
	RETURN,
	END
};

/* ------------------------------------------------------------ inside of a host */

/* What a host has ready; stdout of each payload is the pipe. */
struct place {
	char payload[512];
	int pipe[2];
	ct_spec *isolated, *host_net;
	posix_spawn_file_actions_t streams;
};

typedef bool (*start_fn)(struct place *place, struct bench_sample *ret_sample);

static bool failed(struct bench_sample *sample, const char *why)
{
	snprintf(sample->why, sizeof(sample->why), "%s", why);
	return false;
}

/* When the payload says that it began, as long after start as that was. */
static bool read_first(struct place *place, int64_t start, struct bench_sample *sample)
{
	int64_t time;

	if (read(place->pipe[0], &time, sizeof(time)) != sizeof(time))
		return failed(sample, "the payload did not write its time");
	sample->ns[FIRST] = time - start;
	return true;
}

static bool spawn_container(struct place *place, ct_spec *spec, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	ct_container *box = NULL;
	int64_t start = bench_now();
	bool good;

	if (ct_spawn(spec, &box, &failure) < 0)
		return failed(sample, failure.sentence);
	sample->ns[RETURN] = bench_now() - start;
	good = read_first(place, start, sample);
	if (ct_wait(box, CT_FOREVER, NULL, &failure) < 0)
		good = failed(sample, failure.sentence);
	sample->ns[END] = bench_now() - start;
	ct_container_free(box);
	return good;
}

static bool spawn_isolated(struct place *place, struct bench_sample *sample)
{
	return spawn_container(place, place->isolated, sample);
}

static bool spawn_with_host_net(struct place *place, struct bench_sample *sample)
{
	return spawn_container(place, place->host_net, sample);
}

/* The rest of the two ways that make an ordinary child. */
static bool await_child(
	struct place *place, pid_t child, int64_t start, struct bench_sample *sample)
{
	bool good;

	sample->ns[RETURN] = bench_now() - start;
	good = read_first(place, start, sample);
	if (waitpid(child, NULL, 0) != child)
		return failed(sample, strerror(errno));
	sample->ns[END] = bench_now() - start;
	return good;
}

static bool spawn_plain(struct place *place, struct bench_sample *sample)
{
	char *const argv[] = {place->payload, NULL};
	char *const none[] = {NULL};
	int64_t start = bench_now();
	pid_t child;
	int ret = posix_spawn(&child, place->payload, &place->streams, NULL, argv, none);

	if (ret != 0)
		return failed(sample, strerror(ret));
	return await_child(place, child, start, sample);
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
		return failed(sample, strerror(errno));
	return await_child(place, child, start, sample);
}

static const struct {
	const char *name;
	start_fn start;
} ways[] = {
	{"posix_spawn", spawn_plain}, /* the floor */
	{"fork and exec", fork_and_exec}, {"ct_spawn, network of the host", spawn_with_host_net},
	{"ct_spawn", spawn_isolated}, /* the last: what is promised is promised of this one */
};
#define WAY_COUNT ((int)(sizeof(ways) / sizeof(ways[0])))

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

static void prepare(struct place *place)
{
	ct_error failure = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;

	if (pipe2(place->pipe, O_CLOEXEC) < 0)
		err(1, "pipe");
	snprintf(place->payload, sizeof(place->payload), "%s/payload", bench_root());
	if (ct_rootfs_open(bench_root(), &rootfs, &failure) < 0)
		errx(1, "%s", failure.sentence);
	place->isolated = make_spec(place, rootfs, 0);
	place->host_net = make_spec(place, rootfs, CT_NS_NET);
	ct_rootfs_free(rootfs);
	if (posix_spawn_file_actions_init(&place->streams) != 0 ||
		posix_spawn_file_actions_adddup2(&place->streams, place->pipe[1], 1) != 0)
		errx(1, "no memory");
}

/* In pages of the usual size, as a heap that grew bit by bit has them. */
static void touch(long mib)
{
	size_t size = (size_t)mib << 20;
	char *memory;

	if (mib == 0)
		return;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "%ld MiB", mib);
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < size; at += 4096)
		memory[at] = 1;
}

/* Starts in the way whose number comes, until there is nobody to ask for it. */
static __attribute__((noreturn)) void serve(int socket, long mib)
{
	struct bench_sample sample = {0};
	struct place place;
	char way = 0;

	prepare(&place);
	touch(mib);
	do {
		if (send(socket, &sample, sizeof(sample), MSG_NOSIGNAL) != sizeof(sample))
			break;
		memset(&sample, 0, sizeof(sample));
		if (recv(socket, &way, 1, 0) != 1)
			break;
		sample.why[0] = '\0';
		ways[(int)way].start(&place, &sample);
	} while (true);
	ct_spec_free(place.isolated);
	ct_spec_free(place.host_net);
	_exit(0);
}

/* --------------------------------------------------------------------- the hosts */

struct host {
	pid_t pid;
	int socket;
	char size[24];
};

struct entry {
	struct host *host;
	char way;
};

static bool ask(void *data, struct bench_sample *ret_sample)
{
	const struct entry *entry = data;

	if (send(entry->host->socket, &entry->way, 1, MSG_NOSIGNAL) != 1 ||
		recv(entry->host->socket, ret_sample, sizeof(*ret_sample), 0) !=
			(ssize_t)sizeof(*ret_sample))
		return failed(ret_sample, "the host has ended");
	return ret_sample->why[0] == '\0';
}

static bool make_host(struct host *host, long mib)
{
	struct bench_sample hello;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		err(1, "socketpair");
	fflush(NULL);
	host->pid = fork();
	if (host->pid < 0)
		err(1, "fork");
	if (host->pid == 0) {
		close(pair[0]);
		serve(pair[1], mib);
	}
	close(pair[1]);
	host->socket = pair[0];
	return recv(host->socket, &hello, sizeof(hello), 0) == sizeof(hello);
}

/* The last one first: it alone holds copies of the sockets of those before it. */
static void end_hosts(struct host *hosts, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		close(hosts[i].socket);
		waitpid(hosts[i].pid, NULL, 0);
	}
}

#define SIZE_COUNT 3

/* One host of each size for which there is memory; their number. */
static int make_hosts(struct bench *bench, struct host *hosts)
{
	static const long sizes_mib[2][SIZE_COUNT] = {{0, 1024, 4096}, {0, 16, 64}};
	int count = 0;

	for (int i = 0; i < SIZE_COUNT; i++) {
		long mib = sizes_mib[bench->quick][i], spare = bench_spare_mib();
		struct host *host = &hosts[count];
		char why[64];

		snprintf(host->size, sizeof(host->size), mib % 1024 ? "%ld MiB" : "%ld GiB",
			mib % 1024 ? mib : mib / 1024);
		snprintf(why, sizeof(why), "only %ld MiB are available", spare);
		/* What else runs on the machine needs some as well. */
		if (mib && spare < mib + 1024)
			bench_leave_out(bench, host->size, why);
		else if (!make_host(host, mib))
			errx(1, "the host of %s has ended", host->size);
		else
			count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "start",
		.about =
			"from before the call that starts a tiny program, in hosts of several sizes",
		.measures = {"to its first instruction", "to the return of the call", "to its end"},
		.floor_title = "x posix_spawn",
		.base_title = "x empty host",
	};
	struct entry entries[SIZE_COUNT * WAY_COUNT];
	struct host hosts[SIZE_COUNT];
	int host_count, last = 0, result;

	bench_init(&bench, argc, argv);
	bench_root();
	host_count = make_hosts(&bench, hosts);
	for (int i = 0; i < WAY_COUNT * host_count; i++) {
		int way = i / host_count, host = i % host_count;
		struct bench_contender contender = {
			.run = ask, .data = &entries[i], .floor = host, .base = i - host};

		entries[i] = (struct entry){&hosts[host], (char)way};
		snprintf(contender.name, sizeof(contender.name), "%s, %s", ways[way].name,
			hosts[host].size);
		last = bench_add(&bench, contender);
	}
	if (host_count > 1 && !bench.quick) {
		bench.promise.contender = last;
		bench.promise.measure = FIRST;
		bench.promise.most = 1.2;
	}
	result = bench_run(&bench);
	end_hosts(hosts, host_count);
	return result;
}
