/* SPDX-License-Identifier: MIT */
/* A callback that keeps what explain mode told; see recorder.h. */
#include "trace/recorder.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 4096

__thread struct told *told;
__thread size_t told_count;

static int data_of_listener;

static void expect_printable(const char *text)
{
	const char *at = text;

	while ((unsigned char)*at >= 0x20 && *at != 0x7f)
		at++;
	/* Once for each text: Check writes to a pipe each time, which is dear under strace. */
	ck_assert_msg(!*at, "a control byte was told: %s", at);
}

static void keep(const ct_trace_event *event, void *data)
{
	const char *const texts[] = {event->call, event->arguments, event->object, event->shell};
	struct told *to;

	ck_assert_ptr_eq(data, &data_of_listener);
	ck_assert_uint_eq(event->size, sizeof(*event));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_printable(texts[i]);
	ck_assert_int_gt(event->pid, 0);
	ck_assert_int_gt(event->step, 0);
	ck_assert_str_ne(event->call, "");
	if (!told)
		told = calloc(ROOM, sizeof(*told));
	ck_assert_ptr_nonnull(told);
	ck_assert_uint_lt(told_count + 1, ROOM);
	to = &told[told_count++];
	to->who = event->who;
	to->pid = event->pid;
	to->step = event->step;
	to->result = event->result;
	to->at_ns = event->at_ns;
	to->took_ns = event->took_ns;
	snprintf(to->call, sizeof(to->call), "%s", event->call);
	snprintf(to->arguments, sizeof(to->arguments), "%s", event->arguments);
	snprintf(to->object, sizeof(to->object), "%s", event->object);
	snprintf(to->shell, sizeof(to->shell), "%s", event->shell);
	to[1] = (struct told){0};
}

void listen_to(ct_spec *spec)
{
	forget_all();
	ck_assert_int_eq(ct_spec_set_trace(spec, keep, &data_of_listener), 0);
}

void forget_all(void)
{
	told_count = 0;
	if (told)
		told[0] = (struct told){0};
}

const struct told *next_call(const struct told *from, const char *call)
{
	for (; from && from < told + told_count; from++)
		if (strcmp(from->call, call) == 0)
			return from;
	return NULL;
}

const struct told *shell_of(const char *begin)
{
	for (const struct told *at = told; at < told + told_count; at++)
		if (strncmp(at->shell, begin, strlen(begin)) == 0)
			return at;
	ck_abort_msg("no step told a shell command that begins with \"%s\"", begin);
	return NULL;
}

void expect_same_lines(const char *got, const char *want)
{
	while (*got || *want) {
		size_t length = strcspn(got, "\n"), other = strcspn(want, "\n");

		ck_assert_msg(length == other && memcmp(got, want, length) == 0,
			"got \"%.*s\" where it should be \"%.*s\"",
			(int)(length < 1000 ? length : 1000), got,
			(int)(other < 1000 ? other : 1000), want);
		got += length + (got[length] == '\n');
		want += other + (want[other] == '\n');
	}
}
