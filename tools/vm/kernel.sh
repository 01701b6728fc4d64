# shellcheck shell=bash
#
# Debian's kernels, fetched with apt-get and unpacked into the user's cache. Nothing is
# installed.
#
#     . tools/vm/kernel.sh
#     need_kernel PACKAGE; sets kernel to the directory with vmlinux, release, lib/modules
#
# Whoever uses it has a function skip REASON.

# shellcheck disable=SC2034 # for whoever uses it
kernel=
kernel_tools=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

# image_package NAME: the package that has the kernel. A name without version depends on it.
image_package() {
    local name=$1 next
    while next=$(apt-cache depends --important "$name" 2> /dev/null |
        sed -n '/^ *Depends: linux-image-/{s/.*: //p;q}') && [[ -n $next ]]; do
        name=$next
    done
    echo "$name"
}

# candidate PACKAGE: the version that apt would install; nothing if it knows none.
candidate() {
    LC_ALL=C apt-cache policy "$1" 2> /dev/null | sed -n '/(none)/d;s/^ *Candidate: //p'
}

# download PACKAGE DIRECTORY: the package file. As root apt would change to a user who may
# not write there.
download() {
    (cd "$2" && apt-get -qq -o APT::Sandbox::User=root download "$1") > "$2/log" 2>&1
}

# unpack PACKAGE DIRECTORY: what a machine without devices needs of it.
unpack() {
    local part=$2 release
    local -a image
    dpkg-deb --extract "$part"/*.deb "$part/tree"
    image=("$part"/tree/boot/vmlinuz-*)
    release=${image[0]#*/vmlinuz-}
    mkdir "$part/lib"
    if [[ -d $part/tree/usr/lib/modules ]]; then
        mv "$part/tree/usr/lib/modules" "$part/lib"
    else
        mv "$part/tree/lib/modules" "$part/lib"
    fi
    rm -rf "$part/lib/modules/$release/kernel"/{sound,drivers/{gpu,hid,media,scsi,staging,usb}} \
        "$part/lib/modules/$release/kernel/drivers/net"/{ethernet,wireless}
    depmod -b "$part" "$release" 2> /dev/null
    "$kernel_tools/vmlinux.py" "${image[0]}" "$part/vmlinux" 2> /dev/null || mv "${image[0]}" "$part/vmlinux"
    echo "$release" > "$part/release"
    rm -rf "$part/tree" "$part"/*.deb "$part/log"
}

# fetch NAME DIRECTORY: makes the directory and links the name to it.
fetch() {
    local name=$1 cache=$2 package version part
    package=$(image_package "$name")
    version=$(candidate "$package")
    if [[ -z $version && $EUID -eq 0 ]]; then
        apt-get -qq update > /dev/null 2>&1 || true
        package=$(image_package "$name")
        version=$(candidate "$package")
    fi
    [[ -n $version ]] || skip "apt knows no kernel package $name (apt-get update, or its sources)"
    part=$cache/$package.part
    rm -rf "$part"
    mkdir "$part"
    download "$package" "$part" || {
        [[ $EUID -eq 0 ]] && apt-get -qq update > /dev/null 2>&1 && download "$package" "$part"
    } || skip "$package cannot be fetched: $(grep '^E:' "$part/log" | head -n 1)"
    unpack "$package" "$part"
    rm -rf "${cache:?}/$package" "${cache:?}/$name"
    mv "$part" "$cache/$package"
    [[ $package == "$name" ]] || ln -s "$package" "$cache/$name"
}

# need_kernel NAME: sets kernel. It is kept; remove the directory to have a newer one.
need_kernel() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/libcontainer/kernels lock
    mkdir -p "$cache"
    exec {lock}< "$cache"
    flock "$lock"
    if [[ ! -f $cache/$1/release ]]; then
        command -v apt-get > /dev/null || skip "there is no apt-get to fetch a kernel with"
        echo "Fetching the kernel $1 (once; kept in $cache)." >&2
        fetch "$1" "$cache"
    fi
    exec {lock}<&-
    kernel=$(readlink -f "$cache/$1")
}
