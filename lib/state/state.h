/* SPDX-License-Identifier: MIT */
/*
 * The state of a container as a text: a line for each thing, a word for what it is. Private to
 * lib/state.
 */
#ifndef CT_STATE_ROOM_H
#define CT_STATE_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <container/spawn.h>

/* Of which process: it is that one, or it is gone. */
struct ct__state_process {
	char boot[40]; /* of the machine; as /proc/sys/kernel/random/boot_id tells it */
	uint64_t pid_ns;
	pid_t pid;
	uint64_t start_ticks;
};

/* This machine and pid namespace, and a process in it; 0 or a negative errno. */
int ct__state_process_now(pid_t pid, struct ct__state_process *ret_process);

/* Free the text. 0 or a negative errno. */
int ct__state_write(
	const ct_container *box, const struct ct__state_process *process, char **ret_text, size_t *ret_size);

/*
 * What a text, ended by NUL, says: of the process, and into box what else there is. box may be NULL: the
 * process alone. 0; -EBADMSG; or another negative errno, when box can be freed all the same.
 */
int ct__state_read(const char *text, struct ct__state_process *ret_process, ct_container *box);

#endif
