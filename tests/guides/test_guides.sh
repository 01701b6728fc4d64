#!/usr/bin/env bash
#
# The guides in doc/: their programs are whole, compile without a warning, and show what is said, as
# does every other command there. They are typed in a copy of the sources with the library that was
# just built, by root in a mount namespace of its own, and by an ordinary user.
#
# Usage: test_guides.sh SOURCE-DIRECTORY BUILD-DIRECTORY

# shellcheck disable=SC2317,SC2016 # check() calls the functions; Markdown has backquotes
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

unshare -mpf true 2> /dev/null || unshare -Urmpf true 2> /dev/null ||
    skip "needs the right to make namespaces: root, or unprivileged user namespaces"
for program in python3 gcc pkg-config busybox readelf; do
    command -v "$program" > /dev/null || skip "needs $program"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset DESTDIR CFLAGS LDFLAGS CC
chmod 755 "$work"

# Who types which guides.
root_types=(doc/embedding.md doc/limits.md doc/migration.md)
user_types=(doc/embedding.md doc/migration.md doc/rootless.md)
user=54321

# ------------------------------------------------------------------ the guides as texts

document_py=$source/tests/guides/document.py

names_what_there_is() {
    "$document_py" names "$source/$1" "$source/lib/libcontainer.map" "$source"/include/container/*.h
}

# The options of bwrap that the guide for its users names are those that it has.
bwrap_has_the_options() {
    sed -n '/^## From bwrap/,$ s/^| //p' "$source/doc/migration.md" | cut -d '|' -f 1 |
        grep -oE -- '--[a-z0-9-]+' | sort -u > options
    [[ $(wc -l < options) -gt 20 ]]
    bwrap --help > help 2>&1
    while read -r option; do
        grep -qE -- "^ +$option( |$)" help || { echo "$option" && return 1; }
    done < options
}

compiles_without_a_warning() {
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$source/include" -c -o program.o "$1"
}

# refuses COMPLAINT TEXT VERB ARGUMENT...: of a document with that text.
refuses() {
    local complaint=$1
    printf '%b' "$2" > bad.md
    ! "$document_py" "$3" bad.md "${@:4}" 2> complaint || return 1
    cat complaint
    grep -qF "$complaint" complaint
}

# ------------------------------------------------------------------ typing them

# A library as if it were installed, and a copy of the sources.
mkdir library
cp -a "$build"/lib/libcontainer.so* library
sed -e "s,^includedir=.*,includedir=$source/include," -e "s,^libdir=.*,libdir=$work/library," \
    "$build/container.pc" > library/container.pc
export PKG_CONFIG_PATH=$work/library LD_LIBRARY_PATH=$work/library

# How a guide is typed by the one who does: in mounts of his own, or as somebody else.
typing=()

types() {
    cd "$who"
    "${typing[@]}" "$source/tests/lessons/console.py" run "$1" "$PWD/seen.json"
}

# guides DOCUMENT...: as $who, in a directory of that name.
guides() {
    local document line command
    for document; do
        rm -rf "$who"
        mkdir "$who"
        (cd "$source" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$who" --no-same-owner
        check "$document has whole programs" "$document_py" write "$source/$document" "$who"
        [[ $EUID -ne 0 || $who != user ]] || chown -R "$user:$user" "$who"
        check "$who: each command of $document can be typed" types "$document"
        [[ -s $who/seen.json ]] || continue
        while read -r line command; do
            check "$who: $document, line $line shows what is seen: $command" \
                "$source/tests/lessons/console.py" check "$who/seen.json" "$line"
        done < <("$source/tests/lessons/console.py" list "$who/seen.json")
    done
}

leaves_no_mount() {
    ! grep -F " $work" /proc/self/mountinfo
}

cd "$source"
documents=(README.md doc/*.md)
cd "$work"
for document in "${documents[@]}"; do
    check "$document names no call and no constant that is not there" names_what_there_is "$document"
    check "$document has no link that leads nowhere" "$document_py" links "$source/$document"
done
check "README.md gives no figure that doc/performance.md has not" \
    "$document_py" figures "$source/README.md" "$source/doc/performance.md"
if command -v bwrap > /dev/null; then
    check "bwrap has the options of the guide" bwrap_has_the_options
else
    leave_out "bwrap has the options of the guide" "needs bwrap"
fi
for document in $(printf '%s\n' "${root_types[@]}" "${user_types[@]}" | sort -u); do
    mkdir -p programs
    for program in $("$document_py" write "$source/$document" programs); do
        check "$document: $program.c compiles as C11 without a warning" \
            compiles_without_a_warning "programs/$program.c"
    done
done

if [[ $EUID -eq 0 ]] && in_first_user_ns; then
    who=root typing=(unshare --mount --propagation private)
    guides "${root_types[@]}"
else
    leave_out "root: the guides show what is seen" "needs root of the first user namespace"
fi
who=user typing=()
[[ $EUID -ne 0 ]] || typing=(setpriv "--reuid=$user" "--regid=$user" --clear-groups)
if ! "${typing[@]}" unshare -Ur true 2> /dev/null; then
    leave_out "user: the guides show what is seen" "unprivileged user namespaces are not allowed here"
elif ! "${typing[@]}" test -r "$source/include/container/spec.h"; then
    leave_out "user: the guides show what is seen" "an ordinary user cannot reach the sources"
else
    guides "${user_types[@]}"
fi
check "no mount is left" leaves_no_mount

check "a program without a name is refused" refuses 'no whole program' '```c\nint main(void)\n```\n' write .
check "a fragment is refused" refuses 'no whole program' '```c\n/* part.c: x */\nct_wait();\n```\n' write .
check "a program that nobody runs is refused" refuses 'nobody types' \
    '```c\n/* lazy.c: x */\nint main(void)\n```\n' write .
check "an unknown call is refused" refuses 'no ct_dance' '`ct_dance`\n' names "$source/lib/libcontainer.map"
check "a link to nothing is refused" refuses 'no bad.md#there' '# Here\n[x](bad.md#there)\n' links
check "a figure from nowhere is refused" refuses 'no 1 to 2' '1 to 2\n' figures "$source/doc/performance.md"
finish
