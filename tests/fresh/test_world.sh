#!/usr/bin/env bash
#
# world.sh, with the small root filesystem of ./dev rootfs: what a command sees in there, how
# it ends, and that nothing of it is left.
#
# Usage: test_world.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

need_first_root "a fresh machine has all the rights of this one"
unshare --mount --uts --ipc --pid --fork mount -t tmpfs none /mnt 2> /dev/null ||
    skip "needs the right to make namespaces and mounts"
# With mounts of its own, so that nobody else's come and go in what it compares; and hearing SIGHUP,
# which nohup has all ignore.
[[ -n ${WORLD_TEST-} ]] || WORLD_TEST=1 exec unshare --mount env --default-signal=HUP "$0" "$@"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir tmp
export TMPDIR=$work/tmp
"$source/examples/rootfs.sh" rootfs.tar.gz || skip "needs a static busybox, tar and gzip"

world() {
    "$source/tests/fresh/world.sh" "$@"
}

inside() {
    world rootfs.tar.gz "$@"
}

# What somebody outside would see of a world that has not ended well.
state() {
    cat /proc/self/mountinfo
    hostname
    find "$TMPDIR" "$source/tests/fresh"
}

exits_with() {
    local status=0
    inside sh -c "exit $1" || status=$?
    [[ $status -eq $1 ]]
}

gives_all_rights() {
    inside cat /proc/self/status > status
    diff <(grep ^Cap status) <(grep ^Cap /proc/self/status)
}

masks_nothing() {
    inside cut -d ' ' -f 5,6 /proc/self/mountinfo > mounts
    cat mounts
    grep -q '^/proc rw,' mounts
    grep -q '^/sys rw,' mounts
    [[ $(grep -c '^/proc/' mounts) -eq 0 ]]
}

has_processes_of_its_own() {
    inside ps -o pid,args > processes
    cat processes
    [[ $(awk 'NR > 1' processes | wc -l) -eq 2 ]]
    grep -q '^ *1 .*init ps' processes
}

# The mount of the machine's tree went with the pivot.
shows_no_mount_of_the_machine() {
    inside cut -d ' ' -f 5 /proc/self/mountinfo > mounts
    [[ $(grep -cvE '^/($|proc|run|sys|dev)' mounts) -eq 0 ]]
}

keeps_changes() {
    local before
    before=$(sha256sum rootfs.tar.gz)
    inside sh -c 'touch /new /tmp/new /dev/new && hostname other'
    [[ $(sha256sum rootfs.tar.gz) == "$before" && ! -e /new && ! -e /dev/new ]]
    # shellcheck disable=SC2016 # the shell inside expands it
    inside sh -c '[ ! -e /new ] && [ "$(hostname)" = fresh ]'
}

passes_input() {
    [[ $(echo text | inside cat) == text ]]
}

ignores_no_signal() {
    inside grep SigIgn /proc/self/status > ignored
    cat ignored
    grep -Eq '^SigIgn:\s+0+$' ignored
}

explains_usage() {
    local status=0
    world rootfs.tar.gz 2> err || status=$?
    [[ $status -eq 2 ]]
    grep -q '^usage: world.sh' err
}

fails_without_tarball() {
    local status=0
    world no-such.tar true 2> err || status=$?
    cat err
    [[ $status -ne 0 ]]
    grep -q 'no-such.tar' err
}

# ---------------------------------------------------------------- clones

make_repository() {
    export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
    git init --quiet repository
    git -C repository commit --quiet --allow-empty --message=first
    git -C repository commit --quiet --allow-empty --message=second
}

# brings_head REPOSITORY
brings_head() {
    world --clone "$1" rootfs.tar.gz tar -cC /srv repository.git | tar -x
    [[ $(git -C repository.git log -1 --format=%H) == "$(git -C repository log -1 --format=%H)" ]]
    rm -rf repository.git
}

brings_head_of_somebody() {
    cp -a repository foreign
    chown -R nobody foreign
    brings_head foreign
}

brings_head_of_shallow() {
    git clone --quiet --depth=1 "file://$work/repository" shallow
    brings_head shallow
}

brings_detached_head() {
    git clone --quiet repository detached
    git -C detached checkout --quiet --detach
    brings_head detached
}

# ------------------------------------------------------------------- ends

# Its argument marks the processes of one world, and all of them hold the fifo open, which is
# descriptor 3 here. It says when they run.
start_world() {
    local line
    mark=1$RANDOM$RANDOM
    rm -f fifo && mkfifo fifo
    # In the background a shell lets its children ignore SIGINT.
    # shellcheck disable=SC2016 # the shell inside expands it
    env --default-signal=INT,QUIT "$source/tests/fresh/world.sh" rootfs.tar.gz \
        sh -c 'setsid sleep "$1" & echo ready; sleep "$1"' sh "$mark" > fifo 2> err &
    world=$!
    exec 3< fifo
    read -r line <&3
    [[ $line == ready && -n $(processes_left) ]]
}

processes_left() {
    grep -lazE "^$mark\$" /proc/[0-9]*/cmdline 2> /dev/null
}

# ends_by SIGNAL CODE: nothing runs any more when world.sh has ended.
ends_by() {
    local status=0
    start_world
    kill -"$1" "$world"
    wait "$world" || status=$?
    exec 3<&-
    [[ $status -eq $2 && -z $(processes_left) ]]
}

# What kills it cannot wait for the others: the last one that ends closes the fifo.
ends_when_killed() {
    start_world
    kill -KILL "$world"
    wait "$world" || true
    timeout 60 cat <&3
    [[ -z $(processes_left) ]]
}

leaves_nothing() {
    diff before <(state)
}

state > before
check "it exits as the command does" exits_with 7
check "the command has every right of this root" gives_all_rights
check "nothing of /proc and /sys is masked" masks_nothing
check "it has processes of its own" has_processes_of_its_own
check "no mount of the machine is in there" shows_no_mount_of_the_machine
check "changes in there stay in there, and end with it" keeps_changes
check "the command reads the input" passes_input
check "no signal is ignored in there" ignores_no_signal
check "it explains its usage" explains_usage
check "it names the tarball that is missing" fails_without_tarball
if command -v git > /dev/null; then
    make_repository
    check "it brings HEAD of a repository" brings_head repository
    check "it brings HEAD of somebody else's repository" brings_head_of_somebody
    check "it brings HEAD of a shallow clone" brings_head_of_shallow
    check "it brings a HEAD that is on no branch" brings_detached_head
else
    leave_out "it brings HEAD of a repository" "git is missing"
fi
check "it ends on SIGINT" ends_by INT 130
check "it ends on SIGTERM" ends_by TERM 143
check "it ends on SIGHUP" ends_by HUP 129
check "it ends when it is killed" ends_when_killed
check "it leaves nothing" leaves_nothing
finish
