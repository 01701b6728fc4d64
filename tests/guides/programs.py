#!/usr/bin/env python3
"""The programs that stand in a document: each ```c block is one, whole.

Usage: programs.py write DOCUMENT DIRECTORY    a file for each; prints their names
       programs.py names DOCUMENT MAP HEADER... the calls and constants that the document names
                                                and the library has not; exits with 1 if there are any

The first line of a block names its file: /* NAME.c: what it does. */ A block without a name
or without main(), or a program that no ```console block compiles and runs, is refused.
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r"/\* ([a-z]+)\.c: ")
NAME = re.compile(r"\b(?:ct_[a-z0-9_]+|CT_[A-Z0-9_]+)\b(?!\*)")


def programs(document):
    """The programs of a document by their names."""
    blocks = BLOCK.findall(document.read_text(encoding="utf-8"))
    typed = "".join(text for kind, text in blocks if kind == "console")
    found = {}
    for text in (text for kind, text in blocks if kind == "c"):
        title = TITLE.match(text)
        if not title or "int main(" not in text:
            sys.exit(f"{document}: no whole program with a name: {text.splitlines()[0]}")
        name = title[1]
        if name in found:
            sys.exit(f"{document}: {name}.c stands there twice")
        for line in (f"# cc -o {name} {name}.c $(pkg-config --cflags --libs container)\n", f"# ./{name}"):
            if line not in typed:
                sys.exit(f"{document}: nobody types {line.strip()}")
        found[name] = text
    return found


def write(document, directory):
    for name, text in programs(pathlib.Path(document)).items():
        pathlib.Path(directory, name + ".c").write_text(text, encoding="utf-8")
        print(name)


def names(document, *sources):
    known = {name for source in sources for name in NAME.findall(pathlib.Path(source).read_text("utf-8"))}
    unknown = sorted(set(NAME.findall(pathlib.Path(document).read_text("utf-8"))) - known)
    if unknown:
        sys.exit(f"{document}: there is no {', '.join(unknown)}")


if __name__ == "__main__":
    {"write": write, "names": names}[sys.argv[1]](*sys.argv[2:])
