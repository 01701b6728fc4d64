/* SPDX-License-Identifier: MIT */
/*
 * What makes the process a container's: id maps, given namespaces, session,
 * names, loopback, kernel parameters. Mounts and rights are elsewhere.
 */
#include "stage.h"

#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <linux/sched.h>

#define SIGKILL 9

long await_word(struct stage *st)
{
	char message = 0;
	long ret = receive(st->wire, &message, 1, NULL, 0, NULL);

	if (ret == 0)
		sys_exit(1); /* the host is gone */
	if (ret < 0)
		return failed(st, "recvmsg", ret);
	return message == STAGE_MSG_ON ? 0 : failed(st, "recvmsg", -EBADMSG);
}

/* Who: perhaps the first process of a new user namespace, whose ids have no meaning yet. */
long op_await_host(struct stage *st, const struct plan_op *op)
{
	(void)op;
	return await_word(st);
}

/*
 * Who: the first process of a new pid namespace; in any other -1 would be the whole machine. Who was left
 * to this one is waited for as well; those that the host has started it reaps.
 */
void end_others(void)
{
	long ret;

	if (sys(__NR_getpid, 0, 0, 0, 0, 0) != 1)
		return;
	sys(__NR_kill, -1, SIGKILL, 0, 0, 0);
	do
		ret = sys(__NR_wait4, -1, NULL, 0, NULL, 0);
	while (ret > 0 || ret == -EINTR);
}

/*
 * The host's own ids may have no meaning in the new user namespace; files made
 * with such ids fail with EOVERFLOW. Its root has one.
 */
long op_become_root(struct stage *st, const struct plan_op *op)
{
	long ret = sys(__NR_setresgid, op->b, op->b, op->b, 0, 0);

	if (ret < 0)
		return failed(st, "setresgid", ret);
	return failed(st, "setresuid", sys(__NR_setresuid, op->a, op->a, op->a, 0, 0));
}

/* A time namespace takes effect in a child: OP_FORK follows. Offsets come before its first process. */
long op_time_offsets(struct stage *st, const struct plan_op *op)
{
	long ret = failed(st, "unshare", sys(__NR_unshare, CLONE_NEWTIME, 0, 0, 0, 0));
	long proc;

	if (ret < 0 || !op->size)
		return ret;
	proc = sys_openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (proc < 0)
		return failed(st, "openat", proc);
	ret = write_file(st, (int)proc, "self/timens_offsets", plan_at(st, op->data), op->size, -1);
	sys_close((int)proc);
	return ret;
}

long op_join(struct stage *st, const struct plan_op *op)
{
	return failed(st, "setns", sys_setns(st->slot[op->slot], (int)op->x));
}

long op_unshare(struct stage *st, const struct plan_op *op)
{
	return failed(st, "unshare", sys(__NR_unshare, op->x, 0, 0, 0, 0));
}

#define TELL_TRIES 3

/*
 * A given pid namespace, and a new time namespace, take effect for children only.
 * CLONE_PARENT makes the child a child of the host, which finds it by its number; the
 * parent leaves. No descriptor is passed for it: whatever the parent could send one
 * through, the child would have as well, in sight of those who live in a given pid
 * namespace.
 */
long op_fork(struct stage *st, const struct plan_op *op)
{
	struct clone_args args = {.flags = op->x | CLONE_PARENT};
	long ret = failed(st, "clone3", sys(__NR_clone3, &args, sizeof(args), 0, 0, 0));

	/* The default filter, where it is there already, answers so; and then nothing is to be new. */
	if (ret == -ENOSYS)
		ret = failed(st, "clone", sys(__NR_clone, op->x | CLONE_PARENT, 0, 0, 0, 0));
	if (ret <= 0)
		return ret; /* the container's process goes on */
	st->report.kind = STAGE_FORKED;
	st->report.pid = (int32_t)ret;
	for (int i = 0; i < TELL_TRIES; i++)
		if (send_report(st, STAGE_REPORT_SHORT, -1) >= 0)
			sys_exit(0);
	/* Of what the host does not know it would wait for, and it for the host. */
	sys(__NR_kill, ret, SIGKILL, 0, 0, 0);
	sys_exit(1);
}

/*
 * Who: still outside, before the first namespace that others live in. Their root may
 * hold CAP_SYS_PTRACE; it has no power over a process whose memory belongs to the
 * host's user namespace and is not dumpable: ptrace(2), "access mode checking".
 */
long op_hide(struct stage *st, const struct plan_op *op)
{
	(void)op;
	return failed(st, "prctl", sys_prctl(PR_SET_DUMPABLE, 0, 0));
}

/* Before the ids change: a keyring counts against the quota of the user who makes it. */
long op_keyring(struct stage *st, const struct plan_op *op)
{
	long ret;

	(void)op;
	ret = sys(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0);
	if (ret == -ENOSYS)
		return 0; /* a kernel without keyrings has none to share */
	return failed(st, "keyctl", ret);
}

long op_session(struct stage *st, const struct plan_op *op)
{
	/* The kernel refuses it to the leader of a group, which a new process never is. */
	(void)op;
	return failed(st, "setsid", sys(__NR_setsid, 0, 0, 0, 0, 0));
}

long op_hostname(struct stage *st, const struct plan_op *op)
{
	const char *name = plan_at(st, op->path);

	return failed(st, "sethostname",
		sys(__NR_sethostname, name, text_length(name), 0, 0, 0));
}

long op_domainname(struct stage *st, const struct plan_op *op)
{
	const char *name = plan_at(st, op->path);

	return failed(st, "setdomainname",
		sys(__NR_setdomainname, name, text_length(name), 0, 0, 0));
}

/* The kernel's struct ifreq, as far as its flags go. */
struct interface_request {
	char name[16];
	short flags;
	char rest[22];
};

long op_loopback(struct stage *st, const struct plan_op *op)
{
	const unsigned long get_flags = 0x8913, set_flags = 0x8914; /* SIOC[GS]IFFLAGS */
	struct interface_request request = {.name = "lo"};
	/* Any socket serves for these ioctls; AF_UNIX is in every kernel. */
	long fd = sys(__NR_socket, 1 /* AF_UNIX */, 2 /* SOCK_DGRAM */ | O_CLOEXEC, 0, 0, 0);
	long ret;

	(void)op;
	if (fd < 0)
		return failed(st, "socket", fd);
	ret = sys(__NR_ioctl, fd, get_flags, &request, 0, 0);
	if (ret >= 0) {
		request.flags |= 1; /* IFF_UP */
		ret = sys(__NR_ioctl, fd, set_flags, &request, 0, 0);
	}
	sys_close((int)fd);
	return failed(st, "ioctl", ret);
}

/* Through the container's own procfs, before anything could be mounted over it. */
long op_sysctl(struct stage *st, const struct plan_op *op)
{
	return write_file(st, st->reg[REG_PROC], plan_at(st, op->path), plan_at(st, op->data),
		op->size, -1);
}
