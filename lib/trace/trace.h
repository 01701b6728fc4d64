/* SPDX-License-Identifier: MIT */
/*
 * Explain mode: what host and stage tell of their kernel calls becomes events for
 * the caller's callback. Without one there is no struct ct__trace, and all that is
 * left of this is a test for NULL.
 */
#ifndef CT_TRACE_INTERNAL_H
#define CT_TRACE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>
#include <container/trace.h>

#include "stage/plan.h"

struct ct__plan;
struct ct__trace;
struct ct__child_calls;

/* NULL if fn is. 0 or -ENOMEM. */
int ct__trace_new(ct_trace_fn fn, void *data, struct ct__trace **ret_trace);

/* NULL-safe. */
void ct__trace_free(struct ct__trace *trace);

/* The plan that the stage will follow; must live until its last call is told. */
void ct__trace_set_plan(struct ct__trace *trace, const struct ct__plan *plan);

/* Where the clone that comes next writes down its calls; NULL without a trace. */
struct ct__child_calls *ct__trace_calls(struct ct__trace *trace);

/* Tells of a clone and of what the child has called up to its exec. */
void ct__trace_clone(struct ct__trace *trace);

/*
 * Tells the callback of a call that a stage has sent word of, if message is such:
 * then true, and there is another message to wait for. pid is its sender, 0: unknown.
 */
bool ct__trace_take(struct ct__trace *trace, const union stage_message *message, size_t size,
	pid_t pid);

/* The stage has told over that wire that it goes on without an item, and why. */
void ct__trace_lacked(struct ct__trace *trace, int wire, const char *item, const ct_error *why);

/* The stage has ended without a word: tells what there is to tell. */
void ct__trace_died(struct ct__trace *trace);

/* The payload runs: the exec that was begun has succeeded. */
void ct__trace_executed(struct ct__trace *trace);

/* The host's call that comes next writes this to that file: a shell would echo it. */
void ct__trace_echo(struct ct__trace *trace, int file, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The host's call that comes next does what this shell command does. */
void ct__trace_command(struct ct__trace *trace, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Tells of a call of the host itself; use ct__traced(). Keeps errno. */
void ct__trace_host(struct ct__trace *trace, ct_step step, const char *call, int64_t result,
	uint64_t at_ns, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* CLOCK_MONOTONIC. */
uint64_t ct__trace_now(void);

/*
 * The value of expression, which is a kernel call of the host or stands for one and
 * gives a negative errno on failure; the format and what follows it are its arguments.
 */
#define ct__traced(trace, step, call, expression, ...)                                             \
	__extension__({                                                                            \
		uint64_t at_ns_ = (trace) ? ct__trace_now() : 0;                                   \
		__auto_type result_ = (expression);                                                \
		if (trace)                                                                         \
			ct__trace_host((trace), (step), (call), (int64_t)result_, at_ns_,          \
				__VA_ARGS__);                                                      \
		result_;                                                                           \
	})

#endif
