#!/usr/bin/env bash
#
# Who runs the tests with tests/as.sh: that it is who it shall be, in a checkout of his own, and
# that this machine never hears of him.
#
# Usage: test_as.sh SOURCE-DIRECTORY

# shellcheck disable=SC2016,SC2317 # texts of scripts; check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"
as=$source/tests/as.sh

need_first_root "it makes a user"
"$as" user true 2> /dev/null || skip "$("$as" user true 2>&1 | tail -n 1)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
cd "$work"

# gives CODE COMMAND...: the command exits with that code. Its output is in files.
gives() {
    local code=$1 status=0
    shift
    "$@" > out 2> err < /dev/null || status=$?
    cat out err
    echo "exit code: $status"
    [[ $status -eq $code ]]
}

# says WHO SCRIPT TEXT: what the script prints, run by him.
says() {
    gives 0 "$as" "$1" bash -c "$2" "$source"
    [[ $(tr -s ' ' < out) == "$3" ]]
}

refuses() {
    gives 2 "$as" "$@"
    grep -q '^Usage: tests/as.sh WHO COMMAND' err
    [[ ! -s out ]]
}

passes_status() {
    gives 7 "$as" "$1" sh -c 'exit 7'
}

credentials='grep -E "^(Uid|Gid|Groups|CapEff|NoNewPrivs):" /proc/self/status | tr "\t" " "'

# As ordinary as anybody, with a bounding set that is full.
is_ordinary() {
    gives 0 "$as" "$1" bash -c "$credentials; id -un; cd && pwd && test -w ."
    [[ $(tr -s ' ' < out) == 'Uid: '[1-9]*'CapEff: 0000000000000000'*'NoNewPrivs: 0'*'ct-guest'*'/home/ct-guest' ]]
    [[ $(sed -n 's/^Uid: //p' out | tr ' ' '\n' | sort -u | wc -l) -eq 1 ]]
}

has_ranges() {
    says "$1" 'grep -c "^ct-guest:[0-9]*:65536$" /etc/subuid; grep -c "^ct-guest:" /etc/subgid; true' "$2"
}

maps_all_ids() {
    says mapped-root 'id -u; touch /tmp/x; chown 65535:65535 /tmp/x; stat -c "%u %g" /tmp/x' \
        "$(printf '%s\n' 0 '65535 65535')"
}

has_the_rights_of_its_root() {
    says mapped-root 'mount -t tmpfs none /mnt && mount -t proc none /proc && mkdir /mnt/x && echo mounted' mounted
}

owns_checkout() {
    says user 'cd "$0" && pwd && touch file build/file && find . ! -user ct-guest' "$source"
}

# The machine's files, the users it knows, what is in its temporary directories.
state() {
    md5sum /etc/passwd /etc/group /etc/subuid /etc/subgid 2> /dev/null || true
    ls -A /home /tmp/ct-guest-was-here 2>&1 || true
    cat /proc/self/mounts
}

leaves_nothing() {
    state > before
    gives 0 "$as" user sh -c 'touch /tmp/ct-guest-was-here ~/file; sleep 1000 > /dev/null 2>&1 & id -u'
    state > after
    diff before after
    [[ -z $(pgrep -u "$(< out)" || true) ]]
    [[ $(find "$work" -mindepth 1 -maxdepth 1 -name 'tmp.*' | wc -l) -eq 0 ]]
}

# Someone who may not search a directory on the way to the checkout gets there all the same.
is_reachable() {
    mkdir -p -m 700 closed
    mkdir closed/checkout
    cp -a "$source/tests" "$source/README.md" closed/checkout
    gives 0 closed/checkout/tests/as.sh user sh -c 'pwd; cat README.md > /dev/null; ls "$0/.."' "$work/closed/checkout"
    [[ $(head -n 1 out) == "$work/closed/checkout" ]]
    [[ $(stat -c %a closed) == 700 ]]
}

ends_on_signal() {
    local status=0
    mkfifo door
    "$as" user sh -c 'echo ready; sleep 1000' > door 2> err < /dev/null &
    head -n 1 < door
    kill -TERM $!
    wait $! || status=$?
    [[ $status -eq 143 ]]
}

check "no command is refused, with the usage" refuses user
check "nobody in particular is refused, with the usage" refuses nobody true
check "a user is ordinary" is_ordinary user
check "a user without ranges is ordinary" is_ordinary plain-user
check "a user has subordinate ids" has_ranges user $'1\n1'
check "a plain user has none" has_ranges plain-user $'0\n0'
check "a user owns a copy of the checkout, at its path" owns_checkout
check "a checkout in a closed directory can be reached, and it stays closed" is_reachable
check "the exit code of a user's command is passed on" passes_status user
check "a user leaves nothing on the machine" leaves_nothing
check "it ends on SIGTERM" ends_on_signal
if command -v newuidmap > /dev/null; then
    check "mapped root has the ids from 0 to 65535" maps_all_ids
    check "mapped root may mount in there" has_the_rights_of_its_root
    check "the exit code of mapped root's command is passed on" passes_status mapped-root
else
    leave_out "mapped root" "newuidmap is missing (uidmap)"
fi
finish
