#!/usr/bin/env bash
#
# What ./dev says to who has not everything it needs, and how .ci/run counts. Both run as
# copies, with a PATH on which there is next to nothing, and an apt-get that only takes notes.
#
# Usage: test_dev.sh SOURCE-DIRECTORY

# shellcheck disable=SC2016,SC2317 # texts of scripts; check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
unset TERM
mkdir -p clone/examples clone/.ci clone/tools bin
install -m 755 "$source/dev" clone/dev
install -m 644 "$source/tools/needs" clone/tools/needs
for program in bash sh env cat cut dirname grep mkdir mktemp rm sed tail tee xargs echo true; do
    ln -s "$(type -P "$program")" bin/
done
dev=(env "PATH=$work/bin" clone/dev)
printf '#!/bin/sh\necho made > "$1"\n' > clone/examples/rootfs.sh
chmod 755 clone/examples/rootfs.sh

# gives CODE COMMAND...: the command exits with that code. Its output is in files.
gives() {
    local code=$1 status=0
    shift
    "$@" > out 2> err < /dev/null || status=$?
    cat out err
    echo "exit code: $status"
    [[ $status -eq $code ]]
}

# as_user COMMAND...: not as root.
as_user() {
    if [[ $EUID -eq 0 ]]; then
        chown -R 65534:65534 clone note
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

# program NAME TEXT: a script on the PATH.
program() {
    rm -f "bin/$1"
    printf '#!%s/bin/sh\n%s\n' "$work" "$2" > "bin/$1"
    chmod 755 "bin/$1"
}

# with_apt TEXT: an apt-get that notes how it is called, and does this at an install.
with_apt() {
    rm -rf clone/build
    : > note
    program apt-get 'echo "$*" >> '"$work"'/note; [ "$1" = install ] || exit 0; '"$1"
}

without_apt() {
    rm -rf clone/build bin/apt-get
    : > note
}

# ------------------------------------------------------------------- help

helps() {
    gives 0 "${dev[@]}" "$@"
    [[ $(head -n 1 out) == 'Usage: ./dev VERB [ARGUMENT...]' && ! -s err ]]
}

help_names_each_verb() {
    local verb verbs
    verbs=$(sed -n '/^main() {/,/^}/s/^ *\([a-z]*\)[) ].*;;$/\1/p' "$source/dev")
    [[ $(wc -l <<< "$verbs") -ge 5 ]]
    gives 0 "${dev[@]}" help
    for verb in $verbs; do
        grep -q "^  $verb " out
    done
}

refuses_unknown_verb() {
    gives 1 "${dev[@]}" no-such-verb
    grep -q '^dev: no such verb: no-such-verb$' err
    grep -q '^Usage: ' err
    [[ ! -s out ]]
}

refuses_nobody() {
    gives 1 "${dev[@]}" test --as nobody
    grep -q '^dev: usage: ./dev test --as user|plain-user|mapped-root ' err
    [[ ! -s out ]]
}

vm_names_unknown_option() {
    gives 1 "${dev[@]}" vm --frobnicate
    grep -q '^dev: there is no option --frobnicate of ./dev vm$' err
    [[ ! -s out ]]
}

# ---------------------------------------------------------------- set-up

# names PACKAGE...: each as missing, with its purpose, and as to be installed.
names() {
    local package
    for package; do
        grep -Eq "^  $package +[a-z]" out
        grep -Eq "^dev: please install, under these or similar names:.* $package( |$)" err
    done
}

# names_not PACKAGE...
names_not() {
    local package
    for package; do
        [[ $(grep -cE "^  $package " out) -eq 0 ]]
    done
}

stops_before_building() {
    [[ $(grep -c 'libcontainer on Linux' out) -eq 0 && ! -e clone/build/release ]]
}

demo_names_what_is_missing() {
    without_apt
    gives 1 "${dev[@]}" demo
    names gcc libc6-dev meson ninja-build pkg-config libarchive-dev libcap-dev python3 busybox-static
    names_not check clang mmdebstrap
    grep -q '^It can be installed from here only on Debian' out
    stops_before_building
}

own_tarball_needs_no_busybox() {
    without_apt
    gives 1 "${dev[@]}" demo some.tar.gz
    names gcc meson
    names_not busybox-static
}

# busybox alone does not tell whether it is static.
rootfs_names_binutils() {
    without_apt
    program busybox ''
    gives 1 "${dev[@]}" rootfs file.tar.gz
    rm bin/busybox
    names binutils
    [[ ! -e file.tar.gz ]]
}

# What only widens the tests is named, but nobody has to install it.
test_asks_for_no_extra() {
    without_apt
    gives 1 "${dev[@]}" test --quick
    names gcc check
    grep -Eq '^  clang +[a-z]' out
    [[ $(grep -c 'clang' err) -eq 0 ]]
}

user_without_sudo_changes_nothing() {
    with_apt ''
    gives 1 as_user "${dev[@]}" demo
    names gcc meson
    grep -q 'as root or with sudo' out
    [[ ! -s note ]]
    stops_before_building
}

# An apt-get that installs puts there what the group "rootfs" needs.
installing_apt() {
    with_apt 'for name in readelf busybox tar gzip; do
        echo "#!'"$work"'/bin/sh" > '"$work"'/bin/$name; '"$(type -P chmod)"' 755 '"$work"'/bin/$name
    done'
    chmod 777 bin
}

installed_and_went_on() {
    grep -q '^Installing it with apt.$' out
    [[ $(head -n 1 note) == 'update -qq' && $(wc -l < note) -eq 2 ]]
    grep -q '^install .* busybox-static binutils tar gzip$' note
    [[ $(cat file.tar.gz) == made ]]
    rm -f file.tar.gz bin/readelf bin/busybox bin/tar bin/gzip
}

root_installs_and_goes_on() {
    installing_apt
    gives 0 "${dev[@]}" rootfs file.tar.gz
    installed_and_went_on
}

user_with_sudo_installs_and_goes_on() {
    installing_apt
    program sudo '[ "$1" = -n ] && shift; echo sudo >> '"$work"'/asked; exec "$@"'
    : > asked
    : > file.tar.gz
    chmod 666 asked file.tar.gz
    gives 0 as_user "${dev[@]}" rootfs "$work/file.tar.gz"
    rm bin/sudo
    [[ -s asked ]]
    installed_and_went_on
}

shows_why_apt_failed() {
    with_apt 'echo "E: no such mirror"; exit 100'
    gives 1 "${dev[@]}" demo
    grep -q '^E: no such mirror$' out
    names gcc meson
    stops_before_building
}

# Where one package is not known apt installs none, but it does when asked for the others.
unknown_package_keeps_nothing_out() {
    with_apt 'case "$*" in *clang*) echo "E: Unable to locate package clang"; exit 100 ;; esac'
    gives 1 "${dev[@]}" test --quick
    grep -q '^E: Unable to locate package clang$' out
    [[ $(grep -c '^install .* gcc .* clang ' note) -eq 1 ]]
    [[ $(grep -c 'Timeout=300 gcc$' note) -eq 1 ]]
    [[ $(grep -c 'Timeout=300 libxml2-dev$' note) -eq 1 ]]
}

# -------------------------------------------------------------------- CI

# ci CHECK...: .ci/run with these checks instead of its own; each is a script's text.
ci() {
    local n=0 text
    sed -e '/^check /d' -e '/^beside /d' -e '/^\.\/dev /d' -e '/^close$/d' "$source/.ci/run" > clone/.ci/run
    for text; do
        n=$((n + 1))
        printf '#!%s/bin/sh\n%s\n' "$work" "$text" > "clone/check-$n"
        chmod 755 "clone/check-$n"
        echo "${how:-check} ./check-$n" >> clone/.ci/run
    done
    echo close >> clone/.ci/run
    chmod 755 clone/.ci/run
    env "PATH=$work/bin" clone/.ci/run
}

closes_with() {
    [[ $(tail -n 1 out) == "$1" && $(grep -c '^[0-9]* passed' out) -eq 1 ]]
}

ci_sums() {
    gives 0 ci 'echo "5 passed, 0 failed, 2 skipped"' \
        'echo "  skipped  this: that"; echo "100%: Checks: 8, Failures: 0, Errors: 0"' \
        'echo "all is well"'
    closes_with '14 passed, 0 failed, 3 skipped'
}

ci_counts_failures() {
    gives 1 ci 'echo "5 passed, 1 failed, 0 skipped"; exit 1' \
        'echo "66%: Checks: 6, Failures: 1, Errors: 1"; exit 1' \
        'echo "what is this"; exit 3' \
        'echo "2 passed, 0 failed, 0 skipped"'
    closes_with '11 passed, 4 failed, 0 skipped'
}

ci_fails_if_one_dies_after_its_count() {
    gives 1 ci 'echo "5 passed, 0 failed, 0 skipped"; exit 1'
    closes_with '5 passed, 1 failed, 0 skipped'
}

ci_fails_if_nothing_passed() {
    gives 1 ci 'echo "no mirror"; exit 77'
    closes_with '0 passed, 0 failed, 1 skipped'
}

ci_names_what_is_skipped() {
    gives 0 ci 'echo "1 passed, 0 failed, 0 skipped"' 'echo "no mirror"; exit 77'
    grep -q '^ *skipped: no mirror$' out
    closes_with '1 passed, 0 failed, 1 skipped'
}

ci_counts_what_goes_on_beside() {
    how=beside gives 0 ci 'echo "  skipped  this: that"; echo "5 passed, 0 failed, 2 skipped"'
    closes_with '5 passed, 0 failed, 2 skipped'
}

ci_fails_if_what_goes_on_beside_does() {
    how=beside gives 1 ci 'echo "5 passed, 0 failed, 0 skipped"; exit 1'
    closes_with '5 passed, 1 failed, 0 skipped'
}

check "./dev help gives the usage" helps help
check "./dev --help gives the usage" helps --help
check "./dev alone gives the usage" helps
check "./dev help names each verb" help_names_each_verb
check "an unknown verb is refused, with the usage" refuses_unknown_verb
check "./dev test --as nobody is refused, with who there is" refuses_nobody
check "./dev vm names an option that it does not know" vm_names_unknown_option
check "./dev demo names what is missing where there is no apt" demo_names_what_is_missing
check "./dev demo with a tarball needs no busybox" own_tarball_needs_no_busybox
check "./dev rootfs names binutils" rootfs_names_binutils
check "./dev test asks for nothing that only widens the tests" test_asks_for_no_extra
check "a user without sudo reads what to install, and apt is not called" user_without_sudo_changes_nothing
check "a user with sudo installs what is missing, and it goes on" user_with_sudo_installs_and_goes_on
if [[ $EUID -eq 0 ]]; then
    check "root installs what is missing, and it goes on" root_installs_and_goes_on
    check "it shows why apt failed, and stops" shows_why_apt_failed
    check "a package that apt does not know keeps no other from being installed" unknown_package_keeps_nothing_out
else
    leave_out "what root does" "needs root"
fi
check ".ci/run adds up what its checks count" ci_sums
check ".ci/run counts failures" ci_counts_failures
check ".ci/run fails if a check dies after its count" ci_fails_if_one_dies_after_its_count
check ".ci/run fails if nothing passed" ci_fails_if_nothing_passed
check ".ci/run names what is skipped" ci_names_what_is_skipped
check ".ci/run counts what goes on beside the checks" ci_counts_what_goes_on_beside
check ".ci/run fails if what goes on beside the checks fails" ci_fails_if_what_goes_on_beside_does
finish
