"""The package as a user meets it: its page, and its installation without a compiler."""
import importlib.util
import os
import re
import subprocess
import sys

import container
import pytest
from conftest import SOURCE

PAGE = SOURCE / "bindings/python/README.md"


def test_programs_of_the_page_run_one_after_the_other(rootfs, tarball, tmp_path, python):
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    (tmp_path / "rootfs.tar.gz").symlink_to(tarball)
    result = python("\n".join(blocks), cwd=tmp_path)
    container.Rootfs.remove(tmp_path / "rootfs")
    assert (result.returncode, result.stderr) == (0, "")
    for said in ("exited with code 0", "exited with code 3", "HELLO 0", "it was killed", "box\n/tmp\nby the host",
                 "PROGRAM no-such-program 2", str(list(range(10)))):
        assert said in result.stdout
    assert re.search(r"^ *1 .*ps$", result.stdout, re.MULTILINE)


def test_it_is_installed_without_a_compiler(tmp_path):
    for tool in ("pip", "setuptools", "wheel"):
        if not importlib.util.find_spec(tool):
            pytest.skip(f"needs {tool}")
    copy = tmp_path / "source"
    subprocess.run(["cp", "-r", PAGE.parent, copy], check=True)
    environment = {**os.environ, "CC": "false", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-build-isolation",
                    "--no-deps", "--target", tmp_path / "site", copy], check=True, env=environment)
    environment["PYTHONPATH"] = str(tmp_path / "site")
    result = subprocess.run([sys.executable, "-c", "import container; print(container.__file__)"],
                            capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert result.stdout.strip() == str(tmp_path / "site/container/__init__.py")
    assert (tmp_path / "site/container/py.typed").exists()


def test_every_public_name_is_told_to_importers():
    for name in container.__all__:
        assert hasattr(container, name)
    assert {"spawn", "run", "Spec", "Rootfs", "Container", "Error", "aio"} <= set(container.__all__)
