/* SPDX-License-Identifier: MIT */
/*
 * Containers that are found again: saved by one process, opened by another. What the file can be
 * made to say, by accident or by others, is refused.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/container.h>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;
static int dir = -1;

static void setup(void)
{
	box_setup();
	ck_assert_int_eq(mkdir(in_dir("state"), 0700), 0);
	dir = open(in_dir("state"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir, 0);
}

static void teardown(void)
{
	close(dir);
	box_teardown();
}

static ct_container *start(ct_spec *spec)
{
	ct_container *container = start_ready(spec);

	ct_spec_free(spec);
	return container;
}

#define PAUSING SPEC("/bin/sh", "-c", "echo ready; exec probe pause")

static void must_save(ct_container *container, const char *name)
{
	ck_assert_msg(ct_container_save(container, dir, name, &err) == 0, "%s", err.sentence);
}

static ct_container *must_load(const char *name)
{
	ct_container *container = NULL;

	ck_assert_msg(ct_container_load(dir, name, &container, &err) == 0, "%s", err.sentence);
	return container;
}

static void load_refused(const char *name, int code, const char *words)
{
	ct_container *container = NULL;
	int ret = ct_container_load(dir, name, &container, &err);

	expect_error(ret, &err, code, CT_STEP_STATE, name, words);
	ck_assert_ptr_null(container);
}

static void end(ct_container *container)
{
	ct_exit how = CT_EXIT_INIT;

	ck_assert_msg(ct_stop(container, SIGKILL, 0, &how, &err) == 0, "%s", err.sentence);
}

/* --------------------------------------------------------------- there and back */

START_TEST(container_is_found_again_by_its_name)
{
	ct_container *container = start(PAUSING), *found;

	must_save(container, "web");
	found = must_load("web");
	ck_assert_int_eq(ct_container_pid(found), ct_container_pid(container));
	ct_container_free(found); /* leaves it running */
	ck_assert_int_eq(ct_wait(container, 0, NULL, NULL), -ETIMEDOUT);
	ct_container_free(container);
}
END_TEST

/* The process that made it is gone; this one has it from the file alone. */
START_TEST(container_of_a_host_that_has_ended_is_joined_and_stopped_by_another)
{
	ct_spec *spec = VISITOR("/bin/probe", "facts");
	ct_container *found, *visitor = NULL;
	struct outcome *outcome;
	pid_t host = fork();
	ct_exit how = CT_EXIT_INIT;
	int code;

	if (host == 0) {
		ct_container *container = start(PAUSING);

		if (ct_detach(container, NULL) < 0 || ct_container_save(container, dir, "web", NULL) < 0)
			_exit(1);
		_exit(0);
	}
	expect_child(host);
	found = must_load("web");
	code = ct_join(found, 0, 0, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(code == 0, "%s", err.sentence);
	ck_assert_str_eq(fact(outcome->out, "seccomp"), "2"); /* its filter is in the file */
	ck_assert_int_eq(ct_stop(found, SIGTERM, 0, &how, &err), 0);
	/* Since Linux 6.15 the kernel tells it, once its parent has waited for it. */
	ck_assert(how.why == CT_END_LOST || how.why == CT_END_ASKED);
	ck_assert_int_eq(ct_kill(found, SIGTERM, &err), -ESRCH);
	ct_container_free(found);
	load_refused("web", -ESRCH, "has ended");
	ck_assert_int_eq(ct_state_remove(dir, "web", &err), 0);
	load_refused("web", -ENOENT, NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(cgroup_is_found_again_with_its_limits_and_figures)
{
	ct_figures figures = CT_FIGURES_INIT;
	ct_spec *spec = PAUSING;
	ct_container *container, *found;
	char path[256];

	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 20));
	container = start(spec);
	must_save(container, "web");
	found = must_load("web");
	ck_assert_str_eq(ct_container_cgroup(found), ct_container_cgroup(container));
	ck_assert_int_eq(ct_container_figures(found, &figures, &err), 0);
	ck_assert_uint_eq(figures.pids, 1);
	ck_assert_int_eq(ct_container_set_limit(found, CT_LIMIT_PIDS_MAX, 30, &err), 0);
	ck_assert_int_eq(ct_container_freeze(found, PATIENCE_MS, &err), 0);
	ck_assert_int_eq(ct_container_thaw(found, &err), 0);
	ck_assert_int_eq(ct_container_processes(found, NULL, 0, &err), 1);
	snprintf(path, sizeof(path), "%s", ct_container_cgroup(found));
	ck_assert_int_eq(ct_detach(container, &err), 0);
	ct_container_free(container);
	end(found);
	ct_container_free(found); /* with its cgroup: the teardown finds what is left */
	ck_assert_int_eq(ct_state_remove(dir, "web", &err), 0);
}
END_TEST

START_TEST(cgroup_of_a_container_that_ended_unseen_goes_with_its_state)
{
	ct_spec *spec = PAUSING;
	ct_container *container;
	pid_t pid;

	set(ct_spec_set_cgroup(spec, 1));
	container = start(spec);
	must_save(container, "web");
	pid = ct_container_pid(container);
	ck_assert_int_eq(ct_detach(container, &err), 0);
	ct_container_free(container);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(ct_state_remove(dir, "web", &err), 0);
}
END_TEST

START_TEST(id_maps_and_protections_are_found_again)
{
	ct_spec *spec = PAUSING;
	ct_protection one = CT_PROTECTION_INIT, other = CT_PROTECTION_INIT;
	ct_container *container, *found;
	ct_id_range before, after;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0));
	container = start(spec);
	must_save(container, "web");
	found = must_load("web");
	ck_assert_int_eq(ct_container_uid_map(container, &before, 1), 1);
	ck_assert_int_eq(ct_container_uid_map(found, &after, 1), 1);
	ck_assert_int_eq(memcmp(&before, &after, sizeof(before)), 0);
	for (int item = 1; ct_container_protection(container, item, &one) == 0; item++) {
		ck_assert_int_eq(ct_container_protection(found, item, &other), 0);
		ck_assert_int_eq(one.state, other.state);
	}
	ct_container_free(found);
	ct_container_free(container);
}
END_TEST

static int add_rule(ct_spec *spec)
{
	return ct_spec_add_seccomp_rule(spec, "kill", CT_SECCOMP_ERRNO, EXDEV, NULL, 0);
}

static int set_profile(ct_spec *spec)
{
	static const char text[] = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\":"
				   " [{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 18}]}";

	return ct_spec_set_seccomp_json(spec, text, sizeof(text) - 1);
}

static int set_program(ct_spec *spec)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return ct_spec_set_seccomp_bpf(spec, code, sizeof(code));
}

static int (*const filters[])(ct_spec *spec) = {add_rule, set_profile, set_program};

START_TEST(filter_is_found_again_whatever_it_was_made_of)
{
	ct_spec *spec = PAUSING, *visitor = VISITOR("/bin/probe", "try", "kill=1");
	ct_container *container, *found, *joined = NULL;
	struct outcome *outcome;
	int ret = filters[_i](spec);

	if (ret == -EOPNOTSUPP) { /* a library that reads no JSON */
		ct_spec_free(spec);
		ct_spec_free(visitor);
		return;
	}
	ck_assert_int_eq(ret, 0);
	container = start(spec);
	must_save(container, "web");
	found = must_load("web");
	ret = ct_join(found, 0, 0, visitor, &joined, &err);
	outcome = outcome_of(ret, joined, &err);
	ck_assert_msg(ret == 0, "%s", err.sentence);
	ck_assert_msg(strstr(outcome->out, "EXDEV") != NULL, "%s", outcome->out);
	ct_spec_free(visitor);
	ct_container_free(found);
	ct_container_free(container);
}
END_TEST

static void lose_net_raw(void)
{
	const cap_value_t lost = CAP_NET_RAW;
	cap_t caps = cap_get_proc();

	ck_assert_int_eq(prctl(PR_CAPBSET_DROP, lost, 0, 0, 0), 0);
	ck_assert_int_eq(cap_set_flag(caps, CAP_EFFECTIVE, 1, &lost, CAP_CLEAR), 0);
	ck_assert_int_eq(cap_set_flag(caps, CAP_PERMITTED, 1, &lost, CAP_CLEAR), 0);
	ck_assert_int_eq(cap_set_proc(caps), 0);
	cap_free(caps);
}

START_TEST(what_a_container_lacks_is_found_again_with_its_reason)
{
	ct_protection before = CT_PROTECTION_INIT, after = CT_PROTECTION_INIT;
	ct_container *container, *found;
	ct_spec *spec;

	lose_net_raw();
	close(dir); /* which the teardown does before it looks */
	box_accept_changes();
	dir = open(in_dir("state"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	spec = PAUSING;
	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_add_ambient_cap(spec, "cap_net_raw"));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_CAPS)));
	container = start(spec);
	must_save(container, "web");
	found = must_load("web");
	ck_assert_int_eq(ct_container_protection(container, CT_ITEM_CAPS, &before), 0);
	ck_assert_int_eq(ct_container_protection(found, CT_ITEM_CAPS, &after), 0);
	ck_assert_int_eq(before.state, CT_ITEM_LACKING);
	ck_assert_int_eq(after.state, CT_ITEM_LACKING);
	ck_assert_uint_eq(after.count, before.count);
	ck_assert_int_eq(after.why.code, before.why.code);
	ck_assert_int_eq(after.why.step, before.why.step);
	ck_assert_str_eq(after.why.sentence, before.why.sentence);
	ck_assert_str_eq(after.why.cure, before.why.cure);
	ct_container_free(found);
	ct_container_free(container);
}
END_TEST

START_TEST(name_of_a_container_that_has_ended_is_free_again)
{
	ct_container *first = start(PAUSING), *second = start(PAUSING), *found;

	must_save(first, "web");
	end(first);
	must_save(second, "web");
	found = must_load("web");
	ck_assert_int_eq(ct_container_pid(found), ct_container_pid(second));
	ct_container_free(found);
	ct_container_free(first);
	ct_container_free(second);
}
END_TEST

START_TEST(writing_that_was_broken_off_leaves_nothing_in_the_way)
{
	ct_container *container = start(PAUSING);

	write_file(in_dir("state/.web.new"), "libcontainer state 1\nboo", 0600);
	load_refused("web", -ENOENT, NULL);
	must_save(container, "web");
	ct_container_free(must_load("web"));
	ck_assert_int_eq(access(in_dir("state/.web.new"), F_OK), -1);
	ct_container_free(container);
}
END_TEST

/* Each tries to be "web" over and over, while the one that was it has just ended. */
static void save_and_end(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		ct_container *container = start(PAUSING), *found = NULL;
		int ret = ct_container_save(container, dir, "web", &err);

		ck_assert_msg(ret == 0 || ret == -EEXIST, "%s", err.sentence);
		if (ret == 0) {
			ck_assert_msg(ct_container_load(dir, "web", &found, &err) == 0,
				"saved, and then: %s", err.sentence);
			ck_assert_int_eq(ct_container_pid(found), ct_container_pid(container));
			ct_container_free(found);
		}
		end(container);
		ct_container_free(container);
	}
}

START_TEST(one_of_several_who_save_at_once_has_the_name_and_keeps_it)
{
	pid_t others[3];

	for (int i = 0; i < 3; i++) {
		others[i] = fork();
		if (others[i] == 0) {
			save_and_end(scaled(60));
			_exit(0);
		}
	}
	for (int i = 0; i < 3; i++)
		expect_child(others[i]);
	ck_assert_int_eq(access(in_dir("state/.web.new"), F_OK), -1);
	ck_assert_int_eq(ct_state_remove(dir, "web", &err), 0);
}
END_TEST

/* ------------------------------------------------------------------ refusals */

START_TEST(name_of_a_container_that_runs_is_taken)
{
	ct_container *first = start(PAUSING), *second = start(PAUSING), *found;
	int ret;

	must_save(first, "web");
	ret = ct_container_save(second, dir, "web", &err);
	expect_error(ret, &err, -EEXIST, CT_STEP_STATE, "web", "of this name runs");
	ret = ct_state_remove(dir, "web", &err);
	expect_error(ret, &err, -EBUSY, CT_STEP_STATE, "web", "runs");
	found = must_load("web");
	ck_assert_int_eq(ct_container_pid(found), ct_container_pid(first));
	ct_container_free(found);
	ct_container_free(first);
	ct_container_free(second);
}
END_TEST

static const char *const bad_names[] = {"", ".", "..", ".hidden", "a/b", "../a", "/a", "a\nb", "a\x7f"};

START_TEST(name_that_is_no_plain_file_name_is_refused)
{
	ct_container *container = NULL;
	int ret = ct_container_load(dir, bad_names[_i], &container, &err);

	expect_error(ret, &err, -EINVAL, CT_STEP_ARGUMENT, "state", "without slash");
	ck_assert_int_eq(ct_state_remove(dir, bad_names[_i], NULL), -EINVAL);
}
END_TEST

START_TEST(name_that_is_too_long_is_refused)
{
	char name[202];
	ct_container *container = NULL;

	memset(name, 'a', sizeof(name));
	name[201] = '\0';
	ck_assert_int_eq(ct_container_load(dir, name, &container, NULL), -EINVAL);
	name[200] = '\0';
	ck_assert_int_eq(ct_container_load(dir, name, &container, NULL), -ENOENT);
}
END_TEST

START_TEST(directory_that_others_may_write_to_is_refused)
{
	ct_container *container = start(PAUSING);
	int ret;

	must_save(container, "web");
	ck_assert_int_eq(fchmod(dir, 0777), 0);
	load_refused("web", -EPERM, "others may write");
	ret = ct_container_save(container, dir, "other", &err);
	expect_error(ret, &err, -EPERM, CT_STEP_STATE, "other", "others may write");
	ck_assert_int_eq(fchmod(dir, 0700), 0);
	ck_assert_int_eq(chmod(in_dir("state/web"), 0666), 0);
	load_refused("web", -EPERM, "others may write");
	ct_container_free(container);
}
END_TEST

START_TEST(file_of_another_user_is_refused)
{
	ct_container *container = start(PAUSING);

	must_save(container, "web");
	ck_assert_int_eq(chown(in_dir("state/web"), 12345, 12345), 0);
	load_refused("web", -EPERM, "another user's");
	ct_container_free(container);
}
END_TEST

START_TEST(what_is_no_file_is_refused_without_waiting_for_it)
{
	ck_assert_int_eq(mkfifo(in_dir("state/pipe"), 0600), 0);
	load_refused("pipe", -EBADMSG, "no file");
	ck_assert_int_eq(symlink("/etc/passwd", in_dir("state/link")), 0);
	load_refused("link", -ELOOP, NULL);
	ck_assert_int_eq(mkdir(in_dir("state/dir"), 0700), 0);
	load_refused("dir", -EBADMSG, "no file");
}
END_TEST

/* # stands for the first two lines of a sound file. */
static const char *const damaged[] = {
	"", "libcontainer state 1\n", "#", "#process 1 1 1\n", "#process 1 -5 1\nend\n",
	"#process\nend\n", "#no such word\nend\n", "libcontainer state 2\nend\n",
	"#process 1 1 1\nplace 1 0 /\nend\n", "#process 1 1 1\ncgroup ../x\nend\n",
	"#process 1 1 1\ncgroup a\ncgroup b\nend\n", "#process 1 1 1\nrule 00\nend\n",
	"#process 1 1 1\nstep zz\nend\n", "#process 1 1 1\nwhy nothing\nend\n",
	"#process 1 1 1\nuids 1\nend\n",
};

START_TEST(file_that_is_damaged_is_refused_and_can_be_removed)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s", *damaged[_i] == '#' ? "libcontainer state 1\nboot x\n" : "",
		damaged[_i] + (*damaged[_i] == '#'));
	write_file(in_dir("state/web"), text, 0600);
	load_refused("web", -EBADMSG, "no state of a container");
	ck_assert_int_eq(ct_state_remove(dir, "web", &err), 0);
	load_refused("web", -ENOENT, NULL);
}
END_TEST

/* Line by line another word, and the whole with one line less. */
START_TEST(file_with_any_of_its_lines_changed_is_refused_or_harmless)
{
	ct_container *container = start(PAUSING), *found = NULL;
	char *sound, *changed;
	size_t length;

	must_save(container, "web");
	sound = strdup(read_file(in_dir("state/web")));
	length = strlen(sound);
	changed = malloc(length + 1);
	for (size_t at = 0; at < length; at += strcspn(sound + at, "\n") + 1) {
		memcpy(changed, sound, length + 1);
		changed[at] = '#';
		write_file(in_dir("state/web"), changed, 0600);
		load_refused("web", -EBADMSG, NULL);
		memcpy(changed, sound, at);
		changed[at] = '\0';
		write_file(in_dir("state/web"), changed, 0600);
		ck_assert_int_lt(ct_container_load(dir, "web", &found, &err), 0);
	}
	free(sound);
	free(changed);
	ck_assert_int_eq(ct_wait(container, 0, NULL, NULL), -ETIMEDOUT);
	ct_container_free(container);
}
END_TEST

/* A pid that another process has by now: the file names a start time that is not its. */
START_TEST(number_that_belongs_to_another_process_now_is_not_taken_for_the_container)
{
	ct_container *container = start(PAUSING);
	char *text, *line, changed[4096];
	unsigned long long ns, ticks;
	int pid;

	must_save(container, "web");
	text = strdup(read_file(in_dir("state/web")));
	line = strstr(text, "process ");
	ck_assert_int_eq(sscanf(line, "process %llu %d %llu", &ns, &pid, &ticks), 3);
	ck_assert_int_eq(pid, ct_container_pid(container));
	snprintf(changed, sizeof(changed), "%.*sprocess %llu %d %llu\n%s", (int)(line - text), text, ns, pid,
		ticks + 1, strchr(line, '\n') + 1);
	write_file(in_dir("state/web"), changed, 0600);
	load_refused("web", -ESRCH, "has ended");
	snprintf(changed, sizeof(changed), "%.*sprocess %llu %d %llu\n%s", (int)(line - text), text, ns + 1, pid,
		ticks, strchr(line, '\n') + 1);
	write_file(in_dir("state/web"), changed, 0600);
	load_refused("web", -EXDEV, "another pid namespace");
	free(text);
	ck_assert_int_eq(ct_wait(container, 0, NULL, NULL), -ETIMEDOUT);
	ct_container_free(container);
}
END_TEST

START_TEST(container_that_was_not_started_or_has_ended_cannot_be_saved)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_container *container = NULL;
	int ret;

	ck_assert_int_eq(ct_create(spec, &container, &err), 0);
	ret = ct_container_save(container, dir, "web", &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_STATE, "web", "not started");
	ck_assert_int_eq(ct_start(container, &err), 0);
	wait_for(container);
	ret = ct_container_save(container, dir, "web", &err);
	expect_error(ret, &err, -ESRCH, CT_STEP_STATE, "web", "has ended");
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(container_that_was_loaded_takes_no_limit_of_time)
{
	ct_container *container = start(PAUSING), *found;
	int ret;

	must_save(container, "web");
	found = must_load("web");
	ret = ct_container_set_time_limit(found, CT_TIME_WALL, 1000, &err);
	expect_error(ret, &err, -EINVAL, CT_STEP_LIMIT, NULL, "detached");
	ck_assert_int_eq(ct_container_take_stdio(found, 1), -ENOENT);
	ct_container_free(found);
	ct_container_free(container);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("state");
	Suite *suite = suite_create("state");

	need_root();
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, SENTENCE_LIMIT_S);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, container_is_found_again_by_its_name);
	tcase_add_test(tcase, container_of_a_host_that_has_ended_is_joined_and_stopped_by_another);
	add_for_cgroups(tcase, cgroup_is_found_again_with_its_limits_and_figures, 1);
	add_for_cgroups(tcase, cgroup_of_a_container_that_ended_unseen_goes_with_its_state, 1);
	add_for_first_root(tcase, id_maps_and_protections_are_found_again, "taking ids that are nobody's");
	tcase_add_loop_test(tcase, filter_is_found_again_whatever_it_was_made_of, 0,
		sizeof(filters) / sizeof(filters[0]));
	tcase_add_test(tcase, what_a_container_lacks_is_found_again_with_its_reason);
	tcase_add_test(tcase, name_of_a_container_that_has_ended_is_free_again);
	tcase_add_test(tcase, writing_that_was_broken_off_leaves_nothing_in_the_way);
	tcase_add_test(tcase, one_of_several_who_save_at_once_has_the_name_and_keeps_it);
	tcase_add_test(tcase, name_of_a_container_that_runs_is_taken);
	tcase_add_loop_test(tcase, name_that_is_no_plain_file_name_is_refused, 0,
		sizeof(bad_names) / sizeof(bad_names[0]));
	tcase_add_test(tcase, name_that_is_too_long_is_refused);
	tcase_add_test(tcase, directory_that_others_may_write_to_is_refused);
	tcase_add_test(tcase, file_of_another_user_is_refused);
	tcase_add_test(tcase, what_is_no_file_is_refused_without_waiting_for_it);
	tcase_add_loop_test(
		tcase, file_that_is_damaged_is_refused_and_can_be_removed, 0, sizeof(damaged) / sizeof(damaged[0]));
	tcase_add_test(tcase, file_with_any_of_its_lines_changed_is_refused_or_harmless);
	tcase_add_test(tcase, number_that_belongs_to_another_process_now_is_not_taken_for_the_container);
	tcase_add_test(tcase, container_that_was_not_started_or_has_ended_cannot_be_saved);
	tcase_add_test(tcase, container_that_was_loaded_takes_no_limit_of_time);
	return suite_run(suite);
}
