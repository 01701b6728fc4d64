/* SPDX-License-Identifier: MIT */
/*
 * Other programs that start a container, as far as they are installed. Each isolates less than
 * the default spec, or as much; none more.
 */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#define PEERS_WORDS 24

struct peer {
	const char *name;
	const char *version[3]; /* the command that prints it */
	/* ROOT, BUNDLE, STATE, CONFIG and ID stand for those of peers_prepare(). */
	const char *command[PEERS_WORDS];
};

extern const struct peer peers[];
extern const int peers_count;

/* Writes what they need below bench_root(). */
void peers_prepare(void);

/* The command of a peer with its words filled in; good until the next call. */
char *const *peers_command(int peer);

/* "crun 1.8.1", from what it prints itself; its name alone where it is not installed. */
void peers_label(int peer, char *text, int size);

/* A new directory for an OCI runtime, whose container runs a program of bench_root(). */
void peers_write_bundle(const char *dir, const char *program);

#endif
