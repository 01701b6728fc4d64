/* SPDX-License-Identifier: MIT */
/*
 * A process of a container that uses what it is told to, and prints what it got. Static,
 * so that it runs in any root.
 *
 *     memory BYTES     touches that many, prints "touched N", pauses
 *     forks N          forks children that pause until one is refused or there are N; prints
 *                      "forked N" and, if it was refused, "refused ERRNO"; pauses
 *     bomb             says "ready", then each of its processes forks without end
 *     spin MS          uses that much cpu time, prints "spun N" (milliseconds), ends
 *     write PATH BYTES writes to a file and through to the disk, prints "wrote N", ends
 *     direct PATH N    writes N blocks of 64 KiB past the cache, prints "wrote N", ends
 *     reread PATH N    reads as many likewise, prints "read N", ends
 *     files N          opens a file N times, unless that is refused; prints "opened N" and, if it was
 *                      refused, "refused ERRNO"; pauses
 *     pin CPU          asks to run on that processor alone; prints "pinned" or "refused ERRNO", ends
 *     huge BYTES N     touches that many in huge pages of N bytes, prints "touched BYTES", pauses
 *     run COMMAND      says "ready", waits for a line on stdin, does the command
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int use(char **words);

static __attribute__((noreturn)) void pause_for_good(void)
{
	fflush(stdout);
	for (;;)
		pause();
}

static int touch_memory(char **words)
{
	size_t size = strtoull(words[0], NULL, 10);
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	for (size_t at = 0; at < size; at += 4096)
		memory[at] = 1;
	printf("touched %zu\n", size);
	pause_for_good();
}

static int fork_children(char **words)
{
	int wanted = atoi(words[0]), forked = 0, error = 0;

	while (forked < wanted && !error) {
		pid_t child = fork();

		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause_for_good();
		}
		error = child < 0 ? errno : 0;
		forked += child > 0;
	}
	printf("forked %d\n", forked);
	if (error)
		printf("refused %s\n", strerrorname_np(error));
	pause_for_good();
}

static int open_files(char **words)
{
	int wanted = atoi(words[0]), opened = 0, error = 0;

	while (opened < wanted && !error) {
		error = open("/dev/null", O_RDONLY) < 0 ? errno : 0;
		opened += !error;
	}
	printf("opened %d\n", opened);
	if (error)
		printf("refused %s\n", strerrorname_np(error));
	pause_for_good();
}

static int pin(char **words)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)atoi(words[0]), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		printf("refused %s\n", strerrorname_np(errno));
	else
		printf("pinned\n");
	return 0;
}

static __attribute__((noreturn)) int fork_without_end(char **words)
{
	(void)words;
	printf("ready\n");
	fflush(stdout);
	for (;;)
		(void)!fork();
}

static long cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static int spin(char **words)
{
	long wanted = atol(words[0]);

	while (cpu_ms() < wanted)
		;
	printf("spun %ld\n", cpu_ms());
	return 0;
}

static int write_through(char **words)
{
	static char block[1 << 16];
	size_t size = strtoull(words[1], NULL, 10), done = 0;
	int fd = open(words[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return 1;
	memset(block, 'x', sizeof(block));
	while (done < size) {
		ssize_t written = write(fd, block, sizeof(block));

		if (written <= 0)
			return 1;
		done += (size_t)written;
	}
	if (fsync(fd) < 0)
		return 1;
	printf("wrote %zu\n", done);
	return 0;
}

/* Each block is one operation of the disk: in v1 a limit holds for the process that asks, not for the cache. */
static int go_direct(char **words, bool writes)
{
	static _Alignas(4096) char block[1 << 16];
	int blocks = atoi(words[1]), fd;

	fd = open(words[0], (writes ? O_WRONLY | O_CREAT : O_RDONLY) | O_DIRECT | O_CLOEXEC, 0600);
	if (fd < 0)
		return 1;
	for (int i = 0; i < blocks; i++)
		if ((writes ? write(fd, block, sizeof(block)) : read(fd, block, sizeof(block))) !=
			(ssize_t)sizeof(block))
			return 1;
	printf("%s %d\n", writes ? "wrote" : "read", blocks);
	return 0;
}

static int write_direct(char **words)
{
	return go_direct(words, true);
}

static int read_direct(char **words)
{
	return go_direct(words, false);
}

static int touch_huge_pages(char **words)
{
	size_t size = strtoull(words[0], NULL, 10), page = strtoull(words[1], NULL, 10);
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | __builtin_ctzll(page) << MAP_HUGE_SHIFT, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	for (size_t at = 0; at < size; at += page)
		memory[at] = 1;
	printf("touched %zu\n", size);
	pause_for_good();
}

static int run_when_told(char **words)
{
	char line;

	printf("ready\n");
	fflush(stdout);
	if (read(0, &line, 1) != 1)
		return 1;
	return use(words);
}

static const struct {
	const char *name;
	int words;
	int (*run)(char **words);
} uses[] = {
	{"memory", 1, touch_memory},
	{"forks", 1, fork_children},
	{"bomb", 0, fork_without_end},
	{"spin", 1, spin},
	{"write", 2, write_through},
	{"direct", 2, write_direct},
	{"reread", 2, read_direct},
	{"files", 1, open_files},
	{"pin", 1, pin},
	{"huge", 2, touch_huge_pages},
	{"run", 1, run_when_told},
};

static int use(char **words)
{
	int count = 0;

	while (words[count])
		count++;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (count && strcmp(words[0], uses[i].name) == 0 && count > uses[i].words)
			return uses[i].run(words + 1);
	fprintf(stderr, "offender: it does not know how to do that\n");
	return 2;
}

int main(int argc, char **argv)
{
	(void)argc;
	return use(argv + 1);
}
