/* SPDX-License-Identifier: MIT */
/*
 * Joins into a container whose root is hostile and may trace: nothing of the host comes
 * within its reach. What it got hold of is told by tests/support/attacker.c, which runs as
 * the target's first process. Each attack is shown to work against a careless join.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/join.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOINS 2000

/* The attacker as PID 1 with every capability that there is; in a user namespace of its own or not. */
static ct_container *start_attacker(bool own_user_ns, int *ret_out)
{
	ct_spec *spec = SPEC("/bin/attacker", "16");
	ct_container *target = NULL;
	ct_error err = CT_ERROR_INIT;
	char line[7] = "";

	add_host_caps(spec);
	if (own_user_ns) {
		ck_assert_int_eq(chown(box.root, 100000, 100000), 0);
		set(ct_spec_add_uid_map(spec, 0, 100000, 65536));
		set(ct_spec_add_gid_map(spec, 0, 100000, 65536));
	}
	ck_assert_msg(ct_spawn(spec, &target, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	*ret_out = ct_container_take_stdio(target, 1);
	ck_assert(readable(*ret_out, PATIENCE_MS));
	ck_assert_int_eq(read(*ret_out, line, 6), 6);
	ck_assert_str_eq(line, "ready\n");
	return target;
}

/* Has it tell what it got, and ends it. */
static const char *catches_of(ct_container *target, int out)
{
	static char text[1 << 20];
	size_t used = 0;
	ssize_t count = 1;

	set(ct_kill(target, SIGTERM, NULL));
	while (count > 0 && used < sizeof(text) - 1) {
		ck_assert(readable(out, PATIENCE_MS));
		count = read(out, text + used, sizeof(text) - 1 - used);
		used += count > 0 ? (size_t)count : 0;
	}
	text[used] = '\0';
	close(out);
	wait_for(target);
	ct_container_free(target);
	return text;
}

static unsigned long number_in(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	ck_assert_msg(at != NULL, "the attacker did not come to its end: %s", text);
	return strtoul(at + strlen(name), NULL, 10);
}

static ct_spec *payload(void)
{
	ct_spec *spec = NULL;

	set(ct_spec_new(&spec));
	set(ct_spec_set_argv(spec, (const char *const[]){"/bin/probe", "exit", "0", NULL}));
	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(spec, stream, CT_STDIO_NULL, -1));
	return spec;
}

static void join_many(ct_container *target)
{
	/* Inheritable and open for writing, as a careless host would have it. */
	int canary = open(box.canary, O_RDWR), dir = open(box.dir, O_RDONLY | O_DIRECTORY);
	ct_spec *spec = payload();

	for (int i = 0; i < scaled(JOINS); i++) {
		ct_container *visitor = NULL;
		ct_error err = CT_ERROR_INIT;

		ck_assert_msg(ct_join(target, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
		wait_for(visitor);
		ct_container_free(visitor);
	}
	ct_spec_free(spec);
	close(canary);
	close(dir);
}

/* One line "WHAT EXECUTABLE: VALUE" of what it caught. */
struct caught {
	char what[2048], executable[2048], value[2048];
};

static bool next_caught(const char **text, struct caught *ret)
{
	while (**text) {
		const char *end = strchrnul(*text, '\n');
		char line[2048];
		char *space, *colon;

		snprintf(line, sizeof(line), "%.*s", (int)(end - *text), *text);
		*text = *end ? end + 1 : end;
		space = strchr(line, ' ');
		colon = space ? strstr(space, ": ") : NULL;
		if (!colon)
			continue;
		*space = *colon = '\0';
		snprintf(ret->what, sizeof(ret->what), "%s", line);
		snprintf(ret->executable, sizeof(ret->executable), "%s", space + 1);
		snprintf(ret->value, sizeof(ret->value), "%s", colon + 2);
		return true;
	}
	return false;
}

static bool starts_with(const char *text, const char *const *starts)
{
	for (; *starts; starts++)
		if (strncmp(text, *starts, strlen(*starts)) == 0)
			return true;
	return false;
}

/* A user namespace of its own: the kernel denies everything up to the payload's exec. */
START_TEST(hostile_root_of_a_user_namespace_gets_nothing_but_the_payload)
{
	int out = -1;
	ct_container *target = start_attacker(true, &out);
	const char *text;
	struct caught caught;

	join_many(target);
	text = catches_of(target, out);
	ck_assert_uint_gt(number_in(text, "seen "), 10);
	while (next_caught(&text, &caught))
		ck_assert_msg(strcmp(caught.executable, "/bin/probe") == 0 ||
				strcmp(caught.what, "rights") == 0,
			"it got %s of %s: %s", caught.what, caught.executable, caught.value);
}
END_TEST

/*
 * In the host's user namespace CAP_SYS_PTRACE gives power over any process that can be seen.
 * All that there is to see is a small program that holds what its payload will hold.
 */
START_TEST(hostile_root_of_the_hosts_user_namespace_gets_nothing_of_the_host)
{
	static const char *const values[] = {"/dev/null", "pipe:", "socket:", NULL};
	static const char *const maps[] = {"/memfd:ct-", "[stack]", "[vdso]", "[vvar", "[heap]", "[vsyscall]",
		NULL};
	int out = -1;
	ct_container *target = start_attacker(false, &out);
	char rights[32] = "";
	const char *text, *at;
	struct caught caught;

	snprintf(rights, sizeof(rights), "/proc/%d/status", ct_container_pid(target));
	at = strstr(read_file(rights), "CapPrm:");
	ck_assert_ptr_nonnull(at);
	snprintf(rights, sizeof(rights), "%.16s", at + 8);
	join_many(target);
	text = catches_of(target, out);
	ck_assert_uint_gt(number_in(text, "seen "), 10);
	while (next_caught(&text, &caught)) {
		bool good = false;

		if (strcmp(caught.executable, "/bin/probe") == 0)
			continue;
		if (strcmp(caught.what, "rights") == 0)
			good = strcmp(caught.value, rights) == 0;
		else if (strcmp(caught.executable, "/memfd:ct-stage (deleted)") != 0)
			good = false;
		else if (strcmp(caught.what, "cwd") == 0 || strcmp(caught.what, "root") == 0)
			good = strcmp(caught.value, "/") == 0;
		else if (strcmp(caught.what, "fd") == 0 || strcmp(caught.what, "stolen") == 0)
			good = starts_with(caught.value, values);
		else if (strcmp(caught.what, "map") == 0)
			good = starts_with(caught.value, maps);
		else
			good = true; /* mem, ptrace, exe: of the stage */
		ck_assert_msg(good, "it got %s of %s: %s", caught.what, caught.executable, caught.value);
	}
}
END_TEST

/* What nsenter(1) and many runtimes did: enter as an image of the host, then fork. */
static void careless_join(ct_container *target)
{
	int pidfd = ct_container_pidfd(target), canary = open(box.canary, O_RDWR);
	pid_t outer = fork();

	if (outer == 0) {
		pid_t inner;

		if (setns(pidfd, CLONE_NEWPID | CLONE_NEWNS) < 0)
			_exit(1);
		inner = fork();
		if (inner == 0) {
			const struct timespec while_it_looks = {0, 200000000};

			nanosleep(&while_it_looks, NULL);
			_exit(0);
		}
		waitpid(inner, NULL, 0);
		_exit(0);
	}
	expect_child(outer);
	close(canary);
}

START_TEST(control_a_careless_join_gives_the_host_away)
{
	int out = -1;
	ct_container *target = start_attacker(false, &out);
	bool memory = false, executable = false, descriptor = false, traced = false;
	const char *text;
	struct caught caught;
	char own[512];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

	own[length > 0 ? length : 0] = '\0';
	careless_join(target);
	text = catches_of(target, out);
	while (next_caught(&text, &caught)) {
		if (strcmp(caught.executable, own) != 0)
			continue;
		executable |= strcmp(caught.what, "exe") == 0;
		memory |= strcmp(caught.what, "mem") == 0;
		traced |= strcmp(caught.what, "ptrace") == 0;
		descriptor |= strcmp(caught.what, "fd") == 0 && strstr(caught.value, "canary");
	}
	ck_assert(memory && executable && descriptor && traced);
}
END_TEST

/* Traced, an ended process is not reported to its parent: the kernel's rule. */
START_TEST(visitor_whose_end_a_tracer_holds_back_ends_with_the_target)
{
	ct_spec *spec = SPEC("/bin/attacker", "hold");
	ct_container *target = NULL, *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	struct timespec before, after;
	int out;
	char line[6];

	add_host_caps(spec);
	ck_assert_msg(ct_spawn(spec, &target, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	out = ct_container_take_stdio(target, 1);
	ck_assert(readable(out, PATIENCE_MS));
	ck_assert_int_eq(read(out, line, 6), 6);
	spec = payload();
	set(ct_spec_set_argv(spec, (const char *const[]){"/bin/probe", "pause", NULL}));
	ck_assert_msg(ct_join(target, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	ck_assert(readable(out, PATIENCE_MS)); /* "held" */
	set(ct_kill(visitor, SIGKILL, &err));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	ck_assert_int_eq(ct_wait(visitor, 500, NULL, &err), -ETIMEDOUT);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	/* It waits, and does not spin. */
	ck_assert_int_lt((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000,
		250);
	close(out);
	ct_container_free(target);
	ck_assert_int_eq(wait_for(visitor).signal, SIGKILL);
	ct_container_free(visitor);
	ct_spec_free(spec);
}
END_TEST

static void setup(void)
{
	box_setup();
	copy_program(TEST_ATTACKER, in_root("bin/attacker"), 0755);
}

int main(void)
{
	Suite *suite = suite_create("hostile_target");
	TCase *tc = tcase_create("hostile_target");

	need_root();
	tcase_add_checked_fixture(tc, setup, box_teardown);
	tcase_set_timeout(tc, 300);
	suite_add_tcase(suite, tc);
	add_for_first_root(tc, hostile_root_of_a_user_namespace_gets_nothing_but_the_payload, "ids over 65535");
	tcase_add_test(tc, hostile_root_of_the_hosts_user_namespace_gets_nothing_of_the_host);
	tcase_add_test(tc, control_a_careless_join_gives_the_host_away);
	tcase_add_test(tc, visitor_whose_end_a_tracer_holds_back_ends_with_the_target);
	return suite_run(suite);
}
