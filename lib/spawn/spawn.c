/* SPDX-License-Identifier: MIT */
/*
 * ct_spawn, ct_create, ct_start. How a spec becomes a plan is in compile.c, how a
 * plan becomes a process in launch.c.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container.h"
#include "error/error.h"
#include "lack.h"
#include "launch.h"
#include "plan.h"
#include "spec/spec.h"
#include "trace/trace.h"

/* refused: namespaces that there cannot be, or NULL. */
static int launch_once(ct_spec *spec, const struct ct__refused *refused, bool start,
	ct_container **ret_box, bool *ret_stale, ct_error *err)
{
	struct ct__trace *trace;
	struct ct__plan *plan;
	int ret = ct__trace_new(spec->trace, spec->trace_data, &trace);

	if (ret < 0)
		return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "trace");
	ret = refused ? ct__plan_without(spec, refused, trace, &plan, err) :
			ct__plan_get(spec, trace, &plan, err);
	if (ret < 0) {
		ct__trace_free(trace);
		return ret;
	}
	ret = ct__launch(spec, plan, trace, start, ret_box, ret_stale, err);
	if (ret < 0 && *ret_stale)
		ct__plan_drop(spec, plan);
	ct__plan_unref(plan);
	return ret;
}

/* Once more if a source was renamed since the plan was made: it is found anew. */
static int launch_twice(ct_spec *spec, const struct ct__refused *refused, bool start,
	ct_container **ret_box, ct_error *err)
{
	bool is_stale = false;
	int ret = launch_once(spec, refused, start, ret_box, &is_stale, err);

	return is_stale ? launch_once(spec, refused, start, ret_box, &is_stale, err) : ret;
}

static int make_container(ct_spec *spec, bool start, ct_container **ret_box, ct_error *err)
{
	ct_error why = CT_ERROR_INIT;
	struct ct__refused refused;
	int cancel, ret;

	if (!spec || !ret_box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL",
			spec ? "ret_box" : "spec");
	/* A thread cancelled in here would leave a process and descriptors behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = launch_twice(spec, NULL, start, ret_box, &why);
	if (ret < 0 && why.step == CT_STEP_CLONE && ct__lack_find_refused(spec, &refused))
		ret = launch_twice(spec, &refused, start, ret_box, &why);
	if (ret < 0)
		ct__error_copy(&why, err);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

int ct_spec_set_prepare(ct_spec *spec, ct_prepare_fn prepare, void *data)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->prepare = prepare;
	spec->prepare_data = data;
	return 0;
}

int ct_spawn(ct_spec *spec, ct_container **ret_box, ct_error *err)
{
	return make_container(spec, true, ret_box, err);
}

int ct_create(ct_spec *spec, ct_container **ret_box, ct_error *err)
{
	return make_container(spec, false, ret_box, err);
}

int ct_start(ct_container *box, ct_error *err)
{
	bool ended;
	int cancel, ret;

	if (!box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "container");
	if (!box->plan)
		return ct__fail_because(err, CT_STEP_START, -EINVAL, "it was started before",
			"process %d", box->pid);
	/* Killed meanwhile: its closed socket would look like that of a payload that runs. */
	pthread_mutex_lock(&box->lock);
	ct__container_look(box);
	ended = box->ended;
	pthread_mutex_unlock(&box->lock);
	if (ended)
		return ct__launch_ended(box, err);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = ct__launch_payload(box, err);
	/* It may still wait for the word to go, which nobody would give it any more. */
	if (ret < 0)
		syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}
