/* SPDX-License-Identifier: MIT */
/* The floor of the benchmarks is no cheaper than it may be: its payload sees what one of ct_spawn sees. */
#include "support/box.h"
#include "support/needs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench/floor.h"

#define MOST_LINES 512

static const char script[] =
	"/bin/probe facts\n"
	"grep -E '^(Umask|NSpid|Uid|Gid|Groups|Sig|Shd|Cap|NoNewPrivs|Seccomp|Spec)' /proc/self/status\n"
	"for path in /dev/* /dev/pts/*; do stat -c 'node %n %a %t:%T %u:%g %F' $path; readlink $path; done\n"
	"echo links $(ls /sys/class/net) $(cat /sys/class/net/lo/flags)\n"
	"for path in /proc/acpi /proc/keys /proc/timer_list /sys/firmware /sys/kernel/tracing; do\n"
	"    echo $path $(stat -c '%a %s' $path) $(ls -A $path | wc -l)\n"
	"done\n"
	"df -k /dev /dev/shm | sed 's/^/df /'\n"
	"echo end\n";

static int stream[2]; /* the stdout of both, so that it is the same one */

struct seen {
	char *line[MOST_LINES];
	size_t count;
};

/* ------------------------------------------------------------------- what was seen */

static bool starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* What differs between any two containers is taken out of a line: numbers of things that are new in each. */
static char *without_numbers(const char *line)
{
	char kind[16] = "", out[4096];
	int number, id, parent, major, minor, at = 0;

	if (sscanf(line, "ns.%15[a-z]=", kind) == 1)
		snprintf(out, sizeof(out), "ns.%s is %s", kind,
			strcmp(strchr(line, '=') + 1, ns_of(0, kind)) == 0 ? "the host's" : "new");
	else if (sscanf(line, "mount.%d=%d %d %d:%d %n", &number, &id, &parent, &major, &minor, &at) == 5 && at)
		snprintf(out, sizeof(out), "mount %s", line + at);
	else if (starts(line, "keyring="))
		snprintf(out, sizeof(out), "keyring is %s", strcmp(line, "keyring=-1") == 0 ? "none" : "there");
	else
		snprintf(out, sizeof(out), "%s", line);
	return strdup(out);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_seen(struct seen *seen)
{
	FILE *file = fdopen(dup(stream[0]), "re");
	char line[4096] = "";

	seen->count = 0;
	while (strcmp(line, "end") != 0 && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		ck_assert_uint_lt(seen->count, MOST_LINES);
		seen->line[seen->count++] = without_numbers(line);
	}
	fclose(file);
	qsort(seen->line, seen->count, sizeof(seen->line[0]), by_text);
}

static void forget(struct seen *seen)
{
	for (size_t i = 0; i < seen->count; i++)
		free(seen->line[i]);
}

static size_t lines_of(const struct seen *seen, const char *with)
{
	size_t count = 0;

	for (size_t i = 0; i < seen->count; i++)
		count += starts(seen->line[i], with);
	return count;
}

/* ----------------------------------------------------------------------- the two */

static ct_spec *plain_spec(bool host_net)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	ct_spec *spec = spec_of(argv);

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_FD, stream[1]));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_INHERIT, -1));
	if (host_net)
		set(ct_spec_set_ns_host(spec, CT_NS_NET));
	return spec;
}

static void see_container(bool host_net, struct seen *seen)
{
	ct_spec *spec = plain_spec(host_net);
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	read_seen(seen);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	ct_spec_free(spec);
}

static void see_floor(bool host_net, struct seen *seen)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *const argv[] = {shell, option, (char *)(uintptr_t)script, NULL};
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; sleep 1000");
	ct_container *model = start_ready(spec);
	struct floor floor;
	const char *failed = floor_init(&floor, box.root, stream[1], host_net, ct_container_pid(model));
	int pidfd, status;
	pid_t child;

	ck_assert_msg(!failed, "%s: %s", failed, strerror(errno));
	ct_container_free(model);
	ct_spec_free(spec);
	failed = floor_start(&floor, argv, &child, &pidfd);
	ck_assert_msg(!failed, "%s: %s", failed, strerror(errno));
	read_seen(seen);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	close(pidfd);
	floor_done(&floor);
}

static void expect_same(bool host_net)
{
	struct seen container, floor;

	ck_assert_int_eq(pipe2(stream, O_CLOEXEC), 0);
	see_container(host_net, &container);
	see_floor(host_net, &floor);
	for (size_t i = 0; i < container.count && i < floor.count; i++)
		ck_assert_str_eq(floor.line[i], container.line[i]);
	ck_assert_uint_eq(floor.count, container.count);
	/* It is not nothing that both have seen. */
	ck_assert_uint_gt(lines_of(&container, "mount "), 15);
	ck_assert_uint_eq(lines_of(&container, "ns."), 8);
	ck_assert_uint_gt(lines_of(&container, "node "), 10);
	ck_assert_uint_eq(lines_of(&container, "seccomp=2"), 1);
	ck_assert_uint_eq(lines_of(&container, "ns.net is new"), !host_net);
	forget(&container);
	forget(&floor);
	close(stream[0]);
	close(stream[1]);
}

START_TEST(floor_of_the_benchmarks_isolates_as_the_default_spec)
{
	expect_same(false);
}
END_TEST

START_TEST(floor_with_the_network_of_the_host_isolates_as_that_spec)
{
	expect_same(true);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tcase;

	need_root();
	need_first_root("a device node made by hand");
	suite = suite_of("floor", &tcase);
	tcase_add_test(tcase, floor_of_the_benchmarks_isolates_as_the_default_spec);
	tcase_add_test(tcase, floor_with_the_network_of_the_host_isolates_as_that_spec);
	return suite_run(suite);
}
