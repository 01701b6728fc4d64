/* SPDX-License-Identifier: MIT */
/*
 * Talking to a container over its pipes until it ends: input in, output kept.
 *
 *     ct_output output = CT_OUTPUT_INIT;
 *
 *     output.input = "1 2 3\n";
 *     output.input_size = 6;
 *     if (ct_capture(box, &output, 10000, &how, &err) == 0)
 *             printf("%s", output.out);
 *     ct_output_done(&output);
 */
#ifndef CONTAINER_CAPTURE_H
#define CONTAINER_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** End the container at the first byte over a limit; else what is over it is read and dropped. */
#define CT_OUTPUT_KILL UINT32_C(1)

/** What a container is given to read, and what is kept of what it writes. Start from CT_OUTPUT_INIT. */
typedef struct ct_output {
	uint32_t size;	       /* sizeof(ct_output), set by CT_OUTPUT_INIT */
	uint32_t flags;	       /* CT_OUTPUT_KILL; 0: none */
	const void *input;     /* for its stdin; must stay as it is until the container has ended */
	size_t input_size;     /* bytes */
	size_t input_sent;     /* bytes that it was given so far, as far as the pipe took them */
	size_t out_limit;      /* how many bytes of stdout are kept */
	size_t err_limit;      /* and of stderr */
	char *out;	       /* what was kept of stdout, with a NUL behind; NULL: nothing */
	char *err;	       /* and of stderr */
	size_t out_size;       /* bytes in out, without that NUL */
	size_t err_size;       /* and in err */
	uint64_t out_total;    /* bytes that were read of stdout; over out_size: some were dropped */
	uint64_t err_total;    /* and of stderr */
} ct_output;

/** Initializer for a ct_output: no input, 1 MiB of each stream is kept. */
#define CT_OUTPUT_INIT                                                                             \
	{                                                                                          \
		sizeof(ct_output), 0, 0, 0, 0, 1 << 20, 1 << 20, 0, 0, 0, 0, 0, 0                  \
	}

/**
 * Give a container its input, keep its output, and wait for its end.
 *
 * Serves those of its streams that are pipes (CT_STDIO_PIPE) and were not taken, all at once, so that
 * neither side waits for the other whatever it writes first. Its stdin is closed behind the input.
 * However much it writes, no more memory is used than the limits say. Once it has ended, what is
 * still in the pipes is read, and nothing is waited for: a process that lives on elsewhere with
 * one of their ends does not hold the caller up.
 *
 * After ETIMEDOUT the container runs on, the output has what came so far, and the call can
 * be made again with it to go on.
 *
 * @param box        a started container.
 * @param output     from CT_OUTPUT_INIT; free what it holds by ct_output_done().
 * @param timeout_ms how long at most, in milliseconds; CT_FOREVER.
 * @param ret_exit   how it ended; may be NULL. Untouched unless 0 is returned.
 * @param err        filled on failure; may be NULL.
 * @return 0 when the container has ended, or a negative errno.
 *
 * Changes: as ct_wait(); closes the pipes that have come to their end. The payload that closes
 *          its stdin early is no error and no SIGPIPE. A signal handler of the caller does not
 *          end the call. Blocks the calling thread.
 * Threads: one at a time for one container; others may wait for it and kill it.
 * Errors:  ETIMEDOUT it runs still; EINVAL it was not started, or an argument is NULL or out of
 *          range; ENOMEM out of memory for what is kept; EIO and the like, of a pipe, at CT_STEP_STDIO.
 * Needs:   nothing. Source: pipe(7), poll(2). Since: 0.1. Example: capture.c
 */
CT_API int ct_capture(ct_container *box, ct_output *output, int timeout_ms, ct_exit *ret_exit,
	ct_error *err);

/**
 * Free what an output has kept, and make it as it was before the first byte.
 *
 * @param output may be NULL. Input, limits and flags stay.
 *
 * Changes: nothing else. Threads: no other thread may use it.
 * Errors: none. Needs: nothing. Source: this library. Since: 0.1
 */
CT_API void ct_output_done(ct_output *output);

#ifdef __cplusplus
}
#endif

#endif
