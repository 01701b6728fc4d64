/* SPDX-License-Identifier: MIT */
/*
 * From spec to plan: this file is the order in which a container is made. It
 * runs once per spec; each spawn only sends the result to a stage.
 */
#include <container/proc.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "compile.h"
#include "error/error.h"
#include "idmapped.h"
#include "lack.h"
#include "payload.h"
#include "seccomp/seccomp.h"
#include "settle.h"
#include "spec/landlock.h"
#include "sys/procfs.h"
#include "trace/trace.h"
#include "util/fd.h"
#include "util/ns_kinds.h"

/* A namespace that the spec gives, and that is not the caller's own: what is set there is not the host's. */
static bool is_given_by_others(const struct compiler *c, uint32_t kind)
{
	CT__AUTO_CLOSE int proc = ct__procfs_open();

	for (size_t i = 0; proc >= 0 && !c->target && i < CT__NS_KIND_COUNT; i++) {
		struct stat given, own;
		char path[32];

		if (ct__ns_kinds[i].kind != kind || c->spec->ns_given[i].fd < 0)
			continue;
		snprintf(path, sizeof(path), "thread-self/ns/%s", ct__ns_kinds[i].name);
		return fstat(c->spec->ns_given[i].fd, &given) == 0 &&
		       fstatat(proc, path, &own, 0) == 0 && given.st_ino != own.st_ino;
	}
	return false;
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
	if (spec->prepare && !c->own_root)
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"without a new mnt namespace there is no root to prepare", "prepare");
	if (spec->prepare && c->plan->ending)
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"a pool may outlive the spec, and what its function works with", "prepare");
	if (c->target && (spec->cgroup.on || spec->cgroup.limits.count || spec->cgroup.keys.count ||
				 spec->cgroup.lists_devices))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"a process that joins another has the cgroup and the limits of that", "cgroup");
	if (c->target && spec->time.cpu_ms)
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"a process that joins another has no cgroup of its own, which would tell it",
			"cpu time");
	ct__array_for_each(struct spec_mount, mount, &spec->mounts)
		if ((mount->flags & CT_MOUNT_IDMAP) && !c->foreign_user)
			return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
				"CT_MOUNT_IDMAP is for containers with a new or a given user namespace",
				"mount: /%s", mount->target);
	ct__array_for_each(struct spec_sysctl, sysctl, &spec->sysctls)
		if (!(((c->ns_new | c->lacking) & sysctl->kind) || is_given_by_others(c, sysctl->kind)) ||
			!c->own_root)
			return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
				"its namespace is neither new nor another than the caller's own",
				"sysctl: %s", sysctl->path);
	if (spec->proc && (!((c->ns_new | c->lacking) & CT_NS_PID) || !c->own_root))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"the mnt or the pid namespace is not new", "proc: %#x", spec->proc);
	if ((spec->proc & CT_PROC_SUBSET) && spec->sysctls.count)
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"kernel parameters are written by /proc/sys, which is left out",
			"proc: %#x", spec->proc);
	if (spec->init && !((c->ns_new | c->lacking) & CT_NS_PID))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"it is the first process of a new pid namespace", "init");
	for (int stream = 0; spec->terminal.rows && stream < 3; stream++)
		if (spec->stdio[stream].what != CT_STDIO_INHERIT)
			return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
				"it is the terminal that ct_spec_set_terminal() asks for",
				"stdio: %d", stream);
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

/* An init lives under the filter of its payload, whoever has made that. */
static int check_init_filter(const struct compiler *c)
{
	static const char *const calls[] = {
		"clone", "close_range", "munmap", "rt_sigtimedwait", "wait4", "kill", "write"};

	for (size_t i = 0; c->plan->init && c->plan->filter && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!ct__filter_passes(c->plan->filter, calls[i]))
			return ct__fail_because(c->err, CT_STEP_SECCOMP, -EINVAL,
				"the filter refuses what an init takes", "seccomp: %s", calls[i]);
	return 0;
}

static int make_filter(struct compiler *c)
{
	const struct ct__seccomp *settings = filter_settings(c);
	struct ct__seccomp wanted;
	const char *needs = NULL;
	int ret;

	if (!settings)
		return 0;
	wanted = *settings; /* its arrays are borrowed */
	if (c->spec->no_core_dumps)
		wanted.flags |= SECCOMP_KEEP_CORE_LIMIT;
	if (c->plan->landlock && (ct__landlock_what(&c->plan->landlock->rules) & LANDLOCK_PORTS))
		wanted.flags |= SECCOMP_KEEP_PORTS;
	if (settings->rules.count && (settings->ready.count || settings->base == CT_SECCOMP_OFF))
		return ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL,
			"there is no filter that they could be added to", "seccomp: rules");
	if (c->target && c->target->filter && settings == &c->target->filter->settings &&
		settings->flags == wanted.flags && c->target->filter->caps == c->rights.caps) {
		c->plan->filter = ct__filter_ref(c->target->filter);
		return 0;
	}
	ret = ct__filter_new(&wanted, c->rights.caps, &c->plan->filter, &needs);
	if (ret == -EACCES)
		return ct__fail_because(c->err, CT_STEP_SECCOMP, -EINVAL,
			"the filter refuses what executing the payload takes", "seccomp: %s", needs);
	if (ret == 0 && c->plan->filter && c->plan->filter->notifies && ct__filters_early(&c->rights))
		return ct__fail_because(c->err, CT_STEP_SECCOMP, -EINVAL,
			"calls can only wait for the host with no_new_privs, or if the payload has cap_sys_admin",
			"seccomp: notifications");
	return ret < 0 ? ct__fail(c->err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_SECCOMP, ret, NULL,
				 "seccomp filter") :
			 check_init_filter(c);
}

/* --------------------------------------------------------------- payload */

/* init_end: what the init needs, or -1. */
static void descriptors(struct compiler *c, int32_t init_end)
{
	ct__array map = {0};
	struct plan_op *op;
	int ret = 0;

	for (int stream = 0; stream < 3; stream++) {
		struct plan_fd entry = {PLAN_TERMINAL_SLOT, stream};

		if (!c->plan->has_terminal)
			entry.slot = ct__compile_slot(c, SLOT_STREAM, stream);
		ret = ret ? ret : ct__array_add(&map, &entry, sizeof(entry));
	}
	ct__array_for_each(struct spec_fd, fd, &c->spec->fds) {
		struct plan_fd entry = {ct__compile_slot(c, SLOT_FIXED, fd->fd), fd->target};

		ret = ret ? ret : ct__array_add(&map, &entry, sizeof(entry));
	}
	if (ret < 0 && !c->block.error)
		c->block.error = ret;
	op = ct__block_op(&c->block, OP_DESCRIPTORS, CT_STEP_DESCRIPTOR, "descriptors");
	op->slot = init_end;
	op->size = (uint32_t)(map.count * sizeof(struct plan_fd));
	op->data = ct__block_data(&c->block, map.items, op->size);
	if (c->plan->ending && ct__ending_set_targets(c->plan->ending, &map) < 0 && !c->block.error)
		c->block.error = -ENOMEM;
	ct__array_done(&map);
}

static const char *search_path(const ct_spec *spec)
{
	for (size_t i = 0; spec->envp && spec->envp[i]; i++)
		if (strncmp(spec->envp[i], "PATH=", 5) == 0)
			return spec->envp[i] + 5;
	return CT__DEFAULT_PATH;
}

/*
 * Whether the filter of a pool's sandbox comes before it waits: to attach it is a good part of what
 * a hand-over costs. Only the default one, which lets all pass that is left to do, whatever its arguments.
 */
static bool filters_ahead(const struct compiler *c)
{
	static const char *const calls[] = {"recvmsg", "mmap", "close", "fcntl", "dup3", "close_range", "prlimit64",
		"rt_sigprocmask"};
	const struct ct__filter *filter = c->plan->filter;

	if (!c->plan->ending || !filter || filter->settings.base != CT_SECCOMP_DEFAULT ||
		filter->settings.rules.count || filter->settings.ready.count)
		return false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!ct__filter_passes(filter, calls[i]))
			return false;
	return true;
}

/* What there is to do once the payload is known: all of it, or the last part of a pool's plan. */
static void ending(struct compiler *c)
{
	const ct_spec *spec = c->spec;
	const char *program = spec->program ? spec->program : spec->argv[0];
	struct plan_exec exec = {0};
	struct plan_op *op;

	if (c->plan->ending) /* the stage may get more descriptors than the payload may have */
		ct__compile_nofile(c);
	ct__block_op(&c->block, OP_GO, CT_STEP_START, "");
	if (!filters_ahead(c))
		ct__compile_filter(c);
	exec.search = ct__block_string(&c->block, search_path(spec));
	exec.argv = ct__block_strings(&c->block, spec->argv);
	exec.envp = ct__block_strings(&c->block, spec->envp);
	op = ct__block_op(&c->block, OP_EXEC, CT_STEP_EXEC, program);
	op->path = ct__block_string(&c->block, program);
	op->data = ct__block_data(&c->block, &exec, sizeof(exec));
}

/* The same into a block of its own, whose operations each payload gets a copy of. */
static void ending_of_pool(struct compiler *c)
{
	struct block first = c->block;
	int ret;

	ret = ct__block_init(&c->block);
	if (ret >= 0)
		ending(c);
	*ct__ending_block(c->plan->ending) = c->block;
	first.error = first.error ? first.error : c->block.error;
	c->block = first;
}

static void payload(struct compiler *c)
{
	const ct_spec *spec = c->spec;
	const char *cwd = spec->cwd ? spec->cwd : "/";
	int32_t init_end = c->plan->init ? ct__compile_slot(c, SLOT_INIT, 0) : -1;

	ct__block_op(&c->block, OP_CWD, CT_STEP_CWD, cwd)->path = ct__block_string(&c->block, cwd);
	ct__block_op(&c->block, OP_UMASK, CT_STEP_EXEC, "umask")->y = spec->umask;
	descriptors(c, init_end);
	if (!c->plan->ending)
		ct__compile_nofile(c);
	ct__compile_late_fork(c);
	if (c->plan->init)
		ct__compile_init(c, init_end);
	ct__block_op(&c->block, OP_SESSION, CT_STEP_SESSION, "session");
	ct__compile_control(c);
	if (!c->plan->ending) {
		ending(c);
		return;
	}
	if (filters_ahead(c))
		ct__compile_filter(c);
	ct__block_op(&c->block, OP_HANDOVER, CT_STEP_START, "");
	ending_of_pool(c);
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

static int compile_ops(struct compiler *c)
{
	int ret;

	ct__lack_note_refused(c);
	ct__compile_oom_score(c);
	ret = ct__compile_labels(c);
	if (ret < 0)
		return ret;
	ct__compile_namespaces(c);
	ct__block_op(&c->block, OP_KEYRING, CT_STEP_SESSION, "keyring");
	ct__compile_names(c);
	ct__compile_loopback(c);
	if (c->own_root) {
		ret = ct__compile_mounts(c);
		if (ret < 0)
			return ret;
	}
	ct__compile_terminal(c);
	if (c->own_root)
		ct__compile_pivot(c);
	ct__compile_landlock(c);
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
	for (int stream = 0; !plan->has_terminal && stream < 3; stream++)
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
	struct spec_cgroup wish = c->spec->cgroup;
	ct_error why = CT_ERROR_INIT;
	int ret;

	if (c->target) /* it is put into that one's */
		return 0;
	if (c->spec->plan && c->spec->plan->group) { /* one for all plans of a spec: it may be a scope */
		c->plan->group = ct__group_plan_ref(c->spec->plan->group);
		return 0;
	}
	wish.on |= c->spec->time.cpu_ms != 0; /* it is what tells the cpu time of all together */
	if (!ct__may_lack(c, CT_ITEM_CGROUP))
		return ct__group_plan_make(&wish, &c->plan->group, c->err);
	ret = ct__group_plan_make(&wish, &c->plan->group, &why);
	if (ret < 0)
		ct__lack_note_error(c, CT_ITEM_CGROUP, &why);
	return 0;
}

int ct__compile(const ct_spec *spec, const struct ct__target *target,
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
	ct__compile_kinds(&c);
	ct__rights_decide(spec, target && target->is_process ? &target->rights : NULL, &c.rights);
	plan->cgroups = target && target->cgroups.count ? &target->cgroups : NULL;
	plan->awaits_host = plan->raises_caps || plan->cgroups || plan->group;
	ret = check_spec(&c);
	if (ret >= 0 && plan->settles)
		ret = ct__settle_can(&c) ? ct__settle_make(&c) : -EOPNOTSUPP;
	if (ret >= 0)
		ret = ct__landlock_decide(&c);
	if (ret >= 0) /* which depends on that */
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
		plan->time = spec->time;
		plan->prepare = spec->prepare;
		plan->prepare_data = spec->prepare_data;
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
	ct__idmap_done(&c.given_ids);
	return ret;
}
