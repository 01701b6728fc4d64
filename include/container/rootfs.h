/* SPDX-License-Identifier: MIT */
/*
 * Root filesystems: a tarball becomes a directory, a directory becomes a
 * handle that a ct_spec can use, and goes away again.
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

/** A root filesystem: an open directory. Free with ct_rootfs_free(). */
typedef struct ct_rootfs ct_rootfs;

/*
 * What extraction keeps. With no flag at all the archive counts as untrusted:
 * what could hurt the host is left out (see ct_rootfs_extract()).
 */
#define CT_EXTRACT_KEEP_DEVICES	  (1u << 0) /* make block and character devices; default: left out */
#define CT_EXTRACT_KEEP_SETUID	  (1u << 1) /* keep setuid and setgid bits; default: cleared */
#define CT_EXTRACT_KEEP_FILE_CAPS (1u << 2) /* keep security.capability; default: left out */
#define CT_EXTRACT_KEEP_XATTRS	  (1u << 3) /* keep every other xattr but trusted.overlay.* and user.overlay.*; default: user.* alone */
#define CT_EXTRACT_NO_XATTRS	  (1u << 4) /* leave out all xattrs and ACLs; default: user.* and ACLs are kept */
#define CT_EXTRACT_NO_OWNER	  (1u << 5) /* everything belongs to the caller; default: the archive's numbers */
#define CT_EXTRACT_STRIP_AUTO	  (1u << 6) /* strip the top folder if the archive has but one (see strip_components) */
#define CT_EXTRACT_ANY_FORMAT	  (1u << 7) /* also cpio and zip; default: tar alone */
#define CT_EXTRACT_REPLACE	  (1u << 8) /* an existing destination is replaced once the new tree is whole; default: refused with EEXIST */
#define CT_EXTRACT_SYNC		  (1u << 9) /* flush to disk before the tree appears; default: left to the kernel */

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
 * large file, from the thread that extracts.
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
	uint64_t max_ratio;	   /* bytes written for each byte of archive read, looked at after the first 64 MiB; 0: 1,000 */
	uint32_t uid_shift;	   /* added to every uid of the archive */
	uint32_t gid_shift;	   /* added to every gid of the archive */
	ct_extract_progress_fn progress; /* may be NULL */
	void *progress_data;	   /* handed to progress */
} ct_extract_options;

/** Initializer for a ct_extract_options. */
#define CT_EXTRACT_OPTIONS_INIT                                                                    \
	{                                                                                          \
		sizeof(ct_extract_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL                  \
	}

/** What an extraction did. */
typedef struct ct_extract_stats {
	uint32_t size;		  /* sizeof(ct_extract_stats), set by the caller */
	uint32_t reserved;
	uint64_t entries;	  /* entries made */
	uint64_t bytes;		  /* bytes of file content written, holes not counted */
	uint64_t archive_bytes;	  /* bytes of the archive read */
	uint64_t devices_dropped; /* device nodes left out */
	uint64_t setuid_cleared;  /* files whose setuid or setgid bit was cleared */
	uint64_t xattrs_dropped;  /* extended attributes left out */
} ct_extract_stats;

CT_API CT_MUST_CHECK int ct_rootfs_extract(const char *archive, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

CT_API CT_MUST_CHECK int ct_rootfs_extract_fd(int fd, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

CT_API CT_MUST_CHECK int ct_rootfs_extract_memory(const void *data, size_t size, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

CT_API CT_MUST_CHECK int ct_rootfs_extract_stream(ct_read_fn read, void *data, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err);

CT_API CT_MUST_CHECK int ct_rootfs_open(const char *path, ct_rootfs **ret_rootfs, ct_error *err);

CT_API CT_MUST_CHECK int ct_rootfs_remove(const char *path, ct_error *err);

CT_API int ct_rootfs_fd(const ct_rootfs *rootfs);

CT_API int ct_rootfs_stats(const ct_rootfs *rootfs, ct_extract_stats *ret_stats);

CT_API void ct_rootfs_free(ct_rootfs *rootfs);

#ifdef __cplusplus
}
#endif

#endif
