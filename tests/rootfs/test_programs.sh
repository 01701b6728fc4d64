#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Ordinary programs of a Debian run unchanged in containers of the default spec: each command of
# programs.txt is a sentence. Where they fail, their last words are told.
#
# Usage: test_programs.sh SOURCE-DIRECTORY EXTRACT-PROGRAM RUN-PROGRAM

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
extract=$2
run=$3
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"
# shellcheck source=tests/rootfs/debian.sh
. "$source/tests/rootfs/debian.sh"

need_first_root "a Debian has device nodes"
[[ -x $run ]] || skip "the examples are not built"
for program in zstd flock; do
    command -v "$program" > /dev/null || skip "needs $program"
done
packages=python3,procps,git,gcc,libc6-dev,make,openssh-client,curl,redis-server,sqlite3,file,less,jq,rsync,ca-certificates

work=$(mktemp -d "${TMPDIR:-/tmp}/ct-programs.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$work" # apt, as a user of its own, must be able to pass
root=$work/root

# compress DIRECTORY: the tree in one small file.
compress() {
    zstd -q -T0 -3 --rm "$1/debian.tar" -o "$1/debian.tar.zst"
}

commands() {
    grep -v '^#' "$source/tests/rootfs/programs.txt"
}

lists_at_least() {
    [[ $(commands | sort -u | wc -l) -ge $1 ]]
}

extracts() {
    "$extract" --trusted - "$root" < "$kept/debian.tar.zst"
}

# runs LINE: in a container of its own. The environment, which is empty by default, is that of a login.
runs() {
    timeout 120 "$run" "$root" -- env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root bash -c "$1" < /dev/null > "$work/said" 2>&1 || {
        tail -n 3 "$work/said"
        return 1
    }
}

# The list would say nothing if whatever fails passed.
fails() {
    ! runs "$1" > /dev/null
}

provide_debian "$packages" compress
check "the list has 40 commands or more" lists_at_least 40
check "Debian is extracted" extracts
check "a command that fails is told as such" fails false
check "a command that the default spec refuses is told as such" fails 'unshare --user true'
while IFS= read -r line; do
    check "runs: ${line:0:60}" runs "$line"
done < <(commands)
finish
