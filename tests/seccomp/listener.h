/* SPDX-License-Identifier: MIT */
/* What the tests of waiting calls share: containers that are told of, and what they printed. */
#ifndef TEST_SECCOMP_LISTENER_H
#define TEST_SECCOMP_LISTENER_H

#include <sys/syscall.h>

#include <container/notify.h>
#include <container/seccomp.h>
#include <container/spawn.h>

/* Of the last call that was asked for, and the last that was received. */
extern ct_error err;
extern ct_notification call;

/* Has a call wait for the host; gives the spec. */
ct_spec *told(ct_spec *spec, const char *name);

/* Starts it, and takes the descriptor. The spec is freed. */
ct_container *start_told(ct_spec *spec, int *ret_fd);

/* As ct_notify_receive(), to "call". */
int receive_within(int timeout_ms, const ct_container *container, int fd);

/* The next call goes to "call"; fails the test if there is none. */
void receive(int fd);

/* What it printed up to its end; both are freed. Static, holds until the next call. */
const char *end_of(ct_container *container, int fd);

/* A program that makes one harmless call, which the default filter refuses, and tells the result. */
#define NUMBER_(number) #number
#define NUMBER(number)	NUMBER_(number)
#define ACCT		"call=" NUMBER(__NR_acct) ",0x1234"
#define TRY_ACCT	SPEC("/bin/probe", "try", ACCT)

#endif
