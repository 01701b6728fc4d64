/* SPDX-License-Identifier: MIT */
/*
 * The recorder: in the traced build of the stage every kernel call comes by here and
 * is told to the host, with its arguments, its result and its time. It adds calls of
 * its own, which are not told: clock_gettime, sendto and, once, setsockopt.
 *
 * Who: whoever makes the call. What is told is what the plan says already, and
 * numbers; the payload's environment is not.
 */
#include <linux/time_types.h>

#include "calls.h"
#include "message.h"
#include "stage.h"
#include "trace.h"

#define CLOCK_REALTIME	 0
#define CLOCK_MONOTONIC	 1
#define LEVEL_SOCKET	 1
#define PASS_CREDENTIALS 16 /* SO_PASSCRED */
#define FLAG_NOSIGNAL	 0x4000
#define KEPT		 8 /* calls before there is a wire */

static struct recorder {
	const struct stage *st;
	int flushed;
	uint32_t kept;
	int64_t shift; /* how far this process's CLOCK_MONOTONIC is ahead of the host's */
	struct stage_trace record[KEPT];
} recorder;

static int64_t clock_ns(int clock)
{
	struct __kernel_timespec now = {0, 0};

	kernel6(__NR_clock_gettime, clock, (long)&now, 0, 0, 0, 0);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void send(const struct stage_trace *record)
{
	size_t size = offsetof(struct stage_trace, pieces) + record->used;

	kernel6(__NR_sendto, recorder.st->wire, (long)record, (long)size, FLAG_NOSIGNAL, 0, 0);
}

void trace_begin(const struct stage *st)
{
	recorder.st = st;
}

/* The kernel adds the sender's pid to each message, as the receiver knows it. */
void trace_wire(int end)
{
	const int on = 1;

	kernel6(__NR_setsockopt, end, LEVEL_SOCKET, PASS_CREDENTIALS, (long)&on, sizeof(on), 0);
}

void trace_flush(const struct stage *st)
{
	recorder.st = st;
	recorder.flushed = 1;
	for (uint32_t i = 0; i < recorder.kept; i++)
		send(&recorder.record[i]);
	recorder.kept = 0;
}

/* ---------------------------------------------------------------- pieces */

/* cut: there is more than this; also if it does not fit. */
static void add_piece(
	struct stage_trace *record, unsigned int argument, const void *from, size_t size, int cut)
{
	struct trace_piece piece = {.argument = (uint8_t)argument};
	size_t room = sizeof(record->pieces) - record->used;

	if (room < sizeof(piece))
		return;
	room -= sizeof(piece);
	piece.cut = cut || size > room;
	piece.size = (uint16_t)(size > room ? room : size);
	memcpy(record->pieces + record->used, &piece, sizeof(piece));
	memcpy(record->pieces + record->used + sizeof(piece), from, piece.size);
	record->used += (uint32_t)sizeof(piece) + piece.size;
}

static void add_bytes(
	struct stage_trace *record, unsigned int argument, const void *from, size_t size)
{
	int cut = size > TRACE_STRING;

	add_piece(record, argument, from, cut ? TRACE_STRING : size, cut);
}

/* One behind the other with their NULs, as far as they fit. */
static void add_strings(struct stage_trace *record, unsigned int argument, char *const *strings)
{
	char all[TRACE_STRING];
	size_t used = 0;

	for (; *strings; strings++) {
		size_t size = text_length(*strings) + 1;

		if (used + size > sizeof(all))
			break;
		memcpy(all + used, *strings, size);
		used += size;
	}
	add_piece(record, argument, all, used, *strings != NULL);
}

static void add_count(struct stage_trace *record, unsigned int argument, char *const *strings)
{
	uint32_t count = 0;

	while (strings[count])
		count++;
	add_piece(record, argument, &count, sizeof(count), 0);
}

static void add_message(struct stage_trace *record, unsigned int argument,
	const struct message *message, size_t size)
{
	const struct control_header *header = message->control;
	struct {
		struct trace_message about;
		int fds[PLAN_MAX_SLOTS + 1];
	} told = {{(uint32_t)size, size ? *(const char *)message->parts[0].iov_base : 0, {0}}, {0}};
	size_t bytes = 0;

	if (header && message->control_size >= sizeof(*header)) {
		bytes = header->size - sizeof(*header);
		if (bytes > sizeof(told.fds))
			bytes = sizeof(told.fds);
		memcpy(told.fds, header + 1, bytes);
	}
	add_piece(record, argument, &told, sizeof(told.about) + bytes, 0);
}

static void add_before(struct stage_trace *record, const struct call *call, unsigned int i)
{
	const void *pointer = (const void *)record->args[i]; // NOLINT: it was one

	switch (call->args[i]) {
	case ARG_STRING:
		add_bytes(record, i, pointer, text_length(pointer));
		break;
	case ARG_STRINGS:
		add_strings(record, i, pointer);
		break;
	case ARG_STRING_COUNT:
		add_count(record, i, pointer);
		break;
	case ARG_BYTES:
		add_bytes(record, i, pointer, record->args[i + 1]);
		break;
	case ARG_IDS:
		add_bytes(record, i, pointer, record->args[i - 1] * sizeof(uint32_t));
		break;
	case ARG_MESSAGE:
		add_message(
			record, i, pointer, ((const struct message *)pointer)->parts[0].iov_len);
		break;
	case ARG_IOCTL_3:
		if (ioctl_size(record->args[i - 1]))
			add_piece(record, i, pointer, ioctl_size(record->args[i - 1]), 0);
		break;
	case ARG_PAIR:
		break;
	default:
		if (call_arg_sizes[call->args[i]])
			add_piece(record, i, pointer, call_arg_sizes[call->args[i]], 0);
	}
}

static void add_after(struct stage_trace *record, const struct call *call, unsigned int i)
{
	const void *pointer = (const void *)record->args[i]; // NOLINT: it was one

	if (call->args[i] == ARG_PAIR)
		add_piece(record, i, pointer, call_arg_sizes[ARG_PAIR], 0);
	else if (call->args[i] == ARG_MESSAGE_OUT)
		add_message(record, i, pointer, (size_t)record->result);
}

static void add_pieces(struct stage_trace *record, const struct call *call, int after)
{
	for (unsigned int i = 0; call && i < 6; i++) {
		if (!record->args[i])
			continue;
		if (after)
			add_after(record, call, i);
		else
			add_before(record, call, i);
	}
}

/* ------------------------------------------------------------- recording */

static int returns(long n)
{
	return n != __NR_execve && n != __NR_exit_group;
}

/* In another time namespace the clock has another beginning; CLOCK_REALTIME is the same in all. */
static int moves_clock(long n, long ret)
{
	return (n == __NR_clone3 || n == __NR_clone || n == __NR_setns) && ret == 0;
}

static void call_kernel(struct stage_trace *record)
{
	const uint64_t *args = record->args;
	int64_t real = clock_ns(CLOCK_REALTIME), began = clock_ns(CLOCK_MONOTONIC), ended;

	record->at_ns = (uint64_t)(began - recorder.shift);
	if (recorder.flushed && !returns(record->number)) {
		record->flags = TRACE_BEGUN;
		send(record);
		record->flags = 0;
	}
	record->result = kernel6(record->number, (long)args[0], (long)args[1], (long)args[2],
		(long)args[3], (long)args[4], (long)args[5]);
	ended = clock_ns(CLOCK_MONOTONIC);
	if (moves_clock(record->number, record->result)) {
		int64_t shift = (ended - clock_ns(CLOCK_REALTIME)) - (began - real);

		recorder.shift += shift;
		ended -= shift;
	}
	record->took_ns = (uint64_t)(ended - began);
}

long sys6(long n, long a, long b, long c, long d, long e, long f)
{
	const struct call *call = call_of((uint64_t)n);
	struct stage_trace *record = &recorder.record[recorder.kept];

	record->kind = STAGE_TRACED;
	record->op = recorder.st->at;
	record->number = (uint32_t)n;
	record->flags = 0;
	record->result = 0;
	record->took_ns = 0;
	record->args[0] = (uint64_t)a;
	record->args[1] = (uint64_t)b;
	record->args[2] = (uint64_t)c;
	record->args[3] = (uint64_t)d;
	record->args[4] = (uint64_t)e;
	record->args[5] = (uint64_t)f;
	record->used = 0;
	add_pieces(record, call, 0);
	call_kernel(record);
	if (record->result >= 0)
		add_pieces(record, call, 1);
	if (recorder.flushed)
		send(record);
	else if (recorder.kept + 1 < KEPT)
		recorder.kept++;
	return (long)record->result;
}
