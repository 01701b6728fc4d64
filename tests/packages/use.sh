#!/usr/bin/env bash
#
# Runs in a clone of this repository on a fresh machine, as root, with the Debian packages in
# /root/packages: installs them, uses them, and takes them off again. See tools/packages/run.
#
# Usage: use.sh

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/sentences.sh
. tests/sentences.sh
# shellcheck source=tests/install/example.sh
. tests/install/example.sh
# shellcheck source=tests/fresh/mirror.sh
. tests/fresh/mirror.sh
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -y -qq --no-install-recommends)
names=(libcontainer0 libcontainer-dev ct-oci python3-container)
mkdir /root/work

# one NAME: the file of that package.
one() {
    echo /root/packages/"$1"_*.deb
}

field() {
    dpkg-deb --field "$(one "$1")" "$2"
}

# ------------------------------------------------------------- installation

# What a simulated installation would bring, a name on a line.
would_bring() {
    apt-get -s --no-install-recommends install "$@" > /root/would
    sed -n 's/^Inst \([^ ]*\) .*/\1/p' /root/would
}

python_package_brings_no_compiler() {
    would_bring "$(one python3-container)" "$(one libcontainer0)" > /root/brings
    cat /root/brings
    grep -qx python3-container /root/brings
    [[ $(grep -cE '^(gcc|cpp|clang|tcc|libc6-dev|python3-dev|binutils)' /root/brings) -eq 0 ]]
}

# All that there is but for what apt and dpkg write down, and its directories.
everything() {
    find / -xdev '(' -path /root -o -path /tmp -o -path /var/cache -o -path /var/log -o -path /var/lib/dpkg \
        -o -path /var/lib/apt ')' -prune -o -print | sort
}

tools_can_be_installed() {
    "${apt[@]}" install gcc libc6-dev pkg-config man-db busybox-static binutils
    everything > /root/before
}

packages_can_be_installed() {
    "${apt[@]}" install /root/packages/*.deb
    dpkg --audit > /root/audit
    cat /root/audit
    [[ ! -s /root/audit ]]
}

# But for what tells of a package, all has the processor's name in its path.
library_is_multi_arch() {
    local file
    [[ $(field libcontainer0 Multi-Arch) == same ]]
    dpkg -L libcontainer0 > /root/files
    cat /root/files
    while read -r file; do
        [[ -d $file || $file == /usr/lib/*-linux-gnu/* || $file == /usr/share/doc/libcontainer0/* ||
            $file == /usr/share/lintian/overrides/libcontainer0 ]] || { echo "$file" && return 1; }
    done < /root/files
}

stage_is_where_library_looks() {
    local path count=0
    for path in $(grep -aoE '/usr/[a-z0-9_/-]*ct-(traced-)?stage' /usr/lib/*/libcontainer.so.0 | sort -u); do
        [[ -x $path && $(dpkg -S "$path") == libcontainer0* ]] || { echo "$path" && return 1; }
        count=$((count + 1))
    done
    [[ $count -eq 2 ]]
}

symbols_tell_the_version() {
    dpkg-query --control-show libcontainer0 symbols > /root/symbols
    head -n 3 /root/symbols
    diff <(sed -n 's/^[[:space:]]*\(ct_[a-z0-9_]*\);$/\1/p' lib/libcontainer.map | sort) \
        <(sed -n 's/^ \(ct_[a-z0-9_]*\)@LIBCONTAINER_0.1 0.1$/\1/p' /root/symbols | sort)
    [[ $(dpkg-query -f '${Depends}' -W ct-oci) == *'libcontainer0 (>= 0.1)'* ]]
}

# ---------------------------------------------------------------------- use

# ps is all there is in a container.
shows_ps_alone() {
    cat /root/seen
    [[ $(grep -c ' root ' /root/seen) -eq 1 ]]
    grep -Eq '^ *1 root .* ps$' /root/seen
}

rootfs_can_be_made() {
    examples/rootfs.sh /root/work/rootfs.tar.gz
    extract_example README.md /root/work/hello.c
}

# builds NAME FLAG...: README's program.
builds() {
    gcc -Wall -Wextra -Werror -o "/root/work/$1" /root/work/hello.c "${@:2}"
}

builds_shared() {
    # shellcheck disable=SC2046 # a list of flags
    builds shared $(pkg-config --cflags --libs container)
}

builds_static() {
    local suggested
    suggested=$(field libcontainer-dev Suggests | tr -d ,)
    # shellcheck disable=SC2086 # a list of names
    "${apt[@]}" install $suggested
    # shellcheck disable=SC2046
    builds static -static $(pkg-config --static --cflags --libs container)
}

runs() {
    rm -rf /root/work/rootfs
    (cd /root/work && "./$1") > /root/seen
    shows_ps_alone
}

python_runs() {
    rm -rf /root/work/rootfs
    (cd /root/work && python3 -c '
import container
with container.Rootfs.extract("rootfs.tar.gz", "rootfs") as rootfs:
    print(container.run(rootfs, ["ps"], capture_output=True, text=True, check=True).stdout)') > /root/seen
    shows_ps_alone
}

python_knows_its_version() {
    local version
    version=$(python3 -c 'import container, importlib.metadata as metadata
print(container.version(), metadata.version("container"))')
    echo "$version"
    [[ $version == "$upstream $upstream" ]]
}

runtime_tells_its_version() {
    ct-oci --version > /root/seen
    cat /root/seen
    grep -qx "ct-oci version $upstream" /root/seen
}

runtime_runs_its_configuration() {
    cd /root/work
    ct-oci spec
    sed -i 's/"terminal" *: *true/"terminal":false/; s/"sh"/"ps"/' config.json
    ct-oci run packaged > /root/seen
    shows_ps_alone
}

# finds PAGE SECTION PACKAGE
man_finds() {
    local path
    path=$(man -w "$2" "$1")
    echo "$path"
    [[ $(dpkg -S "$path") == "$3"[:,]* ]]
    man "$2" "$1" | grep -q "$1"
}

# ------------------------------------------------------------------ removal

packages_can_be_purged() {
    local suggested
    suggested=$(field libcontainer-dev Suggests | tr -d ,)
    # shellcheck disable=SC2086
    "${apt[@]}" purge --autoremove "${names[@]}" $suggested
    [[ -z $(dpkg-query -f '${Package}\n' -W "${names[@]}" 2> /dev/null) ]]
}

nothing_is_left() {
    diff /root/before <(everything)
}

need_mirror
apt-get update -qq
upstream=$(field libcontainer0 Version)
upstream=${upstream%-*}
check "the Python package brings no compiler" python_package_brings_no_compiler
check "what uses the packages can be installed" tools_can_be_installed
check "the packages can be installed, with what they need from the archive" packages_can_be_installed
check "the library can be installed beside that for another processor" library_is_multi_arch
check "the stage is where the library looks for it" stage_is_where_library_looks
check "programs are told the version of each call that they use" symbols_tell_the_version
check "there is a root filesystem, and README's program" rootfs_can_be_made
check "README's program can be built with pkg-config" builds_shared
check "it runs ps in a container" runs shared
check "README's program can be built statically with what is suggested" builds_static
check "it runs ps in a container, too" runs static
check "a Python program runs ps in a container" python_runs
check "the Python package and its library are of the packages' version" python_knows_its_version
check "ct-oci is of the packages' version" runtime_tells_its_version
check "ct-oci runs the configuration that it writes" runtime_runs_its_configuration
check "man finds the page of a call" man_finds ct_spawn 3 libcontainer-dev
check "man finds the page of the library" man_finds libcontainer 7 libcontainer-dev
check "man finds the page of ct-oci" man_finds ct-oci 8 ct-oci
check "the packages can be purged" packages_can_be_purged
check "nothing of them is left" nothing_is_left
finish
