/* SPDX-License-Identifier: MIT */
/*
 * From a bundle of the Open Container Initiative to a ct_spec.
 *
 *     if (ct_spec_from_oci("/bundles/web", &spec, &err) < 0)
 *             fprintf(stderr, "%s\n", err.sentence);	// "... /process/user/uid: it is no number"
 *     ct_spawn(spec, &box, &err);
 *
 * What the configuration says holds in place of the strict defaults: capabilities are those of
 * its bounding and ambient sets, there is a filter of system calls only if it gives one, programs may gain
 * rights unless noNewPrivileges says otherwise, masked and read-only paths are its own.
 *
 * Every field of the runtime-spec that is about Linux is either honoured, or refused by the JSON
 * pointer of its value; which are refused stands in doc/oci.md. A field that the runtime-spec does not know
 * is ignored, as it demands. Hooks, annotations and the path of the cgroup are the
 * business of the runtime that runs the container, not of a spec: tools/oci.
 *
 * A configuration may be hostile: it has at most 4 MiB and 64 levels, no key twice, and no path in
 * it is followed by this library other than a bind's source, a namespace and root.path.
 */
#ifndef CONTAINER_OCI_H
#define CONTAINER_OCI_H

#include <stddef.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Make a spec of a bundle: of config.json in its directory.
 *
 * @param bundle   path of the directory; not kept. Relative paths of the configuration begin there.
 * @param ret_spec the spec; free with ct_spec_free(). Untouched on failure.
 * @param err      filled on failure; may be NULL. The object of a refusal is the JSON pointer of the
 *                 value (RFC 6901): "/linux/resources/pids/limit".
 * @return 0 or a negative errno.
 *
 * Changes: nothing; sources of binds, namespaces and the root filesystem are opened. Threads: safe.
 * Errors:  step CT_STEP_ARGUMENT: EINVAL a value that cannot be, or an argument is NULL; EBADMSG
 *          it is no JSON, or too deep; EFBIG over 4 MiB; EOPNOTSUPP a field that cannot be
 *          honoured, or the library was built without a JSON library; ENOENT, EACCES
 *          and the like of open(2), of the file and of what it names; ENOMEM.
 * Needs:   a library built with jansson. Source: runtime-spec 1.2, config.md and config-linux.md.
 *          Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_spec_from_oci(const char *bundle, ct_spec **ret_spec, ct_error *err);

/**
 * The same of a configuration in memory.
 *
 * @param text     the JSON text; need not end with NUL. Not kept.
 * @param size     its bytes.
 * @param bundle   directory where relative paths of it begin; not kept. NULL: there may be none.
 * @param ret_spec as for ct_spec_from_oci(). @param err as for ct_spec_from_oci().
 * @return 0 or a negative errno.
 *
 * Changes: as ct_spec_from_oci(). Threads: safe. Errors: as ct_spec_from_oci().
 * Needs: as ct_spec_from_oci(). Source: runtime-spec 1.2. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_spec_from_oci_text(const char *text, size_t size, const char *bundle,
	ct_spec **ret_spec, ct_error *err);

/**
 * The same of a file by its path. Relative paths of it begin in its directory.
 *
 * @param path     of the file; not kept.
 * @param ret_spec as for ct_spec_from_oci(). @param err as for ct_spec_from_oci().
 * @return 0 or a negative errno.
 *
 * Changes: as ct_spec_from_oci(). Threads: safe. Errors: as ct_spec_from_oci().
 * Needs: as ct_spec_from_oci(). Source: runtime-spec 1.2. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_spec_from_oci_file(const char *path, ct_spec **ret_spec, ct_error *err);

/**
 * Make a spec of a process alone, for ct_join(): of what stands at /process of a configuration.
 *
 * @param text     the JSON text; need not end with NUL. Not kept.
 * @param size     its bytes.
 * @param ret_spec as for ct_spec_from_oci(). @param err as for ct_spec_from_oci(); pointers begin
 *                 with "/process", as in a whole configuration.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe. Errors: as ct_spec_from_oci().
 * Needs: as ct_spec_from_oci(). Source: runtime-spec 1.2, config.md, process. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_spec_from_oci_process(const char *text, size_t size, ct_spec **ret_spec,
	ct_error *err);

/**
 * Write a spec down as the text of a config.json, from which ct_spec_from_oci_text() makes the same spec.
 *
 * Nothing is lost without a word: what the spec holds and a configuration cannot say is refused by its
 * name. Only what does not change what a container is like is left out: a trace, and that it is to
 * have a cgroup though nothing is limited. These come in another form than a configuration may have had:
 * paths are absolute; /proc, /sys, /dev and what every container has below is listed; a device that
 * is bound at its own path is in "devices"; capability sets are those of a process after its exec; of a
 * filter there are the entries that hold for these capabilities on this machine; files of cgroup v2
 * without a member of their own are in "unified"; a terminal has a size.
 *
 * @param spec     the spec; not changed. Paths are those by which its sources are found now.
 * @param ret_text the text, ended by NUL, with line ends and two blanks for each level; free
 *                 with ct_oci_text_free(). Untouched on failure.
 * @param err      filled on failure; may be NULL. The object of a refusal names what the spec holds: "landlock".
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe, as long as none changes the spec.
 * Errors:  step CT_STEP_ARGUMENT: EOPNOTSUPP there is no word for something, or the library was built without a
 *          JSON library; cure: do not set it, or write it beside the text. EINVAL spec or ret_text is NULL, no
 *          program is set, or the mistake of a setter before, whose code it then is; ENOMEM.
 * Needs:   a library built with jansson; /proc. Source: runtime-spec 1.2, config.md and config-linux.md.
 *          Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_spec_to_oci(const ct_spec *spec, char **ret_text, ct_error *err);

/**
 * Free what ct_spec_to_oci() has written.
 *
 * @param text the text, which is gone then; may be NULL.
 *
 * Changes: nothing but memory. Threads: safe. Errors: none. Needs: nothing. Source: this library. Since: 0.1
 */
CT_API void ct_oci_text_free(char *text);

/**
 * Change the limits of a container while it runs: by what stands at /linux/resources of a configuration.
 *
 * What the text does not name stays as it is, and so do devices. Values are translated as in
 * ct_spec_from_oci(): "swap" counts memory in and needs "limit" beside it; in v2 "quota" and
 * "period" are one setting, of which the one that is not named gets the kernel's default. With
 * "checkBeforeUpdate" a limit of memory below what is used is refused. Where two limits bound each other (memory
 * and swap, quota and period) they are changed in the order that the kernel takes.
 *
 * @param box  a container with a cgroup of its own: ct_spec_set_cgroup().
 * @param text the JSON text, an object; need not end with NUL. Not kept.
 * @param size its bytes.
 * @param err  filled on failure; may be NULL. The object is the JSON pointer of the value that was
 *             refused, as in a whole configuration: "/linux/resources/pids".
 * @return 0 or a negative errno. Values are changed one after the other: on failure those before
 *         the one that is named have been.
 *
 * Changes: nothing in the caller. Threads: safe; of two at once each value is that of the last.
 * Errors:  step CT_STEP_ARGUMENT: EINVAL a value that cannot be, or box or text is NULL; EBADMSG, EFBIG
 *          and EOPNOTSUPP as ct_spec_from_oci(). Step CT_STEP_LIMIT: ENOENT the container has no cgroup;
 *          EOPNOTSUPP its cgroup was made without that controller; EBUSY (v1, or "checkBeforeUpdate") more is
 *          in use than the new limit allows; what else the kernel says of the value. ENOMEM.
 * Needs:   as ct_spec_from_oci(); write access to the cgroup. Source: runtime-spec 1.2,
 *          config-linux.md, resources. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_set_oci_resources(ct_container *box, const char *text,
	size_t size, ct_error *err);

#ifdef __cplusplus
}
#endif

#endif
