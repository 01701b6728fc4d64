/* SPDX-License-Identifier: MIT */
/* The fixture of the tests of containers; see box.h. */
#include "support/box.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef TEST_BUSYBOX
#define TEST_BUSYBOX "/bin/busybox"
#endif

struct box box;

/* Opened before rights are given up: the build directory may be closed to others. */
static int busybox_fd = -1, probe_fd = -1;

static const char *const applets[] = {"sh", "cat", "echo", "ls", "mount", "umount", "ps", "id",
	"hostname", "touch", "mkdir", "rm", "stat", "true", "false", "env", "readlink", "dd", "ln",
	"chmod", "chown", "test", "sleep", "kill", "grep", "wc", "head", "tr", "su", "mknod", "df",
	"sort", "seq", "ip", "ifconfig", "find", "pwd", "printf", "cp", "mv"};

/* -------------------------------------------------------------- the fixture */

static void open_programs(void)
{
	if (busybox_fd < 0)
		busybox_fd = open(TEST_BUSYBOX, O_RDONLY | O_CLOEXEC);
	if (probe_fd < 0)
		probe_fd = open(TEST_PROBE, O_RDONLY | O_CLOEXEC);
}

static void copy_fd(int source, const char *path, mode_t mode)
{
	struct stat stat;
	off_t offset = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(fstat(source, &stat), 0);
	while (offset < stat.st_size)
		ck_assert_int_gt(sendfile(fd, source, &offset, (size_t)(stat.st_size - offset)), 0);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

void copy_program(const char *program, const char *path, mode_t mode)
{
	int source = open(program, O_RDONLY | O_CLOEXEC);

	ck_assert_msg(source >= 0, "%s: %s", program, strerror(errno));
	copy_fd(source, path, mode);
	close(source);
}

void copy_probe(const char *path, mode_t mode)
{
	copy_fd(probe_fd, path, mode);
}

void write_file(const char *path, const char *content, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

const char *read_file(const char *path)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count;

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	count = read(fd, text, sizeof(text) - 1);
	close(fd);
	ck_assert_int_ge(count, 0);
	text[count] = '\0';
	return text;
}

static const char *join(const char *top, const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", top, name);
	return path;
}

const char *in_dir(const char *name)
{
	return join(box.dir, name);
}

const char *in_root(const char *name)
{
	return join(box.root, name);
}

static void make_root(void)
{
	static const char *const dirs[] = {"bin", "etc", "dev", "proc", "sys", "tmp", "mnt", "var", "home"};

	ck_assert_int_eq(mkdir(box.root, 0755), 0);
	/* Whatever the umask of the test is. */
	ck_assert_int_eq(chmod(box.root, 0755), 0);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		ck_assert_int_eq(mkdir(in_root(dirs[i]), 0755), 0);
		ck_assert_int_eq(chmod(in_root(dirs[i]), 0755), 0);
	}
	ck_assert_int_eq(chmod(in_root("tmp"), 01777), 0);
	copy_fd(busybox_fd, in_root("bin/busybox"), 0755);
	copy_fd(probe_fd, in_root("bin/probe"), 0755);
	for (size_t i = 0; i < sizeof(applets) / sizeof(applets[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "bin/%s", applets[i]);
		ck_assert_int_eq(symlink("busybox", in_root(path)), 0);
	}
	write_file(in_root("etc/passwd"),
		"root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n", 0644);
	write_file(in_root("etc/group"), "root:x:0:\nuser:x:1000:\n", 0644);
	write_file(in_root("etc/inside"), "this is the container's\n", 0644);
}

void box_setup(void)
{
	const char *temp = getenv("TMPDIR");
	ct_error err = CT_ERROR_INIT;

	memset(&box, 0, sizeof(box));
	touch_threads();
	open_programs();
	ck_assert_int_ge(busybox_fd, 0);
	ck_assert_int_ge(probe_fd, 0);
	snprintf(box.dir, sizeof(box.dir), "%s/ct-test.XXXXXX", temp ? temp : "/tmp");
	ck_assert_msg(mkdtemp(box.dir) != NULL, "%s: %s", box.dir, strerror(errno));
	snprintf(box.root, sizeof(box.root), "%.*s/root", (int)sizeof(box.root) - 8, box.dir);
	snprintf(box.canary, sizeof(box.canary), "%.*s/canary", (int)sizeof(box.canary) - 8, box.dir);
	write_file(box.canary, "this is the host's\n", 0644);
	make_root();
	/* A container's user other than root must be able to pass. */
	ck_assert_int_eq(chmod(box.dir, 0755), 0);
	box.descriptors_at_setup = count_descriptors();
	if (ct_rootfs_open(box.root, &box.rootfs, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	box.before = snapshot_take();
}

void box_accept_changes(void)
{
	snapshot_free(box.before);
	box.before = snapshot_take();
	box.accepted = true;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(path);
}

void box_teardown(void)
{
	const char *difference;
	struct snapshot *after;

	await_lone_thread();
	after = snapshot_take();
	difference = snapshot_difference(box.before, after, SNAPSHOT_ENDED);
	ck_assert_msg(difference == NULL, "the test left or changed:\n%s", difference);
	snapshot_free(box.before);
	snapshot_free(after);
	ct_rootfs_free(box.rootfs);
	if (!box.accepted)
		ck_assert_int_eq(count_descriptors(), box.descriptors_at_setup);
	ck_assert_str_eq(read_file(box.canary), "this is the host's\n");
	nftw(box.dir, remove_one, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* ------------------------------------------------------------- what is needed */

static bool has_cap_sys_admin(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	return syscall(SYS_capget, &head, data) == 0 &&
	       (data[0].effective & (1u << CAP_SYS_ADMIN)) != 0;
}

static void skip(const char *reason)
{
	printf("SKIP: %s\n", reason);
	exit(77);
}

static void need_programs(void)
{
	open_programs();
	if (busybox_fd < 0)
		skip(TEST_BUSYBOX " is missing (a static busybox)");
	if (probe_fd < 0)
		skip("the probe is not built");
}

/*
 * Mounts that others make on the machine meanwhile are not to be seen as left behind. Shared
 * once more, among these alone: what a container failed to keep to itself would come here.
 */
static void leave_the_machines_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		skip("cannot make a mount namespace");
}

void need_root(void)
{
	need_programs();
	if (geteuid() != 0 || !has_cap_sys_admin())
		skip("these tests need root with CAP_SYS_ADMIN");
	/* Those of who runs the tests are nobody's business. */
	if (setgroups(0, NULL) < 0)
		skip("cannot give up the groups of root");
	leave_the_machines_mounts();
}

/* An id that belongs to nobody, so that its limits are not shared with a person. */
static uid_t unused_id(void)
{
	for (uid_t id = 54321; id < 60000; id++)
		if (!getpwuid(id) && !getgrgid(id))
			return id;
	skip("no unused user id");
	return 0;
}

static bool can_make_user_ns(void)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0);
	waitpid(child, &status, 0);
	return status == 0;
}

void need_user(void)
{
	need_programs();
	if (geteuid() == 0) {
		uid_t id = unused_id();

		leave_the_machines_mounts();
		if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0)
			skip("cannot become an ordinary user");
		/* Else /proc/self belongs to root, and no id map can be written. */
		prctl(PR_SET_DUMPABLE, 1);
	}
	if (!can_make_user_ns())
		skip("unprivileged user namespaces are not allowed here");
}

/* --------------------------------------------------------------------- check */

Suite *suite_of(const char *name, TCase **ret_case)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, box_setup, box_teardown);
	tcase_set_timeout(tcase, SENTENCE_LIMIT_S);
	suite_add_tcase(suite, tcase);
	*ret_case = tcase;
	return suite;
}

int suite_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed, count;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	count = srunner_ntests_run(runner);
	srunner_free(runner);
	/* A suite that ran nothing has shown nothing. */
	return failed || count == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int scaled(int count)
{
	const char *divisor = getenv("CT_TEST_SCALE");
	int number = divisor ? atoi(divisor) : 1;

	return number > 0 && count >= number ? count / number : 1;
}

int patience_ms(void)
{
	const char *multiplier = getenv("CK_TIMEOUT_MULTIPLIER");
	int number = multiplier ? atoi(multiplier) : 1;

	return 60000 * (number > 1 && number <= 100 ? number : 1);
}

/* ------------------------------------------------------------------ running */

ct_spec *spec_of(const char *const *argv)
{
	ct_spec *spec = visitor_of(argv);

	set(ct_spec_set_rootfs(spec, box.rootfs));
	return spec;
}

ct_spec *visitor_of(const char *const *argv)
{
	ct_spec *spec = NULL;

	set(ct_spec_new(&spec));
	set(ct_spec_set_argv(spec, argv));
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_PIPE, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_PIPE, -1));
	return spec;
}

void add_host_caps(ct_spec *spec)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		char *name;

		if (!(data[cap / 32].permitted >> cap % 32 & 1))
			continue;
		name = cap_to_name(cap);
		ck_assert_ptr_nonnull(name);
		set(ct_spec_add_cap(spec, name));
		cap_free(name);
	}
}

struct sink {
	int fd;
	char *text;
	size_t used, room;
};

/* Takes what is there; closes the descriptor at its end. */
static void drain(struct sink *sink)
{
	char rest[4096];
	size_t free_room = sink->room - 1 - sink->used;
	ssize_t count = free_room ? read(sink->fd, sink->text + sink->used, free_room)
				  : read(sink->fd, rest, sizeof(rest));

	if (count < 0 && errno == EINTR)
		return;
	if (count <= 0) {
		close(sink->fd);
		sink->fd = -1;
	} else if (free_room) {
		sink->used += (size_t)count;
	}
	sink->text[sink->used] = '\0';
}

static void read_both(struct sink sinks[2])
{
	while (sinks[0].fd >= 0 || sinks[1].fd >= 0) {
		struct pollfd polls[2] = {{sinks[0].fd, POLLIN, 0}, {sinks[1].fd, POLLIN, 0}};
		int ready = poll(polls, 2, PATIENCE_MS);

		if (ready < 0 && errno == EINTR)
			continue;
		ck_assert_msg(ready > 0, "the container neither wrote nor ended");
		for (int i = 0; i < 2; i++)
			if (polls[i].revents)
				drain(&sinks[i]);
	}
}

struct outcome *outcome_of(int code, ct_container *container, const ct_error *err)
{
	static struct outcome outcome;
	struct sink sinks[2];

	memset(&outcome, 0, offsetof(struct outcome, out));
	outcome.out[0] = outcome.errors[0] = '\0';
	outcome.err = *err;
	outcome.how = (ct_exit)CT_EXIT_INIT;
	outcome.code = code;
	if (outcome.code < 0) {
		ck_assert_ptr_null(container);
		return &outcome;
	}
	sinks[0] = (struct sink){ct_container_take_stdio(container, 1), outcome.out, 0,
		sizeof(outcome.out)};
	sinks[1] = (struct sink){ct_container_take_stdio(container, 2), outcome.errors, 0,
		sizeof(outcome.errors)};
	read_both(sinks);
	outcome.how = wait_for(container);
	ct_container_free(container);
	return &outcome;
}

struct outcome *attempt(ct_spec *spec)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_spawn(spec, &container, &err);

	return outcome_of(code, container, &err);
}

struct outcome *run(ct_spec *spec)
{
	struct outcome *outcome = attempt(spec);

	ck_assert_msg(outcome->code == 0, "spawn: %s", outcome->err.sentence);
	return outcome;
}

const char *output_of(ct_spec *spec)
{
	struct outcome *outcome = run(spec);

	ct_spec_free(spec);
	ck_assert_msg(outcome->how.code == 0, "code %d signal %d, printed: %s%s", outcome->how.code,
		outcome->how.signal, outcome->out, outcome->errors);
	return outcome->out;
}

void await_ready(ct_container *container)
{
	char line[7] = "";
	int fd = ct_container_take_stdio(container, 1);

	ck_assert_int_ge(fd, 0);
	ck_assert(readable(fd, PATIENCE_MS));
	ck_assert_int_eq(read(fd, line, 6), 6);
	ck_assert_str_eq(line, "ready\n");
	close(fd);
}

ct_container *start_ready(ct_spec *spec)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("spawn: %s", err.sentence);
	await_ready(container);
	return container;
}

ct_exit wait_for(ct_container *container)
{
	ct_exit how = CT_EXIT_INIT;
	ct_error err = CT_ERROR_INIT;
	int code;

	do
		code = ct_wait(container, PATIENCE_MS, &how, &err);
	while (code == -EINTR);
	ck_assert_msg(code == 0, "wait: %s", err.sentence);
	return how;
}

/* ------------------------------------------------------------ reading results */

bool has_fact(const char *out, const char *name)
{
	char start[300];

	snprintf(start, sizeof(start), "\n%s=", name);
	return strncmp(out, start + 1, strlen(start + 1)) == 0 || strstr(out, start) != NULL;
}

static const char *value_after(const char *out, const char *start, const char *name)
{
	static char values[8][8192];
	static unsigned int next;
	char *value = values[next++ % 8];
	const char *found = strncmp(out, start + 1, strlen(start + 1)) == 0 ? out - 1
									    : strstr(out, start);

	ck_assert_msg(found != NULL, "nothing is said about %s in:\n%.4000s", name, out);
	found += strlen(start);
	snprintf(value, sizeof(values[0]), "%.*s", (int)strcspn(found, "\n"), found);
	return value;
}

const char *fact(const char *out, const char *name)
{
	char start[300];

	snprintf(start, sizeof(start), "\n%s=", name);
	return value_after(out, start, name);
}

const char *tried(const char *out, const char *what)
{
	char start[PATH_MAX + 16];

	snprintf(start, sizeof(start), "\n%s -> ", what);
	return value_after(out, start, what);
}

void expect_error(int code, const ct_error *err, int want_code, int want_step, const char *object,
	const char *words)
{
	ck_assert_msg(code == want_code && err->code == want_code && err->step == want_step,
		"expected %s at \"%s\", got %d (in the error %d) at \"%s\": %s",
		strerrorname_np(-want_code), ct_step_name(want_step), code, err->code,
		ct_step_name(err->step), err->sentence);
	if (object)
		ck_assert_msg(strstr(err->object, object) != NULL,
			"the object is \"%s\" and should name \"%s\": %s", err->object, object,
			err->sentence);
	if (words)
		ck_assert_msg(strstr(err->sentence, words) != NULL,
			"the sentence should say \"%s\": %s", words, err->sentence);
	ck_assert_ptr_nonnull(strstr(err->sentence, ct_step_name(want_step)));
}

const char *ns_of(pid_t pid, const char *kind)
{
	static char values[8][64];
	static unsigned int next;
	char *value = values[next++ % 8];
	char path[64];
	ssize_t length;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	length = readlink(path, value, sizeof(values[0]) - 1);
	ck_assert_msg(length > 0, "%s: %s", path, strerror(errno));
	value[length] = '\0';
	return value;
}

static uint64_t digest;

static void mix(const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		digest = (digest ^ bytes[i]) * 1099511628211ull;
}

static int digest_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	/* Order of a directory is not fixed, so each entry counts alone and they are summed. */
	static char content[65536];
	uint64_t sum = digest;
	ssize_t count;
	int fd;

	(void)walk;
	digest = 14695981039346656037ull;
	mix(path, strlen(path));
	mix(&stat->st_mode, sizeof(stat->st_mode));
	mix(&stat->st_uid, sizeof(stat->st_uid));
	mix(&stat->st_gid, sizeof(stat->st_gid));
	mix(&stat->st_ino, sizeof(stat->st_ino));
	mix(&stat->st_mtim, sizeof(stat->st_mtim));
	if (type == FTW_F && S_ISREG(stat->st_mode)) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		for (count = read(fd, content, sizeof(content)); count > 0;
			count = read(fd, content, sizeof(content)))
			mix(content, (size_t)count);
		close(fd);
	} else if (type == FTW_SL) {
		count = readlink(path, content, sizeof(content));
		mix(content, (size_t)(count > 0 ? count : 0));
	}
	digest += sum;
	return 0;
}

uint64_t digest_of(const char *path)
{
	digest = 0;
	ck_assert_int_eq(nftw(path, digest_one, 64, FTW_PHYS), 0);
	return digest;
}

/* ------------------------------------------------------------------ processes */

bool readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = {fd, POLLIN, 0};
	int ready;

	do
		ready = poll(&poll_fd, 1, timeout_ms);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

void end_child(pid_t child)
{
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

void expect_child(pid_t child)
{
	int fd = (int)syscall(SYS_pidfd_open, child, 0);
	bool ended = readable(fd, 3 * PATIENCE_MS);
	int status = 0;

	close(fd);
	if (!ended)
		kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(ended, "the child did not end");
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status %x",
		status);
}

static void install_filter(struct sock_filter *code, size_t count)
{
	struct sock_fprog program = {(unsigned short)count, code};

	if (geteuid() != 0)
		ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void filter_call(int number, unsigned int action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	install_filter(code, sizeof(code) / sizeof(code[0]));
}

void fail_call_with(int number, int argument, int value, int error)
{
	unsigned int at = offsetof(struct seccomp_data, args) + (unsigned int)argument * 8;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	install_filter(code, sizeof(code) / sizeof(code[0]));
}

void fail_call(int number, int error)
{
	filter_call(number, SECCOMP_RET_ERRNO | (unsigned int)error);
}

void kill_at_call(int number)
{
	filter_call(number, SECCOMP_RET_KILL_PROCESS);
}

void drop_host_cap(int cap)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
	data[cap / 32].effective &= ~(1u << (cap % 32));
	data[cap / 32].permitted &= ~(1u << (cap % 32));
	data[cap / 32].inheritable &= ~(1u << (cap % 32));
	ck_assert_int_eq(syscall(SYS_capset, &head, data), 0);
}
