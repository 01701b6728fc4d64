#!/usr/bin/env bash
#
# Makes a small root filesystem as a tarball, out of this machine's static busybox
# (Debian: busybox-static): the program, a link for each applet, and the few files of
# /etc that id and ls look at. The same busybox gives the same bytes each time.
#
# Usage: examples/rootfs.sh FILE.tar.gz      ("-": to stdout)

set -euo pipefail
export LC_ALL=C

if [[ $# -ne 1 ]]; then
    echo "usage: rootfs.sh FILE.tar.gz" >&2
    exit 2
fi
if ! busybox=$(command -v busybox); then
    echo "rootfs.sh: no busybox here; on Debian: apt-get install busybox-static" >&2
    exit 1
fi

umask 022
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mkdir -p "$tree"/{bin,dev,etc,home,proc,root,run,sbin,sys,tmp,usr/bin,usr/sbin,var/tmp}
chmod 755 "$tree"
chmod 700 "$tree/root"
chmod 1777 "$tree/tmp" "$tree/var/tmp"

cp -L "$busybox" "$tree/bin/busybox"
chmod 755 "$tree/bin/busybox"
for applet in $("$busybox" --list-full | grep / | grep -vx bin/busybox); do
    mkdir -p "$tree/${applet%/*}"
    ln "$tree/bin/busybox" "$tree/$applet"
done

echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/home:/bin/sh' > "$tree/etc/passwd"
echo 'root:x:0:
nogroup:x:65534:' > "$tree/etc/group"
echo 'NAME=busybox' > "$tree/etc/os-release"

pack() {
    tar --create --directory="$tree" --sort=name --mtime=@0 --owner=0 --group=0 \
        --numeric-owner --format=gnu . | gzip --no-name -9
}

if [[ $1 == - ]]; then
    pack
else
    pack > "$1"
fi
