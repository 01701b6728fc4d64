/* SPDX-License-Identifier: MIT */
/*
 * libcontainer: containers for any C program. This header includes the others.
 *
 *     error.h    ct_error: what went wrong and what to do about it
 *     rootfs.h   ct_rootfs: a tarball becomes a directory
 *     spec.h     ct_spec: what to run and how isolated
 *     spawn.h    ct_spawn, ct_container: starting it and keeping hold of it
 *     capture.h  ct_capture: input in, output kept
 *     oci.h      from an OCI bundle to a ct_spec
 *     init.h     a first process that reaps and passes signals on
 *     inside.h   reaching into it: files, mounts, processes
 *     events.h   ct_events: what happens to many of them, on one descriptor
 *     protection.h  ct_protection: what was enforced, and what the machine could not give
 *     cgroup.h   what a container may use, and what it uses
 *     state.h    containers that are found again, by another process
 *     devices.h  which devices it may use
 *     terminal.h  a terminal for the payload, raw mode for the host's
 *     time.h     how long it may last, and compute
 *     proc.h     how much /proc shows
 *     seccomp.h  which system calls a payload may make
 *     label.h    AppArmor and SELinux
 *     landlock.h  which files, ports and signals it may reach
 *     notify.h   calls that wait for the host's answer
 *     join.h     ct_join: one more process inside of what runs
 *     ns.h       ct_ns_list: the namespaces of a process, of a container, of the system
 *     pool.h     ct_pool: sandboxes made ahead
 *     probe.h    ct_probe: what works on this machine, what does not, and why
 *     trace.h    ct_trace_event: explain mode
 *     version.h  the version, at compile time and at run time
 */
#ifndef CONTAINER_CONTAINER_H
#define CONTAINER_CONTAINER_H

#include <container/capture.h>
#include <container/cgroup.h>
#include <container/devices.h>
#include <container/error.h>
#include <container/events.h>
#include <container/init.h>
#include <container/inside.h>
#include <container/join.h>
#include <container/label.h>
#include <container/landlock.h>
#include <container/notify.h>
#include <container/ns.h>
#include <container/oci.h>
#include <container/pool.h>
#include <container/probe.h>
#include <container/proc.h>
#include <container/protection.h>
#include <container/rootfs.h>
#include <container/seccomp.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/state.h>
#include <container/terminal.h>
#include <container/time.h>
#include <container/trace.h>
#include <container/version.h>

#endif
