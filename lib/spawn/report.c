/* SPDX-License-Identifier: MIT */
/* Puts what a stage reported into words. */
#include <stddef.h>

#include "error/error.h"
#include "report.h"

static const char *const reasons[REASON_COUNT] = {
	[REASON_NO_PROGRAM] = "there is no such program in the container",
	[REASON_NOT_IN_PATH] = "there is no such program along PATH in the container",
	[REASON_NO_SCRIPT_INTERPRETER] = "the interpreter in its first line is missing in the container",
	[REASON_NO_ELF_INTERPRETER] = "the dynamic loader it needs is missing in the container",
	[REASON_DIRECTORY] = "it is a directory",
	[REASON_NOT_A_FILE] = "it is not a regular file",
	[REASON_NO_EXECUTE_BIT] = "it is not executable",
	[REASON_NOEXEC_MOUNT] = "it lies on a mount with noexec",
	[REASON_OTHER_MACHINE] = "it was built for another machine",
	[REASON_EMPTY_FILE] = "it is empty",
	[REASON_NO_INTERPRETER_LINE] = "it is neither a program nor a script that starts with #!",
	[REASON_SOURCE_MOVED] = "the source is not where it was when the spec was made",
	[REASON_SYMLINK_TARGET] = "the target is, or goes through, a symlink or file that cannot be used",
	[REASON_ON_PROC] = "the target leads into /proc",
	[REASON_MASKED_PROC] = "the /proc here is masked or missing, and the kernel allows no fuller one inside a user namespace",
	[REASON_MASKED_SYS] = "the /sys here is masked or missing, and the kernel allows no fuller one inside a user namespace",
	[REASON_STACKED_OVERLAYS] = "it lies on overlays already, and the kernel stacks no more than two",
	[REASON_NO_OVERLAY_LAYER] = "the kernel makes no overlay of the filesystems that its layers lie on",
	[REASON_NO_OVERLAY_HERE] = "the kernel (before Linux 5.11) or a security module allows no overlay in a user namespace",
	[REASON_NO_USER_ATTRIBUTES] = "the kernel's tmpfs (before Linux 6.6) keeps no user attributes: directories of the rootfs cannot be removed",
	[REASON_LANDLOCK] = "it is not executable for its user, or the landlock rules do not let it, its interpreter or its loader be read and executed",
	[REASON_LABEL] = "the security module does not let a process with no_new_privs change to it",
	[REASON_LABEL_PROGRAM] = "it is not executable for its user, or the security module does not let it be executed with the label",
	[REASON_NO_FILE] = "it is neither a regular file nor a directory",
	[REASON_MADE_UP] = "it is a file that the kernel makes up",
	[REASON_OTHER_MOUNT] = "what was mounted there is gone, or covered",
	[REASON_NO_DEVPTS] = "there is no devpts, which terminals are made of",
	[REASON_GROUPS_STAY] = "the user namespace lets nobody drop a group: those of the caller stay",
};

int ct__report_explain(const struct plan *block, struct stage_report *report, ct_error *err)
{
	const char *bytes = (const char *)block;
	const char *object = "stage";
	int step = CT_STEP_STAGE;

	/* The report comes from our own program, but a message is a message: it is bounded. */
	report->call[sizeof(report->call) - 1] = '\0';
	report->detail[sizeof(report->detail) - 1] = '\0';
	if (report->op < block->op_count) {
		const struct plan_op *op =
			(const struct plan_op *)(const void *)(bytes + block->ops) + report->op;

		object = bytes + op->object;
		step = op->step;
	}
	if (report->detail[0])
		object = report->detail;
	if (report->step)
		step = (int)report->step;
	if (report->reason > REASON_NONE && report->reason < REASON_COUNT &&
		reasons[report->reason]) {
		ct__fail_because(err, (ct_step)step, report->error, reasons[report->reason], "%s",
			object);
		ct__error_set_call(err, report->call);
		return report->error;
	}
	return ct__fail(err, (ct_step)step, report->error, report->call, "%s", object);
}
