/* SPDX-License-Identifier: MIT */
/* ct_container_open_file: see container/inside.h. The opening itself is op_open() of the stage. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include <container/inside.h>

#include "error/error.h"
#include "util/fd.h"
#include "visit.h"

#define TAKEN                                                                                      \
	(O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_DIRECTORY | O_NOFOLLOW |            \
		O_NONBLOCK | O_SYNC | O_DSYNC | O_CLOEXEC)

static int open_inside(ct_container *box, const char *path, int flags, mode_t mode, ct_error *err)
{
	struct ct__visit visit;
	int fd = -EBADF, ret = ct__visit_begin(&visit, box, path, err);

	if (ret >= 0) {
		struct plan_op *op = ct__visit_op(&visit, OP_OPEN);

		op->x = (uint64_t)(flags & ~O_CLOEXEC);
		op->y = mode;
		ret = ct__visit_run(&visit, &fd);
	}
	ct__visit_end(&visit);
	return ret < 0 ? ret : fd;
}

int ct_container_open_file(ct_container *box, const char *path, int flags, mode_t mode, ct_error *err)
{
	int cancel, ret;

	if ((flags & ~TAKEN) || (flags & O_ACCMODE) == O_ACCMODE)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "unknown bits", "flags: %#x",
			(unsigned int)flags);
	if ((flags & O_TRUNC) && (flags & O_ACCMODE) == O_RDONLY)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"a file that is only read cannot be cut", "flags: %#x", (unsigned int)flags);
	if (mode > 07777)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is over 07777", "mode: %#o",
			mode);
	/* A thread cancelled in here would leave a process and descriptors behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = open_inside(box, path, flags, mode, err);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}
