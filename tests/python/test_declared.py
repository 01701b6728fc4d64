"""What the package declares is what the headers say, and nothing of the library is left out."""
import ctypes
import enum
import pathlib
import re
import shutil
import subprocess
import sys

import container
import pytest
from conftest import SOURCE
from container import _declared, _words

PACKAGE = SOURCE / "bindings/python/container"


def exported():
    text = (SOURCE / "lib/libcontainer.map").read_text()
    return re.findall(r"^\s*(ct_\w+);$", text, re.MULTILINE)


def compiled(tmp_path, lines):
    """What a C program prints that prints these expressions, one in a line."""
    if not shutil.which("cc"):
        pytest.skip("needs a C compiler")
    source = tmp_path / "print.c"
    source.write_text("#include <container/container.h>\n#include <stddef.h>\n#include <stdio.h>\n"
                      "int main(void)\n{\n" +
                      "".join(f'\tprintf("%llu\\n", (unsigned long long)({line}));\n' for line in lines) +
                      "\treturn 0;\n}\n")
    subprocess.run(["cc", "-I", SOURCE / "include", source, "-o", tmp_path / "print"], check=True)
    printed = subprocess.run([tmp_path / "print"], capture_output=True, text=True, check=True)
    return [int(line) for line in printed.stdout.split()]


def structs():
    return {found.__doc__: found for found in vars(_declared).values()
            if isinstance(found, type) and issubclass(found, ctypes.Structure)}


def test_declarations_are_those_that_the_headers_give():
    subprocess.run([sys.executable, SOURCE / "bindings/python/declare.py", "--check"], check=True)


def test_structs_have_the_sizes_and_offsets_that_a_compiler_gives_them(tmp_path):
    expected, lines = [], []
    for name, struct in structs().items():
        expected.append(ctypes.sizeof(struct))
        lines.append(f"sizeof({name})")
        for field, *_ in struct._fields_:
            expected += [getattr(struct, field).offset, getattr(struct, field).size]
            lines += [f"offsetof({name}, {field})", f"sizeof((({name} *)0)->{field})"]
    assert dict(zip(lines, compiled(tmp_path, lines))) == dict(zip(lines, expected))


def test_every_struct_of_the_headers_is_declared():
    text = "".join(path.read_text() for path in (SOURCE / "include/container").glob("*.h"))
    assert set(structs()) == set(re.findall(r"typedef struct (\w+) \{", text))


def test_numbers_are_those_that_a_compiler_sees(tmp_path):
    expected, lines = [], []
    text = "".join(path.read_text() for path in (SOURCE / "include/container").glob("*.h"))
    for words in vars(_words).values():
        if isinstance(words, type) and issubclass(words, enum.IntEnum) and len(words):
            body = re.search(r"typedef enum " + words.__doc__ + r" \{(.*?)\}", text, re.DOTALL)[1]
            names = re.findall(r"\b(CT_\w+)\s*=", body)
            assert [name[-len(word.name):] for name, word in zip(names, words)] == \
                [word.name for word in words]
            lines += names
            expected += [int(word) for word in words]
    assert len(lines) > 200
    assert dict(zip(lines, compiled(tmp_path, lines))) == dict(zip(lines, expected))


def test_flags_are_those_that_a_compiler_sees(tmp_path):
    lines, expected = [], []
    for words in vars(_words).values():
        if isinstance(words, type) and issubclass(words, enum.IntFlag) and words.__doc__.endswith("*"):
            for name, word in words.__members__.items():
                lines.append(words.__doc__[:-1] + name)
                expected.append(int(word))
    for name in ("UNLIMITED", "NOT_KNOWN", "PROBE_NO_NUMBER", "LACK_ALL"):
        lines.append("CT_" + name)
        expected.append(getattr(_words, name))
    assert len(lines) > 40
    assert dict(zip(lines, compiled(tmp_path, lines))) == dict(zip(lines, expected))


def test_prototypes_have_the_parameters_that_a_compiler_counts(tmp_path):
    if not shutil.which("cc"):
        pytest.skip("needs a C compiler")
    text = subprocess.run(["cc", "-E", "-P", "-I", SOURCE / "include", "-include",
                           "container/container.h", "-x", "c", "/dev/null"],
                          capture_output=True, text=True, check=True).stdout
    text = " ".join(text.split())
    for name, (_, parameters) in _declared.PROTOTYPES.items():
        inside = re.search(rf"[ *]{name}\(([^)]*)\);", text)[1]
        assert len(parameters) == (0 if inside == "void" else inside.count(",") + 1), name


def test_every_exported_call_is_declared():
    assert sorted(_declared.PROTOTYPES) == sorted(exported())


def test_every_exported_call_is_used_by_the_package():
    text = "".join(path.read_text() for path in PACKAGE.glob("*.py")
                   if path.name not in ("_declared.py", "_words.py"))
    assert [name for name in exported() if not re.search(rf"\b{name}\b", text)] == []


def test_every_setter_is_a_method_of_its_name():
    setters = [name.removeprefix("ct_spec_") for name in exported() if name.startswith("ct_spec_")]
    assert [name for name in setters if name not in ("new", "free") and
            not callable(getattr(container.Spec, name, None))] == []


def test_numbers_of_a_newer_library_are_kept():
    step = container.Step(4711)
    assert step == 4711 and isinstance(step, container.Step)
    with pytest.raises(ValueError):
        container.Step("mount")


def test_package_says_its_version_as_the_library_does():
    project = (SOURCE / "bindings/python/pyproject.toml").read_text()
    assert re.search(r'^version = "(.*)"$', project, re.MULTILINE)[1] == container.__version__
    assert container.__version__ == container.version()


def test_package_is_typed():
    assert (PACKAGE / "py.typed").exists()
    mypy = shutil.which("mypy")
    if not mypy:
        pytest.skip("needs mypy")
    subprocess.run([mypy, "--no-incremental", "--cache-dir", "/dev/null"], cwd=PACKAGE.parent, check=True)


def test_import_without_the_library_says_what_to_do(tmp_path):
    (tmp_path / "container").symlink_to(PACKAGE)
    result = subprocess.run([sys.executable, "-c", "import container"], capture_output=True, text=True,
                            env={"PYTHONPATH": str(tmp_path), "LD_LIBRARY_PATH": ""})
    if result.returncode == 0:
        pytest.skip("a libcontainer is installed on this machine")
    assert "ImportError" in result.stderr and "install libcontainer" in result.stderr
    assert pathlib.Path(container.__file__).parent == PACKAGE
