/* SPDX-License-Identifier: MIT */
/*
 * Runs a target once for each file of the directories that are named: a corpus as a test,
 * with any compiler.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static void replay(int dir, const char *name)
{
	struct stat stat;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	uint8_t *data;

	if (fd < 0 || fstat(fd, &stat) < 0)
		err(1, "%s", name);
	data = malloc((size_t)stat.st_size + !stat.st_size);
	if (!data || read(fd, data, (size_t)stat.st_size) != stat.st_size)
		err(1, "%s", name);
	close(fd);
	fprintf(stderr, "%s\n", name);
	LLVMFuzzerTestOneInput(data, (size_t)stat.st_size);
	free(data);
}

int main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		if (!dir)
			err(1, "%s", argv[i]);
		if (i == 1)
			LLVMFuzzerInitialize(&argc, &argv);
		while ((entry = readdir(dir))) {
			if (entry->d_name[0] == '.')
				continue;
			replay(dirfd(dir), entry->d_name);
			count++;
		}
		closedir(dir);
	}
	if (count == 0)
		errx(1, "there is nothing to replay");
	printf("100%%: Checks: %d, Failures: 0, Errors: 0\n", count);
	return 0;
}
