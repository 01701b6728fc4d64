#!/usr/bin/env bash
#
# The manual: that it has a page for each exported call, with all that a caller has to know,
# and that a docstring which lacks some of that makes no page.
#
# Usage: test_manual.sh SOURCE-DIRECTORY PAGES-DIRECTORY

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "$1" && pwd)
pages=$(cd "$2" && pwd)
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
make=$source/doc/man/make.py
mapfile -t calls < <(sed -n 's/^[[:space:]]*\(ct_[a-z0-9_]*\);$/\1/p' "$source/lib/libcontainer.map")
sections=(NAME SYNOPSIS DESCRIPTION 'CHANGES IN THE CALLER' THREADS ERRORS REQUIREMENTS SOURCES
    HISTORY 'SEE ALSO')

# text PAGE SECTION: what stands below that heading.
text() {
    awk -v heading="$2" '/^\.SH / { gsub(/^\.SH |"/, ""); inside = $0 == heading; next } inside' "$1"
}

# ------------------------------------------------------------------ the pages

every_call_has_a_page() {
    [[ ${#calls[@]} -gt 100 ]]
    diff <(printf '%s.3\n' "${calls[@]}" | sort) <(cd "$pages" && ls -- *.3)
}

every_page_has() {
    local call section=$1
    for call in "${calls[@]}"; do
        [[ -n $(text "$pages/$call.3" "$section") ]] || { echo "$call lacks it" && return 1; }
    done
}

# The names of the parameters, from the headers and by other means than those of make.py.
parameters() {
    gcc -x c -E -P -I"$source/include" - <<< '#include <container/container.h>' |
        tr '\n' ' ' | grep -oE "[ *]$1\([^)]*\);" | head -n 1 | grep -oE '[a-z_]+ *[,)]' | tr -d ' ,)' |
        grep -vx void || true
}

every_parameter_is_told_of() {
    local call name count=0
    for call in "${calls[@]}"; do
        for name in $(parameters "$call"); do
            text "$pages/$call.3" PARAMETERS | grep -qxF "\\fB$name\\fP" ||
                { echo "$call: $name" && return 1; }
            count=$((count + 1))
        done
    done
    echo "$count parameters"
    [[ $count -gt 300 ]]
}

overview_names_every_call() {
    diff <(printf '%s\n' "${calls[@]}" | sort) \
        <(sed -n 's/^\\fB\(ct_[a-z0-9_]*\)()\\fP$/\1/p' "$pages/libcontainer.7" | sort)
}

man_warns_of_nothing() {
    local page
    for page in "$pages"/*.[37]; do
        man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null | sed "s/^/${page##*/}: /"
    done > warnings
    cat warnings
    [[ ! -s warnings ]]
}

# A version that is not released has no date.
mandoc_warns_of_nothing() {
    mandoc -Tlint "$pages"/*.[37] 2>&1 | grep -v 'missing date, using "": TH$' > warnings || true
    cat warnings
    [[ ! -s warnings ]]
}

whatis_would_know_every_page() {
    local page
    for page in "$pages"/*.[37]; do
        lexgrog "$page" > name || { cat name && return 1; }
        grep -qF "\"$(basename "${page%.*}") - " name || { cat name && return 1; }
    done
}

every_page_is_html_as_well() {
    diff <(cd "$pages" && ls -- *.[37]) \
        <(find "$pages" -name '*.html' ! -name index.html -printf '%f\n' | sed 's/\.html$//' | sort)
}

# link_targets PAGE...: where their links lead, each once.
link_targets() {
    grep -ohE 'href="[^"]*"' "$@" | sort -u | sed 's/href="\(.*\)"/\1/'
}

every_link_leads_to_a_page() {
    local page place
    link_targets "$pages"/*.html > targets
    [[ $(wc -l < targets) -gt 100 ]]
    while IFS='#' read -r page place; do
        [[ -f $pages/$page ]] || { echo "$page" && return 1; }
        [[ -z $place ]] || grep -qF "id=\"$place\"" "$pages/$page" || { echo "$page#$place" && return 1; }
    done < targets
}

index_leads_to_every_page() {
    diff <(cd "$pages" && ls -- *.[37].html) <(link_targets "$pages/index.html")
}

every_page_leads_to_its_header_in_the_index() {
    local call
    for call in "${calls[@]}"; do
        link_targets "$pages/$call.3.html" | grep -q '^index\.html#.' || { echo "$call" && return 1; }
    done
    link_targets "$pages/libcontainer.7.html" | grep -qx index.html
}

html_closes_what_it_opens() {
    python3 - "$pages"/*.html << 'PYTHON'
import html.parser, sys

class Reader(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        if tag != "meta":
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (self.name, self.getpos(), tag)

for name in sys.argv[1:]:
    reader = Reader()
    reader.open, reader.name = [], name
    reader.feed(open(name, encoding="utf-8").read())
    assert not reader.open, (name, reader.open)
PYTHON
}

makes_the_same_again() {
    "$make" --version 1.2.3 one && "$make" --version 1.2.3 two
    "$make" --version 1.2.3 --html one && "$make" --version 1.2.3 --html two
    diff -r one two
    [[ $(grep -rlF "$source" one) == '' ]]
}

# -------------------------------------------------------------- what it refuses

# refuses COMPLAINT FILE SED-SCRIPT: with this change of a header no page is made, and why is said.
refuses() {
    rm -rf headers pages
    cp -r "$source/include/container" headers
    sed -i "$3" "headers/$2"
    ! diff -q "headers/$2" "$source/include/container/$2" > /dev/null || { echo "no change" && return 1; }
    ! "$make" --headers headers --version 1 pages 2> complaints || { echo "it made them" && return 1; }
    cat complaints
    [[ $(grep -cvF "$1" complaints) -eq 0 && ! -e pages ]]
}

refuses_unknown_symbol() {
    sed 's/ct_wait;/ct_wait; ct_await;/; s/; /;\n/' "$source/lib/libcontainer.map" > more.map
    ! "$make" --map more.map --version 1 pages 2> complaints || return 1
    grep -qxF 'ct_await: is exported, and no header declares it' complaints
}

check "each exported call has a page, and no other name has" every_call_has_a_page
for section in "${sections[@]}"; do
    check "each page has its $section" every_page_has "$section"
done
check "each page tells of each parameter" every_parameter_is_told_of
check "the overview names every call" overview_names_every_call
if command -v man lexgrog > /dev/null; then
    check "man warns of nothing in any page" man_warns_of_nothing
    check "whatis finds a line about each page" whatis_would_know_every_page
else
    leave_out "man warns of nothing in any page" "needs man-db"
fi
if command -v mandoc > /dev/null; then
    check "mandoc warns of nothing in any page" mandoc_warns_of_nothing
else
    leave_out "mandoc warns of nothing in any page" "needs mandoc"
fi
check "each page is there for browsers as well" every_page_is_html_as_well
check "each link leads to a page, and to a place in it" every_link_leads_to_a_page
check "the index leads to each page" index_leads_to_every_page
check "each page leads to its header in the index" every_page_leads_to_its_header_in_the_index
check "each page for browsers closes what it opens" html_closes_what_it_opens
check "it is the same whenever and wherever it is made" makes_the_same_again

for part in Changes Threads Errors Needs Source Since; do
    check "a docstring without $part is refused" refuses "ct_wait: no $part" spawn.h \
        "/^ \* Wait for the end/,/^CT_API/ s/$part:/On the side,/"
done
check "a docstring without a result is refused" refuses "ct_wait: no @return" spawn.h \
    '/^ \* Wait for the end/,/^CT_API/ s/@return/And/'
check "a parameter of which nothing is told is refused" refuses "ct_wait: has" spawn.h \
    '/^ \* Wait for the end/,/^CT_API/ s/@param timeout_ms/and/'
check "an errno without a cause is refused" refuses "ct_wait: no cause of ETIMEDOUT" spawn.h \
    's/ETIMEDOUT it runs still/ETIMEDOUT/'
check "a time without its unit is refused" refuses "ct_wait: in which unit is timeout_ms" spawn.h \
    's/how long at most, in milliseconds; 0 looks only/how long; 0 looks only/'
check "a pointer of which nobody is the owner is refused" refuses "ct_spec_set_argv: whose is argv" \
    spec.h 's/at least one string. Copied./at least one string./'
check "a call without a docstring is refused" refuses "ct_version: " version.h 's,^/\*\*$,/*,'
check "a header that the overview would leave out is refused" refuses "does not tell of time.h" \
    container.h '/^ \*     time.h /d'
check "an exported name that no header declares is refused" refuses_unknown_symbol
finish
