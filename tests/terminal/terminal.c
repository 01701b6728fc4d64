/* SPDX-License-Identifier: MIT */
/* See terminal.h. */
#include "terminal.h"

#include <container/terminal.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static ct_spec *on_terminal(ct_spec *spec)
{
	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(spec, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(spec, 31, 117));
	return spec;
}

ct_spec *typed_spec(const char *script)
{
	return on_terminal(SPEC("/bin/sh", "-c", script));
}

ct_spec *typed_visitor(const char *script)
{
	return on_terminal(VISITOR("/bin/sh", "-c", script));
}

ct_container *start_typed(ct_spec *spec, int *ret_terminal)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s\n%s", err.sentence, err.cure);
	*ret_terminal = ct_container_take_terminal(container);
	ck_assert_int_ge(*ret_terminal, 3);
	return container;
}

void type(int terminal, const char *text)
{
	ck_assert_int_eq(write(terminal, text, strlen(text)), (ssize_t)strlen(text));
}

/* text NULL: up to the end, which a terminal tells by EIO. */
static const char *show(int terminal, const char *text)
{
	static char shown[1 << 16];
	size_t used = 0;

	shown[0] = '\0';
	while (!text || !strstr(shown, text)) {
		ssize_t got;

		ck_assert_msg(
			readable(terminal, PATIENCE_MS), "nothing more comes after: %s", shown);
		got = read(terminal, shown + used, sizeof(shown) - 1 - used);
		if (got <= 0 && !text)
			break;
		ck_assert_msg(got > 0, "it ends after: %s", shown);
		used += (size_t)got;
		shown[used] = '\0';
		ck_assert_uint_lt(used, sizeof(shown) - 1);
	}
	return shown;
}

const char *shown_until(int terminal, const char *text)
{
	return show(terminal, text);
}

const char *shown_to_the_end(int terminal)
{
	return show(terminal, NULL);
}

const char *shown_by(ct_spec *spec)
{
	int terminal;
	ct_container *container = start_typed(spec, &terminal);
	const char *shown = shown_to_the_end(terminal);
	ct_exit how = wait_for(container);

	ck_assert_msg(how.code == 0, "code %d, signal %d, shown: %s", how.code, how.signal, shown);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
	return shown;
}

void wait_for_child(ct_container *container, const char *name)
{
	const struct timespec pause = {0, 5000000};
	char path[96], want[32];

	snprintf(want, sizeof(want), "%s\n", name);
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 5) {
		int pid;

		snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
			ct_container_pid(container), ct_container_pid(container));
		if (sscanf(read_file(path), "%d", &pid) == 1) {
			snprintf(path, sizeof(path), "/proc/%d/comm", pid);
			if (access(path, F_OK) == 0 && strcmp(read_file(path), want) == 0)
				return;
		}
		nanosleep(&pause, NULL);
	}
	ck_abort_msg("no child became %s", name);
}

void expect_reaped(int pidfd)
{
	siginfo_t info = {0};

	ck_assert_int_eq(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED), 0);
	ck_assert_int_eq(info.si_code, CLD_EXITED);
	ck_assert_int_eq(info.si_status, 7);
}
