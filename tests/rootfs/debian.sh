# SPDX-License-Identifier: MIT
#
# Sourced by tests that need a Debian root filesystem. It is made once by mmdebstrap, and kept in
# the user's cache. Remove it there to have it made anew. Needs $work, a directory of the test's
# own, and skip() of sentences.sh.

# shellcheck shell=bash disable=SC2154,SC2034 # what the test sets, and what it gets
suite=bookworm
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/libcontainer

# make_debian DIRECTORY PACKAGES: debian.tar in there. Its mounts are in a mount namespace that
# goes with it; the mirror is given up on soon.
make_debian() {
    mkdir -p "$work/temp"
    TMPDIR=$work/temp timeout 1200 unshare --mount mmdebstrap --variant=minbase "--include=$2" \
        --format=tar --aptopt='Acquire::Retries "2"' --aptopt='Acquire::http::Timeout "30"' \
        "$suite" "$1/debian.tar" > "$work/log" 2>&1 < /dev/null
}

# provide_debian PACKAGES FINISH: sets $kept, a directory with what FINISH DIRECTORY has made of
# the debian.tar in there. One for each suite and set of packages; it is there only when it is
# whole. Two runs at once: the second waits for what the first makes. What killed runs left goes.
provide_debian() {
    local part lock
    kept=$cache/$suite-$(sha256sum <<< "--variant=minbase --include=$1 $(uname -m)" | cut -c 1-12)
    mkdir -p "$cache"
    exec {lock}> "$cache/lock"
    flock -w 1500 "$lock" || skip "another run has been making the root filesystem for too long"
    if [[ ! -d $kept ]]; then
        command -v mmdebstrap > /dev/null || skip "needs mmdebstrap, or what it made before in $kept"
        rm -rf "$cache"/part.*
        part=$(mktemp -d "$cache/part.XXXXXX")
        { make_debian "$part" "$1" && "$2" "$part"; } || {
            rm -rf "$part"
            skip "mmdebstrap could not make a root filesystem: $(grep '^E:' "$work/log" | tail -n 1)"
        }
        mv -T "$part" "$kept"
    fi
    exec {lock}>&-
}
