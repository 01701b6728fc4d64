/* SPDX-License-Identifier: MIT */
/* See peers.h. */
#include "peers.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

const struct peer peers[] = {
	{"bwrap", {"bwrap", "--version"},
		{"bwrap", "--unshare-all", "--cap-drop", "ALL", "--bind", "ROOT", "/", "--proc", "/proc", "--dev",
			"/dev", "/payload"}},
	{"unshare + chroot", {"unshare", "--version"},
		{"unshare", "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--net", "--fork", "chroot", "ROOT",
			"/payload"}},
	{"crun", {"crun", "--version"}, {"crun", "--root", "STATE", "run", "--bundle", "BUNDLE", "ID"}},
	{"runc", {"runc", "--version"}, {"runc", "--root", "STATE", "run", "--bundle", "BUNDLE", "ID"}},
	{"lxc-execute", {"lxc-execute", "--version"},
		{"lxc-execute", "-P", "STATE", "-n", "ID", "-f", "CONFIG", "--", "/payload"}},
	{"minijail0", {"minijail0", "--version"},
		{"minijail0", "-v", "-p", "-l", "-N", "-e", "-n", "-P", "ROOT", "--", "/payload"}},
};
const int peers_count = sizeof(peers) / sizeof(peers[0]);

static struct {
	const char *word;
	char text[512];
} words[] = {{"ROOT", ""}, {"BUNDLE", ""}, {"STATE", ""}, {"CONFIG", ""}, {"ID", ""}};

/* The same kinds of namespace, no_new_privs and as few capabilities as our default; no filter. */
void peers_write_bundle(const char *dir, const char *program)
{
	static const char caps[] = "[\"CAP_CHOWN\", \"CAP_KILL\", \"CAP_SETUID\", \"CAP_SETGID\"]";
	char path[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s/config.json", dir);
	file = mkdir(dir, 0755) == 0 ? fopen(path, "we") : NULL;
	if (!file)
		err(1, "%s", path);
	fprintf(file,
		"{\"ociVersion\": \"1.0.2\", \"process\": {\"terminal\": false, \"user\": {\"uid\": 0, \"gid\": 0},"
		" \"args\": [\"%s\"], \"cwd\": \"/\", \"noNewPrivileges\": true,"
		" \"capabilities\": {\"bounding\": %s, \"effective\": %s, \"permitted\": %s}},"
		" \"root\": {\"path\": \"%s\"}, \"mounts\": [{\"destination\": \"/proc\", \"type\": \"proc\","
		" \"source\": \"proc\"}], \"linux\": {\"namespaces\": [{\"type\": \"pid\"}, {\"type\": \"network\"},"
		" {\"type\": \"ipc\"}, {\"type\": \"uts\"}, {\"type\": \"mount\"}]}}\n",
		program, caps, caps, caps, bench_root());
	fclose(file);
}

void peers_prepare(void)
{
	FILE *file;

	snprintf(words[0].text, sizeof(words[0].text), "%s", bench_root());
	snprintf(words[1].text, sizeof(words[1].text), "%s/bundle", bench_root());
	snprintf(words[2].text, sizeof(words[2].text), "%s/state", bench_root());
	snprintf(words[3].text, sizeof(words[3].text), "%s/lxc.conf", bench_root());
	snprintf(words[4].text, sizeof(words[4].text), "ct-bench-%d", getpid());
	peers_write_bundle(words[1].text, "/payload");
	file = mkdir(words[2].text, 0700) == 0 ? fopen(words[3].text, "we") : NULL;
	if (!file)
		err(1, "%s", words[3].text);
	fprintf(file, "lxc.rootfs.path = dir:%s\nlxc.net.0.type = empty\nlxc.mount.auto = proc:mixed sys:ro\n"
		"lxc.autodev = 1\nlxc.cap.drop = sys_admin sys_module mknod\n", bench_root());
	fclose(file);
}

char *const *peers_command(int peer)
{
	static const char *command[PEERS_WORDS];

	for (int i = 0; i < PEERS_WORDS; i++) {
		command[i] = peers[peer].command[i];
		for (size_t word = 0; command[i] && word < sizeof(words) / sizeof(words[0]); word++)
			if (strcmp(command[i], words[word].word) == 0)
				command[i] = words[word].text;
	}
	return (char *const *)(uintptr_t)command;
}

void peers_label(int peer, char *text, int size)
{
	char command[128], line[128] = "";
	const char *number;
	FILE *output;

	snprintf(command, sizeof(command), "%s %s 2>/dev/null", peers[peer].version[0], peers[peer].version[1]);
	output = popen(command, "re");
	if (output && fgets(line, sizeof(line), output))
		line[strcspn(line, "\n")] = '\0';
	if (output)
		pclose(output);
	number = strpbrk(line, "0123456789");
	snprintf(text, (size_t)size, number ? "%s %.20s" : "%s", peers[peer].name, number);
}
