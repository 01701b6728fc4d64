#!/usr/bin/env bash
#
# ct-oci as its callers use it: containers of a small bundle from create to delete, what goes in and out of
# them, and what is refused. Arguments: the source directory, ct-oci, and a static busybox.
set -euo pipefail

source_dir=$1 oci=$2
# shellcheck source=tests/sentences.sh
. "$source_dir/tests/sentences.sh"
# shellcheck source=tests/oci/bundle.sh
. "$source_dir/tests/oci/bundle.sh"

# ------------------------------------------------------------------- run

run_gives_exit_code() {
    args "['sh', '-c', 'exit 7']"
    fails_with 7 run run --bundle "$dir/b" exit
    [[ ! -e $dir/run/exit ]]
}

run_gives_signal_as_128() {
    args "['sh', '-c', 'trap \"\" TERM; kill -ABRT \$\$; exit 3']"
    fails_with 3 run run --bundle "$dir/b" signal # the first process of a pid namespace is spared by itself
    args "['sleep', '100']"
    "$oci" --root "$dir/run" run --bundle "$dir/b" signal > /dev/null 2>&1 &
    until_state signal running
    run kill signal KILL
    fails_with 137 wait $!
}

run_passes_stdio() {
    args "['cat']"
    [[ $(echo word | run run --bundle "$dir/b" stdio) == word ]]
}

run_obeys_process() {
    config "c['process'].update(args=['sh', '-c', 'id -u; id -g; pwd; echo \$NAME; umask'], cwd='/tmp',
        env=['PATH=/bin', 'NAME=value'], user={'uid': 5, 'gid': 6, 'umask': 63})"
    [[ $(run run --bundle "$dir/b" process | tr '\n' ' ') == "5 6 /tmp value 0077 " ]]
}

run_obeys_hostname_and_readonly_root() {
    config "c['hostname'] = 'pod'; c['process']['args'] = ['sh', '-c', 'hostname; touch /x 2>&1']"
    fails_with 1 run run --bundle "$dir/b" host > "$dir/out"
    grep -qx pod "$dir/out" && grep -q "Read-only" "$dir/out"
}

run_makes_mounts() {
    echo content > "$dir/file"
    config "c['mounts'] += [{'destination': '/tmp', 'type': 'tmpfs', 'options': ['size=1m', 'noexec']},
        {'destination': '/tmp/f', 'type': 'bind', 'source': '$dir/file', 'options': ['bind', 'ro']}]
c['process']['args'] = ['sh', '-c', 'cat /tmp/f; (echo > /tmp/f) 2> /dev/null || mount']"
    run run --bundle "$dir/b" mounts > "$dir/out"
    grep -qx content "$dir/out" && grep "^tmpfs on /tmp " "$dir/out" | grep noexec | grep -q size=1024k
}

run_gives_bounding_set_to_root() {
    config "c['process']['args'] = ['sh', '-c', 'cat /proc/self/status']
c['process']['capabilities'] = {'bounding': ['CAP_KILL', 'CAP_CHOWN']}"
    run run --bundle "$dir/b" caps | grep -qx "CapEff:.0000000000000021"
}

run_sets_rlimits_and_sysctls() {
    config "c['process']['args'] = ['sh', '-c', 'ulimit -n; cat /proc/sys/net/ipv4/ip_default_ttl']
c['process']['rlimits'] = [{'type': 'RLIMIT_NOFILE', 'soft': 100, 'hard': 200}]
c['linux']['sysctl'] = {'net.ipv4.ip_default_ttl': '33'}"
    [[ $(run run --bundle "$dir/b" limits | tr '\n' ' ') == "100 33 " ]]
}

run_passes_descriptors() {
    args "['sh', '-c', 'cat <&3']"
    echo passed > "$dir/file"
    [[ $(run run --preserve-fds 1 --bundle "$dir/b" fds 3< "$dir/file") == passed ]]
    fails_with 1 run run --bundle "$dir/b" fds 3< "$dir/file"
}

run_filters_calls() {
    config "c['root']['readonly'] = False; c['process']['args'] = ['busybox', 'mkdir', '/made']
c['linux']['seccomp'] = {'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [
    {'names': ['mkdir', 'mkdirat'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1}]}"
    refuses "not permitted" run run --bundle "$dir/b" filtered
    refuses_config /linux/seccomp "c['linux']['seccomp'] = {'defaultAction': 'SCMP_ACT_DANCE'}"
}

run_obeys_the_rest_of_process() {
    config "c['process'].update(oomScoreAdj=567, args=['sh', '-c', 'id -G; cat /proc/self/oom_score_adj; cat /proc/self/status'])
c['process']['user'] = {'uid': 5, 'gid': 6, 'additionalGids': [7, 8]}
c['process']['noNewPrivileges'] = True"
    run run --bundle "$dir/b" process > "$dir/out"
    [[ $(head -n 2 "$dir/out" | tr '\n' ' ') == "6 7 8 567 " ]]
    grep -q "^NoNewPrivs:.1" "$dir/out"
    config "c['process']['noNewPrivileges'] = False; c['process']['args'] = ['cat', '/proc/self/status']"
    run run --bundle "$dir/b" process | grep -q "^NoNewPrivs:.0"
}

run_hides_and_protects_paths() {
    echo secret > "$dir/b/rootfs/bin/secret"
    config "c['root']['readonly'] = False
c['linux']['maskedPaths'] = ['/bin/secret', '/nowhere']; c['linux']['readonlyPaths'] = ['/tmp', '/nowhere']
c['process']['args'] = ['sh', '-c', 'cat /bin/secret; touch /bin/x && touch /tmp/x']"
    refuses "/tmp/x: Read-only" run run --bundle "$dir/b" paths
    [[ $(< "$dir/refusal") != *secret* && -e $dir/b/rootfs/bin/x ]]
    rm "$dir/b/rootfs/bin/secret" "$dir/b/rootfs/bin/x"
}

run_sets_domain_and_clocks() {
    config "c['domainname'] = 'pods'; c['linux']['personality'] = {'domain': 'LINUX'}
c['process']['args'] = ['sh', '-c', 'cat /proc/sys/kernel/domainname; read up rest < /proc/uptime; echo \${#up}']
c['linux']['namespaces'].append({'type': 'time'}); c['linux']['timeOffsets'] = {'boottime': {'secs': 2000000000}}"
    [[ $(run run --bundle "$dir/b" names | tr '\n' ' ') == "pods 13 " ]]
    refuses_config /linux/personality/domain "c['linux']['personality'] = {'domain': 'LINUX32'}"
}

run_gives_devices() {
    [[ -c /dev/fuse ]] || return 0
    with_fuse() {
        config "c['linux']['devices'] = [{'path': '/dev/fuse', 'type': 'c', 'major': 10, 'minor': $1}]
c['linux']['resources']['devices'] = [{'allow': False, 'access': 'rwm'}] + $2
c['process']['args'] = ['sh', '-c', 'true < /dev/zero && true < /dev/fuse']"
    }
    with_fuse 229 "[{'allow': True, 'type': 'c', 'major': 10, 'minor': 229, 'access': 'rwm'}]"
    run run --bundle "$dir/b" devices
    with_fuse 229 "[]"
    refuses "/dev/fuse: Operation not permitted" run run --bundle "$dir/b" devices
    with_fuse 3 "[]"
    refuses "/linux/devices/0/path" run run --bundle "$dir/b" devices
    config "c['process']['args'] = ['ls', '/dev/fuse']"
    refuses "No such file" run run --bundle "$dir/b" devices
}

# Never those of the machine.
run_sets_parameters_of_given_namespaces() {
    local keeper
    unshare --net sleep 60 < /dev/null > /dev/null 2>&1 &
    keeper=$!
    until [[ $(readlink "/proc/$keeper/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.02; done
    with_net() {
        config "c['process']['args'] = ['cat', '/proc/sys/net/ipv4/ip_default_ttl']
c['linux']['sysctl'] = {'net.ipv4.ip_default_ttl': '44'}
for n in c['linux']['namespaces']:
    if n['type'] == 'network': n['path'] = '$1'"
    }
    with_net "/proc/$keeper/ns/net"
    [[ $(run run --bundle "$dir/b" given) == 44 ]]
    with_net /proc/self/ns/net
    refuses "ip_default_ttl" run run --bundle "$dir/b" given
    kill "$keeper"
}

check "calls are filtered by the profile" run_filters_calls
check "kernel parameters are set in a namespace that is given, unless it is the machine's" \
    run_sets_parameters_of_given_namespaces
check "run ends with the exit code of the payload, and leaves nothing" run_gives_exit_code
check "a payload that a signal ended gives 128 and the signal" run_gives_signal_as_128
check "the payload has the caller's standard streams" run_passes_stdio
check "user, group, umask, directory and environment are those of /process" run_obeys_process
check "the host name is set, and a read-only root is read-only" run_obeys_hostname_and_readonly_root
check "mounts have their options" run_makes_mounts
check "root has the capabilities of the bounding set" run_gives_bounding_set_to_root
check "limits and kernel parameters are set" run_sets_rlimits_and_sysctls
check "groups, oom score and no_new_privs are those of /process" run_obeys_the_rest_of_process
check "paths are masked and read-only, those that are not there are left out" run_hides_and_protects_paths
check "the domain name and the offsets of clocks are set" run_sets_domain_and_clocks
check "devices are those that are listed, and those that the rules allow" run_gives_devices
check "as many descriptors are passed as were asked for" run_passes_descriptors

# ------------------------------------------------------------- life cycle

created_waits_for_start() {
    args "['sh', '-c', 'echo ran; sleep 100']"
    start_away create --bundle "$dir/b" --pid-file "$dir/pid" life
    state_is life created
    [[ ! -s $dir/out && -d /proc/$(< "$dir/pid") ]]
    run state life | grep -q "\"pid\": $(< "$dir/pid")"
    run start life
    state_is life running
    for _ in $(seq 100); do ! grep -qx ran "$dir/out" || return 0; sleep 0.05; done
    return 1
}

exec_runs_beside() {
    [[ $(run exec life sh -c 'echo inside; hostname') == $'inside\nct-oci' ]]
    fails_with 5 run exec life sh -c 'exit 5'
    [[ $(run exec --user 3:4 --cwd /tmp --env A=b life sh -c 'id -u; id -g; pwd; echo $A' | tr '\n' ' ') == "3 4 /tmp b " ]]
    run exec --cap CAP_NET_ADMIN life cat /proc/self/status | grep -qx "CapBnd:.00000000.*" 
}

exec_takes_process_of_file() {
    echo '{"args": ["sh", "-c", "echo $X"], "cwd": "/", "env": ["PATH=/bin", "X=y"], "user": {"uid": 1, "gid": 1}}' > "$dir/p"
    [[ $(run exec --process "$dir/p" life) == y ]]
    echo '{"args": [], "cwd": "/"}' > "$dir/p"
    refuses "/process/args" run exec --process "$dir/p" life
}

exec_detaches() {
    start_away exec -d --pid-file "$dir/pid2" life sleep 50
    grep -q sleep "/proc/$(< "$dir/pid2")/cmdline"
    [[ $(run ps --format json life | tr ',' '\n' | wc -l) -ge 2 ]]
}

pauses_and_resumes() {
    run pause life
    state_is life paused
    refuses "paused" run exec life echo
    refuses "paused" run pause life
    run resume life
    state_is life running
    refuses "running" run resume life
}

# limit_of ID CONTROLLER V1 V2: prints what is in that file of the container's cgroup; 1: there is none.
limit_of() {
    local number kinds path
    while IFS=: read -r number kinds path; do
        if [[ ,$kinds, == *",$2,"* ]]; then
            cat "/sys/fs/cgroup/$kinds$path/$3" 2> /dev/null
            return
        fi
        if [[ $number -eq 0 ]]; then
            cat "/sys/fs/cgroup$path/$4" 2> /dev/null
            return
        fi
    done < "/proc/$(run state "$1" | sed -n 's/.*"pid": \([0-9]*\).*/\1/p')/cgroup"
    return 1
}

# limit_is VALUE ID CONTROLLER V1 V2
limit_is() {
    local value=$1 is
    shift
    is=$(limit_of "$@") || {
        echo "no file of $2"
        return 1
    }
    [[ $is == "$value" ]] || {
        echo "$2: $is, not $value"
        return 1
    }
}

updates_memory() {
    limit_of life memory memory.limit_in_bytes memory.max > "$dir/out" || return 0
    run update --memory 64m --memory-reservation 33554432 life
    limit_is 67108864 life memory memory.limit_in_bytes memory.max
    limit_is 33554432 life memory memory.soft_limit_in_bytes memory.low
    limit_of life memory memory.memsw.limit_in_bytes memory.swap.max > "$dir/out" || return 0
    # Up and down again: of the two each bounds the other in v1.
    run update --memory 64m --memory-swap 96M life
    run update --memory 128MiB --memory-swap 192m life
    limit_is 134217728 life memory memory.limit_in_bytes memory.max
    run update --memory 64m --memory-swap 64m life
    limit_is 67108864 life memory memory.limit_in_bytes memory.max
    run update --memory-swap 1g life
    limit_is 67108864 life memory memory.limit_in_bytes memory.max
    run update --memory -1 life
    printf '{"memory": {"limit": 4096, "checkBeforeUpdate": true}}' > "$dir/resources"
    refuses "more is in use than the new limit" run update --resources "$dir/resources" life
}

updates_processors() {
    local cpus
    run update --cpu-period 50000 --cpu-quota 25000 life
    [[ $(limit_of life cpu cpu.cfs_quota_us cpu.max) == 25000* ]]
    run update --cpu-period 100000 life
    [[ $(limit_of life cpu cpu.cfs_quota_us cpu.max) == 25000* ]]
    [[ $(limit_of life cpu cpu.cfs_period_us cpu.max) == *100000 ]]
    run update --cpu-quota -1 --cpu-share 512 life
    [[ $(limit_of life cpu cpu.cfs_quota_us cpu.max) =~ ^(-1|max) ]]
    [[ $(limit_of life cpu cpu.shares cpu.weight) =~ ^(512|20)$ ]]
    cpus=$(limit_of life cpuset cpuset.effective_cpus cpuset.cpus.effective) || return 0
    run update --cpuset-cpus "${cpus%%[-,]*}" --cpuset-mems 0 life
    limit_is "${cpus%%[-,]*}" life cpuset cpuset.cpus cpuset.cpus
    limit_is 0 life cpuset cpuset.mems cpuset.mems
}

updates_by_resources() {
    echo '{"pids": {"limit": 19}, "devices": [{"allow": false}]}' > "$dir/resources"
    run update --resources "$dir/resources" life
    limit_is 19 life pids pids.max pids.max
    # From a pipe whose writer takes its time, and with an option beside it.
    { sleep 0.2; echo '{"pids": {"limit": 23}}'; } | run update --resources - --cpu-share 256 life
    limit_is 23 life pids pids.max pids.max
    run update --pids-limit -1 life
    limit_is max life pids pids.max pids.max
}

refuses_updates() {
    refuses_resources() {
        echo "$2" > "$dir/resources"
        refuses "$1" run update --resources "$dir/resources" life
    }
    refuses "no number" run update --memory 5x life
    refuses "no number" run update --memory 9999999999g life
    refuses "no number" run update --pids-limit many life
    refuses_resources "no object" '[]'
    refuses_resources "no object" '{"pids":'
    refuses_resources /linux/resources/pids '{"pids": {"limit": "a"}}'
    refuses_resources /linux/resources/network '{"network": {"classID": 1}}'
    refuses_resources /linux/resources/unified '{"unified": {"cgroup.procs": "1"}}'
    refuses_resources /linux/resources/unified '{"unified": {"../pids.max": "1"}}'
    refuses "/linux/resources/cpu" run update --cpuset-cpus nonsense life
    refuses "counts memory in" run update --memory 64m --memory-swap 32m life
    refuses "such" run update --resources "$dir/nosuch" life
}

updates_and_tells_figures() {
    run update --pids-limit 17 life
    limit_is 17 life pids pids.max pids.max
    run events --stats life | python3 -c 'import json, sys; assert json.load(sys.stdin)["data"]["pids"]["current"] >= 1'
}

kill_sends_signals() {
    local pid
    cgroups_of "$(run state life | sed -n 's/.*"pid": \([0-9]*\).*/\1/p')" > "$dir/theirs"
    cgroups_are_there
    # To the first process, which the kernel spares, or to all.
    start_away exec -d --pid-file "$dir/pid2" life sleep 1000
    pid=$(< "$dir/pid2")
    run kill life USR1
    grep -q sleep "/proc/$pid/cmdline"
    run kill --all life USR1
    until_ended "$pid"
    state_is life running
    refuses "running" run delete life
    refuses "no signal" run kill life NOSUCH
    run kill life KILL
    until_state life stopped
    refuses "not running" run kill life KILL
    run kill --all life KILL
    refuses "stopped" run start life
}

delete_leaves_nothing() {
    run delete life
    [[ ! -e $dir/run/life ]]
    ! cgroups_are_there || return 1
    refuses "does not exist" run state life
    refuses "does not exist" run delete life
    run delete --force life
}

check "a created container waits, with its pid told, until it is started" created_waits_for_start
check "exec runs a process beside the payload, as whom and where it is told" exec_runs_beside
check "exec takes a process from a file" exec_takes_process_of_file
check "exec lets a process go on its own" exec_detaches
check "a container is paused and resumed, and its state says so" pauses_and_resumes
check "limits are changed, and figures told" updates_and_tells_figures
check "limits of memory and swap are changed, in whichever order the kernel takes" updates_memory
check "limits of processors are changed, and what is not named stays" updates_processors
check "limits are changed by a file of resources, or by one on stdin" updates_by_resources
check "limits that cannot be are refused by their JSON pointer, and change nothing" refuses_updates
check "kill sends signals while there is somebody to hear them" kill_sends_signals
check "delete leaves no state and no cgroup" delete_leaves_nothing

limits_begin_with_the_container() {
    config "c['process']['args'] = ['sleep', '100']
c['linux']['resources'] = {'pids': {'limit': 31}, 'memory': {'limit': 67108864, 'reservation': 33554432},
    'cpu': {'shares': 512, 'quota': 30000, 'period': 60000}, 'unified': {'pids.max': '29'}}"
    start_away run -d --bundle "$dir/b" limited
    limit_is 29 limited pids pids.max pids.max
    limit_is 67108864 limited memory memory.limit_in_bytes memory.max
    limit_is 33554432 limited memory memory.soft_limit_in_bytes memory.low
    [[ $(limit_of limited cpu cpu.cfs_quota_us cpu.max) == 30000* ]]
    [[ $(limit_of limited cpu cpu.cfs_period_us cpu.max) == *60000 ]]
    [[ $(limit_of limited cpu cpu.shares cpu.weight) =~ ^(512|20)$ ]]
    # What is completed from the configuration.
    run update --cpu-quota 15000 limited
    [[ $(limit_of limited cpu cpu.cfs_period_us cpu.max) == *60000 ]]
    run delete --force limited
    config "c['process']['args'] = ['sleep', '100']; c['linux']['resources'] = {'pids': {'limit': 31}}"
    start_away run -d --bundle "$dir/b" limited
    limit_is 31 limited pids pids.max pids.max
    run delete --force limited
}

check "limits are there from the start" limits_begin_with_the_container

names_are_taken_once() {
    args "['sleep', '100']"
    start_away run -d --bundle "$dir/b" once
    refuses "of that name" run create --bundle "$dir/b" once
    state_is once running
    run delete --force once
    refuses "a name has" run create --bundle "$dir/b" ../once
}

created_is_deleted() {
    args "['sleep', '100']"
    start_away create --bundle "$dir/b" --pid-file "$dir/pid" unborn
    run delete unborn
    [[ ! -d /proc/$(< "$dir/pid") || $(< "/proc/$(< "$dir/pid")/stat") == *") Z "* ]]
    [[ ! -e $dir/run/unborn ]]
}

# Killed at several instants: however far it has come, delete clears it away.
killed_create_is_deleted() {
    local wait
    args "['sleep', '100']"
    for wait in 0 0.002 0.005 0.01 0.02 0.04; do
        "$oci" --root "$dir/run" create --bundle "$dir/b" killed > /dev/null 2>&1 &
        sleep "$wait"
        kill -KILL $! 2> /dev/null || true
        wait $! 2> /dev/null || true
        run delete --force killed
        [[ ! -e $dir/run/killed ]]
    done
}

list_tells_all() {
    args "['sleep', '100']"
    start_away run -d --bundle "$dir/b" first
    start_away create --bundle "$dir/b" second
    [[ $(run list -q | sort | tr '\n' ' ') == "first second " ]]
    run list --format json | python3 -c '
import json, sys
assert {c["id"]: c["status"] for c in json.load(sys.stdin)} == {"first": "running", "second": "created"}'
    run delete --force first
    run delete --force second
}

# Callers make their exit codes 127 and 126 of these words.
missing_program_is_told_at_create() {
    refuses_program() {
        args "['$1']"
        refuses "$2" run create --bundle "$dir/b" bad
        [[ ! -e $dir/run/bad ]]
    }
    refuses_program /bin/nosuch "no such file or directory"
    refuses_program nosuch "executable file not found in \$PATH"
    refuses_program /tmp "permission denied"
    echo > "$dir/b/rootfs/bin/text"
    refuses_program /bin/text "permission denied"
    refuses_program text "permission denied"
    rm "$dir/b/rootfs/bin/text"
}

present_program_is_found() {
    local program
    ln -sf /bin/busybox "$dir/b/rootfs/tmp/absolute"
    for program in /bin/sh sh ../tmp/absolute /tmp/../../bin/sh; do
        config "c['process'].update(args=['$program', 'sh', '-c', 'exit 0'], cwd='/bin')"
        start_away create --bundle "$dir/b" found
        run delete found
    done
    rm "$dir/b/rootfs/tmp/absolute"
}

hook_brings_program() {
    config "c['process']['args'] = ['/bin/brought', 'sh', '-c', 'exit 0']
c['hooks'] = {'createRuntime': [{'path': '/bin/cp', 'args': ['cp', '$busybox', '$dir/b/rootfs/bin/brought']}]}"
    start_away create --bundle "$dir/b" brings
    run delete brings
    rm "$dir/b/rootfs/bin/brought"
}

# What create cannot see: the loader is missing for whoever executes it.
missing_interpreter_is_told_at_start() {
    printf '#!/bin/nosuch\n' > "$dir/b/rootfs/bin/script"
    chmod +x "$dir/b/rootfs/bin/script"
    args "['/bin/script']"
    start_away create --bundle "$dir/b" missing
    refuses "/bin/script" run start missing
    state_is missing stopped
    run delete missing
    rm "$dir/b/rootfs/bin/script"
}

check "a name is taken once, and is no path" names_are_taken_once
check "a container that was created and never started is deleted" created_is_deleted
check "a create that was killed leaves what can be deleted" killed_create_is_deleted
check "list tells of all containers" list_tells_all
check "a program that is not there or cannot be executed is told by create" missing_program_is_told_at_create
check "a program is found by its path and along PATH, from the working directory" present_program_is_found
check "a hook of createRuntime may bring the program" hook_brings_program
check "an interpreter that is not there is told by start" missing_interpreter_is_told_at_start

# --------------------------------------------------------------- cgroups

# Below our own cgroup in each hierarchy of v1; in v2 below it or one above it, as that has processes.
default_cgroup_is_below_our_own() {
    local pid kind path own moved=0
    config "c['linux'].pop('cgroupsPath', None); c['process']['args'] = ['sleep', '100']"
    start_away run -d --bundle "$dir/b" --pid-file "$dir/pid" own
    pid=$(< "$dir/pid")
    cgroups_of "$pid" > "$dir/theirs"
    while read -r kind path; do
        own=$(cgroups_of self | sed -n "s/^$kind //p")
        [[ $path != "$own" ]] || continue
        moved=1
        if [[ $kind == unified ]]; then
            [[ $own/ == "${path%/*}"/* ]]
        else
            [[ $path == "${own%/}"/* ]]
        fi
    done < "$dir/theirs"
    [[ $moved -eq 1 ]]
    run pause own
    state_is own paused
    run delete --force own
    ! cgroups_are_there
}

killed_creator_leaves_no_cgroup() {
    local pid
    config "c['linux'].pop('cgroupsPath', None); c['process']['args'] = ['sleep', '100']"
    start_away create --bundle "$dir/b" --pid-file "$dir/pid" orphan
    cgroups_of "$(< "$dir/pid")" > "$dir/theirs"
    cgroups_are_there
    pid=$(sed -n 's/^PPid:\t//p' "/proc/$(< "$dir/pid")/status")
    [[ $(< "/proc/$pid/comm") == ct-oci-created ]]
    kill -KILL "$pid"
    until_state orphan stopped
    run delete orphan
    ! cgroups_are_there
}

given_cgroup_is_used() {
    config "c['linux']['cgroupsPath'] = '/ct-oci-test-$$/given'; c['process']['args'] = ['sleep', '100']"
    start_away run -d --bundle "$dir/b" --pid-file "$dir/pid" given
    cgroups_of "$(< "$dir/pid")" | grep -q " /ct-oci-test-$$/given/"
    run delete --force given
    [[ -z $(find /sys/fs/cgroup -path "*/ct-oci-test-$$/given*" 2> /dev/null) ]]
    find /sys/fs/cgroup -maxdepth 2 -name "ct-oci-test-$$" -exec rmdir {} + 2> /dev/null || true
}

check "without cgroupsPath the cgroup is below our own, and goes with the container" default_cgroup_is_below_our_own
check "a create whose process was killed leaves no cgroup when it is deleted" killed_creator_leaves_no_cgroup
check "with cgroupsPath the cgroup is there, and goes with the container" given_cgroup_is_used

# ------------------------------------------------------ terminal, refusals

# Listens on a socket, says "ready", prints what comes by the terminal that it gets.
listener() {
    python3 - "$1" << 'PYTHON'
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(1)
s.settimeout(20)
c = s.accept()[0]
data, control, _, _ = c.recvmsg(100, socket.CMSG_SPACE(4))
fd = array.array("i", control[0][2])[0]
text = b""
try:
    while b"done" not in text:
        text += os.read(fd, 1000)
except OSError:
    pass
print(text.decode().replace("\r", ""))
PYTHON
}

terminal_goes_to_socket() {
    config "c['process'].update(terminal=True, consoleSize={'height': 33, 'width': 101},
        args=['sh', '-c', 'tty; stty size; echo done; sleep 1'])"
    listener "$dir/socket" > "$dir/out" &
    for _ in $(seq 100); do [[ ! -S $dir/socket ]] || break; sleep 0.05; done
    start_away create --bundle "$dir/b" --console-socket "$dir/socket" terminal
    run start terminal
    wait $!
    grep -q "^/dev/" "$dir/out"
    grep -qx "33 101" "$dir/out"
    run delete --force terminal
}

# Who is told of calls: notes what comes with the descriptor, and lets that go, which answers all calls with ENOSYS.
agent() {
    rm -f "$1"
    python3 - "$1" "$2" << 'PYTHON'
import array, json, os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(1)
s.settimeout(20)
c = s.accept()[0]
data, control, _, _ = c.recvmsg(1 << 16, socket.CMSG_SPACE(4))
fd = array.array("i", control[0][2])[0]
while more := c.recv(1 << 16):
    data += more
said = json.loads(data)
said["link"] = os.readlink(f"/proc/self/fd/{fd}")
json.dump(said, open(sys.argv[2], "w"))
PYTHON
}

filtered() {
    config "c['process']['args'] = ['sh', '-c', 'mkdir /tmp/x 2> /dev/null || echo refused']
c['root']['readonly'] = False
c['linux']['seccomp'] = {'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': '$1', 'listenerMetadata': 'some',
    'syscalls': [{'names': ['mkdir', 'mkdirat'], 'action': '$2'}]}"
}

calls_go_to_listener() {
    ln -sf busybox "$dir/b/rootfs/bin/mkdir"
    agent "$dir/agent" "$dir/said" &
    until [[ -S $dir/agent ]]; do sleep 0.02; done
    filtered "$dir/agent" SCMP_ACT_NOTIFY
    [[ $(run run --bundle "$dir/b" listened) == refused ]]
    wait $!
    python3 - "$dir/said" "$dir/b" << 'PYTHON'
import json, sys
said = json.load(open(sys.argv[1]))
assert said["link"] == "anon_inode:seccomp notify", said
assert said["fds"] == ["seccompFd"] and said["metadata"] == "some" and said["pid"] == said["state"]["pid"], said
assert said["state"]["id"] == "listened" and said["state"]["bundle"] == sys.argv[2], said
PYTHON
}

listener_that_is_not_there_ends_start() {
    filtered "$dir/nobody" SCMP_ACT_NOTIFY
    start_away create --bundle "$dir/b" alone
    refuses /linux/seccomp/listenerPath run start alone
    until_state alone stopped
    run delete alone
    filtered "$dir/nobody" SCMP_ACT_ERRNO
    [[ $(run run --bundle "$dir/b" alone) == refused ]]
    refuses_config /linux/seccomp/listenerPath "c['linux']['seccomp'] = {'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': 7}"
}

# A service manager, which prints what it is told.
manager() {
    rm -f "$1"
    python3 - "$1" << 'PYTHON'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(20)
print(s.recv(1000).decode(), end="")
PYTHON
}

readiness_is_passed_on() {
    local pid manager starter
    manager "$dir/manager" > "$dir/said" &
    manager=$!
    until [[ -S $dir/manager ]]; do sleep 0.02; done
    export NOTIFY_SOCKET=$dir/manager
    args "['sh', '-c', 'echo \$NOTIFY_SOCKET; sleep 100']"
    start_away create --bundle "$dir/b" --pid-file "$dir/pid" ready
    pid=$(< "$dir/pid")
    run start ready < /dev/null > /dev/null 2>&1 &
    starter=$!
    until_state ready running
    for _ in $(seq 200); do ! grep -q . "$dir/out" || break; sleep 0.05; done
    grep -qx /run/notify/notify.sock "$dir/out"
    kill -0 "$starter"
    python3 - "/proc/$pid/root/run/notify/notify.sock" << 'PYTHON'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(sys.argv[1])
s.send(b"STATUS=nearly\n")
s.send(b"STATUS=there\nREADY=1\n")
PYTHON
    wait "$starter"
    wait "$manager"
    [[ $(tr '\n' ' ' < "$dir/said") == "MAINPID=$pid READY=1 " ]]
    refuses "Read-only" run exec ready touch /run/notify/x
    run delete --force ready
    [[ ! -e $dir/run/ready ]]
}

end_before_readiness_is_the_end_of_start() {
    export NOTIFY_SOCKET=$dir/nobody
    args "['sh', '-c', 'exit 0']"
    start_away create --bundle "$dir/b" early
    run start early
    run delete early
    fails_with 0 run run --bundle "$dir/b" early
}

refuses_what_cannot_be_honoured() {
    refuses_config /process/scheduler "c['process']['scheduler'] = {'policy': 'SCHED_FIFO'}"
    refuses_config /linux/intelRdt "c['linux']['intelRdt'] = {}"
    refuses_config /linux/rootfsPropagation "c['linux']['rootfsPropagation'] = 'shared'"
    refuses_config /mounts/0/options/0 "c['mounts'].insert(0, {'destination': '/x', 'type': 'bind',
        'source': '/tmp', 'options': ['rshared', 'rbind']})"
}

# Where the kernel has the module, there is no such profile; nor is there where it has none.
refuses_labels_that_cannot_be() {
    config "c['process']['apparmorProfile'] = 'ct-oci-no-such-profile'"
    refuses "apparmor: ct-oci-no-such-profile" run create --bundle "$dir/b" bad
    config "c['process']['selinuxLabel'] = 'no:such:label'"
    refuses "selinux: no:such:label" run create --bundle "$dir/b" bad
    refuses_config /process/apparmorProfile "c['process']['apparmorProfile'] = 'a\\nb'"
    config "c['process'].update(apparmorProfile='', selinuxLabel='', args=['sh', '-c', 'exit 6'])"
    fails_with 6 run run --bundle "$dir/b" unlabelled
}

refuses_what_cannot_be() {
    refuses_config /process/user/uid "c['process']['user']['uid'] = 'root'"
    refuses_config /process/args/0 "c['process']['args'] = []"
    refuses_config /process/cwd "del c['process']['cwd']"
    refuses_config /process/capabilities/bounding/1 "c['process']['capabilities']['bounding'] = ['CAP_KILL', 'CAP_NO']"
    refuses_config /process/rlimits/0/type "c['process']['rlimits'] = [{'type': 'RLIMIT_X', 'soft': 1, 'hard': 1}]"
    refuses_config /linux/namespaces/1/type "c['linux']['namespaces'] = [{'type': 'mount'}, {'type': 'moon'}]"
    refuses_config /linux/sysctl/kernel.panic "c['linux']['sysctl'] = {'kernel.panic': '1'}"
    refuses_config /root/path "c['root']['path'] = 'nowhere'"
    refuses_config /linux/cgroupsPath "c['linux']['cgroupsPath'] = '/a/../b'"
    refuses_config /ociVersion "c['ociVersion'] = '2.0.0'"
}

unknown_fields_are_ignored() {
    config "c['nobody'] = {'knows': 'this'}; c['linux']['new'] = 1; c['process']['args'] = ['sh', '-c', 'exit 3']"
    fails_with 3 run run --bundle "$dir/b" unknown
}

refuses_hostile_text() {
    python3 -c 'print("{\"a\":" * 5000 + "1" + "}" * 5000)' > "$dir/b/config.json"
    refuses "64 levels" run create --bundle "$dir/b" bad
    printf '{"ociVersion":"1.0.0","ociVersion":"1.0.0"}' > "$dir/b/config.json"
    refuses "duplicate" run create --bundle "$dir/b" bad
    truncate -s 5M "$dir/b/config.json"
    refuses "4 MiB" run create --bundle "$dir/b" bad
    rm "$dir/b/config.json"
    refuses "config.json" run create --bundle "$dir/b" bad
    mkfifo "$dir/b/config.json"
    refuses "no file" run create --bundle "$dir/b" bad
    [[ ! -e $dir/run/bad ]]
}

log_is_json() {
    refuses "does not exist" run --log "$dir/log" --log-format json state nobody
    python3 -c 'import json, sys; assert json.loads(open(sys.argv[1]).readline())["level"] == "error"' "$dir/log"
    refuses "--systemd-cgroup" run --systemd-cgroup list
}

check "the terminal goes to the console socket" terminal_goes_to_socket
check "calls that wait go to the listener of the configuration" calls_go_to_listener
check "a listener that is not there ends the start, if a call would wait for it" listener_that_is_not_there_ends_start
check "that the payload is ready is passed on to NOTIFY_SOCKET, and start waits for it" readiness_is_passed_on
check "a payload that ends before it is ready lets start return" end_before_readiness_is_the_end_of_start
check "what cannot be honoured is refused by its JSON pointer" refuses_what_cannot_be_honoured
check "what cannot be is refused by its JSON pointer" refuses_what_cannot_be
check "labels that cannot be set are refused by their names, and empty ones are none" refuses_labels_that_cannot_be
check "fields that nobody knows are ignored" unknown_fields_are_ignored
check "hostile configurations are refused" refuses_hostile_text
check "the log is JSON where that is asked for" log_is_json

finish
