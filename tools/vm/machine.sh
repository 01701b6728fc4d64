#!/bin/bash
#
# The first process of the virtual machine once its file system is there: mounts what is
# mounted on a machine that has booted, makes the user, runs the command in a session's
# cgroup, reports how it ended and stops the machine. Where systemd is asked for, the first
# process becomes systemd, and its one service runs the second half of this. Runs as root.

# shellcheck disable=SC2154 # set by "variables"
set -eEuo pipefail # -E: functions have the trap below, too
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# shellcheck source=/dev/null
. /run/vm/variables
# shellcheck source=/dev/null
. /run/vm/command

report() {
    echo "$*" > /dev/vport0p3
}

stop() {
    echo b > /proc/sysrq-trigger
}

broken() {
    report "fail the machine was not set up: line $1 of machine.sh"
    stop
}
trap 'broken $LINENO' ERR

# The kernel takes a policy in one write.
load_policy() {
    mount -t selinuxfs -o nosuid,noexec selinuxfs /sys/fs/selinux
    dd if=/run/vm/policy of=/sys/fs/selinux/load bs=16M iflag=fullblock status=none
    echo 1 > /sys/fs/selinux/enforce
}

mount_rest() {
    modprobe --all virtio_blk ext4 loop
    mkdir -p /dev/pts /dev/shm /dev/mqueue
    mount -t cgroup2 -o nosuid,nodev,noexec,nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
    mount -t devpts -o nosuid,noexec,gid=5,mode=620,ptmxmode=666 devpts /dev/pts
    mount -t tmpfs -o nosuid,nodev,mode=1777 shm /dev/shm
    mount -t mqueue -o nosuid,nodev,noexec mqueue /dev/mqueue
    mount -t securityfs -o nosuid,nodev,noexec securityfs /sys/kernel/security
    mount -t debugfs -o nosuid,nodev,noexec debugfs /sys/kernel/debug
    mount -t tracefs -o nosuid,nodev,noexec tracefs /sys/kernel/tracing
    mount -t binfmt_misc -o nosuid,nodev,noexec binfmt_misc /proc/sys/fs/binfmt_misc
    [[ ! -e /run/vm/policy ]] || load_policy
    ln -s /proc/self/fd /dev/fd
    ln -s /proc/self/fd/0 /dev/stdin
    ln -s /proc/self/fd/1 /dev/stdout
    ln -s /proc/self/fd/2 /dev/stderr
    echo vm > /proc/sys/kernel/hostname
    echo 8 > /proc/sys/vm/nr_hugepages
    ip link set lo up 2> /dev/null || true
}

# The disk has what tests ask of a file system and memory does not have everywhere: extended
# attributes of users, set-user-ID programs and device nodes that count. The checkout and the
# command's directory stay at their paths if those are below /tmp.
mount_tmp() {
    local kept=/run/vm/tmp place
    mkdir "$kept"
    mount --bind /tmp "$kept"
    mount -t ext4 -o noatime /dev/vda /tmp
    chmod 1777 /tmp
    for place in "$checkout" "$directory"; do
        if [[ $place == /tmp/* && ! -d $place ]]; then
            mkdir -p "$place"
            mount --bind "$kept${place#/tmp}" "$place"
        fi
    done
    umount "$kept"
    mount --make-rshared / # as systemd does when a machine boots
}

# make_user: with home, runtime directory and the checkout, of which he can read and write all.
make_user() {
    local way=$checkout
    # shellcheck source=tests/guest.sh
    . "$checkout/tests/guest.sh"
    add_guest /etc user
    user=$guest uid=$guest_id home=/home/$guest
    mkdir -p "$home" "/run/user/$uid"
    mount -t tmpfs -o "nosuid,nodev,mode=700,uid=$uid,gid=$uid" runtime "/run/user/$uid"
    chown "$uid:$uid" "$home"
    find "$checkout" -path "$checkout/.git" -prune -o \
        -path "$checkout/build/*" ! -path "$checkout/build/gcc*" -prune -o \
        -exec chown -h "$uid:$uid" {} +
    while way=${way%/*} && [[ -n $way ]]; do
        chmod o+x "$way"
    done
}

# enable CGROUP: every controller, for the cgroups in it.
enable() {
    local controllers
    read -ra controllers < "$1/cgroup.controllers"
    echo "${controllers[*]/#/+}" > "$1/cgroup.subtree_control"
}

# make_cgroup PATH: as systemd has it, with all controllers. From user@ID.service on it is
# the user's.
make_cgroup() {
    local part file
    local -a parts
    cgroup=/sys/fs/cgroup
    IFS=/ read -ra parts <<< "$1"
    for part in "${parts[@]}"; do
        enable "$cgroup"
        cgroup+=/$part
        mkdir "$cgroup"
        [[ $cgroup == *@* ]] || continue
        chown "$uid:$uid" "$cgroup"
        while read -r file; do
            [[ ! -e $cgroup/$file ]] || chown "$uid:$uid" "$cgroup/$file"
        done < /sys/kernel/cgroup/delegate
    done
}

# The two streams go through fifos, so that the command may open /dev/stdout once more.
open_streams() {
    local port
    for port in 1 2; do
        mkfifo -m 666 "/run/vm/stream$port"
        {
            trap - ERR # the command's end is not the machine's
            cat "/run/vm/stream$port" > "/dev/vport0p$port"
            : > "/run/vm/end$port"
        } &
    done
}

# Something that the command left behind may hold them open, but not for ever.
close_streams() {
    local tries
    for ((tries = 0; tries < 40; tries++)); do
        [[ ! -e /run/vm/end1 || ! -e /run/vm/end2 ]] || break
        sleep 0.05
    done
}

run_command() {
    local -a become=()
    if [[ -n $user ]]; then
        become=(setpriv "--reuid=$uid" "--regid=$uid" --init-groups --inh-caps=-all --)
        [[ -z $systemd ]] || become+=(systemd-run --user --scope --quiet --property=Delegate=yes --)
        export XDG_RUNTIME_DIR=/run/user/$uid
    fi
    export HOME=$home USER=${user:-root} LOGNAME=${user:-root} SHELL=/bin/bash
    # shellcheck disable=SC2016 # it is this shell that expands it
    setsid --wait bash -c 'echo 0 > "$1/cgroup.procs" && cd "$2" && shift 2 && exec "$@"' \
        machine "$cgroup" "$directory" "${become[@]}" "${command[@]}" \
        < /dev/null > /run/vm/stream1 2> /run/vm/stream2
}

run_job() {
    local status=0
    ulimit -Sn 1024 -Hn 524288
    open_streams
    trap - ERR
    report start
    run_command || status=$?
    close_streams
    dmesg | grep -E 'BUG:|WARNING:|Oops|blocked for more than|soft lockup|rcu.*stall' |
        head -n 5 | sed 's/^/kernel /' > /dev/vport0p3 || true
    report "exit $status"
    stop
}

# What a machine starts for its own sake is left out. The manager of the user brings his cgroup and
# his bus; he has no password, so nobody has to let him in. If a unit fails, the command still runs,
# and says what it misses.
become_systemd() {
    local units=/run/systemd/system unit manager=${user:+ user@$uid.service}
    mkdir -p "$units/user@.service.d"
    for unit in apparmor.service systemd-{binfmt,journal-flush,sysusers,tmpfiles-setup,update-utmp,timesyncd}.service; do
        ln -s /dev/null "$units/$unit"
    done
    printf '[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%%i\n' > "$units/user@.service.d/vm.conf"
    {
        printf '[Unit]\nDefaultDependencies=no\n'
        printf 'Wants=dbus.service%s\nAfter=dbus.service%s\n' "$manager" "$manager"
        printf '[Service]\nDelegate=yes\nExecStart=/bin/bash /run/vm/machine.sh job\n'
    } > "$units/vm.service"
    declare -p user uid home > /run/vm/job
    exec /lib/systemd/systemd --unit=vm.service
}

if [[ ${1-} == job ]]; then
    # shellcheck source=/dev/null
    . /run/vm/job
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
    run_job
fi
mount_rest
mount_tmp
uid=0 home=/root
[[ -z $user ]] || make_user
[[ -z $systemd ]] || become_systemd
if [[ -n $user ]]; then
    make_cgroup "user.slice/user-$uid.slice/user@$uid.service/app.slice/run.scope"
else
    make_cgroup "user.slice/user-0.slice/session-1.scope"
fi
run_job
