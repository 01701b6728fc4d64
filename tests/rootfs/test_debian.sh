#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A real Debian root filesystem, extracted by the library and by GNU tar, is the same to the
# last attribute; and programs run in it.
#
# Usage: test_debian.sh SOURCE-DIRECTORY EXTRACT-PROGRAM RUN-PROGRAM START-PROGRAM

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
extract=$2
run=$3
start=$4
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"
# shellcheck source=tests/rootfs/debian.sh
. "$source/tests/rootfs/debian.sh"

formats=(tar tar.gz tar.xz tar.zst)

need_first_root "a Debian has device nodes"
[[ $(tar --version 2> /dev/null) == *GNU* ]] || skip "needs GNU tar"
python3 -c 'import hashlib; hashlib.file_digest' 2> /dev/null || skip "needs python3 (3.11)"
for program in gzip xz zstd flock; do
    command -v "$program" > /dev/null || skip "needs $program"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/ct-debian.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$work" # apt, as a user of its own, must be able to pass
mkdir "$work/place"
ours=$work/place/ours # what the library extracts, and nothing beside it

# ------------------------------------------------------------- the archives

# make_archives DIRECTORY: the root filesystem in all formats.
make_archives() {
    gzip -1 -c "$1/debian.tar" > "$1/debian.tar.gz"
    xz -T0 -1 -c "$1/debian.tar" > "$1/debian.tar.xz"
    zstd -q -T0 -1 "$1/debian.tar" -o "$1/debian.tar.zst"
}

# archive_has PATTERN: whether a line of its listing is like that.
archive_has() {
    grep -Eq "$1" "$work/list"
}

# --------------------------------------------------------------- the same tree

compare() {
    python3 "$source/tests/rootfs/compare_trees.py" "$@"
}

gnu_tar_extracts() {
    mkdir "$work/gnu"
    tar --xattrs --xattrs-include='*' --acls --numeric-owner -xpf "$kept/debian.tar" -C "$work/gnu"
}

# As many entries are compared as there are names in the archive: none is left out.
library_agrees_on() {
    rm -rf "$ours"
    "$extract" --trusted "$1" "$ours" < "${2-/dev/null}"
    compare "$ours" "$work/gnu" > "$work/compared" || {
        head -n 20 "$work/compared"
        return 1
    }
    grep -qx "$(sort -u "$work/names" | grep -c .) entries compared, 0 differences" "$work/compared"
}

nothing_is_beside_it() {
    [[ $(ls -A "$work/place") == ours ]]
}

# ---------------------------------------- the comparison itself: what it notices

# Each line changes one thing in a second tree: what the comparison calls it, the entry, the change.
changes() {
    cat << 'TABLE'
mode     etc/hostname         chmod 600 "$entry"
owner    etc/fstab            chown 12:0 "$entry"
mtime    etc/passwd           touch -d @1000000000.000000001 "$entry"
size     etc/group            printf x >> "$entry"
content  etc/debian_version   printf X | dd of="$entry" conv=notrunc
target   bin                  ln -sfn usr/sbin "$entry"
links    usr/bin/perlthanks   cp -a "$entry" "$entry.x"; mv "$entry.x" "$entry"
xattrs   etc/issue            python3 -c "import os; os.setxattr('$entry', 'trusted.x', b'1')"
device   dev/null             rm "$entry"; mknod -m 666 "$entry" c 1 5
type     etc/issue.net        rm "$entry"; mkdir "$entry"
first    etc/shells           rm "$entry"
second   etc/new              touch "$entry"
TABLE
}

changed_copy_differs() {
    local what entry change
    cp -a "$work/gnu" "$work/copy"
    while read -r what entry change; do
        entry=$work/copy/$entry bash -ec "$change"
    done < <(changes)
    if compare "$work/gnu" "$work/copy" > "$work/compared"; then
        return 1
    fi
}

notices() {
    grep -E "^b'$2': ($1:|only in $1)" "$work/compared"
}

# What was changed and the directories that it is in; everything else is equal.
notices_nothing_else() {
    local what entry
    while read -r what entry _; do
        printf '%s\n' "b'$entry'" "b'$(dirname "$entry")'"
    done < <(changes) | sort -u > "$work/expected"
    sed -n 's/: .*//p' "$work/compared" | sort -u > "$work/noticed"
    [[ -s $work/noticed ]]
    diff <(comm -23 "$work/noticed" "$work/expected") /dev/null
}

# --------------------------------------------------------------- programs in it

says_hello() {
    [[ $("$run" "$1" -- python3 -c 'print("Hello, container world!")') == 'Hello, container world!' ]]
}

python_is_alone() {
    local script='import os; print(os.getpid(), [p for p in os.listdir("/proc") if p.isdigit()])'
    [[ $("$run" "$ours" -- python3 -c "$script") == "1 ['1']" ]]
}

ps_is_alone() {
    "$run" "$ours" -- ps aux > "$work/ps"
    cat "$work/ps"
    [[ $(grep -c . "$work/ps") -eq 2 ]]
    [[ $(head -n 1 "$work/ps") == USER*PID*COMMAND ]]
    [[ $(tail -n 1 "$work/ps" | awk '{ print $1, $2, $11, $12 }') == "root 1 ps aux" ]]
}

# Under the default filter: threads without clone3, processes, a server and its client.
python_does_much() {
    [[ $("$run" "$ours" -- python3 -c '
import multiprocessing, socket, subprocess, threading
said = []
threads = [threading.Thread(target=said.append, args=(i,)) for i in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
with multiprocessing.Pool(2) as pool:
    print(len(said), pool.map(abs, [-1, -2]), subprocess.run(["ls", "/"], capture_output=True).returncode)
') == '8 [1, 2] 0' ]]
}

# ------------------------------------------------------- the same without root

# An ordinary user and his ids; in a mount namespace with an /etc of its own, so that the
# machine's users stay as they are.
user=54399
first_id=231072
users=$work/user/ours

# as_user COMMAND...: by that user.
as_user() {
    # shellcheck disable=SC2016 # the shell inside is the one to expand them
    unshare --mount bash -euc '
        user=$1 first_id=$2
        shift 2
        mount -t tmpfs tmpfs /mnt
        mkdir /mnt/up /mnt/work
        mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work /etc
        echo "ct-tester:x:$user:$user::/:/bin/sh" >> /etc/passwd
        echo "ct-tester:$first_id:65536" | tee /etc/subuid > /etc/subgid
        exec setpriv --reuid "$user" --regid "$user" --clear-groups "$@"' as_user "$user" "$first_id" "$@"
}

user_extracts() {
    mkdir "$work/user"
    chown "$user:$user" "$work/user"
    as_user "$extract" --trusted - "$users" < "$kept/debian.tar" # the cache is closed to him
}

users_tree_agrees() {
    compare --mapped "$user:$first_id" "$users" "$work/gnu" > "$work/compared" || {
        head -n 20 "$work/compared"
        return 1
    }
    grep -qx "$(sort -u "$work/names" | grep -c .) entries compared, 0 differences" "$work/compared"
}

# user_runs PATTERN COMMAND...: what it prints has a line like that.
user_runs() {
    as_user "$start" "$users" "${@:2}" > "$work/printed" < /dev/null || {
        cat "$work/printed"
        return 1
    }
    cat "$work/printed"
    grep -Eqx "$1" "$work/printed"
}

# What is seen inside is what GNU tar made outside, and the archive has.
owners_inside_are_the_archives() {
    user_runs '0:42 /etc/shadow' stat -c '%u:%g %n' /etc/shadow /var/cache/apt/archives/partial
    grep -qx '42:0 /var/cache/apt/archives/partial' "$work/printed"
    [[ $(stat -c '%u:%g' "$work/gnu/var/cache/apt/archives/partial") == 42:0 ]]
}

user_removes() {
    as_user "$extract" --remove "$users"
    [[ -z $(ls -A "$work/user") ]]
}

provide_debian python3,procps make_archives
tar --numeric-owner -tvf "$kept/debian.tar" > "$work/list"
tar -tf "$kept/debian.tar" | sed 's|/$||' > "$work/names"

check "Debian's archive has symlinks" archive_has '^l'
check "Debian's archive has hard links" archive_has '^h'
check "Debian's archive has devices" archive_has '^c'
check "Debian's archive has setuid programs" archive_has '^-..s'
check "Debian's archive has owners other than root" archive_has '^[-d]\S+ +[0-9]+/[1-9]'
check "GNU tar extracts it" gnu_tar_extracts
for format in "${formats[@]}"; do
    check "the library extracts .$format as GNU tar does" library_agrees_on "$kept/debian.$format"
done
check "the library extracts .tar.gz from a pipe as GNU tar does" \
    library_agrees_on - <(cat "$kept/debian.tar.gz")
check "nothing is left beside what was extracted" nothing_is_beside_it

if [[ -x $run ]]; then
    check "python3 says hello in it" says_hello "$ours"
    check "python3 says hello straight from the .tar.xz" says_hello "$kept/debian.tar.xz"
    check "python3 is PID 1 and sees itself only" python_is_alone
    check "ps aux is PID 1 and sees itself only" ps_is_alone
    check "python3 has threads, processes and sockets in it" python_does_much
else
    leave_out "python3 and ps in Debian's root filesystem" "the examples are not built"
fi

if [[ ! -x /usr/bin/newuidmap || ! -x /usr/bin/newgidmap ]]; then
    leave_out "Debian's root filesystem by an ordinary user" "newuidmap is missing (uidmap)"
elif ! as_user true 2> /dev/null; then
    leave_out "Debian's root filesystem by an ordinary user" "no overlay can be mounted on /etc"
elif ! as_user test -x "$extract"; then
    leave_out "Debian's root filesystem by an ordinary user" "the build directory is closed to others"
else
    check "an ordinary user with subordinate ids extracts it" user_extracts
    check "every owner in it is the archive's, through the map" users_tree_agrees
    check "owners seen inside are the archive's" owners_inside_are_the_archives
    check "apt-get runs in it" user_runs 'apt .*' apt-get --version
    check "su to nobody runs in it" \
        user_runs 'uid=65534\(nobody\) gid=65534\(nogroup\).*' su nobody -s /bin/sh -c id
    check "python3 runs in it" user_runs 'Hello, container world!' \
        python3 -c 'print("Hello, container world!")'
    check "the user removes it" user_removes
fi

check "the comparison fails for a copy in which something was changed" changed_copy_differs
while read -r what entry _; do
    check "the comparison notices a difference in $what" notices "$what" "$entry"
done < <(changes)
check "the comparison notices nothing else" notices_nothing_else
finish
