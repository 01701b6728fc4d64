/* SPDX-License-Identifier: MIT */
/* The text of a state; see state.h. Written and read in one order, by one table of words. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <container/join.h>

#include "cgroup/group.h"
#include "cgroup/hierarchy.h"
#include "idmap/idmap.h"
#include "seccomp/seccomp.h"
#include "spawn/container.h"
#include "spawn/lack.h"
#include "state.h"
#include "sys/procfs.h"
#include "util/fd.h"

#define FIRST_LINE "libcontainer state 1"
#define LAST_LINE  "end" /* without it the rest is missing */

int ct__state_process_now(pid_t pid, struct ct__state_process *ret_process)
{
	CT__AUTO_CLOSE int proc = ct__procfs_open();
	struct stat about;
	ssize_t length;

	*ret_process = (struct ct__state_process){.pid = pid};
	if (proc < 0)
		return proc;
	length = ct__procfs_read(
		proc, "sys/kernel/random/boot_id", ret_process->boot, sizeof(ret_process->boot) - 1);
	if (length < 0)
		return (int)length;
	ret_process->boot[strcspn(ret_process->boot, "\n")] = '\0';
	if (fstatat(proc, "thread-self/ns/pid", &about, 0) < 0)
		return -errno;
	ret_process->pid_ns = about.st_ino;
	return ct_pid_start_ticks(pid, &ret_process->start_ticks);
}

/* ------------------------------------------------------------------- writing */

static void write_hex(FILE *out, const char *word, const void *bytes, size_t size)
{
	fprintf(out, "%s ", word);
	for (size_t i = 0; i < size; i++)
		fprintf(out, "%02x", ((const unsigned char *)bytes)[i]);
	fputc('\n', out);
}

static void write_map(FILE *out, const char *word, const ct__array *map)
{
	ct__array_for_each(const struct ct__id_range, range, map)
		fprintf(out, "%s %u %u %u\n", word, range->inside, range->outside, range->count);
}

static void write_group(FILE *out, const struct ct__group *group)
{
	if (!group->plan)
		return;
	fprintf(out, "cgroup %s\n", group->name);
	ct__array_for_each(const struct ct__place, place, &group->plan->places)
		fprintf(out, "place %d %x %s\n", place->unified, place->controllers, place->path);
}

static void write_filter(FILE *out, const struct ct__filter *filter)
{
	if (!filter)
		return;
	fprintf(out, "filter %llx %d %x\n", (unsigned long long)filter->caps,
		(int)filter->settings.base, filter->settings.flags);
	ct__array_for_each(const struct ct__seccomp_rule, rule, &filter->settings.rules)
		write_hex(out, "rule", rule, sizeof(*rule));
	if (filter->settings.base == CT__SECCOMP_PROFILE)
		fprintf(out, "otherwise %x\n", filter->settings.otherwise);
	ct__array_for_each(const struct ct__profile_entry, entry, &filter->settings.profile)
		write_hex(out, "entry", entry, sizeof(*entry));
	ct__array_for_each(const struct sock_filter, step, &filter->settings.ready)
		write_hex(out, "step", step, sizeof(*step));
}

/* The path last, as its bytes are: it may hold anything. */
static void write_landlock(FILE *out, const ct_container *box)
{
	if (!box->landlock)
		return;
	fprintf(out, "landlock %d %x\n", box->landlock_abi, box->landlock->rules.what);
	ct__array_for_each(const struct spec_landlock_path, path, &box->landlock->rules.paths) {
		fprintf(out, "below %llx ", (unsigned long long)path->access);
		write_hex(out, "path", path->path, strlen(path->path));
	}
	ct__array_for_each(const struct spec_landlock_port, port, &box->landlock->rules.ports)
		fprintf(out, "port %u %x\n", port->port, port->access);
}

/* The texts of errors hold no line ends: they are escaped. */
static void write_lacks(FILE *out, const ct_container *box)
{
	fprintf(out, "asked %llx\n", (unsigned long long)box->asked);
	ct__array_for_each(const struct ct__lack, lack, &box->lacks) {
		fprintf(out, "lack %d %u %d %d\n", lack->item, lack->count, lack->why.code, lack->why.step);
		fprintf(out, "why %s\n", lack->why.sentence);
		fprintf(out, "cure %s\n", lack->why.cure);
	}
}

int ct__state_write(
	const ct_container *box, const struct ct__state_process *process, char **ret_text, size_t *ret_size)
{
	FILE *out = open_memstream(ret_text, ret_size);

	if (!out)
		return -ENOMEM;
	fprintf(out, FIRST_LINE "\nboot %s\nprocess %llu %d %llu\nstarted %llu\n", process->boot,
		(unsigned long long)process->pid_ns, process->pid,
		(unsigned long long)process->start_ticks, (unsigned long long)box->started_us);
	write_map(out, "uids", &box->uid_map);
	write_map(out, "gids", &box->gid_map);
	write_group(out, &box->group);
	write_filter(out, box->filter);
	write_landlock(out, box);
	write_lacks(out, box);
	fprintf(out, LAST_LINE "\n");
	if (fclose(out) == 0)
		return 0;
	free(*ret_text);
	return -ENOMEM;
}

/* ------------------------------------------------------------------- reading */

/* What has been read so far. */
struct reader {
	struct ct__state_process *process;
	ct_container *box; /* NULL: the process alone */
	struct ct__hierarchies all;
	struct ct__seccomp seccomp;
	struct spec_landlock landlock;
	uint64_t caps;
	bool has_filter;
};

static int read_boot(struct reader *reader, const char *line)
{
	snprintf(reader->process->boot, sizeof(reader->process->boot), "%s", line);
	return 0;
}

static int read_process(struct reader *reader, const char *line)
{
	unsigned long long pid_ns, ticks;
	int pid;

	if (sscanf(line, "%llu %d %llu", &pid_ns, &pid, &ticks) != 3 || pid <= 0 || !ticks)
		return -EBADMSG;
	reader->process->pid_ns = pid_ns;
	reader->process->start_ticks = ticks;
	reader->process->pid = pid;
	return 0;
}

static int read_started(struct reader *reader, const char *line)
{
	reader->box->started_us = strtoull(line, NULL, 10);
	return 0;
}

static int add_range(ct__array *map, const char *line)
{
	struct ct__id_range range;

	if (sscanf(line, "%u %u %u", &range.inside, &range.outside, &range.count) != 3)
		return -EBADMSG;
	return ct__array_add(map, &range, sizeof(range));
}

static int read_uids(struct reader *reader, const char *line)
{
	return add_range(&reader->box->uid_map, line);
}

static int read_gids(struct reader *reader, const char *line)
{
	return add_range(&reader->box->gid_map, line);
}

static int read_cgroup(struct reader *reader, const char *line)
{
	CT__AUTO_CLOSE int proc = -EBADF;
	int ret;

	if (!*line || strchr(line, '/') || line[0] == '.' || strlen(line) >= CT__GROUP_NAME ||
		reader->box->group.plan)
		return -EBADMSG;
	proc = ct__procfs_open();
	ret = proc < 0 ? proc : ct__hierarchies_read(proc, &reader->all);
	return ret < 0 ? ret : ct__group_adopt(&reader->box->group, line);
}

static int read_place(struct reader *reader, const char *line)
{
	unsigned int controllers;
	int unified, end = 0;

	if (!reader->box->group.plan || sscanf(line, "%d %x %n", &unified, &controllers, &end) != 2 ||
		line[end] != '/')
		return -EBADMSG;
	return ct__group_adopt_place(
		&reader->box->group, &reader->all.mounts, unified, controllers, line + end);
}

static int read_filter(struct reader *reader, const char *line)
{
	unsigned long long caps;
	int base;

	if (sscanf(line, "%llx %d %x", &caps, &base, &reader->seccomp.flags) != 3)
		return -EBADMSG;
	reader->seccomp.base = (ct_seccomp)base;
	reader->seccomp.said = true;
	reader->caps = caps;
	reader->has_filter = true;
	return 0;
}

/* One item of an array, as its bytes are. */
static int add_hex(ct__array *array, const char *line, size_t size)
{
	unsigned char bytes[sizeof(struct ct__profile_entry)];

	if (size > sizeof(bytes) || strlen(line) != size * 2 || strspn(line, "0123456789abcdef") != size * 2)
		return -EBADMSG;
	for (size_t i = 0; i < size; i++) {
		unsigned int byte = 0;

		(void)sscanf(line + 2 * i, "%2x", &byte);
		bytes[i] = (unsigned char)byte;
	}
	return ct__array_add(array, bytes, size);
}

static int read_rule(struct reader *reader, const char *line)
{
	const struct ct__seccomp_rule *rule;
	int ret = add_hex(&reader->seccomp.rules, line, sizeof(*rule));

	if (ret < 0)
		return ret;
	rule = (const struct ct__seccomp_rule *)reader->seccomp.rules.items + reader->seccomp.rules.count - 1;
	return rule->number < CALLS_MAX && rule->arg_count <= RULE_ARGS ? 0 : -EBADMSG;
}

static int read_otherwise(struct reader *reader, const char *line)
{
	return sscanf(line, "%x", &reader->seccomp.otherwise) == 1 ? 0 : -EBADMSG;
}

static int read_entry(struct reader *reader, const char *line)
{
	const struct ct__profile_entry *entry;
	int ret = add_hex(&reader->seccomp.profile, line, sizeof(*entry));

	if (ret < 0)
		return ret;
	entry = (const struct ct__profile_entry *)reader->seccomp.profile.items +
		reader->seccomp.profile.count - 1;
	return entry->rule.number < CALLS_MAX && entry->rule.arg_count <= RULE_ARGS ? 0 : -EBADMSG;
}

static int read_step(struct reader *reader, const char *line)
{
	return add_hex(&reader->seccomp.ready, line, sizeof(struct sock_filter));
}

static int read_landlock(struct reader *reader, const char *line)
{
	if (sscanf(line, "%d %x", &reader->box->landlock_abi, &reader->landlock.what) != 2 ||
		(reader->landlock.what & ~LANDLOCK_WHAT))
		return -EBADMSG;
	reader->landlock.said = true;
	return 0;
}

static int read_below(struct reader *reader, const char *line)
{
	unsigned long long access;
	ct__array path = {0};
	int end = 0, ret = 0;

	if (!reader->landlock.said || sscanf(line, "%llx path%n", &access, &end) != 1 || !end)
		return -EBADMSG;
	line += end + (line[end] == ' ');
	for (size_t i = 0; line[i] && ret == 0; i += 2) {
		char pair[3] = {line[i], line[i + 1], '\0'};

		ret = line[i + 1] ? add_hex(&path, pair, 1) : -EBADMSG;
	}
	ret = ret ? ret : ct__array_add(&path, "", 1);
	if (ret == 0)
		return ct__landlock_add_path(&reader->landlock, path.items, access, 0);
	ct__array_done(&path);
	return ret;
}

static int read_port(struct reader *reader, const char *line)
{
	struct spec_landlock_port port;

	if (!reader->landlock.said || sscanf(line, "%u %x", &port.port, &port.access) != 2 ||
		port.port > UINT16_MAX)
		return -EBADMSG;
	return ct__array_add(&reader->landlock.ports, &port, sizeof(port));
}

static int read_asked(struct reader *reader, const char *line)
{
	reader->box->asked = strtoull(line, NULL, 16);
	return 0;
}

static int read_lack(struct reader *reader, const char *line)
{
	struct ct__lack lack = {.why = CT_ERROR_INIT};

	if (sscanf(line, "%d %u %d %d", &lack.item, &lack.count, &lack.why.code, &lack.why.step) != 4)
		return -EBADMSG;
	return ct__array_add(&reader->box->lacks, &lack, sizeof(lack));
}

static struct ct__lack *last_lack(const struct reader *reader)
{
	struct ct__lack *lacks = reader->box->lacks.items;

	return reader->box->lacks.count ? lacks + reader->box->lacks.count - 1 : NULL;
}

static int read_why(struct reader *reader, const char *line)
{
	struct ct__lack *lack = last_lack(reader);

	if (lack)
		snprintf(lack->why.sentence, sizeof(lack->why.sentence), "%s", line);
	return lack ? 0 : -EBADMSG;
}

static int read_cure(struct reader *reader, const char *line)
{
	struct ct__lack *lack = last_lack(reader);

	if (lack)
		snprintf(lack->why.cure, sizeof(lack->why.cure), "%s", line);
	return lack ? 0 : -EBADMSG;
}

static const struct {
	const char *word;
	int (*read)(struct reader *reader, const char *line);
	bool of_process; /* read without a container as well */
} words[] = {
	{"boot ", read_boot, true},
	{"process ", read_process, true},
	{"started ", read_started, false},
	{"uids ", read_uids, false},
	{"gids ", read_gids, false},
	{"cgroup ", read_cgroup, false},
	{"place ", read_place, false},
	{"filter ", read_filter, false},
	{"rule ", read_rule, false},
	{"step ", read_step, false},
	{"landlock ", read_landlock, false},
	{"below ", read_below, false},
	{"port ", read_port, false},
	{"otherwise ", read_otherwise, false},
	{"entry ", read_entry, false},
	{"asked ", read_asked, false},
	{"lack ", read_lack, false},
	{"why ", read_why, false},
	{"cure ", read_cure, false},
};

static int read_line(struct reader *reader, const char *line)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i].word);

		if (strncmp(line, words[i].word, length) != 0)
			continue;
		return reader->box || words[i].of_process ? words[i].read(reader, line + length) : 0;
	}
	return -EBADMSG;
}

static int read_lines(struct reader *reader, char *text)
{
	char *line = strsep(&text, "\n");
	int ret = line && strcmp(line, FIRST_LINE) == 0 ? 0 : -EBADMSG;

	while (ret == 0) {
		line = strsep(&text, "\n");
		if (!line)
			return -EBADMSG;
		if (strcmp(line, LAST_LINE) == 0)
			return *reader->process->boot && reader->process->pid ? 0 : -EBADMSG;
		ret = read_line(reader, line);
	}
	return ret;
}

int ct__state_read(const char *text, struct ct__state_process *ret_process, ct_container *box)
{
	CT__AUTO_FREE char *copy = strdup(text);
	struct reader reader = {.process = ret_process, .box = box};
	const char *needs;
	int ret;

	*ret_process = (struct ct__state_process){0};
	if (!copy)
		return -ENOMEM;
	ret = read_lines(&reader, copy);
	if (ret == 0 && reader.has_filter)
		ret = ct__filter_new(&reader.seccomp, reader.caps, &box->filter, &needs);
	if (ret == 0 && reader.landlock.said) {
		box->landlock = ct__landlock_new(&reader.landlock);
		ret = box->landlock ? 0 : -ENOMEM;
	}
	ct__landlock_done(&reader.landlock);
	ct__seccomp_done(&reader.seccomp);
	ct__hierarchies_done(&reader.all);
	return ret;
}
