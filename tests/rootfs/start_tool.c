/* SPDX-License-Identifier: MIT */
/*
 * Runs a command in a tree, with the caller as root and his subordinate ids for the others,
 * for the tests of trees that were extracted so: ROOT COMMAND [ARGUMENT...]
 */
#include <stdio.h>

#include <container/container.h>

int main(int argc, char **argv)
{
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *rootfs = NULL;
	ct_container *box = NULL;
	ct_spec *spec = NULL;
	int rc;

	if (argc < 3) {
		fprintf(stderr, "usage: %s ROOT COMMAND [ARGUMENT...]\n", argv[0]);
		return 2;
	}
	rc = ct_rootfs_open(argv[1], &rootfs, &err);
	if (rc == 0)
		rc = ct_spec_new(&spec);
	ct_spec_set_rootfs(spec, rootfs);
	ct_spec_set_argv(spec, (const char *const *)&argv[2]);
	ct_spec_set_idmap(spec, CT_IDMAP_SUBIDS, 0);
	if (rc == 0)
		rc = ct_spawn(spec, &box, &err);
	if (rc == 0)
		rc = ct_wait(box, CT_FOREVER, &how, &err);
	if (rc < 0)
		fprintf(stderr, "%s\n%s%s", err.sentence, err.cure, err.cure[0] ? "\n" : "");
	ct_container_free(box);
	ct_spec_free(spec);
	ct_rootfs_free(rootfs);
	return rc < 0 ? 125 : how.signal ? 128 + how.signal : how.code;
}
