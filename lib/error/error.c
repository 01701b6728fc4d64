/* SPDX-License-Identifier: MIT */
/*
 * ct_error: one place that puts a failure into words.
 * It does not decide what to advise; that is the table in explain.c.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

static const char *const step_names[] = {
	[CT_STEP_NONE] = "none",
	[CT_STEP_ARGUMENT] = "argument",
	[CT_STEP_MEMORY] = "memory",
	[CT_STEP_ARCHIVE] = "archive",
	[CT_STEP_ENTRY] = "archive entry",
	[CT_STEP_WRITE] = "writing",
	[CT_STEP_QUOTA] = "quota",
	[CT_STEP_CANCEL] = "cancel",
	[CT_STEP_DESTINATION] = "destination",
	[CT_STEP_COMMIT] = "commit",
	[CT_STEP_REMOVE] = "removal",
	[CT_STEP_ROOTFS] = "root filesystem",
	[CT_STEP_PLAN] = "plan",
	[CT_STEP_STDIO] = "stdio",
	[CT_STEP_CLONE] = "clone",
	[CT_STEP_STAGE] = "stage",
	[CT_STEP_IDMAP] = "id map",
	[CT_STEP_NAMESPACE] = "namespace",
	[CT_STEP_SESSION] = "session",
	[CT_STEP_HOSTNAME] = "host name",
	[CT_STEP_LOOPBACK] = "loopback",
	[CT_STEP_SYSCTL] = "sysctl",
	[CT_STEP_PROPAGATION] = "propagation",
	[CT_STEP_ROOT] = "root",
	[CT_STEP_MOUNT] = "mount",
	[CT_STEP_DEVICE] = "device",
	[CT_STEP_FILE] = "file",
	[CT_STEP_MASK] = "masked path",
	[CT_STEP_READONLY] = "read-only path",
	[CT_STEP_PIVOT] = "pivot_root",
	[CT_STEP_RLIMIT] = "resource limit",
	[CT_STEP_OOM_SCORE] = "oom score",
	[CT_STEP_CAPABILITY] = "capabilities",
	[CT_STEP_IDENTITY] = "identity",
	[CT_STEP_CWD] = "working directory",
	[CT_STEP_DESCRIPTOR] = "descriptors",
	[CT_STEP_PROGRAM] = "program",
	[CT_STEP_EXEC] = "exec",
	[CT_STEP_START] = "start",
	[CT_STEP_WAIT] = "wait",
	[CT_STEP_KILL] = "kill",
	[CT_STEP_DETACH] = "detach",
	[CT_STEP_KEEPER] = "keeper",
	[CT_STEP_LIST] = "namespace list",
	[CT_STEP_TARGET] = "target",
	[CT_STEP_CGROUP] = "cgroup",
	[CT_STEP_LIMIT] = "limit",
	[CT_STEP_PROBE] = "probe",
	[CT_STEP_OWNERS] = "owners",
	[CT_STEP_SECCOMP] = "seccomp",
	[CT_STEP_INSIDE] = "reaching inside",
	[CT_STEP_TERMINAL] = "terminal",
	[CT_STEP_STATE] = "state",
	[CT_STEP_LANDLOCK] = "landlock",
	[CT_STEP_LABEL] = "label",
};

const char *ct_step_name(int step)
{
	if (step < 0 || (size_t)step >= sizeof(step_names) / sizeof(step_names[0]) ||
		!step_names[step])
		return "unknown step";
	return step_names[step];
}

/*
 * Copies text so that it cannot disturb a terminal or a log: control bytes and
 * the backslash become \xNN, anything cut off ends in "...". Bytes from 0x80 on
 * are kept, they may be UTF-8.
 */
static void copy_escaped(char *to, size_t size, const char *from)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	for (; *from; from++) {
		unsigned char c = (unsigned char)*from;
		size_t need = c < 0x20 || c == 0x7f || c == '\\' ? 4 : 1;

		if (used + need + 4 > size) {
			memcpy(to + used, "...", 3);
			used += 3;
			break;
		}
		if (need == 4) {
			to[used] = '\\';
			to[used + 1] = 'x';
			to[used + 2] = hex[c >> 4];
			to[used + 3] = hex[c & 15];
		} else {
			to[used] = (char)c;
		}
		used += need;
	}
	to[used] = '\0';
}

__attribute__((format(printf, 6, 0)))
static void fill(ct_error *err, ct_step step, int code, const char *call, const char *reason,
	const char *format, va_list args)
{
	char raw[sizeof(err->object)];

	err->code = code;
	err->step = step;
	err->reserved = 0;
	snprintf(err->call, sizeof(err->call), "%s", call ? call : "");
	vsnprintf(raw, sizeof(raw), format, args);
	copy_escaped(err->object, sizeof(err->object), raw);
	snprintf(err->sentence, sizeof(err->sentence), "%s: %s%s%s%s%s", ct_step_name(step),
		err->object, err->object[0] ? ": " : "", call ? call : "", call ? ": " : "",
		reason ? reason : ct__errno_words(code));
	snprintf(err->cure, sizeof(err->cure), "%s", ct__cure(step, code, call));
}

/* A caller that did not use CT_ERROR_INIT, or was built for a shorter ct_error, gets nothing. */
static bool is_usable(const ct_error *err)
{
	return err && err->size >= sizeof(ct_error);
}

void ct__error_copy(const ct_error *from, ct_error *err)
{
	uint32_t size;

	if (!is_usable(err))
		return;
	size = err->size;
	*err = *from;
	err->size = size;
}

int ct__fail(ct_error *err, ct_step step, int code, const char *call, const char *format, ...)
{
	va_list args;

	if (!is_usable(err))
		return code;
	va_start(args, format);
	fill(err, step, code, call, NULL, format, args);
	va_end(args);
	return code;
}

int ct__fail_because(ct_error *err, ct_step step, int code, const char *reason,
	const char *format, ...)
{
	va_list args;

	if (!is_usable(err))
		return code;
	va_start(args, format);
	fill(err, step, code, NULL, reason, format, args);
	va_end(args);
	return code;
}

void ct__error_set_call(ct_error *err, const char *call)
{
	if (!is_usable(err))
		return;
	snprintf(err->call, sizeof(err->call), "%s", call);
	snprintf(err->cure, sizeof(err->cure), "%s", ct__cure((ct_step)err->step, err->code, call));
}

bool ct__error_is_bare(const ct_error *err)
{
	const char *words;
	size_t length;

	if (!is_usable(err))
		return false;
	words = ct__errno_words(err->code);
	length = strlen(err->sentence);
	return length >= strlen(words) && strcmp(err->sentence + length - strlen(words), words) == 0;
}

void ct__error_explain(ct_error *err, const char *reason, const char *cure)
{
	size_t used;

	if (!is_usable(err))
		return;
	used = strlen(err->sentence);
	if (sizeof(err->sentence) - used < sizeof(": ..."))
		return;
	memcpy(err->sentence + used, ": ", 2);
	copy_escaped(err->sentence + used + 2, sizeof(err->sentence) - used - 2, reason);
	copy_escaped(err->cure, sizeof(err->cure), cure);
}
