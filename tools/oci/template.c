/* SPDX-License-Identifier: MIT */
/* spec and features: a configuration to begin with, and what this runtime knows. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "ct-oci.h"

static const char template[] =
	"{'ociVersion':'" VERSION_OF_SPEC "',"
	"'process':{'terminal':true,'user':{'uid':0,'gid':0},'args':['sh'],"
	"'env':['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin','TERM=xterm'],"
	"'cwd':'/','capabilities':{"
	"'bounding':['CAP_AUDIT_WRITE','CAP_KILL','CAP_NET_BIND_SERVICE'],"
	"'effective':['CAP_AUDIT_WRITE','CAP_KILL','CAP_NET_BIND_SERVICE'],"
	"'permitted':['CAP_AUDIT_WRITE','CAP_KILL','CAP_NET_BIND_SERVICE']},"
	"'rlimits':[{'type':'RLIMIT_NOFILE','hard':1024,'soft':1024}],'noNewPrivileges':true},"
	"'root':{'path':'rootfs','readonly':true},'hostname':'ct-oci',"
	"'mounts':[{'destination':'/proc','type':'proc','source':'proc'},"
	"{'destination':'/dev','type':'tmpfs','source':'tmpfs',"
	"'options':['nosuid','strictatime','mode=755','size=65536k']},"
	"{'destination':'/dev/pts','type':'devpts','source':'devpts',"
	"'options':['nosuid','noexec','newinstance','ptmxmode=0666','mode=0620']},"
	"{'destination':'/dev/shm','type':'tmpfs','source':'shm',"
	"'options':['nosuid','noexec','nodev','mode=1777','size=65536k']},"
	"{'destination':'/dev/mqueue','type':'mqueue','source':'mqueue',"
	"'options':['nosuid','noexec','nodev']},"
	"{'destination':'/sys','type':'sysfs','source':'sysfs',"
	"'options':['nosuid','noexec','nodev','ro']}],"
	"'linux':{'resources':{'devices':[{'allow':false,'access':'rwm'}]},"
	"'namespaces':[{'type':'pid'},{'type':'network'},{'type':'ipc'},{'type':'uts'},{'type':'mount'},"
	"{'type':'cgroup'}],"
	"'maskedPaths':['/proc/acpi','/proc/asound','/proc/kcore','/proc/keys','/proc/latency_stats',"
	"'/proc/timer_list','/proc/timer_stats','/proc/sched_debug','/sys/firmware','/proc/scsi'],"
	"'readonlyPaths':['/proc/bus','/proc/fs','/proc/irq','/proc/sys','/proc/sysrq-trigger']}}";

/* With quotes as JSON has them. */
static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	for (char *at = copy; at && *at; at++)
		if (*at == '\'')
			*at = '"';
	json = copy ? json_loads(copy, 0, NULL) : NULL;
	free(copy);
	return json;
}

/* What a user can have: a user namespace with his own ids, and no limits. */
static void make_rootless(json_t *config)
{
	json_t *part = json_object_get(config, "linux");
	json_t *map = json_pack("[{s:i,s:I,s:i}]", "containerID", 0, "hostID", (json_int_t)geteuid(),
		"size", 1);
	json_t *groups = json_pack("[{s:i,s:I,s:i}]", "containerID", 0, "hostID",
		(json_int_t)getegid(), "size", 1);

	json_array_append_new(json_object_get(part, "namespaces"), json_pack("{s:s}", "type", "user"));
	json_object_set_new(part, "uidMappings", map);
	json_object_set_new(part, "gidMappings", groups);
	json_object_del(part, "resources");
}

int command_spec(int argc, char **argv)
{
	const char *bundle = ".";
	bool rootless = false;
	const struct option_row rows[] = {
		{"bundle", 'b', .text = &bundle}, {"rootless", 0, .flag = &rootless}, {0}};
	char path[PATH_MAX], *text;
	json_t *config;
	FILE *file;
	int fd;

	if (take_options(argc, argv, rows, 0, 0) < 0)
		return 1;
	config = parse(template);
	if (config && rootless)
		make_rootless(config);
	text = config ? json_dumps(config, JSON_INDENT(1)) : NULL;
	json_decref(config);
	snprintf(path, sizeof(path), "%s/config.json", bundle);
	fd = text ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644) : -1;
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		free(text);
		return complain("%s: %s", path, strerror(errno));
	}
	fprintf(file, "%s\n", text);
	free(text);
	return fclose(file) ? complain("%s: %s", path, strerror(errno)) : 0;
}

static const char features[] =
	"{'ociVersionMin':'1.0.0','ociVersionMax':'" VERSION_OF_SPEC "',"
	"'hooks':['prestart','createRuntime','createContainer','startContainer','poststart','poststop'],"
	"'mountOptions':['async','atime','bind','defaults','dev','diratime','exec','loud','noatime',"
	"'nodev','nodiratime','noexec','nomand','norelatime','nostrictatime','nosuid','private','rbind',"
	"'relatime','rnodev','rnoexec','rnosuid','ro','rprivate','rro','rw','silent','strictatime','suid',"
	"'symfollow','tmpcopyup'],"
	"'linux':{'namespaces':['cgroup','ipc','mount','network','pid','time','user','uts'],"
	"'cgroup':{'v1':true,'v2':true,'systemd':false,'systemdUser':false,'rdma':false},"
	"'seccomp':{'enabled':true},'apparmor':{'enabled':false},'selinux':{'enabled':false},"
	"'intelRdt':{'enabled':false},'mountExtensions':{'idmap':{'enabled':false}}}}";

int command_features(int argc, char **argv)
{
	const struct option_row rows[] = {{0}};
	json_t *json;
	char *text;

	if (take_options(argc, argv, rows, 0, 0) < 0)
		return 1;
	json = parse(features);
	text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	json_decref(json);
	if (!text)
		return complain("out of memory");
	puts(text);
	free(text);
	return 0;
}
