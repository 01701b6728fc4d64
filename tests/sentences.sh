# shellcheck shell=bash
#
# For tests in shell: each check is a sentence and a command that makes it true. Ends with
# the line that Check prints, so that all tests are counted in the same way.
#
#     . tests/sentences.sh
#     check "the program says hello" says_hello
#     finish

checks=0
failures=0

# check SENTENCE COMMAND...: the command succeeds, and so does each command of it if it is a
# function. Shows what it printed if not.
check() {
    local sentence=$1 output status
    shift
    checks=$((checks + 1))
    set +e
    output=$(set -e; "$@" 2>&1)
    status=$?
    set -e
    if [[ $status -eq 0 ]]; then
        echo "  ok       $sentence"
    else
        failures=$((failures + 1))
        echo "  FAILED   $sentence"
        echo "           $* gave $status and printed:"
        echo "           ${output//$'\n'/$'\n'           }"
    fi
}

# leave_out SENTENCE REASON: this machine cannot check the sentence.
leave_out() {
    echo "  skipped  $1: $2"
}

# skip REASON: this machine cannot run the test at all.
skip() {
    echo "$*"
    exit 77
}

# Whether root is root of the machine: the ids of this process are mapped from nowhere.
in_first_user_ns() {
    [[ ! -e /proc/self/uid_map || $(tr -s ' ' < /proc/self/uid_map) == ' 0 0 4294967295' ]]
}

# Skips the test unless it is run by root of the machine.
need_first_root() {
    [[ $EUID -eq 0 ]] || skip "needs root"
    in_first_user_ns || skip "needs root of the first user namespace: $*"
}

finish() {
    local passed=$((checks - failures))
    echo "$((checks ? passed * 100 / checks : 0))%: Checks: $checks, Failures: $failures, Errors: 0"
    [[ $checks -gt 0 && $failures -eq 0 ]]
    exit
}
