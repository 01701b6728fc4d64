"""Root filesystems: a tarball becomes a directory, and a directory a handle."""
import ctypes
import errno
import io
import os
from dataclasses import dataclass
from typing import Any, BinaryIO, Callable, Optional, Union

from . import _declared
from ._words import Owners
from ._handle import Handle
from ._library import Path, decoded, encoded, library, sized
from .errors import Report, check

Archive = Union[Path, bytes, bytearray, memoryview, BinaryIO]


@dataclass(frozen=True)
class Progress:
    """How far an extraction has come."""
    archive_bytes: int
    archive_total: int  # 0 where it is not known
    bytes: int
    entries: int
    path: str


@dataclass(frozen=True)
class ExtractStats:
    """What an extraction, or a restore, did; see ct_extract_stats."""
    owners: Owners
    entries: int
    bytes: int
    archive_bytes: int
    devices_dropped: int
    setuid_cleared: int
    xattrs_dropped: int
    owners_recorded: int
    owners_lost: int
    devices_recorded: int
    xattrs_recorded: int


ProgressFunction = Callable[[Progress], Any]


def _function(kind: Any, of: Any) -> Any:
    """A function of Python as C calls it; NULL if there is none."""
    return kind(of) if of else kind(0)


class _Callbacks:
    """Functions of Python that C calls. What they raise comes out of the call at its end."""

    def __init__(self, progress: Optional[ProgressFunction], source: Optional[BinaryIO]) -> None:
        self.raised: Optional[BaseException] = None
        self.report = progress
        self.source = source
        self.progress = _function(_declared.ExtractProgressFn, progress and self._progress)
        self.read = _function(_declared.ReadFn, source and self._read)

    def _progress(self, pointer: int, _data: Any) -> int:
        at = _declared.ExtractProgressStruct.from_address(pointer)
        assert self.report
        try:
            self.report(Progress(at.archive_bytes, at.archive_total, at.bytes, at.entries,
                                 decoded(at.path)))
        except BaseException as raised:  # whatever it is: it belongs to who called extract()
            self.raised = raised
            return 1
        return 0

    def _read(self, buffer: int, size: int, _data: Any) -> int:
        assert self.source
        try:
            data = self.source.read(size)
            if len(data) > size:
                raise ValueError(f"read({size}) gave {len(data)} bytes")
            ctypes.memmove(buffer, data, len(data))
            return len(data)
        except BaseException as raised:
            self.raised = raised
            return -errno.EIO  # the caller sees what was raised

    def check(self, report: Report, result: int) -> None:
        if self.raised:
            raise self.raised
        report.check(result)


def _options(**given: Any) -> Any:
    options = sized(_declared.ExtractOptionsStruct)
    for name, value in given.items():
        setattr(options, name, value)
    return options


class Rootfs(Handle):
    """A root filesystem: an open directory, or a mounted image. Closing it leaves the directory."""

    _free = "ct_rootfs_free"
    _closed_first = 4

    def __init__(self, path: Path) -> None:
        """Open a directory that is there."""
        report, pointer = Report(), ctypes.c_void_p()
        report.check(library.ct_rootfs_open(encoded(path), ctypes.byref(pointer), report.pointer))
        self.path = os.fsdecode(path)
        super().__init__(pointer.value)

    @classmethod
    def extract(cls, archive: Archive, dest: Path, *, flags: int = 0, strip_components: int = 0,
                max_depth: int = 0, max_bytes: int = 0, max_entries: int = 0,
                max_file_bytes: int = 0, max_ratio: int = 0, uid_shift: int = 0,
                gid_shift: int = 0, progress: Optional[ProgressFunction] = None) -> "Rootfs":
        """Extract an archive into a directory that appears only when it is whole.

        archive: a path; bytes in memory other than a path are given as bytearray or memoryview;
        a file object with a descriptor is read by the library, any other by its read().
        A limit of 0 is the library's default. `progress` is called before each entry; what it
        raises cancels the extraction.
        """
        source: Any = archive if hasattr(archive, "read") else None
        callbacks = _Callbacks(progress, source)
        options = _options(flags=flags, strip_components=strip_components, max_depth=max_depth,
                           max_bytes=max_bytes, max_entries=max_entries,
                           max_file_bytes=max_file_bytes, max_ratio=max_ratio,
                           uid_shift=uid_shift, gid_shift=gid_shift, progress=callbacks.progress)
        report, pointer = Report(), ctypes.c_void_p()
        rest = (encoded(dest), ctypes.byref(options), ctypes.byref(pointer), report.pointer)
        if isinstance(archive, (bytearray, memoryview)):
            data = bytes(archive)
            result = library.ct_rootfs_extract_memory(data, len(data), *rest)
        elif source is not None and _has_descriptor(source):
            result = library.ct_rootfs_extract_fd(source.fileno(), *rest)
        elif source is not None:
            result = library.ct_rootfs_extract_stream(callbacks.read, None, *rest)
        else:
            result = library.ct_rootfs_extract(encoded(archive), *rest)  # type: ignore[arg-type]
        callbacks.check(report, result)
        return cls._made(os.fsdecode(dest), pointer)

    @classmethod
    def image(cls, image: Union[Path, int], *, flags: int = 0) -> "Rootfs":
        """Mount an image of squashfs or erofs that is trusted, without unpacking it.

        image: a path, or a descriptor that is open for reading and may be closed afterwards.
        """
        report, pointer = Report(), ctypes.c_void_p()
        rest = (flags, ctypes.byref(pointer), report.pointer)
        if isinstance(image, int):
            report.check(library.ct_rootfs_open_image_fd(image, *rest))
            return cls._made(f"descriptor {image}", pointer)
        report.check(library.ct_rootfs_open_image(encoded(image), *rest))
        return cls._made(os.fsdecode(image), pointer)

    @classmethod
    def _made(cls, path: str, pointer: ctypes.c_void_p) -> "Rootfs":
        made = cls.__new__(cls)
        made.path = path
        Handle.__init__(made, pointer.value)
        return made

    def restore(self, *, flags: int = 0, uid_shift: int = 0, gid_shift: int = 0,
                progress: Optional[ProgressFunction] = None) -> None:
        """Make real what records in the tree say: owners, modes, devices, attributes."""
        callbacks = _Callbacks(progress, None)
        options = _options(flags=flags, uid_shift=uid_shift, gid_shift=gid_shift,
                           progress=callbacks.progress)
        report = Report()
        with self._using() as rootfs:
            result = library.ct_rootfs_restore(rootfs, ctypes.byref(options), report.pointer)
        callbacks.check(report, result)

    @property
    def stats(self) -> ExtractStats:
        """What the extraction that made this handle did."""
        stats = sized(_declared.ExtractStatsStruct)
        with self._using() as rootfs:
            check(library.ct_rootfs_stats(rootfs, ctypes.byref(stats)), "stats")
        values = {name: getattr(stats, name) for name in ExtractStats.__dataclass_fields__}
        values["owners"] = Owners(stats.owners)
        return ExtractStats(**values)

    def fileno(self) -> int:
        """A descriptor of the directory (O_PATH), which closes with the handle."""
        with self._using() as rootfs:
            return check(library.ct_rootfs_fd(rootfs))

    @staticmethod
    def remove(path: Path) -> None:
        """Remove a whole tree, and what killed calls left beside it."""
        report = Report()
        report.check(library.ct_rootfs_remove(encoded(path), report.pointer))


def _has_descriptor(source: Any) -> bool:
    """Whether C may read from its descriptor: it is a file, and Python has read nothing ahead."""
    raw = getattr(source, "raw", source)
    if not isinstance(raw, io.FileIO) or not isinstance(source, (io.FileIO, io.BufferedReader)):
        return False
    try:
        return source is raw or source.tell() == os.lseek(raw.fileno(), 0, os.SEEK_CUR)
    except OSError:  # a pipe: nobody can tell
        return False
