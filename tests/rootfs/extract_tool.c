/* SPDX-License-Identifier: MIT */
/*
 * Extracts one archive for the tests that compare trees: ARCHIVE ("-": standard
 * input) to DEST; or removes a tree: --remove DEST. The library's manual is
 * include/container/rootfs.h, not this.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <container/rootfs.h>

static const struct {
	const char *name;
	uint32_t flags;
} switches[] = {
	{"--trusted", CT_EXTRACT_TRUSTED},
	{"--replace", CT_EXTRACT_REPLACE},
	{"--strip-auto", CT_EXTRACT_STRIP_AUTO},
	{"--no-owner", CT_EXTRACT_NO_OWNER},
	{"--any-format", CT_EXTRACT_ANY_FORMAT},
	{"--sync", CT_EXTRACT_SYNC},
};

static int failed(const ct_error *err)
{
	fprintf(stderr, "%s\n%s%s", err->sentence, err->cure, err->cure[0] ? "\n" : "");
	return 1;
}

static uint32_t flag_of(const char *name)
{
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strcmp(name, switches[i].name) == 0)
			return switches[i].flags;
	}
	return 0;
}

int main(int argc, char **argv)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_extract_stats stats = {.size = sizeof(stats)};
	ct_error err = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;
	int at = 1;
	int rc;

	if (argc == 3 && strcmp(argv[1], "--remove") == 0)
		return ct_rootfs_remove(argv[2], &err) < 0 ? failed(&err) : 0;
	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++)
		options.flags |= flag_of(argv[at]);
	if (argc - at != 2) {
		fprintf(stderr, "usage: %s [--trusted] [--replace] ... ARCHIVE DEST\n", argv[0]);
		return 2;
	}
	if (strcmp(argv[at], "-") == 0)
		rc = ct_rootfs_extract_fd(0, argv[at + 1], &options, &rootfs, &err);
	else
		rc = ct_rootfs_extract(argv[at], argv[at + 1], &options, &rootfs, &err);
	if (rc < 0)
		return failed(&err);
	if (ct_rootfs_stats(rootfs, &stats) == 0)
		printf("%llu entries, %llu bytes\n", (unsigned long long)stats.entries,
			(unsigned long long)stats.bytes);
	ct_rootfs_free(rootfs);
	return 0;
}
