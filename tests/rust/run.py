#!/usr/bin/env python3
"""Builds the Rust crates and their tests with the library of a build, and runs the tests.

Usage: run.py SOURCE-DIRECTORY BUILD-DIRECTORY [TEST...]

What is compiled goes below the build directory. Exits with 77 and a reason where there is no cargo,
or one that does not know what the crates need.
"""
import os
import pathlib
import re
import subprocess
import sys

NEEDED = (1, 63)


def version(program, environment):
    """As (1, 63), or None where it does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, env=environment)
    except OSError:
        return None
    found = re.match(r"\w+ (\d+)\.(\d+)", said.stdout)
    return tuple(map(int, found.groups())) if found else None


def skip_unless_there(environment):
    found = version("rustc", environment)
    if not found or not version("cargo", environment):
        print("needs cargo and rustc")
        sys.exit(77)
    if found < NEEDED:
        print(f"needs rustc {'.'.join(map(str, NEEDED))} or newer")
        sys.exit(77)


def main():
    source, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    libraries = str(build / "lib")
    environment = {**os.environ, "LIBCONTAINER_LIB_DIR": libraries, "LD_LIBRARY_PATH": libraries,
                   "CT_SOURCES": str(source), "CARGO_TARGET_DIR": str(build / "rust"),
                   "RUST_BACKTRACE": "0"}
    skip_unless_there(environment)
    cargo = ["cargo", "build", "--quiet", "--offline", "--locked", "--manifest-path"]
    for manifest, *more in ((source / "bindings/rust/Cargo.toml", "--examples"), (source / "tests/rust/Cargo.toml",)):
        if subprocess.run([*cargo, manifest, *more], env=environment).returncode:
            sys.exit(1)
    program = build / "rust/debug/test_rust"
    os.execve(program, [program, *sys.argv[3:]], environment)


if __name__ == "__main__":
    main()
