/* SPDX-License-Identifier: MIT */
/*
 * The program that attacks from inside of a container: "intruder WORD [ARGUMENT...]" makes one
 * attempt and says by its exit code whether it got through. Static, so that it runs in any root.
 */
#include "intruder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

_Noreturn void absent(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	_exit(EXIT_ABSENT);
}

/* Read before anything else, since an attempt may lead away from the file. */
static char told_text[8192];

static void read_told(void)
{
	int fd = open(TOLD_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd >= 0 ? read(fd, told_text + 1, sizeof(told_text) - 2) : -1;

	told_text[0] = '\n';
	told_text[count > 0 ? count + 1 : 1] = '\0';
	if (fd >= 0)
		close(fd);
}

const char *told(const char *name)
{
	static char values[4][PATH_MAX];
	static unsigned int next;
	char start[64], *value = values[next++ % 4];
	const char *found;

	snprintf(start, sizeof(start), "\n%s=", name);
	found = strstr(told_text, start);
	if (!found) {
		printf("nobody told of %s\n", name);
		fflush(stdout);
		_exit(96);
	}
	found += strlen(start);
	snprintf(value, PATH_MAX, "%.*s", (int)strcspn(found, "\n"), found);
	return value;
}

void say_error(const char *what)
{
	printf("%s: %s\n", what, strerrorname_np(errno));
}

bool secret_is_below(int dir)
{
	const char *secret = told("secret");
	char path[PATH_MAX + 64] = "";

	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), "%.*s%s", 3 * i,
			"../../../../../../../../../../../../../../../../", secret + 1);
		if (faccessat(dir, path, F_OK, 0) == 0)
			return true;
	}
	return false;
}

static int run(const struct word *words, char **argv)
{
	for (; words->name; words++)
		if (strcmp(words->name, argv[1]) == 0) {
			int result = words->call(argv + 2);

			fflush(stdout);
			_exit(result > 0 ? EXIT_THROUGH : EXIT_HELD);
		}
	return -1;
}

int main(int argc, char **argv)
{
	const struct word *const all[] = {file_words, kernel_words, process_words, mount_words};

	if (argc < 2)
		return 95;
	read_told();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		run(all[i], argv);
	fprintf(stderr, "intruder: unknown word %s\n", argv[1]);
	return 97;
}
