/* SPDX-License-Identifier: MIT */
/*
 * Attacks on landlock's rules: at files in spite of users, modes and capabilities, and at a host whose
 * network or processes are shared. The controls have a rule that allows it, or no rules.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <container/landlock.h>
#include <container/protection.h>

#include "attacks/attacks.h"

#define READ	(CT_LANDLOCK_READ)
#define PROGRAM (CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE)

/* ------------------------------------------------------------- what lies about */

/* For everybody, as far as modes say: the rules alone are in the way. */
static void lay_files(void)
{
	ck_assert(mkdir(in_root("data"), 0777) == 0 && chmod(in_root("data"), 0777) == 0);
	ck_assert(mkdir(in_root("free"), 0777) == 0 && chmod(in_root("free"), 0777) == 0);
	write_file(in_root("data/file"), "x", 0666);
	copy_program(in_root("bin/intruder"), in_root("data/program"), 0755);
}

static void tell(const char *name, unsigned int value)
{
	FILE *file = fopen(in_root("etc/told"), "ae");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "%s=%u\n", name, value);
	ck_assert_int_eq(fclose(file), 0);
}

static void listen_on_loopback(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(at);

	ck_assert(bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 8) == 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	tell("port", ntohs(at.sin_port));
	box_accept_changes();
}

static void tell_pid(void)
{
	tell("pid", (unsigned int)getpid());
}

/* ---------------------------------------------------------------- rules, and none */

/* What older kernels do not know of files (truncation, ioctl) is not what is attacked. */
static void rule(ct_spec *spec, const char *path, uint64_t access)
{
	set(ct_spec_add_landlock_path(spec, path, access, 0));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_LANDLOCK)));
}

static void data_is_closed(ct_spec *spec)
{
	rule(spec, "/bin", PROGRAM);
	rule(spec, "/etc", READ);
	rule(spec, "/proc", READ);
	rule(spec, "/free", CT_LANDLOCK_ALL);
}

static void data_is_readable(ct_spec *spec)
{
	rule(spec, "/", READ);
	rule(spec, "/bin", PROGRAM);
	rule(spec, "/free", CT_LANDLOCK_ALL);
}

static void data_is_free(ct_spec *spec)
{
	rule(spec, "/", CT_LANDLOCK_ALL);
}

static void host_net_without_ports(ct_spec *spec)
{
	set(ct_spec_set_ns_host(spec, CT_NS_NET));
	set(ct_spec_set_landlock(spec, CT_LANDLOCK_CONNECT_PORTS));
}

static void no_port_to_bind(ct_spec *spec)
{
	set(ct_spec_set_landlock(spec, CT_LANDLOCK_BIND_PORTS));
}

static void host_net_without_abstract(ct_spec *spec)
{
	set(ct_spec_set_ns_host(spec, CT_NS_NET));
	set(ct_spec_set_landlock(spec, CT_LANDLOCK_ABSTRACT));
}

/* An ordinary user can mount no /proc for processes that are not his namespace's. */
static void host_pids_without_signals(ct_spec *spec)
{
	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	set(ct_spec_set_landlock(spec, CT_LANDLOCK_SIGNALS));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_PROC)));
}

static void nothing_restricted(ct_spec *spec)
{
	set(ct_spec_set_landlock(spec, 0));
}

#define REACH(way, what)                                                                           \
	{                                                                                          \
		.id = "C12", .sentence = "read a file that no rule allows, " what,                 \
		.words = WORDS("reach", way, "/data/file", "/free"), .roles = BY_ALL,              \
		.landlock = 2, .lay = lay_files, .prepare = data_is_closed, .loosen = data_is_free \
	}
#define CONNECT(way, what)                                                               \
	{                                                                                \
		.id = "C13", .sentence = "connect to a port that no rule allows, " what, \
		.words = WORDS("connect", way), .roles = BY_ALL, .landlock = 4,          \
		.lay = listen_on_loopback, .prepare = host_net_without_ports,            \
		.loosen = nothing_restricted                                             \
	}
#define SIGNAL(way)                                                                     \
	{                                                                               \
		.id = "C09", .sentence = "send a signal to the host by " way,           \
		.words = WORDS("signal-host", way), .roles = BY_CALLERS, .landlock = 6, \
		.lay = tell_pid, .prepare = host_pids_without_signals,                  \
		.loosen = nothing_restricted                                            \
	}

const struct attack ct_attacks_landlock[] = {
	REACH("path", "by its path"),
	REACH("descriptor", "through a descriptor that stands for it"),
	REACH("directory", "through a descriptor of its directory"),
	REACH("symlink", "through a symbolic link where everything is allowed"),
	REACH("link", "through a hard link where everything is allowed"),
	REACH("rename", "after moving it where everything is allowed"),
	REACH("root", "through /proc/self/root"),
	{.id = "C12",
		.sentence = "change a file that may only be read",
		.words = WORDS("change", "/data/file"),
		.roles = BY_ALL,
		.landlock = 2,
		.lay = lay_files,
		.prepare = data_is_readable,
		.loosen = data_is_free},
	{.id = "C12",
		.sentence = "make a file where only reading is allowed",
		.words = WORDS("change", "/data/new"),
		.roles = BY_ALL,
		.landlock = 2,
		.lay = lay_files,
		.prepare = data_is_readable,
		.loosen = data_is_free},
	{.id = "C12",
		.sentence = "execute a program that may only be read",
		.words = WORDS("execute", "/data/program"),
		.roles = BY_ALL,
		.landlock = 2,
		.lay = lay_files,
		.prepare = data_is_readable,
		.loosen = data_is_free},
	CONNECT("plain", "by its number"),
	CONNECT("ipv6", "by the address as IPv6 has it"),
	CONNECT("fastopen", "by sending before there is a connection"),
	CONNECT("mptcp", "by a protocol that falls back on TCP"),
	{.id = "C13",
		.sentence = "bind to a port that no rule allows",
		.words = WORDS("bind", "plain"),
		.roles = BY_ALL,
		.landlock = 4,
		.prepare = no_port_to_bind,
		.loosen = nothing_restricted},
	{.id = "C13",
		.sentence =
			"bind to a port that no rule allows, by a protocol that falls back on TCP",
		.words = WORDS("bind", "mptcp"),
		.roles = BY_ALL,
		.landlock = 4,
		.prepare = no_port_to_bind,
		.loosen = nothing_restricted},
	{.id = "A06",
		.sentence = "reach a host's socket that has a name and no file, on its network",
		.words = WORDS("connect-abstract"),
		.roles = BY_ALL,
		.landlock = 6,
		.lay = listen_abstractly,
		.prepare = host_net_without_abstract,
		.loosen = nothing_restricted},
	SIGNAL("kill"),
	SIGNAL("tgkill"),
	SIGNAL("sigqueue"),
	SIGNAL("pidfd"),
	{0},
};
