#!/usr/bin/env bash
#
# bindings/go/README.md: what it tells its readers to type, and what is seen then. It is typed beside a
# copy of the sources, by root, in a mount namespace of its own, in which nothing is installed.
#
# Usage: test_go_page.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

need_first_root "the page installs the library"
unshare -m true 2> /dev/null || skip "needs the right to make mount namespaces"
for program in go python3 meson ninja gcc busybox pkg-config; do
    command -v "$program" > /dev/null || skip "needs $program"
done

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
page=bindings/go/README.md
mkdir libcontainer
(cd "$source" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C libcontainer
# What go writes and keeps.
export GOCACHE=$work/cache GOPATH=$work/path GOENV=off GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local GOWORK=off
unset DESTDIR CFLAGS LDFLAGS CC GOFLAGS PKG_CONFIG_PATH LD_LIBRARY_PATH

# Compiled ahead, since what is typed has a limit of time: meson then finds nothing left to do.
compiles() {
    (cd libcontainer && $(sed -n 's/^# \(meson setup .*\)/\1/p' "$source/$page") && ninja -C build/installed)
}

# What would change the machine, in the shell that types: the packages are there, and the linker's cache stays as it is.
apt-get() { echo "installed: $*"; }
ldconfig() { LD_LIBRARY_PATH=$(dirname "$(find /usr/local -name libcontainer.so)") && export LD_LIBRARY_PATH; }
export -f apt-get ldconfig

types() {
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --propagation private bash -c '
        mount -t tmpfs none /usr/local && exec "$@"' bash \
        "$source/tests/lessons/console.py" run "$source/$page" "$work/page.json"
}

# The part of the program that the page shows: each of its lines, in their order.
shows_the_example() {
    local line position=0 found
    while IFS= read -r line; do
        [[ $line == *...* && $line != *command...* ]] && continue
        found=$(grep -nF -- "$line" "$source/bindings/go/examples/run/main.go" | head -n 1 | cut -d: -f1)
        [[ -n $found && $found -gt $position ]] || { echo "not there: $line"; return 1; }
        position=$found
    done < <(sed -n '/^```go$/,/^```$/ { /^```/d; p }' "$source/$page")
    [[ $position -gt 0 ]]
}

check "the library is built by the command of the page" compiles
check "every command of the page can be typed" types
if [[ -s page.json ]]; then
    while read -r line command; do
        check "$page, line $line shows what is seen: $command" \
            "$source/tests/lessons/console.py" check page.json "$line"
    done < <("$source/tests/lessons/console.py" list page.json)
fi
check "the page shows the example as it is" shows_the_example
check "nothing was written to the sources" test ! -e "$source/bindings/go/go.sum"
finish
