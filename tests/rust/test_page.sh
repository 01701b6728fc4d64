#!/usr/bin/env bash
#
# bindings/rust/README.md: its commands are typed in a copy of the sources, and its programs are run.
#
# Usage: test_page.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"
console=$source/tests/lessons/console.py
page=bindings/rust/README.md

[[ $EUID -eq 0 ]] || skip "needs root"
for program in python3 meson ninja gcc pkg-config busybox; do
    command -v "$program" > /dev/null || skip "needs $program"
done
# That of another user's home may be found, and not run.
cargo --version > /dev/null 2>&1 || skip "needs cargo"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset DESTDIR CFLAGS LDFLAGS CC LIBCONTAINER_LIB_DIR
mkdir clone hello hello/src hello/src/bin
(cd "$source" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C clone

types() {
    (cd clone && "$console" run "$page" "$work/seen.json")
}

# The programs of the page, program1 and on, as a package that depends on the crate as the page says.
programs_are_built() {
    awk '/^```$/ { writes = 0 } writes { print > "hello/src/bin/program" count ".rs" }
        /^```rust$/ { writes = 1; count++ }' "clone/$page"
    {
        printf '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n'
        grep -o 'container = { path = "[^"]*" }' "clone/$page" | sed "s|\.\.\./|$work/clone/|"
    } > hello/Cargo.toml
    LIBCONTAINER_LIB_DIR=$work/clone/build/lib/lib cargo build --quiet --offline \
        --manifest-path hello/Cargo.toml --target-dir clone/build/cargo
}

# program NUMBER: runs it beside the root filesystem.
program() {
    LD_LIBRARY_PATH=$work/clone/build/lib/lib clone/build/cargo/debug/program"$1"
}

main_job() {
    cp clone/rootfs.tar.gz .
    said=$(program 1)
    grep -Eq '^ *1 root .* ps$' <<< "$said"
    [[ $said == *$'\nexited with code 0' ]]
}

as_std_process() {
    said=$(program 2)
    [[ $said == "exited with code 0 and said HELLO"*"PROGRAM NotFound: "*no-such-program* ]]
}

many_at_once() {
    said=$(program 3 | sort)
    [[ $said == $'0: exited with code 0\n1: exited with code 1\n2: exited with code 2' ]]
}

# finds VARIABLE=VALUE...: a program is built with these, in a place of its own.
finds() {
    env "$@" cargo build --quiet --offline --manifest-path hello/Cargo.toml --target-dir found --bin program1
}

by_pkg_config() {
    for version in 0.1.0 0.0.9; do
        mkdir "$version"
        printf 'Name: container\nDescription: it\nVersion: %s\nLibs: -L%s -lcontainer\n' "$version" \
            "$work/clone/build/lib/lib" > "$version/container.pc"
    done
    finds PKG_CONFIG_LIBDIR="$work/0.1.0"
    ! finds PKG_CONFIG_LIBDIR="$work/0.0.9"
}

says_what_to_do() {
    said=$(! finds PKG_CONFIG_LIBDIR=/nowhere 2>&1)
    [[ $said == *"libcontainer was not found: "*"LIBCONTAINER_LIB_DIR"* ]]
    said=$(! finds PKG_CONFIG=/no/such/program 2>&1)
    [[ $said == *"/no/such/program: No such file"* ]]
}

check "every command can be typed" types
[[ -s seen.json ]] || finish
while read -r line command; do
    check "line $line shows what is seen: $command" "$console" check seen.json "$line"
done < <("$console" list seen.json)
check "the programs compile against the crate" programs_are_built
check "the main job is done" main_job
check "input is given, output kept, a failure explained" as_std_process
check "a pool and a set of events serve three containers" many_at_once
check "pkg-config tells where a library is that is new enough" by_pkg_config
check "without a library the build says what to do" says_what_to_do
finish
