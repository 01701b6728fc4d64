/* SPDX-License-Identifier: MIT */
/*
 * Whether the program of a created container is there. Callers take what create says for their exit codes 127
 * and 126, and what start says for none. Only what is plain to see from here is told;
 * the rest (the payload's own rights, interpreters) is left to the start.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "state.h"

/* What ct_spec_set_argv() looks along where the environment has no PATH. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* ENOENT or EACCES, as execve(2) says it of that path beneath the root; 0: nothing speaks against it. */
static int look(int root, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	struct stat about;
	int fd, ret = 0;

	/* What these lead to depends on who looks. */
	if (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/dev/fd/", 8) == 0)
		return 0;
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ENOENT : 0;
	if (fstat(fd, &about) == 0 && (!S_ISREG(about.st_mode) || !(about.st_mode & 0111)))
		ret = EACCES;
	close(fd);
	return ret;
}

/* The same of a name in a directory; both may be relative to the working directory. */
static int look_in(int root, const char *cwd, const char *directory, size_t length, const char *name)
{
	char path[PATH_MAX];
	bool is_absolute = length ? directory[0] == '/' : name[0] == '/';
	int used = snprintf(path, sizeof(path), "%s%s%.*s/%s", is_absolute ? "" : cwd,
		is_absolute ? "" : "/", (int)length, length ? directory : "", name);

	return used < 0 || used >= (int)sizeof(path) ? 0 : look(root, path);
}

static const char *search_path(const json_t *process)
{
	const json_t *setting;
	size_t i;

	json_array_foreach(json_object_get(process, "env"), i, setting)
		if (json_is_string(setting) && strncmp(json_string_value(setting), "PATH=", 5) == 0)
			return json_string_value(setting) + 5;
	return DEFAULT_PATH;
}

/* Along PATH: the first that can be executed counts, else the first that cannot. */
static int search(int root, const char *cwd, const char *path, const char *name)
{
	int worst = ENOENT;

	for (;;) {
		size_t length = strcspn(path, ":");
		int error = look_in(root, cwd, path, length, name);

		if (!error)
			return 0;
		if (error == EACCES)
			worst = EACCES;
		if (!path[length])
			return worst;
		path += length + 1;
	}
}

int check_program(const struct box *box, ct_container *made)
{
	json_t *process = json_object_get(box->config, "process");
	const char *cwd = json_string_value(json_object_get(process, "cwd"));
	const char *name = json_string_value(json_array_get(json_object_get(process, "args"), 0));
	bool is_path = name && strchr(name, '/');
	int root, error;

	/* What keeps this process from looking may not keep the payload from executing. */
	root = name && cwd ? ct_container_open_file(made, "/", O_RDONLY | O_DIRECTORY, 0, NULL) : -1;
	if (root < 0)
		return 0;
	error = is_path ? look_in(root, cwd, NULL, 0, name) :
			  search(root, cwd, search_path(process), name);
	close(root);
	if (!error)
		return 0;
	/* Callers look for these words: they are those of runc. */
	return complain("exec: \"%s\": %s", name,
		error == EACCES ? "permission denied" :
		is_path		? "no such file or directory" :
				  "executable file not found in $PATH");
}
