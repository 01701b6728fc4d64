/* SPDX-License-Identifier: MIT */
/*
 * A list of devices as the kernel takes it: lines of v1, or a program of v2. Private to
 * lib/cgroup.
 */
#ifndef CT_CGROUP_DEVICES_H
#define CT_CGROUP_DEVICES_H

#include "util/array.h"

/* Appends what v1 is told; devices: struct ct_device, beside those of every container. 0 or -ENOMEM. */
int ct__devices_settings(const ct__array *devices, ct__array *settings);

/* Loads the program of v2: a descriptor, or a negative errno. */
int ct__devices_load(const ct__array *devices);

/* Has it decide for the cgroup of v2 that the directory is of. 0 or a negative errno. */
int ct__devices_attach(int program, int directory);

#endif
