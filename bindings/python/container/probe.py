"""What works on this machine for this caller, what does not, why, and what helps."""
import ctypes
import errno
import json
from dataclasses import dataclass
from typing import Any, Iterator, Optional

from . import _declared, _words
from ._words import Fact, ProbeState
from ._handle import Handle
from ._library import Path, decoded, encoded, library, sized
from .errors import Report, check


@dataclass(frozen=True)
class FactInfo:
    """One fact; true if it works."""
    fact: Fact
    state: ProbeState
    number: Optional[int]
    name: str
    group: str
    value: str
    reason: str
    cure: str

    def __bool__(self) -> bool:
        return self.state == ProbeState.WORKS


class Probe(Handle):
    """Facts as they were at one moment.

    with container.Probe() as probe:
        if not probe[container.Fact.USER_NS]:
            print(probe[container.Fact.USER_NS].cure)
    """

    _free = "ct_probe_free"
    _closed_first = 4

    def __init__(self, path: Optional[Path] = None) -> None:
        """Look at the machine; with a path, at what the filesystem of that directory can do."""
        report, pointer = Report(), ctypes.c_void_p()
        if path is None:
            report.check(library.ct_probe_new(ctypes.byref(pointer), report.pointer))
        else:
            report.check(library.ct_probe_path(encoded(path), ctypes.byref(pointer), report.pointer))
        super().__init__(pointer.value)

    def __len__(self) -> int:
        with self._using() as probe:
            return int(library.ct_probe_count(probe))

    def __iter__(self) -> Iterator[FactInfo]:
        for index in range(len(self)):
            info = sized(_declared.ProbeInfoStruct)
            with self._using() as probe:
                check(library.ct_probe_get(probe, index, ctypes.byref(info)))
            yield _fact(info)

    def __getitem__(self, fact: int) -> FactInfo:
        """KeyError: this probe has no such fact."""
        info = sized(_declared.ProbeInfoStruct)
        with self._using() as probe:
            result = library.ct_probe_find(probe, fact, ctypes.byref(info))
        if result == -errno.ENOENT:
            raise KeyError(fact)
        check(result)
        return _fact(info)

    def _text(self, call: Any) -> str:
        pointer = ctypes.c_char_p()
        with self._using() as probe:
            check(call(probe, ctypes.byref(pointer)))
        try:
            return decoded(pointer.value)
        finally:
            library.ct_probe_text_free(pointer)

    def text(self) -> str:
        """A table for people."""
        return self._text(library.ct_probe_to_text)

    def json(self) -> Any:
        """The JSON of the library, parsed."""
        return json.loads(self._text(library.ct_probe_to_json))


def _fact(info: Any) -> FactInfo:
    number = None if info.number == _words.PROBE_NO_NUMBER else info.number
    return FactInfo(Fact(info.fact), ProbeState(info.state), number, decoded(info.name),
                    decoded(info.group), decoded(info.value), decoded(info.reason),
                    decoded(info.cure))
