/* SPDX-License-Identifier: MIT */
/*
 * Landlock rules of a spec: each refusal beside what is not refused without the rules, as the
 * container's root and as another user. Where the kernel lacks some of it, that it says so.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/init.h>
#include <container/join.h>
#include <container/landlock.h>
#include <container/protection.h>
#include <container/state.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define CREATE_RULESET 444
#define NEWEST	       7 /* that the library knows */

static int abi_of_kernel(void)
{
	return (int)syscall(CREATE_RULESET, NULL, 0, 1);
}

/* To read and execute everywhere, and to write below /tmp and /dev. */
static ct_spec *ruled(ct_spec *spec)
{
	set(ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0));
	set(ct_spec_add_landlock_path(spec, "/tmp", CT_LANDLOCK_ALL, 0));
	set(ct_spec_add_landlock_path(spec, "/dev", CT_LANDLOCK_ALL, 0));
	return spec;
}

static ct_spec *restricting(ct_spec *spec, uint32_t what)
{
	set(ct_spec_set_landlock(spec, what));
	return spec;
}

static ct_spec *as_user(ct_spec *spec)
{
	set(ct_spec_set_user(spec, 1000, 1000));
	return spec;
}

/* What a script prints, one word a line. */
#define SCRIPT(script) SPEC("/bin/sh", "-c", script)

static void make_scratch(void)
{
	set(mkdir(in_root("tmp"), 0777) == 0 || errno == EEXIST ? 0 : errno);
	set(chmod(in_root("tmp"), 0777));
	set(mkdir(in_root("data"), 0777));
	set(chmod(in_root("data"), 0777));
	write_file(in_root("data/file"), "content", 0666);
	set(chmod(in_root("data/file"), 0666));
}

static void expect_lines(ct_spec *spec, const char *lines)
{
	ck_assert_str_eq(output_of(spec), lines);
}

/* --------------------------------------------------------------------- files */

static const char *const writes[] = {"echo x > /data/new", "echo x >> /data/file", "rm /data/file",
	"mkdir /data/dir", "ln -s x /data/link", "mkfifo /data/fifo", "mv /data/file /data/other",
	"mv /data/file /tmp/other", "ln /data/file /tmp/link", "truncate -s 0 /data/file"};

static ct_spec *writing(const char *script)
{
	char line[160];

	snprintf(line, sizeof(line), "if %s; then echo done; else echo refused; fi 2> /dev/null", script);
	return SCRIPT(line);
}

START_TEST(what_no_rule_allows_is_refused_to_root_too)
{
	make_scratch();
	expect_lines(ruled(writing(writes[_i])), "refused\n");
	expect_lines(writing(writes[_i]), "done\n");
}
END_TEST

START_TEST(what_no_rule_allows_is_refused_to_a_user)
{
	make_scratch();
	expect_lines(as_user(ruled(writing("echo x > /data/new"))), "refused\n");
	expect_lines(as_user(writing("echo x > /data/new")), "done\n");
}
END_TEST

START_TEST(what_a_rule_allows_works)
{
	make_scratch();
	expect_lines(ruled(SCRIPT("set -e; cd /tmp; echo x > a; mkdir b; mv a b/c; ln b/c d; cat d; "
				  "truncate -s 0 d; rm -r b d; cat /data/file")),
		"x\ncontent");
}
END_TEST

START_TEST(file_that_no_rule_is_about_cannot_be_read)
{
	const char *script = "cat /data/file 2> /dev/null || echo refused";
	ct_spec *spec = SCRIPT(script);

	make_scratch();
	set(ct_spec_add_landlock_path(spec, "/bin", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0));
	set(ct_spec_add_landlock_path(spec, "/dev/null", CT_LANDLOCK_WRITE_FILE, 0));
	expect_lines(spec, "refused\n");
	spec = SCRIPT(script);
	set(ct_spec_add_landlock_path(spec, "/bin", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0));
	set(ct_spec_add_landlock_path(spec, "/dev/null", CT_LANDLOCK_WRITE_FILE, 0));
	set(ct_spec_add_landlock_path(spec, "/data/file", CT_LANDLOCK_ALL, 0));
	expect_lines(spec, "content");
}
END_TEST

/* A bind is another mount; a rule is about what is below a path in there. */
START_TEST(rule_holds_for_what_is_mounted_below_its_path)
{
	ct_spec *spec = ruled(writing("echo x > /tmp/host/new"));

	make_scratch();
	set(mkdir(in_dir("host"), 0755));
	set(ct_spec_add_bind(spec, in_dir("host"), "/tmp/host", 0));
	expect_lines(spec, "done\n");
	ck_assert_str_eq(read_file(in_dir("host/new")), "x\n");
	spec = ruled(writing("echo x > /data/host/other"));
	set(ct_spec_add_bind(spec, in_dir("host"), "/data/host", 0));
	expect_lines(spec, "refused\n");
	ck_assert_int_eq(access(in_dir("host/other"), F_OK), -1);
}
END_TEST

START_TEST(nobody_takes_the_rules_off)
{
	make_scratch();
	expect_lines(ruled(SCRIPT("chmod 777 /data; /bin/sh -c 'echo x > /data/new' 2> /dev/null || "
				  "echo refused")),
		"refused\n");
}
END_TEST

START_TEST(descriptors_of_the_spec_are_not_restricted)
{
	ct_spec *spec = SPEC("/bin/echo", "said");

	set(ct_spec_add_landlock_path(spec, "/bin", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0));
	expect_lines(spec, "said\n");
}
END_TEST

START_TEST(link_in_the_root_leads_a_rule_nowhere_else_than_inside)
{
	ct_spec *spec = writing("echo x > /data/new");

	make_scratch();
	set(symlink("/data", in_root("way")));
	set(ct_spec_add_landlock_path(spec, "/bin", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0));
	set(ct_spec_add_landlock_path(spec, "/way", CT_LANDLOCK_ALL, 0));
	set(ct_spec_add_landlock_path(spec, "/dev", CT_LANDLOCK_ALL, 0));
	expect_lines(spec, "done\n");
	ck_assert_str_eq(read_file(in_root("data/new")), "x\n");
}
END_TEST

/* -------------------------------------------------------------- init, no_new_privs */

START_TEST(init_lives_under_the_rules_too)
{
	ct_spec *spec = ruled(writing("echo x > /data/new"));

	make_scratch();
	set(ct_spec_set_init(spec, 1));
	expect_lines(spec, "refused\n");
}
END_TEST

START_TEST(rules_hold_without_no_new_privs_as_well)
{
	ct_spec *spec = ruled(writing("echo x > /data/new"));

	make_scratch();
	set(ct_spec_set_no_new_privs(spec, 0));
	expect_lines(spec, "refused\n");
}
END_TEST

/* --------------------------------------------------------------------- ports */

static const char *result(ct_spec *spec, const char *what)
{
	return tried(output_of(spec), what);
}

#define TRY(what) SPEC("/bin/probe", "try", what)

START_TEST(port_that_no_rule_is_about_is_refused)
{
	ct_spec *spec = TRY("bind=4242");

	set(ct_spec_add_landlock_port(spec, 4243, CT_LANDLOCK_BIND));
	ck_assert_str_eq(result(spec, "bind=4242"), "EACCES");
	spec = TRY("bind=4242");
	set(ct_spec_add_landlock_port(spec, 4242, CT_LANDLOCK_BIND));
	ck_assert_str_eq(result(spec, "bind=4242"), "0");
	spec = TRY("bind=4242");
	set(ct_spec_add_landlock_port(spec, 4243, CT_LANDLOCK_CONNECT)); /* another kind */
	ck_assert_str_eq(result(spec, "bind=4242"), "0");
}
END_TEST

/* A listener of this process. */
static int listen_at(int family, void *address, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, address, size), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	return fd;
}

static ct_spec *on_hosts_network(ct_spec *spec)
{
	set(ct_spec_set_ns_host(spec, CT_NS_NET));
	return spec;
}

/* The host's network is shared; the port is not. */
START_TEST(hosts_port_is_out_of_reach_unless_a_rule_allows_it)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	int fd = listen_at(AF_INET, &address, size);
	ct_spec *spec;
	char what[32];

	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	snprintf(what, sizeof(what), "connect=%u", ntohs(address.sin_port));
	ck_assert_str_eq(result(on_hosts_network(TRY(what)), what), "0");
	spec = restricting(on_hosts_network(TRY(what)), CT_LANDLOCK_CONNECT_PORTS);
	ck_assert_str_eq(result(spec, what), "EACCES");
	spec = on_hosts_network(TRY(what));
	set(ct_spec_add_landlock_port(spec, ntohs(address.sin_port), CT_LANDLOCK_CONNECT));
	ck_assert_str_eq(result(spec, what), "0");
	close(fd);
}
END_TEST

#define NUMBER_(number) #number
#define NUMBER(number)	NUMBER_(number)

/* By arguments that cannot succeed, but for the first two where the kernel has these protocols. */
static const struct {
	const char *what, *with;
} unseen[] = {
	{"call=" NUMBER(__NR_socket) ",2,1,262", "EPROTONOSUPPORT"}, /* MPTCP */
	{"call=" NUMBER(__NR_socket) ",10,1,256", "EPROTONOSUPPORT"}, /* SMC */
	{"call=" NUMBER(__NR_socket) ",43,1,0", "EAFNOSUPPORT"},
	{"call=" NUMBER(__NR_sendto) ",-1,0,0,0x20004000", "EOPNOTSUPP"}, /* MSG_FASTOPEN, MSG_NOSIGNAL */
	{"call=" NUMBER(__NR_sendmsg) ",-1,0,0x20000000", "EOPNOTSUPP"},
	{"call=" NUMBER(__NR_sendmmsg) ",-1,0,0,0x20000000", "EOPNOTSUPP"},
};

START_TEST(way_to_tcp_that_the_kernel_does_not_see_is_shut)
{
	static const uint32_t what[] = {CT_LANDLOCK_BIND_PORTS, CT_LANDLOCK_CONNECT_PORTS};

	for (size_t i = 0; i < 2; i++) {
		ct_spec *spec = restricting(TRY(unseen[_i].what), what[i]);

		/* No rule of the spec's opens what the rules of ports shut. */
		set(ct_spec_add_seccomp_rule(spec, "socket", CT_SECCOMP_ALLOW, 0, NULL, 0));
		ck_assert_str_eq(result(spec, unseen[_i].what), unseen[_i].with);
	}
	if (_i > 2) {
		ck_assert_str_eq(result(TRY(unseen[_i].what), unseen[_i].what), "EBADF");
		ck_assert_str_eq(
			result(restricting(TRY(unseen[_i].what), CT_LANDLOCK_SIGNALS), unseen[_i].what), "EBADF");
	}
}
END_TEST

START_TEST(way_that_is_shut_is_shut_for_who_joins)
{
	ct_spec *spec = restricting(SPEC("/bin/sh", "-c", "echo ready; exec probe pause"), CT_LANDLOCK_BIND_PORTS);
	ct_spec *visit = VISITOR("/bin/probe", "try", unseen[_i].what);
	ct_container *target = start_ready(spec), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_join(target, 0, 0, visit, &visitor, &err);

	ck_assert_str_eq(tried(outcome_of(code, visitor, &err)->out, unseen[_i].what), unseen[_i].with);
	ct_container_free(target);
	ct_spec_free(visit);
	ct_spec_free(spec);
}
END_TEST

START_TEST(ordinary_sockets_work_beside_rules_about_ports)
{
	ct_spec *spec = TRY("loopback");

	set(ct_spec_add_landlock_port(spec, 0, CT_LANDLOCK_BIND));
	ck_assert_str_eq(result(spec, "loopback"), "0");
}
END_TEST

/* -------------------------------------------------------------------- scopes */

START_TEST(abstract_socket_of_the_host_is_out_of_reach)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64], what[80];
	int fd;

	snprintf(name, sizeof(name), "ct-test-%d", getpid());
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", name);
	fd = listen_at(AF_UNIX, &address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
	snprintf(what, sizeof(what), "abstract=%s", name);
	ck_assert_str_eq(result(on_hosts_network(TRY(what)), what), "0");
	ck_assert_str_eq(
		result(restricting(on_hosts_network(TRY(what)), CT_LANDLOCK_ABSTRACT), what), "EPERM");
	close(fd);
}
END_TEST

START_TEST(signals_reach_none_but_the_payloads_own)
{
	char script[120];

	for (int scoped = 0; scoped < 2; scoped++) {
		ct_spec *spec;

		snprintf(script, sizeof(script),
			"sleep 9 & kill $! && echo own; kill -0 %d 2> /dev/null && echo host; true", getpid());
		spec = restricting(SCRIPT(script), scoped ? CT_LANDLOCK_SIGNALS : 0);
		set(ct_spec_set_ns_host(spec, CT_NS_PID));
		expect_lines(spec, scoped ? "own\n" : "own\nhost\n");
	}
}
END_TEST

/* ----------------------------------------------------------- what is enforced */

static ct_protection protection_of(const ct_container *container)
{
	ct_protection about = CT_PROTECTION_INIT;

	set(ct_container_protection(container, CT_ITEM_LANDLOCK, &about));
	return about;
}

START_TEST(container_tells_the_abi_that_is_enforced)
{
	ct_spec *spec = ruled(SPEC("/bin/probe", "pause"));
	int abi = abi_of_kernel();
	ct_container *container = NULL;

	make_scratch();
	set(ct_spawn(spec, &container, NULL));
	ck_assert_int_eq(ct_container_landlock_abi(container), abi < NEWEST ? abi : NEWEST);
	ck_assert_int_eq(protection_of(container).state, CT_ITEM_ENFORCED);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(container_without_rules_has_none_and_says_so)
{
	ct_spec *spec = restricting(SPEC("/bin/probe", "pause"), 0);
	ct_container *container = NULL;

	set(ct_spawn(spec, &container, NULL));
	ck_assert_int_eq(ct_container_landlock_abi(container), 0);
	ck_assert_int_eq(protection_of(container).state, CT_ITEM_NOT_ASKED);
	ct_container_free(container);
	ct_spec_free(spec);
	ck_assert_int_eq(ct_container_landlock_abi(NULL), -EINVAL);
}
END_TEST

/* A kernel without landlock, for this thread and what it starts. */
START_TEST(kernel_without_landlock_is_an_error_unless_that_may_be_lacking)
{
	ct_container *container = NULL;
	struct outcome *outcome;
	ct_protection about;
	ct_error err = CT_ERROR_INIT;
	ct_spec *spec;

	make_scratch();
	fail_call(CREATE_RULESET, _i ? EOPNOTSUPP : ENOSYS);
	box_accept_changes();
	spec = ruled(SPEC("/bin/echo", "runs"));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EOPNOTSUPP, CT_STEP_LANDLOCK, "landlock",
		"has no landlock");
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_LANDLOCK)));
	set(ct_spawn(spec, &container, &err));
	about = protection_of(container);
	ck_assert_int_eq(about.state, CT_ITEM_LACKING);
	ck_assert_int_eq(about.why.step, CT_STEP_LANDLOCK);
	ck_assert_int_eq(ct_container_landlock_abi(container), 0);
	outcome = outcome_of(0, container, &err);
	ck_assert_str_eq(outcome->out, "runs\n");
	ct_spec_free(spec);
}
END_TEST

/* --------------------------------------------------------------------- joins */

static const char *joined(ct_container *target, ct_spec *spec)
{
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_join(target, 0, 0, spec, &visitor, &err);
	struct outcome *outcome = outcome_of(code, visitor, &err);

	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	ct_spec_free(spec);
	return outcome->out;
}

#define VISIT "if echo x > /data/new; then echo done; else echo refused; fi 2> /dev/null"

START_TEST(joined_process_gets_the_rules_of_its_target)
{
	ct_spec *spec = ruled(SPEC("/bin/sh", "-c", "echo ready; exec /bin/probe pause"));
	ct_container *target;

	make_scratch();
	target = start_ready(spec);
	ck_assert_str_eq(joined(target, VISITOR("/bin/sh", "-c", VISIT)), "refused\n");
	ck_assert_str_eq(joined(target, restricting(VISITOR("/bin/sh", "-c", VISIT), 0)), "done\n");
	ct_container_free(target);
	ct_spec_free(spec);
}
END_TEST

START_TEST(rule_whose_path_is_gone_keeps_nobody_from_joining)
{
	ct_spec *spec = ruled(SPEC("/bin/sh", "-c", "echo ready; exec /bin/probe pause"));
	ct_container *target;

	make_scratch();
	target = start_ready(spec);
	set(rmdir(in_root("tmp")));
	ck_assert_str_eq(joined(target, VISITOR("/bin/sh", "-c", VISIT)), "refused\n");
	ct_container_free(target);
	ct_spec_free(spec);
}
END_TEST

START_TEST(container_that_is_found_again_has_its_rules)
{
	ct_spec *spec = ruled(SPEC("/bin/sh", "-c", "echo ready; exec /bin/probe pause"));
	ct_container *target, *found = NULL;
	ct_error err = CT_ERROR_INIT;
	int states;

	make_scratch();
	set(mkdir(in_dir("states"), 0700));
	states = open(in_dir("states"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	set(ct_spec_add_landlock_port(spec, 80, CT_LANDLOCK_BIND));
	target = start_ready(spec);
	set(ct_detach(target, &err));
	set(ct_container_save(target, states, "web", &err));
	set(ct_container_load(states, "web", &found, &err));
	ck_assert_int_eq(ct_container_landlock_abi(found), ct_container_landlock_abi(target));
	ck_assert_str_eq(joined(found, VISITOR("/bin/sh", "-c", VISIT)), "refused\n");
	ct_container_free(found);
	set(ct_kill(target, SIGKILL, &err));
	wait_for(target);
	ct_container_free(target);
	ct_spec_free(spec);
	set(ct_state_remove(states, "web", &err));
	close(states);
}
END_TEST

/* ------------------------------------------------------------------- refusals */

static void expect_refused(ct_spec *spec, int code, int step, const char *object, const char *words)
{
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, code, step, object, words);
	ct_spec_free(spec);
}

START_TEST(missing_path_is_an_error_unless_it_is_optional)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_add_landlock_path(spec, "/missing", CT_LANDLOCK_ALL, 0));
	expect_refused(spec, -ENOENT, CT_STEP_LANDLOCK, "/missing", "No such file");
	spec = ruled(SPEC("/bin/echo", "runs"));
	make_scratch();
	set(ct_spec_add_landlock_path(spec, "/missing", CT_LANDLOCK_ALL, CT_LANDLOCK_OPTIONAL));
	expect_lines(spec, "runs\n");
}
END_TEST

START_TEST(file_takes_no_rule_for_directories)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_add_landlock_path(spec, "/bin/true", CT_LANDLOCK_READ_DIR, 0));
	expect_refused(spec, -ENOTDIR, CT_STEP_LANDLOCK, "/bin/true", NULL);
}
END_TEST

START_TEST(program_that_the_rules_shut_out_is_told_as_such)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_add_landlock_path(spec, "/bin", CT_LANDLOCK_READ, 0));
	expect_refused(spec, -EACCES, CT_STEP_EXEC, "/bin/true", "landlock");
}
END_TEST

START_TEST(magic_link_is_no_path_of_a_rule)
{
	ct_spec *spec = SPEC("/bin/true");

	set(ct_spec_add_landlock_path(spec, "/proc/self/exe", CT_LANDLOCK_ALL, 0));
	expect_refused(spec, -ELOOP, CT_STEP_LANDLOCK, "/proc/self/exe", NULL);
}
END_TEST

START_TEST(rule_that_says_nothing_sound_is_refused)
{
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(ct_spec_set_landlock(NULL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_path(NULL, "/", CT_LANDLOCK_ALL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_port(NULL, 1, CT_LANDLOCK_BIND), -EINVAL);
	ck_assert_int_eq(ct_spec_set_landlock(spec, 64), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_path(spec, "/", 0, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_path(spec, "/", 0x10000, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_ALL, 2), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_path(spec, "tmp", CT_LANDLOCK_ALL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_path(spec, "/a/../b", CT_LANDLOCK_ALL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_port(spec, 65536, CT_LANDLOCK_BIND), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_port(spec, 80, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_landlock_port(spec, 80, 4), -EINVAL);
	expect_refused(spec, -EINVAL, CT_STEP_ARGUMENT, "landlock: 0x40", "unknown bits");
}
END_TEST

START_TEST(too_many_rules_are_refused)
{
	ct_spec *spec = SPEC("/bin/true");

	for (uint32_t port = 0; port < 128; port++) {
		set(ct_spec_add_landlock_port(spec, port, CT_LANDLOCK_BIND));
		set(ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_ALL, 0));
	}
	ck_assert_int_eq(ct_spec_add_landlock_port(spec, 128, CT_LANDLOCK_BIND), -E2BIG);
	ck_assert_int_eq(ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_ALL, 0), -E2BIG);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------ lesser kernels */

static const struct {
	uint32_t what;
	int abi;
	const char *object;
} newer[] = {{CT_LANDLOCK_PATHS, 3, "truncation"}, {CT_LANDLOCK_PATHS, 5, "ioctl of devices"},
	{CT_LANDLOCK_CONNECT_PORTS, 4, "TCP ports"}, {CT_LANDLOCK_SIGNALS, 6, "signals"},
	{CT_LANDLOCK_ABSTRACT, 6, "abstract sockets"}, {CT_LANDLOCK_SIGNALS | CT_LANDLOCK_LOG, 7, "log"}};

/* On a kernel that knows it there is nothing to refuse. */
START_TEST(kernel_that_lacks_a_part_is_an_error_that_names_it)
{
	int abi = abi_of_kernel();

	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++) {
		ct_spec *spec = SPEC("/bin/true");
		struct outcome *outcome;

		set(ct_spec_set_landlock(spec, newer[i].what));
		if (newer[i].what == CT_LANDLOCK_PATHS)
			set(ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_ALL, 0));
		outcome = attempt(spec);
		if (abi >= newer[i].abi && (newer[i].what != CT_LANDLOCK_PATHS || abi >= 5)) {
			ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
		} else if (newer[i].abi == abi + 1) {
			expect_error(outcome->code, &outcome->err, -EOPNOTSUPP, CT_STEP_LANDLOCK,
				newer[i].object, "this takes ABI");
		} else {
			ck_assert_int_eq(outcome->code, -EOPNOTSUPP);
		}
		ct_spec_free(spec);
	}
}
END_TEST

/* Truncation, say, on ABI 2: the rest of the rules holds. */
START_TEST(rest_holds_where_a_part_may_be_lacking)
{
	const uint32_t all = CT_LANDLOCK_PATHS | CT_LANDLOCK_CONNECT_PORTS | CT_LANDLOCK_SIGNALS;
	ct_spec *spec = ruled(SPEC("/bin/sh", "-c", "echo ready; exec /bin/probe pause"));
	int abi = abi_of_kernel();
	ct_container *target;

	make_scratch();
	set(ct_spec_set_landlock(spec, all));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_LANDLOCK)));
	target = start_ready(spec);
	ck_assert_int_eq(ct_container_landlock_abi(target), abi < NEWEST ? abi : NEWEST);
	ck_assert_int_eq(protection_of(target).state, abi < 6 ? CT_ITEM_LACKING : CT_ITEM_ENFORCED);
	ck_assert_uint_eq(protection_of(target).count, (abi < 3) + (abi < 4) + (abi < 5) + (abi < 6));
	ct_container_free(target);
	ct_spec_free(spec);
	spec = ruled(writing("echo x > /data/new"));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_LANDLOCK)));
	expect_lines(spec, "refused\n");
}
END_TEST

/* Adds a sentence with its values where the kernel knows as much of landlock as it takes. */
static void add_with_abi(TCase *tc, const TTest *test, int abi, int count)
{
	int known = abi_of_kernel();

	if (known >= abi)
		tcase_add_loop_test(tc, test, 0, count);
	else
		printf("  skipped  %s: this kernel's landlock has ABI %d, and this takes %d\n", test->name,
			known < 0 ? 0 : known, abi);
}

static void add_sentences(TCase *tc)
{
	const struct {
		const TTest *test;
		int abi;
	} rows[] = {
		{what_no_rule_allows_is_refused_to_a_user, 5},
		{what_a_rule_allows_works, 5},
		{file_that_no_rule_is_about_cannot_be_read, 5},
		{rule_holds_for_what_is_mounted_below_its_path, 5},
		{nobody_takes_the_rules_off, 5},
		{descriptors_of_the_spec_are_not_restricted, 5},
		{link_in_the_root_leads_a_rule_nowhere_else_than_inside, 5},
		{init_lives_under_the_rules_too, 5},
		{rules_hold_without_no_new_privs_as_well, 5},
		{port_that_no_rule_is_about_is_refused, 4},
		{hosts_port_is_out_of_reach_unless_a_rule_allows_it, 4},
		{ordinary_sockets_work_beside_rules_about_ports, 4},
		{abstract_socket_of_the_host_is_out_of_reach, 6},
		{signals_reach_none_but_the_payloads_own, 6},
		{container_tells_the_abi_that_is_enforced, 5},
		{joined_process_gets_the_rules_of_its_target, 5},
		{rule_whose_path_is_gone_keeps_nobody_from_joining, 5},
		{container_that_is_found_again_has_its_rules, 5},
		{missing_path_is_an_error_unless_it_is_optional, 5},
		{file_takes_no_rule_for_directories, 5},
		{program_that_the_rules_shut_out_is_told_as_such, 5},
		{magic_link_is_no_path_of_a_rule, 5},
		{kernel_that_lacks_a_part_is_an_error_that_names_it, 1},
		{rest_holds_where_a_part_may_be_lacking, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add_with_abi(tc, rows[i].test, rows[i].abi, 1);
	add_with_abi(tc, what_no_rule_allows_is_refused_to_root_too, 5,
		sizeof(writes) / sizeof(writes[0]));
	add_with_abi(tc, way_to_tcp_that_the_kernel_does_not_see_is_shut, 4, sizeof(unseen) / sizeof(unseen[0]));
	add_with_abi(tc, way_that_is_shut_is_shut_for_who_joins, 4, sizeof(unseen) / sizeof(unseen[0]));
}

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("landlock", &tc);

	need_root();
	add_sentences(tc);
	tcase_add_loop_test(tc, kernel_without_landlock_is_an_error_unless_that_may_be_lacking, 0, 2);
	tcase_add_test(tc, container_without_rules_has_none_and_says_so);
	tcase_add_test(tc, rule_that_says_nothing_sound_is_refused);
	tcase_add_test(tc, too_many_rules_are_refused);
	return suite_run(suite);
}
