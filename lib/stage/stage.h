/* SPDX-License-Identifier: MIT */
/*
 * Private to the stage: its state, and the operations by the file that holds
 * them. The stage is one process with one thread and memory of its own; nothing
 * of the host is in it but the plan and the descriptors that it was sent.
 */
#ifndef CT_STAGE_STAGE_H
#define CT_STAGE_STAGE_H

#include <container/error.h>

#include "plan.h"
#include "syscall.h"

struct stage {
	char *plan;			/* the mapped block; private, so argv can be relocated in it */
	int wire;			/* socket to the host; first the one that it made */
	uint32_t call_flags;		/* STAGE_TELL_READY */
	uint32_t at;			/* index of the operation at hand */
	int slot[PLAN_MAX_SLOTS + 1];	/* descriptors from the host, and the payload's terminal */
	int reg[REG_COUNT];		/* -1: not there */
	int ruleset;			/* of landlock; -1: none is in the making */
	int restricted;			/* landlock is in force */
	const char *label;		/* which the exec changes to, with its module; NULL: to none */
	int watched;			/* calls may wait for the host, who waits for us */
	int lacking;			/* of the operation at hand and those that go with it: how many failed */
	int highest_target;		/* highest number the payload gets, set by OP_DESCRIPTORS */
	struct stage_report report;	/* filled as a failure is understood */
};

/* A string or block of the plan. */
static inline void *plan_at(const struct stage *st, uint32_t offset)
{
	return st->plan + offset;
}

/* text.c */
size_t text_length(const char *text);
int text_equal(const char *a, const char *b);
int text_starts(const char *text, const char *with);
/* Appends to a string in a buffer of size bytes; what does not fit is cut. */
void text_append(char *to, size_t size, const char *text);
void text_append_number(char *to, size_t size, uint64_t number);
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

/* stage.c */

/* Notes which kernel call failed and returns its answer: return fail_at(st, "setns", ret); */
static inline long failed(struct stage *st, const char *call, long ret)
{
	st->report.call[0] = '\0';
	text_append(st->report.call, sizeof(st->report.call), call);
	return ret;
}

/* Maps a plan, which the stage follows from then on, and takes over the descriptors that came with it. */
long take_plan(struct stage *st, const struct stage_call *call, const int *fds, unsigned int count);
/* Tells the host that the container goes on without the operation at hand, which failed. */
long lack(struct stage *st, long error);
/* Receives one message of the host; the number of bytes, 0 at the end, or a negative errno. */
long receive(int socket, void *buffer, size_t size, int *fds, unsigned int max_fds,
	unsigned int *ret_fds);
/* Sends the first size bytes of the report, with a descriptor unless fd is -1. */
long send_report(struct stage *st, size_t size, int fd);
/* Makes the wire, sends the host its end, and closes the socket that the host made. */
long open_wire(struct stage *st);

/* The other duties of the program, instead of a plan: keeper.c, agent.c. */
void keeper_main(int control, int host) __attribute__((noreturn));
void agent_main(int control) __attribute__((noreturn));

/* path.c: names below a directory that the container may control */
long open_below(int dir, const char *path, uint64_t flags, uint64_t resolve);
long make_mount_point(struct stage *st, int base, const char *path, int is_directory);
long write_file(struct stage *st, int dir, const char *path, const void *data, size_t size,
	int create_mode);

/* process.c */
long await_word(struct stage *st);
void end_others(void);
long op_await_host(struct stage *st, const struct plan_op *op);
long op_become_root(struct stage *st, const struct plan_op *op);
long op_time_offsets(struct stage *st, const struct plan_op *op);
long op_join(struct stage *st, const struct plan_op *op);
long op_unshare(struct stage *st, const struct plan_op *op);
long op_fork(struct stage *st, const struct plan_op *op);
long op_hide(struct stage *st, const struct plan_op *op);
long op_keyring(struct stage *st, const struct plan_op *op);
long op_session(struct stage *st, const struct plan_op *op);
long op_hostname(struct stage *st, const struct plan_op *op);
long op_domainname(struct stage *st, const struct plan_op *op);
long op_loopback(struct stage *st, const struct plan_op *op);
long op_sysctl(struct stage *st, const struct plan_op *op);

/* mount.c */
long op_private(struct stage *st, const struct plan_op *op);
long op_scratch(struct stage *st, const struct plan_op *op);
long op_new_mount(struct stage *st, const struct plan_op *op);
long op_bind(struct stage *st, const struct plan_op *op);
long op_file(struct stage *st, const struct plan_op *op);
long op_attach(struct stage *st, const struct plan_op *op);
long op_mask(struct stage *st, const struct plan_op *op);
long op_readonly(struct stage *st, const struct plan_op *op);
long new_filesystem(struct stage *st, const char *type, const char *options, size_t size,
	unsigned int attributes);
long clone_source(struct stage *st, const struct plan_op *op, unsigned int flags);
long stack_on_perch(struct stage *st, int mount);
long leave_perch(struct stage *st);
long restrictions_of(struct stage *st, int mount);
long set_attributes(struct stage *st, int mount, unsigned int at_flags, uint64_t set,
	uint64_t clear);

/* root.c */
long op_root_bind(struct stage *st, const struct plan_op *op);
long op_root_overlay(struct stage *st, const struct plan_op *op);
long op_overlay_layer(struct stage *st, const struct plan_op *op);
long op_overlay(struct stage *st, const struct plan_op *op);
long op_show(struct stage *st, const struct plan_op *op);
long op_root_readonly(struct stage *st, const struct plan_op *op);
long op_chroot(struct stage *st, const struct plan_op *op);
long op_pivot(struct stage *st, const struct plan_op *op);

/* inside.c */
long op_take(struct stage *st, const struct plan_op *op);
long op_open(struct stage *st, const struct plan_op *op);
long op_detach(struct stage *st, const struct plan_op *op);
long op_answer(struct stage *st, const struct plan_op *op);

/* device.c */
long bind_file(struct stage *st, int tree, int dir, const char *name);
long op_symlink(struct stage *st, const struct plan_op *op);
long op_device(struct stage *st, const struct plan_op *op);

/* rights.c */
long op_oom_score(struct stage *st, const struct plan_op *op);
long op_label(struct stage *st, const struct plan_op *op);
long op_rlimit(struct stage *st, const struct plan_op *op);
long op_bounding(struct stage *st, const struct plan_op *op);
long op_drop_groups(struct stage *st, const struct plan_op *op);
long op_identity(struct stage *st, const struct plan_op *op);
long op_caps(struct stage *st, const struct plan_op *op);
long op_no_new_privs(struct stage *st, const struct plan_op *op);
long op_seccomp(struct stage *st, const struct plan_op *op);
long op_umask(struct stage *st, const struct plan_op *op);

/* landlock.c */
long op_ruleset(struct stage *st, const struct plan_op *op);
long op_rule_path(struct stage *st, const struct plan_op *op);
long op_rule_port(struct stage *st, const struct plan_op *op);
long op_restrict(struct stage *st, const struct plan_op *op);

/* init.c */
long op_init(struct stage *st, const struct plan_op *op);

/* terminal.c */
long op_terminal(struct stage *st, const struct plan_op *op);
long op_console(struct stage *st, const struct plan_op *op);
long op_control(struct stage *st, const struct plan_op *op);

/* exec.c */
long op_cwd(struct stage *st, const struct plan_op *op);
long op_go(struct stage *st, const struct plan_op *op);
long op_handover(struct stage *st, const struct plan_op *op);
long op_descriptors(struct stage *st, const struct plan_op *op);
long op_exec(struct stage *st, const struct plan_op *op);

/* diagnose.c: why an exec failed */
void diagnose_exec(struct stage *st, const char *program, long error);

#endif
