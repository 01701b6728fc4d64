/* SPDX-License-Identifier: MIT */
/* The forms for people: table, tree, and links as ls -l shows them. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ns.h"
#include "util/escape.h"
#include "util/fd.h"

/* Escaped, a byte of a command takes four. */
#define COMMAND_ROOM (4 * sizeof(((ct_ns_info *)NULL)->command) + 8)

#define KEEPER_ROOM (PATH_MAX + 64)

/* "?" for a number that is unseen, "-" for one that is not there. */
static void print_number(FILE *out, int width, uint64_t number, bool is_there, bool is_unseen)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	fprintf(out, "%*s ", width, is_unseen ? "?" : is_there ? text : "-");
}

/* A count that may be too low is marked by a plus. */
static void print_members(FILE *out, const ct_ns_info *info)
{
	char text[16];

	snprintf(text, sizeof(text), "%u%s", info->nprocs,
		info->unseen & CT_NS_UNSEEN_MEMBERS ? "+" : "");
	fprintf(out, "%6s ", info->unseen & CT_NS_UNSEEN_ID ? "?" : text);
}

/* The columns that table and tree share, and what stands behind them. */
static void print_members_and_lowest(FILE *out, const ct_ns_info *info, const char *rest)
{
	char command[COMMAND_ROOM];
	bool unseen = info->unseen & (CT_NS_UNSEEN_ID | CT_NS_UNSEEN_PROCESS);

	ct__escape(command, sizeof(command), info->command);
	print_members(out, info);
	print_number(out, 7, (uint64_t)info->pid, info->pid != 0, info->unseen & CT_NS_UNSEEN_ID);
	print_number(out, 10, info->uid, info->pid != 0, unseen);
	fprintf(out, "%-*s%s\n", *rest ? 15 : 0, unseen ? "?" : info->pid ? command : "-", rest);
}

/* What besides its members keeps it alive, if that is worth saying; "" if not. */
static void keeper_text(char *text, size_t size, const struct ct__ns *row)
{
	const ct_ns_info *info = &row->info;
	char path[PATH_MAX], of[24] = "";

	*text = '\0';
	if (info->keeper == CT_NS_KEEPER_FOR_CHILDREN)
		snprintf(text, size, " for children of %d", info->keeper_pid);
	else if (info->keeper == CT_NS_KEEPER_DESCRIPTOR)
		snprintf(text, size, " descriptor %d of %d", info->keeper_fd, info->keeper_pid);
	else if (info->keeper == CT_NS_KEEPER_NAMESPACE)
		snprintf(text, size, " namespaces below");
	else if (info->unseen & CT_NS_UNSEEN_KEEPER)
		snprintf(text, size, " ?");
	if (!row->mount_path)
		return;
	ct__escape(path, sizeof(path), row->mount_path);
	if (row->mount_pid)
		snprintf(of, sizeof(of), " of %d", row->mount_pid);
	snprintf(text + strlen(text), size - strlen(text), " mount %s%s", path, of);
}

int ct__ns_print_table(FILE *out, const ct_ns_list *list)
{
	fprintf(out, "%10s %-6s %6s %7s %10s %-15s %s\n", "NS", "TYPE", "NPROCS", "PID", "UID",
		"COMMAND", "KEPT BY");
	for (size_t i = 0; i < list->count; i++) {
		const ct_ns_info *info = &list->rows[i].info;
		char keeper[KEEPER_ROOM];

		keeper_text(keeper, sizeof(keeper), &list->rows[i]);
		print_number(out, 10, info->id, true, info->unseen & CT_NS_UNSEEN_ID);
		fprintf(out, "%-6s ", ct_ns_kind_name(info->kind));
		print_members_and_lowest(out, info, keeper);
	}
	return 0;
}

/* ---------------------------------------------------------------------- tree */

#define NONE SIZE_MAX

struct tree {
	const ct_ns_list *list;
	size_t *first, *next; /* of each row: its first child, and its next sibling */
	size_t first_root;
};

/* The row that one stands below: its parent, or its owner if it has no parent. */
static size_t above(const ct_ns_list *list, size_t index)
{
	const ct_ns_info *info = &list->rows[index].info;
	size_t found = NONE;

	if (ct_ns_list_find(list, info->parent, &found) < 0)
		ct_ns_list_find(list, info->owner_ns, &found);
	return found == index ? NONE : found;
}

static void print_branch(FILE *out, const struct tree *tree, size_t index, int depth)
{
	for (; index != NONE; index = tree->next[index]) {
		const struct ct__ns *row = &tree->list->rows[index];
		char keeper[KEEPER_ROOM], rest[KEEPER_ROOM + 128];

		keeper_text(keeper, sizeof(keeper), row);
		snprintf(rest, sizeof(rest), " %*s%s%s%s", 2 * depth, "",
			row->info.id ? row->info.name : ct_ns_kind_name(row->info.kind),
			row->info.id ? "" : ":[?]", keeper);
		print_members_and_lowest(out, &row->info, rest);
		print_branch(out, tree, tree->first[index], depth + 1);
	}
}

int ct__ns_print_tree(FILE *out, const ct_ns_list *list)
{
	CT__AUTO_FREE size_t *first = calloc(list->count + 1, sizeof(*first));
	CT__AUTO_FREE size_t *next = calloc(list->count + 1, sizeof(*next));
	struct tree tree = {list, first, next, NONE};

	if (!first || !next)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		first[i] = NONE;
	/* From the last to the first, so that siblings come out in the order of the list. */
	for (size_t i = list->count; i-- > 0;) {
		size_t up = above(list, i);
		size_t *head = up == NONE ? &tree.first_root : &first[up];

		next[i] = *head;
		*head = i;
	}
	fprintf(out, "%6s %7s %10s %-15s %s\n", "NPROCS", "PID", "UID", "COMMAND", "NAMESPACE");
	print_branch(out, &tree, tree.first_root, 0);
	return 0;
}

/* --------------------------------------------------------------------- links */

struct link {
	const char *file;
	const ct_ns_info *info;
};

static int by_file(const void *a, const void *b)
{
	const struct link *left = a, *right = b;
	int order = strcmp(left->file, right->file);

	if (order != 0)
		return order;
	return left->info->id < right->info->id ? -1 : left->info->id > right->info->id;
}

int ct__ns_print_links(FILE *out, const ct_ns_list *list)
{
	CT__AUTO_FREE struct link *links = calloc(2 * list->count + 1, sizeof(*links));
	size_t count = 0;

	if (!links)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		const ct_ns_info *info = &list->rows[i].info;
		const struct ct__ns_kind *kind = &ct__ns_kinds[ct__ns_kind_index(info->kind)];

		if (info->links & CT_NS_LINK_OWN)
			links[count++] = (struct link){kind->name, info};
		if ((info->links & CT_NS_LINK_FOR_CHILDREN) && kind->for_children)
			links[count++] = (struct link){kind->for_children, info};
	}
	qsort(links, count, sizeof(*links), by_file);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s -> %s\n", links[i].file,
			links[i].info->id ? links[i].info->name : "?");
	return 0;
}
