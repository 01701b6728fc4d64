/* SPDX-License-Identifier: MIT */
/* The host's side of the sockets to stages and keepers. Private to lib/spawn. */
#ifndef CT_SPAWN_TALK_H
#define CT_SPAWN_TALK_H

#include <stddef.h>
#include <sys/types.h>

#define TALK_MAX_FDS 253 /* SCM_MAX_FD */

/* A pair of close-on-exec SEQPACKET sockets over 2; 0 or a negative errno. */
int ct__talk_pair(int ret_pair[2]);

/* Sends one message with its descriptors; 0 or a negative errno, never SIGPIPE. */
int ct__talk_send(int socket, const void *data, size_t size, const int *fds, size_t count);

/*
 * Receives one message and its descriptor (-1: none came); with ret_fd NULL it can
 * bring none. Returns its size, 0 at the end, -ECONNRESET, once and first of all, if
 * the other side closed with messages unread, -EMFILE if there was no number left for the
 * descriptor.
 */
ssize_t ct__talk_receive(int socket, void *data, size_t size, int *ret_fd);

/* The same for a socket with SO_PASSCRED: also who sent it, as this process knows it; 0: unknown. */
ssize_t ct__talk_receive_from(int socket, void *data, size_t size, int *ret_fd, pid_t *ret_pid);

/*
 * Waits for one message as long as the process of pidfd lives, which may be its sender: the
 * socket does not end while a forked copy of the host has the other end. limit_ms -1: without
 * a limit. As ct__talk_receive(), but that what was left unread is told by what comes then;
 * -ETIMEDOUT.
 */
ssize_t ct__talk_await(
	int socket, int pidfd, int limit_ms, void *data, size_t size, int *ret_fd);

#endif
