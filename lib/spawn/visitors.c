/* SPDX-License-Identifier: MIT */
/* The processes that this host joined to one container; see visitors.h. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "container.h"
#include "util/array.h"
#include "util/fd.h"
#include "visitors.h"

struct ct__visitors {
	atomic_uint refs;
	int epoll;	      /* their pidfds, up to their ends */
	pthread_mutex_t lock; /* before that of a visitor, never after it */
	ct__array boxes;      /* ct_container *; borrowed, each leaves before it goes */
};

static int make(struct ct__visitors **ret_visitors)
{
	struct ct__visitors *visitors = calloc(1, sizeof(*visitors));

	if (!visitors)
		return -ENOMEM;
	visitors->epoll = epoll_create1(EPOLL_CLOEXEC);
	visitors->epoll = visitors->epoll < 0 ? -errno : ct__above_stdio(visitors->epoll);
	if (visitors->epoll < 0 || pthread_mutex_init(&visitors->lock, NULL) != 0) {
		int ret = visitors->epoll < 0 ? visitors->epoll : -ENOMEM;

		ct__close(&visitors->epoll);
		free(visitors);
		return ret;
	}
	atomic_init(&visitors->refs, 1);
	*ret_visitors = visitors;
	return 0;
}

static struct ct__visitors *ref(struct ct__visitors *visitors)
{
	atomic_fetch_add(&visitors->refs, 1);
	return visitors;
}

int ct__visitors_prepare(ct_container *target)
{
	return target->guest_of || target->visitors ? 0 : make(&target->visitors);
}

/* Who joins a visitor joins the container that it is in. */
static int get(ct_container *target, struct ct__visitors **ret_visitors)
{
	int ret;

	pthread_mutex_lock(&target->lock);
	ret = ct__visitors_prepare(target);
	if (ret >= 0)
		*ret_visitors = ref(target->guest_of ? target->guest_of : target->visitors);
	pthread_mutex_unlock(&target->lock);
	return ret;
}

int ct__visitors_add(ct_container *target, ct_container *visitor)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct ct__visitors *visitors;
	int ret = get(target, &visitors);

	if (ret < 0)
		return ret;
	pthread_mutex_lock(&visitors->lock);
	ret = ct__array_add(&visitors->boxes, &visitor, sizeof(visitor));
	if (ret >= 0 && epoll_ctl(visitors->epoll, EPOLL_CTL_ADD, visitor->pidfd, &event) < 0) {
		ret = -errno;
		visitors->boxes.count--;
	}
	pthread_mutex_unlock(&visitors->lock);
	if (ret < 0)
		ct__visitors_unref(visitors);
	else
		visitor->guest_of = visitors;
	return ret;
}

void ct__visitors_leave(struct ct__visitors *visitors, ct_container *visitor)
{
	ct_container **boxes;

	if (!visitors)
		return;
	pthread_mutex_lock(&visitors->lock);
	boxes = visitors->boxes.items;
	for (size_t i = 0; i < visitors->boxes.count; i++) {
		if (boxes[i] != visitor)
			continue;
		boxes[i] = boxes[--visitors->boxes.count];
		break;
	}
	/* ENOENT: it was reaped, and is out already. */
	epoll_ctl(visitors->epoll, EPOLL_CTL_DEL, visitor->pidfd, NULL);
	pthread_mutex_unlock(&visitors->lock);
	ct__visitors_unref(visitors);
}

void ct__visitors_reap(struct ct__visitors *visitors)
{
	if (!visitors)
		return;
	pthread_mutex_lock(&visitors->lock);
	ct__array_for_each(ct_container *, box, &visitors->boxes) {
		pthread_mutex_lock(&(*box)->lock);
		ct__container_look(*box);
		if ((*box)->ended)
			epoll_ctl(visitors->epoll, EPOLL_CTL_DEL, (*box)->pidfd, NULL);
		pthread_mutex_unlock(&(*box)->lock);
	}
	pthread_mutex_unlock(&visitors->lock);
}

int ct__visitors_fd(const struct ct__visitors *visitors)
{
	return visitors ? visitors->epoll : -1;
}

void ct__visitors_unref(struct ct__visitors *visitors)
{
	if (!visitors || atomic_fetch_sub(&visitors->refs, 1) > 1)
		return;
	ct__close(&visitors->epoll);
	ct__array_done(&visitors->boxes);
	pthread_mutex_destroy(&visitors->lock);
	free(visitors);
}
