"""Reads the public headers: calls with their docstrings, types, constants, opening comments.

Knows the form of include/container/*.h and nothing of how pages look.
"""
import pathlib
import re
import textwrap
from dataclasses import dataclass, field

LABELS = ("Changes", "Threads", "Errors", "Needs", "Source", "Since", "Example")
# What the tail of a docstring consists of. Labels and @param may stand in the middle of a line.
TOKEN = re.compile(r"@param\s+(?P<param>\w+)|(?P<ret>@return)|"
                   r"(?<![\w(])(?P<label>" + "|".join(LABELS) + r"):")
TAIL = re.compile(r"^\s*(@param|@return|(" + "|".join(LABELS) + r"):)", re.MULTILINE)
COMMENT = re.compile(r"/\*(\*?)(.*?)\*/\s*", re.DOTALL)
CALL = re.compile(r"^(?:CT_MUST_CHECK\s+)?(?P<returns>[\w\s]+?[\s*]+)(?P<name>ct_\w+)\((?P<params>.*)\)$",
                  re.DOTALL)
TYPE = re.compile(r"typedef (?:enum|struct) \w+ \{.*?\} (\w+);", re.DOTALL)
OPAQUE = re.compile(r"typedef struct (\w+) \1;")
FUNCTION = re.compile(r"typedef [^;{}]*?\(\*(\w+)\)\([^;]*\);", re.DOTALL)


@dataclass
class Call:
    """One exported call and what its docstring says."""
    name: str
    header: str
    returns: str
    params: list  # of (type, name)
    purpose: str = ""
    body: str = ""
    about: dict = field(default_factory=dict)  # of each @param
    ret: str = ""
    parts: dict = field(default_factory=dict)  # of each label

    def prototype(self):
        params = ", ".join(join(*param) for param in self.params) or "void"
        return f"{join(self.returns, self.name)}({params});"


@dataclass
class Header:
    """One file of include/container."""
    name: str
    intro: str
    calls: list
    types: dict  # name: the declaration with its comment
    opaque: list
    constants: dict  # name: the lines of its definition


def join(type_, name):
    return type_ + ("" if type_.endswith("*") else " ") + name


def bare(comment):
    """The text of a comment, without stars."""
    lines = [re.sub(r"^\s*\* ?", "", line) for line in comment.strip("\n").split("\n")]
    lines[0] = lines[0].strip()
    return textwrap.dedent("\n".join(lines)).strip()


def one_line(text):
    return " ".join(text.split())


def without_directives(text):
    """The text without preprocessor lines; CT_API is defined in some of them."""
    return re.sub(r"^#(?:.*\\\n)*.*\n?", "", text, flags=re.MULTILINE)


def take_docstring(call, text):
    tail = TAIL.search(text)
    head, tail = (text[:tail.start()], text[tail.start():]) if tail else (text, "")
    call.purpose, _, call.body = head.strip().partition("\n\n")
    call.purpose = one_line(call.purpose)
    # A purpose that goes on after its first sentence: the rest is part of what happens.
    first = re.match(r"(.+?[^.]\.)\s+([A-Z].*)", call.purpose)
    if first:
        call.purpose = first[1]
        call.body = (first[2] + "\n\n" + call.body).strip()
    tokens = list(TOKEN.finditer(tail))
    for token, following in zip(tokens, tokens[1:] + [None]):
        said = tail[token.end():following.start() if following else len(tail)]
        if token["param"]:
            call.about[token["param"]] = one_line(said)
        elif token["ret"]:
            call.ret = one_line(said)
        else:
            call.parts[token["label"]] = said.strip(" \n").rstrip()


def parse_params(text):
    params = []
    for param in [] if text.strip() == "void" else text.split(","):
        match = re.fullmatch(r"(.*?[\s*])(\w+)", one_line(param))
        params.append((match[1].strip(), match[2]))
    return params


def read_calls(name, text):
    """The calls, in order; each with the comment right above it."""
    calls = []
    text = without_directives(text)
    for match in re.finditer(r"^CT_API ([^;]*);", text, re.MULTILINE):
        declared = CALL.match(one_line(match[1]))
        call = Call(declared["name"], name, declared["returns"].strip(), parse_params(declared["params"]))
        comments = [found for found in COMMENT.finditer(text, 0, match.start())
                    if found.end() == match.start()]
        if comments and comments[-1][1]:
            take_docstring(call, bare(comments[-1][2]))
        calls.append(call)
    return calls


def read_constants(text):
    constants = {}
    define = r"^#define (CT_[A-Z0-9_]+)\b((?:[^\n]*\\\n)*[^\n/]*(?:/\*.*?\*/)?[^\n]*)$"
    for match in re.finditer(define, text, re.MULTILINE | re.DOTALL):
        if match[2].strip() and not match[1].startswith(("CT_API", "CT_MUST_CHECK")):
            constants[match[1]] = re.sub(r"[ \t]+\\\n", r" \\\n", re.sub(r"\t+", " ", match[0])).rstrip()
    return constants


def read_types(text):
    types = {match[1]: match[0] for match in TYPE.finditer(text)}
    types.update({match[1]: match[0] for match in FUNCTION.finditer(text)})
    return types


def read_header(path):
    text = path.read_text(encoding="utf-8")
    comments = [comment for comment in COMMENT.finditer(text) if "SPDX" not in comment[2]]
    return Header(path.name, bare(comments[0][2]), read_calls(path.name, text), read_types(text),
                  OPAQUE.findall(text), read_constants(text))


def read_headers(directory):
    """All headers, in the order in which container.h tells of them."""
    headers = {path.name: read_header(path) for path in pathlib.Path(directory).glob("*.h")}
    order = re.findall(r"^\s+(\w+\.h) ", headers["container.h"].intro, re.MULTILINE)
    missing = set(headers) - set(order) - {"container.h"}
    if missing:
        raise SystemExit(f"container.h does not tell of {', '.join(sorted(missing))}")
    return [headers["container.h"]] + [headers[name] for name in order]
