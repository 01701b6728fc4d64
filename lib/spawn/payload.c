/* SPDX-License-Identifier: MIT */
/* See payload.h. What is wrong with a payload is said here, before a sandbox is spent on it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "error/error.h"
#include "payload.h"
#include "util/fd.h"

#define TARGET_MAX 1023

struct ct__ending {
	struct block block; /* never finished: each payload begins with a copy of it */
	ct__array targets;  /* int */
};

/* -------------------------------------------------------------- the model */

int ct__ending_new(struct ct__ending **ret_ending)
{
	*ret_ending = calloc(1, sizeof(**ret_ending));
	return *ret_ending ? 0 : -ENOMEM;
}

void ct__ending_free(struct ct__ending *ending)
{
	if (!ending)
		return;
	ct__block_done(&ending->block);
	ct__array_done(&ending->targets);
	free(ending);
}

struct block *ct__ending_block(struct ct__ending *ending)
{
	return &ending->block;
}

int ct__ending_set_targets(struct ct__ending *ending, const ct__array *map)
{
	int ret = 0;

	ct__array_for_each(struct plan_fd, entry, map)
		ret = ret ? ret : ct__array_add(&ending->targets, &entry->target, sizeof(int));
	return ret;
}

/* ------------------------------------------------------------- what is wrong */

static int check_program(const ct_payload *what, ct_error *err)
{
	if (what->argv && (!what->argv[0] || !what->argv[0][0]))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "a program is needed", "argv");
	if (what->program && !what->program[0])
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is empty", "program");
	for (size_t i = 0; what->envp && what->envp[i]; i++)
		if (what->envp[i][0] == '=' || !strchr(what->envp[i], '='))
			return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is not NAME=value",
				"environment: %s", what->envp[i]);
	return 0;
}

static int check_open(int fd, ct_error *err)
{
	if (fcntl(fd, F_GETFD) < 0)
		return ct__fail(err, CT_STEP_DESCRIPTOR, -errno, "fcntl", "descriptor %d", fd);
	return 0;
}

static int check_descriptors(const struct ct__plan *plan, const ct_payload *what, ct_error *err)
{
	int ret = 0;

	for (int stream = 0; stream < 3; stream++)
		if (what->stdio[stream] != -1 && plan->has_terminal)
			return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
				"it is the terminal that ct_spec_set_terminal() asks for", "stdio: %d",
				stream);
	if (what->fd_count > PAYLOAD_MAX_FDS)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -E2BIG, "more than 128 descriptors",
			"payload");
	if ((what->fd_count && !what->fds) || (what->limit_count && !what->limits))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "payload: %s",
			what->fd_count && !what->fds ? "fds" : "limits");
	for (int stream = 0; stream < 3 && ret >= 0; stream++)
		if (what->stdio[stream] != -1)
			ret = check_open(what->stdio[stream], err);
	for (size_t i = 0; i < what->fd_count && ret >= 0; i++) {
		const ct_payload_fd *map = &what->fds[i];

		if (map->target < 3 || map->target > TARGET_MAX)
			return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
				"the target is not from 3 to 1023", "descriptor %d as %d", map->fd,
				map->target);
		for (size_t other = 0; other < i; other++)
			if (what->fds[other].target == map->target)
				return ct__fail_because(err, CT_STEP_ARGUMENT, -EEXIST,
					"the target is taken", "descriptor %d as %d", map->fd,
					map->target);
		ret = check_open(map->fd, err);
	}
	return ret;
}

static int set_time(const struct ct__plan *plan, const ct_payload *what, struct spec_time *time,
	ct_error *err)
{
	const uint64_t given[] = {what->wall_ms, what->cpu_ms};
	static const ct_time kinds[] = {CT_TIME_WALL, CT_TIME_CPU};

	*time = plan->time;
	for (size_t i = 0; i < 2; i++) {
		const char *refusal = given[i] ? ct__time_set(time, kinds[i], given[i]) : NULL;

		if (refusal)
			return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, refusal,
				"time limit %d: %llu ms", (int)kinds[i], (unsigned long long)given[i]);
	}
	if (time->cpu_ms && !plan->group)
		return ct__fail_because(err, CT_STEP_LIMIT, -ENOENT,
			"it has no cgroup of its own, which would tell its cpu time", "payload");
	return 0;
}

/* ---------------------------------------------------------------- the block */

/* A descriptor to be sent, as an entry of the map. */
static int add_descriptor(ct__array *map, struct ct__payload *payload, int fd, int target)
{
	struct plan_fd entry = {(int32_t)payload->fd_count - 1, target};

	payload->fds[payload->fd_count++] = fd;
	return ct__array_add(map, &entry, sizeof(entry));
}

static bool is_in(const ct__array *map, int target)
{
	ct__array_for_each(struct plan_fd, entry, map)
		if (entry->target == target)
			return true;
	return false;
}

/* What is given, and what is there already and stays. */
static int map_descriptors(const struct ct__ending *ending, const ct_payload *what,
	struct ct__payload *payload, ct__array *map)
{
	int ret = 0;

	for (int stream = 0; stream < 3; stream++)
		if (what->stdio[stream] != -1 && ret >= 0)
			ret = add_descriptor(map, payload, what->stdio[stream], stream);
	for (size_t i = 0; i < what->fd_count && ret >= 0; i++)
		ret = add_descriptor(map, payload, what->fds[i].fd, what->fds[i].target);
	ct__array_for_each(int, target, &ending->targets) {
		const struct plan_fd stays = {-1, *target};

		if (ret >= 0 && map->count && !is_in(map, *target))
			ret = ct__array_add(map, &stays, sizeof(stays));
	}
	return ret;
}

static void add_map(struct block *block, const ct__array *map)
{
	struct plan_op *op;

	if (!map->count)
		return;
	op = ct__block_op(block, OP_DESCRIPTORS, CT_STEP_DESCRIPTOR, "descriptors");
	op->size = (uint32_t)(map->count * sizeof(struct plan_fd));
	op->data = ct__block_data(block, map->items, op->size);
}

static const char *path_in(const char *const *envp)
{
	for (size_t i = 0; envp[i]; i++)
		if (strncmp(envp[i], "PATH=", 5) == 0)
			return envp[i] + 5;
	return CT__DEFAULT_PATH;
}

/* The model's exec, with what is given in the place of the spec's. */
static void change_exec(struct block *block, const struct plan_op *model, const ct_payload *what)
{
	const char *program = what->program ? what->program : what->argv ? what->argv[0] : NULL;
	struct plan_exec exec;
	struct plan_op *op;

	if (block->error)
		return;
	memcpy(&exec, block->bytes + model->data, sizeof(exec));
	if (what->argv)
		exec.argv = ct__block_strings(block, (char *const *)(uintptr_t)what->argv);
	if (what->envp) {
		exec.envp = ct__block_strings(block, (char *const *)(uintptr_t)what->envp);
		exec.search = ct__block_string(block, path_in(what->envp));
	}
	op = ct__block_op(block, OP_EXEC, (ct_step)model->step, program ? program : "");
	if (program)
		op->path = ct__block_string(block, program);
	else
		op->path = op->object = model->path;
	op->data = ct__block_data(block, &exec, sizeof(exec));
}

static int fill_block(const struct ct__plan *plan, const ct_payload *what,
	struct ct__payload *payload, struct block *block)
{
	const struct ct__ending *ending = plan->ending;
	ct__array map = {0};
	int ret = map_descriptors(ending, what, payload, &map);

	if (ret >= 0)
		ret = ct__block_init_from(block, &ending->block);
	if (ret >= 0)
		add_map(block, &map);
	ct__array_done(&map);
	ct__array_for_each(struct plan_op, op, &ending->block.ops) {
		if (ret < 0)
			break;
		if (op->code == OP_EXEC)
			change_exec(block, op, what);
		else
			ret = ct__array_add(&block->ops, op, sizeof(*op));
	}
	return ret < 0 ? ret : ct__block_finish(block, payload->fd_count - 1);
}

int ct__payload_make(const struct ct__plan *plan, const ct_payload *what,
	struct ct__payload *ret_payload, ct_error *err)
{
	static const ct_payload nothing = CT_PAYLOAD_INIT;
	struct ct__payload payload = {.fd_count = 1};
	struct block block = {0};
	int ret;

	if (!what)
		what = &nothing;
	if (what->size < sizeof(*what))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "its size is not set", "payload");
	ret = check_program(what, err);
	if (ret >= 0)
		ret = check_descriptors(plan, what, err);
	if (ret >= 0)
		ret = set_time(plan, what, &payload.time, err);
	if (ret < 0)
		return ret;
	ret = fill_block(plan, what, &payload, &block);
	if (ret < 0) {
		ct__block_done(&block);
		return ct__fail(err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_ARGUMENT, ret, NULL, "payload");
	}
	payload.size = (uint32_t)block.used;
	payload.fds[0] = ct__sealed_memfd("ct-payload", block.bytes, block.used, false);
	payload.block = (const struct plan *)(const void *)block.bytes;
	block.bytes = NULL;
	ct__block_done(&block);
	if (payload.fds[0] < 0) {
		ret = ct__fail(err, CT_STEP_PLAN, payload.fds[0], "memfd_create", "payload");
		ct__payload_done(&payload);
		return ret;
	}
	*ret_payload = payload;
	return 0;
}

void ct__payload_done(struct ct__payload *payload)
{
	ct__close(&payload->fds[0]);
	free((void *)(uintptr_t)payload->block);
	payload->block = NULL;
}
