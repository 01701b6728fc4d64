/* SPDX-License-Identifier: MIT */
/* The scenarios in which archives become trees and trees go away. */
#ifndef TEST_FAULTS_TREES_H
#define TEST_FAULTS_TREES_H

struct scene;

int set_up_archive(struct scene *scene);

int make_tree(struct scene *scene);
int remove_tree(struct scene *scene);

int extract(struct scene *scene);
int remove_it(struct scene *scene);

/* What is left beside the archive, but for a whole tree. */
const char *tree_left(struct scene *scene);

#endif
