/* SPDX-License-Identifier: MIT */
/*
 * The stage: the small static program between clone and the payload. It reads
 * the plan, runs its operations in order, and becomes the payload; or it tells
 * the host which operation failed, which the plan may allow. What each operation does
 * is in the neighbours.
 *
 * Who runs here: a process of its own, in the container's new namespaces, with
 * the host's user and rights until OP_IDENTITY and OP_CAPS take them. It has one
 * thread, none of the host's memory, and descriptor 0 is the socket to the host.
 */
#include "stage.h"
#include "trace.h"

#define SIGNALS 64 /* the kernel's _NSIG on x86-64 and arm64 */

typedef long (*operation)(struct stage *st, const struct plan_op *op);

static const operation operations[OP_COUNT] = {
	[OP_AWAIT_HOST] = op_await_host,
	[OP_BECOME_ROOT] = op_become_root,
	[OP_TIME_OFFSETS] = op_time_offsets,
	[OP_DROP_GROUPS] = op_drop_groups,
	[OP_JOIN] = op_join,
	[OP_CHROOT] = op_chroot,
	[OP_UNSHARE] = op_unshare,
	[OP_FORK] = op_fork,
	[OP_HIDE] = op_hide,
	[OP_KEYRING] = op_keyring,
	[OP_SESSION] = op_session,
	[OP_HOSTNAME] = op_hostname,
	[OP_DOMAINNAME] = op_domainname,
	[OP_LOOPBACK] = op_loopback,
	[OP_PRIVATE] = op_private,
	[OP_SCRATCH] = op_scratch,
	[OP_ROOT_BIND] = op_root_bind,
	[OP_ROOT_OVERLAY] = op_root_overlay,
	[OP_NEW_MOUNT] = op_new_mount,
	[OP_BIND] = op_bind,
	[OP_OVERLAY_LAYER] = op_overlay_layer,
	[OP_OVERLAY] = op_overlay,
	[OP_FILE] = op_file,
	[OP_ATTACH] = op_attach,
	[OP_SYMLINK] = op_symlink,
	[OP_DEVICE] = op_device,
	[OP_SYSCTL] = op_sysctl,
	[OP_MASK] = op_mask,
	[OP_READONLY] = op_readonly,
	[OP_SHOW] = op_show,
	[OP_ROOT_READONLY] = op_root_readonly,
	[OP_PIVOT] = op_pivot,
	[OP_OOM_SCORE] = op_oom_score,
	[OP_RLIMIT] = op_rlimit,
	[OP_BOUNDING] = op_bounding,
	[OP_IDENTITY] = op_identity,
	[OP_CAPS] = op_caps,
	[OP_NO_NEW_PRIVS] = op_no_new_privs,
	[OP_CWD] = op_cwd,
	[OP_UMASK] = op_umask,
	[OP_GO] = op_go,
	[OP_DESCRIPTORS] = op_descriptors,
	[OP_EXEC] = op_exec,
	[OP_SECCOMP] = op_seccomp,
	[OP_INIT] = op_init,
	[OP_TERMINAL] = op_terminal,
	[OP_CONSOLE] = op_console,
	[OP_CONTROL] = op_control,
	[OP_RULESET] = op_ruleset,
	[OP_RULE_PATH] = op_rule_path,
	[OP_RULE_PORT] = op_rule_port,
	[OP_RESTRICT] = op_restrict,
	[OP_LABEL] = op_label,
	[OP_HANDOVER] = op_handover,
	[OP_TAKE] = op_take,
	[OP_OPEN] = op_open,
	[OP_DETACH] = op_detach,
	[OP_ANSWER] = op_answer,
};

/*
 * Handlers were reset by CLONE_CLEAR_SIGHAND, but what the host ignores is still
 * ignored (SIGPIPE, often). A payload starts with every signal at its default.
 * The mask stays full until OP_GO, so that no signal ends the stage half-way.
 */
static void reset_signals(void)
{
	const unsigned long fresh[4] = {0}; /* the kernel's struct sigaction: SIG_DFL */

	for (int signal = 1; signal <= SIGNALS; signal++)
		sys(__NR_rt_sigaction, signal, fresh, 0, SIGNALS / 8, 0);
}

static __attribute__((noreturn)) void give_up(struct stage *st, long error)
{
	st->report.kind = STAGE_FAILED;
	st->report.error = (int32_t)error;
	st->report.op = st->at;
	trace_flush(st);
	send_report(st, sizeof(st->report), -1);
	sys_exit(1);
}

long lack(struct stage *st, long error)
{
	long ret;

	st->report.kind = STAGE_LACKED;
	st->report.error = (int32_t)error;
	st->report.op = st->at;
	ret = send_report(st, sizeof(st->report), -1);
	st->report.reason = REASON_NONE;
	st->report.step = 0;
	st->report.detail[0] = '\0';
	return ret < 0 ? ret : 0;
}

/* What finishes an operation goes with it, what is there instead of it comes if it is lacking. */
static int is_left_out(struct stage *st, const struct plan_op *op)
{
	if (op->flags & PLAN_PART)
		return st->lacking != 0;
	if (op->flags & PLAN_INSTEAD)
		return st->lacking != 1;
	st->lacking = 0;
	return 0;
}

/* The next operation; NULL: there is none. OP_HANDOVER has put another plan in the place of the one before. */
static const struct plan_op *next_op(struct stage *st)
{
	const struct plan *plan = (const void *)st->plan;
	const struct plan_op *ops = plan_at(st, plan->ops);

	return ++st->at < plan->op_count ? &ops[st->at] : NULL;
}

static void run(struct stage *st)
{
	const struct plan_op *op;

	for (op = next_op(st); op; op = next_op(st)) {
		long ret;

		if (is_left_out(st, op))
			continue;
		ret = op->code < OP_COUNT ? operations[op->code](st, op) : -EINVAL;
		if (ret < 0 && (op->flags & PLAN_MAY_LACK)) {
			st->lacking++;
			ret = lack(st, ret);
		}
		if (ret < 0)
			give_up(st, ret);
	}
}

long take_plan(struct stage *st, const struct stage_call *call, const int *fds, unsigned int count)
{
	long ret = sys6(__NR_mmap, 0, call->plan_size, 3 /* PROT_READ|PROT_WRITE */, 2 /* MAP_PRIVATE */,
		fds[0], 0);

	if (ret < 0 && ret > -4096)
		return failed(st, "mmap", ret);
	st->plan = (char *)ret; // NOLINT: the kernel returns an address
	st->at = UINT32_MAX; /* its first operation is the next one */
	st->call_flags = call->flags;
	sys_close(fds[0]);
	for (unsigned int i = 1; i < count; i++)
		st->slot[i - 1] = fds[i];
	return 0;
}

static struct stage state; /* the one of this process; too large for the stack's first page */

void stage_main(void) __attribute__((noreturn, used));

void stage_main(void)
{
	struct stage *st = &state;
	struct stage_call call = {0};
	int fds[PLAN_MAX_SLOTS + 1];
	unsigned int count = 0;
	long ret;

	st->at = UINT32_MAX;
	trace_begin(st);
	for (int reg = 0; reg < REG_COUNT; reg++)
		st->reg[reg] = -1;
	st->ruleset = -1;

	ret = receive(st->wire, &call, sizeof(call), fds, PLAN_MAX_SLOTS + 1, &count);
	if (ret == 0)
		sys_exit(1); /* the host is gone */
	if (ret == (long)sizeof(call) && count && call.magic == KEEPER_MAGIC)
		keeper_main(st->wire, fds[0]);
	if (ret == (long)sizeof(call) && call.magic == AGENT_MAGIC)
		agent_main(st->wire);
	if (ret != (long)sizeof(call) || !count)
		give_up(st, failed(st, "recvmsg", ret < 0 ? ret : -EBADMSG));
	ret = open_wire(st);
	if (ret < 0)
		give_up(st, ret);

	reset_signals();
	ret = take_plan(st, &call, fds, count);
	if (ret < 0)
		give_up(st, ret);
	/* Modes below are meant literally; OP_UMASK sets the payload's. */
	sys(__NR_umask, 0, 0, 0, 0, 0);
	run(st);
	give_up(st, -EINVAL); /* a plan ends in OP_EXEC, which does not return */
}

#if defined(__x86_64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	and $-16, %rsp\n"
	"	call stage_main\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	bl stage_main\n");
#endif
