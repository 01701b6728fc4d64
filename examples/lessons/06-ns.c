/* SPDX-License-Identifier: MIT */
/*
 * Lesson 6. /proc/PID/ns: a namespace is a number, and processes that share it are together.
 *
 *     cc -o 06-ns 06-ns.c lesson.c $(pkg-config --cflags --libs container)
 *     ./06-ns [PID]
 *
 * By hand:  ls -l /proc/PID/ns; lsns
 */
#include "lesson.h"

#include <err.h>
#include <stdlib.h>

static const char help[] =
	"usage: 06-ns [--explain] [PID]\n"
	"Lists the namespaces of a process (default: its own), then all as a tree.\n";

static void print(ct_ns_list *list, int format)
{
	ct_error err = CT_ERROR_INIT;
	char *text = NULL;

	lesson_check(ct_ns_list_to_text(list, format, &text), &err);
	fputs(text, stdout);
	ct_ns_text_free(text);
	ct_ns_list_free(list);
}

int main(int argc, char **argv)
{
	char **arguments = lesson_begin(argc, argv, 0, help);
	pid_t pid = arguments[0] ? atoi(arguments[0]) : 0;
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;
	uint64_t began_ns;

	if (arguments[0] && pid <= 0)
		errx(125, "%s: not the number of a process", arguments[0]);
	began_ns = lesson_now_ns();
	lesson_check(ct_ns_list_pid(pid, 0, 0, &list, &err), &err);
	lesson_step("ct_ns_list_pid(pid, 0, 0, &list, &err)", 0, began_ns, "ls -l /proc/%s/ns",
		arguments[0] ? arguments[0] : "self");
	print(list, CT_NS_FORMAT_LINKS);
	puts("");
	began_ns = lesson_now_ns();
	lesson_check(ct_ns_list_system(0, 0, &list, &err), &err);
	lesson_step("ct_ns_list_system(0, 0, &list, &err)", 0, began_ns, "lsns");
	print(list, CT_NS_FORMAT_TREE);
	return 0;
}
