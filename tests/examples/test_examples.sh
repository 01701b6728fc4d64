#!/usr/bin/env bash
#
# The example programs, in containers with a busybox: what they print, how they exit, and
# that they leave nothing behind.
#
# Usage: test_examples.sh SOURCE-DIRECTORY EXAMPLES-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
examples=$(cd "$2" && pwd)
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

run=$examples/run
capture=$examples/capture
hello=$examples/hello

# gives CODE COMMAND...: the command exits with that code. Its output is in files.
gives() {
    local code=$1 status=0
    shift
    "$@" > out 2> err || status=$?
    cat out err
    echo "exit code: $status"
    [[ $status -eq $code ]]
}

# ------------------------------------------------------------------- run

run_shows_pid_1() {
    gives 0 "$run" rootfs.tar.gz -- ps
    [[ $(grep -c . out) -eq 2 ]]
    grep -Eq '^ +1 root .* ps$' out
}

run_uses_a_directory() {
    gives 0 "$run" root -- cat /etc/os-release
    grep -qx 'NAME=busybox' out
}

run_reads_a_pipe() {
    gives 0 "$run" /dev/stdin -- id -u < <(cat rootfs.tar.gz)
    [[ $(cat out) == 0 ]]
}

run_passes_on_code() {
    gives "$1" "$run" root -- sh -c "exit $1"
}

run_keeps_container_out_of_host() {
    gives 0 "$run" root -- sh -c 'hostname; ls /proc/1/root/root; ip -o link | wc -l'
    [[ $(tail -n 1 out) == 1 && $(head -n 1 out) != "$(hostname)" ]]
}

# Nothing of the host's tree is mounted, neither beside the root nor below or above it.
run_keeps_mounts_out() {
    gives 0 "$run" root -- cat /proc/self/mountinfo
    [[ $(cut -d ' ' -f 5 out | grep -cx /) -eq 1 ]]
    [[ $(cut -d ' ' -f 5 out | grep -cvE '^/($|proc|sys|dev)') -eq 0 ]]
    [[ $(grep -c -e ' /sys/fs/cgroup/' out) -eq 0 ]]
}

run_names_missing_program() {
    gives 125 "$run" root -- no-such-program
    [[ ! -s out ]]
    grep -q 'no-such-program' err
}

run_names_missing_rootfs() {
    gives 125 "$run" no-such.tar.gz -- ps
    grep -q 'no-such.tar.gz' err
}

run_refuses_what_is_no_archive() {
    echo 'this is text' > text.tar.gz
    gives 125 "$run" text.tar.gz -- ps
    [[ -s err ]]
}

run_explains_its_usage() {
    gives 125 "$run" rootfs.tar.gz ps
    grep -q '^run: usage:' err
}

# Waits until the container has said that it runs, then interrupts the program.
run_ends_its_container() {
    local pid status=0
    rm -f fifo && mkfifo fifo
    "$run" rootfs.tar.gz -- sh -c 'echo ready; sleep 1000' > fifo 2> err &
    pid=$!
    read -r line < fifo
    [[ $line == ready ]]
    kill -"$1" "$pid"
    wait "$pid" || status=$?
    cat err
    echo "exit code: $status"
    [[ $status -eq 137 ]]
}

# What the programs may leave in /tmp: trees, and the places where trees are made.
left_in_tmp() {
    find /tmp -maxdepth 1 '(' -name 'run-[0-9]*' -o -name '.run-[0-9]*' ')' | sort
}

leaves_nothing() {
    diff before <(left_in_tmp)
}

# ----------------------------------------------------------------- hello

hello_shows_pid_1() {
    gives 0 "$hello" rootfs.tar.gz hello-root
    grep -Eq '^ +1 root .* ps$' out
    grep -qx 'hello: exited with code 0' out
    [[ ! -e hello-root ]]
}

hello_passes_on_code() {
    gives 7 "$hello" rootfs.tar.gz hello-root sh -c 'exit 7'
}

hello_names_missing_program() {
    gives 125 "$hello" rootfs.tar.gz hello-root no-such-program
    grep -q 'no-such-program' err
    [[ $(wc -l < err) -eq 2 && ! -e hello-root ]]
}

hello_keeps_what_was_there() {
    mkdir hello-root
    gives 125 "$hello" rootfs.tar.gz hello-root
    rmdir hello-root
}

# --------------------------------------------------------------- capture

capture_gives_back_1_mib() {
    head -c 1048576 /dev/urandom > input
    gives 0 "$capture" 60 root cat < input > /dev/null
    cmp input out
    [[ ! -s err ]]
}

# Both outputs are longer than a pipe holds, and nobody reads stdin.
capture_takes_both_outputs() {
    gives 0 "$capture" 60 root sh -c \
        'yes out | head -c 300000; yes err | head -c 300000 >&2' < input > /dev/null
    [[ $(stat -c %s out) -eq 300000 && $(stat -c %s err) -eq 300000 ]]
    [[ $(sort -u out | head -n 1) == o* && $(sort -u err | head -n 1) == e* ]]
}

capture_passes_on_code() {
    gives 7 "$capture" 60 root sh -c 'exit 7' < /dev/null
}

capture_ends_at_its_limit() {
    local start=$SECONDS
    gives 124 "$capture" 1 root sh -c 'echo before; sleep 1000' < /dev/null
    [[ $(cat out) == before && $((SECONDS - start)) -lt 20 ]]
}

capture_ends_what_closed_its_outputs() {
    gives 124 "$capture" 1 root sh -c 'exec > /dev/null 2>&1; sleep 1000' < /dev/null
}

capture_names_missing_program() {
    gives 125 "$capture" 60 root /no/such/program < /dev/null
    grep -q '/no/such/program' err
}

capture_names_missing_root() {
    gives 125 "$capture" 60 no-such-directory true < /dev/null
    grep -q 'no-such-directory' err
}

capture_explains_its_usage() {
    gives 125 "$capture" 60 root < /dev/null
    grep -q '^capture: usage:' err
}

# ------------------------------------------------------------------ pool

pool=$examples/pool

pool_runs_each_line_alone() {
    printf '%s\n' 'echo $$' 'echo $$; exit 3' > commands
    gives 0 "$pool" 2 root < commands
    diff out <(printf '%s\n' 1 'echo $$: exited with code 0' 1 'echo $$; exit 3: exited with code 3')
}

pool_explains_its_usage() {
    gives 125 "$pool" root < /dev/null
    grep -q '^pool: usage:' err
}

pool_refuses_to_be_empty() {
    gives 125 "$pool" none root < /dev/null
    grep -q 'not from 1 to 65536' err
}

# ----------------------------------------------------------------- learn

learn=$examples/learn
script='echo one | cat; (exit 3); echo $?; exec id -u'
result=$'one\n3\n0'

learn_writes_a_profile_that_is_enough() {
    gives 0 "$learn" root sh -c "$script"
    mv out profile.json
    gives 0 "$learn" --with profile.json root sh -c "$script"
    [[ $(cat out) == "$result" ]]
}

# Without one of its calls the program does not do what it did.
learnt_profile_is_not_enough_without() {
    gives 0 "$learn" root sh -c "$script"
    grep -q "^\"$1\"" out
    grep -v "^\"$1\"" out | sed -z 's/,\n]/\n]/' > less.json
    ! gives 0 "$learn" --with less.json root sh -c "$script" || [[ $(cat out) != "$result" ]]
}

learnt_profile_refuses_what_was_not_learnt() {
    gives 0 "$learn" root true
    mv out true.json
    ! gives 0 "$learn" --with true.json root sh -c "$script"
}

learn_reports_who_called_what_how_often() {
    gives 0 "$learn" root sh -c 'cd /; cd /; cd /; id -u'
    grep -Eq '^ +3 +sh +chdir$' err
    grep -Eq '^ +[0-9]+ +id +geteuid$' err
    ! grep -Eq ' id +chdir$' err
}

learn_passes_on_code() {
    gives 7 "$learn" root sh -c 'exit 7'
}

learn_names_what_is_wrong_with_a_profile() {
    echo '{"defaultAction": "SCMP_ACT_NONE"}' > wrong.json
    gives 125 "$learn" --with wrong.json root true
    grep -q 'seccomp profile at /defaultAction "SCMP_ACT_NONE": there is no such action' err
}

# ---------------------------------------------------------------- broker

# On the container's own /dev, where devices work.
broker_makes_a_device_for_who_may_not() {
    gives 0 "$examples/broker" root sh -c 'mknod /dev/nil c 1 3; echo lost > /dev/nil; cat /dev/nil; ls -l /dev/nil'
    grep -Eq '^crw.* 1, +3 .*/dev/nil$' out
    [[ $(grep -c . out) -eq 1 ]]
    grep -qx 'broker: mknod\(at\)\? /dev/nil: made' err
}

broker_refuses_all_other_nodes() {
    gives 0 "$examples/broker" root sh -c '
        mknod /dev/mem c 1 1; mknod /dev/disk b 8 0; mknod /dev/block b 1 3; mknod /dev/pipe p
        cd /dev; mknod relative c 1 3; mknod /no/such/null c 1 3; ls'
    ! grep -Eq 'mem|disk|block|pipe|relative' out
    [[ $(grep -c '^broker: .*: Operation not permitted$' err) -eq 5 ]]
    grep -q '^broker: .* /no/such/null: No such file or directory$' err
}

# A link that leads out of the container leads to a place within it.
broker_stays_inside() {
    local place=$work/outside
    mkdir -p "$place"
    gives 0 "$examples/broker" root sh -c "ln -s ../../../../../../$place /tmp/link; mknod /tmp/link/nil c 1 3; rm /tmp/link"
    [[ -z $(ls "$place") ]]
}

# ------------------------------------------------------------------ demo

demo_tells_its_steps() {
    rm -rf tree
    gives 0 "$examples/demo" rootfs.tar.gz tree id
    grep -Eq '^ +extract +[0-9]+ entries, .* ms$' out
    grep -q '^uid=0(root) gid=0(root)' out
    grep -Eq '^ +end +exit code 0 .* ms$' out
}

demo_refuses_a_full_directory() {
    gives 125 "$examples/demo" rootfs.tar.gz tree id
    grep -q tree err
}

# ----------------------------------------------------------------- probe

probe_tells_of_this_machine() {
    gives 0 "$examples/probe"
    grep -qx "  kernel  *yes $(uname -r)" out
    grep -q '^  user_pid_ns ' out
    [[ ! -s err ]]
}

# For one who lacks something for certain: what he lacks, why, and what helps.
probe_has_a_cure_beside_a_lack() {
    gives 0 setpriv --no-new-privs "$examples/probe"
    grep -A 2 '^  setuid_programs  *no$' out > lack
    sed -n 2p lack | grep -q 'no_new_privs is set'
    sed -n 3p lack | grep -q -e '-> start the caller without no_new_privs'
}

probe_speaks_json() {
    gives 0 "$examples/probe" --json
    [[ $(python3 -c 'import json, sys
facts = {fact["name"]: fact for fact in json.load(sys.stdin)["facts"]}
print(facts["kernel"]["state"], facts["kernel"]["value"])' < out) == "works $(uname -r)" ]]
}

probe_looks_at_a_directory() {
    gives 0 "$examples/probe" /proc
    grep -qx '  filesystem  *yes proc' out
    gives 0 "$examples/probe" --json "$work"
    grep -q '"name":"upper"' out
}

probe_names_missing_directory() {
    gives 1 "$examples/probe" no-such-directory
    grep -q 'no-such-directory: .*No such file' err
}

probe_explains_its_usage() {
    gives 1 "$examples/probe" --no-such-option
    grep -q '^probe: usage:' err
    gives 1 "$examples/probe" / /
    grep -q '^probe: usage:' err
}

# ----------------------------------------------------------------- judge

judge=$examples/judge
echo '3 4' > numbers
echo 7 > sum

# judges VERDICT COMMAND...: what it says of a program, with half a second of cpu time and 32 MiB. A
# busy machine may take long to give it that half second, so only sleepers get no more than
# two seconds in all.
judges() {
    local verdict=$1 code=1 wall=60000
    shift
    [[ $verdict != accepted ]] || code=0
    [[ $verdict != wall* ]] || wall=2000
    gives "$code" "$judge" root numbers sum 500 "$wall" 32 "$@"
    [[ $(< out) == "$verdict ("* ]]
}

# The same for one that needs its full time for something else than computing.
judges_patiently() {
    local verdict=$1
    shift
    gives 1 "$judge" root numbers sum 60000 60000 32 "$@"
    [[ $(< out) == "$verdict ("* ]]
}

judge_names_missing_directory() {
    gives 125 "$judge" nowhere numbers sum 500 2000 32 true
    grep -q 'nowhere' err
}

# What needs a cgroup.
check_grouped() {
    local status=0
    "$judge" root numbers sum 5000 60000 32 sh -c 'read a b; echo $((a + b))' > out 2> err || status=$?
    if [[ $status -eq 125 ]] && grep -q '^judge: limit: ' err; then
        leave_out 'judge and top' "$(< err)"
        return
    fi
    check "top shows which container is at work" top_shows_who_is_at_work
    check "judge accepts a right answer" judges accepted sh -c 'read a b; echo $((a + b))'
    check "judge finds a wrong answer" judges 'wrong answer' echo 8
    check "judge finds a silent program" judges 'wrong answer' true
    check "judge tells an exit code" judges 'runtime error' sh -c 'echo 7; exit 3'
    check "judge tells a crash" judges 'runtime error' sh -c 'sh -c "kill -SEGV \$\$"; exit $?'
    check "judge ends a program that computes without end" judges 'cpu time limit exceeded' \
        sh -c 'while :; do :; done'
    check "judge ends a program that sleeps" judges 'wall time limit exceeded' sleep 1000
    check "judge ends a program that ignores signals" judges 'wall time limit exceeded' \
        sh -c 'trap "" TERM INT HUP; sleep 1000'
    check "judge ends a program that takes all memory" judges_patiently 'memory limit exceeded' \
        awk 'BEGIN { s = "x"; while (1) s = s s }'
    check "judge ends a fork bomb" judges 'too many processes' sh -c 'f() { f | f; }; f'
    check "judge ends a flood of output" judges_patiently 'output limit exceeded' yes
    check "judge ends a program that calls mount" judges 'forbidden system call' \
        mount -t tmpfs none /tmp
    check "judge bounds what a program writes to the root" judges_patiently 'runtime error' \
        sh -c 'for i in 1 2 3 4 5 6 7 8 9; do head -c 1000000 /dev/zero > /tmp/$i || exit 1; done'
    check "judge gives no network" judges_patiently 'runtime error' wget -q http://192.0.2.1/
    check "judge shows no file of the host" judges 'runtime error' cat "$work/sum"
    check "judge ends what a program leaves behind" judges accepted sh -c 'echo 7; sleep 1000 & exit 0'
}

# ------------------------------------------------------------------ loop

loop=$examples/loop

loop_runs_all_jobs() {
    gives 0 "$loop" 100 20 root sh -c 'exit 0'
    [[ $(< out) == '100 jobs, 100 ended, 0 failed' ]]
}

loop_names_jobs_that_fail() {
    gives 1 "$loop" 10 3 root sh -c 'test $JOB -ne 4 || exit 7; test $JOB -ne 6 || kill -9 -1'
    grep -qx 'job 4: exited with code 7' out
    [[ $(tail -n 1 out) == '10 jobs, 10 ended, '[12]' failed' ]]
}

loop_ends_its_containers() {
    local pid status=0
    "$loop" 50 50 root sh -c 'echo at work; sleep 1000' > out 2>&1 &
    pid=$!
    until grep -q 'at work' out; do sleep 0.1; done
    kill "-$1" "$pid"
    wait "$pid" || status=$?
    [[ $status -eq 1 && $(tail -n 1 out) == '50 jobs, 0 ended, 0 failed' ]]
}

loop_explains_its_usage() {
    gives 1 "$loop" 0 1 root true
    grep -q '^loop: usage:' err
}

# ------------------------------------------------------------------- top

top=$examples/top

# The second of three computes, and the third has ended.
top_shows_who_is_at_work() {
    gives 0 "$top" 3 2 root sh -c '[ $JOB = 2 ] && exit; [ $JOB = 1 ] || exec sleep 100; while :; do :; done'
    [[ $(grep -c 'CPU %' out) -eq 2 && $(grep -c . out) -eq 8 ]]
    tail -n 3 out > rows
    [[ $(sed -n 1p rows | awk '{ print ($2 < 5 && $6 == 1) }') == 1 ]]
    [[ $(sed -n 2p rows | awk '{ print ($2 > 5 && $3 > 0.05 && $6 == 1) }') == 1 ]]
    [[ $(sed -n 3p rows) == *ended ]]
}

top_explains_its_usage() {
    gives 1 "$top" 0 1 root true
    grep -q '^top: usage:' err
}

left_in_tmp > before
check "run shows ps as PID 1, alone" run_shows_pid_1
check "run uses a directory as it is" run_uses_a_directory
check "run reads a tarball from a pipe" run_reads_a_pipe
for code in 0 1 42 255; do
    check "run passes on exit code $code" run_passes_on_code "$code"
done
check "run keeps host name and interfaces of the host out" run_keeps_container_out_of_host
check "run keeps mounts of the host out" run_keeps_mounts_out
check "run names a program that is missing" run_names_missing_program
check "run names a tarball that is missing" run_names_missing_rootfs
check "run refuses what is no archive" run_refuses_what_is_no_archive
check "run explains its usage" run_explains_its_usage
check "run ends its container on SIGINT" run_ends_its_container INT
check "run ends its container on SIGTERM" run_ends_its_container TERM
check "run leaves no directory behind" leaves_nothing
if [[ -x $hello ]]; then
    check "hello, in C++, shows ps as PID 1 and removes its directory" hello_shows_pid_1
    check "hello passes on an exit code" hello_passes_on_code
    check "hello says what is wrong and what helps" hello_names_missing_program
    check "hello leaves a directory alone that was there" hello_keeps_what_was_there
else
    leave_out "hello, in C++, shows ps as PID 1" "needs a C++ compiler"
fi
check "capture gives back 1 MiB that it fed" capture_gives_back_1_mib
check "capture takes two long outputs while nobody reads stdin" capture_takes_both_outputs
check "capture passes on an exit code" capture_passes_on_code
check "capture ends a command at its time limit" capture_ends_at_its_limit
check "capture ends a command that closed its outputs" capture_ends_what_closed_its_outputs
check "capture names a program that is missing" capture_names_missing_program
check "capture names a directory that is missing" capture_names_missing_root
check "capture explains its usage" capture_explains_its_usage
check "pool runs each line as the first process of a sandbox of its own" pool_runs_each_line_alone
check "pool explains its usage" pool_explains_its_usage
check "pool refuses to be empty" pool_refuses_to_be_empty
if [[ $EUID -eq 0 ]] && in_first_user_ns; then
    check "broker makes a device for who may not" broker_makes_a_device_for_who_may_not
    check "broker refuses all other nodes" broker_refuses_all_other_nodes
    check "broker stays inside" broker_stays_inside
else
    leave_out "broker" "needs root of the first user namespace"
fi
if [[ $("$learn" root true 2>&1) != *'reads no JSON'* ]]; then
    check "learn writes a profile that is enough" learn_writes_a_profile_that_is_enough
    for call in write read wait4 clone; do
        check "the profile is not enough without $call" learnt_profile_is_not_enough_without "$call"
    done
    check "the profile refuses what was not learnt" learnt_profile_refuses_what_was_not_learnt
    check "learn reports who has called what how often" learn_reports_who_called_what_how_often
    check "learn passes on an exit code" learn_passes_on_code
    check "learn names what is wrong with a profile" learn_names_what_is_wrong_with_a_profile
else
    leave_out "learn" "the library was built without jansson"
fi
check "loop runs a hundred jobs, twenty at once" loop_runs_all_jobs
check "loop names the jobs that fail" loop_names_jobs_that_fail
check "loop ends its containers on SIGTERM" loop_ends_its_containers TERM
check "loop explains its usage" loop_explains_its_usage
check_grouped
check "top explains its usage" top_explains_its_usage
check "judge names a directory that is missing" judge_names_missing_directory
check "demo tells the steps and how long they took" demo_tells_its_steps
check "demo refuses a directory that exists" demo_refuses_a_full_directory
check "probe tells what works on this machine" probe_tells_of_this_machine
check "probe has a cure beside a lack" probe_has_a_cure_beside_a_lack
check "probe speaks JSON" probe_speaks_json
check "probe looks at a directory" probe_looks_at_a_directory
check "probe names a directory that is missing" probe_names_missing_directory
check "probe explains its usage" probe_explains_its_usage
finish
