/* SPDX-License-Identifier: MIT */
/* In place of gunzip.c in a build without ISA-L: gzip is left to libarchive. */
#include "rootfs.h"

int ct__gunzip_open(struct ct__input *input, struct ct__gunzip **ret_gunzip)
{
	(void)input;
	*ret_gunzip = NULL;
	return 0;
}

ssize_t ct__gunzip_fill(struct ct__gunzip *gunzip, void *buffer, size_t size, const char **ret_why)
{
	(void)gunzip;
	(void)buffer;
	(void)size;
	(void)ret_why;
	return 0;
}

void ct__gunzip_free(struct ct__gunzip *gunzip)
{
	(void)gunzip;
}
