/* SPDX-License-Identifier: MIT */
/*
 * Runs a command that may make device nodes without the right to: the host makes those that
 * are harmless for it, and refuses all others.
 *
 *     cc -o broker broker.c $(pkg-config --cflags --libs container)
 *     ./broker DIRECTORY COMMAND [ARGUMENT...]
 *
 * Needs root. The path is copied once, found below the container's root, and never used by another
 * look at the command's memory.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The policy: /dev/null, zero, full, random, urandom. */
static int is_harmless(mode_t mode, dev_t device)
{
	return S_ISCHR(mode) && major(device) == 1 && minor(device) != 0 &&
		strchr("\003\005\007\010\011", (int)minor(device));
}

/* The errno that the call fails with; 0: the node is there. */
static int make_node(ct_container *box, char *path, mode_t mode, dev_t device)
{
	char *name = strrchr(path, '/');
	int dir, ret;

	if (path[0] != '/' || !is_harmless(mode, device))
		return EPERM;
	*name = '\0';
	dir = ct_container_open_file(box, *path ? path : "/", O_DIRECTORY, 0, NULL);
	*name++ = '/';
	if (dir < 0)
		return -dir;
	ret = mknodat(dir, name, S_IFCHR | (mode & 0777), device) < 0 ? errno : 0;
	close(dir);
	return ret;
}

static void answer(ct_container *box, int fd, const ct_notification *call)
{
	int at = strcmp(call->call, "mknodat") == 0; /* it has a directory before the path */
	char path[256] = "";
	int got = ct_notify_read(fd, call, call->args[at], path, sizeof(path) - 1, NULL);
	int code = got < 0 || strlen(path) == sizeof(path) - 1 ? EPERM :
		make_node(box, path, (mode_t)call->args[at + 1], (dev_t)call->args[at + 2]);

	fprintf(stderr, "broker: %s %s: %s\n", call->call, path, code ? strerror(code) : "made");
	ct_notify_answer(fd, call, code, 0, NULL); /* that it is gone meanwhile is no failure */
}

int main(int argc, char **argv)
{
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *root = NULL;
	ct_container *box = NULL;
	ct_spec *spec = NULL;
	int fd, ret;

	if (argc < 3)
		errx(125, "usage: broker DIRECTORY COMMAND [ARGUMENT...]");
	if (ct_rootfs_open(argv[1], &root, &err) < 0 || ct_spec_new(&spec) < 0)
		errx(125, "%s", err.sentence);
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_argv(spec, (const char *const *)&argv[2]);
	ct_spec_add_seccomp_rule(spec, "mknod", CT_SECCOMP_NOTIFY, 0, NULL, 0);
	ct_spec_add_seccomp_rule(spec, "mknodat", CT_SECCOMP_NOTIFY, 0, NULL, 0);
	if (ct_spawn(spec, &box, &err) < 0)
		errx(125, "%s\nbroker: %s", err.sentence, err.cure);

	fd = ct_container_take_notify(box);
	for (;;) {
		ct_notification call = CT_NOTIFICATION_INIT;

		ret = ct_notify_receive(fd, ct_container_pidfd(box), CT_FOREVER, &call, &err);
		if (ret < 0)
			break;
		answer(box, fd, &call);
	}
	if (ret != -ENOTCONN) /* nobody is left */
		errx(125, "%s", err.sentence);
	if (ct_wait(box, CT_FOREVER, &how, &err) < 0)
		errx(125, "%s", err.sentence);
	close(fd);
	ct_container_free(box);
	ct_spec_free(spec);
	ct_rootfs_free(root);
	return how.signal ? 128 + how.signal : how.code;
}
