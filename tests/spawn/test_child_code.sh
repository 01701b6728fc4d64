#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The child that shares the host's memory calls the kernel and nothing else, whatever a
# compiler is asked to add to the code of the host: looked at in the object file.
#
# Usage: test_child_code.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

command -v objdump > /dev/null || skip "needs objdump (binutils)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# All that runs in the child, and where the host makes it.
functions='child_main|keep_caps_over_exec|raw|clone_and_call'

# compile COMPILER FLAG...
compile() {
    "$@" -std=gnu11 -D_GNU_SOURCE -g -fPIC -I"$source/include" -iquote "$source/lib" \
        -c "$source/lib/spawn/clone.c" -o "$work/clone.o" 2> "$work/err" || {
        cat "$work/err"
        return 1
    }
    objdump -dr --no-show-raw-insn "$work/clone.o" > "$work/code"
}

# The names outside of the file to which some functions refer. Those of its own data begin with a dot.
strangers_of() {
    awk -v "start=^[0-9a-f]+ <($1)([.].*)?>:" \
        '$0 ~ start { on = 1 } /^$/ { on = 0 } on && /R_[A-Z0-9_]+/ && $3 !~ /^[.]/ { print $3 }' \
        "$work/code"
}

calls_nothing() {
    compile "$@"
    [[ $(grep -Ec "<($functions)([.].*)?>:" "$work/code") -eq 4 ]]
    [[ -z $(strangers_of "$functions" | tee /dev/stderr) ]]
}

# The control: the host's own function in the same file does call others.
host_calls_others() {
    compile "$@"
    strangers_of ct__clone_program | grep -q '^fcntl'
}

for compiler in gcc clang; do
    if ! command -v "$compiler" > /dev/null; then
        leave_out "the child's code as $compiler makes it" "needs $compiler"
        continue
    fi
    check "$compiler: the host's code is seen to call others" host_calls_others "$compiler" -O2
    for flags in -O0 -O2 -Os '-O0 -fsanitize=thread' '-O2 -fsanitize=thread' \
        '-O0 -fsanitize=address,undefined' '-O2 -fsanitize=address,undefined' \
        '-O2 -fstack-protector-all'; do
        # shellcheck disable=SC2086 # several flags
        check "$compiler $flags: the child's code calls the kernel and nothing else" \
            calls_nothing "$compiler" $flags
    done
done
finish
