/* SPDX-License-Identifier: MIT */
/* See rooms.h. */
#include "rooms.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts.h"
#include "page.h"
#include "scenarios.h"
#include "support/image.h"

/* ------------------------------------------------------------------ of states */

static int states = -1;
static char ended[4096]; /* the state of a container that has ended */

static int write_ended(void)
{
	int fd = openat(states, "ended", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t size = (ssize_t)strlen(ended);
	int ret = fd >= 0 && write(fd, ended, (size_t)size) == size ? 0 : -1;

	if (fd >= 0)
		close(fd);
	return ret;
}

static int read_ended(void)
{
	int fd = openat(states, "ended", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd >= 0 ? read(fd, ended, sizeof(ended) - 1) : -1;

	if (fd >= 0)
		close(fd);
	return size > 0 ? 0 : -1;
}

static int start_one(struct scene *scene, ct_container **ret_box)
{
	int ret;

	scene->lasting = true;
	ret = new_spec(scene);
	scene->lasting = false;
	if (ret >= 0)
		ret = ct_spawn(scene->spec, ret_box, &scene->err);
	free_spec(scene);
	return ret;
}

int set_up_states(struct scene *scene)
{
	ct_container *box = NULL;
	char path[192];

	snprintf(path, sizeof(path), "%s/states", scene->dir);
	if (make_root(scene) < 0 || (mkdir(path, 0700) < 0 && errno != EEXIST))
		return -1;
	states = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)unlinkat(states, "ended", 0); /* there was a host before this */
	if (states < 0 || start_one(scene, &box) < 0)
		return -1;
	if (ct_container_save(box, states, "ended", &scene->err) < 0 || read_ended() < 0)
		return -1;
	ct_container_free(box);
	return start_one(scene, &scene->target);
}

int prepare_states(struct scene *scene)
{
	(void)scene;
	(void)unlinkat(states, "runs", 0);
	return write_ended();
}

int keep_states(struct scene *scene)
{
	ct_container *found = NULL;
	int ret;

	scene->doing = "ct_container_save";
	ret = ct_container_save(scene->target, states, "runs", &scene->err);
	if (ret < 0)
		return ret;
	scene->doing = "ct_container_load";
	ret = ct_container_load(states, "runs", &found, &scene->err);
	if (ret < 0)
		return ret;
	if (ct_container_pid(found) != ct_container_pid(scene->target))
		scene->wrong = "another container is found";
	ct_container_free(found);
	scene->doing = "ct_state_remove";
	ret = ct_state_remove(states, "ended", &scene->err);
	begin_own();
	if (ret >= 0 && faccessat(states, "ended", F_OK, 0) == 0)
		scene->wrong = "the state is still there";
	end_own();
	return ret;
}

/* ---------------------------------------------------------- of configurations */

static char bundle[160];
static const char configuration[] =
	"{\"ociVersion\": \"1.0.2\", \"hostname\": \"faulty\","
	" \"root\": {\"path\": \"root\", \"readonly\": true},"
	" \"process\": {\"args\": [\"/bin/probe\", \"facts\"], \"cwd\": \"/\", \"env\": [\"A=b\", \"C=d\"],"
	"  \"user\": {\"uid\": 1, \"gid\": 2, \"umask\": 18, \"additionalGids\": [5, 6]},"
	"  \"noNewPrivileges\": true, \"oomScoreAdj\": 100,"
	"  \"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"hard\": 64, \"soft\": 64}],"
	"  \"capabilities\": {\"bounding\": [\"CAP_KILL\"], \"permitted\": [\"CAP_KILL\"],"
	"   \"effective\": [\"CAP_KILL\"], \"inheritable\": []}},"
	" \"mounts\": [{\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\"},"
	"  {\"destination\": \"/run\", \"type\": \"tmpfs\", \"source\": \"tmpfs\","
	"   \"options\": [\"nosuid\", \"mode=755\", \"size=65536k\"]},"
	"  {\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"root\", \"options\": [\"rbind\", \"ro\"]}],"
	" \"linux\": {\"namespaces\": [{\"type\": \"pid\"}, {\"type\": \"mount\"}, {\"type\": \"ipc\"},"
	"   {\"type\": \"uts\"}, {\"type\": \"network\"}, {\"type\": \"cgroup\"}],"
	"  \"maskedPaths\": [\"/proc/kcore\"], \"readonlyPaths\": [\"/proc/sys\"],"
	"  \"sysctl\": {\"net.ipv4.ip_unprivileged_port_start\": \"80\"},"
	"  \"resources\": {\"devices\": [{\"allow\": false, \"access\": \"rwm\"},"
	"    {\"allow\": true, \"type\": \"c\", \"major\": 1, \"minor\": 3, \"access\": \"rw\"}],"
	"   \"memory\": {\"limit\": 67108864}, \"pids\": {\"limit\": 50}, \"cpu\": {\"shares\": 512}},"
	"  \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mount\", \"swapon\"],"
	"    \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}, {\"names\": [\"personality\"],"
	"    \"action\": \"SCMP_ACT_KILL_PROCESS\", \"args\": [{\"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_EQ\"}]}]}}}";

int set_up_configuration(struct scene *scene)
{
	snprintf(bundle, sizeof(bundle), "%s", scene->dir);
	return make_root(scene);
}

int read_configuration(struct scene *scene)
{
	ct_spec *spec = NULL;
	int ret;

	scene->doing = "ct_spec_from_oci_text";
	ret = ct_spec_from_oci_text(configuration, sizeof(configuration) - 1, bundle, &spec, &scene->err);
	if (ret >= 0 && ct_spec_check(spec, NULL) < 0)
		scene->wrong = "a spec is given out that remembers a mistake";
	ct_spec_free(spec);
	return ret;
}

/* ----------------------------------------------------------------- of captures */

int capture(struct scene *scene)
{
	ct_output output = CT_OUTPUT_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_container *box = NULL;
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	ct_spec_set_stdio(scene->spec, 0, CT_STDIO_PIPE, -1);
	scene->doing = "ct_spawn";
	ret = ct_spawn(scene->spec, &box, &scene->err);
	if (ret < 0)
		return made(scene, ret);
	if (scene->lasting)
		return end(scene, box);
	scene->doing = "ct_capture";
	output.input = "input";
	output.input_size = 5;
	ret = ct_capture(box, &output, WAIT_MS, &how, &scene->err);
	if (ret >= 0 && how.signal == SIGKILL)
		scene->wrong = PAYLOAD_KILLED;
	begin_own();
	snprintf(scene->facts, sizeof(scene->facts), "%s", output.out ? output.out : "");
	facts_steady(scene->facts, sizeof(scene->facts));
	end_own();
	ct_output_done(&output);
	ct_container_free(box);
	return made(scene, ret);
}

/* ------------------------------------------------------------------- of events */

static int await_end(struct scene *scene, ct_events *events)
{
	ct_event event = CT_EVENT_INIT;
	int ret;

	do {
		ret = ct_events_next(events, WAIT_MS, &event, &scene->err);
		if (ret == 0)
			scene->wrong = "no event has told the end";
	} while (ret > 0 && event.kind != CT_EVENT_EXITED);
	return ret;
}

int watch(struct scene *scene)
{
	ct_events *events = NULL;
	ct_container *box = NULL;
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	ct_spec_set_limit(scene->spec, CT_LIMIT_PIDS_MAX, 50);
	scene->doing = "ct_create";
	ret = ct_create(scene->spec, &box, &scene->err);
	if (ret < 0)
		return made(scene, ret);
	scene->doing = "ct_events_new";
	ret = ct_events_new(&events, &scene->err);
	if (ret >= 0) {
		scene->doing = "ct_events_add";
		ret = ct_events_add(events, box, NULL, &scene->err);
	}
	if (ret >= 0) {
		scene->doing = "ct_start";
		ret = ct_start(box, &scene->err);
	}
	if (ret >= 0 && !scene->lasting) {
		scene->doing = "ct_events_next";
		ret = await_end(scene, events);
	}
	ct_events_free(events);
	if (ret >= 0)
		return end(scene, box);
	ct_container_free(box);
	return made(scene, ret);
}

/* ------------------------------------------------------------- of explain mode */

static void listen(const ct_trace_event *event, void *data)
{
	(void)event;
	(void)data;
}

int explain(struct scene *scene)
{
	ct_container *box = NULL;
	int ret = scene->spec ? 0 : new_spec(scene);

	if (ret < 0)
		return ret;
	ct_spec_set_trace(scene->spec, listen, NULL);
	scene->doing = "ct_spawn";
	ret = ct_spawn(scene->spec, &box, &scene->err);
	return made(scene, ret < 0 ? ret : end(scene, box));
}

/* ------------------------------------------------------------------- of images */

static char image[192];

/* A squashfs, since that wants a loop device. */
int set_up_image(struct scene *scene)
{
	if (make_root(scene) < 0)
		return -1;
	snprintf(image, sizeof(image), "%s/image", scene->dir);
	if (can_mount_images() && pack_image(&image_formats[0], scene->root, image) == 0)
		return 0;
	scene->wrong = "no image can be made and mounted here";
	return -1;
}

int spawn_from_image(struct scene *scene)
{
	ct_rootfs *rootfs = NULL;
	int ret;

	scene->doing = "ct_rootfs_open_image";
	ret = ct_rootfs_open_image(image, 0, &rootfs, &scene->err);
	if (ret < 0)
		return ret;
	ret = scene->spec ? 0 : new_spec(scene);
	if (ret >= 0) {
		ct_spec_set_rootfs(scene->spec, rootfs);
		ct_spec_set_root_mode(scene->spec, CT_ROOT_READONLY);
		ret = spawn_and_end(scene);
	}
	ct_rootfs_free(rootfs);
	return ret;
}

const char *loop_left(struct scene *scene)
{
	return await_no_loops(scene->dir, WAIT_MS) > 0 ? "a loop device is left" : NULL;
}
