/* SPDX-License-Identifier: MIT */
/*
 * Tells what works on this machine for you and what does not, with a cure beside each lack.
 *
 *     cc -o probe probe.c $(pkg-config --cflags --libs container)
 *     ./probe [--json] [DIRECTORY]
 *
 * With a directory it tells what that can be used for, instead. --json: for programs. Exits
 * with 0, or with 1 if it could not look. Needs no right: run it as the user who is to start
 * containers.
 */
#include <container/container.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	int json = argc > 1 && strcmp(argv[1], "--json") == 0;
	const char *directory = argv[1 + json];
	ct_error err = CT_ERROR_INIT;
	ct_probe *probe = NULL;
	char *text = NULL;
	int failed;

	if (argc > 2 + json || (directory && directory[0] == '-'))
		errx(1, "usage: probe [--json] [DIRECTORY]");
	if (directory)
		failed = ct_probe_path(directory, &probe, &err);
	else
		failed = ct_probe_new(&probe, &err);
	if (failed)
		errx(1, "%s%s%s", err.sentence, *err.cure ? "\n" : "", err.cure);
	failed = json ? ct_probe_to_json(probe, &text) : ct_probe_to_text(probe, &text);
	if (failed)
		errx(1, "%s", strerror(-failed));
	fputs(text, stdout);
	ct_probe_text_free(text);
	ct_probe_free(probe);
	return 0;
}
