#!/usr/bin/env bash
#
# The lessons, as root and as an ordinary user: each shows what it says, and leaves the
# machine as it was.
#
# Usage: test_lessons.sh SOURCE-DIRECTORY LESSONS-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
lessons=$(cd "$2" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

unshare -mpf true 2> /dev/null || unshare -Urmpf true 2> /dev/null ||
    skip "needs the right to make namespaces: root, or unprivileged user namespaces"
command -v busybox > /dev/null || skip "needs busybox-static"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
"$source/examples/lessons/workshop.sh" "$lessons" "$work/workshop" ||
    skip "needs a static busybox, tar and gzip"

# How a command is run: nothing before it, or what makes it an ordinary user's.
as=()
user=54321

# gives CODE LESSON ARGUMENT...: the lesson exits with that code. Its output is in files.
gives() {
    local code=$1 lesson=$2 status=0
    shift 2
    # For appending: two processes write to it, and a sendfile to any other heeds no lock.
    : > out
    "${as[@]}" "./$lesson" "$@" >> out 2> err || status=$?
    cat out err
    echo "exit code: $status"
    [[ $status -eq $code ]]
}

# answer SHELL COMMAND [NUMBER]: what that shell answered to the NUMBERth such command in out.
answer() {
    awk -v prompt="$1 \$ $2" -v number="${3-1}" '
        /^[^ ].* \$ / { wanted = $0 == prompt && ++seen == number; next }
        !/^    /      { wanted = 0 }
        wanted        { print substr($0, 5) }' out
}

# answers SHELL COMMAND NUMBER TEXT: and this was it.
answers() {
    echo "$1 \$ $2 ($3): $(answer "$1" "$2" "$3")"
    [[ $(answer "$1" "$2" "$3") == "$4" ]]
}

# ---------------------------------------------------------------- each lesson

helps() {
    gives 0 "$1" --help
    grep -q "^usage: $1 " out
    [[ ! -s err ]]
}

tells_usage() {
    gives 125 "$1"
    grep -q "^usage: $1 " err
    [[ ! -s out ]]
}

names_missing_rootfs() {
    gives 125 "$1" no-such-rootfs "${@:2}"
    grep -q no-such-rootfs err
}

# ------------------------------------------------------------------- 1 and 2

systems_differ_and_kernel_does_not() {
    gives 0 01-kernel busybox.tar.gz machine.tar.gz
    [[ $(wc -l < out) -eq 4 ]]
    # Each column but the last differs; the last is that of this machine.
    [[ $(tail -n 3 out | awk '{ print $NF }' | sort -u) == "$(uname -r)" ]]
    sed -n 2,3p out | sed -E 's/ {2,}/\t/g' > rows
    for column in 1 2 4; do
        [[ $(cut -f "$column" rows | sort -u | wc -l) -eq 2 ]]
    done
    [[ $(sed -n 1p rows | cut -f 1-3) == busybox$'\t'none$'\t'none ]]
}

machine_names_its_package_manager() {
    [[ $(sed -n 2p rows | cut -f 3) == apt ]]
}

kernel_refuses_what_is_no_tarball() {
    echo text > text.tar.gz
    gives 125 01-kernel text.tar.gz
    grep -q '^01-kernel: archive: ' err
}

kernel_leaves_no_directory() {
    [[ -z $(find /tmp -maxdepth 1 -name 'lesson-*' -user "$("${as[@]}" id -u)") ]]
}

lists_as_ls_does() {
    diff <(tr -s ' ' < out) <("${as[@]}" ls -al "$1" | tail -n +2 | tr -s ' ')
}

tarball_is_listed_as_by_ls() {
    gives 0 02-tarball busybox.tar.gz rootfs
    lists_as_ls_does rootfs
}

tarball_from_a_pipe_is_listed_as_by_ls() {
    gives 0 02-tarball - piped < <(cat machine.tar.gz)
    lists_as_ls_does piped
    grep -q ' bin -> usr/bin$' out
}

tarball_refuses_a_directory_that_exists() {
    gives 125 02-tarball busybox.tar.gz rootfs
    grep -q rootfs err
}

# ------------------------------------------------------------------- 3 and 4

chroot_changes_root_alone() {
    gives 0 03-chroot rootfs
    [[ $(sed -n 's/^outside: .* is inode \([0-9]*\), .*/\1/p' out) -eq $(stat -c %i /) ]]
    [[ $(sed -n 's/^in the chroot: .* is inode \([0-9]*\), .*/\1/p' out) -eq $(stat -c %i rootfs) ]]
    [[ $(grep -E '^(outside|in the chroot): ' out | cut -d , -f 2- | sort -u | wc -l) -eq 1 ]]
}

hello_is_said_in_the_chroot_and_in_the_container() {
    [[ $(grep -c '^ *Hello from sh!$' out) -eq 2 ]]
}

root_walks_out_of_the_chroot() {
    [[ $(sed -n 's/^after,  . is inode \([0-9]*\): .*/\1/p' out) -eq $(stat -c %i /) ]]
}

root_does_not_walk_out_of_a_container() {
    local before after
    before=$(sed -n 's/^    before, \(.*\)/\1/p' out)
    after=$(sed -n 's/^    after,  \(.*\)/\1/p' out)
    [[ -n $before && $before == "$after" ]]
}

# The archive that tests/rootfs/test_debian.sh keeps.
debian=${XDG_CACHE_HOME:-$HOME/.cache}/libcontainer/debian-rootfs-bookworm.tar

python_says_hello() {
    gives 0 02-tarball - debian < "$debian"
    gives 0 03-chroot debian
    [[ $(grep -c '^ *Hello, container world!$' out) -eq 2 ]]
    [[ $(grep -c '^ */usr/bin/python3$' out) -eq 2 ]]
}

host_process_is_seen_and_ended_from_a_chroot() {
    gives 0 04-proc rootfs
    grep -q '^ *[0-9]* .*top 1000$' out
    grep -qx 'outside: top has been ended' out
}

host_process_is_neither_from_a_container() {
    [[ $(answer inside '/bin/ps aux' | wc -l) -eq 3 ]]
    grep -q 'No such process' out
    [[ $(tail -n 1 out) == 'outside: top runs' ]]
}

# --------------------------------------------------------------------- 5

shell_is_pid_1_of_two_processes() {
    gives 0 05-unshare rootfs
    answers inside 'echo $$' 1 1
    [[ $(answer inside '/bin/ps aux' | tail -n +2 | awk '{ print $1, $3 }') == $'1 sh\n2 /bin/ps' ]]
    [[ $(sed -n 's/.*of the inside is PID \([0-9]*\)\.$/\1/p' out) -gt 2 ]]
}

unshare_runs_a_command_with_its_own_stdin() {
    gives 3 05-unshare rootfs sh < <(echo 'echo I am $$; exit 3')
    grep -qx 'I am 1' out
}

unshare_keeps_the_other_namespaces() {
    # shellcheck disable=SC2016 # the shell in the container expands it
    gives 0 05-unshare rootfs sh -c 'for kind in uts net pid; do readlink /proc/self/ns/$kind; done'
    readlink /proc/self/ns/uts /proc/self/ns/net > kept
    [[ $(grep -cFxf kept out) -eq 2 ]]
    [[ $(grep -cFx "$(readlink /proc/self/ns/pid)" out) -eq 0 ]]
}

# --------------------------------------------------------------------- 6

# links_of PID: what ls -l shows of /proc/PID/ns, without the dates.
links_of() {
    # shellcheck disable=SC2016 # bash -c expands it
    "${as[@]}" bash -c 'for kind in "$1"/*; do echo "${kind##*/} -> $(readlink "$kind")"; done' \
        links_of "/proc/$1/ns"
}

ns_lists_what_readlink_says() {
    local sleeper
    "${as[@]}" sleep 1000 &
    sleeper=$!
    # Until it has become that program, and that user, it is not shown to him.
    until [[ $(cat "/proc/$sleeper/comm") == sleep ]]; do :; done
    gives 0 06-ns "$sleeper" || true
    links_of "$sleeper" > links || true
    kill "$sleeper"
    diff links <(sed '/^$/,$d' out)
}

ns_shows_the_system_as_a_tree() {
    gives 0 06-ns
    sed '1,/^$/d' out > tree
    head -n 1 tree | grep -Eq '^NPROCS +PID +UID +COMMAND +NAMESPACE$'
    grep -qF " $("${as[@]}" readlink /proc/self/ns/pid)" tree
}

ns_sees_a_namespace_that_came() {
    local lesson
    rm -f door said && mkfifo door said
    "${as[@]}" ./05-unshare rootfs sh < door > said &
    lesson=$!
    exec 5> door 6< said
    read -r _ <&6
    echo 'readlink /proc/self/ns/pid' >&5
    read -r name <&6
    gives 0 06-ns
    exec 5>&- 6<&-
    wait "$lesson"
    [[ $name == pid:* ]]
    grep -qF "$name" out
}

ns_refuses_a_process_that_is_not_there() {
    gives 125 06-ns 4194304
    grep -q '^06-ns: .*4194304' err
    gives 125 06-ns shell
    grep -q '^06-ns: shell: ' err
}

# --------------------------------------------------------------------- 7

three_processes_are_visible() {
    [[ $(answer "$1" '/bin/ps aux' | tail -n +2 | awk '{ print $3 }' | xargs) == 'sh sh /bin/ps' ]]
}

visitor_sees_three_processes() {
    gives 0 07-nsenter rootfs
    [[ $(answer first '/bin/ps aux' | wc -l) -eq 3 ]]
    three_processes_are_visible visitor
}

# As in two terminals: a shell of lesson 5 that waits for input, joined by its number.
visitor_joins_a_shell_of_lesson_5() {
    local pid lesson
    rm -f door said && mkfifo door said
    "${as[@]}" ./05-unshare rootfs sh < door > said &
    lesson=$!
    exec 5> door 6< said
    read -r line <&6
    pid=$(sed -n 's/^PID 1 inside is PID \([0-9]*\) outside\.$/\1/p' <<< "$line")
    gives 0 07-nsenter rootfs "$pid"
    three_processes_are_visible visitor
    exec 5>&- 6<&-
    wait "$lesson"
}

visitor_refuses_a_process_that_is_not_there() {
    gives 125 07-nsenter rootfs 4194304
    grep -q '^07-nsenter: .*4194304' err
}

# --------------------------------------------------------------------- 8

# shows_both_ways KIND LOOK INSIDE OUTSIDE NOTHING: inside sees its own change, then outside
# the other; neither sees both.
shows_both_ways() {
    gives 0 08-kinds rootfs "$1"
    answers 'inside ' "$2" 1 "$3"
    answers outside "$2" 1 "$5"
    answers outside "$2" 2 "$4"
    answers 'inside ' "$2" 2 "$3"
}

pid_kind_hides_processes() {
    gives 0 08-kinds rootfs pid
    [[ $(answer 'inside ' /bin/ps 1 | grep -c 'httpd -p 1111') -eq 1 ]]
    [[ $(answer outside /bin/ps 1 | grep -c httpd) -eq 0 ]]
    [[ $(answer outside /bin/ps 2 | grep -c 'httpd -p 2222') -eq 1 ]]
    [[ $(answer 'inside ' /bin/ps 2 | grep -c 'httpd -p 2222') -eq 0 ]]
}

mnt_kind_hides_mounts() {
    shows_both_ways mnt "grep /home /proc/mounts | cut -d ' ' -f 1-3" \
        'inside /home tmpfs' 'outside /home tmpfs' ''
}

ipc_kind_hides_queues() {
    shows_both_ways ipc 'ls /dev/mqueue' from-inside from-outside ''
}

net_kind_hides_addresses() {
    local lo='1: lo    inet 127.0.0.1/8 scope'
    shows_both_ways net 'ip -o -4 addr | cut -c 1-31' "$lo"$'\n1: lo    inet 10.1.1.1/32 scope' \
        "$lo"$'\n1: lo    inet 10.2.2.2/32 scope' "$lo"
}

uts_kind_hides_names() {
    shows_both_ways uts hostname inside outside container
}

# The same owner has another number on the other side, or none (65534).
user_kind_changes_numbers() {
    local look="stat -c '%n belongs to %u' /tmp/from-*"
    gives 0 08-kinds rootfs user
    if [[ ${#as[@]} -eq 0 && $EUID -eq 0 ]]; then
        answers 'inside ' "$look" 2 $'/tmp/from-inside belongs to 0\n/tmp/from-outside belongs to 65534'
        answers outside "$look" 2 $'/tmp/from-inside belongs to 100000\n/tmp/from-outside belongs to 0'
    else
        answers 'inside ' "$look" 2 $'/tmp/from-inside belongs to 1000\n/tmp/from-outside belongs to 1000'
        answers outside "$look" 2 $'/tmp/from-inside belongs to 0\n/tmp/from-outside belongs to 0'
    fi
}

cgroup_kind_hides_the_path() {
    gives 0 08-kinds rootfs cgroup
    answers 'inside ' 'tail -n 1 /proc/self/cgroup' 1 0::/
    answers outside 'tail -n 1 /proc/self/cgroup' 1 "$(tail -n 1 /proc/self/cgroup)"
}

time_kind_shifts_the_clock() {
    local inside outside
    gives 0 08-kinds rootfs time
    inside=$(answer 'inside ' 'cut -d . -f 1 /proc/uptime')
    outside=$(answer outside 'cut -d . -f 1 /proc/uptime')
    [[ $((inside - outside)) -gt $((999 * 86400)) && $outside -gt 0 ]]
}

kinds_shows_all_eight() {
    gives 0 08-kinds rootfs
    [[ $(grep -cE '^[a-z]+$' out) -eq 8 ]]
}

kinds_refuses_an_unknown_kind() {
    gives 125 08-kinds rootfs disk
    grep -q '^usage: 08-kinds ' err
}

# -------------------------------------------------------------------- 9, 10

caps_names_the_default_set() {
    gives 0 09-caps rootfs
    [[ $(sed -n 's/^root in a container has: \(.*\)=ep$/\1/p' out | tr , '\n' | wc -l) -eq 11 ]]
    grep -Eq '^    CapEff:.*800405fb$' out
}

# differs CAP USER: exactly one of the two tries was allowed, and which one.
differs() {
    awk -v head="$1, as user $2" '/^cap_/ { wanted = $0 == head; next } wanted' out > tries
    [[ $(grep -c '^    allowed$' tries) -eq 1 ]]
    [[ $(grep -B 9 '^    allowed$' tries | grep -c '\$ ') -eq $3 ]]
}

together_shows_each_part() {
    mkdir -p shared
    echo hello > shared/hello
    gives 0 10-together rootfs shared
    answers web 'echo mine > /etc/os-release; cat /etc/os-release' 1 mine
    grep -qx NAME=busybox rootfs/etc/os-release
    [[ $(answer web '/bin/ps; hostname; ls /sys/class/net' | tail -n 2) == $'web\nlo' ]]
    [[ $(answer web 'cat /srv/hello; touch /srv/mine') == hello$'\n'*'Read-only file system' ]]
    [[ ! -e shared/mine ]]
    [[ $(answer web 'head -c 2000000 /dev/zero > /tmp/big; wc -c < /tmp/big' | tail -n 1) -eq 1048576 ]]
    answer web 'env | grep -v -e PWD -e SHLVL -e _=' | grep -qx MODE=lesson
    answers web 'ulimit -n' 1 64
    [[ $(grep -c 'Cap.*:.0000000000000400$' out) -eq 2 ]]
    grep -Eq '^    NoNewPrivs:.1$' out
    [[ $(answer web 'grep Seccomp: /proc/self/status; unshare -U true') == *2$'\n'*'not permitted' ]]
    [[ $(answer web 'wc -c < /proc/keys; echo > /proc/sys/kernel/panic') == 0$'\n'*'Read-only file system' ]]
}

# Root has a cgroup to give, unless this is root of a user namespace; then the lesson says why not.
together_has_limits() {
    local limits
    limits=$(sed -n '/^Limits of all processes together/,$p' out)
    if grep -q '^It has no limits: limit: ' out; then
        [[ $who != root || $(awk 'NR == 1 { print $3 }' /proc/self/uid_map) -ne 4294967295 ||
            ! -w /sys/fs/cgroup ]]
    else
        [[ $limits == *$'\n    Killed\n'*"can't fork"*'It used 64 MiB at most; 1 of'*'and 1 were not forked.' ]]
    fi
}

# ------------------------------------------------------------------ explain

# explained: what explain mode has printed, without what the lesson itself shows.
explained() {
    grep -E '^([$>#] |    (host|child)  )' out
}

explains_each_call_below_its_command() {
    gives 0 "$1" --explain "${@:2}"
    grep -q '^\$ ' out
    grep -Eq '^    (host|child) +[a-z_0-9]+\(.*\) += ' out
    [[ $(explained | awk 'length > 100' | wc -l) -eq 0 ]]
}

# Of both sides, from the first call to the last.
explains_the_start_of_its_containers() {
    explains_each_call_below_its_command "$@"
    grep -Eq '^    host   clone3\(.* = [0-9]+ +[0-9.]+ us$' out
    grep -Eq '^    child  mount\(NULL, "/", NULL, MS_REC\|MS_PRIVATE, NULL\) += 0 ' out
    grep -Eq '^    child  execve\("/bin/sh", \["sh"\], .* = 0 ' out
}

# The kernel is asked for the handling of each of its 64 signals; a reader need not see all.
explain_counts_what_repeats() {
    gives 0 05-unshare --explain rootfs
    [[ $(grep -c '^    child  rt_sigaction' out) -eq 3 ]]
    grep -Eqx '    child  rt_sigaction, 62 times more' out
}

explain_ends_with_the_call_that_failed() {
    gives 125 05-unshare --explain rootfs /no-such-program
    tail -n 1 out | grep -Eq '^    child  [a-z]+\(.*"/no-such-program", .* = ENOENT '
    grep -q '^05-unshare: .*/no-such-program' err
}

# explained_commands: the shell commands in what was explained, each in one line.
explained_commands() {
    sed -n 's/^[$>] //p' out | sed -e ':again' -e '/\\$/ { N; s/\\\n//; b again' -e '}'
}

# What this test does not type, and why.
untyped=()
leave_out_untyped() {
    untyped=()
    if ! command -v keyctl > /dev/null; then
        untyped+=(keyctl)
        leave_out "$1: keyctl session is typed" "keyctl is not installed"
    fi
    leave_out "$1: what makes and enters a cgroup is typed" "it is for a container that has ended"
    [[ $1 == user ]] || return 0
    untyped+=(echo mknod)
    leave_out "$1: echo ... > /proc/PID/uid_map is typed" \
        "it is for the caller, and unshare --map-root-user does it here"
    leave_out "$1: mknod is typed" \
        "the kernel refuses it in a user namespace, and the library binds the host's devices"
    leave_out "$1: what the machine has mounted below /sys is compared" \
        "mount -o remount,bind,ro makes one mount read-only, the library all below it"
}

# type_commands: types what was explained; what is mounted then is in the file typed.
type_commands() {
    local first
    explained_commands > explained_all
    bash -n explained_all
    grep -v ' /sys/fs/cgroup/' explained_all > commands # see leave_out_untyped
    first=$(head -n 1 commands)
    [[ $first == 'unshare '* ]]
    [[ $first != *' --user '* ]] || first+=' --map-root-user'
    tail -n +2 commands > rest
    "${as[@]}" bash -c "$first \"\$@\"" type "$source/tests/lessons/type_commands.sh" rest \
        "${untyped[@]}" > typed
}

# mounts: place, type and options of the mounts on stdin, without what is left out above.
mounts() {
    cut -d ' ' -f 2-4 | awk '$1 !~ "^/dev/(null|zero|full|random|urandom|tty)$" &&
        $1 !~ "^/sys/fs/" && ($1 !~ "^/sys/" || $2 == "tmpfs")' | sort
}

explained_commands_mount_the_same() {
    gives 0 05-unshare --explain rootfs cat /proc/self/mounts
    grep -Ev '^([$>#] |    |PID 1 )' out | mounts > own
    type_commands
    grep -q '^/proc/sys proc ro,' own
    diff own <(mounts < typed)
}

explained_commands_of_lesson_10_work() {
    gives 0 10-together --explain rootfs shared
    type_commands
    [[ $(grep -Ec '^(hostname web|ip link set lo up|prlimit .* --nofile=64:64)$' commands) -eq 3 ]]
    grep -q ' /srv .* ro,' typed
    # Either the cgroup that is told of is made, limited and entered, or the lesson has said why not.
    grep -q '^It has no limits: ' out || [[ $(grep -Ec -e '^mkdir /sys/fs/cgroup/.*/ct-' \
        -e '^echo (67108864|20) > /sys/fs/cgroup/.*/(memory|pids)[.]' explained_all) -ge 3 ]]
}

explains_nothing_unasked() {
    gives 0 04-proc rootfs
    [[ $(grep -cE '^(\$|    (host|child) )' out) -eq 0 ]]
}

# ------------------------------------------------------------------ the whole

# What a lesson could leave behind: in the root filesystem, in the mount table, as a process.
state() {
    (cd rootfs && find . -printf '%p %y %m %U %G %s %l\n' | sort)
    grep -F " $work" /proc/self/mountinfo || true
    # shellcheck disable=SC2009 # as pgrep has no -c with whole command lines
    ps -e -o args= | grep -cE '^(top 1000|httpd -p .*)$' || true
}

left_alone() {
    diff before <(state)
}

all_lessons() {
    local who=$1 lesson cap
    for lesson in "$source"/examples/lessons/[0-9]*.c; do
        lesson=$(basename "$lesson" .c)
        check "$who: $lesson explains itself with --help" helps "$lesson"
        [[ $lesson == 06-* ]] || check "$who: $lesson tells its usage" tells_usage "$lesson"
    done
    for lesson in 03-chroot 04-proc 05-unshare 07-nsenter 08-kinds 09-caps; do
        check "$who: $lesson names the rootfs that is missing" names_missing_rootfs $lesson
    done
    check "$who: 10-together names the rootfs that is missing" names_missing_rootfs 10-together .
    check "$who: systems differ in all but the kernel" systems_differ_and_kernel_does_not
    if command -v apt > /dev/null; then
        check "$who: this machine's system has its package manager" machine_names_its_package_manager
    fi
    check "$who: 01-kernel refuses what is no tarball" kernel_refuses_what_is_no_tarball
    check "$who: 01-kernel leaves no directory" kernel_leaves_no_directory
    check "$who: a tarball is listed as by ls -al" tarball_is_listed_as_by_ls
    check "$who: a tarball from a pipe is listed as by ls -al" tarball_from_a_pipe_is_listed_as_by_ls
    check "$who: 02-tarball refuses a directory that exists" tarball_refuses_a_directory_that_exists
    state > before
    check "$who: chroot changes the root alone" chroot_changes_root_alone
    check "$who: hello is said in chroot and container" hello_is_said_in_the_chroot_and_in_the_container
    check "$who: root walks out of a chroot" root_walks_out_of_the_chroot
    check "$who: root does not walk out of a container" root_does_not_walk_out_of_a_container
    if [[ -r $debian ]]; then
        check "$who: Debian's python says hello in both" python_says_hello
    else
        leave_out "$who: Debian's python says hello" "no archive is kept at $debian"
    fi
    check "$who: a chroot sees and ends a process of the host" host_process_is_seen_and_ended_from_a_chroot
    check "$who: a container does neither" host_process_is_neither_from_a_container
    check "$who: the unshared shell is PID 1 of two processes" shell_is_pid_1_of_two_processes
    check "$who: 05-unshare runs a command with its own stdin" unshare_runs_a_command_with_its_own_stdin
    check "$who: 05-unshare keeps the other namespaces" unshare_keeps_the_other_namespaces
    check "$who: 06-ns lists what readlink says" ns_lists_what_readlink_says
    check "$who: 06-ns shows the system as a tree" ns_shows_the_system_as_a_tree
    check "$who: 06-ns sees a namespace that came" ns_sees_a_namespace_that_came
    check "$who: 06-ns refuses a process that is not there" ns_refuses_a_process_that_is_not_there
    check "$who: who joins sees three processes" visitor_sees_three_processes
    check "$who: a waiting shell of lesson 5 can be joined" visitor_joins_a_shell_of_lesson_5
    check "$who: 07-nsenter refuses a process that is not there" \
        visitor_refuses_a_process_that_is_not_there
    check "$who: pid namespaces hide processes" pid_kind_hides_processes
    check "$who: mnt namespaces hide mounts" mnt_kind_hides_mounts
    check "$who: ipc namespaces hide message queues" ipc_kind_hides_queues
    check "$who: net namespaces hide addresses" net_kind_hides_addresses
    check "$who: uts namespaces hide host names" uts_kind_hides_names
    check "$who: user namespaces change the numbers of users" user_kind_changes_numbers
    check "$who: cgroup namespaces hide the path" cgroup_kind_hides_the_path
    check "$who: time namespaces shift the clock" time_kind_shifts_the_clock
    check "$who: 08-kinds shows all eight" kinds_shows_all_eight
    check "$who: 08-kinds refuses an unknown kind" kinds_refuses_an_unknown_kind
    check "$who: 09-caps names the default set" caps_names_the_default_set
    for cap in cap_sys_admin cap_net_admin; do
        check "$who: $cap allows what was refused" differs $cap 0 2
    done
    for cap in cap_sys_chroot cap_dac_override cap_net_bind_service; do
        check "$who: without $cap is refused what was allowed" differs $cap 0 1
    done
    if [[ $who == root ]]; then
        check "$who: an ambient capability serves another user" differs cap_net_bind_service 1000 2
    fi
    check "$who: 10-together shows each part" together_shows_each_part
    check "$who: 10-together has limits, or says why not" together_has_limits
    check "$who: 02-tarball explains its calls" explains_each_call_below_its_command \
        02-tarball busybox.tar.gz explained
    check "$who: 06-ns explains its calls" explains_each_call_below_its_command 06-ns
    check "$who: 01-kernel explains its container" explains_the_start_of_its_containers \
        01-kernel busybox.tar.gz
    for lesson in 03-chroot 04-proc 05-unshare 07-nsenter 08-kinds 09-caps; do
        check "$who: $lesson explains its containers" explains_the_start_of_its_containers \
            $lesson rootfs
    done
    check "$who: 10-together explains its container" explains_the_start_of_its_containers \
        10-together rootfs shared
    check "$who: what repeats is explained once" explain_counts_what_repeats
    check "$who: the call that failed is explained last" explain_ends_with_the_call_that_failed
    leave_out_untyped "$who"
    check "$who: the commands that lesson 5 explains mount the same" explained_commands_mount_the_same
    check "$who: the commands that lesson 10 explains work" explained_commands_of_lesson_10_work
    check "$who: nothing is explained unasked" explains_nothing_unasked
    check "$who: rootfs, mounts and processes are as before" left_alone
}

cp -r "$work/workshop" "$work/own"
cd "$work/own"
if [[ $EUID -eq 0 ]] && in_first_user_ns; then
    all_lessons root
elif [[ $EUID -eq 0 ]]; then
    leave_out "root: all lessons" \
        "sysfs of the machine's network, which most keep, is not for root of a user namespace"
fi
if [[ $EUID -eq 0 ]]; then
    cp -r "$work/workshop" "$work/users"
    cd "$work/users"
    chown -R "$user:$user" .
    as=(setpriv "--reuid=$user" "--regid=$user" --clear-groups)
fi
if ! "${as[@]}" unshare -Ur true 2> /dev/null; then
    leave_out "user: all lessons" "unprivileged user namespaces are not allowed here"
elif ! "${as[@]}" ./01-kernel --help > /dev/null 2>&1; then
    leave_out "user: all lessons" "an ordinary user cannot reach the build directory"
else
    all_lessons user
fi
finish
