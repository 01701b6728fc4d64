#!/usr/bin/env bash
#
# Runs in a clone of this repository on a fresh machine, as root, before anything is installed
# but git: what README.md says of such a machine, as sentences. See fresh.sh.
#
# Usage: inside.sh --check | VERB [ARGUMENT...]

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/sentences.sh
. tests/sentences.sh
# shellcheck source=tests/fresh/mirror.sh
. tests/fresh/mirror.sh

# gives CODE COMMAND...: the command exits with that code. Its output is in /tmp/out.
gives() {
    local code=$1 status=0
    shift
    "$@" > /tmp/out 2>&1 < /dev/null || status=$?
    cat /tmp/out
    echo "exit code: $status"
    [[ $status -eq $code ]]
}

says() {
    grep -qE -e "$1" /tmp/out
}

# as_user COMMAND...: in a login of an ordinary user, in a clone that is the user's.
as_user() {
    su --login guest --command "cd libcontainer && $*"
}

make_user() {
    useradd --create-home --shell /bin/bash guest
    git clone --quiet . /home/guest/libcontainer
    chown -R guest: /home/guest/libcontainer
}

# ------------------------------------------------------------------ sentences

has_only_git() {
    local program
    command -v git
    for program in gcc cc make meson ninja pkg-config python3 busybox readelf ps sudo; do
        [[ -z $(command -v "$program") ]]
    done
}

# The container's root is alone in there, and ps is its first process.
shows_the_view() {
    says '^ +uid=0\(root\) gid=0\(root\)'
    says '^ +1 root +/bin/ps$'
    [[ $(sed -n '/^PID /,/^$/p' /tmp/out | grep -c ' root ') -eq 1 ]]
    says '^ +end +exit code 0 '
}

demo_shows_the_view() {
    gives 0 "$@" ./dev demo
    shows_the_view
}

demo_installs() {
    demo_shows_the_view "$@"
    says '^Installing it with apt'
}

demo_installs_nothing() {
    demo_shows_the_view "$@"
    [[ $(grep -c -e 'lacks' -e 'Installing' /tmp/out) -eq 0 ]]
}

user_reads_what_to_install() {
    gives 1 as_user ./dev demo
    says '^  gcc +the C compiler$'
    says 'please install, .*: gcc .*busybox-static'
    [[ $(grep -c 'Installing' /tmp/out) -eq 0 ]]
}

sudo_demo_installs() {
    apt-get install -y -qq --no-install-recommends sudo
    echo 'guest ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/guest
    apt-get purge -y -qq ninja-build
    [[ -z $(command -v ninja) ]]
    demo_installs as_user
}

clone_is_clean() {
    git -c safe.directory='*' -C "$1" status --porcelain > /tmp/out
    cat /tmp/out
    [[ ! -s /tmp/out ]]
}

user_may_make_namespaces() {
    as_user unshare --user --map-root-user --mount --pid --net --fork true > /dev/null 2>&1
}

# ---------------------------------------------------------------------- main

need_mirror
if [[ ${1-} != --check ]]; then
    exec ./dev "$@"
fi

make_user
check "there is git, and nothing that a build needs" has_only_git
check "a user without sudo reads what to install, and no more happens" user_reads_what_to_install
check "./dev demo installs what it needs and ends with the container's own view" demo_installs
check "./dev demo does it again without installing" demo_installs_nothing
if user_may_make_namespaces; then
    check "./dev demo does it for a user without sudo" demo_installs_nothing as_user
    check "./dev demo does it for a user with sudo, and installs what is missing" sudo_demo_installs
else
    leave_out "./dev demo does it for ordinary users" "they may not make user namespaces here"
fi
check "root's clone is as clean as before" clone_is_clean .
check "the user's clone is as clean as before" clone_is_clean /home/guest/libcontainer
finish
