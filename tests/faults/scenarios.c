/* SPDX-License-Identifier: MIT */
/* The scenarios; see scenarios.h. */
#include "scenarios.h"

#include "bad.h"
#include "facts.h"
#include "page.h"
#include "rooms.h"
#include "support/needs.h"
#include "trees.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* -------------------------------------------------------------------- the scene */

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), ret = -1;
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	struct stat stat;

	if (in >= 0 && out >= 0 && fstat(in, &stat) == 0 &&
		sendfile(out, in, NULL, (size_t)stat.st_size) == stat.st_size)
		ret = 0;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ret;
}

int make_root(struct scene *scene)
{
	static const char *const dirs[] = {"", "/bin", "/proc", "/sys", "/dev", "/tmp", "/etc", "/mnt", "/run",
		"/var", "/var/tmp"};
	char path[PATH_MAX];

	snprintf(scene->root, sizeof(scene->root), "%s/root", scene->dir);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", scene->root, dirs[i]);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
	}
	snprintf(path, sizeof(path), "%s/bin/probe", scene->root);
	if (copy_file(TEST_PROBE, path) < 0) {
		scene->wrong = "the probe cannot be copied";
		return -1;
	}
	return ct_rootfs_open(scene->root, &scene->rootfs, &scene->err) < 0 ? -1 : 0;
}

/* ---------------------------------------------------------------- of containers */

/* All that a container tells before it ends, on its stdout or its terminal. Closes that. */
static void read_facts(struct scene *scene, int fd)
{
	size_t used = 0;
	ssize_t got = 1;

	begin_own();
	while (fd >= 0 && got > 0 && used < sizeof(scene->facts) - 1) {
		got = read(fd, scene->facts + used, sizeof(scene->facts) - 1 - used);
		used += got > 0 ? (size_t)got : 0;
	}
	scene->facts[used] = '\0';
	facts_steady(scene->facts, sizeof(scene->facts));
	if (fd >= 0)
		close(fd);
	end_own();
}

/* Reads what the payload tells, and waits for its end; frees the container in any case. */
static int end_telling(struct scene *scene, ct_container *box, int fd)
{
	ct_exit how = CT_EXIT_INIT;
	int ret;

	if (scene->lasting) {
		scene->doing = "ct_kill";
		(void)ct_kill(box, SIGKILL, &scene->err);
		begin_own();
		if (fd >= 0)
			close(fd);
		end_own();
	} else {
		read_facts(scene, fd);
	}
	scene->doing = "ct_wait";
	ret = ct_wait(box, WAIT_MS, &how, &scene->err);
	if (ret >= 0 && scene->lasting && how.signal != SIGKILL)
		scene->wrong = "the payload has not run until it was killed";
	else if (ret >= 0 && how.signal == SIGKILL && !scene->lasting)
		scene->wrong = PAYLOAD_KILLED;
	else if (ret >= 0 && !scene->lasting && how.code != 0)
		scene->wrong = "the payload has not ended with 0";
	ct_container_free(box);
	return ret;
}

int end(struct scene *scene, ct_container *box)
{
	return end_telling(scene, box, ct_container_take_stdio(box, 1));
}

int new_spec(struct scene *scene)
{
	const char *const argv[] = {"/bin/probe", scene->lasting ? "pause" : "facts", NULL};
	int ret;

	scene->doing = "ct_spec_new";
	ret = ct_spec_new(&scene->spec);
	if (ret < 0) {
		/* It can fail for one reason alone, and so has no error to fill in. */
		scene->err.code = ret;
		scene->err.step = CT_STEP_MEMORY;
		strcpy(scene->err.sentence, "ct_spec_new");
		return ret;
	}
	ct_spec_set_argv(scene->spec, argv);
	ct_spec_set_stdio(scene->spec, 1, CT_STDIO_PIPE, -1);
	if (scene->rootfs && !scene->target)
		ct_spec_set_rootfs(scene->spec, scene->rootfs);
	return 0;
}

int made(struct scene *scene, int ret)
{
	if (scene->spec && ct_spec_check(scene->spec, NULL) < 0) {
		ct_spec_free(scene->spec);
		scene->spec = NULL;
	}
	return ret;
}

void free_spec(struct scene *scene)
{
	ct_spec_free(scene->spec);
	scene->spec = NULL;
}

int spawn_and_end(struct scene *scene)
{
	ct_container *box = NULL;
	int ret;

	scene->doing = "ct_spawn";
	ret = ct_spawn(scene->spec, &box, &scene->err);
	return made(scene, ret < 0 ? ret : end(scene, box));
}

static int spawn(struct scene *scene)
{
	int ret = scene->spec ? 0 : new_spec(scene);

	return ret < 0 ? ret : spawn_and_end(scene);
}

/* Much of what a spec can ask for. */
static void ask_for_much(struct scene *scene)
{
	const gid_t groups[] = {7, 8};
	ct_spec *spec = scene->spec;

	ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL);
	ct_spec_add_bind(spec, "/usr/lib", "/mnt/lib", CT_MOUNT_READONLY);
	ct_spec_add_tmpfs(spec, "/run", 1 << 20, 0755, 0);
	ct_spec_add_file(spec, "hello\n", 6, "/etc/hello", 0644);
	ct_spec_add_masked_path(spec, "/var/tmp");
	ct_spec_add_readonly_path(spec, "/bin");
	ct_spec_set_hostname(spec, "faulty");
	ct_spec_set_domainname(spec, "example");
	ct_spec_set_sysctl(spec, "net.ipv4.ip_unprivileged_port_start", "80");
	ct_spec_set_rlimit(spec, 7, 64, 64);
	ct_spec_set_oom_score_adj(spec, 500);
	ct_spec_set_umask(spec, 027);
	ct_spec_set_cwd(spec, "/tmp");
	ct_spec_set_user(spec, 1, 1);
	ct_spec_set_groups(spec, groups, 2);
	ct_spec_add_ambient_cap(spec, "cap_net_bind_service");
	ct_spec_set_time_offsets(spec, 1000000000, 2000000000);
	ct_spec_map_fd(spec, 1, 9);
}

static int create_and_start(struct scene *scene)
{
	ct_container *box = NULL;
	bool is_new = !scene->spec;
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	if (is_new)
		ask_for_much(scene);
	scene->doing = "ct_create";
	ret = ct_create(scene->spec, &box, &scene->err);
	if (ret < 0)
		return made(scene, ret);
	scene->doing = "ct_start";
	ret = ct_start(box, &scene->err);
	if (ret >= 0)
		return end(scene, box);
	ct_container_free(box);
	return made(scene, ret);
}

/* The second sandbox stays without a payload. */
static int take_from_pool(struct scene *scene)
{
	ct_payload payload = CT_PAYLOAD_INIT;
	const ct_payload_fd map = {1, 9};
	ct_container *box = NULL;
	ct_pool *pool = NULL;
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	scene->doing = "ct_pool_new";
	ret = ct_pool_new(scene->spec, 2, &pool, &scene->err);
	if (ret < 0)
		return made(scene, ret);
	payload.fds = &map;
	payload.fd_count = 1;
	scene->doing = "ct_pool_take";
	ret = ct_pool_take(pool, &payload, &box, &scene->err);
	ct_pool_free(pool);
	return ret < 0 ? ret : end(scene, box);
}

/* In a user namespace of its own, with ids that are nobody's. */
static int spawn_as_nobody(struct scene *scene)
{
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	ct_spec_set_idmap(scene->spec, CT_IDMAP_PRIVATE, 0);
	return spawn_and_end(scene);
}

/* ---------------------------------------------------------------- of terminals */

static int create_with_terminal(struct scene *scene)
{
	ct_container *box = NULL;
	int terminal, ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	ct_spec_set_stdio(scene->spec, 1, CT_STDIO_INHERIT, -1);
	ct_spec_set_terminal(scene->spec, 24, 80);
	scene->doing = "ct_create";
	ret = ct_create(scene->spec, &box, &scene->err);
	if (ret < 0)
		return made(scene, ret);
	terminal = ct_container_take_terminal(box);
	scene->doing = "ct_terminal_resize";
	ret = ct_terminal_resize(terminal, 50, 200, &scene->err);
	if (ret >= 0) {
		scene->doing = "ct_start";
		ret = ct_start(box, &scene->err);
	}
	if (ret >= 0)
		return end_telling(scene, box, terminal);
	begin_own();
	close(terminal);
	end_own();
	ct_container_free(box);
	return made(scene, ret);
}

/* ------------------------------------------------------------------ of cgroups */

/* The calls for a container that runs; the first that fails. */
static int govern(struct scene *scene, ct_container *box)
{
	ct_figures figures = CT_FIGURES_INIT;
	int ret;

	scene->doing = "ct_container_set_limit";
	ret = ct_container_set_limit(box, CT_LIMIT_PIDS_MAX, 40, &scene->err);
	if (ret < 0)
		return ret;
	scene->doing = "ct_container_freeze";
	ret = ct_container_freeze(box, WAIT_MS, &scene->err);
	if (ret < 0)
		return ret;
	scene->doing = "ct_container_thaw";
	ret = ct_container_thaw(box, &scene->err);
	if (ret < 0)
		return ret;
	scene->doing = "ct_container_figures";
	return ct_container_figures(box, &figures, &scene->err);
}

static int spawn_limited(struct scene *scene)
{
	ct_container *box = NULL;
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	ct_spec_set_limit(scene->spec, CT_LIMIT_MEMORY_MAX, 64 << 20);
	ct_spec_set_limit(scene->spec, CT_LIMIT_PIDS_MAX, 50);
	ct_spec_set_time_limit(scene->spec, CT_TIME_WALL, 3600000);
	ct_spec_set_time_limit(scene->spec, CT_TIME_CPU, 3600000);
	scene->doing = "ct_create";
	ret = ct_create(scene->spec, &box, &scene->err);
	if (ret < 0)
		return made(scene, ret);
	ret = govern(scene, box);
	if (ret >= 0) {
		scene->doing = "ct_start";
		ret = ct_start(box, &scene->err);
	}
	if (ret >= 0)
		return end(scene, box);
	ct_container_free(box);
	return made(scene, ret);
}

int set_up_cgroups(struct scene *scene)
{
	if (make_root(scene) < 0)
		return -1;
	if (!can_make_cgroup()) {
		scene->wrong = "no cgroup can be made here";
		return -1;
	}
	return 0;
}

/* -------------------------------------------------------------------- of joins */

static int set_up_target(struct scene *scene)
{
	int ret;

	if (make_root(scene) < 0)
		return -1;
	scene->lasting = true;
	ret = new_spec(scene);
	scene->lasting = false;
	if (ret < 0 || ct_spawn(scene->spec, &scene->target, &scene->err) < 0)
		return -1;
	free_spec(scene);
	return 0;
}

static int join(struct scene *scene)
{
	ct_container *box = NULL;
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	scene->doing = "ct_join";
	ret = ct_join(scene->target, 0, 0, scene->spec, &box, &scene->err);
	return made(scene, ret < 0 ? ret : end(scene, box));
}

/* ------------------------------------------------------------------- of visits */

#define PLACE "/mnt/scene"

static int open_file(struct scene *scene)
{
	int fd;

	scene->doing = "ct_container_open_file";
	fd = ct_container_open_file(
		scene->target, PLACE "/canary", O_RDWR | O_CREAT, 0644, &scene->err);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int mount_and_open(struct scene *scene)
{
	int dir, ret;

	begin_own();
	dir = open(scene->tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	end_own();
	scene->doing = "ct_container_mount";
	ret = ct_container_mount(scene->target, dir, PLACE, 0, &scene->err);
	close(dir);
	if (ret >= 0)
		ret = open_file(scene);
	if (ret < 0)
		return ret;
	scene->doing = "ct_container_unmount";
	return ct_container_unmount(scene->target, PLACE, &scene->err);
}

static int leave(struct scene *scene)
{
	ct_error err = CT_ERROR_INIT;
	int ret = ct_container_unmount(scene->target, PLACE, &err);

	/* ESTALE: it was removed, and the answer was lost. */
	return ret == -ENOENT || ret == -ESTALE ? 0 : ret;
}

/* What the library does not know of it could not remove. */
static const char *mount_left(struct scene *scene)
{
	char path[64], line[1024];
	bool found = false;
	FILE *file;

	if (leave(scene) < 0)
		return "a mount cannot be removed";
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", ct_container_pid(scene->target));
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, " " PLACE " ") != NULL;
	if (!file)
		return "the container has ended";
	fclose(file);
	return found ? "a mount that failed is there" : NULL;
}

static int set_up_visit(struct scene *scene)
{
	if (set_up_target(scene) < 0)
		return -1;
	snprintf(scene->tree, sizeof(scene->tree), "%s/tree", scene->dir);
	return mkdir(scene->tree, 0755) < 0 && errno != EEXIST ? -1 : 0; /* there was a host before it */
}

/* -------------------------------------------------------------- of a whole life */

static char over[3][192]; /* of the overlay: lower, upper, work */

static int set_up_life(struct scene *scene)
{
	static const char *const names[] = {"lower", "upper", "work"};

	if (set_up_cgroups(scene) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(over[i], sizeof(over[i]), "%s/%s", scene->dir, names[i]);
		if (mkdir(over[i], 0755) < 0 && errno != EEXIST)
			return -1;
	}
	return set_up_archive(scene);
}

static int new_life(struct scene *scene)
{
	const char *const lowers[] = {over[0], NULL};
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	ask_for_much(scene);
	ct_spec_add_overlay(scene->spec, lowers, over[1], over[2], "/mnt/over", 0);
	ct_spec_set_limit(scene->spec, CT_LIMIT_MEMORY_MAX, 64 << 20);
	ct_spec_set_limit(scene->spec, CT_LIMIT_PIDS_MAX, 50);
	return 0;
}

static int visit(struct scene *scene, ct_container *box, ct_container **ret_visitor)
{
	const char *const argv[] = {"/bin/probe", "pause", NULL};
	ct_spec *spec = NULL;
	int ret;

	scene->doing = "ct_join";
	ret = ct_spec_new(&spec);
	if (ret < 0)
		return ret;
	ct_spec_set_argv(spec, argv);
	ret = ct_join(box, 0, 0, spec, ret_visitor, &scene->err);
	ct_spec_free(spec);
	return ret;
}

/* A tree appears and goes; a container is made, governed, runs, is joined, is killed and freed. */
static int live(struct scene *scene)
{
	ct_container *box = NULL, *visitor = NULL;
	int ret;

	scene->lasting = true;
	ret = extract(scene);
	if (ret >= 0 && !scene->spec)
		ret = new_life(scene);
	if (ret < 0)
		return ret;
	scene->doing = "ct_spawn";
	ret = ct_spawn(scene->spec, &box, &scene->err);
	if (ret < 0)
		return made(scene, ret);
	ret = visit(scene, box, &visitor);
	begin_own();
	usleep(10000);
	end_own();
	if (ret >= 0)
		ret = govern(scene, box);
	ct_container_free(visitor);
	if (ret < 0)
		ct_container_free(box);
	else
		ret = end(scene, box);
	return ret < 0 ? ret : remove_it(scene);
}

/* -------------------------------------------------------------------- of lists */

static int list(struct scene *scene)
{
	ct_ns_list *rows = NULL;
	char *text = NULL;
	int ret;

	scene->doing = "ct_ns_list_system";
	ret = ct_ns_list_system(0, 0, &rows, &scene->err);
	if (ret < 0)
		return ret;
	if (ct_ns_list_count(rows) < 7)
		scene->wrong = "there are fewer than seven namespaces";
	scene->doing = "ct_ns_list_to_text";
	ret = ct_ns_list_to_text(rows, CT_NS_FORMAT_TREE, &text);
	if (ret < 0) {
		scene->err.code = ret; /* as ct_spec_new() */
		scene->err.step = CT_STEP_MEMORY;
		strcpy(scene->err.sentence, "ct_ns_list_to_text");
	}
	ct_ns_text_free(text);
	ct_ns_list_free(rows);
	return ret;
}

static int set_up_nothing(struct scene *scene)
{
	(void)scene;
	return 0;
}

static void finish_nothing(struct scene *scene)
{
	(void)scene;
}

const struct scenario scenarios[] = {
	{"spawn", make_root, NULL, spawn, free_spec, NULL},
	{"create", make_root, NULL, create_and_start, free_spec, NULL},
	{"pool", make_root, NULL, take_from_pool, free_spec, NULL},
	{"image", set_up_image, NULL, spawn_from_image, free_spec, loop_left},
	{"terminal", make_root, NULL, create_with_terminal, free_spec, NULL},
	{"idmap", make_root, NULL, spawn_as_nobody, free_spec, NULL},
	{"cgroup", set_up_cgroups, NULL, spawn_limited, free_spec, NULL},
	{"join", set_up_target, NULL, join, free_spec, NULL},
	{"visit", set_up_visit, leave, mount_and_open, finish_nothing, mount_left},
	{"extract", set_up_archive, remove_tree, extract, finish_nothing, tree_left},
	{"remove", set_up_archive, make_tree, remove_it, finish_nothing, tree_left},
	{"list", set_up_nothing, NULL, list, finish_nothing, NULL},
	{"state", set_up_states, prepare_states, keep_states, finish_nothing, NULL},
	{"configuration", set_up_configuration, NULL, read_configuration, finish_nothing, NULL},
	{"capture", make_root, NULL, capture, free_spec, NULL},
	{"events", set_up_cgroups, NULL, watch, free_spec, NULL},
	{"explain", make_root, NULL, explain, free_spec, NULL},
	/* SCENARIOS_UNLISTED: by their names alone */
	{"life", set_up_life, remove_tree, live, free_spec, tree_left},
	{"careless", set_up_nothing, NULL, be_careless, finish_nothing, NULL},
	{"bad", set_up_nothing, NULL, do_badly, finish_nothing, NULL},
};
const size_t scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);
