/* SPDX-License-Identifier: MIT */
/*
 * From spec to plan: this file is the order in which a container is made. It
 * runs once per spec; each spawn only sends the result to a stage.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "compile.h"
#include "error/error.h"
#include "idmap/idmap.h"
#include "idmapped.h"
#include "lack.h"
#include "trace/trace.h"
#include "util/fd.h"
#include "util/ns_kinds.h"

#define ALWAYS_NEW (CT_NS_PID | CT_NS_MNT | CT_NS_NET | CT_NS_IPC | CT_NS_UTS | CT_NS_CGROUP)

/* ------------------------------------------------------------ namespaces */

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

/* Decides for each kind: new, given, or the host's. */
static void decide_namespaces(struct compiler *c)
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
	 * given its rights away: see fork_late().
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
	c->plan->raises_caps = c->ns_new & CT_NS_USER;
	c->plan->kills_all = c->ns_new & CT_NS_PID;
	c->own_root = c->ns_new & CT_NS_MNT;
	c->foreign_user = (c->ns_new | c->ns_given) & CT_NS_USER;
	/* What is given together with a user namespace counts as that one's: a mount tells. */
	c->ns_owned = c->ns_new;
	if (c->ns_given & CT_NS_USER)
		c->ns_owned |= c->ns_given;
}

static int check_spec(struct compiler *c)
{
	const ct_spec *spec = c->spec;

	if (spec->mistake.code)
		return ct_spec_check(spec, c->err);
	if (!spec->argv)
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL, "a program is needed",
			"argv");
	if (c->own_root && spec->rootfs_fd < 0)
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"a new mnt namespace needs a root filesystem", "rootfs");
	if (!c->own_root && (spec->rootfs_fd >= 0 || spec->mounts.count))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"they cannot be set with a mnt namespace that is not new",
			"rootfs and mounts");
	if (c->target && (spec->cgroup.on || spec->cgroup.limits.count || spec->cgroup.keys.count))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"a process that joins another has the cgroup and the limits of that", "cgroup");
	ct__array_for_each(struct spec_mount, mount, &spec->mounts)
		if ((mount->flags & CT_MOUNT_IDMAP) && !(c->ns_new & CT_NS_USER))
			return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
				"CT_MOUNT_IDMAP is for containers with a new user namespace",
				"mount: /%s", mount->target);
	ct__array_for_each(struct spec_sysctl, sysctl, &spec->sysctls)
		if (!((c->ns_new | c->lacking) & sysctl->kind) || !c->own_root)
			return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
				"its namespace is not new", "sysctl: %s", sysctl->path);
	if ((spec->hostname || spec->domainname) &&
		!((c->ns_new | c->ns_given | c->lacking) & CT_NS_UTS))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"the uts namespace is the host's", "host name");
	return 0;
}

/* A join that says nothing of it gets what its target was given, for the rights that it has itself. */
static const struct ct__seccomp *filter_settings(const struct compiler *c)
{
	if (c->spec->seccomp.said || !c->target || !c->target->is_process)
		return &c->spec->seccomp;
	return c->target->filter ? &c->target->filter->settings : NULL;
}

static int make_filter(struct compiler *c)
{
	const struct ct__seccomp *settings = filter_settings(c);
	const char *needs = NULL;
	int ret;

	if (!settings)
		return 0;
	if (settings->rules.count && (settings->ready.count || settings->base == CT_SECCOMP_OFF))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"there is no filter that they could be added to", "seccomp: rules");
	if (c->target && c->target->filter && settings == &c->target->filter->settings &&
		c->target->filter->caps == c->rights.caps) {
		c->plan->filter = ct__filter_ref(c->target->filter);
		return 0;
	}
	ret = ct__filter_new(settings, c->rights.caps, &c->plan->filter, &needs);
	if (ret == -EACCES)
		return ct__fail_because(c->err, CT_STEP_SECCOMP, -EINVAL,
			"the filter refuses what executing the payload takes", "seccomp: %s", needs);
	return ret < 0 ? ct__fail(c->err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_SECCOMP, ret, NULL,
				 "seccomp filter") :
			 0;
}

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
		op = ct__block_op(&c->block, OP_JOIN, CT_STEP_NAMESPACE, ns_name(ct__ns_kinds[i].kind));
		op->slot = ct__compile_slot(c, SLOT_FIXED, given_fd(c, i));
		op->x = ct__ns_kinds[i].kind;
	}
}

static void become_root(struct compiler *c)
{
	struct plan_op *op = ct__block_op(&c->block, OP_BECOME_ROOT, CT_STEP_IDMAP,
		"root of the user namespace");

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

static void time_offsets(struct compiler *c)
{
	struct plan_op *op;
	char text[128] = "";
	int length = 0;

	if (!(c->ns_new & CT_NS_TIME))
		return;
	if (c->spec->has_time_offsets) {
		const int64_t second = 1000000000;
		int64_t mono = c->spec->monotonic_ns, boot = c->spec->boottime_ns;
		/* The kernel wants nanoseconds from 0 up to a second, also for a shift back. */
		int64_t mono_ns = (mono % second + second) % second;
		int64_t boot_ns = (boot % second + second) % second;

		length = snprintf(text, sizeof(text), "monotonic %lld %lld\nboottime %lld %lld\n",
			(long long)((mono - mono_ns) / second), (long long)mono_ns,
			(long long)((boot - boot_ns) / second), (long long)boot_ns);
	}
	op = ct__block_op(&c->block, OP_TIME_OFFSETS, CT_STEP_NAMESPACE, "time");
	op->data = ct__block_data(&c->block, text, (size_t)length);
	op->size = (uint32_t)length;
}

/*
 * Up to the moment when the process is in all of its namespaces. Those that are made new
 * come when it is in the user namespace that they are to belong to. Clocks are set while
 * the process can still write to its own entry of /proc, which OP_HIDE ends.
 */
static void enter_namespaces(struct compiler *c)
{
	uint32_t later = c->ns_new & ~(CT_NS_USER | CT_NS_TIME) & ~c->plan->clone_flags;
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
}

/*
 * Others may live in the pid namespace. Whatever needs rights is done by now, by a
 * process that they cannot see; the one that they can see has the payload's rights
 * and descriptors, and nothing left to do but to become the payload.
 */
static void fork_late(struct compiler *c)
{
	if (c->plan->forks && !c->forks_early)
		ct__block_op(&c->block, OP_FORK, CT_STEP_CLONE, "namespaces");
}

static void name_the_system(struct compiler *c)
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

static void bring_loopback_up(struct compiler *c)
{
	if (c->spec->loopback && (c->ns_new & CT_NS_NET))
		ct__block_op(&c->block, OP_LOOPBACK, CT_STEP_LOOPBACK, "lo");
}

/* --------------------------------------------------------------- payload */

static void descriptors(struct compiler *c)
{
	ct__array map = {0};
	struct plan_op *op;
	int ret = 0;

	for (int stream = 0; stream < 3; stream++) {
		struct plan_fd entry = {ct__compile_slot(c, SLOT_STREAM, stream), stream};

		ret = ret ? ret : ct__array_add(&map, &entry, sizeof(entry));
	}
	ct__array_for_each(struct spec_fd, fd, &c->spec->fds) {
		struct plan_fd entry = {ct__compile_slot(c, SLOT_FIXED, fd->fd), fd->target};

		ret = ret ? ret : ct__array_add(&map, &entry, sizeof(entry));
	}
	if (ret < 0 && !c->block.error)
		c->block.error = ret;
	op = ct__block_op(&c->block, OP_DESCRIPTORS, CT_STEP_DESCRIPTOR, "descriptors");
	op->size = (uint32_t)(map.count * sizeof(struct plan_fd));
	op->data = ct__block_data(&c->block, map.items, op->size);
	ct__array_done(&map);
}

static const char *search_path(const ct_spec *spec)
{
	for (size_t i = 0; spec->envp && spec->envp[i]; i++)
		if (strncmp(spec->envp[i], "PATH=", 5) == 0)
			return spec->envp[i] + 5;
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

static void payload(struct compiler *c)
{
	const ct_spec *spec = c->spec;
	const char *cwd = spec->cwd ? spec->cwd : "/";
	const char *program = spec->program ? spec->program : spec->argv[0];
	struct plan_exec exec = {0};
	struct plan_op *op;

	ct__block_op(&c->block, OP_CWD, CT_STEP_CWD, cwd)->path = ct__block_string(&c->block, cwd);
	ct__block_op(&c->block, OP_UMASK, CT_STEP_EXEC, "umask")->y = spec->umask;
	descriptors(c);
	ct__compile_nofile(c);
	fork_late(c);
	ct__block_op(&c->block, OP_SESSION, CT_STEP_SESSION, "session");
	ct__block_op(&c->block, OP_GO, CT_STEP_START, "");
	ct__compile_filter(c);
	exec.search = ct__block_string(&c->block, search_path(spec));
	exec.argv = ct__block_strings(&c->block, spec->argv);
	exec.envp = ct__block_strings(&c->block, spec->envp);
	op = ct__block_op(&c->block, OP_EXEC, CT_STEP_EXEC, program);
	op->path = ct__block_string(&c->block, program);
	op->data = ct__block_data(&c->block, &exec, sizeof(exec));
}

/* ------------------------------------------------------------ the whole */

int32_t ct__compile_slot(struct compiler *c, enum slot_kind kind, int value)
{
	struct ct__plan *plan = c->plan;

	if (plan->slot_count == PLAN_MAX_SLOTS) {
		c->block.error = c->block.error ? c->block.error : -E2BIG;
		return 0;
	}
	plan->slots[plan->slot_count] = (struct plan_slot){.kind = kind, .value = value};
	return (int32_t)plan->slot_count++;
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

static int compile_ops(struct compiler *c)
{
	int ret;

	ct__lack_note_refused(c);
	ct__compile_oom_score(c);
	enter_namespaces(c);
	ct__block_op(&c->block, OP_KEYRING, CT_STEP_SESSION, "keyring");
	name_the_system(c);
	bring_loopback_up(c);
	if (c->own_root) {
		ret = ct__compile_mounts(c);
		if (ret < 0)
			return ret;
	}
	if (c->own_root)
		ct__block_op(&c->block, OP_PIVOT, CT_STEP_PIVOT, "/");
	ct__compile_limits(c);
	ct__compile_identity(c);
	payload(c);
	ct__lack_mark(c);
	return ct__block_finish(&c->block, c->plan->slot_count);
}

static int open_null(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : ct__above_stdio(fd);
}

static int open_descriptors(struct compiler *c)
{
	struct ct__plan *plan = c->plan;
	bool needs_null = false;

	plan->memfd = ct__traced(c->trace, CT_STEP_PLAN, "memfd_create",
		ct__sealed_memfd("ct-plan", c->block.bytes, c->block.used, false),
		"\"ct-plan\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_NOEXEC_SEAL");
	if (plan->memfd < 0)
		return ct__fail(c->err, CT_STEP_PLAN, plan->memfd, "memfd_create", "plan");
	plan->stage = ct__traced(c->trace, CT_STEP_STAGE, "memfd_create", ct__stage_open(false),
		"\"ct-stage\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC");
	if (plan->stage < 0)
		return ct__fail(c->err, CT_STEP_STAGE, plan->stage, "memfd_create", "stage");
	for (int stream = 0; stream < 3; stream++)
		needs_null |= plan->stdio[stream].what <= CT_STDIO_NULL;
	if (needs_null) {
		plan->null = ct__traced(c->trace, CT_STEP_STDIO, "openat", open_null(),
			"AT_FDCWD, \"/dev/null\", O_RDWR|O_CLOEXEC|O_NOCTTY");
		if (plan->null < 0)
			return ct__fail(c->err, CT_STEP_STDIO, plan->null, "open", "/dev/null");
	}
	return 0;
}

/* The cgroup of each container, with its limits. */
static int plan_group(struct compiler *c)
{
	ct_error why = CT_ERROR_INIT;
	int ret;

	if (c->target) /* it is put into that one's */
		return 0;
	if (!ct__may_lack(c, CT_ITEM_CGROUP))
		return ct__group_plan_make(&c->spec->cgroup, &c->plan->group, c->err);
	ret = ct__group_plan_make(&c->spec->cgroup, &c->plan->group, &why);
	if (ret < 0)
		ct__lack_note_error(c, CT_ITEM_CGROUP, &why);
	return 0;
}

static int compile(const ct_spec *spec, const struct ct__target *target,
	const struct ct__refused *refused, struct ct__trace *trace, struct ct__plan *plan,
	ct_error *err)
{
	struct compiler c = {
		.spec = spec, .target = target, .plan = plan, .trace = trace, .err = err};
	int ret;

	plan->refused = refused ? *refused : (struct ct__refused){0};
	c.lacking = plan->refused.kinds;
	ret = plan_group(&c);
	if (ret < 0)
		return ret;
	decide_namespaces(&c);
	ct__rights_decide(spec, target && target->is_process ? &target->rights : NULL, &c.rights);
	plan->cgroups = target && target->cgroups.count ? &target->cgroups : NULL;
	plan->awaits_host = plan->raises_caps || plan->cgroups || plan->group;
	ret = check_spec(&c);
	if (ret >= 0)
		ret = make_filter(&c);
	if (ret < 0)
		return ret;
	ret = ct__compile_idmap(&c);
	if (ret < 0)
		return ret;
	ret = ct__block_init(&c.block);
	if (ret >= 0)
		ret = compile_ops(&c);
	if (ret >= 0) {
		memcpy(plan->stdio, spec->stdio, sizeof(plan->stdio));
		plan->size = (uint32_t)c.block.used;
		ret = open_descriptors(&c);
	} else if (!c.explained) {
		ct__fail(err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_PLAN, ret, NULL, "plan");
	}
	if (ret >= 0) {
		plan->block = (const struct plan *)c.block.bytes;
		c.block.bytes = NULL;
	}
	ct__block_done(&c.block);
	return ret;
}

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
	ct__close(&plan->proc);
	ct__close(&plan->sys);
	free((void *)(uintptr_t)plan->block);
	ct__idmapped_done(&plan->owners);
	ct__userns_release(&plan->idmap_holder);
	ct__idmap_done(&plan->idmap);
	ct__group_plan_unref(plan->group);
	ct__array_done(&plan->lacks);
	ct__filter_unref(plan->filter);
	free(plan);
}

static int make_plan(const ct_spec *spec, const struct ct__target *target,
	const struct ct__refused *refused, struct ct__trace *trace, struct ct__plan **ret_plan,
	ct_error *err)
{
	struct ct__plan *plan = calloc(1, sizeof(*plan));
	int ret;

	if (!plan)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "plan");
	plan->memfd = plan->stage = plan->null = plan->proc = plan->sys = -1;
	plan->idmap_holder = (struct ct__userns)CT__USERNS_NONE;
	atomic_init(&plan->refs, 1);
	ret = compile(spec, target, refused, trace, plan, err);
	if (ret < 0)
		ct__plan_unref(plan);
	else
		*ret_plan = plan;
	return ret;
}

int ct__plan_get(ct_spec *spec, struct ct__trace *trace, struct ct__plan **ret_plan, ct_error *err)
{
	int ret = 0;

	pthread_mutex_lock(&spec->lock);
	if (!spec->plan)
		ret = make_plan(spec, NULL, NULL, trace, &spec->plan, err);
	if (ret >= 0)
		*ret_plan = ct__plan_ref(spec->plan);
	pthread_mutex_unlock(&spec->lock);
	return ret;
}

int ct__plan_for_join(const ct_spec *spec, const struct ct__target *target, struct ct__trace *trace,
	struct ct__plan **ret_plan, ct_error *err)
{
	return make_plan(spec, target, NULL, trace, ret_plan, err);
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
		ret = make_plan(spec, NULL, refused, trace, &spec->lesser_plan, err);
	if (ret >= 0)
		*ret_plan = ct__plan_ref(spec->lesser_plan);
	pthread_mutex_unlock(&spec->lock);
	return ret;
}

uint32_t ct__plan_kinds(const ct_spec *spec)
{
	struct ct__plan plan = {0};
	struct compiler c = {.spec = spec, .plan = &plan};

	decide_namespaces(&c);
	return c.ns_new;
}

void ct__plan_drop(ct_spec *spec, struct ct__plan *plan)
{
	pthread_mutex_lock(&spec->lock);
	if (spec->plan == plan || spec->lesser_plan == plan)
		ct__spec_changed(spec);
	pthread_mutex_unlock(&spec->lock);
}
