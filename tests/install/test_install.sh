#!/usr/bin/env bash
#
# The library as a package: installed into an empty prefix, found with pkg-config alone,
# used from C and C++ by the program of the README, and exporting what its headers say.
#
# Usage: test_install.sh SOURCE-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"
# shellcheck source=tests/install/example.sh
. "$source/tests/install/example.sh"

for program in meson ninja pkg-config gcc g++ nm readelf; do
    command -v "$program" > /dev/null || skip "needs $program"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset DESTDIR CFLAGS LDFLAGS
prefix=$work/prefix
library=$prefix/lib/libcontainer.so
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

install_into_prefix() {
    meson setup build "$source" --prefix="$prefix" --libdir=lib --buildtype=release \
        -Dauto_features=disabled -Ddocs=enabled
    meson install -C build
}

# ------------------------------------------------------------------ headers

alone() {
    echo "#include <container/$2>" | gcc -x "$1" -fsyntax-only \
        -Wall -Wextra -Wpedantic -Werror "-std=$3" -I"$prefix/include" -
}

compiles_alone() {
    alone c "$1" c11
    alone c++ "$1" c++17
}

every_header_is_installed() {
    diff <(ls "$source/include/container") <(ls "$prefix/include/container")
}

container_h_includes_all() {
    diff <(cd "$prefix/include/container" && ls -I container.h -I '*.hpp') \
        <(sed -n 's/^#include <container\/\(.*\)>$/\1/p' "$prefix/include/container/container.h")
}

pages_are_where_man_looks() {
    diff <(in_map | sed 's/$/.3/') <(ls "$prefix/share/man/man3")
    [[ $(ls "$prefix/share/man/man7") == libcontainer.7 ]]
    [[ -f $prefix/share/doc/libcontainer/html/libcontainer.7.html && -f $prefix/share/doc/libcontainer/html/index.html ]]
}

# ------------------------------------------------------------------ symbols

# The calls that the headers declare: the name before the first "(" of each CT_API line.
declared() {
    sed -n 's/^CT_API [^(]*[ *]\(ct_[a-z0-9_]*\)(.*/\1/p' "$prefix"/include/container/*.h | sort
}

exported() {
    nm -D --defined-only "$library" | sed -n 's/.* [A-Z] \(ct_[a-z0-9_]*\).*/\1/p' | sort
}

in_map() {
    sed -n 's/^[[:space:]]*\(ct_[a-z0-9_]*\);$/\1/p' "$source/lib/libcontainer.map" | sort
}

exports_what_is_declared() {
    [[ -n $(declared) ]]
    diff <(declared) <(exported)
}

map_lists_what_is_declared() {
    diff <(declared) <(in_map)
}

# But for those that hand out constant strings, which C++ takes as they are.
classes_use_every_call() {
    local call
    for call in $(in_map | grep -vxE 'ct_(item|ns_kind|step)_name|ct_version'); do
        grep -qE "\\b$call\\b|CT_SETTER_\\(${call#ct_spec_}," "$prefix"/include/container/*.hpp ||
            { echo "$call has no face in container.hpp" && return 1; }
    done
}

exports_nothing_foreign() {
    nm -D --defined-only "$library" > symbols
    ! grep -v -e ' T ct_' -e ' A LIBCONTAINER_' symbols
}

has_soname() {
    readelf -dW "$library" | grep -F 'soname: [libcontainer.so.0]'
}

# One pointer in .init_array is the compiler's own frame_dummy.
has_no_constructor() {
    local size
    readelf -SW "$library" > sections
    size=$(sed -n 's/.* INIT_ARRAY  *[^ ]* [^ ]* \([^ ]*\) .*/\1/p' sections)
    echo "size of .init_array: 0x$size"
    [[ $((16#$size)) -le 8 ]]
}

# .data and .bss of our own objects; what needs relocation alone lies in .data.rel.ro.
has_no_writable_global() {
    size -A "$prefix/lib/libcontainer.a" > sizes
    awk '/:$/ || / : *$/ { object = $1 }
         $1 ~ /^\.(data|bss|tdata|tbss)$/ && $2 > 0 { print object, $1, $2; found = 1 }
         END { exit found }' sizes
}

is_hardened() {
    readelf -lW "$library" > segments
    readelf -dW "$library" > dynamic
    grep -q GNU_RELRO segments
    grep -q BIND_NOW dynamic
    [[ $(grep -c TEXTREL dynamic) -eq 0 ]]
    [[ $(grep -c 'GNU_STACK.* RWE ' segments) -eq 0 ]]
}

# ----------------------------------------------------------- README program

# build OUTPUT COMPILER STANDARD FLAG...: the program as a user would build it.
build_example() {
    local output=$1 compiler=$2 standard=$3 language=c
    shift 3
    [[ $compiler == g++ ]] && language=c++
    "$compiler" -x "$language" "-std=$standard" -Wall -Wextra -Wpedantic -Werror \
        example.c -x none -o "$output" "$@"
}

build_shared() {
    # shellcheck disable=SC2046 # a list of flags
    build_example "$1" "$2" "$3" $(pkg-config --cflags --libs container) -Wl,-rpath,"$prefix/lib"
}

build_static() {
    # shellcheck disable=SC2046
    build_example "$1" "$2" "$3" -static $(pkg-config --static --cflags --libs container)
}

needs_no_library_at_run_time() {
    readelf -lW "$1" > segments
    ! grep INTERP segments
}

# Without its tarball the program fails, and says what it missed.
names_the_missing_tarball() {
    local output
    rm -rf empty && mkdir empty && cd empty
    if output=$("$work/$1" 2>&1); then
        echo "it succeeded: $output"
        return 1
    fi
    echo "$output"
    [[ $output == *rootfs.tar.gz* && -z $(ls -A) ]]
}

# With it the program runs ps in a container, where ps is all there is.
shows_itself_as_pid_1() {
    local output
    rm -rf full && mkdir full && cd full
    cp "$work/rootfs.tar.gz" .
    output=$("$work/$1" 2>&1) || { echo "exit code $?: $output"; return 1; }
    echo "$output"
    grep -Eq '^ *1 .*ps' <<< "$output"
}

# Whether each static library is there that the library needs.
can_link_statically() {
    echo 'int main(void) { return 0; }' > nothing.c
    # shellcheck disable=SC2046
    gcc -static nothing.c -o nothing $(pkg-config --static --libs container)
}

# The line "cc ... -o ..." in the comment of an example, beside the sources that it names.
compiles_as_it_says() {
    local line program file
    line=$(sed -n 's/^ \*     \(c[c+]* .*-o .*\)$/\1/p' "$source/examples/$1" | head -n 1)
    file=$(basename "$1")
    program=${file%.*}
    echo "$line"
    [[ $line == *" -o $program $file"* ]]
    rm -rf copy && mkdir copy && cd copy
    cp "$source/examples/$(dirname "$1")"/*.* .
    line=${line/#c++/g++ -Wall -Wextra -Wpedantic -Werror}
    bash -c "${line/#cc/gcc -Wall -Wextra -Wpedantic -Werror}"
    [[ -x $program ]]
}

can_run_containers() {
    [[ $EUID -eq 0 ]] && unshare -mpf true && "$source/examples/rootfs.sh" rootfs.tar.gz
}

# ------------------------------------------------------------------- checks

check "it installs into an empty prefix" install_into_prefix
check "every public header is installed" every_header_is_installed
check "container.h includes all the others" container_h_includes_all
check "the page of each call is where man looks for it" pages_are_where_man_looks
for header in "$prefix"/include/container/*.h; do
    name=${header##*/}
    check "$name compiles alone as C11 and as C++17" compiles_alone "$name"
done
for header in "$prefix"/include/container/*.hpp; do
    name=${header##*/}
    check "$name compiles alone as C++17" alone c++ "$name" c++17
done

check "the library's soname is libcontainer.so.0" has_soname
check "it exports what its headers declare" exports_what_is_declared
check "its map lists what its headers declare" map_lists_what_is_declared
check "the classes for C++ use every call of it" classes_use_every_call
check "it exports nothing else" exports_nothing_foreign
check "it has no constructor" has_no_constructor
check "it has no writable global" has_no_writable_global
check "it is linked with RELRO, and without text relocations or executable stack" is_hardened

check "README.md has a whole program" extract_example "$source/README.md" example.c
programs=(c-shared cpp-shared)
check "the program compiles as C11, shared" build_shared c-shared gcc c11
check "the program compiles as C++17, shared" build_shared cpp-shared g++ c++17
if can_link_statically > /dev/null 2>&1; then
    check "the program compiles as C11, static" build_static c-static gcc c11
    check "the program compiles as C++17, static" build_static cpp-static g++ c++17
    check "the static program needs no library at run time" needs_no_library_at_run_time c-static
    programs+=(c-static cpp-static)
else
    leave_out "the program links statically" "a static library that libarchive needs is missing"
fi
for program in "${programs[@]}"; do
    check "$program names the tarball that is missing" names_the_missing_tarball "$program"
done
for example in "$source"/examples/*.c* "$source"/examples/lessons/*.c; do
    name=${example#"$source/examples/"}
    [[ $name == */lesson.c ]] && continue # what the lessons share
    check "examples/$name compiles by the line in its comment" compiles_as_it_says "$name"
done
if can_run_containers > /dev/null 2>&1; then
    for program in "${programs[@]}"; do
        check "$program runs ps as PID 1 of a container" shows_itself_as_pid_1 "$program"
    done
else
    leave_out "the program runs ps as PID 1" "needs root, namespaces and busybox-static"
fi
finish
