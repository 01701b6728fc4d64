# shellcheck shell=bash
#
# For scripts that make something which has to be gone when they end, however they end.
#
#     . tests/fresh/apart.sh
#     apart COMMAND [ARGUMENT...]

# apart COMMAND...: runs it as the first process of a pid namespace, with mounts, host name and
# IPC of its own, and exits as it does. On a signal it is killed first. Who kills this shell
# kills it too: the kernel sends SIGKILL down the chain, and the mounts go with the processes.
apart() {
    local status=0
    trap 'end_apart 130' INT
    trap 'end_apart 143' TERM
    trap 'end_apart 129' HUP
    # In the background a shell lets its children ignore SIGINT; these shall not.
    setpriv --pdeathsig KILL env --default-signal=INT,QUIT \
        unshare --mount --uts --ipc --pid --fork --kill-child=KILL -- "$@" <&0 &
    apart=$!
    wait "$apart" || status=$?
    trap - INT TERM HUP
    return "$status"
}

# The first process is killed alone: when unshare has waited for it all others have ended.
end_apart() {
    local first=
    trap '' INT TERM HUP
    read -r first < "/proc/$apart/task/$apart/children" || true
    kill -KILL "${first:-$apart}" 2> /dev/null || true
    wait "$apart" || true
    exit "$1"
}
