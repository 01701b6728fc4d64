/* SPDX-License-Identifier: MIT */
/* Scenarios by which a driver shows that it sees what is wrong. */
#ifndef TEST_FAULTS_BAD_H
#define TEST_FAULTS_BAD_H

struct scene;

int do_badly(struct scene *scene);

/* Clears away what it makes, unless it is killed: then nobody does. */
int be_careless(struct scene *scene);

#endif
