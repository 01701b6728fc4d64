/* SPDX-License-Identifier: MIT */
/*
 * Runs each line of its input as a shell command, in a sandbox of its own that was made ahead.
 *
 *     cc -o pool pool.c $(pkg-config --cflags --libs container)
 *     ./pool SANDBOXES DIRECTORY < COMMANDS
 *
 * Says of each how it ended. A real program would refill in a thread or a loop, when there is time.
 */
#include <container/container.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run(ct_pool *pool, const char *command)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	ct_payload payload = CT_PAYLOAD_INIT;
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_container *box = NULL;
	char text[128];

	payload.argv = argv;
	payload.wall_ms = 60000;
	for (int stream = 1; stream < 3; stream++)
		payload.stdio[stream] = stream;
	if (ct_pool_take(pool, &payload, &box, &err) < 0)
		errx(125, "%s\npool: %s", err.sentence, err.cure);
	if (ct_wait(box, CT_FOREVER, &how, &err) < 0)
		errx(125, "%s", err.sentence);
	ct_exit_to_text(&how, text, sizeof(text));
	printf("%s: %s\n", command, text);
	fflush(stdout);
	ct_container_free(box);
}

int main(int argc, char **argv)
{
	const char *const nothing[] = {"/bin/true", NULL};
	ct_error err = CT_ERROR_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	ct_pool *pool = NULL;
	char line[4096];

	if (argc != 3)
		errx(125, "usage: pool SANDBOXES DIRECTORY < COMMANDS");
	if (ct_rootfs_open(argv[2], &root, &err) < 0 || ct_spec_new(&spec) < 0)
		errx(125, "%s", err.sentence);
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_root_mode(spec, CT_ROOT_READONLY);
	ct_spec_set_argv(spec, nothing);
	ct_spec_set_stdio(spec, 0, CT_STDIO_NULL, -1);
	if (ct_pool_new(spec, strtoul(argv[1], NULL, 10), &pool, &err) < 0)
		errx(125, "%s\npool: %s", err.sentence, err.cure);
	ct_spec_free(spec);
	ct_rootfs_free(root);

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		run(pool, line);
		if (ct_pool_refill(pool, 0, &err) < 0)
			errx(125, "%s", err.sentence);
	}
	ct_pool_free(pool);
	return 0;
}
