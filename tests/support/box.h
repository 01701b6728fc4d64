/* SPDX-License-Identifier: MIT */
/*
 * What the tests of containers share: a busybox root filesystem of one's own
 * for each test, running a container and reading what it printed, and the
 * check that a test left nothing behind.
 */
#ifndef TEST_BOX_H
#define TEST_BOX_H

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <container/error.h>
#include <container/rootfs.h>
#include <container/seccomp.h>
#include <container/spawn.h>
#include <container/spec.h>

#include "support/snapshot.h"

/*
 * Protection against hangs alone, far above what a sentence takes on a busy machine: a
 * wait that is over this is none that will end, and says so before the limit strikes. Where
 * that is multiplied (CK_TIMEOUT_MULTIPLIER), so is this.
 */
#define PATIENCE_MS	 patience_ms()
#define SENTENCE_LIMIT_S 300

int patience_ms(void);

/* What a test works with; made anew for each by box_setup(). */
struct box {
	char dir[PATH_MAX / 2];	   /* a directory of the test's own, outside any root */
	char root[PATH_MAX / 2];   /* below it: busybox, its applets, the probe, etc */
	char canary[PATH_MAX / 2]; /* below it: a file that no container may see or change */
	ct_rootfs *rootfs;	   /* root, opened */
	struct snapshot *before;
	int descriptors_at_setup; /* open before the rootfs was */
	bool accepted;		  /* box_accept_changes() was called */
};
extern struct box box;

/* The checked fixture. The teardown fails the test if anything is left of it. */
void box_setup(void);
void box_teardown(void);

/* For a test that changed its own process on purpose, before it calls the library. */
void box_accept_changes(void);

/*
 * Ends the program with 77 and the reason unless it can make containers as
 * root (need_root) or as an ordinary user (need_user; gives up root for good). need_root
 * leaves the mount namespace of the machine for one of its own.
 */
void need_root(void);
void need_user(void);

/* A suite with one case, box_setup and box_teardown around each test. */
Suite *suite_of(const char *name, TCase **ret_case);

/* Runs the suite; for main() to return. */
int suite_run(Suite *suite);

/* A spec with box.rootfs, these arguments, stdin null, and pipes for the other two streams. */
ct_spec *spec_of(const char *const *argv);
#define SPEC(...) spec_of((const char *const[]){__VA_ARGS__, NULL})

/* The same without a root filesystem: for a process that joins the root of another. */
ct_spec *visitor_of(const char *const *argv);
#define VISITOR(...) visitor_of((const char *const[]){__VA_ARGS__, NULL})

/* Each setter must take what these give it. */
#define set(call) ck_assert_int_eq(call, 0)

/* Adds every capability that this process has itself: as strong as a container can be here. */
void add_host_caps(ct_spec *spec);

/* How a container went. */
struct outcome {
	int code; /* of ct_spawn() */
	ct_error err;
	ct_exit how;
	char out[1 << 20], errors[1 << 16];
};

/*
 * Spawns, reads both pipes to their ends, waits, frees the container. Static:
 * holds until the next call. run() fails the test if the container cannot be
 * started; attempt() reports it.
 */
struct outcome *run(ct_spec *spec);
struct outcome *attempt(ct_spec *spec);

/* The same for what another call has started, or not: the code that it returned. */
struct outcome *outcome_of(int code, ct_container *container, const ct_error *err);

/* The same for one use of a spec, which is freed; the container must exit with 0. Gives its stdout. */
const char *output_of(ct_spec *spec);

/* A shell script in the default container. */
#define sh(script) output_of(SPEC("/bin/sh", "-c", script))

/* The value of "name=value" in what probe printed; fails the test if there is none. */
const char *fact(const char *out, const char *name);
bool has_fact(const char *out, const char *name);

/* The result that "probe try" printed for an attempt: "0", a count, or "EPERM". */
const char *tried(const char *out, const char *what);

/* Fails the test unless the code and the error agree on these. Object and words may be NULL. */
void expect_error(int code, const ct_error *err, int want_code, int want_step, const char *object,
	const char *words);

/* Waits for its first line, "ready", on the pipe that is its stdout. */
void await_ready(ct_container *container);

/* Starts a container, and waits for that. */
ct_container *start_ready(ct_spec *spec);

/* Waits until it ends; fails the test if it does not. */
ct_exit wait_for(ct_container *container);

/* Ends a process that a test forked, and reaps it. */
void end_child(pid_t child);

/* Reaps a child that must exit with 0 within the patience; fails the test otherwise. */
void expect_child(pid_t child);

/* True once the descriptor is readable (or hung up); false after the time. */
bool readable(int fd, int timeout_ms);

/* A file with this content. */
void write_file(const char *path, const char *content, mode_t mode);

/* A file's content; static, holds until the next call. */
const char *read_file(const char *path);

/* A copy of a program at path with this mode. */
void copy_program(const char *program, const char *path, mode_t mode);

/* A copy of the probe at path with this mode. */
void copy_probe(const char *path, mode_t mode);

/* "dir/name" in a static buffer; four hold at a time. */
const char *in_dir(const char *name);
const char *in_root(const char *name);

/* The text of /proc/PID/ns/KIND; static, eight hold at a time. pid 0: this process. */
const char *ns_of(pid_t pid, const char *kind);

/* A count, lowered in builds where each container costs several times more; at least 1. */
int scaled(int count);

/* A digest of names, modes, owners, sizes and contents of a tree. */
uint64_t digest_of(const char *path);

/* Lets this thread and its children fail a system call with error from now on (by seccomp). */
void fail_call(int number, int error);

/* The same for the calls whose argument (from 0) has this value in its low 32 bits. */
void fail_call_with(int number, int argument, int value, int error);

/* Has the kernel kill this thread's process, or a child of it, at a system call from now on. */
void kill_at_call(int number);

/* Removes a capability (its number) from this thread for good. */
void drop_host_cap(int cap);

#endif
