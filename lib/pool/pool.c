/* SPDX-License-Identifier: MIT */
/*
 * ct_pool: sandboxes that wait, and their way to a payload. How a sandbox is made is in
 * lib/spawn/launch.c, what it is handed in lib/spawn/payload.c.
 */
#include <container/pool.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error/error.h"
#include "spawn/container.h"
#include "spawn/launch.h"
#include "spawn/payload.h"
#include "spawn/plan.h"
#include "util/fd.h"

#define MOST 65536

struct ct_pool {
	pid_t host;	       /* the process it belongs to; a forked copy has the same sandboxes */
	ct_spec *spec;	       /* empty: for its keeper, and for what may be lacking */
	struct ct__plan *plan; /* of the caller's spec */
	size_t size;
	int missing; /* eventfd: there is something to refill */

	pthread_mutex_t lock; /* guards what follows */
	ct_container **ready; /* room for size */
	size_t count, making; /* how many are ready, and how many about to be */
	bool told;	      /* missing is readable */
};

/* ------------------------------------------------------------- sandboxes */

static bool is_alive(const ct_container *box)
{
	return ct__poll_now(box->pidfd, POLLIN) == 0;
}

/* Whether missing says what is so. Call with the lock held. */
static void tell(ct_pool *pool)
{
	bool missing = pool->count + pool->making < pool->size;
	eventfd_t count;

	if (missing == pool->told)
		return;
	pool->told = missing ? eventfd_write(pool->missing, 1) == 0 : eventfd_read(pool->missing, &count) < 0;
}

static int make_sandbox(ct_pool *pool, ct_container **ret_box, ct_error *err)
{
	return ct__launch(pool->spec, pool->plan, NULL, false, ret_box, NULL, err);
}

/* Takes one that has ended out of those that are ready; NULL: there is none. */
static ct_container *take_dead(ct_pool *pool)
{
	ct_container *dead = NULL;

	pthread_mutex_lock(&pool->lock);
	for (size_t i = 0; i < pool->count && !dead; i++) {
		if (is_alive(pool->ready[i]))
			continue;
		dead = pool->ready[i];
		pool->ready[i] = pool->ready[--pool->count];
	}
	pthread_mutex_unlock(&pool->lock);
	return dead;
}

/* The next that is alive; NULL: there is none. */
static ct_container *take_alive(ct_pool *pool)
{
	for (;;) {
		ct_container *box = NULL;

		pthread_mutex_lock(&pool->lock);
		if (pool->count)
			box = pool->ready[--pool->count];
		pthread_mutex_unlock(&pool->lock);
		if (!box || is_alive(box))
			return box;
		ct_container_free(box);
	}
}

/* Reserves the place of one that is missing; false: none is. */
static bool begin_sandbox(ct_pool *pool)
{
	bool missing;

	pthread_mutex_lock(&pool->lock);
	missing = pool->count + pool->making < pool->size;
	pool->making += missing;
	pthread_mutex_unlock(&pool->lock);
	return missing;
}

/* box: NULL if it could not be made. */
static void end_sandbox(ct_pool *pool, ct_container *box)
{
	pthread_mutex_lock(&pool->lock);
	pool->making--;
	if (box)
		pool->ready[pool->count++] = box;
	tell(pool);
	pthread_mutex_unlock(&pool->lock);
}

static int refill(ct_pool *pool, size_t most, ct_error *err)
{
	ct_container *dead;
	int made = 0;

	for (dead = take_dead(pool); dead; dead = take_dead(pool))
		ct_container_free(dead);
	while ((!most || (size_t)made < most) && begin_sandbox(pool)) {
		ct_container *box = NULL;
		int ret = make_sandbox(pool, &box, err);

		end_sandbox(pool, box);
		if (ret < 0)
			return ret;
		made++;
	}
	return made;
}

/* ------------------------------------------------------------------ life */

static int open_pool(ct_pool *pool, const ct_spec *spec, ct_error *err)
{
	int ret = ct_spec_new(&pool->spec);

	pool->ready = calloc(pool->size, sizeof(ct_container *));
	if (ret < 0 || !pool->ready)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "pool");
	pool->spec->may_lack = spec->may_lack;
	pool->missing = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool->missing < 0)
		return ct__fail(err, CT_STEP_WAIT, -errno, "eventfd2", "pool");
	ret = ct__above_stdio(pool->missing);
	if (ret < 0)
		return ct__fail(err, CT_STEP_WAIT, ret, "fcntl", "pool");
	pool->missing = ret;
	return 0;
}

/* Those that wait, and the plan. */
static void empty(ct_pool *pool)
{
	/* All at once, since each takes its time to end. */
	for (size_t i = 0; i < pool->count && pool->host == getpid(); i++)
		syscall(SYS_pidfd_send_signal, pool->ready[i]->pidfd, SIGKILL, NULL, 0);
	while (pool->count)
		ct_container_free(pool->ready[--pool->count]);
	ct__plan_unref(pool->plan);
	pool->plan = NULL;
}

static int fill_by(ct_pool *pool, ct_spec *spec, const struct ct__refused *refused, bool settles, ct_error *err)
{
	int ret = ct__plan_for_pool(spec, refused, settles, &pool->plan, err);

	if (ret >= 0)
		ret = refill(pool, 0, err);
	if (ret < 0)
		empty(pool);
	return ret < 0 ? ret : 0;
}

/* With a home if that works; without the namespaces that this kernel refuses, if the spec allows it. */
static int fill(ct_pool *pool, ct_spec *spec, ct_error *err)
{
	ct_error why = CT_ERROR_INIT;
	struct ct__refused refused;
	int ret = fill_by(pool, spec, NULL, true, &why);

	if (ret < 0)
		ret = fill_by(pool, spec, NULL, false, &why);
	if (ret < 0 && why.step == CT_STEP_CLONE && ct__lack_find_refused(spec, &refused))
		ret = fill_by(pool, spec, &refused, false, &why);
	if (ret < 0)
		ct__error_copy(&why, err);
	return ret;
}

int ct_pool_new(ct_spec *spec, size_t count, ct_pool **ret_pool, ct_error *err)
{
	ct_pool *pool;
	int cancel, ret;

	if (!spec || !ret_pool)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL",
			spec ? "ret_pool" : "spec");
	if (count < 1 || count > MOST)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is not from 1 to 65536",
			"sandboxes: %zu", count);
	pool = calloc(1, sizeof(*pool));
	if (!pool || pthread_mutex_init(&pool->lock, NULL) != 0) {
		free(pool);
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "pool");
	}
	pool->host = getpid();
	pool->size = count;
	pool->missing = -EBADF;
	/* A thread cancelled in here would leave processes and descriptors behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = open_pool(pool, spec, err);
	if (ret >= 0)
		ret = fill(pool, spec, err);
	if (ret < 0)
		ct_pool_free(pool);
	else
		*ret_pool = pool;
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

void ct_pool_free(ct_pool *pool)
{
	if (!pool)
		return;
	empty(pool);
	free(pool->ready);
	ct_spec_free(pool->spec);
	ct__close(&pool->missing);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/* ------------------------------------------------------------------- use */

/* A forked copy of the host would hand out the same sandboxes once more. */
static int check_pool(const ct_pool *pool, ct_error *err)
{
	if (!pool)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "pool");
	if (pool->host != getpid())
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "another process has made it",
			"pool");
	return 0;
}

int ct_pool_refill(ct_pool *pool, size_t most, ct_error *err)
{
	int cancel, ret = check_pool(pool, err);

	if (ret < 0)
		return ret;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = refill(pool, most, err);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

int ct_pool_ready(ct_pool *pool)
{
	int alive = 0;

	if (!pool)
		return -EINVAL;
	pthread_mutex_lock(&pool->lock);
	for (size_t i = 0; i < pool->count; i++)
		alive += is_alive(pool->ready[i]);
	pthread_mutex_unlock(&pool->lock);
	return alive;
}

int ct_pool_fd(const ct_pool *pool)
{
	return pool ? pool->missing : -EINVAL;
}

static int set_limits(ct_container *box, const ct_payload *what, ct_error *err)
{
	int ret = 0;

	for (size_t i = 0; what && i < what->limit_count && ret >= 0; i++)
		ret = ct_container_set_limit(
			box, (ct_limit)what->limits[i].limit, what->limits[i].value, err);
	return ret;
}

/* A stream that was given needs no pipe any more. */
static void drop_pipes(ct_container *box, const ct_payload *what)
{
	for (int stream = 0; what && stream < 3; stream++)
		if (what->stdio[stream] != -1)
			ct__close(&box->stdio[stream]);
}

/* 1: the sandbox had ended. */
static int start_in(ct_container *box, const ct_payload *what, const struct ct__payload *payload,
	ct_error *err)
{
	int ret = set_limits(box, what, err);

	if (ret < 0)
		return ret;
	drop_pipes(box, what);
	return ct__launch_given(box, payload, err);
}

static int take(ct_pool *pool, const ct_payload *what, const struct ct__payload *payload,
	ct_container **ret_box, ct_error *err)
{
	int ret;

	do {
		ct_container *box = take_alive(pool);

		ret = box ? 0 : make_sandbox(pool, &box, err);
		if (ret >= 0)
			ret = start_in(box, what, payload, err);
		if (ret == 0)
			*ret_box = box;
		else
			ct_container_free(box);
	} while (ret > 0);
	return ret;
}

int ct_pool_take(ct_pool *pool, const ct_payload *payload, ct_container **ret_box, ct_error *err)
{
	struct ct__payload made;
	int cancel, ret = check_pool(pool, err);

	if (ret < 0)
		return ret;
	if (!ret_box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "ret_box");
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = ct__payload_make(pool->plan, payload, &made, err);
	if (ret >= 0) {
		ret = take(pool, payload, &made, ret_box, err);
		ct__payload_done(&made);
		/* Not before: who waits for it begins to make another, and the payload needs the processor. */
		pthread_mutex_lock(&pool->lock);
		tell(pool);
		pthread_mutex_unlock(&pool->lock);
	}
	pthread_setcancelstate(cancel, NULL);
	return ret;
}
