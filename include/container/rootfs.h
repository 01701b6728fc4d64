/* SPDX-License-Identifier: MIT */
/*
 * Root filesystems: a tarball becomes a directory, a directory or an image
 * becomes a handle that a ct_spec can use, and goes away again.
 *
 * Pattern of use:
 *
 *     ct_rootfs *root = NULL;
 *     if (ct_rootfs_extract("rootfs.tar.gz", "rootfs", NULL, &root, &err) < 0)
 *             return 1;
 *     ...
 *     ct_rootfs_free(root);                  // the directory stays
 *     ct_rootfs_remove("rootfs", &err);      // the directory goes
 */
#ifndef CONTAINER_ROOTFS_H
#define CONTAINER_ROOTFS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A root filesystem: an open directory, or a mounted image. Free with ct_rootfs_free(). */
typedef struct ct_rootfs ct_rootfs;

/*
 * What extraction keeps. With no flag at all the archive counts as untrusted:
 * what could hurt the host is left out (see ct_rootfs_extract()).
 */
#define CT_EXTRACT_KEEP_DEVICES	  (1u << 0) /* make block and character devices; default: left out */
#define CT_EXTRACT_KEEP_SETUID	  (1u << 1) /* keep setuid and setgid bits; default: cleared */
#define CT_EXTRACT_KEEP_FILE_CAPS (1u << 2) /* keep security.capability (with a uid shift: for that root); default: left out */
#define CT_EXTRACT_KEEP_XATTRS	  (1u << 3) /* keep every other xattr but trusted.overlay.* and user.overlay.*; default: user.* alone */
#define CT_EXTRACT_NO_XATTRS	  (1u << 4) /* leave out all xattrs and ACLs, whatever else is asked for; default: user.* and ACLs are kept */
#define CT_EXTRACT_NO_OWNER	  (1u << 5) /* everything belongs to the caller, and nothing tells whose it was; default: the archive's numbers, real or recorded */
#define CT_EXTRACT_STRIP_AUTO	  (1u << 6) /* the top folder becomes the root if it looks like one (rule: ct_rootfs_extract()) */
#define CT_EXTRACT_ANY_FORMAT	  (1u << 7) /* also cpio and zip; default: tar alone */
#define CT_EXTRACT_REPLACE	  (1u << 8) /* an existing destination is replaced once the new tree is whole; default: refused with EEXIST */
#define CT_EXTRACT_SYNC		  (1u << 9) /* flush to disk before the tree appears; default: left to the kernel */
#define CT_EXTRACT_NO_RECORDS	  (1u << 10) /* what cannot be made as asked fails the call; default: it is recorded */

/** Everything kept, as GNU tar run by root keeps it: for archives you trust as you trust a program you run as root. */
#define CT_EXTRACT_TRUSTED                                                                         \
	(CT_EXTRACT_KEEP_DEVICES | CT_EXTRACT_KEEP_SETUID | CT_EXTRACT_KEEP_FILE_CAPS |            \
		CT_EXTRACT_KEEP_XATTRS)

/** For a quota: no limit. Zero means the default instead. */
#define CT_UNLIMITED UINT64_MAX

/** How far an extraction has come, as the progress callback sees it. */
typedef struct ct_extract_progress {
	uint32_t size;		   /* sizeof(ct_extract_progress) of the library */
	uint32_t reserved;
	uint64_t archive_bytes;	   /* bytes of the archive read so far (compressed) */
	uint64_t archive_total;	   /* its size in bytes, or 0 where it is not known (pipe, callback) */
	uint64_t bytes;		   /* bytes of file content written so far */
	uint64_t entries;	   /* entries made so far */
	const char *path;	   /* the entry at hand, as in the archive; valid during the call */
} ct_extract_progress;

/**
 * Called during an extraction, before each entry and between the parts of a
 * large file, in the thread of the caller.
 *
 * @return 0 to go on; any other value cancels: the call fails with ECANCELED
 *         and step CT_STEP_CANCEL, and nothing is left at the destination.
 */
typedef int (*ct_extract_progress_fn)(const ct_extract_progress *progress, void *data);

/**
 * Supplies an archive piece by piece.
 *
 * @param buffer where to put the bytes; @param size how many fit, never 0.
 * @return the number of bytes, 0 at the end, or a negative errno, which ends
 *         the extraction with that error.
 */
typedef ssize_t (*ct_read_fn)(void *buffer, size_t size, void *data);

/** The options of one extraction. Start from CT_EXTRACT_OPTIONS_INIT; zero is always the safe default. */
typedef struct ct_extract_options {
	uint32_t size;		   /* sizeof(ct_extract_options) */
	uint32_t flags;		   /* CT_EXTRACT_* */
	uint32_t strip_components; /* leading path components to drop; entries with fewer are left out */
	uint32_t max_depth;	   /* components in a path; 0: 256 */
	uint64_t max_bytes;	   /* file content in all, in bytes; 0: 64 GiB */
	uint64_t max_entries;	   /* 0: 4,000,000 */
	uint64_t max_file_bytes;   /* content of one file, holes included; 0: 16 GiB */
	uint64_t max_ratio;	   /* bytes unpacked for each byte of archive read, looked at after the first 64 MiB; 0: 1,000 */
	uint32_t uid_shift;	   /* added to every uid of the archive, in ACLs too */
	uint32_t gid_shift;	   /* added to every gid of the archive, in ACLs too */
	ct_extract_progress_fn progress; /* may be NULL */
	void *progress_data;	   /* handed to progress */
} ct_extract_options;

/** Initializer for a ct_extract_options. */
#define CT_EXTRACT_OPTIONS_INIT                                                                    \
	{                                                                                          \
		sizeof(ct_extract_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL                  \
	}

/** How an extraction kept owners. */
typedef enum ct_owners {
	CT_OWNERS_CALLER = 0,  /* everything is the caller's: CT_EXTRACT_NO_OWNER */
	CT_OWNERS_REAL = 1,    /* as root: the numbers themselves */
	CT_OWNERS_MAPPED = 2,  /* 0 is the caller, from 1 on his subordinate ids, as in CT_IDMAP_SUBIDS */
	CT_OWNERS_RECORDED = 3 /* everything is the caller's, with records of what it should be */
} ct_owners;

/** What an extraction or ct_rootfs_restore() did. */
typedef struct ct_extract_stats {
	uint32_t size;		  /* sizeof(ct_extract_stats), set by the caller */
	uint32_t owners;	  /* ct_owners */
	uint64_t entries;	  /* entries made */
	uint64_t bytes;		  /* bytes of file content written, holes not counted */
	uint64_t archive_bytes;	  /* bytes of the archive read */
	uint64_t devices_dropped; /* device nodes left out */
	uint64_t setuid_cleared;  /* files whose setuid or setgid bit was cleared */
	uint64_t xattrs_dropped;  /* extended attributes left out */
	uint64_t owners_recorded; /* files and directories whose owner and mode stand in a record alone */
	uint64_t owners_lost;	  /* entries whose owner is neither real nor told by any record */
	uint64_t devices_recorded; /* device nodes that are an empty file with a record */
	uint64_t xattrs_recorded; /* extended attributes that stand in a record alone */
} ct_extract_stats;

/**
 * Extract an archive into a directory that appears only when it is whole.
 *
 * What happens, in order: the parent of dest is opened and what killed calls
 * left there is removed (below); an existing dest is refused; a directory
 * .NAME.ct-XXXXXX of mode 0700 is made beside dest and locked with flock(2);
 * libarchive reads the archive, and each entry is written beneath that
 * directory by openat2(2) with RESOLVE_IN_ROOT and *at() calls on single names;
 * owner, mode and times of directories are set last, deepest first; the tree is
 * renamed to dest by renameat2(2) with RENAME_NOREPLACE or, to replace,
 * RENAME_EXCHANGE, and the old tree is removed.
 *
 * What is read: tar (ustar, pax, GNU, old), plain or compressed once by gzip,
 * bzip2, xz, zstd or lz4, found out by content. Built with ISA-L, the library
 * takes gzip off several times as fast, and refuses what does not fit the
 * checksum and length in its trailer. No external program is ever
 * started. The input is read to its end; bytes behind the end marker of the tar
 * are ignored. An archive without an end marker (one block of zeros), cut off,
 * damaged or without any entry is refused. cpio and zip need
 * CT_EXTRACT_ANY_FORMAT; they are read as a stream, so of a zip the modes and
 * symlinks are lost that stand in its directory at the end alone, and names may
 * be converted to the locale's character set.
 *
 * What is kept by default (the archive counts as untrusted):
 *   owner     numbers of the archive, plus the shift; names are ignored. Without
 *             root see below. Without an entry for it a directory belongs to
 *             root (0, plus the shift) and has mode 0755.
 *   mode      all but setuid and setgid, whatever the umask; sticky is kept.
 *   mtime     in nanoseconds, of symlinks too. atime is not set.
 *   kinds     files, directories, symlinks, hard links, fifos, holes of sparse
 *             files. Devices are left out, and hard links to them.
 *   xattrs    user.* and POSIX ACLs. user.* is dropped where the filesystem
 *             has none, or the entry is no file and no directory.
 *   never     trusted.overlay.*, user.overlay.*, system.* but ACLs, file flags.
 * With CT_EXTRACT_TRUSTED the result is what GNU tar leaves that root runs with
 * --xattrs --xattrs-include='*' --acls --numeric-owner -xp, but for records (below).
 *
 * Without root what can be kept is kept, and the rest is recorded:
 *   MAPPED    The caller has subordinate ids (/etc/subuid, /etc/subgid) and
 *             newuidmap and newgidmap: owners are real, through the map that
 *             CT_IDMAP_SUBIDS gives a container: 0 is the caller, 1 and up are his
 *             subordinate ids in order. A small process in a user namespace of
 *             that map gives the files away; it lives as long as the call, and
 *             never sees the archive. File capabilities (if asked for) count for
 *             the root of that map. ACLs are mapped; one for an id outside of the
 *             map is left out, and the group's rights with it.
 *   RECORDED  He has none, or they cannot be used: everything belongs to him, and
 *             a record tells what it should be. ACLs are set as they are.
 *   REAL      He is root of a user namespace: owners are real where that maps
 *             them. Devices cannot be made there.
 * stats.owners tells which it was. A record is an extended attribute in the form
 * that containers/storage and fuse-overlayfs use, user.containers.override_stat
 * with "uid:gid:mode:type". The outcome by type of entry, where it is not real:
 *   file, directory  the caller's; mode without setuid and setgid; a record.
 *                    Directories that no entry describes alike
 *   block, char      (with KEEP_DEVICES) an empty file of mode 0600 with a record
 *                    of type "block-MAJOR-MINOR" or "char-MAJOR-MINOR"
 *   symlink, fifo    the caller's, made as asked; user.* has no place there: taken
 *                    for its directory's when records are read; counted in
 *                    owners_lost if that would not be right
 *   hard link        to the same file, with its record
 *   xattrs           those that the caller may not set (security.*, trusted.*) and
 *                    that the flags ask for: user.containers.override_NAME; on a
 *                    symlink or fifo dropped
 * An id outside of the map is recorded as well, and its file stays the caller's.
 * Where the filesystem has no user.*, or with CT_EXTRACT_NO_XATTRS, owners are
 * lost and counted, and a device that was asked for fails the call. With
 * CT_EXTRACT_NO_OWNER there is no map and no record of owners.
 *
 * Records in the archive: what they say takes the place of what the header says,
 * and is then treated like it: no flag, no device, no setuid bit, no attribute
 * that would not be kept anyway. A symlink or fifo whose header has the owner of
 * its directory's takes the owner that its directory's record says. So a tar of a
 * recorded tree (GNU tar --xattrs --xattrs-include='*') that root extracts with
 * CT_EXTRACT_TRUSTED is what the first archive was. No record of an archive lands
 * in the tree as it is; what is malformed is dropped. A tree with records is made
 * real in place by ct_rootfs_restore().
 *
 * What happens to hostile or odd entries; names are bytes, never converted:
 *   ".." anywhere in a name or hard link target    refused, EXDEV
 *   leading slashes, "." and empty components      dropped
 *   no name; NUL in a pax name; root is no folder  refused, EINVAL
 *   component over 255 bytes, path over 4095       refused, ENAMETOOLONG
 *   symlink target of any kind                     made as it is, never followed out
 *   entry below a symlink                          resolved as in a chroot at the
 *                                                  root (usr-merge works); ENOENT,
 *                                                  ENOTDIR or ELOOP where that fails
 *   name that was there before                     replaced, never written through;
 *                                                  a directory stays and takes the
 *                                                  later metadata; one with content
 *                                                  replaced by another kind: ENOTEMPTY
 *   directory where a symlink is                   the symlink is replaced
 *   hard link                                      to what the archive brought before,
 *                                                  else ENOENT; to a symlink: the
 *                                                  symlink itself; to a directory:
 *                                                  EINVAL; content in tar is ignored
 *   unknown type of entry                          refused, EOPNOTSUPP
 *   owner beyond 4294967294; unknown device        refused, EINVAL
 *   ACL for a name without number                  refused, EINVAL
 *   whiteouts (.wh.NAME)                           plain files
 *   newline, invalid UTF-8 in a name               kept; escaped in ct_error
 *   overlapping parts of a sparse file             refused, EINVAL or EBADMSG
 *
 * strip_components drops that many leading components of names and of hard
 * link targets, as in GNU tar; entries with fewer are left out, and a directory
 * with exactly as many gives the root its metadata.
 *
 * CT_EXTRACT_STRIP_AUTO decides when the archive has been read: if all entries
 * but "./" stand under one top directory, that directory is not itself a name
 * of a root (bin, boot, dev, etc, home, lib*, media, mnt, opt, proc, root, run,
 * sbin, srv, sys, tmp, usr, var), and it holds at least one of bin, etc, sbin
 * and usr, then it becomes the root. Until that is disproved, links are
 * resolved as if it were.
 *
 * After any failure nothing is at dest that was not there before. A process
 * killed on the way leaves .NAME.ct-XXXXXX; the next extraction to, or removal
 * of, the same dest removes it: a directory so named, owned by the effective
 * uid, whose lock can be taken. The lock of a living call is left alone.
 *
 * @param archive    path of the archive; opened for reading, so a fifo blocks. Not kept.
 * @param dest       where the tree shall be; its parent must exist, it must not
 *                   (but see CT_EXTRACT_REPLACE). Must end in a name. Not kept.
 * @param options    NULL: all defaults. Copied. A shorter struct of an older
 *                   program is taken, a longer one if what is unknown is zero.
 * @param ret_rootfs handle of the new directory, free with ct_rootfs_free();
 *                   may be NULL. Untouched on failure.
 * @param err        filled on failure; may be NULL.
 * @return 0, or -errno.
 *
 * Changes: nothing in the caller; umask, cwd, signals and locale stay as they
 *          are, a process is made only without root (above), and a thread only to
 *          decode a file or memory of more than half a MiB (unpacked) while the
 *          caller writes; all signals are blocked in it. Both are gone when the
 *          call returns. dest and its parent change.
 * Threads: safe from any thread, several at once, also to the same dest: one
 *          wins. The thread is not cancelled meanwhile. libarchive may call iconv(3) for ACLs, which reads gconv data.
 * Errors:  by err->step:
 *          ARGUMENT  EINVAL, EBADF, E2BIG: an argument that cannot work.
 *          DESTINATION EEXIST it is there: remove it or ask to replace it;
 *                    ENOTDIR it is no directory, ENOENT its parent is missing;
 *                    EACCES, EROFS, ENOSPC from the kernel.
 *          ARCHIVE   ENOENT, EACCES, EISDIR, EIO from opening and reading;
 *                    EINVAL no tar, empty, or compressed more than once;
 *                    EBADMSG damaged or cut off: fetch it again; ENOSYS
 *                    libarchive lacks a compression; what a callback returned.
 *          ENTRY     an entry is refused as listed above; err->object names it.
 *          WRITE     ENOSPC, EDQUOT, EROFS, EIO: the filesystem; EPERM, EINVAL:
 *                    an owner, device or attribute the caller may not make.
 *          OWNERS    an ordinary user's file could not be given away: what the
 *                    kernel said, EPIPE the process that does it was killed;
 *                    EINVAL with CT_EXTRACT_NO_RECORDS: an id outside of the map.
 *          IDMAP, CLONE, STAGE with CT_EXTRACT_NO_RECORDS: why an ordinary user's
 *                    subordinate ids cannot be used; ENOENT he has none.
 *          QUOTA     EDQUOT: a limit of the options, named in err->sentence.
 *          CANCEL    ECANCELED: the callback said so.
 *          COMMIT    EINVAL: the filesystem cannot rename in this way.
 *          MEMORY    ENOMEM.
 * Needs:   Linux 5.10. CAP_CHOWN for owners, CAP_MKNOD for devices,
 *          CAP_SETFCAP for file capabilities, CAP_SYS_ADMIN for trusted.*, all
 *          in the user namespace that owns the filesystem; else as above, and for
 *          MAPPED /proc. About 16 descriptors.
 * Source:  openat2(2), renameat2(2), flock(2), tar(5), libarchive(3), xattr(7),
 *          user_namespaces(7).
 *          Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_extract(const char *archive, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

/**
 * Extract an archive from an open descriptor: a file, a pipe, a socket.
 *
 * As ct_rootfs_extract(), reading from where the descriptor stands to its end;
 * a non-blocking one is waited for with poll(2).
 *
 * @param fd         borrowed: stays open, its file offset moves.
 * @param dest       as in ct_rootfs_extract().
 * @param options    as in ct_rootfs_extract().
 * @param ret_rootfs as in ct_rootfs_extract().
 * @param err        filled on failure; may be NULL.
 * @return 0, or -errno.
 *
 * Changes: the offset of fd; else as ct_rootfs_extract().
 * Threads: as ct_rootfs_extract(); nobody else may read from fd meanwhile.
 * Errors:  as ct_rootfs_extract(), and ARGUMENT EBADF: fd is negative.
 * Needs:   as ct_rootfs_extract(). Source: read(2), poll(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_extract_fd(int fd, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

/**
 * Extract an archive that lies in memory.
 *
 * @param data       the archive; borrowed for the call, not changed.
 * @param size       its size in bytes.
 * @param dest       as in ct_rootfs_extract().
 * @param options    as in ct_rootfs_extract().
 * @param ret_rootfs as in ct_rootfs_extract().
 * @param err        filled on failure; may be NULL.
 * @return 0, or -errno.
 *
 * Changes: as ct_rootfs_extract(). Threads: as ct_rootfs_extract().
 * Errors:  as ct_rootfs_extract(), and ARGUMENT EINVAL: data is NULL.
 * Needs:   as ct_rootfs_extract(). Source: libarchive(3). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_extract_memory(const void *data, size_t size, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

/**
 * Extract an archive that a callback supplies piece by piece.
 *
 * @param read       called from the calling thread until it returns 0 or fails.
 * @param data       handed to read.
 * @param dest       as in ct_rootfs_extract().
 * @param options    as in ct_rootfs_extract().
 * @param ret_rootfs as in ct_rootfs_extract().
 * @param err        filled on failure; may be NULL.
 * @return 0, or -errno; a negative errno of read ends the call with that error
 *         and step CT_STEP_ARCHIVE. More bytes than fit count as EIO.
 *
 * Changes: as ct_rootfs_extract(). Threads: as ct_rootfs_extract().
 * Errors:  as ct_rootfs_extract(), and ARGUMENT EINVAL: read is NULL.
 * Needs:   as ct_rootfs_extract(). Source: libarchive(3). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_extract_stream(ct_read_fn read, void *data, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

/**
 * Open a directory that is there as a root filesystem.
 *
 * One open(2) with O_PATH; nothing in the directory is looked at or changed.
 *
 * @param path       the directory; symlinks are followed as by open(2). Not kept.
 * @param ret_rootfs the handle, free with ct_rootfs_free(). Untouched on failure.
 * @param err        filled on failure; may be NULL.
 * @return 0, or -errno.
 *
 * Changes: one descriptor more, close-on-exec, never 0, 1 or 2.
 * Threads: safe from any thread.
 * Errors:  ROOTFS ENOENT, ENOTDIR, EACCES from open(2); ARGUMENT EINVAL path or
 *          ret_rootfs is missing; MEMORY ENOMEM.
 * Needs:   search permission along the path. Source: open(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_open(const char *path, ct_rootfs **ret_rootfs, ct_error *err);

/* How an image is mounted. */
#define CT_IMAGE_SUID (1u << 0) /* honour setuid, setgid and file capabilities; default: ignored */

/**
 * Mount an image as a root filesystem, without unpacking it.
 *
 * The file must be a squashfs or erofs, which its first bytes tell. It is mounted
 * read-only and nodev, and without CT_IMAGE_SUID nosuid, by fsopen(2), fsconfig(2)
 * and fsmount(2), and that mount is attached nowhere: no process of the host sees
 * it. The kernel reads an erofs out of the file itself since Linux 6.12 (here, since
 * 6.15); else a free loop device is taken (LOOP_CTL_GET_FREE, LOOP_CONFIGURE) that
 * vanishes by itself (LO_FLAGS_AUTOCLEAR). Mount and device live as long as the
 * handle, a spec that has it, a pool of that, or a container made of it: they go
 * with the last of them, also where the host is killed.
 *
 * Any number of containers use one handle at once; each gets a clone of the mount,
 * and all share what the kernel has cached. CT_ROOT_EPHEMERAL gives each a view that
 * it can write to; with CT_ROOT_READONLY, and with CT_ROOT_WRITABLE just so,
 * whatever writes gets EROFS. Mount points (/proc, /dev, /sys, those of the spec)
 * must then be in the image. In a user namespace the mount is id-mapped as that of
 * a directory is, if the kernel can do that for this format: see ct_spec_set_rootfs().
 *
 * Only for images that you trust. The kernel parses them, with bugs that a hostile
 * image can reach, and it does not expect one to change: nobody but root should be
 * able to write to the file while it is mounted. It can be renamed, replaced or
 * removed. The library looks at the format and at the length before the kernel sees
 * the file, but no further.
 *
 * @param path       the image, a regular file; symlinks are followed as by open(2). Not kept.
 * @param flags      CT_IMAGE_SUID, or 0.
 * @param ret_rootfs the handle, free with ct_rootfs_free(). Untouched on failure.
 * @param err        filled on failure; may be NULL. What the kernel has said of
 *                   the image is in err->sentence.
 * @return 0, or -errno.
 *
 * Changes: one descriptor more, close-on-exec, never 0, 1 or 2. The kernel may load
 *          modules.
 * Threads: safe from any thread, several at once. Containers must be started in
 *          the mnt namespace in which this was called.
 * Errors:  by err->step:
 *          ARGUMENT  EINVAL path or ret_rootfs is missing; unknown flag.
 *          ROOTFS    ENOENT, EACCES from open(2); EISDIR a directory: see
 *                    ct_rootfs_open(); EINVAL no regular file, of another format, or
 *                    (call fsconfig) with features or a compression that the kernel
 *                    lacks; EBADMSG cut off, or not padded to whole sectors; EPERM no right
 *                    to mount images: see Needs; ENODEV (call fsopen) the kernel has no
 *                    such filesystem; ENOENT, EACCES (call openat) there is
 *                    no loop device, or no right to one; EBUSY others take each one
 *                    first; EIO, EUCLEAN from the kernel.
 *          MEMORY    ENOMEM.
 * Needs:   Linux 5.10 with squashfs or erofs, /proc; CAP_SYS_ADMIN in the first user
 *          namespace, and the loop devices in /dev, unless the kernel reads the file.
 *          Linux before 6.15: also /sys, for the starts. Id-mapped: erofs
 *          Linux 5.19, squashfs 6.2. Without these rights mount the image by squashfuse
 *          or erofsfuse and open that directory, or extract it.
 * Source:  fsopen(2), fsmount(2), open_tree(2), loop(4), the kernel's filesystems/erofs.
 *          Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_open_image(
	const char *path, uint32_t flags, ct_rootfs **ret_rootfs, ct_error *err);

/**
 * Mount an image from an open descriptor.
 *
 * As ct_rootfs_open_image(), of that very file, whatever is at its path by now.
 *
 * @param fd         the image, open for reading; borrowed: its offset stays as it is,
 *                   and it may be closed afterwards.
 * @param flags      as in ct_rootfs_open_image().
 * @param ret_rootfs as in ct_rootfs_open_image().
 * @param err        filled on failure; may be NULL.
 * @return 0, or -errno.
 *
 * Changes: as ct_rootfs_open_image(). Threads: as ct_rootfs_open_image().
 * Errors:  as ct_rootfs_open_image(), and ARGUMENT EBADF: fd is negative; ROOTFS
 *          EBADF: it is not open, or not for reading.
 * Needs:   as ct_rootfs_open_image(). Source: pread(2), loop(4). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_open_image_fd(
	int fd, uint32_t flags, ct_rootfs **ret_rootfs, ct_error *err);

/**
 * Remove a whole tree, and what killed calls left beside it.
 *
 * The tree is first renamed into a locked directory .NAME.ct-XXXXXX beside it,
 * so that a half-removed tree never stands at path, and then emptied by
 * descriptor: no symlink is followed, no mount point is entered, and at most
 * some twenty directories are open at once, however deep it is. Things inside may
 * be swapped meanwhile; nothing outside is touched. If something cannot be
 * removed, what is left is renamed back to path.
 *
 * An ordinary user removes directories of his subordinate ids as well, closed and
 * sticky ones too: the process that gave them away (see ct_rootfs_extract()) is
 * started at the first of them and gives each back.
 *
 * @param path the directory; a symlink to one is refused. Not kept.
 * @param err  filled on failure; may be NULL.
 * @return 0, or -errno.
 *
 * Changes: nothing in the caller.
 * Threads: safe from any thread; of two that remove the same tree one gets ENOENT.
 * Errors:  REMOVE ENOENT it is not there; ENOTDIR it is no directory; EBUSY a
 *          filesystem is mounted on or in it: unmount it first; EACCES, EPERM,
 *          EROFS from the kernel, the first two too where a directory belongs
 *          to none of the caller's ids; ENOTEMPTY somebody keeps filling it;
 *          ARGUMENT EINVAL path is missing. "/" and names ending in "." or
 *          ".." are refused with REMOVE EINVAL.
 * Needs:   Linux 5.10; write permission on the parent and on the tree.
 * Source:  openat2(2), unlinkat(2), renameat2(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_remove(const char *path, ct_error *err);

/**
 * Make real what records in a tree say: owners, modes, devices, attributes.
 *
 * A tree that was extracted without the rights for its owners tells in records
 * what should be (see ct_rootfs_extract()). As root, or as an ordinary user with
 * subordinate ids, this call applies and removes them: first those of files,
 * symlinks and fifos going down, then those of directories, the innermost first.
 * A device takes the place of the empty file that stood for it by rename(2), all
 * of its hard links alike. ct_spawn() does not do so by itself, since it would
 * have to read the whole tree at each start: call this once before the first.
 *
 * Whoever could write to the tree, a container that ran in it too, could write
 * records as well. They count as little as an untrusted archive, and the same
 * CT_EXTRACT_KEEP_* decide: without KEEP_SETUID setuid and setgid bits are not
 * set, without KEEP_DEVICES no device is made, and so on; shifts are added. A
 * record of which something was left out stays, for a later call that may do
 * more; so does one for an id that the caller may not give away. No symlink is
 * followed, no mount is entered, nothing outside of the tree is touched.
 *
 * Safe to call again, also after a call was killed: a record goes only when all
 * that it says is done (of a device with several names, those that were not
 * reached become devices of their own). A symlink or fifo in a directory with a record goes with
 * the directory's owner, if it belongs to the same as the directory. What an
 * ordinary user may not read because an earlier call gave it away is passed over.
 *
 * @param rootfs  the tree: a handle from ct_rootfs_open() or an extraction. Its
 *                stats (ct_rootfs_stats()) are those of this call afterwards:
 *                entries counts the files, directories and devices with records
 *                that were applied, whole or in part.
 * @param options flags (CT_EXTRACT_KEEP_*, CT_EXTRACT_TRUSTED, and
 *                CT_EXTRACT_NO_RECORDS: what would stay recorded for want of an
 *                id or a right fails the call), uid_shift, gid_shift and progress
 *                count; NULL: none of them. Copied.
 * @param err     filled on failure; may be NULL.
 * @return 0, or -errno; what was applied before the failure stays applied.
 *
 * Changes: the tree; the stats of the handle.
 * Threads: one handle, one thread. Nobody else should change the tree meanwhile;
 *          if somebody does, it is about what he could have changed anyway.
 * Errors:  by err->step:
 *          ARGUMENT  EINVAL rootfs is NULL, or another flag.
 *          IDMAP, CLONE, STAGE, OWNERS an ordinary user whose subordinate ids
 *                    cannot be used: ENOENT he has none.
 *          OWNERS    EINVAL with CT_EXTRACT_NO_RECORDS: an id that the caller
 *                    may not give away.
 *          ENTRY     ENAMETOOLONG a path in the tree is longer than 4095 bytes;
 *                    EINVAL a record of file capabilities of unknown form.
 *          WRITE     EPERM, EROFS, ENOSPC, EIO from the kernel.
 *          CANCEL    ECANCELED: the callback said so.
 *          MEMORY    ENOMEM.
 * Needs:   Linux 5.10, /proc. As root CAP_CHOWN, CAP_FOWNER, CAP_DAC_OVERRIDE, and
 *          what ct_rootfs_extract() needs for devices and attributes; as a user
 *          newuidmap and newgidmap, and ids in /etc/subuid and /etc/subgid.
 * Source:  xattr(7), fchownat(2), mknodat(2), renameat(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_rootfs_restore(ct_rootfs *rootfs, const ct_extract_options *options,
	ct_error *err);

/**
 * The descriptor of a root filesystem's directory.
 *
 * @param rootfs the handle.
 * @return an O_PATH descriptor, close-on-exec, owned by the handle: usable for
 *         *at() calls, fchdir(2) and open_tree(2), gone with ct_rootfs_free();
 *         -EINVAL where rootfs is NULL.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL rootfs is NULL. Needs: nothing.
 * Source: open(2) on O_PATH. Since: 0.1
 */
CT_API int ct_rootfs_fd(const ct_rootfs *rootfs);

/**
 * What the extraction that made this handle did.
 *
 * @param rootfs    a handle from one of the ct_rootfs_extract calls.
 * @param ret_stats filled as far as ret_stats->size, which the caller sets,
 *                  goes; what this library does not know is zero.
 * @return 0; -EINVAL where an argument is NULL or the size is none; -ENODATA
 *         where the handle comes from ct_rootfs_open() or ct_rootfs_open_image().
 *
 * Changes: nothing. Threads: safe.
 * Errors: EINVAL an argument is NULL, or the size is not set; ENODATA the handle comes from
 *         ct_rootfs_open(), and nothing was extracted or restored with it.
 * Needs: nothing. Source: counted by the extraction. Since: 0.1
 */
CT_API int ct_rootfs_stats(const ct_rootfs *rootfs, ct_extract_stats *ret_stats);

/**
 * Let a handle go. The directory stays; ct_rootfs_remove() removes it. The mount of an
 * image goes with the last spec, pool or container that uses it.
 *
 * @param rootfs the handle; NULL does nothing.
 *
 * Changes: one descriptor less. Threads: one handle, one thread. Errors: none,
 * errno is kept. Needs: nothing. Source: close(2). Since: 0.1
 */
CT_API void ct_rootfs_free(ct_rootfs *rootfs);

#ifdef __cplusplus
}
#endif

#endif
