/* SPDX-License-Identifier: MIT */
/* Building the flat block of a plan. Knows nothing of what the operations mean. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"

#define SIZE_LIMIT (256u << 20)

int ct__block_init(struct block *block)
{
	static const struct plan header;

	*block = (struct block){0};
	ct__block_data(block, &header, sizeof(header));
	return block->error;
}

void ct__block_done(struct block *block)
{
	free(block->bytes);
	ct__array_done(&block->ops);
}

/* Makes room for size more bytes; false if that fails, now or before. */
static int reserve(struct block *block, size_t size)
{
	size_t room = block->room ? block->room : 4096;
	char *grown;

	if (block->error)
		return 0;
	while (room - block->used < size && room <= SIZE_LIMIT)
		room *= 2;
	if (room > SIZE_LIMIT) {
		block->error = -E2BIG;
		return 0;
	}
	if (room == block->room)
		return 1;
	grown = realloc(block->bytes, room);
	if (!grown) {
		block->error = -ENOMEM;
		return 0;
	}
	block->bytes = grown;
	block->room = room;
	return 1;
}

int ct__block_init_from(struct block *block, const struct block *other)
{
	*block = (struct block){0};
	if (reserve(block, other->used))
		memcpy(block->bytes, other->bytes, other->used);
	block->used = other->used;
	return block->error;
}

uint32_t ct__block_data(struct block *block, const void *data, size_t size)
{
	size_t padded = (size + 7) & ~(size_t)7;
	uint32_t at = (uint32_t)block->used;

	if (size > SIZE_LIMIT)
		block->error = block->error ? block->error : -E2BIG;
	if (!reserve(block, padded))
		return 0;
	if (size)
		memcpy(block->bytes + at, data, size);
	memset(block->bytes + at + size, 0, padded - size);
	block->used += padded;
	return at;
}

uint32_t ct__block_string(struct block *block, const char *text)
{
	return ct__block_data(block, text, strlen(text) + 1);
}

uint32_t ct__block_strings(struct block *block, char *const *strings)
{
	ct__array offsets = {0};
	const uint64_t end = 0;
	uint32_t at;

	for (size_t i = 0; strings && strings[i]; i++) {
		uint64_t offset = ct__block_string(block, strings[i]);

		if (ct__array_add(&offsets, &offset, sizeof(offset)) < 0)
			block->error = block->error ? block->error : -ENOMEM;
	}
	if (ct__array_add(&offsets, &end, sizeof(end)) < 0)
		block->error = block->error ? block->error : -ENOMEM;
	at = ct__block_data(block, offsets.items, offsets.count * sizeof(uint64_t));
	ct__array_done(&offsets);
	return at;
}

struct plan_op *ct__block_op(struct block *block, enum plan_code code, ct_step step,
	const char *object)
{
	struct plan_op op = {
		.code = (uint16_t)code,
		.step = (uint16_t)step,
		.slot = -1,
		.a = -1,
	};

	op.object = ct__block_string(block, object);
	if (ct__array_add(&block->ops, &op, sizeof(op)) < 0) {
		block->error = block->error ? block->error : -ENOMEM;
		return &block->failed_op;
	}
	return (struct plan_op *)block->ops.items + block->ops.count - 1;
}

int ct__block_finish(struct block *block, unsigned int slot_count)
{
	uint32_t ops = ct__block_data(block, block->ops.items,
		block->ops.count * sizeof(struct plan_op));
	struct plan header = {
		.magic = PLAN_MAGIC,
		.size = (uint32_t)block->used,
		.ops = ops,
		.op_count = (uint32_t)block->ops.count,
		.slot_count = slot_count,
		.perch = block->perch,
	};

	if (block->error)
		return block->error;
	memcpy(block->bytes, &header, sizeof(header));
	return 0;
}
