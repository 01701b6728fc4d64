#!/usr/bin/env bash
#
# Runs a command as somebody else than root: as a user made for it, whom this machine has
# never heard of. The command finds the checkout at the path of this one and build/gcc (or build/$CT_BUILD) in it,
# all its own: a copy, without .git and the other builds. What it writes there, in its home
# and in /tmp is gone when it ends. Its processes are those of a pid namespace of its own.
#
# Usage: tests/as.sh WHO COMMAND [ARGUMENT...]
#
#   user          an ordinary user with 65,536 subordinate ids (/etc/subuid, /etc/subgid)
#   plain-user    one without
#   mapped-root   root of a user namespace in which the ids 0 to 65535 are mapped: 0 is the
#                 user, the others are his subordinate ids. Started by an ordinary user it is
#                 he who is 0, in his own checkout
#
# Exits as the command does; with 77 and the reason in the last line where it cannot be run.

set -euo pipefail
shopt -s nullglob
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
source=${here%/tests}
self=$here/as.sh
# shellcheck source=tests/fresh/apart.sh
. "$here/fresh/apart.sh"
# shellcheck source=tests/guest.sh
. "$here/guest.sh"

skip() {
    printf '%s\n' "$*" >&2
    exit 77
}

usage() {
    sed -n '/^# Usage/,/^$/s/^# \{0,1\}//p' "$self" >&2
    exit 2
}

# ------------------------------------------------------------ the machine

# copy_checkout DIRECTORY: what the user gets of it.
copy_checkout() {
    local entry
    mkdir "$1"
    for entry in "$source"/* "$source"/.[!.]*; do
        case ${entry##*/} in
            .git | build) ;;
            *) cp -a "$entry" "$1" ;;
        esac
    done
    mkdir "$1/build"
    if [[ -d $source/build/${CT_BUILD:-gcc} ]]; then
        cp -a "$source/build/${CT_BUILD:-gcc}" "$1/build"
    fi
}

# open_way PATH: there is a directory at this path, and everybody may go there. What only some
# may search is covered for those who see these mounts; nothing changes below.
open_way() {
    local part at=''
    local -a parts
    IFS=/ read -r -a parts <<< "${1#/}"
    for part in "${parts[@]}"; do
        at+=/$part
        # It is there, unless it is below a directory that has been covered.
        [[ -d $at ]] || mkdir "$at"
        if [[ $(stat -c %A "$at") != *[xt] ]]; then
            mount -t tmpfs -o mode=755 way "$at"
        fi
    done
}

# lay_machine WHO: in the current directory and then over this machine, for this mount
# namespace alone. The names here stay good when the directory is covered.
lay_machine() {
    cp -a /etc etc
    add_guest etc "$1"
    copy_checkout checkout
    mkdir -p "home/$guest" "run/user/$guest_id" tmp
    chmod 700 "home/$guest" "run/user/$guest_id"
    chmod 1777 tmp
    chown -R "$guest_id:$guest_id" "home/$guest" "run/user/$guest_id" checkout
    mount -t proc -o nosuid,nodev,noexec proc /proc
    mount --bind etc /etc
    mount --bind home /home
    mount --bind run /run
    mount --bind tmp /tmp
    open_way "$source"
    mount --bind checkout "$source"
}

# inside WHO COMMAND...: the first process of the namespaces. This shell stays, and reaps.
inside() {
    local who=$1 variable status=0
    local -a keep=() become=()
    shift
    umask 022
    lay_machine "$who"
    for variable in TERM LANG LC_ALL CI CT_TEST_SCALE {http,https,no}_proxy; do
        [[ -z ${!variable-} ]] || keep+=("$variable=${!variable}")
    done
    if [[ $who == mapped-root ]]; then
        become=("$self" --mapped)
    fi
    cd "$source"
    setpriv --reuid="$guest_id" --regid="$guest_id" --init-groups --inh-caps=-all -- \
        env -i "PATH=$PATH" "HOME=/home/$guest" "USER=$guest" "LOGNAME=$guest" SHELL=/bin/bash \
        "XDG_RUNTIME_DIR=/run/user/$guest_id" "${keep[@]}" "${become[@]}" "$@" || status=$?
    exit "$status"
}

# Becomes root of a user namespace, with processes and mounts that belong to it. The first of
# them reaps. The session is new because one from outside has no number in there.
mapped() {
    # shellcheck disable=SC2016 # it is this shell that expands it
    exec unshare --user --map-root-user --map-auto --setgroups allow --mount --pid --fork \
        --kill-child --mount-proc -- bash -c 'setsid --wait "$@"; exit "$?"' init "$@"
}

# -------------------------------------------------------------------- main

# Whether this user can have 0..65535 mapped; says why not.
why_not_mapped() {
    command -v newuidmap > /dev/null || echo "newuidmap is missing (uidmap)"
    unshare --user true 2> /dev/null || echo "this user may not make user namespaces"
    mapped true 2> /dev/null || echo "this user has no ranges of subordinate ids"
}

as_self() {
    local why
    [[ $1 == mapped-root ]] || skip "only root can make a user for it"
    shift
    why=$(why_not_mapped | head -n 1)
    [[ -z $why ]] || skip "$why"
    cd "$source"
    mapped "$@"
}

as_root() {
    local status=0
    unshare --mount --uts --ipc --pid --fork mount -t tmpfs none /mnt 2> /dev/null ||
        skip "this root may not make namespaces and mounts"
    if [[ $1 == mapped-root ]] && ! command -v newuidmap > /dev/null; then
        skip "newuidmap is missing (uidmap)"
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 711 "$work"
    cd "$work"
    apart "$self" --inside "$@" || status=$?
    exit "$status"
}

case ${1-} in
    --inside) shift && inside "$@" ;;
    --mapped) shift && mapped "$@" ;;
    user | plain-user | mapped-root) [[ $# -gt 1 ]] || usage ;;
    *) usage ;;
esac
if [[ $EUID -eq 0 ]]; then
    as_root "$@"
else
    as_self "$@"
fi
