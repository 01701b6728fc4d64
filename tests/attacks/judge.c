/* SPDX-License-Identifier: MIT */
/* One run of an attack; see judge.h. */
#include "attacks/judge.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <container/cgroup.h>

#include "attacks/words.h"
#include "support/needs.h"
#include "support/user.h"

enum role role_now;

/* Of the run at hand; the record is shared with its process. */
static const struct attack *attack_now;
static bool guarded_now, with_cgroup_now;
static struct record *record_now;

/* The intruder; opened before rights are given up, as the build directory may be closed to others. */
static int intruder_fd = -1;

/* ------------------------------------------------------------------- remarks */

void remark(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(record_now->words, sizeof(record_now->words), format, args);
	va_end(args);
	/* One line, as it will be shown in one. */
	for (char *at = record_now->words; *at; at++)
		if (*at == '\n')
			*at = at[1] ? ';' : '\0';
}

enum verdict why_absent(const char *format, ...)
{
	char words[512];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	remark("%s", words);
	return ABSENT;
}

/* --------------------------------------------------------------------- roles */

const char *role_name(enum role role)
{
	static const char *const names[] = {
		[AS_ROOT] = "root",
		[AS_MAPPED_ROOT] = "root of a user namespace",
		[AS_USER] = "user",
		[AS_ROOTLESS_ROOT] = "rootless root",
		[AS_ROOTLESS_USER] = "rootless user",
	};

	return names[role];
}

enum role strongest_role(void)
{
	return geteuid() == 0 ? AS_ROOT : AS_ROOTLESS_ROOT;
}

/* For good; ends the process with 77 if it cannot be had. */
static void take_role(void)
{
	if (geteuid() != 0)
		need_user();
	else if (role_now == AS_ROOTLESS_USER)
		need_user_with_subids();
	else if (role_now == AS_ROOTLESS_ROOT)
		need_user();
	else
		need_root();
}

ct_spec *spec_of_role(const char *const *words)
{
	const char *argv[16] = {"/bin/intruder"};
	ct_spec *spec;

	for (size_t i = 0; words[i] && i < 14; i++)
		argv[i + 1] = words[i];
	spec = spec_of(argv);
	if (role_now == AS_MAPPED_ROOT && in_first_user_ns()) {
		set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	} else if (role_now == AS_MAPPED_ROOT) {
		set(ct_spec_add_uid_map(spec, 0, 1000, 30000));
		set(ct_spec_add_gid_map(spec, 0, 1000, 30000));
	}
	if (role_now == AS_ROOTLESS_USER)
		set(ct_spec_set_idmap(spec, CT_IDMAP_SUBIDS, 0));
	if (1u << role_now & BY_USERS)
		set(ct_spec_set_user(spec, 1000, 1000));
	return spec;
}

/* ------------------------------------------------------------------ verdicts */

enum verdict verdict_of_exit(int code, int signal, const char *output)
{
	remark("%s", output);
	if (signal == 0 && code == EXIT_THROUGH)
		return THROUGH;
	if (signal == 0 && code == EXIT_HELD)
		return HELD;
	if (signal == 0 && code == EXIT_ABSENT)
		return ABSENT;
	remark("it ended with code %d, signal %d: %s", code, signal, output);
	return SHOWS_NOTHING;
}

static enum verdict verdict_of_outcome(const struct outcome *outcome)
{
	char text[512];

	snprintf(text, sizeof(text), "%.250s%.250s", outcome->out, outcome->errors);
	return verdict_of_exit(outcome->how.code, outcome->how.signal, text);
}

enum verdict verdict_of(ct_spec *spec)
{
	struct outcome *outcome = attempt(spec);

	ct_spec_free(spec);
	if (outcome->code < 0) {
		remark("%s", outcome->err.sentence);
		return SHOWS_NOTHING;
	}
	return verdict_of_outcome(outcome);
}

enum verdict verdict_or_refusal(ct_spec *spec, int step)
{
	struct outcome *outcome = attempt(spec);

	ct_spec_free(spec);
	if (outcome->code == 0)
		return verdict_of_outcome(outcome);
	remark("%s", outcome->err.sentence);
	return outcome->err.step == step ? HELD : SHOWS_NOTHING;
}

/* ------------------------------------------------------------------- the box */

const char *in_host(const char *name)
{
	char path[PATH_MAX / 4];

	snprintf(path, sizeof(path), "host/%s", name);
	return in_dir(path);
}

/* What hosts have, under the names that images like to have links for. */
static void make_host(void)
{
	static const char *const dirs[] = {
		"", "sub", "pts", "shm", "sys", "sys/net", "sys/net/ipv4"};
	static const char *const files[] = {"null", "zero", "full", "ptmx", "console",
		"resolv.conf", "file", "sub/file", "sys/net/ipv4/ip_unprivileged_port_start"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		ck_assert_int_eq(mkdir(in_host(dirs[i]), 0755), 0);
	write_file(in_host("secret"), "the host's secret\n", 0644);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(in_host(files[i]), "the host's\n", 0644);
}

/* "device:inode" of a file. */
static const char *identity_of(const char *path)
{
	static char texts[4][64];
	static unsigned int next;
	char *text = texts[next++ % 4];
	struct stat stat_of;

	ck_assert_msg(stat(path, &stat_of) == 0, "%s: %s", path, strerror(errno));
	snprintf(text, 64, "%llu:%llu", (unsigned long long)stat_of.st_dev,
		(unsigned long long)stat_of.st_ino);
	return text;
}

static const char *handle_of(const char *path, int *ret_type)
{
	static char hex[2 * MAX_HANDLE_SZ + 8];
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file;
	int mount;

	file.handle.handle_bytes = MAX_HANDLE_SZ;
	*ret_type = 0;
	if (name_to_handle_at(AT_FDCWD, path, &file.handle, &mount, 0) < 0)
		return "none";
	*ret_type = file.handle.handle_type;
	for (unsigned int i = 0; i < file.handle.handle_bytes; i++)
		snprintf(hex + 2 * i, 3, "%02x", file.handle.f_handle[i]);
	return hex;
}

static void tell_intruder(void)
{
	char text[4096];
	int type;
	const char *handle = handle_of(in_host("secret"), &type);

	snprintf(text, sizeof(text),
		"secret=%s\ncontent=the host's secret\ncanary=%s\nexecutable=%s\nhandle=%s\n"
		"handle_type=%d\nabstract=ct-attack-%d\n",
		in_host("secret"), identity_of(box.canary), identity_of("/proc/self/exe"), handle,
		type, getpid());
	write_file(in_root("etc/told"), text, 0644);
}

static void setup(void)
{
	char intruder[64];

	take_role();
	box_setup();
	snprintf(intruder, sizeof(intruder), "/proc/self/fd/%d", intruder_fd);
	copy_program(intruder, in_root("bin/intruder"), 0755);
	make_host();
	tell_intruder();
}

/* ----------------------------------------------------------------- one run */

static enum verdict run_words(void)
{
	ct_spec *spec;

	if (!guarded_now && !attack_now->loosen)
		return in_bare_chroot(attack_now->words);
	spec = spec_of_role(attack_now->words);
	if (attack_now->prepare)
		attack_now->prepare(spec);
	if (!guarded_now)
		attack_now->loosen(spec);
	return verdict_of(spec);
}

START_TEST(attempt_attack)
{
	uint64_t before;
	enum verdict verdict;

	if (attack_now->lay)
		attack_now->lay();
	before = digest_of(in_dir("host"));
	verdict = attack_now->run ? attack_now->run(guarded_now) : run_words();
	if (digest_of(in_dir("host")) != before) {
		remark("the host's tree has changed");
		verdict = THROUGH;
	}
	record_now->verdict = verdict;
}
END_TEST

START_TEST(start_harmless_container)
{
	ct_spec *spec = spec_of_role(WORDS("find-variables"));

	/* What is sought is not there, and that is well. */
	if (with_cgroup_now) {
		set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 32));
		set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 32 << 20));
	}
	record_now->verdict = verdict_of(spec);
}
END_TEST

static struct record run_alone(const TTest *test)
{
	Suite *suite = suite_create("attack");
	TCase *tcase = tcase_create("attack");
	SRunner *runner;
	struct record record;

	if (!record_now)
		record_now = mmap(NULL, sizeof(*record_now), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (intruder_fd < 0)
		intruder_fd = open(TEST_INTRUDER, O_RDONLY | O_CLOEXEC);
	if (record_now == MAP_FAILED || intruder_fd < 0)
		abort();
	*record_now = (struct record){0};
	tcase_add_checked_fixture(tcase, setup, box_teardown);
	tcase_set_timeout(tcase, SENTENCE_LIMIT_S);
	tcase_add_test(tcase, test);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_SILENT);
	if (srunner_ntests_failed(runner) > 0) {
		TestResult **failures = srunner_failures(runner);

		/* What got through did, whatever else it left. */
		if (record_now->verdict != THROUGH) {
			record_now->verdict = SHOWS_NOTHING;
			/* Its reason has been printed. */
			remark("%s", strstr(tr_msg(failures[0]), "return value 77")
					     ? "the role cannot be taken here"
					     : tr_msg(failures[0]));
		}
		free(failures);
	}
	record = *record_now;
	srunner_free(runner);
	return record;
}

struct record judge(const struct attack *attack, enum role role, bool guarded)
{
	attack_now = attack;
	role_now = role;
	guarded_now = guarded;
	return run_alone(attempt_attack);
}

struct record judge_role(enum role role, bool with_cgroup)
{
	with_cgroup_now = with_cgroup;
	role_now = role;
	return run_alone(start_harmless_container);
}
