#!/usr/bin/env python3
"""Prints which lines and branches of lib/ were run, for each room.

Usage: table.py [--no-floor] UNRUN COUNTS.json...

Each COUNTS.json is what gcovr --json writes; a line was run if one of them says so. UNRUN explains lines
that never run: FILE, a part of the function's text or "*", and the reason, divided by bars. Fails if less than
90 % of the lines were run, or if an explanation fits no line that was not run. Functions of which nothing ran
and that nobody explains are listed.
"""
import collections
import json
import os
import pathlib
import re
import sys

FLOOR = 90.0
ROOT = pathlib.Path(os.environ.get("CT_COVERAGE_ROOT", pathlib.Path(__file__).resolve().parent.parent.parent))
# How a function begins in this project: in the first column, a name before a bracket.
BEGINNING = re.compile(r"^(?!static const|typedef|#|\}|/|struct [a-z_]+ \{)[a-z].*?\b(\w+)\(")

ATTRIBUTE = re.compile(r"__attribute__\(\(.*?\)\) ")


def read(paths):
    """{file: {line: [count, branches, taken]}} of all together."""
    merged = collections.defaultdict(dict)
    for path in paths:
        for file in json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["files"]:
            lines = merged[file["file"]]
            for line in file["lines"]:
                if line.get("gcovr/noncode"):
                    continue
                number = line["line_number"]
                ways = [branch["count"] for branch in line.get("branches", [])]
                count, old = lines.get(number, (0, []))
                old = old if len(old) == len(ways) else [0] * len(ways)
                lines[number] = (count + line["count"], [a + b for a, b in zip(old, ways)])
    return merged


def functions(file):
    """For each line of a file the function that it is in."""
    names, name = {}, "(none)"
    for number, line in enumerate((ROOT / file).read_text(encoding="utf-8").splitlines(), 1):
        found = BEGINNING.match(ATTRIBUTE.sub("", line))
        if found:
            name = found[1]
        names[number] = name
    return names


class Reasons:
    def __init__(self, path):
        self.rows = []
        self.used = set()
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                row = tuple(field.strip() for field in line.split("|", 2))
                if len(row) != 3 or not all(row):
                    sys.exit(f"{path}: not FILE | FUNCTION | REASON: {line}")
                self.rows.append(row)

    def explain(self, file, function):
        for row in self.rows:
            if row[0] == file and row[1] in (function, "*"):
                self.used.add(row)
                return True
        return False


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def main(arguments):
    floor = FLOOR
    if arguments[:1] == ["--no-floor"]:
        floor, arguments = 0, arguments[1:]
    if len(arguments) < 2:
        sys.exit(__doc__)
    counts, reasons = read(arguments[1:]), Reasons(arguments[0])
    rooms = collections.defaultdict(lambda: [0, 0, 0, 0])
    unrun = collections.Counter()  # (file, function): lines that never ran
    whole = collections.Counter()
    for file, lines in sorted(counts.items()):
        room = file.split("/")[1] if file.count("/") > 1 else "lib"
        names = functions(file)
        for number, (count, ways) in lines.items():
            for key in (room, "total"):
                for at, value in enumerate((1, bool(count), len(ways), sum(map(bool, ways)))):
                    rooms[key][at] += value
            whole[file, names[number]] += 1
            if not count:
                unrun[file, names[number]] += 1
    print(f"  {'room':<10}{'lines':>8}{'run':>8}{'':>9}{'branches':>10}{'taken':>8}")
    for room in sorted(rooms, key=lambda name: (name == "total", name)):
        lines, run, ways, taken = rooms[room]
        print(f"  {room:<10}{lines:>8}{run:>8}{percent(run, lines):>8.1f}%{ways:>10}{taken:>8}"
              f"{percent(taken, ways):>8.1f}%")
    failed = 0
    unexplained = [key for key in sorted(unrun) if not reasons.explain(*key)]
    nothing = [key for key in unexplained if unrun[key] == whole[key]]
    few = sum(unrun[key] for key in unexplained)
    print(f"\n  {sum(unrun.values())} lines never ran, {few} of them without a reason in tools/coverage/unrun; "
          "most of each function:")
    for file, function in sorted(unexplained, key=lambda key: -unrun[key])[:25]:
        print(f"    {unrun[file, function]:>3} of {whole[file, function]:>3}  {file}: {function}")
    for file, function in nothing:
        print(f"  never ran, and no reason is given: {file}: {function}()")
    if floor:
        for row in reasons.rows:
            if row not in reasons.used:
                print(f"  FAILED   a reason fits no line: {' | '.join(row)}")
                failed += 1
        total = percent(rooms["total"][1], rooms["total"][0])
        if total < floor:
            print(f"  FAILED   {total:.1f} % of the lines ran, {floor:.0f} % are required")
            failed += 1
    passed = len(rooms) - 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
