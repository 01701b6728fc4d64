/* SPDX-License-Identifier: MIT */
/*
 * ct_ns_list as root: containers, what keeps namespaces without a process alive, and what
 * a reader with fewer rights or a /proc that hides something still gets.
 */
#include "support/box.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <container/ns.h>

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

#define NOBODY 54399 /* an id that need not exist */

/* ------------------------------------------------------------------- helpers */

static ct_ns_list *list_system(uint32_t flags)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;

	if (ct_ns_list_system(0, flags, &list, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	return list;
}

static ct_ns_list *list_container(const ct_container *container)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;

	if (ct_ns_list_container(container, 0, 0, &list, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	return list;
}

static ct_ns_stats stats_of(const ct_ns_list *list)
{
	ct_ns_stats stats = CT_NS_STATS_INIT;

	ck_assert_int_eq(ct_ns_list_stats(list, &stats), 0);
	return stats;
}

static ct_ns_info row(const ct_ns_list *list, size_t index)
{
	ct_ns_info info = CT_NS_INFO_INIT;

	ck_assert_int_eq(ct_ns_list_get(list, index, &info), 0);
	return info;
}

/* The row of a namespace by its name, as in "net:[4026532000]". */
static size_t index_of(const ct_ns_list *list, const char *name)
{
	size_t index = 0;

	ck_assert_ptr_nonnull(strchr(name, '['));
	ck_assert_msg(ct_ns_list_find(list, strtoull(strchr(name, '[') + 1, NULL, 10), &index) == 0,
		"%s is missing", name);
	return index;
}

static ct_ns_info row_named(const ct_ns_list *list, const char *name)
{
	return row(list, index_of(list, name));
}

static void expect_absent(const ct_ns_list *list, const char *name)
{
	ck_assert_int_eq(
		ct_ns_list_find(list, strtoull(strchr(name, '[') + 1, NULL, 10), NULL), -ENOENT);
}

/* A container that stays until it is freed, as the one process that it began with. */
static ct_spec *lasting_spec(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; read never");

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	return spec;
}

/* A child in new namespaces of these kinds that waits to be ended. prepare: what it does there. */
static pid_t child_in(int kinds, void (*prepare)(void))
{
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ck_assert_int_eq(unshare(kinds), 0);
		if (prepare)
			prepare();
		ck_assert_int_eq(write(ready[1], "r", 1), 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "the child could not make its namespaces");
	close(ready[0]);
	return child;
}

/* Runs a part of a test in a process that is the first of a pid namespace with a /proc of its own. */
static void inside(const char *proc_options, void (*part)(void))
{
	pid_t outer = fork();

	if (outer == 0) {
		pid_t inner;

		ck_assert_int_eq(unshare(CLONE_NEWPID | CLONE_NEWNS), 0);
		inner = fork();
		if (inner == 0) {
			ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
			ck_assert_int_eq(mount("proc", "/proc", "proc", 0, proc_options), 0);
			part();
			_exit(0);
		}
		expect_child(inner);
		_exit(0);
	}
	expect_child(outer);
}

static void become_nobody(void)
{
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

/* What /proc says that the command of a process is. */
static const char *read_command(pid_t pid)
{
	static char command[64];
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	snprintf(command, sizeof(command), "%s", read_file(path));
	command[strcspn(command, "\n")] = '\0';
	return command;
}

/* ---------------------------------------------------------------- containers */

START_TEST(container_list_is_what_its_first_process_has)
{
	ct_spec *spec = lasting_spec();
	ct_container *container = start_ready(spec);
	ct_ns_list *list = list_container(container);
	pid_t pid = ct_container_pid(container);

	ck_assert_uint_ge(ct_ns_list_count(list), 7);
	for (size_t i = 0; i < ct_ns_list_count(list); i++) {
		ct_ns_info info = row(list, i);
		const char *kind = ct_ns_kind_name(info.kind);

		ck_assert_str_eq(info.name, ns_of(pid, kind));
		ck_assert(info.links & CT_NS_LINK_OWN);
		if (strcmp(info.name, ns_of(0, kind)) == 0)
			continue;
		ck_assert_uint_eq(info.nprocs, 1);
		ck_assert_int_eq(info.pid, pid);
		ck_assert_uint_eq(info.uid, 0);
		ck_assert_str_eq(info.command, read_command(pid));
	}
	ct_ns_list_free(list);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(namespaces_of_a_container_with_users_of_its_own_belong_to_its_user_namespace)
{
	ct_spec *spec = lasting_spec();
	ct_container *container;
	ct_ns_list *list;
	ct_ns_info user;
	pid_t pid;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	container = start_ready(spec);
	pid = ct_container_pid(container);
	list = list_container(container);
	user = row_named(list, ns_of(pid, "user"));
	ck_assert_uint_eq(user.owner_uid, 0);
	ck_assert_uint_eq(user.parent, strtoull(strchr(ns_of(0, "user"), '[') + 1, NULL, 10));
	ck_assert_uint_eq(row_named(list, ns_of(pid, "net")).owner_ns, user.id);
	ck_assert_uint_eq(row_named(list, ns_of(pid, "pid")).owner_ns, user.id);
	ck_assert_uint_ne(row_named(list, ns_of(pid, "pid")).parent, 0);
	ct_ns_list_free(list);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* The first process of a pid namespace whose /proc is still the one of the host. */
static void list_by_foreign_proc(void)
{
	ct_error err = CT_ERROR_INIT;
	ct_spec *spec = lasting_spec();
	ct_container *container = start_ready(spec);
	ct_ns_list *own = NULL, *list = list_container(container);

	ck_assert_int_eq(getpid(), 1);
	if (ct_ns_list_pid(0, 0, CT_NS_LIST_ALONE, &own, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	ck_assert_str_eq(row_named(own, ns_of(0, "pid")).name, ns_of(0, "pid"));
	for (size_t i = 0; i < ct_ns_list_count(list); i++)
		if (row(list, i).kind == CT_NS_MNT)
			ck_assert_str_eq(row(list, i).command, "sh");
	ct_ns_list_free(own);
	ct_ns_list_free(list);
	ct_container_free(container);
	ct_spec_free(spec);
}

START_TEST(own_process_and_container_are_found_in_a_proc_of_another_pid_namespace)
{
	pid_t outer = fork();

	if (outer == 0) {
		pid_t inner;

		ck_assert_int_eq(unshare(CLONE_NEWPID), 0);
		inner = fork();
		if (inner == 0) {
			list_by_foreign_proc();
			_exit(0);
		}
		expect_child(inner);
		_exit(0);
	}
	expect_child(outer);
}
END_TEST

START_TEST(created_container_can_be_listed_before_its_start)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_error err = CT_ERROR_INIT;
	ct_container *container = NULL;
	ct_ns_list *list;

	if (ct_create(spec, &container, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	list = list_container(container);
	ck_assert_str_eq(row_named(list, ns_of(ct_container_pid(container), "mnt")).name,
		ns_of(ct_container_pid(container), "mnt"));
	ct_ns_list_free(list);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(ended_container_is_refused_although_its_process_is_still_a_zombie)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_error err = CT_ERROR_INIT;
	ct_container *container = NULL;
	ct_ns_list *list = NULL;
	char process[32];

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	snprintf(process, sizeof(process), "process %d", ct_container_pid(container));
	ck_assert(readable(ct_container_pidfd(container), PATIENCE_MS));
	expect_error(ct_ns_list_container(container, 0, 0, &list, &err), &err, -ESRCH, CT_STEP_LIST,
		process, NULL);
	wait_for(container);
	expect_error(ct_ns_list_container(container, 0, 0, &list, &err), &err, -ESRCH, CT_STEP_LIST,
		process, NULL);
	ck_assert_ptr_null(list);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(given_namespace_has_all_its_members)
{
	pid_t holder = child_in(CLONE_NEWNET, NULL);
	ct_spec *spec = lasting_spec();
	ct_container *container;
	ct_ns_list *list;
	ct_ns_info net;

	set(ct_spec_set_ns_pid(spec, CT_NS_NET, holder));
	container = start_ready(spec);
	list = list_container(container);
	net = row_named(list, ns_of(holder, "net"));
	ck_assert_uint_eq(net.nprocs, 2);
	ck_assert_int_eq(net.pid,
		holder < ct_container_pid(container) ? holder : ct_container_pid(container));
	ct_ns_list_free(list);
	ct_container_free(container);
	ct_spec_free(spec);
	end_child(holder);
}
END_TEST

/* ------------------------------------------------------------------- mounts */

/* A name that mountinfo must escape. */
static const char odd_name[] = "a b\nc\\d";

/* In a mnt namespace of its own: binds a net namespace that nobody is in. */
static void bind_lonely_net(void)
{
	pid_t child;
	char path[64];

	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	write_file(in_dir(odd_name), "", 0644);
	child = child_in(CLONE_NEWNET, NULL);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", child);
	ck_assert_int_eq(mount(path, in_dir(odd_name), NULL, MS_BIND, NULL), 0);
	write_file(in_dir("name"), ns_of(child, "net"), 0644);
	end_child(child);
}

static void see_own_bind_mount(void)
{
	ct_ns_list *list;
	ct_ns_info info;
	size_t index;
	char *table = NULL, words[PATH_MAX];

	bind_lonely_net();
	list = list_system(0);
	index = index_of(list, read_file(in_dir("name")));
	info = row(list, index);
	ck_assert_uint_eq(info.kind, CT_NS_NET);
	ck_assert_uint_eq(info.nprocs, 0);
	ck_assert_int_eq(info.keeper, CT_NS_KEEPER_MOUNT);
	ck_assert_int_eq(info.keeper_pid, 0);
	ck_assert_uint_ne(info.owner_ns, 0);
	ck_assert(!(info.unseen & (CT_NS_UNSEEN_OWNER | CT_NS_UNSEEN_KEEPER)));
	ck_assert_str_eq(ct_ns_list_mount_path(list, index), in_dir(odd_name));
	ck_assert_int_eq(ct_ns_list_to_text(list, CT_NS_FORMAT_TABLE, &table), 0);
	snprintf(words, sizeof(words), " mount %s\n", in_dir("a b\\x0ac\\x5cd"));
	ck_assert_msg(strstr(table, words) != NULL, "%s is missing in:\n%s", words, table);
	ct_ns_text_free(table);
	ct_ns_list_free(list);
}

START_TEST(bind_mount_keeps_a_namespace_and_its_path_comes_out_unescaped)
{
	inside(NULL, see_own_bind_mount);
}
END_TEST

START_TEST(bind_mount_in_another_mnt_namespace_is_found_when_searched_for)
{
	pid_t holder = child_in(CLONE_NEWNS, bind_lonely_net);
	ct_ns_list *cheap = list_system(0), *thorough = list_system(CT_NS_LIST_KEEPERS);
	const char *name = read_file(in_dir("name"));
	size_t index = index_of(thorough, name);
	ct_ns_info info = row(thorough, index);

	if (!stats_of(cheap).listns)
		expect_absent(cheap, name);
	ck_assert_int_eq(info.keeper, CT_NS_KEEPER_MOUNT);
	ck_assert_int_eq(info.keeper_pid, holder);
	ck_assert_str_eq(ct_ns_list_mount_path(thorough, index), in_dir(odd_name));
	ck_assert(!(info.unseen & CT_NS_UNSEEN_OWNER));
	ct_ns_list_free(cheap);
	ct_ns_list_free(thorough);
	end_child(holder);
}
END_TEST

/* The mount point is covered by a fifo, which would hold whoever opens it. */
static void list_with_covered_mount(void)
{
	ct_ns_list *list;
	ct_ns_info info;

	bind_lonely_net();
	ck_assert_int_eq(mkfifo(in_dir("fifo"), 0600), 0);
	ck_assert_int_eq(mount(in_dir("fifo"), in_dir(odd_name), NULL, MS_BIND, NULL), 0);
	list = list_system(CT_NS_LIST_KEEPERS);
	info = row_named(list, read_file(in_dir("name")));
	ck_assert_int_eq(info.keeper, CT_NS_KEEPER_MOUNT);
	ck_assert(info.unseen & CT_NS_UNSEEN_OWNER);
	ck_assert(info.unseen & CT_NS_UNSEEN_OWNER_UID);
	ct_ns_list_free(list);
}

START_TEST(fifo_over_a_mounted_namespace_is_never_opened)
{
	inside(NULL, list_with_covered_mount);
}
END_TEST

START_TEST(namespace_that_nothing_keeps_is_gone_from_the_list)
{
	pid_t child = child_in(CLONE_NEWNET, NULL);
	char name[64];
	ct_ns_list *list;

	snprintf(name, sizeof(name), "%s", ns_of(child, "net"));
	end_child(child);
	list = list_system(CT_NS_LIST_KEEPERS);
	expect_absent(list, name);
	ct_ns_list_free(list);
}
END_TEST

/* ------------------------------------------------- less rights, less in sight */

static void list_as_nobody(void)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list, *other = NULL;
	char *links = NULL;

	become_nobody();
	list = list_system(CT_NS_LIST_KEEPERS);
	ck_assert_uint_ge(stats_of(list).denied, 1);
	ck_assert_uint_ge(stats_of(list).processes, 1);
	ck_assert_uint_eq(stats_of(list).hidden, 0);
	for (size_t i = 0; i < ct_ns_list_count(list); i++)
		ck_assert(row(list, i).unseen & CT_NS_UNSEEN_MEMBERS);
	ck_assert_int_eq(row_named(list, ns_of(0, "mnt")).pid, getpid());
	ct_ns_list_free(list);

	/* Of another's process there is a row for each kind, and nothing in it. */
	if (ct_ns_list_pid(1, 0, 0, &other, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	ck_assert_uint_eq(ct_ns_list_count(other), 8);
	for (size_t i = 0; i < 8; i++) {
		ck_assert(row(other, i).unseen & CT_NS_UNSEEN_ID);
		ck_assert(row(other, i).id == 0 && row(other, i).nprocs == 0);
		ck_assert_str_eq(row(other, i).name, "");
	}
	ck_assert_int_eq(ct_ns_list_to_text(other, CT_NS_FORMAT_LINKS, &links), 0);
	ck_assert_str_eq(links,
		"cgroup -> ?\nipc -> ?\nmnt -> ?\nnet -> ?\npid -> ?\n"
		"pid_for_children -> ?\ntime -> ?\ntime_for_children -> ?\nuser -> ?\nuts -> ?\n");
	ct_ns_text_free(links);
	ct_ns_list_free(other);
}

/* The first process stays root, the reader is another one. */
static void nobody_beside_root(void)
{
	pid_t reader = fork();

	if (reader == 0) {
		list_as_nobody();
		_exit(0);
	}
	expect_child(reader);
}

START_TEST(ordinary_reader_gets_what_is_his_and_marks_for_the_rest)
{
	inside(NULL, nobody_beside_root);
}
END_TEST

static void list_hidden(void)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list, *other = NULL;
	pid_t reader;

	list = list_system(0);
	ck_assert_uint_eq(stats_of(list).hidden, 0); /* root sees all */
	ct_ns_list_free(list);
	reader = fork();
	if (reader == 0) {
		become_nobody();
		list = list_system(0);
		ck_assert_uint_eq(stats_of(list).hidden, 1);
		ck_assert_uint_eq(stats_of(list).denied, 0);
		ck_assert_uint_eq(stats_of(list).processes, 1);
		ck_assert(row_named(list, ns_of(0, "uts")).unseen & CT_NS_UNSEEN_MEMBERS);
		expect_error(ct_ns_list_pid(1, 0, 0, &other, &err), &err, -ESRCH, CT_STEP_LIST,
			"process 1", NULL);
		ck_assert_ptr_nonnull(strstr(err.cure, "hidepid"));
		ct_ns_list_free(list);
		_exit(0);
	}
	expect_child(reader);
}

START_TEST(list_marks_what_hidepid_hides)
{
	inside("hidepid=2", list_hidden);
}
END_TEST

static void list_noaccess(void)
{
	ct_ns_list *list;
	pid_t reader = fork();

	if (reader == 0) {
		become_nobody();
		list = list_system(CT_NS_LIST_KEEPERS);
		ck_assert_uint_eq(stats_of(list).hidden, 0);
		ck_assert_uint_eq(stats_of(list).denied, 1);
		ck_assert_uint_eq(stats_of(list).vanished, 0);
		ck_assert(row_named(list, ns_of(0, "uts")).unseen & CT_NS_UNSEEN_MEMBERS);
		ct_ns_list_free(list);
		_exit(0);
	}
	expect_child(reader);
}

START_TEST(list_counts_what_hidepid_shows_but_does_not_open)
{
	inside("hidepid=1", list_noaccess);
}
END_TEST

static void list_without_proc(void)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;

	ck_assert_int_eq(mount("none", "/proc", "tmpfs", 0, NULL), 0);
	expect_error(
		ct_ns_list_system(0, 0, &list, &err), &err, -ENOENT, CT_STEP_LIST, "/proc", NULL);
	ck_assert_ptr_nonnull(strstr(err.cure, "mount"));
	ck_assert_ptr_null(list);
}

START_TEST(something_else_at_proc_is_refused_with_a_cure)
{
	inside(NULL, list_without_proc);
}
END_TEST

static void list_from_inside(void)
{
	ct_ns_list *list;
	ct_ns_info user, pid;

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	list = list_system(0);
	user = row_named(list, ns_of(0, "user"));
	pid = row_named(list, ns_of(0, "pid"));
	/* What is above our own user and pid namespace is out of sight, and that is no "none". */
	ck_assert(user.parent == 0 && (user.unseen & CT_NS_UNSEEN_PARENT));
	ck_assert(pid.parent == 0 && (pid.unseen & CT_NS_UNSEEN_PARENT));
	ck_assert(pid.owner_ns == 0 && (pid.unseen & CT_NS_UNSEEN_OWNER));
	ck_assert_uint_eq(pid.owner_uid, UINT32_MAX);
	ct_ns_list_free(list);
}

START_TEST(what_lies_above_the_own_user_namespace_is_marked_and_not_none)
{
	inside(NULL, list_from_inside);
}
END_TEST

/*
 * The library asks a mounted namespace for its owner only if the way there needs no server,
 * which might never answer; otherwise the owner is unseen. A root of 9p always asks.
 */
static bool resolves_from_cache(void)
{
	const char *temp = getenv("TMPDIR");
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_CACHED};
	long fd = syscall(SYS_openat2, AT_FDCWD, temp ? temp : "/tmp", &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd >= 0 || errno != EAGAIN;
}

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("ns_live", &tc);

	need_root();
	tcase_add_test(tc, container_list_is_what_its_first_process_has);
	tcase_add_test(
		tc, namespaces_of_a_container_with_users_of_its_own_belong_to_its_user_namespace);
	tcase_add_test(tc, own_process_and_container_are_found_in_a_proc_of_another_pid_namespace);
	tcase_add_test(tc, created_container_can_be_listed_before_its_start);
	tcase_add_test(tc, ended_container_is_refused_although_its_process_is_still_a_zombie);
	tcase_add_test(tc, given_namespace_has_all_its_members);
	if (resolves_from_cache()) {
		tcase_add_test(tc, bind_mount_keeps_a_namespace_and_its_path_comes_out_unescaped);
		tcase_add_test(tc, bind_mount_in_another_mnt_namespace_is_found_when_searched_for);
	} else {
		printf("  skipped  owners of bind-mounted namespaces: the file system of / has to ask "
		       "its server for the way to them\n");
	}
	tcase_add_test(tc, fifo_over_a_mounted_namespace_is_never_opened);
	tcase_add_test(tc, namespace_that_nothing_keeps_is_gone_from_the_list);
	tcase_add_test(tc, ordinary_reader_gets_what_is_his_and_marks_for_the_rest);
	tcase_add_test(tc, list_marks_what_hidepid_hides);
	tcase_add_test(tc, list_counts_what_hidepid_shows_but_does_not_open);
	tcase_add_test(tc, something_else_at_proc_is_refused_with_a_cure);
	tcase_add_test(tc, what_lies_above_the_own_user_namespace_is_marked_and_not_none);
	return suite_run(suite);
}
