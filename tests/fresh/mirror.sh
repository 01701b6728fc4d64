# shellcheck shell=bash
#
# For tests on a fresh machine that install something there. Needs skip() of sentences.sh.
#
#     . tests/fresh/mirror.sh
#     need_mirror

# Whether the first index can be had that apt would ask for.
mirror_answers() {
    local index
    index=$(apt-get update --print-uris | sed -n "1s/^'\([^']*\)'.*/\1/p")
    [[ -n $index ]] && /usr/lib/apt/apt-helper download-file "$index" /tmp/index && rm /tmp/index
}

need_mirror() {
    mirror_answers > /tmp/out 2>&1 || {
        cat /tmp/out
        skip "no mirror of Debian can be had"
    }
}
