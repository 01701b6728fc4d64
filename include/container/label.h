/* SPDX-License-Identifier: MIT */
/*
 * Labels of security modules: the AppArmor profile or the SELinux context of a payload. What
 * they let it do is the policy of the machine, which is made and loaded by others.
 */
#ifndef CONTAINER_LABEL_H
#define CONTAINER_LABEL_H

#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Have the payload run under an AppArmor profile.
 *
 * The process that becomes the payload writes it to the exec attribute of its own directory of the host's
 * /proc, which is seen to be a procfs, before it has anything of the container; the kernel
 * changes the profile with the exec of the payload. A join takes the profile from its own spec
 * alone. An init (ct_spec_set_init()) stays under the caller's.
 *
 * Paths in the profile are those of the container. What the payload gets as a stream or descriptor stays open to
 * it, whatever the profile says, if the caller is under none. Else a file of the host has no path there, and
 * AppArmor puts its null device in the place of it, unless the profile has flags=(attach_disconnected).
 *
 * Where the caller is under a profile himself and no_new_privs is on, the kernel lets him add one alone:
 * "OWN//&PROFILE".
 *
 * @param spec    the spec.
 * @param profile name of a profile that is loaded, "docker-default"; copied. NULL: the caller's. Default: NULL.
 * @return 0 or a negative errno. The last call counts.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL spec is NULL, or the name is empty, has a line end, or over 4000 bytes; ENOMEM out of memory. At
 *          the start, by step CT_STEP_LABEL: EOPNOTSUPP the kernel has no AppArmor, or it is
 *          not switched on (boot with it, or allow the lack of CT_ITEM_LABEL); ENOENT there is no such
 *          profile (load it: apparmor_parser(8)); EACCES the caller's profile does not allow it, or this one has
 *          no rule "signal (receive) peer=unconfined," and so lets nobody end the payload; EPERM the caller is under
 *          a profile, and no_new_privs is on.
 * Needs:   Linux 5.8 with AppArmor; securityfs on /sys/kernel/security, else it is not known ahead whether the
 *          payload can be ended. Source: aa_change_onexec(3), aa_query_label(2), proc(5) attr/exec. Since: 0.1
 */
CT_API int ct_spec_set_apparmor(ct_spec *spec, const char *profile);

/**
 * Have the payload run in an SELinux context.
 *
 * As ct_spec_set_apparmor(). With no_new_privs the policy has to allow the transition as such
 * (nnp_transition), and from a root on a mount with nosuid as well (nosuid_transition). Files and mounts keep
 * the contexts that they have; a filesystem of the spec takes one as an option, "context=...".
 *
 * @param spec    the spec.
 * @param context "user:role:type:range"; copied. NULL: what the policy says. Default: NULL.
 * @return 0 or a negative errno. The last call counts.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL spec is NULL, or the context is empty, has a line end, or over 4000 bytes; ENOMEM out of memory. At
 *          the start, by step CT_STEP_LABEL: EOPNOTSUPP the kernel has no SELinux, or it is
 *          not switched on (boot with it, or allow the lack of CT_ITEM_LABEL); EINVAL the policy knows no such
 *          context; EACCES it does not allow the caller to set it; EPERM it does not allow the transition with
 *          no_new_privs. At the exec EACCES: it does not allow the transition.
 * Needs:   SELinux. Source: setexeccon(3), proc(5) attr/exec. Since: 0.1
 */
CT_API int ct_spec_set_selinux(ct_spec *spec, const char *context);

#ifdef __cplusplus
}
#endif

#endif
