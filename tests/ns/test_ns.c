/* SPDX-License-Identifier: MIT */
/*
 * ct_ns_list without any right: the own process, children in user namespaces of their own,
 * refusals, forms of text, and processes that vanish in mid-scan.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <container/ns.h>

#include "support/box.h"

static struct snapshot *before;
static int descriptors;

static void setup(void)
{
	touch_threads();
	descriptors = count_descriptors();
	before = snapshot_take();
}

/* A list holds no descriptor, leaves no process, and changes nothing in its caller. */
static void teardown(void)
{
	struct snapshot *after;
	const char *difference;

	await_lone_thread();
	after = snapshot_take();
	difference = snapshot_difference(before, after, SNAPSHOT_ENDED);
	ck_assert_msg(difference == NULL, "the test left or changed:\n%s", difference);
	ck_assert_int_eq(count_descriptors(), descriptors);
	snapshot_free(before);
	snapshot_free(after);
}

/* ------------------------------------------------------------------ helpers */

static ct_ns_list *list_of(pid_t pid, uint32_t kinds, uint32_t flags)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;

	if (ct_ns_list_pid(pid, kinds, flags, &list, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	return list;
}

static ct_ns_list *list_system(uint32_t flags)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;

	if (ct_ns_list_system(0, flags, &list, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	return list;
}

static ct_ns_info row(const ct_ns_list *list, size_t index)
{
	ct_ns_info info = CT_NS_INFO_INIT;

	ck_assert_int_eq(ct_ns_list_get(list, index, &info), 0);
	return info;
}

/* The row of this kind and with this link. */
static ct_ns_info row_of(const ct_ns_list *list, uint32_t kind, uint32_t link)
{
	for (size_t i = 0; i < ct_ns_list_count(list); i++)
		if (row(list, i).kind == kind && (row(list, i).links & link))
			return row(list, i);
	ck_abort_msg("there is no %s with link %u", ct_ns_kind_name(kind), link);
}

static ct_ns_info row_with(const ct_ns_list *list, uint64_t id)
{
	size_t index;

	ck_assert_msg(
		ct_ns_list_find(list, id, &index) == 0, "%llu is missing", (unsigned long long)id);
	return row(list, index);
}

static char *text_of(const ct_ns_list *list, int format)
{
	char *text = NULL;

	ck_assert_int_eq(ct_ns_list_to_text(list, format, &text), 0);
	ck_assert_ptr_nonnull(text);
	return text;
}

static void expect_in(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is missing in:\n%s", part, text);
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

/* Without mapped ids no further user namespace can be made. */
static bool map_ids(uid_t uid, gid_t gid)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "0 %u 1", uid);
	snprintf(gids, sizeof(gids), "0 %u 1", gid);
	return put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", uids) &&
	       put("/proc/self/gid_map", gids);
}

/*
 * A child in new namespaces of these kinds, then again of those, that waits to be ended;
 * heir: with a child of its own.
 */
static pid_t child_in(int kinds, int again, bool heir)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(kinds) < 0)
			_exit(1);
		if (again && (!map_ids(uid, gid) || unshare(again) < 0))
			_exit(1);
		if (heir && fork() == 0)
			prctl(PR_SET_PDEATHSIG, SIGKILL);
		else if (heir)
			for (;;) /* the heir says that it is there */
				pause();
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "the child could not make its namespaces");
	close(ready[0]);
	return child;
}

/* ------------------------------------------------------------------ refusals */

START_TEST(unknown_kinds_and_flags_are_refused)
{
	ct_ns_list *list = NULL;
	ct_error err = CT_ERROR_INIT;

	expect_error(ct_ns_list_system(1, 0, &list, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "kinds",
		"no such kind");
	expect_error(ct_ns_list_pid(0, 0, 1u << 31, &list, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
		"flags", NULL);
	expect_error(ct_ns_list_system(0, CT_NS_LIST_ALONE, &list, &err), &err, -EINVAL,
		CT_STEP_ARGUMENT, "flags", "not for this call");
	ck_assert_ptr_null(list);
}
END_TEST

START_TEST(missing_pointers_are_refused)
{
	ct_ns_list *list = NULL;
	ct_error err = CT_ERROR_INIT;
	char *text = NULL;

	expect_error(ct_ns_list_system(0, 0, NULL, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
		"ret_list", "NULL");
	expect_error(ct_ns_list_container(NULL, 0, 0, &list, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
		"container", "NULL");
	ck_assert_ptr_null(list);
	ck_assert_uint_eq(ct_ns_list_count(NULL), 0);
	ck_assert_int_eq(ct_ns_list_find(NULL, 1, NULL), -EINVAL);
	ck_assert_int_eq(ct_ns_list_stats(NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_ns_list_to_text(NULL, CT_NS_FORMAT_TABLE, &text), -EINVAL);
	ck_assert_ptr_null(ct_ns_list_mount_path(NULL, 0));
	ct_ns_list_free(NULL);
	ct_ns_text_free(NULL);
}
END_TEST

START_TEST(process_that_is_not_there_is_refused)
{
	ct_ns_list *list = NULL;
	ct_error err = CT_ERROR_INIT;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	expect_error(ct_ns_list_pid(child, 0, 0, &list, &err), &err, -ESRCH, CT_STEP_LIST,
		"process", "No such process");
	expect_in(err.cure, "hidepid");
	expect_error(ct_ns_list_pid(-1, 0, 0, &list, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "pid",
		"negative");
	ck_assert_ptr_null(list);
}
END_TEST

START_TEST(rows_that_are_not_there_are_refused)
{
	ct_ns_list *list = list_of(0, 0, CT_NS_LIST_ALONE);
	ct_ns_info info = CT_NS_INFO_INIT;
	size_t index = 77;
	char *text = NULL;

	ck_assert_int_eq(ct_ns_list_get(list, ct_ns_list_count(list), &info), -ENOENT);
	ck_assert_int_eq(ct_ns_list_get(list, 0, NULL), -EINVAL);
	info.size = 0;
	ck_assert_int_eq(ct_ns_list_get(list, 0, &info), -EINVAL);
	ck_assert_int_eq(ct_ns_list_find(list, 0, &index), -ENOENT);
	ck_assert_int_eq(ct_ns_list_find(list, 1, &index), -ENOENT);
	ck_assert_uint_eq(index, 77);
	ck_assert_ptr_null(ct_ns_list_mount_path(list, ct_ns_list_count(list)));
	ck_assert_int_eq(ct_ns_list_to_text(list, -1, &text), -EINVAL);
	ck_assert_int_eq(ct_ns_list_to_text(list, CT_NS_FORMAT_JSON + 1, &text), -EINVAL);
	ck_assert_int_eq(ct_ns_list_to_text(list, CT_NS_FORMAT_JSON, NULL), -EINVAL);
	ck_assert_ptr_null(text);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(caller_with_a_shorter_info_gets_no_more_than_that)
{
	ct_ns_list *list = list_of(0, 0, CT_NS_LIST_ALONE);
	ct_ns_info info;

	memset(&info, 0xee, sizeof(info));
	info.size = offsetof(ct_ns_info, owner_ns);
	ck_assert_int_eq(ct_ns_list_get(list, 0, &info), 0);
	ck_assert_uint_ne(info.id, 0xeeeeeeeeeeeeeeeeull);
	ck_assert(info.owner_ns == 0xeeeeeeeeeeeeeeeeull);
	ck_assert_uint_eq(info.size, offsetof(ct_ns_info, owner_ns));
	ct_ns_list_free(list);
}
END_TEST

/* --------------------------------------------------------------- own process */

static const char *const files[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children",
	"time", "time_for_children", "user", "uts"};

START_TEST(own_list_is_what_ls_shows_in_proc)
{
	ct_ns_list *list = list_of(0, 0, 0);
	char *text = text_of(list, CT_NS_FORMAT_LINKS), expected[1024] = "";

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/self/ns/%s", files[i]);
		if (access(path, F_OK) == 0)
			snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
				"%s -> %s\n", files[i], ns_of(0, files[i]));
	}
	ck_assert_str_eq(text, expected);
	ct_ns_text_free(text);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(own_list_counts_this_process_among_the_members)
{
	ct_ns_list *list = list_of(getpid(), 0, 0);

	ck_assert_uint_ge(ct_ns_list_count(list), 6);
	for (size_t i = 0; i < ct_ns_list_count(list); i++) {
		ct_ns_info info = row(list, i);

		ck_assert_str_eq(info.name, ns_of(0, ct_ns_kind_name(info.kind)));
		ck_assert(info.links & CT_NS_LINK_OWN);
		ck_assert_uint_ge(info.nprocs, 1);
		ck_assert_int_ge(info.pid, 1);
		ck_assert_int_le(info.pid, getpid());
		ck_assert_int_eq(info.keeper, CT_NS_KEEPER_PROCESS);
		ck_assert_int_eq(info.keeper_pid, info.pid);
		if (i > 0)
			ck_assert(row(list, i - 1).id < info.id);
		ck_assert_str_eq(row_with(list, info.id).name, info.name);
	}
	ct_ns_list_free(list);
}
END_TEST

START_TEST(list_of_one_process_alone_counts_no_other_and_says_so)
{
	ct_ns_list *list = list_of(0, 0, CT_NS_LIST_ALONE);
	ct_ns_stats stats = CT_NS_STATS_INIT;

	for (size_t i = 0; i < ct_ns_list_count(list); i++) {
		ck_assert_uint_eq(row(list, i).nprocs, 1);
		ck_assert_int_eq(row(list, i).pid, getpid());
		ck_assert_uint_eq(row(list, i).uid, geteuid());
		ck_assert(row(list, i).unseen & CT_NS_UNSEEN_MEMBERS);
	}
	ck_assert_int_eq(ct_ns_list_stats(list, &stats), 0);
	ck_assert_uint_eq(stats.processes, 1);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(only_the_kinds_asked_for_are_listed)
{
	ct_ns_list *list = list_of(0, CT_NS_PID | CT_NS_UTS, 0);

	ck_assert_uint_eq(ct_ns_list_count(list), 2);
	ck_assert_str_eq(row_of(list, CT_NS_PID, CT_NS_LINK_OWN).name, ns_of(0, "pid"));
	ck_assert_str_eq(row_of(list, CT_NS_UTS, CT_NS_LINK_OWN).name, ns_of(0, "uts"));
	ct_ns_list_free(list);
}
END_TEST

START_TEST(system_list_has_all_of_our_own)
{
	ct_ns_list *all = list_system(0), *own = list_of(0, 0, CT_NS_LIST_ALONE);

	for (size_t i = 0; i < ct_ns_list_count(own); i++) {
		ct_ns_info info = row_with(all, row(own, i).id);

		ck_assert_uint_eq(info.kind, row(own, i).kind);
		ck_assert_uint_ge(info.nprocs, 1);
	}
	ct_ns_list_free(own);
	ct_ns_list_free(all);
}
END_TEST

/* -------------------------------------------------------------------- forms */

/* The list of this process alone, under a name of its own. */
static ct_ns_list *list_named(const char *command)
{
	ck_assert_int_eq(prctl(PR_SET_NAME, command), 0);
	return list_of(0, CT_NS_UTS, CT_NS_LIST_ALONE);
}

START_TEST(hostile_command_cannot_disturb_a_terminal)
{
	ct_ns_list *list = list_named("a)\n\033[2J\\\xff\xc2\x9b\xc3\xa9");
	char *table = text_of(list, CT_NS_FORMAT_TABLE), *tree = text_of(list, CT_NS_FORMAT_TREE);

	ck_assert_str_eq(row(list, 0).command, "a)\n\033[2J\\\xff\xc2\x9b\xc3\xa9");
	expect_in(table, " a)\\x0a\\x1b[2J\\x5c\\xff\\xc2\\x9b\xc3\xa9\n");
	expect_in(tree, " a)\\x0a\\x1b[2J\\x5c\\xff\\xc2\\x9b\xc3\xa9 ");
	prctl(PR_SET_NAME, "test_ns");
	ct_ns_text_free(table);
	ct_ns_text_free(tree);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(hostile_command_leaves_json_valid)
{
	ct_ns_list *list = list_named("\"},{\\\n\xff\xc3\xa9\x7f");
	char *json = text_of(list, CT_NS_FORMAT_JSON);

	expect_in(json, "\"command\":\"\\\"},{\\\\\\u000a\\ufffd\xc3\xa9\\u007f\"");
	prctl(PR_SET_NAME, "test_ns");
	ct_ns_text_free(json);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(every_form_ends_in_one_newline_and_names_each_namespace)
{
	ct_ns_list *list = list_of(0, 0, 0);

	for (int format = CT_NS_FORMAT_TABLE; format <= CT_NS_FORMAT_JSON; format++) {
		char *text = text_of(list, format);
		size_t length = strlen(text);

		ck_assert(length > 2 && text[length - 1] == '\n' && text[length - 2] != '\n');
		for (size_t i = 0; i < ct_ns_list_count(list); i++) {
			char id[24];

			snprintf(id, sizeof(id), "%llu", (unsigned long long)row(list, i).id);
			expect_in(text, id);
		}
		ct_ns_text_free(text);
	}
	ct_ns_list_free(list);
}
END_TEST

START_TEST(kinds_have_their_kernel_names)
{
	ck_assert_str_eq(ct_ns_kind_name(CT_NS_CGROUP), "cgroup");
	ck_assert_str_eq(ct_ns_kind_name(CT_NS_MNT), "mnt");
	ck_assert_str_eq(ct_ns_kind_name(0), "unknown");
	ck_assert_str_eq(ct_ns_kind_name(CT_NS_MNT | CT_NS_PID), "unknown");
}
END_TEST

/* ------------------------------------------------------ namespaces of children */

START_TEST(pid_for_children_is_told_apart_from_pid)
{
	pid_t child = child_in(CLONE_NEWUSER | CLONE_NEWPID, 0, true);
	ct_ns_list *list = list_of(child, 0, 0);
	ct_ns_info own = row_of(list, CT_NS_PID, CT_NS_LINK_OWN);
	ct_ns_info next = row_of(list, CT_NS_PID, CT_NS_LINK_FOR_CHILDREN);
	ct_ns_info user = row_of(list, CT_NS_USER, CT_NS_LINK_OWN);
	char *text = text_of(list, CT_NS_FORMAT_LINKS), line[96];

	ck_assert_str_eq(own.name, ns_of(child, "pid"));
	ck_assert_str_eq(next.name, ns_of(child, "pid_for_children"));
	ck_assert_str_ne(own.name, next.name);
	ck_assert_uint_eq(own.links, CT_NS_LINK_OWN);
	ck_assert_uint_eq(next.links, CT_NS_LINK_FOR_CHILDREN);
	ck_assert_uint_eq(next.nprocs, 1);
	ck_assert_uint_eq(next.nprocs_for_children, 1);
	ck_assert_uint_eq(next.parent, own.id);
	ck_assert_uint_eq(next.owner_ns, user.id);
	ck_assert_uint_eq(next.owner_uid, geteuid());
	snprintf(line, sizeof(line), "\npid -> %s\npid_for_children -> %s\n", own.name, next.name);
	expect_in(text, line);
	end_child(child);
	ct_ns_text_free(text);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(time_for_children_is_told_apart_and_kept_alive_by_who_has_it)
{
	pid_t child = child_in(CLONE_NEWUSER | CLONE_NEWTIME, 0, false);
	ct_ns_list *list = list_of(child, 0, 0), *all = list_system(CT_NS_LIST_KEEPERS);
	ct_ns_info next = row_of(list, CT_NS_TIME, CT_NS_LINK_FOR_CHILDREN);
	char *table = text_of(all, CT_NS_FORMAT_TABLE), words[48];

	ck_assert_str_eq(next.name, ns_of(child, "time_for_children"));
	ck_assert_uint_eq(next.links, CT_NS_LINK_FOR_CHILDREN);
	ck_assert_uint_eq(next.nprocs, 0);
	ck_assert_uint_eq(next.uid, UINT32_MAX);
	ck_assert_int_eq(next.keeper, CT_NS_KEEPER_FOR_CHILDREN);
	ck_assert_int_eq(next.keeper_pid, child);
	ck_assert_int_eq(row_with(all, next.id).keeper, CT_NS_KEEPER_FOR_CHILDREN);
	snprintf(words, sizeof(words), "for children of %d\n", child);
	expect_in(table, words);
	end_child(child);
	ct_ns_text_free(table);
	ct_ns_list_free(list);
	ct_ns_list_free(all);
}
END_TEST

START_TEST(user_namespace_without_member_is_found_through_its_child)
{
	pid_t child = child_in(CLONE_NEWUSER, CLONE_NEWUSER, false);
	ct_ns_list *all = list_system(0), *list = list_of(child, 0, 0);
	ct_ns_info inner = row_of(list, CT_NS_USER, CT_NS_LINK_OWN);
	ct_ns_info outer = row_with(all, inner.parent);

	ck_assert_uint_eq(inner.parent, inner.owner_ns);
	ck_assert_uint_eq(outer.kind, CT_NS_USER);
	ck_assert_uint_eq(outer.nprocs, 0);
	ck_assert_int_eq(outer.pid, 0);
	ck_assert_int_eq(outer.keeper, CT_NS_KEEPER_NAMESPACE);
	ck_assert_uint_eq(outer.owner_uid, geteuid());
	ck_assert(!(outer.unseen & (CT_NS_UNSEEN_PARENT | CT_NS_UNSEEN_OWNER)));
	ck_assert_str_eq(row_with(all, outer.parent).name, ns_of(0, "user"));
	end_child(child);
	ct_ns_list_free(all);
	ct_ns_list_free(list);
}
END_TEST

/* How far a line of the tree is moved to the right; fails the test if there is none. */
static long indent_of(const char *tree, const char *name)
{
	const char *found = strstr(tree, name), *line;
	char last[64];

	ck_assert_msg(found != NULL, "%s is missing in:\n%s", name, tree);
	for (line = found; line > tree && line[-1] != '\n'; line--)
		continue;
	ck_assert_int_eq(sscanf(line, "%*s %*s %*s %63s", last), 1);
	return found - line;
}

START_TEST(tree_puts_children_below_their_parents_and_the_rest_below_its_owner)
{
	pid_t child = child_in(CLONE_NEWUSER | CLONE_NEWUTS, CLONE_NEWUSER | CLONE_NEWNET, false);
	ct_ns_list *all = list_system(0);
	char *tree = text_of(all, CT_NS_FORMAT_TREE);
	char inner[64], outer[64], net[64], uts[64];

	snprintf(inner, sizeof(inner), "%s", ns_of(child, "user"));
	snprintf(net, sizeof(net), "%s", ns_of(child, "net"));
	snprintf(uts, sizeof(uts), "%s", ns_of(child, "uts"));
	snprintf(outer, sizeof(outer), "%s",
		row_with(all, row_with(all, strtoull(inner + 6, NULL, 10)).parent).name);
	ck_assert_int_eq(indent_of(tree, inner), indent_of(tree, outer) + 2);
	ck_assert_int_eq(indent_of(tree, uts), indent_of(tree, outer) + 2);
	ck_assert_int_eq(indent_of(tree, net), indent_of(tree, inner) + 2);
	ck_assert(strstr(tree, outer) < strstr(tree, inner) &&
		  strstr(tree, inner) < strstr(tree, net));
	end_child(child);
	ct_ns_text_free(tree);
	ct_ns_list_free(all);
}
END_TEST

START_TEST(namespace_kept_by_a_descriptor_alone_is_found_when_searched_for)
{
	pid_t child = child_in(CLONE_NEWUSER | CLONE_NEWNET, 0, false);
	char path[64], name[64], words[64];
	ct_ns_list *all;
	ct_ns_info info;
	char *table;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", child);
	snprintf(name, sizeof(name), "%s", ns_of(child, "net"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	end_child(child);

	all = list_system(CT_NS_LIST_KEEPERS);
	info = row_with(all, strtoull(name + 5, NULL, 10));
	ck_assert_str_eq(info.name, name);
	ck_assert_uint_eq(info.nprocs, 0);
	ck_assert_int_eq(info.keeper, CT_NS_KEEPER_DESCRIPTOR);
	ck_assert_int_eq(info.keeper_pid, getpid());
	ck_assert_int_eq(info.keeper_fd, fd);
	ck_assert(!(info.unseen & CT_NS_UNSEEN_OWNER));
	/* Its owner, a user namespace without member, comes along. */
	ck_assert_int_eq(row_with(all, info.owner_ns).keeper, CT_NS_KEEPER_NAMESPACE);
	table = text_of(all, CT_NS_FORMAT_TABLE);
	snprintf(words, sizeof(words), " descriptor %d of %d\n", fd, getpid());
	expect_in(table, words);
	close(fd);
	ct_ns_text_free(table);
	ct_ns_list_free(all);
}
END_TEST

/* ------------------------------------------------------------- bad conditions */

static pid_t start_storm(void)
{
	pid_t storm = fork();

	if (storm == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pid_t child = fork();

			if (child == 0)
				_exit(0);
			if (child > 0)
				waitpid(child, NULL, 0);
		}
	}
	return storm;
}

START_TEST(processes_that_vanish_never_fail_a_list)
{
	int rounds = getenv("CT_TEST_SCALE") ? 10 : 30;
	pid_t storms[3];

	for (int i = 0; i < 3; i++)
		storms[i] = start_storm();
	for (int i = 0; i < rounds; i++) {
		ct_ns_list *list = list_system(i % 2 ? CT_NS_LIST_KEEPERS : 0);
		char *json = text_of(list, CT_NS_FORMAT_JSON);

		ck_assert_uint_ge(ct_ns_list_count(list), 6);
		ct_ns_text_free(json);
		ct_ns_list_free(list);
	}
	for (int i = 0; i < 3; i++)
		end_child(storms[i]);
}
END_TEST

static void *list_often(void *data)
{
	ct_ns_list *list = NULL;

	for (int i = 0; i < 6; i++) {
		if (ct_ns_list_system(0, i % 2 ? CT_NS_LIST_KEEPERS : 0, &list, NULL) < 0)
			return data;
		ct_ns_list_free(list);
	}
	return NULL;
}

START_TEST(many_threads_list_at_once)
{
	pthread_t threads[8];
	void *failed;

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, list_often, &failed), 0);
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

/* With so many descriptors to be had; the exit code tells how it went. */
static int list_with_limit(rlim_t limit)
{
	struct rlimit limits = {limit, limit};
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;
	int open_before = count_descriptors(), code;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limits), 0);
	code = ct_ns_list_system(0, CT_NS_LIST_KEEPERS, &list, &err);
	ct_ns_list_free(list);
	limits.rlim_cur = limits.rlim_max;
	if (code < 0 && (code != -EMFILE || err.step != CT_STEP_LIST || list))
		return 3;
	/* With no descriptor left, the count itself may fail. */
	if (limit > 16 && count_descriptors() != open_before)
		return 4;
	return code == 0 ? 0 : 1;
}

START_TEST(descriptors_that_run_out_are_an_error_and_never_a_shorter_list)
{
	int outcomes[5] = {0};

	for (rlim_t limit = 3; limit <= 40; limit++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(list_with_limit(limit));
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 5);
		outcomes[WEXITSTATUS(status)]++;
	}
	ck_assert_int_eq(outcomes[3], 0);
	ck_assert_int_eq(outcomes[4], 0);
	ck_assert_int_gt(outcomes[0], 0);
	ck_assert_int_gt(outcomes[1], 0);
}
END_TEST

/* --------------------------------------------------------------------- main */

static bool can_unshare(int kinds)
{
	pid_t child = fork();
	int status = 1;

	if (child == 0)
		_exit(unshare(kinds) < 0);
	waitpid(child, &status, 0);
	return status == 0;
}

static void add_children(TCase *tc)
{
	if (!can_unshare(CLONE_NEWUSER | CLONE_NEWPID)) {
		printf("  skipped  namespaces of children: unprivileged user namespaces are not allowed\n");
		return;
	}
	tcase_add_test(tc, pid_for_children_is_told_apart_from_pid);
	tcase_add_test(tc, user_namespace_without_member_is_found_through_its_child);
	tcase_add_test(tc, tree_puts_children_below_their_parents_and_the_rest_below_its_owner);
	tcase_add_test(tc, namespace_kept_by_a_descriptor_alone_is_found_when_searched_for);
	if (can_unshare(CLONE_NEWUSER | CLONE_NEWTIME))
		tcase_add_test(tc, time_for_children_is_told_apart_and_kept_alive_by_who_has_it);
	else
		printf("  skipped  time_for_children: the kernel has no time namespaces\n");
}

int main(void)
{
	Suite *suite = suite_create("ns");
	TCase *tc = tcase_create("ns");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, unknown_kinds_and_flags_are_refused);
	tcase_add_test(tc, missing_pointers_are_refused);
	tcase_add_test(tc, process_that_is_not_there_is_refused);
	tcase_add_test(tc, rows_that_are_not_there_are_refused);
	tcase_add_test(tc, caller_with_a_shorter_info_gets_no_more_than_that);
	tcase_add_test(tc, own_list_is_what_ls_shows_in_proc);
	tcase_add_test(tc, own_list_counts_this_process_among_the_members);
	tcase_add_test(tc, list_of_one_process_alone_counts_no_other_and_says_so);
	tcase_add_test(tc, only_the_kinds_asked_for_are_listed);
	tcase_add_test(tc, system_list_has_all_of_our_own);
	tcase_add_test(tc, hostile_command_cannot_disturb_a_terminal);
	tcase_add_test(tc, hostile_command_leaves_json_valid);
	tcase_add_test(tc, every_form_ends_in_one_newline_and_names_each_namespace);
	tcase_add_test(tc, kinds_have_their_kernel_names);
	add_children(tc);
	tcase_add_test(tc, processes_that_vanish_never_fail_a_list);
	tcase_add_test(tc, many_threads_list_at_once);
	tcase_add_test(tc, descriptors_that_run_out_are_an_error_and_never_a_shorter_list);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
