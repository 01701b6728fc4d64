/* SPDX-License-Identifier: MIT */
/*
 * Explain mode: every kernel call of a spawn or join, as it happens, with what
 * a shell would have done instead.
 *
 *     static void show(const ct_trace_event *event, void *data)
 *     {
 *             if (*event->shell)
 *                     printf("$ %s\n", event->shell);
 *             printf("    %s(%s) = %lld\n", event->call, event->arguments,
 *                     (long long)event->result);
 *     }
 *
 *     ct_spec_set_trace(spec, show, NULL);
 *
 * What the library does in the host comes first in each step, what the container's
 * process does follows as its reports arrive. Of one process the events come in the order
 * of its calls; which of two processes was first, at_ns tells. ct_create() shows the
 * calls up to the moment at which the container waits, ct_start() the rest. When a call
 * fails, the events of the step that failed are the last.
 */
#ifndef CONTAINER_TRACE_H
#define CONTAINER_TRACE_H

#include <stdint.h>
#include <sys/types.h>

#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who made a kernel call. */
typedef enum ct_trace_who {
	CT_TRACE_HOST = 0, /* the program that called the library */
	CT_TRACE_CHILD = 1 /* the container's process, before it became the payload */
} ct_trace_who;

/**
 * One kernel call. The strings hold during the callback only and are never NULL; bytes of
 * names that could disturb a terminal or log are escaped as \xNN, what is too long is cut
 * and ends in "...".
 */
typedef struct ct_trace_event {
	uint32_t size;	       /* sizeof(ct_trace_event) of the library */
	int32_t who;	       /* ct_trace_who */
	int32_t pid;	       /* process that made the call, as the caller sees it */
	int32_t step;	       /* ct_step that it belongs to */
	int64_t result;	       /* what the kernel answered; a negative errno is a failure */
	uint64_t at_ns;	       /* when it began: the caller's CLOCK_MONOTONIC, in nanoseconds */
	uint64_t took_ns;      /* how long it took, in nanoseconds */
	const char *call;      /* its name: "move_mount" */
	const char *arguments; /* its arguments, descriptors with what they are: "7<proc>, \"\", ..." */
	const char *object;    /* what the step is about: a path, a namespace kind, a setting; or empty */
	const char *shell;     /* at the first call of a step: the shell command that does the same,
				  or close to it; a comment (#...) where there is none; else empty.
				  The container's root is then at /mnt, spare files are in /media */
} ct_trace_event;

/**
 * Receives the events, in the thread that called the library, during that call.
 *
 * @param event the call; its memory is the library's and holds during the callback only.
 * @param data  as given to ct_spec_set_trace().
 *
 * It must return, and must not use the spec nor the container that is being made. With
 * several threads spawning from one spec it runs in each of them, at once. While it runs
 * the container's process may wait for it.
 */
typedef void (*ct_trace_fn)(const ct_trace_event *event, void *data);

#ifdef __cplusplus
}
#endif

#endif
