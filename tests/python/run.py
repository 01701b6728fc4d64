#!/usr/bin/env python3
"""Runs the tests of the Python package with the library of a build.

Usage: run.py SOURCE-DIRECTORY BUILD-DIRECTORY [TEST...]

Looks for an interpreter that has pytest: this one, or the system's. Exits with 77 and a reason
where there is none.
"""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def interpreter():
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if subprocess.run([python, "-c", "import pytest"], capture_output=True).returncode == 0:
                return python
        except FileNotFoundError:
            pass
    print("needs python3-pytest")
    sys.exit(77)


def sanitizer(library):
    """What has to be loaded before a library that was built with AddressSanitizer."""
    if b"__asan_init" not in library.read_bytes():
        return {}
    found = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True)
    # Python itself keeps memory up to its end.
    return {"LD_PRELOAD": found.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0"}


def main():
    source, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    libraries = build / "lib"
    environment = dict(os.environ)
    environment.update(PYTHONPATH=str(source / "bindings/python"), LD_LIBRARY_PATH=str(libraries),
                       PYTHONDONTWRITEBYTECODE="1", CT_SOURCES=str(source))
    environment.update(sanitizer(libraries / "libcontainer.so.0"))
    python = interpreter()
    tests = [str(HERE / name) for name in sys.argv[3:]] or [str(HERE)]
    # pytest's plug-ins of whoever has this machine are no part of the tests.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.execve(python, [python, "-X", "dev", "-W", "error::ResourceWarning", "-m", "pytest", "-q", "-p",
                       "no:cacheprovider", "--rootdir", str(HERE), *tests], environment)


if __name__ == "__main__":
    main()
