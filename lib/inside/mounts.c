/* SPDX-License-Identifier: MIT */
/*
 * ct_container_mount, ct_container_unmount: see container/inside.h. The host clones what is to be
 * mounted, since that takes a process of its mnt namespace, and forbids what the flags say
 * while nobody sees it; the stage attaches it, since that takes one of the container's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include <container/inside.h>

#include "error/error.h"
#include "spawn/container.h"
#include "spawn/plan.h"
#include "sys/mounts.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "visit.h"

#define FLAGS                                                                                      \
	(CT_MOUNT_READONLY | CT_MOUNT_NOEXEC | CT_MOUNT_SUID | CT_MOUNT_DEV | CT_MOUNT_NO_SUBMOUNTS)

/* ------------------------------------------------ what this handle has mounted */

/* Under the lock; NULL: there is no such mount. */
static struct ct__added_mount *find(ct_container *box, const char *target)
{
	ct__array_for_each(struct ct__added_mount, mount, &box->mounts)
		if (strcmp(mount->target, target) == 0)
			return mount;
	return NULL;
}

/* So that two threads do not mount on one target. */
static int reserve(ct_container *box, const char *target, ct_error *err)
{
	struct ct__added_mount mount = {.target = strdup(target)};
	int ret = mount.target ? 0 : -ENOMEM;

	pthread_mutex_lock(&box->lock);
	if (ret == 0 && find(box, target))
		ret = -EEXIST;
	if (ret == 0)
		ret = ct__array_add(&box->mounts, &mount, sizeof(mount));
	pthread_mutex_unlock(&box->lock);
	if (ret == 0)
		return 0;
	free(mount.target);
	return ret == -EEXIST ?
		ct__fail_because(err, CT_STEP_INSIDE, ret, "something is mounted there already", "%s",
			target) :
		ct__fail(err, CT_STEP_MEMORY, ret, NULL, "%s", target);
}

/* id 0: it is gone. */
static void note(ct_container *box, const char *target, uint64_t id)
{
	struct ct__added_mount *mount, *last;

	pthread_mutex_lock(&box->lock);
	mount = find(box, target);
	if (mount && id) {
		mount->id = id;
	} else if (mount) {
		free(mount->target);
		last = (struct ct__added_mount *)box->mounts.items + --box->mounts.count;
		*mount = *last;
	}
	pthread_mutex_unlock(&box->lock);
}

/* ------------------------------------------------------------------- mounting */

static int clone_mount(int fd, uint32_t flags)
{
	unsigned int recursive = flags & CT_MOUNT_NO_SUBMOUNTS ? 0 : AT_RECURSIVE;
	struct mount_attr attributes = {
		.attr_set = (flags & CT_MOUNT_READONLY ? MOUNT_ATTR_RDONLY : 0) |
			(flags & CT_MOUNT_NOEXEC ? MOUNT_ATTR_NOEXEC : 0) |
			(flags & CT_MOUNT_SUID ? 0 : MOUNT_ATTR_NOSUID) |
			(flags & CT_MOUNT_DEV ? 0 : MOUNT_ATTR_NODEV),
		.propagation = MS_PRIVATE,
	};
	CT__AUTO_CLOSE int tree = ct__clone_mount(fd, recursive);
	int ret = tree < 0 ? tree : ct__set_mount(tree, recursive, &attributes);

	return ret < 0 ? ret : ct__take_fd(&tree);
}

/*
 * A mount that comes by a descriptor is not locked: who has CAP_SYS_ADMIN in a user namespace
 * of his own could allow himself again what the flags forbid.
 */
static int check_rights(const struct ct__visit *visit)
{
	bool may_mount = visit->target.rights.caps >> CAP_SYS_ADMIN & 1;

	if (!(visit->target.kinds & CT_NS_USER) || !may_mount)
		return 0;
	return ct__fail_because(visit->err, CT_STEP_INSIDE, -EPERM,
		"it has cap_sys_admin, and could undo what the mount forbids", "%s", visit->path);
}

static int unmount_inside(ct_container *box, const char *target, uint64_t id, ct_error *err)
{
	struct ct__visit visit;
	struct plan_op *op;
	int slot, ret = ct__visit_begin(&visit, box, target, err);

	if (ret >= 0) {
		slot = ret = ct__visit_slot(&visit, ct__procfs_open(), "openat");
	}
	if (ret >= 0) {
		op = ct__visit_op(&visit, OP_DETACH);
		op->slot = slot;
		op->x = id;
		ret = ct__visit_run(&visit, NULL);
	}
	ct__visit_end(&visit);
	return ret;
}

/* The number of a mount stays the same when it is attached. */
static int attach_inside(ct_container *box, int fd, const char *target, uint32_t flags,
	uint64_t *ret_id, ct_error *err)
{
	struct ct__visit visit;
	struct plan_op *op;
	int slot, tree = -EBADF, ret = ct__visit_begin(&visit, box, target, err);

	if (ret >= 0)
		ret = check_rights(&visit);
	if (ret >= 0) {
		tree = clone_mount(fd, flags);
		slot = ret = ct__visit_slot(&visit, tree, "open_tree");
	}
	if (ret >= 0) {
		ret = ct__mount_id(tree, ret_id);
		if (ret < 0)
			ret = ct__fail(err, CT_STEP_INSIDE, ret, "statx", "%s", target);
	}
	if (ret >= 0) {
		op = ct__visit_op(&visit, OP_TAKE);
		op->slot = slot;
		op->a = REG_MOUNT;
		op = ct__visit_op(&visit, OP_ATTACH);
		op->a = REG_MOUNT;
		op->flags = PLAN_CREATE;
		ret = ct__visit_run(&visit, NULL);
	}
	ct__visit_end(&visit);
	return ret;
}

static int mount_inside(ct_container *box, int fd, const char *target, uint32_t flags,
	uint64_t *ret_id, ct_error *err)
{
	int ret = attach_inside(box, fd, target, flags, ret_id, err);

	/* Who went inside may have come as far as that before he was killed, or could not say so. */
	if (ret < 0 && *ret_id)
		(void)unmount_inside(box, target, *ret_id, NULL);
	return ret;
}

int ct_container_mount(ct_container *box, int fd, const char *target, uint32_t flags, ct_error *err)
{
	uint64_t id = 0;
	int cancel, ret;

	if (target && !target[strspn(target, "/")])
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is the root, or empty",
			"target: %s", target);
	if (!box || !target || flags & ~FLAGS)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"it is NULL, or has unknown bits", "container, target or flags");
	/* A thread cancelled in here would leave a process and descriptors behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = reserve(box, target, err);
	if (ret >= 0) {
		ret = mount_inside(box, fd, target, flags, &id, err);
		note(box, target, ret < 0 ? 0 : id);
	}
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

/* ----------------------------------------------------------------- unmounting */

int ct_container_unmount(ct_container *box, const char *target, ct_error *err)
{
	struct ct__added_mount *mount;
	uint64_t id = 0;
	int cancel, ret;

	if (!box || !target)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL",
			box ? "target" : "container");
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&box->lock);
	mount = find(box, target);
	if (mount) {
		id = mount->id;
		mount->id = 0; /* another thread that removes it finds nothing */
	}
	pthread_mutex_unlock(&box->lock);
	if (!id) {
		ret = ct__fail_because(err, CT_STEP_INSIDE, -ENOENT,
			"nothing was mounted there while it ran", "%s", target);
	} else {
		ret = unmount_inside(box, target, id, err);
		note(box, target, ret < 0 && ret != -ESTALE && ret != -ESRCH ? id : 0);
	}
	pthread_setcancelstate(cancel, NULL);
	return ret;
}
