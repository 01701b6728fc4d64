/* SPDX-License-Identifier: MIT */
/*
 * The host is left alone: each exported call, used well and used badly, between two
 * records of the process (support/snapshot.h).
 *
 * To add a call: a line in the list of the file for its header (uses_*.c), or a new
 * file with a list of its own, named in host.c and meson.build:
 *
 *     X(ct_spec_set_umask, takes, (scene.spec, 027), .returns = 0)
 *     X(ct_spec_set_umask, refuses, (scene.spec, 01000), .returns = -EINVAL)
 *
 * that is: the call, a word for how it goes, its arguments, and what is known of it, by
 * the members of struct use. What a call works with is in the scene: a spec is always
 * there, the rest is made by prepare() and freed after the call. A call of
 * lib/libcontainer.map without a line of success, or without one of failure, fails the
 * test by its name, unless never_fails[] in host.c has it.
 */
#ifndef TEST_HOST_HOST_H
#define TEST_HOST_HOST_H

#include "support/box.h"

#include <container/devices.h>
#include <container/events.h>
#include <container/init.h>
#include <container/join.h>
#include <container/label.h>
#include <container/landlock.h>
#include <container/ns.h>
#include <container/pool.h>
#include <container/probe.h>
#include <container/proc.h>

/* What a use works with; freed and closed after it, where it is there. */
struct scene {
	ct_spec *spec; /* of a container that pauses; made for each use */
	ct_container *container;
	ct_container *visitor; /* in the container */
	ct_ns_list *list;
	char *text;
	ct_events *events;
	ct_pool *pool;
	ct_probe *probe;
	char *probe_text, *oci_text;
	ct_rootfs *rootfs;
	int fd; /* -1: none */
	ct_error err;
};
extern struct scene scene;

struct use {
	const char *call; /* as lib/libcontainer.map has it */
	const char *how;
	long (*use)(void);
	long returns;	       /* below 0: a use that fails; ANYTHING: all but that */
	void (*prepare)(void); /* before the first record */
	unsigned int changes;  /* SNAPSHOT_*: what the documentation of the call announces */
	int children;	       /* and how many children more; fewer if negative */
	bool as_root;	       /* left out for an ordinary user */
	bool makes_cgroup;     /* left out where none can be made */
	bool mounts_image;     /* left out where none can be mounted */
	bool needs_json;       /* left out where the library was built without it */
};
#define ANYTHING LONG_MAX

/* No process has this number: the kernel's are below 2^22. */
#define NOBODY INT_MAX

/* For a list X(call, how, arguments, .member = value ...): its functions, and its rows. */
#define USE_FUNCTION(call, how, arguments, ...) \
	static long call##_##how(void)          \
	{                                       \
		return call arguments;          \
	}
#define USE_ROW(call, how, arguments, ...) {#call, #how, call##_##how, __VA_ARGS__},

/* Each ends with an empty row. */
extern const struct use rootfs_uses[], spec_uses[], spawn_uses[], join_uses[], ns_uses[],
	cgroup_uses[], probe_uses[], protection_uses[], terminal_uses[], notify_uses[], time_uses[], oci_uses[], events_uses[],
	inside_uses[], pool_uses[];

/* A spec of a container that pauses, without stdio. */
ct_spec *pausing(void);

/* The tests, for the user that the program is. */
Suite *host_suite(const char *name);

#endif
