#!/usr/bin/env bash
#
# Runs a command as root of a machine of its own, which is gone when the command ends: the
# tarball's tree in memory, with all the rights that this machine can give, and with mounts,
# processes, host name and IPC of its own. It shares the kernel, the network, the clock and
# the cgroups with this machine. Nothing is masked, as on a real machine, so that containers
# can be made in there.
#
# Usage: tests/fresh/world.sh [--clone REPOSITORY] ROOTFS.tar COMMAND [ARGUMENT...]
#
#   --clone REPOSITORY   HEAD of this git repository is at /srv/repository.git in there
#
# Exits as the command does. When it is interrupted or killed, the world ends with it.

set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=tests/fresh/apart.sh
. "$here/apart.sh"

# ------------------------------------------------------------- in the world

mount_devices() {
    local dev=$1 node
    mount -t tmpfs -o nosuid,mode=755 dev "$dev"
    for node in null zero full random urandom tty fuse net/tun; do
        if [[ -e /dev/$node ]]; then
            mkdir -p "$(dirname "$dev/$node")"
            touch "$dev/$node"
            mount --bind "/dev/$node" "$dev/$node"
        fi
    done
    mkdir "$dev/pts" "$dev/shm"
    mount -t devpts -o nosuid,noexec,newinstance,mode=620,ptmxmode=666,gid=5 devpts "$dev/pts"
    mount -t tmpfs -o nosuid,nodev,mode=1777 shm "$dev/shm"
    ln -s pts/ptmx "$dev/ptmx"
    ln -s /proc/self/fd "$dev/fd"
    ln -s /proc/self/fd/0 "$dev/stdin"
    ln -s /proc/self/fd/1 "$dev/stdout"
    ln -s /proc/self/fd/2 "$dev/stderr"
}

# mount_world ROOT ARCHIVE: what is mounted on a machine that has booted.
mount_world() {
    local root=$1
    mount -t tmpfs -o mode=755,size=75% world "$root"
    tar --extract --file="$2" --directory="$root" --numeric-owner --exclude='./dev/*'
    mkdir -p "$root"/{dev,etc,proc,root,run,srv,sys,tmp}
    mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
    mount -t sysfs -o nosuid,nodev,noexec sysfs "$root/sys"
    mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
    mount -t tmpfs -o nosuid,nodev,mode=755 run "$root/run"
    mount_devices "$root/dev"
}

# It has a name of its own. The way to the network is this machine's.
name_world() {
    local etc=$1/etc
    echo fresh > /proc/sys/kernel/hostname
    echo fresh > "$etc/hostname"
    echo '127.0.0.1 localhost fresh' > "$etc/hosts"
    grep -vE '^(127\.|::1)' /etc/hosts >> "$etc/hosts" || true
    cp --dereference --remove-destination /etc/resolv.conf "$etc/resolv.conf"
}

# Git looks at whose repository it is, and would refuse one that is not root's.
clone_repository() {
    git clone --quiet --bare --no-local --upload-pack='git -c safe.directory="*" upload-pack' \
        "file://$1" "$2"
}

# inside ARCHIVE REPOSITORY COMMAND...: the first process of the world. It is in the machine's
# tree at first, and leaves it.
inside() {
    local archive=$1 repository=$2 root=$here variable keep=()
    shift 2
    # Any directory would do, since nobody else sees what is mounted on it; this one is there.
    mount_world "$root" "$archive"
    name_world "$root"
    [[ -z $repository ]] || clone_repository "$repository" "$root/srv/repository.git"
    for variable in TERM NO_COLOR {http,https,no}_proxy {HTTP,HTTPS,NO}_PROXY; do
        [[ -z ${!variable-} ]] || keep+=("$variable=${!variable}")
    done

    cd "$root"
    mkdir .machine
    pivot_root . .machine
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    hash -r
    umount -l /.machine
    rmdir /.machine
    mount --make-rshared / # as systemd does when a machine boots
    cd /root
    # This shell stays, and reaps what is left to the first process.
    # shellcheck disable=SC2016 # it is this shell that expands it
    exec env -i "PATH=$PATH" HOME=/root USER=root "${keep[@]}" \
        /bin/sh -c '"$@"; exit "$?"' init "$@"
}

# --------------------------------------------------------------- around it

main() {
    local repository='' archive status=0
    if [[ ${1-} == --clone ]]; then
        repository=$(readlink -f "$2")
        shift 2
    fi
    if [[ $# -lt 2 ]]; then
        echo "usage: world.sh [--clone REPOSITORY] ROOTFS.tar COMMAND [ARGUMENT...]" >&2
        exit 2
    fi
    archive=$(readlink -f "$1")
    shift

    apart "${BASH_SOURCE[0]}" --inside "$archive" "$repository" "$@" || status=$?
    exit "$status"
}

if [[ ${1-} == --inside ]]; then
    shift
    inside "$@"
fi
main "$@"
