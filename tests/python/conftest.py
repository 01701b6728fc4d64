"""What the tests of the Python package share: a root filesystem, and a look at what was left."""
import gc
import os
import pathlib
import subprocess
import sys

import container
import pytest

SOURCE = pathlib.Path(os.environ["CT_SOURCES"])


def pytest_terminal_summary(terminalreporter):
    """Check's line, by which tests of every language are counted, and each skip with its reason."""
    count = {word: len(terminalreporter.stats.get(word, [])) for word in ("passed", "failed", "error")}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        terminalreporter.write_line(f"  skipped  {report.nodeid.split('::')[-1]}: {reason}")
    done = sum(count.values())
    terminalreporter.write_line(f"{100 * count['passed'] // done if done else 0}%: Checks: {done}, "
                                f"Failures: {count['failed']}, Errors: {count['error']}")


def descriptors():
    return sorted(os.listdir("/proc/self/fd"))


def children():
    found = ""
    for task in os.listdir("/proc/self/task"):
        try:
            found += pathlib.Path(f"/proc/self/task/{task}/children").read_text()
        except FileNotFoundError:  # a thread that has ended
            pass
    return sorted(found.split())


@pytest.fixture(scope="session", autouse=True)
def tarball(tmp_path_factory):
    """A small root filesystem, packed."""
    path = tmp_path_factory.mktemp("rootfs") / "rootfs.tar.gz"
    try:
        subprocess.run([SOURCE / "examples/rootfs.sh", path], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs a static busybox, tar and gzip", allow_module_level=True)
    return path


@pytest.fixture(scope="session")
def rootfs(tarball, tmp_path_factory):
    """The same as a handle. Skips where no container can be started."""
    path = tmp_path_factory.mktemp("unpacked") / "rootfs"
    with container.Rootfs.extract(tarball, path) as root:
        try:
            container.run(root, ["true"])
        except PermissionError as refused:
            pytest.skip(f"needs the right to start containers: {refused.sentence}")
        yield root
    container.Rootfs.remove(path)


@pytest.fixture(autouse=True)
def nothing_left(request):
    """No test leaves a descriptor or a child."""
    before = descriptors(), children()
    yield
    gc.collect()
    assert (descriptors(), children()) == before


@pytest.fixture
def needs_cgroup(rootfs):
    """Skips where no cgroup may be made."""
    try:
        with container.Spec(rootfs, ["true"]) as spec:
            container.spawn(spec.set_cgroup()).close()
    except container.Error as refused:
        pytest.skip(f"needs a cgroup in which others may be made: {refused.sentence}")


@pytest.fixture
def python():
    """Runs a program in an interpreter of its own: python(text, *arguments)."""
    def run(text, *arguments, **options):
        return subprocess.run([sys.executable, "-W", "default", "-c", text, *map(str, arguments)],
                              capture_output=True, text=True, timeout=120, **options)
    return run
