/* SPDX-License-Identifier: MIT */
/*
 * Filling the caller's ct_error. Pure: formats into fixed buffers, allocates
 * nothing, touches no file.
 */
#ifndef CT_ERROR_ERROR_H
#define CT_ERROR_ERROR_H

#include <stdbool.h>

#include <container/error.h>

/* error.c */

/*
 * Records a failure and returns its negative errno, so that "record and
 * return" is one line:
 *
 *	return ct__fail(err, CT_STEP_ROOTFS, -errno, "openat", "%s", path);
 *
 * code    negative errno; call  what failed, or NULL; format  the object.
 * err may be NULL. A name in the object may be hostile: it is escaped here.
 */
int ct__fail(ct_error *err, ct_step step, int code, const char *call, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * The same where errno alone does not say it: reason replaces the words for
 * the errno in the sentence ("entry would land outside of the root").
 */
int ct__fail_because(ct_error *err, ct_step step, int code, const char *reason,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* An error that was filled elsewhere becomes the caller's, unless that is NULL. */
void ct__error_copy(const ct_error *from, ct_error *err);

/* Whether the sentence ends with what the kernel has answered: nothing has been found out yet. */
bool ct__error_is_bare(const ct_error *err);

/*
 * Adds to an error that is filled what has caused it, escaped as an object is, and puts what
 * helps against that in the place of what usually helps.
 */
void ct__error_explain(ct_error *err, const char *reason, const char *cure);

/*
 * Names the kernel call, or the program, in an error that ct__fail_because() has filled. What
 * helps may depend on it.
 */
void ct__error_set_call(ct_error *err, const char *call);

/* explain.c */

/* What usually helps against this failure; "" where nothing is known. */
const char *ct__cure(ct_step step, int code, const char *call);

/* The words for an errno, without locale and without strerror's static buffer. */
const char *ct__errno_words(int code);

#endif
