/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a call as text, much as strace prints them, but with each
 * descriptor goes what it is. One small printer for each kind of argument.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "arguments.h"
#include "flags.h"
#include "pieces.h"
#include "stage/calls.h"

#define BYTES_SHOWN 64 /* of content: a name fits, a file does not */

/* One argument of a call. */
struct argument {
	const struct stage_trace *call;
	unsigned int index;
	enum call_arg kind;
	uint64_t value;
	struct piece piece;
	const struct descriptors *fds;
};

typedef void (*printer)(struct text *to, const struct argument *a);

/* --------------------------------------------------------------- numbers */

static void print_int(struct text *to, const struct argument *a)
{
	ct__text_add(to, "%d", (int)a->value);
}

static void print_size(struct text *to, const struct argument *a)
{
	ct__text_add(to, "%llu", (unsigned long long)a->value);
}

static void print_address(struct text *to, const struct argument *a)
{
	if (a->value)
		ct__text_add(to, "%#llx", (unsigned long long)a->value);
	else
		ct__text_add(to, "NULL");
}

static void print_out(struct text *to, const struct argument *a)
{
	ct__text_add(to, a->value ? "{...}" : "NULL");
}

static void print_mode(struct text *to, const struct argument *a)
{
	ct__text_add(to, a->value ? "0%o" : "%o", (unsigned int)a->value);
}

static void print_node(struct text *to, const struct argument *a)
{
	ct__value_add(to, ct__file_types, a->value & S_IFMT);
	ct__text_add(to, "|0%o", (unsigned int)(a->value & ~(uint64_t)S_IFMT));
}

static void print_device(struct text *to, const struct argument *a)
{
	if (a->value)
		ct__text_add(to, "makedev(%u, %u)", major(a->value), minor(a->value));
	else
		ct__text_add(to, "0");
}

static void print_signal(struct text *to, const struct argument *a)
{
	static const char *const names[] = {"0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS",
		"FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
		"CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
		"WINCH", "IO", "PWR", "SYS"};
	const size_t count = sizeof(names) / sizeof(names[0]);

	if (a->value < count)
		ct__text_add(to, "SIG%s", names[a->value]);
	else
		ct__text_add(to, "SIGRT_%d", (int)(a->value - count));
}

static void print_flags(struct text *to, const struct argument *a)
{
	const struct flag_set *set = &ct__flag_sets[a->kind];

	/* Flags are unsigned int or unsigned long; the arguments are extended from int. */
	if (set->kind == FLAG_BITS)
		ct__flags_add(to, set->flags, a->kind == ARG_CLONE ? a->value : (uint32_t)a->value);
	else
		ct__value_add(to, set->flags, (uint32_t)a->value);
}

static void print_open(struct text *to, const struct argument *a)
{
	if (!(a->value & (O_ACCMODE | O_PATH)) && a->call->number != __NR_dup3)
		ct__text_add(to, a->value ? "O_RDONLY|" : "O_RDONLY");
	if (a->value || a->call->number == __NR_dup3)
		print_flags(to, a);
}

static void print_fd(struct text *to, const struct argument *a)
{
	const char *what = ct__descriptor(a->fds, (int)a->value);

	if (a->kind == ARG_DIR && (int)a->value == AT_FDCWD)
		ct__text_add(to, "AT_FDCWD");
	else
		ct__text_add(to, *what ? "%d<%s>" : "%d", (int)a->value, what);
}

static void print_cap(struct text *to, uint64_t cap)
{
	char *name = cap_to_name((cap_value_t)cap);

	if (name)
		ct__text_add(to, "%s", name);
	else
		ct__text_add(to, "%llu", (unsigned long long)cap);
	cap_free(name);
}

static void print_prctl_2(struct text *to, const struct argument *a)
{
	if (a->call->args[0] == PR_CAPBSET_DROP)
		print_cap(to, a->value);
	else if (a->call->args[0] == PR_CAP_AMBIENT)
		ct__value_add(to, ct__ambient_values, a->value);
	else
		print_size(to, a);
}

static void print_prctl_3(struct text *to, const struct argument *a)
{
	if (a->call->args[0] == PR_CAP_AMBIENT && a->call->args[1] == PR_CAP_AMBIENT_RAISE)
		print_cap(to, a->value);
	else
		print_size(to, a);
}

/* --------------------------------------------------------------- strings */

static void print_quoted(struct text *to, const char *bytes, size_t size, bool cut)
{
	ct__text_add(to, "\"");
	ct__text_escaped(to, bytes, size, '"');
	ct__text_add(to, cut ? "\"..." : "\"");
}

static void print_string(struct text *to, const struct argument *a)
{
	print_quoted(to, a->piece.bytes, a->piece.size, a->piece.cut);
}

static void print_bytes(struct text *to, const struct argument *a)
{
	bool cut = a->piece.size > BYTES_SHOWN;

	print_quoted(to, a->piece.bytes, cut ? BYTES_SHOWN : a->piece.size, cut || a->piece.cut);
}

static void print_strings(struct text *to, const struct argument *a)
{
	const char *at = a->piece.bytes, *end = at + a->piece.size, *between = "";

	ct__text_add(to, "[");
	while (at < end) {
		size_t length = strnlen(at, (size_t)(end - at));

		ct__text_add(to, "%s", between);
		print_quoted(to, at, length, false);
		at += length + 1;
		between = ", ";
	}
	ct__text_add(to, a->piece.cut ? "%s...]" : "]", between);
}

/* --------------------------------------------------------------- structs */

/* A copy with the alignment that its type needs; false: the piece is not what it should be. */
static bool take(void *to, size_t size, const struct argument *a)
{
	memset(to, 0, size);
	memcpy(to, a->piece.bytes, a->piece.size < size ? a->piece.size : size);
	return a->piece.size >= call_arg_sizes[a->kind];
}

static void print_count(struct text *to, const struct argument *a)
{
	uint32_t count;

	if (take(&count, sizeof(count), a))
		ct__text_add(to, "/* %u variables */", count);
}

static void print_ids(struct text *to, const struct argument *a)
{
	ct__text_add(to, "[");
	for (size_t at = 0; at + sizeof(uint32_t) <= a->piece.size; at += sizeof(uint32_t)) {
		uint32_t id;

		memcpy(&id, a->piece.bytes + at, sizeof(id));
		ct__text_add(to, at ? ", %u" : "%u", id);
	}
	ct__text_add(to, a->piece.cut ? ", ...]" : "]");
}

static void print_open_how(struct text *to, const struct argument *a)
{
	struct argument flags = *a;
	struct open_how how;

	take(&how, sizeof(how), a);
	flags.kind = ARG_OPEN;
	flags.value = how.flags;
	ct__text_add(to, "{flags=");
	print_open(to, &flags);
	if (how.mode)
		ct__text_add(to, ", mode=0%llo", (unsigned long long)how.mode);
	ct__text_add(to, ", resolve=");
	ct__flags_add(to, ct__resolve_flags, how.resolve);
	ct__text_add(to, "}");
}

static void print_clone_args(struct text *to, const struct argument *a)
{
	struct clone_args args;

	take(&args, sizeof(args), a);
	ct__text_add(to, "{flags=");
	ct__flags_add(to, ct__flag_sets[ARG_CLONE].flags, args.flags);
	if (args.exit_signal)
		ct__text_add(to, ", exit_signal=%llu", (unsigned long long)args.exit_signal);
	ct__text_add(to, "}");
}

static void print_mount_attr(struct text *to, const struct argument *a)
{
	const struct flag *names = ct__flag_sets[ARG_MOUNT_ATTRS].flags;
	struct mount_attr attr;

	take(&attr, sizeof(attr), a);
	ct__text_add(to, "{attr_set=");
	ct__flags_add(to, names, attr.attr_set);
	if (attr.attr_clr) {
		ct__text_add(to, ", attr_clr=");
		ct__flags_add(to, names, attr.attr_clr);
	}
	ct__text_add(to, "}");
}

static void print_limit(struct text *to, const char *before, uint64_t limit)
{
	if (limit == RLIM_INFINITY)
		ct__text_add(to, "%sRLIM_INFINITY", before);
	else
		ct__text_add(to, "%s%llu", before, (unsigned long long)limit);
}

static void print_limits(struct text *to, const struct argument *a)
{
	uint64_t limits[2];

	take(limits, sizeof(limits), a);
	print_limit(to, "{rlim_cur=", limits[0]);
	print_limit(to, ", rlim_max=", limits[1]);
	ct__text_add(to, "}");
}

static void print_caps(struct text *to, const struct argument *a)
{
	struct __user_cap_data_struct sets[2];

	take(sets, sizeof(sets), a);
	ct__text_add(to, "{effective=%#llx, permitted=%#llx, inheritable=%#llx}",
		(unsigned long long)sets[1].effective << 32 | sets[0].effective,
		(unsigned long long)sets[1].permitted << 32 | sets[0].permitted,
		(unsigned long long)sets[1].inheritable << 32 | sets[0].inheritable);
}

static void print_interface(struct text *to, const struct argument *a)
{
	struct ifreq request;

	take(&request, sizeof(request), a);
	ct__text_add(to, "{ifr_name=");
	print_quoted(to, request.ifr_name, strnlen(request.ifr_name, IFNAMSIZ), false);
	ct__text_add(to, request.ifr_flags & IFF_UP ? ", ifr_flags=IFF_UP}" : "}");
}

static void print_size_of_window(struct text *to, const struct argument *a)
{
	struct winsize size;

	take(&size, sizeof(size), a);
	ct__text_add(to, "{ws_row=%u, ws_col=%u}", size.ws_row, size.ws_col);
}

static void print_lock(struct text *to, const struct argument *a)
{
	int locked;

	take(&locked, sizeof(locked), a);
	ct__text_add(to, "[%d]", locked);
}

/* By the request, which is the argument before. */
static void print_ioctl_3(struct text *to, const struct argument *a)
{
	uint64_t request = a->call->args[a->index - 1];

	if (request == TIOCGPTPEER)
		print_open(to, &(struct argument){.call = a->call, .kind = ARG_OPEN, .value = a->value});
	else if (!ioctl_size(request))
		print_int(to, a);
	else if (!a->piece.bytes)
		ct__text_add(to, a->value ? "..." : "NULL");
	else if (request == TIOCSWINSZ)
		print_size_of_window(to, a);
	else if (request == TIOCSPTLCK)
		print_lock(to, a);
	else
		print_interface(to, a);
}

/* The stage's own memory is not there any more: how long the program is says enough. */
static void print_filter(struct text *to, const struct argument *a)
{
	struct sock_fprog program;

	take(&program, sizeof(program), a);
	ct__text_add(to, "{len=%u, filter=%#llx}", (unsigned int)program.len,
		(unsigned long long)(uintptr_t)program.filter);
}

static void print_numbers(struct text *to, const struct argument *a, size_t at)
{
	const char *between = "";

	ct__text_add(to, "[");
	for (; at + sizeof(int) <= a->piece.size; at += sizeof(int)) {
		const char *what;
		int fd;

		memcpy(&fd, a->piece.bytes + at, sizeof(fd));
		what = ct__descriptor(a->fds, fd);
		ct__text_add(to, *what ? "%s%d<%s>" : "%s%d", between, fd, what);
		between = ", ";
	}
	ct__text_add(to, "]");
}

static void print_pair(struct text *to, const struct argument *a)
{
	print_numbers(to, a, 0);
}

static void print_message(struct text *to, const struct argument *a)
{
	struct trace_message about;

	memset(&about, 0, sizeof(about));
	memcpy(&about, a->piece.bytes,
		a->piece.size < sizeof(about) ? a->piece.size : sizeof(about));
	if (about.size == 1) {
		ct__text_add(to, "{");
		print_quoted(to, &about.first, 1, false);
	} else {
		ct__text_add(to, "{%u bytes", about.size);
	}
	if (a->piece.size > sizeof(about)) {
		ct__text_add(to, ", descriptors ");
		print_numbers(to, a, sizeof(about));
	}
	ct__text_add(to, "}");
}

/* ----------------------------------------------------------------- calls */

static const printer printers[ARG_KINDS] = {
	[ARG_INT] = print_int,
	[ARG_SIZE] = print_size,
	[ARG_ADDRESS] = print_address,
	[ARG_OUT] = print_out,
	[ARG_ID] = print_int,
	[ARG_FD] = print_fd,
	[ARG_DIR] = print_fd,
	[ARG_MODE] = print_mode,
	[ARG_NODE] = print_node,
	[ARG_DEVICE] = print_device,
	[ARG_SIGNAL] = print_signal,
	[ARG_OPEN] = print_open,
	[ARG_PRCTL_2] = print_prctl_2,
	[ARG_PRCTL_3] = print_prctl_3,
	[ARG_FCNTL_3] = print_int,
	[ARG_STRING] = print_string,
	[ARG_STRINGS] = print_strings,
	[ARG_STRING_COUNT] = print_count,
	[ARG_BYTES] = print_bytes,
	[ARG_IDS] = print_ids,
	[ARG_OPEN_HOW] = print_open_how,
	[ARG_CLONE_ARGS] = print_clone_args,
	[ARG_MOUNT_ATTR] = print_mount_attr,
	[ARG_LIMITS] = print_limits,
	[ARG_CAPS] = print_caps,
	[ARG_IOCTL_3] = print_ioctl_3,
	[ARG_FILTER] = print_filter,
	[ARG_MESSAGE] = print_message,
	[ARG_PAIR] = print_pair,
	[ARG_MESSAGE_OUT] = print_message,
};

static printer printer_of(unsigned int kind)
{
	if (kind >= ARG_KINDS)
		return NULL;
	return printers[kind] ? printers[kind] : ct__flag_sets[kind].flags ? print_flags : NULL;
}

int ct__argument_has_printer(unsigned int kind)
{
	return printer_of(kind) != NULL;
}

static bool is_pointer(enum call_arg kind)
{
	return kind >= ARG_STRING;
}

static void print(struct text *to, const struct argument *a)
{
	if (is_pointer(a->kind) && !a->value)
		ct__text_add(to, "NULL");
	else if (is_pointer(a->kind) && !a->piece.bytes)
		ct__text_add(to, "..."); /* not copied: the call has failed, or there was no room */
	else
		printer_of(a->kind)(to, a);
}

void ct__arguments_add(
	struct text *to, const struct stage_trace *call, const struct descriptors *fds)
{
	const struct call *row = call_of(call->number);

	for (unsigned int i = 0; row && i < 6 && row->args[i]; i++) {
		const struct argument a = {call, i, (enum call_arg)row->args[i], call->args[i],
			ct__piece(call, i), fds};

		if (i)
			ct__text_add(to, ", ");
		print(to, &a);
	}
}
