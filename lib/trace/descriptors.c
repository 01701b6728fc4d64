/* SPDX-License-Identifier: MIT */
/*
 * What the descriptors of a stage are. The table follows its calls: one that opens,
 * copies or closes a descriptor has a row here that says what becomes of the table.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include <asm/ioctls.h>
#include <asm/unistd.h>

#include "descriptors.h"
#include "pieces.h"
#include "spawn/plan.h"
#include "stage/calls.h"
#include "text.h"
#include "util/ns_kinds.h"

const char *ct__descriptor(const struct descriptors *all, int64_t fd)
{
	return fd >= 0 && fd < DESCRIPTORS ? all->what[fd] : "";
}

/* The place for what fd is, emptied; one to throw away for a number that has none. */
static struct text place(struct descriptors *all, int64_t fd, char nowhere[DESCRIPTOR_TEXT])
{
	char *what = fd >= 0 && fd < DESCRIPTORS ? all->what[fd] : nowhere;

	what[0] = '\0';
	return (struct text){what, DESCRIPTOR_TEXT, 0, false};
}

static void name(struct descriptors *all, int64_t fd, const char *what)
{
	char nowhere[DESCRIPTOR_TEXT];
	struct text text = place(all, fd, nowhere);

	ct__text_escaped(&text, what, strlen(what), 0);
}

static void copy(struct descriptors *all, int64_t from, int64_t to)
{
	if (from != to && to >= 0 && to < DESCRIPTORS)
		memmove(all->what[to], ct__descriptor(all, from),
			strlen(ct__descriptor(all, from)) + 1);
}

/* --------------------------------------------------- what the host has sent */

static const char *ns_name(uint64_t kind)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (ct__ns_kinds[i].kind == kind)
			return ct__ns_kinds[i].name;
	return "";
}

/* A slot that becomes a descriptor of the payload. */
static bool name_of_target(
	const struct ct__plan *plan, const struct plan_op *op, int32_t slot, struct text *to)
{
	static const char *const streams[] = {"stdin", "stdout", "stderr"};
	const struct plan_fd *map = (const void *)((const char *)plan->block + op->data);

	for (size_t i = 0; i < op->size / sizeof(map[0]); i++) {
		if (map[i].slot != slot)
			continue;
		if (map[i].target <= 2)
			ct__text_add(to, "the payload's %s", streams[map[i].target]);
		else
			ct__text_add(to, "the payload's %d", map[i].target);
		return true;
	}
	return false;
}

/* By the first operation that uses the slot. */
static void name_of_slot(const struct ct__plan *plan, int32_t slot, struct text *to)
{
	const char *bytes = (const char *)plan->block;
	const struct plan_op *ops = (const void *)(bytes + plan->block->ops);

	for (uint32_t i = 0; i < plan->block->op_count; i++) {
		const struct plan_op *op = &ops[i];

		if (op->code == OP_DESCRIPTORS && name_of_target(plan, op, slot, to))
			return;
		if (op->slot != slot)
			continue;
		if (op->code == OP_JOIN && *ns_name(op->x) && op->step != CT_STEP_TARGET)
			ct__text_add(to, "%s namespace", ns_name(op->x));
		else if (op->code == OP_JOIN)
			ct__text_add(to, "%s", bytes + op->object);
		else if (op->code == OP_CHROOT)
			ct__text_add(to, "root of %s", bytes + op->object);
		else if (op->code == OP_NEW_MOUNT)
			ct__text_add(to, "pid namespace");
		else
			ct__text_escaped(to, bytes + op->path, strlen(bytes + op->path), 0);
		return;
	}
}

static void receive(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	struct piece piece = ct__piece(call, 1);
	size_t at = sizeof(struct trace_message);
	int fd;

	for (int32_t slot = -1; at + sizeof(fd) <= piece.size; slot++, at += sizeof(fd)) {
		char nowhere[DESCRIPTOR_TEXT];
		struct text text;

		memcpy(&fd, piece.bytes + at, sizeof(fd));
		text = place(all, fd, nowhere);
		if (slot < 0)
			ct__text_add(&text, "plan");
		else
			name_of_slot(plan, slot, &text);
	}
}

/* ------------------------------------------------------- the stage's calls */

/* A path, relative to a descriptor or not. */
static void open_path(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	int dir = (int)call->args[0];
	char nowhere[DESCRIPTOR_TEXT], base[DESCRIPTOR_TEXT];
	struct piece path = ct__piece(call, 1);
	struct text text;

	(void)plan;
	snprintf(base, sizeof(base), "%s",
		dir == AT_FDCWD || (path.size && path.bytes[0] == '/') ? "" : ct__descriptor(all, dir));
	text = place(all, call->result, nowhere);
	ct__text_add(&text, "%s%s", base, *base && path.size ? "/" : "");
	ct__text_escaped(&text, path.bytes, path.size, 0);
}

static void open_type(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	struct piece type = ct__piece(call, 0);
	char nowhere[DESCRIPTOR_TEXT];
	struct text text = place(all, call->result, nowhere);

	(void)plan;
	ct__text_escaped(&text, type.bytes, type.size, 0);
}

static void derive(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	(void)plan;
	copy(all, (int)call->args[0], call->result);
}

static void duplicate(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	if (call->number == __NR_dup3 || call->args[1] == F_DUPFD_CLOEXEC)
		derive(all, plan, call);
}

static void make_socket(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	(void)plan;
	name(all, call->result, "socket");
}

static void make_ruleset(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	(void)plan;
	name(all, call->result, "landlock rules");
}

static void make_pair(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	struct piece piece = ct__piece(call, 3);
	int ends[2];

	(void)plan;
	if (piece.size != sizeof(ends))
		return;
	memcpy(ends, piece.bytes, sizeof(ends));
	name(all, ends[0], "the host's end");
	name(all, ends[1], "host");
}

/* Other requests give 0. */
static void open_slave(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	(void)plan;
	if (call->args[1] == TIOCGPTPEER)
		name(all, call->result, "terminal");
}

static void open_listener(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	(void)plan;
	if (call->args[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		name(all, call->result, "notifications");
}

static void close_one(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	(void)plan;
	name(all, (int)call->args[0], "");
}

static void close_several(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	(void)plan;
	for (uint64_t fd = call->args[0]; fd <= call->args[1] && fd < DESCRIPTORS; fd++)
		name(all, (int64_t)fd, "");
}

static const struct {
	uint32_t number;
	void (*learn)(struct descriptors *all, const struct ct__plan *plan,
		const struct stage_trace *call);
} rows[] = {
	{__NR_recvmsg, receive},
	{__NR_openat, open_path},
	{__NR_openat2, open_path},
	{__NR_open_tree, open_path},
	{__NR_fsopen, open_type},
	{__NR_fsmount, derive},
	{__NR_fcntl, duplicate},
	{__NR_dup3, duplicate},
	{__NR_socket, make_socket},
	{__NR_landlock_create_ruleset, make_ruleset},
	{__NR_socketpair, make_pair},
	{__NR_ioctl, open_slave},
	{__NR_seccomp, open_listener},
	{__NR_close, close_one},
	{__NR_close_range, close_several},
};

void ct__descriptors_learn(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call)
{
	if (call->result < 0)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == call->number)
			rows[i].learn(all, plan, call);
}
