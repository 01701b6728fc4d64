#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares two trees in everything an archive can bring; writes nothing.

usage: compare_trees.py [--mapped OWN:FIRST] TREE_A TREE_B

With --mapped the first tree is that of an ordinary user: where the second has owner 0 it
has OWN, where that has N it has FIRST + N - 1, and a device is an empty file with a record.

Compared for every entry: type, mode, owner, mtime in nanoseconds, size,
content, link target, groups of hard links, extended attributes (ACLs and file
capabilities are among them), device numbers. Exit 1 where they differ.
"""
import hashlib
import os
import stat
import sys


def walk(root):
    """Every path below root as bytes, relative, with its lstat; the root is b'.'."""
    found = {b".": os.lstat(root)}
    todo = [b""]
    while todo:
        folder = todo.pop()
        with os.scandir(os.path.join(root, folder) if folder else root) as entries:
            for entry in entries:
                path = os.path.join(folder, entry.name)
                found[path] = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    todo.append(path)
    return found


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def xattrs(path):
    names = os.listxattr(path, follow_symlinks=False)
    return {name: os.getxattr(path, name, follow_symlinks=False) for name in sorted(names)}


def link_groups(tree):
    """For each path the smallest path that shares its inode."""
    first = {}
    for path in sorted(tree):
        st = tree[path]
        if not stat.S_ISDIR(st.st_mode):
            first.setdefault((st.st_dev, st.st_ino), path)
    return {path: first.get((st.st_dev, st.st_ino)) for path, st in tree.items()}


def describe(root, path, st):
    full = os.path.join(root, path)
    facts = {
        "type": stat.S_IFMT(st.st_mode),
        "mode": oct(stat.S_IMODE(st.st_mode)),
        "owner": (st.st_uid, st.st_gid),
        "mtime": st.st_mtime_ns,
        "xattrs": xattrs(full),
    }
    if stat.S_ISREG(st.st_mode):
        facts["size"] = st.st_size
        facts["content"] = digest(full)
    if stat.S_ISLNK(st.st_mode):
        facts["target"] = os.readlink(full)
    if stat.S_ISCHR(st.st_mode) or stat.S_ISBLK(st.st_mode):
        facts["device"] = (os.major(st.st_rdev), os.minor(st.st_rdev))
    return facts


def as_mapped(facts, own, first):
    """What an ordinary user makes of an entry of root's tree."""
    uid, gid = facts["owner"]
    if "device" in facts:
        kind = "char" if facts["type"] == stat.S_IFCHR else "block"
        major, minor = facts.pop("device")
        record = f"{uid}:{gid}:{int(facts['mode'], 8):04o}:{kind}-{major}-{minor}"
        facts.update(type=stat.S_IFREG, mode=oct(0o600), size=0, content=hashlib.sha256().hexdigest(),
                     xattrs={"user.containers.override_stat": record.encode()})
        uid = gid = 0
    facts["owner"] = tuple(first + id - 1 if id else own for id in (uid, gid))
    return facts


def main():
    args = sys.argv[1:]
    ids = None
    if args[:1] == ["--mapped"]:
        ids = [int(id) for id in args[1].split(":")]
        args = args[2:]
    if len(args) != 2:
        sys.exit(__doc__)
    roots = [os.fsencode(arg) for arg in args]
    trees = [walk(root) for root in roots]
    groups = [link_groups(tree) for tree in trees]
    differences = 0
    for path in sorted(set(trees[0]) | set(trees[1])):
        if path not in trees[0] or path not in trees[1]:
            print(f"{path!r}: only in {'second' if path in trees[1] else 'first'}")
            differences += 1
            continue
        facts = [describe(roots[i], path, trees[i][path]) for i in (0, 1)]
        if ids:
            facts[1] = as_mapped(facts[1], *ids)
        for i in (0, 1):
            facts[i]["links"] = groups[i][path]
        for key in sorted(set(facts[0]) | set(facts[1])):
            if facts[0].get(key) != facts[1].get(key):
                print(f"{path!r}: {key}: {facts[0].get(key)!r} | {facts[1].get(key)!r}")
                differences += 1
    print(f"{len(trees[0])} entries compared, {differences} differences")
    sys.exit(1 if differences or len(trees[0]) < 2 else 0)


main()
