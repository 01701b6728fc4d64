#!/usr/bin/env bash
#
# The Debian of a fresh machine: a minimal one of this machine's release with git, as a tarball. It is
# made once and kept in the user's cache.
#
# Usage: tests/fresh/debian.sh
#
# Prints the path of the tarball; what it does, on stderr. Exits with 77 and the reason where none can
# be had, or where nothing can be done with it.

set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
source=${here%/tests/fresh}
release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/libcontainer
# shellcheck source=tests/fresh/apart.sh
. "$here/apart.sh"

skip() {
    printf '%s\n' "$*"
    exit 77
}

# The settings by which apt reaches its mirrors. A command to look for a proxy stays here.
apt_settings() {
    apt-config dump | grep -E '^Acquire::(https?|ftp|Check-|Allow|Languages|Retries)' |
        grep -vi 'proxy-auto-detect' || true
}

# The files that say where packages come from.
apt_sources() {
    find /etc/apt/sources.list /etc/apt/sources.list.d -size +0 \
        '(' -name '*.list' -o -name '*.sources' ')' 2> /dev/null | sort
}

# The directories with what vouches for them: keys of packages, certificates of mirrors.
trust() {
    find /etc/apt/keyrings /etc/apt/trusted.gpg.d /usr/share/keyrings \
        /usr/local/share/ca-certificates -maxdepth 0 2> /dev/null
}

# What the Debian is made from; another one is made when this changes.
recipe() {
    local -a files
    # shellcheck disable=SC2046 # a list of directories
    mapfile -t files < <(apt_sources && find $(trust) -type f | sort)
    echo "$release"
    apt_settings
    cat "${files[@]}"
    declare -f make_debian
}

# make_debian FILE.tar: the first process of namespaces of its own. What mmdebstrap makes on
# the way is in memory.
make_debian() {
    local -a sources hooks=()
    local directory
    mapfile -t sources < <(apt_sources)
    for directory in $(trust); do
        hooks+=("--customize-hook=copy-in $directory ${directory%/*}")
    done
    mount -t tmpfs -o mode=755,size=75% work "$here" # seen by nobody else
    apt_settings > "$here/apt.conf"
    # shellcheck disable=SC2016 # it is mmdebstrap that expands it
    TMPDIR=$here mmdebstrap --mode=root --format=tar --variant=minbase \
        --include=git,ca-certificates --aptopt="$here/apt.conf" "${hooks[@]}" \
        --customize-hook='chroot "$1" update-ca-certificates' \
        "$release" "$1" "${sources[@]}" < /dev/null
}

# Sets debian to the tarball, and makes it if there is none.
need_debian() {
    local lock log=$source/build/fresh.log part=$cache/fresh.tar.part
    if [[ -z $release ]] || ! command -v apt-config > /dev/null; then
        skip "a fresh machine can only be made on Debian and its kin"
    fi
    debian=$cache/fresh-$release-$(recipe | sha256sum | cut -c 1-12).tar
    mkdir -p "$cache" "$source/build"
    exec {lock}< "$cache"
    flock "$lock"
    find "$cache" -maxdepth 1 -name 'fresh-*.tar' -mtime +30 -delete # a month is fresh enough
    if [[ ! -f $debian ]]; then
        command -v mmdebstrap > /dev/null || skip "mmdebstrap is missing"
        echo "Making a minimal Debian with git (once; kept as $debian)." >&2
        # shellcheck disable=SC2064 # the path of now
        trap "rm -f '$part'" EXIT
        apart "$here/debian.sh" --make "$part" > "$log" 2>&1 || no_debian "$log"
        mv "$part" "$debian"
    fi
    exec {lock}<&-
}

# Only a mirror that cannot be had is a reason to skip.
no_debian() {
    tail -n 20 "$1" >&2
    if grep -Eq 'Failed to fetch|Could not (resolve|connect)|Temporary failure' "$1"; then
        skip "no mirror of Debian can be had"
    fi
    echo "debian.sh: mmdebstrap failed; all of its output is in $1" >&2
    exit 1
}

# -------------------------------------------------------------------- main

if [[ ${1-} == --make ]]; then
    make_debian "$2"
    exit
fi
[[ $EUID -eq 0 ]] || skip "a fresh machine can only be made by root"
unshare --mount --uts --ipc --pid --fork mount -t tmpfs none /mnt 2> /dev/null ||
    skip "this root may not make namespaces and mounts"
need_debian
printf '%s\n' "$debian"
