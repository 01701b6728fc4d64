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
PACKAGE = HERE / "container"
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))

from declarations import FLAGS, Declarations, parse_type, write  # noqa: E402

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

NUMBERS = ["CT_FOREVER", "CT_UNLIMITED", "CT_NOT_KNOWN", "CT_PROBE_NO_NUMBER", "CT_LACK_ALL"]

PLAIN = {"int": "c_int", "unsigned int": "c_uint", "uint32_t": "c_uint32", "int32_t": "c_int32", "uint64_t": "c_uint64",
         "int64_t": "c_int64", "size_t": "c_size_t", "ssize_t": "c_ssize_t", "pid_t": "c_int",
         "uid_t": "c_uint", "gid_t": "c_uint", "mode_t": "c_uint", "char": "c_char"}


def python_name(c_name):
    return "".join(word.capitalize() for word in c_name.removeprefix("ct_").split("_"))


def spell(known, type_):
    """The name in ctypes of a C type."""
    base, stars = type_.base, len(type_.pointers)
    if base in known.opaque or base in ("void", "struct termios"):
        stars -= 1
        found = "ctypes.c_void_p"
    elif base == "char" and stars:
        stars -= 1
        found = "ctypes.c_char_p"
    elif base in known.enums:
        found = "ctypes.c_int"
    elif base in known.structs:
        found = python_name(base) + "Struct"
    elif base in known.functions:
        found = python_name(base)
    else:
        found = "ctypes." + PLAIN[base]
    for _ in range(stars):
        found = f"ctypes.POINTER({found})"
    return found


def spell_field(known, field):
    # What is not constant is memory that somebody frees, and may have NULs in it.
    written = field.type.base == "char" and field.type.pointers == [False]
    found = "ctypes.c_void_p" if written else spell(known, field.type)
    return found + (f" * {field.count}" if field.count else "")


def write_enum(out, known, name):
    values = known.enums[name]
    prefix = os.path.commonprefix(list(values))
    prefix = prefix[:prefix.rindex("_") + 1]
    out.append(f"\n\nclass {python_name(name)}(_Known):\n    \"\"\"{name}\"\"\"\n")
    out += [f"    {member.removeprefix(prefix)} = {value}" for member, value in values.items()]


def write_flags(out, known, name, begin):
    out.append(f"\n\nclass {name}(enum.IntFlag):\n    \"\"\"{re.sub(r'[(].*', '', begin)}*\"\"\"\n")
    out += [f"    {flag} = {number:#x}" for flag, number in known.flags(begin)]


def write_structs(out, known):
    for name, (returns, params) in known.functions.items():
        result = "None" if returns == "void" else spell(known, parse_type(returns))
        params = [spell(known, parse_type(type_)) for type_, _ in params]
        # What is in memory of the library: read by the package as it needs it.
        params = ["ctypes.c_void_p" if "Struct" in param else param for param in params]
        out.append(f"\n\n{python_name(name)} = ctypes.CFUNCTYPE({', '.join([result, *params])})")
    order = sorted(known.structs, key=lambda name: sum(
        field.type.base in known.structs for field in known.structs[name]))
    order.sort(key=lambda name: name == "ct_exit")
    for name in order:
        out.append(f"\n\nclass {python_name(name)}Struct(ctypes.Structure):\n    \"\"\"{name}\"\"\"\n")
        out.append("    _fields_ = [")
        out += [f'        ("{field.name}", {spell_field(known, field)}),' for field in known.structs[name]]
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
        result = "None" if call.returns == "void" else spell(known, parse_type(call.returns))
        params = ", ".join(spell(known, parse_type(type_)) for type_, _ in call.params)
        out.append(f'    "{call.name}": ({result}, [{params}]),')
    return out + ["}"]


def main(arguments):
    known = Declarations()
    write({PACKAGE / "_words.py": "\n".join(words(known)) + "\n",
           PACKAGE / "_declared.py": "\n".join(structs(known)) + "\n"}, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
