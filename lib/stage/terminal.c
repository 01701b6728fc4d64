/* SPDX-License-Identifier: MIT */
/*
 * A terminal for the payload: made in the container's own devpts, its master sent to the host.
 *
 * Who: root of the container, before it gives its rights away; where another process is
 * joined, in sight of those who live there, and in a mount namespace that they may rule. So
 * nothing here is found by a name that they could turn elsewhere: the devpts is an open directory
 * that has shown to be one, and the slave comes from its master (CVE-2025-52565).
 */
#include "stage.h"

#include <asm/ioctls.h>
#include <asm/termios.h>

#define DEVPTS_SUPER_MAGIC 0x1cd1

/* The devpts in the root that the process has by now, which need not be ours. */
static long find_devpts(struct stage *st)
{
	long words[16] = {0}; /* struct statfs of the 64-bit machines: f_type is the first word */
	long fd = failed(st, "openat2",
		open_below(AT_FDCWD, "/dev/pts", O_PATH | O_DIRECTORY, RESOLVE_NO_MAGICLINKS));
	long ret;

	if (fd < 0)
		return fd;
	ret = failed(st, "fstatfs", sys(__NR_fstatfs, fd, words, 0, 0, 0));
	if (ret >= 0 && words[0] == DEVPTS_SUPER_MAGIC)
		return fd;
	sys_close((int)fd);
	if (ret >= 0)
		st->report.reason = REASON_NO_DEVPTS;
	return ret < 0 ? ret : -ENODEV;
}

static long open_master(struct stage *st, const struct plan_op *op)
{
	const struct winsize size = {
		.ws_row = (unsigned short)op->x, .ws_col = (unsigned short)op->y};
	const int unlocked = 0;
	long devpts = op->b >= 0 ? st->reg[op->b] : find_devpts(st);
	long master, ret;

	if (devpts < 0)
		return devpts;
	master = failed(st, "openat2",
		open_below((int)devpts, "ptmx", O_RDWR | O_NOCTTY,
			RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV));
	if (op->b < 0)
		sys_close((int)devpts);
	if (master < 0)
		return master;
	ret = failed(st, "ioctl", sys(__NR_ioctl, master, TIOCSPTLCK, &unlocked, 0, 0));
	if (ret >= 0)
		ret = failed(st, "ioctl", sys(__NR_ioctl, master, TIOCSWINSZ, &size, 0, 0));
	if (ret >= 0)
		return master;
	sys_close((int)master);
	return ret;
}

/* The group stays as the devpts says. */
static long open_slave(struct stage *st, int master, unsigned int uid)
{
	long slave = failed(st, "ioctl",
		sys(__NR_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC, 0, 0));
	long ret;

	if (slave < 0)
		return slave;
	ret = failed(st, "fchownat", sys(__NR_fchownat, slave, "", uid, -1, AT_EMPTY_PATH));
	if (ret >= 0)
		return slave;
	sys_close((int)slave);
	return ret;
}

long op_terminal(struct stage *st, const struct plan_op *op)
{
	long master = open_master(st, op);
	long slave, ret;

	if (master < 0)
		return master;
	slave = open_slave(st, (int)master, (unsigned int)op->a);
	if (slave < 0)
		return slave;
	st->slot[PLAN_TERMINAL_SLOT] = (int)slave;
	st->report.kind = STAGE_TERMINAL;
	ret = failed(st, "sendmsg", send_report(st, STAGE_REPORT_SHORT, (int)master));
	sys_close((int)master);
	return ret < 0 ? ret : 0;
}

/* Where programs look for it that know of no other, such as an init. */
long op_console(struct stage *st, const struct plan_op *op)
{
	long tree = failed(st, "open_tree",
		sys_open_tree(st->slot[PLAN_TERMINAL_SLOT], "",
			OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));

	return tree < 0 ? tree : bind_file(st, (int)tree, st->reg[op->b], plan_at(st, op->path));
}

/* Who: the payload's user, leader of a session that has no terminal yet. */
long op_control(struct stage *st, const struct plan_op *op)
{
	(void)op;
	return failed(st, "ioctl", sys(__NR_ioctl, 0, TIOCSCTTY, 0, 0, 0));
}
