#!/usr/bin/env python3
"""Prints which lines and branches of lib/ were run, for each room.

Usage: table.py [--no-floor] [--list FILE] UNRUN COUNTS.json...

Each COUNTS.json is what gcov --json-format prints; a line was run if one object in one of them says so. UNRUN explains lines
that never run: FILE or "*", FUNCTION or "*" or /EXPRESSION/, and the reason, divided by bars. An expression is looked
for where the line's statement begins. The first row that fits is the reason. Fails if less than 90 % of the lines
were run, or if a row fits no line that was not run, unless it begins with "elsewhere". Functions of which nothing ran and that
nobody explains are listed. --list writes each line that never ran, with its reason, to a file.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import sys

FLOOR = 90.0
ROOT = pathlib.Path(os.environ.get("CT_COVERAGE_ROOT", pathlib.Path(__file__).resolve().parent.parent.parent))
# How a function begins in this project: in the first column, a name before a bracket.
BEGINNING = re.compile(r"^(?!static const (?!char \*\w+\()|typedef|#|\}|/|struct [a-z_]+ \{)[a-z].*?\b(\w+)\(")

ATTRIBUTE = re.compile(r"__attribute__\(\(.*?\)\) ")
# Where a line ends after which another statement begins; a comment may follow.
ENDING = re.compile(r"([;{}:]|\belse|\bdo|^(\} else )?(if|while|for) \(.*\))( /\*.*)?$|\*/$")


def read(paths):
    """{file: {line: (count, [count of each branch])}} of all together, for files of the library."""
    merged = collections.defaultdict(dict)
    for path in paths:
        texts = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
        for file in (file for text in texts for file in json.loads(text)["files"]):
            name = file["file"].removeprefix("../../")  # as the build directory sees it
            if not name.startswith("lib/") or name.startswith("lib/stage/"):
                continue
            lines = merged[name]
            for line in file["lines"]:
                number = line["line_number"]
                ways = [branch["count"] for branch in line.get("branches", [])]
                count, old = lines.get(number, (0, []))
                old = old if len(old) == len(ways) else [0] * len(ways)
                lines[number] = (count + line["count"], [a + b for a, b in zip(old, ways)])
    return merged


class Source:
    """A file of C: in which function a line is, and how its statement begins."""

    def __init__(self, file):
        self.lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        self.names, name = {}, "(none)"
        for number, line in enumerate(self.lines, 1):
            found = BEGINNING.match(ATTRIBUTE.sub("", line))
            if found:
                name = found[1]
            self.names[number] = name

    def text(self, number):
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""

    def statement(self, number):
        """Its first line; an if, without braces, is one that ends with its condition."""
        while number > 1 and self.text(number - 1) and not ENDING.search(self.text(number - 1)):
            number -= 1
        return self.text(number)


class Reasons:
    def __init__(self, path):
        self.rows = []
        self.used = set()
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                row = tuple(field.strip() for field in line.split(" | ", 2))
                if len(row) != 3 or not all(row):
                    sys.exit(f"{path}: not FILE | FUNCTION | REASON: {line}")
                self.rows.append(row)

    def explain(self, file, function, statement):
        """The reason; None: there is none."""
        for row in self.rows:
            fits = row[1] in (function, "*")
            if len(row[1]) > 2 and row[1][0] == row[1][-1] == "/":
                fits = re.search(row[1][1:-1], statement)
            if fits and row[0] in (file, "*"):
                self.used.add(row)
                return row[2]
        return None


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def judge(rooms, reasons):
    """How many things are wrong, each of which is said."""
    failed = 0
    for row in reasons.rows:
        if row not in reasons.used and not row[2].startswith("elsewhere"):
            print(f"  FAILED   a reason fits no line: {' | '.join(row)}")
            failed += 1
    total = percent(rooms["total"][1], rooms["total"][0])
    if total < FLOOR:
        print(f"  FAILED   {total:.1f} % of the lines ran, {FLOOR:.0f} % are required")
        failed += 1
    return failed


def show_rooms(rooms):
    print(f"  {'room':<10}{'lines':>8}{'run':>8}{'':>9}{'branches':>10}{'taken':>8}")
    for room in sorted(rooms, key=lambda name: (name == "total", name)):
        lines, run, ways, taken = rooms[room]
        print(f"  {room:<10}{lines:>8}{run:>8}{percent(run, lines):>8.1f}%{ways:>10}{taken:>8}"
              f"{percent(taken, ways):>8.1f}%")


def show_unrun(unrun, whole):
    """Why lines never ran, and where nobody says why."""
    why = collections.Counter(reason for _, _, reason, _ in unrun)
    unexplained = collections.Counter((file, function) for file, function, reason, _ in unrun if not reason)
    print(f"\n  {len(unrun)} lines never ran:")
    for reason, count in why.most_common():
        print(f"    {count:>5}  {reason or 'no reason is given in tools/coverage/unrun; most of each function:'}")
        if not reason:
            for (file, function), few in unexplained.most_common(25):
                print(f"           {few:>3} of {whole[file, function]:>3}  {file}: {function}")
    for (file, function), count in sorted(unexplained.items()):
        if count == whole[file, function]:
            print(f"  never ran, and no reason is given: {file}: {function}()")


def main(arguments):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--no-floor", action="store_true")
    parser.add_argument("--list")
    parser.add_argument("unrun")
    parser.add_argument("counts", nargs="+")
    options = parser.parse_args(arguments)
    reasons = Reasons(options.unrun)
    rooms = collections.defaultdict(lambda: [0, 0, 0, 0])
    unrun = []  # file, function, reason, and the line as it is listed
    whole = collections.Counter()  # (file, function): its lines
    for file, lines in sorted(read(options.counts).items()):
        room = file.split("/")[1] if file.count("/") > 1 else "lib"
        source = Source(file)
        for number, (count, ways) in sorted(lines.items()):
            for key in (room, "total"):
                for at, value in enumerate((1, bool(count), len(ways), sum(map(bool, ways)))):
                    rooms[key][at] += value
            function = source.names.get(number, "(none)")
            whole[file, function] += 1
            if not count:
                reason = reasons.explain(file, function, source.statement(number))
                unrun.append((file, function, reason,
                              f"{file}:{number}: {source.text(number)}  # {function}: {reason or 'no reason'}"))
    show_rooms(rooms)
    show_unrun(unrun, whole)
    if options.list:
        pathlib.Path(options.list).write_text("".join(row[3] + "\n" for row in unrun), encoding="utf-8")
    failed = 0 if options.no_floor else judge(rooms, reasons)
    passed = len(rooms) - 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
