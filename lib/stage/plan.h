/* SPDX-License-Identifier: MIT */
/*
 * The plan: what the stage does, as a list of operations in one flat block. The
 * host compiles it once per spec into a sealed memfd; every stage maps it. No
 * pointers: offsets count from the start of the block, 0 means "none".
 *
 * Also the few messages that host, stage and keeper exchange. Both sides come
 * from the same build, so nothing here is an interface to anybody else.
 */
#ifndef CT_STAGE_PLAN_H
#define CT_STAGE_PLAN_H

#include <stdint.h>

#define PLAN_MAGIC     0x6e616c70u /* "plan" */
#define PLAN_MAX_SLOTS 240	   /* descriptors of one start; SCM_RIGHTS carries 253 */
#define PLAN_TERMINAL_SLOT PLAN_MAX_SLOTS /* one more, which OP_TERMINAL fills */

/* Descriptors that the stage keeps while it works, by what they are. */
enum plan_reg {
	REG_ROOT,    /* the container's root, attached */
	REG_PROC,    /* its procfs */
	REG_SYS,     /* its sysfs */
	REG_DEV,     /* its /dev */
	REG_PTS,     /* its devpts */
	REG_SCRATCH, /* memory for masks and files; goes with the old root */
	REG_MOUNT,   /* the mount at hand, between its making and its attaching */
	REG_COUNT
};

/* One row per operation in the table of stage.c; the comment tells its fields. */
enum plan_code {
	OP_AWAIT_HOST,	   /* wait until the host has written the id maps and moved us to the cgroups */
	OP_BECOME_ROOT,	   /* a, b: uid and gid to take in the user namespace */
	OP_TIME_OFFSETS,   /* new time namespace; data: text for timens_offsets */
	OP_DROP_GROUPS,	   /* no supplementary group */
	OP_JOIN,	   /* slot: namespace, x: its CT_NS_* bit; or slot: pidfd, x: several */
	OP_CHROOT,	   /* slot: a directory to be the root, in the mnt namespace just joined */
	OP_UNSHARE,	   /* x: CT_NS_* bits to make new */
	OP_FORK,	   /* x: CT_NS_* bits the child gets new; the parent leaves */
	OP_HIDE,	   /* no process may trace this one or look into it, up to its exec */
	OP_KEYRING,	   /* new session keyring */
	OP_SESSION,	   /* new session */
	OP_HOSTNAME,	   /* path: the name */
	OP_DOMAINNAME,	   /* path: the name */
	OP_LOOPBACK,	   /* bring lo up */
	OP_PRIVATE,	   /* no mount event comes in or goes out */
	OP_SCRATCH,	   /* make REG_SCRATCH; PLAN_HOME: it is the root that the process has */
	OP_ROOT_BIND,	   /* slot, path: rootfs; flags: PLAN_READONLY, PLAN_TREE */
	OP_ROOT_OVERLAY,   /* slot, path: rootfs; flags: PLAN_USER_NS, PLAN_TREE; data: options of the tmpfs for the changes */
	OP_NEW_MOUNT,	   /* path: type; data: options; x: MOUNT_ATTR_*; slot: given pid namespace
			      of a procfs, or -1; sets REG_MOUNT */
	OP_BIND,	   /* slot, path: source; flags: PLAN_RECURSIVE, PLAN_TREE; sets REG_MOUNT */
	OP_OVERLAY_LAYER,  /* slot, path: a directory; a: its number; data: its name in the scratch */
	OP_OVERLAY,	   /* data: options, relative to the scratch; sets REG_MOUNT */
	OP_FILE,	   /* data: content; y: mode; sets REG_MOUNT */
	OP_ATTACH,	   /* path below register b; x: MOUNT_ATTR_* to set; a: register to keep it in,
			      or -1; flags: PLAN_CREATE, PLAN_STRICT, PLAN_RECURSIVE */
	OP_SYMLINK,	   /* path below register b; data: target */
	OP_DEVICE,	   /* path below register b; x: device number; y: mode; PLAN_STRICT: made, not bound */
	OP_SYSCTL,	   /* path below REG_PROC; data: value */
	OP_MASK,	   /* path below register b */
	OP_READONLY,	   /* path below register b */
	OP_SHOW,	   /* the root goes to path, where the host's tree has it, and what hid that tree goes; tell
			      the host, wait for its word; PLAN_ALONE: then end who has come in */
	OP_ROOT_READONLY,  /* the root itself, once all mount points exist */
	OP_PIVOT,	   /* register b becomes the root, the old one goes; PLAN_HOME: it is covered */
	OP_OOM_SCORE,	   /* data: text for oom_score_adj */
	OP_RLIMIT,	   /* a: resource; x: soft; y: hard */
	OP_BOUNDING,	   /* x: capabilities that stay in the bounding set */
	OP_IDENTITY,	   /* a: uid; b: gid; data: groups; flags: PLAN_KEEP_CAPS, PLAN_NO_SETGROUPS */
	OP_CAPS,	   /* x: permitted and effective; y: ambient and inheritable */
	OP_NO_NEW_PRIVS,
	OP_CWD,		   /* path */
	OP_UMASK,	   /* y: mask */
	OP_GO,		   /* tell the host that all is in place, wait for its word */
	OP_DESCRIPTORS,	   /* data: struct plan_fd[]; slot: one more that stays up to the exec, or -1 */
	OP_EXEC,	   /* path: program; data: struct plan_exec */
	OP_SECCOMP,	   /* data: struct sock_filter[]; x: SECCOMP_FILTER_FLAG_* */
	OP_INIT,	   /* a child goes on; slot: where to tell its end; data, x: as OP_SECCOMP, if that is to come */
	OP_TERMINAL,	   /* a: uid that it belongs to; b: REG_PTS, or -1: /dev/pts; x: rows; y: columns;
			      fills PLAN_TERMINAL_SLOT */
	OP_CONSOLE,	   /* the terminal at path below register b */
	OP_CONTROL,	   /* the terminal, which is stdin, becomes the one that controls the session */
	OP_RULESET,	   /* x: accesses to files; y: to ports; a: scopes; sets the stage's ruleset */
	OP_RULE_PATH,	   /* path; x: accesses; flags: PLAN_OPTIONAL */
	OP_RULE_PORT,	   /* x: accesses; y: port */
	OP_RESTRICT,	   /* the ruleset comes into force; x: flags of landlock_restrict_self */
	OP_LABEL,	   /* path below /proc; data: the label, for the exec of the payload */
	OP_HANDOVER,	   /* tell the host that all is in place; go on with the plan that it sends then */
	OP_OF_STARTS,	   /* how many there are in the plans of containers; the rest is of errands */
	OP_TAKE = OP_OF_STARTS,    /* slot becomes register a */
	OP_OPEN,	   /* path below REG_ROOT; x: O_*; y: mode of what is made; sets REG_MOUNT */
	OP_DETACH,	   /* path below REG_ROOT; x: id of the mount that is to be there; slot: the host's /proc */
	OP_ANSWER,	   /* ends an errand: tells that it is done; x: 1: sends REG_MOUNT */
	OP_COUNT
};

#define PLAN_RECURSIVE	  (1u << 0) /* with what is mounted below */
#define PLAN_READONLY	  (1u << 1)
#define PLAN_CREATE	  (1u << 2) /* make a missing mount point */
#define PLAN_STRICT	  (1u << 3) /* the target is a real directory: no symlink on the way */
#define PLAN_TREE	  (1u << 8) /* the slot is a detached mount, which the host has made */
#define PLAN_HOSTS	  (1u << 7) /* it is on a tree bound from the host, with the host's mounts below */
#define PLAN_ALONE	  (1u << 10) /* the process is the first of its pid namespace, and to be the only one */
#define PLAN_HOME	  (1u << 9) /* the process is in a copy of a home: see lib/spawn/settle.h */
#define PLAN_KEEP_CAPS	  (1u << 4)
#define PLAN_NO_SETGROUPS (1u << 5) /* the user namespace forbids setgroups */
#define PLAN_OPTIONAL	  (1u << 6) /* a missing source or target skips the operation */
#define PLAN_MAY_LACK	  (1u << 12) /* if it fails, the host is told and the plan goes on */
#define PLAN_PART	  (1u << 13) /* finishes what is before it; left out if that is lacking */
#define PLAN_INSTEAD	  (1u << 14) /* made only if what is before it is lacking */
#define PLAN_USER_NS	  (1u << 15) /* it is made in a user namespace that is not the first one */

struct plan_op {
	uint16_t code;	 /* enum plan_code */
	uint16_t step;	 /* ct_step, for the error */
	uint32_t flags;	 /* PLAN_* */
	uint32_t object; /* string: what the error names */
	uint32_t path;	 /* string */
	uint32_t data;	 /* block */
	uint32_t size;	 /* bytes of data */
	int32_t slot;	 /* index of a descriptor that the host sends */
	int32_t a, b;
	uint32_t item;	 /* ct_item that it is a part of; 0: of none */
	uint64_t x, y;
};

struct plan {
	uint32_t magic;
	uint32_t size;	   /* bytes of the whole block */
	uint32_t ops;	   /* offset of struct plan_op[] */
	uint32_t op_count;
	uint32_t slot_count;
	uint32_t perch;	   /* string: a directory of the host, for mounts that wait: stack_on_perch() */
};

/* Options of a filesystem: "key\0value\0" pairs; a value of "" makes it a flag. */

struct plan_fd {
	int32_t slot;	/* -1: it has that number already, and stays */
	int32_t target; /* number in the payload */
};

struct plan_exec {
	uint32_t search; /* string: directories as in PATH, for a program without a slash; 0: none */
	uint32_t argv;	 /* uint64_t[]: offsets of strings, then 0; made pointers in place */
	uint32_t envp;	 /* likewise */
	uint32_t reserved;
};

/* ------------------------------------------------------ host to stage */

/* The first message, and what OP_HANDOVER waits for; its SCM_RIGHTS carry the plan's memfd, then the slots in order. */
struct stage_call {
	uint32_t magic;	    /* PLAN_MAGIC; KEEPER_MAGIC, AGENT_MAGIC give the stage another duty */
	uint32_t flags;	    /* STAGE_TELL_READY */
	uint32_t plan_size; /* bytes of the plan */
	uint32_t reserved;
};

#define STAGE_TELL_READY (1u << 0) /* OP_GO reports STAGE_READY; ct_start() will send 'g' later */

#define STAGE_MSG_ON   'o' /* what OP_AWAIT_HOST or OP_SHOW waits for is done */
#define STAGE_MSG_GO   'g' /* execute the payload */

/* ------------------------------------------------------ stage to host */

/*
 * The stage's end of the first socket could be held open by a copy of the host that
 * was forked meanwhile, so its end would not be seen. The stage therefore makes a pair
 * of its own, the wire: its first message brings the host one end, the other is closed
 * by the exec. All else is said over it, and the first socket is closed.
 */
enum stage_kind {
	STAGE_HELLO = 4,  /* on the first socket; SCM_RIGHTS: the host's end of the wire */
	STAGE_FAILED = 1, /* on the first socket instead, if there could be no wire */
	STAGE_READY = 2,  /* at OP_GO or OP_HANDOVER, waiting */
	STAGE_FORKED = 3, /* OP_FORK: pid is the container's process, as the host sees it */
	STAGE_TRACED = 5, /* a struct stage_trace instead: one kernel call, from the traced stage */
	STAGE_ANSWER = 7, /* of an errand; SCM_RIGHTS: a file */
	STAGE_TERMINAL = 8, /* SCM_RIGHTS: the master of the payload's terminal */
	STAGE_LEFT = 9,	  /* there, instead of going: the host has shut the wire */
	STAGE_LISTENER = 10, /* SCM_RIGHTS: where the payload's calls are told */
	STAGE_SHOWN = 11, /* at OP_SHOW, waiting */
	STAGE_LACKED = 6  /* as STAGE_FAILED, but the stage goes on without what failed */
};

/* Why an exec failed, where errno alone does not tell. */
enum stage_reason {
	REASON_NONE,
	REASON_NO_PROGRAM,
	REASON_NOT_IN_PATH,
	REASON_NO_SCRIPT_INTERPRETER,
	REASON_NO_ELF_INTERPRETER,
	REASON_DIRECTORY,
	REASON_NOT_A_FILE,
	REASON_NO_EXECUTE_BIT,
	REASON_NOEXEC_MOUNT,
	REASON_OTHER_MACHINE,
	REASON_EMPTY_FILE,
	REASON_NO_INTERPRETER_LINE,
	REASON_SOURCE_MOVED,
	REASON_SYMLINK_TARGET,
	REASON_ON_PROC,
	REASON_MASKED_PROC,
	REASON_MASKED_SYS,
	REASON_STACKED_OVERLAYS,
	REASON_NO_OVERLAY_LAYER,
	REASON_NO_OVERLAY_HERE,
	REASON_NO_USER_ATTRIBUTES,
	REASON_GROUPS_STAY,
	REASON_LANDLOCK,
	REASON_LABEL,
	REASON_LABEL_PROGRAM,
	REASON_NO_FILE,
	REASON_MADE_UP,
	REASON_OTHER_MOUNT,
	REASON_NO_DEVPTS,
	REASON_COUNT
};

struct stage_report {
	uint32_t kind;	 /* enum stage_kind */
	int32_t error;	 /* negative errno */
	uint32_t op;	 /* index of the operation that failed; UINT32_MAX: before the first */
	uint32_t reason; /* enum stage_reason */
	int32_t pid;
	uint32_t step;	 /* overrides the operation's step; 0: does not */
	char call[24];
	char detail[256]; /* overrides the operation's object; "": does not */
};

/* A report without error, reason or text ends before call. */
#define STAGE_REPORT_SHORT __builtin_offsetof(struct stage_report, call)

#define TRACE_BEGUN   (1u << 0) /* told before it: the call does not return if it succeeds */
#define TRACE_PIECES  1536	/* bytes for the memory that arguments point to */
#define TRACE_STRING  512	/* of a longer string only the beginning is told */

/* Copied memory of one argument; its bytes follow, the next piece begins right behind them. */
struct trace_piece {
	uint8_t argument; /* 0 to 5 */
	uint8_t cut;	  /* 1: there was more */
	uint16_t size;
};

/* One kernel call of a stage that explains itself. What is meant by its arguments: calls.h. */
struct stage_trace {
	uint32_t kind;	 /* STAGE_TRACED */
	uint32_t op;	 /* index of the operation; UINT32_MAX: before the first */
	uint32_t number; /* of the system call */
	uint32_t flags;	 /* TRACE_BEGUN */
	int64_t result;
	uint64_t at_ns, took_ns; /* in the host's CLOCK_MONOTONIC */
	uint64_t args[6];
	uint32_t used; /* bytes of pieces; the message ends behind them */
	char pieces[TRACE_PIECES];
};

/* Whatever may come from a stage. */
union stage_message {
	uint32_t kind; /* enum stage_kind */
	struct stage_report report;
	struct stage_trace trace;
};

/* ----------------------------------------------------- host to keeper */

#define KEEPER_MAGIC 0x7065656bu /* "keep" */
#define KEEPER_WORD  'k'	 /* its first message: it watches */

enum keeper_verb {
	KEEPER_ADD = 1,	    /* SCM_RIGHTS: a pidfd to kill when the host is gone */
	KEEPER_RELEASE = 2, /* forget the pidfd of this id */
	KEEPER_LIMIT = 3    /* the limits of time of this id, in place of those before; SCM_RIGHTS: an
			       eventfd for the verdict, then the files that it tells, in this order */
};

/* Files that come with KEEPER_LIMIT. */
#define KEEPER_USAGE (1u << 0) /* tells the cpu time: cpu.stat of v2, or cpuacct.usage of v1 */
#define KEEPER_KILL  (1u << 1) /* cgroup.kill: takes "1" */
#define KEEPER_THAW  (1u << 2) /* freezer.state of v1: takes "THAWED" */
#define KEEPER_FILES 3

/* Why the keeper kills a container, added to the eventfd before it does. */
enum keeper_verdict {
	KEEPER_WALL = 1,
	KEEPER_CPU = 2,
	KEEPER_BLIND = 4 /* it cannot watch the limits */
};

struct keeper_message {
	uint32_t verb;
	uint32_t files; /* KEEPER_LIMIT: which there are */
	uint64_t id;	/* chosen by the host, unique per keeper */
	uint64_t deadline_ns; /* KEEPER_LIMIT: CLOCK_MONOTONIC; UINT64_MAX: none */
	uint64_t cpu_ns;      /* KEEPER_LIMIT: UINT64_MAX: none */
	uint64_t cpus;	      /* KEEPER_LIMIT: how many can work for it at once */
};

/* ------------------------------------------------------- host to agent */

#define AGENT_MAGIC 0x746e6761u /* "agnt"; in a struct stage_call without descriptors */

#define AGENT_RECORD	 "user.containers.override_" /* begins the name of every record */
#define AGENT_CAPABILITY "security.capability"

/* SCM_RIGHTS: the file, or the two directories. Only AGENT_ASK is answered. */
enum agent_verb {
	AGENT_OWN = 1,	/* give the file uid and gid, and what else there is */
	AGENT_LINK = 2,	/* from in the first directory becomes to in the second */
	AGENT_RENAME = 3, /* likewise; flags are renameat2's */
	AGENT_ASK = 4	/* what failed first since the last time? Up to then no more was done */
};

/* Flags of AGENT_OWN. */
#define AGENT_SET_MODE		(1u << 0)
#define AGENT_FORGET_STAT	(1u << 1) /* the record of owner, mode and type */
#define AGENT_FORGET_CAPABILITY (1u << 2) /* the record of the file capability */

struct agent_request {
	uint32_t verb;
	uint32_t flags;
	uint32_t number; /* chosen by the host, told in the answer */
	uint32_t uid, gid; /* of the agent's user namespace */
	uint32_t mode;
	uint32_t capability_size; /* 0: none to set */
	uint8_t capability[24];
	char from[256], to[256]; /* ended by NUL */
};

/* A request without names ends before them. */
#define AGENT_REQUEST_SHORT __builtin_offsetof(struct agent_request, from)

struct agent_reply {
	int32_t error; /* negative errno; 0: all went well */
	uint32_t number; /* of the request that failed */
	char call[24];
};

#endif
