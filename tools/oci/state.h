/* SPDX-License-Identifier: MIT */
/*
 * What is kept of a container: a directory of its name below --root, with
 *
 *     config.json   the configuration as it was when the container was created, with what update has changed
 *     state.json    its process and when that was started, its bundle, its cgroups; written whole
 *     box           what ct_container_save() has written; it is there from the start of the payload on
 *     lock          is held by who changes something
 *     start         the socket of the process that has created it, up to that start
 *     notify/       where the payload says that it is ready, if somebody wants to hear it
 *
 * A create that was killed leaves a
 * directory without state.json, or with a process that is gone: both can be deleted.
 */
#ifndef CT_OCI_STATE_H
#define CT_OCI_STATE_H

#include "ct-oci.h"

enum status {
	STATUS_CREATING,
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED
};

struct box {
	const char *id;
	int directory;
	int lock; /* held where it was asked for */
	json_t *config; /* NULL: it was not written */
	json_t *state;	/* NULL: it was not written */
	const char *bundle;
	json_t *cgroups;    /* paths of their directories; NULL: it has none */
	pid_t pid;	    /* 0: there is none yet */
	uint64_t ticks;
	enum status status;
};

/* Makes the directory of a new container, locked. 0, or it has complained. */
int box_new(struct box *box, const char *id, const char *bundle);

/* Opens what is kept of a container, and finds out how it is. 0, or it has complained. */
int box_open(struct box *box, const char *id, bool lock);

/* Lets others change it, or waits until nobody else does. */
void box_unlock(struct box *box);
void box_lock(struct box *box);

void box_close(struct box *box);

/* Finds out anew how it is. */
void box_look(struct box *box);

/* Writes down what there is: a process, a cgroup. */
int box_save(struct box *box, pid_t pid, const char *cgroup);

/* Writes down the configuration, which has changed. */
int box_save_config(const struct box *box);

/* Removes what is kept. */
int box_remove(struct box *box);

/* The state as the runtime-spec has it; a new reference. */
json_t *box_state(const struct box *box);

/* A handle of its process; a negative errno if it has ended. */
int box_pidfd(const struct box *box);

/* The handle of the library. 0, or it has complained. */
int box_load(struct box *box, ct_container **ret_container);

const char *status_name(enum status status);

#endif
