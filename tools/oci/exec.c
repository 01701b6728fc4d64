/* SPDX-License-Identifier: MIT */
/* exec: one more process in a running container. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "state.h"

struct exec_args {
	const char *process, *pid_file, *console_socket, *cwd, *user, *preserve;
	const char **env, **caps, **groups;
	bool detach, terminal, no_new_privs;
};

/* "1000" or "1000:100" becomes uid and gid of /user. */
static int set_user(json_t *process, const char *text)
{
	char *colon = strchr(text, ':'), *uid_text = strndup(text, strcspn(text, ":"));
	json_t *user = json_object_get(process, "user");
	int64_t uid, gid = 0;
	bool ok = uid_text && to_number(uid_text, 0, UINT32_MAX - 1, &uid) &&
		  (!colon || to_number(colon + 1, 0, UINT32_MAX - 1, &gid));

	free(uid_text);
	if (!ok)
		return complain("--user: %s: it is no UID and no UID:GID", text);
	if (!user) {
		user = json_object();
		json_object_set_new(process, "user", user);
	}
	json_object_set_new(user, "uid", json_integer(uid));
	if (colon)
		json_object_set_new(user, "gid", json_integer(gid));
	return 0;
}

/* A capability goes into all sets; into the ambient one if the user is not root. */
static void add_cap(json_t *process, const char *name)
{
	static const char *const sets[] = {
		"bounding", "effective", "permitted", "inheritable", "ambient"};
	json_t *caps = json_object_get(process, "capabilities");
	json_t *uid = json_object_get(json_object_get(process, "user"), "uid");

	if (!caps) {
		caps = json_object();
		json_object_set_new(process, "capabilities", caps);
	}
	for (size_t i = 0; i < (json_integer_value(uid) ? 5 : 3); i++) {
		json_t *set = json_object_get(caps, sets[i]);

		if (!json_is_array(set)) {
			set = json_array();
			json_object_set_new(caps, sets[i], set);
		}
		json_array_append_new(set, json_string(name));
	}
}

static json_t *strings_of(char **words)
{
	json_t *list = json_array();

	for (; *words; words++)
		json_array_append_new(list, json_string(*words));
	return list;
}

static int set_groups(json_t *process, const char **groups)
{
	json_t *list = json_array();
	int64_t id;

	for (; *groups; groups++) {
		if (!to_number(*groups, 0, UINT32_MAX - 1, &id)) {
			json_decref(list);
			return complain("--additional-gids: %s: it is no number", *groups);
		}
		json_array_append_new(list, json_integer(id));
	}
	return json_object_set_new(json_object_get(process, "user"), "additionalGids", list);
}

/* That of the container, with what the options say laid over it. */
static int process_of_options(
	const struct box *box, const struct exec_args *args, char **words, json_t **ret_process)
{
	json_t *process = json_deep_copy(json_object_get(box->config, "process"));
	json_t *env = json_object_get(process, "env");
	int ret = 0;

	if (!process)
		return complain("%s: its configuration is gone", box->id);
	json_object_set_new(process, "args", strings_of(words));
	json_object_set_new(process, "terminal", json_boolean(args->terminal));
	if (args->cwd)
		json_object_set_new(process, "cwd", json_string(args->cwd));
	if (args->no_new_privs)
		json_object_set_new(process, "noNewPrivileges", json_true());
	if (args->env && !env) {
		env = json_array();
		json_object_set_new(process, "env", env);
	}
	for (const char **setting = args->env; setting && *setting; setting++)
		json_array_append_new(env, json_string(*setting));
	if (args->user)
		ret = set_user(process, args->user);
	if (ret == 0 && args->groups)
		ret = set_groups(process, args->groups);
	for (const char **cap = args->caps; cap && *cap; cap++)
		add_cap(process, *cap);
	if (ret)
		json_decref(process);
	else
		*ret_process = process;
	return ret;
}

static int process_of_file(const char *path, json_t **ret_process)
{
	size_t size;
	char *text = read_whole(AT_FDCWD, path, &size);
	json_error_t why;

	if (!text)
		return complain("--process: %s: %s", path, strerror(errno));
	*ret_process = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
	free(text);
	return *ret_process ? 0 : complain("--process: %s: line %d: %s", path, why.line, why.text);
}

static int make_spec(json_t *process, int64_t preserve, ct_spec **ret_spec)
{
	ct_error err = CT_ERROR_INIT;
	char *text = json_dumps(process, JSON_COMPACT);
	int ret = text ? ct_spec_from_oci_process(text, strlen(text), ret_spec, &err) : -ENOMEM;

	free(text);
	if (ret < 0)
		return err.code ? complain_of(&err) : complain("out of memory");
	for (int fd = 3; fd < 3 + preserve; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			ct_spec_map_fd(*ret_spec, fd, fd);
	return 0;
}

static int join(struct box *box, const struct exec_args *args, ct_spec *spec)
{
	ct_container *target = NULL, *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	int terminal, ret = box_load(box, &target);

	if (ret == 0 && ct_join(target, 0, 0, spec, &visitor, &err) < 0)
		ret = complain_of(&err);
	if (ret) {
		ct_container_free(target);
		return 255;
	}
	terminal = ct_container_take_terminal(visitor);
	if (args->console_socket && terminal >= 0)
		ret = send_terminal(args->console_socket, terminal);
	if (ret == 0 && args->pid_file)
		ret = write_pid_file(args->pid_file, ct_container_pid(visitor));
	if (ret == 0 && args->detach) {
		(void)ct_detach(visitor, NULL); /* one that has ended already needs none */
		_exit(0); /* not freed: whoever takes over this process's children waits for it */
	}
	if (ret == 0)
		ret = attend(visitor, args->console_socket ? -1 : terminal);
	ct_container_free(visitor);
	ct_container_free(target);
	return ret;
}

static int run(struct box *box, const struct exec_args *args, char **words)
{
	json_t *process = NULL;
	ct_spec *spec = NULL;
	int64_t preserve = 0;
	int ret;

	if (box->status != STATUS_RUNNING)
		return complain("%s: it is %s, and nothing can be executed in it", box->id,
			status_name(box->status));
	if (args->preserve && !to_number(args->preserve, 0, 120, &preserve))
		return complain("--preserve-fds: it is no number from 0 to 120");
	ret = args->process ? process_of_file(args->process, &process) :
			      process_of_options(box, args, words, &process);
	if (ret)
		return ret;
	ret = make_spec(process, preserve, &spec);
	if (ret == 0)
		ret = join(box, args, spec);
	ct_spec_free(spec);
	json_decref(process);
	return ret;
}

int command_exec(int argc, char **argv)
{
	struct exec_args args = {0};
	const struct option_row rows[] = {
		{"process", 'p', .text = &args.process},
		{"pid-file", 0, .text = &args.pid_file},
		{"console-socket", 0, .text = &args.console_socket},
		{"cwd", 0, .text = &args.cwd},
		{"user", 'u', .text = &args.user},
		{"env", 'e', .list = &args.env},
		{"cap", 'c', .list = &args.caps},
		{"additional-gids", 'g', .list = &args.groups},
		{"preserve-fds", 0, .text = &args.preserve},
		{"detach", 'd', .flag = &args.detach},
		{"tty", 't', .flag = &args.terminal},
		{"no-new-privs", 0, .flag = &args.no_new_privs},
		{0},
	};
	struct box box;
	int at = take_options(argc, argv, rows, 1, -1);
	int ret;

	if (at < 0)
		return 1;
	if (!args.process && !argv[at + 1])
		return complain("exec: there is no command");
	ret = box_open(&box, argv[at], false);
	if (ret)
		return ret;
	ret = run(&box, &args, argv + at + 1);
	box_close(&box);
	free(args.env);
	free(args.caps);
	free(args.groups);
	return ret;
}
