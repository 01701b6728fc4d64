/* SPDX-License-Identifier: MIT */
/*
 * A terminal for the payload, as `docker run -t` gives it one.
 *
 *     ct_spec_set_terminal(spec, 24, 80);
 *     ct_spawn(spec, &box, &err);
 *     terminal = ct_container_take_terminal(box);
 *     write(terminal, "tty\n", 4);
 *     read(terminal, buffer, sizeof(buffer));
 *
 * The caller has one end of it, the master: what is written there the payload reads as typed, and
 * what the payload prints is read there. The other end lives in the container's own devpts, and
 * is the payload's stdin, stdout and stderr and its controlling terminal. So no process in
 * there ever has a descriptor of the host's terminal.
 *
 * A program that connects the two, so that somebody can work in a container, puts its own
 * terminal into raw mode meanwhile, and back in the end: examples/interactive.c.
 */
#ifndef CONTAINER_TERMINAL_H
#define CONTAINER_TERMINAL_H

#include <termios.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Give each container of a spec a terminal of its own.
 *
 * A pseudo-terminal is made in the devpts of the container, of the given size, and belongs to the
 * payload's user. It is the payload's stdin, stdout and stderr, so these must not be set by
 * ct_spec_set_stdio(), and it controls the payload's session: Ctrl-C typed on it is SIGINT for what
 * runs in the foreground, and job control of shells works. Where the container's /dev is a new one,
 * it is /dev/console as well. The caller gets the master, by
 * ct_container_take_terminal(), and must read it: a payload whose output nobody reads
 * is stopped when some kilobytes of it wait.
 *
 * For ct_join() the terminal is made in the devpts that is mounted on /dev/pts in there. /dev/console
 * stays what it is, the terminal of the container's first process if that has one: all that is in there
 * sees the same mounts. /dev/tty is the terminal of whoever asks, also of who has joined.
 *
 * When the master is closed, or the handle freed that still holds it, the terminal hangs up: the
 * payload, as the leader of the session, and the foreground get SIGHUP, reads give the end, and
 * writes EIO. The first process of a pid namespace gets SIGHUP only if it handles it.
 *
 * @param spec    the spec.
 * @param rows    1 to 65535; 0, and columns too: no terminal, which is the default.
 * @param columns 1 to 65535, or 0.
 * @return 0 or a negative errno. The last call counts.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL out of range. ct_spawn() and ct_join() say EINVAL if a stream is set by
 *         ct_spec_set_stdio(); by CT_STEP_TERMINAL ENOSPC there are too many terminals
 *         (kernel.pty.max), and when joining ENOENT or ENODEV there is no devpts on /dev/pts, EACCES it
 *         gives the caller no terminal (mount it with ptmxmode=0666).
 * Needs: nothing. Source: pty(7), ioctl_tty(2), TIOCGPTPEER and TIOCSCTTY. Since: 0.1.
 * Example: interactive.c
 */
CT_API int ct_spec_set_terminal(ct_spec *spec, unsigned int rows, unsigned int columns);

/**
 * Take the master of the terminal that ct_spec_set_terminal() asked for.
 *
 * After ct_create() it is there already, before the payload runs: tcsetattr(3) on it sets the modes
 * that the payload finds. At the end of a container what it printed is still to be read; then
 * read(2) gives EIO, which is the end of a terminal, or waits for the processes that live on
 * and have it open, if a process has joined or has no pid namespace of its own.
 *
 * A container that is detached keeps its terminal as long as the caller keeps the master.
 *
 * @param box the container.
 * @return a blocking, close-on-exec descriptor that the caller now owns, or a negative errno. No
 *         other process has it, so O_NONBLOCK may be set.
 *
 * Changes: the handle no longer holds it. Threads: one at a time for one container.
 * Errors: EINVAL it is NULL; ENOENT it has no terminal, or it was taken already.
 * Needs: nothing. Source: pty(7). Since: 0.1. Example: interactive.c
 */
CT_API int ct_container_take_terminal(ct_container *box);

/**
 * Change the size of a terminal; the foreground in there gets SIGWINCH if it is another one.
 *
 * @param terminal the master; borrowed.
 * @param rows     1 to 65535.
 * @param columns  1 to 65535.
 * @param err      filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: the terminal. Threads: safe. Errors: EINVAL out of range; ENOTTY it is no terminal;
 * EBADF it is not open.
 * Needs: nothing. Source: ioctl_tty(2), TIOCSWINSZ. Since: 0.1. Example: interactive.c
 */
CT_API int ct_terminal_resize(int terminal, unsigned int rows, unsigned int columns, ct_error *err);

/**
 * Put the caller's own terminal into raw mode.
 *
 * Each key is read at once and as it is, none is echoed, none is a signal, and what is written is
 * shown as it is.
 *
 * @param fd        a terminal; borrowed.
 * @param ret_saved the modes that it had, for ct_terminal_restore(); may be NULL. Untouched on failure.
 * @param err       filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: the terminal, for all who use it. Who is in the background is stopped by SIGTTOU, as by
 * tcsetattr(3). Threads: safe.
 * Errors: ENOTTY it is no terminal; EBADF it is not open; EIO it has hung up.
 * Needs: nothing. Source: termios(3), cfmakeraw. Since: 0.1. Example: interactive.c
 */
CT_API CT_MUST_CHECK int ct_terminal_raw(int fd, struct termios *ret_saved, ct_error *err);

/**
 * Give a terminal back the modes that it had.
 *
 * It works from the background too, without SIGTTOU, and does not wait for output. Input that
 * nobody has read is dropped: it was meant for the container, or is the answer of the
 * terminal to something that the container has printed, and a shell outside must not take it
 * for a command.
 *
 * @param fd    the terminal; borrowed.
 * @param saved from ct_terminal_raw(); borrowed for the call.
 * @param err   filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: the terminal. Threads: safe; in a signal handler as well if err is NULL.
 * Errors: EINVAL saved is NULL; ENOTTY it is no terminal; EBADF it is not open; EIO it has hung up.
 * Needs: nothing. Source: termios(3), tcsetattr and tcflush. Since: 0.1. Example: interactive.c
 */
CT_API int ct_terminal_restore(int fd, const struct termios *saved, ct_error *err);

#ifdef __cplusplus
}
#endif

#endif
