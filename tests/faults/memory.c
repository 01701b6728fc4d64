/* SPDX-License-Identifier: MIT */
/*
 * Allocations that fail on demand: a program's own malloc() takes the place of libc's for all
 * libraries that it has loaded, so neither a preloaded library nor a special build is needed.
 * Counted are those of the library, of what it calls, and of the one thread that there is.
 */
#include "memory.h"

#include <errno.h>
#include <stdlib.h>

static volatile unsigned int *countdown;

void memory_fails(volatile unsigned int *at)
{
	countdown = at;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_ALLOCATOR
#endif
#endif
#if defined(HAS_ALLOCATOR) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
/* A sanitizer has an allocator of its own. */
bool memory_can_fail(void)
{
	return false;
}
#else
/* libc's own, under its other names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

bool memory_can_fail(void)
{
	return true;
}

static bool fails(void)
{
	if (!countdown || !*countdown || --*countdown)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **ret_memory, size_t alignment, size_t size)
{
	void *memory = fails() ? NULL : __libc_memalign(alignment, size);

	if (!memory)
		return ENOMEM;
	*ret_memory = memory;
	return 0;
}
#endif
