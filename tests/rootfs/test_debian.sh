#!/bin/sh
# SPDX-License-Identifier: MIT
# A real Debian root filesystem, extracted by the library and by GNU tar, must be the same to the last attribute.
# usage: test_debian.sh ARCHIVE_DIR EXTRACT_PROGRAM
# ARCHIVE_DIR receives the compressed archives; the plain one is kept between runs in the user's cache.
set -eu

archives=$1
extract=$2
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/libcontainer
plain=$cache/debian-rootfs-bookworm.tar

skip() {
    echo "skipped: $1"
    exit 77
}

[ "$(id -u)" = 0 ] || skip "root is missing"
tar --version | grep -q GNU || skip "GNU tar is missing"
python3 -c 'import hashlib; hashlib.file_digest' 2>/dev/null || skip "python3 (3.11) is missing"
for program in gzip xz zstd; do
    command -v $program >/dev/null || skip "$program is missing"
done

if [ ! -f "$plain" ]; then
    command -v mmdebstrap >/dev/null || skip "mmdebstrap is missing, and no archive is kept at $plain"
    mkdir -p "$cache"
    mmdebstrap --quiet --format=tar --variant=minbase --include=python3,procps bookworm "$plain.part" ||
        skip "mmdebstrap could not make a root filesystem (no mirror?)"
    mv "$plain.part" "$plain"
fi

mkdir -p "$archives"
work=$(mktemp -d "${TMPDIR:-/tmp}/ct-debian-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

newer() { [ -f "$1" ] && [ "$1" -nt "$plain" ]; }
newer "$archives/debian.tar.gz" || gzip -1 -c "$plain" >"$archives/debian.tar.gz"
newer "$archives/debian.tar.xz" || xz -T0 -1 -c "$plain" >"$archives/debian.tar.xz"
newer "$archives/debian.tar.zst" || zstd -q -f -T0 -1 "$plain" -o "$archives/debian.tar.zst"

mkdir "$work/gnu"
tar --xattrs --xattrs-include='*' --acls --numeric-owner -xpf "$plain" -C "$work/gnu"
for archive in "$plain" "$archives/debian.tar.gz" "$archives/debian.tar.xz" "$archives/debian.tar.zst"; do
    echo "$archive:"
    "$extract" --trusted "$archive" "$work/ours"
    python3 "$here/compare_trees.py" "$work/ours" "$work/gnu"
    rm -rf "$work/ours"
done
echo "pipe:"
"$extract" --trusted - "$work/ours" <"$archives/debian.tar.gz"
python3 "$here/compare_trees.py" "$work/ours" "$work/gnu"
[ "$(ls -A "$work")" = "gnu
ours" ] || {
    echo "something was left beside the destination:"
    ls -A "$work"
    exit 1
}
