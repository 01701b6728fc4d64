#!/usr/bin/env bash
#
# Each benchmark still runs: a few rounds of everything, for the shape of what it prints
# and never for the figures.
#
# Usage: test_bench.sh SOURCE-DIRECTORY BENCHMARK...

# shellcheck disable=SC2317 # check() calls the functions
set -euo pipefail
export LC_ALL=C
source=$(cd "$1" && pwd)
shift
# shellcheck source=tests/sentences.sh
. "$source/tests/sentences.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work

# Each row of the table, and nothing else, is in the JSON, with times that can be true.
json_agrees_with_table() {
    python3 - "$1" "$work/out" "$work/json" << 'PYTHON'
import json, re, sys
name, table, path = sys.argv[1:]
lines = open(path).read().splitlines()
assert len(lines) == 1, f"{len(lines)} lines of JSON"
result = json.loads(lines[0])
assert result["bench"] == name and result["quick"] and result["rounds"] > 0, result
rows = {(row["measure"], row["contender"]): row for row in result["rows"]}
assert rows and len(rows) == len(result["rows"])
for row in rows.values():
    assert 0 < row["p10_us"] <= row["p50_us"] <= row["p99_us"] < 60e6, row
for row in rows.values():
    if "floor" in row:
        floor = rows[row["measure"], row["floor"]]
        assert abs(row["floor_ratio"] * floor["p50_us"] / row["p50_us"] - 1) < 0.01, row
measure, shown = None, {}
for line in open(table):
    if head := re.match(r"  (\S.*?) +p10 +p50 +p99", line):
        measure = head[1]
    elif row := re.match(r"  (\S.*?) +([\d.]+) +([\d.]+) +([\d.]+)( |$)", line):
        shown[measure, row[1]] = [float(row[i]) for i in (2, 3, 4)]
assert shown.keys() == rows.keys(), (shown.keys(), rows.keys())
for key, values in shown.items():
    for value, name in zip(values, ("p10_us", "p50_us", "p99_us")):
        assert abs(value - rows[key][name]) < 0.06, key
PYTHON
}

refuses_what_it_does_not_know() {
    local status=0
    "$1" --no-such-option > "$work/out" 2> "$work/err" || status=$?
    [[ $status -eq 2 && ! -s $work/out ]]
    grep -q usage: "$work/err"
}

# What this machine lacks may be left out, what the library does may not.
measures_the_library() {
    grep -q '^  ct_' "$work/out"
    ! grep '^  not measured: ct_' "$work/out"
}

leaves_nothing() {
    diff <(printf '%s\n' err json out) <(ls -A "$work")
}

for program in "$@"; do
    name=${program##*/bench-}
    status=0
    rm -f "$work/json"
    "$program" --quick --json "$work/json" > "$work/out" 2> "$work/err" || status=$?
    if [[ $status -eq 77 ]]; then
        leave_out "benchmark $name" "$(grep 'not measured' "$work/out" | head -n 1)"
        continue
    fi
    check "benchmark $name runs without a word of complaint" test "$status:$(cat "$work/err")" = 0:
    check "benchmark $name prints a table and the same as valid JSON" json_agrees_with_table "$name"
    if [[ $EUID -eq 0 ]] && in_first_user_ns; then
        check "benchmark $name measures each call of the library" measures_the_library
    fi
    check "benchmark $name refuses what it does not know" refuses_what_it_does_not_know "$program"
    check "benchmark $name leaves nothing behind" leaves_nothing
done
[[ $checks -gt 0 ]] || skip "no benchmark can be run on this machine"
finish
