# shellcheck shell=bash
#
# What the tests of ct-oci as root have in common: the bundle, its configuration, and how they ask. Sourced after
# sentences.sh by a script that has set oci to the runtime.

command -v unshare > /dev/null || skip "needs unshare"
[[ $EUID -eq 0 ]] || skip "needs root: cgroups and namespaces without a map"
in_first_user_ns || skip "needs root of the first user namespace: cgroups"
busybox=$(command -v busybox) || skip "needs busybox"
command -v python3 > /dev/null || skip "needs python3"

dir=$(mktemp -d)
cleanup() {
    for id in "$dir"/run/*; do
        [[ -d $id ]] && timeout 20 "$oci" --root "$dir/run" delete --force "${id##*/}" > /dev/null 2>&1
    done
    rm -rf "$dir"
}
trap cleanup EXIT

mkdir -p "$dir/b/rootfs"/{bin,proc,sys,dev,tmp}
cp "$busybox" "$dir/b/rootfs/bin/busybox"
for name in sh sleep cat id echo pwd hostname ls touch mount ps tty stty; do
    ln -s busybox "$dir/b/rootfs/bin/$name"
done

run() {
    timeout 30 "$oci" --root "$dir/run" "$@"
}

# start_away COMMAND...: of what lives on, nothing is to hold the pipe of the check.
start_away() {
    run "$@" < /dev/null > "$dir/out" 2> "$dir/err" || {
        cat "$dir/err"
        return 1
    }
}

# config PYTHON: writes config.json of the bundle, with c changed by the program.
config() {
    rm -f "$dir/b/config.json"
    run spec --bundle "$dir/b"
    python3 - "$dir/b/config.json" "$1" << 'PYTHON'
import json, sys
c = json.load(open(sys.argv[1]))
c["process"]["terminal"] = False
c["linux"]["resources"] = {}
exec(sys.argv[2])
json.dump(c, open(sys.argv[1], "w"))
PYTHON
}

args() {
    config "c['process']['args'] = $1"
}

# state_is ID STATE
state_is() {
    [[ $(run state "$1" 2> /dev/null | python3 -c 'import json, sys; print((json.loads(sys.stdin.read() or "{}")).get("status"))') == "$2" ]]
}

# until_state ID STATE: waits for it.
until_state() {
    for _ in $(seq 200); do
        ! state_is "$1" "$2" || return 0
        sleep 0.05
    done
    return 1
}

# until_ended PID: waits until it has; nobody may have reaped it.
until_ended() {
    for _ in $(seq 200); do
        grep -q . "/proc/$1/cmdline" 2> /dev/null || return 0
        sleep 0.05
    done
    return 1
}

# fails_with CODE COMMAND...: it exits with this code.
fails_with() {
    local code=$1 status=0
    shift
    "$@" || status=$?
    [[ $status -eq $code ]]
}

# refuses WORDS COMMAND...: it fails, and says so. By a file: of what should not have come to life nothing holds a pipe.
refuses() {
    local words=$1
    shift
    ! "$@" > "$dir/refusal" 2>&1 || return 1
    cat "$dir/refusal"
    [[ $(< "$dir/refusal") == *"$words"* ]]
}

# refuses_config POINTER PYTHON: a configuration like that is refused by that pointer.
refuses_config() {
    config "$2"
    refuses "$1:" run create --bundle "$dir/b" bad
    [[ ! -e $dir/run/bad ]]
}

# cgroups_of PID: lines "KIND PATH", of v1 and, with the kind "unified", of v2.
cgroups_of() {
    sed -n 's/^[0-9]*:\(..*\):\(.*\)$/\1 \2/p; s/^0::\(.*\)$/unified \1/p' "/proc/$1/cgroup"
}

# Whether those that are written down in the file theirs are there, by the name that only the container's have.
cgroups_are_there() {
    local name
    name=$(sed -n 's/^\(memory\|unified\) .*\///p' "$dir/theirs" | head -n 1)
    [[ -n $(find /sys/fs/cgroup -type d -name "$name" 2> /dev/null) ]]
}
