/* SPDX-License-Identifier: MIT */
/* ct_probe_to_text() and ct_probe_to_json(). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "util/escape.h"

static const struct {
	const char *word, *name; /* for people, for programs */
} states[] = {
	[CT_PROBE_UNKNOWN] = {"?", "unknown"},
	[CT_PROBE_WORKS] = {"yes", "works"},
	[CT_PROBE_LACKS] = {"no", "lacks"},
};

static void print_after(FILE *out, const char *before, const char *text)
{
	if (*text)
		fprintf(out, "%s%s", before, text);
}

static void print_table(FILE *out, const ct_probe *probe)
{
	const char *group = "";

	for (size_t i = 0; i < probe->count; i++) {
		const ct_probe_info *info = &probe->facts[i];

		if (strcmp(group, info->group) != 0)
			fprintf(out, "%s%s\n", i ? "\n" : "", info->group);
		group = info->group;
		fprintf(out, "  %-26s %s", info->name, states[info->state].word);
		print_after(out, info->state == CT_PROBE_WORKS ? " " : "  ", info->value);
		print_after(out, "\n      ", info->reason);
		print_after(out, "\n      -> ", info->cure);
		fputc('\n', out);
	}
}

static void print_json(FILE *out, const ct_probe *probe)
{
	fputs("{\"facts\":[", out);
	for (size_t i = 0; i < probe->count; i++) {
		const ct_probe_info *info = &probe->facts[i];

		fprintf(out, "%s\n{\"name\":", i ? "," : "");
		ct__json_string(out, info->name);
		fprintf(out, ",\"fact\":%u", info->fact);
		ct__json_text(out, "group", info->group);
		ct__json_text(out, "state", states[info->state].name);
		if (info->number == CT_PROBE_NO_NUMBER)
			fputs(",\"number\":null", out);
		else
			fprintf(out, ",\"number\":%" PRIu64, info->number);
		ct__json_text(out, "value", *info->value ? info->value : NULL);
		ct__json_text(out, "reason", *info->reason ? info->reason : NULL);
		ct__json_text(out, "cure", *info->cure ? info->cure : NULL);
		fputc('}', out);
	}
	fputs("]}\n", out);
}

static int print(
	const ct_probe *probe, void (*printer)(FILE *out, const ct_probe *probe), char **ret_text)
{
	char *text = NULL;
	size_t size;
	FILE *out;
	int ret = 0;

	if (!probe || !ret_text)
		return -EINVAL;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	printer(out, probe);
	if (ferror(out))
		ret = -ENOMEM;
	if (fclose(out) != 0)
		ret = -ENOMEM;
	if (ret < 0)
		free(text);
	else
		*ret_text = text;
	return ret;
}

int ct_probe_to_text(const ct_probe *probe, char **ret_text)
{
	return print(probe, print_table, ret_text);
}

int ct_probe_to_json(const ct_probe *probe, char **ret_text)
{
	return print(probe, print_json, ret_text);
}

void ct_probe_text_free(char *text)
{
	free(text);
}
