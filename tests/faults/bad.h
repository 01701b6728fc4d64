/* SPDX-License-Identifier: MIT */
/* A scenario by which a driver shows that it sees what is wrong. */
#ifndef TEST_FAULTS_BAD_H
#define TEST_FAULTS_BAD_H

struct scene;

int do_badly(struct scene *scene);

#endif
