/* SPDX-License-Identifier: MIT */
/* What is kept of a container: see state.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "state.h"

#define ID_LIMIT 200

const char *status_name(enum status status)
{
	static const char *const names[] = {"creating", "created", "running", "paused", "stopped"};

	return names[status];
}

/* As runc has it: what is a file name, and disturbs nobody. */
static bool is_id(const char *id)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
	size_t length = strlen(id);

	return length && length <= ID_LIMIT && strspn(id, letters) == length && id[0] != '.';
}

/* The directory of all states; it is made where it is not there. A negative errno on failure. */
static int open_root(bool make)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s", globals.root);
	for (char *at = path + 1; make && *at; at++)
		if (*at == '/') {
			*at = '\0';
			(void)mkdir(path, 0755);
			*at = '/';
		}
	if (make)
		(void)mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void box_lock(struct box *box)
{
	/* Not of the directory itself, which the library locks to write there. */
	if (box->lock < 0)
		box->lock = openat(box->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (box->lock >= 0 && flock(box->lock, LOCK_EX) < 0 && errno == EINTR)
		;
}

void box_unlock(struct box *box)
{
	if (box->lock >= 0)
		flock(box->lock, LOCK_UN);
}

int box_new(struct box *box, const char *id, const char *bundle)
{
	int root, ret = 0;

	*box = (struct box){.id = id, .directory = -1, .lock = -1, .bundle = bundle};
	if (!is_id(id))
		return complain("%s: a name has letters, digits and _ + - . alone", id);
	root = open_root(true);
	if (root < 0)
		return complain("%s: %s", globals.root, strerror(-root));
	if (mkdirat(root, id, 0700) < 0)
		ret = errno == EEXIST ? complain("%s: there is a container of that name", id) :
					complain("%s/%s: %s", globals.root, id, strerror(errno));
	if (ret == 0) {
		box->directory = openat(root, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (box->directory < 0)
			ret = complain("%s/%s: %s", globals.root, id, strerror(errno));
	}
	if (ret == 0)
		box_lock(box);
	close(root);
	return ret;
}

/* 'R', 'S', 'Z' and so on; 0: there is no such process. */
static char process_state(pid_t pid)
{
	char path[64];
	const char *at;
	char *text;
	char state = 0;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = read_whole(AT_FDCWD, path, &size);
	at = text ? strrchr(text, ')') : NULL;
	if (at && at[1] == ' ')
		state = at[2];
	free(text);
	return state;
}

static bool is_alive(const struct box *box)
{
	uint64_t ticks;
	char state;

	if (box->pid <= 0 || ct_pid_start_ticks(box->pid, &ticks) < 0 || ticks != box->ticks)
		return false;
	state = process_state(box->pid);
	return state && state != 'Z' && state != 'X';
}

static json_t *read_json(int directory, const char *name)
{
	size_t size;
	char *text = read_whole(directory, name, &size);
	json_t *json = text ? json_loadb(text, size, 0, NULL) : NULL;

	free(text);
	return json;
}

void box_look(struct box *box)
{
	json_decref(box->state);
	box->state = read_json(box->directory, "state.json");
	if (!box->config)
		box->config = read_json(box->directory, "config.json");
	box->pid = (pid_t)json_integer_value(json_object_get(box->state, "pid"));
	box->ticks = (uint64_t)json_integer_value(json_object_get(box->state, "startTicks"));
	box->cgroups = json_object_get(box->state, "cgroups");
	if (json_object_get(box->state, "bundle"))
		box->bundle = json_string_value(json_object_get(box->state, "bundle"));
	if (!is_alive(box))
		box->status = STATUS_STOPPED;
	else if (!json_is_true(json_object_get(box->state, "started")))
		box->status = STATUS_CREATED;
	else
		box->status = is_frozen(box) ? STATUS_PAUSED : STATUS_RUNNING;
}

int box_open(struct box *box, const char *id, bool lock)
{
	int root = open_root(false);
	int saved;

	*box = (struct box){.id = id, .directory = -1, .lock = -1, .bundle = ""};
	if (is_id(id) && root >= 0)
		box->directory = openat(root, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	saved = errno;
	if (root >= 0)
		close(root);
	if (box->directory < 0)
		return complain("container %s does not exist%s%s", id,
			root >= 0 && saved != ENOENT ? ": " : "",
			root >= 0 && saved != ENOENT ? strerror(saved) : "");
	if (lock)
		box_lock(box);
	box_look(box);
	return 0;
}

void box_close(struct box *box)
{
	if (box->directory >= 0)
		close(box->directory);
	json_decref(box->config);
	json_decref(box->state);
	if (box->lock >= 0)
		close(box->lock);
	*box = (struct box){.directory = -1, .lock = -1};
}

static int write_json(const struct box *box, const char *name, const json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(1));
	int ret = text ? write_whole(box->directory, name, text, 0600) : -ENOMEM;

	free(text);
	return ret < 0 ? complain("%s: %s: %s", box->id, name, strerror(-ret)) : 0;
}

/* Now, as RFC 3339 has it. */
static json_t *now(void)
{
	struct timespec at;
	struct tm utc;
	char text[64];
	size_t used;

	clock_gettime(CLOCK_REALTIME, &at);
	gmtime_r(&at.tv_sec, &utc);
	used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, sizeof(text) - used, ".%09ldZ", at.tv_nsec);
	return json_string(text);
}

int box_save(struct box *box, pid_t pid, const char *cgroup)
{
	uint64_t ticks = 0;

	if (!box->state)
		box->state = json_pack("{s:s,s:s,s:o}", "id", box->id, "bundle", box->bundle, "created",
			now());
	if (pid > 0 && ct_pid_start_ticks(pid, &ticks) < 0)
		ticks = 0;
	if (!box->state || json_object_set_new(box->state, "pid", json_integer(pid)) < 0 ||
		json_object_set_new(box->state, "startTicks", json_integer((json_int_t)ticks)) < 0 ||
		(cgroup && json_object_set_new(box->state, "cgroups", find_cgroups(pid, cgroup)) < 0))
		return complain("out of memory");
	box->pid = pid;
	box->ticks = ticks;
	box->cgroups = json_object_get(box->state, "cgroups");
	return write_json(box, "state.json", box->state);
}

int box_save_config(const struct box *box)
{
	return write_json(box, "config.json", box->config);
}

int box_remove(struct box *box)
{
	int root = open_root(false);
	int copy = fcntl(box->directory, F_DUPFD_CLOEXEC, 3);
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);
	int ret = root < 0 ? root : 0;
	struct dirent *entry;

	/* A start at this instant finds no state to begin with. */
	unlinkat(box->directory, "state.json", 0);
	unlinkat(box->directory, "notify/notify.sock", 0);
	unlinkat(box->directory, "notify", AT_REMOVEDIR);
	if (directory)
		rewinddir(directory);
	while (directory && (entry = readdir(directory)))
		unlinkat(box->directory, entry->d_name, 0);
	if (directory)
		closedir(directory);
	if (ret == 0 && unlinkat(root, box->id, AT_REMOVEDIR) < 0)
		ret = -errno;
	if (root >= 0)
		close(root);
	return ret < 0 ? complain("%s/%s: %s", globals.root, box->id, strerror(-ret)) : 0;
}

json_t *box_state(const struct box *box)
{
	json_t *annotations = json_object_get(box->config, "annotations");
	json_t *state = json_pack("{s:s,s:s,s:s,s:s}", "ociVersion", VERSION_OF_SPEC, "id", box->id,
		"status", status_name(box->status), "bundle", box->bundle);

	if (state && box->status != STATUS_STOPPED && box->pid > 0)
		json_object_set_new(state, "pid", json_integer(box->pid));
	if (state && json_is_object(annotations))
		json_object_set(state, "annotations", annotations);
	return state;
}

int box_pidfd(const struct box *box)
{
	int fd = box->pid > 0 ? (int)syscall(SYS_pidfd_open, box->pid, 0) : -1;

	if (fd < 0)
		return -ESRCH;
	if (is_alive(box)) /* after the descriptor was opened: it is of this very process */
		return fd;
	close(fd);
	return -ESRCH;
}

int box_load(struct box *box, ct_container **ret_container)
{
	ct_error err = CT_ERROR_INIT;

	if (ct_container_load(box->directory, "box", ret_container, &err) < 0)
		return complain_of(&err);
	return 0;
}
