/* SPDX-License-Identifier: MIT */
/* Measuring in hosts of several sizes; see hosts.h. */
#include "hosts.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE_COUNT 3

bool hosts_failed(struct bench_sample *sample, const char *why)
{
	snprintf(sample->why, sizeof(sample->why), "%s", why);
	return false;
}

/*
 * When the payload at the other end of the pipe began. A process that ends without a payload
 * would never be noticed by the pipe alone, whose other end this host has open as well.
 */
static bool read_first(int process, int pipe, int64_t start, struct bench_sample *sample)
{
	struct pollfd fds[] = {{pipe, POLLIN, 0}, {process, POLLIN, 0}};
	int64_t time;

	if (poll(fds, 2, -1) < 0)
		return hosts_failed(sample, strerror(errno));
	if (!fds[0].revents)
		return hosts_failed(sample, "it ended before a payload began");
	if (read(pipe, &time, sizeof(time)) != sizeof(time))
		return hosts_failed(sample, "the payload did not write its time");
	sample->ns[HOSTS_FIRST] = time - start;
	return true;
}

bool hosts_await_child(int pipe, int child, int64_t start, struct bench_sample *sample)
{
	int process;
	bool good;

	sample->ns[HOSTS_RETURN] = bench_now() - start;
	process = (int)syscall(SYS_pidfd_open, child, 0);
	good = process >= 0 ? read_first(process, pipe, start, sample)
			    : hosts_failed(sample, strerror(errno));
	close(process);
	if (waitpid(child, NULL, 0) != child)
		return hosts_failed(sample, strerror(errno));
	sample->ns[HOSTS_END] = bench_now() - start;
	return good;
}

bool hosts_await_container(int pipe, ct_container *box, int64_t start, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	bool good;

	sample->ns[HOSTS_RETURN] = bench_now() - start;
	good = read_first(ct_container_pidfd(box), pipe, start, sample);
	if (ct_wait(box, CT_FOREVER, NULL, &failure) < 0)
		good = hosts_failed(sample, failure.sentence);
	sample->ns[HOSTS_END] = bench_now() - start;
	ct_container_free(box);
	return good;
}

/* ------------------------------------------------------------ inside of a host */

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

/* Measures the way whose number comes, until there is nobody to ask for it. */
static __attribute__((noreturn)) void serve(const struct hosts_work *work, int socket, long mib)
{
	struct bench_sample sample = {0};
	void *prepared = work->prepare(work->shared);
	char way = 0;

	touch(mib);
	do {
		if (send(socket, &sample, sizeof(sample), MSG_NOSIGNAL) != sizeof(sample))
			break;
		memset(&sample, 0, sizeof(sample));
		if (recv(socket, &way, 1, 0) != 1)
			break;
		work->run(prepared, way, &sample);
	} while (true);
	work->finish(prepared);
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
		return hosts_failed(ret_sample, "the host has ended");
	return ret_sample->why[0] == '\0';
}

static bool make_host(const struct hosts_work *work, struct host *host, long mib)
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
		serve(work, pair[1], mib);
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

/* One host of each size for which there is memory; their number. */
static int make_hosts(struct bench *bench, const struct hosts_work *work, struct host *hosts)
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
		else if (!make_host(work, host, mib))
			errx(1, "the host of %s has ended", host->size);
		else
			count++;
	}
	return count;
}

/* Adds a way in each host where it is measured; the number of the first, and the last in *ret_last. */
static int add_way(struct bench *bench, const struct hosts_work *work, struct host *hosts, int count,
	int way, const int *first_of, int *ret_last)
{
	static struct entry entries[BENCH_MAX_CONTENDERS];
	int floor_way = work->floors ? work->floors[way] : 0, first = bench->contender_count;

	for (int host = 0; host < count; host++) {
		struct bench_contender contender = {.run = ask, .data = &entries[first + host], .base = first};

		contender.floor = floor_way == way ? first + host : first_of[floor_way] + host;
		if (bench->contender_count < BENCH_MAX_CONTENDERS)
			entries[first + host] = (struct entry){&hosts[host], (char)way};
		snprintf(contender.name, sizeof(contender.name), "%s, %s", work->ways[way], hosts[host].size);
		*ret_last = bench_add(bench, contender);
	}
	return first;
}

int hosts_run(struct bench *bench, const struct hosts_work *work)
{
	int first_of[BENCH_MAX_CONTENDERS] = {0}, last_of[BENCH_MAX_CONTENDERS] = {0};
	struct host hosts[SIZE_COUNT];
	int host_count = make_hosts(bench, work, hosts), result;

	for (int way = 0; way < work->way_count; way++)
		first_of[way] = add_way(bench, work, hosts, way < work->everywhere ? host_count : 1, way,
			first_of, &last_of[way]);
	if (host_count > 1 && !bench->quick) {
		bench->promise.contender = last_of[work->promised];
		bench->promise.measure = HOSTS_FIRST;
		bench->promise.most = 1.2;
	}
	result = bench_run(bench);
	end_hosts(hosts, host_count);
	return result;
}
