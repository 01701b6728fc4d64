#!/usr/bin/env bash
#
# doc/lessons.md and README.md: what they tell their readers to type, and what is seen then; and
# the picture of the demo. It is typed in a copy of the sources, by root, in a mount namespace of its own.
#
# Usage: test_tutorial.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

need_first_root "the tutorial makes device nodes"
unshare -m true 2> /dev/null || skip "needs the right to make mount namespaces"
for program in python3 meson ninja gcc busybox capsh apt; do
    command -v "$program" > /dev/null || skip "needs $program"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset DESTDIR CFLAGS LDFLAGS CC
chmod 755 "$work" # root of a user namespace has to enter it
mkdir clone
(cd "$source" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C clone

# types DOCUMENT: all of its commands, in the copy. What was seen is in a file of its name.
types() {
    local status=0
    (cd clone && unshare --mount --propagation private \
        "$source/tests/lessons/console.py" run "$1" "$work/${1//\//-}.json") || status=$?
    tail -n 20 clone/build/*.log 2> /dev/null
    return "$status"
}

picture_is_of_the_demo() {
    (cd clone && ./dev demo) > demo.txt
    "$source/doc/picture.py" same "$source/doc/demo.svg" < demo.txt
}

picture_that_says_something_else_is_seen() {
    sed 's/Who am I?/Who are you?/' "$source/doc/demo.svg" > other.svg
    ! "$source/doc/picture.py" same other.svg < demo.txt
}

leaves_no_mount() {
    ! grep -F " $work" /proc/self/mountinfo
}

for document in doc/lessons.md README.md; do
    seen=${document//\//-}.json
    check "$document: every command can be typed" types "$document"
    [[ -s $seen ]] || continue
    while read -r line command; do
        check "$document, line $line shows what is seen: $command" \
            "$source/tests/lessons/console.py" check "$seen" "$line"
    done < <("$source/tests/lessons/console.py" list "$seen")
done
check "the picture in README.md shows what ./dev demo prints" picture_is_of_the_demo
check "a picture that shows something else is refused" picture_that_says_something_else_is_seen
check "no mount is left" leaves_no_mount
finish
