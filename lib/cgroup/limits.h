/* SPDX-License-Identifier: MIT */
/* What a limit is in the files of v2 and of v1. Pure: no file is touched. */
#ifndef CT_CGROUP_LIMITS_H
#define CT_CGROUP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include <container/cgroup.h>

#include "util/array.h"

/* The part of a spec that is about cgroups. */
struct spec_limit {
	ct_limit limit;
	uint64_t value;
	uint64_t of; /* the disk or the size of a page that it is for; 0: it is for no one thing */
};

struct spec_cgroup_key {
	char *key, *value;
};

struct spec_cgroup {
	bool on;	  /* asked for although nothing is limited */
	char *parent;	  /* NULL: the caller's own */
	char *bus;	  /* of the systemd that is asked for a scope, "": the caller's; NULL: none is */
	ct__array limits; /* struct spec_limit */
	ct__array keys;	  /* struct spec_cgroup_key */
	bool lists_devices; /* and no others may be used */
	ct__array devices;  /* struct ct_device */
};

/* One line to be written to one file. */
struct ct__setting {
	uint32_t controller; /* enum ct__controller; CONTROLLER_COUNT: of the group itself, in v2 */
	char file[64];
	char text[192];
};

/* NULL, or why this cannot be: "it is not from 1 to 10000". */
const char *ct__limit_refusal(const struct spec_limit *limit);

/* The controller of a limit, or of a key; -EINVAL: there is none of that name. */
int ct__limit_controller(ct_limit limit);
int ct__cgroup_key_controller(const char *key);

/* NULL, or why a key cannot be set to that. */
const char *ct__cgroup_key_refusal(const char *key, const char *value);

/* The v2 name of a limit: "memory.max". */
const char *ct__limit_name(ct_limit limit);

/* The same with what it is of and how much, for an error: "io.max rbps of 8:0: 4096". */
struct ct__limit_text {
	char text[96];
};
struct ct__limit_text ct__limit_text(const struct spec_limit *limit);

/*
 * Appends what has to be written for a limit. memory_max: that of the same container,
 * or CT_UNLIMITED. 0; -EOPNOTSUPP: this layout has no such limit; -EINVAL; -ENOMEM.
 */
int ct__limit_settings(
	const struct spec_limit *limit, uint64_t memory_max, bool unified, ct__array *settings);

/* Appends a key of the caller's: 0, -ENAMETOOLONG or -ENOMEM. */
int ct__cgroup_key_settings(const struct spec_cgroup_key *key, ct__array *settings);

#endif
