/* SPDX-License-Identifier: MIT */
/* See seen.h. */
#include "support/box.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/seen.h"

const char seen_script[] =
	"/bin/probe facts\n"
	"grep -E '^(Umask|NSpid|Uid|Gid|Groups|Sig(Pnd|Blk|Ign|Cgt)|ShdPnd|Cap|NoNewPrivs|Seccomp|Spec)' /proc/self/status\n"
	"for path in /dev/* /dev/pts/*; do stat -c 'node %n %a %t:%T %u:%g %F' $path; readlink $path; done\n"
	"echo links $(ls /sys/class/net) $(cat /sys/class/net/lo/flags)\n"
	"for path in /proc/acpi /proc/keys /proc/timer_list /sys/firmware /sys/kernel/tracing; do\n"
	"    echo $path $(stat -c '%a %s' $path) $(ls -A $path | wc -l)\n"
	"done\n"
	"df -k /dev /dev/shm | sed 's/^/df /'\n"
	"echo end\n";

static bool starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* What differs between any two containers is taken out of a line: numbers of things that are new in each. */
static char *without_numbers(const char *line)
{
	char kind[16] = "", out[4096];
	int number, id, parent, major, minor, at = 0;

	if (sscanf(line, "ns.%15[a-z]=", kind) == 1)
		snprintf(out, sizeof(out), "ns.%s is %s", kind,
			strcmp(strchr(line, '=') + 1, ns_of(0, kind)) == 0 ? "the host's" : "new");
	else if (sscanf(line, "mount.%d=%d %d %d:%d %n", &number, &id, &parent, &major, &minor, &at) == 5 && at)
		snprintf(out, sizeof(out), "mount %s", line + at);
	else if (starts(line, "keyring="))
		snprintf(out, sizeof(out), "keyring is %s", strcmp(line, "keyring=-1") == 0 ? "none" : "there");
	else
		snprintf(out, sizeof(out), "%s", line);
	return strdup(out);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void seen_read(int fd, struct seen *seen)
{
	FILE *file = fdopen(dup(fd), "re");
	char line[4096] = "";

	seen->count = 0;
	while (strcmp(line, "end") != 0 && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		ck_assert_uint_lt(seen->count, SEEN_MOST);
		seen->line[seen->count++] = without_numbers(line);
	}
	fclose(file);
	qsort(seen->line, seen->count, sizeof(seen->line[0]), by_text);
}

void seen_forget(struct seen *seen)
{
	for (size_t i = 0; i < seen->count; i++)
		free(seen->line[i]);
}

size_t seen_lines(const struct seen *seen, const char *with)
{
	size_t count = 0;

	for (size_t i = 0; i < seen->count; i++)
		count += starts(seen->line[i], with);
	return count;
}

void seen_expect_same(const struct seen *one, const struct seen *other)
{
	for (size_t i = 0; i < one->count && i < other->count; i++)
		ck_assert_str_eq(one->line[i], other->line[i]);
	ck_assert_uint_eq(one->count, other->count);
	ck_assert_uint_gt(seen_lines(one, "mount "), 15);
	ck_assert_uint_eq(seen_lines(one, "ns."), 8);
	ck_assert_uint_gt(seen_lines(one, "node "), 10);
	ck_assert_uint_eq(seen_lines(one, "seccomp=2"), 1);
}
