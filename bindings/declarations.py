"""What the public headers declare, taken apart: what the declare.py of each language writes from.

Knows C and the form of include/container/*.h, and nothing of any other language.
"""
import pathlib
import re
import sys
from dataclasses import dataclass

SOURCE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE / "doc/man"))

from headers import read_headers  # noqa: E402

# Macros that are flags of one kind: what the kind is called, and what the names of its macros begin with.
FLAGS = [("Namespace", r"CT_NS_(?!LIST_|LINK_|UNSEEN_|KEEPER_|FORMAT_|INFO_|STATS_)"),
         ("Extract", "CT_EXTRACT_(?!OPTIONS_)"), ("Image", "CT_IMAGE_"), ("Mount", "CT_MOUNT_"), ("JoinFlag", "CT_JOIN_"),
         ("SeccompFlag", "CT_SECCOMP_(?=NESTED|LOG)"), ("ProcFlag", "CT_PROC_"),
         ("LandlockAccess", "CT_LANDLOCK_(?=EXECUTE|WRITE|READ|REMOVE|MAKE|REFER|TRUNCATE|IOCTL|FILE|ALL)"),
         ("LandlockPort", "CT_LANDLOCK_(?=BIND$|CONNECT$)"),
         ("Landlock", "CT_LANDLOCK_(?=PATHS|BIND_|CONNECT_|ABSTRACT|SIGNALS|LOG)"),
         ("OutputFlag", "CT_OUTPUT_(?=KILL)"), ("DeviceAccess", "CT_DEVICE_(?!ANY)"),
         ("ListFlag", "CT_NS_LIST_"), ("Link", "CT_NS_LINK_"), ("Unseen", "CT_NS_UNSEEN_")]


@dataclass
class Type:
    """A C type: what is at the end of its pointers, and for each, from there on, whether it is to const."""
    base: str
    pointers: "list[bool]"


@dataclass
class Field:
    """A field of a struct; an array of so many, or 0 where it is none."""
    name: str
    type: Type
    count: int


def one_line(text):
    return " ".join(text.split())


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def parse_type(text):
    """The Type that a text declares: of "const char *const *" char, and two pointers to const."""
    pointers, constant, base = [], False, []
    for word in re.findall(r"\w+|\*", text):
        if word == "*":
            pointers.append(constant)
            constant = False
        elif word == "const":
            constant = True
        else:
            base.append(word)
    return Type(" ".join(base), pointers)


class Declarations:
    """All of it.

    calls      each exported call: .name, .returns, .params as (type, name); types are texts
    opaque     the names of handles
    enums      of each its members and their numbers
    structs    of each its fields, in order
    starts     of a struct with an initializer the C values of its fields, in order, as texts
    functions  of each type of callback its result and parameters, as texts
    constants  of each macro the text of its value
    told       of each member, macro and (struct, field) what the comment behind it says, if there is one
    """

    def __init__(self):
        headers = read_headers(SOURCE / "include/container")
        self.calls = [call for header in headers for call in header.calls]
        self.opaque = list(dict.fromkeys(name for header in headers for name in header.opaque))
        texts = {name: without_comments(text) for header in headers for name, text in header.types.items()}
        self.constants, self.starts, self.told = {}, {}, {}
        for header in headers:
            for name, text in [*header.types.items(), *header.constants.items()]:
                self._take_comments(name, text)
            for macro, text in header.constants.items():
                self._take_macro(macro, without_comments(text).replace("\\\n", " "))
        self.enums = {name: self._members(text) for name, text in texts.items()
                      if text.startswith("typedef enum")}
        self.structs = {name: list(self._fields(text)) for name, text in texts.items()
                        if text.startswith("typedef struct")}
        self.functions = {name: self._function(text) for name, text in texts.items() if "(*" in text}

    def _take_macro(self, macro, text):
        name, value = one_line(text).removeprefix("#define ").split(" ", 1)
        if name != macro:  # it takes arguments
            return
        start = re.fullmatch(r"\{ sizeof\((\w+)\), (.*) \}", value)
        if start:
            values = re.findall(r'\{[^{}]*\}|[^\s,{}][^,{}]*', start[2])
            self.starts[start[1]] = [f"sizeof({start[1]})", *(value.strip() for value in values)]
        else:
            self.constants[macro] = value

    def _take_comments(self, name, text):
        if text.startswith("#define"):
            found = [(name, comment) for comment in re.findall(r"/\*(.*?)\*/", text, re.DOTALL)]
        else:
            found = re.findall(r"(CT_\w+)\s*=\s*\d+,?[ \t]*/\*(.*?)\*/", text, re.DOTALL)
            found += [((name, field), comment) for field, comment in
                      re.findall(r"(\w+)(?:\[\d+\])?;[ \t]*/\*(.*?)\*/", text, re.DOTALL)]
        self.told.update({what: one_line(comment) for what, comment in found})

    @staticmethod
    def _members(text):
        return {name: int(value) for name, value in re.findall(r"(CT_\w+)\s*=\s*(\d+)", text)}

    @staticmethod
    def _fields(text):
        inside = text.split("{", 1)[1].rsplit("}", 1)[0]
        for declared in filter(None, map(one_line, inside.split(";"))):
            first, *others = declared.split(",")
            type_, name, count = re.fullmatch(r"(.*?[\s*])(\w+)(?:\[(\d+)\])?", first).groups()
            for each in [name, *others]:
                yield Field(each.strip(), parse_type(type_), int(count or 0))

    @staticmethod
    def _function(text):
        match = re.fullmatch(r"typedef\s+(.*?)\s*\(\*\w+\)\((.*)\);", one_line(text))
        params = [re.fullmatch(r"(.*?[\s*])(\w+)", param.strip()).groups() for param in match[2].split(",")]
        return match[1], [(type_.strip(), name) for type_, name in params]

    def number(self, macro):
        """The value of a macro that is a number."""
        members = {name: value for values in self.enums.values() for name, value in values.items()}
        text = re.sub(r"CT_LACK\(", "1 << (", self.constants[macro])
        text = text.replace("UINT64_MAX", str(2**64 - 1))
        text = re.sub(r"UINT(?:32|64)_C\((\w+)\)", r"\1", text)
        text = re.sub(r"\bCT_\w+",
                      lambda known: str(members[known[0]] if known[0] in members else self.number(known[0])),
                      text)
        text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)u\b", r"\1", text)
        if not re.fullmatch(r"[\s0-9a-fA-Fx()<|-]+", text):
            raise SystemExit(f"{macro}: what is {text}?")
        return eval(text)  # numbers and operators alone, as was just seen

    def flags(self, begin):
        """Of each macro of a kind of FLAGS: what distinguishes it, and its number."""
        for macro in self.constants:
            start = re.match(begin, macro)
            if start:
                yield macro[start.end():], self.number(macro)


def write(files, arguments):
    """Writes each file that a declare.py makes; or, with --check, exits with 1 if one is another."""
    for path, text in files.items():
        if arguments != ["--check"]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            script = pathlib.Path(sys.argv[0]).resolve().relative_to(SOURCE)
            sys.exit(f"{path.name} is not what the headers say: run {script}")
