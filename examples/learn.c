/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and writes the smallest seccomp profile that lets it run, as JSON, to stdout;
 * and to stderr which program has made which system call how often. With --with it runs the
 * command under such a profile instead.
 *
 *     cc -o learn learn.c $(pkg-config --cflags --libs container)
 *     ./learn DIRECTORY COMMAND [ARGUMENT...] > profile.json
 *     ./learn --with profile.json DIRECTORY COMMAND [ARGUMENT...]
 *
 * While it learns every system call is allowed: only for commands that are trusted. A call that
 * a program makes on another day alone is not in the profile.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All wait for us but those that a start takes, which are in every profile. */
static const char watching[] =
	"{\"defaultAction\": \"SCMP_ACT_NOTIFY\", \"syscalls\": [{\"names\":"
	" [\"execve\", \"sendmsg\", \"exit_group\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";

static struct row {
	char program[32], call[32];
	unsigned long count;
} rows[4096];
static size_t row_count;

static void count(const ct_notification *call)
{
	char path[64], program[32] = "?";
	struct row *row = rows;
	FILE *comm;

	snprintf(path, sizeof(path), "/proc/%d/comm", call->pid);
	comm = fopen(path, "re");
	if (comm && fgets(program, sizeof(program), comm))
		program[strcspn(program, "\n")] = '\0';
	if (comm)
		fclose(comm);
	while (row < rows + row_count &&
		(strcmp(row->call, call->call) != 0 || strcmp(row->program, program) != 0))
		row++;
	if (row == rows + row_count) {
		if (row_count == sizeof(rows) / sizeof(rows[0]))
			errx(125, "more programs and calls than there is room for");
		row_count++;
		memcpy(row->program, program, sizeof(program));
		memcpy(row->call, call->call, sizeof(row->call));
	}
	row->count++;
}

static void learn(ct_container *box)
{
	ct_error err = CT_ERROR_INIT;
	int fd = ct_container_take_notify(box);

	for (;;) {
		ct_notification call = CT_NOTIFICATION_INIT;
		int ret = ct_notify_receive(fd, ct_container_pidfd(box), CT_FOREVER, &call, &err);

		if (ret == -ENOTCONN) /* nobody is left */
			break;
		if (ret < 0)
			errx(125, "%s", err.sentence);
		count(&call);
		ret = ct_notify_continue(fd, &call, &err);
		if (ret < 0 && ret != -ENOENT) /* killed meanwhile */
			errx(125, "%s", err.sentence);
	}
	close(fd);
}

static void write_profile(void)
{
	printf("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"action\": \"SCMP_ACT_ALLOW\","
	       " \"names\": [\n\"execve\",\n\"exit_group\",\n\"sendmsg\"");
	for (size_t i = 0; i < row_count; i++) {
		size_t before = 0;

		fprintf(stderr, "%8lu  %-16s %s\n", rows[i].count, rows[i].program, rows[i].call);
		while (strcmp(rows[before].call, rows[i].call) != 0)
			before++;
		if (before == i && rows[i].call[0])
			printf(",\n\"%s\"", rows[i].call);
	}
	printf("\n]}]}\n");
}

static char *read_profile(const char *path)
{
	static char text[1 << 20];
	FILE *file = fopen(path, "re");

	if (!file)
		err(125, "%s", path);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	int with = argc > 2 && strcmp(argv[1], "--with") == 0;
	const char *profile = with ? read_profile(argv[2]) : watching;
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *root = NULL;
	ct_container *box = NULL;
	ct_spec *spec = NULL;

	argv += with ? 3 : 1;
	argc -= with ? 3 : 1;
	if (argc < 2)
		errx(125, "usage: learn [--with PROFILE] DIRECTORY COMMAND [ARGUMENT...]");
	if (ct_rootfs_open(argv[0], &root, &err) < 0 || ct_spec_new(&spec) < 0)
		errx(125, "%s", err.sentence);
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_argv(spec, (const char *const *)&argv[1]);
	ct_spec_set_seccomp_json(spec, profile, strlen(profile));
	ct_spec_set_stdio(spec, 1, CT_STDIO_FD, with ? 1 : 2); /* ours is for the profile */
	ct_spec_set_stdio(spec, 2, CT_STDIO_INHERIT, -1);
	if (ct_spawn(spec, &box, &err) < 0)
		errx(125, "%s\nlearn: %s", err.sentence, err.cure);
	if (!with)
		learn(box);
	if (ct_wait(box, CT_FOREVER, &how, &err) < 0)
		errx(125, "%s", err.sentence);
	if (!with)
		write_profile();
	ct_container_free(box);
	ct_spec_free(spec);
	ct_rootfs_free(root);
	return how.signal ? 128 + how.signal : how.code;
}
