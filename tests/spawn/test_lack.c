/* SPDX-License-Identifier: MIT */
/*
 * Declared degradation: what a machine refuses is an error, unless the caller allows it to
 * be lacking; then the container says what it has and what it has not.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/cgroup.h>
#include <container/join.h>
#include <container/protection.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LAST CT_ITEM_LABEL

/* What the last container said of each item. */
static ct_protection told[LAST + 1];

static void listen_to(const ct_container *container)
{
	for (int item = 1; item <= LAST; item++) {
		told[item] = (ct_protection)CT_PROTECTION_INIT;
		set(ct_container_protection(container, item, &told[item]));
	}
}

/* As attempt(), and what it told is in told[]. */
static struct outcome *attempt_told(ct_spec *spec)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_spawn(spec, &container, &err);

	if (code == 0)
		listen_to(container);
	return outcome_of(code, container, &err);
}

static struct outcome *run_told(ct_spec *spec)
{
	struct outcome *outcome = attempt_told(spec);

	ck_assert_msg(outcome->code == 0, "spawn: %s", outcome->err.sentence);
	return outcome;
}

/* The bits of the items that are lacking. */
static uint64_t lacking(void)
{
	uint64_t bits = 0;

	for (int item = 1; item <= LAST; item++)
		if (told[item].state == CT_ITEM_LACKING)
			bits |= CT_LACK(item);
	return bits;
}

static void expect_lacking(uint64_t items)
{
	for (int item = 1; item <= LAST; item++)
		ck_assert_msg(!(items & CT_LACK(item)) == (told[item].state != CT_ITEM_LACKING),
			"%s is in state %d: %s", ct_item_name(item), told[item].state,
			told[item].why.sentence);
}

/* -------------------------------------------------------------- the default */

START_TEST(container_tells_each_item_that_it_has)
{
	static const int enforced[] = {CT_ITEM_NS_MNT, CT_ITEM_NS_PID, CT_ITEM_NS_NET,
		CT_ITEM_NS_IPC, CT_ITEM_NS_UTS, CT_ITEM_NS_CGROUP, CT_ITEM_ROOT, CT_ITEM_PROC,
		CT_ITEM_SYS, CT_ITEM_MQUEUE, CT_ITEM_MASKED, CT_ITEM_READONLY, CT_ITEM_CAPS,
		CT_ITEM_NO_NEW_PRIVS, CT_ITEM_GROUPS, CT_ITEM_KEYRING, CT_ITEM_HOSTNAME,
		CT_ITEM_LOOPBACK, CT_ITEM_SECCOMP};
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(run_told(spec)->how.code, 0);
	ct_spec_free(spec);
	expect_lacking(0);
	for (size_t i = 0; i < sizeof(enforced) / sizeof(enforced[0]); i++)
		ck_assert_msg(told[enforced[i]].state == CT_ITEM_ENFORCED, "%s",
			ct_item_name(enforced[i]));
	ck_assert_int_eq(told[CT_ITEM_NS_TIME].state, CT_ITEM_NOT_ASKED);
	ck_assert_int_eq(told[CT_ITEM_NS_USER].state, CT_ITEM_NOT_ASKED);
	ck_assert_int_eq(told[CT_ITEM_EPHEMERAL].state, CT_ITEM_NOT_ASKED);
	ck_assert_int_eq(told[CT_ITEM_RLIMITS].state, CT_ITEM_NOT_ASKED);
}
END_TEST

START_TEST(what_is_loosened_is_not_asked_for)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_set_ns_host(spec, CT_NS_NET));
	set(ct_spec_set_no_new_privs(spec, 0));
	set(ct_spec_clear_paths(spec));
	set(ct_spec_set_loopback(spec, 0));
	ck_assert_int_eq(run_told(spec)->how.code, 0);
	ct_spec_free(spec);
	expect_lacking(0);
	ck_assert_int_eq(told[CT_ITEM_NS_NET].state, CT_ITEM_NOT_ASKED);
	ck_assert_int_eq(told[CT_ITEM_NO_NEW_PRIVS].state, CT_ITEM_NOT_ASKED);
	ck_assert_int_eq(told[CT_ITEM_MASKED].state, CT_ITEM_NOT_ASKED);
	ck_assert_int_eq(told[CT_ITEM_READONLY].state, CT_ITEM_NOT_ASKED);
	ck_assert_int_eq(told[CT_ITEM_LOOPBACK].state, CT_ITEM_NOT_ASKED);
}
END_TEST

START_TEST(given_namespace_counts_as_enforced)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_spec *owner = SPEC("/bin/sh", "-c", "echo ready; sleep 100");
	ct_container *container = start_ready(owner);

	set(ct_spec_set_ns_pid(spec, CT_NS_NET, ct_container_pid(container)));
	ck_assert_int_eq(run_told(spec)->how.code, 0);
	ck_assert_int_eq(told[CT_ITEM_NS_NET].state, CT_ITEM_ENFORCED);
	ct_container_free(container);
	ct_spec_free(owner);
	ct_spec_free(spec);
}
END_TEST

START_TEST(allowing_every_lack_changes_nothing_where_nothing_is_lacking)
{
	ct_spec *strict = SPEC("/bin/probe", "facts"), *lenient = SPEC("/bin/probe", "facts");
	static const char *const same[] = {
		"uid", "gid", "no_new_privs", "cap.bounding", "cap.permitted", "hostname", "pid"};
	char values[sizeof(same) / sizeof(same[0])][256];
	const char *out;

	set(ct_spec_allow_lack(lenient, CT_LACK_ALL));
	out = run(strict)->out;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		snprintf(values[i], sizeof(values[i]), "%s",
			has_fact(out, same[i]) ? fact(out, same[i]) : "none");
	out = run_told(lenient)->out;
	expect_lacking(0);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		ck_assert_str_eq(has_fact(out, same[i]) ? fact(out, same[i]) : "none", values[i]);
	ct_spec_free(strict);
	ct_spec_free(lenient);
}
END_TEST

/* -------------------------------------------------------- one item at a time */

static void lose_cap(int cap)
{
	ck_assert_int_eq(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0), 0);
	drop_host_cap(cap);
}

static void refuse_keyring(void)
{
	fail_call(SYS_keyctl, EDQUOT);
}

static void refuse_ioctl(void)
{
	fail_call(SYS_ioctl, EPERM);
}

static void refuse_host_name(void)
{
	fail_call(SYS_sethostname, EPERM);
}

static void refuse_no_new_privs(void)
{
	fail_call_with(SYS_prctl, 0, PR_SET_NO_NEW_PRIVS, EPERM);
}

static void refuse_bounding_set(void)
{
	fail_call_with(SYS_prctl, 0, PR_CAPBSET_DROP, EPERM);
}

static void refuse_resources(void)
{
	lose_cap(CAP_SYS_RESOURCE);
}

static void ask_for_nothing(ct_spec *spec)
{
	(void)spec;
}

static void ask_for_more_descriptors(ct_spec *spec)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, limit.rlim_max + 1, limit.rlim_max + 1));
}

static void ask_for_low_oom_score(ct_spec *spec)
{
	set(ct_spec_set_oom_score_adj(spec, -1000));
}

static void ask_for_wrong_parameter(ct_spec *spec)
{
	set(ct_spec_set_sysctl(spec, "net.ipv4.ip_forward", "nonsense"));
}

static void ask_for_masked_loop(ct_spec *spec)
{
	set(ct_spec_add_masked_path(spec, "/etc/loop"));
}

static void ask_for_readonly_loop(ct_spec *spec)
{
	set(ct_spec_add_readonly_path(spec, "/etc/loop"));
}

static void ask_for_missing_parent(ct_spec *spec)
{
	set(ct_spec_set_cgroup_key(spec, "pids.max", "20"));
	set(ct_spec_set_cgroup_parent(spec, "/ct-there-is-none"));
}

static void ask_for_odd_limit(ct_spec *spec)
{
	set(ct_spec_set_cgroup_key(spec, "pids.max", "many"));
}

static const struct refusal {
	int item;
	int with; /* an item that goes with it; 0: none */
	int step, code;
	const char *call;
	void (*ask)(ct_spec *spec);
	void (*refuse)(void);
} refusals[] = {
	{CT_ITEM_KEYRING, 0, CT_STEP_SESSION, -EDQUOT, "keyctl", ask_for_nothing, refuse_keyring},
	{CT_ITEM_LOOPBACK, 0, CT_STEP_LOOPBACK, -EPERM, "ioctl", ask_for_nothing, refuse_ioctl},
	{CT_ITEM_HOSTNAME, 0, CT_STEP_HOSTNAME, -EPERM, "sethostname", ask_for_nothing,
		refuse_host_name},
	{CT_ITEM_NO_NEW_PRIVS, CT_ITEM_SECCOMP, CT_STEP_CAPABILITY, -EPERM, "prctl",
		ask_for_nothing, refuse_no_new_privs},
	{CT_ITEM_CAPS, 0, CT_STEP_CAPABILITY, -EPERM, "prctl", ask_for_nothing,
		refuse_bounding_set},
	{CT_ITEM_RLIMITS, 0, CT_STEP_RLIMIT, -EPERM, "prlimit", ask_for_more_descriptors,
		refuse_resources},
	{CT_ITEM_OOM_SCORE, 0, CT_STEP_OOM_SCORE, -EACCES, "write", ask_for_low_oom_score,
		refuse_resources},
	{CT_ITEM_SYSCTLS, 0, CT_STEP_SYSCTL, -EINVAL, "write", ask_for_wrong_parameter, NULL},
	{CT_ITEM_MASKED, 0, CT_STEP_MASK, -ELOOP, "openat2", ask_for_masked_loop, NULL},
	{CT_ITEM_READONLY, 0, CT_STEP_READONLY, -ELOOP, "openat2", ask_for_readonly_loop, NULL},
	{CT_ITEM_CGROUP, 0, CT_STEP_LIMIT, -ENOENT, "openat2", ask_for_missing_parent, NULL},
	{CT_ITEM_CGROUP, 0, CT_STEP_LIMIT, -EINVAL, "write", ask_for_odd_limit, NULL},
};
#define REFUSALS (int)(sizeof(refusals) / sizeof(refusals[0]))

static void provoke(const struct refusal *refusal)
{
	ck_assert_int_eq(symlink("loop", in_root("etc/loop")), 0);
	if (refusal->refuse)
		refusal->refuse();
	box_accept_changes();
}

START_TEST(refused_item_is_an_error_even_where_others_may_be_lacking)
{
	const struct refusal *refusal = &refusals[_i];
	ct_spec *spec;
	struct outcome *outcome;

	provoke(refusal);
	spec = SPEC("/bin/true");
	refusal->ask(spec);
	set(ct_spec_allow_lack(spec, CT_LACK_ALL & ~CT_LACK(refusal->item)));
	outcome = attempt_told(spec);
	expect_error(outcome->code, &outcome->err, refusal->code, refusal->step, NULL, NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(refused_item_that_may_be_lacking_is_told_and_the_rest_enforced)
{
	const struct refusal *refusal = &refusals[_i];
	const ct_protection *about = &told[refusal->item];
	uint64_t items;
	ct_spec *spec;
	struct outcome *outcome;

	provoke(refusal);
	spec = SPEC("/bin/probe", "facts");
	refusal->ask(spec);
	items = CT_LACK(refusal->item) | (refusal->with ? CT_LACK(refusal->with) : 0);
	set(ct_spec_allow_lack(spec, items));
	outcome = run_told(spec);
	ck_assert_int_eq(outcome->how.code, 0);
	expect_lacking(items);
	ck_assert_int_eq(about->item, refusal->item);
	ck_assert_uint_eq(about->count, refusal->item == CT_ITEM_HOSTNAME ? 1 : about->count);
	ck_assert_int_eq(about->why.code, refusal->code);
	ck_assert_int_eq(about->why.step, refusal->step);
	ck_assert_str_eq(about->why.call, refusal->call);
	ck_assert_ptr_nonnull(strstr(about->why.sentence, ct_step_name(refusal->step)));
	/* It is a container all the same. */
	ck_assert_str_eq(fact(outcome->out, "pid"), "1");
	ck_assert_str_eq(fact(outcome->out, "facts_end"), "1");
	ct_spec_free(spec);
}
END_TEST

START_TEST(lack_that_was_allowed_can_be_forbidden_again)
{
	ct_spec *spec;
	struct outcome *outcome;

	refuse_keyring();
	box_accept_changes();
	spec = SPEC("/bin/true");
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_KEYRING)));
	set(ct_spec_allow_lack(spec, 0));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EDQUOT, CT_STEP_SESSION, "keyring", NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(several_parts_of_an_item_are_counted_and_the_first_explained)
{
	ct_spec *spec = SPEC("/bin/true");

	for (int i = 0; i < 3; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/etc/loop%d", i);
		ck_assert_int_eq(symlink(path + 5, in_root(path + 1)), 0);
		set(ct_spec_add_masked_path(spec, path));
	}
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_MASKED)));
	ck_assert_int_eq(run_told(spec)->how.code, 0);
	expect_lacking(CT_LACK(CT_ITEM_MASKED));
	ck_assert_uint_eq(told[CT_ITEM_MASKED].count, 3);
	ck_assert_str_eq(told[CT_ITEM_MASKED].why.object, "/etc/loop0");
	ct_spec_free(spec);
}
END_TEST

START_TEST(other_masks_hold_where_one_is_lacking)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "cat /etc/inside; wc -c </etc/passwd; ls /proc/acpi");

	ck_assert_int_eq(symlink("loop", in_root("etc/loop")), 0);
	set(ct_spec_add_masked_path(spec, "/etc/loop"));
	set(ct_spec_add_masked_path(spec, "/etc/passwd"));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_MASKED)));
	ck_assert_ptr_nonnull(strstr(run_told(spec)->out, "this is the container's\n0\n"));
	ck_assert_uint_eq(told[CT_ITEM_MASKED].count, 1);
	ct_spec_free(spec);
}
END_TEST

START_TEST(limit_that_cannot_be_raised_is_as_high_as_it_goes)
{
	ct_spec *spec;
	struct rlimit limit;
	char expected[64];

	refuse_resources();
	box_accept_changes();
	spec = SPEC("/bin/sh", "-c", "ulimit -n; ulimit -Hn");
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ask_for_more_descriptors(spec);
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_RLIMITS)));
	snprintf(expected, sizeof(expected), "%llu\n%llu\n", (unsigned long long)limit.rlim_max,
		(unsigned long long)limit.rlim_max);
	ck_assert_str_eq(run_told(spec)->out, expected);
	expect_lacking(CT_LACK(CT_ITEM_RLIMITS));
	ct_spec_free(spec);
}
END_TEST

START_TEST(capability_that_the_host_lacks_is_left_out_and_no_other_given)
{
	ct_spec *spec;

	lose_cap(CAP_NET_RAW);
	box_accept_changes();
	spec = SPEC("/bin/sh", "-c", "grep -E '^Cap(Eff|Amb)' /proc/self/status");
	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_add_ambient_cap(spec, "cap_net_raw"));
	set(ct_spec_add_ambient_cap(spec, "cap_chown"));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_CAPS)));
	ck_assert_str_eq(
		run_told(spec)->out, "CapEff:\t0000000000000001\nCapAmb:\t0000000000000001\n");
	expect_lacking(CT_LACK(CT_ITEM_CAPS));
	ct_spec_free(spec);
}
END_TEST

START_TEST(created_container_tells_before_and_after_its_start)
{
	ct_spec *spec;
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	refuse_keyring();
	refuse_resources();
	box_accept_changes();
	spec = SPEC("/bin/true");
	ask_for_more_descriptors(spec);
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_KEYRING) | CT_LACK(CT_ITEM_RLIMITS)));
	ck_assert_msg(ct_create(spec, &container, &err) == 0, "%s", err.sentence);
	listen_to(container);
	ck_assert_int_eq(told[CT_ITEM_KEYRING].state, CT_ITEM_LACKING);
	ck_assert_msg(ct_start(container, &err) == 0, "%s", err.sentence);
	listen_to(container);
	expect_lacking(CT_LACK(CT_ITEM_KEYRING) | CT_LACK(CT_ITEM_RLIMITS));
	ck_assert_int_eq(wait_for(container).code, 0);
	listen_to(container);
	ck_assert_int_eq(told[CT_ITEM_KEYRING].state, CT_ITEM_LACKING);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(spawns_of_one_spec_tell_each_of_its_own)
{
	ct_spec *spec = SPEC("/bin/true");

	ask_for_masked_loop(spec);
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_MASKED)));
	for (int i = 0; i < 4; i++) {
		if (i % 2)
			ck_assert_int_eq(symlink("loop", in_root("etc/loop")), 0);
		else if (i)
			ck_assert_int_eq(unlink(in_root("etc/loop")), 0);
		ck_assert_int_eq(run_told(spec)->how.code, 0);
		expect_lacking(i % 2 ? CT_LACK(CT_ITEM_MASKED) : 0);
	}
	ct_spec_free(spec);
}
END_TEST

START_TEST(many_lacks_of_one_start_are_all_told)
{
	ct_spec *spec = SPEC("/bin/true");
	const int count = 200;

	for (int i = 0; i < count; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/etc/loop%d", i);
		ck_assert_int_eq(symlink(path + 5, in_root(path + 1)), 0);
		set(ct_spec_add_masked_path(spec, path));
		set(ct_spec_add_readonly_path(spec, path));
	}
	set(ct_spec_allow_lack(spec, CT_LACK_ALL));
	for (int rss = 0; rss < 2; rss++) {
		set(ct_spec_set_exact_rss(spec, rss)); /* with and without the second fork */
		ck_assert_int_eq(run_told(spec)->how.code, 0);
		ck_assert_uint_eq(told[CT_ITEM_MASKED].count, count);
		ck_assert_uint_eq(told[CT_ITEM_READONLY].count, count);
	}
	ct_spec_free(spec);
}
END_TEST

/* In a user namespace with ids that are not those of the rootfs. */
static ct_spec *with_other_ids(void)
{
	ct_spec *spec = SPEC("/bin/stat", "-c", "%u", "/etc/inside");

	set(ct_spec_add_uid_map(spec, 0, 700000, 65536));
	set(ct_spec_add_gid_map(spec, 0, 700000, 65536));
	return spec;
}

START_TEST(root_that_shows_other_owners_is_told)
{
	ct_spec *spec = with_other_ids();

	ck_assert_str_eq(run_told(spec)->out, "0\n");
	expect_lacking(0);
	ck_assert_int_eq(told[CT_ITEM_IDMAPPED_ROOT].state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[CT_ITEM_IDMAP].state, CT_ITEM_ENFORCED);
	ct_spec_free(spec);
}
END_TEST

/* As before Linux 5.12, where a mount's attributes are changed by its path alone. */
START_TEST(path_that_is_a_file_is_readonly_without_mount_setattr)
{
	struct outcome *outcome;
	ct_spec *spec;

	fail_call(SYS_mount_setattr, ENOSYS);
	box_accept_changes();
	spec = SPEC("/bin/sh", "-c", "echo x >> /etc/passwd; echo x >> /etc/group && echo open");
	set(ct_spec_add_readonly_path(spec, "/etc/passwd"));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_msg(strstr(outcome->errors, "/etc/passwd: Read-only") != NULL, "%s", outcome->errors);
	ck_assert_str_eq(outcome->out, "open\n");
}
END_TEST

START_TEST(mount_keeps_its_restrictions_without_mount_setattr)
{
	const char *line;
	struct outcome *outcome;
	ct_spec *spec;

	fail_call(SYS_mount_setattr, ENOSYS);
	box_accept_changes();
	spec = SPEC("/bin/sh", "-c", "grep -F ' /proc/' /proc/self/mountinfo");
	outcome = run(spec);
	ct_spec_free(spec);
	line = outcome->out;
	ck_assert_str_ne(line, "");
	for (; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strncmp(strstr(line, " ro,"), " ro,nosuid,nodev", 16) == 0, "%s", line);
}
END_TEST

START_TEST(root_that_cannot_show_other_owners_may_be_lacking)
{
	struct outcome *outcome;
	ct_spec *spec;

	fail_call(SYS_mount_setattr, ENOSYS);
	box_accept_changes();
	spec = with_other_ids();
	outcome = attempt_told(spec);
	expect_error(outcome->code, &outcome->err, -ENOSYS, CT_STEP_ROOT, box.root, NULL);
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_IDMAPPED_ROOT)));
	ck_assert_str_eq(run_told(spec)->out, "65534\n");
	expect_lacking(CT_LACK(CT_ITEM_IDMAPPED_ROOT));
	ck_assert_str_eq(told[CT_ITEM_IDMAPPED_ROOT].why.call, "mount_setattr");
	ck_assert_int_eq(told[CT_ITEM_IDMAPPED_ROOT].why.code, -ENOSYS);
	ct_spec_free(spec);
}
END_TEST

/* ----------------------------------------------------------------- namespaces */

static void write_setting(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/*
 * Into a user namespace, of root as before, where no namespace of these kinds can be made.
 * The limits are that namespace's own.
 */
static void forbid_kinds(const char *const *kinds)
{
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	write_setting("/proc/self/setgroups", "deny");
	write_setting("/proc/self/uid_map", "0 0 1\n");
	write_setting("/proc/self/gid_map", "0 0 1\n");
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	for (size_t i = 0; kinds[i]; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kinds[i]);
		write_setting(path, "0\n");
	}
	box_accept_changes();
}
#define FORBID(...) forbid_kinds((const char *const[]){__VA_ARGS__, NULL})

static const struct kind {
	const char *name;
	int item;
} kinds[] = {{"pid", CT_ITEM_NS_PID}, {"net", CT_ITEM_NS_NET}, {"ipc", CT_ITEM_NS_IPC},
	{"uts", CT_ITEM_NS_UTS}, {"cgroup", CT_ITEM_NS_CGROUP}};
#define KINDS (int)(sizeof(kinds) / sizeof(kinds[0]))

START_TEST(refused_namespace_is_an_error_even_where_others_may_be_lacking)
{
	ct_spec *spec;
	struct outcome *outcome;

	FORBID(kinds[_i].name);
	spec = SPEC("/bin/true");
	set(ct_spec_allow_lack(spec, CT_LACK_ALL & ~CT_LACK(kinds[_i].item)));
	outcome = attempt_told(spec);
	expect_error(
		outcome->code, &outcome->err, -ENOSPC, CT_STEP_CLONE, "namespaces", "No space");
	ct_spec_free(spec);
}
END_TEST

/* What goes with a namespace. */
static uint64_t lacking_with(int item)
{
	return CT_LACK(item) | (item == CT_ITEM_NS_UTS ? CT_LACK(CT_ITEM_HOSTNAME) : 0);
}

START_TEST(container_starts_without_a_refused_namespace_and_with_all_others)
{
	ct_spec *spec;
	struct outcome *outcome;

	FORBID(kinds[_i].name);
	spec = SPEC("/bin/probe", "facts");
	set(ct_spec_allow_lack(spec, CT_LACK_ALL));
	outcome = run_told(spec);
	ck_assert_int_eq(outcome->how.code, 0);
	for (int i = 0; i < KINDS; i++) {
		char name[16];
		int same;

		snprintf(name, sizeof(name), "ns.%s", kinds[i].name);
		same = strcmp(fact(outcome->out, name), ns_of(0, kinds[i].name)) == 0;
		ck_assert_msg(same == (i == _i), "%s: %s", name, fact(outcome->out, name));
	}
	ck_assert_uint_eq(lacking() & lacking_with(kinds[_i].item), lacking_with(kinds[_i].item));
	for (int i = 0; i < KINDS; i++)
		ck_assert_int_eq(
			told[kinds[i].item].state, i == _i ? CT_ITEM_LACKING : CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[kinds[_i].item].why.code, -ENOSPC);
	ck_assert_str_eq(told[kinds[_i].item].why.call, "clone3");
	ct_spec_free(spec);
}
END_TEST

START_TEST(every_refused_namespace_is_found)
{
	ct_spec *spec;
	const char *out;

	FORBID("pid", "net", "cgroup");
	spec = SPEC("/bin/probe", "facts");
	set(ct_spec_allow_lack(spec, CT_LACK_ALL));
	out = run_told(spec)->out;
	ck_assert_str_eq(fact(out, "ns.net"), ns_of(0, "net"));
	ck_assert_str_eq(fact(out, "ns.cgroup"), ns_of(0, "cgroup"));
	ck_assert_str_ne(fact(out, "ns.uts"), ns_of(0, "uts"));
	ck_assert_int_eq(told[CT_ITEM_NS_PID].state, CT_ITEM_LACKING);
	ck_assert_int_eq(told[CT_ITEM_NS_NET].state, CT_ITEM_LACKING);
	ck_assert_int_eq(told[CT_ITEM_NS_CGROUP].state, CT_ITEM_LACKING);
	ck_assert_int_eq(told[CT_ITEM_NS_UTS].state, CT_ITEM_ENFORCED);
	ct_spec_free(spec);
}
END_TEST

START_TEST(host_name_of_the_host_is_never_set_for_want_of_a_namespace)
{
	ct_spec *spec;
	char before[65], after[65];

	FORBID("uts");
	spec = SPEC("/bin/hostname");
	ck_assert_int_eq(gethostname(before, sizeof(before)), 0);
	set(ct_spec_set_hostname(spec, "inside"));
	set(ct_spec_set_domainname(spec, "domain"));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_NS_UTS)));
	ck_assert_int_eq(strncmp(run_told(spec)->out, before, strlen(before)), 0);
	expect_lacking(CT_LACK(CT_ITEM_NS_UTS) | CT_LACK(CT_ITEM_HOSTNAME));
	ck_assert_int_eq(gethostname(after, sizeof(after)), 0);
	ck_assert_str_eq(after, before);
	ct_spec_free(spec);
}
END_TEST

START_TEST(kernel_parameter_of_the_host_is_never_set_for_want_of_a_namespace)
{
	ct_spec *spec;
	const char *path = "/proc/sys/net/ipv4/ip_forward";
	char before[16], other[2] = "1";

	FORBID("net");
	spec = SPEC("/bin/cat", "/proc/sys/net/ipv4/ip_forward");
	snprintf(before, sizeof(before), "%s", read_file(path));
	other[0] = before[0] == '1' ? '0' : '1';
	set(ct_spec_set_sysctl(spec, "net.ipv4.ip_forward", other));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_NS_NET)));
	ck_assert_int_eq(attempt_told(spec)->code, 0);
	ck_assert_int_eq(told[CT_ITEM_SYSCTLS].state, CT_ITEM_LACKING);
	ck_assert_str_eq(read_file(path), before);
	ct_spec_free(spec);
}
END_TEST

START_TEST(clocks_that_cannot_be_shifted_are_the_hosts)
{
	ct_spec *spec;
	struct outcome *outcome;

	FORBID("time");
	spec = SPEC("/bin/probe", "facts");
	set(ct_spec_set_time_offsets(spec, 1000000000, 1000000000));
	outcome = attempt_told(spec);
	expect_error(outcome->code, &outcome->err, -ENOSPC, CT_STEP_NAMESPACE, "time", NULL);
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_NS_TIME)));
	outcome = run_told(spec);
	ck_assert_str_eq(fact(outcome->out, "pid"), "1");
	ck_assert_int_eq(told[CT_ITEM_NS_TIME].state, CT_ITEM_LACKING);
	ck_assert_str_eq(told[CT_ITEM_NS_TIME].why.call, "unshare");
	ct_spec_free(spec);
}
END_TEST

START_TEST(failure_that_no_kind_is_to_blame_for_stays_one)
{
	ct_spec *spec;
	struct outcome *outcome;

	fail_call(SYS_clone3, EAGAIN);
	box_accept_changes();
	spec = SPEC("/bin/true");
	set(ct_spec_allow_lack(spec, CT_LACK_ALL));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EAGAIN, CT_STEP_CLONE, "namespaces", NULL);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------- what an ordinary user lacks */

#define USER 54321

static int give_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return lchown(path, USER, USER);
}

/* Runs body in a child that is an ordinary user with these groups, and owns the root. */
static void as_user(const gid_t *groups, size_t count, void (*body)(void))
{
	pid_t child;

	ck_assert_int_eq(nftw(box.root, give_one, 64, FTW_PHYS), 0);
	child = fork();
	if (child == 0) {
		if (setgroups(count, groups) < 0 || setresgid(USER, USER, USER) < 0 ||
			setresuid(USER, USER, USER) < 0)
			_exit(2);
		prctl(PR_SET_DUMPABLE, 1); /* else no id map can be written */
		body();
		_exit(0);
	}
	expect_child(child);
}

static void keep_the_group(void)
{
	ct_spec *spec = SPEC("/bin/id", "-G");

	ck_assert_str_eq(run_told(spec)->out, "0 65534\n");
	expect_lacking(CT_LACK(CT_ITEM_GROUPS));
	ck_assert_int_eq(told[CT_ITEM_GROUPS].why.code, -EPERM);
	ck_assert_str_eq(told[CT_ITEM_GROUPS].why.call, "setgroups");
	ck_assert_ptr_nonnull(strstr(told[CT_ITEM_GROUPS].why.sentence, "caller"));
	ct_spec_free(spec);
}

START_TEST(group_that_nobody_can_drop_is_told_unasked)
{
	as_user((const gid_t[]){USER + 1}, 1, keep_the_group);
}
END_TEST

static void keep_no_group(void)
{
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(run_told(spec)->how.code, 0);
	expect_lacking(0);
	ck_assert_int_eq(told[CT_ITEM_NS_USER].state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[CT_ITEM_IDMAP].state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[CT_ITEM_GROUPS].state, CT_ITEM_ENFORCED);
	ct_spec_free(spec);
}

START_TEST(ordinary_user_without_other_groups_lacks_nothing)
{
	as_user(NULL, 0, keep_no_group);
	as_user((const gid_t[]){USER}, 1, keep_no_group); /* its own, once more */
}
END_TEST

static void share_ipc(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "ls /dev/mqueue 2>/dev/null; true");

	set(ct_spec_set_ns_host(spec, CT_NS_IPC));
	ck_assert_str_eq(run_told(spec)->out, "");
	expect_lacking(CT_LACK(CT_ITEM_MQUEUE));
	ck_assert_ptr_nonnull(strstr(told[CT_ITEM_MQUEUE].why.object, "/dev/mqueue"));
	ct_spec_free(spec);
}

START_TEST(message_queues_that_are_left_out_are_told_unasked)
{
	as_user(NULL, 0, share_ipc);
}
END_TEST

static void forget_changes(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c",
		"rm -r /home /etc && mkdir /home /etc && echo x >/etc/inside && ls /etc /home");
	struct outcome *outcome;

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	outcome = run_told(spec);
	/* Before Linux 6.6 it cannot, and says so. */
	if (told[CT_ITEM_EPHEMERAL].state == CT_ITEM_LACKING) {
		ck_assert_int_ne(outcome->how.code, 0);
	} else {
		ck_assert_str_eq(outcome->out, "/etc:\ninside\n\n/home:\n");
		expect_lacking(0);
		ck_assert_int_eq(told[CT_ITEM_EPHEMERAL].state, CT_ITEM_ENFORCED);
	}
	ct_spec_free(spec);
}

START_TEST(ephemeral_root_of_an_ordinary_user_takes_every_change_or_tells)
{
	as_user(NULL, 0, forget_changes);
	ck_assert_str_eq(read_file(in_root("etc/inside")), "this is the container's\n");
	ck_assert_int_eq(access(in_root("etc/passwd"), F_OK), 0);
}
END_TEST

static void take_files_alone(void)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo x >/tmp/new && cat /tmp/new");

	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	fail_call(SYS_setxattr, EOPNOTSUPP);
	ck_assert_str_eq(run_told(spec)->out, "x\n");
	expect_lacking(CT_LACK(CT_ITEM_EPHEMERAL));
	ck_assert_ptr_nonnull(strstr(told[CT_ITEM_EPHEMERAL].why.sentence, "before Linux 6.6"));
	ct_spec_free(spec);
}

START_TEST(ephemeral_root_that_cannot_lose_directories_is_told_unasked)
{
	as_user(NULL, 0, take_files_alone);
}
END_TEST

/* ------------------------------------------------------------------------ join */

START_TEST(join_tells_what_the_visitor_has)
{
	ct_spec *owner = SPEC("/bin/sh", "-c", "echo ready; sleep 100"),
		*spec = VISITOR("/bin/true");
	ct_container *container = start_ready(owner), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_join(container, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	listen_to(visitor);
	expect_lacking(0);
	ck_assert_int_eq(told[CT_ITEM_NS_PID].state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[CT_ITEM_NS_NET].state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[CT_ITEM_CAPS].state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[CT_ITEM_NO_NEW_PRIVS].state, CT_ITEM_ENFORCED);
	ck_assert_int_eq(told[CT_ITEM_PROC].state, CT_ITEM_NOT_ASKED);
	ct_container_free(visitor);
	ct_container_free(container);
	ct_spec_free(owner);
	ct_spec_free(spec);
}
END_TEST

static int join_without_keyring(uint64_t items, ct_error *err)
{
	ct_spec *owner = SPEC("/bin/sh", "-c", "echo ready; sleep 100"),
		*spec = VISITOR("/bin/true");
	ct_container *container = start_ready(owner), *visitor = NULL;
	int code;

	refuse_keyring();
	set(ct_spec_allow_lack(spec, items));
	code = ct_join(container, 0, 0, spec, &visitor, err);
	if (code == 0)
		listen_to(visitor);
	ct_container_free(visitor);
	ct_container_free(container);
	ct_spec_free(owner);
	ct_spec_free(spec);
	box_accept_changes();
	return code;
}

START_TEST(join_goes_on_without_what_may_be_lacking_and_tells)
{
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(join_without_keyring(CT_LACK(CT_ITEM_KEYRING), &err), 0);
	expect_lacking(CT_LACK(CT_ITEM_KEYRING));
	ck_assert_str_eq(told[CT_ITEM_KEYRING].why.call, "keyctl");
}
END_TEST

START_TEST(join_is_as_strict_as_a_spawn_otherwise)
{
	ct_error err = CT_ERROR_INIT;
	int code = join_without_keyring(0, &err);

	expect_error(code, &err, -EDQUOT, CT_STEP_SESSION, "keyring", NULL);
}
END_TEST

/* --------------------------------------------------------------- explain mode */

static char shown[4096];

static void show(const ct_trace_event *event, void *data)
{
	(void)data;
	if (strncmp(event->shell, "# it goes on", 12) == 0)
		snprintf(shown, sizeof(shown), "%s|%s|%s", event->shell, event->call,
			event->arguments);
}

START_TEST(explain_mode_shows_what_a_container_goes_on_without)
{
	ct_spec *spec = SPEC("/bin/true");

	ask_for_masked_loop(spec);
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_MASKED)));
	set(ct_spec_set_trace(spec, show, NULL));
	ck_assert_int_eq(run_told(spec)->how.code, 0);
	ck_assert_str_eq(shown, "");
	ck_assert_int_eq(symlink("loop", in_root("etc/loop")), 0);
	ck_assert_int_eq(run_told(spec)->how.code, 0);
	expect_lacking(CT_LACK(CT_ITEM_MASKED));
	ck_assert_ptr_nonnull(
		strstr(shown, "# it goes on, but not enforced: masked paths|recvmsg|"));
	ck_assert_ptr_nonnull(strstr(shown, "/etc/loop"));
	ct_spec_free(spec);
}
END_TEST

/* ---------------------------------------------------------------- refusals */

START_TEST(what_no_container_starts_without_cannot_be_allowed_to_lack)
{
	static const int never[] = {CT_ITEM_NS_USER, CT_ITEM_NS_MNT, CT_ITEM_IDMAP, CT_ITEM_ROOT,
		CT_ITEM_GROUPS, 0, LAST + 1, 63};
	ct_error err = CT_ERROR_INIT;

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		ct_spec *spec = SPEC("/bin/true");

		ck_assert_int_eq(ct_spec_allow_lack(spec, CT_LACK(never[i])), -EINVAL);
		ck_assert_int_eq(ct_spec_check(spec, &err), -EINVAL);
		ck_assert_ptr_nonnull(strstr(err.sentence, ct_item_name(never[i])));
		ct_spec_free(spec);
	}
	ck_assert_int_eq(ct_spec_allow_lack(NULL, 0), -EINVAL);
}
END_TEST

START_TEST(protection_refuses_what_is_no_item_and_no_container)
{
	ct_protection about = CT_PROTECTION_INIT, small = {0};
	ct_spec *spec = SPEC("/bin/true");
	ct_container *container = NULL;

	set(ct_spawn(spec, &container, NULL));
	ck_assert_int_eq(ct_container_protection(container, 0, &about), -EINVAL);
	ck_assert_int_eq(ct_container_protection(container, -1, &about), -EINVAL);
	ck_assert_int_eq(ct_container_protection(container, LAST + 1, &about), -EINVAL);
	ck_assert_int_eq(ct_container_protection(container, 1, NULL), -EINVAL);
	ck_assert_int_eq(ct_container_protection(container, 1, &small), -EINVAL);
	ck_assert_int_eq(ct_container_protection(NULL, 1, &about), -EINVAL);
	ck_assert_int_eq(about.item, 0);
	wait_for(container);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(every_item_has_a_name_of_its_own)
{
	for (int item = 1; item <= LAST; item++)
		for (int other = 0; other < item; other++)
			ck_assert_str_ne(ct_item_name(item), ct_item_name(other));
	ck_assert_str_eq(ct_item_name(0), "unknown item");
	ck_assert_str_eq(ct_item_name(-1), "unknown item");
	ck_assert_str_eq(ct_item_name(LAST + 1), "unknown item");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("lack", &tc);

	need_root();
	tcase_add_test(tc, container_tells_each_item_that_it_has);
	tcase_add_test(tc, what_is_loosened_is_not_asked_for);
	tcase_add_test(tc, given_namespace_counts_as_enforced);
	tcase_add_test(tc, allowing_every_lack_changes_nothing_where_nothing_is_lacking);
	/* The last one has to make a cgroup first. */
	add_values_for_first_root(tc, refused_item_is_an_error_even_where_others_may_be_lacking, REFUSALS,
		1u << (REFUSALS - 1), "cgroups");
	add_values_for_first_root(tc, refused_item_that_may_be_lacking_is_told_and_the_rest_enforced,
		REFUSALS, 1u << (REFUSALS - 1), "cgroups");
	tcase_add_test(tc, lack_that_was_allowed_can_be_forbidden_again);
	tcase_add_test(tc, several_parts_of_an_item_are_counted_and_the_first_explained);
	tcase_add_test(tc, other_masks_hold_where_one_is_lacking);
	tcase_add_test(tc, limit_that_cannot_be_raised_is_as_high_as_it_goes);
	tcase_add_test(tc, capability_that_the_host_lacks_is_left_out_and_no_other_given);
	tcase_add_test(tc, created_container_tells_before_and_after_its_start);
	tcase_add_test(tc, spawns_of_one_spec_tell_each_of_its_own);
	tcase_add_test(tc, many_lacks_of_one_start_are_all_told);
	tcase_add_test(tc, path_that_is_a_file_is_readonly_without_mount_setattr);
	tcase_add_test(tc, mount_keeps_its_restrictions_without_mount_setattr);
	add_for_first_root(tc, root_that_shows_other_owners_is_told, "ids over 65535");
	add_for_first_root(tc, root_that_cannot_show_other_owners_may_be_lacking, "ids over 65535");
	tcase_add_loop_test(
		tc, refused_namespace_is_an_error_even_where_others_may_be_lacking, 0, KINDS);
	tcase_add_loop_test(
		tc, container_starts_without_a_refused_namespace_and_with_all_others, 0, KINDS);
	tcase_add_test(tc, every_refused_namespace_is_found);
	tcase_add_test(tc, host_name_of_the_host_is_never_set_for_want_of_a_namespace);
	tcase_add_test(tc, kernel_parameter_of_the_host_is_never_set_for_want_of_a_namespace);
	tcase_add_test(tc, clocks_that_cannot_be_shifted_are_the_hosts);
	tcase_add_test(tc, failure_that_no_kind_is_to_blame_for_stays_one);
	tcase_add_test(tc, group_that_nobody_can_drop_is_told_unasked);
	tcase_add_test(tc, ordinary_user_without_other_groups_lacks_nothing);
	tcase_add_test(tc, message_queues_that_are_left_out_are_told_unasked);
	tcase_add_test(tc, ephemeral_root_of_an_ordinary_user_takes_every_change_or_tells);
	tcase_add_test(tc, ephemeral_root_that_cannot_lose_directories_is_told_unasked);
	tcase_add_test(tc, join_tells_what_the_visitor_has);
	tcase_add_test(tc, join_goes_on_without_what_may_be_lacking_and_tells);
	tcase_add_test(tc, join_is_as_strict_as_a_spawn_otherwise);
	tcase_add_test(tc, explain_mode_shows_what_a_container_goes_on_without);
	tcase_add_test(tc, what_no_container_starts_without_cannot_be_allowed_to_lack);
	tcase_add_test(tc, protection_refuses_what_is_no_item_and_no_container);
	tcase_add_test(tc, every_item_has_a_name_of_its_own);
	return suite_run(suite);
}
