/* SPDX-License-Identifier: MIT */
/*
 * What a join costs: one more payload inside a container that runs, confined as that is,
 * beside nsenter and runc, and that it does not depend on the size of the host.
 *
 * The container that is joined is made by ct_spawn with the default spec; runc joins one
 * of its own. The measured stretch begins before the call.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosts.h"
#include "peers.h"

extern char **environ;

/* The containers to be joined, made before the hosts. */
struct targets {
	pid_t pid;	   /* of ours */
	char pid_text[16];
	char state[256], bundle[256]; /* of runc's */
	char runc_id[48];
	bool has_runc;
};

/* What a host has ready; stdout of each payload is the pipe. */
struct place {
	const struct targets *targets;
	char payload[512];
	int pipe[2];
	ct_spec *spec;
	posix_spawn_file_actions_t streams;
};

static bool spawn_program(struct place *place, char *const argv[], struct bench_sample *sample)
{
	int64_t start = bench_now();
	pid_t child;
	int ret = posix_spawnp(&child, argv[0], &place->streams, NULL, argv, environ);

	if (ret == ENOENT) {
		snprintf(sample->why, sizeof(sample->why), "%s is not installed", argv[0]);
		return false;
	}
	if (ret != 0)
		return hosts_failed(sample, strerror(ret));
	return hosts_await_child(place->pipe[0], child, start, sample);
}

static bool spawn_plain(struct place *place, struct bench_sample *sample)
{
	char *const argv[] = {place->payload, NULL};

	return spawn_program(place, argv, sample);
}

static bool nsenter(struct place *place, struct bench_sample *sample)
{
	char program[] = "nsenter", target[] = "--target", all[] = "--all", payload[] = "/payload";
	char *const argv[] = {program, target, (char *)(uintptr_t)place->targets->pid_text, all, payload, NULL};

	return spawn_program(place, argv, sample);
}

static bool runc_exec(struct place *place, struct bench_sample *sample)
{
	char program[] = "runc", root[] = "--root", verb[] = "exec", payload[] = "/payload";
	char *const argv[] = {program, root, (char *)(uintptr_t)place->targets->state, verb,
		(char *)(uintptr_t)place->targets->runc_id, payload, NULL};

	if (!place->targets->has_runc)
		return hosts_failed(sample, "runc is not installed, or cannot make a container here");
	return spawn_program(place, argv, sample);
}

static bool join(struct place *place, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	ct_container *visitor = NULL;
	int64_t start = bench_now();

	if (ct_join_pid(place->targets->pid, 0, 0, 0, place->spec, &visitor, &failure) < 0)
		return hosts_failed(sample, failure.sentence);
	return hosts_await_container(place->pipe[0], visitor, start, sample);
}

static const char *const names[] = {"posix_spawn", "nsenter", "runc exec", "ct_join"};

static bool (*const joins[])(struct place *place, struct bench_sample *sample) = {
	spawn_plain, nsenter, runc_exec, join};

static void *prepare(void *shared)
{
	static struct place place;
	const char *const argv[] = {"/payload", NULL};

	place.targets = shared;
	snprintf(place.payload, sizeof(place.payload), "%s/payload", bench_root());
	if (pipe2(place.pipe, O_CLOEXEC) < 0)
		err(1, "pipe");
	if (posix_spawn_file_actions_init(&place.streams) != 0 ||
		posix_spawn_file_actions_adddup2(&place.streams, place.pipe[1], 1) != 0 ||
		/* A program that may not join says so by its end. */
		posix_spawn_file_actions_addopen(&place.streams, 2, "/dev/null", O_WRONLY, 0) != 0 ||
		ct_spec_new(&place.spec) < 0)
		errx(1, "no memory");
	ct_spec_set_argv(place.spec, argv);
	ct_spec_set_stdio(place.spec, 1, CT_STDIO_FD, place.pipe[1]);
	/* That of the target: by its pid it is not known. */
	ct_spec_set_seccomp(place.spec, CT_SECCOMP_DEFAULT, 0);
	return &place;
}

static bool run(void *prepared, int way, struct bench_sample *sample)
{
	return joins[way](prepared, sample);
}

static void finish(void *prepared)
{
	ct_spec_free(((struct place *)prepared)->spec);
}

/* --------------------------------------------------------------- the targets */

static ct_container *start_ours(struct targets *targets)
{
	const char *const argv[] = {"/idle", NULL};
	ct_error failure = CT_ERROR_INIT;
	ct_container *box = NULL;
	ct_rootfs *rootfs = NULL;
	ct_spec *spec = NULL;

	if (ct_rootfs_open(bench_root(), &rootfs, &failure) < 0 || ct_spec_new(&spec) < 0)
		errx(1, "%s", failure.sentence);
	ct_spec_set_rootfs(spec, rootfs);
	ct_spec_set_argv(spec, argv);
	if (ct_spawn(spec, &box, &failure) < 0)
		errx(1, "%s", failure.sentence);
	targets->pid = ct_container_pid(box);
	snprintf(targets->pid_text, sizeof(targets->pid_text), "%d", targets->pid);
	ct_spec_free(spec);
	ct_rootfs_free(rootfs);
	return box;
}

/* Runs runc with these words and the id to its end, quietly; whether it went well. */
static bool runc(const struct targets *targets, const char *const *words)
{
	const char *argv[16] = {"runc", "--root", targets->state};
	int count = 3;

	while (*words)
		argv[count++] = *words++;
	argv[count] = targets->runc_id;
	return bench_run_program((char *const *)(uintptr_t)argv) == 0;
}

static void start_runcs(struct targets *targets)
{
	snprintf(targets->bundle, sizeof(targets->bundle), "%s/bundle", bench_root());
	snprintf(targets->state, sizeof(targets->state), "%s/state", bench_root());
	snprintf(targets->runc_id, sizeof(targets->runc_id), "ct-bench-%d", getpid());
	peers_write_bundle(targets->bundle, "/idle");
	targets->has_runc = runc(targets, (const char *const[]){"run", "--detach", "--bundle", targets->bundle, NULL});
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "join",
		.about = "from before the call that starts a tiny program in a container that runs",
		.measures = {"to its first instruction", "to the return of the call", "to its end"},
		.floor_title = "x posix_spawn",
		.base_title = "x empty host",
	};
	static struct targets targets;
	const struct hosts_work work = {
		.ways = names,
		.way_count = sizeof(names) / sizeof(names[0]),
		.everywhere = sizeof(names) / sizeof(names[0]),
		.promised = sizeof(names) / sizeof(names[0]) - 1,
		.prepare = prepare,
		.run = run,
		.finish = finish,
		.shared = &targets,
	};
	ct_container *ours;
	int result;

	bench_init(&bench, argc, argv);
	ours = start_ours(&targets);
	start_runcs(&targets);
	result = hosts_run(&bench, &work);
	if (targets.has_runc)
		runc(&targets, (const char *const[]){"delete", "--force", NULL});
	ct_container_free(ours);
	return result;
}
