#!/usr/bin/env bash
#
# The programs of tools/ that judge the library: that each says so where something is wrong, shown by
# sources and counts in which it is.
#
# Usage: test_tools.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lib build/lint tools/lint
export CT_LINT_ROOT=$work CT_COVERAGE_ROOT=$work

# gives CODE COMMAND...: the command exits with that code; its output is in the file out.
gives() {
    local code=$1 status=0
    shift
    "$@" > out 2>&1 < /dev/null || status=$?
    cat out
    echo "exit code: $status"
    [[ $status -eq $code ]]
}

closes_with() {
    [[ $(tail -n 1 out) == "$1" ]]
}

# ------------------------------------------------------------------- lint

# source TEXT [EXCEPTION]: all that there is to look at.
source_is() {
    printf '%s\n' "$1" > lib/one.c
    printf '%s\n' "${2-}" > tools/lint/exceptions
    printf '[{"directory": "%s", "file": "lib/one.c", "command": "gcc -O2 -c lib/one.c"}]\n' "$work" \
        > build/lint/compile_commands.json
}

lint_passes_good_code() {
    source_is 'int one(int a) { return a + 1; }'
    gives 0 "$source/tools/lint/run" "$1"
    closes_with '1 passed, 0 failed, 0 skipped'
}

# finds TOOL CHECK TEXT: a defect in the second line.
finds() {
    source_is "$3"
    gives 1 "$source/tools/lint/run" "$1"
    grep -qE "^  FAILED   $1: lib/one.c:[23]: .* \[$2\]$" out
    grep -qE '^0 passed, [1-9][0-9]* failed, 0 skipped$' out
}

keeps_to_exceptions() {
    source_is "$3" "$1 $2 lib/one.c because it is shown so"
    gives 0 "$source/tools/lint/run" "$1"
    closes_with '1 passed, 0 failed, 0 skipped'
}

refuses_unneeded_exception() {
    source_is 'int one(int a) { return a + 1; }' "$1 $2 lib/one.c because it was so once"
    gives 1 "$source/tools/lint/run" "$1"
    grep -q '^  FAILED .* line 1 of tools/lint/exceptions is not needed any more' out
}

refuses_exception_without_reason() {
    source_is 'int one(int a) { return a + 1; }' "cppcheck uninitvar lib/one.c"
    gives 1 "$source/tools/lint/run" cppcheck
    grep -q 'is not TOOL CHECK FILE REASON$' out
}

names_code_that_does_not_compile() {
    source_is 'int one(int a) { return b + 1; }'
    gives 1 "$source/tools/lint/run" analyzer
    grep -q '^  FAILED   analyzer: lib/one.c:1: ' out
}

tells_of_missing_tool() {
    mkdir -p bin
    printf '#!/bin/sh\nexec %s "$@"\n' "$(python3 -c 'import sys; print(sys.executable)')" > bin/python3 && chmod 755 bin/python3
    source_is 'int one(int a) { return a + 1; }'
    gives 1 env PATH="$work/bin" "$source/tools/lint/run" cppcheck
    grep -q '^  skipped  cppcheck: needs cppcheck$' out
    closes_with '0 passed, 0 failed, 1 skipped'
}

tells_of_files_without_time() {
    source_is 'int one(int a) { return a + 1; }'
    CT_LINT_SECONDS=0 gives 1 "$source/tools/lint/run" analyzer
    grep -q '^  skipped  analyzer: no time for 1 files, lib/one.c first$' out
}

double_free=$'#include <stdlib.h>\nvoid one(void *a) { free(a); free(a); }'
beyond_end=$'int one(void);\nint one(void) { int a[2] = {0, 1};\n return a[2]; }'
same_ways=$'int one(int a);\nint one(int a) { if (a) a = 1; else a = 1; return a; }'

# --------------------------------------------------------------- coverage

# counts FILE RUN...: what gcov would print of lib/room/one.c, of which each line ran so often.
counts() {
    local file=$1 number=0 lines='' count
    shift
    mkdir -p lib/room
    for count; do
        number=$((number + 1))
        lines+="${lines:+,}{\"line_number\": $number, \"count\": $count, \"branches\": []}"
    done
    printf '{"files": [{"file": "lib/room/one.c", "lines": [%s]}]}\n' "$lines" > "$file"
}

# All ten lines are those of a function each of five.
ten_lines() {
    printf 'int %s(void)\n{\n\n\n}\n' one two > lib/room/one.c
}

table() {
    "$source/tools/coverage/table.py" "$@"
}

passes_nine_of_ten() {
    counts root.json 1 1 1 1 1 1 1 1 1 0
    ten_lines && : > unrun
    gives 0 table unrun root.json
    grep -qE '^  total +10 +9 +90.0%' out
    closes_with '1 passed, 0 failed, 0 skipped'
}

refuses_eight_of_ten() {
    counts root.json 1 1 1 1 1 1 1 1 0 0
    ten_lines && : > unrun
    gives 1 table unrun root.json
    grep -q '^  FAILED   80.0 % of the lines ran, 90 % are required$' out
}

adds_what_others_ran() {
    counts root.json 1 1 1 1 1 1 1 1 0 0
    counts user.json 0 0 0 0 0 0 0 0 7 7
    ten_lines && : > unrun
    gives 0 table unrun root.json user.json
    grep -qE '^  total +10 +10 +100.0%' out
}

wants_a_reason_for_a_function() {
    counts root.json 1 1 1 1 1 0 0 0 0 0
    ten_lines && : > unrun
    gives 1 table unrun root.json
    grep -q '^  never ran, and no reason is given: lib/room/one.c: two()$' out
    echo 'lib/room/one.c | two | no kernel here does that' > unrun
    gives 1 table unrun root.json
    [[ $(grep -c 'no reason is given' out) -eq 0 ]]
}

refuses_a_reason_that_fits_nothing() {
    counts root.json 1 1 1 1 1 1 1 1 1 1
    ten_lines && echo 'lib/room/one.c | two | no kernel here does that' > unrun
    gives 1 table unrun root.json
    grep -q '^  FAILED   a reason fits no line: lib/room/one.c | two | ' out
}

explains_a_kind_of_statement() {
    counts root.json 1 1 1 1 0 0 0 1 1 0
    printf '%s\n' 'int one(void)' '{' $'\tif (two())' $'\t\treturn refuse(1,' $'\t2,' $'\t3);' $'\tfour();' '' '' '}' > lib/room/one.c
    echo '* | /^return refuse/ | nobody asks for it' > unrun
    gives 1 table --list list unrun root.json
    grep -q '^ *2  nobody asks for it$' out
    grep -q '^ *2  no reason is given' out
    grep -q '^lib/room/one.c:6: 3);  # one: nobody asks for it$' list
    grep -q '^lib/room/one.c:7: four();  # one: no reason$' list
}

# -------------------------------------------------------------------- abi

abi_says_that_there_is_no_release() {
    git init -q nothing && mkdir -p nothing/tools && cp -r "$source/tools/abi" nothing/tools/
    gives 77 nothing/tools/abi/run
    closes_with 'no release has a tag yet'
}

abi_refuses_unknown_commit() {
    gives 2 nothing/tools/abi/run no-such-commit
    grep -qF 'there is no commit no-such-commit' out
}

# --------------------------------------------------------- reliability.md

page=$source/doc/reliability.md

verbs_of_page() {
    grep -oE '`\./dev [a-z0-9]+' "$page" | cut -d' ' -f2 | sort -u
}

page_names_verbs_that_exist() {
    local verb count=0
    for verb in $(verbs_of_page); do
        sed -n '/^main() {/,/^}/p' "$source/dev" | grep -qE "^ *([a-z0-9]+ \| )*$verb( \| [a-z0-9]+)*\) " ||
            { echo "there is no ./dev $verb" && return 1; }
        count=$((count + 1))
    done
    [[ $count -ge 10 ]]
}

page_names_what_ci_runs() {
    local verb
    for verb in $(sed -n '/^check\|^beside/p' "$source/.ci/run" | grep -o '\./dev [a-z0-9]*' | cut -d ' ' -f 2 |
        grep -vx fresh | sort -u); do
        verbs_of_page | grep -qx "$verb" || { echo "$verb" && return 1; }
    done
}

page_names_tests_that_exist() {
    local name count=0
    for name in $(grep -oE '\btest_[a-z_]+' "$page" | sort -u); do
        [[ -n $(find "$source/tests" -name "$name.*") ]] || { echo "$name" && return 1; }
        count=$((count + 1))
    done
    for name in $(grep -oE '`(tests|tools)/[a-z_/]+`' "$page" | tr -d '`' | sort -u); do
        [[ -e $source/$name ]] || { echo "$name" && return 1; }
    done
    [[ $count -ge 2 ]]
}

# ----------------------------------------------------------------- checks

# tool NAME PROGRAM CHECK DEFECT: the sentences of a tool.
lint_tool() {
    if ! command -v "$2" > /dev/null; then
        leave_out "what lint says of $1" "needs $2"
        return
    fi
    check "lint: $1 passes good code" lint_passes_good_code "$1"
    check "lint: $1 finds a planted defect, and says where" finds "$1" "$3" "$4"
    check "lint: $1 keeps to an exception" keeps_to_exceptions "$1" "$3" "$4"
    check "lint: an exception of $1 that nothing needs is a failure" refuses_unneeded_exception "$1" "$3"
}

lint_tool analyzer gcc analyzer-double-free "$double_free"
lint_tool cppcheck cppcheck arrayIndexOutOfBounds "$beyond_end"
lint_tool tidy clang-tidy bugprone-branch-clone "$same_ways"
check "lint: an exception without a reason is refused" refuses_exception_without_reason
check "lint: what does not compile is a failure" names_code_that_does_not_compile
check "lint: a tool that is not there is counted as skipped" tells_of_missing_tool
check "lint: files that there was no time for are counted as skipped" tells_of_files_without_time
check "coverage: nine lines of ten pass" passes_nine_of_ten
check "coverage: eight lines of ten do not" refuses_eight_of_ten
check "coverage: a line counts whoever ran it" adds_what_others_ran
check "coverage: a function of which nothing ran is named as long as it has no reason" wants_a_reason_for_a_function
check "coverage: a reason that fits no line is refused" refuses_a_reason_that_fits_nothing
check "coverage: a reason can be that of each statement of a kind, to its last line" explains_a_kind_of_statement
if command -v abidiff > /dev/null && command -v git > /dev/null; then
    check "abi: without a release it says so" abi_says_that_there_is_no_release
    check "abi: an unknown commit is refused" abi_refuses_unknown_commit
else
    leave_out "what abi says without a release" "needs abidiff and git"
fi
check "doc/reliability.md names verbs of ./dev that exist" page_names_verbs_that_exist
check "doc/reliability.md names all that .ci/run runs" page_names_what_ci_runs
check "doc/reliability.md names tests and files that exist" page_names_tests_that_exist
finish
