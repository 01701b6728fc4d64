/* SPDX-License-Identifier: MIT */
/*
 * Feeds a command's stdin, captures its stdout and stderr, ends it at a time limit.
 *
 *     cc -o capture capture.c $(pkg-config --cflags --libs container)
 *     ./capture SECONDS DIRECTORY COMMAND [ARGUMENT...] < INPUT
 *
 * Exits with 124 at the time limit, else as run.c does.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static char input[8 << 20];

int main(int argc, char **argv)
{
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	ct_container *box = NULL;
	ct_output output = CT_OUTPUT_INIT;
	int ret;

	if (argc < 4)
		errx(125, "usage: capture SECONDS DIRECTORY COMMAND [ARGUMENT...] < INPUT");
	output.input = input;
	output.input_size = fread(input, 1, sizeof(input), stdin);
	output.out_limit = output.err_limit = 8 << 20;

	if (ct_rootfs_open(argv[2], &root, &err) < 0 || ct_spec_new(&spec) < 0)
		errx(125, "%s", err.sentence);
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_argv(spec, (const char *const *)&argv[3]);
	for (int i = 0; i < 3; i++)
		ct_spec_set_stdio(spec, i, CT_STDIO_PIPE, -1);
	if (ct_spawn(spec, &box, &err) < 0)
		errx(125, "%s\ncapture: %s", err.sentence, err.cure);

	ret = ct_capture(box, &output, atoi(argv[1]) * 1000, &how, &err);
	if (ret < 0 && ret != -ETIMEDOUT)
		errx(125, "%s", err.sentence);
	if (output.out)
		fwrite(output.out, 1, output.out_size, stdout);
	if (output.err)
		fwrite(output.err, 1, output.err_size, stderr);
	ct_output_done(&output);
	ct_container_free(box);
	ct_spec_free(spec);
	ct_rootfs_free(root);
	return ret == -ETIMEDOUT ? 124 : how.signal ? 128 + how.signal : how.code;
}
