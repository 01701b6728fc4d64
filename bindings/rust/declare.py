#!/usr/bin/env python3
"""Writes what the public headers declare, in Rust.

Usage: declare.py           writes it
       declare.py --check   exits with 1 if it is not what this would write

container-sys/src/declared.rs   everything, as it is in C
container/src/words.rs          enumerations and flags as types of their own
tests/rust/layout.rs            a list of all of it, for a test to compare with a C compiler's
"""
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent.parent / "tests/rust"
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))

from declarations import FLAGS, Declarations, parse_type, write  # noqa: E402

BY = "// Written by bindings/rust/declare.py from include/container; do not edit.\n"
RAW = BY + '''
use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_int, c_uint, c_void};
use std::{mem, ptr};
'''

PLAIN = {"int": "c_int", "unsigned int": "c_uint", "uint32_t": "u32", "int32_t": "i32", "uint64_t": "u64",
         "int64_t": "i64", "size_t": "usize", "ssize_t": "isize", "pid_t": "i32", "uid_t": "u32",
         "gid_t": "u32", "mode_t": "u32", "char": "c_char", "void": "c_void", "struct termios": "termios"}
KEYWORDS = ("box", "type")
# What the safe part has types of its own for.
OWN = ("ct_stdio",)


def rust_name(c_name):
    return "".join(word.capitalize() for word in c_name.removeprefix("ct_").split("_"))


def word(name):
    return f"r#{name}" if name in KEYWORDS else name


def about(text, indent=""):
    """A comment of documentation, in which nothing is markup."""
    return [indent + "/// " + re.sub(r"([][*<>|`])", r"\\\1", text)] if text else []


def spell(type_):
    pointers = "".join("*const " if constant else "*mut " for constant in reversed(type_.pointers))
    return pointers + PLAIN.get(type_.base, type_.base)


def spell_params(params):
    return ", ".join(f"{word(name)}: {spell(parse_type(type_))}" for type_, name in params)


def spell_result(returns):
    return "" if returns == "void" else f" -> {spell(parse_type(returns))}"


def spell_field(field):
    return f"[{spell(field.type)}; {field.count}]" if field.count else spell(field.type)


def spell_start(known, field, value):
    """The Rust of one value of an initializer."""
    if value.startswith("sizeof"):
        return "mem::size_of::<Self>() as u32"
    if field.count:
        return f"[{value.strip('{}')}]" if "," in value else f"[0; {field.count}]"
    if field.type.base in known.structs and not field.type.pointers:
        return f"{field.type.base}::INIT"
    if field.type.base in known.functions:
        return "None"
    if field.type.pointers:
        return "ptr::null()" if field.type.pointers[-1] else "ptr::null_mut()"
    return value


def kind(known, macro):
    """The type of a number, as C has it."""
    text = known.constants[macro]
    if re.search(r"UINT64|CT_LACK\(", text):
        return "u64"
    if re.search(r"\du\b|UINT32", text):
        return "u32"
    named = re.search(r"\bCT_\w+", text)
    return kind(known, named[0]) if named and named[0] in known.constants else "c_int"


def numbers(known):
    """The macros that are numbers: all but the version as a text."""
    return [macro for macro in known.constants if known.constants[macro][0] != '"']


def raw_structs(known):
    for name, fields in known.structs.items():
        yield f"\n/// `{name}`\n#[repr(C)]\n#[derive(Clone, Copy)]\npub struct {name} {{"
        for field in fields:
            yield from about(known.told.get((name, field.name)), "    ")
            yield f"    pub {word(field.name)}: {spell_field(field)},"
        yield "}"
        if name in known.starts:
            yield f"\nimpl {name} {{\n    /// What C begins with.\n    pub const INIT: Self = Self {{"
            for field, value in zip(fields, known.starts[name]):
                yield f"        {word(field.name)}: {spell_start(known, field, value)},"
            yield "    };\n}"


def raw(known):
    yield RAW
    for name in known.opaque:
        yield f"opaque!({name});"
    yield "opaque!(termios);\n"
    for name, values in known.enums.items():
        yield f"/// `{name}`\npub type {name} = c_int;"
        for member, value in values.items():
            yield from about(known.told.get(member))
            yield f"pub const {member}: {name} = {value};"
    yield ""
    for macro in numbers(known):
        yield from about(known.told.get(macro))
        yield f"pub const {macro}: {kind(known, macro)} = {known.number(macro):#x};"
    yield f"pub const CT_VERSION_STRING: &str = {known.constants['CT_VERSION_STRING']};\n"
    for name, (returns, params) in known.functions.items():
        called = f'unsafe extern "C" fn({spell_params(params)}){spell_result(returns)}'
        yield f"/// `{name}`\npub type {name} =\n    Option<{called}>;"
    yield from raw_structs(known)
    yield '\nextern "C" {'
    for call in known.calls:
        yield from about(call.purpose, "    ")
        yield f"    pub fn {call.name}({spell_params(call.params)}){spell_result(call.returns)};"
    yield "}"


def words(known):
    yield BY + "\nuse crate::macros::{flags, numbers};"
    for name, values in known.enums.items():
        if name in OWN:
            continue
        prefix = os.path.commonprefix(list(values))
        prefix = prefix[:prefix.rindex("_") + 1]
        yield f"\nnumbers! {{\n    /// `{name}`\n    {rust_name(name)} {{"
        for member, value in values.items():
            yield from about(known.told.get(member), "        ")
            yield f"        {member.removeprefix(prefix)} = {value},"
        yield "    }\n}"
    for name, begin in FLAGS:
        prefix = re.sub(r"[(].*", "", begin)
        first = next(macro for macro in known.constants if re.match(begin, macro))
        yield f"\nflags! {{\n    /// `{prefix}*`\n    {name}: {kind(known, first)} {{"
        for flag, number in known.flags(begin):
            yield from about(known.told.get(prefix + flag), "        ")
            yield f"        {flag} = {number:#x},"
        yield "    }\n}"


def layout(known):
    yield BY + "\nuse crate::declared::{bytes, field, Field, Struct};\nuse container_sys::*;\n"
    yield "pub fn structs() -> Vec<Struct> {\n    vec!["
    for name, fields in known.structs.items():
        start = f"Some(bytes(&{name}::INIT))" if name in known.starts else "None"
        yield f"        Struct {{\n            name: \"{name}\",\n            size: std::mem::size_of::<{name}>(),"
        yield f"            start: {start},\n            fields: vec!["
        yield from (f"                field!({name}, {word(field.name)})," for field in fields)
        yield "            ],\n        },"
    yield "    ]\n}\n\npub const NUMBERS: &[(&str, i128)] = &["
    for name in [*(member for values in known.enums.values() for member in values), *numbers(known)]:
        yield f"    (\"{name}\", {name} as i128),"
    yield "];"


def main(arguments):
    known = Declarations()
    write({path: "\n".join(lines(known)) + "\n" for path, lines in (
        (HERE / "container-sys/src/declared.rs", raw), (HERE / "container/src/words.rs", words),
        (TESTS / "layout.rs", layout))}, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
