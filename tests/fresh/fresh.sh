#!/usr/bin/env bash
#
# Clones HEAD of this repository on a fresh machine and runs ./dev there. The fresh machine is
# a minimal Debian of this machine's release with git and nothing else (debian.sh), in a world of its
# own (world.sh); apt reaches its mirrors there as it does here.
#
# Usage: tests/fresh/fresh.sh --check | VERB [ARGUMENT...]
#
#   --check    check the sentences of inside.sh
#
# Exits as ./dev does; with 77 and the reason in the last line where no fresh machine can be had.

set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
source=${here%/tests/fresh}
release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")

# -------------------------------------------------------------------- main

if [[ $# -eq 0 ]]; then
    echo "usage: fresh.sh --check | VERB [ARGUMENT...]" >&2
    exit 2
fi
[[ -e $source/.git ]] || {
    echo "a fresh machine gets a clone, and this is none"
    exit 77
}
debian=$("$here/debian.sh") || {
    status=$?
    printf '%s\n' "$debian"
    exit "$status"
}
[[ -z $(git -C "$source" status --porcelain) ]] ||
    echo "Mind: it gets what is committed, and here are changes that are not."
echo "A fresh $release with git, and a clone of $(git -C "$source" log -1 --format='%h (%s)'):"
echo
# shellcheck disable=SC2016 # the fresh machine expands it
exec "$here/world.sh" --clone "$source" "$debian" bash -euc '
    git clone --quiet /srv/repository.git /root/libcontainer
    cd /root/libcontainer
    exec tests/fresh/inside.sh "$@"' inside "$@"
