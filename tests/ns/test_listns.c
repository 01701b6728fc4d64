/* SPDX-License-Identifier: MIT */
/*
 * Both ways to the namespaces of the system: listns(2), Linux 6.19, and /proc alone.
 * Where the kernel has no listns, what stands in its place here is a function of this
 * file that names what the test wants named, and opens it by a descriptor that the test
 * holds. That is all that is faked: the descriptors, and what is asked through them, are
 * the kernel's own. Where the kernel has it, the last test compares the two ways.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns/ns.h"
#include "sys/procfs.h"

/* ------------------------------------------------------- a kernel of our own */

/* What it names: these ids, from 1 on; the descriptor of each is fds[id - 1]. */
static int fds[600];
static size_t fd_count;
static int list_error, open_error;
static uint64_t last_asked;
static int list_calls;

static long fake_list(const struct ct__ns_id_req *request, uint64_t *ret_ids, size_t room)
{
	size_t count = 0;

	list_calls++;
	ck_assert_uint_eq(request->size, 32);
	ck_assert(request->spare == 0 && request->spare2 == 0 && request->user_ns_id == 0);
	if (list_error)
		return list_error;
	last_asked = request->ns_id;
	for (uint64_t id = request->ns_id + 1; id <= fd_count && count < room; id++)
		ret_ids[count++] = id;
	return (long)count;
}

/* One that begins anew each time: a mistake that must not hold us for ever. */
static long stuck_list(const struct ct__ns_id_req *request, uint64_t *ret_ids, size_t room)
{
	struct ct__ns_id_req first = *request;

	first.ns_id = 0;
	return fake_list(&first, ret_ids, room);
}

static int fake_open(uint64_t ns_id)
{
	if (open_error)
		return open_error;
	return fcntl(fds[ns_id - 1], F_DUPFD_CLOEXEC, 3);
}

static const struct ct__ns_kernel fake = {.list = fake_list, .open = fake_open};
static const struct ct__ns_kernel stuck = {.list = stuck_list, .open = fake_open};

static long no_list(const struct ct__ns_id_req *request, uint64_t *ret_ids, size_t room)
{
	(void)request;
	(void)ret_ids;
	(void)room;
	return -ENOSYS;
}

static const struct ct__ns_kernel old_kernel = {.list = no_list, .open = ct__ns_open_id};

static int list_by(
	const struct ct__ns_kernel *kernel, uint32_t kinds, ct_ns_list **ret_list, ct_error *err)
{
	struct ct__ns_scan scan = {
		.kinds = kinds, .kernel = kernel, .proc = ct__procfs_open(), .err = err};
	int ret;

	ck_assert_int_ge(scan.proc, 0);
	ret = ct__ns_list_make(&scan, -EBADF, NULL, ret_list);
	close(scan.proc);
	return ret;
}

static ct_ns_list *list_with(const struct ct__ns_kernel *kernel, uint32_t kinds)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;

	if (list_by(kernel, kinds, &list, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	return list;
}

static ct_ns_stats stats_of(const ct_ns_list *list)
{
	ct_ns_stats stats = CT_NS_STATS_INIT;

	ck_assert_int_eq(ct_ns_list_stats(list, &stats), 0);
	return stats;
}

/* ------------------------------------------------------------------- fixture */

static uint64_t lonely; /* a net namespace without process; fds[0] holds it */

static bool make_lonely(void)
{
	int ready[2], go[2];
	char byte, path[64];
	pid_t child;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return false;
	child = fork();
	if (child == 0) {
		close(go[1]);
		if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET) < 0)
			_exit(1);
		if (write(ready[1], "r", 1) == 1 && read(go[0], &byte, 1) != 0)
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/ns/net", child);
		fds[fd_count++] = open(path, O_RDONLY | O_CLOEXEC);
	}
	close(ready[0]);
	close(go[0]);
	close(go[1]);
	waitpid(child, NULL, 0);
	return fd_count == 1 && ct__ns_id(fds[0], &lonely) == 0;
}

static void setup(void)
{
	fd_count = 0;
	list_error = open_error = list_calls = 0;
	ck_assert(make_lonely());
}

static void teardown(void)
{
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
}

/* ------------------------------------------------------------------ sentences */

START_TEST(namespace_without_process_is_found_by_listns_alone)
{
	ct_ns_list *old = list_with(&old_kernel, CT_NS_ALL), *new = list_with(&fake, CT_NS_ALL);
	ct_ns_info info = CT_NS_INFO_INIT;
	size_t index;

	ck_assert_int_eq(ct_ns_list_find(old, lonely, &index), -ENOENT);
	ck_assert_int_eq(ct_ns_list_find(new, lonely, &index), 0);
	ck_assert_int_eq(ct_ns_list_get(new, index, &info), 0);
	ck_assert_uint_eq(info.kind, CT_NS_NET);
	ck_assert_uint_eq(info.nprocs, 0);
	ck_assert_int_eq(info.keeper, CT_NS_KEEPER_UNKNOWN);
	ck_assert(info.unseen & CT_NS_UNSEEN_KEEPER);
	ck_assert(!(info.unseen & CT_NS_UNSEEN_OWNER) && info.owner_ns != 0);
	ck_assert_uint_eq(stats_of(old).listns, 0);
	ck_assert_uint_eq(stats_of(new).listns, 1);
	ct_ns_list_free(old);
	ct_ns_list_free(new);
}
END_TEST

START_TEST(what_listns_names_and_may_not_be_opened_is_counted)
{
	ct_ns_list *list;

	open_error = -ESTALE;
	list = list_with(&fake, CT_NS_ALL);
	ck_assert_uint_eq(stats_of(list).unopened, 1);
	ck_assert_int_eq(ct_ns_list_find(list, lonely, NULL), -ENOENT);
	ck_assert_uint_ge(ct_ns_list_count(list), 6);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(what_listns_names_counts_once_with_its_members)
{
	ct_ns_list *list;
	ct_ns_info info = CT_NS_INFO_INIT;
	uint64_t own = 0;
	size_t index;

	fds[fd_count++] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	fds[fd_count++] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(ct__ns_id(fds[1], &own), 0);
	list = list_with(&fake, CT_NS_ALL);
	ck_assert_int_eq(ct_ns_list_find(list, own, &index), 0);
	ck_assert_int_eq(ct_ns_list_get(list, index, &info), 0);
	ck_assert_uint_ge(info.nprocs, 1);
	ck_assert_int_eq(info.keeper, CT_NS_KEEPER_PROCESS);
	ck_assert(index == 0 || list->rows[index - 1].info.id != own);
	ck_assert(index + 1 == list->count || list->rows[index + 1].info.id != own);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(only_the_kinds_asked_for_are_taken_from_listns)
{
	ct_ns_list *list = list_with(&fake, CT_NS_UTS);

	ck_assert_int_eq(ct_ns_list_find(list, lonely, NULL), -ENOENT);
	ck_assert_uint_eq(stats_of(list).listns, 1);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(more_than_one_batch_is_read_to_the_end)
{
	ct_ns_list *list;

	while (fd_count < sizeof(fds) / sizeof(fds[0]))
		fds[fd_count++] = fcntl(fds[0], F_DUPFD_CLOEXEC, 3);
	list = list_with(&fake, CT_NS_ALL);
	ck_assert_uint_eq(last_asked, fd_count);
	ck_assert_int_ge(list_calls, 3);
	ck_assert_int_eq(ct_ns_list_find(list, lonely, NULL), 0);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(listns_that_never_comes_to_its_end_is_left)
{
	ct_ns_list *list = list_with(&stuck, CT_NS_ALL);

	ck_assert_int_eq(list_calls, 2);
	ck_assert_int_eq(ct_ns_list_find(list, lonely, NULL), 0);
	ct_ns_list_free(list);
}
END_TEST

static const int refusals[] = {-ENOSYS, -EPERM, -EACCES, -EINVAL};

START_TEST(kernel_or_filter_without_listns_leaves_proc_to_serve)
{
	ct_ns_list *list;

	list_error = refusals[_i];
	list = list_with(&fake, CT_NS_ALL);
	ck_assert_uint_eq(stats_of(list).listns, 0);
	ck_assert_uint_eq(stats_of(list).unopened, 0);
	ck_assert_uint_ge(ct_ns_list_count(list), 6);
	ct_ns_list_free(list);
}
END_TEST

START_TEST(descriptors_that_run_out_at_listns_are_an_error)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;

	open_error = -EMFILE;
	ck_assert_int_eq(list_by(&fake, CT_NS_ALL, &list, &err), -EMFILE);
	ck_assert_int_eq(err.step, CT_STEP_LIST);
	ck_assert_str_eq(err.call, "open_by_handle_at");
	ck_assert_ptr_null(list);
	open_error = 0;
	list_error = -ENOMEM;
	ck_assert_int_eq(list_by(&fake, CT_NS_ALL, &list, &err), -ENOMEM);
	ck_assert_ptr_null(list);
}
END_TEST

/* A handle in full, as Linux 6.18 knows it; from 6.19 on the id alone will do. */
static bool handle_of(int fd, struct ct__ns_handle *ret_handle)
{
	int mount;

	*ret_handle = (struct ct__ns_handle){.bytes = 16};
	return syscall(SYS_name_to_handle_at, fd, "", ret_handle, &mount, AT_EMPTY_PATH) == 0;
}

START_TEST(handle_of_a_namespace_opens_the_same)
{
	struct ct__ns_handle handle;
	uint64_t id = 0;
	int fd;

	ck_assert(handle_of(fds[0], &handle));
	ck_assert_int_eq(handle.type, CT__FILEID_NSFS);
	fd = ct__ns_open_handle(&handle);
	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(ct__ns_id(fd, &id), 0);
	ck_assert_uint_eq(id, lonely);
	close(fd);
}
END_TEST

/* Rows that /proc alone finds must all be there; the other way has more. Others come and go. */
START_TEST(listns_of_this_kernel_finds_all_that_proc_does)
{
	ct_ns_list *before = list_with(&old_kernel, CT_NS_ALL);
	ct_ns_list *listed = list_with(&ct__ns_kernel, CT_NS_ALL);
	ct_ns_list *after = list_with(&old_kernel, CT_NS_ALL);

	ck_assert_uint_eq(stats_of(listed).listns, 1);
	for (size_t i = 0; i < before->count; i++) {
		const ct_ns_info *info = &before->rows[i].info, *other;
		size_t index;

		if (ct_ns_list_find(after, info->id, NULL) < 0)
			continue;
		ck_assert_msg(ct_ns_list_find(listed, info->id, &index) == 0, "%s", info->name);
		other = &listed->rows[index].info;
		ck_assert_uint_eq(other->kind, info->kind);
		ck_assert_uint_eq(other->owner_ns, info->owner_ns);
		ck_assert_uint_eq(other->parent, info->parent);
	}
	ck_assert_int_eq(ct_ns_list_find(listed, lonely, NULL), 0);
	ct_ns_list_free(before);
	ct_ns_list_free(listed);
	ct_ns_list_free(after);
}
END_TEST

/* ---------------------------------------------------------------------- main */

static void add_real(TCase *tc)
{
	struct ct__ns_id_req request = {.size = sizeof(request)};
	struct ct__ns_handle handle;
	uint64_t id;
	int fd = -1;

	fd_count = 0;
	if (make_lonely() && handle_of(fds[0], &handle))
		fd = ct__ns_open_handle(&handle);
	if (fd >= 0)
		tcase_add_test(tc, handle_of_a_namespace_opens_the_same);
	else
		printf("  skipped  handles of namespaces: they need Linux 6.18 and rights over it\n");
	close(fd);
	teardown();
	if (ct__listns(&request, &id, 1) >= 0)
		tcase_add_test(tc, listns_of_this_kernel_finds_all_that_proc_does);
	else
		printf("  skipped  listns of this kernel: it needs Linux 6.19\n");
}

int main(void)
{
	Suite *suite = suite_create("listns");
	TCase *tc = tcase_create("listns");
	SRunner *runner;
	int failed;

	if (!make_lonely()) {
		printf("SKIP: unprivileged user namespaces are not allowed here\n");
		return 77;
	}
	teardown();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, namespace_without_process_is_found_by_listns_alone);
	tcase_add_test(tc, what_listns_names_and_may_not_be_opened_is_counted);
	tcase_add_test(tc, what_listns_names_counts_once_with_its_members);
	tcase_add_test(tc, only_the_kinds_asked_for_are_taken_from_listns);
	tcase_add_test(tc, more_than_one_batch_is_read_to_the_end);
	tcase_add_test(tc, listns_that_never_comes_to_its_end_is_left);
	tcase_add_loop_test(tc, kernel_or_filter_without_listns_leaves_proc_to_serve, 0, 4);
	tcase_add_test(tc, descriptors_that_run_out_at_listns_are_an_error);
	add_real(tc);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
