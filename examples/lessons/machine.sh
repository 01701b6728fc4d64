#!/usr/bin/env bash
#
# Makes a second small root filesystem as a tarball, out of this machine's own programs and
# the libraries that they need: a system quite unlike that of ../rootfs.sh.
#
# Usage: examples/lessons/machine.sh FILE.tar.gz

set -euo pipefail
export LC_ALL=C

if [[ $# -ne 1 ]]; then
    echo "usage: machine.sh FILE.tar.gz" >&2
    exit 2
fi

programs=(
    sh cat chmod chown chroot cp cut df env false grep head hostname id kill ln ls mkdir mount mv
    printf ps readlink rm sed sleep sort stat tail touch true umount uname wc which
    apk apt apt-get dnf dpkg pacman rpm zypper
)

umask 022
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{dev,etc,home,proc,root,run,sys,tmp,usr/bin,usr/sbin,usr/lib,usr/lib64,var/tmp}
chmod 755 "$tree"
chmod 700 "$tree/root"
chmod 1777 "$tree/tmp" "$tree/var/tmp"
for dir in bin sbin lib lib64; do
    ln -s "usr/$dir" "$tree/$dir"
done

# ldd knows the path of each library, and of the program that loads them.
for program in "${programs[@]}"; do
    path=$(type -P "$program") || continue
    cp -L "$path" "$tree/usr/bin/$program"
    for library in $(ldd "$path" 2> /dev/null | grep -o '/[^ ]*'); do
        [[ -e $tree$library ]] && continue
        mkdir -p "$tree${library%/*}"
        cp -L "$library" "$tree$library"
    done
done

cp -L /etc/os-release "$tree/etc/os-release"
echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/home:/bin/sh' > "$tree/etc/passwd"
echo 'root:x:0:
nogroup:x:65534:' > "$tree/etc/group"

tar --create --directory="$tree" --owner=0 --group=0 --numeric-owner --format=gnu . |
    gzip --fast > "$1"
