"""Root filesystems: where archives come from, and what callbacks of Python may do."""
import errno
import gzip
import io
import os
import subprocess
import threading

import container
import pytest
from container import Step


@pytest.fixture
def dest(tmp_path):
    """A path for a tree, and nothing beside it at the end."""
    path = tmp_path / "trees" / "rootfs"
    path.parent.mkdir()
    yield path
    assert os.listdir(path.parent) in ([], ["rootfs"])
    if path.exists():
        container.Rootfs.remove(path)
    assert os.listdir(path.parent) == []


def is_whole(rootfs, dest):
    assert (dest / "bin/busybox").exists() and rootfs.stats.entries > 10
    assert os.path.samestat(os.fstat(rootfs.fileno()), os.stat(dest))
    rootfs.close()
    return True


@pytest.mark.parametrize("how", [
    lambda path: path, str, os.fsencode, lambda path: bytearray(path.read_bytes()),
    lambda path: memoryview(path.read_bytes()), lambda path: io.BytesIO(path.read_bytes())])
def test_archive_may_be_a_path_memory_or_a_stream(tarball, dest, how):
    assert is_whole(container.Rootfs.extract(how(tarball), dest), dest)


@pytest.mark.parametrize("buffering", [0, -1])
def test_archive_may_be_an_open_file(tarball, dest, buffering):
    with open(tarball, "rb", buffering=buffering) as file:
        assert is_whole(container.Rootfs.extract(file, dest), dest)
        assert not file.closed


def test_file_is_read_from_where_python_stands(tarball, dest, tmp_path):
    (tmp_path / "padded").write_bytes(b"x" * 100 + tarball.read_bytes())
    with open(tmp_path / "padded", "rb") as file:
        file.read(100)  # and a bufferful ahead of that
        assert is_whole(container.Rootfs.extract(file, dest), dest)


def test_file_object_that_decompresses_is_read_by_its_read(tarball, dest):
    with gzip.open(tarball) as file:
        assert is_whole(container.Rootfs.extract(file, dest), dest)


def test_buffered_pipe_is_read_to_its_end(tarball, dest):
    reader, writer = os.pipe()

    def feed():
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(tarball.read_bytes())

    feeder = threading.Thread(target=feed)
    feeder.start()
    with os.fdopen(reader, "rb") as pipe:
        assert is_whole(container.Rootfs.extract(pipe, dest), dest)
    feeder.join(60)


def test_progress_is_told(tarball, dest):
    told = []
    container.Rootfs.extract(tarball, dest, progress=told.append).close()
    assert told[-1].entries > 10 and told[-1].archive_total == tarball.stat().st_size
    assert any(each.path.endswith("bin/busybox") for each in told)


def test_what_progress_raises_cancels_and_comes_out(tarball, dest):
    def progress(at):
        if at.entries == 3:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        container.Rootfs.extract(tarball, dest, progress=progress)
    assert not dest.exists()


def test_what_read_raises_comes_out(dest):
    class Broken:
        def read(self, _size):
            raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError, match="gone"):
        container.Rootfs.extract(Broken(), dest)


def test_read_that_gives_more_than_fits_is_refused(tarball, dest):
    class Generous:
        def read(self, size):
            return b"x" * (size + 1)

    with pytest.raises(ValueError, match="gave"):
        container.Rootfs.extract(Generous(), dest)


def test_existing_destination_is_refused_and_can_be_replaced(tarball, dest):
    container.Rootfs.extract(tarball, dest).close()
    with pytest.raises(FileExistsError) as refused:
        container.Rootfs.extract(tarball, dest)
    assert refused.value.step == Step.DESTINATION and refused.value.errno == errno.EEXIST
    container.Rootfs.extract(tarball, dest, flags=container.Extract.REPLACE).close()


def test_quota_is_held(tarball, dest):
    with pytest.raises(container.Error) as refused:
        container.Rootfs.extract(tarball, dest, max_entries=3)
    assert refused.value.step == Step.QUOTA and refused.value.errno == errno.EDQUOT


def test_missing_archive_is_file_not_found(dest):
    with pytest.raises(FileNotFoundError) as missing:
        container.Rootfs.extract("no-such-archive.tar", dest)
    assert missing.value.step == Step.ARCHIVE and missing.value.object == "no-such-archive.tar"


def test_tree_without_records_is_restored_without_a_change(tarball, dest):
    with container.Rootfs.extract(tarball, dest) as rootfs:
        try:
            rootfs.restore()
        except FileNotFoundError as refused:
            assert os.getuid() != 0 and refused.step in (Step.IDMAP, Step.OWNERS)
            pytest.skip("needs root, or subordinate ids")
        assert rootfs.stats.entries == 0 or os.getuid() != 0


def test_opened_directory_has_no_stats(tmp_path):
    with container.Rootfs(tmp_path) as rootfs:
        assert rootfs.path == str(tmp_path)
        with pytest.raises(container.Error) as refused:
            rootfs.stats
        assert refused.value.errno == errno.ENODATA


@pytest.fixture
def image(rootfs, tmp_path):
    """The root filesystem as an image."""
    path = tmp_path / "image"
    try:
        subprocess.run(["mksquashfs", rootfs.path, path, "-noD", "-noF"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs mksquashfs")
    return path


@pytest.mark.parametrize("by_descriptor", [False, True])
def test_programs_run_from_an_image(image, by_descriptor):
    with open(image, "rb") as file:
        try:
            mounted = container.Rootfs.image(file.fileno() if by_descriptor else image)
        except OSError as refused:
            assert refused.step == Step.ROOTFS
            pytest.skip(f"needs the right and a kernel to mount images: {refused.sentence}")
    with mounted:
        assert container.run(mounted, ["cat", "/etc/passwd"], capture_output=True).stdout.startswith(b"root")
        assert container.run(mounted, ["touch", "/new"]).returncode == 1


def test_what_is_no_image_is_refused(tarball, tmp_path):
    with pytest.raises(container.Error) as refused:
        container.Rootfs.image(tarball, flags=container.Image.SUID)
    assert refused.value.step == Step.ROOTFS and "gzip" in refused.value.sentence
    with pytest.raises(container.Error) as refused:
        container.Rootfs.image(tmp_path)
    assert refused.value.errno == errno.EISDIR


def test_removal_of_what_is_not_there_is_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        container.Rootfs.remove(tmp_path / "missing")
    assert missing.value.step == Step.REMOVE
