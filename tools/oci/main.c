/* SPDX-License-Identifier: MIT */
/* The global options, and the table of commands. */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "ct-oci.h"

struct globals globals;

const struct command commands[] = {
	{"create", command_create, "[--bundle DIR] [--pid-file F] [--console-socket S] [--preserve-fds N] ID"},
	{"start", command_start, "ID"},
	{"run", command_run, "[-d] [--bundle DIR] [--pid-file F] [--console-socket S] [--preserve-fds N] ID"},
	{"exec", command_exec, "[-d] [-t] [--process F] [--pid-file F] [--console-socket S] ID COMMAND..."},
	{"state", command_state, "ID"},
	{"list", command_list, "[-q] [--format json|table]"},
	{"ps", command_ps, "[--format json|table] ID"},
	{"kill", command_kill, "[--all] ID [SIGNAL]"},
	{"delete", command_delete, "[--force] ID"},
	{"pause", command_pause, "ID"},
	{"resume", command_resume, "ID"},
	{"update", command_update, "[--memory B] [--memory-reservation B] [--memory-swap B] [--cpu-period US]\n"
		"                     [--cpu-quota US] [--cpu-share N] [--cpuset-cpus LIST] [--cpuset-mems LIST]\n"
		"                     [--pids-limit N] [--blkio-weight N] [--resources F|-] ID"},
	{"events", command_events, "[--stats] [--interval S] ID"},
	{"spec", command_spec, "[--rootless] [--bundle DIR]"},
	{"features", command_features, ""},
	{0},
};

static void usage(FILE *out)
{
	fputs("Usage: ct-oci [--root DIR] [--log FILE] [--log-format text|json] [--rootless] COMMAND ...\n\n", out);
	for (const struct command *command = commands; command->name; command++)
		fprintf(out, "    ct-oci %-9s %s\n", command->name, command->usage);
}

/* Where states are kept unless --root says so. */
static const char *default_root(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	static char path[4096];

	if (geteuid() == 0 || !run || run[0] != '/')
		return "/run/ct-oci";
	snprintf(path, sizeof(path), "%s/ct-oci", run);
	return path;
}

/* 0: go on; else what to exit with, plus one. */
static int take_global(int option)
{
	switch (option) {
	case 'r':
		globals.root = optarg;
		return 0;
	case 'l':
		globals.log = optarg;
		return 0;
	case 'f':
		if (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0)
			return 1 + complain("--log-format: it is neither text nor json");
		globals.log_json = strcmp(optarg, "json") == 0;
		return 0;
	case 's':
		return 1 + complain("--systemd-cgroup: cgroups are made by files (cgroupfs), not by systemd");
	case 'm':
		if (strcmp(optarg, "cgroupfs") != 0)
			return 1 + complain("--cgroup-manager: there is none but cgroupfs");
		return 0;
	case 'R':
		globals.rootless = !optarg || strcmp(optarg, "true") == 0 ||
				   (strcmp(optarg, "auto") == 0 && geteuid() != 0);
		return 0;
	case 'd':
		return 0;
	case 'v':
		printf("ct-oci version %s\nspec: %s\n", ct_version(), VERSION_OF_SPEC);
		return 1;
	case 'h':
		usage(stdout);
		return 1;
	default:
		usage(stderr);
		return 2;
	}
}

/*
 * What whoever calls may have left out: streams, whose numbers nothing else may get, and that hooks and containers
 * that have ended are kept until they are waited for.
 */
static void settle(void)
{
	int null = open("/dev/null", O_RDWR);

	while (null >= 0 && null < 3)
		null = open("/dev/null", O_RDWR);
	if (null >= 3)
		close(null);
	signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"root", required_argument, NULL, 'r'},
		{"log", required_argument, NULL, 'l'},
		{"log-format", required_argument, NULL, 'f'},
		{"log-level", required_argument, NULL, 'd'},
		{"debug", no_argument, NULL, 'd'},
		{"systemd-cgroup", no_argument, NULL, 's'},
		{"cgroup-manager", required_argument, NULL, 'm'},
		{"rootless", optional_argument, NULL, 'R'},
		{"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	settle();
	globals.root = default_root();
	globals.rootless = geteuid() != 0;
	while ((option = getopt_long(argc, argv, "+vh", options, NULL)) != -1) {
		int ret = take_global(option);

		if (ret)
			return ret - 1;
	}
	if (optind == argc) {
		usage(stderr);
		return 1;
	}
	for (const struct command *command = commands; command->name; command++)
		if (strcmp(command->name, argv[optind]) == 0)
			return command->run(argc - optind, argv + optind);
	return complain("there is no command %s", argv[optind]);
}
