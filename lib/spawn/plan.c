/* SPDX-License-Identifier: MIT */
/* Plans as wholes: made once per spec, shared by reference, forgotten when they no longer hold. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/group.h"
#include "compile.h"
#include "error/error.h"
#include "idmap/idmap.h"
#include "idmapped.h"
#include "payload.h"
#include "probe/why.h"
#include "trace/trace.h"
#include "util/fd.h"

struct ct__plan *ct__plan_ref(struct ct__plan *plan)
{
	atomic_fetch_add(&plan->refs, 1);
	return plan;
}

void ct__plan_unref(struct ct__plan *plan)
{
	if (!plan || atomic_fetch_sub(&plan->refs, 1) > 1)
		return;
	ct__close(&plan->memfd);
	ct__close(&plan->stage);
	ct__close(&plan->null);
	ct__close(&plan->home);
	ct__close(&plan->proc);
	ct__close(&plan->sys);
	free((void *)(uintptr_t)plan->block);
	ct__idmapped_done(&plan->owners);
	ct__userns_release(&plan->idmap_holder);
	ct__idmap_done(&plan->idmap);
	ct__group_plan_unref(plan->group);
	ct__array_done(&plan->lacks);
	ct__filter_unref(plan->filter);
	ct__landlock_unref(plan->landlock);
	ct__ending_free(plan->ending);
	ct__array_for_each(int, copy, &plan->copies)
		ct__close(copy);
	ct__array_done(&plan->copies);
	free(plan);
}

#define SETTLES	   (1u << 0) /* with a home */
#define HANDS_OVER (1u << 1) /* for a pool */

static int make_plan(const ct_spec *spec, const struct ct__target *target,
	const struct ct__refused *refused, unsigned int ways, struct ct__trace *trace,
	struct ct__plan **ret_plan, ct_error *err)
{
	struct ct__plan *plan = calloc(1, sizeof(*plan));
	int ret;

	if (!plan)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "plan");
	plan->memfd = plan->stage = plan->null = plan->home = plan->proc = plan->sys = -1;
	plan->settles = ways & SETTLES;
	plan->idmap_holder = (struct ct__userns)CT__USERNS_NONE;
	atomic_init(&plan->refs, 1);
	ret = ways & HANDS_OVER ? ct__ending_new(&plan->ending) : 0;
	if (ret < 0)
		ct__fail(err, CT_STEP_MEMORY, ret, NULL, "plan");
	else
		ret = ct__compile(spec, target, refused, trace, plan, err);
	if (ret < 0) {
		if (ct__error_is_bare(err))
			ct__explain(err, plan->ns_new);
		ct__plan_unref(plan);
	} else {
		*ret_plan = plan;
	}
	return ret;
}

/* How many starts a spec has had when its containers begin in a home, which costs a start itself. */
#ifndef SETTLE_AFTER
#define SETTLE_AFTER 1
#endif

/* The plan with a home, from the second start on; NULL: there is none, or a start is to explain itself. */
static struct ct__plan *get_settled(ct_spec *spec, bool is_first, const struct ct__trace *trace)
{
	ct_error why = CT_ERROR_INIT;

	if (trace || (is_first && SETTLE_AFTER) || spec->unsettled)
		return NULL;
	if (!spec->settled_plan)
		spec->unsettled = make_plan(spec, NULL, NULL, SETTLES, NULL, &spec->settled_plan, &why) < 0;
	return spec->settled_plan;
}

int ct__plan_get(ct_spec *spec, struct ct__trace *trace, struct ct__plan **ret_plan, ct_error *err)
{
	struct ct__plan *settled;
	bool is_first;
	int ret = 0;

	pthread_mutex_lock(&spec->lock);
	is_first = !spec->plan;
	if (is_first)
		ret = make_plan(spec, NULL, NULL, 0, trace, &spec->plan, err);
	if (ret >= 0) {
		settled = get_settled(spec, is_first, trace);
		*ret_plan = ct__plan_ref(settled ? settled : spec->plan);
	}
	pthread_mutex_unlock(&spec->lock);
	return ret;
}

int ct__plan_for_join(const ct_spec *spec, const struct ct__target *target, struct ct__trace *trace,
	struct ct__plan **ret_plan, ct_error *err)
{
	return make_plan(spec, target, NULL, 0, trace, ret_plan, err);
}

int ct__plan_without(ct_spec *spec, const struct ct__refused *refused, struct ct__trace *trace,
	struct ct__plan **ret_plan, ct_error *err)
{
	int ret = 0;

	pthread_mutex_lock(&spec->lock);
	if (spec->lesser_plan &&
		memcmp(&spec->lesser_plan->refused, refused, sizeof(*refused)) != 0) {
		ct__plan_unref(spec->lesser_plan);
		spec->lesser_plan = NULL;
	}
	if (!spec->lesser_plan)
		ret = make_plan(spec, NULL, refused, 0, trace, &spec->lesser_plan, err);
	if (ret >= 0)
		*ret_plan = ct__plan_ref(spec->lesser_plan);
	pthread_mutex_unlock(&spec->lock);
	return ret;
}

/* Puts a copy in the place of a descriptor. */
static int copy_descriptor(struct ct__plan *plan, int *fd)
{
	CT__AUTO_CLOSE int copy = fcntl(*fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		return -errno;
	if (ct__array_add(&plan->copies, &copy, sizeof(copy)) < 0)
		return -ENOMEM;
	*fd = ct__take_fd(&copy);
	return 0;
}

/* Of what the plan borrows only descriptors are the spec's. */
static int copy_descriptors(struct ct__plan *plan, ct_error *err)
{
	int *fd = NULL, ret = 0;

	for (unsigned int i = 0; i < plan->slot_count && ret >= 0; i++) {
		if (plan->slots[i].kind != SLOT_FIXED && plan->slots[i].kind != SLOT_TREE)
			continue;
		fd = &plan->slots[i].value;
		ret = copy_descriptor(plan, fd);
	}
	for (int stream = 0; stream < 3 && ret >= 0; stream++) {
		if (plan->stdio[stream].what != CT_STDIO_FD)
			continue;
		fd = &plan->stdio[stream].fd;
		ret = copy_descriptor(plan, fd);
	}
	return ret < 0 ? ct__fail(err, CT_STEP_DESCRIPTOR, ret, "fcntl", "descriptor %d", *fd) : 0;
}

int ct__plan_for_pool(ct_spec *spec, const struct ct__refused *refused, bool settles,
	struct ct__plan **ret_plan, ct_error *err)
{
	struct ct__plan *plan;
	int ret;

	pthread_mutex_lock(&spec->lock);
	ret = make_plan(spec, NULL, refused, HANDS_OVER | (settles ? SETTLES : 0), NULL, &plan, err);
	pthread_mutex_unlock(&spec->lock);
	if (ret < 0)
		return ret;
	ret = copy_descriptors(plan, err);
	if (ret < 0)
		ct__plan_unref(plan);
	else
		*ret_plan = plan;
	return ret;
}

uint32_t ct__plan_kinds(const ct_spec *spec)
{
	struct ct__plan plan = {0};
	struct compiler c = {.spec = spec, .plan = &plan};

	ct__compile_kinds(&c);
	return c.ns_new;
}

void ct__plan_drop(ct_spec *spec, struct ct__plan *plan)
{
	pthread_mutex_lock(&spec->lock);
	if (spec->plan == plan || spec->settled_plan == plan || spec->lesser_plan == plan)
		ct__spec_changed(spec);
	pthread_mutex_unlock(&spec->lock);
}

/* A stage that explains itself makes two more calls, up to its exec. */
static int check_filter(const struct ct__plan *plan, ct_error *err)
{
	static const char *const calls[] = {"clock_gettime", "sendto"};

	for (size_t i = 0; plan->filter && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!ct__filter_passes(plan->filter, calls[i]))
			return ct__fail_because(err, CT_STEP_SECCOMP, -EINVAL,
				"the filter refuses what explaining the start takes", "seccomp: %s",
				calls[i]);
	return 0;
}

int ct__plan_open_traced_stage(const struct ct__plan *plan, struct ct__trace *trace, ct_error *err)
{
	int fd = check_filter(plan, err);

	if (fd < 0)
		return fd;
	fd = ct__traced(trace, CT_STEP_STAGE, "memfd_create", ct__stage_open(true),
		"\"ct-traced-stage\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC");
	if (fd < 0)
		return ct__fail(err, CT_STEP_STAGE, fd, "memfd_create", "stage");
	return fd;
}
