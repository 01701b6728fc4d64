#!/usr/bin/env python3
"""Writes container/_words.py and _declared.py: what the public headers declare.

Usage: declare.py           writes them
       declare.py --check   exits with 1 if they are not what this would write

Enumerations, flags and numbers; structs, and the prototype of each exported call, in the words
of ctypes. A new call needs this run once, and a face in the package.
"""
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
PACKAGE = HERE / "container"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "doc/man"))

from headers import read_headers  # noqa: E402

WORDS = '''"""Numbers that have names in C. Written by declare.py from include/container; do not edit."""
import enum
from typing import Any


class _Known(enum.IntEnum):
    """Numbers of a newer library than this are members too, without a name of their own."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member
'''
STRUCTS = '''"""What the C headers declare. Written by declare.py from include/container; do not edit."""
import ctypes
from typing import Any
'''

# Words that are macros in C and one type in Python: its name, and what they begin with.
FLAGS = [("Namespace", r"CT_NS_(?!LIST_|LINK_|UNSEEN_|KEEPER_|FORMAT_|INFO_|STATS_)"),
         ("Extract", "CT_EXTRACT_(?!OPTIONS_)"), ("Mount", "CT_MOUNT_"), ("JoinFlag", "CT_JOIN_"),
         ("SeccompFlag", "CT_SECCOMP_(?=NESTED|LOG)"), ("ProcFlag", "CT_PROC_"),
         ("LandlockAccess", "CT_LANDLOCK_(?=EXECUTE|WRITE|READ|REMOVE|MAKE|REFER|TRUNCATE|IOCTL|FILE|ALL)"),
         ("LandlockPort", "CT_LANDLOCK_(?=BIND$|CONNECT$)"),
         ("Landlock", "CT_LANDLOCK_(?=PATHS|BIND_|CONNECT_|ABSTRACT|SIGNALS|LOG)"),
         ("OutputFlag", "CT_OUTPUT_(?=KILL)"), ("DeviceAccess", "CT_DEVICE_(?!ANY)"), ("ListFlag", "CT_NS_LIST_"), ("Link", "CT_NS_LINK_"), ("Unseen", "CT_NS_UNSEEN_")]
NUMBERS = ["CT_FOREVER", "CT_UNLIMITED", "CT_NOT_KNOWN", "CT_PROBE_NO_NUMBER", "CT_LACK_ALL"]

PLAIN = {"int": "c_int", "unsigned int": "c_uint", "uint32_t": "c_uint32", "int32_t": "c_int32", "uint64_t": "c_uint64",
         "int64_t": "c_int64", "size_t": "c_size_t", "ssize_t": "c_ssize_t", "pid_t": "c_int",
         "uid_t": "c_uint", "gid_t": "c_uint", "mode_t": "c_uint", "void *": "c_void_p",
         "char *": "c_char_p", "char": "c_char"}


def python_name(c_name):
    return "".join(word.capitalize() for word in c_name.removeprefix("ct_").split("_"))


class Declarations:
    """The headers, and how their types are called in ctypes."""

    def __init__(self):
        headers = read_headers(SOURCE / "include/container")
        self.calls = [call for header in headers for call in header.calls]
        self.opaque = {name for header in headers for name in header.opaque}
        self.texts = {name: re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
                      for header in headers for name, text in header.types.items()}
        self.constants = {}
        for header in headers:
            for name, text in header.constants.items():
                text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace("\\\n", " ")
                self.constants[name] = text.split(None, 2)[2].strip()
        self.enums = [name for name, text in self.texts.items() if text.startswith("typedef enum")]
        self.structs = [name for name, text in self.texts.items() if text.startswith("typedef struct")]
        self.functions = [name for name, text in self.texts.items() if "(*" in text]
        self.members = {}
        for name in self.enums:
            self.members.update(self.values(name))

    def values(self, enum):
        inside = self.texts[enum].split("{", 1)[1].rsplit("}", 1)[0]
        return {name: int(value) for name, value in re.findall(r"(CT_\w+)\s*=\s*(\d+)", inside)}

    def number(self, name):
        """The value of a macro."""
        text = self.constants[name]
        text = re.sub(r"CT_LACK\(", "1 << (", text)
        text = text.replace("UINT64_MAX", str(2**64 - 1))
        text = re.sub(r"UINT(?:32|64)_C\((\w+)\)", r"\1", text)
        text = re.sub(r"\bCT_\w+", lambda known: str(self.members[known[0]] if known[0] in self.members
                                                     else self.number(known[0])), text)
        text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)u\b", r"\1", text)
        if not re.fullmatch(r"[\s0-9a-fA-Fx()<|-]+", text):
            raise SystemExit(f"{name}: what is {text}?")
        return eval(text)  # numbers and operators alone, as was just seen

    def type(self, text):
        """The name in ctypes of a C type."""
        text = re.sub(r"\bconst\b", "", text)
        text = re.sub(r"\s*\*", " *", " ".join(text.split())).strip()
        text = text.replace("* *", "**")
        base = text.rstrip("* ")
        stars = text.count("*")
        if base in self.opaque or base in ("void", "struct termios"):
            stars -= 1
            found = "ctypes.c_void_p"
        elif base == "char" and stars:
            stars -= 1
            found = "ctypes.c_char_p"
        elif base in self.enums:
            found = "ctypes.c_int"
        elif base in self.structs:
            found = python_name(base) + "Struct"
        elif base in self.functions:
            found = python_name(base)
        else:
            found = "ctypes." + PLAIN[base]
        for _ in range(stars):
            found = f"ctypes.POINTER({found})"
        return found

    def fields(self, struct):
        inside = self.texts[struct].split("{", 1)[1].rsplit("}", 1)[0]
        for declared in filter(None, (" ".join(part.split()) for part in inside.split(";"))):
            first, *others = declared.split(",")
            type_, name, room = re.fullmatch(r"(.*?[\s*])(\w+)(?:\[(\d+)\])?", first).groups()
            # What is not constant is memory that somebody frees, and may have NULs in it.
            written = type_.strip() == "char *"
            found = "ctypes.c_void_p" if written else self.type(type_.strip() if room else type_)
            for each in [name, *others]:
                yield each.strip(), found + (f" * {room}" if room else "")


def write_enum(out, known, name):
    values = known.values(name)
    prefix = os.path.commonprefix(list(values))
    prefix = prefix[:prefix.rindex("_") + 1]
    out.append(f"\n\nclass {python_name(name)}(_Known):\n    \"\"\"{name}\"\"\"\n")
    out += [f"    {member.removeprefix(prefix)} = {value}" for member, value in values.items()]


def write_flags(out, known, name, begin):
    out.append(f"\n\nclass {name}(enum.IntFlag):\n    \"\"\"{re.sub(r'[(].*', '', begin)}*\"\"\"\n")
    for macro in known.constants:
        start = re.match(begin, macro)
        if start:
            out.append(f"    {macro[start.end():]} = {known.number(macro):#x}")


def write_structs(out, known):
    for name in known.functions:
        match = re.fullmatch(r"typedef\s+(.*?)\s*\(\*\w+\)\((.*)\);", " ".join(known.texts[name].split()))
        params = [known.type(re.sub(r"\w+$", "", param.strip())) for param in match[2].split(",")]
        result = "None" if match[1] == "void" else known.type(match[1])
        # What is in memory of the library: read by the package as it needs it.
        params = ["ctypes.c_void_p" if "Struct" in param else param for param in params]
        out.append(f"\n\n{python_name(name)} = ctypes.CFUNCTYPE({', '.join([result, *params])})")
    order = sorted(known.structs, key=lambda name: sum(
        other in " ".join(type_ for _, type_ in known.fields(name))
        for other in (python_name(struct) + "Struct" for struct in known.structs)))
    order.sort(key=lambda name: name == "ct_exit")
    for name in order:
        out.append(f"\n\nclass {python_name(name)}Struct(ctypes.Structure):\n    \"\"\"{name}\"\"\"\n")
        out.append("    _fields_ = [")
        out += [f'        ("{field}", {type_}),' for field, type_ in known.fields(name)]
        out.append("    ]")


def words(known):
    out = [WORDS.rstrip("\n")]
    for name in known.enums:
        write_enum(out, known, name)
    for name, begin in FLAGS:
        write_flags(out, known, name, begin)
    out.append("\n")
    return out + [f"{name.removeprefix('CT_')} = {known.number(name)}" for name in NUMBERS]


def structs(known):
    out = [STRUCTS.rstrip("\n")]
    write_structs(out, known)
    out.append("\n\n# Of each call: its result and its parameters.")
    out.append("PROTOTYPES: \"dict[str, tuple[Any, list[Any]]]\" = {")
    for call in known.calls:
        result = "None" if call.returns == "void" else known.type(call.returns)
        params = ", ".join(known.type(type_) for type_, _ in call.params)
        out.append(f'    "{call.name}": ({result}, [{params}]),')
    return out + ["}"]


def main(arguments):
    known = Declarations()
    for name, lines in (("_words.py", words(known)), ("_declared.py", structs(known))):
        path, text = PACKAGE / name, "\n".join(lines) + "\n"
        if arguments != ["--check"]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"{name} is not what the headers say: run bindings/python/declare.py")


if __name__ == "__main__":
    main(sys.argv[1:])
