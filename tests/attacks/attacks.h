/* SPDX-License-Identifier: MIT */
/*
 * The attack suite. An attack is a row: what it tries, a program that tries it inside of a
 * container (intruder.c) or a function that tries it from outside, and what is taken away to
 * show that it works at all: the control. A row is run for each role of those who may try it.
 *
 * What the suite says of a row is worth something only if the control got through. So a row
 * whose control does not is a failure, like one that got through where it must not.
 */
#ifndef TEST_ATTACKS_H
#define TEST_ATTACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/box.h"

/* How one run of an attack has ended. */
enum verdict {
	SHOWS_NOTHING = 0, /* neither was seen: it did not run to its end */
	HELD = 1,	   /* it was tried, and did not get through */
	THROUGH = 2,	   /* it got what it wanted */
	ABSENT = 3,	   /* what it needs is not here; why_absent() has said what */
};

/* Who tries: whose program calls the library, and who the payload is. */
enum role {
	AS_ROOT = 0,	      /* root's container, its root, the host's user namespace */
	AS_MAPPED_ROOT = 1,   /* root's container, root of a user namespace with ids of nobody */
	AS_USER = 2,	      /* root's container, an ordinary user in it */
	AS_ROOTLESS_ROOT = 3, /* an ordinary user's container, its root */
	AS_ROOTLESS_USER = 4, /* the same with subordinate ids, a user in it */
	ROLE_COUNT = 5,
};

#define BY_ROOT	    (1u << AS_ROOT | 1u << AS_MAPPED_ROOT | 1u << AS_USER)
#define BY_ROOTLESS (1u << AS_ROOTLESS_ROOT | 1u << AS_ROOTLESS_USER)
#define BY_ROOTS    (1u << AS_ROOT | 1u << AS_MAPPED_ROOT | 1u << AS_ROOTLESS_ROOT)
#define BY_USERS    (1u << AS_USER | 1u << AS_ROOTLESS_USER)
#define BY_ALL	    (BY_ROOT | BY_ROOTLESS)
/* For what is done by the caller alone: once as root, once as an ordinary user. */
#define BY_CALLERS  (1u << AS_ROOT | 1u << AS_ROOTLESS_ROOT)

/* What the control needs. */
#define CONTROL_IN_ROLE	   (1u << 0) /* it is run in the role, not as the strongest that there is */
#define CONTROL_NEEDS_ROOT (1u << 1) /* root of the first user namespace alone could do it at all */
/* What the attack needs. */
#define NEEDS_CGROUP	   (1u << 2) /* a cgroup can be made */

struct attack {
	const char *id;	      /* in the list of attack classes */
	const char *sentence; /* what it tries */
	unsigned int roles;
	unsigned int flags;
	int landlock; /* the ABI of landlock that it takes; 0: none */
	/* An attack from inside: arguments of /bin/intruder; a run ends as that says. */
	const char *const *words;
	void (*lay)(void); /* what the image or the host has lying about; may be NULL */
	void (*prepare)(ct_spec *spec); /* what the spec has in both runs; may be NULL */
	void (*loosen)(
		ct_spec *spec); /* the control: the protection taken off; NULL: a bare chroot */
	/* Or one from outside. guarded: by the library, otherwise in the careless way. */
	enum verdict (*run)(bool guarded);
};

#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

/* The tables; each ends with a row without id. */
extern const struct attack ct_attacks_inside[], ct_attacks_interfaces[], ct_attacks_setup[],
	ct_attacks_races[], ct_attacks_joins[], ct_attacks_callers[], ct_attacks_archives[],
	ct_attacks_running[], ct_attacks_records[], ct_attacks_landlock[];

/* ------------------------------------------------------------- during a run */

/* The role of this run, and whether the strongest one took its place for a control. */
extern enum role role_now;

/* How much longer than the quick form loops are. */
extern int attack_effort;

/* Says what is lacking, and gives ABSENT. Also the place for a remark on a run. */
enum verdict why_absent(const char *format, ...) __attribute__((format(printf, 1, 2)));
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The host's tree, which no attack may change or see: in_dir("host"), with "secret" in it. */
const char *in_host(const char *name);

/* A spec of the role: words for /bin/intruder, what the role says of ids. */
ct_spec *spec_of_role(const char *const *words);

/* Runs a container to its end; gives what the intruder says. Frees the spec. */
enum verdict verdict_of(ct_spec *spec);

/* The same where the library may refuse the spec: at this step, then the attack is held. */
enum verdict verdict_or_refusal(ct_spec *spec, int step);

/*
 * The careless container: a chroot with the host's /proc, /sys and /dev, descriptors,
 * environment, groups and capabilities.
 */
enum verdict in_bare_chroot(const char *const *words);

/* What that begins with. */
void enter_bare_chroot(void);

/* The same after another preparation, which ends in the root of the intruder. */
enum verdict in_careless(void (*enter)(void), const char *const *words);

/*
 * Does a careless deed in a mount namespace of its own: THROUGH if something is mounted in the
 * host's tree afterwards, or the deed ends its process with that code.
 */
enum verdict after_careless(void (*deed)(void));
#define EXIT_CARELESS_THROUGH 46

/* Lays a socket of the host that has a name and no file: what the intruder is told of as "abstract". */
void listen_abstractly(void);

/* A process that exchanges two names over and over; ended by end_child(). */
pid_t start_racer(const char *one, const char *other);

/* A mount namespace of its own for the calling process, root in it whoever called. */
void careless_mounts(void);

/* The verdict that an exit code and an output of the intruder stand for. */
enum verdict verdict_of_exit(int code, int signal, const char *output);

#endif
