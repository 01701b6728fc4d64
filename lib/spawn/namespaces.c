/* SPDX-License-Identifier: MIT */
/*
 * From spec to plan: which namespaces are new, given or the host's, and how the process
 * comes into all of them.
 */
#include <linux/capability.h>
#include <stdio.h>

#include "compile.h"
#include "idmap/idmap.h"
#include "util/ns_kinds.h"

#define ALWAYS_NEW (CT_NS_PID | CT_NS_MNT | CT_NS_NET | CT_NS_IPC | CT_NS_UTS | CT_NS_CGROUP)

/* ---------------------------------------------------------- the decision */

/* What a spec that says nothing of a kind means by it: bits to make new. */
static uint32_t unsaid_kinds(const struct compiler *c)
{
	uint32_t said = c->spec->ns_host | c->ns_given;

	if (c->target) /* the caller's, but a root of one's own asks for mounts of one's own */
		return c->spec->rootfs_fd >= 0 ? CT_NS_MNT & ~said : 0;
	if (!(said & CT_NS_USER) && !ct__has_cap(CAP_SYS_ADMIN))
		return (ALWAYS_NEW | CT_NS_USER) & ~said;
	return ALWAYS_NEW & ~said;
}

/* The namespace that is given for the i-th kind of the table: by the spec or by the join. */
static int given_fd(const struct compiler *c, size_t i)
{
	int fd = c->spec->ns_given[i].fd;

	return fd < 0 && c->target ? c->target->given[i] : fd;
}

void ct__compile_kinds(struct compiler *c)
{
	const ct_spec *spec = c->spec;

	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (given_fd(c, i) >= 0)
			c->ns_given |= ct__ns_kinds[i].kind;
	if (c->target)
		c->ns_given |= c->target->kinds;
	c->ns_new = (spec->ns_new | unsaid_kinds(c)) & ~c->ns_given & ~c->lacking;
	/*
	 * A given pid namespace and new clocks take effect in a child of the process
	 * that asks for them: the stage forks once more. Into a pid namespace of its own
	 * it does so early, to be its first process; otherwise last of all, when it has
	 * given its rights away: see ct__compile_late_fork().
	 */
	c->plan->forks = (c->ns_given & CT_NS_PID) || (c->ns_new & CT_NS_TIME) || spec->exact_rss ||
			 ((c->ns_given & CT_NS_USER) && (c->ns_new & CT_NS_PID));
	c->forks_early = c->plan->forks && (c->ns_new & CT_NS_PID);
	/* What is to belong to a given user namespace is made when that has been entered. */
	c->plan->clone_flags = c->ns_new & ~CT_NS_TIME;
	c->plan->ns_new = c->ns_new;
	/* The root of a cgroup namespace is where its maker is: the host moves it there first. */
	if (c->plan->group)
		c->plan->clone_flags &= ~(uint32_t)CT_NS_CGROUP;
	if (c->forks_early || (c->ns_given & CT_NS_USER))
		c->plan->clone_flags &= CT_NS_USER;
	if (c->plan->settles) /* a copy of the home instead of the host's */
		c->plan->clone_flags &= ~(uint32_t)CT_NS_MNT;
	c->plan->raises_caps = c->ns_new & CT_NS_USER;
	c->plan->kills_all = c->ns_new & CT_NS_PID;
	c->plan->init = spec->init && c->plan->kills_all;
	c->own_root = c->ns_new & CT_NS_MNT;
	c->foreign_user = (c->ns_new | c->ns_given) & CT_NS_USER;
	/* What is given together with a user namespace counts as that one's: a mount tells. */
	c->ns_owned = c->ns_new;
	if (c->ns_given & CT_NS_USER)
		c->ns_owned |= c->ns_given;
}

int32_t ct__compile_given(struct compiler *c, uint32_t kind)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (ct__ns_kinds[i].kind == kind && given_fd(c, i) >= 0)
			return ct__compile_slot(c, SLOT_FIXED, given_fd(c, i));
	if (kind == CT_NS_PID && c->target && c->target->pid_ns >= 0)
		return ct__compile_slot(c, SLOT_FIXED, c->target->pid_ns);
	return -1;
}

int ct__compile_given_user(const struct compiler *c)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (ct__ns_kinds[i].kind == CT_NS_USER && given_fd(c, i) >= 0)
			return given_fd(c, i);
	return c->target && (c->target->kinds & CT_NS_USER) ? c->target->pidfd : -EBADF;
}

/* ---------------------------------------------------------- the entering */

static const char *ns_name(uint32_t kind)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (ct__ns_kinds[i].kind == kind)
			return ct__ns_kinds[i].name;
	return "";
}

static void join_given(struct compiler *c, uint32_t kinds)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		struct plan_op *op;

		if (!(kinds & ct__ns_kinds[i].kind) || given_fd(c, i) < 0)
			continue;
		op = ct__block_op(
			&c->block, OP_JOIN, CT_STEP_NAMESPACE, ns_name(ct__ns_kinds[i].kind));
		op->slot = ct__compile_slot(c, SLOT_FIXED, given_fd(c, i));
		op->x = ct__ns_kinds[i].kind;
	}
}

static void become_root(struct compiler *c)
{
	struct plan_op *op = ct__block_op(
		&c->block, OP_BECOME_ROOT, CT_STEP_IDMAP, "root of the user namespace");

	if (c->target && (c->target->kinds & CT_NS_USER)) {
		op->a = (int32_t)c->target->root_uid;
		op->b = (int32_t)c->target->root_gid;
		return;
	}
	op->a = (int32_t)ct__idmap_root(&c->plan->idmap.uids);
	op->b = (int32_t)ct__idmap_root(&c->plan->idmap.gids);
}

static void drop_groups(struct compiler *c)
{
	ct__block_op(&c->block, OP_DROP_GROUPS, CT_STEP_IDENTITY, "groups of the caller");
}

/*
 * One setns(2) for all that is taken from a target: all of it or nothing. A user
 * namespace may forbid setgroups; then the groups that the caller has must go before it.
 */
static void join_target(struct compiler *c)
{
	const struct ct__target *target = c->target;
	struct plan_op *op;
	char object[32];

	if (!target || !target->kinds)
		return;
	if (target->deny_setgroups && ct__has_cap(CAP_SETGID))
		drop_groups(c);
	snprintf(object, sizeof(object), "process %d", target->pid);
	op = ct__block_op(&c->block, OP_JOIN, CT_STEP_TARGET, object);
	op->slot = ct__compile_slot(c, SLOT_FIXED, target->pidfd);
	op->x = target->kinds;
	if (target->kinds & CT_NS_MNT)
		ct__block_op(&c->block, OP_CHROOT, CT_STEP_ROOT, object)->slot =
			ct__compile_slot(c, SLOT_FIXED, target->root);
	if (target->kinds & CT_NS_USER)
		become_root(c);
}

/* A given user namespace first: it gives the rights for the others. It may forbid setgroups. */
static void enter_given_user(struct compiler *c)
{
	if (c->ns_given & CT_NS_USER && !(c->target && c->target->kinds & CT_NS_USER)) {
		if (ct__has_cap(CAP_SETGID))
			drop_groups(c);
		join_given(c, CT_NS_USER);
		become_root(c);
	}
}

/* A line for the kernel, which wants nanoseconds from 0 up to a second, also for a shift back. */
static size_t put_offset(char *text, size_t size, const char *clock, int64_t ns)
{
	const int64_t second = 1000000000;
	int64_t whole = ns / second, rest = ns % second;

	if (rest < 0) {
		whole--;
		rest += second;
	}
	return (size_t)snprintf(
		text, size, "%s %lld %lld\n", clock, (long long)whole, (long long)rest);
}

static void time_offsets(struct compiler *c)
{
	struct plan_op *op;
	char text[128] = "";
	size_t length = 0;

	if (!(c->ns_new & CT_NS_TIME))
		return;
	if (c->spec->has_time_offsets) {
		length = put_offset(text, sizeof(text), "monotonic", c->spec->monotonic_ns);
		length += put_offset(
			text + length, sizeof(text) - length, "boottime", c->spec->boottime_ns);
	}
	op = ct__block_op(&c->block, OP_TIME_OFFSETS, CT_STEP_NAMESPACE, "time");
	op->data = ct__block_data(&c->block, text, length);
	op->size = (uint32_t)length;
}

/* Last, since nothing of the host can be named from there. */
static void enter_home(struct compiler *c)
{
	struct plan_op *op = ct__block_op(&c->block, OP_JOIN, CT_STEP_NAMESPACE, "mnt");

	op->slot = ct__compile_slot(c, SLOT_FIXED, c->plan->home);
	op->x = CT_NS_MNT;
	ct__block_op(&c->block, OP_UNSHARE, CT_STEP_NAMESPACE, "mnt")->x = CT_NS_MNT;
}

/*
 * Up to the moment when the process is in all of its namespaces. Those that are made new
 * come when it is in the user namespace that they are to belong to. Clocks are set while
 * the process can still write to its own entry of /proc, which OP_HIDE ends.
 */
void ct__compile_namespaces(struct compiler *c)
{
	uint32_t later = c->ns_new & ~(CT_NS_USER | CT_NS_TIME) & ~c->plan->clone_flags &
			 ~(c->plan->settles ? (uint32_t)CT_NS_MNT : 0);
	bool takes = c->target && c->target->kinds;

	if (c->plan->awaits_host)
		ct__block_op(&c->block, OP_AWAIT_HOST, CT_STEP_STAGE, "word of the host");
	if (c->ns_new & CT_NS_USER)
		become_root(c);
	enter_given_user(c);
	if (!takes)
		time_offsets(c);
	if (!(c->ns_new & CT_NS_PID))
		ct__block_op(&c->block, OP_HIDE, CT_STEP_STAGE, "stage");
	join_target(c);
	if (takes)
		time_offsets(c);
	if (c->forks_early)
		ct__block_op(&c->block, OP_FORK, CT_STEP_CLONE, "namespaces")->x = later;
	else if (later)
		ct__block_op(&c->block, OP_UNSHARE, CT_STEP_CLONE, "namespaces")->x = later;
	join_given(c, CT_NS_ALL & ~CT_NS_USER);
	if (c->plan->settles)
		enter_home(c);
}

/*
 * Others may live in the pid namespace. Whatever needs rights is done by now, by a
 * process that they cannot see; the one that they can see has the payload's rights
 * and descriptors, and nothing left to do but to become the payload.
 */
void ct__compile_late_fork(struct compiler *c)
{
	if (c->plan->forks && !c->forks_early)
		ct__block_op(&c->block, OP_FORK, CT_STEP_CLONE, "namespaces");
}

void ct__compile_names(struct compiler *c)
{
	const char *hostname = c->spec->hostname ? c->spec->hostname : "container";
	const char *domainname = c->spec->domainname ? c->spec->domainname : "(none)";
	bool is_new = c->ns_new & CT_NS_UTS;

	if (c->lacking & CT_NS_UTS) { /* never that of the host */
		ct__lack_note(c, CT_ITEM_HOSTNAME, CT_STEP_HOSTNAME, -EPERM, LACKS_NAMESPACE, "%s",
			hostname);
		return;
	}
	if (is_new || c->spec->hostname)
		ct__block_op(&c->block, OP_HOSTNAME, CT_STEP_HOSTNAME, hostname)->path =
			ct__block_string(&c->block, hostname);
	if (is_new || c->spec->domainname)
		ct__block_op(&c->block, OP_DOMAINNAME, CT_STEP_HOSTNAME, domainname)->path =
			ct__block_string(&c->block, domainname);
}

void ct__compile_loopback(struct compiler *c)
{
	if (c->spec->loopback && (c->ns_new & CT_NS_NET))
		ct__block_op(&c->block, OP_LOOPBACK, CT_STEP_LOOPBACK, "lo");
}
