/* SPDX-License-Identifier: MIT */
/* What is done with the library while calls fail or processes are killed, as a table. */
#ifndef TEST_FAULTS_SCENARIOS_H
#define TEST_FAULTS_SCENARIOS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <container/container.h>

/* What the calls of one scenario work with. */
struct scene {
	char dir[128];	/* a directory of the subject's own */
	char root[160]; /* below it: a root filesystem with the probe */
	char tree[160]; /* below it: where trees are extracted to */
	ct_rootfs *rootfs;	 /* root, opened */
	ct_spec *spec;		 /* kept from the first call to the next */
	ct_container *target;	 /* a container that lives as long as the subject */
	bool lasting;		 /* payloads run until they are killed */
	ct_error err;
	const char *doing;  /* the call of the library that was made last */
	char facts[65536];  /* what the payload tells of its world, or what a tree looks like */
	const char *wrong;  /* an answer that is wrong in itself; NULL: none */
};

struct scenario {
	const char *name;
	/* Once, undisturbed. 0, or -1 where this machine cannot do it: scene->wrong tells why. */
	int (*set_up)(struct scene *scene);
	/* Before each call, undisturbed: 0, or -1. */
	int (*prepare)(struct scene *scene);
	/* The calls of the library: 0, or the negative errno of the one that failed. */
	int (*call)(struct scene *scene);
	/* The last of them, which end what is kept between two calls. */
	void (*finish)(struct scene *scene);
	/* NULL, or what is left besides what every scenario looks for; afterwards, undisturbed. */
	const char *(*left)(struct scene *scene);
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;
#define SCENARIOS_UNLISTED 3 /* the last of them */

#define WAIT_MS 20000

/* Of set_up: a root filesystem with the probe; the same where cgroups can be made. */
int make_root(struct scene *scene);
int set_up_cgroups(struct scene *scene);

/* Of call: scene->spec for the probe, which tells its facts, or pauses where payloads are to last. */
int new_spec(struct scene *scene);

/* Of call: a start of scene->spec, and its end. */
int spawn_and_end(struct scene *scene);

/* What call returns, with the spec freed where it remembers a mistake: the next call makes another. */
int made(struct scene *scene, int ret);

/* Reads what the payload tells, and waits for its end; frees the container in any case. */
int end(struct scene *scene, ct_container *box);

/* Of finish. */
void free_spec(struct scene *scene);

/* Calls that the subject makes for itself, among those of the library. */
void begin_own(void);
void end_own(void);

#endif
