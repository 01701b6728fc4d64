#!/usr/bin/env bash
#
# examples/interactive at a real terminal: somebody types, resizes, hangs up, sends signals;
# and whatever happens, the terminal has its modes back.
#
# Usage: test_interactive.sh SOURCE-DIRECTORY EXAMPLES-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
# shellcheck disable=SC2016 # what is typed is for the shell inside
set -euo pipefail
export LC_ALL=C TERM=dumb
source=$(cd "$1" && pwd)
interactive=$(cd "$2" && pwd)/interactive
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

unshare -mpf true 2> /dev/null || unshare -Urmpf true 2> /dev/null ||
    skip "needs the right to make namespaces: root, or unprivileged user namespaces"
command -v busybox > /dev/null || skip "needs busybox-static"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$source/examples/rootfs.sh" rootfs.tar.gz || skip "needs a static busybox, tar and gzip"
mkdir root
tar -xzf rootfs.tar.gz -C root

# ends HOW STEP... -- [COMMAND...]: somebody who does these steps at the terminal of a container sees
# it end so, and the terminal as it was. What was shown is in the file shown.
ends() {
    local how=$1 steps=()
    shift
    while [[ $1 != -- ]]; do
        steps+=("$1")
        shift
    done
    shift
    at_terminal "${steps[@]}" -- "$interactive" root "$@"
    [[ $(tail -n 1 shown) == "$how, modes same" ]]
}

at_terminal() {
    python3 "$source/tests/terminal/type.py" "$@" > shown || {
        cat shown
        return 1
    }
    cat -v shown
}

# A step that waits until the container's first process computes no more, as its output is not read.
until_blocked='used() { cut -d " " -f 14,15 /proc/{child}/stat; }; u=$(used)
    until sleep 0.3; [ "$u" = "$(used)" ]; do u=$(used); done'
kept='echo {child} > child'

nothing_runs() {
    [[ ! -e /proc/$(cat child) ]]
}

# ---------------------------------------------------------------- working in it

shell_works() {
    ends "code 7" see '# ' type 'tty; stty size\n' see '/dev/pts/0' see '33 101' type 'exit 7\n' --
    ! grep -q -e "job control" -e "access tty" shown
}

echoes_once() {
    ends "code 0" see 'ready' type 'some words\n' -- sh -c 'echo ready; read x; echo "<$x>"'
    [[ $(grep -c 'some words' shown) -eq 2 ]]
    grep -q '^<some words>' shown
}

modes_go_in() {
    ends "code 0" -- stty -a
    grep -q 'erase = ^H;' shown
    grep -q -e '-echok ' shown
}

raw_meanwhile() {
    ends "code 0" see '# ' mode raw type 'exit\n' --
}

interrupts_inside() {
    ends "code 4" see '# ' type 'sleep 1000\n' see 'sleep 1000' \
        run 'until grep -qsx sleep /proc/$(tr -d " " < /proc/{child}/task/{child}/children)/comm; do
            sleep 0.1; done' \
        type '\003' see '# ' type 'echo is $?; exit 4\n' see 'is 130' --
}

size_goes_in() {
    ends "code 5" see 'ready' size 50 132 see 'now 50 132' -- \
        sh -c 'trap "echo now \$(stty size); exit 5" WINCH; echo ready; sleep 1000 & wait'
}

# ---------------------------------------------------------------- ways out

passes_code_on() {
    ends "code $1" -- sh -c "exit $1"
}

container_is_killed() {
    ends "code 137" see '# ' run "$kept; kill -KILL {child}" --
    nothing_runs
}

signal_ends() {
    ends "code $2" see '# ' run "$kept" send "$1" --
    nothing_runs
}

signal_ends_blocked() {
    ends "code 143" see 'y' run "$kept; $until_blocked" send TERM -- yes
    nothing_runs
}

start_fails() {
    ends "code 125" -- no-such-program
    grep -q 'no-such-program' shown
}

rootfs_missing() {
    at_terminal -- "$interactive" no-such-root
    grep -q 'no-such-root' shown
    [[ $(tail -n 1 shown) == "code 125, modes same" ]]
}

hangs_up() {
    at_terminal see '# ' run "$kept" hangup -- "$interactive" root
    [[ $(tail -n 1 shown) == "code 129, modes gone" ]]
    nothing_runs
}

is_stopped() {
    ends "code 3" see '# ' mode raw send TSTP stopped mode cooked size 40 90 send CONT mode raw \
        type 'stty size; exit 3\n' see '40 90' --
}

needs_terminal() {
    local status=0
    "$interactive" root true < /dev/null > out 2> err || status=$?
    [[ $status -eq 125 ]]
    grep -q 'stdin' err
}

# ---------------------------------------------------------------- output

# The line that type.py adds begins with a newline.
output_is_whole() {
    ends "code 6" "$@" -- sh -c 'head -c 1048576 /dev/zero | tr "\0" x; exit 6' > /dev/null
    [[ $(head -n 1 shown | tr -d '\n' | wc -c) -eq 1048576 ]]
    [[ -z $(head -n 1 shown | tr -d 'x\n') ]]
}

output_to_file() {
    at_terminal -- /bin/sh -c '"$0" root echo words > file' "$interactive"
    [[ $(tail -n 1 shown) == "code 0, modes same" && $(tr -d '\r' < file) == words ]]
}

closed_output() {
    at_terminal -- /bin/bash -c '"$0" root yes | head -c 1; exit ${PIPESTATUS[0]}' "$interactive"
    [[ $(tail -n 1 shown) == "code 141, modes same" ]]
}

# The terminal's description is shared with the shell, which would get EAGAIN.
flags_stay() {
    at_terminal -- /bin/bash -c 'grep flags /proc/self/fdinfo/0; "$0" root true
        grep flags /proc/self/fdinfo/0' "$interactive"
    [[ $(grep -c flags shown) -eq 2 && $(grep flags shown | sort -u | wc -l) -eq 1 ]]
}

# 20 of the 200 ticks that there are in two seconds. What it took to start does not count.
takes_no_time='ticks() { echo $(($(cut -d " " -f 14,15 --output-delimiter=+ /proc/{pid}/stat))); }
sleep 1; before=$(ticks); sleep 2; [ $(($(ticks) - before)) -lt 20 ]'
does_not_spin() {
    ends "code 143" see 'ready' run "$takes_no_time" send TERM -- \
        sh -c 'echo ready; exec < /dev/null > /dev/null 2>&1; sleep 1000'
}

comes_back() {
    ends "code 0" see 'ready' see 'again' -- \
        sh -c 'echo ready; (exec < /dev/null > /dev/null 2>&1 3> gone; sleep 0.5); echo again'
}

check "a shell works at the container's own terminal, with job control" shell_works
check "what is typed is shown once" echoes_once
check "the container's terminal begins with the modes of the host's" modes_go_in
check "the host's terminal is raw meanwhile" raw_meanwhile
check "Ctrl-C interrupts what runs inside" interrupts_inside
check "another size is that of the container's terminal, and told inside" size_goes_in
for code in 0 1 42 255; do
    check "the exit code is passed on, and the terminal restored" passes_code_on "$code"
done
check "the terminal is restored when the container is killed" container_is_killed
for signal in "TERM 143" "INT 130" "HUP 129" "QUIT 131"; do
    # shellcheck disable=SC2086 # two words
    check "the terminal is restored at a signal, and the container ends" signal_ends $signal
done
check "the terminal is restored at a signal while nobody reads the output" signal_ends_blocked
check "the terminal is restored when the command cannot be started" start_fails
check "the terminal is restored when there is no root filesystem" rootfs_missing
check "a terminal that hangs up ends the container" hangs_up
check "the terminal is restored for as long as the program is stopped" is_stopped
check "stdin that is no terminal is refused" needs_terminal
check "a mebibyte of output is whole at the end" output_is_whole
check "a mebibyte of output is whole for somebody who begins to read late" \
    output_is_whole run "$until_blocked"
check "output goes to a file" output_to_file
check "output that nobody takes any more ends the container" closed_output
check "the terminal does not become one that never blocks" flags_stay
check "a container that has left its terminal costs no time" does_not_spin
check "the terminal is used again by who comes back to it" comes_back
finish
