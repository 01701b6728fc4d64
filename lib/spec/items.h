/* SPDX-License-Identifier: MIT */
/* The items of container/protection.h as a table. */
#ifndef CT_SPEC_ITEMS_H
#define CT_SPEC_ITEMS_H

#include <stdbool.h>
#include <stdint.h>

#include <container/protection.h>

#define ITEM_COUNT (CT_ITEM_LABEL + 1) /* with the number 0, which is no item */

struct ct__item {
	const char *name;
	uint32_t kind; /* CT_NS_* that it is; 0: it is no namespace */
};

extern const struct ct__item ct__items[ITEM_COUNT];

/* The bits of the namespaces among the items, as CT_NS_*. */
uint32_t ct__items_kinds(uint64_t items);

#endif
