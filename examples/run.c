/* SPDX-License-Identifier: MIT */
/*
 * Runs a command in a root filesystem and ends as the command ended.
 *
 *     cc -o run run.c $(pkg-config --cflags --libs container)
 *     ./run ROOTFS.tar.gz|DIRECTORY -- COMMAND [ARGUMENT...]
 *
 * A tarball is extracted to a temporary directory, which goes at the end. Exits with
 * the command's code, with 128 + N after signal N, with 125 if it could not be run.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

/* Draws a bar on a terminal; after Ctrl-C it cancels the extraction, which leaves nothing. */
static int show_progress(const ct_extract_progress *now, void *data)
{
	int done = now->archive_total ? (int)(now->archive_bytes * 30 / now->archive_total) : 0;

	if (*(int *)data)
		fprintf(stderr, "[%-30.*s]\r", done, "==============================");
	return stopped;
}

int main(int argc, char **argv)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	ct_container *box = NULL;
	int on_terminal = isatty(STDERR_FILENO), result;
	char temp[64] = "";

	if (argc < 4 || strcmp(argv[2], "--") != 0)
		errx(125, "usage: run ROOTFS.tar.gz|DIRECTORY -- COMMAND [ARGUMENT...]");
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	result = ct_rootfs_open(argv[1], &root, &err);
	if (result == -ENOTDIR) {
		snprintf(temp, sizeof(temp), "/tmp/run-%d", (int)getpid());
		options.progress = show_progress;
		options.progress_data = &on_terminal;
		result = ct_rootfs_extract(argv[1], temp, &options, &root, &err);
		fputs(on_terminal ? "\033[K" : "", stderr);
	}
	if (result == 0)
		result = ct_spec_new(&spec);
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_argv(spec, (const char *const *)&argv[3]);
	if (result == 0)
		result = ct_spawn(spec, &box, &err);
	while (result == 0 && ct_wait(box, 500, &how, &err) < 0)
		if (stopped)
			ct_kill(box, SIGKILL, NULL);
	if (result < 0)
		fprintf(stderr, "run: %s%s%s\n", err.sentence, *err.cure ? "\nrun: " : "", err.cure);
	else if (how.signal)
		fprintf(stderr, "run: ended by signal %d (%s)\n", how.signal, strsignal(how.signal));
	ct_container_free(box);
	ct_spec_free(spec);
	if (root && *temp && ct_rootfs_remove(temp, &err) < 0)
		fprintf(stderr, "run: %s\n", err.sentence);
	ct_rootfs_free(root);
	return result < 0 ? 125 : how.signal ? 128 + how.signal : how.code;
}
