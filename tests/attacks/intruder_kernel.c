/* SPDX-License-Identifier: MIT */
/* Attempts at system calls that a container has no business with. */
#include "intruder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MPTCP 262 /* which the headers of older systems lack */

/*
 * "call NUMBER ARGUMENT...": whether the kernel gets to see it. Arguments are chosen so that it
 * cannot succeed and says something else than the filter: EFAULT, EINVAL, EBADF.
 */
static int call(char **args)
{
	long number = strtol(args[0], NULL, 0), values[6] = {0};

	for (int i = 0; i < 6 && args[i + 1]; i++)
		values[i] = (long)strtoull(args[i + 1], NULL, 0);
	if (syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]) >= 0)
		return 1;
	say_error("the kernel");
	if (errno == ENOSYS)
		absent("the kernel has no such call, or it is filtered");
	return errno != EPERM;
}

/* The entries of other kinds of programs, by a call that everybody may make: getpid. */
static int by_int80(char **args)
{
	(void)args;
#if defined(__x86_64__)
	long ret = 20;

	__asm__ volatile("int $0x80" : "+a"(ret) : : "r8", "r9", "r10", "r11", "memory");
	if ((int)ret == -ENOSYS)
		absent("no 32-bit calls");
	return (int)ret > 0;
#else
	absent("another machine");
#endif
}

static int by_x32(char **args)
{
	(void)args;
#if defined(__x86_64__)
	if (syscall(0x40000000 + SYS_getpid) > 0)
		return 1;
	absent("no x32 calls");
#else
	absent("another machine");
#endif
}

/* Every family but those of ordinary programs: unix, inet, inet6, netlink. */
static int open_families(char **args)
{
	static const int ordinary[] = {AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	int found = 0;

	(void)args;
	for (int family = 0; family < 64; family++) {
		static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
		bool usual = false;

		for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
			usual |= ordinary[i] == family;
		for (size_t i = 0; !usual && i < sizeof(types) / sizeof(types[0]); i++) {
			int fd = socket(family, types[i] | SOCK_CLOEXEC, 0);

			/* What the family itself says of type or protocol comes from inside of it. */
			if (fd < 0 && errno != ESOCKTNOSUPPORT && errno != EPROTONOSUPPORT)
				continue;
			printf("family %d is open\n", family);
			found++;
			break;
		}
	}
	return found;
}

/* Flags behind a pointer, which no filter can look at. */
static int clone3_user(char **args)
{
	struct clone_args clone = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	long child = syscall(SYS_clone3, &clone, sizeof(clone));

	(void)args;
	if (child == 0)
		_exit(0);
	if (child < 0) {
		say_error("clone3");
		return 0;
	}
	waitpid((pid_t)child, NULL, 0);
	return 1;
}

/* Keystrokes into the terminal on stdin, plain and with bits set that the kernel does not look at. */
static int push_keys(char **args)
{
	int pushed = 0;

	(void)args;
	for (uint64_t high = 0; high < 2; high++)
		if (syscall(SYS_ioctl, 0, high << 32 | TIOCSTI, "x") == 0)
			pushed++;
		else
			say_error(high ? "TIOCSTI with high bits" : "TIOCSTI");
	return pushed;
}

/* TIOCLINUX, by a harmless one of its commands: which shift keys are held. */
static int paste(char **args)
{
	char command = 6;
	int console = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void)args;
	if (console < 0)
		absent("no virtual console");
	if (ioctl(console, TIOCLINUX, &command) == 0)
		return 1;
	say_error("TIOCLINUX");
	return 0;
}

static int connect_abstract(char **args)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *name = told("abstract");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)args;
	memcpy(address.sun_path + 1, name, strlen(name));
	if (connect(fd, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) == 0)
		return 1;
	say_error("connect");
	return 0;
}

/* "connect WAY": to the host on loopback, who speaks TCP. */
static int connect_port(char **args)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(told("port"))),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = to.sin_port,
		.sin6_addr = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}}};
	const bool by_ipv6 = strcmp(args[0], "ipv6") == 0, at_once = strcmp(args[0], "fastopen") == 0;
	int fd = socket(by_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC,
		strcmp(args[0], "mptcp") == 0 ? MPTCP : 0);
	long ret;

	if (fd >= 0 && at_once)
		ret = sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)) == 1 ? 0 : -1;
	else if (fd >= 0 && by_ipv6)
		ret = connect(fd, (struct sockaddr *)&mapped, sizeof(mapped));
	else
		ret = fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof(to));
	if (ret == 0)
		return 1;
	say_error(args[0]);
	if (errno == EPROTONOSUPPORT || errno == EOPNOTSUPP || errno == EAFNOSUPPORT || errno == EINVAL ||
		errno == ENOPROTOOPT)
		absent("the kernel has no such way to connect");
	return 0;
}

/* "bind WAY": to a port that others look for somebody else at. */
static int bind_port(char **args)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(4242),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, strcmp(args[0], "mptcp") == 0 ? MPTCP : 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1) == 0)
		return 1;
	say_error(args[0]);
	if (errno == EPROTONOSUPPORT || errno == EINVAL || errno == ENOPROTOOPT)
		absent("the kernel has no such sockets");
	return 0;
}

/* Whoever listens under a name without a file: whom else it could be meant for. */
static int find_abstract(char **args)
{
	char line[512];
	int found = 0;
	FILE *file = fopen("/proc/net/unix", "re");

	(void)args;
	if (!file)
		absent("no /proc/net/unix");
	while (fgets(line, sizeof(line), file))
		if (strstr(line, " @")) {
			printf("%s", line);
			found++;
		}
	fclose(file);
	return found;
}

static int find_key(char **args)
{
	char secret[16];
	long key = syscall(
		SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "ct-attack", 0);

	(void)args;
	if (key < 0 && errno == ENOSYS)
		absent("the kernel has no keyrings");
	if (key >= 0 && syscall(SYS_keyctl, KEYCTL_READ, key, secret, sizeof(secret)) > 0)
		return 1;
	say_error("keyctl");
	return 0;
}

const struct word kernel_words[] = {
	{"find-key", find_key},
	{"call", call},
	{"int80", by_int80},
	{"x32", by_x32},
	{"families", open_families},
	{"clone3-user", clone3_user},
	{"push-keys", push_keys},
	{"paste", paste},
	{"connect-abstract", connect_abstract},
	{"find-abstract", find_abstract},
	{"connect", connect_port},
	{"bind", bind_port},
	{0},
};
