#!/usr/bin/env python3
"""Makes the manual from the docstrings of the public headers.

Usage: make.py [--html] [--headers DIR] [--map FILE] --version VERSION OUTPUT-DIR
       make.py --check [--headers DIR] [--map FILE]

A page of section 3 for each exported call, and libcontainer(7); with --html for browsers, and
an index.html. Says what docstrings lack,
and makes nothing then: a page with all its parts, or an error. --check does not write.
"""
import argparse
import pathlib
import re
import sys

sys.dont_write_bytecode = True

import page  # noqa: E402
import render  # noqa: E402
from headers import read_headers  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent


def exported(path):
    """The calls that the library's map names."""
    return re.findall(r"^\s*(ct_\w+);$", path.read_text(encoding="utf-8"), re.MULTILINE)


def released(version):
    """The day of a version, as NEWS.md has it; empty if it has none yet."""
    news = (SOURCE / "NEWS.md").read_text(encoding="utf-8")
    day = re.search(rf"^## {re.escape(version)} \((\d{{4}}-\d\d-\d\d)\)$", news, re.MULTILINE)
    return day[1] if day else ""


def all_complaints(manual, names):
    lacking = [f"{name}: is exported, and no header declares it" for name in names
               if name not in manual.calls]
    lacking += [f"{name}: is declared, and not exported" for name in manual.calls if name not in names]
    for call in manual.calls.values():
        lacking += page.complaints(manual, call)
    return lacking


def write(manual, version, date, directory, as_html):
    pages = [(name, "3", page.call_page(manual, call), call.header) for name, call in manual.calls.items()]
    pages.append(("libcontainer", "7", page.overview(manual), ""))
    known = {f"{name}.{section}" for name, section, *_ in pages}
    directory.mkdir(parents=True, exist_ok=True)
    if as_html:
        index = render.index(version, manual.headers, known)
        (directory / "index.html").write_text(index, encoding="utf-8")
    for name, section, blocks, header in pages:
        if as_html:
            text = render.page(name, section, version, blocks, known, header)
        else:
            text = render.roff(name, section, version, date, blocks)
        path = directory / (f"{name}.{section}" + (".html" if as_html else ""))
        path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("Usage: "))
    parser.add_argument("--html", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--headers", type=pathlib.Path, default=SOURCE / "include/container")
    parser.add_argument("--map", type=pathlib.Path, default=SOURCE / "lib/libcontainer.map")
    parser.add_argument("--version", default="")
    parser.add_argument("output", type=pathlib.Path, nargs="?")
    options = parser.parse_args()
    if not options.check and not options.output:
        parser.error("where to write the pages?")

    manual = page.Manual(read_headers(options.headers))
    lacking = all_complaints(manual, exported(options.map))
    if lacking:
        sys.exit("\n".join(lacking))
    if not options.check:
        write(manual, options.version, released(options.version), options.output, options.html)


if __name__ == "__main__":
    main()
