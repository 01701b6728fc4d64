/* SPDX-License-Identifier: MIT */
/*
 * Hosts that have come to the end of something, at each place where one more of it is wanted: they are told
 * so, lose nothing, and go on as soon as there is some again.
 */
#include "probe/blocked.h"
#include "support/cgroup.h"
#include "support/needs.h"

#include <container/container.h>

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static ct_error err = CT_ERROR_INIT;

/* ------------------------------------------------------------- what there is an end of */

/* Each is exhausted in a process of its own. */
struct resource {
	const char *name;
	int code; /* of calls that fail for want of it */
	int step; /* one more is so many more */
	int most; /* steps; that many are enough for any use */
	void (*prepare)(void);
	void (*allow)(const struct resource *resource, int count); /* beside those in use; negative: any number */
	bool rootless; /* the limit is that of a user namespace, and so is the use */
};

static const struct resource *scarce; /* what the host has too little of */
static int allowed = -1;	      /* how much there is of it between begin() and end() */
static struct rlimit whole;
static char group[128]; /* the host's own cgroup, where processes are counted; "": none can be made */

static void begin(void)
{
	scarce->allow(scarce, allowed);
}

static void end(void)
{
	scarce->allow(scarce, -1);
}

/* The limit of something that is not counted here before it is used. */
static void write_limit(const char *path, int count, const char *any)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", count);
	put(path, count < 0 ? any : text);
}

static void keep_descriptors(void)
{
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &whole), 0);
}

static void allow_descriptors(const struct resource *resource, int count)
{
	static int in_use;
	struct rlimit limit = whole;

	(void)resource;
	if (count >= 0) {
		in_use = count_descriptors();
		limit.rlim_cur = (rlim_t)(in_use + count);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void keep_memory(void)
{
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &whole), 0);
}

static void allow_memory(const struct resource *resource, int count)
{
	struct rlimit limit = whole;

	malloc_trim(0);
	if (count >= 0)
		limit.rlim_cur = (rlim_t)strtol(read_file("/proc/self/statm"), NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) +
			(rlim_t)count * (rlim_t)resource->step;
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

static void enter_group(void)
{
	move_to_cgroup(group, getpid());
}

static void allow_processes(const struct resource *resource, int count)
{
	char path[192];
	int in_use;

	(void)resource;
	snprintf(path, sizeof(path), "%s/pids.current", group);
	in_use = atoi(read_file(path));
	snprintf(path, sizeof(path), "%s/pids.max", group);
	write_limit(path, count < 0 ? count : in_use + count, "max");
}

static void enter_user_ns(void)
{
	become_ordinary();
	become_mapped_root(CLONE_NEWNS);
}

static void allow_namespaces(const struct resource *resource, int count)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", resource->name);
	write_limit(path, count, "1000");
}

/* A limit of the whole machine. */
static void allow_mounts(const struct resource *resource, int count)
{
	int in_use = 0;

	for (const char *at = read_file("/proc/self/mountinfo"); *at; at++)
		in_use += *at == '\n';
	write_limit("/proc/sys/fs/mount-max", count < 0 ? count : in_use + count * resource->step,
		"100000");
}

#define NAMESPACES(name) {name, -ENOSPC, 1, 16, enter_user_ns, allow_namespaces, true}

static const struct resource resources[] = {
	{"descriptors", -EMFILE, 1, 256, keep_descriptors, allow_descriptors, false},
	{"memory", -ENOMEM, 16 << 10, 1024, keep_memory, allow_memory, false},
	{"processes", -EAGAIN, 1, 64, enter_group, allow_processes, false},
	{"mounts", -ENOSPC, 4, 64, NULL, allow_mounts, false},
	NAMESPACES("user"),
	NAMESPACES("mnt"),
	NAMESPACES("pid"),
	NAMESPACES("ipc"),
	NAMESPACES("uts"),
	NAMESPACES("net"),
	NAMESPACES("cgroup"),
};

/* ----------------------------------------------------------------------------- uses */

/* One use of the library, which leaves nothing behind: what the first call that failed returned. */
typedef int use_fn(void);

static ct_spec *plain(const char *program, const char *argument)
{
	ct_spec *spec = SPEC(program, argument);

	if (scarce->rootless)
		set(ct_spec_set_ns_new(spec, CT_NS_USER));
	if (scarce->allow == allow_memory) /* it is the host that has too little */
		set(ct_spec_set_rlimit(spec, RLIMIT_AS, whole.rlim_max, whole.rlim_max));
	return spec;
}

static bool unwatched; /* the container was ended, for want of what its time is watched with */

/* A container of this spec that is made, started, and whose end is waited for. */
static int go_through(ct_spec *spec)
{
	ct_container *container = NULL;
	int ret;

	begin();
	ret = ct_create(spec, &container, &err);
	if (ret == 0)
		ret = ct_start(container, &err);
	end();
	if (ret == 0) {
		ct_exit how = wait_for(container);

		unwatched = how.why == CT_END_UNWATCHED;
		ck_assert_int_eq(how.code, unwatched ? -1 : 0);
	}
	ct_container_free(container);
	ct_spec_free(spec);
	return ret;
}

static int use_plainly(void)
{
	return go_through(plain("/bin/true", NULL));
}

static int use_limit_of_time(void)
{
	ct_spec *spec = plain("/bin/true", NULL);

	set(ct_spec_set_time_limit(spec, CT_TIME_WALL, (uint64_t)PATIENCE_MS));
	return go_through(spec);
}

static int use_ids(void)
{
	ct_spec *spec = plain("/bin/true", NULL);

	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 65536));
	return go_through(spec);
}

static int use_joins(void)
{
	ct_spec *spec = plain("/bin/sleep", "1000"), *guest = VISITOR("/bin/true");
	ct_container *container = NULL, *visitor = NULL;
	int ret;

	begin();
	ret = ct_spawn(spec, &container, &err);
	if (ret == 0)
		ret = ct_join(container, 0, 0, guest, &visitor, &err);
	end();
	if (ret == 0)
		wait_for(visitor);
	if (container) {
		set(ct_kill(container, SIGKILL, NULL));
		wait_for(container);
	}
	ct_container_free(visitor);
	ct_container_free(container);
	ct_spec_free(guest);
	ct_spec_free(spec);
	return ret;
}

static int use_pool(void)
{
	ct_spec *spec = plain("/bin/true", NULL);
	ct_container *container = NULL;
	ct_pool *pool = NULL;
	int ret;

	begin();
	ret = ct_pool_new(spec, 1, &pool, &err);
	if (ret == 0)
		ret = ct_pool_take(pool, NULL, &container, &err);
	end();
	if (ret == 0)
		wait_for(container);
	ct_container_free(container);
	ct_pool_free(pool);
	ct_spec_free(spec);
	return ret;
}

static int use_list(void)
{
	ct_ns_list *list = NULL;
	int ret;

	begin();
	ret = ct_ns_list_system(0, 0, &list, &err);
	end();
	ct_ns_list_free(list);
	return ret;
}

static use_fn *const uses[] = {use_plainly, use_limit_of_time, use_joins, use_pool, use_list};

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------------ sentences */

/*
 * From none that is free to as many as it takes. What fails must say for want of what, and leave
 * nothing; a use that works must go on to work with all there are.
 */
static void exhaust(use_fn *use)
{
	int ret, children;

	allowed = -1;
	ck_assert_msg(use() == 0, "%s", err.sentence); /* what the host keeps is there by now */
	children = count_children();
	for (allowed = 0;; allowed++) {
		int before = count_descriptors();

		ck_assert_msg(allowed <= scarce->most, "%d of %s are too few: %s", allowed, scarce->name,
			err.sentence);
		err = (ct_error)CT_ERROR_INIT;
		unwatched = false;
		ret = use();
		ck_assert_int_eq(count_descriptors(), before);
		ck_assert_int_eq(count_children(), children);
		if (ret == 0 && !unwatched)
			break;
		ck_assert_msg(unwatched || (ret == scarce->code && err.code == ret && err.step != 0),
			"with %d of %s: %d, %s", allowed, scarce->name, ret, err.sentence);
	}
	allowed = -1;
	ck_assert_msg(use() == 0 && !unwatched, "%s", err.sentence);
}

static use_fn *wanted;

static void exhaust_in_a_world_of_its_own(void)
{
	if (scarce->prepare)
		scarce->prepare();
	exhaust(wanted);
}

START_TEST(use_fails_for_each_amount_that_is_too_small)
{
	scarce = &resources[_i / COUNT(uses)];
	wanted = uses[_i % COUNT(uses)];
	in_child(exhaust_in_a_world_of_its_own);
}
END_TEST

START_TEST(private_ids_fail_for_each_number_of_descriptors_that_is_too_small)
{
	scarce = &resources[0];
	wanted = use_ids;
	in_child(exhaust_in_a_world_of_its_own);
}
END_TEST

static int count_entries(int fd)
{
	DIR *dir = fdopendir(dup(fd));
	int count = -2; /* "." and ".." */

	ck_assert_ptr_nonnull(dir);
	rewinddir(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* On a filesystem with these limits, of which one is too small: as long as the other file is there. */
static void save_beside(const char *limits, size_t size)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec sleep 1000");
	ct_container *container = start_ready(spec);
	char *content = calloc(1, size + 1);
	int dir, ret;

	ck_assert_int_eq(mkdir(in_dir("state"), 0700), 0);
	ck_assert_int_eq(mount("state", in_dir("state"), "tmpfs", 0, limits), 0);
	ck_assert_ptr_nonnull(content);
	memset(content, 'x', size);
	write_file(in_dir("state/other"), content, 0600);
	dir = open(in_dir("state"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = ct_container_save(container, dir, "web", &err);
	expect_error(ret, &err, -ENOSPC, CT_STEP_STATE, "web", "No space");
	ck_assert_int_eq(count_entries(dir), 1);
	ck_assert_int_eq(unlink(in_dir("state/other")), 0);
	ck_assert_msg(ct_container_save(container, dir, "web", &err) == 0, "%s", err.sentence);
	close(dir);
	ck_assert_int_eq(umount(in_dir("state")), 0);
	ck_assert_int_eq(rmdir(in_dir("state")), 0);
	free(content);
	ct_container_free(container);
	ct_spec_free(spec);
}

START_TEST(container_is_not_saved_where_no_room_is_left)
{
	save_beside("size=8k,mode=700", 8192);
}
END_TEST

START_TEST(container_is_not_saved_where_no_file_can_be_made)
{
	save_beside("nr_inodes=2,mode=700", 1);
}
END_TEST

static void make_group(void)
{
	const char *made = make_cgroup();
	char path[160];

	if (!made)
		return;
	snprintf(path, sizeof(path), "%s/pids.max", made);
	if (access(path, W_OK) == 0)
		snprintf(group, sizeof(group), "%s", made);
	else
		rmdir(made);
}

/* Why this cannot be exhausted here, or NULL. */
static const char *reason_against(const struct resource *resource)
{
	if (resource->allow == allow_processes && !group[0])
		return "no cgroup with the pids controller can be made here";
	if (resource->allow == allow_mounts && !getenv("CT_TEST_THROWAWAY"))
		return "this machine has other users; ./dev vm";
#ifdef __SANITIZE_ADDRESS__
	if (resource->allow == allow_memory)
		return "the sanitizer takes all addresses there are";
#endif
	return NULL;
}

int main(void)
{
	TCase *tcase;
	Suite *suite;
	int ret;

	need_root();
	make_group();
	suite = suite_of("exhausted", &tcase);
	for (int i = 0; i < COUNT(resources); i++) {
		const char *reason = reason_against(&resources[i]);

		if (reason)
			printf("  skipped  the end of %s: %s\n", resources[i].name, reason);
		else
			tcase_add_loop_test(tcase, use_fails_for_each_amount_that_is_too_small,
				i * COUNT(uses), (i + 1) * COUNT(uses));
	}
	add_for_first_root(tcase, private_ids_fail_for_each_number_of_descriptors_that_is_too_small,
		"choosing ids that are nobody's");
	tcase_add_test(tcase, container_is_not_saved_where_no_room_is_left);
	tcase_add_test(tcase, container_is_not_saved_where_no_file_can_be_made);
	ret = suite_run(suite);
	if (group[0])
		rmdir(group);
	return ret;
}
