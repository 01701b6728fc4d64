#!/usr/bin/env python3
"""Adds up what the test runs found, and says it in one line.

Usage: tally.py [--broken NAME]... [--left-out NAME=REASON]... NAME=TESTLOG.json...

Each run is one testlog.json of meson. A program that prints Check's line
("100%: Checks: 6, Failures: 0, Errors: 0") counts as that many tests, and so does one that
prints the line of the attack suite, where an attack that got through or whose control does not
work has failed. Any other counts as one.
A program that exits with 77 counts as one skipped; its last line is the reason. A line
"  skipped  WHAT: WHY" counts as one skipped as well. A run that is broken counts as one
failed, one that is left out as one skipped. Exits with 1 if anything failed or nothing ran.
"""
import json
import re
import sys

CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$", re.MULTILINE)
ATTACKS_LINE = re.compile(r"^attacks: \d+ tried, (\d+) stopped, (\d+) escaped, "
                          r"\d+ not applicable, (\d+) without a working control$", re.MULTILINE)
SKIP_LINE = re.compile(r"^  skipped  (.+)$", re.MULTILINE)
GOOD = ("OK", "EXPECTEDFAIL")
WIDTH = 28  # of the longest name of a run


def output(test):
    return (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")


def skipped(test):
    """The reasons for what this program did not test."""
    if test["result"] == "SKIP":
        lines = output(test).strip().splitlines()
        return [lines[-1].strip().removeprefix("SKIP: ") if lines else "no reason given"]
    return SKIP_LINE.findall(output(test))


def count(test):
    """How many tests of one program passed, and how many failed."""
    if test["result"] == "SKIP":
        return 0, 0
    lines = CHECK_LINE.findall(output(test))
    checks = sum(int(line[0]) for line in lines)
    failed = sum(int(line[1]) + int(line[2]) for line in lines)
    for line in ATTACKS_LINE.findall(output(test)):
        lines.append(line)
        checks += sum(int(number) for number in line)
        failed += int(line[1]) + int(line[2])
    good = test["result"] in GOOD
    if not lines:
        return (1, 0) if good else (0, 1)
    if not good and failed == 0:
        failed = 1  # it died after its tests, or a leak was found at its end
    return max(0, checks - failed), failed


def show_failed(run, test):
    """Its end; the failures are told last, where the reader of a long log looks."""
    print(f"failed: {test['name']} ({run}), {test['result'].lower()}")
    for line in output(test).strip().splitlines()[-40:]:
        print("    " + line)
    print()


def main(arguments):
    runs, broken, left_out = [], [], []
    arguments = iter(arguments)
    for argument in arguments:
        if argument == "--broken":
            broken.append(next(arguments))
        elif argument == "--left-out":
            left_out.append(next(arguments).split("=", 1))
        else:
            runs.append(argument.split("=", 1))
    total = [0, 0, 0]
    rows = []
    reasons = {}
    failures = []
    for run, path in runs:
        with open(path, encoding="utf-8") as log:
            tests = [json.loads(line) for line in log if line.strip()]
        for test in tests:
            test["name"] = test["name"].split(" / ")[-1]
        sums = [0, 0, 0]
        for test in tests:
            passed, failed = count(test)
            for reason in skipped(test):
                reasons.setdefault((test["name"], reason), []).append(run)
                sums[2] += 1
            sums[0] += passed
            sums[1] += failed
            if failed:
                failures.append((run, test))
        total = [a + b for a, b in zip(total, sums)]
        rows.append(f"  {run:<{WIDTH}}{sums[0]:>5} passed{sums[1]:>5} failed{sums[2]:>5} skipped"
                    f"   in {len(tests)} programs")
    for run in broken:
        total[1] += 1
        rows.append(f"  {run:<{WIDTH}}did not build, or could not run")
    for run, reason in left_out:
        total[2] += 1
        rows.append(f"  {run:<{WIDTH}}skipped: {reason}")
    print("\n".join(rows))
    if reasons:
        print("\nskipped:")
    for (name, reason), where in reasons.items():
        print(f"  {name} ({', '.join(where)}): {reason}")
    print()
    for run, test in failures:
        show_failed(run, test)
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
