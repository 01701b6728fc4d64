#!/usr/bin/env bash
#
# Faults and kills in their quick form: one of so many points. ./dev faults and ./dev kills take all.
#
# Usage: test_faults.sh SOURCE-DIRECTORY SUBJECT FAULTS KILLS

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
subject=$2 faults=$3 kills=$4
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work

# ended_well PROGRAM ARGUMENT...: whether it counted points, and nothing was wrong. What this machine
# cannot do is told as skipped.
ended_well() {
    local status=0
    "$@" > "$work/out" || status=$?
    if [[ $status -eq 77 ]]; then
        tail -n 1 "$work/out" > "$work/skipped"
        return
    fi
    cat "$work/out"
    [[ $status -eq 0 ]]
}

# A scenario that does badly on purpose: nothing that it does may go unseen.
sees() {
    local status=0
    "$faults" "$subject" bad > "$work/out" || status=$?
    [[ $status -eq 1 ]] && grep -q "$1" "$work/out" || { cat "$work/out" && false; }
}

# was_well FILE: what kills has said.
was_well() {
    cat "$1"
    [[ $(tail -n 1 "$1") == 'kills: 8 points, 0 residues' ]]
}

# A host that clears away what it makes, unless it is killed.
sees_after_kill() {
    local status=0
    "$kills" "$subject" --random 2 careless > "$work/out" || status=$?
    [[ $status -eq 1 ]] && grep -q "$1" "$work/out" || { cat "$work/out" && false; }
}

leaves_nothing() {
    rm -f "$work/out" "$work/skipped" "$work/life"
    diff <(:) <(ls -A "$work")
}

check "a call that fails has the right answer and leaves nothing" \
    ended_well "$faults" "$subject" --stride 29
[[ ! -s $work/skipped ]] || skip "$(cat "$work/skipped")"
grep '^  skipped  ' "$work/out" || true
check "a host or a process of the library that is killed leaves nothing" \
    ended_well "$kills" "$subject" --stride 61
sentence="a host that is killed at any instant of a container's life leaves nothing that the next start does not clear away"
if "$kills" "$subject" --random 8 > "$work/life" || [[ $? -ne 77 ]]; then
    check "$sentence" was_well "$work/life"
else
    leave_out "$sentence" "$(sed -n 's/^  skipped  life: //p' "$work/life")"
fi
check "a process that outlives its host is seen" sees_after_kill '^residue: careless, .*a process lives on'
check "a directory that no other start clears away is seen" \
    sees_after_kill '^residue: careless, .*a directory stays although'
check "an error that is swallowed is seen" sees '^wrong: bad, .*openat, EMFILE: it succeeds, but this is missing'
check "a wrong error is seen" sees '^wrong: bad, .*openat, ENOMEM: it is not the error that was injected'
check "a step that is not there is seen" sees '^wrong: bad, .*openat, EIO: the error has no step'
check "a descriptor that stays open is seen" sees '^residue: bad, .*openat, EINTR: the host: + descriptor'
check "a process that stays is seen" sees '^residue: bad, .*openat, ENOSPC:'
check "an endless wait is seen" sees '^hang: bad, .*openat, EPERM:'
check "an allocation whose failing ends the host is seen" sees '^wrong: bad, host, allocation 1: the host has ended'
check "nothing of all that is left" leaves_nothing
finish
