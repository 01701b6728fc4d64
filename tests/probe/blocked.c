/* SPDX-License-Identifier: MIT */
/* What a child of a test is, and what is said to it; see blocked.h. */
#include "probe/blocked.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---------------------------------------------------------- in a world of its own */

/* Runs one block in a child, which fails the test by itself. */
void in_child(void (*block)(void))
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		block();
		_exit(0);
	}
	expect_child(child);
}

void own_mounts(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

void become_ordinary(void)
{
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
	ck_assert_int_eq(setresuid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
	/* Else /proc/self belongs to root, and no id map can be written. */
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
}

void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_msg(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s: %s", path,
		strerror(errno));
	close(fd);
}

/* Root of a user namespace of its own, as an ordinary user makes it; with mounts of its own. */
void become_mapped_root(int kinds)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "0 %u 1", geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", getegid());
	ck_assert_int_eq(unshare(CLONE_NEWUSER | kinds), 0);
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uids);
	put("/proc/self/gid_map", gids);
}

/* ---------------------------------------------------------------- what is said */

/* What this process has found out; looked for once, and again when something has changed. */
static ct_probe *found;

void look_again(void)
{
	ct_probe_free(found);
	found = NULL;
}

ct_probe_info fact_now(int fact)
{
	ct_probe_info info = CT_PROBE_INFO_INIT;
	ct_error err = CT_ERROR_INIT;

	if (!found)
		ck_assert_msg(ct_probe_new(&found, &err) == 0, "%s", err.sentence);
	ck_assert_int_eq(ct_probe_find(found, fact, &info), 0);
	return info;
}

/* The probe says of a fact that it lacks, with these words of reason and cure. */
void expect_lack(int fact, const char *reason, const char *cure)
{
	ct_probe_info info = fact_now(fact);

	ck_assert_msg(
		info.state == CT_PROBE_LACKS, "%s is %u: %s", info.name, info.state, info.reason);
	ck_assert_msg(strstr(info.reason, reason) != NULL, "%s: not \"%s\" but: %s", info.name,
		reason, info.reason);
	ck_assert_msg(strstr(info.cure, cure) != NULL, "%s: not \"%s\" but: %s", info.name, cure,
		info.cure);
}

/* A start with new user and other namespaces fails, and says so. */
void expect_refusal(int step, int code, const char *reason, const char *cure)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, code, step, NULL, reason);
	ck_assert_msg(strstr(outcome->err.cure, cure) != NULL, "not \"%s\" but: %s: %s", cure,
		outcome->err.sentence, outcome->err.cure);
}

/* The control: without the block the same start works. */
void expect_start(void)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	outcome = attempt(spec);
	ct_spec_free(spec);
	ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
	ck_assert_int_eq(outcome->how.code, 0);
}
