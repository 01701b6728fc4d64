/* SPDX-License-Identifier: MIT */
/*
 * Extracts a tarball, runs a command in it, and says how long each step took.
 *
 *     cc -o demo demo.c $(pkg-config --cflags --libs container)
 *     ./demo ROOTFS.tar.gz NEW-DIRECTORY COMMAND [ARGUMENT...]
 *
 * The directory stays. "./dev demo" runs this program.
 */
#include <container/container.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void say(const char *step, const char *what, double ms)
{
	printf("  %-9s %-52s %8.1f ms\n", step, what, ms);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_extract_stats stats = {.size = sizeof(stats)};
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	ct_container *box = NULL;
	char text[80];
	double since = now_ms(), start_ms;

	if (argc < 4)
		errx(125, "usage: demo ROOTFS.tar.gz NEW-DIRECTORY COMMAND [ARGUMENT...]");
	if (ct_rootfs_extract(argv[1], argv[2], &options, &root, &err) < 0)
		errx(125, "%s\n%s", err.sentence, err.cure);
	ct_rootfs_stats(root, &stats);
	snprintf(text, sizeof(text), "%" PRIu64 " entries, %.1f MiB of files", stats.entries,
		(double)stats.bytes / (1 << 20));
	say("extract", text, now_ms() - since);

	since = now_ms();
	if (ct_spec_new(&spec) < 0)
		errx(125, "out of memory");
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_argv(spec, (const char *const *)&argv[3]);
	if (ct_create(spec, &box, &err) < 0)
		errx(125, "%s\n%s", err.sentence, err.cure);
	snprintf(text, sizeof(text), "PID 1 in there, PID %d out here", (int)ct_container_pid(box));
	say("create", text, now_ms() - since);
	puts("");
	fflush(stdout);

	since = now_ms();
	if (ct_start(box, &err) < 0)
		errx(125, "%s\n%s", err.sentence, err.cure);
	start_ms = now_ms() - since;
	if (ct_wait(box, CT_FOREVER, &how, &err) < 0)
		errx(125, "%s\n%s", err.sentence, err.cure);
	snprintf(text, sizeof(text), how.signal ? "signal %d" : "exit code %d",
		how.signal ? how.signal : how.code);
	puts("");
	say("start", "the command was executed", start_ms);
	say("end", text, now_ms() - since);
	ct_container_free(box);
	ct_spec_free(spec);
	ct_rootfs_free(root);
	return how.signal ? 128 + how.signal : how.code;
}
