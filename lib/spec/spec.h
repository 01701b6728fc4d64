/* SPDX-License-Identifier: MIT */
/*
 * What stands inside a ct_spec. The setters of this room fill it, the compiler
 * in lib/spawn/ reads it. Nothing here touches the kernel but to open sources.
 */
#ifndef CT_SPEC_SPEC_H
#define CT_SPEC_SPEC_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/spawn.h>
#include <container/spec.h>

#include "cgroup/limits.h"
#include "seccomp/seccomp.h"
#include "landlock.h"
#include "util/array.h"

#define NS_KINDS 8

struct ct__plan;
struct ct__keeper;

enum mount_kind {
	MOUNT_BIND,
	MOUNT_TMPFS,
	MOUNT_NEW, /* of any type */
	MOUNT_OVERLAY,
	MOUNT_FILE
};

/* A file or directory of the host that a mount is made from. */
struct spec_source {
	int fd; /* O_PATH, owned */
	char *below; /* overlay's upper and work: the rest of the path below fd */
};

struct spec_mount {
	enum mount_kind kind;
	uint32_t flags;	 /* CT_MOUNT_* */
	char *target;	 /* normalized, without the leading slash */
	uint64_t size_bytes;
	mode_t mode;
	void *data;	 /* MOUNT_FILE: content of size_bytes; MOUNT_NEW: as many of "key\0value\0" */
	char *type;	 /* MOUNT_NEW */
	struct spec_source *sources; /* bind: one; overlay: lowers, then upper and work */
	size_t source_count;
	bool has_upper;
};

struct spec_path {
	char *path; /* normalized, without the leading slash */
	bool readonly; /* else masked */
};

struct spec_sysctl {
	char *path; /* below /proc: "sys/net/ipv4/..." */
	char *value;
	uint32_t kind; /* namespace that must not be the host's */
};

struct spec_rlimit {
	int resource;
	uint64_t soft, hard;
};

struct spec_fd {
	int fd; /* borrowed */
	int target;
};

struct spec_stdio {
	ct_stdio what;
	int fd; /* borrowed */
};

struct spec_ns {
	uint32_t kind;
	int fd; /* owned; -1: not given */
	char *path; /* that it was given by, owned; NULL: none */
};

/* Limits of time in milliseconds; 0: none. */
struct spec_time {
	uint64_t wall_ms, cpu_ms;
};

/* The payload's terminal; rows 0: it has none of its own. */
struct spec_terminal {
	unsigned int rows, columns;
};

struct ct_spec {
	/* What was asked for. */
	ct_error mistake; /* the first one; code 0: none */
	char **argv;
	char *program;
	char **envp;
	char *cwd;
	mode_t umask;

	int rootfs_fd; /* O_PATH, owned; -1: none */
	bool rootfs_is_mapped; /* its owners are those of CT_IDMAP_SUBIDS */
	char *rootfs_image; /* it is the mount of this image; NULL: a directory */
	ct_root_mode root_mode;
	uint64_t ephemeral_size;

	bool has_user;
	uid_t uid;
	gid_t gid;
	bool has_groups;
	ct__array groups; /* gid_t */

	uint32_t ns_new, ns_host; /* asked for by name */
	struct spec_ns ns_given[NS_KINDS];
	ct__array uid_map, gid_map; /* struct ct__id_range */
	bool has_idmap; /* else what the maps say, and the caller alone where they say nothing */
	ct_idmap idmap;
	uint32_t idmap_count; /* 0: as many as there are, or the default */
	bool has_time_offsets;
	int64_t monotonic_ns, boottime_ns;
	char *hostname, *domainname;
	ct__array sysctls; /* struct spec_sysctl */
	bool loopback;

	ct__array mounts; /* struct spec_mount */
	ct__array paths;  /* struct spec_path */
	bool no_default_paths;
	uint32_t proc; /* CT_PROC_* */

	ct__array rlimits; /* struct spec_rlimit */
	bool has_oom_score;
	int oom_score;
	bool exact_rss;
	bool init;
	struct spec_cgroup cgroup;
	struct spec_time time;

	struct spec_stdio stdio[3];
	struct spec_terminal terminal;
	ct__array fds; /* struct spec_fd */

	uint64_t caps_dropped, caps_added; /* of the model's; see ct__rights_decide() */
	uint64_t ambient;		   /* added */
	bool has_no_new_privs, no_new_privs;
	bool no_core_dumps;
	struct ct__seccomp seccomp;
	struct spec_landlock landlock;
	char *apparmor, *selinux; /* labels; NULL: not set */

	uint64_t may_lack; /* CT_LACK() of what it may start without */

	ct_prepare_fn prepare; /* NULL: nobody asked */
	void *prepare_data;

	ct_trace_fn trace; /* NULL: nobody listens */
	void *trace_data;

	/* What was made of it, by the first spawn; guarded by lock. */
	pthread_mutex_t lock;
	struct ct__plan *plan;
	struct ct__plan *settled_plan; /* the same from a home: see spawn/settle.h */
	bool unsettled;		       /* there can be none */
	struct ct__plan *lesser_plan; /* for a kernel that refused namespaces */
	struct ct__keeper *keeper;
};

/* spec.c */

/* Remembers the first mistake of a setter and returns its code. */
int ct__spec_mistake(ct_spec *spec, int code, const char *reason, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Call before any change: what was compiled no longer holds. */
void ct__spec_changed(ct_spec *spec);

/* Replaces a string of the spec by a copy. */
int ct__spec_set_string(ct_spec *spec, char **field, const char *value);

/* namespaces.c */

/* Lets go of a given namespace. */
void ct__spec_ns_done(struct spec_ns *ns);

/* CT_NS_* bits of the kinds that the spec gives by a descriptor. */
uint32_t ct__spec_given(const ct_spec *spec);

/* mounts.c */

/* Frees what a mount holds. */
void ct__spec_mount_done(struct spec_mount *mount);

/* path.c */

/*
 * A path inside the container: absolute, made canonical without its leading
 * slash ("//etc/./x/" becomes "etc/x"), newly allocated. ".." is refused.
 */
int ct__spec_inside_path(ct_spec *spec, const char *path, char **ret_path);

/* defaults.c */

struct default_mount {
	const char *type;
	const char *target;	/* below the register */
	const char *options;	/* "key\0value\0" pairs */
	size_t options_size;
	uint32_t attributes;	/* MOUNT_ATTR_* */
	int base;		/* enum plan_reg that the target is below */
	int keep;		/* enum plan_reg to keep it in, or -1 */
	uint32_t owner_ns;	/* kind of namespace that the user namespace must own */
};

struct default_device {
	const char *name;
	unsigned int major, minor;
};

struct default_link {
	const char *name, *target;
};

extern const struct default_mount ct__default_mounts[];
extern const struct default_device ct__default_devices[];
extern const struct default_link ct__default_links[];
extern const char *const ct__default_masked[];
extern const char *const ct__default_readonly[];
extern const uint64_t ct__default_caps;

#endif
