/* SPDX-License-Identifier: MIT */
/*
 * From the fields of a configuration to setters of a spec, and back. The table says for each field
 * where it stands, what it has to be, who takes it and who gives it. Nothing here starts anything.
 */
#ifndef CT_OCI_OCI_H
#define CT_OCI_OCI_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>

#include "spec/spec.h"

#define POINTER_SIZE 256

/* UINT64_MAX of a limit, as the JSON library can hold it: see widened() and narrowed(). */
#define OCI_MOST 18446744073709551616.0

/* What a value has to be. */
enum oci_type {
	OCI_STRING,
	OCI_BOOL,
	OCI_NUMBER, /* a whole one */
	OCI_ARRAY,
	OCI_STRINGS, /* an array of strings */
	OCI_OBJECT
};

/* One reading of a configuration. */
struct oci {
	ct_spec *spec;
	const char *bundle; /* where relative paths begin; NULL: nowhere */
	json_t *config;
	ct_error *err;
	bool is_process; /* there is nothing but /process */
	ct_container *box; /* whose limits are changed at once; NULL: those of the spec are set */
	const ct_spec *from; /* that is written down; NULL: one is read */
	bool lost; /* there was no memory for some of it */
};

/* A value and where it stands. */
struct oci_value {
	json_t *json;
	char pointer[POINTER_SIZE];
};

struct oci_field {
	const char *pointer;
	enum oci_type type;
	int (*take)(struct oci *oci, const struct oci_value *value);
	int (*give)(struct oci *oci, json_t **ret_value); /* NULL: specs have nothing of it */
};

/* Gives back: 0, with a new reference; one that is left NULL: there is nothing to be said. Or a negative errno. */
typedef int oci_giver(struct oci *oci, json_t **ret_value);

/* text.c */

/* From text to values: bounded in size and depth, with no key twice. */
int ct__oci_parse(const char *text, size_t size, json_t **ret_config, ct_error *err);

/* The whole of a file; free() it. */
int ct__oci_read(const char *path, char **ret_text, size_t *ret_size, ct_error *err);

/* value.c */

/* Refuses a value: the object of the error is its pointer. */
int ct__oci_refuse(struct oci *oci, const struct oci_value *value, int code, const char *reason);

/* Passes on what a setter has said of a value. */
int ct__oci_set(struct oci *oci, const struct oci_value *value, int ret);

/* Gives each member of an object, which is a string, with its name to who takes it. */
int ct__oci_set_texts(struct oci *oci, const struct oci_value *object,
	int (*set)(struct oci *oci, const struct oci_value *value, const char *name, const char *text));

/* Whether a value is of a type; else it is refused. */
int ct__oci_check(struct oci *oci, const struct oci_value *value, enum oci_type type);

/*
 * A member of an object, or an item of an array. 1: it is there and of that type, 0: it is not
 * there, or null.
 */
int ct__oci_member(struct oci *oci, const struct oci_value *object, const char *key, enum oci_type type,
	struct oci_value *ret_value);
int ct__oci_item(struct oci *oci, const struct oci_value *array, size_t index, enum oci_type type,
	struct oci_value *ret_value);

/* What a pointer leads to, as ct__oci_member(); an object on the way that is none is refused. */
int ct__oci_find(struct oci *oci, const char *pointer, enum oci_type type, struct oci_value *ret_value);

/* The number, if it is in a range; else it is refused. */
int ct__oci_signed(struct oci *oci, const struct oci_value *value, int64_t least, int64_t most,
	int64_t *ret_number);
int ct__oci_unsigned(struct oci *oci, const struct oci_value *value, uint64_t most, uint64_t *ret_number);

/* A member that is a number, and a default where it is not there. */
int ct__oci_unsigned_member(struct oci *oci, const struct oci_value *object, const char *key,
	uint64_t most, uint64_t otherwise, uint64_t *ret_number);

/* A member that is a string; "" where it is not there. Lives as long as the configuration. */
int ct__oci_text_member(
	struct oci *oci, const struct oci_value *object, const char *key, const char **ret_text);

/* The strings of an array, ended by NULL; free() the array alone. */
int ct__oci_strings(struct oci *oci, const struct oci_value *array, const char ***ret_strings);

/* A path of the host, newly allocated: a relative one begins in the bundle. */
int ct__oci_host_path(struct oci *oci, const struct oci_value *value, const char *path, char **ret_path);

/* table.c */

extern const struct oci_field ct__oci_fields[]; /* ended by a pointer that is NULL */

/* write.c */

/* Refuses to write what a spec holds and a configuration has no word for. */
int ct__oci_unsayable(struct oci *oci, const char *what, const char *reason);

/* Puts a value, of which it takes the reference, into a list or an object; ct__oci_given() tells of a failure. */
void ct__oci_append(struct oci *oci, json_t *list, json_t *value);
void ct__oci_put(struct oci *oci, json_t *object, const char *key, json_t *value);

/* What was packed, or out of memory where it is NULL, or lacks something. */
int ct__oci_given(struct oci *oci, json_t *json, json_t **ret_value);

/* The path by which a descriptor of a spec can be found again; else it is refused. */
int ct__oci_path_of(struct oci *oci, const char *what, int fd, char path[PATH_MAX]);

/* process.c */

int ct__oci_args(struct oci *oci, const struct oci_value *value);
int ct__oci_env(struct oci *oci, const struct oci_value *value);
int ct__oci_cwd(struct oci *oci, const struct oci_value *value);
int ct__oci_user(struct oci *oci, const struct oci_value *value);
int ct__oci_capabilities(struct oci *oci, const struct oci_value *value);
int ct__oci_no_new_privs(struct oci *oci, const struct oci_value *value);
int ct__oci_rlimits(struct oci *oci, const struct oci_value *value);
int ct__oci_oom_score(struct oci *oci, const struct oci_value *value);
int ct__oci_apparmor(struct oci *oci, const struct oci_value *value);
int ct__oci_selinux(struct oci *oci, const struct oci_value *value);
int ct__oci_terminal(struct oci *oci, const struct oci_value *value);

oci_giver ct__oci_give_args, ct__oci_give_env, ct__oci_give_cwd, ct__oci_give_user,
	ct__oci_give_capabilities, ct__oci_give_no_new_privs, ct__oci_give_rlimits, ct__oci_give_oom_score,
	ct__oci_give_apparmor, ct__oci_give_selinux, ct__oci_give_terminal, ct__oci_give_console_size;

/* seccomp.c */

int ct__oci_seccomp(struct oci *oci, const struct oci_value *value);

oci_giver ct__oci_give_seccomp;

/* namespaces.c */

int ct__oci_namespaces(struct oci *oci, const struct oci_value *value);
int ct__oci_uid_maps(struct oci *oci, const struct oci_value *value);
int ct__oci_gid_maps(struct oci *oci, const struct oci_value *value);
int ct__oci_hostname(struct oci *oci, const struct oci_value *value);
int ct__oci_domainname(struct oci *oci, const struct oci_value *value);
int ct__oci_sysctls(struct oci *oci, const struct oci_value *value);
int ct__oci_time_offsets(struct oci *oci, const struct oci_value *value);
int ct__oci_personality(struct oci *oci, const struct oci_value *value);

oci_giver ct__oci_give_namespaces, ct__oci_give_uid_maps, ct__oci_give_gid_maps, ct__oci_give_hostname,
	ct__oci_give_domainname, ct__oci_give_sysctls, ct__oci_give_time_offsets;

/* mounts.c */

int ct__oci_root(struct oci *oci, const struct oci_value *value);
int ct__oci_mounts(struct oci *oci, const struct oci_value *value);
int ct__oci_propagation(struct oci *oci, const struct oci_value *value);
int ct__oci_masked(struct oci *oci, const struct oci_value *value);
int ct__oci_readonly(struct oci *oci, const struct oci_value *value);

oci_giver ct__oci_give_root, ct__oci_give_mounts, ct__oci_give_masked, ct__oci_give_readonly;

/* Whether a mount of a spec is what became of a device: the host's node at the same path. */
bool ct__oci_is_device(const struct spec_mount *mount, const char *path);

/* devices.c */

int ct__oci_devices(struct oci *oci, const struct oci_value *value);
int ct__oci_device_rules(struct oci *oci, const struct oci_value *value);

oci_giver ct__oci_give_devices, ct__oci_give_device_rules;

/* resources.c */

/* Whether cgroups are those of v2 alone. */
bool ct__oci_is_unified(void);

int ct__oci_memory(struct oci *oci, const struct oci_value *value);
int ct__oci_cpu(struct oci *oci, const struct oci_value *value);
int ct__oci_pids(struct oci *oci, const struct oci_value *value);
int ct__oci_block_io(struct oci *oci, const struct oci_value *value);
int ct__oci_huge_pages(struct oci *oci, const struct oci_value *value);
int ct__oci_unified(struct oci *oci, const struct oci_value *value);

/* amounts.c */

oci_giver ct__oci_give_memory, ct__oci_give_cpu, ct__oci_give_pids, ct__oci_give_block_io,
	ct__oci_give_huge_pages, ct__oci_give_unified;

#endif
