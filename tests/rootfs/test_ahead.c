/* SPDX-License-Identifier: MIT */
/* The thread that decodes ahead: what it is for, that it goes, and that nobody notices it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

#define FILES 30
#define SIZE  300000 /* of each: more in all than is ever decoded ahead */

static const char *const filters[] = {"gzip", "zstd", ""};

static char content[SIZE];
static struct tar packed;

/* What file i holds. */
static void make_content(int i)
{
	for (int at = 0; at < SIZE; at++)
		content[at] = (char)('a' + (at / 100 + i) % 26);
}

static void setup(void)
{
	char name[16];

	fixture_setup();
	for (int i = 0; i < FILES; i++) {
		make_content(i);
		snprintf(name, sizeof(name), "d/%02d", i);
		TAR(&fx.tar, .name = name, .data = content, .size = SIZE);
	}
}

static void pack(const char *filter)
{
	tar_end(&fx.tar);
	packed = tar_compressed(&fx.tar, filter);
	fx.options.max_ratio = CT_UNLIMITED;
}

static void teardown(void)
{
	tar_free(&packed);
	fixture_teardown();
}

static int extract_packed(void)
{
	return ct_rootfs_extract_memory(packed.data, packed.size, fx.dest, &fx.options, NULL, &fx.err);
}

static void assert_all_is_there(void)
{
	static char found[SIZE + 1];
	char name[16];

	for (int i = 0; i < FILES; i++) {
		int fd;

		snprintf(name, sizeof(name), "d/%02d", i);
		fd = open(below(name), O_RDONLY | O_CLOEXEC);
		ck_assert_int_eq(read(fd, found, sizeof(found)), SIZE);
		close(fd);
		make_content(i);
		ck_assert_int_eq(memcmp(found, content, SIZE), 0);
	}
}

static void write_archive(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_eq(write(fd, packed.data, packed.size), (ssize_t)packed.size);
	close(fd);
}

/* -------------------------------------------------------------------- the threads there are */

/* Threads of this process beside the caller; one of them in *ret_tid. */
static int others(pid_t *ret_tid)
{
	DIR *list = opendir("/proc/self/task");
	struct dirent *entry;
	int count = 0;

	ck_assert_ptr_nonnull(list);
	while ((entry = readdir(list))) {
		pid_t tid = atoi(entry->d_name);

		if (tid == 0 || tid == gettid())
			continue;
		count++;
		if (ret_tid)
			*ret_tid = tid;
	}
	closedir(list);
	return count;
}

struct watch {
	int most; /* other threads at once */
	uint64_t blocked; /* signals, of such a thread */
	int cancel_after; /* so many reports; 0: never */
};

static uint64_t blocked_of(pid_t tid)
{
	char path[64], line[128];
	uint64_t mask = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status)) {
		if (strncmp(line, "SigBlk:", 7) == 0)
			mask = strtoull(line + 7, NULL, 16);
	}
	if (status)
		fclose(status);
	return mask;
}

static int look(const ct_extract_progress *progress, void *data)
{
	struct watch *watch = data;
	pid_t tid = 0;
	int count = others(&tid);

	(void)progress;
	if (count > watch->most) {
		watch->most = count;
		watch->blocked = blocked_of(tid);
	}
	return watch->cancel_after && --watch->cancel_after == 0;
}

static void watch_by(struct watch *watch)
{
	fx.options.progress = look;
	fx.options.progress_data = watch;
}

START_TEST(extract_decodes_large_archives_in_a_thread_of_which_nothing_is_left)
{
	struct watch watch = {0};

	pack(filters[_i]);
	watch_by(&watch);
	ck_assert_msg(extract_packed() == 0, "%s", fx.err.sentence);
	ck_assert_int_eq(others(NULL), 0); /* at once: the host may go on to unshare(2) */
	ck_assert_int_eq(watch.most, 1);
	assert_all_is_there();
}
END_TEST

START_TEST(extract_makes_no_thread_for_what_a_first_piece_holds)
{
	struct watch watch = {0};

	tar_free(&fx.tar);
	TAR(&fx.tar, .name = "small", .data = "small");
	pack("gzip");
	watch_by(&watch);
	ck_assert_int_eq(extract_packed(), 0);
	ck_assert_int_eq(watch.most, 0);
}
END_TEST

START_TEST(extract_lets_its_thread_take_no_signal)
{
	struct watch watch = {0};
	sigset_t before, after;

	pack("gzip");
	watch_by(&watch);
	ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
	ck_assert_int_eq(extract_packed(), 0);
	ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
	for (int signal = 1; signal <= 64; signal++)
		ck_assert_int_eq(sigismember(&before, signal), sigismember(&after, signal));
	/* All that can be blocked, but for two by which libc has threads change their ids. */
	for (int signal = 1; signal <= 64; signal++) {
		if (signal != SIGKILL && signal != SIGSTOP && signal != 32 && signal != 33)
			ck_assert_msg(watch.blocked >> (signal - 1) & 1, "signal %d", signal);
	}
}
END_TEST

START_TEST(extract_that_is_cancelled_leaves_no_thread)
{
	struct watch watch = {.cancel_after = 1 + _i * 9};

	pack(filters[_i % 3]);
	watch_by(&watch);
	ck_assert_int_eq(extract_packed(), -ECANCELED);
	ck_assert_int_eq(others(NULL), 0);
	assert_nothing_left();
}
END_TEST

START_TEST(extract_refused_by_a_late_entry_leaves_no_thread)
{
	TAR(&fx.tar, .name = "../evil", .data = "x");
	pack("gzip");
	ck_assert_int_eq(extract_packed(), -EXDEV);
	ck_assert_int_eq(others(NULL), 0);
	assert_nothing_left();
}
END_TEST

START_TEST(extract_tells_damage_behind_what_was_decoded_ahead)
{
	pack(filters[_i]);
	ck_assert_int_eq(ct_rootfs_extract_memory(packed.data, packed.size - packed.size / 8, fx.dest,
				 &fx.options, NULL, &fx.err),
		-EBADMSG);
	ck_assert_int_eq(fx.err.step, CT_STEP_ARCHIVE);
	ck_assert_int_eq(others(NULL), 0);
	assert_nothing_left();
}
END_TEST

START_TEST(extract_stops_at_quotas_whatever_was_decoded_ahead)
{
	fx.options.max_bytes = 20 * SIZE - 1;
	pack("zstd");
	ck_assert_int_eq(extract_packed(), -EDQUOT);
	ck_assert_str_eq(fx.err.object, "d/19");
	assert_nothing_left();
}
END_TEST

/* ---------------------------------------------------------------------- without a thread */

/* From here on this process gets no thread. */
static void refuse_threads(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 2),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void *nothing(void *data)
{
	return data;
}

START_TEST(extract_does_the_same_where_no_thread_can_be_had)
{
	struct watch watch = {0};
	pthread_t thread;

	pack(filters[_i]);
	refuse_threads();
	ck_assert_int_eq(pthread_create(&thread, NULL, nothing, NULL), EAGAIN);
	watch_by(&watch);
	ck_assert_msg(extract_packed() == 0, "%s", fx.err.sentence);
	ck_assert_int_eq(watch.most, 0);
	assert_all_is_there();
}
END_TEST

static ssize_t feed_piece(void *buffer, size_t size, void *data)
{
	size_t *at = data;

	ck_assert_int_eq(others(NULL), 0);
	size = size < packed.size - *at ? size : packed.size - *at;
	memcpy(buffer, packed.data + *at, size);
	*at += size;
	return (ssize_t)size;
}

START_TEST(extract_calls_back_in_the_thread_of_the_caller)
{
	size_t at = 0;

	pack(filters[_i]);
	ck_assert_int_eq(
		ct_rootfs_extract_stream(feed_piece, &at, fx.dest, &fx.options, NULL, &fx.err), 0);
	assert_all_is_there();
}
END_TEST

/* The writing end stays open and empty: who waits for more waits for ever. */
START_TEST(extract_refuses_what_came_by_a_pipe_before_more_comes)
{
	int ends[2];

	tar_free(&fx.tar);
	TAR(&fx.tar, .name = "../evil", .data = "x");
	tar_raw(&fx.tar, content, 8192);
	pack("");
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(write(ends[1], packed.data, packed.size), (ssize_t)packed.size);
	ck_assert_int_eq(ct_rootfs_extract_fd(ends[0], fx.dest, &fx.options, NULL, &fx.err), -EXDEV);
	close(ends[0]);
	close(ends[1]);
	assert_nothing_left();
}
END_TEST

/* ------------------------------------------------------------------------------ the host */

/* In a process of its own: memory that was once used counts for ever. */
START_TEST(extract_holds_less_than_64_mib_however_large_the_archive_is)
{
	struct rusage usage;
	char archive[300];
	int status = -1;
	pid_t pid;

	snprintf(archive, sizeof(archive), "%s/archive", fx.dir);
	for (int i = 0; i < 4; i++) { /* content of 144 MB */
		size_t size = fx.tar.size;

		fx.tar.data = realloc(fx.tar.data, 2 * size);
		ck_assert_ptr_nonnull(fx.tar.data);
		memcpy(fx.tar.data + size, fx.tar.data, size);
		fx.tar.size = fx.tar.room = 2 * size;
	}
	pack("gzip");
	ck_assert_uint_gt(fx.tar.size, 140000000);
	write_archive(archive);
	tar_free(&fx.tar);
	tar_free(&packed);
	pid = fork();
	if (pid == 0) {
		long before;

		getrusage(RUSAGE_SELF, &usage);
		before = usage.ru_maxrss;
		if (ct_rootfs_extract(archive, fx.dest, &fx.options, NULL, &fx.err) < 0)
			_exit(1);
		getrusage(RUSAGE_SELF, &usage);
		_exit(usage.ru_maxrss - before > 64 << 10 ? 2 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	assert_all_is_there();
}
END_TEST

static void *extract_cancelled(void *data)
{
	int rc;

	pthread_cancel(pthread_self()); /* it comes at the first call that may be cancelled */
	rc = extract_packed();
	*(int *)data = rc;
	pthread_testcancel();
	return NULL;
}

START_TEST(extract_is_whole_before_its_thread_is_cancelled)
{
	pthread_t thread;
	void *ended = NULL;
	int rc = 1;

	pack("gzip");
	ck_assert_int_eq(pthread_create(&thread, NULL, extract_cancelled, &rc), 0);
	ck_assert_int_eq(pthread_join(thread, &ended), 0);
	ck_assert_ptr_eq(ended, PTHREAD_CANCELED);
	ck_assert_int_eq(rc, 0);
	assert_all_is_there();
}
END_TEST

static void *extract_often(void *data)
{
	size_t failures = 0;

	for (int i = 0; i < 4; i++) {
		char dest[400];

		snprintf(dest, sizeof(dest), "%s/t%p-%d", fx.dir, data, i);
		failures += ct_rootfs_extract_memory(packed.data, packed.size, dest, &fx.options, NULL,
				    NULL) < 0;
		failures += ct_rootfs_remove(dest, NULL) < 0;
	}
	return (void *)failures;
}

START_TEST(extract_in_many_threads_decodes_each_archive_ahead)
{
	pthread_t workers[4];
	char numbers[4];

	pack("gzip");
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&workers[i], NULL, extract_often, &numbers[i]), 0);
	for (int i = 0; i < 4; i++) {
		void *failures = NULL;

		pthread_join(workers[i], &failures);
		ck_assert_ptr_null(failures);
	}
	assert_nothing_left();
}
END_TEST

/* Those that count threads or memory of this process. */
static void add_counted(TCase *tc)
{
	tcase_add_loop_test(tc, extract_decodes_large_archives_in_a_thread_of_which_nothing_is_left, 0, 3);
	tcase_add_test(tc, extract_makes_no_thread_for_what_a_first_piece_holds);
	tcase_add_test(tc, extract_lets_its_thread_take_no_signal);
	tcase_add_loop_test(tc, extract_that_is_cancelled_leaves_no_thread, 0, 4);
	tcase_add_test(tc, extract_refused_by_a_late_entry_leaves_no_thread);
	tcase_add_loop_test(tc, extract_tells_damage_behind_what_was_decoded_ahead, 0, 2);
	tcase_add_loop_test(tc, extract_does_the_same_where_no_thread_can_be_had, 0, 3);
	tcase_add_loop_test(tc, extract_calls_back_in_the_thread_of_the_caller, 0, 3);
	tcase_add_test(tc, extract_holds_less_than_64_mib_however_large_the_archive_is);
}

/* Under ThreadSanitizer, whose thread and memory would be counted, too. */
#ifdef __SANITIZE_THREAD__
static const bool has_threads_of_its_own = true;
#else
static const bool has_threads_of_its_own = false;
#endif

int main(void)
{
	Suite *suite = suite_create("ahead");
	TCase *tc = tcase_create("ahead");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	if (!has_threads_of_its_own)
		add_counted(tc);
	tcase_add_test(tc, extract_stops_at_quotas_whatever_was_decoded_ahead);
	tcase_add_test(tc, extract_refuses_what_came_by_a_pipe_before_more_comes);
	tcase_add_test(tc, extract_is_whole_before_its_thread_is_cancelled);
	tcase_add_test(tc, extract_in_many_threads_decodes_each_archive_ahead);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
