#!/usr/bin/env python3
"""What a document says that can be checked without a reader: its programs, names and links.

Usage: document.py write DOCUMENT DIRECTORY      each program into a file; prints their names
       document.py names DOCUMENT SOURCE...      complains of a call or constant that no source has
       document.py links DOCUMENT                complains of a link to a file or heading that is not there
       document.py figures DOCUMENT OTHER        complains of a range ("3.7 to 5.6") that the other has not

The first line of a ```c block names its file: /* NAME.c: what it does. */ A block without a name
or without main(), or a program that no ```console block compiles and runs, is refused.
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r"/\* ([a-z]+)\.c: ")
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")
RANGE = re.compile(r"\d+(?:\.\d+)? to \d+(?:\.\d+)?")
NAME = re.compile(r"\b(?:ct_[a-z0-9_]+|CT_[A-Z0-9_]+)\b(?!\*)")


def programs(document):
    """The programs of a document by their names."""
    blocks = BLOCK.findall(read(document))
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
    for name, text in programs(document).items():
        pathlib.Path(directory, name + ".c").write_text(text, encoding="utf-8")
        print(name)


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def complain(document, of):
    if of:
        sys.exit(f"{document}: there is no {', '.join(sorted(of))}")


def names(document, *sources):
    known = {name for source in sources for name in NAME.findall(read(source))}
    complain(document, set(NAME.findall(read(document))) - known)


def headings(path):
    """The anchors of a document, as they are made of its headings."""
    lines = (line.lstrip("#").strip().lower() for line in read(path).splitlines() if line.startswith("#"))
    return {re.sub(r"[^\w -]", "", line).replace(" ", "-") for line in lines}


def links(document):
    missing = set()
    for target, heading in LINK.findall(read(document)):
        path = pathlib.Path(document).parent / target if target else pathlib.Path(document)
        if not path.exists() or (heading and heading not in headings(path)):
            missing.add(f"{target}#{heading}")
    complain(document, missing)


def figures(document, other):
    complain(document, set(RANGE.findall(read(document))) - set(RANGE.findall(read(other))))


if __name__ == "__main__":
    {"write": write, "names": names, "links": links, "figures": figures}[sys.argv[1]](*sys.argv[2:])
