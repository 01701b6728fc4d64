#!/usr/bin/env bash
#
# Hooks of ct-oci: when each kind runs and where, what it is told, and what becomes of the container if it
# fails, is too slow or is killed. Arguments: the source directory, ct-oci.
set -euo pipefail

source_dir=$1 oci=$2
# shellcheck source=tests/sentences.sh
. "$source_dir/tests/sentences.sh"
# shellcheck source=tests/oci/bundle.sh
. "$source_dir/tests/oci/bundle.sh"

# One that notes when its turn was, what it was told and where it is, given its name.
cat > "$dir/hook" << HOOK
#!/bin/sh
echo "\$1" >> "$dir/order"
cat > "$dir/state.\$1"
for kind in mnt pid net uts; do readlink "/proc/self/ns/\$kind"; done > "$dir/ns.\$1"
pwd > "$dir/cwd.\$1"
HOOK
chmod +x "$dir/hook"

# shell_hook SCRIPT [SECONDS]: one of the host's shell, as Python has it.
shell_hook() {
    printf "{'path': '/bin/sh', 'args': ['sh', '-c', '''%s'''], 'env': ['PATH=/bin:/usr/bin:/sbin:/usr/sbin']%s}" \
        "$1" "${2:+, 'timeout': $2}"
}

forget() {
    rm -f "$dir/order" "$dir"/state.* "$dir"/ns.* "$dir"/cwd.* "$dir/undone" "$dir/after"
}

# state_of NAME MEMBER
state_of() {
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2]))' "$dir/state.$1" "$2"
}

# -------------------------------------------------------------- when and where

hooks_run_in_order() {
    forget
    config "c['process']['args'] = ['sh', '-c', 'exit 0']
c['annotations'] = {'key': 'value'}
c['hooks'] = {k: [{'path': '$dir/hook', 'args': ['hook', k + n], 'env': ['PATH=/bin:/usr/bin']} for n in ('', '2')]
    for k in ('poststop', 'poststart', 'createContainer', 'createRuntime', 'prestart')}"
    start_away create --bundle "$dir/b" hooks
    [[ $(tr '\n' ' ' < "$dir/order") == \
        "prestart prestart2 createRuntime createRuntime2 createContainer createContainer2 " ]]
    run start hooks
    until_state hooks stopped
    run delete hooks
    [[ $(tail -n 4 "$dir/order" | tr '\n' ' ') == "poststart poststart2 poststop poststop2 " ]]
}

hooks_are_told_the_state() {
    for kind in prestart createRuntime createContainer; do
        [[ $(state_of $kind id) == hooks && $(state_of $kind status) == creating ]]
        [[ $(state_of $kind bundle) == "$dir/b" && $(state_of $kind annotations) == "{'key': 'value'}" ]]
    done
    [[ $(state_of poststop status) == stopped && $(state_of poststop pid) == None ]]
    [[ $(state_of createRuntime pid) -gt 1 && $(state_of prestart pid) -gt 1 ]]
}

# The pid is that which the one who reads it can use.
hook_in_container_is_told_pid_of_there() {
    [[ $(state_of createContainer pid) == 1 ]]
    config "c['root']['readonly'] = False; c['process']['args'] = ['cat', '/told']
c['hooks'] = {'startContainer': [{'path': '/bin/sh', 'args': ['sh', '-c', 'cat > /told']}]}"
    run run --bundle "$dir/b" told | python3 -c 'import json, sys; assert json.load(sys.stdin)["pid"] == 1'
    rm -f "$dir/b/rootfs/told"
}

hooks_run_in_their_namespaces() {
    local own
    own=$(for kind in mnt pid net uts; do readlink "/proc/self/ns/$kind"; done)
    [[ $(< "$dir/ns.createRuntime") == "$own" && $(< "$dir/ns.prestart") == "$own" ]]
    [[ $(< "$dir/ns.poststart") == "$own" && $(< "$dir/ns.poststop") == "$own" ]]
    for i in 1 2 3 4; do
        [[ $(sed -n ${i}p "$dir/ns.createContainer") =~ ^(mnt|pid|net|uts):\[[0-9]+\]$ ]]
        [[ $(sed -n ${i}p "$dir/ns.createContainer") != "$(sed -n ${i}p <<< "$own")" ]]
    done
    [[ $(< "$dir/cwd.createRuntime") == "$dir/b" && $(< "$dir/cwd.createContainer") == "$dir/b" ]]
}

hook_of_container_runs_inside() {
    config "c['root']['readonly'] = False; c['process']['args'] = ['cat', '/mark']
c['hooks'] = {'startContainer': [{'path': '/bin/sh', 'args': ['sh', '-c', 'echo from the hook > /mark']}]}"
    [[ $(run run --bundle "$dir/b" inside) == "from the hook" ]]
    rm -f "$dir/b/rootfs/mark"
}

# ------------------------------------------------------------- createContainer

mount_of_hook_is_in_container() {
    mkdir -p "$dir/gift" "$dir/b/rootfs/mnt"
    echo given > "$dir/gift/file"
    config "c['process']['args'] = ['cat', '/mnt/file']
c['hooks'] = {'createContainer': [$(shell_hook "mount --bind $dir/gift $dir/b/rootfs/mnt")]}"
    [[ $(run run --bundle "$dir/b" mounts) == given ]]
    [[ ! -e $dir/b/rootfs/mnt/file ]]
    ! grep -q "$dir" /proc/self/mountinfo
}

# As those who bring drivers do: links, and what they have written, where the root is read-only for the payload.
hook_writes_to_readonly_root() {
    config "c['root']['readonly'] = True
c['process']['args'] = ['sh', '-c', 'cat /tmp/brought; touch /tmp/mine 2> /dev/null || echo readonly']
c['hooks'] = {'createContainer': [$(shell_hook "echo brought > $dir/b/rootfs/tmp/brought")]}"
    [[ $(run run --bundle "$dir/b" brings | tr '\n' ' ') == "brought readonly " ]]
    rm -f "$dir/b/rootfs/tmp/brought"
}

hook_sees_mounts_of_container() {
    config "c['mounts'].append({'destination': '/dev/extra', 'type': 'tmpfs', 'source': 'x', 'options': ['size=1m']})
c['process']['args'] = ['cat', '/dev/extra/word']
c['hooks'] = {'createContainer': [$(shell_hook "test -c $dir/b/rootfs/dev/null && echo word > $dir/b/rootfs/dev/extra/word")]}"
    [[ $(run run --bundle "$dir/b" sees) == word ]]
}

hook_sees_tree_of_machine() {
    config "c['process']['args'] = ['sh', '-c', 'exit 5']
c['hooks'] = {'createContainer': [$(shell_hook "test -x $dir/hook && test -d /proc/self/fd && test -d /sys/kernel && test -d /usr/bin && test -c /dev/null")]}"
    fails_with 5 run run --bundle "$dir/b" tree
}

hook_may_leave_nothing_behind() {
    config "c['process']['args'] = ['sh', '-c', 'ls / | tr \"\\\\n\" \" \"; cat /proc/mounts']
c['hooks'] = {'createContainer': [$(shell_hook "exit 0")]}"
    run run --bundle "$dir/b" clean > "$dir/with"
    ! grep -q "$dir" "$dir/with"
}

hook_runs_with_user_namespace() {
    config "c['linux']['namespaces'].append({'type': 'user'})
for k in ('uidMappings', 'gidMappings'):
    c['linux'][k] = [{'containerID': 0, 'hostID': 300000, 'size': 1000}]
c['process']['args'] = ['cat', '/mnt/file']
c['hooks'] = {'createContainer': [$(shell_hook "test \$(id -u) = 0 && mount -t tmpfs none $dir/b/rootfs/mnt && echo mine > $dir/b/rootfs/mnt/file")]}"
    chmod 755 "$dir"
    chown -R 300000:300000 "$dir/b/rootfs"
    [[ $(run run --bundle "$dir/b" mapped) == mine ]]
    chown -R 0:0 "$dir/b/rootfs"
}

hook_runs_with_given_pid_namespace() {
    config "c['process']['args'] = ['sleep', '100']"
    start_away run -d --bundle "$dir/b" --pid-file "$dir/pid" first
    forget
    config "c['linux']['namespaces'] = [n for n in c['linux']['namespaces'] if n['type'] != 'pid']
c['linux']['namespaces'].append({'type': 'pid', 'path': '/proc/$(< "$dir/pid")/ns/pid'})
c['process']['args'] = ['sh', '-c', 'exit 6']
c['hooks'] = {'createContainer': [{'path': '$dir/hook', 'args': ['hook', 'shared'], 'env': ['PATH=/bin:/usr/bin']}]}"
    fails_with 6 run run --bundle "$dir/b" second
    [[ $(sed -n 2p "$dir/ns.shared") == "$(readlink "/proc/$(< "$dir/pid")/ns/pid")" ]]
    run delete --force first
}

# ------------------------------------------------------------------- failures

failing_hook_ends_create() {
    local kind
    for kind in prestart createRuntime createContainer; do
        forget
        config "c['hooks'] = {'$kind': [$(shell_hook 'exit 3'), $(shell_hook "touch $dir/after")],
            'poststop': [{'path': '/bin/touch', 'args': ['touch', '$dir/undone']}]}"
        refuses "/hooks/$kind/0: /bin/sh: exited with code 3" run create --bundle "$dir/b" bad
        [[ ! -e $dir/run/bad && ! -e $dir/after && -e $dir/undone ]]
    done
}

failing_hook_keeps_those_behind_from_running() {
    forget
    config "c['hooks'] = {'createRuntime': [$(shell_hook 'exit 3')], 'createContainer': [$(shell_hook "touch $dir/after")]}"
    refuses /hooks/createRuntime/0 run create --bundle "$dir/b" bad
    [[ ! -e $dir/after ]]
}

hook_that_is_killed_is_told() {
    for kind in createRuntime createContainer; do
        config "c['hooks'] = {'$kind': [$(shell_hook 'kill -KILL $$')]}"
        refuses "/hooks/$kind/0: /bin/sh: killed by signal 9" run create --bundle "$dir/b" bad
        [[ ! -e $dir/run/bad ]]
    done
}

# Whatever whoever calls has left behind: a script's pipes end it, its end is heard of, and it is told the state.
hook_does_not_depend_on_the_caller() {
    config "c['hooks'] = {'createRuntime': [$(shell_hook 'kill -PIPE $$')]}"
    refuses "killed by signal 13" run create --bundle "$dir/b" bad
    config "c['hooks'] = {'createRuntime': [$(shell_hook 'exit 3')]}"
    refuses "exited with code 3" python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$oci" --root "$dir/run" create --bundle "$dir/b" bad
    config "c['hooks'] = {'createRuntime': [$(shell_hook "cat > $dir/state.closed; exit 3")]}"
    refuses "exited with code 3" run create --bundle "$dir/b" bad <&-
    [[ $(state_of closed id) == bad && ! -e $dir/run/bad ]]
}

missing_hook_is_told() {
    for kind in createRuntime createContainer; do
        config "c['hooks'] = {'$kind': [{'path': '$dir/nowhere'}]}"
        refuses "/hooks/$kind/0: $dir/nowhere: " run create --bundle "$dir/b" bad
        [[ ! -e $dir/run/bad ]]
    done
}

# What poststop undoes is there until the delete: whoever has asked for the start still has the container.
failing_hook_ends_start() {
    local kind
    for kind in startContainer poststart; do
        forget
        config "c['process']['args'] = ['sleep', '100']
c['hooks'] = {'$kind': [{'path': '/bin/sh', 'args': ['sh', '-c', 'exit 9']}, {'path': '/bin/touch', 'args': ['touch', '$dir/after']}],
    'poststop': [{'path': '/bin/touch', 'args': ['touch', '$dir/undone']}]}"
        start_away create --bundle "$dir/b" bad
        refuses "/hooks/$kind/0: /bin/sh: exited with code 9" run start bad
        state_is bad stopped
        [[ ! -e $dir/after && ! -e $dir/undone ]]
        run delete bad
        [[ -e $dir/undone ]]
    done
}

failing_hook_ends_run() {
    local kind how
    for kind in startContainer poststart; do
        for how in "" --detach; do
            forget
            config "c['process']['args'] = ['sleep', '100']
c['hooks'] = {'$kind': [{'path': '/bin/sh', 'args': ['sh', '-c', 'exit 9']}],
    'poststop': [{'path': '/bin/touch', 'args': ['touch', '$dir/undone']}]}"
            refuses "/hooks/$kind/0: /bin/sh: exited with code 9" run run ${how:+"$how"} --bundle "$dir/b" bad
            [[ ! -e $dir/run/bad && -e $dir/undone ]]
        done
    done
}

failing_hooks_after_end_are_told() {
    config "c['process']['args'] = ['sleep', '100']
c['hooks'] = {'poststop': [{'path': '/bin/false'}, {'path': '/bin/touch', 'args': ['touch', '$dir/undone']}]}"
    rm -f "$dir/undone"
    start_away run -d --bundle "$dir/b" told
    run delete --force told > "$dir/told" 2>&1
    grep -q "/hooks/poststop/0: /bin/false: exited with code 1" "$dir/told"
    [[ -e $dir/undone ]]
}

slow_hook_is_killed() {
    local kind
    for kind in prestart createRuntime createContainer; do
        config "c['hooks'] = {'$kind': [$(shell_hook "echo \$\$ > $dir/slow; exec sleep 100" 1)]}"
        refuses "its time was over" run create --bundle "$dir/b" slow
        [[ ! -e $dir/run/slow ]]
    done
    config "c['hooks'] = {'startContainer': [{'path': '/bin/sleep', 'args': ['sleep', '100'], 'timeout': 1}]}"
    refuses "its time was over" run run --bundle "$dir/b" slow
    [[ ! -e $dir/run/slow ]]
}

# Whoever creates is killed while a hook runs: what there is of the container goes, and can be deleted.
create_killed_in_hook_can_be_deleted() {
    local creator maker pid
    rm -f "$dir/state.createContainer"
    config "c['hooks'] = {'createContainer': [$(shell_hook "cat > $dir/half; mv $dir/half $dir/state.createContainer; exec sleep 100")]}"
    "$oci" --root "$dir/run" create --bundle "$dir/b" killed < /dev/null > /dev/null 2>&1 &
    creator=$!
    for _ in $(seq 400); do [[ ! -e $dir/state.createContainer ]] || break; sleep 0.05; done
    maker=$(pgrep -P "$creator")
    pid=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["pid"])' "$dir/run/killed/state.json")
    kill -KILL "$creator" "$maker"
    until_ended "$pid"
    run delete --force killed
    [[ ! -e $dir/run/killed ]]
}

hooks_that_cannot_be_are_refused() {
    refuses_config /hooks "c['hooks'] = []"
    refuses_config /hooks/createContainer "c['hooks'] = {'createContainer': {}}"
    refuses_config /hooks/prestart/0/path "c['hooks'] = {'prestart': [{'args': ['x']}]}"
    refuses_config /hooks/poststop/1/path "c['hooks'] = {'poststop': [{'path': '/bin/true'}, {'path': 'true'}]}"
    refuses_config /hooks/createContainer/0/args "c['hooks'] = {'createContainer': [{'path': '/bin/true', 'args': [1]}]}"
    refuses_config /hooks/startContainer/0/env "c['hooks'] = {'startContainer': [{'path': '/bin/true', 'env': 'A=b'}]}"
    refuses_config /hooks/createRuntime/0/timeout "c['hooks'] = {'createRuntime': [{'path': '/bin/true', 'timeout': 0}]}"
    refuses_config /hooks/poststart/0/timeout "c['hooks'] = {'poststart': [{'path': '/bin/true', 'timeout': 'soon'}]}"
}

check "hooks run in their order, kind by kind and within each" hooks_run_in_order
check "hooks are told the state" hooks_are_told_the_state
check "hooks run in the namespaces of their kind, in the bundle" hooks_run_in_their_namespaces
check "a hook in the container is told the pid that is seen there" hook_in_container_is_told_pid_of_there
check "the hooks of startContainer run in the container, before the payload" hook_of_container_runs_inside
check "what a hook of createContainer mounts below the root is in the container, and nowhere else" mount_of_hook_is_in_container
check "a hook of createContainer writes to a root that is read-only later" hook_writes_to_readonly_root
check "a hook of createContainer sees the mounts of the container" hook_sees_mounts_of_container
check "a hook of createContainer sees the tree of the machine" hook_sees_tree_of_machine
check "nothing of the machine's tree is left when a hook of createContainer has run" hook_may_leave_nothing_behind
check "a hook of createContainer runs as root of the container's user namespace" hook_runs_with_user_namespace
check "a hook of createContainer runs in a pid namespace that is given" hook_runs_with_given_pid_namespace
check "a hook that fails ends the create, and what it did is undone by poststop" failing_hook_ends_create
check "after a hook that fails no other kind runs" failing_hook_keeps_those_behind_from_running
check "a hook that is killed ends the create, and is told" hook_that_is_killed_is_told
check "a hook does not depend on what the caller ignores or has closed" hook_does_not_depend_on_the_caller
check "a hook that is not there ends the create, and is told" missing_hook_is_told
check "a hook of the start that fails ends it, and poststop is run by the delete" failing_hook_ends_start
check "a hook of the start that fails ends a run, and nothing is left of it" failing_hook_ends_run
check "hooks after the end that fail are told, and the rest run" failing_hooks_after_end_are_told
check "a hook that takes too long is killed" slow_hook_is_killed
check "a create that is killed while a hook runs leaves what can be deleted" create_killed_in_hook_can_be_deleted
check "hooks that cannot be are refused by their pointers" hooks_that_cannot_be_are_refused

finish
