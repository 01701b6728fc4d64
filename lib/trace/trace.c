/* SPDX-License-Identifier: MIT */
/*
 * Explain mode on the host's side: its own calls, and what a stage tells of those it
 * makes, become events. How they are put into words is in the neighbours.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "shell.h"
#include "spawn/clone.h"
#include "spawn/plan.h"
#include "stage/calls.h"
#include "trace.h"

struct ct__trace {
	ct_trace_fn fn;
	void *data;
	const struct ct__plan *plan;
	pid_t pid;		  /* the first process */
	uint32_t next_op;	  /* operations below have shown their shell command */
	struct stage_trace begun; /* an exec that has no result so far */
	pid_t begun_pid;	  /* 0: there is none */
	struct ct__child_calls calls;
	struct ct__child_call *exec; /* of them the last, not told so far; NULL: none */
	struct descriptors fds;	     /* of the stage */
	char arguments[4096], object[512], shell[8192];
};

uint64_t ct__trace_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int ct__trace_new(ct_trace_fn fn, void *data, struct ct__trace **ret_trace)
{
	struct ct__trace *trace;

	*ret_trace = NULL;
	if (!fn)
		return 0;
	trace = calloc(1, sizeof(*trace));
	if (!trace)
		return -ENOMEM;
	trace->fn = fn;
	trace->data = data;
	*ret_trace = trace;
	return 0;
}

void ct__trace_free(struct ct__trace *trace)
{
	free(trace);
}

void ct__trace_set_plan(struct ct__trace *trace, const struct ct__plan *plan)
{
	if (trace)
		trace->plan = plan;
}

/* --------------------------------------------------------------- telling */

/* The strings that were built for it go out with the event, and are empty again. */
static void tell(struct ct__trace *trace, ct_trace_event *event)
{
	int saved = errno;

	event->size = sizeof(*event);
	event->arguments = trace->arguments;
	event->object = trace->object;
	event->shell = trace->shell;
	trace->fn(event, trace->data);
	trace->arguments[0] = trace->object[0] = trace->shell[0] = '\0';
	errno = saved;
}

void ct__trace_echo(struct ct__trace *trace, int file, const char *format, ...)
{
	char link[64], path[4096], line[4096];
	struct text shell;
	ssize_t length;
	size_t end;
	va_list args;

	if (!trace)
		return;
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", file);
	length = readlink(link, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	end = strlen(line);
	if (end && line[end - 1] == '\n') /* echo adds it */
		line[end - 1] = '\0';
	shell = TEXT_IN(trace->shell);
	ct__text_add(&shell, "echo ");
	ct__text_word(&shell, line);
	ct__text_add(&shell, " > ");
	ct__text_word(&shell, path);
}

void ct__trace_command(struct ct__trace *trace, const char *format, ...)
{
	char line[4096];
	struct text shell;
	va_list args;

	if (!trace)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	shell = TEXT_IN(trace->shell);
	ct__text_add(&shell, "%s", line);
}

void ct__trace_host(struct ct__trace *trace, ct_step step, const char *call, int64_t result,
	uint64_t at_ns, const char *format, ...)
{
	ct_trace_event event = {
		.who = CT_TRACE_HOST,
		.pid = getpid(),
		.step = (int32_t)step,
		.result = result,
		.at_ns = at_ns,
		.took_ns = ct__trace_now() - at_ns,
		.call = call,
	};
	struct text arguments = TEXT_IN(trace->arguments);
	char raw[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	ct__text_escaped(&arguments, raw, strlen(raw), 0);
	tell(trace, &event);
}

void ct__trace_lacked(struct ct__trace *trace, int wire, const char *item, const ct_error *why)
{
	struct text shell, object;

	if (!trace)
		return;
	shell = TEXT_IN(trace->shell);
	ct__text_add(&shell, "# it goes on, but not enforced: %s", item);
	object = TEXT_IN(trace->object);
	ct__text_add(&object, "%s", why->object);
	ct__trace_host(trace, (ct_step)why->step, "recvmsg", sizeof(struct stage_report),
		ct__trace_now(), "%d<stage>, {\"%s\"}", wire, why->sentence);
}

/* ------------------------------------------------------------- the clone */

struct ct__child_calls *ct__trace_calls(struct ct__trace *trace)
{
	if (!trace)
		return NULL;
	trace->calls.count = 0;
	return &trace->calls;
}

static void add_piece(struct stage_trace *call, uint8_t argument, const char *bytes, size_t size)
{
	const struct trace_piece piece = {argument, 0, (uint16_t)size};

	memcpy(call->pieces + call->used, &piece, sizeof(piece));
	memcpy(call->pieces + call->used + sizeof(piece), bytes, size);
	call->used += (uint32_t)(sizeof(piece) + size);
}

/* Who: the child, which ran in the host's memory and wrote down its calls there. */
static void tell_child(struct ct__trace *trace, const struct ct__child_call *child)
{
	struct stage_trace call = {.number = child->number, .result = child->result};
	struct text arguments = TEXT_IN(trace->arguments);
	const struct call *row = call_of(child->number);
	ct_trace_event event = {
		.who = CT_TRACE_CHILD,
		.pid = trace->pid,
		.step = CT_STEP_STAGE,
		.result = child->result,
		.at_ns = child->at_ns,
		.took_ns = child->took_ns,
		.call = row ? row->name : "?",
	};

	for (size_t i = 0; i < sizeof(child->args) / sizeof(child->args[0]); i++)
		call.args[i] = (uint64_t)child->args[i];
	/* What it copies, it knows by the numbers of the host: see child_main() in spawn/clone.c. */
	if (child->number == SYS_dup3 && call.args[0] < DESCRIPTORS)
		snprintf(trace->fds.what[call.args[0]], DESCRIPTOR_TEXT, "%s",
			call.args[1] ? "stage" : "host");
	if (child->number == SYS_execveat) {
		add_piece(&call, 1, "", 0);
		add_piece(&call, 2, "ct-stage", sizeof("ct-stage"));
		add_piece(&call, 3, "\0\0\0", 4);
	}
	ct__arguments_add(&arguments, &call, &trace->fds);
	ct__descriptors_learn(&trace->fds, NULL, &call);
	snprintf(trace->object, sizeof(trace->object), "stage");
	tell(trace, &event);
}

void ct__trace_clone(struct ct__trace *trace)
{
	struct stage_trace clone = {.number = SYS_clone3, .args = {1, sizeof(struct clone_args)}};
	struct ct__child_calls *calls;
	struct text text;
	ct_trace_event event;

	if (!trace)
		return;
	calls = &trace->calls;
	trace->pid = (pid_t)calls->result;
	event = (ct_trace_event){
		.who = CT_TRACE_HOST,
		.pid = getpid(),
		.step = CT_STEP_CLONE,
		.result = calls->result,
		.at_ns = calls->at_ns,
		.took_ns = calls->took_ns,
		.call = "clone3",
	};
	add_piece(&clone, 0, (const char *)&calls->args, sizeof(calls->args));
	text = TEXT_IN(trace->arguments);
	ct__arguments_add(&text, &clone, &trace->fds);
	text = TEXT_IN(trace->shell);
	ct__text_add(&text, "unshare");
	ct__shell_namespaces(&text, calls->args.flags, " --fork");
	if (text.used == strlen("unshare"))
		ct__text_clear(&text);
	snprintf(trace->object, sizeof(trace->object), "namespaces");
	tell(trace, &event);
	for (unsigned int i = 0; i < calls->count; i++) {
		if (calls->call[i].number == SYS_execveat && !calls->call[i].result)
			trace->exec = &calls->call[i];
		else
			tell_child(trace, &calls->call[i]);
	}
}

/*
 * The exec of the stage is over before its first call, but when exactly the host knows
 * only from that: it is told then, or if the stage has died.
 */
static void tell_exec(struct ct__trace *trace, uint64_t until_ns)
{
	struct ct__child_call *exec = trace->exec;

	trace->exec = NULL;
	if (!exec)
		return;
	if (exec->at_ns + exec->took_ns > until_ns)
		exec->took_ns = until_ns - exec->at_ns;
	tell_child(trace, exec);
}

void ct__trace_died(struct ct__trace *trace)
{
	if (trace)
		tell_exec(trace, UINT64_MAX);
}

/* ------------------------------------------------------------- the stage */

/* The operation's step; its object and, once, its shell command go into the texts. */
static int describe(struct ct__trace *trace, uint32_t index)
{
	const struct plan *block = trace->plan->block;
	const char *bytes = (const char *)block;
	struct text object = TEXT_IN(trace->object), shell = TEXT_IN(trace->shell);
	const struct plan_op *op;

	if (index >= block->op_count) {
		ct__text_add(&object, "stage");
		return CT_STEP_STAGE;
	}
	op = (const struct plan_op *)(const void *)(bytes + block->ops) + index;
	ct__text_escaped(&object, bytes + op->object, strlen(bytes + op->object), 0);
	if (index >= trace->next_op) {
		ct__shell_add(&shell, trace->plan, index);
		trace->next_op = index + 1;
	}
	return op->step;
}

static void tell_stage(struct ct__trace *trace, const struct stage_trace *call, pid_t pid)
{
	struct text arguments = TEXT_IN(trace->arguments);
	const struct call *row = call_of(call->number);
	char number[24];
	ct_trace_event event = {
		.who = CT_TRACE_CHILD,
		.pid = pid ? pid : trace->pid,
		.result = call->result,
		.at_ns = call->at_ns,
		.took_ns = call->took_ns,
		.call = row ? row->name : number,
	};

	snprintf(number, sizeof(number), "syscall_%u", call->number);
	event.step = describe(trace, call->op);
	/* A call that makes descriptors shows what they are, one that ends them what they were. */
	if (call->number != SYS_close && call->number != SYS_close_range)
		ct__descriptors_learn(&trace->fds, trace->plan, call);
	ct__arguments_add(&arguments, call, &trace->fds);
	if (call->number == SYS_close || call->number == SYS_close_range)
		ct__descriptors_learn(&trace->fds, trace->plan, call);
	tell(trace, &event);
}

bool ct__trace_take(
	struct ct__trace *trace, const union stage_message *message, size_t size, pid_t pid)
{
	const size_t head = offsetof(struct stage_trace, pieces);
	const struct stage_trace *call = &message->trace;

	if (!trace || size < sizeof(message->kind) || message->kind != STAGE_TRACED)
		return false;
	if (size < head || call->used > sizeof(call->pieces) || size != head + call->used)
		return true; /* not in our words: not worth a failed start */
	tell_exec(trace, call->at_ns);
	if ((call->flags & TRACE_BEGUN) && call->number == SYS_execve) {
		memcpy(&trace->begun, call, size);
		trace->begun_pid = pid ? pid : trace->pid;
		return true;
	}
	trace->begun_pid = 0;
	tell_stage(trace, call, pid);
	return true;
}

void ct__trace_executed(struct ct__trace *trace)
{
	uint64_t now;

	if (!trace || !trace->begun_pid)
		return;
	now = ct__trace_now();
	if (now > trace->begun.at_ns)
		trace->begun.took_ns = now - trace->begun.at_ns;
	trace->begun.result = 0;
	tell_stage(trace, &trace->begun, trace->begun_pid);
	trace->begun_pid = 0;
}
