"""The namespaces of the system, of a process, or of a container."""
import ctypes
import errno
import json
from dataclasses import dataclass
from typing import Any, Iterator, Optional

from . import _declared
from ._words import Link, NsFormat, NsKeeper, Unseen
from ._words import Namespace as Kind
from ._handle import Handle
from ._library import decoded, library, sized
from .errors import Report, check, fail

UNSEEN_ID = 2**32 - 1


@dataclass(frozen=True)
class NamespaceInfo:
    """One namespace; see ct_ns_info. None: there is none, or it could not be seen."""
    kind: Kind
    id: int
    name: str
    owner_ns: Optional[int]
    parent: Optional[int]
    owner_uid: Optional[int]
    links: Link
    nprocs: int
    nprocs_for_children: int
    pid: Optional[int]
    uid: Optional[int]
    command: str
    keeper: NsKeeper
    keeper_pid: int
    keeper_fd: Optional[int]
    mount_path: Optional[str]
    unseen: Unseen


@dataclass(frozen=True)
class NamespaceStats:
    """How a list was made, and what was out of sight; see ct_ns_stats."""
    processes: int
    vanished: int
    denied: int
    hidden: bool
    listns: bool
    unopened: int


class NamespaceList(Handle):
    """Namespaces as they were at one moment: a sequence of NamespaceInfo, ordered by id."""

    _free = "ct_ns_list_free"
    _closed_first = 4

    @classmethod
    def of_system(cls, kinds: int = 0, flags: int = 0) -> "NamespaceList":
        """All that the caller can see."""
        report, pointer = Report(), ctypes.c_void_p()
        report.check(library.ct_ns_list_system(kinds, flags, ctypes.byref(pointer), report.pointer))
        return cls(pointer.value)

    @classmethod
    def of_process(cls, pid: int = 0, kinds: int = 0, flags: int = 0) -> "NamespaceList":
        """Those of one process; 0 is the caller."""
        report, pointer = Report(), ctypes.c_void_p()
        report.check(library.ct_ns_list_pid(pid, kinds, flags, ctypes.byref(pointer), report.pointer))
        return cls(pointer.value)

    def __len__(self) -> int:
        with self._using() as rows:
            return int(library.ct_ns_list_count(rows))

    def __getitem__(self, index: int) -> NamespaceInfo:
        info = sized(_declared.NsInfoStruct)
        if index < 0:
            index += len(self)
        with self._using() as rows:
            result = library.ct_ns_list_get(rows, index, ctypes.byref(info)) if index >= 0 else -errno.ENOENT
            path = library.ct_ns_list_mount_path(rows, index) if result == 0 else None
        if result == -errno.ENOENT:
            raise IndexError(index)
        check(result)
        return _row(info, path)

    def __iter__(self) -> Iterator[NamespaceInfo]:
        for index in range(len(self)):
            yield self[index]

    def find(self, id: int) -> Optional[NamespaceInfo]:
        """The namespace of that id: the way to a parent or owner."""
        index = ctypes.c_size_t()
        with self._using() as rows:
            result = library.ct_ns_list_find(rows, id, ctypes.byref(index))
        if result == -errno.ENOENT:
            return None
        check(result)
        return self[index.value]

    @property
    def stats(self) -> NamespaceStats:
        stats = sized(_declared.NsStatsStruct)
        with self._using() as rows:
            check(library.ct_ns_list_stats(rows, ctypes.byref(stats)))
        return NamespaceStats(stats.processes, stats.vanished, stats.denied, bool(stats.hidden),
                              bool(stats.listns), stats.unopened)

    def text(self, format: NsFormat = NsFormat.TABLE) -> str:
        """As a table or a tree, as ls -l shows /proc/PID/ns, or as JSON."""
        pointer = ctypes.c_char_p()
        with self._using() as rows:
            check(library.ct_ns_list_to_text(rows, format, ctypes.byref(pointer)))
        try:
            return decoded(pointer.value)
        finally:
            library.ct_ns_text_free(pointer)

    def json(self) -> Any:
        """The JSON of the library, parsed."""
        return json.loads(self.text(NsFormat.JSON))


def _row(info: Any, path: Optional[bytes]) -> NamespaceInfo:
    def seen(value: int) -> Optional[int]:
        return None if value == UNSEEN_ID else value

    return NamespaceInfo(
        kind=Kind(info.kind), id=info.id, name=decoded(info.name), owner_ns=info.owner_ns or None,
        parent=info.parent or None, owner_uid=seen(info.owner_uid), links=Link(info.links),
        nprocs=info.nprocs, nprocs_for_children=info.nprocs_for_children, pid=info.pid or None,
        uid=seen(info.uid), command=decoded(info.command), keeper=NsKeeper(info.keeper),
        keeper_pid=info.keeper_pid, keeper_fd=None if info.keeper_fd < 0 else info.keeper_fd,
        mount_path=None if path is None else decoded(path), unseen=Unseen(info.unseen))


def kind_name(kind: int) -> str:
    """The name of a kind, as in "pid" or "mnt"."""
    return decoded(library.ct_ns_kind_name(kind))


def start_ticks(pid: int) -> int:
    """When a process was started, in clock ticks since boot: with its pid it names it for good."""
    ticks = ctypes.c_uint64()
    result = library.ct_pid_start_ticks(pid, ctypes.byref(ticks))
    if result < 0:
        fail(result, f"process {pid}")
    return ticks.value
