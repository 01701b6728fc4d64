/* SPDX-License-Identifier: MIT */
/*
 * The fields of an OCI configuration, one at a time: which are taken, and which are refused, by
 * their JSON pointer and with a reason. What becomes of them in a container is for test_oci.sh.
 */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <container/container.h>

static char bundle[64], text[80000];
static ct_error err;

static const char *in_bundle(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", bundle, name);
	return path;
}

static void setup(void)
{
	const char *temp = getenv("TMPDIR");

	err = (ct_error)CT_ERROR_INIT;
	snprintf(bundle, sizeof(bundle), "%s/ct-fields.XXXXXX", temp ? temp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(bundle));
	ck_assert_int_eq(mkdir(in_bundle("root"), 0755), 0);
	ck_assert_int_eq(mkdir(in_bundle("root/full"), 0755), 0);
	ck_assert_int_eq(mkdir(in_bundle("root/full/of"), 0755), 0);
}

static void teardown(void)
{
	unlink(in_bundle("config.json"));
	rmdir(in_bundle("root/full/of"));
	rmdir(in_bundle("root/full"));
	rmdir(in_bundle("root"));
	rmdir(bundle);
}

/* Where a field stands. */
enum place {
	TOP,
	PROCESS,
	LINUX, /* beside namespaces of each kind but for user */
	USERS, /* the same beside a user namespace, too */
	MOUNTS,
	RESOURCES,
	PLACES
};

/* A configuration with what it must have and one thing more. */
static void write_text(enum place place, const char *more)
{
	const char *with[PLACES] = {"", "", "", "", "", ""};

	with[place] = more;
	snprintf(text, sizeof(text),
		"{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"root\"}%s%s,"
		" \"process\": {\"cwd\": \"/\", \"args\": [\"/bin/true\"]%s%s},"
		" \"mounts\": [%s],"
		" \"linux\": {\"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"pid\"}, {\"type\": \"ipc\"},"
		"  {\"type\": \"uts\"}, {\"type\": \"network\"}, {\"type\": \"cgroup\"}, {\"type\": \"time\"}%s],"
		"  \"resources\": {%s}%s%s%s%s}}",
		*with[TOP] ? ", " : "", with[TOP], *with[PROCESS] ? ", " : "", with[PROCESS],
		with[MOUNTS], place == USERS ? ", {\"type\": \"user\"}" : "", with[RESOURCES],
		*with[LINUX] ? ", " : "", with[LINUX], *with[USERS] ? ", " : "", with[USERS]);
}

static int read_text(ct_spec **ret_spec)
{
	return ct_spec_from_oci_text(text, strlen(text), bundle, ret_spec, &err);
}

/* What is written of it is read, and written as the same once more. */
static void comes_back(const ct_spec *spec)
{
	char *first = NULL, *second = NULL;
	ct_spec *copy = NULL;

	ck_assert_msg(ct_spec_to_oci(spec, &first, &err) == 0, "%s\n%s", err.sentence, text);
	ck_assert_msg(ct_spec_from_oci_text(first, strlen(first), NULL, &copy, &err) == 0, "%s\n%s",
		err.sentence, first);
	ck_assert_msg(ct_spec_to_oci(copy, &second, &err) == 0, "%s", err.sentence);
	ck_assert_str_eq(first, second);
	ct_oci_text_free(first);
	ct_oci_text_free(second);
	ct_spec_free(copy);
}

static void is_taken(void)
{
	ct_spec *spec = NULL;

	ck_assert_msg(read_text(&spec) == 0, "%s\n%s", err.sentence, text);
	ck_assert_int_eq(ct_spec_check(spec, NULL), 0);
	comes_back(spec);
	ct_spec_free(spec);
}

static void is_refused(const char *pointer, int code, const char *words)
{
	ct_spec *spec = NULL;

	ck_assert_msg(read_text(&spec) == code, "%d: %s\n%s", err.code, err.sentence, text);
	ck_assert_ptr_null(spec);
	ck_assert_int_eq(err.code, code);
	ck_assert_int_eq(err.step, CT_STEP_ARGUMENT);
	ck_assert_str_eq(err.object, pointer);
	ck_assert_msg(strstr(err.sentence, words) != NULL, "%s", err.sentence);
}

/* ----------------------------------------------------------------- fields */

static const struct {
	enum place place;
	const char *more;
} taken[] = {
	{TOP, "\"hostname\": \"one\", \"domainname\": \"two\""},
	{TOP, "\"hostname\": \"\", \"domainname\": \"\", \"annotations\": {\"a\": \"b\"}"},
	{PROCESS, "\"terminal\": true"},
	{PROCESS, "\"terminal\": true, \"consoleSize\": {\"height\": 50, \"width\": 132}"},
	{PROCESS, "\"terminal\": true, \"consoleSize\": {\"height\": 0, \"width\": 0}"},
	{PROCESS, "\"user\": {\"uid\": 1, \"gid\": 2, \"umask\": 63, \"additionalGids\": [3, 4]}"},
	{PROCESS, "\"rlimits\": [{\"type\": \"RLIMIT_CORE\", \"soft\": 18446744073709551615,"
		  " \"hard\": 18446744073709551615}]"},
	{PROCESS, "\"capabilities\": {\"bounding\": [\"CAP_KILL\"], \"ambient\": [\"CAP_KILL\"],"
		  " \"permitted\": [\"CAP_KILL\"], \"inheritable\": [\"CAP_KILL\"]}"},
	{PROCESS, "\"apparmorProfile\": \"\", \"selinuxLabel\": \"\", \"execCPUAffinity\": {}"},
	{PROCESS, "\"apparmorProfile\": \"some\", \"selinuxLabel\": \"a:b:c\""},
	{LINUX, "\"personality\": {\"domain\": \"LINUX\", \"flags\": []}"},
	{LINUX, "\"timeOffsets\": {\"monotonic\": {\"secs\": 5, \"nanosecs\": 7}, \"boottime\": {\"secs\": -1}}"},
	{LINUX, "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 0}]"}, /* of no user namespace */
	{LINUX, "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/run/agent\","
		" \"listenerMetadata\": \"x\"}"},
	{LINUX, "\"rootfsPropagation\": \"private\", \"mountLabel\": \"\", \"netDevices\": {}"},
	{LINUX, "\"devices\": [{\"path\": \"/dev/null\", \"type\": \"c\", \"major\": 1, \"minor\": 3}]"},
	{USERS, "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}],"
		" \"gidMappings\": [{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}]"},
	{MOUNTS, "{\"destination\": \"/proc\", \"type\": \"proc\"}, {\"destination\": \"/sys\", \"type\": \"sysfs\"}"},
	{MOUNTS, "{\"destination\": \"/sys/fs/cgroup\", \"type\": \"cgroup\", \"options\": [\"ro\"]}"},
	{MOUNTS, "{\"destination\": \"/full/of\", \"type\": \"tmpfs\", \"options\": [\"tmpcopyup\"]}"},
	{MOUNTS, "{\"destination\": \"/new\", \"type\": \"tmpfs\", \"options\": [\"tmpcopyup\", \"size=1m\", \"mode=700\"]}"},
	{MOUNTS, "{\"destination\": \"/mnt\", \"source\": \"root\", \"options\": [\"rbind\", \"ro\", \"noatime\"],"
		 " \"uidMappings\": []}"},
	{RESOURCES, "\"memory\": {\"limit\": 67108864, \"swap\": 134217728, \"reservation\": 1048576, \"swappiness\": 0}"},
	{RESOURCES, "\"memory\": {\"limit\": -1, \"swap\": -1, \"kernel\": 0, \"disableOOMKiller\": false}"},
	{RESOURCES, "\"cpu\": {\"shares\": 1024, \"quota\": 50000, \"period\": 100000, \"burst\": 10000,"
		    " \"idle\": 0, \"cpus\": \"0\", \"mems\": \"0\", \"realtimePeriod\": 0}"},
	{RESOURCES, "\"memory\": {\"limit\": 1048576, \"checkBeforeUpdate\": true}"},
	{RESOURCES, "\"cpu\": {\"shares\": 1, \"quota\": -1}"},
	{RESOURCES, "\"pids\": {\"limit\": -1}"},
	{RESOURCES, "\"pids\": {\"limit\": 0}, \"network\": {}, \"rdma\": {}"},
	{RESOURCES, "\"blockIO\": {\"weight\": 500, \"weightDevice\": [], \"throttleReadBpsDevice\":"
		    " [{\"major\": 8, \"minor\": 0, \"rate\": 1000000}], \"throttleWriteIOPSDevice\":"
		    " [{\"major\": 8, \"minor\": 0, \"rate\": 100}, {\"major\": 8, \"minor\": 16, \"rate\": 100}]}"},
	{RESOURCES, "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 4194304},"
		    " {\"pageSize\": \"1GB\", \"limit\": 18446744073709551615}]"},
	{RESOURCES, "\"unified\": {\"pids.max\": \"50\"}"},
	{RESOURCES, "\"devices\": [{\"allow\": false}, {\"allow\": false, \"type\": \"c\", \"major\": 1},"
		    " {\"allow\": true, \"type\": \"c\", \"major\": 1, \"minor\": -1, \"access\": \"rm\"}]"},
	{RESOURCES, "\"devices\": [{\"allow\": true, \"access\": \"rwm\"}]"},
};

START_TEST(field_is_taken_and_comes_back)
{
	write_text(taken[_i].place, taken[_i].more);
	is_taken();
}
END_TEST

#define MANY_SPACES "                                                                                "
#define TEN(text) text text text text text text text text text text

static const struct {
	enum place place;
	const char *more, *pointer;
	int code;
	const char *words;
} refused[] = {
	{TOP, "\"hostname\": 7", "/hostname", -EINVAL, "no string"},
	{TOP, "\"domainname\": {}", "/domainname", -EINVAL, "no string"},
	{PROCESS, "\"terminal\": 1", "/process/terminal", -EINVAL, "neither true nor false"},
	{PROCESS, "\"terminal\": true, \"consoleSize\": {\"height\": 65536}", "/process/consoleSize/height",
		-EINVAL, "out of range"},
	{PROCESS, "\"user\": {\"uid\": 4294967295}", "/process/user/uid", -EINVAL, "out of range"},
	{PROCESS, "\"user\": {\"uid\": 1.5}", "/process/user/uid", -EINVAL, "no whole number"},
	{PROCESS, "\"user\": {\"additionalGids\": [-1]}", "/process/user/additionalGids/0", -EINVAL, "out of range"},
	{PROCESS, "\"env\": \"A=b\"", "/process/env", -EINVAL, "no array"},
	{PROCESS, "\"env\": [\"A=b\", 7]", "/process/env/1", -EINVAL, "no string"},
	{PROCESS, "\"rlimits\": [{\"soft\": 1}]", "/process/rlimits/0", -EINVAL, "no type"},
	{PROCESS, "\"rlimits\": [{\"type\": \"RLIMIT_LUCK\"}]", "/process/rlimits/0/type", -EINVAL, "no such limit"},
	{PROCESS, "\"rlimits\": [{\"type\": \"RLIMIT_CORE\"}, {\"type\": \"RLIMIT_CORE\"}]",
		"/process/rlimits/1/type", -EINVAL, "was there before"},
	{PROCESS, "\"rlimits\": [null]", "/process/rlimits/0", -EINVAL, "it is null"},
	{PROCESS, "\"capabilities\": {\"bounding\": [\"CAP_LUCK\"]}", "/process/capabilities/bounding/0", -EINVAL,
		"no such capability"},
	{PROCESS, "\"capabilities\": {\"effective\": [\"CAP_KILL\"]}", "/process/capabilities", -EINVAL,
		"effective has what permitted has not"},
	{PROCESS, "\"oomScoreAdj\": 1001", "/process/oomScoreAdj", -EINVAL, "out of range"},
	{PROCESS, "\"apparmorProfile\": \"a\\nb\"", "/process/apparmorProfile", -EINVAL, "has a line end"},
	{PROCESS, "\"selinuxLabel\": \"a\\nb\"", "/process/selinuxLabel", -EINVAL, "has a line end"},
	{PROCESS, "\"scheduler\": {}", "/process/scheduler", -EOPNOTSUPP, "cannot be honoured"},
	{PROCESS, "\"execCPUAffinity\": {\"initial\": \"0\"}", "/process/execCPUAffinity", -EOPNOTSUPP,
		"cannot be honoured"},
	{LINUX, "\"personality\": {\"domain\": \"LINUX32\"}", "/linux/personality/domain", -EOPNOTSUPP, "none but LINUX"},
	{LINUX, "\"personality\": {\"flags\": [\"x\"]}", "/linux/personality/flags", -EOPNOTSUPP, "no flags"},
	{LINUX, "\"timeOffsets\": {\"realtime\": {}}", "/linux/timeOffsets/realtime", -EINVAL, "no such clock"},
	{LINUX, "\"timeOffsets\": {\"a~/b\": {}}", "/linux/timeOffsets/a~0~1b", -EINVAL, "no such clock"},
	{LINUX, "\"timeOffsets\": {\"monotonic\": {\"nanosecs\": -1}}", "/linux/timeOffsets/monotonic/nanosecs", -EINVAL,
		"out of range"},
	{LINUX, "\"timeOffsets\": {\"boottime\": {\"secs\": 4000000001}}", "/linux/timeOffsets/boottime/secs", -EINVAL,
		"out of range"},
	{LINUX, "\"rootfsPropagation\": \"shared\"", "/linux/rootfsPropagation", -EOPNOTSUPP, "none but private"},
	{LINUX, "\"netDevices\": {\"eth0\": {}}", "/linux/netDevices", -EOPNOTSUPP, "cannot be honoured"},
	{LINUX, "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerMetadata\": {}}",
		"/linux/seccomp/listenerMetadata", -EINVAL, "no string"},
	{LINUX, "\"memoryPolicy\": {\"mode\": \"MPOL_BIND\"}", "/linux/memoryPolicy", -EOPNOTSUPP, "cannot be honoured"},
	{LINUX, "\"intelRdt\": {}", "/linux/intelRdt", -EOPNOTSUPP, "cannot be honoured"},
	{LINUX, "\"maskedPaths\": [\"relative\"]", "/linux/maskedPaths/0", -EINVAL, "relative"},
	{LINUX, "\"devices\": [{\"type\": \"c\"}]", "/linux/devices/0", -EINVAL, "no path"},
	{LINUX, "\"devices\": [{\"path\": \"/dev/x\", \"type\": \"p\"}]", "/linux/devices/0", -EOPNOTSUPP, "none of c, u, b"},
	{LINUX, "\"devices\": [{\"path\": \"/dev/null\", \"type\": \"c\", \"major\": 4096}]", "/linux/devices/0/major", -EINVAL,
		"out of range"},
	{LINUX, "\"devices\": [{\"path\": \"/dev/null\", \"type\": \"c\", \"major\": 1, \"minor\": 5}]", "/linux/devices/0/path",
		-EOPNOTSUPP, "no such device"},
	{LINUX, "\"devices\": [{\"path\": \"/dev/null\", \"type\": \"b\", \"major\": 1, \"minor\": 4}]", "/linux/devices/0/path",
		-EOPNOTSUPP, "no such device"},
	{LINUX, "\"devices\": [7]", "/linux/devices/0", -EINVAL, "no object"},
	{USERS, "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 1, \"size\": 0}]", "/linux/uidMappings/0", -EINVAL, ""},
	{USERS, "\"uidMappings\": [{\"containerID\": 0, \"hostID\": -1, \"size\": 1}]", "/linux/uidMappings/0/hostID", -EINVAL,
		"out of range"},
	{USERS, "\"gidMappings\": [{\"containerID\": \"0\"}]", "/linux/gidMappings/0/containerID", -EINVAL, "no number"},
	{MOUNTS, "{\"type\": \"tmpfs\"}", "/mounts/0", -EINVAL, "no destination"},
	{MOUNTS, "{\"destination\": \"/mnt\"}", "/mounts/0", -EINVAL, "no type"},
	{MOUNTS, "{\"destination\": \"/mnt\", \"type\": \"bind\"}", "/mounts/0", -EINVAL, "bind without a source"},
	{MOUNTS, "{\"destination\": \"/mnt\", \"source\": \"root\", \"options\": [\"bind\", \"size=1m\"]}", "/mounts/0", -EINVAL,
		"a bind does not take"},
	{MOUNTS, "{\"destination\": \"/mnt\", \"source\": \"not-there\", \"type\": \"bind\"}", "/mounts/0/source", -ENOENT, ""},
	{MOUNTS, "{\"destination\": \"/mnt\", \"type\": \"tmpfs\", \"options\": [\"shared\"]}", "/mounts/0/options/0",
		-EOPNOTSUPP, "cannot be honoured"},
	{MOUNTS, "{\"destination\": \"/mnt\", \"type\": \"tmpfs\", \"options\": [\"" TEN(MANY_SPACES) "\", \"" TEN(
			MANY_SPACES) "\"]}", "/mounts/0/options/1", -E2BIG, "too long"},
	{MOUNTS, "{\"destination\": \"/mnt\", \"source\": \"root\", \"type\": \"bind\", \"uidMappings\": [{}]}",
		"/mounts/0/uidMappings", -EOPNOTSUPP, "cannot be honoured"},
	{MOUNTS, "{\"destination\": \"/full\", \"type\": \"tmpfs\", \"options\": [\"tmpcopyup\"]}", "/mounts/0", -EOPNOTSUPP, ""},
	{RESOURCES, "\"memory\": {\"limit\": -2}", "/linux/resources/memory/limit", -EINVAL, "out of range"},
	{RESOURCES, "\"memory\": {\"limit\": 2097152, \"swap\": 1048576}", "/linux/resources/memory", -EINVAL, "below limit"},
	{RESOURCES, "\"memory\": {\"swap\": 1048576}", "/linux/resources/memory", -EINVAL, "below limit"},
	{RESOURCES, "\"memory\": {\"limit\": 1048576, \"checkBeforeUpdate\": 1}",
		"/linux/resources/memory/checkBeforeUpdate", -EINVAL, "neither true nor false"},
	{RESOURCES, "\"memory\": {\"disableOOMKiller\": true}", "/linux/resources/memory/disableOOMKiller", -EOPNOTSUPP,
		"cannot be honoured"},
	{RESOURCES, "\"cpu\": {\"realtimeRuntime\": 1}", "/linux/resources/cpu/realtimeRuntime", -EOPNOTSUPP,
		"cannot be honoured"},
	{RESOURCES, "\"cpu\": {\"cpus\": 0}", "/linux/resources/cpu/cpus", -EINVAL, "no string"},
	{RESOURCES, "\"cpu\": {\"cpus\": \"none\"}", "/linux/resources/cpu", -EINVAL, ""},
	{RESOURCES, "\"blockIO\": {\"leafWeight\": 10}", "/linux/resources/blockIO/leafWeight", -EOPNOTSUPP,
		"cannot be honoured"},
	{RESOURCES, "\"blockIO\": {\"weight\": 1001}", "/linux/resources/blockIO/weight", -EINVAL, "out of range"},
	{RESOURCES, "\"blockIO\": {\"throttleReadBpsDevice\": [{\"rate\": -1}]}",
		"/linux/resources/blockIO/throttleReadBpsDevice/0/rate", -EINVAL, "out of range"},
	{RESOURCES, "\"hugepageLimits\": [{\"pageSize\": \"2/B\", \"limit\": 1}]", "/linux/resources/hugepageLimits/0", -EINVAL, ""},
	{RESOURCES, "\"unified\": {\"cgroup.procs\": \"1\"}", "/linux/resources/unified/cgroup.procs", -EINVAL, ""},
	{RESOURCES, "\"rdma\": {\"mlx5_1\": {}}", "/linux/resources/rdma", -EOPNOTSUPP, "cannot be honoured"},
	{RESOURCES, "\"devices\": [{\"allow\": false, \"type\": \"p\"}]", "/linux/resources/devices/0", -EINVAL, "none of a, c, b"},
	{RESOURCES, "\"devices\": [{\"allow\": false, \"access\": \"x\"}]", "/linux/resources/devices/0", -EINVAL, "other letters"},
	{RESOURCES, "\"devices\": [{\"allow\": false}, {\"allow\": true, \"type\": \"c\", \"major\": 1},"
		    " {\"allow\": false, \"type\": \"c\", \"major\": 1, \"minor\": 3}]",
		"/linux/resources/devices/2", -EOPNOTSUPP, "forbidden after others were allowed"},
};

START_TEST(field_is_refused_by_its_pointer)
{
	write_text(refused[_i].place, refused[_i].more);
	is_refused(refused[_i].pointer, refused[_i].code, refused[_i].words);
}
END_TEST

START_TEST(device_of_the_host_is_taken_with_its_own_mode_alone)
{
	char more[256];
	struct stat about;

	if (stat("/dev/ptmx", &about) < 0 || !S_ISCHR(about.st_mode))
		return;
	for (unsigned int other = 0; other < 2; other++) {
		snprintf(more, sizeof(more),
			"\"devices\": [{\"path\": \"/dev/ptmx\", \"type\": \"c\", \"major\": %u, \"minor\": %u, \"fileMode\": %u}]",
			major(about.st_rdev), minor(about.st_rdev), (about.st_mode & 07777) ^ other);
		write_text(LINUX, more);
		if (other)
			is_refused("/linux/devices/0/fileMode", -EOPNOTSUPP, "the node of the host has another");
		else
			is_taken();
	}
}
END_TEST

START_TEST(sixty_five_rules_of_devices_are_refused)
{
	static char more[8192];
	size_t used = (size_t)snprintf(more, sizeof(more), "\"devices\": [{\"allow\": false}");

	for (unsigned int i = 0; i < 65; i++)
		used += (size_t)snprintf(more + used, sizeof(more) - used,
			", {\"allow\": true, \"type\": \"c\", \"major\": 1, \"minor\": %u}", i);
	snprintf(more + used, sizeof(more) - used, "]");
	write_text(RESOURCES, more);
	is_refused("/linux/resources/devices/65", -EOPNOTSUPP, "over 64 rules");
}
END_TEST

/* -------------------------------------------------------------- as a whole */

static const struct {
	const char *text, *object;
	int code;
	const char *words;
} texts[] = {
	{"", "configuration: line 1", -EBADMSG, ""},
	{"[]", "configuration", -EBADMSG, "it is no object"},
	{"{\"a\": 1, \"a\": 2}", "configuration: line 1", -EBADMSG, "a"},
	{"{}", "/ociVersion", -EINVAL, "it is missing"},
	{"{\"ociVersion\": \"1.0.0\"}", "/root/path", -EINVAL, "it is missing"},
	{"{\"ociVersion\": \"1.0.0\", \"root\": 7}", "/root", -EINVAL, "no object"},
	{"{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"root\"}}", "/linux/namespaces", -EINVAL, "it is missing"},
	{"{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"root\"}, \"linux\": {\"namespaces\": []},"
	 " \"process\": {\"cwd\": \"/\", \"args\": []}}", "/process/args/0", -EINVAL, "it is missing"},
	{"{\"ociVersion\": \"2.0.0\", \"root\": {\"path\": \"root\"}, \"linux\": {\"namespaces\": []},"
	 " \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}}", "/ociVersion", -EOPNOTSUPP, "only version 1"},
	{"{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"root\"}, \"linux\": {\"namespaces\": []},"
	 " \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}}", "/linux/namespaces", -EOPNOTSUPP, "no mount namespace"},
	{"{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"none\"}, \"linux\": {\"namespaces\": [{\"type\": \"mount\"}]},"
	 " \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}}", "/root/path", -ENOENT, ""},
	{"{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"root\"}, \"linux\": {\"namespaces\": [{\"type\": \"mount\"},"
	 " {\"type\": \"mount\"}]}, \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}}", "/linux/namespaces/1/type", -EINVAL,
		"was there before"},
	{"{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"root\"}, \"linux\": {\"namespaces\": [{\"type\": \"luck\"}]},"
	 " \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}}", "/linux/namespaces/0/type", -EINVAL, "no such namespace"},
	{"{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"root\"}, \"linux\": {\"namespaces\": [{}]},"
	 " \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}}", "/linux/namespaces/0", -EINVAL, "no type"},
};

START_TEST(configuration_is_refused_for_what_it_lacks)
{
	snprintf(text, sizeof(text), "%s", texts[_i].text);
	is_refused(texts[_i].object, texts[_i].code, texts[_i].words);
}
END_TEST

START_TEST(text_that_is_too_deep_is_refused)
{
	memset(text, '[', 65);
	text[65] = '\0';
	is_refused("configuration", -EBADMSG, "deeper than 64 levels");
}
END_TEST

START_TEST(text_that_is_too_long_is_refused)
{
	char *much = calloc(1, (4 << 20) + 2);
	ct_spec *spec = NULL;

	ck_assert_ptr_nonnull(much);
	memset(much, ' ', (4 << 20) + 1);
	ck_assert_int_eq(ct_spec_from_oci_text(much, (4 << 20) + 1, bundle, &spec, &err), -EFBIG);
	ck_assert_str_eq(err.object, "configuration");
	free(much);
}
END_TEST

START_TEST(relative_path_without_a_bundle_is_refused)
{
	ct_spec *spec = NULL;

	write_text(TOP, "");
	ck_assert_int_eq(ct_spec_from_oci_text(text, strlen(text), NULL, &spec, &err), -EINVAL);
	ck_assert_str_eq(err.object, "/root/path");
	ck_assert_msg(strstr(err.sentence, "there is no bundle") != NULL, "%s", err.sentence);
}
END_TEST

START_TEST(configuration_that_is_no_file_is_refused)
{
	ct_spec *spec = NULL;

	ck_assert_int_eq(ct_spec_from_oci(bundle, &spec, &err), -ENOENT);
	ck_assert_int_eq(mkdir(in_bundle("config.json"), 0755), 0);
	ck_assert_int_eq(ct_spec_from_oci(bundle, &spec, &err), -EINVAL);
	ck_assert_msg(strstr(err.sentence, "it is no file") != NULL, "%s", err.sentence);
	ck_assert_int_eq(rmdir(in_bundle("config.json")), 0);
}
END_TEST

START_TEST(configuration_that_is_too_large_a_file_is_refused)
{
	ct_spec *spec = NULL;
	FILE *file = fopen(in_bundle("config.json"), "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(ftruncate(fileno(file), (4 << 20) + 1), 0);
	fclose(file);
	ck_assert_int_eq(ct_spec_from_oci(bundle, &spec, &err), -EFBIG);
	ck_assert_msg(strstr(err.sentence, "over 4 MiB") != NULL, "%s", err.sentence);
}
END_TEST

START_TEST(process_alone_is_refused_by_its_pointers)
{
	static const char process[] = "{\"cwd\": \"/\", \"args\": [\"a\"], \"user\": {\"uid\": -1}}";
	ct_spec *spec = NULL;

	ck_assert_int_eq(ct_spec_from_oci_process("{}", 2, &spec, &err), -EINVAL);
	ck_assert_str_eq(err.object, "/process/cwd");
	ck_assert_int_eq(ct_spec_from_oci_process(process, sizeof(process) - 1, &spec, &err), -EINVAL);
	ck_assert_str_eq(err.object, "/process/user/uid");
	ck_assert_int_eq(ct_spec_from_oci_process("[", 1, &spec, &err), -EBADMSG);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int main(void)
{
	Suite *suite = suite_create("fields");
	TCase *tcase = tcase_create("fields");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, field_is_taken_and_comes_back, 0, COUNT(taken));
	tcase_add_loop_test(tcase, field_is_refused_by_its_pointer, 0, COUNT(refused));
	tcase_add_test(tcase, device_of_the_host_is_taken_with_its_own_mode_alone);
	tcase_add_test(tcase, sixty_five_rules_of_devices_are_refused);
	tcase_add_loop_test(tcase, configuration_is_refused_for_what_it_lacks, 0, COUNT(texts));
	tcase_add_test(tcase, text_that_is_too_deep_is_refused);
	tcase_add_test(tcase, text_that_is_too_long_is_refused);
	tcase_add_test(tcase, relative_path_without_a_bundle_is_refused);
	tcase_add_test(tcase, configuration_that_is_no_file_is_refused);
	tcase_add_test(tcase, configuration_that_is_too_large_a_file_is_refused);
	tcase_add_test(tcase, process_alone_is_refused_by_its_pointers);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
