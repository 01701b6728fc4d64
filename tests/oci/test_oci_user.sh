#!/usr/bin/env bash
#
# ct-oci as an ordinary user has it: containers in user namespaces of their own, without cgroups.
# Arguments: the source directory, ct-oci.
set -euo pipefail

source_dir=$1 oci=$2
# shellcheck source=tests/sentences.sh
. "$source_dir/tests/sentences.sh"

[[ $EUID -ne 0 ]] || skip "needs an ordinary user: ./dev test --as user"
busybox=$(command -v busybox) || skip "needs busybox"
unshare --user true 2> /dev/null || skip "needs user namespaces"

dir=$(mktemp -d)
cleanup() {
    timeout 20 "$oci" --root "$dir/run" delete --force life > /dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT

mkdir -p "$dir/b/rootfs"/{bin,proc,sys,dev,tmp}
cp "$busybox" "$dir/b/rootfs/bin/busybox"
for name in sh sleep id; do
    ln -s busybox "$dir/b/rootfs/bin/$name"
done

run() {
    timeout 30 "$oci" --root "$dir/run" "$@"
}

# args JSON: a bundle whose payload is that, without quotes around it.
args() {
    rm -f "$dir/b/config.json"
    run spec --rootless --bundle "$dir/b"
    sed -i "s/\"terminal\": true/\"terminal\": false/; s|\"sh\"|$1|" "$dir/b/config.json"
}

user_is_root_inside() {
    args '"sh", "-c", "id -u; exit 4"'
    local said status=0
    said=$(run run --bundle "$dir/b" once) || status=$?
    [[ $said == 0 && $status -eq 4 && ! -e $dir/run/once ]]
}

user_has_life_cycle() {
    args '"sleep", "100"'
    run create --bundle "$dir/b" life < /dev/null > /dev/null 2> "$dir/err" || {
        cat "$dir/err"
        return 1
    }
    run state life | grep -q '"created"'
    run start life
    run state life | grep -q '"running"'
    [[ $(run exec life id -u) == 0 ]]
    ! run delete life 2> /dev/null
    run delete --force life
    [[ ! -e $dir/run/life ]]
}

missing_program_is_told_at_create() {
    args '"/bin/nosuch"'
    ! run create --bundle "$dir/b" life < /dev/null > "$dir/err" 2>&1 || return 1
    cat "$dir/err"
    grep -q "no such file or directory" "$dir/err"
    [[ ! -e $dir/run/life ]]
}

check "the user is root inside, and the exit code his payload's" user_is_root_inside
check "a user's container is created, started, joined and deleted" user_has_life_cycle
check "a program that is not there is told by create" missing_program_is_told_at_create

finish
