/* SPDX-License-Identifier: MIT */
/*
 * What a shell would do instead: one row for each operation of a plan. The container's
 * root is at /mnt until the pivot, what waits for its place is in /media.
 */
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "shell.h"
#include "spawn/idmapped.h"
#include "spawn/plan.h"
#include "util/ns_kinds.h"

#define ROOT  "/mnt"
#define SPARE "/media"

/* An operation, and where its neighbours and words are. */
struct command {
	const struct ct__plan *plan;
	const struct plan_op *op;
	const char *bytes; /* of the plan */
	bool is_first, is_last;
	const char *text; /* of its row */
};

typedef void (*maker)(struct text *to, const struct command *c);

static const char *path_of(const struct command *c)
{
	return c->bytes + c->op->path;
}

/* A place below a register, as the shell sees it. */
static void add_place(struct text *to, const struct command *c, const struct plan_op *op)
{
	static const char *const registers[REG_COUNT] = {[REG_ROOT] = ROOT "/",
		[REG_PROC] = ROOT "/proc/",
		[REG_SYS] = ROOT "/sys/",
		[REG_DEV] = ROOT "/dev/",
		[REG_SCRATCH] = SPARE "/"};
	char path[8192];

	snprintf(path, sizeof(path), "%s%s",
		op->b >= 0 && op->b < REG_COUNT && registers[op->b] ? registers[op->b] : "",
		c->bytes + op->path);
	ct__text_word(to, path);
}

/* The attach that takes up the mount which this operation has made; NULL if there is none. */
static const struct plan_op *attach_of(const struct command *c)
{
	return !c->is_last && c->op[1].code == OP_ATTACH ? c->op + 1 : NULL;
}

static void add_target(struct text *to, const struct command *c)
{
	const struct plan_op *attach = attach_of(c);

	if (attach)
		add_place(to, c, attach);
}

/* ",nosuid,nodev", the first comma left out. */
static void add_attributes(struct text *to, uint64_t attributes, const char *between)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} names[] = {{MOUNT_ATTR_RDONLY, "ro"}, {MOUNT_ATTR_NOSUID, "nosuid"},
		{MOUNT_ATTR_NODEV, "nodev"}, {MOUNT_ATTR_NOEXEC, "noexec"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(attributes & names[i].bit))
			continue;
		ct__text_add(to, "%s%s", between, names[i].name);
		between = ",";
	}
}

/* " -o nosuid,mode=755", or nothing. */
static void add_options(struct text *to, const struct command *c, uint64_t attributes)
{
	char words[4096];
	struct text options = TEXT_IN(words);
	const char *at = c->bytes + c->op->data, *end = at + c->op->size;

	ct__text_clear(&options);
	add_attributes(&options, attributes, "");
	while (at < end) {
		const char *value = at + strlen(at) + 1;

		ct__text_add(&options, "%s%s", options.used ? "," : "", at);
		if (*value)
			ct__text_add(&options, "=%s", value);
		at = value + strlen(value) + 1;
	}
	if (!options.used)
		return;
	ct__text_add(to, " -o ");
	ct__text_word(to, words);
}

/* ------------------------------------------------------------ namespaces */

void ct__shell_namespaces(struct text *to, uint64_t flags, const char *with_pid)
{
	static const char *const options[] = {
		"user", "pid", "mnt", "uts", "ipc", "net", "cgroup", "time"};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		for (size_t k = 0; k < CT__NS_KIND_COUNT; k++)
			if (strcmp(ct__ns_kinds[k].name, options[i]) == 0 &&
				(flags & ct__ns_kinds[k].kind))
				ct__text_add(to, " --%s%s",
					ct__ns_kinds[k].kind == CT_NS_MNT ? "mount" : options[i],
					ct__ns_kinds[k].kind == CT_NS_PID ? with_pid : "");
}

/* The row's text as it stands. */
static void say(struct text *to, const struct command *c)
{
	ct__text_add(to, "%s", c->text);
}

static void become_root(struct text *to, const struct command *c)
{
	ct__text_add(to, "exec setpriv --reuid=%u --regid=%u --keep-groups sh",
		(unsigned int)c->op->a, (unsigned int)c->op->b);
}

static void time_offsets(struct text *to, const struct command *c)
{
	const char *text = c->bytes + c->op->data;
	long long monotonic = 0, boottime = 0;

	ct__text_add(to, "unshare --fork --time");
	if (c->op->size &&
		sscanf(text, "monotonic %lld %*d boottime %lld", &monotonic, &boottime) == 2)
		ct__text_add(to, " --monotonic=%lld --boottime=%lld", monotonic, boottime);
}

/* The process that is joined, from what an error would name: "process 42"; 0: it is none. */
static int target_of(const struct command *c)
{
	int pid = 0;

	sscanf(c->bytes + c->op->object, "process %d", &pid);
	return pid;
}

/* By a process, or by descriptors of the host. */
static void join(struct text *to, const struct command *c)
{
	int pid = target_of(c);

	ct__text_add(to, pid ? "nsenter --target %d" : "nsenter", pid);
	if (pid)
		ct__shell_namespaces(to, c->op->x, "");
	for (size_t i = 0; i < CT__NS_KIND_COUNT && !pid; i++)
		if (ct__ns_kinds[i].kind & c->op->x)
			ct__text_add(to, " --%s=/proc/%d/fd/%d",
				ct__ns_kinds[i].kind == CT_NS_MNT ? "mount" : ct__ns_kinds[i].name,
				getpid(), c->plan->slots[c->op->slot].value);
}

static void chroot_to(struct text *to, const struct command *c)
{
	ct__text_add(to, "exec chroot /proc/%d/root sh", target_of(c));
}

static void unshare_more(struct text *to, const struct command *c)
{
	ct__text_add(to,
		c->op->code == OP_FORK && !(c->op->x & CT_NS_PID) ? "unshare --fork" : "unshare");
	ct__shell_namespaces(to, c->op->x, " --fork");
}

/* The row's text with the operation's path behind it. */
static void say_path(struct text *to, const struct command *c)
{
	ct__text_add(to, "%s ", c->text);
	ct__text_word(to, path_of(c));
}

/* ---------------------------------------------------------------- mounts */

static void scratch(struct text *to, const struct command *c)
{
	if (c->op->flags & PLAN_READONLY) {
		ct__text_add(to, "mount -o remount,bind,ro " SPARE);
		return;
	}
	ct__text_add(to, "mount -t tmpfs");
	add_options(to, c, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	ct__text_add(
		to, " tmpfs " SPARE " && mkdir -m 555 " SPARE "/empty && touch " SPARE "/null");
}

/* " -o X-mount.idmap=u:0:524288:65536 g:...", if the mount maps ids: mount(8) of util-linux 2.39. */
static void add_idmap(struct text *to, const struct command *c)
{
	char words[4096];
	struct text idmap = TEXT_IN(words);
	const char *between = "X-mount.idmap=";

	if (!(c->op->flags & PLAN_TREE) || c->plan->slots[c->op->slot].userns < 0)
		return;
	ct__text_clear(&idmap);
	ct__array_for_each(const struct plan_owners, owners, &c->plan->owners) {
		if (owners->fd != c->plan->slots[c->op->slot].userns)
			continue;
		ct__array_for_each(const struct ct__id_range, uid, &owners->map.uids) {
			ct__text_add(&idmap, "%su:%u:%u:%u", between, uid->inside, uid->outside,
				uid->count);
			between = " ";
		}
		ct__array_for_each(const struct ct__id_range, gid, &owners->map.gids)
			ct__text_add(&idmap, " g:%u:%u:%u", gid->inside, gid->outside, gid->count);
	}
	ct__text_add(to, " -o ");
	ct__text_word(to, words);
}

static void add_source(struct text *to, const struct command *c)
{
	add_idmap(to, c);
	ct__text_add(to, " ");
	ct__text_word(to, path_of(c));
}

/* A tree by its path, or an image by that of its file. */
static const char *mount_of(const struct command *c, const char *bind)
{
	return c->op->flags & PLAN_TREE && c->plan->slots[c->op->slot].image ? "mount -o loop,ro" : bind;
}

static void root_bind(struct text *to, const struct command *c)
{
	ct__text_add(to, "%s", mount_of(c, "mount --rbind"));
	add_source(to, c);
	ct__text_add(to, " " ROOT " && mount -o remount,bind,nodev " ROOT);
}

static void root_overlay(struct text *to, const struct command *c)
{
	uint64_t attributes = MOUNT_ATTR_NODEV;
	struct statvfs lower;

	if (fstatvfs(c->plan->slots[c->op->slot].value, &lower) == 0) /* bits of the same values */
		attributes |= lower.f_flag & (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	ct__text_add(to, "mount -t tmpfs");
	add_options(to, c, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	ct__text_add(to, " tmpfs /srv && mkdir /srv/upper /srv/work && ");
	if (c->op->flags & PLAN_TREE) {
		ct__text_add(to, "mkdir /srv/lower && %s", mount_of(c, "mount --bind"));
		add_source(to, c);
		ct__text_add(to, " /srv/lower && ");
	}
	ct__text_add(to, "mount -t overlay");
	add_attributes(to, attributes, " -o ");
	ct__text_add(to, ",upperdir=/srv/upper,workdir=/srv/work,%slowerdir=",
		c->op->flags & PLAN_USER_NS ? "userxattr," : "");
	ct__text_word(to, c->op->flags & PLAN_TREE ? "/srv/lower" : path_of(c));
	ct__text_add(to, " overlay " ROOT);
}

/* Mount points of our own the rootfs has; those of the caller it may lack, as a new /dev does. */
static void add_mount_point(struct text *to, const struct command *c, bool is_directory)
{
	const struct plan_op *attach = attach_of(c);

	if (!attach || (attach->b == REG_ROOT && !(attach->flags & PLAN_CREATE)))
		return;
	ct__text_add(to, is_directory ? "mkdir -p " : "touch ");
	add_place(to, c, attach);
	ct__text_add(to, " && ");
}

static void new_mount(struct text *to, const struct command *c)
{
	const struct plan_op *attach = attach_of(c);
	bool is_overlay = c->op->code == OP_OVERLAY;
	const char *type = is_overlay ? "overlay" : path_of(c);

	add_mount_point(to, c, true);
	ct__text_add(to, is_overlay ? "cd " SPARE " && mount -t " : "mount -t ");
	ct__text_word(to, type);
	add_options(to, c, (is_overlay ? 0 : c->op->x) | (attach ? attach->x : 0));
	ct__text_add(to, " ");
	ct__text_word(to, type);
	ct__text_add(to, " ");
	add_target(to, c);
}

static void bind_mount(struct text *to, const struct command *c)
{
	struct stat source;

	add_mount_point(to, c, stat(path_of(c), &source) == 0 && S_ISDIR(source.st_mode));
	ct__text_add(to, "mount --%s", c->op->flags & PLAN_RECURSIVE ? "rbind" : "bind");
	add_source(to, c);
	ct__text_add(to, " ");
	add_target(to, c);
}

static void overlay_layer(struct text *to, const struct command *c)
{
	const char *name = c->bytes + c->op->data;

	ct__text_add(to, "mkdir " SPARE "/%s && mount --bind", name);
	add_source(to, c);
	ct__text_add(to, " " SPARE "/%s", name);
}

/* Not with its content, which may be long, or a secret. */
static void file(struct text *to, const struct command *c)
{
	unsigned int number =
		(unsigned int)(c->op - (const struct plan_op *)(const void *)(c->bytes +
									      c->plan->block->ops));

	add_mount_point(to, c, false);
	ct__text_add(to,
		"install -m %o /dev/stdin " SPARE "/file%u && mount --bind " SPARE "/file%u ",
		(unsigned int)c->op->y, number, number);
	add_target(to, c);
}

/* A new filesystem has got its options with its mount; a bind gets them only now. */
static void attach(struct text *to, const struct command *c)
{
	if (c->is_first || !c->op->x || (c->op[-1].code != OP_BIND && c->op[-1].code != OP_FILE))
		return;
	ct__text_add(to, "mount -o remount,bind");
	add_attributes(to, c->op->x, ",");
	ct__text_add(to, " ");
	add_place(to, c, c->op);
}

static void make_symlink(struct text *to, const struct command *c)
{
	ct__text_add(to, "ln -s ");
	ct__text_word(to, c->bytes + c->op->data);
	ct__text_add(to, " ");
	add_place(to, c, c->op);
}

static void device(struct text *to, const struct command *c)
{
	ct__text_add(to, "mknod -m %o ", (unsigned int)c->op->y);
	add_place(to, c, c->op);
	ct__text_add(to, " c %u %u", major(c->op->x), minor(c->op->x));
}

/* "echo VALUE > FILE" */
static void echo(struct text *to, const struct command *c, const char *file)
{
	char value[4096];

	snprintf(value, sizeof(value), "%.*s", (int)c->op->size, c->bytes + c->op->data);
	ct__text_add(to, "echo ");
	ct__text_word(to, value);
	ct__text_add(to, " > ");
	ct__text_word(to, file);
}

static void set_sysctl(struct text *to, const struct command *c)
{
	char file[4096];

	snprintf(file, sizeof(file), ROOT "/proc/%s", path_of(c));
	echo(to, c, file);
}

static void oom_score(struct text *to, const struct command *c)
{
	echo(to, c, "/proc/self/oom_score_adj");
}

static void label(struct text *to, const struct command *c)
{
	char file[4096];

	snprintf(file, sizeof(file), "/proc/%s", path_of(c));
	echo(to, c, file);
}

static void mask(struct text *to, const struct command *c)
{
	ct__text_add(to, "mount --bind " SPARE "/null ");
	add_place(to, c, c->op);
	ct__text_add(to, " || mount --bind " SPARE "/empty ");
	add_place(to, c, c->op);
	ct__text_add(to, " # if it is there");
}

static void make_readonly(struct text *to, const struct command *c)
{
	ct__text_add(to, "mount --rbind ");
	add_place(to, c, c->op);
	ct__text_add(to, " ");
	add_place(to, c, c->op);
	ct__text_add(to, " && mount -o remount,bind,ro ");
	add_place(to, c, c->op);
	ct__text_add(to, " # if it is there");
}

static void show(struct text *to, const struct command *c)
{
	ct__text_add(to, "mount --move " ROOT " ");
	ct__text_word(to, path_of(c));
	ct__text_add(to, " # where it is prepared, and taken from in what follows; wait for the host%s",
		c->op->flags & PLAN_ALONE ? ", then kill -9 -1" : "");
}

/* ---------------------------------------------------------------- rights */

static void limit(struct text *to, const struct command *c)
{
	/* clang-format off */
	static const char *const names[RLIM_NLIMITS] = {
		[RLIMIT_AS] = "as", [RLIMIT_CORE] = "core", [RLIMIT_CPU] = "cpu",
		[RLIMIT_DATA] = "data", [RLIMIT_FSIZE] = "fsize", [RLIMIT_LOCKS] = "locks",
		[RLIMIT_MEMLOCK] = "memlock", [RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
		[RLIMIT_NOFILE] = "nofile", [RLIMIT_NPROC] = "nproc", [RLIMIT_RSS] = "rss",
		[RLIMIT_RTPRIO] = "rtprio", [RLIMIT_RTTIME] = "rttime",
		[RLIMIT_SIGPENDING] = "sigpending", [RLIMIT_STACK] = "stack"};
	/* clang-format on */
	const uint64_t limits[2] = {c->op->x, c->op->y};

	ct__text_add(to, "prlimit --pid $$ --%s",
		c->op->a >= 0 && c->op->a < (int)RLIM_NLIMITS && names[c->op->a] ? names[c->op->a]
										 : "?");
	for (int i = 0; i < 2; i++) {
		ct__text_add(to, i ? ":" : "=");
		if (limits[i] == RLIM_INFINITY)
			ct__text_add(to, "unlimited");
		else
			ct__text_add(to, "%llu", (unsigned long long)limits[i]);
	}
}

/* "-all,+chown,+kill" */
static void add_caps(struct text *to, uint64_t caps)
{
	ct__text_add(to, "-all");
	for (unsigned int cap = 0; cap < 64; cap++) {
		char *name = caps >> cap & 1 ? cap_to_name((cap_value_t)cap) : NULL;

		if (name)
			ct__text_add(to, ",+%s", strncmp(name, "cap_", 4) == 0 ? name + 4 : name);
		cap_free(name);
	}
}

static void bounding(struct text *to, const struct command *c)
{
	ct__text_add(to, "exec setpriv --bounding-set=");
	add_caps(to, c->op->x);
	ct__text_add(to, " sh");
}

static void capabilities(struct text *to, const struct command *c)
{
	ct__text_add(to, "exec setpriv --inh-caps=");
	add_caps(to, c->op->y);
	ct__text_add(to, " --ambient-caps=");
	add_caps(to, c->op->y);
	ct__text_add(to, " sh");
}

static void identity(struct text *to, const struct command *c)
{
	ct__text_add(to, "exec setpriv --reuid=%u --regid=%u ", (unsigned int)c->op->a,
		(unsigned int)c->op->b);
	if (c->op->flags & PLAN_NO_SETGROUPS)
		ct__text_add(to, "--keep-groups");
	else if (!c->op->size)
		ct__text_add(to, "--clear-groups");
	for (uint32_t at = 0; at < c->op->size; at += sizeof(uint32_t)) {
		uint32_t group;

		memcpy(&group, c->bytes + c->op->data + at, sizeof(group));
		ct__text_add(to, at ? ",%u" : "--groups=%u", group);
	}
	ct__text_add(to, " sh");
}

static void set_umask(struct text *to, const struct command *c)
{
	ct__text_add(to, "umask %03o", (unsigned int)c->op->y);
}

/* --------------------------------------------------------------- payload */

static void descriptors(struct text *to, const struct command *c)
{
	static const char *const streams[] = {[CT_STDIO_INHERIT] = "the host's",
		[CT_STDIO_NULL] = "/dev/null",
		[CT_STDIO_PIPE] = "a pipe",
		[CT_STDIO_FD] = "given"};
	const struct plan_fd *map = (const void *)(c->bytes + c->op->data);

	ct__text_add(to, "#");
	for (size_t i = 0; i < c->op->size / sizeof(map[0]); i++) {
		const struct plan_slot *slot = &c->plan->slots[map[i].slot];

		if (slot->kind == SLOT_TERMINAL)
			ct__text_add(to, " %d is the terminal,", map[i].target);
		else if (slot->kind == SLOT_STREAM)
			ct__text_add(to, " %d is %s,", map[i].target,
				streams[c->plan->stdio[slot->value].what]);
		else
			ct__text_add(to, " %d is the host's %d,", map[i].target, slot->value);
	}
	ct__text_add(to, " all others are closed");
}

static void execute(struct text *to, const struct command *c)
{
	const struct plan_exec *exec = (const void *)(c->bytes + c->op->data);
	const uint64_t *envp = (const void *)(c->bytes + exec->envp);
	const uint64_t *argv = (const void *)(c->bytes + exec->argv);

	ct__text_add(to, "exec env -i");
	for (; *envp; envp++) {
		ct__text_add(to, " ");
		ct__text_word(to, c->bytes + *envp);
	}
	ct__text_add(to, " ");
	ct__text_word(to, path_of(c));
	while (*argv && *++argv) {
		ct__text_add(to, " ");
		ct__text_word(to, c->bytes + *argv);
	}
}

/* A shell has no word for it; setpriv has since util-linux 2.41. */
static void filter(struct text *to, const struct command *c)
{
	ct__text_add(to, "# setpriv --seccomp-filter FILE, with these %zu instructions in the file",
		c->op->size / sizeof(struct sock_filter));
}

static void rule_path(struct text *to, const struct command *c)
{
	ct__text_add(to, "# landlock: accesses %#llx below ", (unsigned long long)c->op->x);
	ct__text_word(to, path_of(c));
}

static void rule_port(struct text *to, const struct command *c)
{
	ct__text_add(to, "# landlock: accesses %#llx of TCP port %u", (unsigned long long)c->op->x,
		(unsigned int)c->op->y);
}

/* ----------------------------------------------------------------- table */

static const struct {
	maker make;
	const char *text;
} rows[OP_OF_STARTS] = {
	[OP_AWAIT_HOST] = {say,
		"# wait until the host has written the id maps and moved this process to its cgroups"},
	[OP_BECOME_ROOT] = {become_root, NULL},
	[OP_TIME_OFFSETS] = {time_offsets, NULL},
	[OP_DROP_GROUPS] = {say, "exec setpriv --clear-groups sh"},
	[OP_JOIN] = {join, NULL},
	[OP_CHROOT] = {chroot_to, NULL},
	[OP_UNSHARE] = {unshare_more, NULL},
	[OP_FORK] = {unshare_more, NULL},
	[OP_HIDE] = {say, "# no command: from now on no process may look into this one"},
	[OP_KEYRING] = {say, "keyctl session"},
	[OP_SESSION] = {say, "exec setsid sh"},
	[OP_HOSTNAME] = {say_path, "hostname"},
	[OP_DOMAINNAME] = {say_path, "domainname"},
	[OP_LOOPBACK] = {say, "ip link set lo up"},
	[OP_PRIVATE] = {say, "mount --make-rprivate /"},
	[OP_SCRATCH] = {scratch, NULL},
	[OP_ROOT_BIND] = {root_bind, NULL},
	[OP_ROOT_OVERLAY] = {root_overlay, NULL},
	[OP_NEW_MOUNT] = {new_mount, NULL},
	[OP_BIND] = {bind_mount, NULL},
	[OP_OVERLAY_LAYER] = {overlay_layer, NULL},
	[OP_OVERLAY] = {new_mount, NULL},
	[OP_FILE] = {file, NULL},
	[OP_ATTACH] = {attach, NULL},
	[OP_SYMLINK] = {make_symlink, NULL},
	[OP_DEVICE] = {device, NULL},
	[OP_SYSCTL] = {set_sysctl, NULL},
	[OP_MASK] = {mask, NULL},
	[OP_READONLY] = {make_readonly, NULL},
	[OP_SHOW] = {show, NULL},
	[OP_ROOT_READONLY] = {say, "mount -o remount,bind,ro " ROOT},
	[OP_PIVOT] = {say, "cd " ROOT " && pivot_root . . && umount -l . && cd /"},
	[OP_OOM_SCORE] = {oom_score, NULL},
	[OP_RLIMIT] = {limit, NULL},
	[OP_BOUNDING] = {bounding, NULL},
	[OP_IDENTITY] = {identity, NULL},
	[OP_CAPS] = {capabilities, NULL},
	[OP_NO_NEW_PRIVS] = {say, "exec setpriv --no-new-privs sh"},
	[OP_CWD] = {say_path, "cd"},
	[OP_UMASK] = {set_umask, NULL},
	[OP_GO] = {say, "# wait for the host's word to go"},
	[OP_HANDOVER] = {say, "# wait for the payload, what it gets, and the host's word to go"},
	[OP_DESCRIPTORS] = {descriptors, NULL},
	[OP_EXEC] = {execute, NULL},
	[OP_SECCOMP] = {filter, NULL},
	[OP_LABEL] = {label, NULL},
	[OP_RULESET] = {say, "# landlock: setpriv --landlock-access, which has words for files alone"},
	[OP_RULE_PATH] = {rule_path, NULL},
	[OP_RULE_PORT] = {rule_port, NULL},
	[OP_RESTRICT] = {say, "# landlock: the rules above hold from now on"},
	[OP_INIT] = {say, "# as tini(1): this one stays to reap and to pass signals on, what follows is its child"},
	[OP_TERMINAL] = {say, "# script, but with a new terminal of the container, and its other end here"},
	[OP_CONSOLE] = {say, "touch /mnt/dev/console && mount --bind /mnt/dev/pts/0 /mnt/dev/console"},
	[OP_CONTROL] = {say, "exec setsid --ctty sh"},
};

int ct__shell_has_row(unsigned int code)
{
	return code < OP_OF_STARTS && rows[code].make;
}

void ct__shell_add(struct text *to, const struct ct__plan *plan, uint32_t index)
{
	const struct plan *block = plan->block;
	const char *bytes = (const char *)block;
	const struct plan_op *ops = (const void *)(bytes + block->ops);
	struct command c = {.plan = plan,
		.bytes = bytes,
		.op = ops + index,
		.is_first = index == 0,
		.is_last = index + 1 == block->op_count};

	if (index >= block->op_count || !ct__shell_has_row(c.op->code))
		return;
	c.text = rows[c.op->code].text;
	rows[c.op->code].make(to, &c);
}
