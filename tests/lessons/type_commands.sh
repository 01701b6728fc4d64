#!/usr/bin/env bash
#
# Types the shell commands by which explain mode tells of the start of a container. The
# first of them, unshare, is what starts this script. Prints the mounts that are seen from
# the container's root; ends with 1, and names the command, if one fails.
#
# Usage: type_commands.sh FILE [TOOL...]
#
# FILE has one command in each line; those of a TOOL are left out.

set -uo pipefail
file=$1
left_out=" ${*:2} "
failed=0

# type_command COMMAND: in this shell, or in another if it would end it or take its root away.
type_command() {
    local target
    case $1 in
        'exec '*) (eval "$1") < /dev/null > /dev/null ;;
        *pivot_root*) unshare --mount bash -c "$1 && cat /proc/self/mounts" ;;
        *'# if it is there')
            read -r _ _ _ target _ <<< "$1"
            [[ ! -e $target ]] || eval "$1" ;;
        *) eval "$1" ;;
    esac
}

while IFS= read -r command <&3; do
    [[ $left_out != *" ${command%% *} "* ]] || continue
    if ! type_command "$command"; then
        echo "failed: $command" >&2
        failed=1
    fi
done 3< "$file"
exit "$failed"
