#!/usr/bin/env python3
"""Counts the sentences that stand in tests/ and compares with what README.md says.

Usage: count.py [--write]

A sentence is one START_TEST of a C or C++ program, one row of a table of attacks, one check of a shell
test, one function test_... of a test in Python or Rust or Test... of one in Go, however many values it is
run with.
Exits with 1 if README.md tells other numbers, which --write corrects, or has lines that a merge left.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE / "README.md"
SENTENCE = {".c": re.compile(r"^START_TEST\(", re.MULTILINE),
            ".cpp": re.compile(r"^START_TEST\(", re.MULTILINE),
            ".sh": re.compile(r"^ *check \"", re.MULTILINE),
            ".py": re.compile(r"^def test_", re.MULTILINE),
            ".rs": re.compile(r"^fn test_", re.MULTILINE),
            ".go": re.compile(r"^func Test\w+\(t ", re.MULTILINE)}
ATTACK = re.compile(r"^\t(\{\.id = |(READ|LIST|WRITE|CALL|ARCHIVE|REACH|CONNECT|SIGNAL)\()", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)/` \| +(\d+) \|", re.MULTILINE)
MERGE = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
TOTAL = re.compile(r"\d+ sentences in \d+ programs")


def counted():
    """For each folder with test programs how many sentences and how many programs it has."""
    folders = {}
    for path in sorted(HERE.glob("*/*")):
        if path.suffix in SENTENCE:
            sentence = SENTENCE[path.suffix]
            if path.parent.name == "attacks" and path.suffix == ".c":
                sentence = ATTACK
            found = len(sentence.findall(path.read_text(encoding="utf-8")))
            sums = folders.setdefault(path.parent.name, [0, 0])
            sums[0] += found
            sums[1] += path.name.startswith("test_") or (path.name.endswith("_test.go") and found > 0)
    return {name: sums for name, sums in folders.items() if sums[1]}


def corrected(page, folders):
    """The page with the right numbers; complains about a row too many or too few."""
    rows = [row[1] for row in ROW.finditer(page)]
    if sorted(rows) != sorted(folders) or len(TOTAL.findall(page)) != 1:
        sys.exit(f"README.md has rows for {sorted(rows)}, the folders are {sorted(folders)}; "
                 "it needs one row for each, and the total once")
    page = ROW.sub(lambda row: f"| `{row[1]}/` | {folders[row[1]][0]} |", page)
    sentences, programs = (sum(sums[i] for sums in folders.values()) for i in (0, 1))
    return TOTAL.sub(f"{sentences} sentences in {programs} programs", page)


def main(arguments):
    folders = counted()
    empty = [name for name, sums in folders.items() if not sums[0]]
    if empty:
        sys.exit(f"no sentence was found in {', '.join(empty)}")
    page = PAGE.read_text(encoding="utf-8")
    if MERGE.search(page):
        sys.exit("README.md has lines that a merge left")
    right = corrected(page, folders)
    if arguments == ["--write"]:
        PAGE.write_text(right, encoding="utf-8")
    elif page != right:
        sys.exit(f"README.md tells other numbers; there are {TOTAL.search(right)[0]}. "
                 "Run ./dev test --count")
    print(TOTAL.search(right)[0])


if __name__ == "__main__":
    main(sys.argv[1:])
