/* SPDX-License-Identifier: MIT */
/* ct_probe: making probes and reading them. What is asked stands in facts.c. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "error/error.h"
#include "probe.h"
#include "spawn/plan.h"
#include "sys/openat2.h"
#include "util/escape.h"
#include "util/fd.h"
#include "util/sized.h"

static size_t count_rows(const struct ct__fact_row *rows)
{
	size_t count = 0;

	while (rows[count].name)
		count++;
	return count;
}

/* Reasons and values may name mounts and cgroups, which others have named. */
static void make_harmless(char *text, size_t size)
{
	char raw[sizeof(((ct_probe_info *)NULL)->reason)];

	snprintf(raw, sizeof(raw), "%s", text);
	ct__escape(text, size, raw);
}

static int find_out(struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *ret_info)
{
	*ret_info = (ct_probe_info)CT_PROBE_INFO_INIT;
	ret_info->fact = row->fact;
	ret_info->number = CT_PROBE_NO_NUMBER;
	snprintf(ret_info->name, sizeof(ret_info->name), "%s", row->name);
	snprintf(ret_info->group, sizeof(ret_info->group), "%s", row->group);
	ret_info->state = row->check(look, row, ret_info);
	make_harmless(ret_info->value, sizeof(ret_info->value));
	make_harmless(ret_info->reason, sizeof(ret_info->reason));
	make_harmless(ret_info->cure, sizeof(ret_info->cure));
	return look->fatal;
}

static int look_at(
	struct ct__look *look, const struct ct__fact_row *rows, ct_probe **ret_probe, ct_error *err)
{
	ct_probe *probe = calloc(1, sizeof(*probe));
	size_t count = count_rows(rows);
	int ret = 0;

	if (probe)
		probe->facts = calloc(count, sizeof(*probe->facts));
	if (!probe || !probe->facts) {
		ct_probe_free(probe);
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "probe");
	}
	ct__caller_look(&look->caller);
	look->stage = ct__stage_open(false);
	ct__is_exhausted(look, look->stage);
	for (; probe->count < count && ret == 0; probe->count++)
		ret = find_out(look, &rows[probe->count], &probe->facts[probe->count]);
	ct__close(&look->stage);
	if (ret < 0) {
		ct__fail(err, CT_STEP_PROBE, ret, NULL, "%s", rows[probe->count - 1].name);
		ct_probe_free(probe);
		return ret;
	}
	*ret_probe = probe;
	return 0;
}

int ct_probe_new(ct_probe **ret_probe, ct_error *err)
{
	struct ct__look look = {.dir = -EBADF};
	int cancel, ret;

	if (!ret_probe)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "ret_probe");
	/* A thread cancelled in here would leave a process and descriptors behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = look_at(&look, ct__machine_facts, ret_probe, err);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

int ct_probe_path(const char *path, ct_probe **ret_probe, ct_error *err)
{
	struct ct__look look = {.dir = -EBADF};
	int cancel, ret;

	if (!path || !ret_probe)
		return ct__fail_because(
			err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", path ? "ret_probe" : "path");
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	look.dir = ct__openat(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
	if (look.dir < 0)
		ret = ct__fail(err, CT_STEP_PROBE, look.dir, "openat", "%s", path);
	else
		ret = look_at(&look, ct__path_facts, ret_probe, err);
	ct__close(&look.dir);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

void ct_probe_free(ct_probe *probe)
{
	if (!probe)
		return;
	free(probe->facts);
	free(probe);
}

size_t ct_probe_count(const ct_probe *probe)
{
	return probe ? probe->count : 0;
}

int ct_probe_get(const ct_probe *probe, size_t index, ct_probe_info *ret_info)
{
	if (!probe || !ret_info)
		return -EINVAL;
	if (index >= probe->count)
		return -ENOENT;
	return ct__hand_out(ret_info, &probe->facts[index], sizeof(*ret_info));
}

int ct_probe_find(const ct_probe *probe, int fact, ct_probe_info *ret_info)
{
	if (!probe || !ret_info)
		return -EINVAL;
	for (size_t i = 0; i < probe->count; i++)
		if (probe->facts[i].fact == (uint32_t)fact)
			return ct_probe_get(probe, i, ret_info);
	return -ENOENT;
}
