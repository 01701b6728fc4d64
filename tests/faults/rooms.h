/* SPDX-License-Identifier: MIT */
/* Scenarios of what stands around a start: states, configurations, captures, events, images, explain mode. */
#ifndef TEST_FAULTS_ROOMS_H
#define TEST_FAULTS_ROOMS_H

struct scene;

/* A container that runs is saved and loaded; the state of one that has ended is removed. */
int set_up_states(struct scene *scene);
int prepare_states(struct scene *scene);
int keep_states(struct scene *scene);

/* A spec from an OCI configuration; it is not started. */
int set_up_configuration(struct scene *scene);
int read_configuration(struct scene *scene);

/* A start whose output the library reads. */
int capture(struct scene *scene);

/* A start that tells its end by a set of events. */
int watch(struct scene *scene);

/* An image is mounted, and a container started in it. */
int set_up_image(struct scene *scene);
int spawn_from_image(struct scene *scene);
const char *loop_left(struct scene *scene);

/* A start in explain mode. */
int explain(struct scene *scene);

#endif
