/* SPDX-License-Identifier: MIT */
/*
 * What a spec says of seccomp becomes a filter: once per spec, and shared from then on, by
 * its plan, by its containers, and by those that join them.
 */
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "seccomp.h"

#ifndef SECCOMP_FILTER_FLAG_LOG
#define SECCOMP_FILTER_FLAG_LOG (1u << 1)
#endif
#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1u << 2)
#endif

#define PASSED (SECCOMP_RET_ACTION_FULL)

/*
 * What the stage does when the filter is there: it becomes the payload, or says why that
 * failed and ends.
 */
static const char *const needed[] = {"execve", "sendmsg", "exit_group", NULL};

static int copy_array(ct__array *to, const ct__array *from, size_t size)
{
	int ret = 0;

	for (size_t i = 0; i < from->count && ret == 0; i++)
		ret = ct__array_add(to, (const char *)from->items + i * size, size);
	return ret;
}

static int copy_settings(struct ct__seccomp *to, const struct ct__seccomp *from)
{
	int ret;

	*to = *from;
	to->rules = to->ready = to->profile = (ct__array){0};
	ret = copy_array(&to->rules, &from->rules, sizeof(struct ct__seccomp_rule));
	if (ret == 0)
		ret = copy_array(&to->ready, &from->ready, sizeof(struct sock_filter));
	if (ret == 0)
		ret = copy_array(&to->profile, &from->profile, sizeof(struct ct__profile_entry));
	return ret;
}

static int take_ready(struct ct__filter *filter)
{
	ct__array copy = {0};
	int ret = copy_array(&copy, &filter->settings.ready, sizeof(struct sock_filter));

	filter->code = copy.items;
	filter->count = copy.count;
	return ret;
}

#define INT 0xffffffff /* the bits of an argument that is an int */

/* A new value is the third argument of prlimit64, which may be NULL. */
static int keep_core_limit(ct__array *rules)
{
	const struct ct__seccomp_rule set = {(uint16_t)__NR_setrlimit, 1, SECCOMP_RET_ERRNO,
		{{0, CT_SECCOMP_EQ, INT, RLIMIT_CORE}}};
	const struct ct__seccomp_rule other = {(uint16_t)__NR_prlimit64, 2, SECCOMP_RET_ERRNO,
		{{1, CT_SECCOMP_EQ, INT, RLIMIT_CORE}, {2, CT_SECCOMP_NE, 0, 0}}};
	int ret = ct__array_add(rules, &set, sizeof(set));

	return ret ? ret : ct__array_add(rules, &other, sizeof(other));
}

/* Which the headers of older systems lack. */
#define PROTOCOL_SMC   256
#define PROTOCOL_MPTCP 262
#define FAMILY_SMC     43
#define FASTOPEN       0x20000000 /* MSG_FASTOPEN */

/*
 * The kernel asks landlock about bind and connect of sockets that are TCP by name. A socket of MPTCP
 * or SMC speaks TCP to whoever speaks that alone, and data sent with MSG_FASTOPEN connect. Programs
 * that try these get the answer of a kernel without them, and fall back.
 */
static int keep_ports(ct__array *rules)
{
	static const struct ct__seccomp_rule shut[] = {
		{__NR_socket, 1, SECCOMP_RET_ERRNO | EPROTONOSUPPORT,
			{{2, CT_SECCOMP_EQ, INT, PROTOCOL_MPTCP}}},
		{__NR_socket, 1, SECCOMP_RET_ERRNO | EPROTONOSUPPORT,
			{{2, CT_SECCOMP_EQ, INT, PROTOCOL_SMC}}},
		{__NR_socket, 1, SECCOMP_RET_ERRNO | EAFNOSUPPORT, {{0, CT_SECCOMP_EQ, INT, FAMILY_SMC}}},
		{__NR_sendto, 1, SECCOMP_RET_ERRNO | EOPNOTSUPP, {{3, CT_SECCOMP_EQ, FASTOPEN, FASTOPEN}}},
		{__NR_sendmsg, 1, SECCOMP_RET_ERRNO | EOPNOTSUPP, {{2, CT_SECCOMP_EQ, FASTOPEN, FASTOPEN}}},
		{__NR_sendmmsg, 1, SECCOMP_RET_ERRNO | EOPNOTSUPP, {{3, CT_SECCOMP_EQ, FASTOPEN, FASTOPEN}}},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(shut) / sizeof(shut[0]) && ret == 0; i++)
		ret = ct__array_add(rules, &shut[i], sizeof(shut[i]));
	return ret;
}

/* Those of the base first, for the later ones go before. */
static int make_program(struct ct__filter *filter)
{
	uint32_t actions[CALLS_MAX], unknown = SECCOMP_RET_ERRNO | ENOSYS;
	ct__array rules = {0};
	int ret = 0;

	switch ((int)filter->settings.base) {
	case CT__SECCOMP_PROFILE:
		ret = ct__seccomp_entries(&filter->settings, filter->caps, actions, &unknown, &rules);
		break;
	case CT_SECCOMP_CLOSED:
		ct__seccomp_closed(actions);
		break;
	case CT_SECCOMP_OPEN:
		unknown = SECCOMP_RET_ALLOW;
		for (size_t number = 0; number < CALLS_MAX; number++)
			actions[number] = unknown;
		break;
	default:
		ret = ct__seccomp_default(filter->caps, filter->settings.flags, actions, &rules);
	}
	if (ret == 0)
		ret = copy_array(&rules, &filter->settings.rules, sizeof(struct ct__seccomp_rule));
	if (ret == 0 && (filter->settings.flags & SECCOMP_KEEP_CORE_LIMIT))
		ret = keep_core_limit(&rules);
	if (ret == 0 && (filter->settings.flags & SECCOMP_KEEP_PORTS))
		ret = keep_ports(&rules);
	if (ret == 0)
		ret = ct__seccomp_program(actions, unknown, &rules, &filter->code, &filter->count);
	ct__array_done(&rules);
	return ret;
}

bool ct__filter_passes(const struct ct__filter *filter, const char *call)
{
	int number = ct__seccomp_number(call);
	struct seccomp_data data = {
		.nr = number,
#if defined(__x86_64__)
		.arch = AUDIT_ARCH_X86_64
#else
		.arch = AUDIT_ARCH_AARCH64
#endif
	};
	uint32_t action = ct__seccomp_run(filter->code, filter->count, &data) & PASSED;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static bool has_notification(const struct ct__filter *filter)
{
	for (size_t i = 0; i < filter->count; i++)
		if (filter->code[i].code == (BPF_RET | BPF_K) &&
			(filter->code[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}

static int make(
	struct ct__filter *filter, const struct ct__seccomp *settings, const char **ret_needs)
{
	int ret = copy_settings(&filter->settings, settings);

	if (ret == 0)
		ret = settings->ready.count ? take_ready(filter) : make_program(filter);
	if (ret == 0)
		filter->notifies = has_notification(filter);
	for (size_t i = 0; needed[i] && ret == 0; i++) {
		if (ct__filter_passes(filter, needed[i]))
			continue;
		*ret_needs = needed[i];
		ret = -EACCES;
	}
	return ret;
}

int ct__filter_new(const struct ct__seccomp *settings, uint64_t caps,
	struct ct__filter **ret_filter, const char **ret_needs)
{
	struct ct__filter *filter;
	int ret;

	*ret_filter = NULL;
	if (settings->base == CT_SECCOMP_OFF && !settings->ready.count)
		return 0;
	filter = calloc(1, sizeof(*filter));
	if (!filter)
		return -ENOMEM;
	atomic_init(&filter->refs, 1);
	filter->caps = caps;
	/*
	 * Up to Linux 5.15 a filter also turned on mitigations of speculation, for the sake of
	 * processes that run hostile code beside secrets of their own, and slowed all others down.
	 * The kernel no longer does it unasked, and nor do we: the containers of this library
	 * are processes of their own.
	 */
	filter->flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	if (settings->flags & CT_SECCOMP_LOG)
		filter->flags |= SECCOMP_FILTER_FLAG_LOG;
	ret = make(filter, settings, ret_needs);
	if (ret < 0)
		ct__filter_unref(filter);
	else
		*ret_filter = filter;
	return ret;
}

struct ct__filter *ct__filter_ref(struct ct__filter *filter)
{
	if (filter)
		atomic_fetch_add(&filter->refs, 1);
	return filter;
}

void ct__filter_unref(struct ct__filter *filter)
{
	if (!filter || atomic_fetch_sub(&filter->refs, 1) > 1)
		return;
	ct__seccomp_done(&filter->settings);
	free(filter->code);
	free(filter);
}

void ct__seccomp_done(struct ct__seccomp *settings)
{
	ct__array_done(&settings->rules);
	ct__array_done(&settings->ready);
	ct__array_done(&settings->profile);
}
