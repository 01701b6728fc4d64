/* SPDX-License-Identifier: MIT */
/* The harness of the uses, its controls, and the comparison with the map; see host.h. */
#include "host.h"
#include "support/image.h"
#include "support/needs.h"

#include <container/oci.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct use *const lists[] = {rootfs_uses, spec_uses, spawn_uses, join_uses, ns_uses,
	cgroup_uses, probe_uses, protection_uses, terminal_uses, notify_uses, time_uses,
	oci_uses,
	events_uses, inside_uses, pool_uses};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

/* They have no way to tell of a failure. */
static const char *const never_fails[] = {"ct_container_cgroup", "ct_container_free",
	"ct_events_free", "ct_item_name", "ct_ns_kind_name",
	"ct_ns_list_count", "ct_ns_list_free", "ct_ns_list_mount_path", "ct_ns_text_free", "ct_oci_text_free", "ct_output_done", "ct_pool_free",
	"ct_probe_count", "ct_probe_free", "ct_probe_text_free", "ct_rootfs_free", "ct_spec_free",
	"ct_step_name", "ct_version"};

struct scene scene;

/* ------------------------------------------------------------------- the harness */

ct_spec *pausing(void)
{
	ct_spec *spec = SPEC("/bin/probe", "pause");

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	return spec;
}

static void scene_setup(void)
{
	scene = (struct scene){.fd = -1, .err = CT_ERROR_INIT};
	scene.spec = pausing();
}

static void scene_teardown(void)
{
	ct_oci_text_free(scene.oci_text);
	ct_probe_text_free(scene.probe_text);
	ct_probe_free(scene.probe);
	ct_events_free(scene.events);
	ct_pool_free(scene.pool);
	ct_ns_text_free(scene.text);
	ct_ns_list_free(scene.list);
	ct_container_free(scene.visitor);
	/* One that was detached would stay. */
	if (scene.container)
		ct_kill(scene.container, SIGKILL, NULL);
	if (scene.container)
		ct_wait(scene.container, PATIENCE_MS, NULL, NULL);
	ct_container_free(scene.container);
	ct_spec_free(scene.spec);
	ct_rootfs_free(scene.rootfs);
	if (scene.fd >= 0)
		close(scene.fd);
}

/* Where there is a child there is a keeper, which takes its name a little after it was made. */
static void wait_for_names(void)
{
	while (count_children() > 0 && !find_child("ct-keeper"))
		sched_yield();
}

static const char *named(const char *difference, const struct use *use, const char *when)
{
	static char text[16384];

	if (!difference)
		return NULL;
	snprintf(text, sizeof(text), "%s %s: %s\n%s", use->call, use->how, when, difference);
	return text;
}

/* What the use changed beyond what it announces, or left when all is freed; NULL: nothing. */
static const char *unannounced(const struct use *use)
{
	struct snapshot *first, *before, *after;
	const char *difference;
	int children;
	long result;

	first = snapshot_take();
	scene_setup();
	if (use->prepare)
		use->prepare();
	wait_for_names();
	before = snapshot_take();
	children = count_children();

	result = use->use();

	after = snapshot_take();
	ck_assert_msg(use->returns == ANYTHING ? result >= 0 : result == use->returns,
		"%s %s: %ld, not %ld: %s", use->call, use->how, result, use->returns,
		scene.err.sentence);
	ck_assert_msg(count_children() - children == use->children, "%s %s: %d children more",
		use->call, use->how, count_children() - children);
	difference = named(snapshot_difference(before, after, use->changes | SNAPSHOT_ENDED), use,
		"it changed");
	snapshot_free(before);
	snapshot_free(after);
	scene_teardown();
	if (!difference) {
		after = snapshot_take();
		difference =
			named(snapshot_difference(first, after, SNAPSHOT_ENDED), use, "it left");
		snapshot_free(after);
	}
	snapshot_free(first);
	return difference;
}

static const struct use *uses[400];
static int use_count;

static void collect_uses(void)
{
	for (size_t i = 0; i < LISTS; i++)
		for (const struct use *use = lists[i]; use->call; use++) {
			if (use->as_root && geteuid() != 0)
				continue;
			if (use->needs_json && !HAVE_JSON) {
				printf("  skipped  %s %s: the library was built without JSON\n", use->call, use->how);
				continue;
			}
			if (use->makes_cgroup && !can_make_cgroup()) {
				printf("  skipped  %s %s: no cgroup can be made here\n", use->call, use->how);
				continue;
			}
			if (use->mounts_image && !can_mount_images()) {
				printf("  skipped  %s %s: no image can be mounted here\n", use->call, use->how);
				continue;
			}
			if (use_count == sizeof(uses) / sizeof(uses[0]))
				abort();
			uses[use_count++] = use;
		}
}

START_TEST(call_changes_what_it_announces_and_leaves_nothing)
{
	const char *difference = unannounced(uses[_i]);

	ck_assert_msg(difference == NULL, "%s", difference);
}
END_TEST

/* ------------------------------------------------------------------ the controls */

static long change_umask(void)
{
	umask(0123);
	return 0;
}

static long open_descriptor(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0;
}

static long open_inheritable_descriptor(void)
{
	return open("/dev/null", O_RDONLY) < 0;
}

static long close_descriptor(void)
{
	return close(scene.fd);
}

static void have_descriptor(void)
{
	scene.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static long block_signal(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	return sigprocmask(SIG_BLOCK, &mask, NULL);
}

static long change_environment(void)
{
	return setenv("HOST_MARKER", "1", 1);
}

static long join_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0;
}

static long mount_something(void)
{
	return mount("tmpfs", in_root("mnt"), "tmpfs", 0, NULL);
}

static void *stay(void *data)
{
	for (;;)
		pause();
	return data;
}

static long make_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, stay, NULL);
}

static ct_container *left;

static long leave_container(void)
{
	return ct_spawn(scene.spec, &left, NULL);
}

/* Uses that misbehave, and what the harness must say of them. */
static const struct {
	struct use use;
	const char *line;
} controls[] = {
	{{"a call", "changes the umask", change_umask, .returns = 0},
		"+ /proc/self/status Umask:\t0123"},
	{{"a call", "opens a descriptor", open_descriptor, .returns = 0}, "+ descriptor "},
	{{"a call", "opens one that exec keeps", open_inheritable_descriptor,
		 .changes = SNAPSHOT_MORE_DESCRIPTORS},
		"+ descriptor "},
	{{"a call", "closes a descriptor", close_descriptor, .prepare = have_descriptor,
		 .changes = SNAPSHOT_MORE_DESCRIPTORS},
		"- descriptor "},
	{{"a call", "blocks a signal", block_signal, .returns = 0},
		"+ signal mask 0000000000000200"},
	{{"a call", "changes the environment", change_environment, .returns = 0}, "HOST_MARKER"},
	{{"a call", "joins a keyring", join_keyring, .returns = 0}, "+ keyring session "},
	{{"a call", "makes a thread", make_thread, .returns = 0}, "+ thread "},
	{{"a call", "leaves what was announced", leave_container, .children = 2,
		 .changes = SNAPSHOT_MORE_CHILDREN | SNAPSHOT_MORE_DESCRIPTORS},
		"it left\n+ child "},
	{{"a call", "mounts something", mount_something, .as_root = true},
		"+ /proc/self/mountinfo "},
};
#define CONTROLS (sizeof(controls) / sizeof(controls[0]))

START_TEST(misbehaviour_is_reported)
{
	const char *difference = unannounced(&controls[_i].use);

	ck_assert_msg(difference != NULL, "nothing is said of what %s", controls[_i].use.how);
	ck_assert_msg(strstr(difference, controls[_i].line) != NULL, "\"%s\" is not in:\n%s",
		controls[_i].line, difference);
	umount2(in_root("mnt"), MNT_DETACH);
	ct_container_free(left);
	box_accept_changes();
}
END_TEST

/* ----------------------------------------------------------------------- the map */

static bool has_use(const char *call, bool failing)
{
	for (size_t i = 0; i < LISTS; i++)
		for (const struct use *use = lists[i]; use->call; use++)
			if (strcmp(use->call, call) == 0 && (use->returns < 0) == failing)
				return true;
	return false;
}

static bool is_infallible(const char *call)
{
	for (size_t i = 0; i < sizeof(never_fails) / sizeof(never_fails[0]); i++)
		if (strcmp(never_fails[i], call) == 0)
			return true;
	return false;
}

START_TEST(every_exported_call_has_a_use_that_succeeds_and_one_that_fails)
{
	char path[PATH_MAX], call[64], missing[8192] = "", *line = NULL;
	const char *sources = getenv("CT_SOURCES");
	size_t room = 0, used = 0;
	int calls = 0;
	FILE *map;

	ck_assert_msg(sources != NULL, "CT_SOURCES names the directory of the sources");
	snprintf(path, sizeof(path), "%s/lib/libcontainer.map", sources);
	map = fopen(path, "re");
	ck_assert_msg(map != NULL, "%s: %s", path, strerror(errno));
	while (getline(&line, &room, map) > 0) {
		if (sscanf(line, " %60[a-z0-9_];", call) != 1 || strncmp(call, "ct_", 3) != 0)
			continue;
		calls++;
		if (!has_use(call, false))
			used += (size_t)snprintf(missing + used, sizeof(missing) - used,
				"%s has no use that succeeds\n", call);
		if (!has_use(call, true) && !is_infallible(call))
			used += (size_t)snprintf(missing + used, sizeof(missing) - used,
				"%s has no use that fails\n", call);
	}
	free(line);
	fclose(map);
	ck_assert_int_ge(calls, 60);
	ck_assert_msg(used == 0, "%s", missing);
}
END_TEST

Suite *host_suite(const char *name)
{
	TCase *tc;
	Suite *suite = suite_of(name, &tc);

	collect_uses();
	tcase_add_loop_test(tc, call_changes_what_it_announces_and_leaves_nothing, 0, use_count);
	for (size_t i = 0; i < CONTROLS; i++)
		if (!controls[i].use.as_root || geteuid() == 0)
			tcase_add_loop_test(tc, misbehaviour_is_reported, (int)i, (int)i + 1);
	tcase_add_test(tc, every_exported_call_has_a_use_that_succeeds_and_one_that_fails);
	return suite;
}
