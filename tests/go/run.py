#!/usr/bin/env python3
"""Runs the tests of the Go package with the library of a build.

Usage: run.py SOURCE-DIRECTORY BUILD-DIRECTORY [ARGUMENT-OF-go-test...]

All that go writes is below the build directory; nothing is fetched. With the race detector where
this go has it. Exits with 77 and a reason where there is no go, or nothing can be tested.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SKIP = 77

PACKAGE = """Name: container
Description: the library of a build
Version: 0
Cflags: -I{source}/include -DCT_GO_HEADERS={headers}
Libs: -L{build}/lib -lcontainer
"""


def headers_of(source):
    """A word that changes with the headers, of which go itself would not see that they have changed."""
    found = hashlib.sha256()
    for path in sorted((source / "include/container").glob("*.h")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def environment(source, build):
    place = build / "go"
    (place / "pkgconfig").mkdir(parents=True, exist_ok=True)
    (place / "pkgconfig/container.pc").write_text(
        PACKAGE.format(source=source, build=build, headers=headers_of(source)), encoding="utf-8")
    return dict(os.environ, PKG_CONFIG_PATH=str(place / "pkgconfig"), LD_LIBRARY_PATH=str(build / "lib"),
                CGO_ENABLED="1", GOCACHE=str(place / "cache"), GOPATH=str(place / "path"),
                GOENV="off", GOFLAGS="-mod=readonly", GOPROXY="off", GOSUMDB="off", GOTOOLCHAIN="local", GOWORK="off")


def can_find_races(env):
    """The detector is a part of go that may be missing, and needs places in memory that it may not get."""
    program = pathlib.Path(env["GOCACHE"]).parent / "empty.go"
    program.write_text("package main\n\nfunc main() {}\n", encoding="utf-8")
    return subprocess.run(["go", "run", "-race", program], env=env, capture_output=True).returncode == 0


def skip(reason):
    print(reason)
    sys.exit(SKIP)


def tell(lines):
    """Passes on what go test -json says of failures and skips. Gives the counts, and why nothing was tested."""
    count = {"pass": 0, "fail": 0, "skip": 0}
    said = {}
    for line in lines:
        if not line.startswith("{"):  # of the compiler
            print(line, end="")
            continue
        event = json.loads(line)
        test, action = event.get("Test"), event["Action"]
        if action == "output":
            said.setdefault(test, []).append(event["Output"])
        elif test and action in count:
            count[action] += 1
            if action == "skip":
                reason = " ".join(part.strip() for part in said[test] if not part.startswith(("---", "===")))
                print(f"  skipped  {test}: {reason.split(': ', 1)[-1]}")
            elif action == "fail":
                print("".join(said[test]), end="")
    of_all = said.get(None, [])
    reasons = [part.strip() for part in of_all if part.startswith("SKIP: ")]
    if not reasons and not any(count.values()):
        print("".join(of_all), end="")
    return count["pass"], count["fail"], reasons[-1:]


def main():
    source, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    if not shutil.which("go"):
        skip("needs golang-go")
    env = environment(source, build)
    race = ["-race"] if can_find_races(env) else []
    print("with the race detector" if race else "without the race detector, which this go has not or cannot use",
          flush=True)
    command = ["go", "test", "-json", "-count=1", "-timeout=20m", *race, *sys.argv[3:], "."]
    with subprocess.Popen(command, cwd=HERE, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as running:
        passed, failed, reason = tell(running.stdout)
    if reason:
        skip(reason[0])
    done, died = passed + failed, int(running.returncode != 0 and not failed)
    print(f"{100 * passed // (done or 1)}%: Checks: {done}, Failures: {failed}, Errors: {died}")
    sys.exit(running.returncode)


if __name__ == "__main__":
    main()
