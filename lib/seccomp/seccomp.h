/* SPDX-License-Identifier: MIT */
/*
 * From what a spec says of system calls to a program for the kernel. Pure, all of it: no
 * file of this room makes a kernel call. Private to the library.
 */
#ifndef CT_SECCOMP_ROOM_H
#define CT_SECCOMP_ROOM_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <container/seccomp.h>

#include "util/array.h"

#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#endif

#define CALLS_MAX 512 /* the numbers that are told apart; all above are unknown */
#define RULE_ARGS 6

/* What becomes of one call, if its arguments are like this. */
struct ct__seccomp_rule {
	uint16_t number;
	uint16_t arg_count; /* 0: always */
	uint32_t action;    /* SECCOMP_RET_* with its data */
	ct_seccomp_arg args[RULE_ARGS];
};

/* What a profile says of one call. */
struct ct__profile_entry {
	struct ct__seccomp_rule rule;
	uint64_t needs, without; /* capabilities: the payload has all of these, and none of those */
};

/* The base that no enumeration has: a profile. */
#define CT__SECCOMP_PROFILE ((ct_seccomp)4)
/* A flag beside CT_SECCOMP_*: RLIMIT_CORE stays as it is, and who changes it is told that it was done. */
#define SECCOMP_KEEP_CORE_LIMIT (1u << 31)
/* Likewise: the ways to a TCP port that landlock's rules do not see are shut. */
#define SECCOMP_KEEP_PORTS (1u << 30)

/* What a spec says of seccomp. */
struct ct__seccomp {
	bool said; /* anything at all: a join then does not take the target's */
	ct_seccomp base;
	uint32_t flags;	 /* CT_SECCOMP_*, SECCOMP_KEEP_* */
	ct__array rules; /* struct ct__seccomp_rule, in the order of their adding */
	ct__array ready; /* struct sock_filter: a program that was given */
	ct__array profile;  /* struct ct__profile_entry, in the order of the text; else empty */
	uint32_t otherwise; /* for what the profile says nothing of: SECCOMP_RET_* with its data */
};

/* A filter as it is attached; immutable, shared by reference. */
struct ct__filter {
	atomic_uint refs;
	struct ct__seccomp settings; /* that it was made from */
	uint64_t caps;		     /* that it was made for */
	struct sock_filter *code;
	size_t count;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* */
	bool notifies;	/* some of its calls wait for the host */
};

/* policy.c */

/* The number of a call on this machine; -ENXIO: it has none here; -ENOENT: there is no such call. */
int ct__seccomp_number(const char *name);

/* The name of a number on this machine; "": it is not known. */
const char *ct__seccomp_name(int number);

/*
 * The default filter for a payload with these capabilities: an action for each number, and
 * the rules that go before it.
 */
int ct__seccomp_default(
	uint64_t caps, uint32_t flags, uint32_t actions[CALLS_MAX], ct__array *rules);

/* The filter that allows nothing. */
void ct__seccomp_closed(uint32_t actions[CALLS_MAX]);

/* entries.c */

/* Whether one SECCOMP_RET_* is stricter than another, whatever their data. */
bool ct__seccomp_is_stricter(uint32_t action, uint32_t than);

/* What a profile says for a payload with these capabilities; as ct__seccomp_default(). */
int ct__seccomp_entries(const struct ct__seccomp *settings, uint64_t caps,
	uint32_t actions[CALLS_MAX], uint32_t *ret_unknown, ct__array *rules);

/* program.c */

/*
 * The program in which rules (struct ct__seccomp_rule; later ones first) and then actions
 * decide, and unknown for the numbers above; the entries of other machines are shut. Free it.
 */
int ct__seccomp_program(const uint32_t actions[CALLS_MAX], uint32_t unknown, const ct__array *rules,
	struct sock_filter **ret_code, size_t *ret_count);

/* run.c */

/*
 * What a program answers, as the kernel would run it: SECCOMP_RET_*. A program that the
 * kernel would refuse is answered with SECCOMP_RET_KILL_PROCESS.
 */
uint32_t ct__seccomp_run(
	const struct sock_filter *code, size_t count, const struct seccomp_data *data);

/* filter.c */

/*
 * The filter that a spec asks for, for a payload with these capabilities (as in
 * struct ct__rights); NULL: none. -EACCES: it would not let the stage execute the payload,
 * ret_needs is the call that it refuses. Release with ct__filter_unref().
 */
int ct__filter_new(const struct ct__seccomp *settings, uint64_t caps,
	struct ct__filter **ret_filter, const char **ret_needs);

/* NULL-safe, both. */
struct ct__filter *ct__filter_ref(struct ct__filter *filter);
void ct__filter_unref(struct ct__filter *filter);

/* Whether a program lets a call of this machine pass, whatever the arguments look like at first sight. */
bool ct__filter_passes(const struct ct__filter *filter, const char *call);

/* Frees what a spec holds. */
void ct__seccomp_done(struct ct__seccomp *settings);

#endif
