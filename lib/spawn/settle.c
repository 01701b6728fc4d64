/* SPDX-License-Identifier: MIT */
/* See settle.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "compile.h"
#include "errand.h"
#include "idmapped.h"
#include "settle.h"
#include "sys/procfs.h"
#include "trace/trace.h"
#include "util/fd.h"

#define LIMIT_MS 10000
#define CAP_BIT(cap) (UINT64_C(1) << (cap))

/*
 * Not where the container has a user namespace, which has no right to enter the home; not where
 * something is written to the memory that masks come from, since that is shared by all containers
 * of the plan; nor where the payload may make what is read-only writable again; nor where somebody is to
 * see the host's tree before the root takes its place.
 */
bool ct__settle_can(const struct compiler *c)
{
	const ct_spec *spec = c->spec;

	if (!c->own_root || c->target || c->foreign_user || c->plan->forks || c->lacking || spec->may_lack || spec->prepare ||
		spec->root_mode == CT_ROOT_EPHEMERAL)
		return false;
	if ((c->rights.caps | c->rights.ambient) & CAP_BIT(CAP_SYS_ADMIN))
		return false;
	ct__array_for_each(struct spec_mount, mount, &spec->mounts)
		if (mount->kind == MOUNT_FILE || mount->kind == MOUNT_OVERLAY)
			return false;
	return ct__has_cap(CAP_SYS_ADMIN) && ct__has_cap(CAP_SYS_CHROOT) && ct__has_cap(CAP_MKNOD);
}

/* A device node is tried as well: where none can be made those of the host are bound, which are not in a home. */
static int add_operations(struct block *block)
{
	static const char options[] = "mode\0" "700";
	int ret = ct__block_init(block);
	struct plan_op *op;

	if (ret < 0)
		return ret;
	ct__block_op(block, OP_PRIVATE, CT_STEP_PROPAGATION, "");
	op = ct__block_op(block, OP_SCRATCH, CT_STEP_MOUNT, "");
	op->size = sizeof(options);
	op->data = ct__block_data(block, options, sizeof(options));
	op = ct__block_op(block, OP_DEVICE, CT_STEP_DEVICE, "");
	op->b = REG_SCRATCH;
	op->flags = PLAN_STRICT;
	op->path = ct__block_string(block, "tried");
	op->x = makedev(1, 3);
	ct__block_op(block, OP_SCRATCH, CT_STEP_MASK, "")->flags = PLAN_READONLY;
	ct__block_op(block, OP_PIVOT, CT_STEP_PIVOT, "")->b = REG_SCRATCH;
	ct__block_op(block, OP_GO, CT_STEP_START, "");
	block->perch = ct__block_string(block, "/proc");
	return block->error;
}

/* The namespace of a process that waits for a word, which it never gets. */
static int take_home(struct ct__errand *errand)
{
	CT__AUTO_CLOSE int proc = -EBADF;
	struct stage_report report;
	char path[32];
	int ret = ct__errand_receive(errand, LIMIT_MS, &report, NULL);

	if (ret >= 0 && report.kind == STAGE_HELLO)
		ret = ct__errand_receive(errand, LIMIT_MS, &report, NULL);
	if (ret < 0)
		return ret;
	if (report.kind != STAGE_READY)
		return report.error < 0 ? report.error : -EBADMSG;
	proc = ct__procfs_open();
	snprintf(path, sizeof(path), "%d/ns/mnt", errand->child.pid);
	return proc < 0 ? proc : ct__openat(proc, path, O_RDONLY, 0);
}

int ct__settle_make(struct compiler *c)
{
	struct ct__errand errand = CT__ERRAND_INIT;
	CT__AUTO_CLOSE int stage = ct__stage_open(false);
	const char *call;
	int ret = add_operations(&errand.block);

	if (ret >= 0)
		ret = ct__errand_seal(&errand);
	if (ret >= 0)
		ret = ct__errand_start(&errand, stage, CT_NS_MNT, false, &call);
	if (ret >= 0)
		ret = take_home(&errand);
	ct__errand_finish(&errand, NULL);
	if (ret < 0)
		return ret;
	c->plan->home = ret;
	return 0;
}

void ct__settle_source(struct compiler *c, struct plan_op *op, int fd, bool recursive)
{
	struct plan_slot *slot;
	int mount;

	op->slot = ct__compile_slot(c, SLOT_TREE, fd);
	op->flags = PLAN_TREE;
	slot = &c->plan->slots[op->slot];
	slot->userns = -1;
	slot->recursive = recursive;
	slot->step = (ct_step)op->step;
	mount = ct__idmapped_open(slot, NULL, c->err);
	if (mount < 0 && !c->block.error)
		c->block.error = mount;
	ct__close(&mount);
}
