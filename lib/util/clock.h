/* SPDX-License-Identifier: MIT */
/* Time that only goes forward. No knowledge of containers. */
#ifndef CT_UTIL_CLOCK_H
#define CT_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds of CLOCK_MONOTONIC. */
static inline uint64_t ct__now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* For a time to wait in milliseconds, of which -1 is without end: when it is over. */
static inline uint64_t ct__deadline_in(int timeout_ms)
{
	return timeout_ms < 0 ? UINT64_MAX : ct__now_us() + (uint64_t)timeout_ms * 1000;
}

/* For poll(2): rounded up, so that the deadline has passed when the time is over. */
static inline int ct__ms_until(uint64_t deadline)
{
	uint64_t now = ct__now_us();

	if (deadline == UINT64_MAX)
		return -1;
	return now >= deadline ? 0 : (int)((deadline - now + 999) / 1000);
}

#endif
