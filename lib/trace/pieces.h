/* SPDX-License-Identifier: MIT */
/* The copied memory of a call's arguments, found again. Private to lib/trace. */
#ifndef CT_TRACE_PIECES_H
#define CT_TRACE_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "stage/plan.h"

struct piece {
	const char *bytes; /* NULL: nothing was copied. Not aligned: memcpy */
	size_t size;
	bool cut;
};

/* The message comes from our own program, but a message is a message: it is bounded. */
static inline struct piece ct__piece(const struct stage_trace *call, unsigned int argument)
{
	size_t at = 0;

	while (call->used - at >= sizeof(struct trace_piece)) {
		struct trace_piece head;

		memcpy(&head, call->pieces + at, sizeof(head));
		at += sizeof(head);
		if (head.size > call->used - at)
			break;
		if (head.argument == argument)
			return (struct piece){call->pieces + at, head.size, head.cut != 0};
		at += head.size;
	}
	return (struct piece){NULL, 0, false};
}

#endif
