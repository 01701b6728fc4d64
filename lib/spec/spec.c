/* SPDX-License-Identifier: MIT */
/*
 * ct_spec: its life, and the setters of what to run and as whom. Namespaces,
 * mounts and rights have files of their own.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "spawn/keeper.h"
#include "spawn/plan.h"
#include "spec.h"
#include "util/fd.h"

int ct_spec_new(ct_spec **ret_spec)
{
	ct_spec *spec;

	if (!ret_spec)
		return -EINVAL;
	spec = calloc(1, sizeof(*spec));
	if (!spec)
		return -ENOMEM;
	if (pthread_mutex_init(&spec->lock, NULL) != 0) {
		free(spec);
		return -ENOMEM;
	}
	spec->mistake = (ct_error)CT_ERROR_INIT;
	spec->umask = 022;
	spec->rootfs_fd = -1;
	for (size_t i = 0; i < NS_KINDS; i++)
		spec->ns_given[i].fd = -1;
	spec->loopback = true;
	*ret_spec = spec;
	return 0;
}

int ct_spec_set_trace(ct_spec *spec, ct_trace_fn trace, void *data)
{
	if (!spec)
		return -EINVAL;
	/* The plan stays as it is: only the build of the stage that follows it is another one. */
	spec->trace = trace;
	spec->trace_data = data;
	return 0;
}

static void free_strings(char **strings)
{
	if (!strings)
		return;
	for (size_t i = 0; strings[i]; i++)
		free(strings[i]);
	free(strings);
}

static void free_lists(ct_spec *spec)
{
	ct__array_for_each(struct spec_mount, mount, &spec->mounts)
		ct__spec_mount_done(mount);
	ct__array_for_each(struct spec_path, path, &spec->paths)
		free(path->path);
	ct__array_for_each(struct spec_sysctl, sysctl, &spec->sysctls) {
		free(sysctl->path);
		free(sysctl->value);
	}
	ct__array_done(&spec->mounts);
	ct__array_done(&spec->paths);
	ct__array_done(&spec->sysctls);
	ct__array_done(&spec->groups);
	ct__array_done(&spec->uid_map);
	ct__array_done(&spec->gid_map);
	ct__array_for_each(struct spec_cgroup_key, key, &spec->cgroup.keys) {
		free(key->key);
		free(key->value);
	}
	ct__array_done(&spec->cgroup.keys);
	ct__array_done(&spec->cgroup.devices);
	ct__array_done(&spec->cgroup.limits);
	ct__array_done(&spec->rlimits);
	ct__array_done(&spec->fds);
	ct__seccomp_done(&spec->seccomp);
	ct__landlock_done(&spec->landlock);
}

void ct_spec_free(ct_spec *spec)
{
	if (!spec)
		return;
	ct__plan_unref(spec->plan);
	ct__plan_unref(spec->settled_plan);
	ct__plan_unref(spec->lesser_plan);
	ct__keeper_unref(spec->keeper);
	free_strings(spec->argv);
	free_strings(spec->envp);
	free(spec->program);
	free(spec->cwd);
	free(spec->hostname);
	free(spec->apparmor);
	free(spec->selinux);
	free(spec->domainname);
	free(spec->cgroup.parent);
	free(spec->cgroup.bus);
	free_lists(spec);
	ct__close(&spec->rootfs_fd);
	free(spec->rootfs_image);
	for (size_t i = 0; i < NS_KINDS; i++)
		ct__spec_ns_done(&spec->ns_given[i]);
	pthread_mutex_destroy(&spec->lock);
	free(spec);
}

int ct_spec_check(const ct_spec *spec, ct_error *err)
{
	if (!spec)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "spec");
	if (spec->mistake.code)
		ct__error_copy(&spec->mistake, err);
	return spec->mistake.code;
}

int ct__spec_mistake(ct_spec *spec, int code, const char *reason, const char *format, ...)
{
	char object[sizeof(spec->mistake.object)];
	va_list args;

	if (spec->mistake.code)
		return code;
	va_start(args, format);
	vsnprintf(object, sizeof(object), format, args);
	va_end(args);
	if (reason)
		return ct__fail_because(&spec->mistake, CT_STEP_ARGUMENT, code, reason, "%s", object);
	return ct__fail(&spec->mistake, code == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_ARGUMENT, code, NULL,
		"%s", object);
}

void ct__spec_changed(ct_spec *spec)
{
	ct__plan_unref(spec->plan);
	ct__plan_unref(spec->settled_plan);
	ct__plan_unref(spec->lesser_plan);
	spec->plan = spec->settled_plan = spec->lesser_plan = NULL;
	spec->unsettled = false;
}

int ct__spec_set_string(ct_spec *spec, char **field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "%s", value);
	ct__spec_changed(spec);
	free(*field);
	*field = copy;
	return 0;
}

/* Copies an array of strings that ends with NULL. */
static char **copy_strings(const char *const *strings)
{
	size_t count = 0;
	char **copy;

	while (strings[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (!copy)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		copy[i] = strdup(strings[i]);
		if (!copy[i]) {
			free_strings(copy);
			return NULL;
		}
	}
	return copy;
}

static int replace_strings(ct_spec *spec, char ***field, const char *const *strings, const char *what)
{
	char **copy = copy_strings(strings);

	if (!copy)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "%s", what);
	ct__spec_changed(spec);
	free_strings(*field);
	*field = copy;
	return 0;
}

int ct_spec_set_argv(ct_spec *spec, const char *const *argv)
{
	if (!spec)
		return -EINVAL;
	if (!argv || !argv[0] || !argv[0][0])
		return ct__spec_mistake(spec, -EINVAL, "a program is needed", "argv");
	return replace_strings(spec, &spec->argv, argv, "argv");
}

int ct_spec_set_program(ct_spec *spec, const char *program)
{
	if (!spec)
		return -EINVAL;
	if (!program) {
		ct__spec_changed(spec);
		free(spec->program);
		spec->program = NULL;
		return 0;
	}
	if (!program[0])
		return ct__spec_mistake(spec, -EINVAL, "it is empty", "program");
	return ct__spec_set_string(spec, &spec->program, program);
}

int ct_spec_set_env(ct_spec *spec, const char *const *envp)
{
	static const char *const empty[] = {NULL};

	if (!spec)
		return -EINVAL;
	if (!envp)
		envp = empty;
	for (size_t i = 0; envp[i]; i++)
		if (envp[i][0] == '=' || !strchr(envp[i], '='))
			return ct__spec_mistake(spec, -EINVAL, "it is not NAME=value",
				"environment: %s", envp[i]);
	return replace_strings(spec, &spec->envp, envp, "environment");
}

int ct_spec_set_cwd(ct_spec *spec, const char *cwd)
{
	if (!spec)
		return -EINVAL;
	if (!cwd || cwd[0] != '/')
		return ct__spec_mistake(spec, -EINVAL, "it is not absolute",
			"working directory: %s", cwd ? cwd : "NULL");
	return ct__spec_set_string(spec, &spec->cwd, cwd);
}

int ct_spec_set_umask(ct_spec *spec, mode_t mask)
{
	if (!spec)
		return -EINVAL;
	if (mask > 0777)
		return ct__spec_mistake(spec, -EINVAL, "it is over 0777", "umask: %#o", mask);
	ct__spec_changed(spec);
	spec->umask = mask;
	return 0;
}

int ct_spec_set_user(ct_spec *spec, uid_t uid, gid_t gid)
{
	if (!spec)
		return -EINVAL;
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return ct__spec_mistake(spec, -EINVAL, "4294967295 is no id", "user");
	ct__spec_changed(spec);
	spec->has_user = true;
	spec->uid = uid;
	spec->gid = gid;
	return 0;
}

int ct_spec_set_groups(ct_spec *spec, const gid_t *groups, size_t count)
{
	ct__array copy = {0};

	if (!spec)
		return -EINVAL;
	if (count > 65536 || (count && !groups))
		return ct__spec_mistake(spec, -EINVAL, "they are too many, or not there", "groups");
	for (size_t i = 0; i < count; i++) {
		int ret = groups[i] == (gid_t)-1 ? -EINVAL :
						   ct__array_add(&copy, &groups[i], sizeof(gid_t));

		if (ret < 0) {
			ct__array_done(&copy);
			return ct__spec_mistake(spec, ret, NULL, "groups");
		}
	}
	ct__spec_changed(spec);
	ct__array_done(&spec->groups);
	spec->has_groups = true;
	spec->groups = copy;
	return 0;
}
