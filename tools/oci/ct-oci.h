/* SPDX-License-Identifier: MIT */
/*
 * ct-oci: a runtime of the Open Container Initiative, on the public API of the library alone.
 * main.c has the table of commands. What is kept of a container, and where, state.h says.
 */
#ifndef CT_OCI_TOOL_H
#define CT_OCI_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <jansson.h>

#include <container/container.h>

#define VERSION_OF_SPEC "1.2.0"

/* Global options. */
struct globals {
	const char *root; /* directory of the states */
	const char *log;  /* NULL: standard error alone */
	bool log_json;
	bool rootless;
};

extern struct globals globals;

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
};

extern const struct command commands[]; /* ended by a name that is NULL */

/* log.c */

/* Says what has gone wrong, on standard error and in the log; 1, the exit code for it. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same of the library's account of it. */
int complain_of(const ct_error *err);

/* args.c */

/* An option of a command. Of the targets one is not NULL. */
struct option_row {
	const char *name; /* "pid-file" */
	char letter;	  /* 'p', or 0 */
	const char **text;
	bool *flag;
	const char ***list; /* may be given several times; ended by NULL, in memory that is not freed */
};

/*
 * Takes the options off; options end where the row is all zero. Returns the index of the first word that
 * is none, or -1 after it has complained. Wants from least to most such words; most -1: any number.
 */
int take_options(int argc, char **argv, const struct option_row *options, int least, int most);

/* A whole number, the whole text; false if it is none or out of range. */
bool to_number(const char *text, int64_t least, int64_t most, int64_t *ret_number);

/* "9", "KILL", "SIGKILL"; 0 if there is none. */
int to_signal(const char *text);

/* files.c */

/* Writes a file whole or not at all. 0 or a negative errno. */
int write_whole(int directory, const char *name, const char *text, mode_t mode);

/* The whole of a file, at most 4 MiB, ended by NUL; free() it. NULL with errno. */
char *read_whole(int directory, const char *name, size_t *ret_size);

/* The same of what is open. */
char *read_open(int fd, size_t *ret_size);

/* Writes a pid to a file at a path, whole or not at all. */
int write_pid_file(const char *path, pid_t pid);

/* hooks.c */

struct box;

/* Whether all hooks of the configuration can be run. 0, or it has complained. */
int check_hooks(const struct box *box);

/* Runs the hooks of one kind. On failure it has complained; the rest are not run then. */
int run_hooks(const struct box *box, const char *kind);

/* The same, but all are run, and what fails is no more than told. */
void run_all_hooks(const struct box *box, const char *kind);

/* cgroups.c */

/* Makes the cgroup of linux.cgroupsPath, if there is one, in each hierarchy, and has the spec use it. */
int make_cgroups(struct box *box, ct_spec *spec);

/* Removes it, and that of the container below it. */
void remove_cgroups(struct box *box);

/* The directories, one for each hierarchy, of a process in a cgroup of that name; a new reference. */
json_t *find_cgroups(pid_t pid, const char *cgroup);

/* Whether all processes of the container stand still. */
bool is_frozen(const struct box *box);

/* notify.c */

/* Has a container that is made find NOTIFY_SOCKET, where the caller has it. 0, or it has complained. */
int notify_prepare(const struct box *box, ct_spec *spec);

/* Before such a container is started: where it will say that it is ready; -1: it has no such socket. */
int notify_listen(const struct box *box, int *ret_socket);

/* Waits until it is ready, and passes that on, or has ended. */
void notify_attend(const struct box *box, int socket);

/* program.c */

/* Whether the program of a container that was made is there. 0, or it has complained. */
int check_program(const struct box *box, ct_container *made);

/* send.c */

/* Sends a terminal to whoever listens at a path. 0, or it has complained. */
int send_terminal(const char *path, int terminal);

/* Sends where calls of a container that was started are told, if the configuration says to whom. */
int send_listener(const struct box *box, ct_container *made);

/* console.c */

/* Connects the caller's terminal with that of a container until that ends; its exit code. */
int attend(ct_container *box, int terminal);

/* make.c */

struct make_options {
	const char *bundle, *pid_file, *console_socket;
	int64_t preserve_fds;
};

/* Makes a container in this process, up to where it waits to be started. 0, or it has complained. */
int make_here(struct box *box, const struct make_options *options, ct_container **ret_made);

/* Makes a container in a process of its own, which waits for start_there(). */
int make_there(struct box *box, const struct make_options *options);

/* Has the process that made a container start it. */
int start_there(struct box *box);

/* Starts what make_here() has made, and has it found by others. */
int start_here(struct box *box, ct_container *made);

/* Exit code of who has waited for a container. */
int exit_code(const ct_exit *how);

#endif
