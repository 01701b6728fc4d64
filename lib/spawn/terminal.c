/* SPDX-License-Identifier: MIT */
/*
 * The payload's terminal: from spec to plan, and its master from the stage to the caller. How
 * it is made is in lib/stage/terminal.c; what a host does with terminals in lib/terminal/.
 */
#include <container/terminal.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "compile.h"
#include "container.h"
#include "error/error.h"
#include "trace/trace.h"
#include "util/fd.h"

#define PTMX makedev(5, 2)

void ct__compile_terminal(struct compiler *c)
{
	const struct spec_terminal *terminal = &c->spec->terminal;
	struct plan_op *op;

	if (!terminal->rows)
		return;
	c->plan->has_terminal = true;
	c->plan->slots[PLAN_TERMINAL_SLOT].kind = SLOT_TERMINAL;
	op = ct__block_op(&c->block, OP_TERMINAL, CT_STEP_TERMINAL, "/dev/pts");
	op->a = (int32_t)c->rights.uid;
	op->b = c->own_root ? REG_PTS : -1;
	op->x = terminal->rows;
	op->y = terminal->columns;
	if (!c->own_root)
		return;
	op = ct__block_op(&c->block, OP_CONSOLE, CT_STEP_TERMINAL, "/dev/console");
	op->b = REG_DEV;
	op->path = ct__block_string(&c->block, "console");
}

void ct__compile_control(struct compiler *c)
{
	if (c->plan->has_terminal)
		ct__block_op(&c->block, OP_CONTROL, CT_STEP_TERMINAL, "controlling terminal");
}

int ct__terminal_check(int fd)
{
	struct statfs filesystem;
	unsigned int number;
	struct stat about;
	int flags;

	if (fstat(fd, &about) < 0 || fstatfs(fd, &filesystem) < 0)
		return -errno;
	if (!S_ISCHR(about.st_mode) || about.st_rdev != PTMX ||
		filesystem.f_type != DEVPTS_SUPER_MAGIC)
		return -ENOTTY;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & (O_PATH | O_ACCMODE)) != O_RDWR)
		return -EBADF;
	return ioctl(fd, TIOCGPTN, &number) < 0 ? -errno : 0;
}

int ct__terminal_receive(ct_container *box, int *fd, struct ct__trace *trace, ct_error *err)
{
	int ret;

	if (*fd < 0 || box->terminal >= 0)
		return ct__fail(err, CT_STEP_TERMINAL, -EBADMSG, "recvmsg", "terminal");
	ret = ct__traced(trace, CT_STEP_TERMINAL, "ioctl", ct__terminal_check(*fd),
		"%d, TIOCGPTN, {...}", *fd);
	if (ret < 0)
		return ct__fail(err, CT_STEP_TERMINAL, ret, "ioctl", "what the stage has sent");
	*fd = ct__above_stdio(*fd);
	if (*fd < 0)
		return ct__fail(err, CT_STEP_TERMINAL, *fd, "fcntl", "terminal");
	box->terminal = ct__take_fd(fd);
	return 0;
}

int ct_container_take_terminal(ct_container *box)
{
	if (!box)
		return -EINVAL;
	if (box->terminal < 0)
		return -ENOENT;
	return ct__take_fd(&box->terminal);
}
