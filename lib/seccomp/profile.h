/* SPDX-License-Identifier: MIT */
/* Profiles that are JSON. Only built with the feature "json". Private to the library. */
#ifndef CT_SECCOMP_PROFILE_H
#define CT_SECCOMP_PROFILE_H

#include "json/json.h"
#include "seccomp.h"

/* A version of the kernel as one number, so that they can be compared. */
#define CT__KERNEL(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))

/*
 * Reads the object "linux.seccomp" of an OCI runtime configuration, or a profile of Docker
 * or containers-common, for a machine with this kernel. What is refused is told by the document.
 * Sets base, flags, otherwise and profile of ret, which has to be empty; free what it
 * holds by ct__seccomp_done(), also after a failure.
 */
int ct__seccomp_profile(const struct ct__json *at, uint32_t kernel, struct ct__seccomp *ret);

#endif
