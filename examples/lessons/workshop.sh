#!/usr/bin/env bash
#
# Makes a directory to take the lessons in: the programs, and two root filesystems as
# tarballs that differ in all that can differ.
#
# Usage: examples/lessons/workshop.sh DIRECTORY-OF-PROGRAMS NEW-DIRECTORY

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ $# -ne 2 ]]; then
    echo "usage: workshop.sh DIRECTORY-OF-PROGRAMS NEW-DIRECTORY" >&2
    exit 2
fi
programs=$(cd "$1" && pwd)
mkdir -p "$2"
for lesson in "$here"/[0-9]*.c; do
    name=$(basename "$lesson" .c)
    ln -sfn "$programs/$name" "$2/$name"
done
"$here/../rootfs.sh" "$2/busybox.tar.gz"
"$here/machine.sh" "$2/machine.tar.gz"
