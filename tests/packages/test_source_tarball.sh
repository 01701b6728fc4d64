#!/usr/bin/env bash
#
# The tarball of meson dist, and what debian/ says beside the files that it repeats. That packages can be
# built and used is shown by ./dev packages.
#
# Usage: test_source_tarball.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

for program in meson ninja git tar xz awk; do
    command -v "$program" > /dev/null || skip "needs $program"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset DESTDIR CFLAGS LDFLAGS CC
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$source/meson.build")
name=libcontainer-$version

# ---------------------------------------------------------------- tarball

# dist NAME: the tarball of a clone of that name.
dist() {
    git clone --quiet --no-local "$source" "$1"
    meson setup "$1/build" "$1" -Dauto_features=disabled
    meson dist -C "$1/build" --no-tests
    mv "$1/build/meson-dist/$name.tar.xz" "$1.tar.xz"
}

dist_of_a_clone() {
    dist one
}

same_from_another_clone() {
    umask 077
    TZ=Asia/Kathmandu dist another
    cmp one.tar.xz another.tar.xz
}

# Its directories have names that end with a slash.
holds_what_git_has() {
    diff <(git -C one ls-files | sort) <(tar -tf one.tar.xz | sed -n "s,^$name/\(.*[^/]\)$,\1,p" | sort)
}

can_be_set_up() {
    tar -xf one.tar.xz
    meson setup unpacked "$name" -Dauto_features=disabled -Ddocs=enabled
}

# ----------------------------------------------------------------- debian/

packages_are_of_the_version() {
    local debian
    debian=$(sed -n '1s/^libcontainer (\(.*\)-[^-]*) .*/\1/p' "$source/debian/changelog")
    echo "$debian in debian/changelog, $version in meson.build"
    [[ -n $version && $debian == "$version" ]]
}

copyright_is_the_license() {
    [[ $(sed -n '5,$p' "$source/LICENSE" | wc -l) -gt 10 ]]
    diff <(sed -n '5,$p' "$source/LICENSE") \
        <(sed -n '/^License: Expat$/,$ s/^ //p' "$source/debian/copyright" | sed 's/^\.$//')
}

symbols() {
    awk -f "$source/debian/symbols.awk" "$@"
}

symbols_name_every_call() {
    diff <(sed -n 's/^[[:space:]]*\(ct_[a-z0-9_]*\);$/\1/p' "$source/lib/libcontainer.map") \
        <(symbols "$source/lib/libcontainer.map" | sed -n 's/^ \(ct_[a-z0-9_]*\)@.*/\1/p')
}

# Of a map with two releases.
symbols_have_the_version_of_their_node() {
    printf 'LIBCONTAINER_0.1 {\nglobal:\n\tct_one;\nlocal:\n\t*;\n};\n\n' > map
    printf 'LIBCONTAINER_0.2 {\nglobal:\n\tct_two;\n} LIBCONTAINER_0.1;\n' >> map
    diff <(symbols map | sed 1,2d) - << 'SYMBOLS'
 LIBCONTAINER_0.1@LIBCONTAINER_0.1 0.1
 ct_one@LIBCONTAINER_0.1 0.1
 LIBCONTAINER_0.2@LIBCONTAINER_0.2 0.2
 ct_two@LIBCONTAINER_0.2 0.2
SYMBOLS
}

if [[ -e $source/.git ]]; then
    check "meson dist makes a tarball of a clone" dist_of_a_clone
    check "it makes the same bytes of another clone, in another time zone and umask" same_from_another_clone
    check "the tarball holds what git has, and nothing else" holds_what_git_has
    check "what is unpacked from it can be set up" can_be_set_up
else
    leave_out "what meson dist makes" "these sources are no clone"
fi
check "the packages are of the version that meson.build has" packages_are_of_the_version
check "debian/copyright has the text of LICENSE" copyright_is_the_license
check "the symbols of the package name every call of the map" symbols_name_every_call
check "each has the version of its node" symbols_have_the_version_of_their_node
finish
