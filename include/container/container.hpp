/* SPDX-License-Identifier: MIT */
/*
 * libcontainer for C++17: the calls of container.h as classes that own their handles, in this
 * header alone.
 *
 *     ct::rootfs root = ct::rootfs::extract("rootfs.tar.gz", "rootfs");
 *     ct::spec spec;
 *
 *     spec.set_rootfs(root).set_argv({"ps", "aux"});
 *     ct::container box = ct::spawn(spec);
 *     std::cout << ct::to_text(box.wait()) << '\n';
 *
 * Methods have the names of the C calls without their noun, and do what the manual says of
 * these: spec.set_hostname() is ct_spec_set_hostname(3). What differs:
 *
 * - Handles are owned by objects that can be moved and not copied. A container that still runs
 *   is killed when its object goes, as ct_container_free() does.
 * - What fails throws ct::error, with all that a ct_error tells. A setter throws at once.
 * - Strings are refused where a NUL is in them, since C would take what stands before it.
 * - Times are those of std::chrono; ct::forever waits until it happens.
 * - What a callback throws cancels an extraction, and comes out of it.
 *
 * A moved-from object may be assigned to and destroyed, and passed to C it is a NULL.
 * As in C: one spec for many threads while none changes it; any thread may wait for a container.
 */
#ifndef CONTAINER_CONTAINER_HPP
#define CONTAINER_CONTAINER_HPP

#include <container/container.h>
#include <container/error.hpp>
#include <container/ns.hpp>
#include <container/probe.hpp>
#include <container/rootfs.hpp>
#include <container/spawn.hpp>
#include <container/spec.hpp>

#endif
