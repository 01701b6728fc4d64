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

# tells TEXT: what was seen of it.
tells() {
    grep -q "$1" "$work/bad" || { cat "$work/bad" && false; }
}

# was_well FILE: what kills has said.
was_well() {
    cat "$1"
    [[ $(tail -n 1 "$1") == 'kills: 8 points, 0 residues' ]]
}

# fails FILE PROGRAM ARGUMENT...: whether it says by its status that something was wrong.
fails() {
    local file=$1 status=0
    shift
    "$@" > "$work/$file" || status=$?
    [[ $status -eq 1 ]] || { cat "$work/$file" && false; }
}

leaves_nothing() {
    rm -f "$work/out" "$work/skipped" "$work/life" "$work/bad"
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
# A host that clears away what it makes, unless it is killed.
check "a careless host is a failure" fails bad "$kills" "$subject" --random 2 careless
check "a process that outlives its host is seen" tells '^residue: careless, .*a process lives on'
check "a directory that no other start clears away is seen" tells '^residue: careless, .*a directory stays although'
check "a scenario that does badly is a failure" fails bad "$faults" "$subject" bad
check "an error that is swallowed is seen" tells '^wrong: bad, .*openat, EMFILE: it succeeds, but this is missing'
check "a wrong error is seen" tells '^wrong: bad, .*openat, ENOMEM: it is not the error that was injected'
check "a step that is not there is seen" tells '^wrong: bad, .*openat, EIO: the error has no step'
check "a descriptor that stays open is seen" tells '^residue: bad, .*openat, EINTR: the host: + descriptor'
check "a process that stays is seen" tells '^residue: bad, .*openat, ENOSPC:'
check "an endless wait is seen" tells '^hang: bad, .*openat, EPERM:'
check "an allocation whose failing ends the host is seen" tells '^wrong: bad, host, allocation 1: the host has ended'
check "nothing of all that is left" leaves_nothing
finish
