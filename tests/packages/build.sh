#!/usr/bin/env bash
#
# Runs in a clone of this repository on a fresh machine, as root: builds the Debian packages as
# README.md says, and once more from the tarball of meson dist, elsewhere and in another locale, time
# zone and umask. The second ones go to descriptor 3, as a tar archive. See tools/packages/run.
#
# Usage: build.sh 3> PACKAGES.tar

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/sentences.sh
. tests/sentences.sh
# shellcheck source=tests/fresh/mirror.sh
. tests/fresh/mirror.sh
export DEBIAN_FRONTEND=noninteractive
work=/root/other/place
seen=/root/seen.json

# What types the commands of README.md is in Python, and lintian is no need of a build.
tools_can_be_installed() {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends python3-minimal libpython3-stdlib lintian
}

readme_can_be_typed() {
    tests/lessons/console.py run README.md "$seen" fresh
}

clone_is_clean() {
    git status --porcelain > /root/status
    cat /root/status
    [[ ! -s /root/status ]]
}

# Without a network; what is built with it is nothing that a tarball needs.
tarball_is_made() {
    mkdir -p "$work"
    meson setup /root/dist -Dauto_features=disabled
    unshare --net meson dist -C /root/dist --no-tests
    cp /root/dist/meson-dist/libcontainer-*.tar.xz "$work"
}

tarball_is_built() {
    local tarball version
    cd "$work"
    tarball=$(echo libcontainer-*.tar.xz)
    version=${tarball#libcontainer-}
    mv "$tarball" "libcontainer_${version%.tar.xz}.orig.tar.xz"
    tar -xf libcontainer_*.orig.tar.xz
    cd libcontainer-*/
    umask 002
    env TZ=Asia/Kathmandu LC_ALL=C.UTF-8 dpkg-buildpackage -us -uc
}

same_bytes_as_from_clone() {
    local package count=0
    for package in "$work"/*.deb; do
        cmp "$package" "/root/$(basename "$package")"
        count=$((count + 1))
    done
    [[ $count -ge 4 ]]
}

# Hints of less weight have no part in its status, but are printed.
lintian_finds_nothing() {
    lintian --fail-on error,warning --display-info --allow-root "$work"/*.changes | tee /root/hints
    ! grep '^[EWI]: ' /root/hints
}

need_mirror
check "lintian and an interpreter of Python can be installed" tools_can_be_installed
check "README.md: the commands that build and install packages can be typed" readme_can_be_typed
if [[ -s $seen ]]; then
    while read -r line command; do
        check "README.md, line $line shows what is seen: $command" \
            tests/lessons/console.py check "$seen" "$line"
    done < <(tests/lessons/console.py list "$seen")
fi
check "the clone is as clean as before" clone_is_clean
check "meson dist makes a tarball without a network" tarball_is_made
check "packages and their source can be built from that" tarball_is_built
check "they have the same bytes as those from the clone" same_bytes_as_from_clone
check "lintian finds no error, no warning and nothing else to improve" lintian_finds_nothing
[[ $failures -gt 0 ]] || (cd "$work" && tar -c --exclude='*-dbgsym_*' -- *.deb) >&3
finish
