/* SPDX-License-Identifier: MIT */
/*
 * The floor: what the default spec asks of the kernel, by system calls written by hand in the
 * best order that is known. It promises nothing: no plan, no words for a failure, nobody who
 * watches, a child in the memory of the host. What its payload sees is what one of ct_spawn
 * sees, by tests/bench/test_floor.c.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <linux/filter.h>
#include <stdbool.h>
#include <sys/types.h>

struct floor {
	int root;	  /* the root filesystem */
	int home;	  /* a mount namespace with nothing but what masks are made of */
	int stream;	  /* stdout of each payload */
	unsigned long ns; /* CLONE_NEW* besides the mounts */
	struct sock_fprog filter;
};

/*
 * Once for all starts. model: a container of the default spec that runs, whose filter is taken.
 * NULL, or the call that failed, with its errno.
 */
const char *floor_init(struct floor *floor, const char *root, int stream, bool host_net, pid_t model);

/* Starts a program in the root; as floor_init(). *ret_pidfd is the caller's to close. */
const char *floor_start(const struct floor *floor, char *const argv[], pid_t *ret_pid, int *ret_pidfd);

void floor_done(struct floor *floor);

#endif
