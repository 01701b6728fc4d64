#!/usr/bin/env bash
#
# The virtual machine of tools/vm/run: what it is, what it gives back, how it ends, and that
# nothing of this machine is changed by it.
#
# Usage: test_vm.sh SOURCE-DIRECTORY

# shellcheck disable=SC2016,SC2317 # texts of scripts; check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"
run=$source/tools/vm/run

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work/tmp
mkdir "$TMPDIR"
chmod 777 "$work" # for the machine's user
cd "$work"

# gives CODE COMMAND...: the command exits with that code. Its output is in files.
gives() {
    local code=$1 status=0
    shift
    "$@" > out 2> err < /dev/null || status=$?
    tail -n 20 out err
    echo "exit code: $status"
    [[ $status -eq $code ]]
}

# ---------------------------------------------------------- without a machine

refuses() {
    local words=$1
    shift
    gives 2 "$run" "$@"
    grep -q -e "^vm: $words$" err
    grep -q '^Usage: tools/vm/run' err
    [[ ! -s out ]]
}

explains_usage() {
    gives 0 "$run" --help
    [[ $(head -n 1 out) == 'Usage: tools/vm/run '* && ! -s err ]]
}

# skips WITHOUT REASON: with a PATH on which there is everything but this program.
skips() {
    local program
    rm -rf bin
    mkdir bin
    for program in bash sh env cat dirname readlink sed uname printf busybox depmod python3; do
        [[ $program == "$1" ]] || ln -s "$(type -P "$program")" bin/
    done
    # The runner looks into the system's directories as well; nothing may be there.
    sed 's#^PATH=.*#PATH=$PATH#' "$run" > "$work/run"
    cp "$source/tools/vm/kernel.sh" "$work"
    gives 77 env "PATH=$work/bin" bash "$work/run" true
    [[ $(tail -n 1 err) == "$2" && ! -s out ]]
}

# The first process of a machine with nothing on its PATH, so that whatever it calls fails.
tells_line_that_failed() {
    local first
    first=$(grep -n '^    modprobe ' "$source/tools/vm/machine.sh" | cut -d: -f1)
    mkdir -p vm nothing
    printf 'user= systemd=\n' > vm/variables
    : > vm/command
    sed -e "s#/run/vm/#$work/vm/#; s#/dev/vport0p3#$work/report#; s#/proc/sysrq-trigger#$work/stopped#" \
        -e "s#^export PATH=.*#export PATH=$work/nothing#" "$source/tools/vm/machine.sh" > machine.sh
    gives 127 bash machine.sh
    cat report
    [[ $(< report) == "fail the machine was not set up: line $first of machine.sh" ]]
    [[ $(< stopped) == b ]]
}

check "it explains its usage" explains_usage
check "an unknown option is refused by its name" refuses 'there is no option --frobnicate' --frobnicate true
check "an option without its value is refused" refuses '--kernel needs a value' --kernel
check "a time limit that is none is refused" refuses '--timeout cannot be soon' --timeout soon true
check "no time at all is refused" refuses '--timeout cannot be 0' --timeout 0 true
check "a package name with a path in it is refused" refuses '--kernel cannot be ../x' --kernel ../x true
check "a security module that nobody has is refused" refuses '--lsm cannot be none' --lsm none true
check "no command is refused" refuses 'there is no command' --user
check "who has no QEMU is told its package" skips qemu-system-x86_64 \
    'qemu-system-x86_64 is missing (the package qemu-system-x86)'
check "a machine that cannot be set up says in which line" tells_line_that_failed

# ------------------------------------------------------------- with a machine

# An ordinary user, or the root of a namespace, has a home made for the test, and shall not
# fetch a kernel of his own for it.
if ! { [[ $EUID -eq 0 ]] && in_first_user_ns; } &&
    [[ ! -d ${XDG_CACHE_HOME:-$HOME/.cache}/libcontainer/kernels ]]; then
    leave_out "what a machine does" "this user has no kernel in his cache, and root fetches one"
    finish
fi

# What the command is told and sees, one fact a line.
facts='
    echo "kernel=$(uname -r)"
    echo "id=$(id -u) $(id -g) $(id -G)"
    echo "caps=$(sed -n "s/^CapEff:\t//p" /proc/self/status)"
    echo "cgroup=$(cat /proc/self/cgroup)"
    dir=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
    echo "cgroups=$(grep -c "^cgroup2 /sys/fs/cgroup cgroup2 " /proc/mounts) $(grep -c " cgroup " /proc/mounts)"
    echo "controllers=$(cat $dir/cgroup.controllers)"
    mkdir $dir/../sub && echo "delegated=yes"
    echo "modules=$(cat /sys/kernel/security/lsm)"
    echo "context=$(tr -d "\0" < /proc/self/attr/current) $(cat /sys/fs/selinux/enforce 2> /dev/null)"
    echo "directory=$PWD"
    echo "home=$HOME"
    echo "ranges=$(grep -c "^$USER:[0-9]*:65536$" /etc/subuid /etc/subgid | tr "\n" " ")"
    echo "map=$(unshare --user --map-root-user --map-auto cat /proc/self/uid_map 2> /dev/null | tr -s " \n" " ")"
    echo "tmp=$(findmnt -no FSTYPE,OPTIONS /tmp)"
    touch "$0"/changed /tmp/changed
    ls "$0"/changed
    read line; echo "input=$line"
    echo "to standard error" > /dev/stderr
    exit 7'

# fact NAME: its value.
fact() {
    sed -n "s/^$1=//p" facts
}

boots() {
    local status=0
    # shellcheck disable=SC2094 # the text is not the file
    "$run" --timeout 600 "$@" bash -c "$facts" "$work" > facts 2> err < /dev/null || status=$?
    if [[ $status -eq 77 ]]; then
        leave_out "what a machine does" "$(tail -n 1 err)"
        finish
    fi
    echo "$status" > status
}

passes_status() {
    cat status
    [[ $(< status) == 7 ]]
}

# The runner itself says there when it has to fetch the kernel, which happens once.
passes_streams() {
    cat err
    [[ $(grep -v '^Fetching the kernel ' err) == 'to standard error' && $(fact input) == '' ]]
}

is_another_kernel() {
    [[ $(fact kernel) == 6.*-amd64 && $(fact kernel) != "$(uname -r)" ]]
}

runs_here() {
    [[ $(fact directory) == "$work" ]]
}

is_root() {
    [[ $(fact id) == '0 0 0' && $(fact caps) == 000001ffffffffff && $(fact home) == /root ]]
}

is_user() {
    local uid gid groups
    read -r uid gid groups <<< "$(fact id)"
    [[ $uid -ge 1000 && $gid == "$uid" && $groups == "$uid" ]]
    [[ $(fact caps) == 0000000000000000 && $(fact home) == /home/* ]]
}

has_ranges() {
    [[ $(fact ranges) == '/etc/subuid:1 /etc/subgid:1 ' ]]
    ! command -v newuidmap || [[ $(fact map) =~ ^\ 0\ [0-9]+\ 1\ 1\ [0-9]+\ 65535\ $ ]]
}

has_pure_cgroups() {
    [[ $(fact cgroups) == '1 0' && " $(fact controllers) " == *' cpu '*' memory '*' pids '* ]]
}

is_delegated() {
    [[ $(fact delegated) == yes ]]
}

has_apparmor() {
    [[ ",$(fact modules)," == *,apparmor,* && $(fact context) == 'unconfined ' ]]
}

has_selinux() {
    [[ ",$(fact modules)," == *,selinux,* && $(fact context) == 'u:r:host_t 1' ]]
}

# Devices and set-user-ID programs count there.
has_disk() {
    [[ $(fact tmp) == ext4* && $(fact tmp) != *nosuid* && $(fact tmp) != *nodev* ]]
}

changes_nothing() {
    grep -q "^$work/changed$" facts
    [[ ! -e $work/changed && ! -e /tmp/changed ]]
    [[ -z $(ls -A "$TMPDIR") ]]
}

limits_time() {
    local start=$SECONDS
    gives 124 "$run" --timeout 5 sleep 600
    [[ $(< err) == 'vm: no end after 5 s' && $((SECONDS - start)) -lt 60 ]]
}

# ends_by SIGNAL CODE: the runner and its machine.
ends_by() {
    local runner machine status=0
    mkfifo -m 600 "ready.$1"
    "$run" --timeout 600 sh -c 'echo ready; sleep 600' > "ready.$1" 2> err < /dev/null &
    runner=$!
    head -n 1 "ready.$1" > first
    grep -q ready first
    machine=$(pgrep -P "$runner" qemu)
    kill -s "$1" "$runner"
    wait "$runner" || status=$?
    timeout 60 tail --pid="$machine" -f /dev/null
    [[ $status -eq $2 ]]
}

boots
check "the command's status is passed on" passes_status
check "its two streams are passed on apart, and its input is empty" passes_streams
check "it runs under another kernel" is_another_kernel
check "it runs in the caller's directory" runs_here
check "it is root, with every capability" is_root
check "cgroup v2 is mounted alone, with its controllers" has_pure_cgroups
check "it has AppArmor, with nobody under a profile" has_apparmor
check "there is a /tmp that honours devices and set-user-ID programs" has_disk
check "what it writes is not written to this machine" changes_nothing
boots --user
check "with --user it is an ordinary user without capabilities" is_user
check "this user has subordinate ids, and may map them" has_ranges
check "this user has a cgroup that is delegated, with its controllers" is_delegated
check "the user's machine leaves nothing either" changes_nothing
check "a machine that takes too long is ended" limits_time
check "it ends on SIGTERM" ends_by TERM 143
check "the machine ends when its runner is killed" ends_by KILL 137
boots --lsm selinux
check "with --lsm selinux a policy of its own is enforced, which lets root do all" has_selinux
finish
