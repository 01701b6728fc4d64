/* SPDX-License-Identifier: MIT */
/*
 * The form for programs. Commands and paths may hold any bytes; what comes out is
 * valid JSON in UTF-8 nevertheless.
 */
#include <inttypes.h>

#include "ns.h"
#include "util/escape.h"

static const char *const keepers[] = {
	[CT_NS_KEEPER_UNKNOWN] = NULL,
	[CT_NS_KEEPER_PROCESS] = "process",
	[CT_NS_KEEPER_FOR_CHILDREN] = "for_children",
	[CT_NS_KEEPER_DESCRIPTOR] = "descriptor",
	[CT_NS_KEEPER_MOUNT] = "mount",
	[CT_NS_KEEPER_NAMESPACE] = "namespace",
};

static const struct {
	uint32_t bit;
	const char *name;
} unseen_names[] = {
	{CT_NS_UNSEEN_ID, "id"},
	{CT_NS_UNSEEN_MEMBERS, "members"},
	{CT_NS_UNSEEN_PROCESS, "process"},
	{CT_NS_UNSEEN_OWNER, "owner_ns"},
	{CT_NS_UNSEEN_OWNER_UID, "owner_uid"},
	{CT_NS_UNSEEN_PARENT, "parent"},
	{CT_NS_UNSEEN_KEEPER, "keeper"},
};

static void print_number(FILE *out, const char *key, uint64_t number, bool is_there)
{
	if (is_there)
		fprintf(out, ",\"%s\":%" PRIu64, key, number);
	else
		fprintf(out, ",\"%s\":null", key);
}

static void print_links(FILE *out, const ct_ns_info *info)
{
	const struct ct__ns_kind *kind = &ct__ns_kinds[ct__ns_kind_index(info->kind)];
	bool own = info->links & CT_NS_LINK_OWN;
	bool next = (info->links & CT_NS_LINK_FOR_CHILDREN) && kind->for_children;

	fputs(",\"links\":[", out);
	if (own)
		ct__json_string(out, kind->name);
	if (next) {
		fputs(own ? "," : "", out);
		ct__json_string(out, kind->for_children);
	}
	fputc(']', out);
}

static void print_unseen(FILE *out, const ct_ns_info *info)
{
	const char *comma = "";

	fputs(",\"unseen\":[", out);
	for (size_t i = 0; i < sizeof(unseen_names) / sizeof(unseen_names[0]); i++) {
		if (!(info->unseen & unseen_names[i].bit))
			continue;
		fprintf(out, "%s\"%s\"", comma, unseen_names[i].name);
		comma = ",";
	}
	fputc(']', out);
}

static void print_row(FILE *out, const struct ct__ns *row)
{
	const ct_ns_info *info = &row->info;
	bool has_process = info->pid && !(info->unseen & CT_NS_UNSEEN_PROCESS);

	fputs("{\"kind\":", out);
	ct__json_string(out, ct_ns_kind_name(info->kind));
	print_number(out, "id", info->id, info->id != 0);
	ct__json_text(out, "name", info->id ? info->name : NULL);
	print_links(out, info);
	print_number(out, "nprocs", info->nprocs, info->id != 0);
	print_number(out, "nprocs_for_children", info->nprocs_for_children, info->id != 0);
	print_number(out, "pid", (uint64_t)info->pid, info->pid != 0);
	ct__json_text(out, "command", has_process ? info->command : NULL);
	print_number(out, "uid", info->uid, has_process);
	print_number(out, "owner_ns", info->owner_ns, info->owner_ns != 0);
	print_number(out, "owner_uid", info->owner_uid,
		info->id && !(info->unseen & CT_NS_UNSEEN_OWNER_UID));
	print_number(out, "parent", info->parent, info->parent != 0);
	ct__json_text(out, "keeper", keepers[info->keeper]);
	print_number(out, "keeper_pid", (uint64_t)info->keeper_pid, info->keeper_pid != 0);
	print_number(out, "keeper_fd", (uint64_t)info->keeper_fd, info->keeper_fd >= 0);
	ct__json_text(out, "mount_path", row->mount_path);
	print_unseen(out, info);
	fputc('}', out);
}

int ct__ns_print_json(FILE *out, const ct_ns_list *list)
{
	const ct_ns_stats *stats = &list->stats;

	fputs("{\"namespaces\":[", out);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_row(out, &list->rows[i]);
	}
	fprintf(out,
		"],\n\"processes\":%u,\"vanished\":%u,\"denied\":%u,\"hidden\":%s,\"listns\":%s,"
		"\"unopened\":%u}\n",
		stats->processes, stats->vanished, stats->denied, stats->hidden ? "true" : "false",
		stats->listns ? "true" : "false", stats->unopened);
	return 0;
}
