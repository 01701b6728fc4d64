/* SPDX-License-Identifier: MIT */
/* What the tests of limits share; see groups.h. */
#include "cgroup/groups.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "support/box.h"

void groups_setup(void)
{
	box_setup();
	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
}

void groups_teardown(void)
{
	int left = groups_below("/sys/fs/cgroup", false);

	box_teardown();
	ck_assert_msg(left == 0, "%d cgroups are left", left);
}

const char *cgroup_dir(const ct_container *container, const char *controller)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "/sys/fs/cgroup/%s%s", controller, ct_container_cgroup(container));
	if (access(path, F_OK) < 0)
		snprintf(path, PATH_MAX, "/sys/fs/cgroup%s", ct_container_cgroup(container));
	if (access(path, F_OK) < 0) /* the caller is in another place of this hierarchy */
		snprintf(path, PATH_MAX, "/sys/fs/cgroup/%s/%s", controller,
			strrchr(ct_container_cgroup(container), '/') + 1);
	return path;
}

const char *cgroup_file(
	const ct_container *container, const char *v2, const char *controller, const char *v1)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", cgroup_dir(container, controller), v2);
	if (access(path, F_OK) < 0)
		snprintf(path, sizeof(path), "%s/%s", cgroup_dir(container, controller), v1);
	return read_file(path);
}

bool is_v1(const char *controller)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", controller);
	return access(path, F_OK) == 0;
}

int groups_below(const char *dir, bool remove)
{
	char path[PATH_MAX], part[32];
	struct dirent *entry;
	DIR *stream = opendir(dir);
	int count = 0;

	snprintf(part, sizeof(part), "-%d-", getpid());
	while (stream && (entry = readdir(stream)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		count += groups_below(path, remove);
		if (strncmp(entry->d_name, "ct-", 3) != 0 || !strstr(entry->d_name, part))
			continue;
		count++;
		if (remove)
			ck_assert_int_eq(rmdir(path), 0);
	}
	if (stream)
		closedir(stream);
	return count;
}

ct_figures figures_of(ct_container *container)
{
	ct_figures figures = CT_FIGURES_INIT;
	ct_error err = CT_ERROR_INIT;

	if (ct_container_figures(container, &figures, &err) < 0)
		ck_abort_msg("figures: %s", err.sentence);
	return figures;
}

void expect_near(uint64_t value, uint64_t wanted, unsigned int percent)
{
	uint64_t least = wanted - wanted * percent / 100, most = wanted + wanted * percent / 100;

	ck_assert_msg(value >= least && value <= most, "%llu is not %llu by %u %%",
		(unsigned long long)value, (unsigned long long)wanted, percent);
}

ct_container *start_until(ct_spec *spec, const char *word, char *ret_text, size_t size)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	size_t used = 0;
	int fd;

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("spawn: %s", err.sentence);
	ct_spec_free(spec);
	fd = ct_container_take_stdio(container, 1);
	*ret_text = '\0';
	while (!strstr(ret_text, word)) {
		ssize_t count;

		ck_assert_msg(readable(fd, PATIENCE_MS), "nothing more came than: %s", ret_text);
		count = read(fd, ret_text + used, size - used - 1);
		ck_assert_msg(count > 0, "the end came after: %s", ret_text);
		used += (size_t)count;
		ret_text[used] = '\0';
	}
	close(fd);
	return container;
}

bool make_on_disk(char dir[64], dev_t *ret_disk)
{
	static const char *const places[] = {"/var/tmp", "/tmp"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[64], text[32] = "";
		unsigned int major, minor;
		struct stat stat_;
		FILE *file;

		if (stat(places[i], &stat_) < 0)
			continue;
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major(stat_.st_dev),
			minor(stat_.st_dev));
		snprintf(path + strlen(path) - strlen("partition"), 16, "%s",
			access(path, F_OK) == 0 ? "../dev" : "dev");
		file = fopen(path, "re");
		if (!file)
			continue;
		if (!fgets(text, sizeof(text), file))
			*text = '\0';
		fclose(file);
		if (sscanf(text, "%u:%u", &major, &minor) != 2)
			continue;
		*ret_disk = makedev(major, minor);
		snprintf(dir, 64, "%s/ct-disk-XXXXXX", places[i]);
		return mkdtemp(dir) != NULL;
	}
	return false;
}

void remove_with_file(const char *dir)
{
	char file[80];

	snprintf(file, sizeof(file), "%s/file", dir);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
