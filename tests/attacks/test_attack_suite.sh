#!/usr/bin/env bash
#
# The attack suite itself: that it sees an attack that gets through, and says so.
#
# Usage: test_attack_suite.sh SOURCES TEST_ATTACKS

set -euo pipefail
source=$1
attacks=$2
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# gives STATUS COMMAND...: runs it, its output in the file "out".
gives() {
    local want=$1 status=0
    shift
    "$@" > out 2>&1 || status=$?
    [[ $status -eq $want ]] || { cat out && return 1; }
}

# The last line; the numbers in it: tried, stopped, escaped, not applicable, without control.
numbers() {
    tail -n 1 out | tr -dc '0-9 ' | xargs
}

one_is_stopped() {
    gives 0 "$attacks" A07
    [[ $(numbers) =~ ^([1-9])\ ([1-9])\ 0\ [0-4]\ 0$ && ${BASH_REMATCH[1]} -eq ${BASH_REMATCH[2]} ]]
    grep -q '^A07  stopped   read variables of .*; control: works$' out
}

without_the_library_it_escapes() {
    gives 1 "$attacks" --backwards A07
    [[ $(numbers) =~ ^([1-9])\ 0\ ([1-9])\ [0-4]\ 0$ && ${BASH_REMATCH[1]} -eq ${BASH_REMATCH[2]} ]]
    grep -q '^A07  ESCAPED   read variables of' out
}

nothing_tried_is_no_success() {
    gives 1 "$attacks" Z99
    [[ $(numbers) == '0 0 0 0 0' ]]
}

# tallies WANT LINE: what tests/tally.py makes of a run with that closing line.
tallies() {
    printf '{"name": "t", "result": "%s", "stdout": "%s\\n"}\n' "$2" "$3" > log.json
    "$source/tests/tally.py" run=log.json > tally || true
    [[ $(tail -n 1 tally) == "$1" ]]
}

is_tallied() {
    tallies '6 passed, 3 failed, 0 skipped' FAIL \
        'attacks: 9 tried, 6 stopped, 1 escaped, 0 not applicable, 2 without a working control'
    tallies '4 passed, 0 failed, 1 skipped' OK "  skipped  A01 this (root): that\\n$(
        echo 'attacks: 4 tried, 4 stopped, 0 escaped, 1 not applicable, 0 without a working control')"
}

# What the rows of the tables are called, and what the tables of doc/security.md name.
ids_of_suite() {
    grep -ohE '"[A-J][0-9]{2}"' "$source"/tests/attacks/*.c | tr -d '"' | sort -u
}

ids_of_page() {
    grep '^|' "$source/doc/security.md" | grep -oE '\b[A-J][0-9]{2}\b' | sort -u
}

page_and_suite_agree() {
    ids_of_suite > suite
    ids_of_page > page
    [[ $(wc -l < suite) -gt 40 ]]
    diff suite page
}

calls_of_page_exist() {
    local call
    for call in $(grep -oE '`ct_[a-z_]+' "$source/doc/security.md" | tr -d '`' | sort -u); do
        [[ $call == ct_extract_options ]] || grep -w "$call" "$source/lib/libcontainer.map"
    done
}

"$attacks" A07 > out 2>&1 || [[ $? -ne 77 ]] || skip "$(tail -n 1 out)"
check "an attack that the library stops is told so, and counts" one_is_stopped
check "an attack that gets through is told so, counts, and fails the suite" without_the_library_it_escapes
check "a suite that has tried nothing has failed" nothing_tried_is_no_success
check "./dev test counts each attack, and one without a working control as failed" is_tallied
check "each attack stands in doc/security.md beside what it shows, and no other" page_and_suite_agree
check "each call that doc/security.md names exists" calls_of_page_exist
finish
