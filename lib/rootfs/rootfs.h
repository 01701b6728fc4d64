/* SPDX-License-Identifier: MIT */
/*
 * Private parts of the rootfs room, grouped by the file that defines them.
 * Order of a call: options -> source -> temp -> owner -> (entry -> record, tree, write,
 * meta) -> dirs -> temp.
 */
#ifndef CT_ROOTFS_ROOTFS_H
#define CT_ROOTFS_ROOTFS_H

#include <archive.h>
#include <archive_entry.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include <container/rootfs.h>

#include "idmap/idmap.h"
#include "stage/plan.h"
#include "util/map.h"

/* The public handle: an O_PATH descriptor of the directory, and what made it. */
struct ct_rootfs {
	int fd;
	char *image;	/* the file that is mounted, for words; NULL: a directory */
	bool extracted; /* stats mean something */
	ct_extract_stats stats;
};

/* loop.c */

/* A loop device for the file, whose name is for errors; a descriptor or a negative errno. */
int ct__loop_open(int image, const char *name, ct_error *err);

/* options.c */

/* Checks what the caller gave (NULL: nothing) and fills in every default. */
int ct__options_read(const ct_extract_options *given, ct_extract_options *ret, ct_error *err);

/* input.c */

/* Where the bytes of an archive come from; exactly one of fd, data and read serves. */
struct ct__input {
	int fd;
	bool owns_fd;
	bool is_file; /* fd is that of a plain file */
	bool ended;   /* fd or read has nothing more */
	const unsigned char *data;
	size_t size;
	size_t at;
	ct_read_fn read;
	void *read_data;
	unsigned char *buffer; /* for fd and read */
	size_t kept;	       /* bytes in there that were only looked at */
	uint64_t total;	       /* size where known, else 0 */
	uint64_t taken;	       /* bytes handed out */
};

int ct__input_path(struct ct__input *input, const char *path, ct_error *err);
int ct__input_fd(struct ct__input *input, int fd, ct_error *err);
int ct__input_memory(struct ct__input *input, const void *data, size_t size, ct_error *err);
int ct__input_stream(struct ct__input *input, ct_read_fn read, void *data, ct_error *err);
/* The next piece: its size, 0 at the end, or a negative errno. Valid until the next call. */
ssize_t ct__input_next(struct ct__input *input, const void **ret_piece);
/* Before the first piece: what it will begin with, least bytes or more unless there are fewer. */
ssize_t ct__input_peek(struct ct__input *input, size_t least, const unsigned char **ret_bytes);
/* Whether the next piece may have to wait for somebody who makes it: it may never come. */
bool ct__input_may_wait(const struct ct__input *input);
void ct__input_done(struct ct__input *input);

/* gunzip.c, with ISA-L; else without_isal.c */

/* Takes gzip off. NULL: it is none, and libarchive has the word. */
struct ct__gunzip;

/* 1: *ret_gunzip takes off what the input begins with; 0: that is no gzip, or ISA-L is not there. */
int ct__gunzip_open(struct ct__input *input, struct ct__gunzip **ret_gunzip);
/* As ct__unpack_fill(); *ret_why is set where the compression is damaged, not for the input's errors. */
ssize_t ct__gunzip_fill(struct ct__gunzip *gunzip, void *buffer, size_t size, const char **ret_why);
void ct__gunzip_free(struct ct__gunzip *gunzip);

/* unpack.c */

/* Takes the compression off. Whatever thread fills, it is the only one that touches this. */
struct ct__unpack {
	struct ct__input input;
	struct ct__gunzip *gunzip; /* or else filter */
	struct archive *filter;
	const unsigned char *block; /* of the filter's, not yet copied */
	size_t block_left;
	bool has_begun;
	int failure;	  /* negative errno of the input or of the compression */
	char reason[160]; /* its words, or empty */
};

/* entry: any that libarchive may write to. */
int ct__unpack_open(struct ct__unpack *unpack, struct archive_entry *entry, ct_error *err);
/*
 * Uncompressed bytes, as many as there is room for; 0 at the end, or failure. Fewer where the
 * end or a failure comes next, or where the input may wait.
 */
ssize_t ct__unpack_fill(struct ct__unpack *unpack, void *buffer, size_t size);
void ct__unpack_done(struct ct__unpack *unpack);

/* ahead.c */

#define CT__AHEAD_SLOTS 16
#define CT__AHEAD_SIZE	(512 * 1024) /* of a slot */

/* One piece of the uncompressed archive. */
struct ct__ahead_slot {
	unsigned char *bytes;
	ssize_t got;	/* what ct__unpack_fill() said */
	uint64_t taken; /* of the archive, when it had said so */
};

/* A ring of pieces, and a thread that fills it while the caller writes what is in there. */
struct ct__ahead {
	struct ct__unpack *unpack;
	struct ct__ahead_slot slots[CT__AHEAD_SLOTS];
	const struct ct__ahead_slot *last; /* that the caller has got */
	uint64_t taken_out;		   /* pieces that he has got */
	bool runs;			   /* the thread; without it the caller fills */
	pthread_t thread;
	pid_t tid;
	pthread_mutex_t mutex; /* over what follows */
	pthread_cond_t more, room;
	uint64_t filled;   /* pieces that were ever filled */
	uint64_t released; /* of them, those that the caller is done with */
	bool stops;
};

void ct__ahead_begin(struct ct__ahead *ahead, struct ct__unpack *unpack);
/* The next piece, valid until the next call. The one whose got is 0 or less is the last for ever. */
int ct__ahead_next(struct ct__ahead *ahead, const struct ct__ahead_slot **ret_slot);
/* The thread is gone when this returns. */
void ct__ahead_done(struct ct__ahead *ahead);

/* tar_names.c */

/* Fetches the next piece of the uncompressed archive: size, 0 at the end, or a negative errno. */
typedef ssize_t (*ct__pull_fn)(void *data, const void **ret_piece);

/* Walks beside the tar reader so that names reach it as raw bytes. */
struct ct__tar_names {
	ct__pull_fn pull;
	void *pull_data;
	const unsigned char *piece; /* not yet handed on */
	size_t left;
	unsigned char *held; /* a header put together, and its pax records */
	size_t held_size;
	uint64_t body;	   /* bytes that follow unless the reader ignores the size */
	uint64_t pass;	   /* bytes that follow for certain */
	uint64_t pax_size; /* from the pax record, if has_pax_size */
	bool has_pax_size;
	bool sparse_more; /* an old GNU sparse map goes on in the next block */
	bool started;
	bool is_tar;
	bool ended;	     /* the end marker was seen */
	bool in_header;	     /* set by the owner: the reader wants a header */
	const char *refused; /* why the header at hand is refused, or NULL */
	int refused_code;
};

/* The next piece for the tar reader: size, 0 at the end, or a negative errno. */
ssize_t ct__tar_names_next(struct ct__tar_names *names, const void **ret_piece);
void ct__tar_names_done(struct ct__tar_names *names);

/* archive_source.c */

/* An open archive: the compression is taken off ahead, and a reader goes through the entries. */
struct ct__source {
	struct ct__unpack unpack; /* the thread's, while it runs */
	struct ct__ahead ahead;
	struct ct__tar_names names;
	struct archive *format;
	struct archive_entry *entry; /* ours: libarchive does not look whether it got one of its own */
	uint64_t taken;	   /* bytes of the archive that unpacked came from */
	uint64_t unpacked; /* bytes that came out of the compression */
	int failure;	   /* negative errno of what is not the reader's */
	char reason[160];  /* its words, or empty */
	bool drained;	   /* no data of the entry at hand is left */
};

int ct__source_open(struct ct__source *source, uint32_t flags, ct_error *err);
/* 1: *ret_entry is the next entry, valid until the next call; 0: the archive ended well. */
int ct__source_next(struct ct__source *source, struct archive_entry **ret_entry, ct_error *err);
/* 1: a part of the entry's content; 0: no more. */
int ct__source_data(struct ct__source *source, const void **ret_data, size_t *ret_size,
	int64_t *ret_offset, const char *name, ct_error *err);
/* Reads what stands behind the end of the archive: 1 more to come, 0 all read and sound. */
int ct__source_drain(struct ct__source *source, ct_error *err);
void ct__source_done(struct ct__source *source);

/* path.c */

/* A path of the archive in its plain form: "a/b/c". */
struct ct__path {
	char *text;
	size_t size;  /* of the buffer */
	size_t base;  /* where the last component starts */
	size_t depth; /* components; 0: the root itself */
	bool is_left_out; /* strip took more than there was */
};

/*
 * Drops leading slashes, "." and empty components, and strip components.
 * -EXDEV for "..", -ENAMETOOLONG for a component or path too long for the
 * kernel, -ENOMEM.
 */
int ct__path_set(struct ct__path *path, const char *raw, uint32_t strip);
uint64_t ct__path_hash(const struct ct__path *path);
void ct__path_done(struct ct__path *path);

/* meta.c */

/* Extended attributes ready to be set: name, NUL, 4 bytes of size, value, and again. */
struct ct__xattrs {
	char *bytes;
	size_t used;
	size_t size;
};

/* Owner, mode, time and attributes as they will be set. */
struct ct__meta {
	uid_t uid; /* of the archive, shifted; for CT_OWNERS_MAPPED a number of that map */
	gid_t gid;
	mode_t mode;
	mode_t type; /* S_IF* */
	uint32_t major, minor; /* of a device */
	bool from_record; /* a record said it; the header, instead: */
	int64_t header_uid, header_gid;
	struct timespec mtime;
	struct ct__xattrs xattrs;
};

struct ct__extraction;

/* How one entry gets its owner. */
enum ct__way {
	CT__WAY_KEEP,	/* it has it already */
	CT__WAY_CHOWN,	/* chown(2) */
	CT__WAY_AGENT,	/* the agent gives it away, last */
	CT__WAY_RECORD	/* it stays the caller's, with a record of what it should be */
};

/* An entry that is there and gets its metadata: an open file, or dir/base. */
struct ct__place {
	int fd; /* negative: dir and base */
	int dir;
	const char *base;
	enum ct__way way;
	bool lost_acl; /* a rule of its access ACL is for nobody here */
	const char *name; /* for reports */
};

/* Reads an entry's metadata as the options let it through. */
int ct__meta_read(struct ct__extraction *x, struct archive_entry *entry, const char *name);
/* What a directory gets that no entry describes. */
void ct__meta_default(const struct ct__extraction *x, struct ct__meta *ret);
/* Onto an open file or directory: owner, attributes, mode, time, in this order. */
int ct__meta_apply_fd(struct ct__extraction *x, int fd, const struct ct__meta *meta,
	const char *name);
/* Onto a symlink, fifo or device that cannot be opened; it was just made as dir/base. */
int ct__meta_apply_at(struct ct__extraction *x, int dir, const char *base,
	const struct ct__meta *meta, const char *name);

/* owner.c */

/* Decides, once for an extraction, how owners are kept: x->stats.owners. */
int ct__owners_begin(struct ct__extraction *x);
enum ct__way ct__owner_way(const struct ct__extraction *x, const struct ct__meta *meta);
/* Before all else: chown(2), or the record; place->way tells which it became. */
int ct__owner_set(struct ct__extraction *x, struct ct__place *place, const struct ct__meta *meta);
/* After all else: what only the agent may do. */
int ct__owner_hand_over(struct ct__extraction *x, const struct ct__place *place,
	const struct ct__meta *meta);
/* x->meta of a symlink or fifo, which has no place for a record, takes over its directory's owner. */
void ct__owner_inherit(struct ct__extraction *x, int parent);

/* record.c */

#define CT__RECORD	AGENT_RECORD /* begins the name of every record */
#define CT__RECORD_STAT CT__RECORD "stat"

/* What a record of owner, mode and type says. */
struct ct__record {
	uint32_t uid, gid;
	mode_t mode;
	mode_t type; /* S_IF*; 0: it does not say */
	uint32_t major, minor;
};

/* False: it is none. */
bool ct__record_parse(const char *text, size_t size, struct ct__record *ret);
/* What a record among the entry's attributes says takes the place of what its header says. */
void ct__record_read(struct ct__extraction *x, struct archive_entry *entry);
/* The attribute that a record of another attribute is for; NULL: it is none. */
const char *ct__record_xattr(const char *key);
/* Owner, mode and type; -EOPNOTSUPP: there is no place for it here. */
int ct__record_put(const struct ct__place *place, const struct ct__meta *meta);
/* An attribute that may not be set. */
int ct__record_put_xattr(const struct ct__place *place, const char *key, const void *value,
	size_t size);
/* Forgets the record of an attribute. */
void ct__record_forget_xattr(const struct ct__place *place, const char *key);

/* xattr.c */

int ct__xattrs_add(struct ct__xattrs *xattrs, const char *key, const void *value, size_t size);
/* Fills x->meta.xattrs by the policy of the options. */
int ct__xattrs_read(struct ct__extraction *x, struct archive_entry *entry, const char *name);
/* One attribute by the policy: 1 it was taken, 0 left out and counted, or a negative errno. */
int ct__xattrs_take(struct ct__extraction *x, const char *key, const void *value, size_t size,
	const char *name);
/* The value of one of them; NULL: it is not there. */
const void *ct__xattrs_find(const struct ct__xattrs *xattrs, const char *key, uint32_t *ret_size);
int ct__xattrs_apply(struct ct__extraction *x, struct ct__place *place,
	const struct ct__xattrs *xattrs);

/* acl.c */

/* Adds the entry's POSIX ACLs; *mode takes over what an access ACL says about it. */
int ct__acl_read(struct ct__extraction *x, struct archive_entry *entry, mode_t *mode,
	const char *name);

/* dirs.c */

/* A directory whose owner, mode and times come last. */
struct ct__dir {
	char *path; /* "" is the root itself */
	bool below_top; /* path is relative to the top folder */
	dev_t dev;
	ino_t ino;
	struct ct__meta meta;
};

struct ct__dirs {
	struct ct__dir *all;
	size_t count;
	size_t size;
	struct ct__map by_ino;
};

/* Remembers (or corrects) what a directory is to become; takes over *meta's xattrs. */
int ct__dirs_set(struct ct__extraction *x, const char *path, bool below_top, bool is_new,
	const struct stat *st, struct ct__meta *meta);
/*
 * Applies them, the latest made first: none lies below one that was made later, whatever
 * symlinks its path leads through.
 */
int ct__dirs_apply(struct ct__extraction *x);
/* What is remembered of an open directory; NULL: nothing. */
const struct ct__dir *ct__dirs_find(const struct ct__dirs *dirs, int fd);
void ct__dirs_done(struct ct__dirs *dirs);

/* tree.c */

/* The tree under extraction. Every lookup starts at one of two descriptors. */
struct ct__tree {
	int root;
	int top;	/* the only top folder so far, for CT_EXTRACT_STRIP_AUTO */
	char *top_name; /* its name; NULL: none yet, or not wanted */
	bool has_one_top;
	int parent;	   /* the last parent directory */
	char *parent_path; /* the path that leads to it */
	size_t parent_size;
	bool parent_is_known; /* nothing was taken away since */
};

/* Sees the entry's first component: is there still one top folder alone? */
int ct__tree_watch_top(struct ct__extraction *x, const struct ct__path *path, bool is_dir);
/* The directory that holds path's last component; borrowed, valid until the next call. */
int ct__tree_parent(struct ct__extraction *x, struct ct__path *path, bool make, int *ret_fd,
	const char *name);
/* Resolves a path below the root (or the top folder) with the kernel's in-root rules. */
int ct__tree_open(const struct ct__tree *tree, const char *path, bool below_top, int flags);
/* Where path is resolved from: *ret_rest is relative to the top folder or the root. */
bool ct__tree_is_below_top(const struct ct__tree *tree, const char *path, const char **ret_rest);
/* Takes away what stands at parent/base: a file, a symlink, an empty directory. */
int ct__tree_make_room(struct ct__extraction *x, int parent, const struct ct__path *path);
void ct__tree_done(struct ct__tree *tree);

/* write.c: one kind of file each; x->meta holds the metadata. */
int ct__write_file(struct ct__extraction *x, struct archive_entry *entry, int parent,
	const char *name);
int ct__write_dir(struct ct__extraction *x, int parent, const char *name);
int ct__write_symlink(struct ct__extraction *x, int parent, const char *target, const char *name);
int ct__write_node(struct ct__extraction *x, struct archive_entry *entry, int parent,
	const char *name);
/* The entry's content into an open, empty file. */
int ct__write_content(struct ct__extraction *x, struct archive_entry *entry, int fd,
	const char *name);

/* hardlink.c */

/* 1: left out, because its target was. */
int ct__write_hardlink(struct ct__extraction *x, struct archive_entry *entry, const char *target,
	const char *name);

/* entry.c */

int ct__entry_extract(struct ct__extraction *x, struct archive_entry *entry);
/* Asks the caller's callback; name may be NULL. */
int ct__entry_report(struct ct__extraction *x, const char *name);
/* The quotas on bytes: more is what is about to be written. */
int ct__entry_check_bytes(struct ct__extraction *x, uint64_t more, const char *name);

/* agent.c */

#define CT__AGENT_NAMES 64

/*
 * A process that does for an ordinary user what he may not do to files of his
 * subordinate ids (lib/stage/agent.c). Zeroed, it is there when it is needed first.
 */
struct ct__agent {
	struct ct__idmap map;
	struct ct__userns userns;
	bool is_running;
	int failure;	  /* why it could not be started */
	uint32_t sent;	  /* how many requests */
	uint32_t waiting; /* of them, not yet known to have gone well */
	char *names[CT__AGENT_NAMES]; /* what the latest are about, by number */
};

/* Starts it unless it runs. -EPERM as root; -ENOENT without subordinate ids; what else fails. */
int ct__agent_start(struct ct__agent *agent, ct_error *err);
/* The caller's number for one of the agent's; false: it is not mapped. */
bool ct__agent_uid(const struct ct__agent *agent, uint32_t inside, uint32_t *ret_outside);
bool ct__agent_gid(const struct ct__agent *agent, uint32_t inside, uint32_t *ret_outside);
/* Sends an AGENT_OWN for an open file, a path too, and does not wait. */
int ct__agent_own(struct ct__agent *agent, int fd, struct agent_request *request, const char *name,
	ct_error *err);
/* Waits for all that was sent; the first failure. */
int ct__agent_finish(struct ct__agent *agent, ct_error *err);
/* Each starts the agent, and waits: a negative errno of the kernel's or of the start. */
int ct__agent_take(struct ct__agent *agent, int fd, mode_t mode); /* becomes the caller's */
int ct__agent_link(struct ct__agent *agent, int from, const char *base, int to, const char *name);
int ct__agent_rename(struct ct__agent *agent, int from, const char *base, int to, const char *name,
	unsigned int flags);
void ct__agent_release(struct ct__agent *agent);

/* remove.c */

/* parent/base itself, a directory; name is for the report. */
int ct__remove_tree(struct ct__agent *agent, int parent, const char *base, const char *name,
	ct_error *err);

/* temp.c */

/*
 * A directory of ours beside the destination: mode 0700, locked while we live.
 * The tree stands in it as "tree" until it is renamed into place.
 */
struct ct__workspace {
	int parent;	/* where the destination stands */
	int fd;		/* the workspace, locked */
	char dest[256]; /* the destination's name in parent */
	char name[256]; /* the workspace's name in parent */
	const char *path; /* the caller's words, for reports */
	struct ct__agent agent; /* for what is not ours in the trees that come and go */
};

#define CT__TREE "tree"

/* Splits path, opens its parent, removes what killed calls left. */
int ct__workspace_find(struct ct__workspace *ws, const char *path, ct_step step, ct_error *err);
/* Makes the workspace and locks it. */
int ct__workspace_make(struct ct__workspace *ws, ct_step step, ct_error *err);
/* What stands at the destination: 0 nothing, 1 a directory, or a negative errno. */
int ct__workspace_look(const struct ct__workspace *ws);
/* An empty directory "tree" in the workspace, mode 0700. */
int ct__workspace_make_tree(struct ct__workspace *ws, int *ret_fd, ct_error *err);
/* Renames from/base to the destination; with replace, what was there goes into the workspace. */
int ct__workspace_commit(struct ct__workspace *ws, int from, const char *base, bool replace,
	ct_error *err);
/* Removes the workspace with all in it. */
void ct__workspace_done(struct ct__workspace *ws);
/* renameat2(2), by the agent where the caller may not. 0 or a negative errno. */
int ct__workspace_rename(struct ct__workspace *ws, int from, const char *base, int to,
	const char *name, unsigned int flags);
/* A directory that changes its parent must be writable to its owner. */
mode_t ct__make_movable(int dir, const char *base);

/* open.c */

/* A handle that takes fd over. */
int ct__rootfs_new(int fd, const ct_extract_stats *stats, ct_rootfs **ret_rootfs, ct_error *err);

/* extract.c */

/* All that one extraction knows. */
struct ct__extraction {
	ct_extract_options options; /* every default filled in */
	ct_error *err;
	struct ct__source source;
	struct ct__workspace ws;
	struct ct__tree tree;
	struct ct__dirs dirs;
	struct ct__path path;	/* of the entry at hand */
	struct ct__path target; /* of its hard link */
	struct ct__meta meta;	/* of the entry at hand */
	struct ct__map dropped; /* names of devices that were left out */
	ct_extract_stats stats;
	uint64_t seen; /* entries of the archive */
	uid_t uid;     /* who we are: what a new file gets by itself */
	gid_t gid;
	bool strips;	   /* CT_EXTRACT_STRIP_AUTO found a root in the top folder */
	bool has_records;  /* an entry came with one */
	bool restores;	   /* no archive: ct_rootfs_restore() */
	bool forgets;	   /* the record at hand goes when it is done */
};

#endif
