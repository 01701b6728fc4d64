/* SPDX-License-Identifier: MIT */
/*
 * Keeps many containers at work from one epoll loop, without a thread: as soon as one ends,
 * the next is started. Ends all of them on SIGINT or SIGTERM.
 *
 *     cc -o loop loop.c $(pkg-config --cflags --libs container)
 *     ./loop JOBS AT-ONCE DIRECTORY COMMAND [ARGUMENT...]
 *
 * Each job has its number in JOB. Prints a line for each that did not exit with 0, and the sum.
 */
#include <container/container.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct job {
	int number;
	ct_container *box;
};

static ct_error failure = CT_ERROR_INIT;
static ct_events *events;
static struct job *jobs;
static int wanted, started, ended, failed;

static void must(int ret)
{
	if (ret < 0)
		errx(1, "%s", failure.sentence);
}

static void start_one(ct_spec *spec)
{
	struct job *job = &jobs[started];
	char number[32];

	job->number = started++;
	snprintf(number, sizeof(number), "JOB=%d", job->number);
	ct_spec_set_env(spec, (const char *const[]){"PATH=/usr/bin:/bin", number, NULL});
	must(ct_spawn(spec, &job->box, &failure));
	must(ct_events_add(events, job->box, job, &failure));
}

static void finish(struct job *job)
{
	ct_exit how = CT_EXIT_INIT;
	char text[128];

	must(ct_wait(job->box, 0, &how, &failure));
	ct_container_free(job->box);
	job->box = NULL;
	ended++;
	if (how.why == CT_END_EXIT && how.code == 0)
		return;
	failed++;
	ct_exit_to_text(&how, text, sizeof(text));
	printf("job %d: %s\n", job->number, text);
}

/* Takes what has happened, and keeps the number of those at work. */
static void serve(ct_spec *spec)
{
	ct_event event = CT_EVENT_INIT;
	int ret;

	while ((ret = ct_events_next(events, 0, &event, &failure)) > 0) {
		if (event.kind == CT_EVENT_TIME_LIMIT)
			printf("job %d: takes too long\n", ((struct job *)event.data)->number);
		if (event.kind != CT_EVENT_EXITED)
			continue;
		finish(event.data);
		if (started < wanted)
			start_one(spec);
	}
	must(ret);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
	struct epoll_event ready, of_signals = {.events = EPOLLIN, .data.u32 = 1},
				  of_containers = {.events = EPOLLIN, .data.u32 = 2};
	int poll = epoll_create1(EPOLL_CLOEXEC), signals = open_signals(), at_once;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;

	if (argc < 5 || (wanted = atoi(argv[1])) < 1 || (at_once = atoi(argv[2])) < 1)
		errx(1, "usage: loop JOBS AT-ONCE DIRECTORY COMMAND [ARGUMENT...]");
	jobs = calloc((size_t)wanted, sizeof(*jobs));
	must(ct_rootfs_open(argv[3], &root, &failure));
	must(ct_events_new(&events, &failure));
	if (!jobs || ct_spec_new(&spec) < 0)
		errx(1, "no memory");
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_root_mode(spec, CT_ROOT_READONLY);
	ct_spec_set_argv(spec, (const char *const *)&argv[4]);
	ct_spec_set_time_limit(spec, CT_TIME_WALL, 60000);

	epoll_ctl(poll, EPOLL_CTL_ADD, signals, &of_signals);
	epoll_ctl(poll, EPOLL_CTL_ADD, ct_events_fd(events), &of_containers);
	while (started < wanted && started < at_once)
		start_one(spec);
	while (ended < wanted && epoll_wait(poll, &ready, 1, -1) > 0 && ready.data.u32 != 1)
		serve(spec);

	printf("%d jobs, %d ended, %d failed\n", wanted, ended, failed);
	for (int i = 0; i < started; i++)
		ct_container_free(jobs[i].box); /* only those that a signal has cut short */
	ct_events_free(events);
	ct_spec_free(spec);
	ct_rootfs_free(root);
	free(jobs);
	return ended < wanted || failed;
}
